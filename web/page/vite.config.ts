import { init, rules } from "calico-ipv6";
import { type Plugin, defineConfig } from "vite";
import { rulesPage } from "./rules.js";

/** Puts the page of all rules beside the others. */
function rulesFile(): Plugin {
  return {
    name: "rules-page",
    apply: "build",
    async generateBundle(_, bundle) {
      await init();
      const style = Object.keys(bundle).find((name) => name.endsWith(".css"));
      this.emitFile({ type: "asset", fileName: "rules.html", source: rulesPage(rules().rules, `./${style}`) });
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
