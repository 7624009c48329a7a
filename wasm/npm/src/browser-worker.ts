/** The engine in a worker of a browser: its three files beside this one. */
import type { Answer } from "./answers.js";
import type { Rules } from "./bindings.js";
import type { Port } from "./client.js";

// Relative to the built file, and written so that bundlers see all files and put them beside it.
const WORKER = new URL("./worker.js", import.meta.url);
const WASM = new URL("./engine.wasm", import.meta.url);
const RULES = new URL("./rules.json", import.meta.url);

interface ScriptUrls {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptUrls): ScriptUrls;
}

let policy: ScriptUrls | undefined;

/** Sites that demand Trusted Types take an address of a script only through a policy. */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy("calico-ipv6", { createScriptURL: (one) => one }) ?? { createScriptURL: (one) => one };
  return policy.createScriptURL(url);
}

function newWorker(): Worker {
  if (WORKER.origin === location.origin) return new Worker(trusted(WORKER.href), { type: "module" });
  // A worker must be of the page's own origin; what it imports need not be.
  const source = new Blob([`import ${JSON.stringify(WORKER.href)};`], { type: "text/javascript" });
  return new Worker(trusted(URL.createObjectURL(source)), { type: "module" });
}

export function openWorker(answered: (answer: Answer) => void, failed: (message: string) => void): Port {
  const worker = newWorker();
  worker.onmessage = ({ data }: MessageEvent<Answer>) => answered(data);
  worker.onerror = (event) => {
    event.preventDefault();
    failed(event.message || "its worker could not be loaded");
  };
  return worker;
}

/** What the worker is started with. */
export interface Start {
  module: WebAssembly.Module;
  rules: Rules;
}

/** The compiled engine and the texts of rules: kept, so that a new start costs nothing. */
let loaded: Promise<Start> | undefined;

export function load(): Promise<Start> {
  if (typeof WebAssembly === "undefined") return Promise.reject(new Error("this browser has no WebAssembly"));
  loaded ??= Promise.all([compile(), readRules()]).then(([module, rules]) => ({ module, rules }));
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

async function get(address: URL): Promise<Response> {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status} for ${address.href}`);
  return response;
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await get(WASM);
  // Not every server knows the type that compiling while loading asks for.
  const isKnown = response.headers.get("content-type")?.startsWith("application/wasm");
  return isKnown ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

async function readRules(): Promise<Rules> {
  const response = await get(RULES);
  return response.json().catch((error: unknown) => Promise.reject(new Error(`${RULES.href} is not JSON`, { cause: error })));
}
