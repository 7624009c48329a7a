/** What is passed by mistake is told with its place: `files[1].text is not a string`. */
import type { AddressRequest, Kind, SourceFile, Target } from "./bindings.js";

/** The keys that take several values. */
const LISTS = ["addressMap", "address"];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

export function checkedText(place: string, value: string): string {
  if (typeof value !== "string") throw new TypeError(`${place} is not a string`);
  return value;
}

/** Checks what kinds of files are named: one, or a list. Which there are is for the engine to say. */
export function checkedKinds(kinds: Kind | readonly Kind[]): Kind | readonly Kind[] {
  if (!Array.isArray(kinds)) checkedText("kinds", kinds as Kind);
  else for (const [i, kind] of kinds.entries()) checkedText(`kinds[${i}]`, kind);
  return kinds;
}

export function checkedFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  if (!Array.isArray(files)) throw new TypeError("files is not an array of { name, text }");
  for (const [i, file] of (files as unknown[]).entries()) {
    if (!isObject(file)) throw new TypeError(`files[${i}] is not an object { name, text }`);
    for (const key of ["name", "text"]) checkedText(`files[${i}].${key}`, file[key] as string);
  }
  return files;
}

/** Checks what options a target, or a request for addresses, has. Which values they may have is for the engine to say. */
export function checkedOptions<T extends Readonly<Target> | Readonly<AddressRequest>>(name: string, options: T): T {
  if (!isObject(options) || Array.isArray(options)) throw new TypeError(`${name} is not an object`);
  for (const [key, value] of Object.entries(options) as [string, unknown][]) {
    const isList = LISTS.includes(key) && Array.isArray(value);
    if (!isList) checkValue(`${name}.${key}`, value ?? "");
    else for (const [i, one] of value.entries()) checkValue(`${name}.${key}[${i}]`, one);
  }
  return options;
}

function checkValue(place: string, value: unknown): void {
  if (!["string", "number", "boolean"].includes(typeof value)) throw new TypeError(`${place} is not a string, number or boolean`);
}

/** Five random bytes: those that are passed, or the platform's. */
export function randomBytes(random: Uint8Array | undefined): Uint8Array {
  const bytes = random ?? crypto.getRandomValues(new Uint8Array(5));
  if (!(bytes instanceof Uint8Array) || bytes.length !== 5) throw new TypeError("random is not a Uint8Array of five bytes");
  return bytes;
}
