//! What is known of integer values: bounds, and which comparisons hold.
//!
//! Two kinds of facts. A value's *base* interval holds wherever the value is in scope; [`Ranges::new`] finds all of
//! them by walking the function, repeatedly if it has loops: what changes round a loop is first taken to stay as it
//! starts, and widened where the loop's end says otherwise, until the assumption holds for every round. *Guards* hold in
//! part of the code: whoever walks the function opens a scope with [`Ranges::mark`], tells what the code tests with
//! [`Ranges::assume`] and [`Ranges::after`], and leaves it with [`Ranges::reset`].

use super::interval::Interval;
use super::linear::Linear;
use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::module::{Label, Region, ValueData};
use crate::ir::op::{ArrayOp, BinaryOp, CheckedOp, CompareOp, UnaryOp};
use crate::ir::{Function, InstId, LabelId, Op, RegionId, ValueId};

/// Facts about one function, as seen from one place in it.
#[derive(Default)]
pub struct Ranges {
    base: IdMap<ValueData, Option<Interval>>,
    /// What guards say beyond the base.
    guarded: IdMap<ValueData, Option<Interval>>,
    /// How to undo the guards.
    undo: Vec<(ValueId, Option<Interval>)>,
    /// Comparisons known to hold: `a op b`.
    relations: Vec<(CompareOp, ValueId, ValueId)>,
    /// Linear facts are asked for and collected: see [`super::linear`].
    pub(super) linear: bool,
    /// Sums known not to be negative.
    pub(super) known: Vec<Linear>,
    /// Plain arithmetic that is known not to wrap.
    pub exact: IdMap<ValueData, bool>,
    /// `r = a % k`, as `(a, k, r)`.
    pub(super) remainders: Vec<(ValueId, i128, ValueId)>,
    /// The counted loop that a region is the body of.
    pub(super) loops: IdMap<Region, Option<InstId>>,
}

/// A scope of guards.
#[derive(Clone, Copy)]
pub struct Mark {
    undo: usize,
    relations: usize,
    known: usize,
}

/// Relations looked through for an answer; the latest are the likeliest.
const LOOK_BACK: usize = 32;
/// How deep a condition is taken apart.
const DEPTH: u32 = 8;
/// Walks over a function before loops are given up on.
const ROUNDS: usize = 8;

impl Ranges {
    pub fn new(f: &Function) -> Ranges {
        let mut walk = Walk {
            f,
            ranges: Ranges::default(),
            assumed: IdMap::default(),
            exits: IdMap::default(),
            nexts: IdMap::default(),
            widened: false,
            hopeless: false,
        };
        for round in 0..=ROUNDS {
            walk.widened = false;
            walk.hopeless = round == ROUNDS;
            walk.exits = IdMap::default();
            walk.nexts = IdMap::default();
            walk.region(f.body);
            walk.ranges.reset(Mark { undo: 0, relations: 0, known: 0 });
            if !walk.widened {
                break;
            }
        }
        walk.ranges
    }

    /// Facts that know of relations between sums as well.
    pub fn with_sums(f: &Function) -> Ranges {
        let mut ranges = Ranges::new(f);
        ranges.prepare(f);
        ranges
    }

    /// The values that `v` may have here; lane by lane for vectors.
    pub fn range(&self, f: &Function, v: ValueId) -> Interval {
        // It may have become a constant since the base was found.
        if let Some(c) = f.constant(v) {
            return Interval::of_const(c);
        }
        self.guarded[v].or(self.base[v]).unwrap_or_else(|| type_range(f, v))
    }

    pub fn mark(&self) -> Mark {
        Mark { undo: self.undo.len(), relations: self.relations.len(), known: self.known.len() }
    }

    /// Forgets the guards since the mark.
    pub fn reset(&mut self, mark: Mark) {
        while self.undo.len() > mark.undo {
            if let Some((v, old)) = self.undo.pop() {
                self.guarded.set(v, old);
            }
        }
        self.relations.truncate(mark.relations);
        self.known.truncate(mark.known);
    }

