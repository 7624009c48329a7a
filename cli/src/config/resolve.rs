//! The target that flags and a configuration file describe together: flags win, then the file, then defaults.

use super::{Config, Setting};
use crate::args::TargetArgs;
use calico_ipv6_engine::source::Position;
use calico_ipv6_engine::target::{OPTIONS, Stack, Target, TargetError, TargetOption};
use std::fmt::{Display, Formatter};

/// A value of an option, and where it is from.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    pub(crate) option: &'static TargetOption,
    pub(crate) value: &'a str,
    pub(crate) origin: Origin,
}

/// Where a value is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag,
    /// A place in the configuration file.
    File(Position),
    /// A place in the configuration file that a flag overrides.
    Overridden(Position),
}

/// What is wrong with a value, and where it is set.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    /// The file, the line and the column; of a flag nothing.
    place: Option<String>,
    error: TargetError,
}

impl Wrong {
    /// Whether it is about the flags.
    pub(crate) fn is_of_flags(&self) -> bool {
        self.place.is_none()
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Some(place) = &self.place else { return write!(f, "{}", self.error) };
        let message = &self.error.message;
        match self.error.option.and_then(TargetOption::named) {
            Some(option) if message.starts_with("is ") => write!(f, "{place}: `{}` {message}", option.key),
            Some(option) => write!(f, "{place}: `{}`: {message}", option.key),
            None => write!(f, "{place}: {message}"),
        }
    }
}

impl TargetArgs {
    /// Whether a stack is requested, by a flag or a key of the configuration file.
    pub(crate) fn has_stack(&self, config: Option<&Config>) -> bool {
        self.values(config).iter().any(|value| value.option.key == "to")
    }

    /// All values, those of the file first. Values of repeatable options are added up.
    pub(crate) fn values<'a>(&'a self, config: Option<&'a Config>) -> Vec<Value<'a>> {
        let to = self.flags.iter().find(|(flag, _)| *flag == "to").map(|(_, value)| value.as_str());
        let to = to.and_then(Stack::named);
        let origin = |setting: &Setting| {
            let option = setting.option;
            let is_given = !option.is_repeatable() && self.flags.iter().any(|(flag, _)| *flag == option.flag);
            // A flag that asks for another stack overrides what the file says about the family that this stack does not have.
            match is_given || to.is_some_and(|to| !option.has_effect(to)) {
                true => Origin::Overridden(setting.at),
                false => Origin::File(setting.at),
            }
        };
        let of_file = config.into_iter().flat_map(|config| &config.settings);
        let of_file = of_file.map(|setting| Value {
            option: setting.option,
            value: &setting.value,
            origin: origin(setting),
        });
        let of_flags = self.flags.iter().filter_map(|(flag, value)| {
            let option = OPTIONS.iter().find(|option| option.flag == *flag)?;
            Some(Value { option, value, origin: Origin::Flag })
        });
        of_file.chain(of_flags).collect()
    }

    /// The target; `stack` is taken if none is requested.
    pub(crate) fn resolve(
        &self,
        config: Option<&Config>,
        stack: Option<Stack>,
    ) -> Result<Target, Vec<Wrong>> {
        let values = self.values(config);
        let stack = stack.filter(|_| !self.has_stack(config)).map(|stack| ("to", stack.word()));
        let counts = |value: &&Value<'_>| !matches!(value.origin, Origin::Overridden(_));
        let options = values.iter().filter(counts).map(|value| (value.option.key, value.value));
        Target::from_options(stack.into_iter().chain(options)).map_err(|errors| {
            let place = |error: &TargetError| {
                let (config, Position { line, column }) = (config?, place_of(&values, error)?);
                Some(format!("{}:{line}:{column}", config.name))
            };
            errors.into_iter().map(|error| Wrong { place: place(&error), error }).collect()
        })
    }
}

/// The place in the file that an error is about. Of a repeatable option, that of the value which the message quotes.
fn place_of(values: &[Value<'_>], error: &TargetError) -> Option<Position> {
    let of_option = |value: &&Value<'_>| Some(value.option.flag) == error.option;
    let quoted = |value: &&Value<'_>| value.value.split(',').any(|part| error.message.contains(part.trim()));
    let mut found = values.iter().filter(of_option);
    let value = found.clone().find(quoted).or_else(|| found.next_back())?;
    match value.origin {
        Origin::File(at) => Some(at),
        Origin::Flag | Origin::Overridden(_) => None,
    }
}
