/** `<calico-ipv6>`: files in, the same files for other address families out, with the reasons. */
import { LitElement, type PropertyValues, type TemplateResult, html, nothing } from "lit";
import type { SourceFile, Target, Transformation } from "../../wasm/npm/src/api.js";
import type { DoorName } from "./doors/doors.js";
import { OtherDoors, isOther } from "./doors/others.js";
import { Draft } from "./draft.js";
import { engine } from "./engine.js";
import { EXAMPLES, type ExampleName, loadExamples } from "./example-names.js";
import { goTo, goToQuestion } from "./focus.js";
import { compactPart } from "./parts/compact.js";
import { filesPart } from "./parts/files.js";
import { fold, givenPart } from "./parts/given.js";
import { peek, resultPart, type View } from "./parts/result.js";
import { ruleDialog } from "./parts/rule.js";
import { targetPart } from "./parts/target.js";
import { settingsOf } from "./link.js";
import { Listing } from "./listing.js";
import { type Found, type Unread, chosen, dropped, pastedName, read, tooLarge } from "./reading.js";
import { MAX_BYTES, Session, randomBits } from "./session.js";
import { takeDocument, takeLink } from "./settings.js";
import { settingsOfDocument } from "./target-document.js";
import { count, legible } from "./words.js";
import { styles } from "./styles/index.js";

/** How long work may take before it is shown, in milliseconds: what flashes by is noise. */
const PATIENCE = 200;

/** Below so many pixels the element is compact, unless its host says otherwise. */
const NARROW = 700;

/** Below so many pixels the result is below the files and the answers. */
const STACKED = 900;

export class CalicoIPv6 extends LitElement {
  static override styles = styles;
  static override properties = {
    to: {},
    lock: {},
    example: {},
    heading: { type: Number },
    rules: {},
    share: { type: Boolean },
    hide: {},
    compact: {},
    door: {},
    full: {},
  };

  /** The families that pods shall have: `dual-stack`, `ipv6-only` or `ipv4-only`. */
  declare to: string | undefined;
  /** Keys of the target that cannot be changed here, separated by blanks. */
  declare lock: string | undefined;
  /** The example that is shown at first: `stock`, `operator`, `openshift`, `kubeadm` or `broken`. */
  declare example: string | undefined;
  /** The level of the headings inside, 2 where nothing is given. */
  declare heading: number;
  /** The address of the page of all rules; a rule opens in place where there is none. */
  declare rules: string | undefined;
  /** Whether a link with the settings (never the files) is offered, and read from the address of the page. */
  declare share: boolean;
  /** What is not offered, separated by blanks: `examples`, or one of them by its name, and views of the result by theirs. */
  declare hide: string | undefined;
  /** Only the first changes, in the height of a screen: always, or never if `false`; without it, below 700 px. */
  declare compact: string | undefined;
  /** What it is for: `change` files (the default), `check` them, `plan` addresses, or `write` new files. */
  declare door: string | undefined;
  /** The address of the whole page, which a compact element links to. */
  declare full: string | undefined;

