//! Drops what nothing needs: ops, results of constructs, loop-carried values, constructs without effect.
//!
//! Pays by itself and because other passes leave their waste to it. What has an effect is needed, and so is what decides
//! whether it happens; values are needed from there. A carried value or a construct's result is one *column*, from the
//! initial value by the yields to the result: it is needed as a whole or dropped as a whole. Loops whose end is not
//! certain (`while`, `loop`) stay: a program that hangs must not stop hanging.
//!
//! Takes and leaves any level.

use super::analysis::purity::CallEffects;
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::effects::effects;
use crate::ir::module::{Inst, Label, Region, ValueDef};
use crate::ir::op::VectorOp;
use crate::ir::{Function, InstId, Level, Op, RegionId, ValueId};

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let mut live = Liveness::new(f, cx);
    live.solve();
    let (insts, columns) = (live.insts, live.columns);
    let mut sweep = Sweep { f, live: &insts, columns: &columns, changed: false };
    sweep.region(sweep.f.body);
    sweep.changed
}

/// Where column 0 stands among the operands of a construct and of a terminator.
const fn first_init(op: &Op) -> Option<usize> {
    match op {
        Op::For(_) => Some(3),
        Op::VFor(_) => Some(2),
        Op::While(_) | Op::Loop(_) => Some(0),
        _ => None,
    }
}

const fn first_param(op: &Op) -> usize {
    matches!(op, Op::For(_) | Op::VFor(_)) as usize
}

const fn first_result(op: &Op) -> usize {
    matches!(op, Op::VFor(_)) as usize
}

const fn first_passed(op: &Op) -> usize {
    matches!(op, Op::Again(_) | Op::Condition) as usize
}

/// The op has columns: results that its regions give.
const fn has_columns(op: &Op) -> bool {
    matches!(
        op,
        Op::If
            | Op::Block(_)
            | Op::Try(_)
            | Op::For(_)
            | Op::VFor(_)
            | Op::While(_)
            | Op::Loop(_)
            | Op::Vector(VectorOp::Lanes)
    )
}

struct Liveness<'a> {
    f: &'a Function,
    level: Level,
    calls: &'a CallEffects,
    insts: IdMap<Inst, bool>,
    /// The needed columns of each construct.
    columns: IdMap<Inst, Vec<bool>>,
    /// The construct that a region belongs to.
    owner: IdMap<Region, Option<InstId>>,
    /// The region that an instruction stands in.
    place: IdMap<Inst, Option<RegionId>>,
    /// The terminators that pass values on to a construct's columns.
    feeds: IdMap<Inst, Vec<InstId>>,
    /// The construct of each label.
    constructs: IdMap<Label, Option<InstId>>,
    work: Vec<InstId>,
    values: Vec<ValueId>,
}

impl<'a> Liveness<'a> {
    fn new(f: &'a Function, cx: &Cx<'a>) -> Liveness<'a> {
        Liveness {
            f,
            level: cx.module.level,
            calls: cx.calls,
            insts: IdMap::default(),
            columns: IdMap::default(),
            owner: IdMap::default(),
            place: IdMap::default(),
            feeds: IdMap::default(),
            constructs: IdMap::default(),
            work: Vec::new(),
            values: Vec::new(),
        }
    }

    fn solve(&mut self) {
        self.scan(self.f.body, None);
        while let Some(inst) = self.work.pop() {
            self.need(inst);
            while let Some(v) = self.values.pop() {
                self.need_value(v);
            }
        }
    }

    /// Records the shape of the function and starts with what is needed by itself.
    fn scan(&mut self, region: RegionId, owner: Option<InstId>) {
        self.owner.set(region, owner);
        for &inst in &self.f.regions[region].insts {
            self.place.set(inst, Some(region));
            let i = &self.f.insts[inst];
            if let Some(l) = i.op.defined_label() {
                self.constructs.set(l, Some(inst));
            }
            for &r in &i.regions {
                self.scan(r, Some(inst));
            }
            match &i.op {
                Op::Yield | Op::Condition => {
                    if let Some(owner) = owner {
                        self.feeds.entry(owner).push(inst);
                    }
                }
                Op::Break(l) | Op::Continue(l) | Op::Again(l) => {
                    if let Some(target) = self.constructs[*l] {
                        self.feeds.entry(target).push(inst);
                    }
                }
                // A handler's raise is needed once its `try` is; others leave the function.
                Op::Raise(Some(l), _) | Op::Reraise(Some(l)) => {
                    if let Some(target) = self.constructs[*l] {
                        self.feeds.entry(target).push(inst);
                    }
                }
                Op::Return | Op::Raise(None, _) | Op::Reraise(None) | Op::While(_) | Op::Loop(_) => {
                    self.work.push(inst);
                }
                // Nothing depends on it, and it goes with its region.
                Op::Unreachable => {}
                Op::Call(callee) if self.calls.of(*callee).is_pure() => {}
                op => {
                    let e = effects(op, self.level);
                    if e.raises || e.writes != crate::ir::effects::Memory::None {
                        self.work.push(inst);
                    }
                }
            }
        }
    }

    /// The instruction happens: so does what it stands in, and its operands are needed.
    fn need(&mut self, inst: InstId) {
        if std::mem::replace(self.insts.entry(inst), true) {
            return;
        }
        if let Some(owner) = self.place[inst].and_then(|r| self.owner[r]) {
            self.work.push(owner);
        }
        let i = &self.f.insts[inst];
        let passed = first_passed(&i.op);
        match &i.op {
            // What they pass on is needed by column.
            Op::Yield | Op::Break(_) | Op::Continue(_) | Op::Again(_) | Op::Condition => {
                self.values.extend(&i.args[..passed]);
            }
            op if has_columns(op) => {
                let init = first_init(op).unwrap_or(i.args.len());
                self.values.extend(&i.args[..init]);
                // Every way out of it, or round it, is part of it.
                self.work.extend(&self.feeds[inst]);
            }
            _ => self.values.extend(&i.args),
        }
        // What is no construct of ours needs all that its regions yield.
        if !has_columns(&i.op) {
            for end in i.regions.iter().filter_map(|&r| self.f.terminator(r)) {
                self.work.push(end);
                self.values.extend(&self.f.insts[end].args);
            }
        }
    }

    fn need_value(&mut self, v: ValueId) {
        match self.f.values[v].def {
            ValueDef::Result(inst, k) => {
                self.work.push(inst);
                let op = &self.f.insts[inst].op;
                if has_columns(op)
                    && let Some(column) = (k as usize).checked_sub(first_result(op))
                {
                    self.need_column(inst, column);
                }
            }
            ValueDef::Param(region, k) => {
                let Some(inst) = self.owner[region] else { return };
                let op = &self.f.insts[inst].op;
                if first_init(op).is_some()
                    && let Some(column) = (k as usize).checked_sub(first_param(op))
                {
                    self.need_column(inst, column);
                }
            }
        }
    }

    fn need_column(&mut self, inst: InstId, column: usize) {
        let columns = self.columns.entry(inst);
        if columns.len() <= column {
            columns.resize(column + 1, false);
        }
        if std::mem::replace(&mut columns[column], true) {
            return;
        }
        let i = &self.f.insts[inst];
        if let Some(first) = first_init(&i.op) {
            self.values.push(i.args[first + column]);
        }
        for &t in &self.feeds[inst] {
            let end = &self.f.insts[t];
            if matches!(end.op, Op::Raise(..) | Op::Reraise(_)) {
                continue;
            }
            self.values.push(end.args[first_passed(&end.op) + column]);
        }
    }
}

