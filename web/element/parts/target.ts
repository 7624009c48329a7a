/** What is wanted: the families first, then only what these files leave open. */
import { type TemplateResult, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Field, TargetOption } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { PLAIN, choice } from "../words.js";
import { heading } from "./heading.js";
import { prose, sentence } from "./prose.js";

const STACKS = ["dual-stack", "ipv6-only", "ipv4-only"];

/** What a door asks for instead. */
export interface Questions {
  title: string;
  stacks: TemplateResult;
  /** Whether an option makes a difference there. */
  counts: (field: Field) => boolean;
}

export function targetPart(app: CalicoIPv6, own?: Questions): TemplateResult {
  const { good, latest, target } = app.session;
  const known = (latest?.result.problems.length === 0 ? latest : good)?.result.fields ?? [];
  const fields = [...known, ...besides(app, known)];
  // A compact element asks for what is missing, and for the range that makes the result one's own.
  const isAsked = (field: Field) => !app.isCompact || field.key === "ipv6PodCIDR" || field.weight === "missing" || isWrong(app, field.key);
  // Only a conversion cannot go on without an answer.
  const asked = own ? fields.map((field) => (field.weight === "missing" ? { ...field, weight: "usual" as const, note: "" } : field)) : fields;
  const shown = asked.filter((field) => !app.isLocked(field.key) && isAsked(field) && own?.counts(field) !== false);
  const isRare = (field: Field) => field.weight === "rare" && target[field.key] === undefined && !proposedFor(app, field);
  // A field that comes or goes takes no other one with it: who types stays where they are.
  const rows = (fields: readonly Field[]) => repeat(fields, ({ key }) => key, (field) => row(app, field));
  const rare = shown.filter(isRare);
  const open = (event: Event) => event.preventDefault();
  return html`
    <form class="target" aria-label=${own?.title ?? "What you want"} @submit=${open} novalidate>
      ${app.isCompact ? nothing : heading(app, 0, own?.title ?? "What you want")}
      ${own?.stacks ?? families(app)} ${lockedRows(app)}
      ${rows(shown.filter((field) => !isRare(field)))}
      ${rare.length > 0 ? html`<details class="more"><summary>More options (${rare.length})</summary>${rows(rare)}</details>` : nothing}
    </form>
  `;
}

/** Fields of options that the files do not ask for: with an answer that is not valid, or one of a person, or opened by a link in a text. */
function besides(app: CalicoIPv6, fields: readonly Field[]): Field[] {
  const { example, target } = app.session;
  const own = example ? [] : Object.keys(target);
  const keys = new Set([...own, ...app.wanted, ...Object.keys(target).filter((key) => isWrong(app, key))] as Field["key"][]);
  keys.delete("to");
  for (const { key } of fields) keys.delete(key);
  return [...keys].filter((key) => app.session.hasEffect(key)).map((key) => ({ key, weight: "usual", note: "", used: null, example: null }));
}

const isWrong = ({ session }: CalicoIPv6, key: string): boolean => session.latest?.result.problems.some(({ option }) => option === key) ?? false;

export function families(app: CalicoIPv6): TemplateResult {
  const { to } = app.session.target;
  if (app.isLocked("to")) return html`<p class="locked">Pods get: <strong>${choice("to", to ?? "")}</strong></p>`;
  return html`
    <fieldset class="families">
      <legend>Pods get</legend>
      <div class="segments">
        ${STACKS.map(
          (one) => html`<label class="segment"><input type="radio" name="to" .checked=${one === to} value=${one} @change=${() => app.answer("to", one)} /><span>${choice("to", one)}</span></label>`,
        )}
      </div>
    </fieldset>
  `;
}

function lockedRows(app: CalicoIPv6): TemplateResult[] {
  const { knowledge, target } = app.session;
  const locked = Object.entries(target).filter(([key]) => key !== "to" && app.isLocked(key));
  return locked.map(([key, value]) => html`<p class="locked">${knowledge?.options.get(key)?.label ?? key}: <strong>${value}</strong></p>`);
}

/** What is wrong with an answer; nothing while a person is still in the field. */
function problem(app: CalicoIPv6, key: string): string {
  const { latest } = app.session;
  if (!app.left.has(key) && app.session.latest?.target[key] !== undefined && isIn(app, key)) return "";
  return latest?.result.problems.find((one) => one.option === key)?.message ?? "";
}

