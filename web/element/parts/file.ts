/** The whole new text with its changes marked. */
import { type TemplateResult, html, nothing } from "lit";
import type { Transformed } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { legible, number } from "../words.js";

/** The most characters of a text that is shown: nobody reads more. */
const MOST = 4_000_000;

interface Piece {
  kind: "context" | "added" | "removed";
  lines: string[];
  /** The number of its first line in the new text. */
  start: number;
}

/** The new text in runs of lines of one kind. */
export function pieces(file: Transformed): Piece[] {
  const lines = (file.text ?? "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const all: Piece[] = [];
  let at = 0;
  const add = (kind: Piece["kind"], line: string) => {
    const last = all.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else all.push({ kind, lines: [line], start: at + 1 });
  };
  for (const hunk of file.hunks) {
    const first = hunk.newStart - (hunk.newLines === 0 ? 0 : 1);
    for (; at < first; at++) add("context", lines[at] ?? "");
    for (const { kind, text } of hunk.lines) {
      add(kind, text.replace(/\n$/, ""));
      if (kind !== "removed") at++;
    }
  }
  for (; at < lines.length; at++) add("context", lines[at] ?? "");
  return all;
}

/** How many lines of a file are printed at most: nobody reads more on paper. */
const MOST_PRINTED = 3000;

/** The new texts on paper. */
export function printedFiles(done: Done): TemplateResult {
  const changed = done.result.files.filter((file) => file.text !== null);
  const isShort = (file: Transformed) => file.untouchedLines <= MOST_PRINTED;
  return html`${changed.map((file) => (isShort(file) ? whole(file) : html`<p class="remark">${legible(file.name)} has ${number(file.untouchedLines)} lines that are not changed, too many to print.</p>`))}`;
}

export function fileView(app: CalicoIPv6, done: Done): TemplateResult {
  const changed = done.result.files.filter((file) => file.text !== null);
  const file = changed[app.shownFile] ?? changed[0];
  if (!file) return html``;
  const choose = (event: Event) => {
    app.shownFile = (event.target as HTMLSelectElement).selectedIndex;
    app.requestUpdate();
  };
  return html`
    <div class="file-bar">
      ${changed.length > 1 ? html`<label>File <select @change=${choose}>${changed.map((one) => html`<option .selected=${one === file}>${legible(one.name)}</option>`)}</select></label>` : nothing}
      <button type="button" @click=${() => jump(app, -1)}>Previous change</button>
      <button type="button" @click=${() => jump(app, 1)}>Next change</button>
    </div>
    ${(file.text?.length ?? 0) > MOST ? html`<p class="remark">${number(file.text?.length ?? 0)} characters are too much to show: download the file.</p>` : whole(file)}
  `;
}

const SIGNS = { context: " ", added: "+", removed: "−" };

function whole(file: Transformed): TemplateResult {
  const run = ({ kind, lines, start }: Piece) => {
    const numbers = lines.map((_, i) => (kind === "removed" ? "" : `${start + i}`)).join("\n");
    const text = lines.map((line) => line.replace(/\r$/, "")).join("\n");
    return html`<div class="run ${kind}" tabindex=${kind === "context" ? nothing : -1}>
      <pre class="numbers" aria-hidden="true">${numbers}</pre>
      <pre class="signs" aria-hidden="true">${lines.map(() => SIGNS[kind]).join("\n")}</pre>
      <pre class="text">${kind === "context" ? nothing : html`<span class="hidden">${kind}: </span>`}<code>${text}</code></pre>
    </div>`;
  };
  return html`<div class="whole" role="group" tabindex="0" aria-label=${`The whole of ${legible(file.name)}`}><div class="runs">${pieces(file).map(run)}</div></div>`;
}

/** Shows the next change inside the view; the page around it stays where it is. */
function jump(app: CalicoIPv6, step: 1 | -1): void {
  const view = app.renderRoot.querySelector<HTMLElement>(".whole");
  if (!view) return;
  const runs = [...view.querySelectorAll<HTMLElement>(".run.added, .run.removed")];
  const top = (run: HTMLElement) => run.offsetTop - view.clientHeight / 3;
  const ahead = runs.filter((run) => (step > 0 ? top(run) > view.scrollTop + 1 : top(run) < view.scrollTop - 1));
  const next = step > 0 ? ahead[0] : ahead.at(-1);
  if (!next) return;
  view.scrollTop = top(next);
  next.focus({ preventScroll: true });
}
