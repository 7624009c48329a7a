/** While a person types: what is typed is checked at once, older results say so, and what is wrong is marked in the text. */
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { CalicoIPv6 } from "../element/calico-ipv6.js";
import { browser, choose, example, headline, settled, shown, site, start, takeExample, violations, visit } from "./page.js";

visit();

const RANGE = "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56";
const says = (page: Page, words: string | RegExp) => page.locator("calico-ipv6 .headline", { hasText: words }).waitFor();
const names = (page: Page) => page.evaluate(() => document.querySelector("calico-ipv6")?.files.map((file) => file.name));
const field = (page: Page) => page.locator("calico-ipv6 #paste");

test("YAML is checked while it is typed, before the field is left", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await field(page).pressSequentially("kind: Namespace\n");
  await says(page, "No IPv6-relevant settings");
  // What is typed stays in its field, and goes on there.
  expect(await field(page).inputValue()).toBe("kind: Namespace\n");
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id)).toBe("paste");
  await field(page).press("Control+A");
  await page.keyboard.type("kind: [");
  await says(page, "pasted.yaml cannot be read");
  expect(await names(page)).toEqual(["pasted.yaml"]);
  expect(await violations(page)).toEqual([]);
  await field(page).fill(example("installation"));
  await says(page, /^1 change/);
  expect(await names(page)).toEqual(["pasted.yaml"]);
  // Who leaves the field is done with the file.
  await page.keyboard.press("Tab");
  await settled(page);
  expect(await field(page).inputValue()).toBe("");
  expect(await names(page)).toEqual(["pasted.yaml"]);
  expect(await headline(page)).toMatch(/^1 change/);
});

/** Keeps every sentence about the files from now on. */
const listen = (page: Page) =>
  page.evaluate(() => {
    const said: string[] = Object.assign(globalThis, { said: [] as string[] }).said;
    const look = () => {
      const words = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".headline")?.textContent ?? "";
      if (said.at(-1) !== words) said.push(words);
      requestAnimationFrame(look);
    };
    look();
  });

const heard = (page: Page) => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);

test("answers that were given before the files say nothing of the files", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  await page.evaluate(() => {
    const said: string[] = Object.assign(globalThis, { said: [] as string[] }).said;
    const root = document.querySelector("calico-ipv6")?.shadowRoot;
    const look = () => said.push(root?.querySelector(".headline")?.textContent ?? "");
    if (root) new MutationObserver(look).observe(root, { childList: true, characterData: true, subtree: true });
  });
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await says(page, /^12 changes/);
  expect([...new Set(await heard(page))].filter((one) => !/^(|Nothing here yet|12 changes.*)$/.test(one))).toEqual([]);
});

test("a text that is not complete is no error until typing pauses", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await listen(page);
  await field(page).focus();
  // The stop after each "kin" is not YAML.
  for (const words of ["apiVersion: v1\nkin", "d: Namespace\n---\napiVersion: v1\nkin", "d: ConfigMap\n"]) {
    await page.keyboard.insertText(words);
    await page.waitForTimeout(500);
  }
  await says(page, "No IPv6-relevant settings");
  expect(await heard(page)).not.toContainEqual(expect.stringContaining("cannot be read"));
  await page.keyboard.insertText("---\nkind: [");
  await says(page, "pasted.yaml cannot be read");
});

test("in the editor, too; who leaves it hears of an error at once", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "installation.yaml", text: example("installation") });
  await page.getByRole("button", { name: "Edit installation.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of installation.yaml" }).waitFor();
  await listen(page);
  await page.keyboard.press("Control+End");
  for (const words of ["---\napiVersion: v1\nkin", "d: Namespace\n"]) {
    await page.keyboard.insertText(words);
    await page.waitForTimeout(300);
  }
  await says(page, /^1 change in 1 of 3 documents/);
  expect(await heard(page)).not.toContainEqual(expect.stringContaining("cannot be read"));
  await page.keyboard.insertText("---\nkind: [");
  await page.waitForTimeout(300);
  expect(await headline(page)).toMatch(/^1 change/);
  const left = Date.now();
  await page.getByRole("tab", { name: "Findings" }).focus();
  await says(page, "installation.yaml cannot be read");
  expect(Date.now() - left).toBeLessThan(1000);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files[0]?.text.endsWith("---\nkind: ["))).toBe(true);
});

test("what is typed and deleted again leaves no file behind", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await field(page).pressSequentially("kind: Namespace");
  await says(page, "No IPv6-relevant settings");
  await field(page).fill("");
  await says(page, "Nothing here yet");
  expect(await names(page)).toEqual([]);
  await page.keyboard.press("Tab");
  expect(await names(page)).toEqual([]);
});

test("a second text that is typed is a second file", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  for (const text of ["kind: Namespace", "kind: ConfigMap"]) {
    await field(page).fill(text);
    await page.keyboard.press("Tab");
    await settled(page);
  }
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files)).toEqual([
    { name: "pasted.yaml", text: "kind: Namespace" },
    { name: "pasted-2.yaml", text: "kind: ConfigMap" },
  ]);
});

