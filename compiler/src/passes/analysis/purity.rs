//! Which ops may be done where nobody asked for them.

use crate::ir::op::BinaryOp;
use crate::ir::{Function, InstId, Op};

/// An arithmetic op that has a result for every value its operands may have, at Machine level too, where division and
/// shifts want safe operands: floats always do, integers with a safe constant on the right.
pub fn is_total(f: &Function, inst: InstId) -> bool {
    let i = &f.insts[inst];
    let Op::Binary(op) = i.op else { return false };
    if f.ty(i.args[0]).is_float() {
        return true;
    }
    let Some(c) = f.constant(i.args[1]) else { return false };
    match op {
        BinaryOp::Div | BinaryOp::Rem => c.as_int() != 0 && c.as_int() != -1,
        BinaryOp::Shl | BinaryOp::Shr => (0..c.ty.bits() as i128).contains(&c.as_int()),
        _ => false,
    }
}
