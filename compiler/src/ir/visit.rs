//! Walking and rewriting functions: substitution of values, copies of regions.

use super::module::{Function, InstId, LabelId, LocId, RegionId, ValueData, ValueDef, ValueId};
use super::op::Op;
use crate::base::arena::IdMap;

/// Values to be replaced by others; chains are followed.
#[derive(Clone, Default)]
pub struct Substitution {
    map: IdMap<ValueData, Option<ValueId>>,
    pub is_empty: bool,
}

impl Substitution {
    pub fn new() -> Self {
        Substitution { map: IdMap::default(), is_empty: true }
    }

    pub fn replace(&mut self, old: ValueId, new: ValueId) {
        debug_assert!(old != new);
        self.is_empty = false;
        self.map.set(old, Some(new));
    }

    pub fn resolve(&self, mut v: ValueId) -> ValueId {
        while let Some(next) = self.map[v] {
            v = next;
        }
        v
    }

    /// Rewrites every argument in the function.
    pub fn apply(&self, f: &mut Function) {
        if self.is_empty {
            return;
        }
        for (_, inst) in f.insts.iter_mut() {
            for arg in &mut inst.args {
                *arg = self.resolve(*arg);
            }
        }
    }
}

impl Op {
    /// The op with every label it names replaced.
    pub fn map_labels(mut self, mut m: impl FnMut(LabelId) -> LabelId) -> Op {
        match &mut self {
            Op::Block(l)
            | Op::For(l)
            | Op::While(l)
            | Op::VFor(l)
            | Op::Try(l)
            | Op::Loop(l)
            | Op::Break(l)
            | Op::Continue(l)
            | Op::Again(l)
            | Op::Raise(Some(l), _)
            | Op::Reraise(Some(l)) => *l = m(*l),
            _ => {}
        }
        self
    }
}

/// Copies code from one function into another (or within one), giving fresh values and labels.
pub struct Cloner<'a> {
    pub source: &'a Function,
    values: IdMap<ValueData, Option<ValueId>>,
    labels: IdMap<super::Label, Option<LabelId>>,
    /// What to do with each op's attributes (sites, alias classes, data) and location.
    #[allow(clippy::type_complexity)]
    pub rewrite: &'a mut dyn FnMut(Op, Option<LocId>) -> (Op, Option<LocId>),
}

impl<'a> Cloner<'a> {
    pub fn new(
        source: &'a Function,
        rewrite: &'a mut dyn FnMut(Op, Option<LocId>) -> (Op, Option<LocId>),
    ) -> Cloner<'a> {
        Cloner { source, values: IdMap::default(), labels: IdMap::default(), rewrite }
    }

    /// Uses of `source` value `from` become `to` of the target.
    pub fn map_value(&mut self, from: ValueId, to: ValueId) {
        self.values.set(from, Some(to));
    }

    /// The target's value for a source value; itself if nothing was mapped (copies within one function).
    pub fn value(&self, v: ValueId) -> ValueId {
        self.values[v].unwrap_or(v)
    }

    /// The target's label for a source label, made on first use.
    pub fn label(&mut self, target: &mut Function, l: LabelId) -> LabelId {
        if let Some(new) = self.labels[l] {
            return new;
        }
        let new = target.new_label();
        self.labels.set(l, Some(new));
        new
    }

    /// Copies a region with its parameters; labels defined outside of it stay as they are unless mapped.
    pub fn region(&mut self, target: &mut Function, region: RegionId) -> RegionId {
        let params = self.source.types(&self.source.regions[region].params);
        let new = target.new_region(&params);
        for (i, &p) in self.source.regions[region].params.iter().enumerate() {
            let to = target.regions[new].params[i];
            self.map_value(p, to);
        }
        for &inst in &self.source.regions[region].insts {
            let copy = self.inst(target, inst);
            target.regions[new].insts.push(copy);
        }
        new
    }

    /// Copies one instruction (with its regions); the caller places it.
    pub fn inst(&mut self, target: &mut Function, inst: InstId) -> InstId {
        let source = &self.source.insts[inst];
        if let Some(l) = source.op.defined_label() {
            self.label(target, l);
        }
        let (op, loc) = (self.rewrite)(source.op.clone(), self.source.inst_locs[inst]);
        let labels = &self.labels;
        let op = op.map_labels(|l| labels[l].unwrap_or(l));
        let args = source.args.iter().map(|&a| self.value(a)).collect();
        let regions = source.regions.iter().map(|&r| self.region(target, r)).collect();
        let types = self.source.types(&source.results);
        let results = source.results.clone();
        let new = target.new_inst(op, args, &types, regions, loc);
        for (i, r) in results.into_iter().enumerate() {
            let to = target.insts[new].results[i];
            self.map_value(r, to);
        }
        new
    }
}

impl Function {
    /// An instruction with results of the given types, not yet placed in a region.
    pub fn new_inst(
        &mut self,
        op: Op,
        args: super::ValueList,
        results: &[super::Type],
        regions: smallvec::SmallVec<[RegionId; 2]>,
        loc: Option<LocId>,
    ) -> InstId {
        let inst = self.insts.push(super::Inst { op, args, results: Default::default(), regions });
        for (i, &ty) in results.iter().enumerate() {
            let v = self.values.push(ValueData { ty, def: ValueDef::Result(inst, i as u32) });
            self.insts[inst].results.push(v);
        }
        if loc.is_some() {
            self.inst_locs.set(inst, loc);
        }
        inst
    }
}
