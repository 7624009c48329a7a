/** What the element says. */
import type { Change, Finding, Place, SourceFile, TargetProblem, Transformation, Transformed } from "../../wasm/npm/src/api.js";

const format = new Intl.NumberFormat();

export const number = (n: number): string => format.format(n);

export const count = (n: number, what: string): string => `${number(n)} ${what}${n === 1 ? "" : "s"}`;

/** The first of some words, and how many more there are. */
export const list = (all: readonly string[], most = 5): string => (all.length > most ? `${all.slice(0, most).join(", ")} and ${number(all.length - most)} more` : all.join(", "));

/** Names of programs: they are written like this also where a sentence begins. */
const NAMES = /^(calicoctl|dnsmasq|etcd|firewalld|flannel|kops|kubeadm|kubectl|kubelet|kubespray)\b/;

/** A remark with a capital letter in front; names keep their case. */
export const capital = (text: string): string =>
  /^([a-z]+([ ,:]|$)|(dual-stack|link-local|unique-local) )/.test(text) && !NAMES.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** What cannot be seen, or turns the direction of what follows. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name as it is shown: what cannot be seen is escaped, and a name that is read from right to left turns nothing around it. */
export function legible(name: string): string {
  const seen = name.replace(UNSEEN, (one) => `\\u{${one.charCodeAt(0).toString(16)}}`);
  return RIGHT_TO_LEFT.test(seen) ? `\u2068${seen}\u2069` : seen;
}

const STACKS: Record<string, string> = { "dual-stack": "dual-stack", "ipv6-only": "IPv6-only", "ipv4-only": "IPv4-only" };

/** `ipv6-only` as people write it. */
export const stack = (to: string | undefined): string => STACKS[to ?? ""] ?? "dual-stack";

/** Values of options as people write them. */
export function choice(key: string, value: string): string {
  if (key === "to") return { "dual-stack": "Dual-stack" }[value] ?? stack(value);
  const names: Record<string, string> = {
    true: "Yes",
    false: "No",
    auto: "Where it is needed",
    none: "None",
    vxlan: "VXLAN",
    "vxlan-cross-subnet": "VXLAN across subnets",
    kubeadm: "kubeadm",
    other: "Something else",
    bird: "BIRD (BGP)",
    ipv4: "IPv4",
    ipv6: "IPv6",
  };
  return names[value] ?? value;
}

/** Values of options inside a sentence, where that is another word. */
export const PLAIN: Record<string, string> = { true: "yes", false: "no", ipv4: "IPv4" };

/** What a file was recognised as. */
export function recognised(file: Transformed): string {
  if (file.outcome === "unreadable") return "cannot be read";
  const stacks = file.installs[0]?.facts.stack;
  const what = file.recognised ? [file.recognised, stacks].filter(Boolean).join(", ") : "no IPv6-relevant settings";
  const { understood, templates, notUnderstood } = file.coverage;
  const parts = [
    understood > 0 ? `${number(understood)} understood` : "",
    templates.length > 0 ? `${count(templates.length, "template")} not rendered` : "",
    notUnderstood.length > 0 ? `${number(notUnderstood.length)} with settings that are not understood` : "",
  ];
  return [`${what}; ${count(file.documents, "document")}`, ...parts.filter(Boolean)].join(", ");
}

/** The outcomes of a file that cannot be converted as it is. */
export const STOPPED: readonly Transformed["outcome"][] = ["refused", "unreadable", "needs-input"];

/** What becomes of a file, in front of what it is. */
export function outcome(file: Transformed): string {
  const words: Partial<Record<Transformed["outcome"], string>> = { refused: "Refused: ", "needs-input": "Needs an answer: ", unchanged: "No change: " };
  return file.changes.length > 0 ? `${count(file.changes.length, "change")}: ` : (words[file.outcome] ?? "");
}

/** What a transform does not correct. */
export const open = (file: Transformed): Finding[] => file.findings.filter((finding) => finding.fix?.applicability !== "safe");

