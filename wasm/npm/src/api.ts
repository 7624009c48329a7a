export type {
  Change, Check, Fact, Facts, Field, Finding, Fixable, Hunk, Inspected, InspectedInstall, Inspection, Install, Line,
  LineKind, Outcome, Place, Problem, Question, Release, Rule, Rules, Severity, SourceFile, Target, TargetOption,
  TargetProblem, Transformation, Transformed, Weight,
} from "./bindings.js";
export type { EngineSource } from "./functions.js";
export {
  checkTarget, explain, inspect, options, rules, transform, unifiedDiff, uniqueLocalPodCIDR, version,
} from "./functions.js";
