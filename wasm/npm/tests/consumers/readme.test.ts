/** What the README shows is what works: its lines are run as they stand there. */
import { init, transform } from "calico-ipv6";
import * as engine from "calico-ipv6";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { calico } from "../manifests.ts";
import { installedPackage, node, project } from "./install.ts";

const readme = () => readFileSync(join(installedPackage(), "README.md"), "utf8");
const block = (language: string) => readme().split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";

test("the lines of `Use` transform calico.yaml", async () => {
  const folder = project("shared", "readme");
  writeFileSync(join(folder, "readme.js"), block("js"));
  writeFileSync(join(folder, "calico.yaml"), calico);
  await init();
  const [file] = transform([{ name: "calico.yaml", text: calico }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" }).files;
  expect(file?.text).toContain("fd00:10:244::/56");
  expect(node(folder, "readme.js")).toBe(`# calico.yaml\n${file?.text}\n`);
  writeFileSync(join(folder, "calico.yaml"), "kind: Namespace\n");
  expect(node(folder, "readme.js")).toBe("");
});

test("every function and every import is in a table", () => {
  const { exports } = JSON.parse(readFileSync(join(installedPackage(), "package.json"), "utf8"));
  const imports = Object.keys(exports).filter((path) => path !== "./package.json").map((path) => path.replace(".", "calico-ipv6"));
  const rows = readme().split("\n").filter((line) => line.startsWith("| `")).join("\n");
  for (const name of imports) expect(rows).toContain(`| \`${name}\` |`);
  for (const name of Object.keys(engine)) if (name !== "init") expect(rows).toContain(`\`${name}(`);
});
