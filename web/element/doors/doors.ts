/** The doors beside the change of files, and the views of a result that are not seen at first: loaded when one of them is opened. */
import type { TemplateResult } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import type { Done } from "../session.js";
import { checkDoor } from "./check.js";
import { commandView } from "./command.js";
import { factsView } from "./facts.js";
import { Reader } from "./inspection.js";
import { planDoor } from "./plan.js";
import { stepsView } from "./steps.js";
import { writeDoor } from "./write.js";

/** What the element is for: to change files, to check them, to plan addresses, or to write new files. */
export type DoorName = "change" | "check" | "plan" | "write";

export interface Door {
  render(): TemplateResult;
  /** What it says of files, by their indexes; undefined if that is what becomes of them. */
  judge?(at: readonly number[]): string | undefined;
}

export type MakeDoor = (app: CalicoIPv6, kit: Kit) => Door;

export const doors = { check: checkDoor, plan: planDoor, write: writeDoor } satisfies Record<Exclude<DoorName, "change">, MakeDoor>;

/** A view of a result; it keeps what a person did in it. */
export type ShowView = (done: Done) => TemplateResult;

export const views = { command: commandView, facts: factsView, steps: stepsView } satisfies Record<string, (app: CalicoIPv6, kit: Kit, reader: Reader) => ShowView>;

export { Reader };
