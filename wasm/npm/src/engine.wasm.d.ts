import type { EngineSource } from "./functions.js";

/** The module as your tools deliver it: its address, or its bytes. `init(engine, rules)` takes it. */
declare const engine: EngineSource;
export default engine;
