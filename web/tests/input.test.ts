/** What a person gives is theirs: nothing of an example mixes with it, and no click loses it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { browser, choose, chooseFolder, drop, example, fileInput, headline, listFiles, open, paste, ready, settled, shown, site, start, takeExample, violations, visit } from "./page.js";

const folders: string[] = [];

visit();

afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** A folder of the machine with these files, and its path. */
function onDisk(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(join(tmpdir(), "calico-ipv6-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const given = (page: Page) =>
  page.evaluate(() => {
    const tool = document.querySelector("calico-ipv6");
    return { names: tool?.files.map((file) => file.name), target: tool?.target };
  });

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;

test("an example says that it is one, and leaves nothing behind", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  expect(await shown(page)).toContain("Example: not your cluster.");
  expect((await given(page)).target).toHaveProperty("ipv6PodCIDR", "fd00:10:244::/56");
  await choose(page, { name: "mine.yaml", text: example("calico") });
  expect(await given(page)).toEqual({ names: ["mine.yaml"], target: { to: "dual-stack" } });
  expect(await shown(page)).not.toContain("Example: not your cluster.");
  expect(await shown(page)).not.toContain("fd00:10:244::/56 (");
});

test("an example sets a person's files and answers aside, and gives them back", async () => {
  await using opened = await start(browser, site, "#to=ipv6-only&ipv6PodCIDR=fd00:aa::/56");
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: namespace("mine") });
  await takeExample(page, "OpenShift");
  await takeExample(page, "kubeadm");
  expect((await given(page)).names).toEqual(["kubeadm.yaml"]);
  await page.getByRole("button", { name: "Back to your 1 file" }).click();
  await settled(page);
  expect(await given(page)).toEqual({ names: ["mine.yaml"], target: { to: "ipv6-only", ipv6PodCIDR: "fd00:aa::/56" } });
});

test("what is removed comes back, also after other files were added", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "a.yaml", text: namespace("a") }, { name: "b.yaml", text: namespace("b") });
  await page.getByRole("button", { name: "Remove a.yaml" }).click();
  await page.getByRole("button", { name: "Remove b.yaml" }).click();
  await choose(page, { name: "c.yaml", text: namespace("c") });
  expect(await shown(page)).toContain("b.yaml was removed.");
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await shown(page)).toContain("a.yaml was removed.");
  await page.getByRole("button", { name: "Undo" }).click();
  await settled(page);
  expect((await given(page)).names).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
  await page.getByRole("button", { name: "Remove all 3 files" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await settled(page);
  expect((await given(page)).names).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
});

test("an edited example is not lost when it is closed", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Operator");
  await page.getByRole("button", { name: "Edit installation.yaml" }).click();
  await page.getByRole("textbox", { name: "Text of installation.yaml" }).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Mine.\n");
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.files[0]?.text.startsWith("# Mine."));
  await page.getByRole("button", { name: "Close the example" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await settled(page);
  expect((await given(page)).names).toEqual(["installation.yaml"]);
  expect(await page.evaluate(() => document.querySelector("calico-ipv6")?.files[0]?.text)).toMatch(/^# Mine\./);
});

test("two files with the same name are kept side by side", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "a.yaml", text: namespace("one") });
  await choose(page, { name: "a.yaml", text: namespace("two") });
  await paste(page, namespace("three"));
  await paste(page, namespace("four"));
  await settled(page);
  expect((await given(page)).names).toEqual(["a.yaml", "a-2.yaml", "pasted.yaml", "pasted-2.yaml"]);
});

