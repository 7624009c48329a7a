/** The doors beside the change of files: loaded when one of them is opened. */
import type { TemplateResult } from "lit";
import type { CalicoIPv6 } from "../calico-ipv6.js";
import type { Kit } from "../kit.js";
import { planDoor } from "./plan.js";
import { writeDoor } from "./write.js";

/** What the element is for: to change files, to plan addresses, or to write new files. */
export type DoorName = "change" | "plan" | "write";

export interface Door {
  render(): TemplateResult;
}

export type MakeDoor = (app: CalicoIPv6, kit: Kit) => Door;

export const doors = { plan: planDoor, write: writeDoor } satisfies Record<Exclude<DoorName, "change">, MakeDoor>;
