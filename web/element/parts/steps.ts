/** The plan that a person follows to convert a cluster with the files of the result. */
import { type TemplateResult, html, nothing } from "lit";
import type { Step, StepCommand, StepHost, Steps, StepsSection } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { heading } from "./heading.js";
import { prose, sentence } from "./prose.js";

/** Where a command runs. Most run where kubectl and the files are, which needs no words. */
const PLACES: Record<StepHost, string> = {
  here: "",
  "one-control-plane-node": "on the first control-plane node",
  "each-control-plane-node": "on each control-plane node, one after the other",
  "each-node": "on each node, one after the other",
};

export function stepsView(app: CalicoIPv6, { result }: Done): TemplateResult {
  if (result.steps.length === 0) return html`<p class="remark">There are no steps before the files can be converted.</p>`;
  const markdown = () => result.steps.map((steps) => steps.markdown).join("\n");
  return html`
    <p class="remark">Written for these files and these answers. The downloaded files are those that the steps call <code class="inline">converted/</code>.</p>
    <div class="actions"><button type="button" @click=${() => void app.copy("steps", markdown())}>${app.copied === "steps" ? "Copied" : "Copy as Markdown"}</button></div>
    ${result.steps.map((steps) => clusterSteps(app, steps))}
  `;
}

function clusterSteps(app: CalicoIPv6, { title, sections }: Steps): TemplateResult {
  return html`<section class="steps">${heading(app, 1, title)} ${sections.map((section) => sectionPart(app, section))}</section>`;
}

function sectionPart(app: CalicoIPv6, { title, notes, steps }: StepsSection): TemplateResult {
  const items = steps.map((step) => html`<li>${stepPart(app, step)}</li>`);
  return html`
    ${heading(app, 2, title)}
    ${notes.length > 0 ? html`<ul>${notes.map((note) => html`<li>${marked(app, note)}</li>`)}</ul>` : nothing}
    ${title === "Steps" ? html`<ol>${items}</ol>` : html`<ul class="plain">${items}</ul>`}
  `;
}

function stepPart(app: CalicoIPv6, step: Step): TemplateResult {
  const goesBack = step.undo.length > 0 || step.undoNote !== "";
  return html`
    ${heading(app, 3, marked(app, step.title))}
    ${step.why ? html`<p>${marked(app, step.why)}</p>` : nothing} ${commands(app, step.commands)}
    ${step.restarts ? html`<p><strong>Restarts:</strong> ${marked(app, step.restarts)}</p>` : nothing}
    ${step.verify.length > 0 ? html`<p><strong>Check:</strong></p>${commands(app, step.verify)}` : nothing}
    ${goesBack ? html`<details ?open=${app.isPrinting}><summary>Go back</summary>${commands(app, step.undo)} ${step.undoNote ? html`<p>${marked(app, step.undoNote)}</p>` : nothing}</details>` : nothing}
  `;
}

/** Commands, each with what it prints if all is well. A place is said where it is another one than before. */
function commands(app: CalicoIPv6, all: readonly StepCommand[]): TemplateResult[] {
  return all.map(({ host, text, expect }, i) => {
    const moves = host !== (all[i - 1]?.host ?? "here");
    const place = moves ? sentence(PLACES[host] || "where kubectl is").replace(/\.$/, ":") : "";
    return html`
      ${place ? html`<p class="place">${place}</p>` : nothing}
      <pre class="block" tabindex="0"><code>${text}</code></pre>
      ${expect ? html`<p class="expect">Expect: ${marked(app, expect.replace(/\.$/, ""))}.</p>` : nothing}
    `;
  });
}

/** Markdown of one paragraph: its code is set as code, and a flag leads to its field. */
function marked(app: CalicoIPv6, text: string): unknown[] {
  return text.split(/(`[^`]+`)/).map((part) => {
    if (!part.startsWith("`")) return part;
    const code = part.slice(1, -1);
    return app.session.optionOfFlag(code.slice(2)) ? prose(app, code, String) : html`<code class="inline">${code}</code>`;
  });
}
