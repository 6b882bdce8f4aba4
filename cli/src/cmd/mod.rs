//! One command a file. A command does its work or says why it stops; [`crate::main`] shows that.

pub mod build;
pub mod check;
mod convert;
pub mod doctor;
pub mod explain;
pub mod inspect;
pub mod run;
pub mod serve;

use crate::report::Stop;

/// The demo calls SciPy, so the Python package has it: it takes over before this is reached.
pub fn demo() -> Result<(), Stop> {
    Err(Stop::with_help("the demo needs the Python package", "install it with `pip install .`, then run `gelcap demo`"))
}
