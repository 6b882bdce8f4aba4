//! Counts references: makes buffers that are used as one likes into buffers that every path consumes exactly once.
//!
//! A buffer is owned from its definition to its last use, pointers into it included ([`Guards`]). Its last use takes it
//! over where that use consumes it; else it is released there. Other uses that consume get a reference of their own.
//! Ways out of a construct release what its inside owns. What may raise while a buffer is owned stands in a `try` whose
//! handler releases it. The verifier checks the balance.

use std::collections::BTreeSet;

use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::effects::effects;
use crate::ir::module::ValueData;
use crate::ir::op::BufferOp;
use crate::ir::typing::HANDLER_PARAMS;
use crate::ir::{Function, InstId, LabelId, Level, LocId, Op, RegionId, Type, ValueId};

/// The buffer that a pointer points into.
pub type Guards = IdMap<ValueData, Option<ValueId>>;

/// Inserts retains, releases and handlers.
pub fn insert(f: &mut Function, mut guards: Guards) {
    let buffer = |f: &Function, v: &ValueId| f.ty(*v) == Type::Buffer;
    let some =
        f.params().iter().any(|v| buffer(f, v)) || f.insts.iter().any(|(_, i)| i.results.iter().any(|v| buffer(f, v)));
    if !some {
        return;
    }
    for inst in f.all_insts() {
        let i = &f.insts[inst];
        if i.op == Op::PtrAdd {
            guards.set(i.results[0], guards[i.args[0]]);
        }
    }
    let body = f.body;
    Insert { f, guards, renamed: IdMap::default(), owned: Vec::new(), frames: Vec::new(), handlers: Vec::new() }
        .region(body);
}

/// A reference that the code at hand owns.
struct Owned {
    value: ValueId,
    /// Frames around its region.
    level: usize,
    /// The instruction of its region that uses it last.
    last: InstId,
    /// That instruction takes it over.
    moved: bool,
}

struct Insert<'a> {
    f: &'a mut Function,
    guards: Guards,
    /// Buffers that came out of a new `try` under another name.
    renamed: IdMap<ValueData, Option<ValueId>>,
    owned: Vec<Owned>,
    /// The labels of the constructs around the code at hand.
    frames: Vec<Option<LabelId>>,
    /// The `try` bodies around it.
    handlers: Vec<LabelId>,
}

