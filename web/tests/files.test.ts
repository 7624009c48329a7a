/** Files of a machine: in the order in which people count, and what became of those that cannot be read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { browser, choose, chooseFolder, drop, listFiles, settled, site, start, visit } from "./page.js";

visit();

const roots: string[] = [];

afterEach(() => {
  for (const one of roots.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** A folder of the machine with files of these names. */
function folderOf(names: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "calico-ipv6-"));
  roots.push(root);
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), "kind: Namespace\n");
  }
  return root;
}

const given = (page: Page, count: number) =>
  page.waitForFunction((count) => document.querySelector("calico-ipv6")?.files.length === count, count);

test("files and folders are in the order of their numbers", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const root = folderOf(["fleet/f0.yaml", "fleet/f2.yaml", "fleet/f10.yaml", "fleet/f1002.yaml", "fleet/node-9/a.yaml", "fleet/node-10/a.yaml"]);
  await chooseFolder(page, join(root, "fleet"));
  await given(page, 6);
  await settled(page);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files.map(({ name }) => name))).toEqual([
    "fleet/f0.yaml", "fleet/f2.yaml", "fleet/f10.yaml", "fleet/f1002.yaml", "fleet/node-9/a.yaml", "fleet/node-10/a.yaml",
  ]);
  await listFiles(page);
  expect(await page.locator("calico-ipv6 .files .file-name").allInnerTexts()).toEqual(["f0.yaml", "f2.yaml", "f10.yaml", "f1002.yaml", "a.yaml", "a.yaml"]);
  expect(await page.locator("calico-ipv6 .files .file-list .folder-name").allInnerTexts()).toEqual(["fleet/", "node-9/", "node-10/"]);
});

test("files that were deleted after they were chosen are not called empty", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const root = folderOf(["gone/a.yaml", "gone/b.yaml"]);
  await page.exposeFunction("remove", () => rmSync(root, { recursive: true, force: true }));
  // The folder vanishes when the first file is read.
  await page.evaluate(() => {
    const read = File.prototype.arrayBuffer;
    File.prototype.arrayBuffer = async function () {
      await (globalThis as unknown as { remove: () => Promise<void> }).remove();
      return read.call(this);
    };
  });
  await chooseFolder(page, join(root, "gone"));
  const said = page.getByRole("alert");
  await said.waitFor();
  const why = "cannot be read: it was moved, deleted or changed. Add it again.";
  expect(await said.locator("li").allInnerTexts()).toEqual([`gone/a.yaml ${why}`, `gone/b.yaml ${why}`]);
});

test("the page says so if a folder has no files", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "a.yaml", text: "kind: Namespace\n" });
  const root = folderOf([]);
  mkdirSync(join(root, "empty"));
  await drop(page, ".foot", [join(root, "empty")]);
  await page.getByText("There is no file in it.").waitFor();
  await given(page, 1);
});

test("while a large folder is walked, the page says that it reads", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const root = folderOf(["large/a.yaml"]);
  // Thousands of files take a browser that long.
  await page.evaluate(() => {
    const { webkitGetAsEntry } = DataTransferItem.prototype;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      const entry = webkitGetAsEntry.call(this) as FileSystemDirectoryEntry;
      const reader = entry.createReader();
      const readEntries: FileSystemDirectoryReader["readEntries"] = (done, fail) => setTimeout(() => reader.readEntries(done, fail), 1000);
      return Object.assign(entry, { createReader: () => ({ readEntries }) });
    };
  });
  await drop(page, ".foot", [join(root, "large")]);
  await page.getByText("Reading files …").waitFor();
  await given(page, 1);
  await page.getByText("Reading files …").waitFor({ state: "detached" });
});

test("the words below a list begin where the list does", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "a.yaml", text: "kind: Namespace\n" }, { name: "b.yaml", text: "kind: Namespace\n" });
  const left = (one: Element) => Math.round(one.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(one).paddingLeft));
  const list = await page.locator("calico-ipv6 .file-list").evaluate(left);
  expect(await page.getByRole("button", { name: "Remove all 2 files" }).evaluate(left)).toBe(list);
});
