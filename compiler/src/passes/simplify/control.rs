//! Idle constructs: blocks that nothing breaks, `if`s that decide nothing, loop-carried values that never change.

use super::Simplify;
use crate::ir::control::SECOND;
use crate::ir::effects::effects;
use crate::ir::op::UnaryOp;
use crate::ir::{Function, InstId, LabelId, Op, RegionId, Type, ValueId};
use crate::passes::edit::{Action, Edit, ends_in};

impl Simplify {
    /// A carried value that every round passes on as it came is what it started as.
    pub fn drop_invariants(&mut self, e: &mut Edit<'_>, inst: InstId) {
        let i = &e.f.insts[inst];
        let first_arg = match i.op {
            Op::For(_) => 3,
            Op::VFor(_) => 2,
            _ => 0,
        };
        let first_param = if first_arg > 0 { 1 } else { 0 };
        let Some(label) = i.op.defined_label() else { return };
        let (mut same, mut results) = (Vec::new(), Vec::new());
        for (k, &init) in i.args[first_arg..].iter().enumerate() {
            // A buffer is moved in and out: what comes out is the one reference there is.
            if e.f.ty(init) == Type::Buffer {
                continue;
            }
            let params: Vec<ValueId> = i.regions.iter().map(|&r| e.f.regions[r].params[first_param + k]).collect();
            let own = [&params[..], &[init]].concat();
            if self.passes_on(e.f, inst, label, k, &own) {
                same.extend(params.into_iter().map(|p| (p, init)));
                let breaks = |&t: &InstId| e.f.insts[t].op != Op::Break(label) || own.contains(&e.f.insts[t].args[k]);
                if self.exits[label].iter().all(breaks) {
                    results.push((i.results[i.results.len() - (i.args.len() - first_arg) + k], init));
                }
            }
        }
        for (result, init) in results {
            if e.replaced.resolve(result) == result {
                e.replaced.replace(result, init);
            }
        }
        for (param, init) in same {
            // The parameter stays, unused; the column goes with the dead code.
            if e.replaced.resolve(param) == param && param != init {
                e.changed |= is_used(e.f, inst, param);
                e.replaced.replace(param, init);
            }
        }
    }

    /// Column `k` of a loop's next values is always one of `own`.
    fn passes_on(&self, f: &Function, inst: InstId, label: LabelId, k: usize, own: &[ValueId]) -> bool {
        let i = &f.insts[inst];
        let ends = i.regions.iter().filter_map(|&r| f.terminator(r));
        let plain = |t: InstId| match f.insts[t].op {
            Op::Yield => own.contains(&f.insts[t].args[k]),
            Op::Condition => own.contains(&f.insts[t].args[k + 1]),
            _ => true,
        };
        let named = |&t: &InstId| match f.insts[t].op {
            Op::Continue(_) => own.contains(&f.insts[t].args[k]),
            Op::Again(_) => own.contains(&f.insts[t].args[k + 1]),
            // A break gives the loop's result, not the next round's value.
            _ => true,
        };
        ends.into_iter().all(plain) && self.exits[label].iter().all(named)
    }

    /// An `if` that leaves on one side alone leaves on its first; one that does not has no negated condition.
    pub fn turn_if(&mut self, e: &mut Edit<'_>, inst: InstId) {
        let i = &e.f.insts[inst];
        let (cond, then, otherwise) = (i.args[0], i.regions[0], i.regions[SECOND]);
        let (then_leaves, else_leaves) = (!ends_in(e.f, then, &Op::Yield), !ends_in(e.f, otherwise, &Op::Yield));
        let negated = e.f.def_inst(cond).filter(|&d| e.f.insts[d].op == Op::Unary(UnaryOp::Not));
        if else_leaves && !then_leaves {
            let not = match negated {
                Some(d) => e.f.insts[d].args[0],
                None => e.insert(inst, Op::Unary(UnaryOp::Not), &[cond], Type::BOOL),
            };
            e.f.insts[inst].args[0] = not;
        } else if let (Some(d), true) = (negated, then_leaves == else_leaves) {
            e.f.insts[inst].args[0] = e.f.insts[d].args[0];
        } else {
            return;
        }
        e.f.insts[inst].regions.swap(0, SECOND);
        e.changed = true;
    }

    pub fn leave_if(&mut self, e: &mut Edit<'_>, inst: InstId, entered: u32) -> Action {
        let i = &e.f.insts[inst];
        let (then, otherwise) = (i.regions[0], i.regions[SECOND]);
        let (then_leaves, else_leaves) = (!ends_in(e.f, then, &Op::Yield), !ends_in(e.f, otherwise, &Op::Yield));
        if then_leaves && !else_leaves {
            // What follows only one side may as well follow the `if`.
            let idle = e.f.regions[otherwise].insts.len() == 1 && e.f.insts[inst].results.is_empty();
            if !idle {
                let results = std::mem::take(&mut e.f.insts[inst].results);
                let empty = e.f.new_region(&[]);
                let end = e.f.new_inst(Op::Yield, Default::default(), &[], Default::default(), e.f.inst_locs[inst]);
                e.f.regions[empty].insts.push(end);
                e.f.insts[inst].regions[SECOND] = empty;
                e.out.push(inst);
                // The results keep a carrier so that splicing can bind them.
                let carrier = e.f.new_inst(Op::If, Default::default(), &[], Default::default(), None);
                e.f.insts[carrier].results = results;
                e.splice(carrier, otherwise);
                return Action::Remove;
            }
        }
        if then_leaves || else_leaves {
            return Action::Keep;
        }
        if e.f.insts[inst].results.is_empty() {
            let idle = [then, otherwise].iter().all(|&r| e.f.regions[r].insts.len() == 1);
            if idle {
                e.changed = true;
                return Action::Remove;
            }
            return Action::Keep;
        }
        let ends: Vec<InstId> = [then, otherwise].iter().filter_map(|&r| e.f.terminator(r)).collect();
        self.unify(e, inst, &ends, 0, entered);
        self.truth(e, inst, &ends);
        Action::Keep
    }

