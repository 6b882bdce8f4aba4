//! What to compile: a function, the types and storage of its parameters and result, and its name outside.

use std::collections::BTreeMap;

use super::environment::{FunctionId, Program};
use super::signature::Signature;
use super::syntax::ParamKind;
use super::tast::Ty;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::ir;
use crate::types::{Layout, Pointee, PtrType, Scalar, Type};

/// How a kernel is called, which says what its scalars are inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// By C: scalars are Python's inside, as ctypes delivers them, and are range-checked when they leave.
    C,
    /// By Python: scalars are what the types say, Python's or NumPy's.
    Jit,
}

/// How many elements a pointer points to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    Const(i64),
    /// The value of the integer parameter at that position.
    Param(usize),
}

/// A parameter of a kernel.
#[derive(Clone, PartialEq, Debug)]
pub struct ParamSpec {
    /// As declared, which is how it is stored.
    pub declared: Type,
    pub extent: Option<Extent>,
}

/// A kernel to compile.
#[derive(Clone, PartialEq, Debug)]
pub struct KernelSpec {
    pub function: FunctionId,
    /// The name outside.
    pub export: String,
    pub params: Vec<ParamSpec>,
    /// As declared; `None` to take what the function returns.
    pub result: Option<Type>,
    pub mode: Mode,
    /// Where the signature stands, for faults about it; `None` says them at the `def`.
    pub span: Option<Span>,
}

/// A kernel that was compiled.
#[derive(Clone, PartialEq, Debug)]
pub struct KernelInfo {
    pub export: String,
    /// The name of the function in the source.
    pub name: String,
    pub func: ir::FuncId,
    pub params: Vec<ParamInfo>,
    /// The result as Python sees it.
    pub result: Type,
    /// The result as it is stored: none, one, or one for each item of a tuple.
    pub result_storage: Vec<ir::Type>,
    pub mode: Mode,
}

/// A parameter of a kernel that was compiled.
#[derive(Clone, PartialEq, Debug)]
pub struct ParamInfo {
    pub name: String,
    pub declared: Type,
    /// What the kernel sees.
    pub semantic: Type,
    pub storage: Vec<ir::Type>,
}

impl KernelSpec {
    /// A kernel as a signature declares it.
    pub fn from_signature(function: FunctionId, export: &str, signature: &Signature, mode: Mode) -> KernelSpec {
        KernelSpec {
            function,
            export: export.to_owned(),
            params: signature.params.iter().map(|p| ParamSpec { declared: p.ty.clone(), extent: None }).collect(),
            result: signature.result.clone(),
            mode,
            span: None,
        }
    }

    /// A kernel for argument types, whose result is what the function returns.
    pub fn from_types(function: FunctionId, export: &str, types: &[Type]) -> KernelSpec {
        KernelSpec {
            function,
            export: export.to_owned(),
            params: types.iter().map(|ty| ParamSpec { declared: ty.clone(), extent: None }).collect(),
            result: None,
            mode: Mode::Jit,
            span: None,
        }
    }

    /// What the kernel sees of a declared type.
    pub fn semantic(&self, declared: &Type) -> Type {
        match self.mode {
            Mode::C => declared.as_python(),
            Mode::Jit => declared.clone(),
        }
    }

    /// Checks the spec against the function's parameters; gives the types that it has inside.
    pub(super) fn check(&self, program: &Program, sink: &mut Sink) -> Option<Vec<Ty>> {
        let item = program.functions.get(self.function)?;
        let def = &item.def;
        let at = self.span.unwrap_or(def.header);
        let name = &def.name.text;
        let params: Vec<_> =
            def.params.list.iter().filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKeywords)).collect();
        let has_default = |i: usize| params[i].default.is_some() || item.defaults.contains_key(&params[i].name.text);
        let missing = (self.params.len()..params.len()).find(|&i| !has_default(i));
        if self.params.len() > params.len() || missing.is_some() {
            let message =
                format!("the signature has {}, `{name}` takes {}", count(self.params.len(), "parameter"), params.len());
            let fault = Diagnostic::error(Code::SignatureMismatch, at, message);
            sink.push(match missing {
                Some(i) => fault
                    .also(params[i].span, "this one has no type")
                    .help("a signature has a type for every parameter, pointers included"),
                None => fault.also(def.header, "the function"),
            });
            return None;
        }
        let mut types = Vec::with_capacity(params.len());
        for (i, param) in self.params.iter().enumerate() {
            match Ty::of(&self.semantic(&param.declared)) {
                Some(Ty::Ptr { ptr, .. }) => types.push(Ty::Ptr { ptr, bounded: param.extent.is_some() }),
                Some(ty) => types.push(ty),
                None => {
                    let message =
                        format!("`{}` is {}, which kernels cannot take yet", params[i].name.text, param.declared);
                    let help = "take numbers, arrays or pointers";
                    sink.push(
                        Diagnostic::error(Code::UnsupportedType, at, message).also(params[i].span, "").help(help),
                    );
                    return None;
                }
            }
        }
        Some(types)
    }
}

