//! Writes loops twice: without the checks that hold in every round, behind one test before the loop, and as they were.
//!
//! Pays because most checks in a loop are of the kind `i < len` with `i` counted by the loop: what is to be shown for all
//! rounds follows from the first and the last, but depends on sizes that only the caller knows. The test is made of
//! such conditions ([`Ranges::residues`]) and stands before the outermost loop that changes nothing in them. Where it
//! holds, no check that was left out could have failed; where it does not, the loop runs with every check in its place,
//! so that what is raised, and what has been stored by then, is the same either way.
//!
//! Relies on invariant conditions having been moved out of loops, and on [`super::fold`] to drop what is decided. Takes
//! and leaves Array or Loop level.

use super::analysis::linear::{Linear, Term, inside};
use super::analysis::ranges::Ranges;
use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::module::{Inst, ValueData};
use crate::ir::op::{BinaryOp, CompareOp, Const};
use crate::ir::visit::Cloner;
use crate::ir::{Function, InstId, LocId, Op, RegionId, Type, ValueId};
use crate::types::Scalar;

/// Instructions of a loop that is written twice.
const LOOP_LIMIT: usize = 400;
/// Conditions in the test before one loop.
const TEST_LIMIT: usize = 24;

pub fn run(f: &mut Function, _: &Cx<'_>) -> bool {
    if !worth_a_look(f) {
        return false;
    }
    let mut search = Search {
        ranges: Ranges::with_sums(f),
        f,
        depth: IdMap::default(),
        loops: Vec::new(),
        checked: IdMap::default(),
        sizes: IdMap::default(),
        plans: IdMap::default(),
        found: false,
    };
    search.scan(f.body);
    search.region(f.body);
    if !search.found {
        return false;
    }
    let plans = search.plans;
    let source = f.clone();
    edit::walk(f, &mut Versions { source, plans, rewrites: IdMap::default() })
}

/// There is a counted loop with something in it that may raise.
fn worth_a_look(f: &Function) -> bool {
    fn region(f: &Function, r: RegionId, looped: bool) -> bool {
        f.regions[r].insts.iter().any(|&inst| {
            let i = &f.insts[inst];
            let inner = looped || matches!(i.op, Op::For(_));
            let regions = if is_copy(f, i) { &i.regions[..SECOND] } else { &i.regions[..] };
            (looped && matches!(i.op, Op::Check(_) | Op::Checked(..))) || regions.iter().any(|&r| region(f, r, inner))
        })
    }
    region(f, f.body, false)
}

/// The second side of an `if` holds a loop that an earlier run has written twice, for when its test does not hold: it
/// would have the same test again.
fn is_copy(f: &Function, i: &Inst) -> bool {
    if i.op != Op::If {
        return false;
    }
    let places = |r: RegionId| {
        let loops = f.regions[r].insts.iter().filter(|&&inst| matches!(f.insts[inst].op, Op::For(_)));
        loops.filter_map(|&inst| f.inst_locs[inst])
    };
    let firsts: Vec<LocId> = places(i.regions[0]).collect();
    places(i.regions[SECOND]).any(|loc| firsts.contains(&loc))
}

/// What is known of an instruction where the test has held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rewrite {
    /// A comparison or check that is decided.
    Decided(bool),
    /// Checked arithmetic that fits.
    Fits,
}

/// What is to be done with one loop.
#[derive(Clone, Default, Debug)]
struct Plan {
    /// Pairs of sums over values from outside, of which the first must not be less than the second.
    sums: Vec<(Linear, Linear)>,
    /// Bounds within which such values must lie for the sums to be computed.
    bounded: Vec<(ValueId, u32)>,
    /// Conditions from outside that must hold.
    conditions: Vec<ValueId>,
    rewrites: Vec<(InstId, Rewrite)>,
}

/// Finds plans.
struct Search<'a> {
    f: &'a Function,
    ranges: Ranges,
    /// How many loops are around each value's definition.
    depth: IdMap<ValueData, u32>,
    /// The loops around the code at hand.
    loops: Vec<InstId>,
    /// What is the condition of a check.
    checked: IdMap<ValueData, bool>,
    /// Instructions of each loop.
    sizes: IdMap<Inst, usize>,
    plans: IdMap<Inst, Option<Box<Plan>>>,
    found: bool,
}

