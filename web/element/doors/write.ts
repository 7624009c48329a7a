/** Writes new files: what they are for, the answers that they need, and the files. */
import type { TemplateResult } from "lit";
import type { Field, Generated, GeneratedKind, Generation, Kind, Target } from "../../../wasm/npm/src/api.js";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Door } from "./doors.js";
import { Latest } from "./latest.js";

/** What is always asked; what else a file needs, it says. */
const ASKED = ["ipv6PodCIDR", "ipv4PodCIDR", "ipv6ServiceCIDR", "ipv4ServiceCIDR", "calicoVersion"];

interface Written {
  made: Generation;
  /** Ranges that nobody gave. */
  proposed: Record<string, string>;
}

export function writeDoor(app: CalicoIPv6, kit: Kit): Door {
  const { html, nothing, heading, prose, sentence, engine } = kit;
  const random = kit.randomBits();
  let known: GeneratedKind[] = [];
  let chosen: Kind[] = ["installation"];
  const learn = () =>
    engine.call("kinds").then((kinds) => {
      known = kinds;
      app.requestUpdate();
    }, () => {});
  void learn();

  const again = () => {
    void learn();
    written.again();
    void app.session.run();
  };

  const written = new Latest<Written>(write, () => app.requestUpdate());

  async function write(): Promise<Written> {
    const wish = app.session.applicable();
    const made = await engine.call("generate", chosen, wish as unknown as Target);
    const missing = made.missingOptions.map(({ key }) => key);
    if (made.problems.length > 0 || !missing.some((key) => key.endsWith("CIDR"))) return { made, proposed: {} };
    const own = Object.fromEntries(ASKED.flatMap((key) => (key.endsWith("CIDR") && wish[key] ? [[key, wish[key]]] : [])));
    const { options } = await engine.call("planCidrs", { ...own, to: (wish["to"] ?? "dual-stack") as Target["to"] }, random);
    const fill = async (planned: Readonly<Record<string, string>>) => {
      const proposed = Object.fromEntries(options.filter(({ key }) => missing.includes(key)).map(({ key, value }) => [key, planned[key] ?? value]));
      return { made: await engine.call("generate", chosen, { ...wish, ...proposed } as unknown as Target), proposed };
    };
    const filled = await fill(app.session.planned);
    // What a plan or a link proposes may not fit the other answers: random ranges do.
    return filled.made.problems.length > 0 ? await fill({}) : filled;
  }

  const choose = (name: Kind) => (event: Event) => {
    const others = chosen.filter((one) => one !== name);
    chosen = (event.target as HTMLInputElement).checked ? [...others, name] : others;
    app.requestUpdate();
  };

  const kinds = () => html`
    <fieldset class="kinds"><legend>Files</legend>
      ${known.map(({ name, about }) => html`<label class="kind"><input type="checkbox" .checked=${chosen.includes(name as Kind)} @change=${choose(name as Kind)} /> <span><code>${name}</code> ${about}</span></label>`)}
    </fieldset>`;

  const rows = (done: Written | undefined) => {
    const missing = new Map(done?.made.missingOptions.map((option) => [option.key as string, option]));
    // What has an answer stays, also while it is typed.
    const answered = Object.keys(app.session.target).filter((key) => key !== "to");
    const keys = [...new Set([...ASKED, ...answered, ...missing.keys()])].filter((key) => app.session.hasEffect(key));
    return keys.map((key) => {
      const asks = missing.get(key);
      const field = { key, weight: asks ? "missing" : "usual", note: asks?.why ?? "", used: null, example: done?.proposed[key] ?? asks?.example ?? null };
      return kit.row(app, field as Field);
    });
  };

  const file = ({ name, text, findings }: Generated) => html`
    <section class="card" part="card">
      <header class="card-head">${heading(app, 1, name)}
        <span class="file-buttons"><button type="button" @click=${() => kit.download(name, text)}>Download<span class="hidden"> ${name}</span></button>
        <button type="button" @click=${() => void app.copy(name, text)}>${app.copied === name ? "Copied" : "Copy"}<span class="hidden"> ${name}</span></button></span></header>
      <pre class="block" tabindex="0"><code>${text}</code></pre>
    </section>
    ${findings.map((finding) => kit.findingCard(app, [{ finding, file: { name, text } }]))}`;

  const all = async (files: readonly Generated[]): Promise<void> =>
    kit.download("calico-ipv6.zip", await engine.call("zip", files.map(({ name, text }) => ({ name, text }))));

  const headline = ({ made }: Written): [string, string, string] => {
    const missing = made.missingOptions.length;
    if (made.problems.length > 0) return [...kit.notValid(made.problems, (key) => app.session.label(key)), "bad"];
    if (missing > 0) return [missing === 1 ? "One answer is missing" : `${kit.count(missing, "answer")} are missing`, `The files that need ${missing === 1 ? "it" : "them"} are not written yet.`, "asks"];
    const files = kit.count(made.files.length, "file");
    return made.ok ? [files, "Each was checked by the rules that check your own files.", "good"] : [files, "They would not work: each error says why.", "bad"];
  };

  const output = (done: Written | undefined): TemplateResult => {
    if (written.failure) return kit.failed(written.failure, `generate ${chosen.join(" ")} --to ${app.session.target["to"] ?? "dual-stack"}`, again);
    if (chosen.length === 0) return sentence("No files are chosen", "Choose what you want to write.", "quiet");
    if (!done) return html``;
    const { made, proposed } = done;
    const ranges = Object.values(proposed);
    return html`
      ${sentence(...headline(done))}
      ${ranges.length > 0 ? html`<div class="strip proposal"><p><strong>Proposed:</strong> ${ranges.map((range, i) => html`${i > 0 ? ", " : ""}<code class="proposed">${range}</code>`)}. Accept these ranges, or type your own.</p>
        <button type="button" @click=${() => app.session.setTarget({ ...app.session.target, ...proposed })}>Accept</button></div>` : nothing}
      ${made.problems.map(({ message }) => html`<p class="remark error">${prose(app, message)}</p>`)}
      ${made.files.length > 1 ? html`<div class="actions" part="actions"><button type="button" class="primary" @click=${() => void all(made.files)}>Download all ${kit.number(made.files.length)} files (zip)</button></div>` : nothing}
      <div class="panel">${made.missingOptions.map((option) => kit.missingCard(app, option))} ${made.files.map(file)}</div>
    `;
  };

  return {
    render() {
      const done = chosen.length > 0 ? written.to([chosen, app.session.applicable(), app.session.planned]) : undefined;
      return html`
        <form class="input target" part="input" aria-label="The new files" novalidate @submit=${(event: Event) => event.preventDefault()}>
          ${heading(app, 0, "What you want")} ${kit.families(app)} ${kinds()} ${rows(done)} ${kit.strip(app, done ? headline(done)[0] : "")}
        </form>
        <section class="output" part="output" aria-labelledby="result-heading"><div id="result-heading">${heading(app, 0, "New files")}</div>${output(done)}</section>
      `;
    },
  };
}
