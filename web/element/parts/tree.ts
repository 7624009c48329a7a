/** Files as a tree of their folders, each with what becomes of it. */
import { type TemplateResult, html, nothing } from "lit";
import type { SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { STEP } from "../listing.js";
import { byName } from "../reading.js";
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
  for (const i of [...files.keys()].sort((a, b) => byName(name(a), name(b)))) folderOf(name(i).slice(0, name(i).lastIndexOf("/") + 1)).files.push(i);
  const finish = (folder: Folder): Folder => {
    folder.folders = folder.folders.map(finish).sort((a, b) => byName(a.path, b.path));
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

/** How many files of each outcome are listed, if there are more than fit into a list. */
const FIRST = 10;

/** How many rows are added at once: with thousands, typing would become slow. */
const MORE = 500;

function list(app: CalicoIPv6, { path, files, folders }: Folder, said: string): TemplateResult {
  const some = (all: readonly unknown[], key: string, first: number, what: string, row: (at: never) => TemplateResult) => {
    const most = app.listing.most(key, first);
    const rest = all.length - most;
    // Who asked for more is at the first of the others afterwards.
    const show = ({ currentTarget }: Event) => {
      const last = (currentTarget as Element).closest("li")?.previousElementSibling;
      app.listing.show(key, most + MORE);
      void app.updateComplete.then(() => last?.nextElementSibling?.querySelector<HTMLElement>("button, summary")?.focus());
    };
    return html`${all.slice(0, most).map((at) => row(at as never))}
      ${rest > 0 ? html`<li><button type="button" class="link" @click=${show}>${rest > MORE ? `Show ${MORE} more of ` : "Show all "}${count(all.length, what)}<span class="hidden"> in ${path || "the list"}</span></button></li>` : nothing}`;
  };
  const row = (i: number) => fileRow(app, i, said);
  const grouped = files.length > STEP ? [...byOutcome(app, files)] : [];
  return html`<ul class="file-list" aria-label=${path || "Files"}>
    ${grouped.length > 0 ? grouped.map(([words, of]) => html`<li class="where">${number(of.length)} ${words}</li>${some(of, `${path} ${words}`, FIRST, `file`, row)}`) : files.map(row)}
    ${some(folders, path, STEP, "folder", (folder) => folderRow(app, folder, path))}
  </ul>`;
}

/** A folder with what becomes of its files. Those of many files are closed at first, and have no rows. */
function folderRow(app: CalicoIPv6, folder: Folder, parent: string): TemplateResult {
  const { path, all } = folder;
  const { files } = app.session;
  const isAll = all.length === files.length;
  // What is being edited is seen.
  const isOpen = (app.listing.isOpen(path) ?? (isAll || files.length <= STEP)) || all.includes(app.editing ?? -1);
  return html`<li><details class="folder" ?open=${isOpen} @toggle=${app.listing.toggled(path)}>
    <summary><span class="folder-name">${legible(path.slice(parent.length))}</span> <span class="where">${[count(all.length, "file"), outcomes(app, all)].filter(Boolean).join(", ")}</span></summary>
    ${isOpen ? list(app, folder, path) : nothing}
  </details></li>`;
}

/** What becomes of files, in words. */
export function outcomes(app: CalicoIPv6, all: readonly number[]): string {
  const judged = app.judge(all);
  if (judged !== undefined) return judged;
  const made = all.flatMap((i) => app.session.made(i) ?? []);
  const changes = made.reduce((sum, file) => sum + file.changes.length, 0);
  const stopped = made.filter((file) => STOPPED.includes(file.outcome)).length;
  return [changes > 0 ? count(changes, "change") : "", stopped > 0 ? `${number(stopped)} not converted` : ""].filter(Boolean).join(", ");
}

/** Outcomes, the ones that need a person first. */
const WORDS = {
  unreadable: "cannot be read",
  refused: "refused",
  "needs-input": "need an answer",
  changed: "changed",
  unchanged: "not changed",
  "passed-through": "without IPv6-relevant settings",
};

/** Files by what becomes of them, or by what a door says of them. */
function byOutcome(app: CalicoIPv6, files: readonly number[]): Map<string, number[]> {
  const groups = new Map<string, number[]>([...Object.values(WORDS), "with findings", "without findings", "files"].map((words) => [words, []]));
  for (const i of files) {
    const made = app.session.made(i);
    const judged = app.judge([i]);
    const words = judged !== undefined ? `${judged ? "with" : "without"} findings` : made ? WORDS[made.outcome] : "files";
    groups.get(words)?.push(i);
  }
  for (const [words, of] of groups) if (of.length === 0) groups.delete(words);
  return groups;
}
