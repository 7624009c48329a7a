import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["*.ts"], exclude: ["vitest.config.ts"], testTimeout: 300_000, disableConsoleIntercept: true } });
