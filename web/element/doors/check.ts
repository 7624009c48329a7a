/** Checks files, and changes none: what is wrong in them, for the stack that they have or for another one. */
import type { TemplateResult } from "lit";
import type { Field, Lint, LintFinding, Severity, Target } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";
import { block, commandLine } from "./command.js";
import type { Door } from "./doors.js";
import { Latest } from "./latest.js";

const STACKS = ["dual-stack", "ipv6-only", "ipv4-only"];

const SEVERITIES: [Severity, string][] = [["error", "error"], ["warning", "warning"], ["info", "note"]];

/** Options that say what a cluster is, and wish for nothing. */
const FACTS = ["provisioner", "nodesHaveIPv4", "calicoVersion", "calicoBackend", "kubernetesVersion", "addressMap", "running", "newCluster"];

/** What was found, and in what. */
interface Checked {
  done: Done;
  target: Readonly<Record<string, string>>;
  lint: Lint;
}

export function checkDoor(app: CalicoIPv6, kit: Kit): Door {
  const { html, nothing, heading, prose, sentence, count, number } = kit;
  /** Whether files are checked for the stack that they have. */
  let isAsFound = !app.isLocked("to");
  const hidden = new Set<Severity>();
  let newest: Done | undefined;
  let asked = 0;
  const checked = new Latest<Checked>(check, () => app.requestUpdate());

  /** Whether an option counts. If the stack is that of the files, only those do that say what the files do not. */
  const counts = (key: string) => !isAsFound || (FACTS.includes(key) && app.session.hasEffect(key, "dual-stack"));

  /** The target of the other doors. Ranges that nobody gave are not checked. */
  const targetOf = ({ target, proposed }: Done) => Object.fromEntries(Object.entries(target).filter(([key]) => !(key in proposed) && counts(key)));

  async function check(): Promise<Checked> {
    const done = newest as Done;
    const target = targetOf(done);
    return { done, target, lint: await kit.engine.call("lint", [...done.files], target as Partial<Target>) };
  }

  const answer = (done: Done): Checked | undefined => {
    if (done !== newest) asked++;
    newest = done;
    return checked.to([asked, isAsFound]);
  };

  /** How many findings each severity has, with its word, where there are any. */
  const counted = (findings: readonly LintFinding[]): [Severity, string, number][] =>
    SEVERITIES.flatMap(([severity, word]) => {
      const some = findings.filter((finding) => finding.severity === severity).length;
      return some > 0 ? [[severity, word, some]] : [];
    });

  const totals = (findings: readonly LintFinding[]): string[] => counted(findings).map(([, word, some]) => count(some, word));

  const findingsOf = ({ lint }: Checked) => lint.files.flatMap(({ findings }) => findings);

  /** The findings of one rule belong together; the worst come first. */
  const rules = ({ done, lint }: Checked) => {
    const all = lint.files.flatMap(({ findings }, i) => findings.map((finding) => ({ finding, file: done.files[i] })));
    all.sort((a, b) => kit.ORDER[a.finding.severity] - kit.ORDER[b.finding.severity]);
    const of = new Map<string, typeof all>();
    for (const one of all.filter(({ finding }) => !hidden.has(finding.severity))) {
      const same = of.get(one.finding.rule);
      if (same) same.push(one);
      else of.set(one.finding.rule, [one]);
    }
    return [...of.values()];
  };

  const unreadable = ({ lint }: Checked) => lint.files.filter(({ problem }) => problem !== null);

  function headline(made: Checked): string {
    const [first, ...more] = unreadable(made);
    if (first) return more.length === 0 ? `${kit.legible(first.name)} cannot be read` : `${count(more.length + 1, "file")} cannot be read`;
    const worse = totals(findingsOf(made).filter(({ severity }) => severity !== "info"));
    if (worse.length > 0) return worse.join(" and ");
    return hasSettings(made) ? "No errors and no warnings" : "Nothing to check";
  }

  /** Whether anything in the files decides about IP families. */
  const hasSettings = (made: Checked): boolean => findingsOf(made).length > 0 || made.done.result.files.some(({ coverage }) => coverage.understood > 0);

  /** What the files were checked for. */
  function subline(made: Checked): string {
    const { lint, target } = made;
    if (unreadable(made).length === lint.files.length) return "Nothing was checked.";
    if (!hasSettings(made)) return "These files have no settings that decide about IP families.";
    const stacks = [...new Set(lint.clusters.flatMap(({ checkedFor }) => checkedFor ?? []))].map(kit.stack);
    if (stacks.length === 0) return "No file states an IP family: only what is wrong for every stack was checked.";
    const which = lint.clusters.length === 1 ? "the IP families that the files configure" : "the IP families that the files of each cluster configure";
    return `Checked for ${stacks.join(", ").replace(/, ([^,]+)$/, " and $1")}${target["to"] === undefined ? `, ${which}` : ""}.`;
  }

  function notChecked(made: Checked): TemplateResult {
    const { done, lint } = made;
    const lines = (at: readonly number[]) => `${at.length === 1 ? "line" : "lines"} ${at.slice(0, 5).map(number).join(", ")}${at.length > 5 ? " and more" : ""}`;
    const unclear = done.result.files.flatMap(({ name, coverage: { templates, notUnderstood } }) => [
      ...(templates.length > 0 ? [html`<strong>${kit.legible(name)}</strong>: ${count(templates.length, "template")} that ${templates.length === 1 ? "is" : "are"} not rendered (${lines(templates)}).`] : []),
      ...(notUnderstood.length > 0 ? [html`<strong>${kit.legible(name)}</strong>: addresses in ${count(notUnderstood.length, "document")} that ${notUnderstood.length === 1 ? "is" : "are"} not understood (${lines(notUnderstood)}).`] : []),
    ]);
    const suppressed = lint.files.reduce((sum, file) => sum + file.suppressed, 0);
    const without = lint.clusters.filter(({ checkedFor }) => checkedFor === null);
    const failed = unreadable(made);
    const most = 10;
    const items = [
      ...failed.map(({ name }) => html`<strong>${kit.legible(name)}</strong>: it cannot be read.`),
      ...(app.unread.length > 0 ? [html`${count(app.unread.length, "file")} that this page did not read; the list is below your files.`] : []),
      ...unclear,
      ...(without.length > 0 && without.length < lint.clusters.length ? without.map(({ name }) => html`<strong>${kit.legible(name)}</strong>: it states no IP family, so only what is wrong for every stack was checked.`) : []),
    ];
    return html`
      <section class="besides">
        ${heading(app, 1, "What was not checked")}
        <ul>
          ${items.slice(0, most).map((item) => html`<li>${item}</li>`)}
          ${items.length > most ? html`<li>${count(items.length - most, "more file")}</li>` : nothing}
          ${suppressed > 0 ? html`<li>${count(suppressed, "finding")} that comments in the files suppress.</li>` : nothing}
          <li>What is not in these files: other manifests, the cluster as it runs, and its nodes. On a node, ${prose(app, "`calico-ipv6 preflight` checks kernel, addresses and routes.")}</li>
        </ul>
      </section>`;
  }

  /** A line for each finding, as compilers write them. */
  const text = ({ lint }: Checked) =>
    lint.files.flatMap(({ name, findings }) => findings.map(({ severity, rule, message, place }) => `${kit.placeName(name, place)}: ${severity}[${rule}] ${message}\n`)).join("");

  function filters(made: Checked): TemplateResult | typeof nothing {
    const there = counted(findingsOf(made));
    if (there.length < 2) return nothing;
    const toggle = (severity: Severity) => () => {
      if (!hidden.delete(severity)) hidden.add(severity);
      app.requestUpdate();
    };
    return html`<div class="filters" role="group" aria-label="Show">
      ${there.map(([severity, word, some]) => html`<label><input type="checkbox" .checked=${!hidden.has(severity)} @change=${toggle(severity)} /> ${kit.capital(word)}s (${number(some)})</label>`)}
    </div>`;
  }

  function finished(done: Done): TemplateResult {
    const made = answer(done);
    if (checked.isSlow) return kit.progress(app);
    if (checked.failure) return kit.failed(checked.failure, "lint calico.yaml", () => checked.again());
    if (!made) return html`<div class="sentence"></div>`;
    const { lint, target } = made;
    const [wrong] = lint.problems;
    if (wrong) return html`${sentence(...kit.notValid(lint.problems, (key) => app.session.label(key)), "bad")}<p class="remark error">${prose(app, wrong.message)}</p>`;
    const found = findingsOf(made);
    const failed = unreadable(made).length > 0;
    const besides = totals(failed ? found : found.filter(({ severity }) => severity === "info"));
    const has = (severity: Severity) => found.some((finding) => finding.severity === severity);
    const isGood = lint.clusters.every(({ checkedFor }) => checkedFor !== null);
    const name = has("error") || failed ? "bad" : has("warning") ? "asks" : isGood ? "good" : "quiet";
    const copied = text(made);
    const options = app.session.knowledge?.options ?? new Map();
    return html`
      ${sentence(headline(made), [subline(made), besides.length > 0 ? `Also: ${besides.join(", ")}.` : ""].join(" "), name)}
      ${found.length > 0 ? html`<div class="actions" part="actions">
        <button type="button" @click=${() => void app.copy("findings", copied)}>${app.copied === "findings" ? "Copied" : "Copy findings"}</button>
        <button type="button" @click=${() => kit.download("calico-ipv6-findings.txt", copied)}>Download findings</button>
        <button type="button" @click=${() => app.goThrough("change")}>Change these files</button>
      </div> ${filters(made)}` : nothing}
      ${failed || found.length > 0 ? html`<div class="panel">
        ${kit.problemCards(app, lint.files.flatMap(({ name, problem }, i) => (problem ? [{ name, problem, file: made.done.files[i] }] : [])))}
        ${rules(made).map((places) => kit.ruleCard(app, places))}
      </div>` : nothing}
      ${notChecked(made)}
      <div class="panel">${block(app, kit, "lint", "On the command line", commandLine("lint", target, options, made.done.files.map((file) => file.name)))}</div>
    `;
  }

  const empty = () => html`
    ${sentence("Nothing here yet", "Give the files of a cluster, and see what is wrong in them. Nothing is changed.", "quiet")}
    <ol class="teach">
      <li><strong>Each finding has its line,</strong> what happens in the cluster, and what to do.</li>
      <li><strong>Files are checked together:</strong> two that contradict each other are shown side by side.</li>
      <li><strong>What was not checked is named,</strong> so that silence does not look like success.</li>
    </ol>`;

  const choose = (to: string | undefined) => () => {
    isAsFound = to === undefined;
    if (to === undefined) app.requestUpdate();
    else app.answer("to", to);
  };

  function stacks(): TemplateResult {
    if (app.isLocked("to")) return kit.families(app);
    const { to } = app.session.target;
    const segment = (isOn: boolean, words: string, value?: string) =>
      html`<label class="segment"><input type="radio" name="for" .checked=${isOn} @change=${choose(value)} /><span>${words}</span></label>`;
    return html`<fieldset class="families"><legend>IP families of pods</legend>
      <div class="segments four">${segment(isAsFound, "As in the files")}${STACKS.map((one) => segment(!isAsFound && one === to, kit.choice("to", one), one))}</div>
    </fieldset>`;
  }

  return {
    render() {
      const { answer: made } = checked;
      const says = made && made.done.files === app.session.files && made.lint.problems.length === 0 ? headline(made) : "";
      return html`
        ${kit.givenPart(app, html`${kit.filesPart(app)} ${kit.targetPart(app, { title: "What to check for", stacks: stacks(), counts: ({ key }: Field) => counts(key) })} ${kit.peek(app, says)}`, `Check for: ${isAsFound ? "as in the files" : kit.choice("to", app.session.target["to"] ?? "dual-stack")}`)}
        ${kit.resultPart(app, { empty, finished: (_, done) => finished(done) })}
      `;
    },
    judge(at) {
      const made = checked.answer;
      const there = at.filter((i) => made && made.done.files[i] === app.session.files[i]);
      return totals(there.flatMap((i) => made?.lint.files[i]?.findings ?? [])).join(", ");
    },
  };
}
