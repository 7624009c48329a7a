/** The types of the installed package, as strict as a project can be. */
import { beforeAll, expect, test } from "vitest";
import { project, run } from "./install.ts";

let folder: string;
beforeAll(() => {
  folder = project("typescript");
});

const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--verbatimModuleSyntax", "--skipLibCheck", "false", "--types", "", "--target", "es2022", "--resolveJsonModule"];

test.each([
  ["nodenext", "nodenext"],
  ["bundler", "esnext"],
])("moduleResolution %s", (resolution, module) => {
  expect(run(folder, "tsc", ...strict, "--moduleResolution", resolution, "--module", module, "main.ts")).toBe("");
});
