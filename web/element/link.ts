/** Settings in the address of a page: made when a person asks for a link, and read once. Files are never in it. */
import type { TargetOption } from "../../wasm/npm/src/api.js";
import type { Session } from "./session.js";

/**
 * The address of a page with settings: of this one, if no other is given. An example is named, and its answers are left out: they are not
 * a person's. Proposed ranges that are on screen are in it, and named: who opens it sees the same, and that they are proposed.
 */
export function linkTo({ target, example, good }: Pick<Session, "target" | "example" | "good">, page = location.href): string {
  const proposed = Object.entries(good?.proposed ?? {}).filter(([key]) => !(key in target));
  const ranges = proposed.length > 0 ? { ...Object.fromEntries(proposed), proposed: proposed.map(([key]) => key).join(",") } : {};
  const settings: Record<string, string> = example ? { example, to: target["to"] ?? "dual-stack" } : { ...target, ...ranges };
  const url = new URL(page, location.href);
  url.hash = new URLSearchParams(settings).toString();
  return url.href;
}

/** Addresses that are no settings: those of the doors. */
const DOORS = ["change", "check", "plan", "write"];

/** What an address says, and what of it cannot be read. An anchor says nothing. */
export function settingsOf(hash: string): { settings: Record<string, string>; damaged: string[] } {
  const text = hash.slice(1);
  const isAnchor = text === "" || DOORS.includes(text) || (!text.includes("=") && document.getElementById(text) !== null);
  const parts = isAnchor ? [] : text.split("&").filter(Boolean);
  const readable = parts.filter((part) => isReadable(part));
  const settings = Object.fromEntries(new URLSearchParams(readable.join("&")));
  return { settings, damaged: parts.filter((part) => !readable.includes(part)) };
}

function isReadable(part: string): boolean {
  try {
    // A minifier removes a call whose value nobody uses.
    return decodeURIComponent(part) !== "";
  } catch {
    return false;
  }
}

/** Settings that this version knows, and the others: by their names, or with the value where only that is not known. */
export function known(settings: Record<string, string>, options: ReadonlyMap<string, TargetOption>): { target: Record<string, string>; unknown: string[] } {
  const target: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const key = name === "address" ? "addressMap" : name;
    const choices = options.get(key)?.choices;
    if (!choices) unknown.push(name);
    else if (choices.length === 0 || choices.includes(value)) target[key] = value;
    else unknown.push(`${name}=${value}`);
  }
  return { target, unknown };
}
