/** The page of all rules, made when the site is built, from what the engine says of itself. */
import type { Rule } from "calico-ipv6";

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A remark with its code set as code. */
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

const capital = (text: string): string => (/^[a-z]+[ ,:]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);

const list = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `<h3>${title}</h3><ul>${items.map((item) => `<li>${prose(item)}</li>`).join("")}</ul>`;

const links = (rule: Rule): string =>
  rule.sources.length === 0
    ? ""
    : `<h3>Sources</h3><ul>${rule.sources.map(({ text, url }) => `<li><a href="${escape(url)}">${escape(text)}</a></li>`).join("")}</ul>`;

const code = (title: string, text: string): string =>
  text === "" ? `<p>${title}: nothing there.</p>` : `<p>${title}:</p><pre tabindex="0"><code>${escape(text)}</code></pre>`;

function article(rule: Rule): string {
  const fix = { always: "mended", sometimes: "sometimes mended", never: "not mended: see what to do" }[rule.fix];
  const example = rule.before || rule.after ? `<h3>Example</h3>${code("Before", rule.before)}${code("After", rule.after)}` : "";
  return `<article id="${rule.id}">
<h2>${rule.id}: ${rule.name}</h2>
<p>${prose(capital(rule.finds))}. <small>(${rule.severity}, ${fix})</small></p>
<h3>Impact</h3><p>${prose(capital(rule.consequence))}.</p>
<h3>Help</h3><p>${prose(capital(rule.help))}.</p>
${list("Releases", rule.releases.map((one) => `${one.component} ${one.versions}: ${one.what}`))}
${example}
${links(rule)}
</article>`;
}

/** The whole page. `style` is the address of the style sheet. */
export function rulesPage(rules: readonly Rule[], style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'" />
<meta name="color-scheme" content="light dark" />
<title>The rules of calico-ipv6</title>
<link rel="stylesheet" href="${style}" />
</head>
<body>
<header class="head"><div class="words"><h1>Rules</h1><p>What IPv6 needs of a Calico installation, and why.</p></div>
<nav class="links" aria-label="This site"><a href="./">The tool</a></nav></header>
<main class="rules">
${rules.map(article).join("\n")}
</main>
</body>
</html>
`;
}
