/** Every state of the page, light and dark, wide and narrow: seen, pictured, and without a barrier. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { base, browser, choose as give, example, fileInput, headline, listFiles, open, path, ready, settled, shown, site, takeExample as take, unfold, violations, visit } from "./page.js";

const PICTURES = path("../../target/screenshots");

visit();

beforeAll(() => {
  mkdirSync(PICTURES, { recursive: true });
});

interface State {
  /** How to come there. */
  go: (page: Page) => Promise<void>;
  /** The sentence that says so. */
  says: string | RegExp;
  /** What else must be seen. */
  shows?: string[];
  before?: (page: Page) => Promise<unknown>;
  /** Errors that belong to the state. */
  complains?: RegExp;
}

const edit = (text: string, ...pairs: [string, string][]): string =>
  pairs.reduce((all, [old, young]) => {
    expect(all).toContain(old);
    return all.replaceAll(old, young);
  }, text);

const oldBpf = () => edit(base("calico-bpf-3.31"), ["v3.31.7", "v3.27.0"]);
const proxy = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.32.0.0/16\n";
const other = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n";

/** On a narrow screen, files and answers fold after the result. Most states show them. */
async function choose(page: Page, ...files: { name: string; text: string }[]): Promise<void> {
  await give(page, ...files);
  await unfold(page);
}

async function takeExample(page: Page, title: string): Promise<void> {
  await take(page, title);
  await unfold(page);
}

/** The engine is on its way, and never comes. */
const neverComes = (page: Page) => page.route("**/*.wasm", () => {});

/** The first example, checked. */
async function checked(page: Page, stack: string, says: string): Promise<void> {
  await takeExample(page, "Manifest");
  await page.getByRole("link", { name: "Check my files" }).click();
  await page.getByRole("radio", { name: stack }).check();
  await page.locator("calico-ipv6 .headline", { hasText: says }).waitFor();
}

