/** What the rules say beside the changes. */
import { type TemplateResult, html, nothing } from "lit";
import type { Finding, Location, Place, Severity, SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { STEP } from "../listing.js";
import { capital, count, lineOf, number, open, placeName } from "../words.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";
import { ruleLink } from "./rule.js";

export const ORDER = { error: 0, warning: 1, info: 2 };
export const WORDS = { error: "Error", warning: "Warning", info: "Note" };

/** A finding, and the file that has it. */
export interface Found {
  finding: Finding;
  file: SourceFile | undefined;
}

/** How many places of a finding are shown at once. */
const PLACES = 3;

/** How many messages of a rule are shown at once. */
const WAYS = 5;

export function findingsView(app: CalicoIPv6, done: Done): TemplateResult {
  const all = done.result.files.flatMap((file, i) => open(file).map((finding) => ({ finding, file: done.files[i] })));
  if (all.length === 0) return html`<p class="remark">No findings.</p>`;
  all.sort((a, b) => ORDER[a.finding.severity] - ORDER[b.finding.severity]);
  return findingCards(app, "findings", all);
}

/** Findings as entries, so many at once: thousands may differ by a name only. */
export function findingCards(app: CalicoIPv6, key: string, all: readonly Found[]): TemplateResult {
  const groups = grouped(all);
  const most = app.listing.most(key);
  const rest = groups.length - most;
  return html`${groups.slice(0, most).map((places) => findingCard(app, places))}
    ${rest > 0 ? html`<p><button type="button" class="link" @click=${() => app.listing.show(key, most + STEP)}>Show ${number(Math.min(rest, STEP))} of ${count(rest, "more finding")}</button></p>` : nothing}`;
}

/** What is said of many places in the same words is one entry. */
function grouped(all: readonly Found[]): Found[][] {
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
  return first ? card(app, places, prose(app, first.finding.message, capital), html`${excerptsOf(app, places)} ${explained(app, first.finding)}`) : html``;
}

/** All that one rule found. What it says in several ways has a part for each of them. */
export function ruleCard(app: CalicoIPv6, found: readonly Found[]): TemplateResult {
  const ways = grouped(found);
  const [first] = found;
  if (ways.length < 2 || !first) return findingCard(app, found);
  const { rule, name, consequence, help } = first.finding;
  const isSame = ways.every(([one]) => one?.finding.consequence === consequence && one.finding.help === help);
  const way = (places: readonly Found[]) => {
    const [one] = places;
    return one ? html`<div class="way">${heading(app, 2, titled(one.finding.severity, prose(app, one.finding.message, capital)))}</div>${excerptsOf(app, places)} ${isSame ? nothing : explained(app, one.finding)}` : nothing;
  };
  const rest = ways.slice(WAYS);
  const finds = app.session.knowledge?.rules.get(rule)?.finds.replace(/\.$/, "") ?? name;
  return card(app, found, prose(app, finds, capital), html`${ways.slice(0, WAYS).map(way)}
    ${folded(app, `${rule} ways`, rest, "more finding", way)}
    ${isSame ? explained(app, first.finding) : nothing}`);
}

const titled = (severity: Severity, title: unknown) => html`<span class="severity">${WORDS[severity]}:</span> ${title}`;

/** The frame of what a rule found. The worst comes first. */
function card(app: CalicoIPv6, places: readonly Found[], title: unknown, body: TemplateResult): TemplateResult {
  const { severity, rule } = places[0]?.finding as Finding;
  return html`
    <section class="card finding ${severity}" part="card">
      <header class="card-head">${heading(app, 1, titled(severity, title))}
        <span class="where">${extent(places.map(({ file }) => file))}</span></header>
      ${body}
      <p class="source">${ruleLink(app, rule)}</p>
    </section>
  `;
}

/** How many places there are, and in how many files. */
export function extent(files: readonly unknown[]): string {
  const different = new Set(files).size;
  if (different > 1) return `${different < files.length ? `${count(files.length, "place")} ` : ""}in ${count(different, "file")}`;
  return files.length > 1 ? count(files.length, "place") : "";
}

function excerptsOf(app: CalicoIPv6, places: readonly Found[]): TemplateResult {
  return some(app, JSON.stringify(places[0]?.finding.message), places, (one) => excerpts(app, one));
}

/** How many folded items are shown at most: nobody reads more. */
const MOST = 500;

/** The first places of a kind. The others are folded: there may be thousands. */
export function some<T>(app: CalicoIPv6, key: string, places: readonly T[], show: (place: T) => unknown): TemplateResult {
  return html`${places.slice(0, PLACES).map(show)} ${folded(app, key, places.slice(PLACES), "more place", show)}`;
}

/** The folded rest of a list. It is rendered when somebody opens it. */
function folded<T>(app: CalicoIPv6, key: string, rest: readonly T[], what: string, show: (one: T) => unknown): TemplateResult | typeof nothing {
  if (rest.length === 0) return nothing;
  const isOpen = app.listing.isOpen(key) ?? false;
  const rows = () => html`${rest.slice(0, MOST).map(show)} ${rest.length > MOST ? html`<p class="remark">${count(rest.length - MOST, what)}</p>` : nothing}`;
  return html`<details class="more places" ?open=${isOpen} @toggle=${app.listing.toggled(key)}><summary>${count(rest.length, what)}</summary>${isOpen ? rows() : nothing}</details>`;
}

function explained(app: CalicoIPv6, { consequence, help }: Finding): TemplateResult {
  return html`<dl class="explained">
    ${consequence ? html`<dt>Impact</dt><dd>${prose(app, consequence)}</dd>` : nothing}
    ${help ? html`<dt>Help</dt><dd>${prose(app, help)}</dd>` : nothing}
  </dl>`;
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
