/** The files: dropped, pasted, chosen, or an example. */
import { type TemplateResult, html, nothing } from "lit";
import type { SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { EXAMPLES, type ExampleName } from "../example-names.js";
import { count, number, outcome, recognised } from "../words.js";
import { heading } from "./heading.js";

/** So many files are listed at once, and so many folders; there may be thousands. */
const MOST = 50;
const MOST_FOLDERS = 200;

export function filesPart(app: CalicoIPv6): TemplateResult {
  return html`
    <section class="files" aria-labelledby="files-heading">
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
    ${app.notice ? html`<p class="notice" role="alert">${app.notice}</p>` : nothing} ${notChecked(app)}
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

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1);

function fileList(app: CalicoIPv6): TemplateResult {
  const { files } = app.session;
  const remove = () => app.removeAll();
  const folders = new Map<string, number[]>();
  files.forEach(({ name }, i) => {
    const folder = folderOf(name);
    const at = folders.get(folder);
    if (at) at.push(i);
    else folders.set(folder, [i]);
  });
  return html`
    ${folders.size > 1 ? html`<div class="file-list">${[...folders].slice(0, MOST_FOLDERS).map(([folder, at]) => folderRow(app, folder, at))}</div>` : rows(app, files.map((_, i) => i))}
    ${folders.size > MOST_FOLDERS ? html`<p class="remark">${count(folders.size - MOST_FOLDERS, "more folder")}, all of them part of the result.</p>` : nothing}
    ${files.length > 1 ? html`<p><button type="button" class="link" @click=${remove}>Remove all ${number(files.length)} files</button></p>` : nothing}
  `;
}

function rows(app: CalicoIPv6, at: readonly number[]): TemplateResult {
  const { files } = app.session;
  return html`<ul class="file-list">${at.slice(0, MOST).map((i) => fileRow(app, files[i] as SourceFile, i))}</ul>
    ${at.length > MOST ? html`<p class="remark">${count(at.length - MOST, "more file")}, all of them part of the result.</p>` : nothing}`;
}

/** A folder with what becomes of its files. Those of many files are closed at first, and have no rows. */
function folderRow(app: CalicoIPv6, folder: string, at: readonly number[]): TemplateResult {
  const { files, good } = app.session;
  const made = at.flatMap((i) => (good && good.files[i] === files[i] ? (good.result.files[i] ?? []) : []));
  const changes = made.reduce((sum, file) => sum + file.changes.length, 0);
  const stopped = made.filter((file) => ["refused", "unreadable", "needs-input"].includes(file.outcome)).length;
  const facts = [count(at.length, "file"), changes > 0 ? count(changes, "change") : "", stopped > 0 ? `${number(stopped)} not converted` : ""];
  const isOpen = app.folders.get(folder) ?? files.length <= MOST;
  const toggled = (event: Event) => app.openFolder(folder, (event.target as HTMLDetailsElement).open);
  return html`<details class="folder" ?open=${isOpen} @toggle=${toggled}>
    <summary><span class="folder-name">${folder || "./"}</span> <span class="where">${facts.filter(Boolean).join(", ")}</span></summary>
    ${isOpen ? rows(app, at) : nothing}
  </details>`;
}

/** Files that cannot be used: one is named at once, and of several only their number is shown at first. */
function notChecked(app: CalicoIPv6): TemplateResult | typeof nothing {
  const { unread } = app;
  if (unread.length === 0) return nothing;
  const list = html`<ul class="plain">${unread.slice(0, 500).map(({ name, why }) => html`<li><strong>${name}</strong> ${why}</li>`)}
    ${unread.length > 500 ? html`<li>${count(unread.length - 500, "more file")}</li>` : nothing}</ul>`;
  if (unread.length <= 3) return html`<div class="notice" role="alert">${list}</div>`;
  return html`<details class="notice"><summary role="alert">${count(unread.length, "file")} not checked</summary>${list}</details>`;
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
  const typed = (event: Event) => {
    const field = event.target as HTMLTextAreaElement;
    app.openText(field.value);
    field.value = "";
  };
  const isEmpty = app.session.files.length === 0;
  return html`
    <div class="zone ${app.isOver ? "over" : ""} ${isEmpty ? "empty" : ""}" part="drop-zone"
      @drop=${dropped} @dragover=${dragged} @dragleave=${() => over(app, false)}>
      <label class="paste-label" for="paste">${isEmpty ? "Drop your manifest here, or paste it" : app.session.example ? "Drop or paste your own files" : "Drop or paste more files of the cluster"}</label>
      <textarea id="paste" rows="1" spellcheck="false" autocomplete="off" autocapitalize="off"
        placeholder="YAML or JSON" @paste=${pasted} @change=${typed}></textarea>
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

function fileRow(app: CalicoIPv6, file: SourceFile, index: number): TemplateResult {
  const { good } = app.session;
  const made = good && good.files[index] === file ? good.result.files[index] : undefined;
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
          <span class="file-name">${file.name}</span>
          <span class="file-facts">${made ? html`<strong>${outcome(made)}</strong>${recognised(made)}` : nothing}</span>
        </div>
        <div class="file-buttons"><button type="button" aria-expanded=${isEditing} @click=${edit}>${isEditing ? "Close" : "Edit"}<span class="hidden"> ${file.name}</span></button>
        <button type="button" @click=${() => app.removeFile(index)}>Remove<span class="hidden"> ${file.name}</span></button></div>
      </div>
      ${isEditing ? editor(app, file) : nothing}
    </li>
  `;
}

/** The editor is loaded when somebody edits, and not before. */
function editor(app: CalicoIPv6, file: SourceFile): TemplateResult {
  const changed = (event: Event) => app.editFile(file.name, (event as CustomEvent<string>).detail);
  void import("../editor.js").then(
    ({ define }) => define(),
    () => {
      app.editing = undefined;
      app.notice = "The editor could not be loaded: edit the file on your machine and drop it again.";
      app.requestUpdate();
    },
  );
  return html`<calico-ipv6-editor .text=${file.text} label=${file.name} line=${app.editLine} @edited=${changed}></calico-ipv6-editor>`;
}
