/** The editor: a text with line numbers, folding away nothing, searching by the browser's keys. Loaded when somebody edits. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** How long typing must rest before the text is given to the engine, in milliseconds. */
const REST = 120;

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: [tags.string, tags.content], color: "var(--code-string)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-value)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--code-back)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--code-back)", color: "var(--faint)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--select) !important" },
  ".cm-panels": { backgroundColor: "var(--back)", color: "var(--text)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".cm-wrong-line": { boxShadow: "inset 4px 0 var(--removed-edge)" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
});

/** What the file's line ends are: the editor counts lines, and gives them back as they were. */
function lineBreak(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}

/** The lines, from 1, where something is wrong. */
const setWrong = StateEffect.define<readonly number[]>();

const wrongLine = Decoration.line({ class: "cm-wrong-line" });
const wrongText = Decoration.mark({ class: "cm-wrong" });

/** Marks the lines where something is wrong; while a person types, the marks move with the text. */
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { changes, effects, state }) {
    const set = effects.find((effect) => effect.is(setWrong));
    if (!set) return marks.map(changes);
    const lines = (set.value as readonly number[]).filter((line) => line >= 1 && line <= state.doc.lines).map((line) => state.doc.line(line));
    const text = (from: number, to: number) => (from < to ? [wrongText.range(from, to)] : []);
    return Decoration.set(lines.flatMap((line) => [wrongLine.range(line.from), ...text(line.from + line.text.search(/\S|$/), line.to)]), true);
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Editor extends HTMLElement {
  /** Set before the class is known, perhaps: then it must not be overwritten. */
  declare text: string;
  #view: EditorView | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Whether a person has typed since they came. */
  #hasTyped = false;

  static observedAttributes = ["line", "wrong"];

  attributeChangedCallback(name: string): void {
    if (name === "wrong") this.#mark();
    else this.#go();
  }

  /** Marks what is wrong. As long as that is not known of the newest text, the marks stay. */
  #mark(): void {
    const lines = this.getAttribute("wrong");
    if (lines !== null) this.#view?.dispatch({ effects: setWrong.of(lines.split(" ").map(Number)) });
  }

  #go(): void {
    const line = Number(this.getAttribute("line"));
    const doc = this.#view?.state.doc;
    if (!this.#view || !doc || line <= 1) return;
    const { from } = doc.line(Math.min(line, doc.lines));
    this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.#view.focus();
  }

  connectedCallback(): void {
    this.text ??= "";
    const ending = lineBreak(this.text);
    const changed = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      this.#hasTyped = true;
      clearTimeout(this.#rest);
      this.#rest = setTimeout(this.#tell, REST);
    });
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.contains(relatedTarget as Node | null)) this.#leave();
    });
    this.#view = new EditorView({
      parent: this,
      root: this.getRootNode() as ShadowRoot,
      state: EditorState.create({
        doc: this.text,
        extensions: [
          EditorState.lineSeparator.of(ending),
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
          yaml(),
          syntaxHighlighting(colours),
          theme,
          wrong,
          EditorView.contentAttributes.of({ "aria-label": `Text of ${this.getAttribute("label") ?? "the file"}` }),
          changed,
        ],
      }),
    });
    // A region that scrolls can be reached by keyboard.
    this.#view.scrollDOM.tabIndex = 0;
    this.#view.focus();
    this.#mark();
    this.#go();
    this.scrollIntoView({ block: "nearest" });
  }

  /** Whoever leaves the editor is done: what was typed last is neither lost nor late. */
  #leave(): void {
    if (this.#hasTyped) this.#tell();
    this.#hasTyped = false;
  }

  disconnectedCallback(): void {
    this.#leave();
    this.#view?.destroy();
  }

  #tell = (): void => {
    clearTimeout(this.#rest);
    if (this.#view) this.dispatchEvent(new CustomEvent("edited", { detail: this.#view.state.sliceDoc() }));
  };
}

/** Defines the element, once. */
export function define(): void {
  if (!customElements.get("calico-ipv6-editor")) customElements.define("calico-ipv6-editor", Editor);
}
