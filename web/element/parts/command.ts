/** The same wish elsewhere: on the command line, as a file, in a program. */
import { type TemplateResult, html } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import { commandLine, configDocument, program } from "../command.js";
import type { Done } from "../session.js";
import { heading } from "./heading.js";

export function commandView(app: CalicoIPv6, done: Done): TemplateResult {
  const options = app.session.knowledge?.options ?? new Map();
  const names = done.files.map((file) => file.name);
  return html`
    ${block(app, "command", "On the command line", commandLine("transform", done.target, options, names))}
    ${block(app, "document", "As a file for --config", configDocument(done.target, options))}
    ${block(app, "program", "In a program (npm install calico-ipv6)", program(done.target, options, names))}
  `;
}

export function block(app: CalicoIPv6, what: string, title: string, text: string): TemplateResult {
  return html`
    <section class="command">
      <header class="command-head">
        ${heading(app, 1, title)}
        <button type="button" @click=${() => void app.copy(what, text)}>${app.copied === what ? "Copied" : "Copy"}<span class="hidden">: ${title}</span></button>
      </header>
      <pre class="block" tabindex="0"><code>${text}</code></pre>
    </section>
  `;
}
