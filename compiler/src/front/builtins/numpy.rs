//! Functions of `numpy` on scalars: the dtypes of their results.

use super::{Builtin, Elementary, NumpyFn, elementwise, over_alternatives, refuse};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::infer::{binary_type, promote};
use crate::front::syntax::{BinaryOp, CompareOp};
use crate::front::tast::{Expr, Py, Ty};
use crate::types::Scalar;

macro_rules! table {
    ($($name:literal => $f:expr,)*) => {
        &[$(($name, Builtin::Numpy($f)),)*]
    };
}

pub const TABLE: &[(&str, Builtin)] = table! {
    "exp" => NumpyFn::Elementary(Elementary::Exp),
    "exp2" => NumpyFn::Elementary(Elementary::Exp2),
    "expm1" => NumpyFn::Elementary(Elementary::Expm1),
    "log" => NumpyFn::Elementary(Elementary::Log),
    "log2" => NumpyFn::Elementary(Elementary::Log2),
    "log10" => NumpyFn::Elementary(Elementary::Log10),
    "log1p" => NumpyFn::Elementary(Elementary::Log1p),
    "sin" => NumpyFn::Elementary(Elementary::Sin),
    "cos" => NumpyFn::Elementary(Elementary::Cos),
    "tan" => NumpyFn::Elementary(Elementary::Tan),
    "arcsin" => NumpyFn::Elementary(Elementary::Asin),
    "arccos" => NumpyFn::Elementary(Elementary::Acos),
    "arctan" => NumpyFn::Elementary(Elementary::Atan),
    "asin" => NumpyFn::Elementary(Elementary::Asin),
    "acos" => NumpyFn::Elementary(Elementary::Acos),
    "atan" => NumpyFn::Elementary(Elementary::Atan),
    "sinh" => NumpyFn::Elementary(Elementary::Sinh),
    "cosh" => NumpyFn::Elementary(Elementary::Cosh),
    "tanh" => NumpyFn::Elementary(Elementary::Tanh),
    "arcsinh" => NumpyFn::Elementary(Elementary::Asinh),
    "arccosh" => NumpyFn::Elementary(Elementary::Acosh),
    "arctanh" => NumpyFn::Elementary(Elementary::Atanh),
    "asinh" => NumpyFn::Elementary(Elementary::Asinh),
    "acosh" => NumpyFn::Elementary(Elementary::Acosh),
    "atanh" => NumpyFn::Elementary(Elementary::Atanh),
    "cbrt" => NumpyFn::Elementary(Elementary::Cbrt),
    "sqrt" => NumpyFn::Sqrt,
    "floor" => NumpyFn::Floor,
    "ceil" => NumpyFn::Ceil,
    "trunc" => NumpyFn::Trunc,
    "fix" => NumpyFn::Trunc,
    "rint" => NumpyFn::Rint,
    "fabs" => NumpyFn::Fabs,
    "abs" => NumpyFn::Abs,
    "absolute" => NumpyFn::Abs,
    "sign" => NumpyFn::Sign,
    "negative" => NumpyFn::Negative,
    "positive" => NumpyFn::Positive,
    "invert" => NumpyFn::Invert,
    "bitwise_not" => NumpyFn::Invert,
    "square" => NumpyFn::Square,
    "minimum" => NumpyFn::Minimum,
    "maximum" => NumpyFn::Maximum,
    "fmin" => NumpyFn::Fmin,
    "fmax" => NumpyFn::Fmax,
    "isnan" => NumpyFn::IsNan,
    "isinf" => NumpyFn::IsInf,
    "isfinite" => NumpyFn::IsFinite,
    "signbit" => NumpyFn::Signbit,
    "copysign" => NumpyFn::Copysign,
    "fmod" => NumpyFn::Fmod,
    "hypot" => NumpyFn::Hypot,
    "arctan2" => NumpyFn::Arctan2,
    "atan2" => NumpyFn::Arctan2,
    "deg2rad" => NumpyFn::Deg2rad,
    "radians" => NumpyFn::Deg2rad,
    "rad2deg" => NumpyFn::Rad2deg,
    "degrees" => NumpyFn::Rad2deg,
    "where" => NumpyFn::Where,
    "clip" => NumpyFn::Clip,
    "round" => NumpyFn::Round,
    "around" => NumpyFn::Round,
    "logical_and" => NumpyFn::LogicalAnd,
    "logical_or" => NumpyFn::LogicalOr,
    "logical_xor" => NumpyFn::LogicalXor,
    "logical_not" => NumpyFn::LogicalNot,
    "add" => NumpyFn::Operator(BinaryOp::Add),
    "subtract" => NumpyFn::Operator(BinaryOp::Sub),
    "multiply" => NumpyFn::Operator(BinaryOp::Mul),
    "divide" => NumpyFn::Operator(BinaryOp::Div),
    "true_divide" => NumpyFn::Operator(BinaryOp::Div),
    "floor_divide" => NumpyFn::Operator(BinaryOp::FloorDiv),
    "mod" => NumpyFn::Operator(BinaryOp::Mod),
    "remainder" => NumpyFn::Operator(BinaryOp::Mod),
    "power" => NumpyFn::Operator(BinaryOp::Pow),
    "pow" => NumpyFn::Operator(BinaryOp::Pow),
    "bitwise_and" => NumpyFn::Operator(BinaryOp::BitAnd),
    "bitwise_or" => NumpyFn::Operator(BinaryOp::BitOr),
    "bitwise_xor" => NumpyFn::Operator(BinaryOp::BitXor),
    "left_shift" => NumpyFn::Operator(BinaryOp::LeftShift),
    "right_shift" => NumpyFn::Operator(BinaryOp::RightShift),
    "equal" => NumpyFn::Compare(CompareOp::Eq),
    "not_equal" => NumpyFn::Compare(CompareOp::NotEq),
    "less" => NumpyFn::Compare(CompareOp::Lt),
    "less_equal" => NumpyFn::Compare(CompareOp::LtE),
    "greater" => NumpyFn::Compare(CompareOp::Gt),
    "greater_equal" => NumpyFn::Compare(CompareOp::GtE),
};

