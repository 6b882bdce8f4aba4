//! Options out of comments, decorators and the caller's hand, put together; suggestions for misspelt names.

use crate::front::exports::distance;
use crate::front::options_comment::{OptionComment, OptionName, OptionValue, apply};
use crate::options::KernelOptions;

/// What is set in a text, from the least to the most specific.
#[derive(Default)]
pub struct Settings<'a> {
    pub comments: &'a [OptionComment],
    /// From decorators, with the function they stand at.
    pub decorators: Vec<(String, OptionName, OptionValue)>,
    pub caller: &'a [(OptionName, OptionValue)],
}

impl Settings<'_> {
    /// The options of a function; of `None` those of the whole text.
    pub fn of(&self, function: Option<&str>, base: &KernelOptions) -> KernelOptions {
        let mut options = base.clone();
        let scopes = if function.is_some() { &[None, function][..] } else { &[None][..] };
        for scope in scopes {
            let comments = self.comments.iter().filter(|c| c.function.as_deref() == *scope);
            comments.flat_map(|c| &c.settings).for_each(|s| apply(&mut options, s.name, &s.value));
        }
        let own = self.decorators.iter().filter(|(name, _, _)| Some(name.as_str()) == function);
        own.for_each(|(_, name, value)| apply(&mut options, *name, value));
        self.caller.iter().for_each(|(name, value)| apply(&mut options, *name, value));
        options
    }
}

/// The name that differs least, if it differs little: for "did you mean".
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|other| (distance(name, other), other))
        .filter(|(d, _)| *d <= 1 + name.len() / 4 && *d < name.chars().count())
        .min()
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{FileId, Span};
    use crate::front::options_comment::OptionSetting;

    #[test]
    fn the_most_specific_setting_holds() {
        let span = Span::new(FileId(0), 0, 0);
        let comment = |function: Option<&str>, name, flag| OptionComment {
            settings: vec![OptionSetting { name, value: OptionValue::Bool(flag), span }],
            function: function.map(str::to_owned),
            span,
        };
        let comments = [
            comment(Some("f"), OptionName::Boundscheck, true),
            comment(None, OptionName::Boundscheck, false),
            comment(None, OptionName::Overflow, false),
        ];
        let caller = [(OptionName::Overflow, OptionValue::Bool(true))];
        let decorators = vec![("g".to_owned(), OptionName::Wraparound, OptionValue::Bool(false))];
        let settings = Settings { comments: &comments, decorators, caller: &caller };
        let of = |name| settings.of(name, &KernelOptions::default());
        assert!(of(Some("f")).boundscheck && of(Some("f")).wraparound && of(Some("f")).overflow);
        assert!(!of(Some("g")).boundscheck && !of(Some("g")).wraparound);
        assert!(!of(None).boundscheck && of(None).overflow);
    }

    #[test]
    fn suggestions_are_near() {
        assert_eq!(nearest("integrnad", ["f", "integrand"].into_iter()), Some("integrand"));
        assert_eq!(nearest("g", ["f"].into_iter()), None);
        assert_eq!(nearest("g", ["weighted", "transform"].into_iter()), None);
    }
}
