/** The element in a Docusaurus 3 site, built as docs.tigera.io is, from the package's files. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, path, ready, serve, settled, shown, type Site, violations } from "./page.js";

const SITE = "web/examples/docusaurus";
const root = path("../..");

let browser: Browser;
let site: Site;
let built: string;

/** The site's packages are many: they are kept outside of the checkout, by what the lock file says. */
function workshop(): string {
  const lock = readFileSync(join(root, SITE, "package-lock.json"));
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const key = createHash("sha256").update(lock).update(process.version).digest("hex").slice(0, 16);
  const folder = join(caches, "calico-ipv6", `docusaurus-${key}`);
  const done = join(folder, "installed");
  mkdirSync(join(folder, SITE), { recursive: true });
  // As a user has it: the package, and the site that depends on it.
  rmSync(join(folder, "wasm"), { recursive: true, force: true });
  const { devDependencies: _, scripts: __, ...published } = JSON.parse(readFileSync(join(root, "wasm/npm/package.json"), "utf8"));
  mkdirSync(join(folder, "wasm/npm"), { recursive: true });
  writeFileSync(join(folder, "wasm/npm/package.json"), JSON.stringify(published));
  for (const part of ["schema.json", "dist"]) cpSync(join(root, "wasm/npm", part), join(folder, "wasm/npm", part), { recursive: true });
  for (const part of ["docs", "src", "docusaurus.config.js", "package.json", "package-lock.json", ".npmrc"]) {
    cpSync(join(root, SITE, part), join(folder, SITE, part), { recursive: true });
  }
  if (!existsSync(done)) {
    // Not `npm ci`, which wants the packages of every platform in a lock file that has no registry's addresses.
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error"], { cwd: join(folder, SITE), stdio: "inherit" });
    writeFileSync(done, "");
  }
  return join(folder, SITE);
}

beforeAll(async () => {
  const folder = workshop();
  execFileSync("npx", ["--no-install", "docusaurus", "build"], { cwd: folder, stdio: "pipe", env: { ...process.env, CI: "true" } });
  built = join(folder, "build");
  [browser, site] = await Promise.all([launch(), serve(built, {})]);
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

test("what is built holds the words for readers without JavaScript", () => {
  const html = readFileSync(join(built, "index.html"), "utf8");
  expect(html).toContain("<calico-ipv6");
  expect(html).toContain("calico-ipv6 transform --to ipv6-only -o diff calico.yaml");
});

test("files that a component gives are transformed, and the site hears of the result", async () => {
  await using opened = await open(browser, `${site.address}/`, { viewport: { width: 1280, height: 900 } });
  const { page } = opened;
  await page.locator("calico-ipv6").nth(1).scrollIntoViewIfNeeded();
  await page.getByText("Changes to this Installation: 1").waitFor();
});

test.each(["light", "dark"])("in the browser it is the element, in the site's %s colours", async (theme) => {
  await using opened = await open(browser, `${site.address}/?docusaurus-theme=${theme}`, { viewport: { width: 1280, height: 900 } });
  const { page } = opened;
  await page.locator("calico-ipv6").first().scrollIntoViewIfNeeded();
  await ready(page);
  await page.waitForFunction(() => document.querySelector("calico-ipv6")?.result);
  await settled(page);
  expect(await shown(page)).toContain("Pods get: IPv6-only");
  expect(await shown(page)).toContain("12 changes in 2 of 15 documents");
  const back = await page.evaluate(() => getComputedStyle(document.querySelector("calico-ipv6")?.shadowRoot?.querySelector(".frame") as Element).backgroundColor);
  expect(back).toBe(theme === "dark" ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
  mkdirSync(join(root, "target/screenshots"), { recursive: true });
  await page.screenshot({ path: join(root, `target/screenshots/docusaurus-${theme}.png`), fullPage: true });
  const ours = (await violations(page)).filter((one) => one.includes("calico-ipv6"));
  expect(ours).toEqual([]);
});
