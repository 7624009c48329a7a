/** What the engine says, as prose: code in backticks, and flags as ways to their fields. */
import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { PLAIN, capital, choice } from "../words.js";

/** A remark as a sentence. */
export const sentence = (text: string): string => (text === "" || /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);

/** A flag of the command as a text has it: perhaps told to pass it, perhaps with a value. */
const FLAG = /^([Pp]ass )?--([a-z][a-z0-9-]+)(?:([= ])([\w-]+))?$/;

/** The text with its code set as code. A flag of the command is the field of the form that says the same, and fields are set. */
export function prose(app: CalicoIPv6, text: string, as = sentence): (string | TemplateResult)[] {
  return as(text)
    .split(/(`[^`]+`|(?:\b[Pp]ass )?--[a-z][a-z0-9-]+(?:[= ][\w-]+)?)/)
    .map((part) => {
      if (part.startsWith("`")) return html`<code class="inline">${part.slice(1, -1)}</code>`;
      const [, pass, flag = "", sign = "", value = ""] = FLAG.exec(part) ?? [];
      const option = app.session.optionOfFlag(flag);
      if (!option) return part;
      const isValue = sign === "=" || option.choices.includes(value);
      const words = isValue ? `${option.label}: ${PLAIN[value] ?? choice(option.key, value)}` : option.label;
      const field = app.isLocked(option.key) ? words : html`<button type="button" class="link field-link" @click=${() => app.goTo(option.key)}>${words}</button>`;
      return html`${pass === "Pass " ? "Set " : pass && "set "}${field}${isValue ? "" : `${sign}${value}`}`;
    });
}
