//! Which simd128 instruction does what: tables, and `None` where there is none.

use wasm_encoder::Instruction as I;

use super::types::Shape;
use crate::ir::op::{BinaryOp, CompareOp, UnaryOp};
use crate::types::Scalar;
use Shape::{F32x4, F64x2, I8x16, I16x8, I32x4, I64x2};

/// Small lanes are extended by their signedness.
pub(super) fn extract(shape: Shape, signed: bool, lane: u8) -> I<'static> {
    match shape {
        I8x16 if signed => I::I8x16ExtractLaneS(lane),
        I8x16 => I::I8x16ExtractLaneU(lane),
        I16x8 if signed => I::I16x8ExtractLaneS(lane),
        I16x8 => I::I16x8ExtractLaneU(lane),
        I32x4 => I::I32x4ExtractLane(lane),
        I64x2 => I::I64x2ExtractLane(lane),
        F32x4 => I::F32x4ExtractLane(lane),
        F64x2 => I::F64x2ExtractLane(lane),
    }
}

pub(super) fn replace(shape: Shape, lane: u8) -> I<'static> {
    match shape {
        I8x16 => I::I8x16ReplaceLane(lane),
        I16x8 => I::I16x8ReplaceLane(lane),
        I32x4 => I::I32x4ReplaceLane(lane),
        I64x2 => I::I64x2ReplaceLane(lane),
        F32x4 => I::F32x4ReplaceLane(lane),
        F64x2 => I::F64x2ReplaceLane(lane),
    }
}

pub(super) fn splat(shape: Shape) -> I<'static> {
    match shape {
        I8x16 => I::I8x16Splat,
        I16x8 => I::I16x8Splat,
        I32x4 => I::I32x4Splat,
        I64x2 => I::I64x2Splat,
        F32x4 => I::F32x4Splat,
        F64x2 => I::F64x2Splat,
    }
}

/// Masks have integer shapes.
pub(super) fn all_true(shape: Shape) -> I<'static> {
    match shape {
        I8x16 => I::I8x16AllTrue,
        I16x8 => I::I16x8AllTrue,
        I32x4 | F32x4 => I::I32x4AllTrue,
        I64x2 | F64x2 => I::I64x2AllTrue,
    }
}

pub(super) fn unary(op: UnaryOp, shape: Shape) -> Option<I<'static>> {
    Some(match (op, shape) {
        (UnaryOp::Neg, I8x16) => I::I8x16Neg,
        (UnaryOp::Neg, I16x8) => I::I16x8Neg,
        (UnaryOp::Neg, I32x4) => I::I32x4Neg,
        (UnaryOp::Neg, I64x2) => I::I64x2Neg,
        (UnaryOp::Neg, F32x4) => I::F32x4Neg,
        (UnaryOp::Neg, F64x2) => I::F64x2Neg,
        (UnaryOp::Not, _) => I::V128Not,
        (UnaryOp::Abs, I8x16) => I::I8x16Abs,
        (UnaryOp::Abs, I16x8) => I::I16x8Abs,
        (UnaryOp::Abs, I32x4) => I::I32x4Abs,
        (UnaryOp::Abs, I64x2) => I::I64x2Abs,
        (UnaryOp::Abs, F32x4) => I::F32x4Abs,
        (UnaryOp::Abs, F64x2) => I::F64x2Abs,
        (UnaryOp::Sqrt, F32x4) => I::F32x4Sqrt,
        (UnaryOp::Sqrt, F64x2) => I::F64x2Sqrt,
        (UnaryOp::Floor, F32x4) => I::F32x4Floor,
        (UnaryOp::Floor, F64x2) => I::F64x2Floor,
        (UnaryOp::Ceil, F32x4) => I::F32x4Ceil,
        (UnaryOp::Ceil, F64x2) => I::F64x2Ceil,
        (UnaryOp::Trunc, F32x4) => I::F32x4Trunc,
        (UnaryOp::Trunc, F64x2) => I::F64x2Trunc,
        (UnaryOp::Nearest, F32x4) => I::F32x4Nearest,
        (UnaryOp::Nearest, F64x2) => I::F64x2Nearest,
        (UnaryOp::Sqrt | UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Nearest, _) => return None,
    })
}

