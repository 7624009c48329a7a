/** How long it may think before that is shown, in milliseconds. */
const PATIENCE = 200;

/** Asks the engine again whenever the question is another one, and keeps the newest answer. */
export class Latest<T> {
  answer: T | undefined;
  failure = "";
  /** Whether a person has to wait for the answer. */
  isSlow = false;
  #asked = "";

  constructor(
    readonly ask: () => Promise<T>,
    readonly changed: () => void,
  ) {}

  /** The answer to a question; the one before as long as the engine thinks. */
  to(question: unknown): T | undefined {
    const asked = JSON.stringify(question);
    if (asked !== this.#asked) {
      this.#asked = asked;
      void this.#run(asked);
    }
    return this.answer;
  }

  /** Asks the same question again. */
  again(): void {
    this.#asked = "";
    this.changed();
  }

  async #run(asked: string): Promise<void> {
    const slow = setTimeout(() => {
      this.isSlow = true;
      this.changed();
    }, PATIENCE);
    try {
      const answer = await this.ask();
      if (asked !== this.#asked) return;
      [this.answer, this.failure] = [answer, ""];
    } catch (error) {
      if (asked !== this.#asked) return;
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(slow);
    }
    this.isSlow = false;
    this.changed();
  }
}
