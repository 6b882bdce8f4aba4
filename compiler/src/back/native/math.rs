//! Unary ops, float arithmetic, conversions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types as clif};

use super::function::Body;
use super::types;
use crate::ir::op::{BinaryOp, UnaryOp};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// A unary op on a scalar; on vectors too, but for the `not` of a `bool`.
pub fn unary(body: &mut Body<'_, '_, '_>, op: UnaryOp, ty: Scalar, a: Value) -> Result<Value, String> {
    if !op.accepts(ty) {
        return Err(format!("{} does not take {ty}", op.name()));
    }
    Ok(match (op, ty.kind()) {
        (UnaryOp::Neg, Kind::Float) => body.b.ins().fneg(a),
        (UnaryOp::Neg, _) => body.b.ins().ineg(a),
        (UnaryOp::Not, Kind::Bool) => body.b.ins().icmp_imm_s(IntCC::Equal, a, 0),
        (UnaryOp::Not, _) => body.b.ins().bnot(a),
        (UnaryOp::Abs, Kind::Float) => body.b.ins().fabs(a),
        (UnaryOp::Abs, _) => body.b.ins().iabs(a),
        (UnaryOp::Sqrt, _) => body.b.ins().sqrt(a),
        (UnaryOp::Floor, _) => body.b.ins().floor(a),
        (UnaryOp::Ceil, _) => body.b.ins().ceil(a),
        (UnaryOp::Trunc, _) => body.b.ins().trunc(a),
        (UnaryOp::Nearest, _) => body.b.ins().nearest(a),
    })
}

/// `a op b` on floats, scalars or vectors.
pub fn binary(body: &mut Body<'_, '_, '_>, op: BinaryOp, a: Value, b: Value) -> Result<Value, String> {
    let ins = body.b.ins();
    Ok(match op {
        BinaryOp::Add => ins.fadd(a, b),
        BinaryOp::Sub => ins.fsub(a, b),
        BinaryOp::Mul => ins.fmul(a, b),
        BinaryOp::Div => ins.fdiv(a, b),
        BinaryOp::CopySign => ins.fcopysign(a, b),
        BinaryOp::Rem
        | BinaryOp::FloorDiv
        | BinaryOp::FloorMod
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::Shl
        | BinaryOp::Shr
        | BinaryOp::Min
        | BinaryOp::Max => return Err(format!("{} does not take floats", op.name())),
    })
}

/// A scalar as another scalar: [`crate::ir::eval::convert`].
pub fn convert(body: &mut Body<'_, '_, '_>, from: Scalar, to: Scalar, a: Value) -> Result<Value, String> {
    let target = types::scalar(to);
    Ok(match (from.kind(), to.kind()) {
        (Kind::Bool, Kind::Bool) => a,
        // A NaN differs from zero, so the comparison is the one that NaN passes.
        (Kind::Float, Kind::Bool) => {
            let zero = zero(body, from);
            body.b.ins().fcmp(FloatCC::NotEqual, a, zero)
        }
        (Kind::Signed | Kind::Unsigned, Kind::Bool) => body.b.ins().icmp_imm_s(IntCC::NotEqual, a, 0),
        (Kind::Float, Kind::Float) => match (from, to) {
            (Scalar::F32, Scalar::F64) => body.b.ins().fpromote(target, a),
            (Scalar::F64, Scalar::F32) => body.b.ins().fdemote(target, a),
            _ => a,
        },
        (Kind::Float, Kind::Signed | Kind::Unsigned) if to.bytes() < 4 => {
            return Err(format!("floats do not convert to {to} at Machine level"));
        }
        (Kind::Float, Kind::Signed) => body.b.ins().fcvt_to_sint_sat(target, a),
        (Kind::Float, Kind::Unsigned) => body.b.ins().fcvt_to_uint_sat(target, a),
        (Kind::Signed, Kind::Float) => {
            let wide = resize(body, from, clif::I32, a);
            body.b.ins().fcvt_from_sint(target, wide)
        }
        // Zero-extended, what is narrower than 32 bits is not negative.
        (Kind::Bool | Kind::Unsigned, Kind::Float) if from.bytes() < 4 => {
            let wide = resize(body, from, clif::I32, a);
            body.b.ins().fcvt_from_sint(target, wide)
        }
        (Kind::Bool | Kind::Unsigned, Kind::Float) => body.b.ins().fcvt_from_uint(target, a),
        (_, Kind::Signed | Kind::Unsigned) => {
            let from_type = types::scalar(from);
            if target.bits() < from_type.bits() {
                body.b.ins().ireduce(target, a)
            } else {
                resize(body, from, target, a)
            }
        }
    })
}

/// An integer widened to `target` by its own signedness, if it is narrower.
fn resize(body: &mut Body<'_, '_, '_>, from: Scalar, target: cranelift_codegen::ir::Type, a: Value) -> Value {
    if types::scalar(from).bits() >= target.bits() {
        a
    } else if from.is_signed() {
        body.b.ins().sextend(target, a)
    } else {
        body.b.ins().uextend(target, a)
    }
}

fn zero(body: &mut Body<'_, '_, '_>, ty: Scalar) -> Value {
    if ty == Scalar::F32 { body.b.ins().f32const(0.0) } else { body.b.ins().f64const(0.0) }
}

/// The float whose only bit is the sign.
pub fn negative_zero(body: &mut Body<'_, '_, '_>, ty: Scalar) -> Value {
    if ty == Scalar::F32 { body.b.ins().f32const(-0.0) } else { body.b.ins().f64const(-0.0) }
}

/// The same bits as another scalar of the same size.
pub fn bitcast(body: &mut Body<'_, '_, '_>, from: Scalar, to: Scalar, a: Value) -> Value {
    if types::scalar(from) == types::scalar(to) {
        a
    } else {
        body.b.ins().bitcast(types::scalar(to), MemFlagsData::new(), a)
    }
}
