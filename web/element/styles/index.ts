import { card } from "./card.js";
import { controls } from "./controls.js";
import { frame } from "./frame.js";
import { tokens } from "./tokens.js";

export const styles = [tokens, frame, controls, card];
