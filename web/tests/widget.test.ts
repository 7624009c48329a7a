/** The element in other people's pages. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Target } from "../../wasm/npm/src/api.js";
import { browser, open, path, ready, settled, shown, site, violations, visit } from "./page.js";

// The package as it is published, beside the pages that use it.
visit(path("../.."));

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

const views = (page: Page) => page.getByRole("tab").allInnerTexts();

test("it offers no example and no view that `hide` names", async () => {
  await using opened = await open(browser, address("wide"), { viewport: { width: 1280, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  expect(await page.locator("calico-ipv6 .examples button").allInnerTexts()).toEqual(["Manifest", "Operator", "OpenShift"]);
  expect(await views(page)).toEqual(["Changes", "File", expect.stringContaining("Findings"), "Steps", "Facts"]);
  await page.evaluate(() => document.querySelector("calico-ipv6")?.setAttribute("hide", "examples changes file findings steps facts command"));
  await settled(page);
  expect(await page.locator("calico-ipv6 .examples").count()).toBe(0);
  expect(await views(page)).toEqual([]);
});

test("a compact one shows the first two changes, all of them on demand, and leads to the full tool with its settings", async () => {
  await using opened = await open(browser, address("wide"), { viewport: { width: 640, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  expect(await page.locator("calico-ipv6 .reason").count()).toBe(2);
  expect(await page.getByRole("link", { name: "Open in the full tool" }).getAttribute("href")).toBe("https://example.org/tool/#example=stock&to=dual-stack");
  await page.getByRole("button", { name: "Show all 6 changes" }).click();
  await page.getByRole("tab", { name: "Changes" }).waitFor();
  expect(await page.locator("calico-ipv6 .reason").count()).toBe(6);
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id)).toBe("panel");
});

test.each([
  ["", 640, true],
  ["", 1280, false],
  ["true", 1280, true],
  ["false", 640, false],
])("compact=%j in %i px: %s", async (compact, width, isCompact) => {
  await using opened = await open(browser, address("wide"), { viewport: { width, height: 900 } });
  const { page } = opened;
  await ready(page);
  if (compact) await page.evaluate((compact) => document.querySelector("calico-ipv6")?.setAttribute("compact", compact), compact);
  await settled(page);
  expect(await page.locator("calico-ipv6 .compact").count()).toBe(isCompact ? 1 : 0);
});

test("it tells when a person changes what is wanted, and not when the host does", async () => {
  await using opened = await open(browser, address("wide"), { viewport: { width: 1280, height: 900 } });
  const { page } = opened;
  await ready(page);
  await page.evaluate(() => {
    const tool = Object.assign(document.querySelector("calico-ipv6") as HTMLElement & { target: Target }, { told: [] as Target[] });
    tool.addEventListener("calico-ipv6-target", ({ detail }) => tool.told.push(detail));
    tool.target = { to: "ipv4-only" };
    tool.setAttribute("to", "dual-stack");
  });
  await settled(page);
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:aa::/56");
  await settled(page);
  const told = await page.evaluate(() => (document.querySelector("calico-ipv6") as HTMLElement & { told: Target[] } | null)?.told);
  expect(told).toEqual([{ to: "ipv6-only" }, { to: "ipv6-only", ipv6PodCIDR: "fd00:aa::/56" }]);
});

test("files that a host sets before it is defined are its files", async () => {
  const early = (page: Page) =>
    page.addInitScript(() => {
      addEventListener("readystatechange", () => {
        const tool = document.querySelector("calico-ipv6");
        if (tool && !customElements.get("calico-ipv6")) tool.files = [{ name: "mine.yaml", text: "kind: Namespace\n" }];
      }, { capture: true });
    });
  await using opened = await open(browser, address("locked"), {}, early);
  const { page } = opened;
  await ready(page);
  await settled(page);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files)).toEqual([{ name: "mine.yaml", text: "kind: Namespace\n" }]);
  expect(await shown(page)).toContain("mine.yaml");
});

/** What a host may set, as the package's README names it. */
const colours = [...new Set(readFileSync(path("../../wasm/npm/README.md"), "utf8").match(/--calico-ipv6-[a-z-]+/g))].filter((name) => !/-(font|mono|radius)$/.test(name));

test("a host that sets every colour sees no other one", async () => {
  await using opened = await open(browser, address("wide"), { viewport: { width: 1280, height: 900 } });
  const { page } = opened;
  await ready(page);
  await settled(page);
  await page.evaluate((names) => {
    const tool = document.querySelector("calico-ipv6");
    for (const name of names) tool?.style.setProperty(name, "rgb(1, 2, 3)");
  }, colours);
  const seen = new Set<string>();
  for (const view of ["File", "Findings", "Changes"]) {
    await page.getByRole("tab", { name: view }).click();
    await page.mouse.move(0, 0);
    const here = await page.evaluate(() =>
      [...(document.querySelector("calico-ipv6")?.shadowRoot?.querySelectorAll(".frame, .frame *:not(option)") ?? [])].flatMap((one) => {
        const { color, backgroundColor, borderTopColor, borderLeftColor } = getComputedStyle(one);
        return [color, backgroundColor, borderTopColor, borderLeftColor];
      }),
    );
    for (const one of here) seen.add(one);
  }
  expect([...seen].sort()).toEqual(["rgb(1, 2, 3)", "rgba(0, 0, 0, 0)"]);
});

test("the example for plain HTML: themed, with files, and it follows the events", async () => {
  await using opened = await open(browser, `${site.address}/web/examples/plain/index.html`);
  const { page } = opened;
  await ready(page);
  await settled(page);
  await page.locator("#changes", { hasText: "6" }).waitFor();
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await page.locator("#changes", { hasText: "12" }).waitFor();
  expect(await page.locator("#stack").innerText()).toBe("ipv6-only");
  await page.getByRole("button", { name: "Show it with the manifest of this guide" }).click();
  await page.locator("calico-ipv6 .file-name", { hasText: "installation.yaml" }).waitFor();
  const button = page.locator("calico-ipv6 .primary");
  expect(await button.evaluate((one) => getComputedStyle(one).backgroundColor)).toBe("rgb(107, 47, 160)");
  expect(await violations(page)).toEqual([]);
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

