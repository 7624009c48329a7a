/** The changes as hunks, the reasons beside them. */
import { type TemplateResult, html, nothing } from "lit";
import type { Change, Hunk, Line } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { type Piece, linesOf, pieces, trimmed } from "../hunks.js";
import type { Done } from "../session.js";
import { count, legible, number, value } from "../words.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";
import { ruleLink } from "./rule.js";

/** How many places are shown at once: more than most clusters' files have. */
const MOST = 50;

/** The changes, or so many of them. */
export function changesView(app: CalicoIPv6, done: Done, most = Infinity): TemplateResult {
  const changed = done.result.files.filter((file) => file.changes.length > 0);
  const isAlone = done.files.length === 1 || most < Infinity;
  let room = app.listing.most("changes", MOST);
  let first = 1;
  const numbered = (piece: Piece) => {
    if (first > most) return nothing;
    const one = card(app, most < Infinity ? trimmed(piece, most - first + 1) : piece, first);
    first += piece.changes.length;
    return one;
  };
  const parts = changed.map((file) => {
    const hunks = file.hunks.slice(0, Math.max(room, 0));
    room -= file.hunks.length;
    return hunks.length === 0 ? nothing : html`
      ${isAlone ? nothing : heading(app, 1, `${legible(file.name)}: ${count(file.changes.length, "change")}`)}
      ${hunks.map((hunk, i) => pieces(hunk, file.changes.filter((change) => change.hunk === i)).map(numbered))}
    `;
  });
  const more = () => app.listing.show("changes", app.listing.most("changes", MOST) + MOST);
  return html`${parts} ${room < 0 && most === Infinity ? html`<p><button type="button" class="link" @click=${more}>Show ${number(Math.min(-room, MOST))} of ${count(-room, "more place")}</button></p>` : nothing}`;
}

function card(app: CalicoIPv6, piece: Piece, first: number): TemplateResult {
  const { changes } = piece;
  const resource = [...new Set(changes.map((change) => change.resource))].join("; ");
  const line = changes[0]?.line ?? piece.oldStart;
  return html`
    <section class="card" part="card" @pointerover=${light} @focusin=${light}>
      <header class="card-head">
        ${heading(app, 1, resource)} <span class="where">line ${number(line)}</span>
      </header>
      <div class="card-body">
        ${table(piece, resource, linesOf(piece), first)}
        <ul class="reasons">${changes.map((change, i) => reason(app, change, first + i))}</ul>
      </div>
    </section>
  `;
}

function reason(app: CalicoIPv6, change: Change, n: number): TemplateResult {
  const rule = app.session.knowledge?.rules.get(change.rule);
  const proposed = Object.values(app.session.good?.proposed ?? {}).some((range) => change.to?.includes(range));
  return html`
    <li class="reason" tabindex="-1" data-n=${n}>
      <p class="field"><span class="badge"><span class="hidden">change </span>${n}</span> <code>${change.field}</code> <span class="value ${proposed ? "proposed" : ""}">${value(change)}</span>${proposed ? html` <span class="needed">proposed</span>` : nothing}</p>
      <p class="why">${prose(app, change.why)}</p>
      ${rule?.releases.map((release) => html`<p class="gate">${prose(app, `${release.component} ${release.versions}: ${release.what}`)}</p>`)}
      <p class="source">${ruleLink(app, change.rule)}${rule?.sources[0] ? html`<a class="source-name" href=${rule.sources[0].url} target="_blank" rel="noopener">${rule.sources[0].text}</a>` : nothing}</p>
    </li>
  `;
}

/** How far all lines stand in: shown narrow, so that the text has the room. */
function commonIndent(lines: readonly Line[]): number {
  const indents = lines.filter(({ text }) => text.trim() !== "").map(({ text }) => /^ */.exec(text)?.[0].length ?? 0);
  return Math.min(...indents);
}

/** Marks the line and the explanation that belong together. */
function light({ target, currentTarget }: Event): void {
  const number = (target as Element).closest<HTMLElement>("[data-n]")?.dataset["n"];
  for (const one of (currentTarget as Element).querySelectorAll<HTMLElement>("[data-n]")) one.classList.toggle("lit", one.dataset["n"] === number);
}

/** `n` and `p` go to the next explanation and to the one before. */
export function step(event: KeyboardEvent): void {
  const steps: Record<string, number> = { n: 1, p: -1 };
  const step = steps[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>(".reason")];
  const at = all.indexOf((event.target as Element).closest<HTMLElement>(".reason") as HTMLElement);
  all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step]?.focus();
}

const SIGNS = { context: "", added: "+", removed: "−" };
const WORDS = { context: "unchanged", added: "added", removed: "removed" };

/** The lines of a hunk as a table that says to every reader which line is what. */
export function table(hunk: Hunk, name: string, lines: readonly number[], first: number): TemplateResult {
  let before = hunk.oldStart;
  let after = hunk.newStart;
  const indent = commonIndent(hunk.lines);
  const row = ({ kind, text }: Line, i: number) => {
    const at = lines.indexOf(i);
    const old = kind === "added" ? "" : before++;
    const young = kind === "removed" ? "" : after++;
    return html`<tr class=${kind} data-n=${at < 0 ? nothing : first + at}>
      <td class="number">${old}</td><td class="number">${young}</td>
      <td class="sign"><span aria-hidden="true">${SIGNS[kind]}</span><span class="hidden">${WORDS[kind]}</span>${at < 0 ? nothing : html`<span class="badge"><span class="hidden">change </span>${first + at}</span>`}</td>
      <td class="code"><code><span class="indent">${text.slice(0, indent)}</span>${text.slice(indent).replace(/\r?\n$/, "")}</code></td>
    </tr>`;
  };
  return html`
    <div class="lines" role="group" tabindex="0" aria-label=${`Lines of ${name}`}>
      <table>
        <thead class="hidden"><tr><th scope="col">line before</th><th scope="col">line after</th><th scope="col">change</th><th scope="col">text</th></tr></thead>
        <tbody>${hunk.lines.map(row)}</tbody>
      </table>
    </div>
  `;
}
