//! Source text to a program that judges run, through the front-end. The one file that knows how.

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Export, Param, ParamType, ResultType};
use gelcap_compiler::diag::render::{RenderOptions, render_all};
use gelcap_compiler::diag::{Sink, SourceFile, SourceMap};
use gelcap_compiler::front::{self, KernelSpec, MathLibrary, Mode, ParamInfo, Parsed, Program as Sources};
use gelcap_compiler::ir::{FuncId, Module};
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::entries::{self, ExportSpec};
use gelcap_compiler::types::{Pointee, Type};
use gelcap_compiler::{ir::verify, mathlib};

use crate::judges::Program;

/// The checked-in elementary functions.
struct Library;

impl MathLibrary for Library {
    fn function(&mut self, module: &mut Module, name: &str) -> Option<FuncId> {
        mathlib::function(module, name)
    }
}

/// The kernels that a text exports, with their parameters in Python spelling as the kernel sees them: C's scalars are
/// Python's.
pub fn signatures(name: &str, source: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let (parsed, ..) = parse(name, source)?;
    let spelled = |capsule: bool, ty: &Type| if capsule { ty.as_python().to_string() } else { ty.to_string() };
    parsed
        .exports
        .iter()
        .map(|e| match &e.signatures[..] {
            [one] => Ok((e.name.text.clone(), one.param_types().map(|t| spelled(e.capsule, t)).collect())),
            _ => Err(format!("{name}: {} is exported with {} signatures", e.name.text, e.signatures.len())),
        })
        .collect()
}

fn parse(name: &str, source: &str) -> Result<(Parsed, SourceMap), String> {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new(name, source));
    let mut sink = Sink::new();
    let parsed = front::parse(&sources, file, &mut sink);
    let failed = sink.has_errors();
    if failed { Err(rendered(sink, &sources)) } else { Ok((parsed, sources)) }
}

fn rendered(sink: Sink, sources: &SourceMap) -> String {
    render_all(&sink.finish(), sources, RenderOptions::default())
}

/// Compiles the exported kernels to verified IR with packed entries; the rendered errors if that fails.
pub fn compile(name: &str, source: &str, options: &Options) -> Result<Program, String> {
    let (parsed, sources) = parse(name, source)?;
    let exports = parsed.exports;
    let mut program = Sources::default();
    program.add_module("kernels", parsed.module);
    let mut specs = Vec::new();
    for export in &exports {
        let found = program.functions.iter().find(|(_, f)| f.def.name.text == export.name.text);
        let Some((function, _)) = found else { return Err(format!("{name}: no def of {}", export.name.text)) };
        let mode = if export.capsule { Mode::C } else { Mode::Jit };
        specs
            .extend(export.signatures.iter().map(|s| KernelSpec::from_signature(function, &export.name.text, s, mode)));
    }
    let mut sink = Sink::new();
    let Some(lowered) = front::compile(&program, &specs, options, &mut Library, &mut sink) else {
        return Err(rendered(sink, &sources));
    };
    let mut module = lowered.module;
    verify::verify(&module).map_err(|f| format!("the front-end made wrong IR:\n{}", f.render(&module)))?;
    let mut described = Vec::new();
    let mut entry_specs = Vec::new();
    for kernel in &lowered.kernels {
        let param = |p: &ParamInfo| Ok(Param { name: p.name.clone(), ty: param_type(&p.declared)?, default: None });
        described.push(Export {
            name: kernel.export.clone(),
            packed: abi::packed_symbol(&kernel.export),
            params: kernel.params.iter().map(param).collect::<Result<_, String>>()?,
            result: result_type(&kernel.result)?,
            c: None,
            doc: None,
        });
        entry_specs.push(ExportSpec { kernel: kernel.func, name: kernel.export.clone(), c_entry: false });
    }
    entries::add(&mut module, &entry_specs)?;
    Ok(Program { name: name.into(), module, exports: described })
}

fn param_type(ty: &Type) -> Result<ParamType, String> {
    match ty {
        Type::Ptr(p) => {
            let element = match &p.pointee {
                Pointee::Scalar(s) => Some(*s),
                Pointee::Void | Pointee::Ptr(_) => None,
            };
            Ok(ParamType::Pointer { element, writable: p.writable })
        }
        other => other.scalar().map(ParamType::Scalar).ok_or_else(|| format!("no parameter can be {other}")),
    }
}

fn result_type(ty: &Type) -> Result<ResultType, String> {
    match ty {
        Type::None => Ok(ResultType::None),
        Type::Tuple(items) => Ok(ResultType::Tuple(items.iter().map(result_type).collect::<Result<_, _>>()?)),
        other => match other.scalar() {
            Some(scalar) => Ok(ResultType::Scalar { scalar, numpy: !other.is_python_scalar() }),
            None => Err(format!("no result can be {other}")),
        },
    }
}
