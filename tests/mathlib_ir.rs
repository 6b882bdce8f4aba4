//! The checked-in IR of the elementary functions is what their sources compile to. `make bless` rebuilds it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gelcap_compiler::back::{CpuLevel, Target};
use gelcap_compiler::diag::{Sink, SourceFile, SourceMap, render};
use gelcap_compiler::front::{self, KernelSpec, MathLibrary, Program};
use gelcap_compiler::ir::effects::effects;
use gelcap_compiler::ir::{FuncId, Linkage, Module, Op, print};
use gelcap_compiler::mathlib::{self, PREFIX};
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::{self, Quiet};
use gelcap_compiler::types::{Scalar, Type};

/// The sources use nothing but the language: no function comes from the library being built.
struct NoLibrary;

impl MathLibrary for NoLibrary {
    fn function(&mut self, _: &mut Module, _: &str) -> Option<FuncId> {
        None
    }
}

/// What tidies a function once for all its users; none of it depends on a target. Checks of table indices go when it is
/// known what the caller passes, so ranges are asked again after inlining has been tidied up.
const PASSES: &[&str] = &[
    "inline", "prune", "fold", "simplify", "cse", "ranges", "fold", "simplify", "select", "cse", "dce", "ranges",
    "fold", "simplify", "cse", "dce", "prune",
];

/// How functions are called that do what fast paths leave out.
const RARE: &str = "_rare";

fn compile(name: &str, file: &str) -> String {
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let mut program = Program::new();
    let mut environment = None;
    for (module, text) in mathlib::SOURCES {
        let id = sources.add(SourceFile::new(format!("{module}.py"), *text));
        let parsed = front::parse(&sources, id, &mut sink);
        let added = program.add_module(module, parsed.module);
        if *module == file {
            environment = Some(added);
        }
    }
    let environment = environment.unwrap_or_else(|| panic!("there is no source {file}.py"));
    let function = program.function(environment, name).unwrap_or_else(|| panic!("{file}.py does not define {name}"));
    let count = program.functions[function].def.params.list.len();
    let spec = KernelSpec::from_types(function, name, &vec![Type::Np(operand(name)); count]);
    let options = Options::new(Target::x86_64(CpuLevel::V2));
    let lowered = front::compile(&program, &[spec], &options, &mut NoLibrary, &mut sink);
    let Some(lowered) = lowered else {
        panic!("{name}:\n{}", render::render_all(&sink.finish(), &sources, render::RenderOptions::default()));
    };
    let mut module = lowered.module;
    strip(&mut module);
    let target = Target::x86_64(CpuLevel::V2);
    passes::run_named(&mut module, &target, PASSES, &mut Quiet).unwrap_or_else(|e| panic!("{name}: {e}"));
    strip(&mut module);
    module.compact();
    for (_, f) in module.functions.iter() {
        let raises = f
            .all_insts()
            .into_iter()
            .any(|i| effects(&f.insts[i].op, module.level).raises && !matches!(f.insts[i].op, Op::Call(_)));
        assert!(!raises, "{} may raise:\n{}", f.name, print::module(&module, print::Options { locs: false }));
    }
    print::module(&module, print::Options { locs: false })
}

/// The type of a function's parameters: float64 for all but a few.
fn operand(name: &str) -> Scalar {
    match name {
        "floor_divide_f32" | "floor_mod_f32" => Scalar::F32,
        "int_true_divide" | "mod_inverse" | "pow_mod" | "power_of_ten" | "round_step" => Scalar::I64,
        _ => Scalar::F64,
    }
}

/// Leaves what users link: functions under the library's names, without source locations.
fn strip(module: &mut Module) {
    for (_, f) in module.functions.iter_mut() {
        f.inst_locs = Default::default();
        if !f.name.starts_with(PREFIX) {
            f.name = format!("{PREFIX}{}", f.name);
        }
        f.cold = f.name.ends_with(RARE);
    }
    for (_, table) in module.data.iter_mut() {
        if !table.name.starts_with(PREFIX) {
            table.name = format!("{PREFIX}{}", table.name);
        }
    }
    let names: BTreeSet<&str> = module.functions.iter().map(|(_, f)| f.name.as_str()).collect();
    assert_eq!(names.len(), module.functions.len());
    let exported = module.functions.iter().filter(|(_, f)| f.linkage == Linkage::Export).count();
    assert_eq!(exported, 1);
}

#[test]
fn the_checked_in_ir_is_what_the_sources_compile_to() {
    let bless = std::env::var_os("GELCAP_BLESS").is_some();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/mathlib/ir");
    let mut stale = Vec::new();
    for (name, file) in mathlib::FUNCTIONS {
        let text = compile(name, file);
        if bless {
            std::fs::write(folder.join(format!("{name}.ir")), text).unwrap();
        } else if mathlib::checked_in(name) != Some(text.as_str()) {
            stale.push(*name);
        }
    }
    assert!(stale.is_empty(), "run `make bless`: the IR of {} is not what the source says", stale.join(", "));
}
