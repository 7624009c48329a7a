/** What people do with the page. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { choose, example, folder, headline, launch, open, paste, ready, serve, settled, shown, type Site, takeExample, type Watched } from "./page.js";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serve(folder, {})]);
});

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

const start = async (hash = ""): Promise<Watched> => {
  const opened = await open(browser, `${site.address}/dist/index.html${hash}`, { permissions: ["clipboard-read", "clipboard-write"] });
  await ready(opened.page);
  return opened;
};

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

const download = async (page: Page, name: string): Promise<{ name: string; bytes: Buffer }> => {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
};

test("paste, answer the question, take the result: every other byte is as it was", async () => {
  await using opened = await start();
  const { page } = opened;
  const text = example("calico");
  await paste(page, text);
  await settled(page);
  expect(await headline(page)).toBe("One answer is missing");
  await page.getByRole("button", { name: "Answer it" }).click();
  await page.keyboard.type("fd00:10:244::/56");
  await settled(page);
  expect(await headline(page)).toBe("6 changes in 2 of 15 documents; 698 lines untouched");
  const { name, bytes } = await download(page, "Download");
  expect(name).toBe("pasted.yaml");
  const lines = bytes.toString().split("\n");
  const gone = text.split("\n").filter((line) => !lines.includes(line));
  // `value: "false"` stands elsewhere, too; the line that says so for FELIX_IPV6SUPPORT is the third that changed.
  expect(gone.map((line) => line.trim())).toEqual(['"type": "calico-ipam"', "# Disable IPv6 on Kubernetes."]);
  expect(lines.length - text.split("\n").length).toBe(8);
});

test("all of it by keyboard alone", async () => {
  await using opened = await start();
  const { page } = opened;
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim() ?? "");
  const tabTo = async (name: string) => {
    for (let i = 0; i < 40 && (await focused()) !== name; i++) await page.keyboard.press("Tab");
    expect(await focused()).toBe(name);
  };
  await tabTo("Manifest");
  await page.keyboard.press("Enter");
  await settled(page);
  await tabTo("Changes");
  await page.keyboard.press("ArrowRight");
  expect(await focused()).toBe("File");
  await page.keyboard.press("End");
  expect(await focused()).toBe("Command");
  await page.keyboard.press("Home");
  await tabTo("CNI-015");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await focused()).toBe("CNI-015");
});

test("files that are dropped keep a byte-order mark and their line ends", async () => {
  await using opened = await start("#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const text = `\uFEFF${example("installation").replaceAll("\n", "\r\n")}`;
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "installation.yaml"));
    const zone = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".zone");
    zone?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, text);
  await page.getByText("1 change in 1 of 2 documents").waitFor();
  const { bytes } = await download(page, "Download");
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(bytes.toString().replaceAll("\r\n", "")).not.toContain("\n");
});

test("typing into the editor changes the result while one types, and keeps line ends", async () => {
  await using opened = await start("#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, { name: "installation.yaml", text: example("installation").replaceAll("\n", "\r\n") });
  await page.getByRole("button", { name: "Edit installation.yaml" }).click();
  const field = page.getByRole("textbox", { name: "Text of installation.yaml" });
  await field.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Mine.\n");
  await page.getByText("1 change in 1 of 2 documents; 24 lines untouched").waitFor();
  const text = await page.evaluate(() => document.querySelector("calico-ipv6")?.files[0]?.text ?? "");
  expect(text.startsWith("# Mine.\r\n# An operator install")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toContain("\n");
});

test("what is copied is what the command prints", async () => {
  await using opened = await start();
  const { page } = opened;
  await takeExample(page, "Operator");
  await page.getByRole("button", { name: "Copy diff" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await copied(page)).toBe(
    [
      "--- a/installation.yaml",
      "+++ b/installation.yaml",
      "@@ -13,6 +13,12 @@",
      "         encapsulation: VXLANCrossSubnet",
      "         natOutgoing: Enabled",
      "         nodeSelector: all()",
      "+      - name: default-ipv6-ippool",
      "+        blockSize: 122",
      "+        cidr: fd00:10:244::/56",
      "+        encapsulation: VXLANCrossSubnet",
      "+        natOutgoing: Enabled",
      "+        nodeSelector: all()",
      " ",
      " ---",
      " # The API server of Calico: projectcalico.org/v3 resources by kubectl.",
      "",
    ].join("\n"),
  );
});

test("a range of one's own is made in the browser, another one each time", async () => {
  await using opened = await start();
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  const make = async () => {
    const before = await page.getByLabel("IPv6 pod CIDR").inputValue();
    await page.getByRole("button", { name: "Make a ULA" }).click();
    await page.waitForFunction((before) => (document.querySelector("calico-ipv6")?.target.ipv6PodCIDR ?? "") !== before, before);
    await settled(page);
    return page.getByLabel("IPv6 pod CIDR").inputValue();
  };
  const [first, second] = [await make(), await make()];
  expect(first).toMatch(/^fd[0-9a-f]{2}:.*\/56$/);
  expect(second).not.toBe(first);
  expect(await headline(page)).toMatch(/^6 changes/);
});

test("a field is not told to be wrong while a person is in it", async () => {
  await using opened = await start();
  const { page } = opened;
  await takeExample(page, "Manifest");
  const field = page.getByLabel("IPv6 pod CIDR");
  await field.fill("fd00:10:2");
  await settled(page);
  expect(await field.getAttribute("aria-invalid")).toBe("false");
  expect(await headline(page)).toMatch(/^6 changes/);
  await page.keyboard.press("Tab");
  await settled(page);
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await shown(page)).toContain("not a valid CIDR");
});

test("20 MB of hostile text end in a message, and the page lives", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.evaluate(() => {
    const text = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: calico-config}\ndata:\n  cni_network_config: ${"[".repeat(20 * 1024 * 1024)}`;
    const field = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector("#paste");
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.locator("calico-ipv6 .headline", { hasText: "pasted.yaml cannot be read" }).waitFor();
  expect(await shown(page)).toContain("pasted.yaml:5:");
  await page.getByRole("button", { name: "Remove pasted.yaml" }).click();
  await takeExample(page, "Manifest");
  expect(await headline(page)).toMatch(/change|answer/);
});

test("work is stopped, and begun again", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route("**/*.wasm", () => {}, { times: 1 }));
  const { page } = opened;
  await page.getByRole("button", { name: "Manifest", exact: true }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  expect(await headline(page)).toBe("Stopped");
});
