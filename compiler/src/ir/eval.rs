//! The meaning of pure scalar ops, value by value. Stated here once: constant folding and the interpreter both ask.
//!
//! Everything is a function on [`Const`], and total wherever the op is defined on the type ([`UnaryOp::accepts`] and
//! alike; another type is a fault of the caller and panics). Floats use Rust's `+ - * /`, `sqrt`, `floor` and alike
//! alone, which IEEE 754 defines exactly on every platform. An arithmetic result or conversion that is NaN is the
//! canonical quiet NaN; `neg`, `abs`, `copysign`, `select` and `bitcast` move bits and keep what they are given.

use super::op::{BinaryOp, CheckedOp, CompareOp, Const, UnaryOp};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// The bits of the canonical `f64` NaN.
pub const NAN_F64: u64 = 0x7ff8_0000_0000_0000;
/// The bits of the canonical `f32` NaN.
pub const NAN_F32: u32 = 0x7fc0_0000;

/// A float of the type, NaN made canonical. `f64` to `f32` is rounded to nearest, ties to even.
fn float(ty: Scalar, value: f64) -> Const {
    match ty {
        Scalar::F32 if value.is_nan() => Const { ty, bits: NAN_F32 as u64 },
        Scalar::F32 => Const::f32(value as f32),
        _ if value.is_nan() => Const { ty, bits: NAN_F64 },
        _ => Const::f64(value),
    }
}

fn f32_of(c: Const) -> f32 {
    f32::from_bits(c.bits as u32)
}

/// An integer cut to the type's width.
fn wrapped(ty: Scalar, value: i128) -> Const {
    Const::int(ty, value as i64)
}

/// An integer, if the type can hold it.
fn fitting(ty: Scalar, value: i128) -> Option<Const> {
    let (low, high) = ty.int_range()?;
    (low <= value && value <= high).then(|| wrapped(ty, value))
}

/// The sign bit of a float type.
const fn sign_bit(ty: Scalar) -> u64 {
    match ty {
        Scalar::F32 => 1 << 31,
        _ => 1 << 63,
    }
}

/// `op a`.
pub fn unary(op: UnaryOp, a: Const) -> Const {
    assert!(op.accepts(a.ty), "{} of {}", op.name(), a.ty);
    let ty = a.ty;
    match (op, ty.kind()) {
        (UnaryOp::Neg, Kind::Float) => Const { ty, bits: a.bits ^ sign_bit(ty) },
        (UnaryOp::Neg, _) => wrapped(ty, -a.as_int()),
        (UnaryOp::Not, Kind::Bool) => Const::bool(a.bits == 0),
        (UnaryOp::Not, _) => wrapped(ty, !a.as_int()),
        (UnaryOp::Abs, Kind::Float) => Const { ty, bits: a.bits & !sign_bit(ty) },
        (UnaryOp::Abs, _) => wrapped(ty, a.as_int().abs()),
        // The square root of an f32, computed in f64 and rounded, is the correctly rounded one (53 >= 2 * 24 + 2); the
        // others give an integer, which rounding to f32 keeps.
        (UnaryOp::Sqrt, _) => float(ty, a.as_float().sqrt()),
        (UnaryOp::Floor, _) => float(ty, a.as_float().floor()),
        (UnaryOp::Ceil, _) => float(ty, a.as_float().ceil()),
        (UnaryOp::Trunc, _) => float(ty, a.as_float().trunc()),
        (UnaryOp::Nearest, _) => float(ty, a.as_float().round_ties_even()),
    }
}

/// `a op b`; both of one type.
pub fn binary(op: BinaryOp, a: Const, b: Const) -> Const {
    assert!(op.accepts(a.ty) && a.ty == b.ty, "{} of {} and {}", op.name(), a.ty, b.ty);
    match a.ty.kind() {
        Kind::Float => float_binary(op, a, b),
        Kind::Bool | Kind::Signed | Kind::Unsigned => int_binary(op, a, b),
    }
}

fn float_binary(op: BinaryOp, a: Const, b: Const) -> Const {
    let ty = a.ty;
    let compute = |narrow: fn(f32, f32) -> f32, wide: fn(f64, f64) -> f64| match ty {
        Scalar::F32 => float(ty, narrow(f32_of(a), f32_of(b)) as f64),
        _ => float(ty, wide(a.as_float(), b.as_float())),
    };
    match op {
        BinaryOp::Add => compute(|x, y| x + y, |x, y| x + y),
        BinaryOp::Sub => compute(|x, y| x - y, |x, y| x - y),
        BinaryOp::Mul => compute(|x, y| x * y, |x, y| x * y),
        BinaryOp::Div => compute(|x, y| x / y, |x, y| x / y),
        BinaryOp::CopySign => Const { ty, bits: (a.bits & !sign_bit(ty)) | (b.bits & sign_bit(ty)) },
        BinaryOp::Rem
        | BinaryOp::FloorDiv
        | BinaryOp::FloorMod
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::Shl
        | BinaryOp::Shr
        | BinaryOp::Min
        | BinaryOp::Max => unreachable!("not a float op"),
    }
}

