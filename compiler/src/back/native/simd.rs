//! Packs: vectors of fixed width. One that fills a 128-bit register and has the instruction goes through it; anything
//! else is done lane by lane, which is right for every width and type.

use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types as clif};
use smallvec::{SmallVec, smallvec};

use super::function::Body;
use super::memory;
use super::ops::{self, Results, single};
use super::types::{self, Parts};
use crate::ir::op::{Access, BinaryOp, CompareOp, UnaryOp, VectorOp};
use crate::ir::{Op, Type, ValueId};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// Emits an op that has a pack among its operands or results.
pub fn emit(body: &mut Body<'_, '_, '_>, op: &Op, args: &[ValueId], results: &[ValueId]) -> Result<Results, String> {
    if let Op::Vector(op) = op {
        return vector_op(body, op, args, results);
    }
    let [result] = results else { return Err(format!("{op:?} on packs has one result")) };
    if let Some(value) = whole(body, op, args)? {
        return Ok(single(value));
    }
    let Type::Pack(_, lanes) = body.ty(*result) else { return Err(format!("{op:?} does not make a pack")) };
    let mut made = Vec::with_capacity(usize::from(lanes));
    for lane in 0..lanes {
        let mut values: SmallVec<[Value; 3]> = smallvec![];
        for &arg in args {
            values.push(lane_of(body, arg, lane)?);
        }
        let operand = args.first().and_then(|&v| body.ty(v).element()).map(Type::Scalar);
        made.push(ops::scalar(body, op, operand, &values)?);
    }
    Ok(smallvec![join(body, body.ty(*result), made)?])
}

/// The op on whole registers, if all its packs fill one and there is an instruction.
fn whole(body: &mut Body<'_, '_, '_>, op: &Op, args: &[ValueId]) -> Result<Option<Value>, String> {
    let mut values: SmallVec<[Value; 3]> = smallvec![];
    for &arg in args {
        let Type::Pack(s, lanes) = body.ty(arg) else { return Ok(None) };
        if types::vector(s, lanes).is_none() {
            return Ok(None);
        }
        values.push(body.one(arg)?);
    }
    let Some(Type::Pack(element, lanes)) = args.last().map(|&v| body.ty(v)) else { return Ok(None) };
    let wide_int = element.is_int() && element.bytes() == 8;
    Ok(match (op, values.as_slice()) {
        (Op::Unary(UnaryOp::Not), &[a]) => Some(body.b.ins().bnot(a)),
        (Op::Unary(u), &[a]) => Some(super::math::unary(body, *u, element, a)?),
        (Op::Binary(BinaryOp::CopySign), &[magnitude, sign]) => {
            let lane = super::math::negative_zero(body, element);
            let bits = body.b.func.dfg.value_type(magnitude);
            let mask = body.b.ins().splat(bits, lane);
            Some(body.b.ins().bitselect(mask, sign, magnitude))
        }
        (Op::Binary(b), &[x, y]) if has_binary(*b, element) => Some(ops::binary(body, *b, element, x, y)?),
        (Op::Compare(c), &[x, y]) => match element.kind() {
            Kind::Float => Some(body.b.ins().fcmp(ops::float_condition(*c), x, y)),
            Kind::Unsigned if wide_int && !matches!(c, CompareOp::Eq | CompareOp::Ne) => None,
            Kind::Bool => None,
            kind => Some(body.b.ins().icmp(ops::int_condition(*c, kind == Kind::Signed), x, y)),
        },
        (Op::Select, &[mask, x, y]) => {
            let Some(vector) = types::vector(element, lanes) else { return Ok(None) };
            let mask = reinterpret(body, vector, mask);
            Some(body.b.ins().bitselect(mask, x, y))
        }
        (Op::Bitcast(to), &[a]) => types::vector(*to, lanes).map(|vector| reinterpret(body, vector, a)),
        _ => None,
    })
}

