/** Files as a tree of their folders, each with what becomes of it. */
import { type TemplateResult, html, nothing } from "lit";
import type { SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { STEP } from "../listing.js";
import { STOPPED, count, legible, number } from "../words.js";
import { fileRow } from "./files.js";

/** A folder, and what is in it. */
export interface Folder {
  /** Its path, with a slash behind it; empty for the one around everything. */
  path: string;
  folders: Folder[];
  /** The indexes of its own files. */
  files: number[];
  /** The indexes of these, and of all files below it. */
  all: number[];
}

/** The folders of files, all in the order of their names, whatever the order in which they came. */
export function folders(files: readonly SourceFile[]): Folder {
  const root: Folder = { path: "", folders: [], files: [], all: [] };
  const known = new Map([["", root]]);
  const folderOf = (path: string): Folder => {
    const there = known.get(path);
    if (there) return there;
    const folder: Folder = { path, folders: [], files: [], all: [] };
    known.set(path, folder);
    folderOf(path.slice(0, path.lastIndexOf("/", path.length - 2) + 1)).folders.push(folder);
    return folder;
  };
  const name = (index: number) => files[index]?.name ?? "";
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  for (const i of [...files.keys()].sort((a, b) => order(name(a), name(b)))) folderOf(name(i).slice(0, name(i).lastIndexOf("/") + 1)).files.push(i);
  const finish = (folder: Folder): Folder => {
    folder.folders = folder.folders.map(finish).sort((a, b) => order(a.path, b.path));
    folder.all = [...folder.files, ...folder.folders.flatMap((one) => one.all)];
    // One that holds nothing but another one is named with it.
    const [only] = folder.folders;
    return folder !== root && only && folder.folders.length === 1 && folder.files.length === 0 ? only : folder;
  };
  return finish(root);
}

/** All files: a list, if they have no folders. */
export function tree(app: CalicoIPv6): TemplateResult {
  const { files } = app.session;
  const root = folders(files);
  return root.folders.length === 0 || files.length === 1 ? list(app, { ...root, folders: [], files: [...files.keys()] }, "") : list(app, root, root.path);
}

function list(app: CalicoIPv6, { path, files, folders }: Folder, said: string): TemplateResult {
  const most = app.listing.most(path);
  // Who asked for more is at the first of them afterwards.
  const show = ({ currentTarget }: Event) => {
    const last = (currentTarget as Element).closest("li")?.previousElementSibling;
    app.listing.listMore(path);
    void app.updateComplete.then(() => last?.nextElementSibling?.querySelector<HTMLElement>("button, summary")?.focus());
  };
  const more = (of: readonly unknown[], what: string) =>
    of.length > most ? html`<li><button type="button" class="link" @click=${show}>Show ${count(Math.min(of.length - most, STEP), `more ${what}`)}<span class="hidden"> in ${path || "the list"}</span></button></li>` : nothing;
  return html`<ul class="file-list" aria-label=${path || "Files"}>
    ${files.slice(0, most).map((i) => fileRow(app, i, said))} ${more(files, "file")}
    ${folders.slice(0, most).map((folder) => folderRow(app, folder, path))} ${more(folders, "folder")}
  </ul>`;
}

/** A folder with what becomes of its files. Those of many files are closed at first, and have no rows. */
function folderRow(app: CalicoIPv6, folder: Folder, parent: string): TemplateResult {
  const { path, all } = folder;
  const { files } = app.session;
  const isAll = all.length === files.length;
  // What is being edited is seen.
  const isOpen = (app.listing.isOpen(path) ?? (isAll || files.length <= STEP)) || all.includes(app.editing ?? -1);
  const toggled = (event: Event) => app.listing.open(path, (event.target as HTMLDetailsElement).open);
  const facts = [count(all.length, "file"), app.judge(all) ?? outcomes(app, all)].filter(Boolean);
  return html`<li><details class="folder" ?open=${isOpen} @toggle=${toggled}>
    <summary><span class="folder-name">${legible(path.slice(parent.length))}</span> <span class="where">${facts.join(", ")}</span></summary>
    ${isOpen ? list(app, folder, path) : nothing}
  </details></li>`;
}

function outcomes(app: CalicoIPv6, all: readonly number[]): string {
  const made = all.flatMap((i) => app.session.made(i) ?? []);
  const changes = made.reduce((sum, file) => sum + file.changes.length, 0);
  const stopped = made.filter((file) => STOPPED.includes(file.outcome)).length;
  return [changes > 0 ? count(changes, "change") : "", stopped > 0 ? `${number(stopped)} not converted` : ""].filter(Boolean).join(", ");
}
