/** What a worker does with a message: the other end of `client.ts`. */

/** A call of a function. */
export interface Call {
  id: number;
  method: string;
  values: unknown[];
}

/** What became of a call. */
export type Answer = { id: number; value: unknown } | { id: number; error: string; isMisuse: boolean };

/** Calls a function once the engine is started, and tells what became of it. */
export async function answer(functions: object, started: Promise<unknown>, { id, method, values }: Call): Promise<Answer> {
  try {
    await started;
    const call = (functions as Record<string, (...values: unknown[]) => unknown>)[method];
    return { id, value: call?.(...values) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error), isMisuse: error instanceof TypeError };
  }
}
