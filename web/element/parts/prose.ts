/** What the engine says, as prose: code in backticks, and flags as ways to their fields. */
import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { capital, choice } from "../words.js";

/** A remark as a sentence. */
export const sentence = (text: string): string => (text === "" || /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);

/** The text with its code set as code. A flag of the command is the field of the form that says the same. */
export function prose(app: CalicoIPv6, text: string, as = sentence): (string | TemplateResult)[] {
  return as(text)
    .split(/(`[^`]+`|--[a-z][a-z0-9-]+(?:=\w+)?)/)
    .map((part) => {
      if (part.startsWith("`")) return html`<code class="inline">${part.slice(1, -1)}</code>`;
      const [flag = "", value] = part.startsWith("--") ? part.slice(2).split("=") : [];
      const option = app.session.optionOfFlag(flag);
      if (!option) return part;
      const words = value ? `${option.label}: ${choice(option.key, value).toLowerCase()}` : option.label;
      if (app.isLocked(option.key)) return words;
      return html`<button type="button" class="link field-link" @click=${() => app.goTo(option.key)}>${words}</button>`;
    });
}
