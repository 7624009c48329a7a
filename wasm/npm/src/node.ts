import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { Answer } from "./answers.js";
import * as bindings from "./bindings.js";
import { Client, type Port, type WorkerClient, workerClient } from "./client.js";
import { type EngineSource, type RulesSource, start } from "./functions.js";
import { isAddress } from "./texts.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param engine where the module comes from; the file beside this one where nothing is given
 * @param rules where `rules.json` of the same package comes from; the file beside this one where nothing is given
 */
export function init(engine?: EngineSource, rules?: RulesSource): Promise<void> {
  return start(engine ?? new URL("./engine.wasm", import.meta.url), rules ?? new URL("./rules.json", import.meta.url), get, instantiate);
}

/** Starts the engine in a thread: each call returns a promise, and the program goes on meanwhile. `terminate()` ends it. */
export function createWorkerClient(): WorkerClient {
  return workerClient(new Client(openThread, async () => ({})));
}

/** A file is compiled at once: `fetch` of Node gets no files. */
async function instantiate(source: EngineSource): Promise<void> {
  const isFile = isAddress(source) && new URL(source).protocol === "file:";
  const engine = isFile ? readFileSync(new URL(source)) : await (isAddress(source) ? fetch(source) : source);
  if (engine instanceof Response) await bindings.default({ module_or_path: engine });
  else bindings.initSync({ module: engine });
}

async function get(address: URL | string): Promise<Response> {
  const url = new URL(address);
  return url.protocol === "file:" ? new Response(new Uint8Array(await readFile(url))) : fetch(url);
}

function openThread(answered: (answer: Answer) => void, failed: (message: string) => void): Port {
  const worker = new Worker(new URL("./node-worker.js", import.meta.url));
  worker.on("message", answered);
  worker.on("error", (error) => failed(error.message));
  return worker;
}
