/** The files: dropped, pasted, chosen, or an example. */
import { type TemplateResult, html, nothing } from "lit";
import type { SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { examples } from "../examples.js";
import { recognised } from "../words.js";
import { heading } from "./heading.js";

export function filesPart(app: CalicoIPv6): TemplateResult {
  const { files } = app.session;
  return html`
    <section class="files" aria-labelledby="files-heading">
      <div id="files-heading">${heading(app, 0, "Your files")}</div>
      ${files.length > 0 ? html`<ul class="file-list">${files.map((file, i) => fileRow(app, file, i))}</ul>` : nothing}
      ${zone(app)} ${exampleRow(app)}
      ${app.notice ? html`<p class="notice" role="alert">${app.notice}</p>` : nothing}
      <p class="privacy">The engine runs in your browser; nothing is uploaded.</p>
    </section>
  `;
}

function zone(app: CalicoIPv6): TemplateResult {
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    over(app, false);
    void app.openFiles(event.dataTransfer?.files ?? []);
  };
  const dragged = (event: DragEvent) => {
    event.preventDefault();
    over(app, true);
  };
  const chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    void app.openFiles([...(input.files ?? [])]).then(() => (input.value = ""));
  };
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
      <label class="paste-label" for="paste">${isEmpty ? "Drop your manifest here, or paste it" : "Drop or paste one more file of the cluster"}</label>
      <textarea id="paste" rows=${isEmpty ? 3 : 1} spellcheck="false" autocomplete="off" autocapitalize="off"
        placeholder="YAML or JSON" @paste=${pasted} @change=${typed}></textarea>
      <label class="button" part="button"><input type="file" multiple accept=".yaml,.yml,.json,.txt,.env,.service,.conf" @change=${chosen} />Choose files</label>
    </div>
  `;
}

function over(app: CalicoIPv6, isOver: boolean): void {
  app.isOver = isOver;
  app.requestUpdate();
}

function exampleRow(app: CalicoIPv6): TemplateResult {
  const buttons = Object.entries(examples).map(
    ([name, { title }]) => html`<button type="button" class="link" @click=${() => app.openExample(name)}>${title}</button>`,
  );
  return html`<p class="examples">${app.session.files.length === 0 ? "No manifest at hand? Take an example:" : "Examples:"} ${buttons}</p>`;
}

function fileRow(app: CalicoIPv6, file: SourceFile, index: number): TemplateResult {
  const { good } = app.session;
  const made = good && good.files[index] === file ? good.result.files[index] : undefined;
  const isEditing = app.editing === index;
  const edit = () => {
    app.editing = isEditing ? undefined : index;
    app.requestUpdate();
  };
  return html`
    <li class="file">
      <div class="file-row">
        <div class="file-words">
          <span class="file-name">${file.name}</span>
          <span class="file-facts">${made ? recognised(made) : ""}</span>
        </div>
        <div class="file-buttons"><button type="button" aria-expanded=${isEditing} @click=${edit}>${isEditing ? "Close" : "Edit"}<span class="hidden"> ${file.name}</span></button>
        <button type="button" @click=${() => app.removeFile(index)}>Remove<span class="hidden"> ${file.name}</span></button></div>
      </div>
      ${isEditing ? editor(app, file, index) : nothing}
    </li>
  `;
}

/** The editor is loaded when somebody edits, and not before. */
function editor(app: CalicoIPv6, file: SourceFile, index: number): TemplateResult {
  const changed = (event: Event) => app.editFile(index, (event as CustomEvent<string>).detail);
  void import("../editor.js").then(
    ({ define }) => define(),
    () => {
      app.editing = undefined;
      app.notice = "The editor could not be loaded: edit the file on your machine and drop it again.";
      app.requestUpdate();
    },
  );
  return html`<calico-ipv6-editor .text=${file.text} label=${file.name} @edited=${changed}></calico-ipv6-editor>`;
}
