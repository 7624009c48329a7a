/** The files and the answers. Where the result is below them, they fold into what was given. */
import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { choice, count, legible, list } from "../words.js";

/** `answers` is what a door says of them; without it, the families and the range of a conversion. */
export function givenPart(app: CalicoIPv6, content: TemplateResult, answers?: string): TemplateResult {
  const { files, example, latest, target } = app.session;
  const toggled = ({ target }: Event) => {
    if (app.isFolded === undefined || !app.isStacked) return;
    app.isFolded = !(target as HTMLDetailsElement).open;
    app.requestUpdate();
  };
  const names = list(files.map((file) => legible(file.name)), 2);
  const range = app.session.hasEffect("ipv6PodCIDR") ? (target["ipv6PodCIDR"] ?? latest?.proposed["ipv6PodCIDR"]) : "";
  const own = range ? `; ${app.session.label("ipv6PodCIDR")}: ${range}${target["ipv6PodCIDR"] ? "" : " (proposed)"}` : "";
  return html`<details class="given" ?open=${!app.isFolded || !app.isStacked} @toggle=${toggled}>
    <summary ?hidden=${app.isFolded === undefined}><strong>${example ? "Example, not your cluster" : count(files.length, "file")}: ${names}</strong>
      <span class="where">${answers ?? `Pods get: ${choice("to", target["to"] ?? "dual-stack")}${own}`}</span></summary>
    <div class="input" part="input">${content}</div>
  </details>`;
}

/** After new files, files and answers are folded, unless an answer is missing, a person is giving one, or something was not taken. */
export function fold(app: CalicoIPv6): void {
  const { latest, files } = app.session;
  const active = app.shadowRoot?.activeElement;
  const isAsked = latest?.files !== files || latest.result.problems.length > 0 || latest.result.files.some((file) => file.outcome === "needs-input");
  // What is said of the files is seen: a file that cannot be used, or a setting that is not known.
  if (files.length === 0 || isAsked || app.notice || app.unread.length > 0 || active?.closest(".target")) return;
  app.isFolded = true;
  app.requestUpdate();
  // The focus was inside: it goes to the line that is left.
  if (app.isStacked && active?.closest(".given")) void app.updateComplete.then(() => app.renderRoot.querySelector<HTMLElement>(".given > summary")?.focus());
}
