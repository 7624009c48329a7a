/** The installed package in Node. */
import { beforeAll, expect, test } from "vitest";
import { dualStack } from "../manifests.ts";
import { node, project } from "./install.ts";

let folder: string;
beforeAll(() => {
  folder = project("node");
});

test.each([
  ["import", "main.js"],
  ["require, since Node 20.19", "main.cjs"],
  ["import of a file: URL", "address.js"],
  ["./slim with ./engine.wasm and ./rules.json", "slim.js"],
  ["a worker thread", "thread.js"],
  ["createWorkerClient, a thread of the package", "client.js"],
])("%s", (_, script) => {
  expect(node(folder, script)).toBe(dualStack);
});