  readonly session = new Session(() => this.#sessionChanged());
  view: View = "changes";
  /** Keys that a person has left: only these may be told to be wrong. */
  readonly left = new Set<string>();
  /** Keys whose fields were opened by a link in a text, though the files do not ask for them. */
  readonly wanted = new Set<string>();
  /** What could not be read or done, in words. */
  notice = "";
  /** Does again what could not be done. */
  again: (() => void) | undefined;
  /** Whether a person gave files, and not only the host. */
  isGiven = false;
  /** Files that were given and are not checked. */
  unread: readonly Unread[] = [];
  isSlow = false;
  /** Whether files are being read, and a person has to wait for it. */
  isReading = false;
  isOver = false;
  /** Whether the page is printed: then everything is shown. */
  isPrinting = false;
  /** The rule whose page is open. */
  openRule: string | undefined;
  /** The index of the file that is being edited. */
  editing: number | undefined;
  /** The line where the editor opens. */
  editLine = 1;
  /** What was copied last, to say so beside its button. */
  copied = "";
  readonly listing = new Listing(() => this.requestUpdate());
  readonly others = new OtherDoors(this);
  readonly draft = new Draft(this);
  /** The file whose whole text is shown. */
  shownFile = 0;
  /** Whether files and answers are folded, where the result is below them; undefined until they were. */
  isFolded: boolean | undefined;

  #slow: ReturnType<typeof setTimeout> | undefined;
  #seen: IntersectionObserver | undefined;
  #sized: ResizeObserver | undefined;
  #told: Transformation | undefined;
  #toldTarget = "";
  #wantsFocus = false;
  /** Whether files came whose result is not there yet. */
  #hasNew = false;
  #width = 0;
  #print: MediaQueryList | undefined;
  /** Whether a person asked for everything that a compact element leaves out. */
  #isWhole = false;
  /** The address whose settings were taken: whoever goes back to it keeps their answers. */
  #address = "";
  /** Whether the first example is there, or something else in its place. */
  #hasBegun = false;

  constructor() {
    super();
    this.heading = 2;
    this.share = false;
  }

  /** Whether an example is on its way. */
  get awaitsExample(): boolean {
    return !this.#hasBegun && ((this.example ?? "") in EXAMPLES || (this.share && location.hash.includes("example=")));
  }

  /** Whether the result is below the files and the answers. */
  get isStacked(): boolean {
    return this.#width > 0 && this.#width < STACKED;
  }

  /** Whether only the first changes are shown. */
  get isCompact(): boolean {
    if (this.#isWhole || this.compact === "false") return false;
    return (this.compact ?? undefined) !== undefined || (this.#width > 0 && this.#width < NARROW);
  }

  /** The files, as texts. */
  get files(): readonly SourceFile[] {
    return this.session.files;
  }
  set files(files: readonly SourceFile[]) {
    this.#hasBegun = true;
    this.#hasNew = true;
    this.isGiven = false;
    this.editing = undefined;
    this.session.leaveExample();
    this.session.setFiles(files);
  }

  /** What is wanted. */
  get target(): Target {
    return this.session.target as unknown as Target;
  }
  set target(target: Target) {
    const known = Object.entries(target).filter(([, value]) => value !== null && value !== undefined);
    this.#setByHost(Object.fromEntries(known.map(([key, value]) => [key, String(value)])));
  }

  /** What became of the files; undefined until something did. */
  get result(): Transformation | undefined {
    return this.session.good?.result;
  }

  /** The host knows what it sets: only a person's changes are told. */
  #setByHost(target: Readonly<Record<string, string>>): void {
    this.#toldTarget = JSON.stringify(target);
    this.session.setTarget(target);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What a host set before the element was defined hides its accessors.
    for (const key of ["files", "target"] as const) {
      const own = Object.getOwnPropertyDescriptor(this, key);
      delete (this as Partial<this>)[key];
      if (own) Object.assign(this, { [key]: own.value as unknown });
    }
    this.#width = this.offsetWidth;
    this.#sized = new ResizeObserver(() => {
      const before = `${this.isCompact} ${this.isStacked}`;
      this.#width = this.offsetWidth;
      if (`${this.isCompact} ${this.isStacked}` !== before) this.requestUpdate();
    });
    this.#sized.observe(this);
    this.#print = matchMedia("print");
    this.#print.addEventListener("change", this.#printing);
    addEventListener("beforeprint", this.#printing);
    addEventListener("afterprint", this.#printing);
    // Nothing is loaded for a reader who never comes here.
    this.#seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#begin();
    });
    this.#seen.observe(this);
    addEventListener("hashchange", this.#moved);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#seen?.disconnect();
    this.#sized?.disconnect();
    this.#print?.removeEventListener("change", this.#printing);
    removeEventListener("beforeprint", this.#printing);
    removeEventListener("afterprint", this.#printing);
    removeEventListener("hashchange", this.#moved);
    clearTimeout(this.#slow);
  }

  /** A printer waits for nothing: what it prints is there at once. */
  #printing = ({ type }: Event): void => {
    this.isPrinting = type === "beforeprint" || (this.#print?.matches ?? false);
    this.requestUpdate();
    if (this.isUpdatePending) this.performUpdate();
  };

  /** A link may be opened where the page is open already. */
  #moved = (): void => {
    if (this.share && location.hash.includes("=") && location.hash !== this.#address) this.#begin();
  };

  #begin(): void {
    this.#seen?.disconnect();
    const isFirst = this.#address === "";
    this.#address = location.hash || "#";
    const { settings, damaged } = this.share ? settingsOf(location.hash) : { settings: {}, damaged: [] };
    const { example, ...target } = settings as Record<string, string>;
    const first = example ?? this.example;
    const examples = first || !this.hides("examples") ? loadExamples() : undefined;
    const isAlone = Object.keys(target).length + damaged.length === 0;
    if (first && isAlone && this.session.files.length === 0) void this.openExample(first);
    // The engine says which keys it knows. Until then, nothing of the link is used; then its answers and its example are, at once.
    void Promise.all([this.session.prepare(), isAlone ? undefined : examples]).then(([, examples]) => {
      takeLink(this, target, damaged, isFirst);
      const { notice } = this;
      if (first && !isAlone && this.session.files.length === 0) this.#showExample(first, examples);
      if (notice) this.say(notice);
    });
  }

  /** Says something about the files or the page. */
  say(notice: string, again?: () => void): void {
    this.notice = notice;
    this.again = again;
    if (notice) this.unfold();
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("to") && this.to) this.#setByHost({ ...this.session.target, to: this.to });
    if (changed.has("door") && isOther(this.door)) this.others.again();
  }

  /** What a door says of files, by their indexes; undefined if that is what becomes of them. */
  judge(at: readonly number[]): string | undefined {
    return this.others.current?.judge?.(at);
  }

  /** Goes through another door, as a person does. */
  goThrough(door: DoorName): void {
    this.door = door;
    this.dispatchEvent(new CustomEvent("calico-ipv6-door", { detail: door, bubbles: true, composed: true }));
  }

  isLocked(key: string): boolean {
    return (this.lock ?? "").split(/\s+/).includes(key);
  }

  /** Whether the host does not offer this. */
  hides(name: string): boolean {
    return (this.hide ?? "").split(/\s+/).includes(name);
  }

  async openExample(name: string): Promise<void> {
    this.#showExample(name, await loadExamples());
  }

  #showExample(name: string, examples: Awaited<ReturnType<typeof loadExamples>>): void {
    this.#hasBegun = true;
    if (!(name in EXAMPLES)) return this.say(`This version has no example ${name}.`);
    if (!examples) return this.say("The examples could not be loaded.", () => void this.openExample(name));
    const { file, target } = examples[name as ExampleName];
    this.#newInput();
    this.session.showExample(name, [file], target);
  }

  async openFiles(files: Iterable<File>): Promise<void> {
    await this.#open(Promise.resolve(chosen(files)));
  }

  /** Opens what was dropped, also folders. */
  async openDrop(data: DataTransfer): Promise<void> {
    await this.#open(dropped(data));
  }

  openText(text: string): void {
    const name = pastedName(text);
    if (text.length > MAX_BYTES) this.#take([], [{ name, why: tooLarge(text.length) }]);
    else if (text.trim() !== "") this.#take([{ name, text }], []);
  }

  /** Opens the editor of a file at a line. */
  editAt(name: string, line: number): void {
    const index = this.session.files.findIndex((file) => file.name === name);
    if (index >= 0) this.editing = index;
    this.editLine = line;
    this.unfold();
  }

  removeFile(index: number): void {
    this.editing = undefined;
    this.session.removeFiles(index, 1, `${legible(this.session.files[index]?.name ?? "")} was removed.`);
  }

  removeAll(): void {
    this.editing = undefined;
    this.session.removeFiles(0, this.session.files.length, `${count(this.session.files.length, "file")} were removed.`);
  }

  leaveExample(): void {
    this.#newInput();
    this.session.leaveExample();
  }

  undo(): void {
    this.editing = undefined;
    this.session.undo();
  }

  /** Sets an option as a person does. */
  answer(key: string, value: string): void {
    this.session.setKey(key, value.trim());
  }

  leave(key: string): void {
    this.left.add(key);
    this.requestUpdate();
  }

  async makeRange(key: string): Promise<void> {
    const range = await engine.call("uniqueLocalPodCIDR", randomBits());
    this.answer(key, range);
  }

  /** Shows everything, also what a compact element leaves out. */
  async showWhole(): Promise<void> {
    this.#isWhole = true;
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("#panel")?.focus({ preventScroll: true });
  }

  /** Shows files and answers, if they were folded. */
  unfold(): void {
    this.isFolded &&= false;
    this.requestUpdate();
  }

  /** Puts a person into the field of an option. */
  goTo(key: string): Promise<void> {
    return goTo(this, key);
  }

  /** Goes to the result, as a person asked for. */
  seeResult(): void {
    const heading = this.renderRoot.querySelector<HTMLElement>("#result-heading");
    heading?.scrollIntoView();
    heading?.focus({ preventScroll: true });
  }

  show(view: View): void {
    this.view = view;
    if (this.isCompact && view !== "changes") void this.showWhole();
    this.requestUpdate();
  }

  showRule(rule: string | undefined): void {
    this.openRule = rule;
    this.requestUpdate();
  }

  async copy(what: string, text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = what;
      this.say("");
    } catch {
      this.say("The browser did not let this page copy: mark the text and copy it, or download it.");
    }
  }

  #newInput(): void {
    this.say("");
    this.unread = [];
    this.copied = "";
    this.editing = undefined;
    this.#hasBegun = true;
    this.isGiven = true;
    this.shownFile = 0;
    this.#wantsFocus = true;
    this.#hasNew = true;
  }

