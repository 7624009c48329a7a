/** Everything in the height of a screen: what it is about, what is wanted, the sentence, and the first changes. */
import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { count, legible, outcome } from "../words.js";
import { filesPart, given, notes } from "./files.js";
import { resultPart } from "./result.js";
import { targetPart } from "./target.js";

export function compactPart(app: CalicoIPv6): TemplateResult {
  const { files, status } = app.session;
  // Each in a template of its own: what comes later moves nothing that is being read.
  if (app.awaitsExample && status !== "failed") return html`<div class="frame compact" part="frame"></div>`;
  if (files.length === 0) {
    return html`<div class="frame compact" part="frame"><div class="input empty" part="input">${filesPart(app)} ${targetPart(app)}</div>${status === "failed" ? resultPart(app) : ""}</div>`;
  }
  return html`<div class="frame compact" part="frame"><div class="input" part="input">${chosenPart(app)} ${targetPart(app)}</div>${resultPart(app)}</div>`;
}

/** The files in one row. */
function chosenPart(app: CalicoIPv6): TemplateResult {
  const { files, example, good } = app.session;
  const [file, ...more] = files;
  const made = good?.files[0] === file ? good?.result.files[0] : undefined;
  return html`
    <section class="chosen" aria-label="Your files">
      <p class="file-words"><span class="file-name">${example ? "Example: " : ""}${legible(file?.name ?? "")}${more.length > 0 ? ` and ${count(more.length, "more file")}` : ""}</span>
        <span class="file-facts">${made ? `${outcome(made)}${made.recognised ?? ""}` : ""}</span></p>
      <label class="button" part="button"><input type="file" multiple @change=${given(app)} />${example ? "Take your own files" : "Add files"}</label>
      ${example ? "" : html`<button type="button" @click=${() => app.removeAll()}>Remove</button>`}
      ${notes(app)}
    </section>
  `;
}
