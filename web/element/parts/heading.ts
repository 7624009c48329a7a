import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";

/** A heading, as deep below the host page's as it asked for. */
export function heading(app: CalicoIPv6, below: number, text: unknown, name = ""): TemplateResult {
  return html`<div role="heading" aria-level=${app.heading + below} class="heading level-${below} ${name}">${text}</div>`;
}
