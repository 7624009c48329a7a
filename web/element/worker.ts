/** The worker: one message brings the compiled engine and the texts of rules, every other one is a call, and waits for it. */
import { answer, type Call } from "../../wasm/npm/src/answers.js";
import type { Start } from "../../wasm/npm/src/browser-worker.js";
import * as functions from "../../wasm/npm/src/functions.js";
import { zip } from "./zip.js";

const api = { ...functions, zip };

let deliver: (what: Start) => void;
const started = new Promise<Start>((resolve) => (deliver = resolve)).then(({ module, rules }) => functions.start(module, rules));
// The calls that wait for it are told.
started.catch(() => {});

let pending = 0;
/** Whether the parts that a transform uses are compiled: browsers compile each when it is called first. */
let isWarm = false;

addEventListener("message", async ({ data }: MessageEvent<{ start: Start } | Call>) => {
  if ("start" in data) return deliver(data.start);
  pending++;
  isWarm ||= data.method === "transform" || data.method === "generate";
  postMessage(await answer(api, started, data));
  pending--;
  if (!isWarm) setTimeout(warmUp);
});

/** Writes, reads and judges a manifest that nobody sees: the first transform then takes half the time. */
function warmUp() {
  if (isWarm || pending > 0) return;
  isWarm = true;
  const ranges = { ipv4PodCIDR: "10.244.0.0/16", ipv6PodCIDR: "fd00:10:244::/56" };
  api.generate(["kustomize"], { to: "dual-stack", calicoVersion: "v3.31.0", ...ranges });
}