test("a result that is older than the text says so while the newest text is checked, and can be stopped", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  // A text that takes the engine more than a moment.
  await page.evaluate(() => {
    const tool = document.querySelector("calico-ipv6");
    const [file] = tool?.files ?? [];
    if (tool && file) tool.files = [{ ...file, text: `${file.text}${"---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  key: value\n".repeat(60_000)}` }];
  });
  await page.getByText("This result is older than your files and answers: the newest are being checked.").waitFor();
  // Nothing of it is taken away meanwhile.
  expect(await headline(page)).toMatch(/^6 changes in 2 of 15 documents/);
  expect(await page.getByRole("button", { name: "Stop" }).isVisible()).toBe(true);
  await says(page, /of 60,015 documents/);
  expect(await shown(page)).not.toContain("This result is older");
  // The same state, held: it lasts too short to be looked at.
  await page.evaluate(async () => {
    const tool = document.querySelector("calico-ipv6") as CalicoIPv6;
    tool.isSlow = true;
    tool.requestUpdate();
    await tool.updateComplete;
  });
  expect(await shown(page)).toContain("This result is older");
  expect(await violations(page)).toEqual([]);
});

test("the editor underlines the line of an error, and no other one once that is corrected", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  const text = "kind: ConfigMap\nmetadata:\n  name: a\n\tdata: {}\n";
  await choose(page, { name: "broken.yaml", text });
  await page.locator("calico-ipv6 .place").click();
  const wrong = page.locator("calico-ipv6 .cm-wrong");
  await wrong.waitFor();
  expect((await page.locator("calico-ipv6 .cm-wrong-line").allInnerTexts()).map((line) => line.trim())).toEqual(["data: {}"]);
  expect(await wrong.first().evaluate((one) => getComputedStyle(one).textDecorationLine)).toBe("underline");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Home");
  await page.keyboard.press("Backspace");
  await page.locator("calico-ipv6 .cm-wrong-line").waitFor({ state: "detached" });
});

test("the editor does not underline what the conversion corrects", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await page.getByRole("button", { name: "Edit calico.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of calico.yaml" }).waitFor();
  expect(await headline(page)).toMatch(/^6 changes/);
  expect(await page.locator("calico-ipv6 calico-ipv6-editor").getAttribute("wrong")).toBe("");
});

test("a value that the files have is in its field, with its place", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  const text = example("calico").replace('# - name: CALICO_IPV4POOL_CIDR\n            #   value: "192.168.0.0/16"', '- name: CALICO_IPV4POOL_CIDR\n              value: "10.99.0.0/16"');
  // The variable begins a line before its value.
  const line = text.split("\n").findIndex((one) => one.includes("10.99.0.0/16"));
  await choose(page, { name: "calico.yaml", text });
  await page.getByText(/^More options/).click();
  const input = page.getByLabel("IPv4 pod CIDR");
  expect(await input.getAttribute("placeholder")).toBe("10.99.0.0/16");
  await page.getByText(`10.99.0.0/16, from CALICO_IPV4POOL_CIDR in calico.yaml, line ${line}.`).waitFor();
  expect(await input.getAttribute("aria-describedby")).toContain("option-ipv4PodCIDR-note");
  expect(await violations(page)).toEqual([]);
});

test("several new files are downloaded as one archive", async () => {
  await using opened = await start(browser, site, "#write");
  const { page } = opened;
  await says(page, "1 file");
  expect(await page.getByRole("button", { name: /^Download all/ }).count()).toBe(0);
  await page.getByRole("checkbox", { name: /^ippool / }).check();
  await says(page, "2 files");
  expect(await violations(page)).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download all 2 files (zip)" }).click()]);
  expect(download.suggestedFilename()).toBe("calico-ipv6.zip");
  const files = unzipSync(readFileSync(await download.path()));
  expect(Object.keys(files)).toHaveLength(2);
  for (const title of Object.keys(files)) expect(await shown(page)).toContain(title);
});

test("a plan writes large numbers for people", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await page.getByLabel("IPv6 pod CIDR").fill("fd12:3456:789a::/56");
  await page.keyboard.press("Tab");
  await page.getByText("fd12:3456:789a::/56").first().waitFor();
  expect(await shown(page)).toContain("4.7 × 10²¹ pod addresses");
  expect(await shown(page)).not.toMatch(/\d\^\d/);
  await page.getByLabel("IPv4 pod CIDR").fill("10.1.0.0/24");
  await page.keyboard.press("Tab");
  await page.getByText("/24 of the pod CIDR, for 1 node", { exact: true }).waitFor();
});

test("each row of examples begins where the text does", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  const lefts = await page.locator("calico-ipv6 .examples").evaluate((row) => {
    const left = row.getBoundingClientRect().left;
    return [...row.querySelectorAll("button")].map((one) => Math.round(one.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(one).paddingLeft) + 1 - left));
  });
  // The first of a row has nothing to its left.
  expect(Math.min(...lefts)).toBeLessThanOrEqual(2);
});
