//! Buffers: each is consumed exactly once on every path, and none is lost to a raise.
//!
//! The walk carries the set of buffers owned at each point. A construct starts with what its surroundings own; every
//! way out of it to one place must leave the same set, a loop's way back the set it started with, and a raise the set
//! that the `try` started with - so what a body owns itself must be gone by then.

use std::collections::BTreeSet;

use super::Checker;
use super::effects::Summary;
use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::module::{InstId, Label, LabelId, RegionId, ValueId};
use crate::ir::op::{BufferOp, Op};
use crate::ir::ty::Type;

type Owned = BTreeSet<ValueId>;

pub fn check(cx: &mut Checker<'_>, insts: &[InstId], summary: &Summary) {
    let f = cx.f;
    let buffer = |&v: &ValueId| f.ty(v) == Type::Buffer;
    let some = f.params().iter().any(buffer) || insts.iter().any(|&i| f.insts[i].results.iter().any(buffer));
    if some {
        let (frames, labels, handlers) = (Vec::new(), IdMap::default(), Vec::new());
        Ownership { cx, summary, frames, labels, handlers }.region(f.body, Owned::new());
    }
}

struct Frame {
    inst: InstId,
    region: usize,
    /// Owned when the construct starts.
    entry: Owned,
    /// Owned after it, once some way out is known.
    exit: Option<Owned>,
}

struct Ownership<'c, 'a> {
    cx: &'c mut Checker<'a>,
    summary: &'c Summary,
    frames: Vec<Frame>,
    labels: IdMap<Label, Option<usize>>,
    /// Positions in `frames` of the `try` bodies that are open.
    handlers: Vec<usize>,
}

impl Ownership<'_, '_> {
    fn region(&mut self, region: RegionId, mut owned: Owned) {
        let f = self.cx.f;
        self.gain(&f.regions[region].params, &mut owned);
        for &id in &f.regions[region].insts {
            let inst = &f.insts[id];
            self.operands(id, &mut owned);
            if owned.len() > self.cx.limits.buffers {
                return self.cx.fault(id, format!("more than {} buffers are owned here", self.cx.limits.buffers));
            }
            if !inst.regions.is_empty() {
                match self.construct(id, owned) {
                    Some(after) => owned = after,
                    None => return,
                }
            } else if inst.op.is_terminator() {
                return self.terminator(id, &owned);
            } else if self.summary.op_raises(&inst.op, self.cx.m.level) {
                let target = self.handlers.last().copied();
                self.raises(id, target, &owned);
            }
            self.gain(&inst.results, &mut owned);
        }
    }

    fn gain(&self, values: &[ValueId], owned: &mut Owned) {
        owned.extend(values.iter().filter(|&&v| self.cx.f.ty(v) == Type::Buffer));
    }

    /// Every buffer operand is owned; some ops take it over.
    fn operands(&mut self, id: InstId, owned: &mut Owned) {
        let inst = &self.cx.f.insts[id];
        let consumes = match inst.op {
            Op::Buffer(op) => matches!(op, BufferOp::Release | BufferOp::Escape),
            _ => true,
        };
        for &v in inst.args.iter().filter(|&&v| self.cx.f.ty(v) == Type::Buffer) {
            let held = if consumes { owned.remove(&v) } else { owned.contains(&v) };
            if !held {
                let name = self.cx.name(v);
                self.cx.fault(id, format!("buffer {name} is consumed already"));
            }
        }
    }

    /// What is owned after a construct, unless it never ends.
    fn construct(&mut self, id: InstId, entry: Owned) -> Option<Owned> {
        let inst = &self.cx.f.insts[id];
        let position = self.frames.len();
        let exit = match inst.op {
            Op::For(_) | Op::VFor(_) | Op::Vector(_) | Op::Array(_) => Some(entry.clone()),
            _ => None,
        };
        if self.summary.op_raises(&inst.op, self.cx.m.level) {
            let target = self.handlers.last().copied();
            self.raises(id, target, &entry);
        }
        self.frames.push(Frame { inst: id, region: 0, entry, exit });
        if let Some(l) = inst.op.defined_label() {
            self.labels.set(l, Some(position));
        }
        for (k, &region) in inst.regions.iter().enumerate() {
            let body = matches!(inst.op, Op::Try(_)) && k != SECOND;
            if body {
                self.handlers.push(position);
            }
            self.frames[position].region = k;
            let start = self.frames[position].entry.clone();
            self.region(region, start);
            if body {
                self.handlers.pop();
            }
        }
        if let Some(l) = inst.op.defined_label() {
            self.labels.set(l, None);
        }
        let mut exit = self.frames.pop().and_then(|frame| frame.exit);
        if let Some(owned) = &mut exit {
            self.gain(&inst.results, owned);
        }
        exit
    }

