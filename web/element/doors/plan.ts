/** Plans addresses: how large the cluster becomes, and the ranges that hold it. */
import type { TemplateResult } from "lit";
import type { AddressNote, AddressPlan, AddressRequest, FamilyPlan, PlannedRange } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import { quoted } from "./command.js";
import type { Door } from "./doors.js";
import { Latest } from "./latest.js";

type Key = "nodes" | "podsPerNode" | "services" | "ipv6PodCIDR" | "ipv4PodCIDR" | "ipv6ServiceCIDR" | "ipv4ServiceCIDR";

const COUNTS: [Key, string, string][] = [
  ["nodes", "Nodes", "Maximum number of nodes (default 256)."],
  ["podsPerNode", "Pods on each node", "kubelet's maxPods (default 110)."],
  ["services", "Services", "Maximum number of Services."],
];

/** The ranges, with the words of their fields: these are there also if the engine is not. */
const RANGES: [Key, string][] = [
  ["ipv6PodCIDR", "IPv6 pod CIDR"],
  ["ipv4PodCIDR", "IPv4 pod CIDR"],
  ["ipv6ServiceCIDR", "IPv6 service CIDR"],
  ["ipv4ServiceCIDR", "IPv4 service CIDR"],
];

const label = (key: string): string => [...COUNTS, ...RANGES].find(([one]) => one === key)?.[1] ?? key;

/** The same plan on the command line. */
const command = (request: AddressRequest): string =>
  ["cidr", ...Object.entries(request).map(([key, value]) => `--${FLAGS[key] ?? key} ${quoted(`${value}`)}`)].join(" ");

const FLAGS: Partial<Record<string, string>> = {
  podsPerNode: "pods-per-node",
  ipv6PodCIDR: "ipv6-pod-cidr",
  ipv4PodCIDR: "ipv4-pod-cidr",
  ipv6ServiceCIDR: "ipv6-service-cidr",
  ipv4ServiceCIDR: "ipv4-service-cidr",
};

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number of any size: of what nobody can count, two digits and the power of ten (4.7 × 10²¹). */
function amount(digits: string): string {
  const n = BigInt(digits);
  if (n < 1_000_000_000_000n) return n.toLocaleString();
  const [factor, power = ""] = Number(n).toExponential(1).split("e+");
  return `${factor} × 10${[...power].map((digit) => RAISED[Number(digit)]).join("")}`;
}

const ORDER = { error: "Error", warning: "Warning", info: "Note" };

