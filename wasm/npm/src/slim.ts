import { type EngineSource, type RulesSource, start } from "./functions.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param engine the module, `calico-ipv6/engine.wasm`, however your tools deliver it
 * @param rules the texts of rules, `calico-ipv6/rules.json` of the same package: an address, a response, or the content
 */
export function init(engine: EngineSource, rules: RulesSource): Promise<void> {
  return start(engine, rules);
}
