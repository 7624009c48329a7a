/** What a person takes away. */
import { unifiedDiff } from "../../wasm/npm/src/diff.js";
import { engine } from "./engine.js";
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

/** Gives all changed files to the browser: one as it is, several as an archive with their folders. */
export async function downloadAll({ result }: Done): Promise<void> {
  const files = result.files.flatMap(({ name, text }) => (text === null ? [] : [{ name, text }]));
  const [file] = files;
  if (files.length === 1 && file) download(file.name, file.text);
  else download("calico-ipv6.zip", await engine.call("zip", files));
}

/** Gives a file to the browser's downloads. */
export function download(name: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.split("/").pop() ?? name;
  link.click();
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(url));
}
