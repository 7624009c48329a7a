/** The door that checks files: what is wrong in them, and nothing is changed. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, example, headline, listFiles, open, settled, shown, site, start, takeExample, visit } from "./page.js";

visit();

const says = (page: Page, words: string | RegExp) => page.locator("calico-ipv6 .headline", { hasText: words }).waitFor();

const subline = (page: Page): Promise<string> => page.locator("calico-ipv6 .subline").innerText();

const cards = (page: Page): Promise<string[]> => page.locator("calico-ipv6 .card > .card-head").allInnerTexts();

/** A pool with a host bit. */
const pool = "apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata:\n  name: pool\nspec:\n  cidr: 10.244.0.1/16\n";

const checkFor = async (page: Page, stack: string, headline: string | RegExp): Promise<void> => {
  await page.getByRole("radio", { name: stack }).check();
  await says(page, headline);
};

const files = (...names: string[]) => names.map((name) => ({ name: `${name}.yaml`, text: example(name) }));

test("the files of the other door are checked for the stack that they have, and stay as they are", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, ...files("calico"));
  expect(await headline(page)).toMatch(/^6 changes/);
  await page.getByRole("link", { name: "Check my files" }).click();
  await says(page, "No errors and no warnings");
  expect(await subline(page)).toBe("Checked for IPv4-only, the IP families that the files configure.");
  const text = await shown(page);
  expect(text).toContain("What was not checked");
  expect(text).toContain("What is not in these files: other manifests, the cluster as it runs, and its nodes.");
  expect(text).toContain("calico-ipv6 lint calico.yaml");
  // Nothing of a conversion, and no question that it would have.
  for (const words of ["6 changes", "Download patch", "Proposed:", "IPv6 pod CIDR", "IPv6 encapsulation"]) expect(text).not.toContain(words);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files[0]?.text)).toBe(example("calico"));
});

test("for a stack, the same target as for a change counts, and each finding has its place", async () => {
  await using opened = await start(browser, site, "#to=ipv6-only&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, ...files("calico"));
  await page.getByRole("link", { name: "Check my files" }).click();
  await checkFor(page, "IPv6-only", "9 errors and 4 warnings");
  expect(await subline(page)).toBe("Checked for IPv6-only.");
  expect(await page.locator("calico-ipv6 .status").innerText()).toBe("9 errors and 4 warnings");
  expect(await page.locator("calico-ipv6 .file-facts").innerText()).toMatch(/^9 errors, 4 warnings: Calico v3\.31\.4/);
  const text = await shown(page);
  expect(text).toContain("calico.yaml:64:19");
  expect(text).toContain("calico-ipv6 lint \\\n  --to ipv6-only \\\n  --ipv6-pod-cidr fd00:10:244::/56 \\\n  calico.yaml");
  // What one rule found is one entry, the worst first, and every finding is in one.
  const titles = await cards(page);
  expect(titles).toHaveLength(11);
  expect(titles.findIndex((title) => title.startsWith("Warning:"))).toBe(8);
  const twice = page.locator("calico-ipv6 .card", { has: page.getByRole("link", { name: "POOL-014" }) });
  expect(await twice.count()).toBe(1);
  expect(await twice.locator(".way").allInnerTexts()).toEqual([
    "Error: calico-node still creates an IPv4 pool, with its encapsulation",
    "Error: The IPv4 pool is encapsulated in an IPv6-only cluster",
  ]);
  // A change of the target is the other door's, too.
  await checkFor(page, "Dual-stack", "4 errors and 3 warnings");
  await page.getByRole("button", { name: "Change these files" }).click();
  await says(page, /^6 changes/);
  expect(new URL(page.url()).hash).toBe("#change");
});

test("a range that nobody gave is neither proposed nor needed for a check", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await choose(page, ...files("calico"));
  await checkFor(page, "Dual-stack", "4 errors and 2 warnings");
  const text = await shown(page);
  expect(text).toContain("IPv6 pod CIDR");
  expect(text).not.toMatch(/proposed|--ipv6-pod-cidr/i);
  expect(await page.locator("calico-ipv6 .needed").count()).toBe(0);
});

test("findings are shown by severity, and taken away as lines of text", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, ...files("calico"));
  await page.getByRole("link", { name: "Check my files" }).click();
  await checkFor(page, "Dual-stack", "4 errors and 3 warnings");
  await page.getByRole("checkbox", { name: "Warnings (3)" }).uncheck();
  expect((await cards(page)).every((title) => title.startsWith("Error:"))).toBe(true);
  expect(await headline(page)).toBe("4 errors and 3 warnings");
  await page.getByRole("button", { name: "Copy findings" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n");
  expect(lines).toHaveLength(7);
  expect(lines[0]).toBe("calico.yaml:64:19: error[CNI-008] pods do not request an IPv6 address");
});

