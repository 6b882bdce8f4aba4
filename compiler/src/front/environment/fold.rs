//! Arithmetic on constants, as CPython does it. Gives nothing where Python raises, where the result is no scalar, or
//! where the bits would depend on the platform (`**` of floats): then the operation is left for run time.

use crate::front::syntax::{BinaryOp, CompareOp, UnaryOp};
use crate::front::tast::Literal;
use crate::ir::eval;
use crate::ir::op::Const;
use crate::types::Scalar;

/// Larger integers are not folded: nothing in a kernel could hold them.
const LARGEST_SHIFT: i128 = 120;

/// `op a` of Python scalars.
pub fn unary(op: UnaryOp, a: &Literal) -> Option<Literal> {
    Some(match (op, a) {
        (UnaryOp::Not, _) => Literal::Bool(!a.truth()),
        (UnaryOp::Neg, Literal::Float(x)) => Literal::Float(-x),
        (UnaryOp::Pos, Literal::Float(x)) => Literal::Float(*x),
        (UnaryOp::Neg, Literal::Int(_) | Literal::Bool(_)) => Literal::Int(a.as_int()?.checked_neg()?),
        (UnaryOp::Pos, Literal::Int(_) | Literal::Bool(_)) => Literal::Int(a.as_int()?),
        (UnaryOp::Invert, Literal::Int(_) | Literal::Bool(_)) => Literal::Int(!a.as_int()?),
        _ => return None,
    })
}

/// `a op b` of Python scalars.
pub fn binary(op: BinaryOp, a: &Literal, b: &Literal) -> Option<Literal> {
    match (a, b) {
        (Literal::Bool(x), Literal::Bool(y)) => match op {
            BinaryOp::BitAnd => Some(Literal::Bool(x & y)),
            BinaryOp::BitOr => Some(Literal::Bool(x | y)),
            BinaryOp::BitXor => Some(Literal::Bool(x ^ y)),
            _ => integers(op, i128::from(*x), i128::from(*y)),
        },
        (Literal::Int(_) | Literal::Bool(_), Literal::Int(_) | Literal::Bool(_)) => {
            integers(op, a.as_int()?, b.as_int()?)
        }
        (Literal::Float(_) | Literal::Int(_) | Literal::Bool(_), Literal::Float(_))
        | (Literal::Float(_), Literal::Int(_) | Literal::Bool(_)) => floats(op, as_float(a)?, as_float(b)?),
        _ => None,
    }
}

fn integers(op: BinaryOp, a: i128, b: i128) -> Option<Literal> {
    Some(Literal::Int(match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Sub => a.checked_sub(b)?,
        BinaryOp::Mul => a.checked_mul(b)?,
        BinaryOp::FloorDiv if b != 0 => a.checked_div(b).map(|_| floor_div(a, b))?,
        BinaryOp::Mod if b != 0 => a.checked_rem(b).map(|_| a - floor_div(a, b) * b)?,
        BinaryOp::Pow if (0..=127).contains(&b) => a.checked_pow(b as u32)?,
        BinaryOp::LeftShift if (0..=LARGEST_SHIFT).contains(&b) => a.checked_mul(1i128 << b)?,
        BinaryOp::RightShift if b >= 0 => a >> b.min(127),
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        BinaryOp::Div if b != 0 && exact(a) && exact(b) => return Some(Literal::Float(a as f64 / b as f64)),
        _ => return None,
    }))
}

fn floor_div(a: i128, b: i128) -> i128 {
    let q = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }
}

fn floats(op: BinaryOp, a: f64, b: f64) -> Option<Literal> {
    Some(Literal::Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div if b != 0.0 => a / b,
        _ => return None,
    }))
}

/// The integer is a float exactly.
fn exact(a: i128) -> bool {
    a.unsigned_abs() <= 1 << 53
}

/// Python's `float(x)` of a number.
pub fn as_float(a: &Literal) -> Option<f64> {
    match a {
        Literal::Float(x) => Some(*x),
        Literal::Np(c) if c.ty.is_float() => Some(c.as_float()),
        Literal::Bool(_) | Literal::Int(_) | Literal::Np(_) => Some(a.as_int()? as f64),
        Literal::None | Literal::Str(_) => None,
    }
}

/// `a op b` of Python scalars.
pub fn compare(op: CompareOp, a: &Literal, b: &Literal) -> Option<bool> {
    use std::cmp::Ordering::*;
    let ordering = match (a, b) {
        (Literal::Float(x), Literal::Float(y)) => x.partial_cmp(y),
        (Literal::Int(_) | Literal::Bool(_), Literal::Int(_) | Literal::Bool(_)) => Some(a.as_int()?.cmp(&b.as_int()?)),
        (Literal::Str(x), Literal::Str(y)) if matches!(op, CompareOp::Eq | CompareOp::NotEq) => Some(x.cmp(y)),
        _ => return None,
    };
    Some(match op {
        CompareOp::Eq => ordering == Some(Equal),
        CompareOp::NotEq => ordering != Some(Equal),
        CompareOp::Lt => ordering == Some(Less),
        CompareOp::LtE => matches!(ordering, Some(Less | Equal)),
        CompareOp::Gt => ordering == Some(Greater),
        CompareOp::GtE => matches!(ordering, Some(Greater | Equal)),
        CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => return None,
    })
}

/// `np.float64(x)` and alike of a constant; nothing where NumPy raises.
pub fn construct(to: Scalar, a: &Literal) -> Option<Literal> {
    let c = match (to.int_range(), a) {
        (_, Literal::Np(c)) => eval::convert(to, *c),
        _ if to == Scalar::Bool => Const::bool(a.truth()),
        (Some((low, high)), Literal::Int(_) | Literal::Bool(_)) => {
            let i = a.as_int()?;
            Const::int(to, (low <= i && i <= high).then_some(i as i64)?)
        }
        (Some((low, high)), Literal::Float(x)) => {
            let i = (x.is_finite() && x.abs() < 1e19).then_some(*x as i128)?;
            Const::int(to, (low <= i && i <= high).then_some(i as i64)?)
        }
        (None, _) => eval::convert(to, Const::f64(as_float(a)?)),
        _ => return None,
    };
    Some(Literal::Np(c))
}
