/** The hunks of a file as a unified diff. */
import type { Hunk, Transformed } from "./bindings.js";

const SIGNS = { context: " ", removed: "-", added: "+" };

/** Characters that change what a terminal or an editor shows around them, and those that end a quoted name. */
const QUOTED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"\\]/gu;

const NAMED: Record<string, string> = {
  '"': '\\"', "\\": "\\\\", "\u0007": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
};

const octal = (character: string): string =>
  Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

/** A file name as git writes it in the headers of a diff. */
function gitQuoted(name: string): string {
  const quoted = name.replace(QUOTED, (character) => NAMED[character] ?? octal(character));
  return quoted === name ? name : `"${quoted}"`;
}

/** One header. A name with a space ends at a tab. */
const header = (sign: string, name: string): string => `${sign} ${gitQuoted(name)}${name.includes(" ") ? "\t" : ""}\n`;

const span = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`);

function hunkText(hunk: Hunk): string {
  const head = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@\n`;
  const lines = hunk.lines.map(({ kind, text }) => `${SIGNS[kind]}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return head + lines.join("");
}

/** What changes in a file, as a unified diff that `git apply` and `patch -p1` take; empty where nothing does. */
export function unifiedDiff({ name, hunks }: Pick<Transformed, "name" | "hunks">): string {
  if (hunks.length === 0) return "";
  const path = name.replace(/^\.\//, "");
  const [old, changed] = /^[/<]/.test(path) ? [path, path] : [`a/${path}`, `b/${path}`];
  return `${header("---", old)}${header("+++", changed)}${hunks.map(hunkText).join("")}`;
}