    fn narrow(&mut self, f: &Function, v: ValueId, to: Interval) {
        let old = self.range(f, v);
        let new = old.meet(to);
        if new == old || f.constant(v).is_some() {
            return;
        }
        self.undo.push((v, self.guarded[v]));
        self.guarded.set(v, Some(new));
        // A conversion that keeps the value says the same of its operand.
        if let Some(def) = f.def_inst(v)
            && let Op::Convert(to) = f.insts[def].op
        {
            let operand = f.insts[def].args[0];
            let Some(from) = f.ty(operand).element().filter(|s| !s.is_float()) else { return };
            // So does one that reads the sign as a number, where the number is too small for that.
            let kept = from.is_signed() && !to.is_signed() && from.bytes() == to.bytes() && new.fits(from);
            if kept || self.range(f, operand).fits(to) {
                self.narrow(f, operand, new);
            }
        }
    }

    /// From here on `cond` is known to be `truth`.
    pub fn assume(&mut self, f: &Function, cond: ValueId, truth: bool) {
        self.assume_to(f, cond, truth, DEPTH);
    }

    fn assume_to(&mut self, f: &Function, cond: ValueId, truth: bool, depth: u32) {
        self.narrow(f, cond, Interval::exactly(truth as i128));
        let Some(def) = f.def_inst(cond).filter(|_| depth > 0) else { return };
        let inst = &f.insts[def];
        let mut also = |c: ValueId, t: bool| self.assume_to(f, c, t, depth - 1);
        match inst.op {
            Op::Compare(op) => self.assume_compare(f, op, inst.args[0], inst.args[1], truth),
            Op::Unary(UnaryOp::Not) => also(inst.args[0], !truth),
            Op::Binary(BinaryOp::And) if truth => inst.args.iter().for_each(|&a| also(a, true)),
            Op::Binary(BinaryOp::Or) if !truth => inst.args.iter().for_each(|&a| also(a, false)),
            Op::Convert(_) if truth => {
                self.narrow(f, inst.args[0], Interval { nonzero: true, ..Interval::ALL });
            }
            Op::Convert(_) => self.narrow(f, inst.args[0], Interval::exactly(0)),
            Op::Select => {
                let [c, a, b] = inst.args[..] else { return };
                self.assume_choice(f, c, a, b, truth, depth);
            }
            // `a and b`, `a or b` as the front-end writes them.
            Op::If if inst.results.len() == 1 => {
                if let (Some(a), Some(b)) = (only_yield(f, inst.regions[0]), only_yield(f, inst.regions[SECOND])) {
                    self.assume_choice(f, inst.args[0], a, b, truth, depth);
                }
            }
            _ => {}
        }
    }

    /// `a` if `c`, else `b`, is known to be `truth`; if one side cannot be, the other was taken.
    fn assume_choice(&mut self, f: &Function, c: ValueId, a: ValueId, b: ValueId, truth: bool, depth: u32) {
        let cannot = |v: ValueId| f.constant(v).is_some_and(|k| (k.bits != 0) != truth);
        if cannot(b) {
            self.assume_to(f, c, true, depth - 1);
            self.assume_to(f, a, truth, depth - 1);
        } else if cannot(a) {
            self.assume_to(f, c, false, depth - 1);
            self.assume_to(f, b, truth, depth - 1);
        }
    }

    fn assume_compare(&mut self, f: &Function, op: CompareOp, a: ValueId, b: ValueId, truth: bool) {
        let float = f.ty(a).is_float();
        let Some(op) = (if truth { Some(op) } else { op.negated(float) }) else { return };
        self.relations.push((op, a, b));
        if float || f.ty(a).element().is_none() {
            return;
        }
        let (ra, rb) = (self.range(f, a), self.range(f, b));
        self.narrow(f, a, ra.where_true(op, rb));
        self.narrow(f, b, rb.where_true(op.swapped(), ra));
        self.learn(f, op, a, b);
    }

