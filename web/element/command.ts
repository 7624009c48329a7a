/** The same wish for other tools: as a command, as a file, as code. */
import type { TargetOption } from "../../wasm/npm/src/api.js";

type Options = ReadonlyMap<string, TargetOption>;
type Values = Readonly<Record<string, string>>;

const entries = (target: Values, options: Options): [TargetOption, string][] =>
  [...options.values()].flatMap((option): [TargetOption, string][] => {
    const value = target[option.key];
    return value === undefined ? [] : [[option, value]];
  });

/** A word for a POSIX shell. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command line; only `transform` writes. */
export function commandLine(subcommand: "transform" | "lint", target: Values, options: Options, files: readonly string[]): string {
  const flags = entries(target, options).map(([option, value]) => `--${option.flag} ${quoted(value)}`);
  const names = files.map((name) => quoted(name.startsWith("-") ? `./${name}` : name));
  const write = subcommand === "transform" ? ["-w"] : [];
  const words = [`calico-ipv6 ${subcommand}`, ...flags, [...write, ...(names.length > 0 ? names : ["calico.yaml"])].join(" ")];
  return words.join(words.length > 2 ? " \\\n  " : " ");
}

/** The `Target` document for `--config`. */
export function configDocument(target: Values, options: Options): string {
  const scalar = (value: string) => (/^(true|false|\d+)$/.test(value) ? value : /^[\w./-]+$/.test(value) ? value : JSON.stringify(value));
  const spec = entries(target, options).map(([option, value]) => `  ${option.key}: ${scalar(value)}\n`);
  return `apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata:\n  name: production\nspec:\n${spec.join("")}`;
}

/** A program for Node. */
export function program(target: Values, options: Options, files: readonly string[]): string {
  const wish = entries(target, options).map(([option, value]) => `${option.key}: ${JSON.stringify(value)}`);
  const name = JSON.stringify(files[0] ?? "calico.yaml");
  return `import { readFileSync, writeFileSync } from "node:fs";
import { init, transform } from "calico-ipv6";

await init();
const name = ${name};
const text = readFileSync(name, "utf8");
const { files: [file] } = transform([{ name, text }], { ${wish.join(", ")} });
if (file.text) writeFileSync(name, file.text);
`;
}
