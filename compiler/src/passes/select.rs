//! Turns small branches without effects into `select`: `if c { a } else { b }` where both sides are cheap and total.
//!
//! Pays because back-ends do not do it, a branch that cannot be predicted costs more than both sides, and straight code
//! is what other passes see through. `a and b`, `a or b` and conditional minima become plain ops this way. Only ops that
//! are pure and cheap are executed needlessly: no load, no division, no square root.
//!
//! Takes and leaves any level.

use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::ir::control::SECOND;
use crate::ir::effects::effects;
use crate::ir::op::{BinaryOp, UnaryOp};
use crate::ir::{Function, InstId, LabelId, Level, Op, RegionId, Type};

/// Instructions of both sides together.
const LIMIT: usize = 6;
/// Results, each of which costs a select.
const RESULTS: usize = 2;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    edit::walk(f, &mut Select { level: cx.module.level })
}

struct Select {
    level: Level,
}

impl Visitor for Select {
    fn enter(&mut self, _: &mut Edit<'_>, _: InstId) -> Action {
        Action::Keep
    }

    fn leave(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        match e.f.insts[inst].op {
            Op::If => self.choose(e, inst),
            Op::Block(l) => self.join(e, inst, l),
            _ => Action::Keep,
        }
    }
}

impl Select {
    fn choose(&self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let i = &e.f.insts[inst];
        let (cond, then, otherwise) = (i.args[0], i.regions[0], i.regions[SECOND]);
        let cost = |r| self.cost(e.f, r, &Op::Yield);
        let (Some(a), Some(b)) = (cost(then), cost(otherwise)) else { return Action::Keep };
        if a + b > LIMIT || !self.fits(e.f, inst) {
            return Action::Keep;
        }
        for k in 0..e.f.insts[inst].results.len() {
            let result = e.f.insts[inst].results[k];
            let ends = [then, otherwise].map(|r| e.f.terminator(r));
            let [Some(a), Some(b)] = ends.map(|t| t.map(|t| e.f.insts[t].args[k])) else { return Action::Keep };
            if k == 0 {
                self.hoist(e, then);
                self.hoist(e, otherwise);
            }
            let ty = e.f.ty(result);
            let chosen = e.insert(inst, Op::Select, &[cond, a, b], ty);
            e.replace(result, chosen);
        }
        e.changed = true;
        Action::Remove
    }

    /// `block L { if c { a; break L x }; b; yield y }`, as early returns leave it.
    fn join(&self, e: &mut Edit<'_>, inst: InstId, label: LabelId) -> Action {
        let body = e.f.insts[inst].regions[0];
        let insts = e.f.regions[body].insts.clone();
        let breaks = |i: InstId| e.f.insts[i].op == Op::If && self.leaves_by(e.f, i, label);
        let Some(at) = insts.iter().position(|&i| breaks(i)) else { return Action::Keep };
        let branch = insts[at];
        let (then, rest) = (e.f.insts[branch].regions[0], &insts[at + 1..]);
        let Some((&end, rest)) = rest.split_last() else { return Action::Keep };
        let cheap = |i: &InstId| self.is_cheap(e.f, *i);
        let Some(cost) = self.cost(e.f, then, &Op::Break(label)) else { return Action::Keep };
        let others = insts.iter().any(|&i| i != branch && mentions(e.f, i, label));
        if e.f.insts[end].op != Op::Yield
            || others
            || !rest.iter().all(cheap)
            || cost + rest.len() > LIMIT
            || !self.fits(e.f, inst)
        {
            return Action::Keep;
        }
        let cond = e.f.insts[branch].args[0];
        e.out.extend(&insts[..at]);
        self.hoist(e, then);
        e.out.extend(rest);
        let Some(taken) = e.f.terminator(then) else { return Action::Keep };
        for k in 0..e.f.insts[inst].results.len() {
            let (a, b) = (e.f.insts[taken].args[k], e.f.insts[end].args[k]);
            let result = e.f.insts[inst].results[k];
            let ty = e.f.ty(result);
            let chosen = e.insert(inst, Op::Select, &[cond, a, b], ty);
            e.replace(result, chosen);
        }
        e.changed = true;
        Action::Remove
    }

    /// An `if` that leaves for the label on its first side and does nothing on the other.
    fn leaves_by(&self, f: &Function, inst: InstId, label: LabelId) -> bool {
        let i = &f.insts[inst];
        edit::ends_in(f, i.regions[0], &Op::Break(label))
            && f.regions[i.regions[SECOND]].insts.len() == 1
            && edit::ends_in(f, i.regions[SECOND], &Op::Yield)
            && i.results.is_empty()
    }

    fn fits(&self, f: &Function, inst: InstId) -> bool {
        let results = &f.insts[inst].results;
        (1..=RESULTS).contains(&results.len())
            && results.iter().all(|&r| !matches!(f.ty(r), Type::Buffer | Type::Array(_)))
    }

    /// Moves all but the end of a region to where the walk is.
    fn hoist(&self, e: &mut Edit<'_>, region: RegionId) {
        let insts = &e.f.regions[region].insts;
        let all = insts[..insts.len().saturating_sub(1)].to_vec();
        e.out.extend(all);
    }

    /// Instructions of a region but for its end, which must be the given one; constants are free.
    fn cost(&self, f: &Function, region: RegionId, end: &Op) -> Option<usize> {
        let (last, insts) = f.regions[region].insts.split_last()?;
        if f.insts[*last].op != *end || !insts.iter().all(|&i| self.is_cheap(f, i)) {
            return None;
        }
        Some(insts.iter().filter(|&&i| !matches!(f.insts[i].op, Op::Const(_))).count())
    }

    fn is_cheap(&self, f: &Function, inst: InstId) -> bool {
        let i = &f.insts[inst];
        let slow = match i.op {
            Op::Binary(BinaryOp::Div | BinaryOp::Rem | BinaryOp::FloorDiv | BinaryOp::FloorMod)
            | Op::Unary(UnaryOp::Sqrt) => true,
            // Conversions of floats to integers are guarded on some targets.
            Op::Convert(s) => !s.is_float() && i.args.iter().any(|&a| f.ty(a).is_float()),
            _ => false,
        };
        !slow && effects(&i.op, self.level).is_pure()
    }
}

/// The instruction or something in it names the label.
fn mentions(f: &Function, inst: InstId, label: LabelId) -> bool {
    let i = &f.insts[inst];
    i.op.target_label() == Some(label)
        || i.regions.iter().any(|&r| f.regions[r].insts.iter().any(|&i| mentions(f, i, label)))
}
