//! Faults in a user's program: what they are, where they are, and how they are shown.
//!
//! [`Diagnostic`] is the one type for every fault of a user, from the lexer to lowering. Stages add to a [`Sink`] and go
//! on, so that one run reports many. Each surface converts at its own border: [`render`] for people, [`json`] for the
//! demo and editors, [`syntax_error`] for Python's exception. A fault of ours is an [`InternalError`], never a diagnostic.

pub mod code;
mod diagnostic;
pub mod internal;
pub mod json;
pub mod render;
mod sink;
pub mod span;
pub mod syntax_error;

pub use code::Code;
pub use diagnostic::{Diagnostic, Label, Replacement, Severity};
pub use internal::{InternalError, guarded};
pub use sink::Sink;
pub use span::{FileId, Position, SourceFile, SourceMap, Span};
pub use syntax_error::SyntaxErrorData;
