/** Small manifests that tests share. */
import { readFileSync } from "node:fs";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** An Installation with one IPv4 pool, and what becomes of it with an IPv6 pool of `fd00:10:244::/56`. */
export const installation = read("consumers/shared/installation.yaml");
export const dualStack = read("consumers/shared/dual-stack.yaml");

/** The calico.yaml that the repository's README transforms. */
export const calico = read("../../../examples/calico.yaml");