struct Sweep<'a> {
    f: &'a mut Function,
    live: &'a IdMap<Inst, bool>,
    columns: &'a IdMap<Inst, Vec<bool>>,
    changed: bool,
}

impl Sweep<'_> {
    fn region(&mut self, region: RegionId) {
        let mut insts = std::mem::take(&mut self.f.regions[region].insts);
        let before = insts.len();
        // Ends of regions stay as long as the region does.
        insts.retain(|&i| self.live[i] || self.f.insts[i].op.is_terminator());
        self.changed |= insts.len() != before;
        for &inst in &insts {
            for k in 0..self.f.insts[inst].regions.len() {
                self.region(self.f.insts[inst].regions[k]);
            }
        }
        self.f.regions[region].insts = insts;
        // Columns go once the terminators inside are known to stand.
        for k in 0..self.f.regions[region].insts.len() {
            let inst = self.f.regions[region].insts[k];
            if has_columns(&self.f.insts[inst].op) {
                self.drop_columns(inst);
            }
        }
    }

    fn drop_columns(&mut self, inst: InstId) {
        let op = self.f.insts[inst].op.clone();
        let count = self.f.insts[inst].results.len() - first_result(&op);
        let live = &self.columns[inst];
        let keep = |k: usize| live.get(k).copied().unwrap_or(false);
        if (0..count).all(keep) {
            return;
        }
        self.changed = true;
        let retain = |list: &mut crate::ir::ValueList, first: usize| {
            let mut at = 0;
            list.retain(|_| {
                at += 1;
                at <= first || keep(at - 1 - first)
            });
        };
        retain(&mut self.f.insts[inst].results, first_result(&op));
        if let Some(first) = first_init(&op) {
            retain(&mut self.f.insts[inst].args, first);
        }
        let regions = self.f.insts[inst].regions.clone();
        for &r in &regions {
            if first_init(&op).is_some() {
                retain(&mut self.f.regions[r].params, first_param(&op));
                self.renumber(r);
            }
            self.ends(r, op.defined_label(), true, &retain);
        }
        for k in 0..self.f.insts[inst].results.len() {
            let v = self.f.insts[inst].results[k];
            self.f.values[v].def = ValueDef::Result(inst, k as u32);
        }
    }

    fn renumber(&mut self, region: RegionId) {
        for k in 0..self.f.regions[region].params.len() {
            let v = self.f.regions[region].params[k];
            self.f.values[v].def = ValueDef::Param(region, k as u32);
        }
    }

    /// Drops columns from the terminators that end the region or name the label.
    fn ends(
        &mut self,
        region: RegionId,
        label: Option<crate::ir::LabelId>,
        own: bool,
        retain: &impl Fn(&mut crate::ir::ValueList, usize),
    ) {
        for k in 0..self.f.regions[region].insts.len() {
            let inst = self.f.regions[region].insts[k];
            let op = self.f.insts[inst].op.clone();
            let ours = match &op {
                Op::Yield | Op::Condition => own,
                Op::Break(l) | Op::Continue(l) | Op::Again(l) => Some(*l) == label,
                _ => false,
            };
            if ours {
                retain(&mut self.f.insts[inst].args, first_passed(&op));
            }
            for r in 0..self.f.insts[inst].regions.len() {
                self.ends(self.f.insts[inst].regions[r], label, false, retain);
            }
        }
    }
}
