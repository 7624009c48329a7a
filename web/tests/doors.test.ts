/** The doors of the page: files are changed, addresses are planned, new files are written. What checks files has tests of its own. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, drop, example, headline, open, path, settled, shown, site, start, takeExample, violations, visit } from "./page.js";

visit();

const says = (page: Page, words: string | RegExp) => page.locator("calico-ipv6 .headline", { hasText: words }).waitFor();

test("each door has an address, and says which one is open", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const current = () => page.locator(".doors [aria-current]").innerText();
  expect(await current()).toBe("Change my files");
  await page.getByRole("link", { name: "Plan addresses" }).click();
  await says(page, "These ranges have room for the cluster");
  expect(await current()).toBe("Plan addresses");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("link", { name: "Write new files" }).click();
  await says(page, "1 file");
  expect(new URL(page.url()).hash).toBe("#write");
  expect(await violations(page)).toEqual([]);
  await page.goBack();
  await says(page, "These ranges have room");
});

test("a plan follows the numbers, and its ranges become the answers for a person's files", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await page.getByLabel("Nodes", { exact: true }).fill("500");
  await page.getByLabel("IPv6 pod CIDR").fill("fd12:3456:789a::/52");
  await page.keyboard.press("Tab");
  await page.getByText("For 500 nodes with 110 pods each.").first().waitFor();
  expect(await shown(page)).toContain("10.244.0.0/15 proposed");
  expect(await shown(page)).toMatch(/fd12:3456:789a::\/52\s+From you\./);
  await page.getByRole("button", { name: "Use them to change my files" }).click();
  expect(new URL(page.url()).hash).toBe("#change");
  await page.evaluate((text) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = [{ name: "calico.yaml", text }];
  }, example("calico"));
  await settled(page);
  expect(await shown(page)).toContain("fd12:3456:789a::/52");
  expect(await headline(page)).toMatch(/^\d+ changes/);
});

test("what nobody typed into a plan stays proposed: IPv4 ranges are those of the files", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await says(page, "These ranges have room for the cluster");
  const [planned = ""] = await page.locator("calico-ipv6 code.proposed", { hasText: /^fd.*\/(4\d|5\d|6\d)$/ }).allInnerTexts();
  await page.getByRole("button", { name: "Use them to change my files" }).click();
  await choose(page, { name: "custom-resources.yaml", text: example("installation") });
  expect(await headline(page)).toBe("1 change in 1 of 2 documents; 23 lines untouched");
  expect(await page.locator("calico-ipv6 .proposal code").allInnerTexts()).toEqual([planned]);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.target)).toEqual({ to: "dual-stack" });
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.result?.files[0]?.text)).toContain("cidr: 192.168.0.0/16");

  await page.getByRole("link", { name: "Write new files" }).click();
  await says(page, "1 file");
  expect(await page.locator("calico-ipv6 .proposal code").allInnerTexts()).toContain(planned);
});

test("a plan that cannot be says why beside the field", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await page.getByLabel("Nodes", { exact: true }).fill("0");
  await page.keyboard.press("Tab");
  await says(page, "Nodes is not valid");
  expect(await page.getByLabel("Nodes", { exact: true }).getAttribute("aria-invalid")).toBe("true");
});

test("what a link proposes for new files gives way to other ranges if it is not valid", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv4PodCIDR=banana&proposed=ipv4PodCIDR");
  const { page } = opened;
  await page.getByRole("link", { name: "Write new files" }).click();
  await says(page, "1 file");
  expect(await page.locator("calico-ipv6 .proposal code").allInnerTexts()).toContain("10.244.0.0/16");
});

test("each door keeps what a person typed and chose in it", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await page.getByLabel("Nodes", { exact: true }).fill("500");
  await page.getByLabel("IPv6 pod CIDR").fill("fd12:3456:789a::/52");
  await page.keyboard.press("Tab");
  await page.getByRole("link", { name: "Write new files" }).click();
  await page.getByRole("checkbox", { name: /^ippool / }).check();
  await page.getByRole("link", { name: "Plan addresses" }).click();
  expect(await page.getByLabel("Nodes", { exact: true }).inputValue()).toBe("500");
  expect(await page.getByLabel("IPv6 pod CIDR").inputValue()).toBe("fd12:3456:789a::/52");
  await page.getByRole("link", { name: "Write new files" }).click();
  expect(await page.getByRole("checkbox", { name: /^ippool / }).isChecked()).toBe(true);
});

test.each(["#plan", "#write"])("a file that is dropped at %s is shown where files are changed", async (hash) => {
  await using opened = await start(browser, site, hash);
  const { page } = opened;
  await drop(page, ".foot", [path("../../examples/installation.yaml")]);
  await page.locator("calico-ipv6 .file-name", { hasText: "installation.yaml" }).waitFor();
  await settled(page);
  expect(new URL(page.url()).hash).toBe("#change");
  expect(await headline(page)).toMatch(/^1 change/);
});

test.each([
  ["#plan", "calico-ipv6 cidr --to dual-stack"],
  ["#write", "calico-ipv6 generate installation --to dual-stack"],
])("without the engine, %s offers the command and a way to try again", async (hash, command) => {
  await using opened = await open(browser, `${site.address}/dist/index.html${hash}`, {}, (page) => page.route("**/*.wasm", (route) => route.fulfill({ status: 404 })));
  const { page } = opened;
  await says(page, "The engine could not be started");
  expect(await page.locator("calico-ipv6 .output pre").innerText()).toContain(command);
  expect(await shown(page)).not.toContain("ipv6PodCIDR");
  await page.unroute("**/*.wasm");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("calico-ipv6 .sentence.good").waitFor();
  opened.tolerate(/404/);
});

