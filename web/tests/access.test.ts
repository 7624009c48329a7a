/** For everybody: by keyboard, by ear, in the colors of the system, and on paper. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { CalicoIPv6 } from "../element/calico-ipv6.js";
import { base, browser, choose, example, headline, open, path, ready, settled, shown, site, start, takeExample, unfold, violations, visit } from "./page.js";

visit();

/** What has the focus, and what covers its middle; nothing if it can be seen. */
const covered = (page: Page) =>
  page.evaluate(() => {
    const inner = document.activeElement?.shadowRoot?.activeElement;
    if (!inner) return { name: "", by: "" };
    const { left, top, width, height } = inner.getBoundingClientRect();
    // Of one that is higher than the window a part is seen.
    const middle = height < innerHeight ? top + height / 2 : (Math.max(top, 0) + Math.min(top + height, innerHeight)) / 2;
    const [x, y] = [left + Math.min(width, innerWidth) / 2, middle];
    const above = document.activeElement?.shadowRoot?.elementFromPoint(x, y);
    const isSeen = above && (inner.contains(above) || above.contains(inner) || inner.parentElement?.contains(above));
    return { name: `${inner.localName} ${inner.textContent?.trim().slice(0, 40)}`, by: isSeen ? "" : `${above?.localName ?? "the edge"}.${above?.className ?? ""}` };
  });

test.each([320, 700, 1280])("nothing that has the focus is covered at %i px, forwards and backwards", async (width) => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width, height: 700 } });
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  await unfold(page);
  const seen: string[] = [];
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press(key);
      const { name, by } = await covered(page);
      if (name === "" && seen.length > 20 && key === "Tab") break;
      seen.push(name);
      expect(by, `${key}: ${name}`).toBe("");
    }
  }
  expect(new Set(seen).size).toBeGreaterThan(25);
});

test("on a narrow screen a strip says what became of the files, and leads to the result", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width: 390, height: 700 } });
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  await unfold(page);
  const strip = page.locator("calico-ipv6 .peek");
  expect(await strip.innerText()).toContain("6 changes in 2 of 15 documents");
  const { bottom } = await strip.evaluate((one) => one.getBoundingClientRect());
  expect(bottom).toBeLessThanOrEqual(700);
  await page.getByRole("button", { name: "See the result" }).click();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim())).toBe("Result");
  expect(await page.locator("calico-ipv6 .headline").evaluate((one) => one.getBoundingClientRect().top < innerHeight)).toBe(true);
  await page.setViewportSize({ width: 1280, height: 700 });
  expect(await strip.isVisible()).toBe(false);
});

test.each([
  ["#change", "cannot be converted to dual-stack"],
  ["#check", "No errors and no warnings"],
  ["#plan", "These ranges have room for the cluster"],
  ["#write", "1 file"],
])("on a narrow screen the strip leads to the result of %s, also where it is a refusal", async (hash, says) => {
  await using opened = await open(browser, `${site.address}/dist/index.html${hash}`, { viewport: { width: 390, height: 700 } });
  const { page } = opened;
  await ready(page);
  await page.evaluate((text) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = [{ name: "calico-bpf.yaml", text }];
  }, base("calico-bpf-3.31").replaceAll("v3.31.7", "v3.27.0"));
  await page.locator("calico-ipv6 .headline", { hasText: says }).waitFor();
  await unfold(page);
  await page.locator("calico-ipv6 .peek", { hasText: says }).waitFor();
  await page.getByRole("button", { name: "See the result" }).click();
  expect(await page.locator("calico-ipv6 .headline").evaluate((one) => one.getBoundingClientRect().top < innerHeight)).toBe(true);
  expect(await violations(page)).toEqual([]);
});

test("what has the focus is not below the strip of a small screen, forwards and backwards", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width: 320, height: 568 } });
  const { page } = opened;
  await ready(page);
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await unfold(page);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const covered = () => page.evaluate(() => {
    const root = document.querySelector("calico-ipv6")?.shadowRoot;
    const one = root?.activeElement;
    const strip = root?.querySelector(".peek");
    if (!one || !strip || strip.contains(one)) return "";
    const [a, b] = [one.getBoundingClientRect(), strip.getBoundingClientRect()];
    return a.bottom > b.top && a.top < b.bottom ? `${one.localName}#${one.id} ${one.textContent?.trim()}` : "";
  });
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press(key);
      expect(await covered(), `${key} ${i}`).toBe("");
    }
  }
});