/// How a value of a declared type is stored.
pub fn storage(ty: &Type) -> Vec<ir::Type> {
    match ty {
        Type::Tuple(items) => items.iter().flat_map(storage).collect(),
        Type::Ptr(_) => vec![ir::Type::Ptr],
        Type::Array(array) => vec![ir::Type::Array((*array).into())],
        Type::None => Vec::new(),
        Type::Either { python, numpy } => vec![ir::Type::BOOL, either_word(*python, *numpy).into()],
        other => other.scalar().map(ir::Type::Scalar).into_iter().collect(),
    }
}

/// The scalar that holds a Python scalar or a NumPy one as it would stand in a slot alone: bits, where the two differ.
pub(super) fn either_word(python: Scalar, numpy: Scalar) -> Scalar {
    match (python.is_float(), numpy) {
        (true, Scalar::F64) => Scalar::F64,
        (_, Scalar::F32) | (false, Scalar::F64) => Scalar::U64,
        _ => python,
    }
}

/// Whether a value of a type may be returned where another type is declared.
pub(super) fn returnable(ty: &Ty, declared: &Type) -> Result<(), &'static str> {
    match (ty, declared) {
        (Ty::Error | Ty::Unknown, _) | (Ty::None, Type::None) => Ok(()),
        (_, Type::None) => Err("the signature says that nothing is returned: leave out the value, or declare its type"),
        (Ty::None, _) => Err("end every path with a `return` of a value"),
        (Ty::Ptr { ptr, .. }, Type::Ptr(to)) if same_pointee(ptr, to) => Ok(()),
        (Ty::Array(array), Type::Array(to)) => match array {
            _ if array.dtype != to.dtype => Err("convert the array: `a.astype(...)`, or change the signature"),
            _ if array.rank != to.rank => Err("return an array of the declared rank, or change the signature"),
            _ if to.layout != Layout::Strided && to.layout != array.layout => {
                Err("its memory order is not known to be the declared one: declare any strides, as in `float64[:, :]`")
            }
            _ if to.writable && !array.writable => Err("the array is read-only: return a copy, `a.copy()`"),
            _ => Ok(()),
        },
        (Ty::Tuple(items), Type::Tuple(to)) if items.len() == to.len() => {
            items.iter().zip(to).try_for_each(|(item, to)| returnable(item, to))
        }
        (ty, to) if ty.is_number() => match to.scalar() {
            Some(Scalar::Bool) if matches!(ty, Ty::Py(super::tast::Py::Bool) | Ty::Np(Scalar::Bool)) => Ok(()),
            Some(Scalar::Bool) => Err("return a bool: `bool(x)`, or a comparison"),
            Some(s) if s.is_int() && !ty.is_index() && *ty != Ty::Np(Scalar::Bool) => {
                Err("convert it: `int(x)` cuts, `round(x)` rounds")
            }
            Some(_) => Ok(()),
            None => Err("return a value of the declared type, or change the signature"),
        },
        _ => Err("return a value of the declared type, or change the signature"),
    }
}

fn same_pointee(a: &PtrType, b: &PtrType) -> bool {
    a.pointee == b.pointee || matches!(b.pointee, Pointee::Void)
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Names for several kernels of one function, so that each is one of its own: `f`, `f$1`.
pub fn export_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    names
        .map(|name| {
            let n = seen.entry(name).or_insert(0);
            *n += 1;
            if *n == 1 { name.to_owned() } else { format!("{name}${}", *n - 1) }
        })
        .collect()
}
