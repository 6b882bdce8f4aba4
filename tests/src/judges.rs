//! Our own judges: the interpreter above and below lowering, native code and wasm, at every level of optimisation.
//!
//! All of them are entered through packed entries with the same [`Call`], so they can be compared bit for bit. This is
//! the one file that knows how modules are lowered, emitted, loaded and run.

use std::sync::Arc;

use gelcap_compiler::abi::{self, status::format_message};
use gelcap_compiler::artifact::{Artifact, Code, Export, NativeCode, Site};
use gelcap_compiler::back::native::{self, Listing};
use gelcap_compiler::back::{CpuLevel, Target, WasmFlavour, wasm};
use gelcap_compiler::ir::interp::{Config, Interp, PackedOutcome};
use gelcap_compiler::ir::{Level, Module};
use gelcap_compiler::options::OptLevel;
use gelcap_compiler::passes;
use gelcap_native_host as native_host;
use gelcap_wasm_host as wasm_host;

use crate::reference::{Answer, Argument, Call};
use crate::value::Value;
use crate::watchdog::watched;

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
    /// `interpreter-L2`, `interpreter-wasm-O1`, `native-O2`, `wasm-O0`.
    pub name: String,
    runner: Runner,
}

enum Runner {
    Interpreter { module: Arc<Module>, exports: Vec<Export>, lanes: usize, counts_depth: bool },
    Native(Arc<native_host::Kernel>),
    Wasm(wasm_host::Kernel),
}

/// Calls open at once before an interpreted kernel gets a RecursionError.
const DEPTH: usize = 900;
/// Instructions that an interpreted call may take.
const STEPS: u64 = 20_000_000;
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

/// Every judge of a program, or why one of them cannot be had.
pub fn all(program: &Program) -> Result<Vec<Judge>, String> {
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
    for (target_name, target) in targets()? {
        let mut seen: Vec<Arc<Module>> = Vec::new();
        for opt in OptLevel::ALL {
            let named = |why: String| format!("{target_name}-{opt:?}: {why}");
            let module = lower(program, &target, opt).map_err(named)?;
            // The same module again would be the same judge again.
            if seen.iter().any(|m| **m == module) {
                continue;
            }
            let module = Arc::new(module);
            seen.push(module.clone());
            let counts_depth = !target.has_stack_pointer;
            judges.push(interpreter(format!("interpreter-{target_name}-{opt:?}"), module.clone(), 1, counts_depth));
            let artifact = emit(program, &module, &target).map_err(named)?;
            judges.push(Judge { name: format!("{target_name}-{opt:?}"), runner: load(artifact).map_err(named)? });
        }
    }
    Ok(judges)
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

impl Judge {
    pub fn is_interpreter(&self) -> bool {
        matches!(self.runner, Runner::Interpreter { .. })
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
                interpret(module, exports, config, call)
            }
            Runner::Native(kernel) => {
                let what =
                    || format!("{} in {}: {}({:?})", self.name, kernel.artifact().module, call.kernel, call.args);
                watched(what, || call_native(kernel, call))
            }
            Runner::Wasm(kernel) => {
                let what =
                    || format!("{} in {}: {}({:?})", self.name, kernel.artifact().module, call.kernel, call.args);
                watched(what, || call_wasm(kernel, call))
            }
        }
    }
}

/// The argument slots, given where the memories lie; as many as arguments or results need.
fn slots(call: &Call, export: &Export, addresses: &[u64]) -> Vec<u64> {
    let slot = |a: &Argument| match a {
        Argument::Scalar { scalar, bits } => abi::to_slot(*scalar, *bits),
        Argument::Address { memory, offset } => addresses[*memory] + offset,
    };
    let mut slots: Vec<u64> = call.args.iter().map(slot).collect();
    slots.resize(slots.len().max(export.result.slots()), 0);
    slots
}

fn returned(export: &Export, slots: &[u64]) -> Answer {
    Answer::Returned(Value::from_slots(&export.result, &mut slots.iter().copied()))
}

