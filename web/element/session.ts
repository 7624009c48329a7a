/** What a person works on: files, a target, and what becomes of them. Knows nothing of the page around it. */
import type { Rule, SourceFile, Target, TargetOption, Transformation, Transformed } from "../../wasm/npm/src/api.js";
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
  /** The answers that nobody gave: random ranges, so that there is a result. They are in `target`, too. */
  proposed: Readonly<Record<string, string>>;
  result: Transformation;
}

/** What may be proposed: a random unique-local range works in every cluster, and a person can accept it or type another one. */
const PROPOSED = ["ipv6PodCIDR", "ipv6ServiceCIDR"];

type Answers = Readonly<Record<string, string>>;

/** What a person has given. */
export interface Work {
  files: readonly SourceFile[];
  target: Readonly<Record<string, string>>;
}

/** A step back: a sentence about what was done, the files that it removed, and the answers that it replaced. */
export interface Undoable {
  what: string;
  files: readonly SourceFile[];
  at: number;
  target?: Work["target"];
}

/** The name, or where it is taken the same with a number: `calico-2.yaml`. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = name, ending = ""] = /^(.+?)(\.[^./]*)?$/.exec(name) ?? [];
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${stem}-${i}${ending}`;
  return free;
}

export type Status = "idle" | "working" | "cancelled" | "failed";

/** The random bits of a unique-local prefix (RFC 4193). */
export const randomBits = (): Uint8Array => crypto.getRandomValues(new Uint8Array(5));

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

  /** Whether ranges that nobody gave are proposed. */
  proposes = true;
  /** Ranges that a plan or a link proposes: they come before random ones, and stay proposed until a person accepts them. */
  planned: Answers = {};

  readonly #random = randomBits();
  #isRunning = false;
  #isStale = false;
  /** The example that is shown; its file and its answers are not those of a person. */
  example: string | undefined;
  /** The steps that took something away, the newest last. */
  undoable: readonly Undoable[] = [];

  /** A person's own work, while an example is shown. */
  #own: Work | undefined;
  /** The files of the example as they are delivered. */
  #delivered: readonly SourceFile[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  setFiles(files: readonly SourceFile[]): void {
    this.files = files;
    void this.run();
  }

  /** Adds a person's own files: an example ends, and nothing of it stays. No file takes the place of another one. */
  addFiles(more: readonly SourceFile[]): void {
    this.leaveExample();
    this.setFiles([...this.files, ...this.#named(more)]);
  }

  /** The files with names that are free: the second file with a name gets a number. */
  #named(more: readonly SourceFile[]): SourceFile[] {
    const taken = new Set(this.files.map((file) => file.name));
    return more.map((file) => {
      const name = freeName(file.name, taken);
      taken.add(name);
      return name === file.name ? file : { ...file, name };
    });
  }

  /** Removes files; a person can take that back. */
  removeFiles(at: number, count: number, what: string): void {
    this.#keep({ what, files: this.files.slice(at, at + count), at });
    this.setFiles(this.files.toSpliced(at, count));
  }

  /** Shows an example; what a person has given is set aside. */
  showExample(name: string, files: readonly SourceFile[], target: Work["target"]): void {
    this.#keepEdits();
    this.#own ??= { files: this.files, target: this.target };
    this.#delivered = files;
    this.example = name;
    this.target = { ...target, ...this.#own.target, ...this.#families() };
    this.setFiles(files);
  }

  /** Back to a person's own files and answers. Which families are wanted is their choice, also beside an example. */
  leaveExample(): void {
    if (!this.#own) return;
    this.#keepEdits();
    this.target = { ...this.#own.target, ...this.#families() };
    this.files = this.#own.files;
    this.#own = undefined;
    this.example = undefined;
    this.latest = undefined;
    this.good = undefined;
    void this.run();
  }

  /** How many files are set aside while an example is shown. */
  get setAside(): number {
    return this.#own?.files.length ?? 0;
  }

  /** Takes the answers of a file. */
  replaceTarget(target: Work["target"], what: string): void {
    this.leaveExample();
    this.#keep({ what, files: [], at: 0, target: this.target });
    this.setTarget(target);
  }

  /** Whether an option has an effect for a stack. */
  hasEffect(key: string, stack = this.target["to"]): boolean {
    return !this.knowledge?.options.get(key)?.noEffectWith.some((to) => to === stack);
  }

  /** How forms name an option. */
  label(key: string): string {
    return this.knowledge?.options.get(key)?.label ?? key;
  }

  optionOfFlag(flag: string): TargetOption | undefined {
    return [...(this.knowledge?.options.values() ?? [])].find((option) => option.flag === flag);
  }

  /** Takes a plan: what a person gave there is their answer, also after an example; the rest is proposed where nobody gives a range. */
  takePlan(given: Answers, planned: Answers): void {
    this.planned = planned;
    if (this.#own) this.#own = { ...this.#own, target: { ...this.#own.target, ...given } };
    this.setTarget({ ...this.target, ...given });
  }

  /** Makes the proposed ranges a person's own answers. */
  accept(): void {
    this.setTarget({ ...this.target, ...this.latest?.proposed });
  }

  /** The answers that have an effect: those about an IP family that the target does not have are errors. */
  applicable(): Answers {
    return Object.fromEntries(Object.entries(this.target).filter(([key]) => this.hasEffect(key)));
  }

  /** What became of a file, if it is the one that the newest result is about. */
  made(index: number): Transformed | undefined {
    return this.good && this.good.files[index] === this.files[index] ? this.good.result.files[index] : undefined;
  }

  undo(): void {
    const step = this.undoable.at(-1);
    if (!step) return;
    this.undoable = this.undoable.slice(0, -1);
    this.leaveExample();
    if (step.target) this.target = step.target;
    this.setFiles(this.files.toSpliced(step.at, 0, ...this.#named(step.files)));
  }

  #keep(step: Undoable): void {
    this.undoable = [...this.undoable, step];
  }

  /** What a person wrote into an example is theirs. */
  #keepEdits(): void {
    const edited = this.example ? this.files.filter((file) => !this.#delivered.includes(file)) : [];
    if (edited.length > 0) this.#keep({ what: "The example that you edited was closed.", files: edited, at: this.setAside });
  }

  #families(): Work["target"] {
    const { to } = this.target;
    return to === undefined ? {} : { to };
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
    let target = this.applicable();
    try {
      let result = await engine.call("transform", [...files], target as unknown as Target);
      const proposed = await this.#proposal(result, target);
      if (Object.keys(proposed).length > 0) {
        target = { ...target, ...proposed };
        result = await engine.call("transform", [...files], target as unknown as Target);
      }
      if (result.problems.length > 0 && Object.keys(proposed).some((key) => key in this.planned)) {
        // What does not fit these files is not proposed: random ranges do.
        this.planned = {};
        return await this.#once();
      }
      this.latest = { files, target, proposed, result };
      if (result.problems.length === 0) this.good = this.latest;
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ranges for the questions that a range answers: the same until the page is closed. */
  async #proposal({ fields }: Transformation, target: Done["target"]): Promise<Done["proposed"]> {
    const missing = fields.filter(({ key, weight }) => weight === "missing" && PROPOSED.includes(key)).map(({ key }) => key);
    if (!this.proposes || missing.length === 0) return {};
    const own = Object.fromEntries(PROPOSED.flatMap((key) => (target[key] ? [[key, target[key]]] : [])));
    const { options } = await engine.call("planCidrs", { to: "dual-stack", ...own }, this.#random);
    return Object.fromEntries(options.filter(({ key }) => missing.includes(key)).map(({ key, value }) => [key, this.planned[key] ?? value]));
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