impl Search<'_> {
    /// Notes what is checked and how large loops are; gives the instructions in a region.
    fn scan(&mut self, region: RegionId) -> usize {
        let mut total = 0;
        for &inst in &self.f.regions[region].insts {
            let i = &self.f.insts[inst];
            if let Op::Check(_) = i.op {
                self.checked.set(i.args[0], true);
            }
            let inner: usize = i.regions.iter().map(|&r| self.scan(r)).sum();
            self.sizes.set(inst, inner);
            total += inner + 1;
        }
        total
    }

    fn define(&mut self, values: &[ValueId]) {
        for &v in values {
            self.depth.set(v, self.loops.len() as u32);
        }
    }

    fn region(&mut self, region: RegionId) {
        let f = self.f;
        for &inst in &f.regions[region].insts {
            let i = &f.insts[inst];
            self.define(&i.results);
            if i.regions.is_empty() {
                if !self.loops.is_empty() {
                    self.consider(inst);
                }
                self.ranges.note_exact(f, inst);
            } else {
                self.construct(inst);
            }
            self.ranges.after(f, inst);
        }
    }

    fn construct(&mut self, inst: InstId) {
        let f = self.f;
        let i = &f.insts[inst];
        let is_loop = i.op.is_loop();
        if is_loop {
            self.loops.push(inst);
        }
        for (k, &region) in i.regions.iter().enumerate() {
            if k == SECOND && is_copy(f, i) {
                continue;
            }
            let mark = self.ranges.mark();
            self.define(&f.regions[region].params);
            match i.op {
                Op::If => self.ranges.assume(f, i.args[0], k == 0),
                Op::For(_) | Op::VFor(_) => self.ranges.enter_body(f, inst),
                Op::While(_) if k == SECOND => self.ranges.enter_body(f, inst),
                _ => {}
            }
            self.region(region);
            self.ranges.reset(mark);
        }
        if is_loop {
            self.loops.pop();
        }
    }

    fn consider(&mut self, inst: InstId) {
        let f = self.f;
        let i = &f.insts[inst];
        match i.op {
            Op::Check(_) => {
                let cond = i.args[0];
                let outer = self.depth[cond] as usize;
                if outer < self.loops.len() && f.constant(cond).is_none() {
                    self.plan(outer, inst, Rewrite::Decided(true), &[], Some(cond));
                }
            }
            Op::Checked(..) => {
                let result = i.results[0];
                let Some((low, high)) = f.ty(result).as_scalar().and_then(Scalar::int_range) else { return };
                let sum = self.ranges.linear(f, result);
                if sum == Linear::of(result) {
                    return;
                }
                let Some(below) = Linear::constant(high).plus(&sum, -1) else { return };
                self.offer(inst, Rewrite::Fits, &[sum.plus_constant(-low), below]);
            }
            Op::Compare(op) if f.ty(i.results[0]) == Type::BOOL => self.comparison(inst, op),
            _ => {}
        }
    }

    /// A bound that is checked, or the question whether an index counts from the end.
    fn comparison(&mut self, inst: InstId, op: CompareOp) {
        let f = self.f;
        let i = &f.insts[inst];
        let (a, b) = (i.args[0], i.args[1]);
        let checked = self.checked[i.results[0]];
        match f.ty(a).as_scalar() {
            Some(Scalar::U64) if checked && op == CompareOp::Lt => {
                let Some((not_negative, below)) = inside(&self.ranges, f, a, b) else { return };
                self.offer(inst, Rewrite::Decided(true), &[not_negative, below]);
            }
            Some(Scalar::I64) => {
                let (x, y) = (self.ranges.linear(f, a), self.ranges.linear(f, b));
                let (up, down) = (y.plus(&x, -1), x.plus(&y, -1));
                let negative = op == CompareOp::Lt && f.constant(b).is_some_and(|c| c.bits == 0);
                let (sum, value) = match op {
                    _ if negative => (down, false),
                    _ if !checked => return,
                    CompareOp::Lt => (up.map(|e| e.plus_constant(-1)), true),
                    CompareOp::Le => (up, true),
                    CompareOp::Gt => (down.map(|e| e.plus_constant(-1)), true),
                    CompareOp::Ge => (down, true),
                    CompareOp::Eq | CompareOp::Ne => return,
                };
                if let Some(sum) = sum {
                    self.offer(inst, Rewrite::Decided(value), &[sum]);
                }
            }
            _ => {}
        }
    }

    /// Plans the rewrite for the outermost loop before which the sums can be tested.
    fn offer(&mut self, inst: InstId, rewrite: Rewrite, sums: &[Linear]) {
        for outer in 0..self.loops.len() {
            if !matches!(self.f.insts[self.loops[outer]].op, Op::For(_)) {
                continue;
            }
            let depth = &self.depth;
            let free = |v: ValueId| depth[v] as usize <= outer;
            let mut all = Vec::new();
            let found = sums.iter().all(|sum| match self.ranges.residues(self.f, sum, &free) {
                Some(residues) => {
                    all.extend(residues);
                    true
                }
                None => false,
            });
            if found && self.plan(outer, inst, rewrite, &all, None) {
                return;
            }
        }
    }

    fn plan(
        &mut self,
        outer: usize,
        inst: InstId,
        rewrite: Rewrite,
        sums: &[Linear],
        condition: Option<ValueId>,
    ) -> bool {
        let f = self.f;
        let target = self.loops[outer];
        if !matches!(f.insts[target].op, Op::For(_)) || self.sizes[target] > LOOP_LIMIT {
            return false;
        }
        let mut bounded = Vec::new();
        let mut kept = Vec::new();
        for sum in sums {
            match self.computed(sum, &mut bounded) {
                None => return false,
                Some(sides) => kept.extend(sides),
            }
        }
        let plan = self.plans.entry(target).get_or_insert_default();
        let new = kept.iter().filter(|s| !plan.sums.iter().any(|known| implies(known, s))).count();
        if plan.sums.len() + plan.conditions.len() + new + 1 > TEST_LIMIT {
            return false;
        }
        for sum in kept {
            if !plan.sums.iter().any(|known| implies(known, &sum)) {
                plan.sums.retain(|known| !implies(&sum, known));
                plan.sums.push(sum);
            }
        }
        for b in bounded {
            if !plan.bounded.contains(&b) {
                plan.bounded.push(b);
            }
        }
        plan.conditions.extend(condition.filter(|c| !plan.conditions.contains(c)));
        plan.rewrites.push((inst, rewrite));
        self.found = true;
        // What follows in the region is rewritten only where this is as well.
        if let (Op::Compare(_), Rewrite::Decided(value)) = (&f.insts[inst].op, rewrite) {
            self.ranges.assume(f, f.insts[inst].results[0], value);
        }
        true
    }

    /// What to compare to see whether the sum is not negative, if that can be computed in 64 bits, perhaps within bounds
    /// on its values that the test sees to; `Some(None)` if it never is within those.
    fn computed(&self, sum: &Linear, bounded: &mut Vec<(ValueId, u32)>) -> Option<Option<(Linear, Linear)>> {
        if !sum.terms.iter().all(|t| t.0.factors().all(|v| is_word(self.f, v))) {
            return None;
        }
        let fits = |side: &Linear| self.ranges.bounds(self.f, side).fits(Scalar::I64);
        let (positive, negative) = sides(sum);
        for at_first in [true, false] {
            let (mut a, mut b) = (positive.clone(), negative.clone());
            if at_first {
                a.constant += sum.constant
            } else {
                b.constant -= sum.constant
            }
            if fits(&a) && fits(&b) {
                return Some(Some((a, b)));
            }
        }
        let weight: i128 = sum.terms.iter().map(|t| t.1.abs()).sum();
        if weight >= 1 << 20 {
            return None;
        }
        // Each side stays below 2^62. Factors have half of the bits, and the same number in most sums.
        let bits = 61 - (128 - weight.leading_zeros());
        let factors: Vec<ValueId> =
            sum.terms.iter().filter(|t| t.0.times.is_some()).flat_map(|t| t.0.factors()).collect();
        let half = (bits / 2) & !3;
        let bits = if factors.is_empty() { bits } else { 2 * half };
        for v in sum.terms.iter().flat_map(|t| t.0.factors()) {
            let bits = if factors.contains(&v) { half } else { bits };
            let (r, limit) = (self.ranges.range(self.f, v), 1 << bits);
            if r.low < -limit || r.high >= limit {
                bounded.push((v, bits));
            }
        }
        if sum.constant >= weight << bits {
            return Some(None);
        }
        (sum.constant.abs() < 1 << 61).then(|| Some((positive.plus_constant(sum.constant), negative)))
    }
}

