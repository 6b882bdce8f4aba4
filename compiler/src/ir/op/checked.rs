//! Integer arithmetic whose result must fit: Python's `int` is 64-bit and checked.

use super::{BinaryOp, Op, UnaryOp};

/// Checked integer ops, on signed types; result as the operands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CheckedOp {
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `-a`: fails for the smallest value alone.
    Neg,
    /// `abs(a)`: fails for the smallest value alone.
    Abs,
    /// `a << b` with `0 <= b` (a `check` before it sees to that): fails if bits are lost or the sign changes.
    Shl,
}

impl CheckedOp {
    pub const ALL: [CheckedOp; 6] =
        [CheckedOp::Add, CheckedOp::Sub, CheckedOp::Mul, CheckedOp::Neg, CheckedOp::Abs, CheckedOp::Shl];

    pub const fn name(self) -> &'static str {
        match self {
            CheckedOp::Add => "add",
            CheckedOp::Sub => "sub",
            CheckedOp::Mul => "mul",
            CheckedOp::Neg => "neg",
            CheckedOp::Abs => "abs",
            CheckedOp::Shl => "shl",
        }
    }

    pub const fn arity(self) -> usize {
        match self {
            CheckedOp::Add | CheckedOp::Sub | CheckedOp::Mul | CheckedOp::Shl => 2,
            CheckedOp::Neg | CheckedOp::Abs => 1,
        }
    }

    /// The op that wraps instead of raising.
    pub const fn wrapping(self) -> Op {
        match self {
            CheckedOp::Add => Op::Binary(BinaryOp::Add),
            CheckedOp::Sub => Op::Binary(BinaryOp::Sub),
            CheckedOp::Mul => Op::Binary(BinaryOp::Mul),
            CheckedOp::Shl => Op::Binary(BinaryOp::Shl),
            CheckedOp::Neg => Op::Unary(UnaryOp::Neg),
            CheckedOp::Abs => Op::Unary(UnaryOp::Abs),
        }
    }

    /// Exists as [`super::Op::Overflowing`] at Machine level; the others are expanded by lowering.
    pub const fn is_machine(self) -> bool {
        matches!(self, CheckedOp::Add | CheckedOp::Sub | CheckedOp::Mul)
    }
}