test("a folder is chosen with its paths, and what is not checked is named", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const root = onDisk({
    "cluster/a/calico.yaml": example("calico"),
    "cluster/b/calico.yaml": namespace("b"),
    "cluster/README.md": "# Notes\n",
    "cluster/logo.png": "",
    "cluster/b/empty.yaml": "",
    "cluster/b/old.yaml": Buffer.from("\ufeffkind: Namespace\n", "utf16le"),
  });
  await chooseFolder(page, join(root, "cluster"));
  await page.getByText("4 files not checked").click();
  await settled(page);
  expect((await given(page)).names).toEqual(["cluster/a/calico.yaml", "cluster/b/calico.yaml"]);
  expect(await headline(page)).toMatch(/^6 changes in 2 of 16 documents/);
  const text = await shown(page);
  expect(text).toContain("cluster/README.md is not YAML, JSON, a unit or an environment file.");
  expect(text).toContain("cluster/b/empty.yaml is empty: did the command that wrote it fail?");
  expect(text).toContain("cluster/b/old.yaml is UTF-16, which Kubernetes does not read");
});

/** The tree as a reader hears it: folders with their words, and the files in them by name and outcome. */
const treeOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const words = (one: Element | null | undefined) => one?.textContent?.trim().replace(/\s+/g, " ") ?? "";
    const walk = (list: Element, depth: string): string[] =>
      [...list.children].flatMap((item) => {
        const folder = item.querySelector(":scope > details");
        if (!folder) return [`${depth}${words(item.querySelector(".file-name"))}: ${words(item.querySelector("strong"))}`];
        const inner = folder.querySelector(":scope > ul");
        return [`${depth}${words(folder.querySelector("summary"))}`, ...(inner ? walk(inner, `${depth}  `) : [])];
      });
    const root = document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".files .file-list");
    return root ? walk(root, "") : [];
  });

test("files of several folders are a tree, in the order of their names, each with what becomes of it", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const root = onDisk({
    "cluster/b/nodes/proxy.yaml": namespace("proxy"),
    "cluster/b/calico.yaml": example("calico"),
    "cluster/a/deep/only/broken.yaml": "kind: [\n",
    "cluster/shop.yaml": namespace("shop"),
  });
  await drop(page, ".foot", [join(root, "cluster")]);
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.files.length === 4);
  await choose(page, { name: "own.yaml", text: example("installation") });
  await listFiles(page);
  expect(await treeOf(page)).toEqual([
    "own.yaml: 1 change:",
    "cluster/ 4 files, 6 changes, 1 not converted",
    "  shop.yaml: ",
    "  a/deep/only/ 1 file, 1 not converted",
    "    broken.yaml: cannot be read",
    "  b/ 2 files, 6 changes",
    "    calico.yaml: 6 changes:",
    "    nodes/ 1 file",
    "      proxy.yaml: ",
  ]);
  expect(await violations(page)).toEqual([]);
  // By keyboard: a folder is closed and opened, and what it holds is skipped while it is closed.
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim().replace(/\s+/g, " ") ?? "");
  await page.locator("calico-ipv6 .file-list summary", { hasText: "a/deep/only/" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Edit cluster/a/deep/only/broken.yaml" }).waitFor({ state: "detached" });
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("b/ 2 files, 6 changes");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  // An excerpt opens the editor at its place, also in a folder that is closed.
  await page.locator("calico-ipv6 .file-list summary", { hasText: "a/deep/only/" }).click();
  await page.getByRole("button", { name: /^cluster\/a\/deep\/only\/broken\.yaml:/ }).first().click();
  await page.getByRole("textbox", { name: "Text of cluster/a/deep/only/broken.yaml" }).waitFor();
});

