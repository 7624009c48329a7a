/** What becomes of the files: a sentence, then the views. */
import { type TemplateResult, html, nothing } from "lit";
import type { Severity, SourceFile } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { LaterView } from "../doors/others.js";
import { linkTo } from "../link.js";
import { diffOf, download, downloadAll, textOf } from "../output.js";
import type { Done } from "../session.js";
import { STOPPED, capital, choice, count, errorsLeft, headline, legible, notValid, number, open, stack, subline } from "../words.js";
import { besides } from "./besides.js";
import { changesView, step } from "./changes.js";
import { fileView, printedFiles } from "./file.js";
import { WORDS, findingsView } from "./findings.js";
import { heading } from "./heading.js";
import { prose, sentence as asSentence } from "./prose.js";
import { stopped } from "./stopped.js";

/** How many changes a compact element shows. */
const FIRST = 2;

export type View = "changes" | "file" | "findings" | LaterView;

/** What is shown of the files: what they become, unless a door shows something else. */
export interface Show {
  /** What is said as long as there are no files. */
  empty: (app: CalicoIPv6) => TemplateResult;
  finished: (app: CalicoIPv6, done: Done) => TemplateResult;
}

export function resultPart(app: CalicoIPv6, show: Show = { empty, finished }): TemplateResult {
  const { session } = app;
  const newest = wrongAnswer(app) ? session.latest : session.good;
  // What answers alone became says nothing of the files that came after them.
  const done = newest?.files.length ? newest : undefined;
  const isStopped = session.status === "failed" || session.status === "cancelled";
  // Each in a template of its own: a result that comes later moves nothing that is being read.
  if (session.files.length === 0 && !isStopped) return html`<section class="result before output" part="output" aria-labelledby="result-heading">${resultHeading(app)} ${show.empty(app)}</section>`;
  if (((app.isSlow && !isOlder(app, done)) || !done) && !isStopped) return html`<section class="result working output" part="output" aria-labelledby="result-heading">${resultHeading(app)} ${working(app)}</section>`;
  return html`<section class="result output" part="output" aria-labelledby="result-heading">${resultHeading(app)} ${content(app, done, show)}</section>`;
}

/** Whether a result is that of an older text of the same files, or of older answers: it stays while the newest are checked. */
function isOlder({ session }: CalicoIPv6, done: Done | undefined): boolean {
  const names = (files: readonly SourceFile[] = []) => files.map(({ name }) => name).join("\n");
  return names(done?.files) === names(session.files);
}

/** Where the result is below the form, a strip says what became of the files, and leads there. */
export function peek(app: CalicoIPv6, says?: string): TemplateResult | typeof nothing {
  const { files, good, status } = app.session;
  if (!good?.files.length || files.length === 0 || status === "failed") return nothing;
  // While only an answer is missing, the form is where a person has to be.
  const has = (...outcomes: string[]) => good.result.files.some((file) => outcomes.includes(file.outcome));
  if (says === undefined && has("needs-input") && !has("refused", "unreadable")) return nothing;
  return strip(app, says ?? title(good)[0]);
}

export function strip(app: CalicoIPv6, says: string): TemplateResult | typeof nothing {
  return says ? html`<div class="peek"><p>${says}</p><button type="button" @click=${() => app.seeResult()}>See the result</button></div>` : nothing;
}

const resultHeading = (app: CalicoIPv6): TemplateResult => html`<div id="result-heading" tabindex="-1" class=${app.isCompact ? "hidden" : ""}>${heading(app, 0, "Result")}</div>`;

function content(app: CalicoIPv6, done: Done | undefined, show: Show): TemplateResult {
  const { status } = app.session;
  if (status === "failed") return failed(app.session.failure, command(app), () => void app.session.run());
  if (status === "cancelled" || !done) return sentence("Stopped", "Change something, or give the files again, to start over.");
  if (done.result.problems.length > 0) return answersWrong(app, done);
  return show.finished(app, done);
}

