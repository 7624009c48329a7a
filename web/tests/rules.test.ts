/** The page of all rules: groups, a filter, a link for each. */
import { expect, test } from "vitest";
import { browser, choose, example, open, path, site, violations, visit } from "./page.js";

visit();

const address = () => `${site.address}/dist/rules.html`;

test("every rule is in an area, and the filter finds it by its words", async () => {
  await using opened = await open(browser, address());
  const { page } = opened;
  const all = await page.locator("article").count();
  expect(all).toBeGreaterThan(200);
  await page.getByLabel("Filter").fill("assign_ipv6 CNI-008");
  expect(await page.locator("article:visible h3").allInnerTexts()).toEqual(["CNI-008: ipv6-assignment-off"]);
  expect(await page.locator(".rules > section:visible h2").allInnerTexts()).toEqual(["Calico"]);
  expect(await page.getByRole("status").innerText()).toBe("1 rule");
  await page.getByLabel("Filter").fill("no rule has these words");
  expect(await page.getByRole("status").innerText()).toBe("No rules: use fewer words, or all severities");
  await page.getByLabel("Filter").fill("");
  await page.getByLabel("Severity").selectOption("info");
  const notes = await page.locator("article:visible").count();
  expect(notes).toBeGreaterThan(0);
  expect(notes).toBeLessThan(all);
  expect(await page.getByRole("status").innerText()).toBe(`${notes} rules`);
});

test.each([1440, 390])("a rule that is linked to is shown, and not below the filter, at %i px", async (width) => {
  await using opened = await open(browser, `${address()}#CNI-008`, { viewport: { width, height: 800 } });
  const { page } = opened;
  const top = () => page.locator("#CNI-008").evaluate((one) => one.getBoundingClientRect().top);
  const bar = await page.locator(".filter").evaluate((one) => one.getBoundingClientRect().bottom);
  expect(await top()).toBeGreaterThanOrEqual(bar);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
  await page.getByLabel("Filter").fill("kubeadm");
  await page.evaluate(() => (location.hash = "#OP-016"));
  await page.locator("#OP-016").waitFor();
  expect(await page.getByLabel("Filter").inputValue()).toBe("");
  await page.screenshot({ path: path(`../../target/screenshots/rules-${width}.png`) });
  // axe counts a link that is scrolled behind the filter as one that the filter's fields are too close to.
  await page.evaluate(() => scrollTo(0, 0));
  expect(await violations(page)).toEqual([]);
});

test("it opens beside the page that links to it, with the same theme, and the files stay", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { colorScheme: "light" });
  const { page } = opened;
  await page.getByLabel("Colors").selectOption("dark");
  await choose(page, { name: "mine.yaml", text: example("installation") });
  const [rules] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: "All rules" }).click()]);
  await rules.locator("#CNI-008").waitFor();
  expect(await rules.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files.map((file) => file.name))).toEqual(["mine.yaml"]);
});

test("without JavaScript all rules are there, and no filter", async () => {
  await using opened = await open(browser, address(), { javaScriptEnabled: false });
  expect(await opened.page.locator("article:visible").count()).toBeGreaterThan(200);
  expect(await opened.page.locator(".filter").isVisible()).toBe(false);
});

test("the way back to the tool keeps the colors, too", async () => {
  await using opened = await open(browser, `${address()}?theme=dark`, { colorScheme: "light" });
  const { page } = opened;
  expect(await page.getByRole("link", { name: "The tool" }).getAttribute("href")).toBe("./?theme=dark");
  await page.goto(`${site.address}/dist/index.html?theme=dark`);
  expect(await page.getByLabel("Colors").inputValue()).toBe("dark");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  expect(await page.getByRole("link", { name: "All rules" }).getAttribute("href")).toBe("rules.html?theme=dark");
});
