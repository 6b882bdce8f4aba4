//! What each level may hold; the table in prose is in [`crate::ir`].

use super::Checker;
use crate::ir::module::{InstId, Level};
use crate::ir::op::{BinaryOp, Op, VectorOp};
use crate::ir::ty::Type;
use crate::types::Scalar;

pub fn check(cx: &mut Checker<'_>, insts: &[InstId]) {
    let (f, level) = (cx.f, cx.m.level);
    for ty in f.types(f.params()).into_iter().chain(f.results.iter().copied()) {
        if !type_allowed(ty, level) {
            cx.fault(None, format!("{ty} does not exist at {} level", level.name()));
        }
    }
    for &id in insts {
        let inst = &f.insts[id];
        if !op_allowed(&inst.op, level) {
            cx.fault(id, format!("{} does not exist at {} level", inst.op.name(), level.name()));
            continue;
        }
        let params = inst.regions.iter().flat_map(|&r| &f.regions[r].params);
        if let Some(&v) = inst.results.iter().chain(params).find(|&&v| !type_allowed(f.ty(v), level)) {
            cx.fault(id, format!("{} does not exist at {} level", f.ty(v), level.name()));
        }
        if let (Op::Convert(to), Level::Machine, [a]) = (&inst.op, level, &inst.args[..])
            && f.ty(*a).is_float()
            && !to.is_float()
            && !matches!(to, Scalar::I32 | Scalar::U32 | Scalar::I64 | Scalar::U64)
        {
            cx.fault(id, format!("a float is not converted to {to} at machine level"));
        }
    }
}

fn type_allowed(ty: Type, level: Level) -> bool {
    match ty {
        Type::Scalar(_) | Type::Ptr | Type::Pack(..) => true,
        Type::Vec(_) | Type::Buffer => level != Level::Machine,
        Type::Array(_) => level == Level::Array,
    }
}

fn op_allowed(op: &Op, level: Level) -> bool {
    let machine = level == Level::Machine;
    match op {
        Op::Const(_)
        | Op::Null
        | Op::Unary(_)
        | Op::Compare(_)
        | Op::Select
        | Op::Convert(_)
        | Op::Bitcast(_)
        | Op::Load(_)
        | Op::Store(_)
        | Op::PtrAdd
        | Op::PtrToInt
        | Op::IntToPtr
        | Op::DataAddr(_)
        | Op::StackSlot(_)
        | Op::Call(_)
        | Op::CallImport(_)
        | Op::If
        | Op::Block(_)
        | Op::Yield
        | Op::Break(_)
        | Op::Continue(_)
        | Op::Return
        | Op::Unreachable => true,
        Op::Binary(BinaryOp::FloorDiv | BinaryOp::FloorMod) => !machine,
        Op::Binary(_) => true,
        Op::Overflowing(_) | Op::StackPointer | Op::Poll | Op::Loop(_) | Op::Again(_) => machine,
        Op::Checked(..)
        | Op::Check(_)
        | Op::SiteMatches(_)
        | Op::Buffer(_)
        | Op::StackCheck(_)
        | Op::For(_)
        | Op::While(_)
        | Op::VFor(_)
        | Op::Try(_)
        | Op::Condition
        | Op::Raise(..)
        | Op::Reraise(_) => !machine,
        Op::Vector(v) => !machine || pack_op(v),
        Op::Array(_) => level == Level::Array,
    }
}

/// Works on packs; that its operand is one at Machine level follows from there being no `vec`.
fn pack_op(op: &VectorOp) -> bool {
    match op {
        VectorOp::Any
        | VectorOp::All
        | VectorOp::Reduce(_)
        | VectorOp::PackSplat(_)
        | VectorOp::PackLoad(..)
        | VectorOp::PackStore(_)
        | VectorOp::Extract(_)
        | VectorOp::Insert(_) => true,
        VectorOp::LaneCount
        | VectorOp::LaneIndex
        | VectorOp::Splat
        | VectorOp::Load(_)
        | VectorOp::Store(_)
        | VectorOp::Gather(_)
        | VectorOp::Scatter(_)
        | VectorOp::Lanes => false,
    }
}
