// In a thread: each has an engine of its own.
import { Worker, isMainThread } from "node:worker_threads";

if (isMainThread) new Worker(new URL(import.meta.url));
else await import("./main.js");
