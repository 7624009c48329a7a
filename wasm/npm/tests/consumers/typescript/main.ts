import { init, transform, type Finding, type Severity, type Target, type Transformation } from "calico-ipv6";
import { init as start, type EngineSource, type RulesSource } from "calico-ipv6/slim";
import rules from "calico-ipv6/rules.json" with { type: "json" };
import schema from "calico-ipv6/schema.json" with { type: "json" };

const target: Target = { to: "ipv6-only", ipv6PodCIDR: "fd00:10:244::/56", nodesHaveIPv4: true, ipv6BlockSize: 122, routerID: null };
const bytes: EngineSource = new Uint8Array();
const texts: RulesSource = rules;

export async function errors(text: string): Promise<string[]> {
  await init();
  await start(bytes, texts);
  const plan: Transformation = transform([{ name: schema.title, text }], target);
  const isError = ({ severity }: Finding) => severity === ("error" satisfies Severity);
  return plan.files.flatMap((file) => file.findings.filter(isError).map(({ message }) => message));
}

// @ts-expect-error: `to` is what a target must say
transform([], {});
// @ts-expect-error: there is no such stack
transform([], { to: "ipv5-only" });
// @ts-expect-error: keys are written as Kubernetes writes them
transform([], { to: "dual-stack", ipv6PodCidr: "fd00::/56" });
// @ts-expect-error: texts come with their names
transform(["kind: Installation"], target);
// @ts-expect-error: ./slim has no module of its own
start();
// @ts-expect-error: ./slim has no texts of rules of its own
start(bytes);
