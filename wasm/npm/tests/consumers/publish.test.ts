/** What is published. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { installedPackage, run } from "./install.ts";

const { tarball, folder } = inject("installed");

test("these files and no others", async () => {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n").sort();
  await expect(`${files.join("\n")}\n`).toMatchFileSnapshot("published.txt");
});

test("every export is a file that is published", () => {
  const { exports } = JSON.parse(readFileSync(join(installedPackage(), "package.json"), "utf8"));
  const paths = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target as object)));
  for (const path of paths) expect(readFileSync(join(installedPackage(), path)).length, path).toBeGreaterThan(0);
});

test("publint has nothing to say", () => {
  expect(run(folder, "publint", "run", tarball, "--strict")).toContain("All good!");
});

test("are the types wrong? They are not, for whoever imports", () => {
  // What is no JavaScript has no types.
  const data = ["--exclude-entrypoints", "./engine.wasm", "./rules.json", "./schema.json", "./licenses.txt", "./element.css"];
  // It fails where a type is wrong for ECMAScript modules, which is what the package is.
  const said = run(folder, "attw", tarball, "--profile", "esm-only", "--no-definitely-typed", ...data);
  expect(said.match(/node16 \(from ESM\): 🟢 \(ESM\)\s+bundler: 🟢/g)).toHaveLength(3);
});

test("the licenses of what is built in are there, each with its text", () => {
  const licenses = readFileSync(join(installedPackage(), "dist/licenses.txt"), "utf8");
  for (const name of ["lit", "lit-html", "@codemirror/view", "@lezer/yaml", "fflate", "granit-parser", "serde", "wasm-bindgen", "libyaml", "Rust standard library"]) {
    expect(licenses).toMatch(new RegExp(`^${name}( [\\d.]+)?: .+`, "m"));
  }
  for (const words of ["Permission is hereby granted", "Redistribution and use in source and binary forms", "Copyright (c) 2017 Google LLC", "Kirill Simonov"]) {
    expect(licenses).toContain(words);
  }
});
