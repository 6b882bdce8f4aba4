//! The functions of `tests/ir`, through the passes and the wasm back-end at every optimisation level: what they return or
//! raise is what the interpreter returns or raises on the IR before any pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gelcap_compiler::abi::packed_symbol;
use gelcap_compiler::artifact::{Export, Param, ParamType, ResultType};
use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::diag::SourceMap;
use gelcap_compiler::ir::interp::{Config, Interp, PackedOutcome};
use gelcap_compiler::ir::{Entry, Function, Level, Linkage, Module, Op, Type, text};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::passes::entries::{self, ExportSpec};
use gelcap_compiler::passes::{self, Quiet};
use gelcap_compiler::pipeline::{self, Unit};
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::{Arena, Failure, Kernel, Trap};

/// What both may allocate; the buffers that the corpus makes are far from it on either side.
const MEMORY: usize = 16 << 20;

/// Calls per function.
const CALLS: u64 = 60;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            // What the verifier must refuse.
            if !path.ends_with("verify") {
                files(&path, found);
            }
        } else if path.extension().is_some_and(|e| e == "ir") {
            found.push(path);
        }
    }
}

/// Enters and leaves by slots alone, has no entry of its own yet, and shows nothing of addresses (narrower in wasm than in
/// the interpreter) or of stack slots (which hold anything at first, and are found here by any index).
fn is_callable(module: &Module, f: &Function) -> bool {
    let scalar = |t: &Type| matches!(t, Type::Scalar(_));
    let shows = |op: &Op| matches!(op, Op::PtrToInt | Op::IntToPtr | Op::StackSlot(_));
    f.linkage == Linkage::Export
        && f.entry == Entry::Kernel
        && module.function_named(&packed_symbol(&f.name)).is_none()
        && f.types(f.params()).iter().all(scalar)
        && f.results.iter().all(scalar)
        && !f.insts.iter().any(|(_, i)| shows(&i.op))
}

fn kernels(module: &Module) -> Vec<pipeline::Kernel> {
    let mut all = Vec::new();
    for (func, f) in module.functions.iter().filter(|(_, f)| is_callable(module, f)) {
        let scalar = |t: Type| t.as_scalar().unwrap_or(Scalar::I64);
        let param = |t| Param { name: String::new(), ty: ParamType::Scalar(scalar(t)), default: None };
        let result = |t: &Type| ResultType::Scalar { scalar: scalar(*t), numpy: true };
        let export = Export {
            name: f.name.clone(),
            packed: packed_symbol(&f.name),
            params: f.types(f.params()).into_iter().map(param).collect(),
            result: ResultType::Tuple(f.results.iter().map(result).collect()),
            c: None,
            doc: None,
        };
        all.push(pipeline::Kernel { func, export });
    }
    all
}

