//! How hosts see a kernel: what the front-end found, as an entry of the artifact's table.
//!
//! The one place where a kernel's types become parameters of calls, and where the names of capsules are decided.

mod writes;

use crate::abi;
use crate::artifact::{CEntry, CType, Export, Param, ParamType, ResultType};
use crate::diag::{Code, Diagnostic, Severity};
use crate::front::environment::Global;
use crate::front::kernel::ParamInfo;
use crate::front::signature::scipy::{self, CALLBACKS, CallbackParam, KernelResult};
use crate::front::signature::{DataModel, Signature};
use crate::front::tast::Literal;
use crate::front::{KernelInfo, Mode, Program};
use crate::ir::{FuncId, Module};
use crate::request::Input;
use crate::request::select::Wanted;
use crate::types::{ArrayType, Kind, Pointee, PtrType, Scalar, Type};
use writes::Writes;

/// The table's entry for a kernel, with a warning if SciPy will not take what looks like a callback of its. `symbol` is
/// the kernel's name in symbols, which no other has.
pub fn export(
    input: &Input,
    module: &Module,
    info: &KernelInfo,
    wanted: &Wanted,
    symbol: &str,
) -> Result<(Export, Option<Diagnostic>), Box<Diagnostic>> {
    let def = &input.program.functions[wanted.function].def;
    let mut params = Vec::with_capacity(info.params.len());
    // The kernel's own parameter, which None has none of.
    let mut position = 0;
    for (i, param) in info.params.iter().enumerate() {
        let ty = param_type(module, info.func, position, param).ok_or_else(|| {
            let message = format!("`{}` is {}, which a kernel cannot take", param.name, param.declared);
            let fault = Diagnostic::error(Code::UnsupportedType, wanted.signature.span, message);
            Box::new(fault.help("take numbers and pointers"))
        })?;
        position += param.storage.len();
        params.push(Param { name: param.name.clone(), ty, default: default(&input.program, wanted, i, ty) });
    }
    let result = result_type(&info.result, info.mode).ok_or_else(|| {
        let message = format!("`{}` returns {}, which cannot leave a kernel", info.name, info.result);
        let fault = Diagnostic::error(Code::UnsupportedType, def.header, message);
        Box::new(fault.help("return numbers or tuples of numbers"))
    })?;
    let (c, warning) = match info.mode {
        Mode::Jit => (None, None),
        Mode::C => {
            let (entry, warning) = c_entry(input, info, wanted, symbol)?;
            (Some(entry), warning)
        }
    };
    let doc = def.docstring().map(clean_doc);
    let packed = abi::packed_symbol(symbol);
    Ok((Export { name: info.name.clone(), packed, params, result, c, doc }, warning))
}

fn param_type(module: &Module, func: FuncId, position: usize, param: &ParamInfo) -> Option<ParamType> {
    match &param.declared {
        Type::Ptr(ptr) => {
            let writable = ptr.writable && Writes::default().param(module, func, position);
            Some(ParamType::Pointer { element: element(ptr), writable })
        }
        Type::None => Some(ParamType::None),
        Type::Array(array) => {
            let writable = array.writable && Writes::default().param(module, func, position);
            Some(ParamType::Array(ArrayType { writable, ..*array }))
        }
        ty => ty.scalar().map(ParamType::Scalar),
    }
}

/// What a pointer points to, as far as hosts check it.
fn element(ptr: &PtrType) -> Option<Scalar> {
    match ptr.pointee {
        Pointee::Scalar(scalar) => Some(scalar),
        Pointee::Void | Pointee::Ptr(_) => None,
    }
}

fn result_type(ty: &Type, mode: Mode) -> Option<ResultType> {
    Some(match ty {
        Type::None => ResultType::None,
        Type::Tuple(items) => {
            ResultType::Tuple(items.iter().map(|item| result_type(item, mode)).collect::<Option<_>>()?)
        }
        Type::Array(array) => ResultType::Array(*array),
        // What C gives, ctypes makes Python's.
        Type::Np(scalar) => ResultType::Scalar { scalar: *scalar, numpy: mode == Mode::Jit },
        Type::Either { python, numpy } => ResultType::Either { python: *python, numpy: *numpy },
        ty => ResultType::Scalar { scalar: ty.scalar()?, numpy: false },
    })
}

/// The slot of a parameter's default, where a slot can hold it.
fn default(program: &Program, wanted: &Wanted, position: usize, ty: ParamType) -> Option<u64> {
    let def = &program.functions[wanted.function].def;
    let ParamType::Scalar(scalar) = ty else { return None };
    let Global::Literal(literal) = program.default_value(wanted.function, def.params.list.get(position)?)? else {
        return None;
    };
    match (scalar.kind(), &literal) {
        (Kind::Bool, Literal::Bool(flag)) => Some(u64::from(*flag)),
        (Kind::Signed | Kind::Unsigned, literal) => {
            let (low, high) = scalar.int_range()?;
            let value = literal.as_int().filter(|value| (low..=high).contains(value))?;
            Some(abi::to_slot(scalar, value as u64))
        }
        (Kind::Float, Literal::Float(value)) => Some(float_slot(scalar, *value)),
        (Kind::Float, literal) => {
            // Only what a float holds exactly.
            let value = literal.as_int().filter(|value| value.unsigned_abs() <= 1 << 24)?;
            Some(float_slot(scalar, value as f64))
        }
        (Kind::Bool, _) => None,
    }
}

