/** The functions of the engine. All are synchronous and pure; what is found is data, only misuse throws. */
import * as bindings from "./bindings.js";

let isReady = false;

/** What the engine can be started from: its bytes, a compiled module, or a response that delivers it. */
export type EngineSource = BufferSource | WebAssembly.Module | Response | URL | string | Promise<Response>;

/** Starts the engine once; later calls do nothing. */
export async function start(source: EngineSource): Promise<void> {
  if (isReady) return;
  await bindings.default({ module_or_path: source });
  isReady = true;
}

function started<F extends (...values: never[]) => unknown>(call: F): F {
  const checked = (...values: never[]) => {
    if (!isReady) throw new Error("the engine is not started: call `await init()` first");
    return call(...values);
  };
  return checked as F;
}

export const transform = started(bindings.transform);
export const generate = started(bindings.generate);
export const kinds = started(bindings.kinds);
export const planCidrs = started(bindings.planCidrs);
export const inspect = started(bindings.inspect);
export const checkTarget = started(bindings.checkTarget);
export const options = started(bindings.options);
export const rules = started(bindings.rules);
export const explain = started(bindings.explain);
export const unifiedDiff = started(bindings.unifiedDiff);
export const uniqueLocalPodCIDR = started(bindings.uniqueLocalPodCIDR);
export const version = started(bindings.version);
