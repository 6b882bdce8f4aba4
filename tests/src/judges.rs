//! Our own judges: the interpreter above and below lowering, native code and wasm, at every level of optimisation.
//!
//! All of them are entered through packed entries with the same [`Call`], so they can be compared bit for bit. This is
//! the one file that knows how modules are lowered, emitted, loaded and run.

use std::sync::Arc;

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Artifact, Code, Export, NativeCode, Site};
use gelcap_compiler::back::native::{self, Listing};
use gelcap_compiler::back::{CpuLevel, Target, WasmFlavour, wasm};
use gelcap_compiler::ir::interp::Config;
use gelcap_compiler::ir::{Level, Module};
use gelcap_compiler::options::OptLevel;
use gelcap_compiler::passes;
use gelcap_native_host as native_host;
use gelcap_wasm_host as wasm_host;

use crate::foreign;
use crate::reference::{Answer, Call};
use crate::watchdog::watched;

pub(crate) mod run;

/// What a judge saw.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Or why there is no answer, which is always a fault of ours.
    pub answer: Result<Answer, String>,
    /// Contents of the call's memories afterwards.
    pub memories: Vec<Vec<u8>>,
}

/// One way to run a program's kernels.
pub struct Judge {
    /// `interpreter-L2`, `interpreter-wasm-O1`, `native-O2`, `wasm-O0`, `pulley-O2`, `aarch64-O2`.
    pub name: String,
    runner: Runner,
}

enum Runner {
    Interpreter { module: Arc<Module>, exports: Vec<Export>, lanes: usize, counts_depth: bool },
    Native(Arc<native_host::Kernel>),
    Wasm(wasm_host::Kernel),
    Foreign(Box<(Artifact, foreign::Program)>),
}

/// Calls open at once before an interpreted kernel gets a RecursionError.
const DEPTH: usize = 900;
/// Instructions that an interpreted call may take.
const STEPS: u64 = 20_000_000;
/// The interpreted guest's memory: more than any call takes.
const PULLEY_MEMORY: usize = 1 << 30;
/// Lane counts at which the symbolic width is tried.
const LANES: [usize; 4] = [1, 2, 3, 8];

/// A program above Machine level, with packed entries.
pub struct Program {
    pub name: String,
    pub module: Module,
    pub exports: Vec<Export>,
}

/// The targets that this machine can run.
pub fn targets() -> Result<Vec<(&'static str, Target)>, String> {
    let native = native_host::host_target()?;
    Ok(vec![("native", native), ("wasm", Target::wasm(WasmFlavour::ImportedMemory))])
}

/// The baseline of this machine's architecture: what files are compiled for.
pub fn baseline() -> Target {
    if cfg!(target_arch = "aarch64") { Target::aarch64() } else { Target::x86_64(CpuLevel::V2) }
}

/// The program lowered for a target.
pub fn lower(program: &Program, target: &Target, opt: OptLevel) -> Result<Module, String> {
    let mut module = program.module.clone();
    passes::run(&mut module, target, opt, &mut Verifying).map_err(|e| e.to_string())?;
    Ok(module)
}

/// Has every pass verified.
pub struct Verifying;

impl passes::Observer for Verifying {
    fn verifies(&self) -> bool {
        true
    }
}

/// Code for a target from a lowered program.
pub fn emit(program: &Program, module: &Module, target: &Target) -> Result<Artifact, String> {
    let code = match target.is_wasm() {
        true => Code::Wasm(wasm::emit(module, target).map_err(|e| e.to_string())?),
        false => {
            let emitted = native::emit(module, target, Listing::default()).map_err(|e| e.to_string())?;
            Code::Native(NativeCode { object: emitted.object, machine: target.machine })
        }
    };
    let site =
        |s: &gelcap_compiler::ir::Site| Site { exception: s.exception, template: s.message.clone(), frames: vec![] };
    Ok(Artifact {
        abi_version: abi::VERSION,
        module: program.name.clone(),
        code,
        exports: program.exports.clone(),
        sites: module.sites.iter().map(|(_, s)| site(s)).collect(),
        files: vec![],
    })
}

/// Native code for this machine.
pub fn native_judge(program: &Program, opt: OptLevel) -> Result<Judge, String> {
    let target = native_host::host_target()?;
    let artifact = emit(program, &lower(program, &target, opt)?, &target)?;
    Ok(Judge { name: format!("native-{opt:?}"), runner: load(artifact)? })
}

/// Every judge of a program, or why one of them cannot be had.
pub fn all(program: &Program) -> Result<Vec<Judge>, String> {
    at_levels(program, &OptLevel::ALL)
}

