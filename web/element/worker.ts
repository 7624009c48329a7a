/** The worker: one message brings the compiled engine and the texts of rules, every other one is a call, and waits for it. */
import * as api from "../../wasm/npm/src/api.js";
import { start } from "../../wasm/npm/src/functions.js";
import { zip } from "./zip.js";
import type { Answer, Call, Start } from "./engine.js";

let deliver: (what: Start) => void;
const started = new Promise<Start>((resolve) => (deliver = resolve)).then(({ module, rules }) => start(module, rules));

let pending = 0;
/** Whether the parts that a transform uses are compiled: browsers compile each when it is called first. */
let isWarm = false;

addEventListener("message", async ({ data }: MessageEvent<Start | Call>) => {
  if ("module" in data) return deliver(data);
  pending++;
  isWarm ||= data.method === "transform" || data.method === "generate";
  postMessage(await answer(data));
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

async function answer({ id, method, values }: Call): Promise<Answer> {
  try {
    await started;
    const call = { ...api, zip }[method] as (...values: unknown[]) => unknown;
    return { id, value: call(...values) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