/** Whether the newest answers cannot be, and the person is done with them. */
function wrongAnswer(app: CalicoIPv6): boolean {
  const problems = app.session.latest?.result.problems ?? [];
  const active = app.shadowRoot?.activeElement?.id;
  return problems.some((problem) => problem.option === null || app.left.has(problem.option) || active !== `option-${problem.option}`);
}

export function sentence(title: string, below: unknown, name = ""): TemplateResult {
  return html`<div class="sentence ${name}"><p class="headline">${title}</p>${below ? html`<p class="subline">${below}</p>` : nothing}</div>`;
}

function empty(app: CalicoIPv6): TemplateResult {
  const to = stack(app.session.target["to"]);
  return html`
    ${sentence("Nothing here yet", `Give the manifest that your cluster has, and see which lines make it ${to}, and why.`, "quiet")}
    <ol class="teach">
      <li><strong>Your file stays yours.</strong> Comments, quotes, order and indentation stay as they are; only the lines that decide about IPv6 change.</li>
      <li><strong>Each change is explained:</strong> what it does in the cluster, since which release, and where that is written.</li>
      <li><strong>What cannot work is refused</strong> at its place in your file, before it reaches a cluster.</li>
    </ol>
  `;
}

function working(app: CalicoIPv6): TemplateResult {
  return app.isSlow ? progress(app) : html`<div class="sentence"></div>`;
}

export function progress(app: CalicoIPv6): TemplateResult {
  const size = app.session.files.reduce((all, file) => all + file.text.length, 0);
  return html`
    <div class="sentence"><p class="headline">Working …</p><p class="subline">${number(size)} characters are being read.</p></div>
    <progress aria-label="Working"></progress>
    <p><button type="button" @click=${() => app.session.cancel()}>Stop</button></p>
  `;
}

const command = (app: CalicoIPv6): string => (app.door === "check" ? "lint calico.yaml" : `transform --to ${app.session.target["to"] ?? "dual-stack"} -o diff calico.yaml`);

/** Why the engine does not work here, the command that does the same, and a way to try again. */
export function failed(why: string, command: string, again: () => void): TemplateResult {
  return html`
    ${sentence("The engine could not be started", asSentence(why), "bad")}
    <p>This page needs WebAssembly and a worker. The command does the same, without a browser:</p>
    <pre class="block" tabindex="0"><code>cargo install --git https://github.com/calico-ipv6/calico-ipv6 calico-ipv6
calico-ipv6 ${command}</code></pre>
    <p class="rest"><button type="button" @click=${again}>Try again</button></p>
  `;
}

function answersWrong(app: CalicoIPv6, done: Done): TemplateResult {
  return html`
    ${sentence(...notValid(done.result.problems, (key) => app.session.label(key)), "bad")}
    <ul class="plain">${done.result.problems.map((problem) => html`<li class="remark error">${prose(app, problem.message)}</li>`)}</ul>
  `;
}

/** Whether the files are those that install the operator, without the `Installation` that tells it what to do. */
function isOperatorAlone({ files, result }: Done): boolean {
  const isOperator = ({ text }: SourceFile) => /^\s+(- )?image:.*tigera\/operator:/m.test(text) && !/^kind: *"?Installation\b/m.test(text);
  return result.files.every((file) => file.installs.length === 0) && files.some(isOperator);
}

/** The sentence about the files, what is said below it, and its state: the same wherever it is said. */
function title(done: Done): [string, string, string] {
  const { result, target } = done;
  const to = target["to"] ?? "dual-stack";
  const has = (...outcomes: string[]) => result.files.some((file) => outcomes.includes(file.outcome));
  if (!has(...STOPPED, "changed") && isOperatorAlone(done)) {
    return ["This is the operator, which has no IP families", "custom-resources.yaml determines the IP families: add that file, or the one that has your Installation.", "asks"];
  }
  const name = has("unreadable", "refused") ? "bad" : has("needs-input") ? "asks" : errorsLeft(result) > 0 ? "bad" : has("changed") ? "good" : "quiet";
  return [headline(result, to), subline(result, to), name];
}

