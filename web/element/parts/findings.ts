/** What the rules say beside the changes. */
import { type TemplateResult, html, nothing } from "lit";
import type { Finding, Place, SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { open, placeName } from "../words.js";
import { heading } from "./heading.js";
import { capital, prose } from "./prose.js";
import { ruleLink } from "./rule.js";

const ORDER = { error: 0, warning: 1, info: 2 };
const WORDS = { error: "Error", warning: "Warning", info: "Note" };

export function findingsView(app: CalicoIPv6, done: Done): TemplateResult {
  const all = done.result.files.flatMap((file, i) => open(file).map((finding) => ({ finding, file: done.files[i] })));
  if (all.length === 0) return html`<p class="remark">Nothing else to say about these files.</p>`;
  all.sort((a, b) => ORDER[a.finding.severity] - ORDER[b.finding.severity]);
  return html`${all.map(({ finding, file }) => findingCard(app, finding, file))}`;
}

/** A finding with its line, its impact in the cluster, and what to do. */
export function findingCard(app: CalicoIPv6, finding: Finding, file: SourceFile | undefined): TemplateResult {
  const { severity, rule, message, place, line, label, consequence, help, related } = finding;
  return html`
    <section class="card finding ${severity}" part="card">
      <header class="card-head">${heading(app, 1, html`<span class="severity">${WORDS[severity]}:</span> ${capital(message)}`)}</header>
      ${excerpt(file?.name ?? "", place, line, label)}
      <dl class="explained">
        ${consequence ? html`<dt>Impact</dt><dd>${prose(app, consequence)}</dd>` : nothing}
        ${help ? html`<dt>Help</dt><dd>${prose(app, help)}</dd>` : nothing}
        ${related.map((at) => html`<dt>See also</dt><dd><code>${at.file}:${at.line}:${at.column}</code> ${prose(app, at.text)}</dd>`)}
      </dl>
      <p class="source">${ruleLink(app, rule)}</p>
    </section>
  `;
}

/** A place with its line, the range marked. */
export function excerpt(name: string, place: Place, line: string, label: string): TemplateResult {
  const points = [...line.replace(/^\uFEFF/, "")];
  const start = place.column - 1;
  const end = place.endLine === place.line ? Math.max(place.endColumn - 1, start + 1) : points.length;
  const part = (from: number, to: number) => points.slice(from, to).join("");
  return html`
    <figure class="excerpt">
      <figcaption><span class="place">${placeName(name, place)}</span>${label ? html` <span class="label">${label}</span>` : nothing}</figcaption>
      <div class="lines" role="region" tabindex="0" aria-label=${`Line ${place.line} of ${name}`}><pre><code>${part(0, start)}<mark>${part(start, end) || " "}</mark>${part(end, points.length)}</code></pre></div>
    </figure>
  `;
}