test("a folder of 5,000 files may be dropped anywhere, and the page stays usable", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  const many = Array.from({ length: 4999 }, (_, i) => [`fleet/${i % 50}/${i}.yaml`, namespace(`n${i}`)]);
  const root = onDisk({ ...Object.fromEntries(many), "fleet/calico.yaml": example("calico") });
  await drop(page, ".foot", [join(root, "fleet")]);
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.files.length === 5000);
  await settled(page);
  expect(await headline(page)).toMatch(/^6 changes in 2 of 5,014 documents/);
  expect((await given(page)).names).toContain("fleet/49/4949.yaml");
  // The list is folded: what is below it stays in sight. In it, the folder around all is open; those of a closed one have no rows.
  expect(await page.locator("calico-ipv6 .file").count()).toBe(0);
  await listFiles(page);
  expect(await page.locator("calico-ipv6 .file-list summary", { hasText: "fleet/" }).innerText()).toBe("fleet/ 5,000 files, 6 changes");
  expect(await page.locator("calico-ipv6 .file").count()).toBe(1);
  await page.getByText("49/", { exact: true }).click();
  await page.getByRole("button", { name: "Remove fleet/49/499.yaml" }).waitFor();
  // Of a long list, the first of each outcome.
  expect(await page.locator("calico-ipv6 .file").count()).toBe(11);
  expect(await shown(page)).toContain("99 without IPv6-relevant settings");
  await page.getByRole("button", { name: "Show all 99 files in fleet/49/" }).click();
  await page.getByRole("button", { name: "Remove fleet/49/999.yaml" }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim())).toBe("Edit fleet/49/549.yaml");
  await page.getByRole("button", { name: "Remove all 5,000 files" }).click();
  await settled(page);
  expect(await headline(page)).toBe("Nothing here yet");
});

test("a value of a Target document that is not valid has its field and its error there", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const text = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec:\n  to: dual-stack\n  ipv4ServiceCIDR: banana\n";
  await fileInput(page).setInputFiles({ name: "target.yaml", mimeType: "application/yaml", buffer: Buffer.from(text) });
  await page.getByLabel("IPv4 service CIDR").waitFor();
  await settled(page);
  expect(await page.getByLabel("IPv4 service CIDR").getAttribute("aria-invalid")).toBe("true");
});

test("the changes of a document are shown without the lines of its neighbours", async () => {
  await using opened = await start(browser, site, "#to=dual-stack&ipv6PodCIDR=fd00:10:244::/56");
  const { page } = opened;
  await choose(page, { name: "installation.yaml", text: example("installation") });
  const card = page.locator("calico-ipv6 .card").first();
  expect(await card.innerText()).toContain("default-ipv6-ippool");
  expect(await card.innerText()).not.toContain("# The API server of Calico");
});

test("a result that is older than the answer says so", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:10:2");
  await settled(page);
  const old = "This result is based on your older answer: the newest one is not complete.";
  expect(await shown(page)).toContain(old);
  await page.getByLabel("IPv6 pod CIDR").fill("fd00:10:2::/56");
  await settled(page);
  expect(await shown(page)).not.toContain(old);
});

test.each([
  ["logo.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), "logo.png is a PNG image, not a manifest."],
  ["empty.yaml", Buffer.from(""), "empty.yaml is empty: did the command that wrote it fail?"],
  ["nodes.yaml", Buffer.from("\ufeffkind: List\n", "utf16le"), "nodes.yaml is UTF-16, which Kubernetes does not read: save it as UTF-8 (in PowerShell: Out-File -Encoding utf8)."],
  ["calico.tgz", Buffer.from([0x1f, 0x8b, 0x08, 0x00]), "calico.tgz is an archive: unpack it, and add the folder."],
  ["core", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00]), "core is not text."],
  ["huge.yaml", Buffer.alloc(70_000_000, "# padding\n"), "huge.yaml has 70,000,000 bytes; the limit is 64 MiB. Split it between its documents."],
])("%s is not read, and the page says why", async (name, bytes, why) => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: namespace("mine") });
  await fileInput(page).setInputFiles(join(onDisk({ [name]: bytes }), name));
  await page.getByRole("alert").waitFor();
  expect(await shown(page)).toContain(why);
  expect((await given(page)).names).toEqual(["mine.yaml"]);
});

test("a folder that vanishes is named, and the rest is read", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const root = onDisk({ "gone/a.yaml": namespace("a"), "b.yaml": namespace("b") });
  // What a browser answers for a folder that was deleted after it was dropped.
  await page.evaluate(() => {
    const { webkitGetAsEntry } = DataTransferItem.prototype;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      const entry = webkitGetAsEntry.call(this);
      const reader: FileSystemDirectoryReader = { readEntries: (_, fail) => fail?.(new DOMException("not found", "NotFoundError")) };
      return entry?.isDirectory ? Object.assign(entry, { createReader: () => reader }) : entry;
    };
  });
  await drop(page, ".foot", [join(root, "gone"), join(root, "b.yaml")]);
  await page.getByRole("alert").waitFor();
  await settled(page);
  expect(await shown(page)).toContain("gone cannot be read: it was moved");
  expect((await given(page)).names).toEqual(["b.yaml"]);
});

