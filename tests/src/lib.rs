//! The judges: whatever a kernel does, CPython with NumPy, the interpreter and every back-end must do alike.
//!
//! [`case`] finds and reads test programs, [`reference`] asks CPython, [`judges`] runs our own, [`compare`] says what
//! agrees with what. Runners are the files beside `src`, one per folder or rule; each checks whole folders through one
//! function, so a change of the compiler's API is met in [`judges`] alone.

pub mod array;
pub mod case;
pub mod compare;
pub mod compile;
pub mod foreign;
pub mod generate;
pub mod ir_case;
pub mod judgement;
pub mod judges;
pub mod mutant;
pub mod node;
pub mod pass_case;
pub mod reference;
pub mod value;
mod watchdog;

use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// Stack for the interpreter at CPython's recursion depth in a debug build.
pub const STACK: usize = 512 << 20;

/// Runs on a thread whose stack serves the interpreter at CPython's recursion depth in a debug build.
pub fn on_big_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("the system has threads");
    match thread.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Fails a test with every complaint there is, or tells how much was checked.
pub fn conclude(checked: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n\n{} complaints", complaints.join("\n"), complaints.len());
    println!("{checked}");
}
