//! Puts a few rounds of a small innermost loop into one, and leaves what is over to the loop as it was.
//!
//! Pays because counting, comparing and indexing cost as much as the work of a small round: the rounds share one count,
//! their addresses differ by constants that accesses hold, and a processor sees further ahead. Nothing is reordered: the
//! rounds follow one another as before. Taken are rotated loops that count up by one below a bound from outside, behind
//! a guard that says that there is a round, straight-line and without anything that leaves the loop.
//!
//! Takes and leaves Machine level.

use super::edit::{self, Action, Edit, Visitor, Writer};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::effects::effects;
use crate::ir::module::{Inst, ValueData};
use crate::ir::op::{Access, BinaryOp, CompareOp};
use crate::ir::{Function, InstId, Level, Op, RegionId, Type, ValueId, ValueList};
use crate::types::Scalar;

/// Rounds in one.
const MANY: i64 = 4;
/// Rounds in one where each loads several integers: Cranelift loads for all rounds before it computes, and general
/// registers are few.
const FEW: i64 = 2;
/// Instructions of a round, constants not counted, at most.
const SIZE: usize = 32;
/// How deep in `and`s a condition is looked for.
const CONDITION_DEPTH: u32 = 6;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let plans: Vec<Plan> = f.all_insts().into_iter().filter_map(|inst| plan(f, cx.module.level, inst)).collect();
    if plans.is_empty() {
        return false;
    }
    let mut by_loop = IdMap::default();
    for plan in plans {
        by_loop.set(plan.inst, Some(plan));
    }
    let source = f.clone();
    edit::walk(f, &mut Unroll { source, plans: by_loop, known: Vec::new() })
}

/// A loop that can be taken.
#[derive(Clone, Debug)]
struct Plan {
    inst: InstId,
    body: RegionId,
    /// The bound that the index is compared with.
    bound: ValueId,
    /// Rounds in one: a power of two.
    rounds: i64,
    /// By how much each value from inside grows a round, where that is a constant.
    slopes: IdMap<ValueData, Slope>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Slope {
    /// From outside: the same in every round.
    #[default]
    Outside,
    By(i64),
    Unknown,
}

impl Slope {
    fn combine(self, other: Slope, of: impl Fn(i64, i64) -> Option<i64>) -> Slope {
        match (self.constant(), other.constant()) {
            (Some(a), Some(b)) => of(a, b).map_or(Slope::Unknown, Slope::By),
            _ => Slope::Unknown,
        }
    }

