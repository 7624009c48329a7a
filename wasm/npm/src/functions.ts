/** The functions of the engine. All are synchronous; what is found is data, only misuse throws. */
import type {
  AddressPlan, AddressRequest, GeneratedKind, Generation, Inspection, Kind, Lint, Rules, SourceFile, Steps, Target, TargetCheck,
  TargetOption, Transformation,
} from "./bindings.js";
import * as bindings from "./bindings.js";
import { checkedFiles, checkedKinds, checkedOptions, checkedText, randomBytes } from "./check.js";
import { type Get, type RulesSource, isAddress, packed, readRules } from "./texts.js";

export type { RulesSource } from "./texts.js";

/** What the engine can be started from: its bytes, a compiled module, or a response that delivers it. */
export type EngineSource = BufferSource | WebAssembly.Module | Response | URL | string | Promise<Response>;

/** Makes an instance of a module. */
export type Instantiate = (engine: EngineSource) => Promise<void>;

let isReady = false;
let catalogue: Rules;
let attempt = Promise.resolve();

/** Starts the engine once; later calls do nothing, and calls at the same time wait for each other. */
export function start(engine: EngineSource, rules: RulesSource, get: Get = fetch, instantiate: Instantiate = instance(get)): Promise<void> {
  attempt = attempt.catch(() => {}).then(() => (isReady ? undefined : begin(engine, rules, get, instantiate)));
  return attempt;
}

const instance = (get: Get): Instantiate => async (engine) => {
  await bindings.default({ module_or_path: await (isAddress(engine) ? get(engine) : engine) });
};

async function begin(engine: EngineSource, rules: RulesSource, get: Get, instantiate: Instantiate): Promise<void> {
  // Both at the same time, and both to their end: an engine that starts late must not replace that of a later attempt.
  const [module, read] = await Promise.allSettled([instantiate(engine), readRules(rules, get)]);
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

function engine(): typeof bindings {
  if (!isReady) throw new Error("the engine is not started: call `await init()` first");
  return bindings;
}

/**
 * Transforms all files of one cluster together: what one says is known to the others.
 *
 * `ok` says whether the result can be used. `problems` names what is wrong with the target, `problem` of a file why that file
 * cannot be read.
 *
 * @throws TypeError where `files` or `target` are not of these types
 */
export function transform(files: readonly SourceFile[], target: Readonly<Target>): Transformation {
  return engine().transform(checkedFiles(files), checkedOptions("target", target));
}

/**
 * Returns what a person does with the result of `transform`, in order, for each cluster whose files can be converted: what to check,
 * what to run, what restarts, how to see that it worked, and how to go back. `markdown` has all of it as one text.
 *
 * @throws TypeError where `files` or `target` are not of these types
 */
export function steps(files: readonly SourceFile[], target: Readonly<Target>): Steps[] {
  return transform(files, target).steps;
}

/**
 * Checks the files, each cluster for itself. Without `to` in the target, or without a target, each cluster is checked for the
 * stack that it has.
 *
 * @throws TypeError where `files` or `target` are not of these types
 */
export function lint(files: readonly SourceFile[], target?: Partial<Readonly<Target>>): Lint {
  return engine().lint(checkedFiles(files), target === undefined ? undefined : checkedOptions("target", target));
}

/**
 * Writes new files of these kinds: `["installation", "kubeadm"]`, or one name.
 *
 * `problems` names what is wrong with the target, `missingOptions` what is missing.
 *
 * @throws TypeError where `kinds` names none of them, or `target` is not of this type
 */
export function generate(kinds: Kind | readonly Kind[], target: Readonly<Target>): Generation {
  return engine().generate(checkedKinds(kinds), checkedOptions("target", target));
}

/** Everything that can be written, in the order in which help shows it. */
export function kinds(): GeneratedKind[] {
  return engine().kinds();
}

/**
 * Plans addresses: ranges for so many nodes, pods and Services, and what given ranges hold.
 *
 * @param random the five bytes of which an IPv6 range is made that is not given: random ones of the platform where they are left
 * out; `null` makes none, and the plan says that the range is missing
 * @throws TypeError where `request` is not of this type, or there are not five bytes
 */
export function planCidrs(request: Readonly<AddressRequest>, random?: Uint8Array | null): AddressPlan {
  return engine().planCidrs(checkedOptions("request", request), random === null ? null : randomBytes(random));
}

/**
 * Returns what is in the files: releases, variants, IP families, and the lines that state them.
 *
 * @throws TypeError where `files` is not of this type
 */
export function inspect(files: readonly SourceFile[]): Inspection {
  return engine().inspect(checkedFiles(files));
}

/**
 * Returns what is wrong with a target, whatever the files are.
 *
 * @throws TypeError where `target` is not of this type
 */
export function checkTarget(target: Readonly<Target>): TargetCheck {
  return engine().checkTarget(checkedOptions("target", target));
}

/** Everything that a target can say, in the order in which help shows it. */
export function options(): TargetOption[] {
  return engine().options();
}

/** Every rule, by id. */
export function rules(): Rules {
  engine();
  return structuredClone(catalogue);
}

/**
 * The page of a rule as Markdown, by its id or name; undefined where there is none.
 *
 * @throws TypeError where `rule` is not a string
 */
export function explain(rule: string): string | undefined {
  return engine().explain(checkedText("rule", rule));
}

/**
 * A unique-local IPv6 range for pods (RFC 4193).
 *
 * @param random the five bytes that make it, random ones of the platform where they are left out
 * @throws TypeError where there are not five bytes
 */
export function uniqueLocalPodCIDR(random?: Uint8Array): string {
  return engine().uniqueLocalPodCIDR(randomBytes(random));
}

/** The version of the package. */
export function version(): string {
  return engine().version();
}
