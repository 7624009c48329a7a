/** The pictures of the page in the README. With `UPDATE_PICTURE=1`, this test takes them anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { browser, headline, open, path, ready, site, takeExample, visit } from "./page.js";
import { sizeOf, withPalette } from "./png.js";

/** The most bytes of a picture. */
const MOST = 150_000;

const WIDTH = 1440;

visit();

test.each([
  ["light", "page.png"],
  ["dark", "page-dark.png"],
] as const)("the README has a picture of the page, %s", async (look, name) => {
  const file = path(`../../docs/${name}`);
  await using opened = await open(browser, `${site.address}/dist/index.html`, { colorScheme: look, viewport: { width: WIDTH, height: 1400 }, reducedMotion: "reduce" });
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  // What the picture shows is what the page says today.
  expect(await headline(page)).toBe("6 changes in 2 of 15 documents; 698 lines untouched");
  // Nothing has the focus, and the fonts are those of most readers, if they are installed (fonts-roboto-unhinted, fonts-liberation).
  await page.evaluate(async (fonts) => {
    (document.activeElement?.shadowRoot?.activeElement as HTMLElement | null)?.blur();
    document.documentElement.style.fontFamily = fonts;
    document.querySelector("calico-ipv6")?.style.setProperty("--calico-ipv6-font", fonts);
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  }, "Roboto, system-ui, sans-serif");
  // Up to the end of the second change.
  const end = await page.locator("calico-ipv6 .card").nth(1).evaluate((card) => card.getBoundingClientRect().bottom);
  const taken = withPalette(await page.screenshot({ clip: { x: 0, y: 0, width: WIDTH, height: Math.ceil(end) + 8 } }));
  if (process.env["UPDATE_PICTURE"]) writeFileSync(file, taken);
  const kept = readFileSync(file);
  expect(kept.length).toBeLessThan(MOST);
  expect(sizeOf(kept).width).toBe(WIDTH);
  expect(readFileSync(path("../../README.md"), "utf8")).toContain(`docs/${name}`);
});
