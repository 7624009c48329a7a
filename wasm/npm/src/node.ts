import { readFile } from "node:fs/promises";
import { type EngineSource, type RulesSource, start } from "./functions.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param engine where the module comes from; the file beside this one where nothing is given
 * @param rules where `rules.json` of the same package comes from; the file beside this one where nothing is given
 */
export function init(engine?: EngineSource, rules?: RulesSource): Promise<void> {
  return start(engine ?? new URL("./engine.wasm", import.meta.url), rules ?? new URL("./rules.json", import.meta.url), get);
}

/** `fetch` of Node gets no files. */
async function get(address: URL | string): Promise<Response> {
  const url = new URL(address);
  if (url.protocol !== "file:") return fetch(url);
  const type = url.pathname.endsWith(".wasm") ? "application/wasm" : "application/json";
  return new Response(new Uint8Array(await readFile(url)), { headers: { "content-type": type } });
}