/// Whether there is a vector instruction on all our processors.
fn has_binary(op: BinaryOp, element: Scalar) -> bool {
    match op {
        BinaryOp::Add | BinaryOp::Sub => true,
        BinaryOp::Mul => element.is_float() || element.bytes() >= 2,
        BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => true,
        BinaryOp::Div => element.is_float(),
        // See `whole`: there is no such instruction, but a selection of bits.
        BinaryOp::CopySign => false,
        BinaryOp::Min | BinaryOp::Max => element.is_int() && element.bytes() < 8,
        BinaryOp::Rem | BinaryOp::FloorDiv | BinaryOp::FloorMod | BinaryOp::Shl | BinaryOp::Shr => false,
    }
}

fn reinterpret(body: &mut Body<'_, '_, '_>, vector: cranelift_codegen::ir::Type, value: Value) -> Value {
    if body.b.func.dfg.value_type(value) == vector {
        return value;
    }
    let flags = MemFlagsData::new().with_endianness(Endianness::Little);
    body.b.ins().bitcast(vector, flags, value)
}

/// One lane of a pack, as a scalar; a scalar is the same in all lanes.
fn lane_of(body: &mut Body<'_, '_, '_>, v: ValueId, lane: u8) -> Result<Value, String> {
    let Type::Pack(s, lanes) = body.ty(v) else { return body.one(v) };
    if types::vector(s, lanes).is_none() {
        let parts = body.parts(v);
        return parts.get(usize::from(lane)).copied().ok_or_else(|| format!("there is no lane {lane}"));
    }
    let vector = body.one(v)?;
    let extracted = body.b.ins().extractlane(vector, lane);
    if s == Scalar::Bool {
        // A mask lane is all ones or all zeros; a bool is one of its bits.
        let byte = narrow(body, extracted);
        return Ok(body.b.ins().band_imm_u(byte, 1));
    }
    Ok(extracted)
}

fn narrow(body: &mut Body<'_, '_, '_>, value: Value) -> Value {
    if body.b.func.dfg.value_type(value) == clif::I8 { value } else { body.b.ins().ireduce(clif::I8, value) }
}

/// A pack of these lanes.
fn join(body: &mut Body<'_, '_, '_>, ty: Type, lanes: Vec<Value>) -> Result<Parts, String> {
    let Type::Pack(s, count) = ty else { return Err(format!("{ty} is not a pack")) };
    let Some(vector) = types::vector(s, count) else { return Ok(lanes.into()) };
    let mut whole = None;
    for (i, lane) in lanes.into_iter().enumerate() {
        let lane = mask_lane(body, s, vector, lane);
        whole = Some(match whole {
            None => body.b.ins().splat(vector, lane),
            Some(whole) => body.b.ins().insertlane(whole, lane, i as u8),
        });
    }
    whole.map(|whole| smallvec![whole]).ok_or_else(|| "a pack without lanes".to_string())
}

/// A scalar as it stands in a vector: a bool becomes all ones or all zeros.
fn mask_lane(body: &mut Body<'_, '_, '_>, s: Scalar, vector: cranelift_codegen::ir::Type, value: Value) -> Value {
    if s != Scalar::Bool {
        return value;
    }
    let lane = vector.lane_type();
    let wide = if lane == clif::I8 { value } else { body.b.ins().uextend(lane, value) };
    body.b.ins().ineg(wide)
}

