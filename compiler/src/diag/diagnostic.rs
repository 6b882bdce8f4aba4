//! One fault in a user's program, and the builder that makes it.

use super::code::Code;
use super::span::Span;

/// How bad it is. Only an error stops a compilation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place and what is said there; the text may be empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A quick-fix: this text in the place of what the span holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replacement {
    pub span: Span,
    pub text: String,
}

/// A fault in a user's program.
///
/// The message says what is wrong in the user's own words and types, the help what to write instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// One line, no full stop at the end.
    pub message: String,
    /// Where it is; `None` for faults outside any source text (a missing file, a bad option).
    pub primary: Option<Label>,
    /// Other places that explain it, such as the earlier definition.
    pub secondary: Vec<Label>,
    pub notes: Vec<String>,
    pub help: Option<String>,
    pub fix: Option<Replacement>,
}

impl Diagnostic {
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, message).at(span)
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Warning, message).at(span)
    }

    /// An error about no place in a source text.
    pub fn error_nowhere(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Sets the primary place, keeping its text.
    pub fn at(mut self, span: Span) -> Diagnostic {
        let text = self.primary.take().map_or_else(String::new, |label| label.text);
        self.primary = Some(Label { span, text });
        self
    }

    /// What is said beside the carets of the primary place.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Another place that explains the fault.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// The quick-fix: `text` in the place of `span`.
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Replacement { span, text: text.into() });
        self
    }

    pub fn span(&self) -> Option<Span> {
        self.primary.as_ref().map(|label| label.span)
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