impl NumpyFn {
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            NumpyFn::Operator(_)
            | NumpyFn::Compare(_)
            | NumpyFn::Minimum
            | NumpyFn::Maximum
            | NumpyFn::Fmin
            | NumpyFn::Fmax
            | NumpyFn::Copysign
            | NumpyFn::Fmod
            | NumpyFn::Hypot
            | NumpyFn::Arctan2
            | NumpyFn::LogicalAnd
            | NumpyFn::LogicalOr
            | NumpyFn::LogicalXor => (2, 2),
            NumpyFn::Where => (3, 3),
            NumpyFn::Clip => (1, 3),
            NumpyFn::Round => (1, 2),
            _ => (1, 1),
        }
    }
}

/// The dtype that NumPy makes of a scalar alone: its own, or the default of the Python type.
pub fn own_dtype(ty: &Ty) -> Scalar {
    match ty {
        Ty::Np(s) | Ty::Either(_, s) => *s,
        Ty::Py(p) => p.scalar(),
        _ => Scalar::F64,
    }
}

/// The dtype in which a function of several scalars works: Python scalars are weak beside NumPy's.
pub fn common_dtype(types: &[Ty]) -> Scalar {
    let strong = types.iter().filter_map(|t| match t {
        Ty::Np(s) => Some(*s),
        _ => None,
    });
    let weak = types.iter().filter_map(|t| match t {
        Ty::Py(p) => Some(*p),
        _ => None,
    });
    let weak: Option<Py> = weak.max();
    match (strong.reduce(promote), weak) {
        (Some(s), Some(p)) => crate::front::infer::promote_weak(p, s),
        (Some(s), None) => s,
        (None, Some(p)) => p.scalar(),
        (None, None) => Scalar::F64,
    }
}

/// The dtype in which a function takes arguments of a common dtype: functions of two floats have no other loops, so
/// that a Python integer beside an integer dtype need not fit that.
pub fn working_dtype(f: NumpyFn, common: Scalar) -> Scalar {
    match f {
        NumpyFn::Hypot | NumpyFn::Arctan2 | NumpyFn::Copysign => float_dtype(common).unwrap_or(common),
        _ => common,
    }
}

/// The float dtype in which NumPy computes an elementary function for a dtype; `None` for float16.
fn float_dtype(s: Scalar) -> Option<Scalar> {
    match s {
        Scalar::F32 | Scalar::I16 | Scalar::U16 => Some(Scalar::F32),
        Scalar::Bool | Scalar::I8 | Scalar::U8 => None,
        Scalar::I32 | Scalar::I64 | Scalar::U32 | Scalar::U64 | Scalar::F64 => Some(Scalar::F64),
    }
}

