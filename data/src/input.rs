//! What comes in: files and a target.

use crate::VERSION;
use calico_ipv6_engine::cidr::COUNTS;
use calico_ipv6_engine::target::{OPTIONS, Target, TargetError};
use serde::{Deserialize, Serialize};

/// A file: how messages name it, and its whole text.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceFile {
    /// A file name relative to where the user stands, or anything that names the text.
    pub name: String,
    /// The content as it is: a byte-order mark and any line ends are kept.
    pub text: String,
}

/// What is wrong with a target. Nothing is planned for such a target.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetProblem {
    /// The key that it is about; null where it is about none, or about several.
    #[cfg_attr(feature = "typescript", ts(type = "keyof Target | keyof AddressRequest | null"))]
    pub option: Option<&'static str>,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Whether a target can be, whatever the files are.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetCheck {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether nothing is wrong with it.
    pub ok: bool,
    /// What is wrong with the target.
    pub problems: Vec<TargetProblem>,
}

impl From<Vec<TargetProblem>> for TargetCheck {
    fn from(problems: Vec<TargetProblem>) -> TargetCheck {
        TargetCheck { version: VERSION, ok: problems.is_empty(), problems }
    }
}

impl From<&TargetError> for TargetProblem {
    fn from(error: &TargetError) -> TargetProblem {
        let key = |flag| {
            let of_target = OPTIONS.iter().find(|o| Some(o.flag) == flag).map(|o| o.key);
            of_target.or_else(|| COUNTS.iter().find(|c| Some(c.flag) == flag).map(|c| c.key))
        };
        TargetProblem { option: key(error.option), message: error.message.clone() }
    }
}

/// The target that these keys and values describe.
///
/// # Errors
/// Everything that is wrong with it.
pub fn target_of<'a>(
    options: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Target, Vec<TargetProblem>> {
    Target::from_options(options).map_err(|errors| errors.iter().map(TargetProblem::from).collect())
}
