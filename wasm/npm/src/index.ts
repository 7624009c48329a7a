import { type EngineSource, start } from "./functions.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param source where the module comes from; the file beside this one where nothing is given
 */
export function init(source?: EngineSource): Promise<void> {
  return start(source ?? new URL("./engine.wasm", import.meta.url));
}
