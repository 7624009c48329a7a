/** The texts of rules: `rules.json`, which the module does not contain. */
import type { Rule, Rules } from "./bindings.js";

/** What the rules can be read from: the content of `rules.json`, or where it is. */
export type RulesSource = Rules | Response | URL | string | Promise<Rules | Response>;

/** Gets a file by its address. */
export type Get = (address: URL | string) => Promise<Response>;

export const isAddress = (source: unknown): source is URL | string => typeof source === "string" || source instanceof URL;

/** Reads the rules. An error names the file. */
export async function readRules(source: RulesSource, get: Get): Promise<Rules> {
  let from = isAddress(source) ? ` from ${source}` : "";
  try {
    const got = await (isAddress(source) ? get(source) : source);
    if (!(got instanceof Response)) return checked(structuredClone(got));
    from ||= got.url && ` from ${got.url}`;
    if (!got.ok) throw new Error(`the server answers ${got.status}`);
    return checked(await got.json());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`rules.json cannot be loaded${from}: ${reason}`, { cause: error });
  }
}

function checked(rules: Rules | null | undefined): Rules {
  if (typeof rules?.engine === "string" && Array.isArray(rules.rules)) return rules;
  throw new Error("its content is not the rules of calico-ipv6");
}

/** The texts as the module takes them. No text contains these characters. */
export const packed = ({ rules }: Rules): string => rules.map(fields).join("\x1e");

const fields = ({ id, finds, consequence, help, before, after, sources }: Rule): string =>
  [id, finds, consequence, help, before, after, sources.map(({ text, url }) => `${text}\x1c${url}`).join("\x1d")].join("\x1f");
