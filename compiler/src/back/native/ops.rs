//! Ops without control: dispatch by family, and the integer and logical ones themselves.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Value, types as clif};
use smallvec::{SmallVec, smallvec};

use super::function::Body;
use super::types::{self, Parts};
use super::{math, memory, simd};
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, Const};
use crate::ir::{Op, Type, ValueId};
use crate::types::Scalar;
use crate::types::scalar::Kind;

pub type Results = SmallVec<[Parts; 2]>;

/// The result list of an op with one result of one part.
pub fn single(value: Value) -> Results {
    smallvec![smallvec![value]]
}

/// Emits an op that neither branches nor calls.
pub fn emit(body: &mut Body<'_, '_, '_>, op: &Op, args: &[ValueId], results: &[ValueId]) -> Result<Results, String> {
    let on_packs = args.iter().chain(results).any(|&v| matches!(body.ty(v), Type::Pack(..)));
    if on_packs {
        return simd::emit(body, op, args, results);
    }
    let values = args.iter().map(|&v| body.one(v)).collect::<Result<SmallVec<[Value; 3]>, String>>()?;
    let operand = args.first().map(|&v| body.ty(v));
    match op {
        Op::Overflowing(c) => overflowing(body, *c, args, &values),
        Op::Store(access) => {
            memory::store(body, access, &values)?;
            Ok(smallvec![])
        }
        _ => scalar(body, op, operand, &values).map(single),
    }
}

/// An op on scalars and addresses with one result. `operand` is the type of the first argument.
pub fn scalar(body: &mut Body<'_, '_, '_>, op: &Op, operand: Option<Type>, values: &[Value]) -> Result<Value, String> {
    let element = || operand.and_then(Type::as_scalar).ok_or("the operand is not a scalar".to_string());
    match (op, values) {
        (Op::Const(c), []) => Ok(constant(body, *c)),
        (Op::Null, []) => Ok(body.b.ins().iconst(clif::I64, 0)),
        (Op::Unary(u), &[a]) => math::unary(body, *u, element()?, a),
        (Op::Binary(op), &[a, b]) => binary(body, *op, element()?, a, b),
        (Op::Compare(op), &[a, b]) => Ok(compare(body, *op, operand, a, b)),
        (Op::Select, &[c, a, b]) => Ok(body.b.ins().select(c, a, b)),
        (Op::Convert(to), &[a]) => math::convert(body, element()?, *to, a),
        (Op::Bitcast(to), &[a]) => Ok(math::bitcast(body, element()?, *to, a)),
        (Op::Load(access), &[base, index]) => Ok(memory::load(body, access, base, index)),
        (Op::PtrAdd, &[base, bytes]) => Ok(body.b.ins().iadd(base, bytes)),
        (Op::PtrToInt | Op::IntToPtr, &[a]) => Ok(a),
        (Op::DataAddr(table), []) => {
            let data = body.emitter.tables[*table].ok_or("the table is not declared")?;
            Ok(memory::data_address(body, data))
        }
        (Op::StackSlot(bytes), []) => Ok(stack_slot(body, *bytes)),
        (Op::StackPointer, []) => Ok(body.b.ins().get_stack_pointer(clif::I64)),
        _ => Err(format!("{op:?} with {} operands does not exist at Machine level", values.len())),
    }
}

fn constant(body: &mut Body<'_, '_, '_>, c: Const) -> Value {
    match c.ty {
        // Cranelift makes a float constant anew wherever it is used, by way of an integer register. Made from an integer
        // by an instruction of its own it is computed before the loop, once.
        Scalar::F64 if body.has_loops && c.bits != 0 => {
            let bits = body.b.ins().iconst(clif::I64, c.bits as i64);
            body.b.ins().bitcast(clif::F64, MemFlagsData::new(), bits)
        }
        Scalar::F32 if body.has_loops && c.bits != 0 => {
            let bits = body.b.ins().iconst(clif::I32, c.bits as i64);
            body.b.ins().bitcast(clif::F32, MemFlagsData::new(), bits)
        }
        Scalar::F64 => body.b.ins().f64const(f64::from_bits(c.bits)),
        Scalar::F32 => body.b.ins().f32const(f32::from_bits(c.bits as u32)),
        _ => {
            // Cranelift wants the bits above the type's width to be zero.
            let mask = u64::MAX >> (64 - 8 * c.ty.bytes());
            body.b.ins().iconst(types::scalar(c.ty), (c.bits & mask) as i64)
        }
    }
}

fn stack_slot(body: &mut Body<'_, '_, '_>, bytes: u32) -> Value {
    let slot = body.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4));
    body.b.ins().stack_addr(clif::I64, slot, 0)
}

/// Two results: the wrapped value and whether the exact one differs.
fn overflowing(
    body: &mut Body<'_, '_, '_>,
    op: CheckedOp,
    args: &[ValueId],
    values: &[Value],
) -> Result<Results, String> {
    let (&[a, b], &[_, right]) = (values, args) else {
        return Err("overflowing arithmetic has two operands".to_string());
    };
    if let Some(c) = body.function.constant(right)
        && let Some(results) = overflowing_by_constant(body, op, a, b, c)
    {
        return Ok(results);
    }
    let ins = body.b.ins();
    let (value, overflow) = match op {
        CheckedOp::Add => ins.sadd_overflow(a, b),
        CheckedOp::Sub => ins.ssub_overflow(a, b),
        CheckedOp::Mul => ins.smul_overflow(a, b),
        CheckedOp::Neg | CheckedOp::Abs | CheckedOp::Shl => {
            return Err(format!("overflowing.{} does not exist", op.name()));
        }
    };
    Ok(smallvec![smallvec![value], smallvec![overflow]])
}

