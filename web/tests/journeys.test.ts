/** What people do with the page. */
import { readFile } from "node:fs/promises";
import { strFromU8, unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { browser, choose, example, headline, open, paste, settled, shown, site, start, takeExample, visit } from "./page.js";

visit();

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

const download = async (page: Page, name: string): Promise<{ name: string; bytes: Buffer }> => {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
};

test("paste, type a range, take the result: every other byte is as it was", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const text = example("calico");
  await paste(page, text);
  await settled(page);
  expect(await shown(page)).toContain("Download (proposed range)");
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:10:244::/56");
  await settled(page);
  expect(await headline(page)).toBe("6 changes in 2 of 15 documents; 698 lines untouched");
  const { name, bytes } = await download(page, "Download");
  expect(name).toBe("pasted.yaml");
  const lines = bytes.toString().split("\n");
  const gone = text.split("\n").filter((line) => !lines.includes(line));
  // `value: "false"` stands elsewhere, too; the line that says so for FELIX_IPV6SUPPORT is the third that changed.
  expect(gone.map((line) => line.trim())).toEqual(['"type": "calico-ipam"', "# Disable IPv6 on Kubernetes."]);
  expect(lines.length - text.split("\n").length).toBe(8);
});

test("all of it by keyboard alone", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim() ?? "");
  const tabTo = async (name: string) => {
    for (let i = 0; i < 40 && (await focused()) !== name; i++) await page.keyboard.press("Tab");
    expect(await focused()).toBe(name);
  };
  await tabTo("Manifest");
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Changes" }).waitFor();
  await tabTo("Changes");
  await page.keyboard.press("ArrowRight");
  expect(await focused()).toBe("File");
  await page.keyboard.press("End");
  expect(await focused()).toBe("Command");
  await page.keyboard.press("Home");
  await tabTo("CNI-015");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await focused()).toBe("CNI-015");
});

test("files that are dropped keep a byte-order mark and their line ends", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const text = `\uFEFF${example("installation").replaceAll("\n", "\r\n")}`;
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "installation.yaml"));
    const zone = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".zone");
    zone?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, text);
  await page.locator("calico-ipv6 .headline", { hasText: "1 change in 1 of 2 documents" }).waitFor();
  const { bytes } = await download(page, "Download");
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(bytes.toString().replaceAll("\r\n", "")).not.toContain("\n");
});

test("typing into the editor changes the result while one types, and keeps line ends", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, { name: "installation.yaml", text: example("installation").replaceAll("\n", "\r\n") });
  await page.getByRole("button", { name: "Edit installation.yaml" }).click();
  const field = page.getByRole("textbox", { name: "Text of installation.yaml" });
  await field.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Mine.\n");
  await page.locator("calico-ipv6 .headline", { hasText: "1 change in 1 of 2 documents; 24 lines untouched" }).waitFor();
  const text = await page.evaluate(() => document.querySelector("calico-ipv6")?.files[0]?.text ?? "");
  expect(text.startsWith("# Mine.\r\n# An operator install")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toContain("\n");
});

test("what is copied is what the command prints", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Operator");
  await page.getByRole("button", { name: "Copy diff" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await copied(page)).toBe(
    [
      "--- a/installation.yaml",
      "+++ b/installation.yaml",
      "@@ -13,6 +13,12 @@",
      "         encapsulation: VXLANCrossSubnet",
      "         natOutgoing: Enabled",
      "         nodeSelector: all()",
      "+      - name: default-ipv6-ippool",
      "+        blockSize: 122",
      "+        cidr: fd00:10:244::/56",
      "+        encapsulation: VXLANCrossSubnet",
      "+        natOutgoing: Enabled",
      "+        nodeSelector: all()",
      " ",
      " ---",
      " # The API server of Calico: projectcalico.org/v3 resources by kubectl.",
      "",
    ].join("\n"),
  );
});

test("a range of one's own is made in the browser, another one each time", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  const make = async () => {
    const before = await page.getByLabel("IPv6 pod CIDR").inputValue();
    await page.getByRole("button", { name: "Make a ULA" }).click();
    await page.waitForFunction((before) => (document.querySelector("calico-ipv6")?.target.ipv6PodCIDR ?? "") !== before, before);
    await settled(page);
    return page.getByLabel("IPv6 pod CIDR").inputValue();
  };
  const [first, second] = [await make(), await make()];
  expect(first).toMatch(/^fd[0-9a-f]{2}:.*\/56$/);
  expect(second).not.toBe(first);
  expect(await headline(page)).toMatch(/^6 changes/);
});

