/** What a person works on: files, a target, and what becomes of them. Knows nothing of the page around it. */
import type { Rule, SourceFile, Target, TargetOption, Transformation } from "../../wasm/npm/src/api.js";
import { Cancelled, engine } from "./engine.js";

/** The largest file that the engine takes, in bytes. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** What the engine knows whatever the files are. */
export interface Knowledge {
  options: Map<string, TargetOption>;
  rules: Map<string, Rule>;
}

/** A result together with what it was made of: both must be shown together. */
export interface Done {
  files: readonly SourceFile[];
  target: Readonly<Record<string, string>>;
  result: Transformation;
}

/** The options that have an effect: those of an IP family that the target does not have are errors. */
export function applicable(
  target: Readonly<Record<string, string>>,
  options: ReadonlyMap<string, TargetOption> | undefined,
): Readonly<Record<string, string>> {
  const hasEffect = (key: string) => !options?.get(key)?.noEffectWith.includes(target["to"] ?? "");
  return Object.fromEntries(Object.entries(target).filter(([key]) => hasEffect(key)));
}

export type Status = "idle" | "working" | "cancelled" | "failed";

export class Session {
  files: readonly SourceFile[] = [];
  target: Readonly<Record<string, string>> = { to: "dual-stack" };
  status: Status = "idle";
  /** Why the engine could not be started, or what it died of. */
  failure = "";
  knowledge: Knowledge | undefined;
  /** The newest result. */
  latest: Done | undefined;
  /** The newest result with a target that can be. */
  good: Done | undefined;

  #isRunning = false;
  #isStale = false;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  setFiles(files: readonly SourceFile[]): void {
    this.files = files;
    void this.run();
  }

  addFiles(more: readonly SourceFile[]): void {
    const names = new Set(more.map((file) => file.name));
    this.setFiles([...this.files.filter((file) => !names.has(file.name)), ...more]);
  }

  /** Sets one key of the target; an empty text takes it out. */
  setKey(key: string, value: string): void {
    const { [key]: _, ...rest } = this.target;
    this.setTarget(value === "" ? rest : { ...rest, [key]: value });
  }

  setTarget(target: Readonly<Record<string, string>>): void {
    this.target = target;
    void this.run();
  }

  /** Starts the engine and asks what it knows. */
  async prepare(): Promise<void> {
    if (this.knowledge) return;
    try {
      const [options, { rules }] = await Promise.all([engine.call("options"), engine.call("rules")]);
      this.knowledge = {
        options: new Map(options.map((option) => [option.key, option])),
        rules: new Map(rules.map((rule) => [rule.id, rule])),
      };
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Transforms what is there. While that goes on, only the newest wish is kept. */
  async run(): Promise<void> {
    this.#isStale = true;
    if (this.#isRunning) return this.#changed();
    this.#isRunning = true;
    this.status = "working";
    this.#changed();
    await this.prepare();
    while (this.#isStale && this.status === "working") {
      this.#isStale = false;
      await this.#once();
    }
    this.#isRunning = false;
    if (this.status === "working") this.status = "idle";
    this.#changed();
  }

  /** Gives up what is being worked on. */
  cancel(): void {
    this.status = "cancelled";
    engine.restart();
  }

  async #once(): Promise<void> {
    const { files } = this;
    const target = applicable(this.target, this.knowledge?.options);
    try {
      const result = await engine.call("transform", [...files], target as unknown as Target);
      this.latest = { files, target, result };
      if (result.problems.length === 0) this.good = this.latest;
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof Cancelled) {
      this.status = "cancelled";
    } else {
      this.status = "failed";
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.#changed();
  }
}
