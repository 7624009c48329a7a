// The licenses of all that is in dist/: crates in the module, packages in the scripts.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

// Where there are several texts to choose from, the shortest one is that of MIT.
const TEXTS = [/^LICENSE-MIT/i, /^(LICENSE|LICENCE|COPYING)(\.|$)/i, /^(LICENSE|LICENCE|COPYING)/i];

function textIn(folder) {
  const names = readdirSync(folder).sort();
  const name = TEXTS.map((one) => names.find((file) => one.test(file))).find(Boolean);
  return name === undefined ? "" : readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim();
}

/** The crates of the module, without macros, which are not in it, and without our own. */
function crates(root) {
  const cargo = (...words) => execFileSync("cargo", [...words, "--locked"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  const tree = ["--package", "calico-ipv6-wasm", "--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro", "--prefix", "none"];
  const built = new Set(cargo("tree", ...tree, "--format", "{p}").split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  const { packages } = JSON.parse(cargo("metadata", "--format-version", "1"));
  const isBuilt = ({ name, version, source }) => source !== null && built.has(`${name} v${version}`);
  return packages.filter(isBuilt).map(({ name, version, license, repository, manifest_path }) => ({
    name: `${name} ${version}`, license, url: repository, text: textIn(dirname(manifest_path)),
  }));
}

/** The packages whose files are in the scripts. */
function packages(root, inputs) {
  const names = new Set([...inputs].flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path)?.[1] ?? []));
  return [...names].map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license, repository, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { name: `${name} ${version}`, license, url: (repository?.url ?? repository ?? homepage ?? "").replace(/^git\+/, ""), text: textIn(folder) };
  });
}

/** One list, and each text once. */
export function licenses(root, inputs) {
  const text = (path) => readFileSync(join(root, path), "utf8").trim();
  // Rust's own library is in the module, and no crate of the lock file.
  const rust = { name: "Rust standard library", license: "MIT OR Apache-2.0", url: "https://github.com/rust-lang/rust", text: text("xtask/src/dist/licenses/rust.txt") };
  // The second parser is a port of this one.
  const libyaml = { name: "libyaml", license: "MIT", url: "https://github.com/yaml/libyaml", text: text("engine/src/yaml/libyaml/LICENSE-MIT") };
  const all = [rust, libyaml, ...crates(root), ...packages(root, inputs)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const nameless = all.filter(({ license, text }) => !license && !text);
  if (nameless.length > 0) throw new Error(`no license is known of ${nameless.map(({ name }) => name).join(", ")}`);
  const byText = new Map();
  for (const one of all) byText.set(one.text, [...(byText.get(one.text) ?? []), one]);
  const list = all.map(({ name, license, url }) => `${name}: ${license}${url ? `, ${url}` : ""}`).join("\n");
  const texts = [...byText].filter(([text]) => text !== "").map(([text, of]) => `${of.map(({ name }) => name).join("\n")}\n\n${text}`);
  return `calico-ipv6 is licensed under Apache-2.0. It contains parts of these works:\n\n${list}\n\n${texts.map((text) => `${"-".repeat(80)}\n${text}\n`).join("\n")}`;
}