/// Sums with a constant: the result lies on the other side of `a` if and only if it wrapped. Unlike Cranelift's op with
/// a flag this is pure, so it is merged and hoisted, and comparison and branch are one instruction.
fn overflowing_by_constant(
    body: &mut Body<'_, '_, '_>,
    op: CheckedOp,
    a: Value,
    b: Value,
    c: Const,
) -> Option<Results> {
    let grows = (op == CheckedOp::Add) == (c.as_int() > 0);
    let value = match op {
        CheckedOp::Add => body.b.ins().iadd(a, b),
        CheckedOp::Sub => body.b.ins().isub(a, b),
        CheckedOp::Mul | CheckedOp::Neg | CheckedOp::Abs | CheckedOp::Shl => return None,
    };
    let overflow = match (c.as_int(), grows) {
        (0, _) => body.b.ins().iconst(clif::I8, 0),
        (_, true) => body.b.ins().icmp(IntCC::SignedLessThan, value, a),
        (_, false) => body.b.ins().icmp(IntCC::SignedGreaterThan, value, a),
    };
    Some(smallvec![smallvec![value], smallvec![overflow]])
}

/// `a op b`. The IR guards divisions and shifts at this level, so the instruction cannot trap.
pub fn binary(body: &mut Body<'_, '_, '_>, op: BinaryOp, ty: Scalar, a: Value, b: Value) -> Result<Value, String> {
    if ty.is_float() {
        return math::binary(body, op, a, b);
    }
    let signed = ty.is_signed();
    let ins = body.b.ins();
    Ok(match op {
        BinaryOp::Add => ins.iadd(a, b),
        BinaryOp::Sub => ins.isub(a, b),
        BinaryOp::Mul => ins.imul(a, b),
        BinaryOp::Div if signed => ins.sdiv(a, b),
        BinaryOp::Div => ins.udiv(a, b),
        BinaryOp::Rem if signed => ins.srem(a, b),
        BinaryOp::Rem => ins.urem(a, b),
        BinaryOp::And => ins.band(a, b),
        BinaryOp::Or => ins.bor(a, b),
        BinaryOp::Xor => ins.bxor(a, b),
        BinaryOp::Shl => ins.ishl(a, b),
        BinaryOp::Shr if signed => ins.sshr(a, b),
        BinaryOp::Shr => ins.ushr(a, b),
        BinaryOp::Min if signed => ins.smin(a, b),
        BinaryOp::Min => ins.umin(a, b),
        BinaryOp::Max if signed => ins.smax(a, b),
        BinaryOp::Max => ins.umax(a, b),
        BinaryOp::FloorDiv | BinaryOp::FloorMod | BinaryOp::CopySign => {
            return Err(format!("{} of {ty} does not exist at Machine level", op.name()));
        }
    })
}

/// `a op b` as a byte that is 0 or 1.
pub fn compare(body: &mut Body<'_, '_, '_>, op: CompareOp, ty: Option<Type>, a: Value, b: Value) -> Value {
    match ty.and_then(Type::element).map(Scalar::kind) {
        Some(Kind::Float) => body.b.ins().fcmp(float_condition(op), a, b),
        Some(Kind::Signed) => body.b.ins().icmp(int_condition(op, true), a, b),
        Some(Kind::Unsigned | Kind::Bool) | None => body.b.ins().icmp(int_condition(op, false), a, b),
    }
}

pub fn int_condition(op: CompareOp, signed: bool) -> IntCC {
    match (op, signed) {
        (CompareOp::Eq, _) => IntCC::Equal,
        (CompareOp::Ne, _) => IntCC::NotEqual,
        (CompareOp::Lt, true) => IntCC::SignedLessThan,
        (CompareOp::Lt, false) => IntCC::UnsignedLessThan,
        (CompareOp::Le, true) => IntCC::SignedLessThanOrEqual,
        (CompareOp::Le, false) => IntCC::UnsignedLessThanOrEqual,
        (CompareOp::Gt, true) => IntCC::SignedGreaterThan,
        (CompareOp::Gt, false) => IntCC::UnsignedGreaterThan,
        (CompareOp::Ge, true) => IntCC::SignedGreaterThanOrEqual,
        (CompareOp::Ge, false) => IntCC::UnsignedGreaterThanOrEqual,
    }
}

/// IEEE's: all but `ne` are false when an operand is NaN.
pub fn float_condition(op: CompareOp) -> FloatCC {
    match op {
        CompareOp::Eq => FloatCC::Equal,
        CompareOp::Ne => FloatCC::NotEqual,
        CompareOp::Lt => FloatCC::LessThan,
        CompareOp::Le => FloatCC::LessThanOrEqual,
        CompareOp::Gt => FloatCC::GreaterThan,
        CompareOp::Ge => FloatCC::GreaterThanOrEqual,
    }
}
