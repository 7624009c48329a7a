/** The installed package in a browser, through each bundler and through none: each page transforms a manifest. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { createServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dualStack } from "../manifests.ts";
import { launch, serve, visit } from "./browser.ts";
import { esbuild, esbuildWithCopy, vite, webpack } from "./bundle.ts";
import { installedPackage, project } from "./install.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** The text that the page shows once it has one. */
const shown = (address: string) =>
  visit(browser, address, async (page) => {
    await page.waitForFunction(() => document.querySelector("pre")?.textContent);
    return page.textContent("pre");
  });

async function shownBy(folder: string): Promise<string | null> {
  await using site = await serve(folder);
  return await shown(`${site.address}/`);
}

/** A project with the package's dist/ copied beside its page. */
function copied(template: string): string {
  const folder = project(template);
  cpSync(join(installedPackage(), "dist"), join(folder, "calico-ipv6"), { recursive: true });
  return folder;
}

describe("a bundler finds the module and the texts of rules by itself", () => {
  test("Vite", async () => expect(await shownBy(vite("bundled"))).toBe(dualStack));
  test("webpack", async () => expect(await shownBy(await webpack("bundled"))).toBe(dualStack));
  test("Vite, in a worker", async () => expect(await shownBy(vite("worker-bundled"))).toBe(dualStack));
  test("Vite, in a worker that awaits", async () => expect(await shownBy(vite("worker-await"))).toBe(dualStack));
  test("Vite, in the package's worker", async () => expect(await shownBy(vite("client"))).toBe(dualStack));
  test("webpack, in the package's worker", async () => expect(await shownBy(await webpack("client"))).toBe(dualStack));
  test("webpack, in a worker", async () => expect(await shownBy(await webpack("worker-bundled"))).toBe(dualStack));
});

describe("esbuild", () => {
  test("with both files copied beside the script", async () => expect(await shownBy(esbuildWithCopy("bundled"))).toBe(dualStack));
  test("with the module in the script", async () => expect(await shownBy(esbuild("slim-binary", "--loader:.wasm=binary"))).toBe(dualStack));
  test("with the module as a file", async () => expect(await shownBy(esbuild("slim-file", "--loader:.wasm=file"))).toBe(dualStack));
});

describe("no bundler", () => {
  test("a module script", async () => expect(await shownBy(copied("script"))).toBe(dualStack));
  test("a module worker", async () => expect(await shownBy(copied("worker"))).toBe(dualStack));

  test("an address of another origin", async () => {
    await using cdn = await serve(join(installedPackage(), "dist"), { "access-control-allow-origin": "*" });
    await using site = await serve(project("elsewhere"), {});
    expect(await shown(`${site.address}/?from=${cdn.address}`)).toBe(dualStack);
  });
});

test("Vite's development server", async () => {
  const server = await createServer({ root: project("bundled", "bundled-vite-dev"), configFile: false, logLevel: "warn", server: { port: 0 } });
  try {
    await server.listen();
    expect(await shown(server.resolvedUrls?.local[0] ?? "")).toBe(dualStack);
  } finally {
    await server.close();
  }
});