test("new files have proposed ranges until a person accepts them", async () => {
  await using opened = await start(browser, site, "#write");
  const { page } = opened;
  await page.getByRole("checkbox", { name: /kubeadm configuration for init and join/ }).check();
  await says(page, "One answer is missing");
  await page.getByRole("button", { name: "Answer it" }).click();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id)).toBe("option-addressMap");
  await page.keyboard.type("192.0.2.10=2001:db8:1::10");
  await says(page, "2 files");
  expect(await shown(page)).toContain("Proposed:");
  expect(await shown(page)).toMatch(/podSubnet: .*fd/);
  await page.getByRole("button", { name: "Accept" }).click();
  await page.locator("calico-ipv6 .proposal").waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.target.ipv6PodCIDR)).toMatch(/^fd/);
});

test("the help of an option is prose: code is code, and a default has words", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const help = page.locator("calico-ipv6 .help");
  const texts: string[] = [];
  for (const name of ["Manifest", "kubeadm"]) {
    await takeExample(page, name);
    const more = page.getByText(/^More options/);
    if (await more.count()) await more.click();
    texts.push(...(await help.allInnerTexts()));
  }
  expect(texts.length).toBeGreaterThan(8);
  for (const text of texts) expect(text).not.toMatch(/`|\[default|\]|repeatable/);
  expect(texts).toContain("Prefix length of IPv6 blocks, 116 to 128. Default: 122.");
  expect(texts).toContain("Encapsulation of IPv6 packets between nodes. Default: as in the manifest.");
  expect(await help.locator("code", { hasText: "kubectl get nodes -o yaml" }).count()).toBe(1);
  await page.getByRole("link", { name: "Write new files" }).click();
  await says(page, "1 file");
  for (const text of await page.locator("calico-ipv6 .kind, calico-ipv6 .help").allInnerTexts()) expect(text).not.toMatch(/`|\[default/);
});

test("a door that cannot be loaded is told, and the way back works", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route("**/doors-*.js", (route) => route.abort()));
  const { page } = opened;
  await page.getByRole("link", { name: "Plan addresses" }).click();
  await page.getByText("This part of the tool could not be loaded. Your files are still here.").waitFor();
  await page.getByRole("link", { name: "Change my files" }).click();
  expect(await headline(page)).toBe("Nothing here yet");
  await page.unroute("**/doors-*.js");
  await page.getByRole("link", { name: "Plan addresses" }).click();
  const again = page.getByRole("button", { name: "Try again" });
  await again.or(page.getByLabel("Nodes", { exact: true })).waitFor();
  if (await again.count()) await again.click();
  await says(page, "These ranges have room for the cluster");
  opened.tolerate(/ERR_FAILED/);
});

test("a plan names each answer that is not valid", async () => {
  await using opened = await start(browser, site, "#plan");
  const { page } = opened;
  await page.getByLabel("Nodes", { exact: true }).fill("many");
  await page.getByLabel("IPv6 pod CIDR").fill("fd00::1/64");
  await page.keyboard.press("Tab");
  await says(page, "The answers are not valid");
  expect(await page.locator("calico-ipv6 .output .error").allInnerTexts()).toEqual(["many is not a number (1 to 4,294,967,295).", "fd00::1/64 has host bits set: the range is fd00::/64."]);
});

test("an address of documentation is no answer that a click gives, and one answer is one", async () => {
  await using opened = await start(browser, site, "#write");
  const { page } = opened;
  await page.getByRole("checkbox", { name: /^bgppeer / }).check();
  await says(page, "One answer is missing");
  expect(await shown(page)).toContain("The files that need it are not written yet.");
  expect(await shown(page)).toContain("Address pairs are needed");
  expect(await page.locator("calico-ipv6 #option-addressMap").getAttribute("placeholder")).toContain("2001:db8:");
  expect(await page.getByRole("button", { name: /^Take / }).count()).toBe(0);
  await page.getByRole("link", { name: "Change my files" }).click();
  await choose(page, { name: "install-config.yaml", text: example("openshift-cluster/install-config") });
  await says(page, "One answer is missing");
  expect(await page.getByRole("button", { name: /^Take / }).count()).toBe(0);
  expect(await shown(page)).toContain("No file has such ranges, so they are random (unique-local, RFC 4193). Accept them, or type your own.");
});
