/** The engine in a worker, so that typing never waits for it. All elements of a page share one. */
import type * as api from "../../wasm/npm/src/api.js";
import type { zip } from "./zip.js";
import type { Rules } from "../../wasm/npm/src/api.js";

type Api = Omit<typeof api, "EngineSource"> & { zip: typeof zip };
export type Method = { [Name in keyof Api]: Api[Name] extends (...values: never[]) => unknown ? Name : never }[keyof Api];
type Values<M extends Method> = Parameters<Api[M]>;
type Result<M extends Method> = ReturnType<Api[M]>;

/** What goes to the worker first. */
export interface Start {
  module: WebAssembly.Module;
  rules: Rules;
}
export interface Call {
  id: number;
  method: Method;
  values: unknown[];
}
export type Answer = { id: number; value: unknown } | { id: number; error: string };

/** The call was given up: by a person, or because the engine was started anew. */
export class Cancelled extends Error {}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

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

function startWorker(): Worker {
  if (WORKER.origin === location.origin) return new Worker(trusted(WORKER.href), { type: "module" });
  // A worker must be of the page's own origin; what it imports need not be.
  const source = new Blob([`import ${JSON.stringify(WORKER.href)};`], { type: "text/javascript" });
  return new Worker(trusted(URL.createObjectURL(source)), { type: "module" });
}

/** The compiled engine and the texts of rules: kept, so that a new start costs nothing. */
let loaded: Promise<Start> | undefined;

function load(): Promise<Start> {
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

class Engine {
  #worker: Worker | undefined;
  #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Asks the engine; it is started where it is not yet. */
  call<M extends Method>(method: M, ...values: Values<M>): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      try {
        this.#start().postMessage({ id, method, values } satisfies Call);
      } catch (error) {
        this.#fail(String(error));
      }
    });
  }

  /** Ends whatever it does; the next call starts it anew. */
  restart(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Cancelled());
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.value as never);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message || "its worker could not be loaded");
    };
    this.#worker = worker;
    load().then(
      (start) => worker.postMessage(start),
      (error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)),
    );
    return worker;
  }

  #fail(message: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Error(message));
  }
}

export const engine = new Engine();
