/** The same wish elsewhere: on the command line, as a file, in a program. */
import type { TemplateResult } from "lit";
import type { TargetOption } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";

type Options = ReadonlyMap<string, TargetOption>;
type Values = Readonly<Record<string, string>>;

const entries = (target: Values, options: Options): [TargetOption, string][] =>
  [...options.values()].flatMap((option): [TargetOption, string][] => {
    const value = target[option.key];
    return value === undefined ? [] : [[option, value]];
  });

/** A word for a POSIX shell. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** More files than so many are named by their folder. */
const MANY = 20;

/** The folder that all files are in: the first part of their names, or the one where the command runs. */
function folderOf(files: readonly string[]): string {
  const top = files[0]?.split("/")[0] ?? "";
  return files.every((name) => name.startsWith(`${top}/`)) ? top : "./";
}

/** The command line; only `transform` writes. */
export function commandLine(subcommand: "transform" | "lint", target: Values, options: Options, files: readonly string[]): string {
  const flags = entries(target, options).map(([option, value]) => `--${option.flag} ${quoted(value)}`);
  const isMany = files.length > MANY;
  const names = (isMany ? [folderOf(files)] : files).map((name) => quoted(name.startsWith("-") ? `./${name}` : name));
  const write = subcommand === "transform" ? ["-w"] : [];
  const words = [`calico-ipv6 ${subcommand}`, ...flags, [...write, ...(isMany ? ["-R"] : []), ...(names.length > 0 ? names : ["calico.yaml"])].join(" ")];
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
  const names = JSON.stringify(files.length > 0 ? files : ["calico.yaml"]).replaceAll('","', '", "');
  return `import { readFileSync, writeFileSync } from "node:fs";
import { init, transform } from "calico-ipv6";

await init();
const files = ${files.length > MANY ? "process.argv.slice(2)" : names}.map((name) => ({ name, text: readFileSync(name, "utf8") }));
const plan = transform(files, { ${wish.join(", ")} });
for (const { name, text } of plan.ok ? plan.files : []) {
  if (text) writeFileSync(name, text);
}
`;
}

export function commandView(app: CalicoIPv6, kit: Kit): (done: Done) => TemplateResult {
  return (done) => {
    const options = app.session.knowledge?.options ?? new Map();
    const names = done.files.map((file) => file.name);
    return kit.html`
      ${block(app, kit, "command", "On the command line", commandLine("transform", done.target, options, names))}
      ${block(app, kit, "document", "As a file for --config", configDocument(done.target, options))}
      ${block(app, kit, "program", "In a program (npm install calico-ipv6)", program(done.target, options, names))}
    `;
  };
}

/** A text that a person copies. */
export function block(app: CalicoIPv6, { heading, html }: Kit, what: string, title: string, text: string): TemplateResult {
  return html`
    <section class="command">
      <header class="command-head">
        ${heading(app, 1, title)}
        <button type="button" @click=${() => void app.copy(what, text)}>${app.copied === what ? "Copied" : "Copy"}<span class="hidden">: ${title}</span></button>
      </header>
      <pre class="block" tabindex="0"><code>${text}</code></pre>
    </section>
  `;
}
