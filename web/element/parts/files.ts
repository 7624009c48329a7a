/** The files: dropped, pasted, chosen, or an example. */
import { type TemplateResult, html, nothing } from "lit";
import type { SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { EXAMPLES, type ExampleName } from "../example-names.js";
import { STOPPED, count, legible, number, open, outcome, recognised } from "../words.js";
import { heading } from "./heading.js";
import { outcomes, tree } from "./tree.js";

export function filesPart(app: CalicoIPv6): TemplateResult {
  return html`
    <section class="files ${app.awaitsExample || app.session.example ? "example" : ""}" aria-labelledby="files-heading">
      <div id="files-heading">${heading(app, 0, "Your files")}</div>
      ${zone(app)} ${exampleStrip(app)} ${app.session.files.length > 0 ? fileList(app) : nothing}
      ${exampleRow(app)} ${notes(app)}
      <p class="privacy">The engine runs in your browser; nothing is uploaded.</p>
    </section>
  `;
}

/** What is said of the files: what was taken away, what goes on, what could not be read. */
export function notes(app: CalicoIPv6): TemplateResult {
  const step = app.session.undoable.at(-1);
  return html`
    ${step ? html`<p class="strip" role="status">${step.what} <button type="button" @click=${() => app.undo()}>Undo</button></p>` : nothing}
    ${app.isReading ? html`<p role="status">Reading files …</p>` : nothing}
    ${app.notice ? html`<p class="notice" role="alert">${app.notice} ${app.again ? html`<button type="button" @click=${app.again}>Try again</button>` : nothing}</p>` : nothing} ${notChecked(app)}
  `;
}

/** Takes what a person chose in a field for files. */
export const given = (app: CalicoIPv6) => (event: Event): void => {
  const input = event.target as HTMLInputElement;
  void app.openFiles([...(input.files ?? [])]).then(() => (input.value = ""));
};

/** An example is a mode: it says so, and ends with a person's first own file. */
function exampleStrip(app: CalicoIPv6): TemplateResult | typeof nothing {
  const { example, setAside } = app.session;
  if (!example) return nothing;
  const back = setAside > 0 ? `Back to your ${count(setAside, "file")}` : "Close the example";
  return html`<p class="strip example-strip"><strong>Example: not your cluster.</strong>
    <button type="button" @click=${() => app.leaveExample()}>${back}</button></p>`;
}

/** More files of a person than so many are folded, and more than one of a host: what is below the list stays in its place. */
const FEW = 3;

function fileList(app: CalicoIPv6): TemplateResult {
  const { files } = app.session;
  const rows = () => html`
    ${tree(app)}
    ${files.length > 1 ? html`<p><button type="button" class="link" @click=${() => app.removeAll()}>Remove all ${number(files.length)} files</button></p>` : nothing}
  `;
  if (files.length <= (app.isGiven ? FEW : 1)) return rows();
  // What is being edited is seen.
  const isOpen = (app.listing.isOpen("") ?? false) || app.editing !== undefined;
  return html`<details class="folder all" ?open=${isOpen} @toggle=${app.listing.toggled("")}>
    <summary><span class="folder-name">${count(files.length, "file")}</span> <span class="where">${outcomes(app, [...files.keys()])}</span></summary>
    ${isOpen ? rows() : nothing}
  </details>`;
}

/** Files that cannot be used: one is named at once, and of several only their number is shown at first. */
function notChecked(app: CalicoIPv6): TemplateResult | typeof nothing {
  const { unread } = app;
  if (unread.length === 0) return nothing;
  const list = html`<ul class="plain">${unread.slice(0, 500).map(({ name, why }) => html`<li><strong>${legible(name)}</strong> ${why}</li>`)}
    ${unread.length > 500 ? html`<li>${count(unread.length - 500, "more file")}</li>` : nothing}</ul>`;
  if (unread.length <= 3) return html`<div class="notice" role="alert">${list}</div>`;
  return html`<details class="notice"><summary><span role="alert">${count(unread.length, "file")} not checked</span></summary>${list}</details>`;
}

function zone(app: CalicoIPv6): TemplateResult {
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    over(app, false);
    if (event.dataTransfer) void app.openDrop(event.dataTransfer);
  };
  const dragged = (event: DragEvent) => {
    event.preventDefault();
    over(app, true);
  };
  const chosen = given(app);
  // Pasted text goes straight to the engine: a text field of megabytes would stop the page.
  const pasted = (event: ClipboardEvent) => {
    event.preventDefault();
    const files = event.clipboardData?.files;
    if (files?.length) void app.openFiles(files);
    else app.openText(event.clipboardData?.getData("text/plain") ?? "");
  };
  const typing = ({ target }: Event) => app.draft.type((target as HTMLTextAreaElement).value);
  const typed = (event: Event) => {
    const field = event.target as HTMLTextAreaElement;
    app.draft.finish(field.value);
    field.value = "";
  };
  const isEmpty = app.session.files.length === (app.draft.name ? 1 : 0);
  return html`
    <div class="zone ${app.isOver ? "over" : ""} ${isEmpty ? "empty" : ""}" part="drop-zone"
      @drop=${dropped} @dragover=${dragged} @dragleave=${() => over(app, false)}>
      <label class="paste-label" for="paste">Drop files of your cluster, or paste them</label>
      <textarea id="paste" rows="1" spellcheck="false" autocomplete="off" autocapitalize="off"
        placeholder="YAML or JSON" @paste=${pasted} @input=${typing} @change=${typed}></textarea>
      <div class="zone-buttons">
        <label class="button" part="button"><input type="file" multiple @change=${chosen} />Choose files</label>
        <label class="button" part="button"><input type="file" webkitdirectory @change=${chosen} />Choose a folder</label>
      </div>
    </div>
  `;
}

