//! The `math` module: Python floats, Python's errors.

use super::{Builtin, Elementary, MathFn, numbers, refuse};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::environment::fold as constants;
use crate::front::tast::{Expr, Literal, Ty};
use crate::types::Scalar;

const fn elementary(f: Elementary) -> (&'static str, Builtin) {
    (f.name(), Builtin::Math(MathFn::Elementary(f)))
}

pub const TABLE: &[(&str, Builtin)] = &[
    elementary(Elementary::Exp),
    elementary(Elementary::Exp2),
    elementary(Elementary::Expm1),
    ("log", Builtin::Math(MathFn::Log)),
    elementary(Elementary::Log2),
    elementary(Elementary::Log10),
    elementary(Elementary::Log1p),
    elementary(Elementary::Sin),
    elementary(Elementary::Cos),
    elementary(Elementary::Tan),
    elementary(Elementary::Asin),
    elementary(Elementary::Acos),
    elementary(Elementary::Atan),
    elementary(Elementary::Sinh),
    elementary(Elementary::Cosh),
    elementary(Elementary::Tanh),
    elementary(Elementary::Asinh),
    elementary(Elementary::Acosh),
    elementary(Elementary::Atanh),
    elementary(Elementary::Cbrt),
    ("sqrt", Builtin::Math(MathFn::Sqrt)),
    ("floor", Builtin::Math(MathFn::Floor)),
    ("ceil", Builtin::Math(MathFn::Ceil)),
    ("trunc", Builtin::Math(MathFn::Trunc)),
    ("fabs", Builtin::Math(MathFn::Fabs)),
    ("copysign", Builtin::Math(MathFn::Copysign)),
    ("isnan", Builtin::Math(MathFn::IsNan)),
    ("isinf", Builtin::Math(MathFn::IsInf)),
    ("isfinite", Builtin::Math(MathFn::IsFinite)),
    ("fmod", Builtin::Math(MathFn::Fmod)),
    ("pow", Builtin::Math(MathFn::Pow)),
    ("hypot", Builtin::Math(MathFn::Hypot)),
    ("atan2", Builtin::Math(MathFn::Atan2)),
    ("degrees", Builtin::Math(MathFn::Degrees)),
    ("radians", Builtin::Math(MathFn::Radians)),
];

impl MathFn {
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            MathFn::Log => (1, 2),
            MathFn::Copysign | MathFn::Fmod | MathFn::Pow | MathFn::Hypot | MathFn::Atan2 => (2, 2),
            MathFn::Elementary(_)
            | MathFn::Sqrt
            | MathFn::Floor
            | MathFn::Ceil
            | MathFn::Trunc
            | MathFn::Fabs
            | MathFn::IsNan
            | MathFn::IsInf
            | MathFn::IsFinite
            | MathFn::Degrees
            | MathFn::Radians => (1, 1),
        }
    }
}

pub fn result(f: MathFn, args: &[Expr], span: Span) -> Result<Ty, Box<Diagnostic>> {
    numbers(Builtin::Math(f).name(), args)?;
    Ok(match f {
        MathFn::Floor | MathFn::Ceil => Ty::INT,
        // NumPy's scalars but float64 define no `__trunc__`.
        MathFn::Trunc if !matches!(args[0].ty, Ty::Py(_) | Ty::Np(Scalar::F64) | Ty::Either(_, Scalar::F64)) => {
            let message = format!("`math.trunc` does not take {}", args[0].ty);
            return refuse(Code::TypeMismatch, span, message, "write `int(x)`");
        }
        MathFn::Trunc => Ty::INT,
        MathFn::IsNan | MathFn::IsInf | MathFn::IsFinite => Ty::BOOL,
        MathFn::Elementary(_)
        | MathFn::Log
        | MathFn::Sqrt
        | MathFn::Fabs
        | MathFn::Copysign
        | MathFn::Fmod
        | MathFn::Pow
        | MathFn::Hypot
        | MathFn::Atan2
        | MathFn::Degrees
        | MathFn::Radians => Ty::FLOAT,
    })
}

pub fn fold(f: MathFn, args: &[Literal]) -> Option<Literal> {
    let x = constants::as_float(args.first()?)?;
    match f {
        MathFn::Sqrt if x >= 0.0 => Some(Literal::Float(x.sqrt())),
        MathFn::Fabs => Some(Literal::Float(x.abs())),
        _ => None,
    }
}