test("a field is not told to be wrong while a person is in it", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  const field = page.getByLabel("IPv6 pod CIDR");
  await field.fill("fd00:10:2");
  await settled(page);
  expect(await field.getAttribute("aria-invalid")).toBe("false");
  expect(await headline(page)).toMatch(/^6 changes/);
  await page.keyboard.press("Tab");
  await settled(page);
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await shown(page)).toContain("not a valid CIDR");
});

test("20 MB of hostile text end in a message, and the page lives", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await page.evaluate(() => {
    const text = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: calico-config}\ndata:\n  cni_network_config: ${"[".repeat(20 * 1024 * 1024)}`;
    const field = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector("#paste");
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await page.locator("calico-ipv6 .headline", { hasText: "pasted.yaml cannot be read" }).waitFor();
  expect(await shown(page)).toContain("pasted.yaml:5:");
  await page.getByRole("button", { name: "Remove pasted.yaml" }).click();
  await takeExample(page, "Manifest");
  expect(await headline(page)).toMatch(/change|answer/);
});

test("work is stopped, and begun again", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, (page) => page.route("**/*.wasm", () => {}, { times: 1 }));
  const { page } = opened;
  await page.getByRole("button", { name: "Manifest", exact: true }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  expect(await headline(page)).toBe("Stopped");
});

test("if no file has an IPv6 range, a random one is proposed until a person accepts it or types another", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "kubeadm.yaml", text: example("cluster/kubeadm") });
  const target = () => page.evaluate(() => document.querySelector("calico-ipv6")?.target);
  const proposed = () => page.locator("calico-ipv6 .proposal code").allInnerTexts();
  const [pods = "", services = "", ...more] = await proposed();
  expect(more).toEqual([]);
  expect(pods).toMatch(/^fd[0-9a-f]{2}:.*::\/56$/);
  expect(services).toMatch(/^fd[0-9a-f]{2}:.*\/112$/);
  expect(await target()).toEqual({ to: "dual-stack" });
  expect(await page.getByLabel("IPv6 service CIDR").getAttribute("placeholder")).toBe(services);

  await page.getByLabel("IPv6 pod CIDR").fill("fd00:aa::/56");
  await settled(page);
  expect(await proposed()).toHaveLength(1);
  const [other = ""] = await proposed();
  await page.getByRole("button", { name: "Accept it" }).click();
  await settled(page);
  expect(await target()).toEqual({ to: "dual-stack", ipv6PodCIDR: "fd00:aa::/56", ipv6ServiceCIDR: other });
  expect(await page.locator("calico-ipv6 .proposal").count()).toBe(0);
  expect(await shown(page)).not.toContain("proposed");
});

test("who says in the steps that the cluster is new gets other steps", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, { name: "calico.yaml", text: example("calico") });
  await page.getByRole("tab", { name: "Steps" }).click();
  expect(await shown(page)).toContain("These files do not show whether the cluster runs.");
  await page.getByRole("button", { name: "The cluster is new" }).click();
  const field = page.getByLabel("The cluster is new");
  expect(await field.evaluate((field) => (field.getRootNode() as ShadowRoot).activeElement === field)).toBe(true);
  await field.selectOption("Yes");
  await settled(page);
  expect(await shown(page)).not.toContain("These files do not show whether the cluster runs.");
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.target.newCluster)).toBe("true");
});

test("several files are one archive with their folders, and one patch", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await page.evaluate((text) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = ["a/calico.yaml", "../b/calico.yaml"].map((name) => ({ name, text }));
  }, example("calico"));
  await page.locator("calico-ipv6 .headline", { hasText: "12 changes in 4 of 30 documents" }).waitFor();
  const { name, bytes } = await download(page, "Download 2 files (zip)");
  expect(name).toBe("calico-ipv6.zip");
  const files = unzipSync(bytes);
  expect(Object.keys(files)).toEqual(["a/calico.yaml", "b/calico.yaml"]);
  expect(strFromU8(files["a/calico.yaml"] ?? new Uint8Array())).toContain("fd00:10:244::/56");
  const patch = await download(page, "Download patch");
  expect(patch.name).toBe("calico-ipv6.patch");
  expect(patch.bytes.toString().match(/^--- .*$/gm)).toHaveLength(2);
});

test("an explanation has the number of its line, and n and p go from one to the next", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  const rows = await page.locator("calico-ipv6 tr[data-n]").evaluateAll((rows) => rows.map((row) => `${row.getAttribute("data-n")} ${row.querySelector("code")?.textContent?.trim()}`));
  expect(rows).toEqual([
    '1 "assign_ipv4": "true",',
    '2 "assign_ipv6": "true"',
    "3 - name: IP6",
    "4 - name: CALICO_IPV6POOL_CIDR",
    "5 - name: CALICO_IPV6POOL_NAT_OUTGOING",
    '6 value: "false"',
  ]);
  await page.getByRole("tabpanel").focus();
  await page.keyboard.press("n");
  await page.keyboard.press("n");
  await page.keyboard.press("n");
  await page.keyboard.press("p");
  const lit = () => page.locator("calico-ipv6 .lit").evaluateAll((all) => all.map((one) => `${one.localName} ${one.getAttribute("data-n")}`));
  expect(await lit()).toEqual(expect.arrayContaining(["tr 2", "li 2"]));
  await page.locator("calico-ipv6 tr[data-n='4']").hover();
  expect(await lit()).toEqual(expect.arrayContaining(["tr 4", "li 4"]));
});

test("the place of an error opens the editor at its line, and the result follows while one types", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const broken = example("installation").replace("  calicoNetwork:", "  calicoNetwork: [");
  await choose(page, { name: "shop.yaml", text: "kind: Namespace\n" }, { name: "broken.yaml", text: broken });
  expect(await headline(page)).toBe("broken.yaml cannot be read");
  const place = page.locator("calico-ipv6 .place");
  const line = Number(/:(\d+):/.exec(await place.innerText())?.[1]);
  await place.click();
  await page.getByRole("textbox", { name: "Text of broken.yaml" }).waitFor();
  expect(await page.locator(".cm-activeLine").innerText()).toBe(broken.split("\n")[line - 1]);
  await page.keyboard.press("Control+A");
  await page.evaluate((text) => navigator.clipboard.writeText(text), example("installation"));
  await page.keyboard.press("Control+V");
  await page.locator("calico-ipv6 .headline", { hasText: "1 change in 1 of 3 documents" }).waitFor();
});

test("files that contradict each other are shown with the lines of both", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56&ipv6ServiceCIDR=fd00:10:96::/112");
  const { page } = opened;
  const proxy = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.32.0.0/16\n";
  await choose(page, { name: "kubeadm.yaml", text: example("cluster/kubeadm") }, { name: "proxy.yaml", text: proxy });
  const card = page.locator("calico-ipv6 .finding", { hasText: "10.32.0.0/16 here" });
  expect(await card.locator(".place").allInnerTexts()).toEqual([expect.stringContaining("proxy.yaml:3:"), expect.stringContaining("kubeadm.yaml:16:14")]);
  expect(await card.locator("pre").allInnerTexts()).toEqual(["clusterCIDR: 10.32.0.0/16", "  podSubnet: 10.244.0.0/16"]);
  // Beside each other, as two things that one compares.
  const tops = () => card.locator("figure").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(new Set(await tops()).size).toBe(1);
  await page.setViewportSize({ width: 700, height: 900 });
  expect(new Set(await tops()).size).toBe(2);
});

test("a finding that several files have is one entry with its places", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const files = ["a", "b", "c", "d", "e"].map((name) => ({ name: `${name}/calico.yaml`, text: example("calico") }));
  await page.evaluate((files) => {
    const tool = document.querySelector("calico-ipv6");
    if (tool) tool.files = files;
  }, files);
  await settled(page);
  await page.getByRole("tab", { name: "Findings" }).click();
  const card = page.locator("calico-ipv6 .finding", { hasText: "IPv4 is encapsulated between nodes" });
  expect(await card.count()).toBe(1);
  expect(await card.innerText()).toContain("in 5 files");
  await card.getByText("2 more places").click();
  await card.locator(".place").nth(4).waitFor();
  expect(await card.locator(".place").allInnerTexts()).toEqual(files.map(({ name }) => `${name}:502:22`));
});
