import { bars } from "./bars.js";
import { card } from "./card.js";
import { compact } from "./compact.js";
import { controls } from "./controls.js";
import { form } from "./form.js";
import { frame } from "./frame.js";
import { tokens } from "./tokens.js";
import { views } from "./views.js";

export const styles = [tokens, frame, controls, form, compact, bars, card, views];
