/** What stands in the way, where a file cannot be transformed as it is. */
import { type TemplateResult, html, nothing } from "lit";
import type { MissingOption, Problem, SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { capital, legible, lineOf, list } from "../words.js";
import { excerpt, extent, findingCards, some } from "./findings.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";

export function stopped(app: CalicoIPv6, done: Done): TemplateResult {
  const all = done.result.files.map((made, i) => ({ made, file: done.files[i] }));
  const unread = all.flatMap(({ made, file }) => (made.problem ? [{ name: made.name, problem: made.problem, file }] : []));
  const errors = all.flatMap(({ made, file }) => (made.outcome === "refused" ? made.findings.filter((finding) => finding.blocks).map((finding) => ({ finding, file })) : []));
  // The same option of several files is asked for once.
  const missing = new Map(all.flatMap(({ made }) => (made.problem || made.outcome === "refused" ? [] : made.missingOptions.map((option) => [option.key, option]))));
  return html`${problemCards(app, unread)} ${findingCards(app, "stopped", errors)}
    ${[...missing.values()].map((option) => missingCard(app, option))} ${others(done)}`;
}

/** A file that cannot be read, and why. */
export interface Unreadable {
  name: string;
  problem: Problem;
  file: SourceFile | undefined;
}

/** Why files cannot be read: those for the same reason together. */
export function problemCards(app: CalicoIPv6, all: readonly Unreadable[]): TemplateResult[] {
  const groups = new Map<string, Unreadable[]>();
  for (const one of all) {
    const { name, problem } = one;
    // JSON is YAML to the engine; a person who wrote JSON looks for a fault in that.
    const said = (text: string) => (/\.json$/i.test(name) ? text.replaceAll("YAML", "JSON") : text);
    const words = JSON.stringify([said(problem.message), said(problem.help)]);
    const group = groups.get(words);
    if (group) group.push(one);
    else groups.set(words, [one]);
  }
  return [...groups].map(([words, group]) => {
    const [message, help] = JSON.parse(words) as [string, string];
    const place = ({ name, problem: { place, label }, file }: Unreadable) => (place ? excerpt(app, name, place, lineOf(file, place.line), label) : html`<p class="explained">${legible(name)}</p>`);
    return html`
      <section class="card finding error" part="card">
        <header class="card-head">${heading(app, 1, html`<span class="severity">Error:</span> ${prose(app, message, capital)}`)} <span class="where">${extent(group)}</span></header>
        ${some(app, words, group, place)}
        <dl class="explained"><dt>Help</dt><dd>${prose(app, help)}</dd></dl>
      </section>
    `;
  });
}

export function missingCard(app: CalicoIPv6, { key, why, example }: MissingOption): TemplateResult {
  const label = app.session.knowledge?.options.get(key)?.label ?? key;
  return html`
    <section class="card finding asks" part="card">
      <header class="card-head">${heading(app, 1, `${label} ${label.endsWith("s") ? "are" : "is"} needed`)}</header>
      <dl class="explained"><dt>Why</dt><dd>${prose(app, why)}</dd><dt>Example</dt><dd><code>${example}</code></dd></dl>
      <p class="card-actions"><button type="button" class="primary" @click=${() => app.goTo(key)}>Answer it</button></p>
    </section>
  `;
}

function others(done: Done): TemplateResult | typeof nothing {
  const good = done.result.files.filter((file) => file.outcome === "changed");
  if (good.length === 0) return nothing;
  return html`<p class="remark">${list(good.map((file) => legible(file.name)))} would be changed; a cluster is changed as a whole, or not at all.</p>`;
}
