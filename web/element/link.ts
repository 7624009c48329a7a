/** Settings in the address of a page: made when a person asks for a link, and read once. Files are never in it. */
import type { TargetOption } from "../../wasm/npm/src/api.js";

/** The address of a page with settings: of this one, if no other is given. An example is named, and its answers are left out: they are not a person's. */
export function linkTo(target: Readonly<Record<string, string>>, example: string | undefined, page = location.href): string {
  const settings = example ? { example, to: target["to"] ?? "dual-stack" } : target;
  const url = new URL(page, location.href);
  url.hash = new URLSearchParams(settings).toString();
  return url.href;
}

/** What an address says; empty if it is an anchor. */
export const settingsOf = (hash: string): Record<string, string> =>
  hash.includes("=") ? Object.fromEntries(new URLSearchParams(hash.slice(1))) : {};

/** Settings that this version knows, and the names of the others. */
export function known(settings: Record<string, string>, options: ReadonlyMap<string, TargetOption>): { target: Record<string, string>; unknown: string[] } {
  const target: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const key = name === "address" ? "addressMap" : name;
    if (options.has(key)) target[key] = value;
    else unknown.push(name);
  }
  return { target, unknown };
}
