/** What the package's rules.json contains. */
import type { Rules } from "calico-ipv6";
import { readFileSync } from "node:fs";

export const json = readFileSync(new URL(import.meta.resolve("calico-ipv6/rules.json")), "utf8");
export const texts: Rules = JSON.parse(json);