test("the heading of a dialog has the focus, and what opened it has it again", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  const focused = () => page.evaluate(() => {
    const one = document.activeElement?.shadowRoot?.activeElement;
    return [one?.getAttribute("role") ?? one?.localName, one?.textContent?.trim()];
  });
  await page.getByRole("link", { name: "CNI-008" }).click();
  expect(await focused()).toEqual(["heading", "CNI-008: ipv6-assignment-off"]);
  await page.keyboard.press("Escape");
  expect(await focused()).toEqual(["a", "CNI-008"]);
});

test("there are as many landmarks as parts, however many changes and findings there are", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "kubeadm");
  for (const view of ["Findings", "File", "Changes"]) {
    await page.getByRole("tab", { name: view }).click();
    expect(await page.getByRole("region").count(), view).toBe(2);
    expect(await page.getByRole("form").count(), view).toBe(1);
  }
});

test("one status says what became of the files, each time", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  const status = page.locator("calico-ipv6 .status[role=status]");
  expect(await status.innerText()).toBe(await headline(page));
  const before = await status.elementHandle();
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  expect(await status.innerText()).toMatch(/^12 changes/);
  // The same element: a reader hears of a change in what was there.
  expect(await before?.evaluate((one) => one.isConnected)).toBe(true);
});

test("in forced colors the selected tab and family differ from the others by more than a line", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { forcedColors: "active" });
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  const back = (selector: string) => page.locator(`calico-ipv6 ${selector}`).first().evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(await back("[role=tab][aria-selected=true]")).not.toBe(await back("[role=tab][aria-selected=false]"));
  const outline = (selector: string) => page.locator(`calico-ipv6 ${selector}`).first().evaluate((one) => getComputedStyle(one).outlineStyle);
  expect(await outline(".segment:has(:checked)")).toBe("solid");
  expect(await outline(".segment:not(:has(:checked))")).toBe("none");
  await page.screenshot({ path: path("../../target/screenshots/forced-colors.png"), fullPage: true });
});

test("paper is white, also where the page is dark", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await page.getByLabel("Colors").selectOption("dark");
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.locator("calico-ipv6 dl.printed").waitFor();
  const back = (selector: string) => page.locator(selector).first().evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(await back("calico-ipv6 .frame")).toBe("rgb(255, 255, 255)");
  expect(await page.locator("calico-ipv6 button:not(.link):visible").count()).toBe(0);
  expect(await page.getByText("What it means").and(page.locator(":visible")).count()).toBe(0);
});

test("a printout says which file and what for, and has every view", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  // Facts are read when it is quiet; nobody looked at them.
  await page.waitForFunction(() => {
    const tool = document.querySelector("calico-ipv6") as CalicoIPv6;
    return tool.others.has(tool.files);
  });
  await page.emulateMedia({ media: "print" });
  await page.locator("calico-ipv6 dl.printed").waitFor();
  expect(await page.locator("calico-ipv6 .heading.printed").allInnerTexts()).toEqual(["Changes", "File", "Findings (1)", "Steps", "Facts", "Command"]);
  const text = await shown(page);
  expect(text).toMatch(/Files\s+calico\.yaml \(an example\)/);
  expect(text).toMatch(/Dual-stack/);
  expect(text).toMatch(/IPv6 pod CIDR\s+fd00:10:244::\/56/);
  expect(text).toContain("Calico assigns IPv6 addresses only when");
  expect(text).toContain("calico.yaml:502:22");
  expect(text).toContain("calico-ipv6 transform");
  expect(text).toContain("kind: CustomResourceDefinition");
  expect(text).toContain("Before you apply it");
  // The way back of a step is open on paper.
  expect(text).toContain("kubectl apply -f calico.yaml");
  for (const name of ["Download", "Accept it", "What it means"]) expect(await page.getByRole("button", { name, exact: true }).and(page.locator(":visible")).count(), name).toBe(0);
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("tab", { name: "Changes" }).waitFor();
  expect(await page.getByRole("tab").count()).toBe(6);
});
