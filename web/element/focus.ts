/** Where the focus goes when a person asks for a field, or when only an answer is missing. */
import type { CalicoIPv6 } from "./calico-ipv6.js";
import { isOther } from "./doors/others.js";

/** Puts a person into the field of an option, wherever it is. */
export async function goTo(app: CalicoIPv6, key: string): Promise<void> {
  app.unfold();
  await app.updateComplete;
  const field = () => app.renderRoot.querySelector<HTMLElement>(`#option-${key}`);
  if (!field() && isOther(app.door)) {
    app.goThrough("change");
    await app.updateComplete;
  }
  if (!field()) await app.showWhole();
  if (!field()) {
    app.wanted.add(key);
    app.requestUpdate();
    await app.updateComplete;
  }
  const more = field()?.closest("details");
  if (more) more.open = true;
  field()?.focus();
}

/** After new files: if only an answer is missing, its field gets the focus. */
export async function goToQuestion(app: CalicoIPv6): Promise<void> {
  if (isOther(app.door)) return;
  const { files = [], fields = [] } = app.session.latest?.result ?? {};
  if (app.unread.length > 0 || !files.every((file) => ["needs-input", "passed-through"].includes(file.outcome))) return;
  const missing = fields.find((field) => field.weight === "missing");
  if (!missing || !app.matches(":focus-within")) return;
  await app.updateComplete;
  await goTo(app, missing.key);
}
