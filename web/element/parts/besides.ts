/** What the transform cannot do for a person, in order, each with a way to check it. */
import { type TemplateResult, html, nothing } from "lit";
import type { Transformation } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";

export function besides(app: CalicoIPv6, { checks, runningCluster }: Transformation): TemplateResult | typeof nothing {
  if (checks.length === 0 && !runningCluster) return nothing;
  return html`
    <section class="besides">
      ${heading(app, 1, "Before you apply it")}
      <ol>
        ${checks.map((check) => html`<li>${prose(app, check.text)}${check.command ? html`<pre class="block" tabindex="0"><code>${check.command}</code></pre>` : nothing}</li>`)}
      </ol>
      ${runningCluster ? html`<p class="remark"><strong>A cluster that runs already:</strong> ${runningCluster}.</p>` : nothing}
    </section>
  `;
}
