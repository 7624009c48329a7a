/** What was read from the files, each with its place. */
import type { TemplateResult } from "lit";
import type { Inspected } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";
import { type Group, type Reader, groups } from "./inspection.js";

/** How many files are shown at once. */
const STEP = 20;

export function factsView(app: CalicoIPv6, kit: Kit, read: Reader): (done: Done) => TemplateResult {
  const { html, nothing, heading } = kit;
  let most = STEP;

  const row = (file: Inspected) => ({ name, value, line }: Group["rows"][number]) => html`
    <tr><th scope="row">${kit.capital(name).split("_").map((part, i) => (i > 0 ? html`_<wbr />${part}` : part))}</th><td><code>${value}</code></td>
      <td>${line === null ? html`<span class="where">not in the file</span>` : html`<button type="button" class="link place" @click=${() => app.editAt(file.name, line)}><span class="hidden">${kit.legible(file.name)}, </span>line ${kit.number(line)}</button>`}</td></tr>`;

  const group = (file: Inspected) => ({ title, rows }: Group) => html`
    <section class="card" part="card">
      <header class="card-head">${heading(app, 1, title)} <span class="where">${kit.legible(file.name)}</span></header>
      <table class="facts" aria-label=${title}>
        <colgroup><col /><col /><col /></colgroup>
        <thead class="hidden"><tr><th scope="col">fact</th><th scope="col">value</th><th scope="col">where it was read</th></tr></thead>
        <tbody>${rows.map(row(file))}</tbody>
      </table>
    </section>`;

  return (done) => {
    const { files } = done;
    const made = read.of(files);
    if (read.failure) return html`<p class="notice" role="alert">The facts could not be read: ${read.failure} <button type="button" @click=${() => read.again()}>Try again</button></p>`;
    if (!made) return html`<p class="remark">Reading the facts …</p>`;
    const told = made.files.map((file) => ({ file, groups: groups(file) })).filter(({ groups }) => groups.length > 0);
    const without = files.length - told.length;
    const shown = app.isPrinting ? told.length : most;
    const more = () => {
      most += STEP;
      app.requestUpdate();
    };
    return html`
      <p class="remark">What the tool read from your files, each with its line. A line opens the file there. What is not in the file is a default, or follows from other facts.</p>
      ${told.slice(0, shown).map(({ file, groups }) => groups.map(group(file)))}
      ${told.length > shown ? html`<p><button type="button" class="link" @click=${more}>Show ${kit.count(Math.min(STEP, told.length - shown), "more file")}</button></p>` : nothing}
      ${without > 0 ? html`<p class="remark">${kit.count(without, "file")} without facts about IP families.</p>` : nothing}
    `;
  };
}
