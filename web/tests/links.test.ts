/** Links with settings: made when a person asks for one, and taken once, by whoever opens them. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, example, headline, settled, shown, site, start, takeExample, visit } from "./page.js";

visit();

const given = (page: Page) =>
  page.evaluate(() => {
    const tool = document.querySelector("calico-ipv6");
    return { names: tool?.files.map((file) => file.name), target: tool?.target };
  });

test("a link is made of the settings as they are when it is copied", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: example("installation") });
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:aa::/56");
  await settled(page);
  expect(new URL(page.url()).hash).toBe("");
  const link = async () => {
    await page.getByRole("button", { name: /Copy link|Copied/ }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    return new URL(await page.evaluate(() => navigator.clipboard.readText())).hash;
  };
  expect(await link()).toBe("#to=dual-stack&ipv6PodCIDR=fd00%3Aaa%3A%3A%2F56");
  await takeExample(page, "Operator");
  const ofExample = await link();
  expect(ofExample).toBe("#example=operator&to=dual-stack");

  await using other = await start(browser, site, ofExample);
  await other.page.getByText("Example: not your cluster.").waitFor();
});

test("a link has the proposed range that is on screen, and who opens it sees that it is proposed", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: example("installation") });
  const proposed = (page: Page) => page.locator("calico-ipv6 .proposal code").innerText();
  await page.getByRole("button", { name: "Copy link with settings" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const { hash } = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  expect(hash).toMatch(/^#to=dual-stack&ipv6PodCIDR=fd.*&proposed=ipv6PodCIDR$/);

  await using other = await start(browser, site, hash);
  await choose(other.page, { name: "mine.yaml", text: example("installation") });
  expect(await proposed(other.page)).toBe(await proposed(page));
  expect((await given(other.page)).target).toEqual({ to: "dual-stack" });
  expect(await shown(other.page)).toContain("your plan, or the link that you opened, proposes one");
});

test.each(["banana", "10.0.0.0/8"])("a proposed range of a link that is not valid gives way to a random one: %s", async (range) => {
  await using opened = await start(browser, site, `#to=dual-stack&ipv6PodCIDR=${range}&proposed=ipv6PodCIDR`);
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: example("installation") });
  expect(await page.locator("calico-ipv6 .proposal code").innerText()).toMatch(/^fd/);
  expect(await shown(page)).toContain("it is random");
});

test("settings of a link that this version does not know are dropped, and named", async () => {
  await using opened = await start(browser, site, "#to=ipv6-only&podRange=fd00::/56&ipv6PodCIDR=fd00:aa::/56");
  const { page } = opened;
  expect((await given(page)).target).toEqual({ to: "ipv6-only", ipv6PodCIDR: "fd00:aa::/56" });
  expect(await shown(page)).toContain("The link has settings that this version does not know: podRange. They are ignored.");
});

test.each([
  ["a value that there is not", "#to=ipv7-only&provisioner=mine", "to=ipv7-only, provisioner=mine"],
  ["an escape that is none", "#to=dual-stack&ipv6PodCIDR=fd00%3Aaa%ff", "ipv6PodCIDR=fd00%3Aaa%ff"],
  ["a word alone", "#nonsense", "nonsense"],
])("%s in a link is dropped, and named", async (_, hash, named) => {
  await using opened = await start(browser, site, hash);
  const { page } = opened;
  await page.getByText(`The link has settings that this version does not know: ${named}. They are ignored.`).waitFor();
  expect((await given(page)).target).toEqual({ to: "dual-stack" });
});

test("a value of a link that is not valid has its field and its error there, and can be put right", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=banana");
  const { page } = opened;
  const field = page.getByLabel("IPv6 pod CIDR");
  await field.waitFor();
  expect(await field.inputValue()).toBe("banana");
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  await choose(page, { name: "mine.yaml", text: example("installation") });
  await field.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("fd00:aa::/56");
  await settled(page);
  expect(await headline(page)).toMatch(/^1 change/);
  expect(await field.inputValue()).toBe("fd00:aa::/56");
});

test("a link that is opened in the page replaces the answers, once, and can be taken back", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&nodesHaveIPv4=true");
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: example("calico") });
  const target = async () => (await given(page)).target;
  const open = (hash: string) => page.evaluate((hash) => (location.hash = hash), hash);
  await open("to=ipv6-only&ipv6PodCIDR=fd00:aa::/56&podRange=1");
  await page.getByText("Your answers are those of the link.").waitFor();
  expect(await target()).toEqual({ to: "ipv6-only", ipv6PodCIDR: "fd00:aa::/56" });
  expect((await given(page)).names).toEqual(["mine.yaml"]);
  await settled(page);
  expect(await headline(page)).toMatch(/^12 changes/);
  expect(await shown(page)).toContain("The link has settings that this version does not know: podRange.");
  // Whoever comes back from another door keeps what they answered since.
  await page.getByRole("radio", { name: "Dual-stack" }).check();
  await page.getByRole("link", { name: "Plan addresses" }).click();
  await page.goBack();
  await settled(page);
  expect(await target()).toEqual({ to: "dual-stack", ipv6PodCIDR: "fd00:aa::/56" });
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await target()).toEqual({ to: "dual-stack", nodesHaveIPv4: "true" });
});

test("what a link with an example says that is not known is named, beside the example", async () => {
  await using opened = await start(browser, site, "#example=stock&to=ipv6-only&podRange=fd00::/56");
  const { page } = opened;
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.result !== undefined);
  await settled(page);
  expect(await headline(page)).toMatch(/^12 changes/);
  expect(await shown(page)).toContain("The link has settings that this version does not know: podRange. They are ignored.");
});

test.each(["", "&to=ipv6-only"])("a link with an example that this version does not have says so (%j)", async (more) => {
  await using opened = await start(browser, site, `#example=windows${more}`);
  const { page } = opened;
  await page.getByText("This version has no example windows.").waitFor();
  expect(await headline(page)).toBe("Nothing here yet");
});