const states: Record<string, State> = {
  empty: { go: async () => {}, says: "Nothing here yet", shows: ["Drop files of your cluster, or paste them", "Each change is explained:"] },
  "done, dual-stack": {
    go: (page) => takeExample(page, "Manifest"),
    says: "6 changes in 2 of 15 documents; 698 lines untouched",
    shows: ["6 changes: Calico v3.31.4, manifest install, BGP, IPv4-only; 15 documents, 2 understood", "Before you apply it", "Warning:"],
  },
  "done, IPv6-only": {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("radio", { name: "IPv6-only" }).check();
      await settled(page);
    },
    says: /^12 changes/,
    shows: ["A cluster that runs already:", "Nodes have an IPv4 address"],
  },
  operator: { go: (page) => takeExample(page, "Operator"), says: "1 change in 1 of 2 documents; 23 lines untouched" },
  openshift: { go: (page) => takeExample(page, "OpenShift"), says: /change/ },
  "whole file": {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("tab", { name: "File" }).click();
      await page.getByRole("button", { name: "Next change" }).click();
    },
    says: /^6 changes/,
    shows: ['"assign_ipv6": "true"'],
  },
  findings: {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("button", { name: "What it means" }).click();
    },
    says: /^6 changes/,
    shows: ["calico.yaml:502:22", "Impact"],
  },
  command: {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("tab", { name: "Command" }).click();
    },
    says: /^6 changes/,
    shows: ["calico-ipv6 transform \\\n  --to dual-stack \\\n  --ipv6-pod-cidr fd00:10:244::/56 \\\n  -w calico.yaml"],
  },
  steps: {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("tab", { name: "Steps" }).click();
      await page.getByText("Go back").first().click();
    },
    says: /^6 changes/,
    shows: ["What cannot be undone, and what stays", "On each node, one after the other:", "kubectl apply -f converted/calico.yaml", "Copy as Markdown"],
  },
  "steps, some done": {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("tab", { name: "Steps" }).click();
      await page.getByRole("checkbox", { name: /^Done: / }).first().check();
    },
    says: /^6 changes/,
    shows: ["1 of ", "Done"],
  },
  facts: {
    go: async (page) => {
      await takeExample(page, "kubeadm");
      await page.getByRole("tab", { name: "Facts" }).click();
      await page.locator("calico-ipv6 .facts").first().waitFor();
    },
    says: /^4 changes/,
    shows: ["networking.podSubnet", "10.244.0.0/16", "line 16"],
  },
  "page of a rule": {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByRole("link", { name: "CNI-008" }).click();
    },
    says: /^6 changes/,
    shows: ["CNI-008: ipv6-assignment-off", "Open as a page"],
  },
  editor: {
    go: async (page) => {
      await takeExample(page, "Operator");
      await page.getByRole("button", { name: "Edit installation.yaml" }).click();
      await page.getByRole("textbox", { name: "Text of installation.yaml" }).waitFor();
    },
    says: /^1 change/,
    shows: ["encapsulation: VXLANCrossSubnet"],
  },
  "already there": {
    go: async (page) => {
      await takeExample(page, "Operator");
      const text = await page.evaluate(() => document.querySelector("calico-ipv6")?.result?.files[0]?.text ?? "");
      await choose(page, { name: "installation.yaml", text });
    },
    says: "Nothing to change",
    shows: ["The files are already dual-stack."],
  },
  "range proposed": {
    go: (page) => choose(page, { name: "calico.yaml", text: example("calico") }),
    says: /^6 changes/,
    shows: ["Proposed: fd", "Accept it", "Download (proposed range)", "Make a ULA"],
  },
  "question open": {
    go: async (page) => {
      await choose(page, { name: "install-config.yaml", text: example("openshift-cluster/install-config") });
    },
    says: "One answer is missing",
    shows: ["is needed", "Answer it", "Proposed: fd"],
  },
  "answer that cannot be": {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.getByLabel("IPv6 pod CIDR").fill("fd00::1/56");
      await page.keyboard.press("Tab");
      await settled(page);
    },
    says: "IPv6 pod CIDR is not valid",
    shows: ["has host bits set: the range is fd00::/56."],
  },
  refused: {
    go: (page) => choose(page, { name: "calico-bpf.yaml", text: oldBpf() }),
    says: "calico-bpf.yaml cannot be converted to dual-stack",
    shows: ["Error:", "Impact", "Help", "calico-bpf.yaml:"],
  },
  "not understood": {
    go: (page) => takeExample(page, "A broken one"),
    says: "broken.yaml cannot be read",
    shows: ["broken.yaml:9:1", "a tab is used for indentation", "Indent with spaces: YAML does not allow tabs here."],
  },
  "passed through": {
    go: (page) => choose(page, { name: "shop.yaml", text: other }),
    says: "No IPv6-relevant settings",
    shows: ["no IPv6-relevant settings; 1 document"],
  },
  "several files": {
    go: async (page) => {
      const named = (name: string) => ({ name: `${name}.yaml`, text: example(name) });
      await choose(page, named("calico"), named("installation"), { name: "shop.yaml", text: other });
      await page.getByLabel("IPv6 pod CIDR").fill("fd00:10:244::/56");
      await settled(page);
    },
    says: /^7 changes in 3 of 18 documents/,
    shows: ["calico.yaml: 6 changes", "installation.yaml: 1 change", "Download 2 files (zip)"],
  },
  "the whole cluster": {
    go: (page) => takeExample(page, "kubeadm"),
    says: /^4 changes in 3 of 4 documents/,
    shows: ["192.0.2.11,2001:db8:1::11", "InitConfiguration and 3 more"],
  },
  "files that contradict": {
    go: async (page) => {
      await choose(page, { name: "kubeadm.yaml", text: example("cluster/kubeadm") }, { name: "proxy.yaml", text: proxy });
    },
    shows: ["10.32.0.0/16 here, but 10.244.0.0/16 at kubeadm.yaml:16:14", "podSubnet: 10.244.0.0/16"],
    says: /proxy\.yaml cannot be converted to dual-stack/,
  },
  "example beside own files": {
    go: async (page) => {
      await choose(page, { name: "shop.yaml", text: other }, { name: "shop.yaml", text: other });
      await page.getByRole("button", { name: "Remove shop-2.yaml" }).click();
      await takeExample(page, "Manifest");
    },
    says: /^6 changes/,
    shows: ["Example: not your cluster.", "Back to your 1 file", "shop-2.yaml was removed.", "Undo"],
  },
  "not text": {
    go: async (page) => {
      const file = { name: "logo.yaml", mimeType: "application/yaml", buffer: Buffer.from([0x89, 0x50, 0xff, 0xfe]) };
      await fileInput(page).setInputFiles(file);
      await page.getByRole("alert").waitFor();
    },
    says: "Nothing here yet",
    shows: ["logo.yaml is not UTF-8 text: save it as UTF-8."],
  },
  "many not checked": {
    go: async (page) => {
      const png = (i: number) => ({ name: `${i}.png`, mimeType: "image/png", buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47]) });
      await fileInput(page).setInputFiles(Array.from({ length: 12 }, (_, i) => png(i)));
      await page.getByRole("alert").waitFor();
      await page.getByText("12 files not checked").click();
    },
    says: "Nothing here yet",
    shows: ["10.png is a PNG image, not a manifest."],
  },
  working: {
    before: neverComes,
    go: async (page) => {
      await page.getByRole("button", { name: "Manifest", exact: true }).click();
      await page.getByRole("progressbar").waitFor();
    },
    says: "Working …",
    shows: ["characters are being read.", "Stop"],
  },
  stopped: {
    before: neverComes,
    go: async (page) => {
      await page.getByRole("button", { name: "Manifest", exact: true }).click();
      await page.getByRole("button", { name: "Stop" }).click();
    },
    says: "Stopped",
  },
  "engine not there": {
    before: (page) => page.route("**/*.wasm", (route) => route.fulfill({ status: 404 })),
    go: async (page) => {
      await page.getByRole("button", { name: "Manifest", exact: true }).click();
      await page.getByRole("button", { name: "Try again" }).waitFor();
    },
    says: "The engine could not be started",
    shows: ["404 for", "calico-ipv6 transform --to dual-stack -o diff calico.yaml"],
    complains: /404/,
  },
  "texts not there": {
    before: (page) => page.route("**/*.json", (route) => route.fulfill({ status: 404 })),
    go: async (page) => {
      await page.getByRole("button", { name: "Manifest", exact: true }).click();
      await page.getByRole("button", { name: "Try again" }).waitFor();
    },
    says: "The engine could not be started",
    shows: ["404 for", "rules"],
    complains: /404/,
  },
  "no WebAssembly": {
    before: (page) => page.addInitScript("delete globalThis.WebAssembly"),
    go: async (page) => {
      await page.getByRole("button", { name: "Try again" }).waitFor();
    },
    says: "The engine could not be started",
    shows: ["This browser has no WebAssembly."],
  },
  "check, empty": {
    go: async (page) => {
      await page.getByRole("link", { name: "Check my files" }).click();
      await page.getByText("Give the files of a cluster").waitFor();
    },
    says: "Nothing here yet",
    shows: ["What was not checked is named,"],
  },
  "check, findings": {
    go: (page) => checked(page, "Dual-stack", "4 errors and 3 warnings"),
    says: "4 errors and 3 warnings",
    shows: ["Checked for dual-stack.", "Errors (4)", "Impact", "calico.yaml:64:19", "What was not checked"],
  },
  "check, IPv6-only": {
    go: (page) => checked(page, "IPv6-only", "9 errors and 4 warnings"),
    says: "9 errors and 4 warnings",
    shows: ["2 places"],
  },
  "check, clean": {
    go: (page) => checked(page, "As in the files", "No errors and no warnings"),
    says: "No errors and no warnings",
    shows: ["Checked for IPv4-only, the IP families that the files configure.", "What is not in these files:"],
  },
  "check, not understood": {
    go: async (page) => {
      await takeExample(page, "A broken one");
      await page.getByRole("link", { name: "Check my files" }).click();
      await page.getByText("What was not checked").waitFor();
    },
    says: "broken.yaml cannot be read",
    shows: ["Nothing was checked.", "broken.yaml:9:1", "broken.yaml: it cannot be read."],
  },
  "folders": {
    go: async (page) => {
      await page.evaluate(([calico, kubeadm, broken]) => {
        const tool = document.querySelector("calico-ipv6");
        const named = (name: string, text = "") => ({ name: `fleet/${name}.yaml`, text });
        if (tool) tool.files = [named("b/calico", calico), named("a/calico", calico), named("a/kubeadm", kubeadm), named("c/net/deep/broken", broken), named("shop", "kind: Namespace\n")];
      }, [example("calico"), example("cluster/kubeadm"), example("broken")]);
      await settled(page);
      await unfold(page);
      await listFiles(page);
    },
    says: "fleet/c/net/deep/broken.yaml cannot be read",
    shows: ["c/net/deep/ 1 file, 1 not converted"],
  },
  "folded, example": {
    go: (page) => take(page, "Manifest"),
    says: /^6 changes/,
  },
  "folded, refused": {
    go: (page) => give(page, { name: "calico-bpf.yaml", text: oldBpf() }),
    says: "calico-bpf.yaml cannot be converted to dual-stack",
  },
  "many files": {
    go: async (page) => {
      await page.evaluate(([installation = "", broken = ""]) => {
        const tool = document.querySelector("calico-ipv6");
        const text = (i: number) => (i % 3 === 0 ? installation : i % 3 === 1 ? broken : "kind: Namespace\n");
        if (tool) tool.files = Array.from({ length: 90 }, (_, i) => ({ name: `${i}.yaml`, text: text(i) }));
      }, [example("installation"), example("broken")]);
      await settled(page);
      await unfold(page);
      await listFiles(page);
    },
    says: "1.yaml and 29 more files cannot be read",
    shows: ["30 changes, 30 not converted", "in 30 files", "27 more places", "30 cannot be read", "Show all 30 files"],
  },
  print: {
    go: async (page) => {
      await takeExample(page, "Manifest");
      await page.emulateMedia({ media: "print" });
      await page.locator("calico-ipv6 dl.printed").waitFor();
    },
    says: /^6 changes/,
  },
};

const LOOKS = [
  { look: "light", width: 1280 },
  { look: "dark", width: 1280 },
  { look: "light", width: 320 },
  { look: "dark", width: 320 },
] as const;

describe.each(Object.entries(states))("%s", (name, state) => {
  test.each(LOOKS)("$look, $width px", async ({ look, width }) => {
    await using opened = await open(
      browser,
      `${site.address}/dist/index.html`,
      { colorScheme: look, viewport: { width, height: 800 }, reducedMotion: "reduce" },
      state.before,
    );
    const { page } = opened;
    if (!state.before) await ready(page);
    await state.go(page);
    expect(await headline(page)).toMatch(state.says);
    if (state.complains) opened.tolerate(state.complains);
    const text = await shown(page);
    for (const words of state.shows ?? []) expect(text).toContain(words);
    await page.screenshot({ path: `${PICTURES}/${name.replaceAll(/[ ,]+/g, "-")}-${look}-${width}.png`, fullPage: true });
    // The page itself never scrolls sideways (WCAG 1.4.10).
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(inner).toBeLessThanOrEqual(outer ?? 0);
    // What stays in sight lies on what was scrolled below it.
    await page.evaluate(() => scrollTo(0, 0));
    expect(await violations(page)).toEqual([]);
  });
});
