/** The views of a result that are loaded when somebody needs them: the steps, which a person ticks off, and the facts. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, example, open, path, ready, settled, shown, site, start, takeExample, violations, visit } from "./page.js";

visit();

const RANGE = "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56";

const tally = (page: Page): Promise<string> => page.locator("calico-ipv6 .tally strong").innerText();

const openView = (page: Page, name: string) => page.getByRole("tab", { name }).click();

test("each step has a checkbox, and a line says how many are done", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Steps");
  const steps = page.getByRole("checkbox", { name: /^Done: / });
  await steps.first().waitFor();
  const all = await steps.count();
  expect(all).toBeGreaterThan(5);
  expect(await tally(page)).toBe(`0 of ${all} done`);
  expect(await steps.first().getAttribute("type")).toBe("checkbox");
  // By keyboard, as every checkbox.
  await steps.first().focus();
  await page.keyboard.press("Space");
  expect(await tally(page)).toBe(`1 of ${all} done`);
  await steps.nth(2).check();
  expect(await tally(page)).toBe(`2 of ${all} done`);
  await steps.first().uncheck();
  expect(await tally(page)).toBe(`1 of ${all} done`);
  expect(await violations(page)).toEqual([]);
});

test("steps stay done in another view and with another range, and begin again if they are other steps", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Steps");
  const steps = page.getByRole("checkbox", { name: /^Done: / });
  await steps.first().check();
  await openView(page, "Changes");
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:aa::/56");
  await settled(page);
  await openView(page, "Steps");
  expect(await steps.first().isChecked()).toBe(true);
  expect(await tally(page)).toMatch(/^1 of/);
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  expect(await tally(page)).toMatch(/^0 of/);
});

test("while a person scrolls through the steps, the download stays in sight, and nothing lies on it", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Steps");
  await page.getByRole("checkbox", { name: /^Done: / }).last().scrollIntoViewIfNeeded();
  const isOnTop = await page.getByRole("button", { name: "Download", exact: true }).evaluate((button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    return (button.getRootNode() as ShadowRoot).elementFromPoint(left + width / 2, top + height / 2) === button;
  });
  expect(isOnTop).toBe(true);
});

test("the facts are what was read from the files, and a fact's line opens its file there", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  const kubeadm = example("cluster/kubeadm");
  await choose(page, { name: "calico.yaml", text: example("calico") }, { name: "kubeadm.yaml", text: kubeadm });
  await openView(page, "Facts");
  await page.locator("calico-ipv6 .facts").first().waitFor();
  const row = (name: string) => page.locator("calico-ipv6 .facts tr", { has: page.getByRole("rowheader", { name, exact: true }) });
  expect(await row("Calico").innerText()).toMatch(/v3\.31\.4\s+calico\.yaml,\s+line 472/);
  // What no line states is not given one.
  expect(await row("Dataplane").innerText()).toMatch(/iptables or nftables\s+not in the file/);
  expect(await row("networking.podSubnet").innerText()).toMatch(/10\.244\.0\.0\/16\s+kubeadm\.yaml,\s+line 16/);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "kubeadm.yaml, line 16" }).click();
  await page.getByRole("textbox", { name: "Text of kubeadm.yaml" }).waitFor();
  expect(await page.locator(".cm-activeLine").innerText()).toBe(kubeadm.split("\n")[15]);
});

test("names of facts are read in whole words on a narrow screen, too", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width: 390, height: 844 } });
  const { page } = opened;
  await ready(page);
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Facts");
  const name = page.getByRole("rowheader", { name: "CALICO_IPV4POOL_IPIP", exact: true });
  await name.waitFor();
  // Each line of the name ends with it or with an underscore.
  const lines = await name.evaluate((cell) => {
    const all: { top: number; text: string }[] = [];
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (let i = 0; i < (node.nodeValue ?? "").length; i++) {
        const range = document.createRange();
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const { top } = range.getBoundingClientRect();
        const last = all.at(-1);
        if (last?.top === top) last.text += range.toString();
        else all.push({ top, text: range.toString() });
      }
    }
    return all.map(({ text }) => text);
  });
  expect(lines.join("")).toBe("CALICO_IPV4POOL_IPIP");
  for (const line of lines) expect(line).toMatch(/_$|IPIP$/);
  // A reader hears what each column is.
  expect(await page.locator("calico-ipv6 .facts thead th").evaluateAll((all) => all.map((one) => getComputedStyle(one).display))).not.toContain("none");
  expect(await violations(page)).toEqual([]);
});

test("facts follow the text while a person types", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Facts");
  await page.getByRole("button", { name: "calico.yaml, line 472" }).waitFor();
  await page.getByRole("button", { name: "Edit calico.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of calico.yaml" }).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Mine.\n");
  await page.getByRole("button", { name: "calico.yaml, line 473" }).waitFor();
});

test("advice of the command to pass an option is advice to set its field", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await openView(page, "Findings");
  expect(await shown(page)).toContain("otherwise set IPv6 encapsulation: VXLAN across subnets, or vxlan if packets are dropped");
  await page.getByRole("button", { name: "IPv6 encapsulation: VXLAN across subnets" }).click();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id)).toBe("option-encapsulation");
  await openView(page, "Steps");
  await page.getByRole("button", { name: "The cluster is new" }).waitFor();
  expect(await shown(page)).toContain("set The cluster is new for these steps");
});

test("files without facts are counted, not listed", async () => {
  await using opened = await start(browser, site, RANGE);
  const { page } = opened;
  await choose(page, { name: "installation.yaml", text: example("installation") }, { name: "shop.yaml", text: "kind: Namespace\n" });
  await openView(page, "Facts");
  await page.getByText("1 file without facts about IP families.").waitFor();
});

test("a view that cannot be loaded is reported, and another try loads it", async () => {
  const blocked = "**/doors-*.js";
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route(blocked, (route) => route.abort()));
  const { page } = opened;
  await ready(page);
  await takeExample(page, "Manifest");
  await openView(page, "Steps");
  const notice = page.locator("calico-ipv6 .notice", { hasText: "This part of the tool could not be loaded. Your files are still here." });
  await notice.waitFor();
  expect(await shown(page)).toContain("6 changes");
  // A door that is missing leaves no empty column beside its notice.
  await page.getByRole("link", { name: "Plan addresses" }).click();
  await notice.waitFor();
  const box = await notice.boundingBox();
  expect(box?.height).toBeLessThan(100);
  expect(box?.width).toBeGreaterThan(900);
  await page.getByRole("link", { name: "Change my files" }).click();
  await notice.waitFor();
  await page.unroute(blocked);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("calico-ipv6 .tally").waitFor();
  opened.tolerate(/ERR_FAILED/);
});

/** Where a program finds the package. */
const PROGRAM = path("../../target/program");

test("the program of the command view writes what the page shows, for all files of the cluster", async () => {
  await using opened = await start(browser, site, `${RANGE}&ipv6ServiceCIDR=fd00:10:96::/112`);
  const { page } = opened;
  const files = ["calico", "kubeadm"].map((name) => ({ name: `${name}.yaml`, text: example(name === "calico" ? name : `cluster/${name}`) }));
  await choose(page, ...files);
  await openView(page, "Command");
  mkdirSync(PROGRAM, { recursive: true });
  for (const { name, text } of files) writeFileSync(join(PROGRAM, name), text);
  writeFileSync(join(PROGRAM, "main.mjs"), await page.locator("calico-ipv6 .command pre").nth(2).innerText());
  execFileSync(process.execPath, ["main.mjs"], { cwd: PROGRAM });
  const made = await page.evaluate(() => document.querySelector("calico-ipv6")?.result?.files.map(({ text }) => text));
  expect(made).toHaveLength(2);
  expect(files.map(({ name }) => readFileSync(join(PROGRAM, name), "utf8"))).toEqual(made);
});
