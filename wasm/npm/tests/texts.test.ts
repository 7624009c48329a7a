/** The texts of rules come from a file of their own: where from, and what is said where it is missing or another release's. */
import type * as api from "calico-ipv6";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { json, texts } from "./rules-json.ts";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const page = readFileSync(new URL("../../../docs/rules/CNI-003.md", import.meta.url), "utf8");
const older: api.Rules = { ...texts, engine: "0.0.9" };

let folder: string;
let engine: typeof api;

/** A copy of the package for each test: an engine starts only once. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "calico-ipv6-texts-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  cpSync(dist, join(folder, "dist"), { recursive: true });
  engine = await import(pathToFileURL(join(folder, "dist/node.js")).href);
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, "dist/rules.json");
const copy = () => cpSync(join(dist, "rules.json"), file());

function works(): void {
  expect(engine.rules()).toStrictEqual(texts);
  expect(engine.explain("CNI-003")).toBe(page);
}

const sources: [string, () => api.RulesSource | undefined][] = [
  ["nothing", () => undefined],
  ["an address", () => pathToFileURL(file())],
  ["an address as text", () => pathToFileURL(file()).href],
  ["a data URL", () => `data:application/json,${encodeURIComponent(json)}`],
  ["a response", () => new Response(json)],
  ["a response to come", () => Promise.resolve(new Response(json))],
  ["the content", () => texts],
];

test.each(sources)("from %s", async (_, source) => {
  await engine.init(undefined, source());
  works();
});

test("content that is changed later changes nothing", async () => {
  const mine = structuredClone(texts);
  await engine.init(undefined, mine);
  mine.rules.splice(0);
  works();
});

test("no rules.json is an error that names it, and init() can be repeated", async () => {
  rmSync(file());
  await expect(engine.init()).rejects.toThrow(/^rules\.json cannot be loaded from file:.*\/dist\/rules\.json: ENOENT/);
  expect(() => engine.rules()).toThrow("call `await init()` first");
  copy();
  await engine.init();
  works();
});

test("rules.json of another release is an error that names both, and init() can be repeated", async () => {
  writeFileSync(file(), JSON.stringify(older));
  await expect(engine.init()).rejects.toThrow(
    `rules.json is of version 0.0.9 and engine.wasm of version ${texts.engine}: deliver both files from the same package`,
  );
  expect(() => engine.explain("CNI-003")).toThrow("call `await init()` first");
  copy();
  await engine.init();
  works();
});

const wrong: [string, () => api.RulesSource, string][] = [
  ["a response that is none", () => new Response("", { status: 404 }), "rules.json cannot be loaded: the server answers 404"],
  ["a text that is no JSON", () => new Response("<!doctype html>"), "rules.json cannot be loaded: "],
  ["a JSON of something else", () => new Response('{ "version": 1 }'), "rules.json cannot be loaded: its content is not the rules"],
  ["an object that is none", () => ({}) as never, "rules.json cannot be loaded: its content is not the rules"],
  ["what never arrives", () => Promise.reject(new Error("offline")), "rules.json cannot be loaded: offline"],
];

test.each(wrong)("%s is an error", async (_, source, says) => {
  await expect(engine.init(undefined, source())).rejects.toThrow(says);
  await engine.init();
  works();
});

test("an attempt that works is not disturbed by one that does not, at the same time", async () => {
  const failed = engine.init(undefined, older);
  await Promise.all([expect(failed).rejects.toThrow("0.0.9"), engine.init(), engine.init(undefined, older)]);
  works();
});