impl Insert<'_> {
    fn region(&mut self, region: RegionId) {
        let insts = std::mem::take(&mut self.f.regions[region].insts);
        let params = self.f.regions[region].params.iter().copied();
        let pending = params.filter(|&v| self.f.ty(v) == Type::Buffer).collect();
        let out = self.list(insts, pending);
        self.f.regions[region].insts = out;
    }

    /// Instructions of one region, at whose start some buffers are owned anew.
    fn list(&mut self, mut insts: Vec<InstId>, mut pending: Vec<ValueId>) -> Vec<InstId> {
        let (start, level) = (self.owned.len(), self.frames.len());
        let mut out = Vec::with_capacity(insts.len());
        let mut at = 0;
        loop {
            if !pending.is_empty() {
                let group = std::mem::take(&mut pending);
                pending = self.own(group, &mut insts, at, level, &mut out);
                continue;
            }
            let Some(&inst) = insts.get(at) else { break };
            at += 1;
            if self.f.insts[inst].op.is_terminator() {
                self.terminator(inst, &mut out);
                break;
            }
            self.inst(inst, &mut out);
            let results = self.f.insts[inst].results.iter().copied();
            pending.extend(results.filter(|&v| self.f.ty(v) == Type::Buffer));
        }
        self.owned.truncate(start);
        out
    }

    /// Buffers that are owned from position `at` on, all at once: a handler knows only those that are owned where its
    /// `try` begins, so they are kept together until the last use of any. What they are kept for is taken out of `insts`
    /// if it moves into a construct; gives the buffers that come out of that.
    fn own(
        &mut self,
        group: Vec<ValueId>,
        insts: &mut Vec<InstId>,
        at: usize,
        level: usize,
        out: &mut Vec<InstId>,
    ) -> Vec<ValueId> {
        let mut live = Vec::new();
        for v in group {
            match insts[at..].iter().rposition(|&i| self.uses(i, v)) {
                Some(k) => live.push((v, at + k)),
                None => self.release(v, None, out),
            }
        }
        let Some(last) = live.iter().map(|(_, last)| *last).max() else { return vec![] };
        let inst = insts[last];
        let ends = self.f.insts[inst].op.is_terminator();
        let alone = matches!(live[..], [(v, _)] if self.takes_over(inst, v));
        let moved = !ends && alone && !self.hands_on(&insts[at..last], &insts[last..]);
        let end = if ends || moved { last } else { last + 1 };
        let raises = insts[at..end].iter().any(|&i| self.may_raise(i));
        if !raises && (ends || !self.hands_on(&insts[at..end], &insts[end..])) {
            for (value, last) in live {
                let inst = insts[last];
                self.owned.push(Owned { value, level, last: inst, moved: self.takes_over(inst, value) });
            }
            return vec![];
        }
        let values: Vec<ValueId> = live.iter().map(|(v, _)| *v).collect();
        let loc = self.f.inst_locs[inst];
        let rest = insts.split_off(end);
        let body = insts.split_off(at);
        let fresh = self.guard(&values, raises, body, &rest, out);
        insts.extend(rest);
        for value in values {
            if end > last {
                self.release(value, loc, out);
            } else {
                self.owned.push(Owned { value, level, last: inst, moved });
            }
        }
        fresh
    }

    /// Some buffer that is defined among the first instructions is needed by the others.
    fn hands_on(&self, first: &[InstId], others: &[InstId]) -> bool {
        let defined = first.iter().flat_map(|&i| self.f.insts[i].results.iter().copied());
        let mut buffers = defined.filter(|&v| self.f.ty(v) == Type::Buffer);
        buffers.any(|v| others.iter().any(|&i| self.uses(i, v)))
    }

    /// Puts `body` into a `try` whose handler releases the buffers, or into a block if nothing raises. Gives the buffers
    /// that come out of it.
    fn guard(
        &mut self,
        values: &[ValueId],
        raises: bool,
        mut body: Vec<InstId>,
        rest: &[InstId],
        out: &mut Vec<InstId>,
    ) -> Vec<ValueId> {
        let loc = body.first().and_then(|&i| self.f.inst_locs[i]);
        let label = self.f.new_label();
        let mut names: IdMap<ValueData, Option<ValueId>> = IdMap::default();
        let mut passed = self.passed(&body, rest);
        // Constants are made again: as results they would be no constants.
        let mut constants = Vec::new();
        passed.retain(|&v| {
            let Some(c) = self.f.constant(v) else { return true };
            let new = self.f.new_inst(Op::Const(c), Default::default(), &[Type::Scalar(c.ty)], Default::default(), loc);
            names.set(v, Some(self.f.insts[new].results[0]));
            constants.push(new);
            false
        });
        let types = self.f.types(&passed);
        let end = self.f.new_inst(Op::Yield, passed.as_slice().into(), &[], Default::default(), loc);
        body.push(end);
        let outer = self.handlers.last().copied();
        self.handlers.extend(raises.then_some(label));
        // Ways out of the body release them too.
        let (held, level) = (self.owned.len(), self.frames.len());
        self.owned.extend(values.iter().map(|&value| Owned { value, level, last: end, moved: false }));
        self.frames.push(Some(label));
        let inner = self.f.new_region(&[]);
        let insts = self.list(body, vec![]);
        self.f.regions[inner].insts = insts;
        self.frames.pop();
        self.owned.truncate(held);
        let mut op = Op::Block(label);
        let mut regions = smallvec::smallvec![inner];
        if raises {
            self.handlers.pop();
            regions.push(self.handler(values, outer, loc));
            op = Op::Try(label);
        }
        let inst = self.f.new_inst(op, Default::default(), &types, regions, loc);
        out.push(inst);
        out.extend(constants);
        let results = self.f.insts[inst].results.clone();
        for (&old, &new) in passed.iter().zip(&results) {
            names.set(old, Some(new));
            if self.f.ty(new) == Type::Buffer {
                self.renamed.set(old, Some(new));
            }
            self.guards.set(new, self.guards[old]);
        }
        for &i in rest {
            self.rename(i, &names);
        }
        results.into_iter().filter(|&r| self.f.ty(r) == Type::Buffer).collect()
    }

    /// A handler that releases buffers and lets the exception pass on.
    fn handler(&mut self, values: &[ValueId], outer: Option<LabelId>, loc: Option<LocId>) -> RegionId {
        let handler = self.f.new_region(&HANDLER_PARAMS);
        let mut insts = Vec::new();
        for &v in values {
            self.release(v, loc, &mut insts);
        }
        let words = self.f.regions[handler].params.clone();
        insts.push(self.f.new_inst(Op::Reraise(outer), words, &[], Default::default(), loc));
        self.f.regions[handler].insts = insts;
        handler
    }

    /// What is defined in `body` and used in `rest`, in order.
    fn passed(&self, body: &[InstId], rest: &[InstId]) -> Vec<ValueId> {
        let mut used = BTreeSet::new();
        for &i in rest {
            self.visit_args(i, &mut |v| {
                used.insert(v);
                used.extend(self.guards[v].map(|b| self.resolve(b)));
            });
        }
        let defined = body.iter().flat_map(|&i| self.f.insts[i].results.iter().copied());
        defined.filter(|v| used.contains(v)).collect()
    }

    fn rename(&mut self, inst: InstId, names: &IdMap<ValueData, Option<ValueId>>) {
        for arg in &mut self.f.insts[inst].args {
            *arg = names[*arg].unwrap_or(*arg);
        }
        for r in self.f.insts[inst].regions.clone() {
            for k in 0..self.f.regions[r].insts.len() {
                self.rename(self.f.regions[r].insts[k], names);
            }
        }
    }

    fn resolve(&self, mut b: ValueId) -> ValueId {
        while let Some(next) = self.renamed[b] {
            b = next;
        }
        b
    }

    fn visit_args(&self, inst: InstId, found: &mut impl FnMut(ValueId)) {
        self.f.insts[inst].args.iter().for_each(|&a| found(a));
        for &r in &self.f.insts[inst].regions {
            for &i in &self.f.regions[r].insts {
                self.visit_args(i, found);
            }
        }
    }

    /// The instruction, or something in it, needs the buffer to be there.
    fn uses(&self, inst: InstId, v: ValueId) -> bool {
        let i = &self.f.insts[inst];
        let points = |a: ValueId| self.guards[a].is_some_and(|b| self.resolve(b) == v);
        i.args.iter().any(|&a| a == v || points(a)) || self.uses_inside(inst, v)
    }

    fn uses_inside(&self, inst: InstId, v: ValueId) -> bool {
        let mut regions = self.f.insts[inst].regions.iter();
        regions.any(|&r| self.f.regions[r].insts.iter().any(|&i| self.uses(i, v)))
    }

    /// The instruction's last act with the buffer is to take it over.
    fn takes_over(&self, inst: InstId, v: ValueId) -> bool {
        let i = &self.f.insts[inst];
        // A pointer beside it, which a callee borrows, needs the buffer to outlive the call.
        let points = |a: &&ValueId| self.guards[**a].is_some_and(|b| self.resolve(b) == v);
        let (pointers, taken) = (i.args.iter().filter(points).count(), i.args.iter().filter(|&&a| a == v).count());
        let borrowed = matches!(i.op, Op::Call(_)) && pointers > taken;
        consumes(&i.op) && taken > 0 && !borrowed && !self.uses_inside(inst, v)
    }

    fn may_raise(&self, inst: InstId) -> bool {
        let i = &self.f.insts[inst];
        let itself = effects(&i.op, Level::Loop).raises;
        itself || i.regions.iter().any(|&r| self.f.regions[r].insts.iter().any(|&i| self.may_raise(i)))
    }

    fn release(&mut self, v: ValueId, loc: Option<LocId>, out: &mut Vec<InstId>) {
        let op = Op::Buffer(BufferOp::Release);
        out.push(self.f.new_inst(op, [v].as_slice().into(), &[], Default::default(), loc));
    }

    /// A further reference, for an operand that is consumed.
    fn retain(&mut self, inst: InstId, operand: usize, out: &mut Vec<InstId>) {
        let (v, loc) = (self.f.insts[inst].args[operand], self.f.inst_locs[inst]);
        let op = Op::Buffer(BufferOp::Retain);
        let new = self.f.new_inst(op, [v].as_slice().into(), &[Type::Buffer], Default::default(), loc);
        out.push(new);
        self.f.insts[inst].args[operand] = self.f.insts[new].results[0];
    }

    fn buffers(&self, inst: InstId) -> Vec<usize> {
        let args = &self.f.insts[inst].args;
        (0..args.len()).filter(|&k| self.f.ty(args[k]) == Type::Buffer).collect()
    }

    /// An instruction that is not a terminator.
    fn inst(&mut self, inst: InstId, out: &mut Vec<InstId>) {
        if consumes(&self.f.insts[inst].op) {
            for k in self.buffers(inst) {
                let v = self.f.insts[inst].args[k];
                let moved = self.owned.iter().position(|o| o.value == v && o.last == inst && o.moved);
                match moved {
                    Some(at) => {
                        self.owned.remove(at);
                    }
                    None => self.retain(inst, k, out),
                }
            }
        }
        let (label, loc) = (self.f.insts[inst].op.defined_label(), self.f.inst_locs[inst]);
        self.frames.push(label);
        for k in 0..self.f.insts[inst].regions.len() {
            let handled = match self.f.insts[inst].op {
                Op::Try(l) if k != SECOND => Some(l),
                _ => None,
            };
            self.handlers.extend(handled);
            self.region(self.f.insts[inst].regions[k]);
            if handled.is_some() {
                self.handlers.pop();
            }
        }
        self.frames.pop();
        out.push(inst);
        while let Some(at) = self.owned.iter().position(|o| o.last == inst && o.level == self.frames.len()) {
            let done = self.owned.remove(at);
            self.release(done.value, loc, out);
        }
    }

    /// Passes on or releases what the regions that are left own.
    fn terminator(&mut self, inst: InstId, out: &mut Vec<InstId>) {
        let level = match self.f.insts[inst].op {
            Op::Yield | Op::Condition => self.frames.len(),
            Op::Break(l) | Op::Continue(l) | Op::Again(l) | Op::Raise(Some(l), _) | Op::Reraise(Some(l)) => {
                self.frames.iter().rposition(|f| *f == Some(l)).map_or(0, |p| p + 1)
            }
            Op::Return | Op::Raise(None, _) | Op::Reraise(None) => 0,
            _ => {
                out.push(inst);
                return;
            }
        };
        let mut left: Vec<ValueId> = self.owned.iter().filter(|o| o.level >= level).map(|o| o.value).collect();
        for k in self.buffers(inst) {
            let v = self.f.insts[inst].args[k];
            match left.iter().position(|&o| o == v) {
                Some(at) => drop(left.remove(at)),
                None => self.retain(inst, k, out),
            }
        }
        let loc = self.f.inst_locs[inst];
        for v in left {
            self.release(v, loc, out);
        }
        out.push(inst);
    }
}

/// Takes over the buffers among its operands.
fn consumes(op: &Op) -> bool {
    matches!(
        op,
        Op::Call(_) | Op::For(_) | Op::While(_) | Op::VFor(_) | Op::Buffer(BufferOp::Escape | BufferOp::Release)
    )
}
