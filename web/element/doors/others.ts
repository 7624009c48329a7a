/** The doors beside the change of files, and the views that are loaded with them, as far as they were opened. */
import { type TemplateResult, html, nothing } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { kit } from "../kit.js";
import type { Done } from "../session.js";
import type { Door, DoorName, Reader, ShowView, views } from "./doors.js";

export const isOther = (door: string | undefined): door is Exclude<DoorName, "change"> => ["check", "plan", "write"].includes(door ?? "");

export type LaterView = keyof typeof views;

export class OtherDoors {
  readonly #app: CalicoIPv6;
  #isLoading = false;
  #loaded: typeof import("./doors.js") | undefined;
  /** Each keeps what a person typed and chose in it. */
  readonly #opened = new Map<string, Door>();
  readonly #views = new Map<string, ShowView>();
  #isMissing = false;
  #reader: Reader | undefined;

  constructor(app: CalicoIPv6) {
    this.#app = app;
  }

  /** The door that is open; undefined if that is the change of files, or as long as it is not loaded. */
  get current(): Door | undefined {
    const { door } = this.#app;
    if (isOther(door) && this.#loaded && !this.#opened.has(door)) this.#opened.set(door, this.#loaded.doors[door](this.#app, kit));
    return this.#opened.get(door ?? "");
  }

  /** Loads the doors and views, once. What is in `files` is read when nobody waits for anything else. */
  load(files?: Done["files"]): void {
    if (files) this.#reader?.soon(files);
    if (this.#isLoading || this.#isMissing) return;
    this.#isLoading = true;
    void import("./doors.js").then(
      (parts) => {
        this.#loaded = parts;
        this.#reader = new parts.Reader(this.#app, kit);
      },
      () => {
        this.#isMissing = true;
        this.#isLoading = false;
      },
    ).then(() => this.#app.requestUpdate());
  }

  /** Loads them after all, if they could not be loaded. */
  again = (): void => {
    this.#isMissing = false;
    this.load();
  };

  render(): TemplateResult | typeof nothing {
    return this.current?.render() ?? this.#missing();
  }

  /** Whether the facts of files are there. */
  has(files: Done["files"]): boolean | undefined {
    return this.#reader?.has(files);
  }

  /** Where the files state a value, in words; empty if that is not known. */
  placeOf(value: string): string {
    const files = this.#app.session.good?.files;
    return files && files === this.#app.session.files ? (this.#reader?.placeOf(value, files, kit) ?? "") : "";
  }

  /** A view of a result. */
  view(name: LaterView, done: Done): TemplateResult | typeof nothing {
    const parts = this.#loaded;
    if (!parts) return this.#missing();
    let show = this.#views.get(name);
    if (!show) this.#views.set(name, (show = parts.views[name](this.#app, kit, this.#reader as Reader)));
    return show(done);
  }

  #missing(): TemplateResult | typeof nothing {
    if (!this.#isMissing) return nothing;
    return html`<p class="notice" role="alert">This part of the tool could not be loaded. Your files are still here. <button type="button" @click=${this.again}>Try again</button></p>`;
  }
}
