import {
  createWorkerClient, generate, init, planCidrs, transform, checkTarget, inspect,
  type ChangedFile, type Finding, type Kind, type Severity, type SourceFile, type Target, type Transformation, type WorkerClient,
} from "calico-ipv6";
import { init as start, type EngineSource, type RulesSource } from "calico-ipv6/slim";
import engine from "calico-ipv6/engine.wasm";
import rules from "calico-ipv6/rules.json" with { type: "json" };
import schema from "calico-ipv6/schema.json" with { type: "json" };

const target: Target = { to: "ipv6-only", ipv6PodCIDR: "fd00:10:244::/56", nodesHaveIPv4: true, ipv6BlockSize: 122, routerID: null };
const bytes: EngineSource = engine;
const texts: RulesSource = rules;

export async function errors(text: string): Promise<string[]> {
  await init();
  await start(bytes, texts);
  const plan: Transformation = transform([{ name: schema.title, text }], target);
  const isError = ({ severity }: Finding) => severity === ("error" satisfies Severity);
  return plan.files.flatMap((file) => file.findings.filter(isError).map(({ message }) => message));
}

// What cannot be changed can be passed.
const files: readonly SourceFile[] = Object.freeze([{ name: "calico.yaml", text: "" }]);
const wish: Readonly<Target> = Object.freeze({ ...target, addressMap: ["192.0.2.1=2001:db8::1"] as const });
const kinds: readonly Kind[] = ["installation", "kubeadm"];

/** One shape says whether there is a result, and what is wrong with what was asked. */
export const problems = [transform(files, wish), generate(kinds, wish), planCidrs({ nodes: 500 }), inspect(files), checkTarget(wish)]
  .flatMap((result) => (result.ok ? [] : result.problems.map(({ option, message }) => `${option}: ${message}`)));

/** The outcome says what a file has. */
export const contents = transform(files, wish).files.map((file): string => {
  if (file.outcome === "changed") return file.text;
  if (file.outcome === "unreadable") return `${file.problem.message}: ${file.problem.help}`;
  const nothing: null = file.text;
  return `${file.outcome} ${nothing}`;
});
export const changed: ChangedFile[] = transform(files, wish).files.filter((file) => file.outcome === "changed");

/** A key of a target is one. */
export function answered(target: Target): Target {
  for (const { key, example } of transform(files, target).files.flatMap((file) => file.missingOptions)) {
    if (target[key] === undefined) console.log(`${key}: for example ${example}`);
  }
  return Object.assign({}, target, ...planCidrs({ to: target.to }).options.map(({ key, value }): Partial<Target> => ({ [key]: value })));
}

/** The same functions in a worker. */
export async function inWorker(): Promise<number> {
  const client: WorkerClient = createWorkerClient();
  const plan: Transformation = await client.transform(files, wish);
  client.terminate();
  return plan.files.length;
}

// @ts-expect-error: `to` is what a target must say
transform([], {});
// @ts-expect-error: there is no such stack
transform([], { to: "ipv5-only" });
// @ts-expect-error: keys are written as Kubernetes writes them
transform([], { to: "dual-stack", ipv6PodCidr: "fd00::/56" });
// @ts-expect-error: a number is a number
transform([], { to: "dual-stack", ipv6BlockSize: "122" });
// @ts-expect-error: a boolean is a boolean
transform([], { to: "dual-stack", running: "true" });
// @ts-expect-error: texts come with their names
transform(["kind: Installation"], target);
// @ts-expect-error: a file that may not be changed has no text
transform(files, wish).files[0]?.text.length;
// @ts-expect-error: the engine's own worker takes no other functions
createWorkerClient().transformAll;
// @ts-expect-error: ./slim has no module of its own
start();
// @ts-expect-error: ./slim has no texts of rules of its own
start(bytes);
