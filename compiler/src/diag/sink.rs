//! Collects the diagnostics of one compilation, so that a stage can report a fault and go on.

use super::{Code, Diagnostic, Span};

/// More than this nobody reads, and hostile source must not fill the memory.
const LIMIT: usize = 200;

/// Where the stages put what they find.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    dropped: usize,
}

impl Sink {
    pub fn new() -> Sink {
        Sink::default()
    }

    /// Adds a diagnostic; an exact repetition (the same code and message at the same place) is left out, as a function
    /// that is checked for several argument types says the same thing several times.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let repeated = |d: &Diagnostic| {
            d.code == diagnostic.code && d.span() == diagnostic.span() && d.message == diagnostic.message
        };
        if self.diagnostics.iter().any(repeated) {
            return;
        }
        self.errors += usize::from(diagnostic.is_error());
        if self.diagnostics.len() < LIMIT {
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    pub fn error_count(&self) -> usize {
        self.errors
    }

    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// How many were left out because there were too many.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Moves all diagnostics of `other` into this one.
    pub fn append(&mut self, other: Sink) {
        self.dropped += other.dropped;
        other.diagnostics.into_iter().for_each(|d| self.push(d));
    }

    /// All diagnostics in the order of the source; those without a place come first.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|d| d.span().map(|span| (span.file, span.start)));
        self.diagnostics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::FileId;

    #[test]
    fn keeps_source_order_and_drops_repetitions() {
        let mut sink = Sink::new();
        let at = |start| Span::new(FileId(0), start, start + 1);
        sink.error(Code::SyntaxError, at(9), "late");
        sink.error(Code::SyntaxError, at(1), "early");
        sink.error(Code::SyntaxError, at(9), "late");
        assert_eq!(sink.error_count(), 2);
        let messages: Vec<_> = sink.finish().into_iter().map(|d| d.message).collect();
        assert_eq!(messages, ["early", "late"]);
    }

    #[test]
    fn holds_a_bounded_number() {
        let mut sink = Sink::new();
        for start in 0..LIMIT as u32 + 50 {
            sink.error(Code::SyntaxError, Span::new(FileId(0), start, start), "x");
        }
        assert_eq!((sink.iter().count(), sink.dropped()), (LIMIT, 50));
    }
}
