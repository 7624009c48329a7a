/** The engine in a worker. All elements of a page share one. */
import { load, openWorker } from "../../wasm/npm/src/browser-worker.js";
import { Client } from "../../wasm/npm/src/client.js";
import type * as functions from "../../wasm/npm/src/functions.js";
import type { zip } from "./zip.js";

export { Cancelled } from "../../wasm/npm/src/client.js";

export const engine = new Client<typeof functions & { zip: typeof zip }>(openWorker, load);