export function planDoor(app: CalicoIPv6, kit: Kit): Door {
  const { html, nothing, heading, prose, capital, sentence } = kit;
  const random = kit.randomBits();
  const asked: Partial<Record<Key, string>> = {};
  const request = (): AddressRequest => {
    const { to } = app.session.target;
    const given = Object.fromEntries(Object.entries(asked).filter(([key]) => hasEffect(key)));
    return { ...given, ...(to ? { to: to as AddressRequest["to"] } : {}) };
  };
  const plan = new Latest<AddressPlan>(
    () => kit.engine.call("planCidrs", request(), random),
    () => app.requestUpdate(),
  );

  const hasEffect = (key: string) => app.session.hasEffect(key);

  const set = (key: Key) => (event: Event) => {
    const value = (event.target as HTMLInputElement).value.trim();
    if (value) asked[key] = value;
    else delete asked[key];
    app.requestUpdate();
  };

  const field = (key: Key, label: string, help: string, made?: AddressPlan) => {
    const wrong = made?.problems.find(({ option }) => option === key)?.message;
    const placeholder = made?.options.find((option) => option.key === key)?.value ?? "";
    return html`<div class="row ${wrong ? "wrong" : ""}">
      <label for="plan-${key}">${label}</label>
      <input id="plan-${key}" type="text" inputmode=${help ? "numeric" : "text"} autocomplete="off" spellcheck="false" .value=${asked[key] ?? ""}
        placeholder=${placeholder} aria-describedby="plan-${key}-help" aria-invalid=${wrong !== undefined} @change=${set(key)} />
      <p class=${wrong ? "problem" : "help"} id="plan-${key}-help">${wrong ? prose(app, wrong) : help}</p>
    </div>`;
  };

  const range = (title: string, { cidr, given, why }: PlannedRange) =>
    html`<dt>${title}</dt><dd><code class=${given ? "" : "proposed"}>${cidr}</code>${given ? "" : " proposed"}<br />${given ? "From you." : prose(app, why)}</dd>`;

  const family = (one: FamilyPlan) => html`
    <section class="card" part="card">
      <header class="card-head">${heading(app, 1, one.family)}</header>
      <dl class="explained">
        ${range("Pods", one.pods)} ${range("Services", one.services)}
        <dt>Each node</dt><dd>/${one.nodeMask} of the pod CIDR, for ${amount(one.nodes)} ${one.nodes === "1" ? "node" : "nodes"}${one.nodeMaskFlag ? html`: <code>${one.nodeMaskFlag}</code> of kube-controller-manager` : nothing}</dd>
        <dt>Room</dt><dd>${amount(one.addresses)} pod addresses in ${amount(one.blocks)} blocks of /${one.blockSize}; ${amount(one.clusterIPs)} ClusterIPs</dd>
      </dl>
    </section>`;

  const note = (one: AddressNote) => html`
    <section class="card finding ${one.severity}" part="card">
      <header class="card-head">${heading(app, 1, html`<span class="severity">${ORDER[one.severity]}:</span> ${capital(one.message)}`)}</header>
      <dl class="explained">${one.consequence ? html`<dt>Impact</dt><dd>${prose(app, one.consequence)}</dd>` : nothing}<dt>Help</dt><dd>${prose(app, one.help)}</dd></dl>
    </section>`;

  /** The ranges that a person typed become answers of the other doors; the others stay proposed there. */
  const use = (door: "change" | "write", made: AddressPlan) => () => {
    const ranges = (isTyped: boolean) => Object.fromEntries(made.options.filter(({ key }) => key in asked === isTyped).map(({ key, value }) => [key, value]));
    app.session.takePlan(ranges(true), ranges(false));
    app.goThrough(door);
  };

  const headline = (made: AddressPlan): [string, string] => {
    if (made.problems.length > 0) return kit.notValid(made.problems, label);
    if (!made.ok) return ["These ranges do not work", "Each error says what to do."];
    return ["These ranges have room for the cluster", "Addresses that are not yours are proposed: type your own, and the plan follows."];
  };

  const again = () => {
    plan.again();
    void app.session.run();
  };

  const output = (made: AddressPlan | undefined): TemplateResult => {
    if (plan.failure) return kit.failed(plan.failure, command(request()), again);
    if (!made) return html``;
    const said = sentence(...headline(made), made.ok ? "good" : "bad");
    if (made.problems.length > 0) return html`${said} ${made.problems.map(({ message }) => html`<p class="remark error">${prose(app, message)}</p>`)}`;
    return html`
      ${said}
      ${made.ok ? html`<div class="actions"><button type="button" class="primary" @click=${use("change", made)}>Use them to change my files</button><button type="button" @click=${use("write", made)}>Use them for new files</button></div>` : nothing}
      <div class="panel">${made.notes.map(note)} ${made.families.map(family)}</div>
    `;
  };

  return {
    render() {
      const made = plan.to(request());
      return html`
        <form class="input target" part="input" aria-label="The cluster" novalidate @submit=${(event: Event) => event.preventDefault()}>
          ${heading(app, 0, "Your cluster")} ${kit.families(app)}
          ${COUNTS.map(([key, label, help]) => field(key, label, help, made))}
          ${RANGES.filter(([key]) => hasEffect(key)).map(([key, label]) => field(key, label, "", made))}
          ${kit.strip(app, made ? headline(made)[0] : "")}
        </form>
        <section class="output" part="output" aria-labelledby="result-heading"><div id="result-heading">${heading(app, 0, "Plan")}</div>${output(made)}</section>
      `;
    },
  };
}
