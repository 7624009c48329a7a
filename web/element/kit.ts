/** What the doors that are loaded later need of the element: they bring nothing twice. */
import { html, nothing } from "lit";
import { engine } from "./engine.js";
import { download } from "./output.js";
import { findingCard } from "./parts/findings.js";
import { heading } from "./parts/heading.js";
import { capital, prose } from "./parts/prose.js";
import { sentence } from "./parts/result.js";
import { missingCard } from "./parts/stopped.js";
import { families, row } from "./parts/target.js";
import { applicable, hasEffect, randomBits } from "./session.js";
import { count } from "./words.js";

export const kit = { applicable, html, nothing, engine, download, findingCard, hasEffect, heading, missingCard, capital, prose, sentence, families, row, randomBits, count };

export type Kit = typeof kit;
