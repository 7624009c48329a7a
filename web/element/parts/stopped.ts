/** What stands in the way, where a file cannot be transformed as it is. */
import { type TemplateResult, html, nothing } from "lit";
import type { MissingOption, Problem, SourceFile, Transformed } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Done } from "../session.js";
import { capital, legible, lineOf } from "../words.js";
import { excerpt, findingCard, grouped } from "./findings.js";
import { heading } from "./heading.js";
import { prose } from "./prose.js";

export function stopped(app: CalicoIPv6, done: Done): TemplateResult {
  const told = new Set<string>();
  return html`${done.result.files.map((file, i) => one(app, file, done.files[i], told))} ${others(done)}`;
}

/** Why a file cannot be read. */
export function problemCard(app: CalicoIPv6, name: string, { message, help, place, label }: Problem, file: SourceFile | undefined): TemplateResult {
  // JSON is YAML to the engine; a person who wrote JSON looks for a fault in that.
  const said = (text: string) => (/\.json$/i.test(name) ? text.replaceAll("YAML", "JSON") : text);
  return html`
    <section class="card finding error" part="card">
      <header class="card-head">${heading(app, 1, html`<span class="severity">Error:</span> ${prose(app, said(message), capital)}`)}</header>
      ${place ? excerpt(app, name, place, lineOf(file, place.line), label) : nothing}
      <dl class="explained"><dt>Help</dt><dd>${prose(app, said(help))}</dd></dl>
    </section>
  `;
}

function one(app: CalicoIPv6, made: Transformed, file: SourceFile | undefined, told: Set<string>): unknown {
  if (made.problem) return problemCard(app, made.name, made.problem, file);
  if (made.outcome === "refused") {
    const errors = made.findings.filter((finding) => finding.blocks).map((finding) => ({ finding, file }));
    return grouped(errors).map((places) => findingCard(app, places));
  }
  // The same option of several files is asked for once.
  const fresh = made.missingOptions.filter((option) => !told.has(option.key));
  for (const option of fresh) told.add(option.key);
  return fresh.map((option) => missingCard(app, option));
}

export function missingCard(app: CalicoIPv6, { key, why, example }: MissingOption): TemplateResult {
  const label = app.session.knowledge?.options.get(key)?.label ?? key;
  return html`
    <section class="card finding asks" part="card">
      <header class="card-head">${heading(app, 1, `${label} is needed`)}</header>
      <dl class="explained"><dt>Why</dt><dd>${prose(app, why)}</dd><dt>Example</dt><dd><code>${example}</code></dd></dl>
      <p class="card-actions"><button type="button" class="primary" @click=${() => app.goTo(key)}>Answer it</button></p>
    </section>
  `;
}

function others(done: Done): TemplateResult | typeof nothing {
  const good = done.result.files.filter((file) => file.outcome === "changed");
  if (good.length === 0) return nothing;
  return html`<p class="remark">${good.map((file) => legible(file.name)).join(", ")} would be changed; a cluster is changed as a whole, or not at all.</p>`;
}
