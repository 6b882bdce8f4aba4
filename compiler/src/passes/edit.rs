//! What passes that rewrite in place share: a region's instructions are taken out and put back one by one, with others
//! before or instead of them.

use crate::ir::op::{BinaryOp, CompareOp, Const, Op};
use crate::ir::{Function, InstId, LocId, RegionId, Type, ValueId};
use crate::types::Scalar;

/// Appends instructions to a list that will become a region's. Result types are the caller's to know: the ops it has
/// helpers for are those whose type follows from their operands.
pub struct Writer<'a> {
    pub f: &'a mut Function,
    pub insts: Vec<InstId>,
    pub loc: Option<LocId>,
}

impl<'a> Writer<'a> {
    pub fn new(f: &'a mut Function) -> Writer<'a> {
        Writer { f, insts: Vec::new(), loc: None }
    }

    pub fn push(&mut self, op: Op, args: &[ValueId], results: &[Type], regions: &[RegionId]) -> InstId {
        let inst = self.f.new_inst(op, args.into(), results, regions.into(), self.loc);
        self.insts.push(inst);
        inst
    }

    pub fn value(&mut self, op: Op, args: &[ValueId], ty: Type) -> ValueId {
        let inst = self.push(op, args, &[ty], &[]);
        self.f.insts[inst].results[0]
    }

    pub fn constant(&mut self, c: Const) -> ValueId {
        self.value(Op::Const(c), &[], Type::Scalar(c.ty))
    }

    pub fn int(&mut self, s: Scalar, v: i64) -> ValueId {
        self.constant(Const::int(s, v))
    }

    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Binary(op), &[a, b], self.f.ty(a))
    }

    pub fn compare(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> ValueId {
        let ty = self.f.ty(a).with_element(Scalar::Bool);
        self.value(Op::Compare(op), &[a, b], ty)
    }

    pub fn select(&mut self, c: ValueId, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Select, &[c, a, b], self.f.ty(a))
    }

    pub fn convert(&mut self, s: Scalar, a: ValueId) -> ValueId {
        let ty = self.f.ty(a).with_element(s);
        if self.f.ty(a) == ty { a } else { self.value(Op::Convert(s), &[a], ty) }
    }

    /// Writes a nested region; gives it and what `fill` gives.
    pub fn region<T>(&mut self, fill: impl FnOnce(&mut Writer<'_>) -> T) -> (RegionId, T) {
        let mut inner = Writer { f: self.f, insts: Vec::new(), loc: self.loc };
        let out = fill(&mut inner);
        let insts = inner.insts;
        let region = self.f.new_region(&[]);
        self.f.regions[region].insts = insts;
        (region, out)
    }
}
