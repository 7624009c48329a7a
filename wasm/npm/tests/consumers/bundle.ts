/** A project through each bundler, as its documentation begins. Each gives the folder that is served. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import webpackCompiler from "webpack";
import { installedPackage, project, run } from "./install.ts";

/** What no bundler knows of: the page, and the manifest that it fetches. */
function page(folder: string): string {
  const out = join(folder, "out");
  for (const file of ["index.html", "installation.yaml"]) cpSync(join(folder, file), join(out, file));
  return out;
}

export function vite(template: string): string {
  const folder = project(template, `${template}-vite`);
  run(folder, "vite", "build", "--outDir", "out", "--logLevel", "warn");
  cpSync(join(folder, "installation.yaml"), join(folder, "out/installation.yaml"));
  return join(folder, "out");
}

export async function webpack(template: string): Promise<string> {
  const folder = project(template, `${template}-webpack`);
  // Without hints: webpack would advise against any file of more than 244 KiB.
  const options = { context: folder, entry: "./main.js", mode: "production", performance: false } as const;
  const compiler = webpackCompiler({ ...options, output: { path: join(folder, "out") } });
  const stats = await new Promise<import("webpack").Stats | undefined>((resolve, reject) => {
    compiler?.run((error, stats) => (error ? reject(error) : resolve(stats)));
  });
  if (stats?.hasErrors() || stats?.hasWarnings()) throw new Error(stats.toString());
  return page(folder);
}

export function esbuild(template: string, ...options: string[]): string {
  const folder = project(template, `${template}-esbuild`);
  run(folder, "esbuild", "main.js", "--bundle", "--format=esm", "--outdir=out", "--log-level=warning", ...options);
  return page(folder);
}

/** esbuild leaves the addresses of both files as they are, so they are copied to where these point. */
export function esbuildWithCopy(template: string): string {
  const out = esbuild(template);
  for (const file of ["engine.wasm", "rules.json"]) cpSync(join(installedPackage(), "dist", file), join(out, file));
  return out;
}