const isIn = (app: CalicoIPv6, key: string): boolean => app.shadowRoot?.activeElement?.id === `option-${key}`;

/** The range that is used because nobody gave one; a check uses none. */
const proposedFor = ({ door, session }: CalicoIPv6, { key }: Field): string | undefined =>
  session.target[key] === undefined && door !== "check" ? session.latest?.proposed[key] : undefined;

export function row(app: CalicoIPv6, field: Field): TemplateResult {
  const option = app.session.knowledge?.options.get(field.key);
  if (!option) return html``;
  const wrong = problem(app, field.key);
  const id = `option-${field.key}`;
  const notes = [`${id}-help`, field.note ? `${id}-note` : "", wrong ? `${id}-wrong` : ""].filter(Boolean).join(" ");
  const proposed = proposedFor(app, field);
  // Other values than ranges are in many places that are not about this option.
  const place = field.used?.includes("/") && app.others.placeOf(field.used);
  const note = field.used ? `${field.used}, ${place ? `from ${place}` : field.note}` : field.note;
  return html`
    <div class="row ${field.weight} ${wrong ? "wrong" : ""}">
      <label for=${id}>${option.label}${field.weight === "missing" ? html` <span class="needed">needed</span>` : nothing}${proposed ? html` <span class="needed">proposed</span>` : nothing}</label>
      ${field.note ? html`<p class="note" id=${`${id}-note`}>${prose(app, note)}</p>` : nothing}
      <div class="answer">${control(app, field, option, id, notes, wrong !== "")} ${helper(app, field)}</div>
      ${wrong ? html`<p class="problem" id=${`${id}-wrong`}><span aria-hidden="true">✕</span> ${prose(app, wrong)}</p>` : nothing}
      <p class="help" id=${`${id}-help`}>${help(app, option)}</p>
    </div>
  `;
}

/** What an option does: the words of the command's help, without its marks. */
function help(app: CalicoIPv6, { help }: TargetOption): (string | TemplateResult)[] {
  const [, about = help, otherwise] = /^(.*?)(?: \[default: (.*)\])?$/.exec(help) ?? [];
  const words = sentence(about.replace("; repeatable;", "; separate several with commas;"));
  return prose(app, otherwise ? `${words} Default: ${otherwise.replace(/\b(true|false|ipv4)\b/g, (word) => PLAIN[word] ?? word)}` : words);
}

function control(app: CalicoIPv6, field: Field, option: TargetOption, id: string, notes: string, isWrong: boolean): TemplateResult {
  const value = app.session.target[field.key] ?? "";
  const leave = () => app.leave(field.key);
  if (option.choices.length > 0) {
    return html`
      <select id=${id} aria-describedby=${notes} @change=${(event: Event) => app.answer(field.key, (event.target as HTMLSelectElement).value)} @blur=${leave}>
        <option value="" .selected=${value === ""}>${unanswered(field)}</option>
        ${option.choices.map((one) => html`<option value=${one} .selected=${value === one}>${choice(field.key, one)}</option>`)}
      </select>
    `;
  }
  const proposed = proposedFor(app, field);
  return html`<input id=${id} type="text" class=${proposed ? "proposed" : ""} spellcheck="false" autocomplete="off" autocapitalize="off" .value=${value}
    placeholder=${proposed ?? field.example ?? field.used ?? ""} aria-describedby=${notes} aria-invalid=${isWrong}
    @input=${(event: Event) => app.answer(field.key, (event.target as HTMLInputElement).value)} @blur=${leave} />`;
}

function unanswered(field: Field): string {
  const words: Partial<Record<string, string>> = { provisioner: "Not set", nodesHaveIPv4: "Not set: no", calicoBackend: "Not set: BIRD" };
  return words[field.key] ?? "As the files say";
}

function helper(app: CalicoIPv6, field: Field): TemplateResult | typeof nothing {
  if (field.key === "ipv6PodCIDR") {
    return html`<button type="button" @click=${() => void app.makeRange(field.key)} title="A range of your own from random bits (RFC 4193)">Make a ULA</button>`;
  }
  const { example } = field;
  // Addresses of documentation (RFC 3849) are nobody's answer.
  if (field.weight === "missing" && example && !example.includes("2001:db8:")) {
    return html`<button type="button" @click=${() => app.answer(field.key, example)}>Take ${example}</button>`;
  }
  return nothing;
}