test("what cannot be read, is suppressed or not understood is named as not checked", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const suppressed = pool.replace("/16", "/16 # calico-ipv6: ignore[NET-002] written by hand");
  const odd = "apiVersion: example.com/v1\nkind: Router\nmetadata:\n  name: edge\nspec:\n  pool: 10.244.0.0/16\n";
  await choose(page, { name: "pool.yaml", text: suppressed }, { name: "odd.yaml", text: odd }, ...files("broken"));
  await page.getByRole("link", { name: "Check my files" }).click();
  await says(page, "broken.yaml cannot be read");
  const text = await shown(page);
  expect(text).toContain("a tab is used for indentation");
  expect(text).toContain("broken.yaml: it cannot be read.");
  expect(text).toContain("odd.yaml: addresses in 1 document that is not understood (line 6).");
  expect(text).toContain("1 finding that comments in the files suppress.");
});

test("files without a setting that decides are not called clean", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await choose(page, { name: "shop.yaml", text: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n" });
  await says(page, "Nothing to check");
  expect(await subline(page)).toBe("These files have no settings that decide about IP families.");
  expect(await page.locator("calico-ipv6 .sentence").getAttribute("class")).toContain("quiet");
});

test("a folder of two clusters says what each was checked for, and what each file has", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await page.evaluate(([calico = "", pool = ""]) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = [{ name: "b/pool.yaml", text: pool }, { name: "b/calico.yaml", text: calico }, { name: "a/calico.yaml", text: calico }];
  }, [example("calico"), pool]);
  await says(page, "1 error and 1 warning");
  expect(await subline(page)).toBe("Checked for IPv4-only, the IP families that the files of each cluster configure.");
  await listFiles(page);
  expect(await page.locator("calico-ipv6 .file-list .folder > summary").allInnerTexts()).toEqual(["a/ 1 file", "b/ 2 files, 1 error, 1 warning"]);
});

test("a place of a finding opens the editor, and the check follows what is typed", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await takeExample(page, "Manifest");
  await checkFor(page, "Dual-stack", "4 errors and 3 warnings");
  await page.getByRole("button", { name: "calico.yaml:536:22" }).click();
  await page.getByRole("textbox", { name: "Text of calico.yaml" }).waitFor();
  await page.keyboard.press("End");
  for (let i = 0; i < 6; i++) await page.keyboard.press("Backspace");
  await page.keyboard.type('true"');
  await says(page, "3 errors and 3 warnings");
});

test("an answer that cannot be is refused here, too, and the field says why", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await takeExample(page, "Manifest");
  await checkFor(page, "Dual-stack", "4 errors and 3 warnings");
  await page.getByLabel("IPv6 pod CIDR").fill("fd00::1/56");
  await page.keyboard.press("Tab");
  await settled(page);
  await says(page, "IPv6 pod CIDR is not valid");
  expect(await page.getByLabel("IPv6 pod CIDR").getAttribute("aria-invalid")).toBe("true");
});

test("if the engine does not start, the page says so and names the command that checks", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html#check`, {}, (page) => page.route("**/*.wasm", (route) => route.fulfill({ status: 404 })));
  const { page } = opened;
  await page.getByRole("button", { name: "Try again" }).waitFor();
  expect(await shown(page)).toContain("calico-ipv6 lint calico.yaml");
  opened.tolerate(/404/);
});

test("by keyboard, the stack is chosen with arrows", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  await takeExample(page, "Manifest");
  await page.getByRole("radio", { name: "As in the files" }).focus();
  await page.keyboard.press("ArrowRight");
  await says(page, "4 errors and 3 warnings");
  expect(await page.getByRole("radio", { name: "Dual-stack" }).isChecked()).toBe(true);
});

test("clusters of every stack are checked for theirs", async () => {
  await using opened = await start(browser, site, "#check");
  const { page } = opened;
  const pools = { "10.244.0.0/16": "a", "10.244.0.0/16 fd00:10:244::/56": "b", "fd00:10:244::/56": "c" };
  await page.evaluate((pools) => {
    const tool = document.querySelector("calico-ipv6");
    const text = (cidrs: string) => `apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec:\n  calicoNetwork:\n    ipPools:\n${cidrs.split(" ").map((cidr) => `    - cidr: ${cidr}\n`).join("")}`;
    if (tool) tool.files = Object.entries(pools).map(([cidrs, name]) => ({ name: `${name}/installation.yaml`, text: text(cidrs) }));
  }, pools);
  await page.locator("calico-ipv6 .subline", { hasText: "Checked for" }).waitFor();
  expect(await subline(page)).toMatch(/^Checked for IPv4-only, dual-stack and IPv6-only, the IP families/);
});