pub fn result(f: NumpyFn, args: &[Expr], span: Span) -> Result<Ty, Box<Diagnostic>> {
    let name = Builtin::Numpy(f).name();
    let checked;
    let args = match f {
        NumpyFn::Where | NumpyFn::Clip | NumpyFn::Round => {
            checked = elementwise::values(f, args, span)?;
            checked.as_slice()
        }
        _ => {
            elementwise::operands(name, args)?;
            args
        }
    };
    over_alternatives(args, span, &mut |types| {
        elementwise::lifted(types, &mut |elements| match f {
            NumpyFn::Construct(s) => Ok(Ty::Np(s)),
            NumpyFn::Operator(op) => operator(op, elements, span),
            NumpyFn::Where | NumpyFn::Clip => Ok(elementwise::chosen(f, elements)),
            _ => dtype(f, name, common_dtype(elements), span).map(Ty::Np),
        })
    })
}

fn operator(op: BinaryOp, types: &[Ty], span: Span) -> Result<Ty, Box<Diagnostic>> {
    // Two Python scalars become NumPy's first.
    let both = types.iter().all(|t| matches!(t, Ty::Py(_)));
    let first = if both { Ty::Np(common_dtype(types)) } else { types[0].clone() };
    let second = if both { first.clone() } else { types[1].clone() };
    binary_type(op, &first, &second, None).or_else(|why| {
        let message = format!("`{}` is not defined for {first} and {second}", op.symbol());
        refuse(why.code, span, message, why.help.unwrap_or("convert the operands"))
    })
}

/// The dtype of the result, for arguments of a common dtype.
fn dtype(f: NumpyFn, name: &str, s: Scalar, span: Span) -> Result<Scalar, Box<Diagnostic>> {
    let none = |help: &str| {
        let message = format!("`np.{name}` is not defined for {}", s.dtype_name());
        refuse(Code::TypeMismatch, span, message, help)
    };
    Ok(match f {
        NumpyFn::Elementary(_)
        | NumpyFn::Sqrt
        | NumpyFn::Rint
        | NumpyFn::Fabs
        | NumpyFn::Hypot
        | NumpyFn::Arctan2
        | NumpyFn::Copysign
        | NumpyFn::Deg2rad
        | NumpyFn::Rad2deg => match float_dtype(s) {
            Some(float) => float,
            None => {
                let message =
                    format!("`np.{name}` of {} gives a float16 in NumPy, which kernels do not have", s.dtype_name());
                return refuse(Code::UnsupportedType, span, message, "convert the argument: `np.float64(x)`");
            }
        },
        NumpyFn::Round if s == Scalar::Bool => {
            return none("NumPy gives a float16, which kernels do not have");
        }
        NumpyFn::Sign if s == Scalar::Bool => return none("convert the argument: `int(x)`"),
        NumpyFn::Negative | NumpyFn::Positive if s == Scalar::Bool => return none("use `np.logical_not`"),
        NumpyFn::Invert if s.is_float() => return none("bit operations take integers"),
        NumpyFn::Fmod | NumpyFn::Square if s == Scalar::Bool => Scalar::I8,
        NumpyFn::IsNan
        | NumpyFn::IsInf
        | NumpyFn::IsFinite
        | NumpyFn::Signbit
        | NumpyFn::Compare(_)
        | NumpyFn::LogicalAnd
        | NumpyFn::LogicalOr
        | NumpyFn::LogicalXor
        | NumpyFn::LogicalNot => Scalar::Bool,
        NumpyFn::Floor
        | NumpyFn::Ceil
        | NumpyFn::Trunc
        | NumpyFn::Abs
        | NumpyFn::Sign
        | NumpyFn::Negative
        | NumpyFn::Positive
        | NumpyFn::Invert
        | NumpyFn::Square
        | NumpyFn::Minimum
        | NumpyFn::Maximum
        | NumpyFn::Fmin
        | NumpyFn::Fmax
        | NumpyFn::Round
        | NumpyFn::Where
        | NumpyFn::Clip
        | NumpyFn::Fmod => s,
        NumpyFn::Construct(to) => to,
        NumpyFn::Operator(_) => s,
    })
}
