/** Files of this machine as texts, byte for byte. */
import type { SourceFile } from "../../wasm/npm/src/api.js";
import { MAX_BYTES } from "./session.js";
import { number } from "./words.js";

/** What was read, and what could not be, in words. */
export interface Read {
  files: SourceFile[];
  problems: string[];
}

/** Reads files. A byte-order mark stays; what is no UTF-8 is refused, since it could not be given back as it was. */
export async function read(files: Iterable<File>): Promise<Read> {
  const done: Read = { files: [], problems: [] };
  for (const file of files) {
    const name = file.webkitRelativePath || file.name;
    if (file.size > MAX_BYTES) {
      done.problems.push(`${name} has ${number(file.size)} bytes; 64 MiB is the most. Split it at its documents.`);
      continue;
    }
    try {
      const bytes = await file.arrayBuffer();
      done.files.push({ name, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) });
    } catch (error) {
      const why = error instanceof TypeError ? "is not UTF-8 text: save it as UTF-8" : `cannot be read: ${String(error)}`;
      done.problems.push(`${name} ${why}.`);
    }
  }
  return done;
}

/** A name for pasted text that no file has yet. */
export function pastedName(taken: readonly SourceFile[], text: string): string {
  const ending = text.trimStart().startsWith("{") ? "json" : "yaml";
  const names = new Set(taken.map((file) => file.name));
  for (let i = 1; ; i++) {
    const name = i === 1 ? `pasted.${ending}` : `pasted-${i}.${ending}`;
    if (!names.has(name)) return name;
  }
}
