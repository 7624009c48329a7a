/** A rule's page, opened in place. */
import { type TemplateResult, html, nothing } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";

/** The id of a rule: a link to its page where the host has one, and in place anyhow. */
export function ruleLink(app: CalicoIPv6, rule: string): TemplateResult {
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    app.showRule(rule);
  };
  if (app.rules) return html`<a class="rule" href=${`${app.rules}#${rule}`} @click=${open}>${rule}</a>`;
  return html`<button type="button" class="link rule" @click=${open}>${rule}</button>`;
}

export function ruleDialog(app: CalicoIPv6, id: string): TemplateResult {
  const rule = app.session.knowledge?.rules.get(id);
  if (!rule) return html``;
  const close = () => app.showRule(undefined);
  const outside = (event: MouseEvent) => {
    if (event.target === event.currentTarget) close();
  };
  return html`
    <dialog class="rule-page" aria-labelledby="rule-heading" @close=${close} @click=${outside}>
      <div class="rule-content">
        <div id="rule-heading" class="heading level-0" role="heading" aria-level=${app.heading} tabindex="-1" autofocus>${rule.id}: ${rule.name}</div>
        <p>${prose(app, rule.finds)}</p>
        ${heading(app, 1, "Impact")}
        <p>${prose(app, rule.consequence)}</p>
        ${heading(app, 1, "Help")}
        <p>${prose(app, rule.help)}</p>
        ${rule.releases.length > 0 ? html`${heading(app, 1, "Releases")}<ul>${rule.releases.map((one) => html`<li>${prose(app, `${one.component} ${one.versions}: ${one.what}`)}</li>`)}</ul>` : nothing}
        ${rule.before || rule.after ? html`${heading(app, 1, "Example")}${example("Before", rule.before)}${example("After", rule.after)}` : nothing}
        ${rule.sources.length > 0 ? html`${heading(app, 1, "Sources")}<ul>${rule.sources.map((one) => html`<li><a href=${one.url} target="_blank" rel="noopener">${one.text}</a></li>`)}</ul>` : nothing}
        <p class="dialog-actions">
          <button type="button" class="primary" @click=${close}>Close</button>
          ${app.rules ? html`<a href=${`${app.rules}#${rule.id}`} target="_blank" rel="noopener">Open as a page</a>` : nothing}
        </p>
      </div>
    </dialog>
  `;
}

function example(title: string, text: string): TemplateResult {
  return html`<p class="example-title">${title}${text ? ":" : ": nothing there."}</p>${text ? html`<pre class="block" tabindex="0"><code>${text}</code></pre>` : nothing}`;
}
