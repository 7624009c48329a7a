/** Before `init()` nothing answers, and every function says what to do. In a file of its own: each file starts anew. */
import * as engine from "calico-ipv6";
import { expect, test } from "vitest";

/** What asks no engine, or starts one of its own. */
const WITHOUT_ENGINE = ["init", "unifiedDiff", "createWorkerClient", "Cancelled"];
const functions = Object.entries(engine)
  .filter(([name]) => !WITHOUT_ENGINE.includes(name)) as [string, (...values: unknown[]) => unknown][];

test.each(functions)("%s before init() throws", (_, call) => {
  expect(() => call([], {})).toThrow("call `await init()` first");
});

test("an init() that failed can be repeated, and works from then on", async () => {
  await expect(engine.init(new Uint8Array([1, 2, 3]))).rejects.toThrow(WebAssembly.CompileError);
  expect(() => engine.version()).toThrow("call `await init()` first");
  await engine.init();
  expect(engine.rules().rules.length).toBeGreaterThan(0);
});
