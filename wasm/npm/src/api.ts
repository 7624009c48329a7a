export type {
  AddressNote, AddressPlan, AddressRequest, Change, Check, Fact, Facts, FamilyPlan, Field, Finding, Fixable, Generated,
  GeneratedKind, Generation, Hunk, Inspected, InspectedInstall, Inspection, Install, Kind, Line, LineKind, Outcome, Place,
  PlannedRange, Problem, Question, Release, Rule, Rules, Severity, SourceFile, Target, TargetOption, TargetProblem,
  Transformation, Transformed, TypedOption, Weight,
} from "./bindings.js";
export type { EngineSource } from "./functions.js";
export {
  checkTarget, explain, generate, inspect, kinds, options, planCidrs, rules, transform, unifiedDiff, uniqueLocalPodCIDR,
  version,
} from "./functions.js";
