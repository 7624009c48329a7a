export type {
  AddressNote, AddressPlan, AddressRequest, Applicability, Change, Check, Cluster, Coverage, Fact, Facts, FamilyPlan, Field,
  Finding, Fix, Fixable, Generated, GeneratedKind, Generation, Hunk, Inspected, InspectedInstall, Inspection, Install, Kind,
  Line, LineKind, Lint, LintFinding, LintedCluster, LintedFile, Location, MissingOption, Outcome, Place, PlannedRange, Problem, Reference, Release, Rule, RuleKind, Rules,
  Severity, SourceFile, Target, TargetOption, TargetProblem, Transformation, Transformed, TypedOption, Weight,
} from "./bindings.js";
export { unifiedDiff } from "./diff.js";
export type { EngineSource, RulesSource } from "./functions.js";
export {
  checkTarget, explain, generate, inspect, kinds, lint, options, planCidrs, rules, transform, uniqueLocalPodCIDR, version,
} from "./functions.js";
