/** The doors beside the change of files, as far as they were opened. */
import { type TemplateResult, html, nothing } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { kit } from "../kit.js";
import type { Door, DoorName } from "./doors.js";

export const isOther = (door: string | undefined): door is Exclude<DoorName, "change"> => ["check", "plan", "write"].includes(door ?? "");

export class OtherDoors {
  readonly #app: CalicoIPv6;
  /** Each keeps what a person typed and chose in it. */
  readonly #opened = new Map<string, Door>();
  #isMissing = false;

  constructor(app: CalicoIPv6) {
    this.#app = app;
  }

  /** The door that is open; undefined if that is the change of files, or as long as it is not loaded. */
  get current(): Door | undefined {
    return this.#opened.get(this.#app.door ?? "");
  }

  /** Loads the doors when one of them is opened. */
  async open(name: string | undefined): Promise<void> {
    this.#isMissing = false;
    if (!isOther(name) || this.current) return;
    const doors = await import("./doors.js").then(({ doors }) => doors, () => undefined);
    if (this.#app.door !== name) return;
    this.#isMissing = !doors;
    if (doors && !this.current) this.#opened.set(name, doors[name](this.#app, kit));
    this.#app.requestUpdate();
  }

  render(): TemplateResult | typeof nothing {
    if (this.current || !this.#isMissing) return this.current?.render() ?? nothing;
    return html`<p class="notice" role="alert">This part of the tool could not be loaded. Your files are still here. <button type="button" @click=${() => void this.open(this.#app.door)}>Try again</button></p>`;
  }
}
