import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "tests/consumers/install.ts",
    // What users import is loaded by Node itself.
    server: { deps: { external: [/\/dist\//] } },
    // Bundlers and browsers start as often as they need; a test that hangs is stopped.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
