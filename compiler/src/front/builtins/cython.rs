//! Functions of `cython` in pure-Python notation. They mean what Cython's own module does in plain CPython: a conversion
//! to Python's type of the same kind, or nothing.

use super::{Builtin, CythonFn, PythonFn, Typed, python, refuse};
use crate::base::arena::Arena;
use crate::diag::{Code, Span};
use crate::front::tast::{Expr, ExprKind, Known, Literal, Py, Table, Ty};
use crate::types::{Kind, Scalar};

pub const TABLE: &[(&str, Builtin)] =
    &[("declare", Builtin::Cython(CythonFn::Declare)), ("cast", Builtin::Cython(CythonFn::Cast))];

/// Types `declare(type, value)` and `cast(type, value)`; a type that is no number's has type None here, and says nothing.
pub fn call(f: CythonFn, mut args: Vec<Expr>, span: Span, tables: &Arena<Table>) -> Typed {
    let value = match (args.len(), f) {
        (2, _) => args.swap_remove(1),
        (_, CythonFn::Declare) => return Ok(Expr { kind: ExprKind::Literal(Literal::None), ty: Ty::None, span }),
        (_, CythonFn::Cast) => {
            return refuse(Code::WrongArguments, span, "`cast` takes a type and a value".into(), "write both");
        }
    };
    let function = match &args[0].ty {
        Ty::Known(Known::Dtype(s)) => conversion(*s, &value.ty),
        _ => None,
    };
    match function {
        Some(f) => python::call(f, vec![value], span, tables),
        None => Ok(value),
    }
}

/// The conversion that CPython makes; none where the value is of the kind already.
fn conversion(to: Scalar, from: &Ty) -> Option<PythonFn> {
    match (to.kind(), from) {
        (Kind::Bool, Ty::Py(Py::Bool)) => None,
        (Kind::Bool, _) => Some(PythonFn::Bool),
        (Kind::Signed | Kind::Unsigned, Ty::Py(Py::Bool | Py::Int)) => None,
        (Kind::Signed | Kind::Unsigned, _) => Some(PythonFn::Int),
        // NumPy's float64 is a Python float too.
        (Kind::Float, Ty::Py(Py::Float) | Ty::Np(Scalar::F64)) => None,
        (Kind::Float, _) => Some(PythonFn::Float),
    }
}

/// What to write instead of something of `cython` that plain Python gives no meaning.
pub fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "typeof" => "types are known when the function is compiled: `gelcap inspect --emit types` shows them",
        "sizeof" => "write the number of bytes: `x.itemsize` of an array",
        "address" | "pointer" | "p_int" | "p_double" | "p_float" | "p_char" | "p_void" | "NULL" => {
            "pass an array, and index it"
        }
        "struct" | "union" | "fused_type" | "numeric" | "integral" | "floating" => {
            "leave it out: functions are compiled for the types of each call"
        }
        "cdiv" => "write `int(a / b)`, or `a // b` for Python's floor division",
        "cmod" => "write `math.fmod(a, b)` for floats, or `a % b` for Python's modulo",
        "inline" | "operator" | "cimports" => "write it in plain Python",
        _ => return None,
    })
}