  /** Reads files; a folder of thousands takes a while already to be walked. */
  async #open(given: Promise<{ found: Found[]; unread: Unread[] }>): Promise<void> {
    const slow = setTimeout(() => {
      this.isReading = true;
      this.requestUpdate();
    }, PATIENCE);
    const { found, unread } = await given;
    const done = await read(found);
    clearTimeout(slow);
    this.isReading = false;
    if (found.length + unread.length === 0) this.say("There is no file in it.");
    else this.#take(done.files, [...unread, ...done.unread]);
  }

  #take(files: readonly SourceFile[], unread: readonly Unread[]): void {
    this.#newInput();
    this.unread = unread;
    if (unread.length > 0) this.unfold();
    // Files are shown where they are changed or checked.
    if (this.door === "plan" || this.door === "write") this.goThrough("change");
    const documents = files.map(({ text }) => settingsOfDocument(text));
    const rest = files.filter((_, i) => !documents[i]);
    if (rest.length > 0) this.session.addFiles(rest);
    files.forEach(({ name }, i) => void takeDocument(this, name, documents[i]));
    this.requestUpdate();
  }

  #sessionChanged(): void {
    const isWorking = this.session.status === "working";
    if (isWorking && !this.#slow) {
      this.#slow = setTimeout(() => {
        this.isSlow = true;
        this.requestUpdate();
      }, PATIENCE);
    } else if (!isWorking) {
      clearTimeout(this.#slow);
      this.#slow = undefined;
      this.isSlow = false;
    }
    const result = this.session.good?.result;
    if (result !== this.#told) this.copied = "";
    if (result && result !== this.#told) {
      this.#told = result;
      this.dispatchEvent(new CustomEvent("calico-ipv6-result", { detail: result, bubbles: true, composed: true }));
    }
    const target = JSON.stringify(this.session.target);
    if (target !== this.#toldTarget) {
      this.copied = "";
      this.#toldTarget = target;
      this.dispatchEvent(new CustomEvent("calico-ipv6-target", { detail: this.target, bubbles: true, composed: true }));
    }
    if (this.session.files.length === 0) this.isFolded = undefined;
    if (!isWorking && this.#hasNew) fold(this);
    this.#hasNew &&= isWorking;
    if (!isWorking && this.#wantsFocus) void goToQuestion(this);
    this.#wantsFocus &&= isWorking;
    this.requestUpdate();
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    // One place tells what became of the files, whatever is shown anew: a screen reader listens to no other.
    const status = this.renderRoot.querySelector(".status");
    const said = this.renderRoot.querySelector(".headline")?.textContent ?? "";
    if (status && status.textContent !== said) status.textContent = said;
  }

  protected override render(): TemplateResult {
    return html`
      ${this.#content()}
      <div class="status hidden" role="status"></div>
      ${this.openRule ? ruleDialog(this, this.openRule) : nothing}
    `;
  }

  #content(): TemplateResult {
    if (isOther(this.door)) {
      return html`<div class="frame" part="frame">${this.others.render()}</div>`;
    }
    if (this.isCompact) return compactPart(this);
    return html`<div class="frame" part="frame">${givenPart(this, html`${filesPart(this)} ${targetPart(this)} ${peek(this)}`)}${resultPart(this)}</div>`;
  }
}
