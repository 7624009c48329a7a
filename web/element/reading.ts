/** Files of this machine as texts, byte for byte. */
import type { SourceFile } from "../../wasm/npm/src/api.js";
import { MAX_BYTES } from "./session.js";
import { number } from "./words.js";

/** A file that is not checked, and why, in words. */
export interface Unread {
  name: string;
  why: string;
}

/** What was read, and what could not be. */
export interface Read {
  files: SourceFile[];
  unread: Unread[];
}

/** A file, and its path below the folder that was given. */
export interface Found {
  name: string;
  file: File;
}

/** What a folder may hold for the engine. A file that a person names is read whatever it is called. */
const ENDINGS = /\.(ya?ml|json|env|service|conf)$/i;

export const tooLarge = (size: number): string => `has ${number(size)} bytes; the limit is 64 MiB. Split it between its documents.`;

/** Reads files. A byte-order mark stays; what is no UTF-8 is refused, since it could not be given back as it was. */
export async function read(found: Iterable<Found>): Promise<Read> {
  const done: Read = { files: [], unread: [] };
  for (const { name, file } of found) {
    const refuse = (why: string) => done.unread.push({ name, why });
    if (file.size > MAX_BYTES) {
      refuse(tooLarge(file.size));
      continue;
    }
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      // A file that was deleted has no size, and cannot be read.
      const why = bytes.length === 0 ? "is empty: did the command that wrote it fail?" : notText(bytes);
      if (why) refuse(why);
      else done.files.push({ name, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) });
    } catch (error) {
      const isText = error instanceof TypeError;
      refuse(isText ? "is not UTF-8 text: save it as UTF-8." : "cannot be read: it was moved, deleted or changed. Add it again.");
    }
  }
  return done;
}

/** Why bytes are no text that the engine takes; empty if they may be. */
function notText(bytes: Uint8Array): string {
  const begins = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) {
    return "is UTF-16, which Kubernetes does not read: save it as UTF-8 (in PowerShell: Out-File -Encoding utf8).";
  }
  if (begins(0x89, 0x50, 0x4e, 0x47)) return "is a PNG image, not a manifest.";
  if (begins(0x1f, 0x8b) || begins(0x50, 0x4b, 0x03, 0x04)) return "is an archive: unpack it, and add the folder.";
  return bytes.subarray(0, 8192).includes(0) ? "is not text." : "";
}

/** The files that an input of type `file` gives; those of a folder have their path below it. */
export function chosen(files: Iterable<File>): { found: Found[]; unread: Unread[] } {
  return sorted([...files].map((file) => ({ name: file.webkitRelativePath || file.name, file })));
}

/** The files of a drop, and those of its folders. Must be called while the drop is handled: it is empty afterwards. */
export async function dropped(data: DataTransfer): Promise<{ found: Found[]; unread: Unread[] }> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return chosen(data.files);
  const found: Found[] = [];
  const unread: Unread[] = [];
  for (const entry of entries) await walk(entry, found, unread);
  const done = sorted(found);
  return { found: done.found, unread: [...unread, ...done.unread] };
}

async function walk(entry: FileSystemEntry, found: Found[], unread: Unread[]): Promise<void> {
  const name = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.push({ name, file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // Browsers give a hundred at a time.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const one of some) await walk(one, found, unread);
    }
  } catch {
    unread.push({ name, why: "cannot be read: it was moved or deleted. Add it again." });
  }
}

const collator = new Intl.Collator("en", { numeric: true });

/** The order of names as people count: `f2` is before `f10`. */
export const byName = (a: string, b: string): number => collator.compare(a, b);

/** Of folders only what the engine can read; in the order of their names. */
function sorted(all: Found[]): { found: Found[]; unread: Unread[] } {
  const found: Found[] = [];
  const unread: Unread[] = [];
  for (const one of all) {
    if (!one.name.includes("/") || ENDINGS.test(one.name)) found.push(one);
    else unread.push({ name: one.name, why: "is not YAML, JSON, a unit or an environment file." });
  }
  found.sort((a, b) => byName(a.name, b.name));
  return { found, unread };
}

/** A name for pasted text that no file has yet. */
export const pastedName = (text: string): string => (text.trimStart().startsWith("{") ? "pasted.json" : "pasted.yaml");