fn vector_op(
    body: &mut Body<'_, '_, '_>,
    op: &VectorOp,
    args: &[ValueId],
    results: &[ValueId],
) -> Result<Results, String> {
    let result = results.first().map(|&v| body.ty(v));
    match (op, args) {
        (VectorOp::PackSplat(lanes), &[s]) => {
            let value = body.one(s)?;
            let ty = result.ok_or("a splat has a result")?;
            match ty.element().and_then(|s| types::vector(s, *lanes)) {
                Some(vector) => {
                    let lane = mask_lane(body, ty.element().unwrap_or(Scalar::I64), vector, value);
                    Ok(single(body.b.ins().splat(vector, lane)))
                }
                None => Ok(smallvec![SmallVec::from_elem(value, usize::from(*lanes))]),
            }
        }
        (VectorOp::PackLoad(access, lanes), &[base, index]) => pack_load(body, access, *lanes, base, index),
        (VectorOp::PackStore(access), &[base, index, value]) => pack_store(body, access, base, index, value),
        (VectorOp::Extract(lane), &[pack]) => Ok(single(lane_of(body, pack, *lane)?)),
        (VectorOp::Insert(lane), &[pack, value]) => {
            let value = body.one(value)?;
            let ty = body.ty(pack);
            let mut parts = body.parts(pack);
            match ty {
                Type::Pack(s, lanes) => match types::vector(s, lanes) {
                    Some(vector) => {
                        let value = mask_lane(body, s, vector, value);
                        parts[0] = body.b.ins().insertlane(parts[0], value, *lane);
                    }
                    None => *parts.get_mut(usize::from(*lane)).ok_or("there is no such lane")? = value,
                },
                _ => return Err(format!("{ty} is not a pack")),
            }
            Ok(smallvec![parts])
        }
        (VectorOp::Any, &[mask]) => reduce(body, BinaryOp::Or, mask),
        (VectorOp::All, &[mask]) => reduce(body, BinaryOp::And, mask),
        (VectorOp::Reduce(r), &[pack]) => reduce(body, r.binary(), pack),
        _ => Err(format!("{op:?} does not exist at Machine level")),
    }
}

/// All lanes combined by an op that may be done in any order.
fn reduce(body: &mut Body<'_, '_, '_>, op: BinaryOp, pack: ValueId) -> Result<Results, String> {
    let Type::Pack(s, lanes) = body.ty(pack) else { return Err("only packs are reduced".to_string()) };
    if s == Scalar::Bool && types::vector(s, lanes).is_some() {
        let mask = body.one(pack)?;
        match op {
            BinaryOp::Or => return Ok(single(body.b.ins().vany_true(mask))),
            BinaryOp::And => return Ok(single(body.b.ins().vall_true(mask))),
            _ => {}
        }
    }
    let mut total = lane_of(body, pack, 0)?;
    for lane in 1..lanes {
        let next = lane_of(body, pack, lane)?;
        total = ops::binary(body, op, s, total, next)?;
    }
    Ok(single(total))
}

/// Where lane `k` of a pack in memory is: one index step further for each lane.
fn lane_access(access: &Access, lane: u8) -> Result<Access, String> {
    let bytes = i32::from(lane) * i32::from(access.scale);
    let offset = access.offset.checked_add(bytes).ok_or("the offset of a lane is too large")?;
    Ok(Access { offset, ..*access })
}

/// The vector type, if the lanes lie side by side in memory as they do in a register.
fn dense_vector(access: &Access, lanes: u8) -> Option<cranelift_codegen::ir::Type> {
    let dense = u32::from(access.scale) == access.element.bytes() && access.element != Scalar::Bool;
    types::vector(access.element, lanes).filter(|_| dense)
}

fn pack_load(
    body: &mut Body<'_, '_, '_>,
    access: &Access,
    lanes: u8,
    base: ValueId,
    index: ValueId,
) -> Result<Results, String> {
    let (base, index) = (body.one(base)?, body.one(index)?);
    if let Some(vector) = dense_vector(access, lanes) {
        return Ok(single(memory::load_as(body, access, vector, base, index)));
    }
    let mut made = Vec::with_capacity(usize::from(lanes));
    for lane in 0..lanes {
        let access = lane_access(access, lane)?;
        made.push(memory::load(body, &access, base, index));
    }
    Ok(smallvec![join(body, Type::Pack(access.element, lanes), made)?])
}

fn pack_store(
    body: &mut Body<'_, '_, '_>,
    access: &Access,
    base: ValueId,
    index: ValueId,
    pack: ValueId,
) -> Result<Results, String> {
    let Type::Pack(_, lanes) = body.ty(pack) else { return Err("only packs are stored so".to_string()) };
    let (base, index) = (body.one(base)?, body.one(index)?);
    if dense_vector(access, lanes).is_some() {
        let value = body.one(pack)?;
        memory::store(body, access, &[base, index, value])?;
        return Ok(smallvec![]);
    }
    for lane in 0..lanes {
        let value = lane_of(body, pack, lane)?;
        memory::store(body, &lane_access(access, lane)?, &[base, index, value])?;
    }
    Ok(smallvec![])
}