    /// What a comparison of integers or addresses gives here, if that is known.
    pub fn compare(&self, f: &Function, op: CompareOp, a: ValueId, b: ValueId) -> Option<bool> {
        if f.ty(a).is_float() {
            return None;
        }
        if f.ty(a).element().is_some()
            && let Some(known) = Interval::compare(op, self.range(f, a), self.range(f, b))
        {
            return Some(known);
        }
        let told = self.relations.iter().rev().take(LOOK_BACK).find_map(|&(r, x, y)| {
            match (x == a && y == b, x == b && y == a) {
                (true, _) => implied(r, op),
                (_, true) => implied(r.swapped(), op),
                _ => None,
            }
        });
        told.or_else(|| self.compare_linear(f, op, a, b))
    }

    /// What holds after an instruction because control came past it.
    pub fn after(&mut self, f: &Function, inst: InstId) {
        let i = &f.insts[inst];
        match i.op {
            Op::Check(_) => self.assume(f, i.args[0], true),
            Op::Checked(..) => self.learn_fits(f, i.results[0]),
            Op::If => {
                let leaves = |r: RegionId| f.terminator(r).is_some_and(|t| f.insts[t].op != Op::Yield);
                match (leaves(i.regions[0]), leaves(i.regions[SECOND])) {
                    (true, false) => self.assume(f, i.args[0], false),
                    (false, true) => self.assume(f, i.args[0], true),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// What holds at the start of a loop's body, besides the base of its parameters.
    pub fn enter_body(&mut self, f: &Function, inst: InstId) {
        let i = &f.insts[inst];
        match i.op {
            Op::For(_) | Op::VFor(_) => {
                let index = f.regions[i.regions[0]].params[0];
                let step = if matches!(i.op, Op::For(_)) { self.range(f, i.args[2]) } else { Interval::exactly(1) };
                if step.low > 0 {
                    self.relations.push((CompareOp::Lt, index, i.args[1]));
                    self.relations.push((CompareOp::Ge, index, i.args[0]));
                } else if step.high < 0 {
                    self.relations.push((CompareOp::Gt, index, i.args[1]));
                    self.relations.push((CompareOp::Le, index, i.args[0]));
                }
            }
            Op::While(_) => {
                let Some(end) = f.terminator(i.regions[0]).filter(|&t| f.insts[t].op == Op::Condition) else { return };
                let (cond, passed) = (f.insts[end].args[0], &f.insts[end].args[1..]);
                let (mark, known) = (self.relations.len(), self.known.len());
                self.assume(f, cond, true);
                // What was tested goes by another name in the body.
                let params = &f.regions[i.regions[SECOND]].params;
                let rename = |v: ValueId| passed.iter().position(|&p| p == v).map_or(v, |k| params[k]);
                for k in mark..self.relations.len() {
                    let (op, a, b) = self.relations[k];
                    self.relations.push((op, rename(a), rename(b)));
                }
                let renamed: Vec<Linear> = self.known[known..].iter().filter_map(|e| e.renamed(rename)).collect();
                self.known.extend(renamed);
            }
            _ => {}
        }
    }

    /// The interval of an instruction's only result.
    fn result(&mut self, f: &Function, inst: InstId) -> Option<Interval> {
        let i = &f.insts[inst];
        let s = f.ty(*i.results.first()?).element().filter(|s| !s.is_float())?;
        let arg = |r: &Ranges, k: usize| r.range(f, i.args[k]);
        let exact = |r: &Ranges, op| Interval::binary(op, arg(r, 0), arg(r, 1));
        let any = Interval::of_type(s);
        Some(match i.op {
            Op::Const(_) => return None,
            Op::Binary(op) => exact(self, op).map_or(any, |r| r.wrapped(s)),
            Op::Checked(op, _) => self.checked(f, inst, op).map_or(any, |r| r.meet(any)),
            Op::Unary(UnaryOp::Neg) => Interval::binary(BinaryOp::Sub, Interval::exactly(0), arg(self, 0))?.wrapped(s),
            Op::Unary(UnaryOp::Abs) => absolute(arg(self, 0)).wrapped(s),
            Op::Unary(UnaryOp::Not) if s.bits() == 1 => {
                Interval::binary(BinaryOp::Sub, Interval::exactly(1), arg(self, 0))?
            }
            Op::Compare(op) => self.compare(f, op, i.args[0], i.args[1]).map_or(any, |t| Interval::exactly(t as i128)),
            Op::Convert(_) if f.ty(i.args[0]).is_float() => any,
            Op::Convert(_) if s.bits() == 1 => match arg(self, 0) {
                r if !r.contains(0) => Interval::exactly(1),
                r => r.single().map_or(any, |v| Interval::exactly((v != 0) as i128)),
            },
            Op::Convert(_) => arg(self, 0).wrapped(s),
            Op::Select => self.chosen(f, i.args[0], i.args[1], i.args[2]),
            Op::Vector(crate::ir::op::VectorOp::Splat) => arg(self, 0),
            Op::Array(ArrayOp::Dim(_)) => Interval::new(0, any.high),
            _ => any,
        })
    }

    fn chosen(&mut self, f: &Function, c: ValueId, a: ValueId, b: ValueId) -> Interval {
        let mark = self.mark();
        self.assume(f, c, true);
        let a = self.range(f, a);
        self.reset(mark);
        self.assume(f, c, false);
        let b = self.range(f, b);
        self.reset(mark);
        a.join(b)
    }

    /// The exact result of checked arithmetic, whether or not it fits.
    pub fn checked(&self, f: &Function, inst: InstId, op: CheckedOp) -> Option<Interval> {
        let args = &f.insts[inst].args;
        let a = self.range(f, args[0]);
        let b = || self.range(f, args[1]);
        match op {
            CheckedOp::Add => Interval::binary(BinaryOp::Add, a, b()),
            CheckedOp::Sub => Interval::binary(BinaryOp::Sub, a, b()),
            CheckedOp::Mul => Interval::binary(BinaryOp::Mul, a, b()),
            CheckedOp::Neg => Interval::binary(BinaryOp::Sub, Interval::exactly(0), a),
            CheckedOp::Abs => Some(absolute(a)),
            CheckedOp::Shl => Interval::binary(BinaryOp::Shl, a, b()),
        }
    }
}

fn absolute(a: Interval) -> Interval {
    if a.low >= 0 {
        return a;
    }
    let low = if a.high < 0 { -a.high } else { 0 };
    Interval { nonzero: !a.contains(0), ..Interval::new(low, a.high.max(-a.low)) }
}

fn type_range(f: &Function, v: ValueId) -> Interval {
    f.ty(v).element().map_or(Interval::ALL, Interval::of_type)
}

/// The value that a region with one result yields.
fn only_yield(f: &Function, region: RegionId) -> Option<ValueId> {
    let end = &f.insts[f.terminator(region)?];
    (end.op == Op::Yield).then(|| end.args[0])
}

/// `a known b` holds; what of `a asked b`?
const fn implied(known: CompareOp, asked: CompareOp) -> Option<bool> {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    match (known, asked) {
        (Lt, Lt | Le | Ne) | (Gt, Gt | Ge | Ne) | (Le, Le) | (Ge, Ge) | (Eq, Eq | Le | Ge) | (Ne, Ne) => Some(true),
        (Lt, Gt | Ge | Eq) | (Gt, Lt | Le | Eq) | (Le, Gt) | (Ge, Lt) | (Eq, Ne | Lt | Gt) | (Ne, Eq) => Some(false),
        (Le, Lt | Eq | Ne | Ge) | (Ge, Gt | Eq | Ne | Le) | (Ne, Lt | Le | Gt | Ge) => None,
    }
}

/// The walk that finds base intervals.
struct Walk<'a> {
    f: &'a Function,
    ranges: Ranges,
    /// What loops are taken to carry.
    assumed: IdMap<ValueData, Option<Interval>>,
    /// Joined values of the `break`s to a label, by position.
    exits: IdMap<Label, Vec<Interval>>,
    /// Joined values of the `continue`s to a label, by position.
    nexts: IdMap<Label, Vec<Interval>>,
    widened: bool,
    hopeless: bool,
}

const EMPTY: Interval = Interval { low: 1, high: 0, nonzero: false };

fn join_into(to: &mut Vec<Interval>, values: &[Interval]) {
    to.resize(to.len().max(values.len()), EMPTY);
    for (t, &v) in to.iter_mut().zip(values) {
        *t = t.join(v);
    }
}

impl Walk<'_> {
    fn intervals(&self, values: &[ValueId]) -> Vec<Interval> {
        values.iter().map(|&v| self.ranges.range(self.f, v)).collect()
    }

    fn set(&mut self, values: &[ValueId], to: &[Interval]) {
        for (&v, &r) in values.iter().zip(to) {
            self.ranges.base.set(v, (!r.is_empty()).then_some(r));
        }
    }

    /// Walks a region; gives what it yields, if it does.
    fn region(&mut self, region: RegionId) -> Option<Vec<Interval>> {
        let f = self.f;
        for &inst in &f.regions[region].insts {
            let i = &f.insts[inst];
            match i.op {
                Op::Yield | Op::Condition => return Some(self.intervals(&i.args)),
                Op::Break(l) => {
                    let values = self.intervals(&i.args);
                    join_into(self.exits.entry(l), &values);
                }
                Op::Continue(l) => {
                    let values = self.intervals(&i.args);
                    join_into(self.nexts.entry(l), &values);
                }
                Op::Again(l) => {
                    let values = self.intervals(&i.args[1..]);
                    join_into(self.nexts.entry(l), &values);
                    join_into(self.exits.entry(l), &values);
                }
                _ if i.regions.is_empty() => {
                    if let Some(r) = self.ranges.result(f, inst) {
                        self.ranges.base.set(i.results[0], Some(r));
                    }
                    self.ranges.after(f, inst);
                }
                _ => {
                    self.construct(inst);
                    self.ranges.after(f, inst);
                }
            }
        }
        None
    }

    fn scoped(&mut self, region: RegionId) -> Option<Vec<Interval>> {
        let mark = self.ranges.mark();
        let end = self.region(region);
        self.ranges.reset(mark);
        end
    }

    fn construct(&mut self, inst: InstId) {
        let f = self.f;
        let i = &f.insts[inst];
        let mut results = vec![EMPTY; i.results.len()];
        match i.op {
            Op::If => {
                for (k, &region) in i.regions.iter().enumerate() {
                    let mark = self.ranges.mark();
                    self.ranges.assume(f, i.args[0], k == 0);
                    if let Some(values) = self.region(region) {
                        join_into(&mut results, &values);
                    }
                    self.ranges.reset(mark);
                }
            }
            Op::Block(l) => {
                let end = self.scoped(i.regions[0]);
                join_into(&mut results, &end.unwrap_or_default());
                join_into(&mut results, &self.exits[l]);
            }
            Op::Try(_) => {
                for &region in &i.regions {
                    let end = self.scoped(region);
                    join_into(&mut results, &end.unwrap_or_default());
                }
            }
            Op::For(l) => results = self.counted(inst, l, 3),
            Op::VFor(l) => {
                results = vec![Interval::of_type(crate::types::Scalar::I64)];
                results.extend(self.counted(inst, l, 2));
            }
            Op::While(l) => results = self.while_(inst, l),
            Op::Loop(l) => {
                let body = i.regions[0];
                let init = self.intervals(&i.args);
                let carried = self.assume_carried(&f.regions[body].params, &init);
                self.scoped(body);
                let nexts = self.nexts[l].clone();
                self.check_carried(&f.regions[body].params, &carried, &nexts);
                results.clone_from(&self.exits[l]);
            }
            _ => {
                for &region in &i.regions {
                    self.scoped(region);
                }
                return;
            }
        }
        let results: Vec<Interval> = i.results.iter().zip(results).map(|(&v, r)| r.meet(type_range(f, v))).collect();
        self.set(&i.results, &results);
    }

    /// A counted loop; its carried values start at operand `first`. Gives what it ends with.
    fn counted(&mut self, inst: InstId, label: LabelId, first: usize) -> Vec<Interval> {
        let f = self.f;
        let i = &f.insts[inst];
        let body = i.regions[0];
        let (index, params) = f.regions[body].params.split_at(1);
        let bounds = self.intervals(&i.args[..first]);
        let up = bounds.get(2).is_none_or(|step| step.low > 0);
        let down = bounds.get(2).is_some_and(|step| step.high < 0);
        let range = match (up, down) {
            (true, _) => Interval::new(bounds[0].low, bounds[1].high - 1),
            (_, true) => Interval::new(bounds[1].low + 1, bounds[0].high),
            _ => Interval::new(bounds[0].low.min(bounds[1].low), bounds[0].high.max(bounds[1].high)),
        };
        self.set(index, &[range]);
        let init = self.intervals(&i.args[first..]);
        let carried = self.assume_carried(params, &init);
        let mark = self.ranges.mark();
        self.ranges.enter_body(f, inst);
        let mut next = self.region(body).unwrap_or_default();
        self.ranges.reset(mark);
        join_into(&mut next, &self.nexts[label]);
        self.check_carried(params, &carried, &next);
        let mut results = init;
        join_into(&mut results, &next);
        join_into(&mut results, &self.exits[label]);
        results
    }

    fn while_(&mut self, inst: InstId, label: LabelId) -> Vec<Interval> {
        let f = self.f;
        let i = &f.insts[inst];
        let (test, body) = (i.regions[0], i.regions[SECOND]);
        let params = &f.regions[test].params;
        let init = self.intervals(&i.args);
        let carried = self.assume_carried(params, &init);
        let mark = self.ranges.mark();
        let mut results = Vec::new();
        if self.region(test).is_some()
            && let Some(end) = f.terminator(test)
        {
            let (cond, passed) = (f.insts[end].args[0], &f.insts[end].args[1..]);
            let inner = self.ranges.mark();
            self.ranges.assume(f, cond, false);
            results = self.intervals(passed);
            self.ranges.reset(inner);
            self.ranges.enter_body(f, inst);
            let passed = self.intervals(passed);
            self.set(&f.regions[body].params, &passed);
            let mut next = self.region(body).unwrap_or_default();
            join_into(&mut next, &self.nexts[label]);
            self.check_carried(params, &carried, &next);
        }
        self.ranges.reset(mark);
        join_into(&mut results, &self.exits[label]);
        results
    }

    /// Takes a loop to carry what it starts with, or what earlier walks found it to.
    fn assume_carried(&mut self, params: &[ValueId], init: &[Interval]) -> Vec<Interval> {
        let f = self.f;
        let carried: Vec<Interval> = params
            .iter()
            .zip(init)
            .map(|(&p, &start)| match self.assumed[p] {
                _ if self.hopeless => type_range(f, p),
                Some(known) => known.join(start),
                None => start,
            })
            .collect();
        self.set(params, &carried);
        carried
    }

    /// Widens what a loop was taken to carry where the next round says otherwise.
    fn check_carried(&mut self, params: &[ValueId], carried: &[Interval], next: &[Interval]) {
        for ((&p, &was), &next) in params.iter().zip(carried).zip(next) {
            if next.is_inside(was) {
                self.assumed.set(p, Some(was));
                continue;
            }
            let full = type_range(self.f, p);
            let low = match next.low {
                low if low >= was.low => was.low,
                low if low >= 0 => 0,
                _ => full.low,
            };
            let high = if next.high <= was.high { was.high } else { full.high };
            let nonzero = (was.nonzero && !next.contains(0)) || low > 0 || high < 0;
            self.assumed.set(p, Some(Interval { low, high, nonzero }));
            self.widened = true;
        }
    }
}