fn interpret(module: &Module, exports: &[Export], config: Config, call: &Call) -> Observed {
    let mut interp = Interp::new(module, config);
    let addresses: Vec<u64> = call.memories.iter().map(|m| interp.memory.allocate(m.bytes.clone())).collect();
    let answer = match exports.iter().find(|e| e.name == call.kernel) {
        None => Err(format!("there is no kernel {}", call.kernel)),
        Some(export) => {
            let slots = slots(call, export, &addresses);
            match interp.call_packed(&call.kernel, &slots, export.result.slots()) {
                Err(e) => Err(e.to_string()),
                Ok(PackedOutcome::Returned(slots)) => Ok(returned(export, &slots)),
                Ok(PackedOutcome::Raised(r)) => {
                    let site = &module.sites[r.site];
                    let message = Some(format_message(&site.message, r.payload));
                    Ok(Answer::Raised { class: site.exception.name().into(), message })
                }
            }
        }
    };
    let memories = addresses.iter().map(|&a| interp.memory.bytes(a).unwrap_or_default().to_vec()).collect();
    Observed { answer, memories }
}

fn call_native(kernel: &native_host::Kernel, call: &Call) -> Observed {
    // Words, so that the memory is aligned as an allocator's would be.
    let mut words: Vec<Vec<u64>> = call.memories.iter().map(|m| vec![0; m.bytes.len().div_ceil(8)]).collect();
    for (words, memory) in words.iter_mut().zip(&call.memories) {
        for (word, bytes) in words.iter_mut().zip(memory.bytes.chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(whole);
        }
    }
    let addresses: Vec<u64> = words.iter_mut().map(|w| w.as_mut_ptr() as u64).collect();
    let found = kernel.artifact().export(&call.kernel).and_then(|e| Some((e, kernel.packed(e)?)));
    let answer = match found {
        None => Err(format!("there is no kernel {}", call.kernel)),
        Some((export, entry)) => {
            let mut slots = slots(call, export, &addresses);
            // SAFETY: `entry` is this kernel's, the slots suffice for arguments and results, and the reference has run
            // the same call and stayed inside the memories.
            match unsafe { kernel.call(entry, &mut slots) } {
                Ok(()) => Ok(returned(export, &slots)),
                Err(raised) => match raised.describe(kernel.artifact()) {
                    Some((site, message)) => {
                        Ok(Answer::Raised { class: site.exception.name().into(), message: Some(message) })
                    }
                    None => Err(format!("it raised at unknown site {}", raised.site)),
                },
            }
        }
    };
    let bytes = |(words, memory): (&Vec<u64>, &crate::reference::Memory)| {
        words.iter().flat_map(|w| w.to_ne_bytes()).take(memory.bytes.len()).collect()
    };
    Observed { answer, memories: words.iter().zip(&call.memories).map(bytes).collect() }
}

fn call_wasm(kernel: &wasm_host::Kernel, call: &Call) -> Observed {
    let failed = |why: String| Observed { answer: Err(why), memories: vec![] };
    let mut regions = Vec::new();
    for memory in &call.memories {
        match kernel.arena().alloc(memory.bytes.len().max(1)) {
            Ok(region) => regions.push(region),
            Err(e) => return failed(e.to_string()),
        }
    }
    for (region, memory) in regions.iter().zip(&call.memories) {
        // SAFETY: the region is ours alone and at least as long as the memory's bytes.
        unsafe { std::ptr::copy_nonoverlapping(memory.bytes.as_ptr(), region.host(), memory.bytes.len()) };
    }
    let addresses: Vec<u64> = regions.iter().map(|r| r.guest() as u64).collect();
    let (Some(export), Ok(index)) = (kernel.artifact().export(&call.kernel), kernel.find(&call.kernel)) else {
        return failed(format!("there is no kernel {}", call.kernel));
    };
    let mut slots = slots(call, export, &addresses);
    let answer = match kernel.call_packed(index, &mut slots) {
        Ok(()) => Ok(returned(export, &slots)),
        Err(wasm_host::Failure::Trap(trap)) if trap != wasm_host::Trap::StackOverflow => Err(format!("{trap:?}")),
        Err(failure) => Ok(Answer::Raised {
            class: failure.exception(kernel.artifact()).name().into(),
            message: Some(failure.message(kernel.artifact())),
        }),
    };
    let bytes = |(region, memory): (&wasm_host::Region, &crate::reference::Memory)| {
        // SAFETY: as above, and the guest does not run.
        unsafe { std::slice::from_raw_parts(region.host(), memory.bytes.len()) }.to_vec()
    };
    let memories = regions.iter().zip(&call.memories).map(bytes).collect();
    Observed { answer, memories }
}
