/** The element in other people's pages. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, path, ready, serve, settled, shown, type Site, violations } from "./page.js";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  // The package as it is published, beside the pages that use it.
  [browser, site] = await Promise.all([launch(), serve(path("../.."), {})]);
});

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

const isLoaded = (url: string) => /\/(worker\.js|engine\.wasm|rules\.json)$/.test(url);
const address = (name: string) => `${site.address}/web/tests/hosts/${name}.html`;

test("a page about IPv6-only shows only that, in a narrow column", async () => {
  await using opened = await open(browser, address("locked"), { viewport: { width: 700, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  const text = await shown(page);
  expect(text).toContain("Pods get: IPv6-only");
  expect(text).toMatch(/12 changes in 2 of 15 documents/);
  expect(await page.getByRole("radio").count()).toBe(0);
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.screenshot({ path: path("../../target/screenshots/widget-light-700.png"), fullPage: true });
  expect(await violations(page)).toEqual([]);
});

test("it is dark where its host is dark, and takes the host's accent", async () => {
  await using opened = await open(browser, address("dark"), { viewport: { width: 900, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  const colours = await page.evaluate(() => {
    const frame = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".frame");
    const button = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".primary");
    return [frame, button].map((one) => one && getComputedStyle(one).backgroundColor);
  });
  expect(colours).toEqual(["rgb(20, 24, 29)", "rgb(255, 176, 32)"]);
  await page.screenshot({ path: path("../../target/screenshots/widget-dark-900.png"), fullPage: true });
  expect(await violations(page)).toEqual([]);
});

test("two of them share one engine, and each tells what became of its files", async () => {
  await using opened = await open(browser, address("two"));
  const { page, requests } = opened;
  await page.waitForFunction(() => document.body.dataset["results"] === "dual-stack:6 ipv6-only:12");
  expect(requests.filter(isLoaded)).toHaveLength(3);
  expect(page.workers()).toHaveLength(1);
});

test("nothing is loaded until it is seen", async () => {
  await using opened = await open(browser, address("below"));
  const { page, requests } = opened;
  await page.waitForFunction(() => customElements.get("calico-ipv6") !== undefined);
  expect(requests.filter(isLoaded)).toEqual([]);
  await page.locator("calico-ipv6").scrollIntoViewIfNeeded();
  await ready(page);
  expect(requests.filter(isLoaded)).toHaveLength(3);
});

test("without JavaScript its content stays readable", async () => {
  await using opened = await open(browser, address("locked"), { javaScriptEnabled: false });
  expect(await opened.page.locator("calico-ipv6").innerText()).toContain("calico-ipv6 transform --to ipv6-only");
});

test("it can be imported where there is no document", async () => {
  const { CalicoIPv6 } = await import("calico-ipv6/element");
  expect(CalicoIPv6).toBeTypeOf("function");
  expect(typeof document).toBe("undefined");
});

