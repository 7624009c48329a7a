// Builds dist/ around the engine that `cargo xtask wasm` has put there.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transformSync } from "esbuild";
import { licenses } from "./licenses.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const compiler = here("../../node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", here(".")], { stdio: "inherit" });
for (const file of ["bindings.js", "bindings.d.ts", "element.d.ts", "engine.wasm.d.ts", "rules.d.ts"]) copyFileSync(here(`src/${file}`), here(`dist/${file}`));

copyFileSync(here("../../LICENSE"), here("LICENSE"));
copyFileSync(here("../../web/element/element.css"), here("dist/element.css"));

// The element stands alone: what it needs is in it. Only the editor and the examples are files of their own: the editor is loaded
// when somebody edits, and the examples beside the engine.
// The worker holds no address of its own: the element gives it one, so that bundlers find both files in the element.
const element = here("../../web/element");
const common = { bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning", metafile: true };
const worker = await build({ ...common, entryPoints: [`${element}/worker.ts`], outfile: here("dist/worker.js") });
// Styles are texts to esbuild: it gets each of them as CSS here, but for the colours, which are computed.
const minified = (_, text) => `css\`${transformSync(text, { loader: "css", minify: true }).code.trim().replaceAll("\\", "\\\\")}\``;
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /element\/styles\/.*\.ts$/ }, ({ path }) => ({ contents: readFileSync(path, "utf8").replace(/css`([^`$]*)`/g, minified), loader: "ts" })),
};
const scripts = await build({
  ...common,
  plugins: [styles],
  entryPoints: { element: `${element}/index.ts` },
  outdir: here("dist"),
  splitting: true,
  chunkNames: "[name]",
  loader: { ".yaml": "text" },
  // Its own is 11 KB, for pages that a server renders.
  alias: { "@lit-labs/ssr-dom-shim": `${element}/no-document.ts` },
  // These builds of Lit can be imported where there is no document, and work where there is one.
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["node"],
});

const inputs = [worker, scripts].flatMap(({ metafile }) => Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
writeFileSync(here("dist/licenses.txt"), licenses(here("../.."), new Set(inputs)));
