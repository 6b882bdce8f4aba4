//! Faults in a user's program: what they are, where they are, and how they are shown.

pub mod span;

pub use span::{FileId, Span};
