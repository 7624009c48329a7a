/** What a person takes away. */
import type { Hunk } from "../../wasm/npm/src/api.js";
import type { Done } from "./session.js";

/** The texts of all files as one stream; each begins a document of its own. */
export function textOf(done: Done): string {
  const texts = done.result.files.map((file, i) => file.text ?? done.files[i]?.text ?? "");
  return texts.reduce((all, text) => {
    if (all === "") return text;
    return `${all}${all.endsWith("\n") ? "" : "\n"}${text.startsWith("---") ? "" : "---\n"}${text}`;
  }, "");
}

const SIGNS = { context: " ", removed: "-", added: "+" };

const span = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`);

function hunkText(hunk: Hunk): string {
  const head = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@\n`;
  const lines = hunk.lines.map(({ kind, text }) => `${SIGNS[kind]}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return head + lines.join("");
}

/** A unified diff of all files that `git apply` takes. */
export function diffOf(done: Done): string {
  const changed = done.result.files.filter((file) => file.hunks.length > 0);
  return changed.map((file) => `--- a/${file.name}\n+++ b/${file.name}\n${file.hunks.map(hunkText).join("")}`).join("");
}

/** Gives a text to the browser's downloads. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.split("/").pop() ?? name;
  link.click();
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(url));
}