test("a name that turns the direction of text is shown with what turns it, and spoils nothing beside it", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "evil\u202elmay.exe.yaml", text: example("installation") }, { name: "\u0645\u0644\u0641.yaml", text: example("installation") });
  const shownNames = await page.locator("calico-ipv6 .file-name").allInnerTexts();
  expect(shownNames).toEqual(["evil\\u{202e}lmay.exe.yaml", "\u2068\u0645\u0644\u0641.yaml\u2069"]);
  expect(await shown(page)).toContain("evil\\u{202e}lmay.exe.yaml: 1 change");
  expect(await shown(page)).not.toContain("\u202e");
});

test("an error that is left is in the sentence, also where nothing is changed", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width: 390, height: 700 } });
  const { page } = opened;
  await ready(page);
  const peer = "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata:\n  name: one\nspec:\n  peerIP: 2001:db8::1\n  asNumber: 64512\n  nodeSelector: rack = 'a'\n";
  await choose(page, { name: "peer.yaml", text: peer });
  expect(await headline(page)).toBe("Nothing to change, but 1 error to fix");
  expect(await page.locator("calico-ipv6 .sentence.bad").count()).toBe(1);
  expect(await page.locator("calico-ipv6 .peek p").innerText()).toBe("Nothing to change, but 1 error to fix");
  // While an answer is missing, that is what a person sees first, and nothing is red.
  await choose(page, { name: "install-config.yaml", text: example("openshift-cluster/install-config") });
  expect(await headline(page)).toBe("One answer is missing");
  expect(await page.locator("calico-ipv6 .sentence.asks").count()).toBe(1);
});

test("several files that end differently leave the focus where it is", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await fileInput(page).focus();
  await choose(page, { name: "install-config.yaml", text: example("openshift-cluster/install-config") }, { name: "broken.yaml", text: example("broken") });
  expect(await fileInput(page).evaluate((field) => (field.getRootNode() as ShadowRoot).activeElement === field)).toBe(true);
});

test("what was copied is not said to be there after the result became another one", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await takeExample(page, "Manifest");
  await page.getByRole("button", { name: "Copy result" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  await page.getByRole("radio", { name: "IPv6-only" }).check();
  await settled(page);
  expect(await page.getByRole("button", { name: "Copied" }).count()).toBe(0);
});

test("code in the title of a finding is code", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  const text = "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata:\n  name: one\nspec:\n  clusterNetwork:\n    pods:\n      cidrBlocks: ['${POD_CIDRS}']\n";
  await choose(page, { name: "cluster.yaml", text });
  const title = page.locator("calico-ipv6 .finding .heading").first();
  expect(await title.innerText()).toBe("Error: ${POD_CIDRS} is a template that is not rendered");
  expect(await title.locator("code").innerText()).toBe("${POD_CIDRS}");
});

test("broken JSON is called JSON", async () => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await choose(page, { name: "installation.json", text: '{"apiVersion": "operator.tigera.io/v1", "kind": "Installation",\n"spec": {"calicoNetwork": [1, 2,}' });
  expect(await headline(page)).toBe("installation.json cannot be read");
  expect(await shown(page)).toMatch(/Error: Not JSON\s+installation\.json:2:/);
});

test("the operator without its Installation is told what determines the IP families, in the strip, too", async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, { viewport: { width: 390, height: 700 } });
  const { page } = opened;
  await ready(page);
  const operator = `${namespace("tigera-operator")}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: tigera-operator
  namespace: tigera-operator
spec:
  template:
    spec:
      containers:
        - name: tigera-operator
          image: quay.io/tigera/operator:v1.40.3
`;
  await choose(page, { name: "tigera-operator.yaml", text: operator });
  expect(await headline(page)).toBe("This is the operator, which has no IP families");
  expect(await shown(page)).toContain("custom-resources.yaml determines the IP families");
  expect(await page.locator("calico-ipv6 .peek p").innerText()).toBe("This is the operator, which has no IP families");
  await choose(page, { name: "custom-resources.yaml", text: example("installation") });
  expect(await headline(page)).not.toContain("This is the operator");
});