pub(super) fn binary(op: BinaryOp, shape: Shape, signed: bool) -> Option<I<'static>> {
    Some(match (op, shape) {
        (BinaryOp::And, _) => I::V128And,
        (BinaryOp::Or, _) => I::V128Or,
        (BinaryOp::Xor, _) => I::V128Xor,
        (BinaryOp::Add, I8x16) => I::I8x16Add,
        (BinaryOp::Add, I16x8) => I::I16x8Add,
        (BinaryOp::Add, I32x4) => I::I32x4Add,
        (BinaryOp::Add, I64x2) => I::I64x2Add,
        (BinaryOp::Add, F32x4) => I::F32x4Add,
        (BinaryOp::Add, F64x2) => I::F64x2Add,
        (BinaryOp::Sub, I8x16) => I::I8x16Sub,
        (BinaryOp::Sub, I16x8) => I::I16x8Sub,
        (BinaryOp::Sub, I32x4) => I::I32x4Sub,
        (BinaryOp::Sub, I64x2) => I::I64x2Sub,
        (BinaryOp::Sub, F32x4) => I::F32x4Sub,
        (BinaryOp::Sub, F64x2) => I::F64x2Sub,
        (BinaryOp::Mul, I16x8) => I::I16x8Mul,
        (BinaryOp::Mul, I32x4) => I::I32x4Mul,
        (BinaryOp::Mul, I64x2) => I::I64x2Mul,
        (BinaryOp::Mul, F32x4) => I::F32x4Mul,
        (BinaryOp::Mul, F64x2) => I::F64x2Mul,
        (BinaryOp::Div, F32x4) => I::F32x4Div,
        (BinaryOp::Div, F64x2) => I::F64x2Div,
        (BinaryOp::Min, I8x16) if signed => I::I8x16MinS,
        (BinaryOp::Min, I8x16) => I::I8x16MinU,
        (BinaryOp::Min, I16x8) if signed => I::I16x8MinS,
        (BinaryOp::Min, I16x8) => I::I16x8MinU,
        (BinaryOp::Min, I32x4) if signed => I::I32x4MinS,
        (BinaryOp::Min, I32x4) => I::I32x4MinU,
        (BinaryOp::Max, I8x16) if signed => I::I8x16MaxS,
        (BinaryOp::Max, I8x16) => I::I8x16MaxU,
        (BinaryOp::Max, I16x8) if signed => I::I16x8MaxS,
        (BinaryOp::Max, I16x8) => I::I16x8MaxU,
        (BinaryOp::Max, I32x4) if signed => I::I32x4MaxS,
        (BinaryOp::Max, I32x4) => I::I32x4MaxU,
        (
            BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::FloorDiv
            | BinaryOp::FloorMod
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::Min
            | BinaryOp::Max
            | BinaryOp::CopySign,
            _,
        ) => return None,
    })
}

/// Shifts all lanes by one count. Only integer packs are shifted.
pub(super) fn shift(left: bool, shape: Shape, signed: bool) -> I<'static> {
    match (shape, left, signed) {
        (I8x16, true, _) => I::I8x16Shl,
        (I8x16, false, true) => I::I8x16ShrS,
        (I8x16, false, false) => I::I8x16ShrU,
        (I16x8, true, _) => I::I16x8Shl,
        (I16x8, false, true) => I::I16x8ShrS,
        (I16x8, false, false) => I::I16x8ShrU,
        (I32x4 | F32x4, true, _) => I::I32x4Shl,
        (I32x4 | F32x4, false, true) => I::I32x4ShrS,
        (I32x4 | F32x4, false, false) => I::I32x4ShrU,
        (I64x2 | F64x2, true, _) => I::I64x2Shl,
        (I64x2 | F64x2, false, true) => I::I64x2ShrS,
        (I64x2 | F64x2, false, false) => I::I64x2ShrU,
    }
}

