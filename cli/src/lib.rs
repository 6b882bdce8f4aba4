//! The command line: reads files, calls the compiler and the hosts, prints.
//!
//! [`main`] is the whole of it, for the `gelcap` binary and for the Python package, which installs a command of the same
//! name. The compiler itself reads no files and prints nothing; what it says is shown by [`report`]. Exit codes: 0 is
//! success, 1 a fault in the user's program or files (or in a kernel that ran), 2 a wrong command line.

mod args;
mod cmd;
mod input;
mod report;
mod stage;
mod text;
mod values;

use std::ffi::OsString;

use clap::Parser;
use gelcap_compiler::request::Failure;

use args::{Cli, Command};
use report::{Report, Stop};

/// Runs a command line, the program's name included; gives the exit code. Prints to stdout and stderr.
pub fn main(args: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap too, of the kind that goes to stdout. A closed pipe is nobody's fault.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let report = Report::for_terminal();
    let done = guarded(|| match cli.command {
        Command::Build(args) => cmd::build::run(&args, &report),
        Command::Run(args) => cmd::run::run(&args, &report),
        Command::Check(args) => cmd::check::run(&args, &report),
        Command::Inspect(args) => cmd::inspect::run(&args),
        Command::Explain(args) => cmd::explain::run(&args),
        Command::Demo(_) => cmd::demo(),
        Command::Doctor => cmd::doctor::run(),
        Command::Serve(args) => cmd::serve::run(&args),
    });
    match done {
        Ok(()) => 0,
        Err(stop) => {
            report.stop(&stop);
            match stop {
                Stop::Usage(_) => 2,
                Stop::Reported | Stop::Message { .. } | Stop::Failure(_) => 1,
            }
        }
    }
}

/// The compiler guards itself; a panic around it, in loading or printing, is a fault of ours just the same.
fn guarded(command: impl FnOnce() -> Result<(), Stop>) -> Result<(), Stop> {
    gelcap_compiler::diag::guarded("command line", command)
        .unwrap_or_else(|error| Err(Stop::Failure(Failure::Internal(error))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_fault_of_ours() {
        assert!(guarded(|| Ok(())).is_ok());
        let stop = guarded(|| panic!("planted"));
        assert!(
            matches!(stop, Err(Stop::Failure(Failure::Internal(error))) if error.message.starts_with("planted (cli"))
        );
    }
}