    fn constant(self) -> Option<i64> {
        match self {
            Slope::Outside => Some(0),
            Slope::By(by) => Some(by),
            Slope::Unknown => None,
        }
    }
}

fn plan(f: &Function, level: Level, inst: InstId) -> Option<Plan> {
    let i = &f.insts[inst];
    let Op::Loop(label) = i.op else { return None };
    let body = i.regions[0];
    let (&end, insts) = f.regions[body].insts.split_last()?;
    if f.insts[end].op != Op::Again(label) {
        return None;
    }
    let params = &f.regions[body].params;
    let &index = params.first()?;
    let mut slopes = IdMap::default();
    params.iter().for_each(|&p| slopes.set(p, Slope::Unknown));
    slopes.set(index, Slope::By(1));
    let (mut size, mut words) = (0, 0);
    for &inst in insts {
        let i = &f.insts[inst];
        let plain = matches!(i.op, Op::Load(_) | Op::Store(_)) || effects(&i.op, level).is_pure();
        if !plain || !i.regions.is_empty() {
            return None;
        }
        size += usize::from(!matches!(i.op, Op::Const(_)));
        words += usize::from(matches!(i.op, Op::Load(a) if !a.element.is_float()));
        let slope = match i.op {
            Op::Const(_) => Slope::By(0),
            // Sums wrap around, and so do addresses.
            Op::Binary(BinaryOp::Add) => slopes[i.args[0]].combine(slopes[i.args[1]], i64::checked_add),
            Op::Binary(BinaryOp::Sub) => slopes[i.args[0]].combine(slopes[i.args[1]], i64::checked_sub),
            _ => Slope::Unknown,
        };
        i.results.iter().for_each(|&r| slopes.set(r, slope));
    }
    let (more, next) = (f.insts[end].args[0], f.insts[end].args[1]);
    let more = &f.insts[f.def_inst(more)?];
    let bound = match more.op {
        Op::Compare(CompareOp::Lt) if more.args[0] == next => more.args[1],
        Op::Compare(CompareOp::Gt) if more.args[1] == next => more.args[0],
        _ => return None,
    };
    let next = &f.insts[f.def_inst(next)?];
    let one = |v: ValueId| f.constant(v).is_some_and(|c| c.bits == 1);
    let counts = f.ty(index) == Type::I64
        && next.op == Op::Binary(BinaryOp::Add)
        && (next.args[0] == index && one(next.args[1]) || next.args[1] == index && one(next.args[0]));
    let taken = size <= SIZE && counts && slopes[bound] == Slope::Outside;
    let rounds = if words > 1 { FEW } else { MANY };
    taken.then_some(Plan { inst, body, bound, rounds, slopes })
}

struct Unroll {
    /// The function as it was.
    source: Function,
    plans: IdMap<Inst, Option<Plan>>,
    /// Conditions that hold where the walk is, innermost last.
    known: Vec<ValueId>,
}

impl Visitor for Unroll {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        if let Some(plan) = self.plans.entry(inst).take()
            && self.runs(e.f, e.f.insts[inst].args[0], plan.bound)
        {
            self.unroll(e, &plan);
        }
        Action::Keep
    }

    fn enter_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        if e.f.insts[inst].op == Op::If && index == 0 {
            self.known.push(e.f.insts[inst].args[0]);
        }
    }

    fn leave_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        if e.f.insts[inst].op == Op::If && index == 0 {
            self.known.pop();
        }
    }
}

impl Unroll {
    /// The first index is below the bound.
    fn runs(&self, f: &Function, first: ValueId, bound: ValueId) -> bool {
        if let (Some(a), Some(b)) = (f.constant(first), f.constant(bound)) {
            return a.as_int() < b.as_int();
        }
        self.known.iter().any(|&v| says(f, v, [first, bound], CONDITION_DEPTH))
    }

    /// The loop becomes one of several rounds at a time, where there are as many, and itself for the rest, where there is
    /// one.
    fn unroll(&self, e: &mut Edit<'_>, plan: &Plan) {
        let i = &e.f.insts[plan.inst];
        let (op, init, regions) = (i.op.clone(), i.args.clone(), i.regions.clone());
        let (types, loc) = (e.f.types(&i.results), e.f.inst_locs[plan.inst]);
        let (first, bound) = (init[0], e.replaced.resolve(plan.bound));
        let mut w = Writer { loc, ..Writer::new(e.f) };
        // What is over: the difference is right modulo a power of two even where it wraps.
        let mask = w.int(Scalar::I64, plan.rounds - 1);
        let count = w.binary(BinaryOp::Sub, bound, first);
        let over = w.binary(BinaryOp::And, count, mask);
        let end = w.binary(BinaryOp::Sub, bound, over);
        let many = w.compare(CompareOp::Lt, first, end);
        let sides = [
            side(&mut w, |w| self.fast(w, plan, &init, end)), //
            side(&mut w, |_| init.clone()),
        ];
        let fast = w.push(Op::If, &[many], &types, &sides);
        let reached = w.f.insts[fast].results.clone();
        let left = w.compare(CompareOp::Lt, reached[0], bound);
        let sides = [
            side(&mut w, |w| {
                let rest = w.push(op, &reached, &types, &regions);
                w.f.insts[rest].results.clone()
            }),
            side(&mut w, |_| reached.clone()),
        ];
        let mut insts = std::mem::take(&mut w.insts);
        e.out.append(&mut insts);
        let i = &mut e.f.insts[plan.inst];
        (i.op, i.args, i.regions) = (Op::If, [left].into_iter().collect(), sides.into_iter().collect());
        e.changed = true;
    }

