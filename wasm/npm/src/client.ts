/** The engine in a worker, so that nothing waits for it. */
import type { Answer, Call } from "./answers.js";
import type * as functions from "./functions.js";

const METHODS = [
  "checkTarget", "explain", "generate", "inspect", "kinds", "lint", "options", "planCidrs", "rules", "steps", "transform",
  "uniqueLocalPodCIDR", "version",
] as const satisfies readonly (keyof typeof functions)[];

type Method = (typeof METHODS)[number];

/** The functions of the engine in a worker: each returns a promise. The engine starts with the first call. */
export type WorkerClient = {
  readonly [Name in Method]: (...values: Parameters<(typeof functions)[Name]>) => Promise<ReturnType<(typeof functions)[Name]>>;
} & {
  /** Ends the worker, and whatever it does: a call that waits is rejected with {@link Cancelled}. The next call starts another one. */
  terminate(): void;
};

/** The call was given up, because the worker was ended. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** The worker, as far as a client needs it. */
export interface Port {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

type Open = (answered: (answer: Answer) => void, failed: (message: string) => void) => Port;

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

type Calls = { [Name in string]: (...values: never[]) => unknown };

/** Asks a worker, which has these functions. */
export class Client<Functions extends object> {
  #worker: Port | undefined;
  #waiting = new Map<number, Waiting>();
  #last = 0;

  /** `load` gives what the worker is started with: its first message. */
  constructor(
    readonly open: Open,
    readonly load: () => Promise<unknown>,
  ) {}

  /** Asks the engine; it is started where it is not yet. */
  call<M extends keyof Functions & string>(
    method: M,
    ...values: Functions[M] extends Calls[string] ? Parameters<Functions[M]> : never
  ): Promise<Functions[M] extends Calls[string] ? ReturnType<Functions[M]> : never> {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      try {
        this.#start().postMessage({ id, method, values } satisfies Call);
      } catch (error) {
        this.#end(() => (error instanceof Error ? error : new Error(String(error))));
      }
    });
  }

  /** Ends whatever it does; the next call starts it anew. */
  restart(): void {
    this.#end(() => new Cancelled("the worker was ended"));
  }

  #start(): Port {
    if (this.#worker) return this.#worker;
    const failed = (message: string) => this.#end(() => new Error(message));
    const worker = this.open((answer) => this.#answered(answer), failed);
    this.#worker = worker;
    this.load().then(
      (start) => worker.postMessage({ start }),
      (error: unknown) => failed(error instanceof Error ? error.message : String(error)),
    );
    return worker;
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("error" in answer) waiting?.reject(answer.isMisuse ? new TypeError(answer.error) : new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  }

  #end(reason: () => Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(reason());
  }
}

/** The functions of a client. */
export function workerClient(client: Client<typeof functions>): WorkerClient {
  const call = client.call.bind(client) as (method: Method, ...values: unknown[]) => Promise<unknown>;
  const calls = METHODS.map((method) => [method, (...values: unknown[]) => call(method, ...values)]);
  return { ...Object.fromEntries(calls), terminate: () => client.restart() } as WorkerClient;
}