function finished(app: CalicoIPv6, done: Done): TemplateResult {
  const { result } = done;
  // Whoever prints does not wait for views that are not there yet.
  app.others.load(done.files);
  const isStopped = result.files.some((file) => STOPPED.includes(file.outcome));
  const isBad = result.files.some((file) => ["unreadable", "refused"].includes(file.outcome));
  const hasChanges = result.files.some((file) => file.outcome === "changed");
  // While a person types, the newest answer may not be one yet.
  const isOld = done !== app.session.latest || app.isSlow;
  const [says, below, name] = title(done);
  const old = app.isSlow
    ? html`This result is older than your files and answers: the newest are being checked. <button type="button" class="link" @click=${() => app.session.cancel()}>Stop</button>`
    : "This result is based on your older answer: the newest one is not complete.";
  return html`
    ${isOld ? sentence(says, old, "asks") : sentence(says, below, name)} ${isOld || isBad ? nothing : proposal(app, done)} ${isStopped ? nothing : warnings(app, done, hasChanges)}
    ${isStopped ? stopped(app, done) : html`${hasChanges ? actions(app, done) : nothing} ${app.isCompact && !app.isPrinting ? firstChanges(app, done) : html`${tabs(app, done)} ${besides(app, result)}`}`}
  `;
}

/** Ranges that nobody gave are marked until a person accepts them, or types others. */
function proposal(app: CalicoIPv6, { proposed }: Done): TemplateResult | typeof nothing {
  const ranges = Object.values(proposed);
  if (ranges.length === 0) return nothing;
  const isPlanned = Object.entries(proposed).some(([key, range]) => app.session.planned[key] === range);
  const isOne = ranges.length === 1;
  const from = isPlanned ? `your plan, or the link that you opened, proposes ${isOne ? "one" : "them"}` : `${isOne ? "it is" : "they are"} random (unique-local, RFC 4193)`;
  return html`
    <div class="strip proposal">
      <p><strong>Proposed:</strong> ${ranges.map((range, i) => html`${i > 0 ? " and " : ""}<code class="proposed">${range}</code>`)}. No file has such ${isOne ? "a range" : "ranges"}, so ${from}. Accept ${isOne ? "it" : "them"}, or type your own.</p>
      <button type="button" @click=${() => app.session.accept()}>Accept ${isOne ? "it" : "both"}</button>
    </div>
  `;
}

/** Errors and warnings are said at once: nobody should have to look for them. Beside no changes, the errors themselves are there. */
function warnings(app: CalicoIPv6, done: Done, hasChanges: boolean): TemplateResult | typeof nothing {
  const of = (severity: Severity) => done.result.files.flatMap(open).filter((finding) => finding.severity === severity);
  const all = new Map([...(hasChanges ? of("error") : []), ...of("warning")].map(({ message, severity }) => [message, severity]));
  if (all.size === 0) return nothing;
  const shown = [...all].slice(0, 3).map(([message, severity]) => html`<li><span class="severity">${WORDS[severity]}:</span> ${prose(app, message, capital)}</li>`);
  const more = all.size > 3 ? html`<li>${count(all.size - 3, "more finding")}</li>` : nothing;
  return html`
    <div class="warnings warning">
      <ul class="plain">${shown}${more}</ul>
      ${app.view === "findings" || app.hides("findings") ? nothing : html`<button type="button" class="link" @click=${() => app.show("findings")}>What it means</button>`}
    </div>
  `;
}

function actions(app: CalicoIPv6, done: Done): TemplateResult {
  const changed = done.result.files.filter((file) => file.text !== null);
  const isProposed = Object.keys(done.proposed).length > 0;
  const copy = (what: string, label: string, text: () => string) =>
    html`<button type="button" @click=${() => void app.copy(what, text())}>${app.copied === what ? "Copied" : label}</button>`;
  return html`
    <div class="actions" part="actions">
      <button type="button" class="primary ${isProposed ? "proposed" : ""}" @click=${() => void downloadAll(done)}>
        ${changed.length === 1 ? "Download" : `Download ${number(changed.length)} files (zip)`}${isProposed ? " (proposed range)" : ""}
      </button>
      ${app.isCompact ? nothing : html`<button type="button" @click=${() => download("calico-ipv6.patch", diffOf(done))}>Download patch</button>`}
      ${copy("result", "Copy result", () => textOf(done))} ${copy("diff", "Copy diff", () => diffOf(done))}
      ${app.share ? copy("settings", "Copy link with settings", () => linkTo(app.session)) : nothing}
    </div>
  `;
}