    /// `if c { yield true } else { yield false }` is `c`.
    fn truth(&mut self, e: &mut Edit<'_>, inst: InstId, ends: &[InstId]) {
        for k in 0..e.f.insts[inst].results.len() {
            let result = e.f.insts[inst].results[k];
            if e.f.ty(result) != Type::BOOL || e.replaced.resolve(result) != result {
                continue;
            }
            let at = |t: InstId| e.f.constant(e.f.insts[t].args[k]).map(|c| c.bits != 0);
            let (Some(a), Some(b)) = (at(ends[0]), at(ends[1])) else { continue };
            let cond = e.f.insts[inst].args[0];
            if (a, b) == (true, false) {
                e.replace(result, cond);
            } else if (a, b) == (false, true) {
                let not = e.insert(inst, Op::Unary(UnaryOp::Not), &[cond], Type::BOOL);
                e.replace(result, not);
            }
        }
    }

    /// A result that is the same at every exit is that value: one from outside of the construct, or a constant.
    fn unify(&mut self, e: &mut Edit<'_>, inst: InstId, ends: &[InstId], first: usize, entered: u32) {
        for k in 0..e.f.insts[inst].results.len() {
            let result = e.f.insts[inst].results[k];
            // A buffer has been moved to the exit, whatever it was called outside.
            if e.replaced.resolve(result) != result || e.f.ty(result) == Type::Buffer {
                continue;
            }
            let Some((&end, rest)) = ends.split_first() else { return };
            let value = e.replaced.resolve(e.f.insts[end].args[first + k]);
            let constant = e.f.constant(value);
            let same = rest.iter().all(|&t| {
                let other = e.replaced.resolve(e.f.insts[t].args[first + k]);
                other == value || (constant.is_some() && e.f.constant(other) == constant)
            });
            if !same {
                continue;
            }
            if let Some(c) = constant {
                let new = e.insert(inst, Op::Const(c), &[], Type::Scalar(c.ty));
                e.replace(result, new);
            } else if self.is_outside(e.f, value, entered) {
                e.replace(result, value);
            }
        }
    }

    /// The value was defined before a construct was entered. The construct uses it, so it is still in scope after it.
    fn is_outside(&self, f: &Function, v: ValueId, entered: u32) -> bool {
        let at = self.defined[v];
        f.params().contains(&v) || (at != 0 && at < entered)
    }

    pub fn leave_block(&mut self, e: &mut Edit<'_>, inst: InstId, label: LabelId, entered: u32) -> Action {
        let body = e.f.insts[inst].regions[0];
        let Some(end) = e.f.terminator(body) else { return Action::Keep };
        // A break at the very end is the normal end.
        if e.f.insts[end].op == Op::Break(label) {
            e.f.insts[end].op = Op::Yield;
            self.exits.entry(label).retain(|&t| t != end);
            e.changed = true;
        }
        if self.exits[label].is_empty() {
            return Action::Splice(body);
        }
        let mut ends = self.exits[label].clone();
        if ends_in(e.f, body, &Op::Yield) {
            ends.push(end);
        }
        self.unify(e, inst, &ends, 0, entered);
        Action::Keep
    }

    /// A `try` whose body cannot raise to it is its body.
    pub fn leave_try(&mut self, e: &mut Edit<'_>, inst: InstId, label: LabelId) -> Action {
        let body = e.f.insts[inst].regions[0];
        if !self.exits[label].is_empty() || self.raises(e.f, body) {
            return Action::Keep;
        }
        Action::Splice(body)
    }

    /// Something in the region raises to the innermost `try` around it.
    fn raises(&self, f: &Function, region: RegionId) -> bool {
        f.regions[region].insts.iter().any(|&inst| {
            let i = &f.insts[inst];
            if effects(&i.op, self.level).raises {
                return true;
            }
            let caught = matches!(i.op, Op::Try(_));
            i.regions.iter().enumerate().any(|(k, &r)| (k == SECOND || !caught) && self.raises(f, r))
        })
    }
}

/// Whether more than terminators under the instruction use the value: else it is done, and waits to be dropped.
fn is_used(f: &Function, inst: InstId, v: ValueId) -> bool {
    f.insts[inst].regions.iter().any(|&r| {
        f.regions[r].insts.iter().any(|&i| {
            let op = &f.insts[i].op;
            (!op.is_terminator() && f.insts[i].args.contains(&v)) || is_used(f, i, v)
        })
    })
}