test.each([
  ["in YAML", "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata:\n  name: production\nspec:\n  to: ipv6-only # new\n  ipv6PodCIDR: \"fd00:aa::/56\"\n  podRange: fd00::/56\n  addressMap:\n    - 192.0.2.1=2001:db8::1\n    - 192.0.2.2=2001:db8::2\n"],
  ["on one line", "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: ipv6-only, ipv6PodCIDR: fd00:aa::/56, podRange: fd00::/56, addressMap: [192.0.2.1=2001:db8::1, 192.0.2.2=2001:db8::2]}\n"],
  ["in JSON", '{"apiVersion": "calico-ipv6.io/v1alpha1", "kind": "Target", "spec": {"to": "ipv6-only", "ipv6PodCIDR": "fd00:aa::/56", "podRange": 1, "addressMap": ["192.0.2.1=2001:db8::1", "192.0.2.2=2001:db8::2"]}}'],
])("a Target document %s answers the questions, without the keys that are not known", async (_, text) => {
  await using opened = await start(browser, site);
  const { page } = opened;
  await fileInput(page).setInputFiles({ name: "target.yaml", mimeType: "application/yaml", buffer: Buffer.from(text) });
  await page.getByText("target.yaml has settings that this version does not know: podRange. They are ignored.").waitFor();
  const target = { to: "ipv6-only", ipv6PodCIDR: "fd00:aa::/56", addressMap: "192.0.2.1=2001:db8::1,192.0.2.2=2001:db8::2" };
  expect(await given(page)).toEqual({ names: [], target });
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await given(page)).toEqual({ names: [], target: { to: "dual-stack" } });
});

test("what the page saves as a document is what it reads", async () => {
  await using opened = await start(browser, site, "#to=ipv6-only&ipv6PodCIDR=fd00:aa::/56&nodesHaveIPv4=true&ipv6AutodetectionMethod=interface%3Deth.*");
  const { page } = opened;
  await choose(page, { name: "mine.yaml", text: example("calico") });
  await page.getByRole("tab", { name: "Command" }).click();
  const text = await page.locator("calico-ipv6 .command pre").nth(1).innerText();
  const before = (await given(page)).target;

  await using other = await start(browser, site);
  await fileInput(other.page).setInputFiles({ name: "target.yaml", mimeType: "application/yaml", buffer: Buffer.from(text) });
  await other.page.getByText("Your answers are those of target.yaml.").waitFor();
  expect((await given(other.page)).target).toEqual(before);
});

test.each<[string, (page: Page) => Promise<unknown>, RegExp]>([
  ["there is no WebAssembly", (page) => page.addInitScript("delete globalThis.WebAssembly"), /This browser has no WebAssembly\./],
  ["the module is not one", (page) => page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "<html>" })), /WebAssembly/],
  ["a policy blocks the worker", (page) => page.route("**/index.html", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace("worker-src 'self'", "worker-src 'none'") });
  }), /worker/],
])("if %s, the page says so and offers the command, and keeps the files", async (_, prepare, says) => {
  await using opened = await open(browser, `${site.address}/dist/index.html`, {}, prepare);
  const { page } = opened;
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await fileInput(page).setInputFiles({ name: "mine.yaml", mimeType: "application/yaml", buffer: Buffer.from(namespace("mine")) });
  await page.locator("calico-ipv6 .file-name", { hasText: "mine.yaml" }).waitFor();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  expect(await headline(page)).toBe("The engine could not be started");
  const text = await shown(page);
  expect(text).toMatch(says);
  expect(text).toContain("calico-ipv6 transform --to dual-stack -o diff calico.yaml");
  // The browser's own words about the policy.
  opened.tolerate(/Content Security Policy|worker/i);
});
