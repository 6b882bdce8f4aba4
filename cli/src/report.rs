//! How a command ends that did not do what it was asked to, and how faults are shown.

use std::io::IsTerminal;

use gelcap_compiler::diag::render::{RenderOptions, render_all};
use gelcap_compiler::diag::{Diagnostic, Severity, SourceMap};
use gelcap_compiler::request::Failure;

use crate::text::{count, err};

/// Why a command stops.
#[derive(Debug)]
pub enum Stop {
    /// The command line asks for what there is not: exit code 2.
    Usage(String),
    /// A file that cannot be read or written, and the like.
    Message { message: String, help: Option<String> },
    /// The compiler's answer.
    Failure(Failure),
    /// What is wrong has been printed already.
    Reported,
}

impl Stop {
    pub fn message(message: impl Into<String>) -> Stop {
        Stop::Message { message: message.into(), help: None }
    }

    pub fn with_help(message: impl Into<String>, help: impl Into<String>) -> Stop {
        Stop::Message { message: message.into(), help: Some(help.into()) }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(failure)
    }
}

/// Shows faults on stderr.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    color: bool,
}

impl Report {
    /// With colors if a person looks on and has not asked for none (<https://no-color.org>).
    pub fn for_terminal() -> Report {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Report { color: std::io::stderr().is_terminal() && !refused }
    }

    /// Prints why a command stopped.
    pub fn stop(&self, stop: &Stop) {
        match stop {
            Stop::Reported => {}
            Stop::Usage(message) => {
                err(&format!("{}: {message}\n\nFor more information, try '--help'.\n", self.error()))
            }
            Stop::Message { message, help } => {
                err(&format!("{}: {message}\n", self.error()));
                if let Some(help) = help {
                    err(&format!("  = help: {help}\n"));
                }
            }
            Stop::Failure(Failure::Diagnostics { diagnostics, sources }) => self.diagnostics(diagnostics, sources),
            Stop::Failure(Failure::Internal(error)) => err(&format!("{}: {error}\n", self.error())),
        }
    }

    fn error(&self) -> &'static str {
        if self.color { "\x1b[1;31merror\x1b[0m" } else { "error" }
    }

    /// Prints diagnostics with excerpts, and how many there are if there are several.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        if diagnostics.is_empty() {
            return;
        }
        let mut text = render_all(diagnostics, sources, RenderOptions { color: self.color });
        if diagnostics.len() > 1 {
            text.push_str(&format!("\n{}\n", summary(diagnostics)));
        }
        err(&text);
    }
}

/// `2 errors and 1 warning`
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let counts = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning"), (of(Severity::Note), "note")];
    let parts: Vec<String> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(n, what)).collect();
    parts.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gelcap_compiler::diag::{Code, FileId, Span};

    #[test]
    fn counts_are_words() {
        let error = Diagnostic::error_nowhere(Code::NoFunction, "m");
        let warning = Diagnostic::warning(Code::UnreachableCode, Span::new(FileId(0), 0, 0), "w");
        assert_eq!(summary(&[error.clone(), warning.clone(), error.clone()]), "2 errors and 1 warning");
        assert_eq!(summary(&[warning]), "1 warning");
    }
}
