//! A fault of ours: an internal compiler error. User input must not be able to cause one; when it does, the message says
//! which stage failed and how to report it.

use std::fmt;

/// An internal compiler error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InternalError {
    /// The stage of the pipeline, such as `verify` or `native`.
    pub stage: String,
    /// The pass within it, if there was one.
    pub pass: Option<String>,
    pub message: String,
    /// The compiler's version.
    pub version: String,
}

impl InternalError {
    pub fn new(stage: impl Into<String>, message: impl Into<String>) -> InternalError {
        InternalError {
            stage: stage.into(),
            pass: None,
            message: message.into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub fn in_pass(mut self, pass: impl Into<String>) -> InternalError {
        self.pass = Some(pass.into());
        self
    }
}

impl fmt::Display for InternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internal compiler error in stage {}", self.stage)?;
        if let Some(pass) = &self.pass {
            write!(f, ", pass {pass}")?;
        }
        writeln!(f, " (gelcap {}): {}", self.version, self.message)?;
        f.write_str(
            "this is a fault of gelcap, not of your program: please report it with the source that shows it and the output of `gelcap doctor`",
        )
    }
}

impl std::error::Error for InternalError {}