/** The sentence above everything: the result for the files. */
export function headline(result: Transformation, to: string): string {
  const of = (outcome: Transformed["outcome"]) => result.files.filter((file) => file.outcome === outcome);
  const errors = errorsLeft(result);
  const [unreadable, refused, asks, changed] = [of("unreadable"), of("refused"), of("needs-input"), of("changed")];
  if (unreadable.length > 0) return `${names(unreadable)} cannot be read`;
  if (refused.length > 0) return `${names(refused)} cannot be converted to ${stack(to)}`;
  if (asks.length > 0) {
    const missing = new Set(asks.flatMap((file) => file.missingOptions.map((option) => option.key)));
    return missing.size === 1 ? "One answer is missing" : `${count(missing.size, "answer")} are missing`;
  }
  if (changed.length > 0) {
    const sum = (of: (file: Transformed) => number) => changed.reduce((all, file) => all + of(file), 0);
    const documents = count(result.files.reduce((all, file) => all + file.documents, 0), "document");
    const touched = `${number(sum((file) => file.touchedDocuments.length))} of ${documents}`;
    const lines = result.files.reduce((all, file) => all + file.untouchedLines, 0);
    return `${count(sum((file) => file.changes.length), "change")} in ${touched}; ${count(lines, "line")} untouched${errors > 0 ? `; ${count(errors, "error")} to fix` : ""}`;
  }
  const nothing = of("unchanged").length > 0 ? "Nothing to change" : "No IPv6-relevant settings";
  return errors > 0 ? `${nothing}, but ${count(errors, "error")} to fix` : nothing;
}

/** How many errors a transform does not correct. */
export const errorsLeft = (result: Transformation): number => result.files.flatMap(open).filter((finding) => finding.severity === "error").length;

/** The sentence about answers that are not valid, and the one below it. */
export function notValid(problems: readonly TargetProblem[], label: (key: string) => string): [string, string] {
  const [key, ...more] = new Set(problems.map(({ option }) => option));
  if (!key || more.length > 0) return ["The answers are not valid", "Correct them to see the result."];
  return [`${label(key)} is not valid`, "Correct it to see the result."];
}

/** The sentence below it. */
export function subline(result: Transformation, to: string): string {
  const outcomes = new Set(result.files.map((file) => file.outcome));
  if (outcomes.has("unreadable") || outcomes.has("refused")) return "Nothing was changed. Each finding says what to do.";
  if (outcomes.has("needs-input")) return "Nothing was changed yet.";
  if (outcomes.has("changed")) return pools(result);
  if (errorsLeft(result) > 0) return "The files are not changed. Each error says what to do.";
  const warned = result.files.some((file) => open(file).some((finding) => finding.severity === "warning"));
  if (outcomes.has("unchanged") && warned) return "The files are not changed. The warnings say what is missing.";
  if (result.files.every((file) => file.confirmed)) return `The files are already ${stack(to)}.`;
  if (outcomes.has("unchanged")) return "The files are not changed. They do not state every requested IP family, so check the rest of the cluster.";
  return "The files are not changed. Add the manifest of Calico, or the operator's Installation.";
}

function pools(result: Transformation): string {
  const all = result.files.flatMap((file) => (file.outcome === "changed" ? file.pools : []));
  // Two files may make the same pool.
  const unique = [...new Set(all)];
  return all.length > 0 ? `IP pools on a new cluster: ${list(unique)}` : "";
}

function names(files: readonly Transformed[]): string {
  const [first, ...more] = files.map((file) => legible(file.name));
  return more.length === 0 ? `${first}` : `${first} and ${count(more.length, "more file")}`;
}

/** A change in a few words: `(new) autodetect`, `false → true`. */
export function value(change: Change): string {
  const { from, to } = change;
  if (from !== null && to !== null) return `${from === "" ? "(empty)" : from} → ${to}`;
  if (to !== null) return to;
  return from ? `${from}, removed` : "removed";
}

/** `calico.yaml:12:3`, as compilers name places. */
export const placeName = (name: string, place: Place): string => `${legible(name)}:${place.line}:${place.column}`;

/** The line of a text, from 1, without its line break. */
export function lineOf(file: SourceFile | undefined, line: number): string {
  return file?.text.split(/\r\n|\n|\r/, line)[line - 1] ?? "";
}
