/** A text that is being typed: a file of its own, which is checked while a person types. */
import type { CalicoIPv6 } from "./calico-ipv6.js";
import { pastedName } from "./reading.js";
import { settingsOfDocument } from "./target-document.js";

/** How long typing must rest before the text is checked, in milliseconds. */
const REST = 300;

export class Draft {
  readonly #app: CalicoIPv6;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The name of its file; empty if nothing is being typed. */
  name = "";

  constructor(app: CalicoIPv6) {
    this.#app = app;
  }

  /** Checks what is typed, once typing rests. */
  type(text: string): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#check(text), REST);
  }

  #check(text: string): void {
    const { session } = this.#app;
    const isThere = session.files.some(({ name }) => name === this.name);
    if (text.trim() === "") {
      this.drop();
    } else if (isThere) {
      this.#app.editFile(this.name, text);
    } else if (!settingsOfDocument(text)) {
      session.addFiles([{ name: pastedName(text), text }]);
      this.name = session.files.at(-1)?.name ?? "";
    }
  }

  /** Takes it back: what a person gives next is not beside it. */
  drop(): void {
    clearTimeout(this.#rest);
    const { session } = this.#app;
    const rest = session.files.filter(({ name }) => name !== this.name);
    if (rest.length < session.files.length) session.setFiles(rest);
    this.name = "";
  }

  /** A person is done with it: it becomes a file as every other one. */
  finish(text: string): void {
    this.drop();
    this.#app.openText(text);
  }
}