/// Where `a.0 >= a.1`, `b.0 >= b.1` as well: they differ in their constants alone.
fn implies(a: &(Linear, Linear), b: &(Linear, Linear)) -> bool {
    let slack = |s: &(Linear, Linear)| s.0.constant - s.1.constant;
    a.0.terms == b.0.terms && a.1.terms == b.1.terms && slack(a) <= slack(b)
}

/// A value that tests compute with as it is, or widened.
fn is_word(f: &Function, v: ValueId) -> bool {
    f.ty(v).as_scalar().is_some_and(|s| s.is_int() && s != Scalar::U64)
}

/// The terms to be added, and those to be taken off, as two sums of positive terms without the constant.
fn sides(sum: &Linear) -> (Linear, Linear) {
    let (mut positive, mut negative) = (Linear::default(), Linear::default());
    for &(t, c) in &sum.terms {
        if c > 0 { positive.terms.push((t, c)) } else { negative.terms.push((t, -c)) }
    }
    (positive, negative)
}

/// Carries plans out.
struct Versions {
    /// The function as it was.
    source: Function,
    plans: IdMap<Inst, Option<Box<Plan>>>,
    rewrites: IdMap<Inst, Option<Rewrite>>,
}

impl Visitor for Versions {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        match self.rewrites[inst] {
            None => {}
            Some(Rewrite::Decided(value)) if matches!(e.f.insts[inst].op, Op::Check(_)) => {
                debug_assert!(value);
                e.changed = true;
                return Action::Remove;
            }
            Some(Rewrite::Decided(value)) => e.set_const(inst, Const::bool(value)),
            Some(Rewrite::Fits) => {
                if let Op::Checked(op, _) = e.f.insts[inst].op {
                    let args = e.f.insts[inst].args.to_vec();
                    e.set(inst, op.wrapping(), &args);
                }
            }
        }
        if let Some(plan) = self.plans.entry(inst).take() {
            self.version(e, inst, &plan);
        }
        Action::Keep
    }
}

