/** Nothing leaves the page: no request once it is there, none to others ever, nothing stored, nothing that its policy forbids. */
import { expect, test } from "vitest";
import { browser, choose, example, headline, open, ready, settled, site, takeExample, visit } from "./page.js";

visit();

const kind = (url: string): string => new URL(url).pathname.split(".").pop() ?? "";

test("one page, one style sheet, one script with its parts and its worker, one engine and its texts; then silence", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`);
  const { page, requests } = opened;
  await ready(page);
  expect(requests.map(kind).sort()).toEqual(["css", "html", "js", "js", "js", "js", "js", "json", "wasm"]);
  expect(requests.every((url) => url.startsWith(`${site.address}/dist/`))).toBe(true);

  await page.context().setOffline(true);
  await takeExample(page, "Manifest");
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  for (const view of ["File", /Findings/, "Steps", "Facts", "Command", "Changes"]) await page.getByRole("tab", { name: view }).click();
  await page.getByRole("link", { name: "CNI-008" }).click();
  await page.keyboard.press("Escape");
  await choose(page, { name: "mine.yaml", text: example("installation") });
  expect(await headline(page)).toMatch(/^\d+ changes/);
  await page.getByRole("button", { name: "Edit mine.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of mine.yaml" }).waitFor();
  for (const [door, says] of [["Check my files", /error|warning/], ["Plan addresses", /^These ranges have room/], ["Write new files", /^1 file/]] as const) {
    await page.getByRole("link", { name: door }).click();
    await page.locator("calico-ipv6 .headline", { hasText: says }).waitFor();
  }
  expect(requests).toHaveLength(9);
});

test("an editor that cannot be loaded is told, nothing is lost, and another try loads it", async () => {
  const blocked = "**/assets/editor-*.js";
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route(blocked, (route) => route.abort()));
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Operator");
  await page.getByRole("button", { name: "Edit installation.yaml" }).click();
  await page.getByText("The editor could not be loaded").waitFor();
  expect(await headline(page)).toMatch(/^1 change/);
  await page.unroute(blocked);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("textbox", { name: "Text of installation.yaml" }).waitFor();
  opened.tolerate(/ERR_FAILED/);
});

test("examples that could not be loaded come with another try", async () => {
  const blocked = "**/assets/examples-*.js";
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route(blocked, (route) => route.abort()));
  const { page } = opened;
  await ready(page);
  await page.getByRole("button", { name: "Operator", exact: true }).click();
  await page.getByText("The examples could not be loaded.").waitFor();
  await page.unroute(blocked);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("calico-ipv6 .headline", { hasText: "1 change" }).waitFor();
  opened.tolerate(/ERR_FAILED/);
});

test("nothing is stored", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`);
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    cookies: document.cookie,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
  }));
  expect(stored).toEqual({ local: 0, session: 0, cookies: "", databases: 0, caches: 0 });
});

test("its policy forbids everything that it does not need", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`);
  const policy = await opened.page.locator("meta[http-equiv]").getAttribute("content");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  for (const loose of ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:", "blob:"]) expect(policy).not.toContain(loose);
  expect(await opened.page.locator("script:not([src]), style, [style]").count()).toBe(0);
});
