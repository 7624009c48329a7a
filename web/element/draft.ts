/** Texts that are being typed, in the field for new ones or in the editor: they are checked while a person types. */
import type { CalicoIPv6 } from "./calico-ipv6.js";
import { engine } from "./engine.js";
import { pastedName } from "./reading.js";
import { settingsOfDocument } from "./target-document.js";

/** How long typing must rest before the text is checked, in milliseconds. */
const REST = 300;

/** How long it must pause before a text that cannot be read is an error, in milliseconds: until then it is rarely complete. */
const PAUSE = 1500;

export class Draft {
  readonly #app: CalicoIPv6;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The text that came last. */
  #newest = {};
  /** The name of the file of the field; empty if nothing is being typed there. */
  name = "";

  constructor(app: CalicoIPv6) {
    this.#app = app;
  }

  /** Checks what is typed, once typing rests. */
  type(text: string): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#check(text), REST);
  }

  /** Sets the text of a file. */
  async edit(name: string, text: string): Promise<void> {
    const { session } = this.#app;
    if (!(await this.#isDue(name, text))) return;
    const { files } = session;
    if (files.some((file) => file.name === name && file.text !== text)) session.setFiles(files.map((file) => (file.name === name ? { ...file, text } : file)));
  }

  /** Whether a text is to be checked: at once if it can be read or nobody types, else after a pause. Not if another one came meanwhile. */
  async #isDue(name: string, text: string): Promise<boolean> {
    const one = (this.#newest = {});
    const isTyping = this.#app.shadowRoot?.activeElement?.closest("#paste, calico-ipv6-editor");
    if (isTyping && !(await isReadable(name, text))) await new Promise((done) => setTimeout(done, PAUSE));
    return one === this.#newest;
  }

  async #check(text: string): Promise<void> {
    const { session } = this.#app;
    const isThere = session.files.some(({ name }) => name === this.name);
    if (text.trim() === "") {
      this.drop();
    } else if (isThere) {
      await this.edit(this.name, text);
    } else if (!settingsOfDocument(text) && (await this.#isDue(pastedName(text), text))) {
      session.addFiles([{ name: pastedName(text), text }]);
      this.name = session.files.at(-1)?.name ?? "";
    }
  }

  /** Takes it back: what a person gives next is not beside it. */
  drop(): void {
    clearTimeout(this.#rest);
    this.#newest = {};
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

/** Its name says what a file is: a unit is not YAML. */
async function isReadable(name: string, text: string): Promise<boolean> {
  try {
    const { files } = await engine.call("inspect", [{ name, text }]);
    return !files[0]?.problem;
  } catch {
    return true;
  }
}
