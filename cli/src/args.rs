//! The options of every command, with their help texts.

use std::path::PathBuf;

use clap::builder::styling::Styles;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// A compiler for typed Python/NumPy kernels.
#[derive(Parser, Debug)]
#[command(name = "gelcap", version, styles = Styles::styled(), max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Compile files into extension modules that Python imports
    Build(BuildArgs),
    /// Compile a kernel and call it
    Run(RunArgs),
    /// Report the faults of files without writing anything
    Check(CheckArgs),
    /// Show a stage of the compilation
    Inspect(InspectArgs),
    /// Say what an error code means
    Explain(ExplainArgs),
    /// Run the examples through SciPy (with the Python package)
    Demo(DemoArgs),
    /// Say what this installation can do on this machine
    Doctor,
    /// Serve the page in which the compiler runs, to this machine's browser
    Serve(ServeArgs),
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The folder of the page, as `make web` makes it [default: beside the program, or target/site]
    #[arg(long, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value = "8390")]
    pub port: u16,
}

/// What every compiling command takes.
#[derive(Args, Debug, Default)]
pub struct CompileArgs {
    /// An option of the kernels, such as boundscheck=False (may be repeated)
    #[arg(short = 'X', value_name = "OPTION=VALUE")]
    pub options: Vec<String>,
    /// How much is optimised; every level gives the same bits
    #[arg(short = 'O', value_name = "LEVEL", default_value = "2", value_parser = ["0", "1", "2"])]
    pub opt_level: String,
}

#[derive(Args, Debug)]
pub struct BuildArgs {
    /// Python files with export comments
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where the files go [default: the current directory]
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// What the code may assume of the processor
    #[arg(long, value_enum, value_name = "CPU")]
    pub cpu: Option<Cpu>,
    /// Write a C header for the capsules' functions too
    #[arg(long)]
    pub header: bool,
    /// Write the relocatable object too
    #[arg(long)]
    pub object: bool,
    /// Write a WebAssembly module too
    #[arg(long)]
    pub wasm: bool,
    #[command(flatten)]
    pub compile: CompileArgs,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// A Python file
    pub file: PathBuf,
    /// The kernel
    pub name: String,
    /// Its arguments: numbers, True and False; for pointers lists of numbers such as [1.0,2.0]
    #[arg(allow_negative_numbers = true)]
    pub args: Vec<String>,
    #[arg(long, value_enum, default_value = "native")]
    pub target: HostTarget,
    /// The kernel's signature, if the file does not give one
    #[arg(long, value_name = "SIGNATURE")]
    pub signature: Option<String>,
    #[command(flatten)]
    pub compile: CompileArgs,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Python or Cython files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the files are written in [default: cython for .pyx, else python]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub from: Option<Dialect>,
    /// Write Cython files as Python: kernel.pyx to kernel.py, which must not exist
    #[arg(long)]
    pub fix: bool,
    /// Where --fix writes; - is stdout
    #[arg(short = 'o', long = "output", value_name = "FILE", requires = "fix")]
    pub output: Option<PathBuf>,
    /// Text goes to stderr, JSON to stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    #[command(flatten)]
    pub compile: CompileArgs,
}

#[derive(Args, Debug)]
pub struct InspectArgs {
    /// A Python file
    pub file: PathBuf,
    /// The kernel [default: all exported ones]
    pub name: Option<String>,
    /// The stage to show
    #[arg(long, value_enum, default_value = "ir")]
    pub emit: Emit,
    /// The kernel's signature, if the file does not give one
    #[arg(long, value_name = "SIGNATURE")]
    pub signature: Option<String>,
    /// Show the IR after this pass, each time it runs (or after every pass that changes something: all)
    #[arg(long, value_name = "PASS|all")]
    pub print_after: Option<String>,
    /// Run just these passes and show the IR
    #[arg(long, value_delimiter = ',', value_name = "PASS,..")]
    pub passes: Vec<String>,
    /// Show how long each pass takes
    #[arg(long)]
    pub time_passes: bool,
    /// What the code is for [default: wasm for wat, else native]
    #[arg(long, value_enum)]
    pub target: Option<HostTarget>,
    /// What native code may assume of the processor [default: all that this one has]
    #[arg(long, value_enum, value_name = "CPU")]
    pub cpu: Option<Cpu>,
    #[command(flatten)]
    pub compile: CompileArgs,
}

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A code as it stands in brackets behind `error` [default: list them]
    pub code: Option<String>,
}

#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub rest: Vec<String>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cpu {
    /// x86-64 with SSE4.2 and POPCNT (every machine since 2009)
    V2,
    /// x86-64 with AVX2, BMI and FMA (2013)
    V3,
    /// x86-64 with AVX-512
    V4,
    /// 64-bit ARM
    Aarch64,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostTarget {
    Native,
    Wasm,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    Python,
    Cython,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Text,
    Json,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Emit {
    /// The syntax tree
    Ast,
    /// Variables, expressions and results with their types
    Types,
    /// The IR before any pass
    Ir,
    /// The WebAssembly module as text
    Wat,
    /// Cranelift's IR
    Clif,
    /// Machine code as text
    Asm,
}
