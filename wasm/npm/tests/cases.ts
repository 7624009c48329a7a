/** The literate cases of the repository, with what the command says of each: `cargo xtask conformance` writes them. */
import type { AddressPlan, Generation, Lint, Target, Transformation } from "calico-ipv6";
import { existsSync, readFileSync } from "node:fs";

export interface Case {
  /** The file and the heading: `node/felix: FELIX_IPV6SUPPORT twice`. */
  name: string;
  input: string;
  /** As JavaScript passes it. */
  target: Target;
  /** The keys of the target that cannot be; nothing is printed for such a target. */
  badKeys: string[];
  /** The command takes this input for an accident and prints nothing. */
  onlyCommandRefuses: boolean;
  /** What `calico-ipv6 transform -o json` prints for the input on standard input. */
  printed: Transformation | null;
  /** What `calico-ipv6 lint -o json` prints for this target; null where it cannot be. */
  linted: Lint | null;
  /** The same for the stack that the input has. */
  lintedAsFound: Lint;
}

/** A call of the command without input, and what it says to it. */
export interface Call {
  /** The words of the command. */
  name: string;
  command: string[];
  /** As JavaScript passes them. */
  options: Target;
  /** What `-o json` prints; nothing where the options cannot be. */
  printed: Generation | AddressPlan | null;
}

function answers<T>(name: string): T[] {
  const file = new URL(`../../../target/${name}`, import.meta.url);
  if (!existsSync(file)) throw new Error(`${file.pathname} is missing: run \`cargo xtask conformance\``);
  return JSON.parse(readFileSync(file, "utf8"));
}

export const cases = answers<Case>("conformance.json");
export const calls = answers<Call>("conformance-no-input.json");
