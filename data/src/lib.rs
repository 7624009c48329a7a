//! What the engine says as data: the JSON that the command prints and the objects that JavaScript gets are these shapes.
//! They only grow; [`VERSION`] would be raised otherwise.

mod addresses;
mod catalogue;
mod convert;
mod gathered;
mod generation;
mod input;
mod inspection;
mod lint;
mod preflight;
mod steps;
mod transformation;

pub use addresses::{AddressNote, AddressPlan, FamilyPlan, PlannedRange, TypedOption};
pub use catalogue::{Fixable, Reference, Release, Rule, RuleKind, Rules, TargetOption};
pub use gathered::Gathered;
pub use generation::{Generated, GeneratedKind, Generation};
pub use input::{SourceFile, TargetCheck, TargetProblem, target_of};
pub use inspection::{Fact, Facts, Inspected, InspectedField, InspectedInstall, Inspection};
pub use lint::{Lint, LintFinding, LintedCluster, LintedFile};
pub use preflight::{HostCheck, HostFinding, HostRead, HostSetting, Preflight};
pub use steps::{Command, Host, Section, Step, Steps};
pub use transformation::{
    Applicability, Change, Check, Cluster, Coverage, Field, Finding, Fix, Hunk, Install, Line, LineKind,
    Location, MissingOption, Outcome, Place, Problem, Severity, Transformation, Transformed, Weight,
};

/// The version of every document.
pub const VERSION: u32 = 1;

/// The TypeScript of what a Rust type says with `Option`s: which fields a file has depends on its outcome.
#[cfg(feature = "typescript")]
pub const UNIONS: &str = "
/** A file that is edited. */
export interface ChangedFile extends TransformedFile {
    outcome: \"changed\";
    problem: null;
    /** The new text. */
    text: string;
}

/** A file that stays as it is. */
export interface KeptFile extends TransformedFile {
    outcome: Exclude<Outcome, \"changed\" | \"unreadable\">;
    problem: null;
    text: null;
}

/** A file that cannot be read. */
export interface UnreadableFile extends TransformedFile {
    outcome: \"unreadable\";
    /** Why it cannot be read. */
    problem: Problem;
    text: null;
}

/** What becomes of one file: `outcome` says which of these it is. */
export type Transformed = ChangedFile | KeptFile | UnreadableFile;
";

/// The TypeScript declarations of all shapes, each with its documentation.
#[cfg(feature = "typescript")]
#[must_use]
pub fn declarations() -> Vec<String> {
    use ts_rs::{Config, TS};
    let config = Config::new();
    macro_rules! declare {
        ($($shape:ty),+ $(,)?) => { vec![$(format!("{}export {}", <$shape>::docs().unwrap_or_default(), <$shape>::decl(&config))),+] };
    }
    declare![
        SourceFile,
        TargetProblem,
        TargetCheck,
        Transformation,
        Cluster,
        Transformed,
        Coverage,
        Outcome,
        Problem,
        Place,
        Install,
        Facts,
        Change,
        Hunk,
        Line,
        LineKind,
        Finding,
        Location,
        Fix,
        Applicability,
        Severity,
        MissingOption,
        Check,
        Steps,
        Section,
        Step,
        Command,
        Host,
        Field,
        Weight,
        Inspection,
        Inspected,
        InspectedField,
        InspectedInstall,
        Fact,
        Lint,
        LintedCluster,
        LintedFile,
        LintFinding,
        Generation,
        Generated,
        GeneratedKind,
        AddressPlan,
        FamilyPlan,
        PlannedRange,
        AddressNote,
        TypedOption,
        Rules,
        Reference,
        Rule,
        RuleKind,
        Fixable,
        Release,
        TargetOption
    ]
}