fn int_binary(op: BinaryOp, a: Const, b: Const) -> Const {
    let ty = a.ty;
    let (x, y) = (a.as_int(), b.as_int());
    let width = ty.bits() as u64;
    let result = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        // Products of two u64 do not fit i128; only the low bits count.
        BinaryOp::Mul => x.wrapping_mul(y),
        BinaryOp::Div => x.checked_div(y).unwrap_or(0),
        BinaryOp::Rem => x.checked_rem(y).unwrap_or(0),
        BinaryOp::FloorDiv | BinaryOp::FloorMod if y == 0 => 0,
        BinaryOp::FloorDiv => x / y - (x % y != 0 && (x < 0) != (y < 0)) as i128,
        BinaryOp::FloorMod => x % y + if x % y != 0 && (x < 0) != (y < 0) { y } else { 0 },
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        BinaryOp::Xor => x ^ y,
        BinaryOp::Shl if b.bits >= width => 0,
        BinaryOp::Shl => x << b.bits,
        BinaryOp::Shr => x >> b.bits.min(width),
        BinaryOp::Min => x.min(y),
        BinaryOp::Max => x.max(y),
        BinaryOp::CopySign => unreachable!("not an integer op"),
    };
    wrapped(ty, result)
}

/// `a op b` as a bool; both of one type. Floats as IEEE 754: with a NaN only `ne` is true.
pub fn compare(op: CompareOp, a: Const, b: Const) -> Const {
    assert_eq!(a.ty, b.ty, "comparison of two types");
    let order = match a.ty.kind() {
        Kind::Float => a.as_float().partial_cmp(&b.as_float()),
        Kind::Bool | Kind::Signed | Kind::Unsigned => Some(a.as_int().cmp(&b.as_int())),
    };
    Const::bool(match op {
        CompareOp::Eq => order.is_some_and(|o| o.is_eq()),
        CompareOp::Ne => order.is_none_or(|o| o.is_ne()),
        CompareOp::Lt => order.is_some_and(|o| o.is_lt()),
        CompareOp::Le => order.is_some_and(|o| o.is_le()),
        CompareOp::Gt => order.is_some_and(|o| o.is_gt()),
        CompareOp::Ge => order.is_some_and(|o| o.is_ge()),
    })
}

/// `a` if `c`, else `b`.
pub fn select(c: Const, a: Const, b: Const) -> Const {
    assert_eq!(c.ty, Scalar::Bool, "select by {}", c.ty);
    if c.bits != 0 { a } else { b }
}

/// `a` as another scalar.
///
/// - to `bool`: whether it differs from zero (NaN does);
/// - integer to integer: cut or extended by the source's signedness;
/// - integer to float, `f64` to `f32`: rounded once, to nearest, ties to even;
/// - float to integer: towards zero, saturating at the type's range; NaN gives 0.
pub fn convert(to: Scalar, a: Const) -> Const {
    match (a.ty.kind(), to.kind()) {
        (Kind::Float, Kind::Bool) => Const::bool(a.as_float() != 0.0),
        (_, Kind::Bool) => Const::bool(a.bits != 0),
        (Kind::Float, Kind::Float) => float(to, a.as_float()),
        (Kind::Float, _) => {
            let (low, high) = to.int_range().expect("an integer type");
            // `as` truncates, saturates at i128 (wider than every type here) and makes 0 of NaN.
            wrapped(to, (a.as_float() as i128).clamp(low, high))
        }
        // Straight to the target: through f64 it would round twice.
        (_, Kind::Float) if to == Scalar::F32 => Const::f32(a.as_int() as f32),
        (_, Kind::Float) => Const::f64(a.as_int() as f64),
        _ => wrapped(to, a.as_int()),
    }
}

/// `a`'s bits as another scalar of the same size.
pub fn bitcast(to: Scalar, a: Const) -> Const {
    assert_eq!(to.bytes(), a.ty.bytes(), "bitcast of {} to {to}", a.ty);
    Const { ty: to, bits: a.bits }
}

/// The exact result of a checked op, if the type holds it. A negative count of `shl` has no result either, but is a
/// fault of whoever emitted it. `b` is ignored by unary ops.
pub fn checked(op: CheckedOp, a: Const, b: Option<Const>) -> Option<Const> {
    fitting(a.ty, exact(op, a, b)?)
}

/// The wrapped result of a checked op, and whether the exact one differs.
pub fn overflowing(op: CheckedOp, a: Const, b: Option<Const>) -> (Const, Const) {
    let result = checked(op, a, b);
    let low_bits = exact(op, a, b).map_or(Const::int(a.ty, 0), |r| wrapped(a.ty, r));
    (result.unwrap_or(low_bits), Const::bool(result.is_none()))
}

/// The mathematical result, if `i128` holds it: it always does but for huge shifts.
fn exact(op: CheckedOp, a: Const, b: Option<Const>) -> Option<i128> {
    let x = a.as_int();
    let y = || b.expect("a binary op has two operands").as_int();
    match op {
        CheckedOp::Add => Some(x + y()),
        CheckedOp::Sub => Some(x - y()),
        CheckedOp::Mul => x.checked_mul(y()),
        CheckedOp::Neg => Some(-x),
        CheckedOp::Abs => Some(x.abs()),
        CheckedOp::Shl => match y() {
            _ if x == 0 && y() >= 0 => Some(0),
            // 2^63 shifted by at most 63 fits.
            count @ 0..=63 => Some(x << count),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests;
