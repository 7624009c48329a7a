import { load, openWorker } from "./browser-worker.js";
import { Client, type WorkerClient, workerClient } from "./client.js";
import { type EngineSource, type RulesSource, start } from "./functions.js";

export * from "./api.js";

/**
 * Starts the engine; await it once before anything else.
 *
 * @param engine where the module comes from; the file beside this one where nothing is given
 * @param rules where `rules.json` of the same package comes from; the file beside this one where nothing is given
 */
export function init(engine?: EngineSource, rules?: RulesSource): Promise<void> {
  return start(engine ?? new URL("./engine.wasm", import.meta.url), rules ?? new URL("./rules.json", import.meta.url));
}

/** Starts the engine in a worker: each call returns a promise, and the page goes on meanwhile. `terminate()` ends it. */
export function createWorkerClient(): WorkerClient {
  return workerClient(new Client(openWorker, load));
}
