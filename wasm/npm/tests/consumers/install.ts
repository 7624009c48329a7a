/** The package as a stranger gets it: packed, and installed into a folder of its own, once for all tests. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder whose node_modules has the package, and the tarball in it. */
    installed: { folder: string; tarball: string };
  }
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const npm = (cwd: string, ...args: string[]) => execFileSync("npm", [...args, "--loglevel=error"], { cwd, encoding: "utf8" });

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "calico-ipv6-"));
  const [packed] = JSON.parse(npm(here("../.."), "pack", "--json", "--pack-destination", folder)) as [{ filename: string }];
  const tarball = join(folder, packed.filename);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  npm(folder, "install", "--offline", "--no-audit", "--no-fund", tarball);
  provide("installed", { folder, tarball });
  return () => rmSync(folder, { recursive: true });
}

/** The folder of the installed package. */
export const installedPackage = () => join(inject("installed").folder, "node_modules/calico-ipv6");

/** A project beside the installed package: a copy of a folder from here, with the manifests that all projects share. */
export function project(template: string, name = template): string {
  const folder = join(inject("installed").folder, "projects", name);
  mkdirSync(folder, { recursive: true });
  for (const from of ["shared", template]) cpSync(here(from), folder, { recursive: true });
  return folder;
}

/** A program of the repository's own tools, in a project. What it printed. */
export const run = (cwd: string, tool: string, ...args: string[]) => start(cwd, here(`../../../../node_modules/.bin/${tool}`), args);

/** Node itself, in a project. What it printed. */
export const node = (cwd: string, ...args: string[]) => start(cwd, process.execPath, args);

function start(cwd: string, program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}
