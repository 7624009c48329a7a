import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Browsers start as often as they need; a test that hangs is stopped.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
