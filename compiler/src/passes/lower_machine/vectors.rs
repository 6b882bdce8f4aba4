//! Vector ops with one lane: a vector is its only element, a mask is a bool, and a masked access is an `if`.
//!
//! One lane is a legal choice of L on every target. Packs stay as they are.

use super::Lower;
use crate::ir::op::{Access, VectorOp};
use crate::ir::{InstId, Type, ValueId};

impl Lower<'_> {
    pub fn vector(&mut self, inst: InstId, op: &VectorOp) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let args = self.list(&i.args);
        let of_pack = i.args.first().is_some_and(|&a| matches!(self.source.ty(a), Type::Pack(..)));
        let result = match op {
            VectorOp::LaneCount => Some(self.b.i64(1)),
            VectorOp::LaneIndex | VectorOp::Splat => Some(args[0]),
            VectorOp::Any | VectorOp::All | VectorOp::Reduce(_) if !of_pack => Some(args[0]),
            VectorOp::Load(a) | VectorOp::Gather(a) => Some(self.masked_load(*a, &args)),
            VectorOp::Store(a) | VectorOp::Scatter(a) => {
                self.masked_store(*a, &args);
                None
            }
            VectorOp::Lanes => return self.one_lane(inst, &args),
            VectorOp::Any
            | VectorOp::All
            | VectorOp::Reduce(_)
            | VectorOp::PackSplat(_)
            | VectorOp::PackLoad(..)
            | VectorOp::PackStore(_)
            | VectorOp::Extract(_)
            | VectorOp::Insert(_) => {
                self.copy(inst);
                return Ok(());
            }
        };
        if let Some(r) = result {
            self.bind(&self.source.insts[inst].results, &[r]);
        }
        Ok(())
    }

    fn masked_load(&mut self, access: Access, args: &[ValueId]) -> ValueId {
        let Some(&mask) = args.get(2) else {
            return self.b.load(access, args[0], args[1]);
        };
        let (new, then, otherwise) = self.b.if_(mask, &[Type::Scalar(access.element)]);
        let outside = self.b.enter(then);
        let v = self.b.load(access, args[0], args[1]);
        self.b.yield_(&[v]);
        self.b.enter(otherwise);
        let zero = self.zero(Type::Scalar(access.element));
        self.b.yield_(&[zero]);
        self.b.enter(outside);
        self.b.results(new)[0]
    }

    fn masked_store(&mut self, access: Access, args: &[ValueId]) {
        let Some(&mask) = args.get(3) else {
            return self.b.store(access, args[0], args[1], args[2]);
        };
        let (_, then, otherwise) = self.b.if_(mask, &[]);
        let outside = self.b.enter(otherwise);
        self.b.yield_(&[]);
        self.b.enter(then);
        self.b.store(access, args[0], args[1], args[2]);
        self.b.yield_(&[]);
        self.b.enter(outside);
    }

    /// The region of `lanes`, once.
    fn one_lane(&mut self, inst: InstId, args: &[ValueId]) -> Result<(), String> {
        let i = &self.source.insts[inst];
        self.bind(&self.source.regions[i.regions[0]].params, args);
        let values = self.region(i.regions[0])?.ok_or("the region of lanes does not yield")?;
        self.bind(&self.source.insts[inst].results, &values);
        Ok(())
    }
}
