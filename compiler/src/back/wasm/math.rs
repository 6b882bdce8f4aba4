//! Floats: arithmetic, comparisons, conversions. Every op used here is exactly rounded and total.

use wasm_encoder::Instruction as I;

use super::function::Emitter;
use super::ops::is_64;
use crate::ir::op::{BinaryOp, CompareOp, UnaryOp};
use crate::types::Scalar;

impl Emitter<'_> {
    /// Replaces the float on top of the operand stack.
    pub(super) fn float_unary(&mut self, op: UnaryOp, s: Scalar) -> Result<(), String> {
        self.push(match (op, s) {
            (UnaryOp::Neg, Scalar::F32) => I::F32Neg,
            (UnaryOp::Neg, _) => I::F64Neg,
            (UnaryOp::Abs, Scalar::F32) => I::F32Abs,
            (UnaryOp::Abs, _) => I::F64Abs,
            (UnaryOp::Sqrt, Scalar::F32) => I::F32Sqrt,
            (UnaryOp::Sqrt, _) => I::F64Sqrt,
            (UnaryOp::Floor, Scalar::F32) => I::F32Floor,
            (UnaryOp::Floor, _) => I::F64Floor,
            (UnaryOp::Ceil, Scalar::F32) => I::F32Ceil,
            (UnaryOp::Ceil, _) => I::F64Ceil,
            (UnaryOp::Trunc, Scalar::F32) => I::F32Trunc,
            (UnaryOp::Trunc, _) => I::F64Trunc,
            (UnaryOp::Nearest, Scalar::F32) => I::F32Nearest,
            (UnaryOp::Nearest, _) => I::F64Nearest,
            (UnaryOp::Not, _) => return Err(format!("not of {s}")),
        });
        Ok(())
    }

    /// Combines the two floats on top of the operand stack.
    pub(super) fn float_binary(&mut self, op: BinaryOp, s: Scalar) -> Result<(), String> {
        self.push(match (op, s) {
            (BinaryOp::Add, Scalar::F32) => I::F32Add,
            (BinaryOp::Add, _) => I::F64Add,
            (BinaryOp::Sub, Scalar::F32) => I::F32Sub,
            (BinaryOp::Sub, _) => I::F64Sub,
            (BinaryOp::Mul, Scalar::F32) => I::F32Mul,
            (BinaryOp::Mul, _) => I::F64Mul,
            (BinaryOp::Div, Scalar::F32) => I::F32Div,
            (BinaryOp::Div, _) => I::F64Div,
            (BinaryOp::CopySign, Scalar::F32) => I::F32Copysign,
            (BinaryOp::CopySign, _) => I::F64Copysign,
            (
                BinaryOp::Rem
                | BinaryOp::FloorDiv
                | BinaryOp::FloorMod
                | BinaryOp::And
                | BinaryOp::Or
                | BinaryOp::Xor
                | BinaryOp::Shl
                | BinaryOp::Shr
                | BinaryOp::Min
                | BinaryOp::Max,
                _,
            ) => return Err(format!("{} of {s}", op.name())),
        });
        Ok(())
    }

    /// Converts the scalar on top of the operand stack, as [`crate::ir::eval::convert`] says.
    pub(super) fn convert_top(&mut self, from: Scalar, to: Scalar) -> Result<(), String> {
        match (from.is_float(), to.is_float()) {
            (_, false) if to == Scalar::Bool => self.differs_from_zero(from),
            (false, false) => self.convert_integer(from, to),
            (false, true) => self.push(from_integer(from, to)),
            (true, false) => {
                self.push(to_integer(from, to).ok_or_else(|| format!("{from} to {to} is not for Machine level"))?);
            }
            (true, true) => match (from, to) {
                (Scalar::F32, Scalar::F64) => self.push(I::F64PromoteF32),
                (Scalar::F64, Scalar::F32) => self.push(I::F32DemoteF64),
                _ => {}
            },
        }
        Ok(())
    }

    fn differs_from_zero(&mut self, from: Scalar) {
        match from {
            Scalar::Bool => {}
            Scalar::F32 => {
                self.push(I::F32Const(0.0.into()));
                self.push(I::F32Ne);
            }
            Scalar::F64 => {
                self.push(I::F64Const(0.0.into()));
                self.push(I::F64Ne);
            }
            _ => {
                self.int(is_64(from), 0);
                self.push(if is_64(from) { I::I64Ne } else { I::I32Ne });
            }
        }
    }

    fn convert_integer(&mut self, from: Scalar, to: Scalar) {
        match (is_64(from), is_64(to)) {
            (false, true) => self.push(if from.is_signed() { I::I64ExtendI32S } else { I::I64ExtendI32U }),
            (true, false) => {
                self.push(I::I32WrapI64);
                self.wrap(to);
            }
            (true, true) => {}
            (false, false) => {
                let fits = match (from.int_range(), to.int_range()) {
                    (Some((low, high)), Some((to_low, to_high))) => to_low <= low && high <= to_high,
                    _ => true,
                };
                if !fits {
                    self.wrap(to);
                }
            }
        }
    }

    /// Reads the bits of the scalar on top of the operand stack as another of the same size.
    pub(super) fn bitcast_top(&mut self, from: Scalar, to: Scalar) {
        match (from, to) {
            (Scalar::F32, Scalar::F32) | (Scalar::F64, Scalar::F64) => {}
            (Scalar::F32, _) => self.push(I::I32ReinterpretF32),
            (Scalar::F64, _) => self.push(I::I64ReinterpretF64),
            (_, Scalar::F32) => self.push(I::F32ReinterpretI32),
            (_, Scalar::F64) => self.push(I::F64ReinterpretI64),
            _ if from != to => self.wrap(to),
            _ => {}
        }
    }
}