/// The judges of a program at some levels of optimisation.
pub fn at_levels(program: &Program, levels: &[OptLevel]) -> Result<Vec<Judge>, String> {
    let mut judges = Vec::new();
    let interpreter = |name: String, module: Arc<Module>, lanes, counts_depth| Judge {
        name,
        runner: Runner::Interpreter { module, exports: program.exports.clone(), lanes, counts_depth },
    };
    let above = Arc::new(program.module.clone());
    for lanes in LANES {
        judges.push(interpreter(format!("interpreter-L{lanes}"), above.clone(), lanes, false));
        if !has_vectors(&above) {
            break;
        }
    }
    if let Some((name, module)) = between(program)? {
        judges.push(interpreter(name, Arc::new(module), 2, false));
    }
    if above.level == Level::Array && passes::by_name("lower-arrays").is_none() {
        return Ok(judges);
    }
    for (target_name, target) in targets()? {
        let mut seen: Vec<Arc<Module>> = Vec::new();
        for &opt in levels {
            let named = |why: String| format!("{target_name}-{opt:?}: {why}");
            let module = match lower(program, &target, opt) {
                // As long as whole arrays are not lowered, the interpreter alone judges them.
                Err(_) if program.module.level == Level::Array && passes::by_name("lower-arrays").is_none() => continue,
                lowered => lowered.map_err(named)?,
            };
            // The same module again would be the same judge again.
            if seen.iter().any(|m| **m == module) {
                continue;
            }
            let module = Arc::new(module);
            seen.push(module.clone());
            let counts_depth = !target.has_stack_pointer;
            judges.push(interpreter(format!("interpreter-{target_name}-{opt:?}"), module.clone(), 1, counts_depth));
            let artifact = emit(program, &module, &target).map_err(named)?;
            if target.is_wasm() && opt == OptLevel::O2 {
                judges.push(interpreted(artifact.clone(), opt).map_err(named)?);
            }
            judges.push(Judge { name: format!("{target_name}-{opt:?}"), runner: load(artifact).map_err(named)? });
        }
    }
    if levels.contains(&OptLevel::O2) {
        judges.extend(foreign(program).map_err(|why| format!("aarch64: {why}"))?);
    }
    Ok(judges)
}

/// The program between the front-end and the target's passes, if arrays stand above that.
fn between(program: &Program) -> Result<Option<(String, Module)>, String> {
    if program.module.level != Level::Array || passes::by_name("lower-arrays").is_none() {
        return Ok(None);
    }
    Ok(Some(("interpreter-loop".into(), at_loop_level(program)?)))
}

/// The program at Loop level, before the target's passes.
pub fn at_loop_level(program: &Program) -> Result<Module, String> {
    let mut module = program.module.clone();
    if module.level == Level::Array {
        let named = |e: passes::Fault| format!("interpreter-loop: {e}");
        passes::run_named(&mut module, &baseline(), &["lower-arrays"], &mut Verifying).map_err(named)?;
    }
    Ok(module)
}

/// The judge under an emulator, if there is one: another processor, with NaNs of its own.
fn foreign(program: &Program) -> Result<Option<Judge>, String> {
    if cfg!(target_arch = "aarch64") || !foreign::is_here() {
        return Ok(None);
    }
    let (target, opt) = (Target::aarch64(), OptLevel::O2);
    let artifact = emit(program, &lower(program, &target, opt)?, &target)?;
    let object = &artifact.native().ok_or("no native code")?.object;
    let loaded = foreign::Program::load(object)?;
    Ok(Some(Judge { name: format!("aarch64-{opt:?}"), runner: Runner::Foreign(Box::new((artifact, loaded))) }))
}

/// The same wasm by wasmtime's interpreter.
fn interpreted(artifact: Artifact, opt: OptLevel) -> Result<Judge, String> {
    let arena = wasm_host::Arena::new(PULLEY_MEMORY).map_err(|e| e.to_string())?;
    let kernel = wasm_host::Kernel::load_with(Arc::new(artifact), arena, wasm_host::Execution::Interpreted);
    Ok(Judge { name: format!("pulley-{opt:?}"), runner: Runner::Wasm(kernel.map_err(|e| e.to_string())?) })
}

fn has_vectors(module: &Module) -> bool {
    use gelcap_compiler::ir::Op;
    module.functions.iter().any(|(_, f)| f.insts.iter().any(|(_, i)| matches!(i.op, Op::Vector(_) | Op::VFor(_))))
}

fn load(artifact: Artifact) -> Result<Runner, String> {
    let artifact = Arc::new(artifact);
    Ok(match &artifact.code {
        Code::Native(_) => {
            let raise = native_host::runtime::record_raise;
            Runner::Native(native_host::Kernel::load(artifact, raise).map_err(|e| e.to_string())?)
        }
        Code::Wasm(_) => Runner::Wasm(wasm_host::Kernel::load(artifact).map_err(|e| e.to_string())?),
    })
}

/// What a module does with a call, interpreted for at most so many instructions: for modules that no judge runs because
/// they are wrong on purpose.
pub fn run_module(module: &Module, exports: &[Export], steps: u64, call: &Call) -> Observed {
    let config = Config { lanes: 1, max_depth: DEPTH, max_steps: steps, ..Config::default() };
    run::interpret(module, exports, config, call)
}

impl Judge {
    pub fn is_interpreter(&self) -> bool {
        matches!(self.runner, Runner::Interpreter { .. })
    }

    /// A call takes milliseconds, so that a sample of them has to do.
    pub fn is_slow(&self) -> bool {
        matches!(self.runner, Runner::Foreign(..))
    }

    pub fn call(&self, call: &Call) -> Observed {
        match &self.runner {
            Runner::Interpreter { module, exports, lanes, counts_depth } => {
                let config = Config {
                    lanes: *lanes,
                    max_depth: DEPTH,
                    max_steps: STEPS,
                    counts_depth: *counts_depth && module.level == Level::Machine,
                    ..Config::default()
                };
                run::interpret(module, exports, config, call)
            }
            Runner::Native(kernel) => {
                let what =
                    || format!("{} in {}: {}({:?})", self.name, kernel.artifact().module, call.kernel, call.args);
                watched(what, || run::native(kernel, call))
            }
            Runner::Foreign(program) => run::foreign(&program.0, &program.1, call),
            Runner::Wasm(kernel) => {
                let what =
                    || format!("{} in {}: {}({:?})", self.name, kernel.artifact().module, call.kernel, call.args);
                watched(what, || run::wasm(kernel, call))
            }
        }
    }
}
