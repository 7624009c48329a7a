/** The page of all rules, made when the site is built, from what the engine says of itself. */
import type { Rule } from "calico-ipv6";
import { capital } from "../element/words.js";

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A remark with its code set as code. */
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

const list = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `<h4>${title}</h4><ul>${items.map((item) => `<li>${prose(item)}</li>`).join("")}</ul>`;

const links = (rule: Rule): string =>
  rule.sources.length === 0
    ? ""
    : `<h4>Sources</h4><ul>${rule.sources.map(({ text, url }) => `<li><a href="${escape(url)}">${escape(text)}</a></li>`).join("")}</ul>`;

const code = (title: string, text: string): string =>
  text === "" ? `<p>${title}: nothing there.</p>` : `<p>${title}:</p><pre tabindex="0"><code>${escape(text)}</code></pre>`;

/** What rules are about, by the first part of their ids. */
const AREAS: [string, string, readonly string[]][] = [
  ["calico", "Calico", ["CALICO", "CNI", "ENC", "FELIX", "INST", "NODE", "OP", "POOL", "VAR"]],
  ["network", "Routes and policies", ["BGP", "HEP", "NET", "NP", "POL"]],
  ["kubernetes", "Kubernetes", ["CRI", "K8S", "KADM", "OBJECT"]],
  ["services", "Services and pods", ["EPS", "ING", "LB", "POD", "SVC", "SVCCIDR"]],
  ["dns", "DNS", ["DNS", "DNS64"]],
  ["installers", "Installers", ["K0S", "K3S", "KOPS", "KSPRAY", "OCP", "RKE", "TALOS"]],
  ["hosts", "Hosts", ["HOST"]],
  ["files", "Files and edits", ["EDIT", "INPUT", "LINT", "WRAP", "YAML"]],
];

/** The rules by what they are about. A rule of no area is an error: it would be on no page. */
export function areas(rules: readonly Rule[]): { id: string; title: string; rules: Rule[] }[] {
  const prefix = (rule: Rule) => rule.id.split("-")[0] ?? "";
  const lost = rules.find((rule) => !AREAS.some(([, , prefixes]) => prefixes.includes(prefix(rule))));
  if (lost) throw new Error(`${lost.id} belongs to no area of the rules page`);
  return AREAS.map(([id, title, prefixes]) => ({ id, title, rules: rules.filter((rule) => prefixes.includes(prefix(rule))) }));
}

function article(rule: Rule): string {
  const fix = { always: "fixed automatically", sometimes: "sometimes fixed automatically", never: "no automatic fix" }[rule.fix];
  const example = rule.before || rule.after ? `<h4>Example</h4>${code("Before", rule.before)}${code("After", rule.after)}` : "";
  return `<article id="${rule.id}" data-severity="${rule.severity}">
<h3><a href="#${rule.id}">${rule.id}: ${rule.name}</a></h3>
<p>${prose(capital(rule.finds))}. <small>(${rule.severity}, ${fix})</small></p>
<h4>Impact</h4><p>${prose(capital(rule.consequence))}.</p>
<h4>Help</h4><p>${prose(capital(rule.help))}.</p>
${list("Releases", rule.releases.map((one) => `${one.component} ${one.versions}: ${one.what}`))}
${example}
${links(rule)}
</article>`;
}

/** The whole page. `style` and `script` are the addresses of its style sheet and of its filter. */
export function rulesPage(rules: readonly Rule[], style: string, script: string): string {
  const groups = areas(rules);
  const contents = groups.map(({ id, title, rules }) => `<li><a href="#${id}">${title}</a> (${rules.length})</li>`).join("");
  const group = ({ id, title, rules }: (typeof groups)[number]) =>
    `<section id="${id}"><h2><a href="#${id}">${title}</a></h2>${rules.map(article).join("\n")}</section>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'" />
<meta name="color-scheme" content="light dark" />
<title>The rules of calico-ipv6</title>
<link rel="stylesheet" href="${style}" />
<script type="module" src="${script}"></script>
</head>
<body>
<header class="head"><div class="words"><h1>Rules</h1><p>What IPv6 needs of a Calico installation, and why.</p></div>
<nav class="links" aria-label="This site"><a href="./">The tool</a></nav></header>
<main class="rules">
<nav aria-label="Areas"><ul class="areas">${contents}</ul></nav>
<form class="filter" role="search" hidden>
<label for="words">Filter</label> <input id="words" type="search" autocomplete="off" spellcheck="false" placeholder="assign_ipv6, kubeadm …" />
<span class="pair"><label for="severity">Severity</label> <select id="severity"><option value="">All</option><option value="error">Errors</option><option value="warning">Warnings</option><option value="info">Notes</option></select></span>
<span id="found" role="status">${rules.length} rules</span>
</form>
${groups.map(group).join("\n")}
</main>
</body>
</html>
`;
}