    fn terminator(&mut self, id: InstId, owned: &Owned) {
        match self.cx.f.insts[id].op {
            Op::Yield => {
                let Some(position) = self.frames.len().checked_sub(1) else { return };
                match self.cx.f.insts[self.frames[position].inst].op {
                    Op::If | Op::Block(_) | Op::Try(_) => self.exits(id, position, owned),
                    _ => self.returns_to(id, position, owned),
                }
            }
            Op::Condition => {
                let Some(position) = self.frames.len().checked_sub(1) else { return };
                self.returns_to(id, position, owned);
                self.exits(id, position, owned);
            }
            Op::Break(l) => self.at(l, |this, position| this.exits(id, position, owned)),
            Op::Continue(l) => self.at(l, |this, position| this.returns_to(id, position, owned)),
            Op::Again(l) => self.at(l, |this, position| {
                this.returns_to(id, position, owned);
                this.exits(id, position, owned);
            }),
            Op::Return | Op::Raise(None, _) | Op::Reraise(None) => self.raises(id, None, owned),
            Op::Raise(Some(l), _) | Op::Reraise(Some(l)) => {
                self.at(l, |this, position| this.raises(id, Some(position), owned))
            }
            _ => {}
        }
    }

    fn at(&mut self, label: LabelId, then: impl FnOnce(&mut Self, usize)) {
        if let Some(position) = self.labels[label] {
            then(self, position);
        }
    }

    /// The function is left, or a handler entered.
    fn raises(&mut self, id: InstId, target: Option<usize>, owned: &Owned) {
        let entry = match target {
            Some(position) => &self.frames[position].entry,
            None => &Owned::new(),
        };
        if owned == entry {
            return;
        }
        let lost: Vec<ValueId> = owned.difference(entry).copied().collect();
        let gone: Vec<ValueId> = entry.difference(owned).copied().collect();
        if lost.is_empty() {
            let names = self.cx.names(gone);
            self.cx.fault(id, format!("the handler owns {names}, which is consumed already"));
        } else {
            let names = self.cx.names(lost);
            self.cx.fault(id, format!("leaving from here loses buffer {names}"));
        }
    }

    /// A way out of a construct: all must agree.
    fn exits(&mut self, id: InstId, position: usize, owned: &Owned) {
        if !self.loses_none(id, position, owned) {
            return;
        }
        match &self.frames[position].exit {
            None => self.frames[position].exit = Some(owned.clone()),
            Some(other) if other != owned => {
                let names: Vec<ValueId> = other.symmetric_difference(owned).copied().collect();
                let names = self.cx.names(names);
                self.cx.fault(id, format!("buffer {names} is consumed on one way out but not on another"));
            }
            Some(_) => {}
        }
    }

    /// The way back of a loop: as it started.
    fn returns_to(&mut self, id: InstId, position: usize, owned: &Owned) {
        if self.loses_none(id, position, owned) && *owned != self.frames[position].entry {
            let names: Vec<ValueId> = self.frames[position].entry.difference(owned).copied().collect();
            let names = self.cx.names(names);
            self.cx.fault(id, format!("buffer {names} is consumed in a loop that it was not made in"));
        }
    }

    /// What the construct's inside owns must be consumed before it is left.
    fn loses_none(&mut self, id: InstId, position: usize, owned: &Owned) -> bool {
        let lost: Vec<ValueId> = owned.difference(&self.frames[position].entry).copied().collect();
        if lost.is_empty() {
            return true;
        }
        let names = self.cx.names(lost);
        self.cx.fault(id, format!("leaving from here loses buffer {names}"));
        false
    }
}
