//! Kernels of a program to IR, at Array level if arrays occur, else at Loop level: inference, then lowering.

use super::environment::Program;
use super::infer::Inference;
use super::kernel::{KernelInfo, KernelSpec, Mode, ParamInfo, returnable, storage};
use super::lower::{self, Lowering, MathLibrary};
use super::syntax::ParamKind;
use super::tast::{InstanceId, Ty};
use crate::diag::{Code, Diagnostic, Sink};
use crate::ir;
use crate::options::Options;
use crate::types::{Scalar, Type};

/// What the front-end gives.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// At Array level if it has arrays, else at Loop level.
    pub module: ir::Module,
    /// In the order of the specs.
    pub kernels: Vec<KernelInfo>,
    /// The functions with the types that were inferred, for people.
    pub types: String,
}

/// Compiles kernels of a program, with every function that they call. Faults go to the sink, all at once; there is a
/// module only if there were none.
pub fn compile(
    program: &Program,
    specs: &[KernelSpec],
    options: &Options,
    math: &mut dyn MathLibrary,
    sink: &mut Sink,
) -> Option<Lowered> {
    let mut inference = Inference::new(program);
    let mut found: Vec<Option<(InstanceId, Type)>> = Vec::with_capacity(specs.len());
    let mut sound = true;
    for spec in specs {
        let kernel = spec.check(program, sink).and_then(|types| infer_kernel(&mut inference, spec, types));
        sound &= kernel.is_some();
        found.push(kernel);
    }
    sound &= !inference.diagnostics.iter().any(Diagnostic::is_error);
    std::mem::take(&mut inference.diagnostics).into_iter().for_each(|d| sink.push(d));
    if !sound || sink.has_errors() {
        return None;
    }
    let address = if options.target.address_bits() == 32 { Scalar::U32 } else { Scalar::U64 };
    let mut module = ir::Module::new(ir::module::Level::Loop);
    let mut lowering = Lowering::new(&inference, &options.kernel, address, math);
    specs.iter().for_each(|spec| lowering.reserve_name(&spec.export));
    let mut kernels = Vec::with_capacity(specs.len());
    for (spec, found) in specs.iter().zip(found) {
        let (id, result) = found?;
        let func = lower::kernel(&mut lowering, &mut module, spec, id, &result);
        kernels.push(info(program, spec, func, result));
    }
    lowering.finish(&mut module);
    if has_arrays(&module) {
        module.level = ir::Level::Array;
    }
    let faults = std::mem::take(&mut lowering.faults);
    let failed = !faults.is_empty();
    faults.into_iter().for_each(|d| sink.push(d));
    let types = super::typed_source::listing(&inference);
    (!failed).then_some(Lowered { module, kernels, types })
}

/// Infers a kernel's function; gives the type of its result.
pub(super) fn infer_kernel(
    inference: &mut Inference<'_>,
    spec: &KernelSpec,
    mut types: Vec<Ty>,
) -> Option<(InstanceId, Type)> {
    let program = inference.program;
    let def = &program.functions[spec.function].def;
    let at = spec.span.unwrap_or(def.header);
    let count =
        def.params.list.iter().filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKeywords)).count();
    for position in types.len()..count {
        types.push(inference.default_type(spec.function, position)?);
    }
    let id = inference.instance(spec.function, types, at)?;
    let result = inference.instances[id].result.clone();
    if result.is_vague() {
        return None;
    }
    match &spec.result {
        None => match result.to_type() {
            Some(ty) => Some((id, if spec.mode == Mode::C { ty.settled() } else { ty })),
            None => {
                let message = format!("`{}` returns {result}, which cannot leave a kernel", def.name.text);
                let fault = Diagnostic::error(Code::UnsupportedType, def.header, message);
                inference.diagnostics.push(fault.help("return numbers or tuples of numbers"));
                None
            }
        },
        // A function that always raises gives a result of any type.
        Some(declared) if inference.always_raises(id) => Some((id, declared.clone())),
        Some(declared) => match returnable(&result, declared) {
            Ok(()) => Some((id, declared.clone())),
            Err(help) => {
                let message = format!("`{}` returns {result}, the signature says {declared}", def.name.text);
                let place = inference.first_return(id).unwrap_or(def.header);
                let mut fault = Diagnostic::error(Code::SignatureMismatch, place, message).help(help);
                if let Some(span) = spec.span {
                    fault = fault.also(span, "the signature");
                }
                inference.diagnostics.push(fault);
                None
            }
        },
    }
}

fn info(program: &Program, spec: &KernelSpec, func: ir::FuncId, result: Type) -> KernelInfo {
    let def = &program.functions[spec.function].def;
    let params = spec.params.iter().zip(&def.params.list).map(|(param, p)| ParamInfo {
        name: p.name.text.clone(),
        declared: param.declared.clone(),
        semantic: spec.semantic(&param.declared),
        storage: storage(&param.declared),
    });
    KernelInfo {
        export: spec.export.clone(),
        name: def.name.text.clone(),
        func,
        params: params.collect(),
        result_storage: storage(&result),
        result,
        mode: spec.mode,
    }
}

/// Whole arrays occur.
fn has_arrays(module: &ir::Module) -> bool {
    module.functions.iter().any(|(_, f)| f.values.iter().any(|(_, v)| matches!(v.ty, ir::Type::Array(_))))
}
