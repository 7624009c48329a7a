import { type EngineSource, start } from "./functions.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param source the module, `calico-ipv6/engine.wasm`, however your tools deliver it
 */
export function init(source: EngineSource): Promise<void> {
  return start(source);
}
