//! A fault of ours: an internal compiler error. User input must not be able to cause one; when it does, the message says
//! which stage failed and how to report it.
//!
//! What a stage finds wrong it returns. What it did not expect is a panic, and [`guarded`] makes an error of that as well,
//! so that no host ever sees one. Where panics abort, as in a browser, nothing can be caught: the page starts again.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// An internal compiler error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InternalError {
    /// The stage of the pipeline, such as `verify` or `native`.
    pub stage: String,
    /// The pass within it, if there was one.
    pub pass: Option<String>,
    /// The line of the user's that was at work, as `file:line`, where that is known.
    pub place: Option<String>,
    pub message: String,
    /// It is the program's fault after all: it takes more than this compilation may use.
    pub exceeded: bool,
    /// The compiler's version.
    pub version: &'static str,
}

impl InternalError {
    pub fn new(stage: impl Into<String>, message: impl Into<String>) -> InternalError {
        InternalError {
            stage: stage.into(),
            pass: None,
            place: None,
            message: message.into(),
            exceeded: false,
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// A limit of the compilation was exceeded; the message says which.
    pub fn exceeded(message: impl Into<String>) -> InternalError {
        InternalError { exceeded: true, ..InternalError::new("limits", message) }
    }

    pub fn in_pass(mut self, pass: impl Into<String>) -> InternalError {
        self.pass = Some(pass.into());
        self
    }

    pub fn at(mut self, place: Option<String>) -> InternalError {
        self.place = place;
        self
    }
}

impl fmt::Display for InternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internal compiler error in stage {}", self.stage)?;
        if let Some(pass) = &self.pass {
            write!(f, ", pass {pass}")?;
        }
        if let Some(place) = &self.place {
            write!(f, ", at {place}")?;
        }
        writeln!(f, " (gelcap {}): {}", self.version, self.message)?;
        f.write_str(
            "this is a fault of gelcap, not of your program: please report it with the source that shows it and the output of `gelcap doctor`",
        )
    }
}

impl std::error::Error for InternalError {}

thread_local! {
    /// How many calls of [`guarded`] this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic in one of them came from.
    static ORIGIN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a stage; a panic in it becomes an error that says where in the compiler it arose, and nothing is printed.
pub fn guarded<T>(stage: &str, run: impl FnOnce() -> T) -> Result<T, InternalError> {
    // What would be lost is the message of the abort.
    if cfg!(panic = "abort") {
        return Ok(run());
    }
    silence();
    DEPTH.set(DEPTH.get() + 1);
    // What the stage has half changed is dropped with the compilation.
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    DEPTH.set(DEPTH.get() - 1);
    outcome.map_err(|payload| {
        let origin = ORIGIN.take().map_or_else(String::new, |origin| format!(" ({origin})"));
        InternalError::new(stage, format!("{}{origin}", text(payload.as_ref())))
    })
}

/// What a panic says.
fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

/// Panics in [`guarded`] are reported once, by the error; all others as before.
fn silence() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if DEPTH.try_with(Cell::get).unwrap_or_default() == 0 {
                return others(info);
            }
            let origin = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            let _ = ORIGIN.try_with(|last| last.replace(origin));
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(guarded("front", || 1), Ok(1));
        let line = line!() + 1;
        let error = guarded("front", || -> u32 { panic!("no value of {}", "x") }).unwrap_err();
        assert_eq!(error.message, format!("no value of x ({}:{line})", file!()));
        let shown = error.at(Some("k.py:3".into())).to_string();
        let version = env!("CARGO_PKG_VERSION");
        assert!(
            shown.starts_with(&format!("internal compiler error in stage front, at k.py:3 (gelcap {version}): no "))
        );
        assert!(shown.contains("please report it"));
    }

    #[test]
    fn the_innermost_stage_reports() {
        let outer = guarded("outer", || guarded("inner", || panic!("a")).unwrap_err().stage);
        assert_eq!(outer.as_deref(), Ok("inner"));
        let outer = guarded("outer", || guarded("inner", || ()).map(|()| std::panic::panic_any(7)));
        let outer = outer.unwrap_err();
        assert!(outer.stage == "outer" && outer.message.starts_with("a panic without a message"));
        assert_eq!(DEPTH.get(), 0);
    }
}