fn float_slot(scalar: Scalar, value: f64) -> u64 {
    if scalar == Scalar::F32 { u64::from((value as f32).to_bits()) } else { value.to_bits() }
}

fn c_entry(
    input: &Input,
    info: &KernelInfo,
    wanted: &Wanted,
    symbol: &str,
) -> Result<(CEntry, Option<Diagnostic>), Box<Diagnostic>> {
    if let Some(param) = info.params.iter().find(|p| c_type(&p.declared).flatten().is_none()) {
        let message = format!("`{}` is {}, which no C function takes", param.name, param.declared);
        let fault = Diagnostic::error(Code::CType, wanted.signature.span, message);
        return Err(Box::new(fault.help("take a pointer, and make an array of it: `carray(p, n)`")));
    }
    let declared = Signature { result: Some(info.result.clone()), ..wanted.signature.clone() };
    let (Some(signature), Some(result)) = (declared.to_c(), c_type(&info.result)) else {
        let def = &input.program.functions[wanted.function].def;
        let message = format!("`{}` returns {}, which no C function can", info.name, info.result);
        let fault = Diagnostic::error(Code::CType, def.header, message);
        return Err(Box::new(fault.help("return one number, or store the others through a pointer")));
    };
    let matched = |result| scipy::scipy_match(&wanted.signature, result, input.model);
    let mut warning = None;
    let capsule = match matched(KernelResult::Inferred(&info.result)) {
        Ok(found) => found.capsule_name().to_owned(),
        Err(mut fault) if wanted.capsule => {
            // The parameters of ndimage's callbacks are no accident: this one forgets to return its status.
            let lacks_status = matched(KernelResult::Unknown).is_ok_and(|found| found.callback.returns_status);
            match slip(&wanted.signature, input.model) {
                _ if lacks_status => return Err(fault),
                Some(Slip::Pointee) => return Err(fault),
                Some(Slip::Integer) => {
                    fault.severity = Severity::Warning;
                    warning = Some(*fault);
                }
                None => {}
            }
            // Pythran names a capsule by its C signature too, whoever may want it.
            signature.clone()
        }
        Err(_) => signature.clone(),
    };
    let params = info.params.iter().map(|p| c_type(&p.declared).flatten()).collect::<Option<Vec<_>>>();
    let params = params.unwrap_or_default();
    Ok((CEntry { symbol: abi::c_symbol(symbol), params, result, signature, capsule: Some(capsule) }, warning))
}

/// The outer `None` for what C has no form for, the inner for `void`.
fn c_type(ty: &Type) -> Option<Option<CType>> {
    match ty {
        Type::None => Some(None),
        Type::Ptr(ptr) => Some(Some(CType::Pointer(element(ptr)))),
        ty => ty.scalar().map(|scalar| Some(CType::Scalar(scalar))),
    }
}

/// How a signature misses one of SciPy's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Slip {
    /// An integer of another width, which may well be meant.
    Integer,
    /// `float32*` where SciPy passes doubles: garbage.
    Pointee,
}

/// Whether a signature is one of SciPy's but for the width of numbers.
fn slip(signature: &Signature, model: DataModel) -> Option<Slip> {
    let of = |param: &CallbackParam, ty: &Type| -> Option<Option<Slip>> {
        let same_kind = |a: Scalar, b: Scalar| a.is_float() == b.is_float();
        match (param, param.ty(model), ty) {
            (CallbackParam::UserData, _, Type::Ptr(_)) => Some(None),
            (_, Type::Ptr(a), Type::Ptr(b)) => match (element(&a), element(b)) {
                (Some(a), Some(b)) if a == b => Some(None),
                (Some(a), Some(b)) if same_kind(a, b) => Some(Some(Slip::Pointee)),
                _ => None,
            },
            (_, a, b) => match (a.scalar(), b.scalar()) {
                (Some(a), Some(b)) if a == b => Some(None),
                (Some(a), Some(b)) if a.is_int() && b.is_int() => Some(Some(Slip::Integer)),
                _ => None,
            },
        }
    };
    let worst = |callback: &scipy::Callback| -> Option<Slip> {
        // Of numbers alone there are too many innocent signatures.
        let has_pointers = callback.params.iter().any(|p| matches!(p.ty(model), Type::Ptr(_)));
        if !has_pointers || callback.params.len() != signature.params.len() {
            return None;
        }
        let pairs = callback.params.iter().zip(signature.param_types());
        let slips: Option<Vec<Option<Slip>>> = pairs.map(|(param, ty)| of(param, ty)).collect();
        slips?.into_iter().flatten().max()
    };
    CALLBACKS.iter().filter_map(worst).max()
}

/// A docstring as `inspect.cleandoc` gives it: without the indentation of the source.
fn clean_doc(doc: &str) -> String {
    let mut lines: Vec<&str> = doc.lines().collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    for (i, line) in lines.iter_mut().enumerate() {
        *line = if i == 0 { line.trim_start() } else { line.get(common..).unwrap_or("") }.trim_end();
    }
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(first, |i| i + 1);
    lines[first..last].join("\n")
}
