/** On a narrow screen, files and answers fold once they are given: the result stays in sight. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, example, fileInput, headline, open, ready, settled, site, takeExample, violations, visit, type Watched } from "./page.js";

visit();

const narrow = async (width: number, hash = ""): Promise<Watched> => {
  const opened = await open(browser, `${site.address}/dist/index.html${hash}`, { viewport: { width, height: 844 } });
  await ready(opened.page);
  return opened;
};

const summary = (page: Page) => page.locator("calico-ipv6 .given > summary");
const words = async (page: Page): Promise<string> => (await summary(page).innerText()).replaceAll(/\s+/g, " ");
const isOpen = (page: Page): Promise<boolean> => page.locator("calico-ipv6 .given").evaluate((one) => (one as HTMLDetailsElement).open);
const two = () => [{ name: "calico.yaml", text: example("calico") }, { name: "kubeadm.yaml", text: example("cluster/kubeadm") }];

test.each([320, 390, 700])("after the result of new files, a line says what was given, and the result is in sight, at %i px", async (width) => {
  await using opened = await narrow(width, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56&ipv6ServiceCIDR=fd00:10:96::/112");
  const { page } = opened;
  expect(await summary(page).isVisible()).toBe(false);
  await choose(page, ...two());
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  expect(await words(page)).toBe("2 files: calico.yaml, kubeadm.yaml Pods get: Dual-stack; IPv6 pod CIDR: fd00:10:244::/56");
  expect(await page.locator("calico-ipv6 .headline").evaluate((one) => one.getBoundingClientRect().bottom < innerHeight)).toBe(true);
  expect(await page.locator("calico-ipv6 .peek").isVisible()).toBe(false);
  expect(await violations(page)).toEqual([]);
  // By keyboard: it opens, and closes again.
  await summary(page).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  // Whoever answers stays where they are.
  expect(await isOpen(page)).toBe(true);
  expect(await violations(page)).toEqual([]);
  await summary(page).focus();
  await page.keyboard.press("Enter");
  expect(await words(page)).toContain("Pods get: IPv6-only");
  expect(await isOpen(page)).toBe(false);
});

test("an example says so, also folded, and a proposed range is said to be proposed", async () => {
  await using opened = await narrow(390);
  const { page } = opened;
  await takeExample(page, "Manifest");
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  expect(await words(page)).toContain("Example, not your cluster: calico.yaml");
  // The focus was inside the fold: the line that is left has it.
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName)).toBe("summary");
  await summary(page).click();
  await choose(page, { name: "mine.yaml", text: example("calico") });
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  expect(await words(page)).toMatch(/^1 file: mine\.yaml Pods get: Dual-stack; IPv6 pod CIDR: fd.*\(proposed\)$/);
});

test("as long as an answer is missing, nothing folds", async () => {
  await using opened = await narrow(390);
  const { page } = opened;
  await choose(page, { name: "install-config.yaml", text: example("openshift-cluster/install-config") });
  expect(await headline(page)).toBe("One answer is missing");
  expect(await isOpen(page)).toBe(true);
});

const png = { name: "logo.png", mimeType: "image/png", buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47]) };
const calico = () => ({ name: "calico.yaml", mimeType: "application/yaml", buffer: Buffer.from(example("calico")) });

test("a file that cannot be used is named, beside one that can be", async () => {
  await using opened = await narrow(390);
  const { page } = opened;
  await fileInput(page).setInputFiles([png, calico()]);
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.result !== undefined);
  await settled(page);
  expect(await headline(page)).toMatch(/^6 changes/);
  expect(await page.getByText("logo.png is a PNG image, not a manifest.").isVisible()).toBe(true);
});

test.each([
  ["a file that cannot be used", png, "logo.png is a PNG image, not a manifest."],
  ["an answer that is not known", { name: "target.yaml", mimeType: "application/yaml", buffer: Buffer.from("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec:\n  podRange: fd00::/56\n") }, "target.yaml has settings that this version does not know: podRange. They are ignored."],
])("%s unfolds what was folded before it", async (_, file, says) => {
  await using opened = await narrow(390);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  await fileInput(page).setInputFiles([file]);
  await page.getByText(says).waitFor();
  await settled(page);
  expect(await isOpen(page)).toBe(true);
});

test("what leads into a file or a field unfolds it", async () => {
  await using opened = await narrow(390);
  const { page } = opened;
  await takeExample(page, "Manifest");
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  await page.getByRole("tab", { name: "Findings" }).click();
  await page.getByRole("button", { name: "calico.yaml:502:22" }).click();
  await page.getByRole("textbox", { name: "Text of calico.yaml" }).waitFor();
  expect(await isOpen(page)).toBe(true);
});

test("the line where the editor opens is in sight, above the strip", async () => {
  await using opened = await narrow(390);
  const { page } = opened;
  await choose(page, { name: "broken.yaml", text: "kind: [\n" });
  await page.locator("calico-ipv6 .place").first().click();
  await page.getByRole("textbox", { name: "Text of broken.yaml" }).waitFor();
  const line = await page.locator("calico-ipv6 .cm-activeLine").boundingBox();
  const strip = await page.locator("calico-ipv6 .peek").boundingBox();
  expect(line?.y).toBeGreaterThanOrEqual(0);
  expect((line?.y ?? Infinity) + (line?.height ?? 0)).toBeLessThanOrEqual(strip?.y ?? 0);
});

test("on a wide screen nothing folds", async () => {
  await using opened = await narrow(1280);
  const { page } = opened;
  await choose(page, ...two());
  expect(await isOpen(page)).toBe(true);
  expect(await summary(page).isVisible()).toBe(false);
  expect(await page.getByRole("radio", { name: "IPv6-only" }).isVisible()).toBe(true);
  // Who edits gets half of the room.
  await page.getByRole("button", { name: "Edit calico.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of calico.yaml" }).waitFor();
  expect((await page.locator("calico-ipv6 calico-ipv6-editor").boundingBox())?.width).toBeGreaterThan(550);
});

test("the files of a check fold, too", async () => {
  await using opened = await narrow(390, "#check");
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await page.locator("calico-ipv6 .given:not([open])").waitFor();
  expect(await words(page)).toBe("1 file: calico.yaml Check for: as in the files");
  await page.locator("calico-ipv6 .headline", { hasText: "No errors and no warnings" }).waitFor();
});

test("the doors take two rows of the smallest screen", async () => {
  await using opened = await narrow(320);
  const { page } = opened;
  const tops = await page.locator(".doors a").evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
  expect(new Set(tops).size).toBe(2);
  expect(await violations(page)).toEqual([]);
});