impl Versions {
    /// The loop becomes an `if` with the loop on either side; what is inside keeps its names on the first.
    fn version(&mut self, e: &mut Edit<'_>, inst: InstId, plan: &Plan) {
        for &(inst, rewrite) in &plan.rewrites {
            self.rewrites.set(inst, Some(rewrite));
        }
        let Some(test) = test(e, inst, plan) else { return };
        let mut keep = |op, loc| (op, loc);
        let slow = Cloner::new(&self.source, &mut keep).inst(e.f, inst);
        let (op, args, regions) = {
            let i = &e.f.insts[inst];
            (i.op.clone(), i.args.clone(), i.regions.clone())
        };
        let types = e.f.types(&e.f.insts[inst].results);
        let loc = e.f.inst_locs[inst];
        let fast = e.f.new_inst(op, args, &types, regions, loc);
        e.choose(inst, test, [(vec![], fast), (vec![], slow)]);
    }
}

/// The test before a loop; `None` if it would be empty, as then there is nothing to choose.
fn test(e: &mut Edit<'_>, at: InstId, plan: &Plan) -> Option<ValueId> {
    let mut parts: Vec<ValueId> = plan.conditions.iter().map(|&c| e.replaced.resolve(c)).collect();
    for &(v, bits) in &plan.bounded {
        let v = word(e, at, v);
        let half = e.insert(at, Op::Const(Const::int(Scalar::I64, 1 << bits)), &[], Type::I64);
        let whole = e.insert(at, Op::Const(Const::int(Scalar::U64, 2 << bits)), &[], Scalar::U64.into());
        let moved = e.insert(at, Op::Binary(BinaryOp::Add), &[v, half], Type::I64);
        let moved = e.insert(at, Op::Convert(Scalar::U64), &[moved], Scalar::U64.into());
        parts.push(e.insert(at, Op::Compare(CompareOp::Lt), &[moved, whole], Type::BOOL));
    }
    for (positive, negative) in &plan.sums {
        let (a, b) = (side(e, at, positive), side(e, at, negative));
        parts.push(e.insert(at, Op::Compare(CompareOp::Ge), &[a, b], Type::BOOL));
    }
    let mut parts = parts.into_iter();
    let first = parts.next()?;
    Some(parts.fold(first, |all, part| e.insert(at, Op::Binary(BinaryOp::And), &[all, part], Type::BOOL)))
}

fn word(e: &mut Edit<'_>, at: InstId, v: ValueId) -> ValueId {
    let v = e.replaced.resolve(v);
    if e.f.ty(v) == Type::I64 { v } else { e.insert(at, Op::Convert(Scalar::I64), &[v], Type::I64) }
}

/// Computes a sum of positive terms.
fn side(e: &mut Edit<'_>, at: InstId, sum: &Linear) -> ValueId {
    let mut total = None;
    let constant =
        |e: &mut Edit<'_>, c: i128| e.insert(at, Op::Const(Const::int(Scalar::I64, c as i64)), &[], Type::I64);
    for &(Term { value, times }, c) in &sum.terms {
        let mut term = word(e, at, value);
        if let Some(v) = times {
            let v = word(e, at, v);
            term = e.insert(at, Op::Binary(BinaryOp::Mul), &[term, v], Type::I64);
        }
        if c != 1 {
            let c = constant(e, c);
            term = e.insert(at, Op::Binary(BinaryOp::Mul), &[term, c], Type::I64);
        }
        total = Some(match total {
            None => term,
            Some(t) => e.insert(at, Op::Binary(BinaryOp::Add), &[t, term], Type::I64),
        });
    }
    match total {
        None => constant(e, sum.constant),
        Some(t) if sum.constant == 0 => t,
        Some(t) => {
            let c = constant(e, sum.constant);
            e.insert(at, Op::Binary(BinaryOp::Add), &[t, c], Type::I64)
        }
    }
}
