/** The worker: one message brings the compiled engine, every other one is a call, and waits for it. */
import * as api from "../../wasm/npm/src/api.js";
import { start } from "../../wasm/npm/src/functions.js";
import type { Answer, Call, Start } from "./engine.js";

let deliver: (module: WebAssembly.Module) => void;
const started = new Promise<WebAssembly.Module>((resolve) => (deliver = resolve)).then(start);

addEventListener("message", async ({ data }: MessageEvent<Start | Call>) => {
  if ("module" in data) deliver(data.module);
  else postMessage(await answer(data));
});

async function answer({ id, method, values }: Call): Promise<Answer> {
  try {
    await started;
    const call = api[method] as (...values: unknown[]) => unknown;
    return { id, value: call(...values) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
