/** The functions of the engine. All are synchronous and pure; what is found is data, only misuse throws. */
import type { Rules } from "./bindings.js";
import * as bindings from "./bindings.js";
import { type Get, type RulesSource, isAddress, packed, readRules } from "./texts.js";

export type { RulesSource } from "./texts.js";

/** What the engine can be started from: its bytes, a compiled module, or a response that delivers it. */
export type EngineSource = BufferSource | WebAssembly.Module | Response | URL | string | Promise<Response>;

let isReady = false;
let catalogue: Rules;
let attempt = Promise.resolve();

/** Starts the engine once; later calls do nothing, and calls at the same time wait for each other. */
export function start(engine: EngineSource, rules: RulesSource, get: Get = fetch): Promise<void> {
  attempt = attempt.catch(() => {}).then(() => (isReady ? undefined : begin(engine, rules, get)));
  return attempt;
}

async function begin(engine: EngineSource, rules: RulesSource, get: Get): Promise<void> {
  const instantiate = async () => bindings.default({ module_or_path: await (isAddress(engine) ? get(engine) : engine) });
  // Both at the same time, and both to their end: an engine that starts late must not replace that of a later attempt.
  const [module, read] = await Promise.allSettled([instantiate(), readRules(rules, get)]);
  if (module.status === "rejected") throw module.reason;
  if (read.status === "rejected") throw read.reason;
  const [texts, own] = [read.value.engine, bindings.version()];
  if (texts !== own) {
    throw new Error(`rules.json is of version ${texts} and engine.wasm of version ${own}: deliver both files from the same package`);
  }
  catalogue = read.value;
  bindings.loadRuleTexts(packed(catalogue));
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
export const lint = started(bindings.lint);
export const generate = started(bindings.generate);
export const kinds = started(bindings.kinds);
export const planCidrs = started(bindings.planCidrs);
export const inspect = started(bindings.inspect);
export const checkTarget = started(bindings.checkTarget);
export const options = started(bindings.options);
/** Every rule, by id. */
export const rules = started((): Rules => structuredClone(catalogue));
export const explain = started(bindings.explain);
export const uniqueLocalPodCIDR = started(bindings.uniqueLocalPodCIDR);
export const version = started(bindings.version);
