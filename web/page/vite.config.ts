import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init, rules } from "calico-ipv6";
import { type Plugin, defineConfig } from "vite";
import { rulesPage } from "./rules.js";

/** Puts the page of all rules, and the licenses, beside the others. */
function rulesFile(): Plugin {
  let script = "";
  return {
    name: "rules-page",
    apply: "build",
    buildStart() {
      script = this.emitFile({ type: "chunk", id: fileURLToPath(new URL("./rules-page.ts", import.meta.url)), name: "rules-page" });
    },
    async generateBundle(_, bundle) {
      await init();
      const style = Object.keys(bundle).find((name) => name.endsWith(".css"));
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: readFileSync(new URL("../../wasm/npm/dist/licenses.txt", import.meta.url)) });
      this.emitFile({ type: "asset", fileName: "rules.html", source: rulesPage(rules().rules, `./${style}`, `./${this.getFileName(script)}`) });
    },
  };
}

export default defineConfig({
  // Works from any folder of any host.
  base: "./",
  plugins: [rulesFile()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
