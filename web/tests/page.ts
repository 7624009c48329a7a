/** The built page in a browser, watched: whatever it complains of fails the test. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launch, serve, type Site } from "../../wasm/npm/tests/consumers/browser.js";
import type { CalicoIPv6 } from "../element/calico-ipv6.js";
import { EXAMPLES } from "../element/example-names.js";

export { launch, serve, type Site } from "../../wasm/npm/tests/consumers/browser.js";

export const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A manifest of the repository's tests. */
export const base = (name: string): string => readFileSync(path(`../../tests/bases/${name}.yaml`), "utf8");

export const example = (name: string): string => readFileSync(path(`../../examples/${name}.yaml`), "utf8");

/** The folder that is served; the page stands in `dist/`, not at its root. */
export const folder = path("..");

/** The browser of a file of tests, and the site that it visits. */
export let browser: Browser;
export let site: Site;

/** Starts both before the tests of a file, and ends them after the last one. `root` is the folder that is served. */
export function visit(root = folder): void {
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), serve(root, {})]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Watched extends AsyncDisposable {
  page: Page;
  /** Everything that was asked for since the page began. */
  requests: string[];
  /** What it may complain of. The test fails at its end if it complained of anything else, whenever that was. */
  tolerate(complaint: RegExp): void;
}

/** Opens a page. `prepare` sees it before anything is loaded. */
export async function open(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const tolerated: RegExp[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("request", (request: Request) => requests.push(request.url()));
  await prepare(page);
  await page.goto(address);
  const close = async () => {
    await context.close();
    expect(complaints.filter((one) => !tolerated.some((complaint) => complaint.test(one)))).toEqual([]);
  };
  return { page, requests, tolerate: (complaint) => void tolerated.push(complaint), [Symbol.asyncDispose]: close };
}

/** Waits until the engine has said what it knows. */
export const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => (document.querySelector("calico-ipv6") as CalicoIPv6 | null)?.session?.knowledge !== undefined);

/** Waits until nothing is being worked on, and everything is shown. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("calico-ipv6") as CalicoIPv6).session.status !== "working");
  await page.evaluate(() => (document.querySelector("calico-ipv6") as CalicoIPv6).updateComplete);
}

/** Opens the built page and waits until it can be used. */
export async function start(browser: Browser, site: Site, hash = ""): Promise<Watched> {
  const opened = await open(browser, `${site.address}/dist/index.html${hash}`, { permissions: ["clipboard-read", "clipboard-write"] });
  await ready(opened.page);
  await settled(opened.page);
  return opened;
}

export const fileInput = (page: Page) => page.locator("calico-ipv6 input[type=file]:not([webkitdirectory])");

/** Shows files and answers, where they folded after the result came. */
export async function unfold(page: Page): Promise<void> {
  const summary = page.locator("calico-ipv6 .given:not([open]) > summary");
  if (await summary.count()) await summary.click();
}

/** Shows the list of the files, where there are too many to be listed at once. */
export async function listFiles(page: Page): Promise<void> {
  await page.locator("calico-ipv6 details.all > summary").click();
  await page.locator("calico-ipv6 details.all > .file-list").waitFor();
}

/** Gives a folder to the page as a person does who chooses one. */
export async function chooseFolder(page: Page, folder: string): Promise<void> {
  await page.locator("calico-ipv6 input[webkitdirectory]").setInputFiles(folder);
}

/** Drops files and folders of the machine onto a place of the page. */
export async function drop(page: Page, selector: string, files: string[]): Promise<void> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not shown`);
  const browser = await page.context().newCDPSession(page);
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)];
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await browser.send("Input.dispatchDragEvent", { type, x, y, data });
}

/** Gives a file to the page as a person does who chooses one. */
export async function choose(page: Page, ...files: { name: string; text: string }[]): Promise<void> {
  const payload = files.map(({ name, text }) => ({ name, mimeType: "application/yaml", buffer: Buffer.from(text) }));
  await fileInput(page).setInputFiles(payload);
  const last = files.at(-1)?.text ?? "";
  await page.waitForFunction((text) => (document.querySelector("calico-ipv6") as CalicoIPv6).files.some((file) => file.text === text), last);
  await settled(page);
}

/** Pastes a text into the field for it. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const field = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector("#paste");
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

export const takeExample = async (page: Page, title: string): Promise<void> => {
  const [name = ""] = Object.entries(EXAMPLES).find((one) => one[1] === title) ?? [];
  await page.getByRole("button", { name: title, exact: true }).click();
  await page.waitForFunction((name) => (document.querySelector("calico-ipv6") as CalicoIPv6).session.example === name, name);
  await settled(page);
};

/** The sentence that says what became of the files. */
export const headline = (page: Page): Promise<string> => page.locator("calico-ipv6 .headline").innerText();

/** What stands in the way of people, by the Web Content Accessibility Guidelines 2.2, level AA. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    type Result = { violations: { id: string; help: string; nodes: { target: unknown; failureSummary?: string }[] }[] };
    const axe = (globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<Result> } }).axe;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    return axe.run(document, { runOnly: { type: "tag", values: tags } });
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${JSON.stringify(node.target)} ${node.failureSummary ?? ""}`));
}

/** Everything that the element shows. */
export const shown = async (page: Page): Promise<string> => {
  const parts = await page.locator("calico-ipv6 .frame, calico-ipv6 dialog").allInnerTexts();
  return parts.join("\n").replaceAll("\u00a0", " ");
};
