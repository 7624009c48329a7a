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

/** Loads every part with the page, the larger ones last: a page that went offline, or a host with another version, takes nothing away. */
function everyPart(): Plugin {
  return {
    name: "every-part",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const parts = Object.keys(bundle).filter((name) => /^assets\/(doors|examples|editor)-/.test(name)).sort((a, b) => size(bundle[a]) - size(bundle[b]));
        return parts.map((name) => ({ tag: "link", attrs: { rel: "modulepreload", fetchpriority: "low", crossorigin: true, href: `./${name}` }, injectTo: "head" }));
      },
    },
  };
}

const size = (part: { type: string; code?: string } | undefined): number => part?.code?.length ?? 0;

export default defineConfig({
  // Works from any folder of any host.
  base: "./",
  plugins: [rulesFile(), everyPart()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