pub(super) fn compare(op: CompareOp, shape: Shape, s: Scalar) -> Option<I<'static>> {
    let signed = s.is_signed();
    Some(match (op, shape) {
        _ if s == Scalar::Bool => match op {
            CompareOp::Ne => I::V128Xor,
            CompareOp::Eq | CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => return None,
        },
        (CompareOp::Eq, I8x16) => I::I8x16Eq,
        (CompareOp::Eq, I16x8) => I::I16x8Eq,
        (CompareOp::Eq, I32x4) => I::I32x4Eq,
        (CompareOp::Eq, I64x2) => I::I64x2Eq,
        (CompareOp::Eq, F32x4) => I::F32x4Eq,
        (CompareOp::Eq, F64x2) => I::F64x2Eq,
        (CompareOp::Ne, I8x16) => I::I8x16Ne,
        (CompareOp::Ne, I16x8) => I::I16x8Ne,
        (CompareOp::Ne, I32x4) => I::I32x4Ne,
        (CompareOp::Ne, I64x2) => I::I64x2Ne,
        (CompareOp::Ne, F32x4) => I::F32x4Ne,
        (CompareOp::Ne, F64x2) => I::F64x2Ne,
        (_, F32x4 | F64x2) => float_order(op, shape),
        (_, I8x16 | I16x8 | I32x4 | I64x2) if signed => signed_order(op, shape),
        (_, I8x16 | I16x8 | I32x4) => unsigned_order(op, shape),
        (_, I64x2) => return None,
    })
}

fn float_order(op: CompareOp, shape: Shape) -> I<'static> {
    match (op, shape) {
        (CompareOp::Lt, F32x4) => I::F32x4Lt,
        (CompareOp::Le, F32x4) => I::F32x4Le,
        (CompareOp::Gt, F32x4) => I::F32x4Gt,
        (CompareOp::Ge, F32x4) => I::F32x4Ge,
        (CompareOp::Lt, _) => I::F64x2Lt,
        (CompareOp::Le, _) => I::F64x2Le,
        (CompareOp::Gt, _) => I::F64x2Gt,
        (CompareOp::Ge | CompareOp::Eq | CompareOp::Ne, _) => I::F64x2Ge,
    }
}

fn signed_order(op: CompareOp, shape: Shape) -> I<'static> {
    match (op, shape) {
        (CompareOp::Lt, I8x16) => I::I8x16LtS,
        (CompareOp::Le, I8x16) => I::I8x16LeS,
        (CompareOp::Gt, I8x16) => I::I8x16GtS,
        (_, I8x16) => I::I8x16GeS,
        (CompareOp::Lt, I16x8) => I::I16x8LtS,
        (CompareOp::Le, I16x8) => I::I16x8LeS,
        (CompareOp::Gt, I16x8) => I::I16x8GtS,
        (_, I16x8) => I::I16x8GeS,
        (CompareOp::Lt, I32x4) => I::I32x4LtS,
        (CompareOp::Le, I32x4) => I::I32x4LeS,
        (CompareOp::Gt, I32x4) => I::I32x4GtS,
        (_, I32x4) => I::I32x4GeS,
        (CompareOp::Lt, _) => I::I64x2LtS,
        (CompareOp::Le, _) => I::I64x2LeS,
        (CompareOp::Gt, _) => I::I64x2GtS,
        (_, _) => I::I64x2GeS,
    }
}

fn unsigned_order(op: CompareOp, shape: Shape) -> I<'static> {
    match (op, shape) {
        (CompareOp::Lt, I8x16) => I::I8x16LtU,
        (CompareOp::Le, I8x16) => I::I8x16LeU,
        (CompareOp::Gt, I8x16) => I::I8x16GtU,
        (_, I8x16) => I::I8x16GeU,
        (CompareOp::Lt, I16x8) => I::I16x8LtU,
        (CompareOp::Le, I16x8) => I::I16x8LeU,
        (CompareOp::Gt, I16x8) => I::I16x8GtU,
        (_, I16x8) => I::I16x8GeU,
        (CompareOp::Lt, _) => I::I32x4LtU,
        (CompareOp::Le, _) => I::I32x4LeU,
        (CompareOp::Gt, _) => I::I32x4GtU,
        (_, _) => I::I32x4GeU,
    }
}

/// Conversions of four lanes of 32 bits, each exactly as the scalar one.
pub(super) fn convert(from: Scalar, to: Scalar) -> Option<I<'static>> {
    match (from, to) {
        (Scalar::F32, Scalar::I32) => Some(I::I32x4TruncSatF32x4S),
        (Scalar::F32, Scalar::U32) => Some(I::I32x4TruncSatF32x4U),
        (Scalar::I32, Scalar::F32) => Some(I::F32x4ConvertI32x4S),
        (Scalar::U32, Scalar::F32) => Some(I::F32x4ConvertI32x4U),
        _ => None,
    }
}
