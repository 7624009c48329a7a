/** The hunks of a file as a unified diff. */
import type { Hunk, Transformed } from "./bindings.js";

const SIGNS = { context: " ", removed: "-", added: "+" };

/** Characters that change what a terminal or an editor shows around them. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (name: string): string =>
  name.replace(HIDDEN, (c) => NAMED[c] ?? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);

const span = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`);

function hunkText(hunk: Hunk): string {
  const head = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@\n`;
  const lines = hunk.lines.map(({ kind, text }) => `${SIGNS[kind]}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return head + lines.join("");
}

/** What changes in a file, as a unified diff that `git apply` and `patch -p1` take; empty where nothing does. */
export function unifiedDiff({ name, hunks }: Pick<Transformed, "name" | "hunks">): string {
  if (hunks.length === 0) return "";
  const shown = escaped(name.replace(/^(\.\/)+/, ""));
  const [old, changed] = /^[/<]/.test(shown) ? [shown, shown] : [`a/${shown}`, `b/${shown}`];
  return `--- ${old}\n+++ ${changed}\n${hunks.map(hunkText).join("")}`;
}
