export type {
  AddressNote, AddressPlan, AddressRequest, Applicability, Change, ChangedFile, Check, Cluster, Coverage, Fact, Facts, FamilyPlan, Field,
  Finding, Fix, Fixable, Generated, GeneratedKind, Generation, Hunk, Inspected, InspectedInstall, Inspection, Install, KeptFile, Kind,
  Line, LineKind, Lint, LintFinding, LintedCluster, LintedFile, Location, MissingOption, Outcome, Place, PlannedRange, Problem, Reference, Release, Rule, RuleKind, Rules,
  Severity, SourceFile, Step, StepCommand, StepHost, Steps, StepsSection, Target, TargetCheck, TargetOption, TargetProblem, Transformation, Transformed, TransformedFile,
  TypedOption, UnreadableFile, Weight,
} from "./bindings.js";
export { Cancelled } from "./client.js";
export type { WorkerClient } from "./client.js";
export { unifiedDiff } from "./diff.js";
export type { EngineSource, RulesSource } from "./functions.js";
export {
  checkTarget, explain, generate, inspect, kinds, lint, options, planCidrs, rules, steps, transform, uniqueLocalPodCIDR, version,
} from "./functions.js";
