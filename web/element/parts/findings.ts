/** What the rules say beside the changes. */
import { type TemplateResult, html, nothing } from "lit";
import type { Finding, Location, Place, SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { count, lineOf, open, placeName } from "../words.js";
import { heading } from "./heading.js";
import { capital, prose } from "./prose.js";
import { ruleLink } from "./rule.js";

const ORDER = { error: 0, warning: 1, info: 2 };
const WORDS = { error: "Error", warning: "Warning", info: "Note" };

/** A finding, and the file that has it. */
export interface Found {
  finding: Finding;
  file: SourceFile | undefined;
}

/** So many places of a finding are shown at once. */
const PLACES = 3;

export function findingsView(app: CalicoIPv6, done: Done): TemplateResult {
  const all = done.result.files.flatMap((file, i) => open(file).map((finding) => ({ finding, file: done.files[i] })));
  if (all.length === 0) return html`<p class="remark">Nothing else to say about these files.</p>`;
  all.sort((a, b) => ORDER[a.finding.severity] - ORDER[b.finding.severity]);
  return html`${grouped(all).map((places) => findingCard(app, places))}`;
}

/** What is said of many places in the same words is one entry. */
export function grouped(all: readonly Found[]): Found[][] {
  const groups = new Map<string, Found[]>();
  for (const one of all) {
    const { rule, severity, message, consequence, help } = one.finding;
    const words = JSON.stringify([rule, severity, message, consequence, help]);
    const group = groups.get(words);
    if (group) group.push(one);
    else groups.set(words, [one]);
  }
  return [...groups.values()];
}

/** A finding with its lines, its impact in the cluster, and what to do. */
export function findingCard(app: CalicoIPv6, places: readonly Found[]): TemplateResult {
  const [first] = places;
  if (!first) return html``;
  const { severity, rule, message, consequence, help } = first.finding;
  const rest = places.slice(PLACES);
  return html`
    <section class="card finding ${severity}" part="card">
      <header class="card-head">${heading(app, 1, html`<span class="severity">${WORDS[severity]}:</span> ${capital(message)}`)}
        ${places.length > 1 ? html`<span class="where">${count(places.length, "place")}</span>` : nothing}</header>
      ${places.slice(0, PLACES).map((one) => excerpts(app, one))}
      ${rest.length > 0 ? html`<details class="more places"><summary>${count(rest.length, "more place")}</summary>${rest.map((one) => excerpts(app, one))}</details>` : nothing}
      <dl class="explained">
        ${consequence ? html`<dt>Impact</dt><dd>${prose(app, consequence)}</dd>` : nothing}
        ${help ? html`<dt>Help</dt><dd>${prose(app, help)}</dd>` : nothing}
      </dl>
      <p class="source">${ruleLink(app, rule)}</p>
    </section>
  `;
}

/** The place of a finding, and those that contradict it: side by side where there is room. */
function excerpts(app: CalicoIPv6, { finding, file }: Found): TemplateResult {
  const { place, line, label, related } = finding;
  return html`<div class="excerpts ${related.length > 0 ? "beside" : ""}">${excerpt(app, file?.name ?? "", place, line, label)} ${related.map((at) => other(app, at))}</div>`;
}

/** Another location that belongs to a finding. Its line is not shown if it may hold other items. */
function other(app: CalicoIPv6, at: Location): TemplateResult {
  const line = lineOf(app.session.files.find((file) => file.name === at.file), at.line);
  const place = { ...at, endLine: at.line, endColumn: line.length + 1, start: 0, end: 0 };
  return excerpt(app, at.file, place, line.includes("{") ? "" : line, at.text);
}

/** A place; the editor opens there. */
function placed(app: CalicoIPv6, name: string, place: Place): TemplateResult {
  return html`<button type="button" class="link place" @click=${() => app.editAt(name, place.line)}>${placeName(name, place)}</button>`;
}

/** A place with its line, the range marked. */
export function excerpt(app: CalicoIPv6, name: string, place: Place, line: string, label: string): TemplateResult {
  const points = [...line.replace(/^\uFEFF/, "")];
  const start = place.column - 1;
  const end = place.endLine === place.line ? Math.max(place.endColumn - 1, start + 1) : points.length;
  const part = (from: number, to: number) => points.slice(from, to).join("");
  return html`
    <figure class="excerpt">
      <figcaption>${placed(app, name, place)}${label ? html` <span class="label">${label}</span>` : nothing}</figcaption>
      <div class="lines" role="group" tabindex="0" aria-label=${`Line ${place.line} of ${name}`}><pre><code>${part(0, start)}<mark>${part(start, end) || " "}</mark>${part(end, points.length)}</code></pre></div>
    </figure>
  `;
}
