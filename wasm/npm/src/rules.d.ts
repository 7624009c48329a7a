import type { Rules } from "./bindings.js";

/** Every rule, by id: the content of `rules.json`. */
declare const rules: Rules;
export default rules;
