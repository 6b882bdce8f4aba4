//! The `gelcap` command: all of it is in the library, which the Python package calls too.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(u8::try_from(gelcap_cli::main(std::env::args_os().collect())).unwrap_or(1))
}
