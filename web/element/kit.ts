/** What the doors that are loaded later need of the element: they bring nothing twice. */
import { html, nothing } from "lit";
import { engine } from "./engine.js";
import { download } from "./output.js";
import { filesPart } from "./parts/files.js";
import { givenPart } from "./parts/given.js";
import { ORDER, findingCard, ruleCard } from "./parts/findings.js";
import { heading } from "./parts/heading.js";
import { prose } from "./parts/prose.js";
import { failed, peek, progress, resultPart, sentence, strip } from "./parts/result.js";
import { missingCard, problemCards } from "./parts/stopped.js";
import { families, row, targetPart } from "./parts/target.js";
import { randomBits } from "./session.js";
import { capital, choice, count, legible, notValid, number, placeName, stack } from "./words.js";

export const kit = {
  ORDER, capital, choice, count, download, engine, failed, families, filesPart, findingCard, givenPart, heading,
  html, legible, missingCard, notValid, nothing, number, peek, placeName, problemCards, progress, prose, randomBits, resultPart, row, ruleCard, sentence,
  stack, strip, targetPart,
};

export type Kit = typeof kit;
