/** What a person takes away. */
import { unifiedDiff } from "../../wasm/npm/src/diff.js";
import type { Done } from "./session.js";

/** The texts of all files as one stream; each begins a document of its own. */
export function textOf(done: Done): string {
  const texts = done.result.files.map((file, i) => file.text ?? done.files[i]?.text ?? "");
  return texts.reduce((all, text) => {
    if (all === "") return text;
    return `${all}${all.endsWith("\n") ? "" : "\n"}${text.startsWith("---") ? "" : "---\n"}${text}`;
  }, "");
}

/** A unified diff of all files that `git apply` takes. */
export function diffOf(done: Done): string {
  return done.result.files.map(unifiedDiff).join("");
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
