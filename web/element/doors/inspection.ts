/** What the engine reads from files: asked for once, whoever needs it. */
import type { Inspected, Inspection } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";
import { Latest } from "./latest.js";

/** What is known of one object. */
export interface Group {
  title: string;
  rows: readonly { name: string; value: string; line: number | null }[];
}

/** What is known of a file, by its objects. */
export function groups({ installs, fields }: Inspected): Group[] {
  const all: Group[] = installs.map(({ title, rows }) => ({ title, rows }));
  for (const field of fields) {
    const there = all.find(({ title }) => title === field.component);
    if (there) there.rows = [...there.rows, field];
    else all.push({ title: field.component, rows: [field] });
  }
  return all;
}

/** How long nothing else may come before files are read that nobody asked for, in milliseconds; and how many are read so. */
const QUIET = 500;
const FEW = 100;

export class Reader {
  #soon: ReturnType<typeof setTimeout> | undefined;
  #files: Done["files"] = [];
  #asked = 0;
  readonly #read: Latest<{ files: Done["files"]; made: Inspection }>;

  constructor(app: CalicoIPv6, kit: Kit) {
    const ask = async () => {
      const files = this.#files;
      return { files, made: await kit.engine.call("inspect", files) };
    };
    this.#read = new Latest(ask, () => app.requestUpdate());
  }

  get failure(): string {
    return this.#read.failure;
  }

  again(): void {
    this.#read.again();
  }

  /** What is in files; undefined as long as it is not read. Places of older texts would lead to other lines. */
  of(files: Done["files"]): Inspection | undefined {
    if (files !== this.#files) {
      this.#files = files;
      this.#asked++;
    }
    const answer = this.#read.to(this.#asked);
    return answer?.files === files ? answer.made : undefined;
  }

  has(files: Done["files"]): boolean {
    return this.#read.answer?.files === files;
  }

  /** Reads files when it is quiet: whoever prints them does not wait. */
  soon(files: Done["files"]): void {
    clearTimeout(this.#soon);
    if (!this.has(files) && files.length <= FEW) this.#soon = setTimeout(() => this.of(files), QUIET);
  }

  /** Where a value was read: `CALICO_IPV4POOL_CIDR in calico.yaml, line 526`; empty if no line states it. */
  placeOf(value: string, files: Done["files"], kit: Kit): string {
    for (const file of this.of(files)?.files ?? []) {
      for (const { name, value: stated, line } of groups(file).flatMap(({ rows }) => rows)) {
        if (line !== null && stated.split(/,\s*/).includes(value)) return `${name} in ${kit.legible(file.name)}, line ${kit.number(line)}`;
      }
    }
    return "";
  }
}