/// A slot for a parameter: numbers on which arithmetic has its edges, and small ones, which loops can count.
fn slot(scalar: Scalar, seed: u64) -> u64 {
    const INTEGERS: [i64; 12] = [0, 1, 2, 3, 5, 8, -1, -2, -7, i64::MAX, i64::MIN, 1 << 31];
    const FLOATS: [f64; 10] = [0.0, -0.0, 1.0, -1.5, 2.5, 1e18, -1e300, f64::INFINITY, f64::NAN, 1e-310];
    let pick = (seed ^ seed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33;
    let bits = match scalar {
        Scalar::F64 => FLOATS[pick as usize % FLOATS.len()].to_bits(),
        Scalar::F32 => u64::from((FLOATS[pick as usize % FLOATS.len()] as f32).to_bits()),
        _ => INTEGERS[pick as usize % INTEGERS.len()] as u64,
    };
    gelcap_compiler::abi::to_slot(scalar, bits)
}

fn is_nan(scalar: Scalar, bits: u64) -> bool {
    match scalar {
        Scalar::F64 => f64::from_bits(bits).is_nan(),
        Scalar::F32 => f32::from_bits(bits as u32).is_nan(),
        _ => false,
    }
}

fn check(path: &Path, module: &Module, kernels: &[pipeline::Kernel], opt: OptLevel) -> u64 {
    let options = Options { opt_level: opt, ..Options::new(Target::wasm(WasmFlavour::ImportedMemory)) };
    let unit = Unit { name: "corpus".to_string(), module: module.clone(), kernels: kernels.to_vec() };
    let artifact = pipeline::compile(unit, &SourceMap::default(), &options, &mut Quiet);
    let artifact = artifact.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let arena = Arena::new(MEMORY).expect("an arena");
    let kernel = Kernel::load_in(Arc::new(artifact), arena).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let specs: Vec<ExportSpec> =
        kernels.iter().map(|k| ExportSpec { kernel: k.func, name: k.export.name.clone(), c_entry: false }).collect();
    let mut reference = module.clone();
    entries::add(&mut reference, &specs).expect("entries");
    // One lane, as lowering chooses.
    let config = Config { lanes: 1, max_steps: 20_000, max_depth: 500, max_memory: MEMORY as u64, ..Config::default() };
    let mut calls = 0;
    for (index, k) in kernels.iter().enumerate() {
        let results: Vec<Scalar> = match &k.export.result {
            ResultType::Tuple(items) => items
                .iter()
                .map(|i| if let ResultType::Scalar { scalar, .. } = i { *scalar } else { Scalar::I64 })
                .collect(),
            ResultType::None | ResultType::Scalar { .. } | ResultType::Either { .. } | ResultType::Array(_) => {
                Vec::new()
            }
        };
        for call in 0..CALLS {
            let seed = |i: usize| {
                call.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (i as u64 + 1).wrapping_mul(0x94d0_49bb_1331_11eb)
            };
            let slots: Vec<u64> = k
                .export
                .params
                .iter()
                .enumerate()
                .map(|(i, p)| match p.ty {
                    ParamType::Scalar(s) => slot(s, seed(i)),
                    ParamType::Pointer { .. } | ParamType::Array(_) | ParamType::None => 0,
                })
                .collect();
            // A run that does not end, or divides as no correct program does, shows nothing.
            let Ok(want) = Interp::new(&reference, config.clone()).call_packed(&k.export.name, &slots, results.len())
            else {
                continue;
            };
            let mut got = slots.clone();
            got.resize(slots.len().max(results.len()), 0);
            let outcome = kernel.call_packed(index, &mut got);
            let what = || {
                format!("{} @{}{slots:?} at {opt:?}: {outcome:?} {got:?}, not {want:?}", path.display(), k.export.name)
            };
            match (&outcome, &want) {
                (Ok(()), PackedOutcome::Returned(want)) => {
                    for ((s, g), w) in results.iter().zip(&got).zip(want) {
                        assert!(g == w || (is_nan(*s, *g) && is_nan(*s, *w)), "{}", what());
                    }
                }
                (Err(Failure::Raised { site, payload }), PackedOutcome::Raised(raised)) => {
                    // Inlining makes copies of sites, which say the same.
                    let (site, meant) = (&kernel.artifact().sites[*site as usize], &reference.sites[raised.site]);
                    assert_eq!((site.exception, &site.template), (meant.exception, &meant.message), "{}", what());
                    assert_eq!(*payload, raised.payload, "{}", what());
                }
                // The interpreter's limit on depth is another.
                (Err(Failure::Trap(Trap::StackOverflow)), PackedOutcome::Raised(_)) => {}
                _ => panic!("{}", what()),
            }
            assert_eq!(kernel.live_buffers(), 0, "{} @{}", path.display(), k.export.name);
            calls += 1;
        }
    }
    calls
}

#[test]
fn the_corpus_gives_what_the_interpreter_gives() {
    // The interpreter recurses with its program.
    let roomy = std::thread::Builder::new().stack_size(64 << 20).spawn(check_all).expect("a thread");
    if let Err(panic) = roomy.join() {
        std::panic::resume_unwind(panic);
    }
}

fn check_all() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ir"), &mut paths);
    let mut calls = 0;
    for path in &paths {
        let source = fs::read_to_string(path).expect("a file");
        let module = text::parse(&source).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        if module.level != Level::Loop {
            continue;
        }
        let kernels = kernels(&module);
        // Whole files are left out only where the passes say that they cannot lower them yet.
        let lowered =
            passes::run(&mut module.clone(), &Target::wasm(WasmFlavour::ImportedMemory), OptLevel::O0, &mut Quiet);
        if let Err(fault) = lowered {
            assert!(fault.message.contains("yet") || fault.message.contains("buffer"), "{}: {fault:?}", path.display());
            continue;
        }
        for opt in OptLevel::ALL {
            calls += check(path, &module, &kernels, opt);
        }
    }
    assert!(calls > 3000, "only {calls} calls");
}
