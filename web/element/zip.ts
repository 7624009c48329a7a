/** Files as one archive, made in the worker. */
import { strToU8, zipSync } from "fflate";
import type { SourceFile } from "../../wasm/npm/src/api.js";

/** A zip archive with the folders of the names; none of them leads out of the folder where it is unpacked. */
export function zip(files: readonly SourceFile[]): Uint8Array<ArrayBuffer> {
  const inside = (name: string) => name.split("/").filter((part) => !["", ".", ".."].includes(part)).join("/");
  return zipSync(Object.fromEntries(files.map(({ name, text }) => [inside(name), strToU8(text)])));
}