    /// The loop of several rounds at a time; gives its results.
    fn fast(&self, w: &mut Writer<'_>, plan: &Plan, init: &[ValueId], end: ValueId) -> ValueList {
        let types = w.f.types(init);
        let body = w.f.new_region(&types);
        let label = w.f.new_label();
        let mut inner = Writer { loc: w.loc, ..Writer::new(w.f) };
        let mut values = inner.f.regions[body].params.clone();
        let mut firsts = None;
        for round in 0..plan.rounds {
            let copy = self.round(&mut inner, plan, round, &values, firsts.as_ref());
            values = copy.1;
            firsts.get_or_insert(copy.0);
        }
        let more = inner.compare(CompareOp::Lt, values[0], end);
        values.insert(0, more);
        inner.push(Op::Again(label), &values, &[], &[]);
        let insts = inner.insts;
        w.f.regions[body].insts = insts;
        let new = w.push(Op::Loop(label), init, &types, &[body]);
        w.f.insts[new].results.clone()
    }

    /// One round: the copies of its values, and what it hands to the next one. Accesses are as in the first round,
    /// `firsts`, at another offset.
    fn round(
        &self,
        w: &mut Writer<'_>,
        plan: &Plan,
        round: i64,
        params: &[ValueId],
        firsts: Option<&Copies>,
    ) -> (Copies, ValueList) {
        let source = &self.source;
        let mut copies = Copies::default();
        for (k, &p) in source.regions[plan.body].params.iter().enumerate() {
            copies.set(p, Some(params[k]));
        }
        let (&end, insts) = source.regions[plan.body].insts.split_last().unwrap_or((&plan.inst, &[]));
        for &inst in insts {
            let i = &source.insts[inst];
            let mut args: ValueList = i.args.iter().map(|&a| copies[a].unwrap_or(a)).collect();
            let mut op = i.op.clone();
            if let (Some(firsts), Op::Load(access) | Op::Store(access)) = (firsts, &mut op)
                && let Some(moved) = plan.moved(*access, i.args[1], round)
            {
                *access = moved;
                args[1] = firsts[i.args[1]].unwrap_or(i.args[1]);
            }
            w.loc = source.inst_locs[inst];
            let copy = w.push(op, &args, &source.types(&i.results), &[]);
            for (k, &r) in i.results.iter().enumerate() {
                copies.set(r, Some(w.f.insts[copy].results[k]));
            }
        }
        let next = source.insts[end].args[1..].iter().map(|&a| copies[a].unwrap_or(a)).collect();
        (copies, next)
    }
}

/// The copy of each value of the source; none for what comes from outside.
type Copies = IdMap<ValueData, Option<ValueId>>;

impl Plan {
    /// The access in a later round with the index of the first.
    fn moved(&self, access: Access, index: ValueId, round: i64) -> Option<Access> {
        let slope = self.slopes[index].constant()?;
        let bytes = slope.checked_mul(i64::from(access.scale))?.checked_mul(round)?;
        let offset = i32::try_from(bytes.checked_add(i64::from(access.offset))?).ok()?;
        Some(Access { offset, ..access })
    }
}

/// A region that yields what `fill` gives.
fn side(w: &mut Writer<'_>, fill: impl FnOnce(&mut Writer<'_>) -> ValueList) -> RegionId {
    let (region, ()) = w.region(|w| {
        let values = fill(w);
        w.push(Op::Yield, &values, &[], &[]);
    });
    region
}

/// The condition holds only where `a < b`.
fn says(f: &Function, condition: ValueId, [a, b]: [ValueId; 2], depth: u32) -> bool {
    let Some(inst) = f.def_inst(condition) else { return false };
    let i = &f.insts[inst];
    match i.op {
        Op::Compare(CompareOp::Lt) => i.args[..] == [a, b],
        Op::Compare(CompareOp::Gt) => i.args[..] == [b, a],
        Op::Binary(BinaryOp::And) if depth > 0 => i.args.iter().any(|&part| says(f, part, [a, b], depth - 1)),
        _ => false,
    }
}