function over(app: CalicoIPv6, isOver: boolean): void {
  app.isOver = isOver;
  app.requestUpdate();
}

function exampleRow(app: CalicoIPv6): TemplateResult | typeof nothing {
  const shown = (Object.keys(EXAMPLES) as ExampleName[]).filter((name) => !app.hides(name));
  if (app.hides("examples") || shown.length === 0) return nothing;
  const buttons = shown.map((name) => html`<button type="button" class="link" @click=${() => void app.openExample(name)}>${EXAMPLES[name]}</button>`);
  return html`<p class="examples">Or take an example: ${buttons}</p>`;
}

/** A file in a list; `folder` is what is said of it already. */
export function fileRow(app: CalicoIPv6, index: number, folder = ""): TemplateResult {
  const { files } = app.session;
  const file = files[index] as SourceFile;
  const isEditing = app.editing === index;
  const edit = () => {
    app.editing = isEditing ? undefined : index;
    app.editLine = 1;
    app.requestUpdate();
  };
  return html`
    <li class="file">
      <div class="file-row">
        <div class="file-words">
          <span class="file-name">${legible(file.name.slice(folder.length))}</span>
          <span class="file-facts">${facts(app, index)}</span>
        </div>
        <div class="file-buttons"><button type="button" aria-expanded=${isEditing} @click=${edit}>${isEditing ? "Close" : "Edit"}<span class="hidden"> ${legible(file.name)}</span></button>
        <button type="button" @click=${() => app.removeFile(index)}>Remove<span class="hidden"> ${legible(file.name)}</span></button></div>
      </div>
      ${isEditing ? editor(app, file, index) : nothing}
    </li>
  `;
}

/** What becomes of a file, and what it is. */
function facts(app: CalicoIPv6, index: number): TemplateResult | typeof nothing {
  const made = app.session.made(index);
  if (!made) return nothing;
  const judged = app.judge([index]);
  const becomes = judged === undefined ? outcome(made) : judged && `${judged}: `;
  if (made.outcome === "unreadable") return html`<strong class="stops">${recognised(made)}</strong>`;
  const isStopped = judged === undefined && STOPPED.includes(made.outcome);
  return html`<strong class=${isStopped ? "stops" : ""}>${becomes}</strong>${recognised(made)}`;
}

/** The editor is loaded when somebody edits, unless the page has it already. */
function editor(app: CalicoIPv6, file: SourceFile, index: number): TemplateResult {
  const at = app.editing;
  const changed = (event: Event) => void app.draft.edit(file.name, (event as CustomEvent<string>).detail);
  const made = app.session.made(index);
  // What a conversion corrects is not a person's to correct.
  const wrong = made && [made.problem?.place?.line, ...open(made).flatMap(({ severity, place }) => (severity === "error" ? place.line : []))].filter(Boolean).join(" ");
  void import("../editor.js").then(
    ({ define }) => define(),
    () => {
      app.editing = undefined;
      app.say("The editor could not be loaded. Your files are still here; you can also edit the file on your machine and drop it again.", () => {
        app.editing = at;
        app.say("");
      });
    },
  );
  return html`<calico-ipv6-editor .text=${file.text} label=${file.name} line=${app.editLine} wrong=${wrong ?? nothing} @edited=${changed}></calico-ipv6-editor>`;
}
