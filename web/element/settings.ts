/** Settings that come from outside: of a link, or of a `Target` document. */
import type { CalicoIPv6 } from "./calico-ipv6.js";
import { known } from "./link.js";
import { legible } from "./words.js";

/** Takes the settings of a link; `damaged` is what of it cannot be read. A later link replaces the answers, and a person can take that back. */
export function takeLink(app: CalicoIPv6, settings: Readonly<Record<string, string>>, damaged: readonly string[], isFirst: boolean): void {
  const options = app.session.knowledge?.options;
  if (!options) return;
  const { proposed = "", ...all } = settings;
  const { target, unknown } = known(all, options);
  const some = (isProposed: boolean) => Object.fromEntries(Object.entries(target).filter(([key]) => proposed.split(",").includes(key) === isProposed));
  if (Object.keys(target).length > 0 && isFirst) app.session.takePlan(some(false), some(true));
  else if (Object.keys(target).length > 0) {
    app.session.planned = some(true);
    app.session.replaceTarget({ to: "dual-stack", ...some(false) }, "Your answers are those of the link.");
  }
  sayIgnored(app, "The link", [...unknown, ...damaged]);
}

/** A `Target` document is not a file of the cluster: its settings become the answers. */
export async function takeDocument(app: CalicoIPv6, name: string, settings: Record<string, string> | undefined): Promise<void> {
  if (!settings) return;
  await app.session.prepare();
  const options = app.session.knowledge?.options;
  if (!options) return;
  const { target, unknown } = known(settings, options);
  app.session.replaceTarget({ to: "dual-stack", ...target }, `Your answers are those of ${legible(name)}.`);
  sayIgnored(app, legible(name), unknown);
}

function sayIgnored(app: CalicoIPv6, what: string, settings: readonly string[]): void {
  if (settings.length > 0) app.say(`${what} has settings that this version does not know: ${settings.join(", ")}. They are ignored.`);
}
