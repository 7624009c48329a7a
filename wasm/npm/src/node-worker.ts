/** The thread of `createWorkerClient()` in Node. */
import { parentPort } from "node:worker_threads";
import { answer, type Call } from "./answers.js";
import * as api from "./node.js";

const started = api.init();
// The calls that wait for it are told.
started.catch(() => {});

parentPort?.on("message", async (message: Call | { start: unknown }) => {
  if ("id" in message) parentPort?.postMessage(await answer(api, started, message));
});
