//! The front-end as a whole, from source text to the interpreter's answer. What kernels compute is judged against
//! CPython by the corpus under `tests/kernels`; here stand the contracts that a Python program cannot see.

mod faults;
mod kernels;

use super::{KernelSpec, Lowered, MathLibrary, Program, compile, parse};
use crate::back::{CpuLevel, Target};
use crate::diag::{Diagnostic, Sink, SourceFile, SourceMap};
use crate::ir::interp::{Config, Interp, Outcome, Value};
use crate::ir::{FuncId, Module, verify};
use crate::mathlib;
use crate::options::Options;

/// The library that the compiler ships.
struct Library;

impl MathLibrary for Library {
    fn function(&mut self, module: &mut Module, name: &str) -> Option<FuncId> {
        mathlib::function(module, name)
    }
}

fn options() -> Options {
    Options::new(Target::x86_64(CpuLevel::V2))
}

/// A program of one source text, and a compilation of kernels of it.
fn build(source: &str, specs: impl FnOnce(&Program) -> Vec<KernelSpec>) -> Result<Lowered, Vec<Diagnostic>> {
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let file = sources.add(SourceFile::new("kernel.py", source));
    let parsed = parse(&sources, file, &mut sink);
    let mut program = Program::new();
    program.add_module("kernel", parsed.module);
    let specs = specs(&program);
    let lowered = compile(&program, &specs, &options(), &mut Library, &mut sink);
    let faults = sink.finish();
    match lowered {
        Some(lowered) => {
            assert_eq!(faults, [], "faults beside a module");
            if let Err(faults) = verify::verify(&lowered.module) {
                panic!("{}", faults.render(&lowered.module));
            }
            Ok(lowered)
        }
        None => {
            assert!(!faults.is_empty(), "neither a module nor a fault");
            Err(faults)
        }
    }
}

/// The function of a program of one source text.
fn function(program: &Program, name: &str) -> crate::front::environment::FunctionId {
    let module = program.module("kernel").expect("the module was added");
    program.function(module, name).unwrap_or_else(|| panic!("there is no `{name}`"))
}

/// What the first kernel does with the arguments: its results, or the exception and its message.
fn run(lowered: &Lowered, args: &[Value]) -> Result<Vec<Value>, String> {
    run_in(lowered, args, |_| vec![])
}

/// The same with memory before the other arguments.
fn run_in(
    lowered: &Lowered,
    args: &[Value],
    memory: impl FnOnce(&mut Interp<'_>) -> Vec<Value>,
) -> Result<Vec<Value>, String> {
    let mut interp = Interp::new(&lowered.module, Config::default());
    let mut all = memory(&mut interp);
    all.extend(args.iter().cloned());
    match interp.call(lowered.kernels[0].func, &all).expect("the IR is sound") {
        Outcome::Returned(values) => Ok(values),
        Outcome::Raised(raised) => {
            let site = &lowered.module.sites[raised.site];
            let message = crate::abi::status::format_message(&site.message, raised.payload);
            Err(format!("{}: {message}", site.exception.name()))
        }
    }
}