pub(super) fn compare(op: CompareOp, s: Scalar) -> I<'static> {
    match (op, s) {
        (CompareOp::Eq, Scalar::F32) => I::F32Eq,
        (CompareOp::Eq, _) => I::F64Eq,
        (CompareOp::Ne, Scalar::F32) => I::F32Ne,
        (CompareOp::Ne, _) => I::F64Ne,
        (CompareOp::Lt, Scalar::F32) => I::F32Lt,
        (CompareOp::Lt, _) => I::F64Lt,
        (CompareOp::Le, Scalar::F32) => I::F32Le,
        (CompareOp::Le, _) => I::F64Le,
        (CompareOp::Gt, Scalar::F32) => I::F32Gt,
        (CompareOp::Gt, _) => I::F64Gt,
        (CompareOp::Ge, Scalar::F32) => I::F32Ge,
        (CompareOp::Ge, _) => I::F64Ge,
    }
}

fn from_integer(from: Scalar, to: Scalar) -> I<'static> {
    match (from, to) {
        (Scalar::I64, Scalar::F32) => I::F32ConvertI64S,
        (Scalar::I64, _) => I::F64ConvertI64S,
        (Scalar::U64, Scalar::F32) => I::F32ConvertI64U,
        (Scalar::U64, _) => I::F64ConvertI64U,
        // What is smaller is an i32 already; an unsigned one that is not U32 has its sign bit clear.
        (Scalar::U32, Scalar::F32) => I::F32ConvertI32U,
        (Scalar::U32, _) => I::F64ConvertI32U,
        (_, Scalar::F32) => I::F32ConvertI32S,
        (_, _) => I::F64ConvertI32S,
    }
}

/// Towards zero, saturating, NaN to 0.
fn to_integer(from: Scalar, to: Scalar) -> Option<I<'static>> {
    let single = from == Scalar::F32;
    Some(match to {
        Scalar::I32 if single => I::I32TruncSatF32S,
        Scalar::I32 => I::I32TruncSatF64S,
        Scalar::U32 if single => I::I32TruncSatF32U,
        Scalar::U32 => I::I32TruncSatF64U,
        Scalar::I64 if single => I::I64TruncSatF32S,
        Scalar::I64 => I::I64TruncSatF64S,
        Scalar::U64 if single => I::I64TruncSatF32U,
        Scalar::U64 => I::I64TruncSatF64U,
        Scalar::Bool | Scalar::I8 | Scalar::I16 | Scalar::U8 | Scalar::U16 | Scalar::F32 | Scalar::F64 => return None,
    })
}