/** What a compact element shows, and the way to the rest. */
function firstChanges(app: CalicoIPv6, done: Done): TemplateResult {
  const changes = done.result.files.reduce((sum, file) => sum + file.changes.length, 0);
  return html`
    ${changes > 0 && !app.hides("changes") ? html`<div class="panel">${changesView(app, done, FIRST)}</div>` : nothing}
    <p class="rest"><button type="button" @click=${() => void app.showWhole()}>${changes > FIRST ? `Show all ${number(changes)} changes` : "Show everything"}</button>
      ${app.full ? html`<a href=${linkTo(app.session, app.full)}>Open in the full tool</a>` : nothing}</p>
  `;
}

function tabs(app: CalicoIPv6, done: Done): TemplateResult {
  const found = done.result.files.reduce((all, file) => all + open(file).length, 0);
  const hasChanges = done.result.files.some((file) => file.changes.length > 0);
  const views: [View, string][] = [
    ...(hasChanges ? ([["changes", "Changes"], ["file", "File"]] as [View, string][]) : []),
    ["findings", `Findings (${number(found)})`],
    ...(hasChanges ? ([["steps", "Steps"]] as [View, string][]) : []),
    // Paper waits for nothing.
    ...(app.isPrinting && !app.others.has(done.files) ? [] : ([["facts", "Facts"]] as [View, string][])),
    ["command", "Command"],
  ];
  const all = views.filter(([view]) => !app.hides(view));
  if (app.isPrinting) return html`${printedTarget(app, done)} ${all.map(([view, title]) => html`<section class="panel">${heading(app, 1, title, "printed")} ${panel(app, done, view)}</section>`)}`;
  const current = all.some(([view]) => view === app.view) ? app.view : all[0]?.[0];
  if (!current) return html``;
  const move = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = all.findIndex(([view]) => view === current);
    const next = Number.isFinite(step) ? (at + step + all.length) % all.length : step < 0 ? 0 : all.length - 1;
    const view = all[next]?.[0] ?? current;
    app.show(view);
    void app.updateComplete.then(() => app.renderRoot.querySelector<HTMLElement>(`#tab-${view}`)?.focus());
  };
  return html`
    <div class="tabs" role="tablist" aria-label="Views of the result" @keydown=${move}>
      ${all.map(
        ([view, title]) => html`<button type="button" role="tab" id=${`tab-${view}`} aria-selected=${view === current} aria-controls="panel"
          tabindex=${view === current ? 0 : -1} @click=${() => app.show(view)}>${title}</button>`,
      )}
    </div>
    <div class="panel" role="tabpanel" id="panel" aria-labelledby=${`tab-${current}`} tabindex="0" @keydown=${current === "changes" ? step : nothing}>${panel(app, done, current)}</div>
  `;
}

/** Paper shows no form: which files these are, and what was wanted of them. */
function printedTarget(app: CalicoIPv6, done: Done): TemplateResult {
  const options = app.session.knowledge?.options;
  return html`<dl class="explained printed">
    <dt>Files</dt><dd>${done.files.map(({ name }) => legible(name)).join(", ")}${app.session.example ? " (an example)" : ""}</dd>
    ${Object.entries(done.target).map(([key, value]) => html`<dt>${options?.get(key)?.label ?? key}</dt><dd>${choice(key, value)}${key in done.proposed ? " (proposed)" : ""}</dd>`)}
  </dl>`;
}

function panel(app: CalicoIPv6, done: Done, view: View): TemplateResult | typeof nothing {
  if (view === "changes") return changesView(app, done);
  if (view === "file") return app.isPrinting ? printedFiles(done) : fileView(app, done);
  if (view === "findings") return findingsView(app, done);
  return app.others.view(view, done);
}
