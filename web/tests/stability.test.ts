/** Nothing that a person reads moves when the element is loaded, and when a result arrives that nobody clicked for. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { base, browser, example, headline, open, path, ready, settled, site, visit } from "./page.js";

/** How much may move: browsers call less than 0.1 good. */
const MOST = 0.02;

// The package as it is published, beside the pages that use it.
visit(path("../.."));

declare global {
  // What a browser tells of a shift.
  interface PerformanceEntry {
    readonly value: number;
  }
  var shifts: PerformanceEntry[];
}

/** Keeps every shift since the page began. */
const watch = (page: Page) =>
  page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  });

/** The sum of all shifts, and what moved, once two frames are painted. */
const moved = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    type Source = { node: Node | null; previousRect: DOMRect; currentRect: DOMRect };
    const name = ({ node, previousRect: a, currentRect: b }: Source) =>
      `${(node as Element | null)?.className || node?.nodeName}: ${a.x},${a.y} to ${b.x},${b.y}`;
    const what = globalThis.shifts.flatMap((shift) => (shift as unknown as { sources: Source[] }).sources.map(name));
    return { sum: globalThis.shifts.reduce((sum, { value }) => sum + value, 0), what };
  });

/** Sets a manifest as a script of the page does. */
const give = (page: Page, text: string) =>
  page.evaluate((text) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = [{ name: "calico.yaml", text }];
  }, text);

const WIDTHS = [1440, 700, 390];

/** Those of more telephones and tablets. */
const MORE = [1024, 600, 414, 360, 320];

test.each([...WIDTHS, ...MORE])("the page, with a file that a script sets, at %i px", async (width) => {
  await using opened = await open(browser, `${site.address}/web/dist/index.html`, { viewport: { width, height: 900 } }, watch);
  const { page } = opened;
  await ready(page);
  await give(page, example("calico"));
  await settled(page);
  const { sum, what } = await moved(page);
  expect(sum, what.join("\n")).toBeLessThanOrEqual(MOST);
});

test.each([...WIDTHS, ...MORE])("the page of a link with an example, at %i px", async (width) => {
  await using opened = await open(browser, `${site.address}/web/dist/index.html#example=stock&to=dual-stack`, { viewport: { width, height: 900 } }, watch);
  const { page } = opened;
  await ready(page);
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.result !== undefined);
  await settled(page);
  expect(await headline(page)).toMatch(/^6 changes/);
  const { sum, what } = await moved(page);
  expect(sum, what.join("\n")).toBeLessThanOrEqual(MOST);
});

const HOSTS = ["locked", "dark", "wide"].flatMap((host) => WIDTHS.map((width) => [host, width] as const));

test.each(HOSTS)("an element in a page (%s) that links its style sheet, at %i px", async (host, width) => {
  await using opened = await open(browser, `${site.address}/web/tests/hosts/${host}.html`, { viewport: { width, height: 900 } }, watch);
  const { page } = opened;
  await ready(page);
  await settled(page);
  const { sum, what } = await moved(page);
  expect(sum, what.join("\n")).toBeLessThanOrEqual(MOST);
});

test.each(["locked", "dark"])("with a proposed range it is no higher, and what answers a remark is beside it (%s)", async (host) => {
  await using opened = await open(browser, `${site.address}/web/tests/hosts/${host}.html`, { viewport: { width: 900, height: 900 } });
  const { page } = opened;
  await ready(page);
  await give(page, example("calico"));
  await settled(page);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.offsetHeight)).toBeLessThanOrEqual(900);
  for (const [remark, button] of [[".proposal p", "Accept it"], [".warnings ul", "What it means"]] as const) {
    const [words, answer] = [await page.locator(`calico-ipv6 ${remark}`).boundingBox(), await page.getByRole("button", { name: button }).boundingBox()];
    expect(answer?.x, button).toBeGreaterThanOrEqual((words?.x ?? 0) + (words?.width ?? Infinity));
  }
});

test.each([
  ["locked", "12 changes"],
  ["dark", "6 changes"],
])("in a column of 640 px it is compact: at most 900 px high (%s)", async (host, says) => {
  await using opened = await open(browser, `${site.address}/web/tests/hosts/${host}.html`, { viewport: { width: 900, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  const [width, height] = await page.evaluate(() => [document.querySelector("calico-ipv6")?.offsetWidth, document.querySelector("calico-ipv6")?.offsetHeight]);
  expect(width).toBe(640);
  expect(height).toBeLessThanOrEqual(900);
  expect(await headline(page)).toContain(says);
  await page.getByRole("button", { name: `Show all ${says}` }).waitFor();
});

test.each([
  // Three warnings.
  ["locked", "calico-3.10", /^11 changes/, 2],
  // Changes of one place, of which only the first is among the first two.
  ["dark", "policy-only-3.31", /^3 changes/, 2],
])("the first changes of a manifest are no higher, with the lines of these changes only (%s, %s)", async (host, manifest, says, badges) => {
  await using opened = await open(browser, `${site.address}/web/tests/hosts/${host}.html`, { viewport: { width: 900, height: 900 } });
  const { page } = opened;
  await ready(page);
  await give(page, base(manifest));
  await settled(page);
  expect(await headline(page)).toMatch(says);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.offsetHeight)).toBeLessThanOrEqual(900);
  expect(await page.locator("calico-ipv6 .reason").count()).toBe(badges);
  expect(await page.locator("calico-ipv6 .sign .badge").count()).toBe(badges);
});

/** The manifest of an installation, and more files of its cluster. */
const cluster = (count: number) => Array.from({ length: count }, (_, i) => [`cluster-${i}.yaml`, example(i % 3 ? "installation" : "calico")] as const);

test.each([2, 3, 14].flatMap((count) => WIDTHS.map((width) => [count, width] as const)))("the page, when the result of %i files arrives, at %i px", async (count, width) => {
  await using opened = await open(browser, `${site.address}/web/dist/index.html`, { viewport: { width, height: 900 } }, watch);
  const { page } = opened;
  await ready(page);
  await page.evaluate((files) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = files.map(([name, text]) => ({ name, text }));
  }, cluster(count));
  await settled(page);
  expect(await headline(page)).toMatch({ 2: /^7 changes/, 3: /^8 changes/, 14: /^39 changes/ }[count] ?? /never/);
  const { sum, what } = await moved(page);
  expect(sum, what.join("\n")).toBeLessThanOrEqual(MOST);
});
