/** The plan that a person follows to convert a cluster with the files of the result. */
import type { TemplateResult } from "lit";
import type { Step, StepCommand, StepHost, Steps, StepsSection } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";

/** Where a command runs. Most run where kubectl and the files are, which needs no words. */
const PLACES: Record<StepHost, string> = {
  here: "Where kubectl is:",
  "one-control-plane-node": "On the first control-plane node:",
  "each-control-plane-node": "On each control-plane node, one after the other:",
  "each-node": "On each node, one after the other:",
};

/** The plans of more clusters than so many are folded. */
const FEW = 3;

export function stepsView(app: CalicoIPv6, kit: Kit): (done: Done) => TemplateResult {
  const { html, nothing, heading, prose } = kit;
  /** The steps that a person has done, by what `nameOf` says. They count as long as the steps are the same. */
  const ticked = new Set<string>();
  let known = "";

  const nameOf = (cluster: number, section: number, step: number) => `${cluster}.${section}.${step}`;

  /** Forgets what was done if these are other steps. Another range makes other commands, not other steps. */
  function remember(all: readonly Steps[]): void {
    const names = JSON.stringify(all.map(({ title, sections }) => [title, sections.map(({ steps }) => steps.map((step) => step.title))]));
    if (names !== known) ticked.clear();
    known = names;
  }

  /** Markdown of one paragraph: its code is set as code, and a flag leads to its field. */
  const marked = (text: string): unknown[] =>
    text.replace(/\bpass (?=`--([\w-]+)`)/g, (all, flag: string) => (app.session.optionOfFlag(flag) ? "set " : all)).split(/(`[^`]+`)/).map((part) => {
      if (!part.startsWith("`")) return part;
      const code = part.slice(1, -1);
      return app.session.optionOfFlag(code.slice(2)) ? prose(app, code, String) : html`<code class="inline">${code}</code>`;
    });

  /** Commands, each with what it prints if all is well. A place is said where it is another one than before. */
  const commands = (all: readonly StepCommand[]): TemplateResult[] =>
    all.map(({ host, text, expect }, i) => html`
      ${host === (all[i - 1]?.host ?? "here") ? nothing : html`<p class="place">${PLACES[host]}</p>`}
      <pre class="block" tabindex="0"><code>${text}</code></pre>
      ${expect ? html`<p class="expect">Expect: ${marked(expect.replace(/\.$/, ""))}.</p>` : nothing}
    `);

  function stepPart(step: Step, name: string): TemplateResult {
    const goesBack = step.undo.length > 0 || step.undoNote !== "";
    const tick = ({ target }: Event) => {
      if ((target as HTMLInputElement).checked) ticked.add(name);
      else ticked.delete(name);
      app.requestUpdate();
    };
    return html`
      <div class="step-head">${heading(app, 3, marked(step.title))}
        <label class="tick"><input type="checkbox" aria-label=${`Done: ${step.title}`} .checked=${ticked.has(name)} @change=${tick} />Done</label></div>
      ${step.why ? html`<p>${marked(step.why)}</p>` : nothing} ${commands(step.commands)}
      ${step.restarts ? html`<p><strong>Restarts:</strong> ${marked(step.restarts)}</p>` : nothing}
      ${step.verify.length > 0 ? html`<p><strong>Check:</strong></p>${commands(step.verify)}` : nothing}
      ${goesBack ? html`<details ?open=${app.isPrinting}><summary>Go back</summary>${commands(step.undo)} ${step.undoNote ? html`<p>${marked(step.undoNote)}</p>` : nothing}</details>` : nothing}
    `;
  }

  function sectionPart({ title, notes, steps }: StepsSection, name: (step: number) => string): TemplateResult {
    const items = steps.map((step, i) => html`<li class=${ticked.has(name(i)) ? "ticked" : ""}>${stepPart(step, name(i))}</li>`);
    return html`
      ${heading(app, 2, title)}
      ${notes.length > 0 ? html`<ul>${notes.map((note) => html`<li>${marked(note)}</li>`)}</ul>` : nothing}
      ${title === "Steps" ? html`<ol>${items}</ol>` : html`<ul class="plain">${items}</ul>`}
    `;
  }

  /** The plan of a cluster. Those of many clusters are folded, and not made before somebody opens them. */
  function clusterPart({ title, sections }: Steps, c: number, isAlone: boolean): TemplateResult {
    const parts = () => sections.map((section, s) => sectionPart(section, (i) => nameOf(c, s, i)));
    if (isAlone) return html`<section class="steps">${heading(app, 1, title)} ${parts()}</section>`;
    const key = `steps ${c}`;
    const isOpen = app.listing.isOpen(key) ?? false;
    return html`<details class="steps folder" ?open=${isOpen} @toggle=${app.listing.toggled(key)}><summary>${title}</summary>${isOpen ? parts() : nothing}</details>`;
  }

  return ({ result: { steps: all } }) => {
    if (all.length === 0) return html`<p class="remark">There are no steps before the files can be converted.</p>`;
    remember(all);
    const sum = all.flatMap(({ sections }) => sections.flatMap(({ steps }) => steps)).length;
    const markdown = () => all.map((steps) => steps.markdown).join("\n");
    return html`
      <p class="remark">Written for these files and these answers. The downloaded files are those that the steps call <code class="inline">converted/</code>.</p>
      <div class="actions"><button type="button" @click=${() => void app.copy("steps", markdown())}>${app.copied === "steps" ? "Copied" : "Copy as Markdown"}</button>
        <p class="tally"><strong>${kit.number(ticked.size)} of ${kit.number(sum)} done</strong> <span class="where">Kept while the steps stay the same.</span></p></div>
      ${all.map((steps, c) => clusterPart(steps, c, all.length <= FEW))}
    `;
  };
}
