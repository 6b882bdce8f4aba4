//! Linear facts between integer values: `i < n` and `n <= len` say that `i < len`, whatever the numbers are.
//!
//! A [`Linear`] is a sum of values and of products of two, in true integers: only arithmetic that is known not to wrap is
//! taken apart. Facts are sums that are not negative: guards and checks that control has come past, the bounds of loops, and
//! what minima, maxima and divisions by constants are by definition. [`Ranges::prove`] shows that a sum is not negative
//! by taking facts off it until the bounds of what is left say so; [`Ranges::residues`] stops where only values are left
//! that somebody else can test. A fact on `i` is one on `i * w` as well where `w` is not negative. Both are searches with a budget: they may miss what is true, and say so in little time.

use smallvec::SmallVec;

use super::interval::Interval;
use super::ranges::Ranges;
pub use super::sum::{Linear, Term};
use crate::ir::module::ValueDef;
use crate::ir::op::{ArrayOp, BinaryOp, CheckedOp, CompareOp};
use crate::ir::{Function, InstId, Op, ValueId};
use crate::types::Scalar;

/// How deep a value's definition is taken apart.
const FORM_DEPTH: u32 = 8;
/// Facts taken off one after the other, at most: short proofs are looked for first.
const PROOF_DEPTHS: [u32; 4] = [1, 2, 4, 7];
/// Sums and facts looked at for one question, for each of those.
const BUDGET: u32 = 160;
/// Guards looked through for facts on a value; the latest are the likeliest.
const LOOK_BACK: usize = 48;
/// Sizes are likely to be below that.
const LARGE: i128 = 1 << 31;
/// Constants beyond that come from the bounds of types.
const FAR: i128 = 1 << 60;

/// Larger than any integer; with any coefficient far below [`INFINITE`], of which several make no overflow.
const HUGE: i128 = 1 << 70;
const INFINITE: i128 = 1 << 116;

impl Ranges {
    /// A value as a sum of what it was computed from.
    pub fn linear(&self, f: &Function, v: ValueId) -> Linear {
        self.form(f, v, FORM_DEPTH).unwrap_or_else(|| Linear::of(v))
    }

    fn form(&self, f: &Function, v: ValueId, depth: u32) -> Option<Linear> {
        if let Some(c) = f.constant(v) {
            return Some(Linear::constant(c.as_int()));
        }
        if depth == 0 {
            return None;
        }
        let part = |v: ValueId| self.form(f, v, depth - 1).unwrap_or_else(|| Linear::of(v));
        let i = &f.insts[f.def_inst(v)?];
        let exact = self.exact[v];
        match i.op {
            Op::Checked(CheckedOp::Add, _) => part(i.args[0]).plus(&part(i.args[1]), 1),
            Op::Checked(CheckedOp::Sub, _) => part(i.args[0]).plus(&part(i.args[1]), -1),
            Op::Checked(CheckedOp::Mul, _) => part(i.args[0]).times(&part(i.args[1])),
            Op::Checked(CheckedOp::Neg, _) => part(i.args[0]).scaled(-1),
            Op::Binary(BinaryOp::Add) if exact => part(i.args[0]).plus(&part(i.args[1]), 1),
            Op::Binary(BinaryOp::Sub) if exact => part(i.args[0]).plus(&part(i.args[1]), -1),
            Op::Binary(BinaryOp::Mul) if exact => part(i.args[0]).times(&part(i.args[1])),
            Op::Unary(crate::ir::op::UnaryOp::Neg) if exact => part(i.args[0]).scaled(-1),
            Op::Convert(to) if is_int(f, i.args[0]) && self.range(f, i.args[0]).fits(to) => Some(part(i.args[0])),
            Op::Select => {
                let taken = self.range(f, i.args[0]).single()?;
                Some(part(i.args[if taken != 0 { 1 } else { 2 }]))
            }
            Op::Array(ArrayOp::Dim(axis)) => {
                let source = &f.insts[f.def_inst(i.args[0])?];
                match source.op {
                    Op::Array(ArrayOp::Alloc(..)) => Some(part(source.args[axis as usize])),
                    Op::Array(ArrayOp::Make(..)) => Some(part(source.args[1 + axis as usize])),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Remembers that plain arithmetic did not wrap, so that later questions may take it apart.
    pub fn note_exact(&mut self, f: &Function, inst: InstId) {
        let i = &f.insts[inst];
        let Some(&result) = i.results.first() else { return };
        let Some(s) = f.ty(result).as_scalar().filter(|s| s.is_int()) else { return };
        let arg = |k: usize| self.range(f, i.args[k]);
        let exact = match i.op {
            Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul)) => {
                Interval::binary(op, arg(0), arg(1)).is_some_and(|r| r.fits(s))
            }
            Op::Unary(crate::ir::op::UnaryOp::Neg) => {
                Interval::binary(BinaryOp::Sub, Interval::exactly(0), arg(0)).is_some_and(|r| r.fits(s))
            }
            _ => return,
        };
        if exact || self.linear && s == Scalar::I64 {
            self.exact.set(result, true);
        }
        // What was checked arithmetic may be known not to wrap for reasons other than bounds.
        if !exact && self.exact[result] && !self.fits(f, result, s) {
            self.exact.set(result, false);
        }
    }

    /// The exact result of checked arithmetic fits its type, by linear facts.
    pub fn fits(&self, f: &Function, result: ValueId, s: Scalar) -> bool {
        let (Some((low, high)), exact) = (s.int_range(), self.linear(f, result)) else { return false };
        if !self.linear || exact == Linear::of(result) {
            return false;
        }
        let above = exact.clone().plus_constant(-low);
        let below = Linear::constant(high).plus(&exact, -1);
        below.is_some_and(|below| self.prove(f, &above) && self.prove(f, &below))
    }

    /// The sum's bounds, from those of its values; of products beyond [`HUGE`] they have the right sign, no more.
    pub fn bounds(&self, f: &Function, e: &Linear) -> Interval {
        let (mut low, mut high) = (e.constant, e.constant);
        for &(t, c) in &e.terms {
            let r = self.range(f, t.value);
            let r = t.times.map_or(Some(r), |v| Interval::binary(BinaryOp::Mul, r, self.range(f, v)));
            let Some(r) = r.filter(|r| !r.is_empty()) else {
                return Interval { low: i128::MIN / 2, high: i128::MAX / 2, nonzero: false };
            };
            let least = (r.low >= -HUGE).then_some(r.low.min(HUGE));
            let most = (r.high <= HUGE).then_some(r.high.max(-HUGE));
            let (first, last) = if c > 0 { (least, most) } else { (most, least) };
            low += first.map_or(-INFINITE, |v| v * c);
            high += last.map_or(INFINITE, |v| v * c);
        }
        Interval { low, high, nonzero: false }
    }

    /// Records that `a op b` holds.
    pub(super) fn learn(&mut self, f: &Function, op: CompareOp, a: ValueId, b: ValueId) {
        if !self.linear || !is_int(f, a) || ((f.constant(a).is_some() || f.constant(b).is_some()) && is_plain(f, a, b))
        {
            return;
        }
        let (Some(a), Some(b)) = (self.exactly(f, a), self.exactly(f, b)) else { return };
        let (up, down) = (b.plus(&a, -1), a.plus(&b, -1));
        let (up, down) = match op {
            CompareOp::Lt => (up.map(|e| e.plus_constant(-1)), None),
            CompareOp::Le => (up, None),
            CompareOp::Gt => (None, down.map(|e| e.plus_constant(-1))),
            CompareOp::Ge => (None, down),
            CompareOp::Eq => (up, down),
            CompareOp::Ne => return,
        };
        self.known.extend(up.into_iter().chain(down));
    }

    /// Finds what stays the same for a whole walk: which loop a region belongs to, which values are remainders of which.
    pub(super) fn prepare(&mut self, f: &Function) {
        self.linear = true;
        f.walk(f.body, &mut |inst| {
            let i = &f.insts[inst];
            match i.op {
                Op::For(_) | Op::VFor(_) => self.loops.set(i.regions[0], Some(inst)),
                Op::Binary(BinaryOp::FloorMod) => {
                    if let Some(c) = f.constant(i.args[1]).filter(|c| c.ty.is_signed() && c.as_int() > 0) {
                        self.remainders.push((i.args[0], c.as_int(), i.results[0]));
                    }
                }
                // What the remainder by a power of two has become.
                Op::Binary(BinaryOp::And) => {
                    if let Some(c) = f.constant(i.args[1]).filter(|c| c.ty.is_signed() && c.as_int() > 0)
                        && (c.as_int() + 1) & c.as_int() == 0
                    {
                        self.remainders.push((i.args[0], c.as_int() + 1, i.results[0]));
                    }
                }
                _ => {}
            }
        });
    }

    /// Control came past checked arithmetic: the sum fits its type, whatever its parts may be.
    pub(super) fn learn_fits(&mut self, f: &Function, result: ValueId) {
        if !self.linear {
            return;
        }
        let (sum, range) = (self.linear(f, result), self.range(f, result));
        if sum.terms.len() > 1 || sum.terms.iter().any(|t| t.0.times.is_some()) {
            let below = Linear::constant(range.high).plus(&sum, -1);
            self.known.extend(below.into_iter().chain([sum.plus_constant(-range.low)]));
        }
    }

    /// The form of a comparison's operand. Unsigned ones are signed values in disguise: their form is that value, if it
    /// is known not to be negative.
    fn exactly(&self, f: &Function, v: ValueId) -> Option<Linear> {
        let s = f.ty(v).as_scalar()?;
        if s.is_signed() || s.bytes() < 8 || f.constant(v).is_some() {
            return Some(self.linear(f, v));
        }
        let form = self.linear(f, v);
        (form != Linear::of(v)).then_some(form)
    }

    /// What a comparison of integers gives, by linear facts.
    pub(super) fn compare_linear(&self, f: &Function, op: CompareOp, a: ValueId, b: ValueId) -> Option<bool> {
        let s = f.ty(a).as_scalar().filter(|s| self.linear && s.is_int())?;
        if !s.is_signed() && s.bytes() == 8 {
            return self.compare_unsigned(f, op, a, b);
        }
        let (a, b) = (self.linear(f, a), self.linear(f, b));
        let above = a.plus(&b, -1)?;
        let below = b.plus(&a, -1)?;
        let holds = |e: &Linear, c: i128| self.prove(f, &e.clone().plus_constant(c));
        match op {
            CompareOp::Lt if holds(&below, -1) => Some(true),
            CompareOp::Lt if holds(&above, 0) => Some(false),
            CompareOp::Le if holds(&below, 0) => Some(true),
            CompareOp::Le if holds(&above, -1) => Some(false),
            CompareOp::Gt if holds(&above, -1) => Some(true),
            CompareOp::Gt if holds(&below, 0) => Some(false),
            CompareOp::Ge if holds(&above, 0) => Some(true),
            CompareOp::Ge if holds(&below, -1) => Some(false),
            CompareOp::Eq | CompareOp::Ne if holds(&above, -1) || holds(&below, -1) => Some(op == CompareOp::Ne),
            _ => None,
        }
    }

    /// `u64(i) < u64(n)`, as bounds are checked: true if `0 <= i < n`.
    fn compare_unsigned(&self, f: &Function, op: CompareOp, a: ValueId, b: ValueId) -> Option<bool> {
        let (low, high) = match op {
            CompareOp::Lt => (a, b),
            CompareOp::Gt => (b, a),
            _ => return None,
        };
        let (not_negative, below) = inside(self, f, low, high)?;
        (self.prove(f, &not_negative) && self.prove(f, &below)).then_some(true)
    }

    /// The sum is not negative.
    pub fn prove(&self, f: &Function, e: &Linear) -> bool {
        let mut search = Search { ranges: self, f, budget: 0, cut: false, likely: false };
        // That a product fits follows from what was checked just before, or not at all.
        let product = e.constant >= FAR && e.terms.iter().any(|t| t.0.times.is_some());
        for depth in PROOF_DEPTHS.into_iter().take(if product { 2 } else { PROOF_DEPTHS.len() }) {
            (search.budget, search.cut) = (BUDGET, false);
            if search.prove(e, depth) {
                return true;
            }
            // It has seen all there is.
            if !search.cut {
                break;
            }
        }
        false
    }

    /// Sums over values that `free` admits which, if none of them is negative, make `e` not negative. `None` if the
    /// search finds none; empty if `e` is known not to be negative.
    pub fn residues(&self, f: &Function, e: &Linear, free: &dyn Fn(ValueId) -> bool) -> Option<Vec<Linear>> {
        if self.prove(f, e) {
            return Some(Vec::new());
        }
        let mut search = Search { ranges: self, f, budget: 0, cut: false, likely: true };
        let found = search.residues_at_any_depth(e, free);
        search.likely = false;
        found.or_else(|| search.residues_at_any_depth(e, free))
    }
}

fn is_int(f: &Function, v: ValueId) -> bool {
    f.ty(v).as_scalar().is_some_and(Scalar::is_int)
}

/// Bounds say as much of a value and a constant as a fact could.
fn is_plain(f: &Function, a: ValueId, b: ValueId) -> bool {
    let plain = |v: ValueId| match f.def_inst(v) {
        Some(inst) => !matches!(f.insts[inst].op, Op::Checked(..) | Op::Binary(_)),
        None => true,
    };
    plain(a) && plain(b)
}

/// The two sums that are not negative where `u64(i) < u64(n)` is a signed value inside bounds: `i` and `n - 1 - i`.
pub fn inside(ranges: &Ranges, f: &Function, i: ValueId, n: ValueId) -> Option<(Linear, Linear)> {
    let (i, n) = (ranges.linear(f, signed(f, i)), ranges.linear(f, signed(f, n)));
    let below = n.plus(&i, -1)?.plus_constant(-1);
    Some((i, below))
}

/// The signed value of the same width that `v` was converted from; else `v`.
fn signed(f: &Function, v: ValueId) -> ValueId {
    match f.def_inst(v).map(|inst| &f.insts[inst]) {
        Some(i) if matches!(i.op, Op::Convert(_)) && f.ty(i.args[0]).as_scalar() == Some(Scalar::I64) => i.args[0],
        _ => v,
    }
}

struct Search<'a> {
    ranges: &'a Ranges,
    f: &'a Function,
    budget: u32,
    /// Something was not looked at because it lay too deep.
    cut: bool,
    /// Conditions that sizes seldom meet are not to be bet on.
    likely: bool,
}

/// A sum that is not negative, if a value is not.
type Fact = (Linear, Option<ValueId>);

impl Search<'_> {
    fn prove(&mut self, e: &Linear, depth: u32) -> bool {
        let bounds = self.ranges.bounds(self.f, e);
        if bounds.low >= 0 {
            return true;
        }
        if bounds.high < 0 {
            return false;
        }
        if depth == 0 || self.budget == 0 {
            self.cut = true;
            return false;
        }
        self.budget -= 1;
        for (t, c) in self.by_rank(e) {
            for (fact, factor) in self.facts(e, t, c > 0) {
                if self.budget == 0 {
                    return false;
                }
                self.budget -= 1;
                if let Some(next) = taken_off(e, &fact, t)
                    && factor.is_none_or(|v| self.prove(&Linear::of(v), depth - 1))
                    && self.prove(&next, depth - 1)
                {
                    return true;
                }
            }
            if let Some([a, b]) = self.cases(e, t, c > 0)
                && self.prove(&a, depth - 1)
                && self.prove(&b, depth - 1)
            {
                return true;
            }
        }
        false
    }

    fn residues_at_any_depth(&mut self, e: &Linear, free: &dyn Fn(ValueId) -> bool) -> Option<Vec<Linear>> {
        PROOF_DEPTHS.into_iter().find_map(|depth| {
            let mut found = Vec::new();
            self.budget = BUDGET;
            self.residues(e, free, depth, &mut found).then_some(found)
        })
    }

    fn residues(&mut self, e: &Linear, free: &dyn Fn(ValueId) -> bool, depth: u32, found: &mut Vec<Linear>) -> bool {
        let bounds = self.ranges.bounds(self.f, e);
        if bounds.low >= 0 {
            return true;
        }
        // What holds in the extreme alone is no condition to bet on.
        if bounds.high <= 0 {
            return false;
        }
        let Some((t, c)) = self.by_rank(e).into_iter().find(|t| !t.0.factors().all(free)) else {
            let small = e.constant < LARGE && e.terms.iter().all(|t| t.1 < 0);
            let large = e.constant <= -LARGE;
            if self.likely && (small || large) {
                return false;
            }
            found.push(e.clone());
            return true;
        };
        if depth == 0 || self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        let mark = found.len();
        for (fact, factor) in self.facts(e, t, c > 0) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            if let Some(next) = taken_off(e, &fact, t)
                && self.residues(&next, free, depth - 1, found)
                && factor.is_none_or(|v| self.residues(&Linear::of(v), free, depth - 1, found))
            {
                return true;
            }
            found.truncate(mark);
        }
        if let Some([a, b]) = self.cases(e, t, c > 0)
            && self.residues(&a, free, depth - 1, found)
            && self.residues(&b, free, depth - 1, found)
        {
            return true;
        }
        found.truncate(mark);
        false
    }

    /// The terms, those first whose bounds say most: what loops count, then the latest.
    fn by_rank(&self, e: &Linear) -> SmallVec<[(Term, i128); 4]> {
        let mut terms = e.terms.clone();
        terms.reverse();
        terms.sort_by_key(|t| !t.0.factors().any(|v| matches!(self.f.values[v].def, ValueDef::Param(..))));
        terms
    }

    /// Known sums that are not negative and hold `t`, with a positive coefficient if `positive`, else a negative one:
    /// those that may help to show that `goal` is not negative.
    fn facts(&self, goal: &Linear, t: Term, positive: bool) -> SmallVec<[Fact; 4]> {
        let mut facts = SmallVec::new();
        let fits = |e: &Linear, t: Term| {
            let c = e.coefficient(t);
            // That a sum fits its type says nothing of what is small.
            let near = e.constant < FAR || goal.constant >= FAR;
            near && if positive { c > 0 } else { c < 0 }
        };
        let known = || self.ranges.known.iter().rev().take(LOOK_BACK);
        let Some(other) = t.times else {
            self.definition(t.value, &mut |e| facts.extend(e.filter(|e| fits(e, t)).map(|e| (e, None))));
            facts.extend(known().filter(|e| fits(e, t)).map(|e| (e.clone(), None)));
            return facts;
        };
        for (value, factor) in [(t.value, other), (other, t.value)] {
            let mut multiply = |e: &Linear| {
                if fits(e, Term::of(value)) {
                    facts.extend(e.times_value(factor).map(|e| (e, Some(factor))));
                }
            };
            self.definition(value, &mut |e| e.iter().for_each(&mut multiply));
            known().for_each(multiply);
        }
        facts.extend(known().filter(|e| fits(e, t)).map(|e| (e.clone(), None)));
        facts
    }

    /// What holds of a value by how it is defined.
    fn definition(&self, v: ValueId, give: &mut dyn FnMut(Option<Linear>)) {
        let (f, ranges) = (self.f, self.ranges);
        let me = Linear::of(v);
        let inst = match f.values[v].def {
            ValueDef::Param(region, 0) => {
                let Some(inst) = ranges.loops[region] else { return };
                let i = &f.insts[inst];
                let step = match i.op {
                    Op::For(_) => ranges.range(f, i.args[2]),
                    _ => Interval::exactly(1),
                };
                let (lo, hi) = (ranges.linear(f, i.args[0]), ranges.linear(f, i.args[1]));
                if step.low > 0 {
                    give(me.plus(&lo, -1));
                    give(hi.plus(&me, -1).map(|e| e.plus_constant(-1)));
                } else if step.high < 0 {
                    give(lo.plus(&me, -1));
                    give(me.plus(&hi, -1).map(|e| e.plus_constant(-1)));
                }
                return;
            }
            ValueDef::Param(..) => return,
            ValueDef::Result(inst, _) => inst,
        };
        let i = &f.insts[inst];
        match i.op {
            Op::Binary(BinaryOp::Max) => {
                i.args.iter().for_each(|&a| give(me.plus(&ranges.linear(f, a), -1)));
            }
            Op::Binary(BinaryOp::Min) => {
                i.args.iter().for_each(|&a| give(ranges.linear(f, a).plus(&me, -1)));
            }
            Op::Binary(op) => {
                let Some(divisor) = self.floor_divisor(op, i.args[0], i.args[1]) else { return };
                self.quotient(&me, i.args[0], divisor, give);
            }
            _ => {}
        }
    }

    /// `v = a // divisor` for these operands: the divisor, which is positive.
    fn floor_divisor(&self, op: BinaryOp, a: ValueId, b: ValueId) -> Option<i128> {
        let c = self.f.constant(b).filter(|c| c.ty.is_signed())?.as_int();
        let floors = match op {
            BinaryOp::FloorDiv => true,
            BinaryOp::Div => self.ranges.range(self.f, a).low >= 0,
            BinaryOp::Shr => return (0..40).contains(&c).then(|| 1i128 << c),
            _ => false,
        };
        (floors && c > 0).then_some(c)
    }

    /// `a = divisor * q + r`, where `r` may have a name of which more is known.
    fn quotient(&self, q: &Linear, a: ValueId, divisor: i128, give: &mut dyn FnMut(Option<Linear>)) {
        let form = self.ranges.linear(self.f, a);
        let Some(rest) = form.plus(q, -divisor) else { return };
        let named = self.ranges.remainders.iter().find(|r| r.0 == a && r.1 == divisor);
        let negated = rest.scaled(-1);
        match named {
            Some(&(_, _, r)) => {
                give(rest.plus(&Linear::of(r), -1));
                give(negated.and_then(|e| e.plus(&Linear::of(r), 1)));
            }
            None => {
                give(Some(rest));
                give(negated.map(|e| e.plus_constant(divisor - 1)));
            }
        }
    }

    /// What is to be shown in both cases of a minimum (if it must be large), a maximum (if small) or a choice.
    fn cases(&self, e: &Linear, t: Term, positive: bool) -> Option<[Linear; 2]> {
        let v = t.times.is_none().then_some(t.value)?;
        let i = &self.f.insts[self.f.def_inst(v)?];
        let (a, b) = match i.op {
            Op::Binary(BinaryOp::Min) if positive => (i.args[0], i.args[1]),
            Op::Binary(BinaryOp::Max) if !positive => (i.args[0], i.args[1]),
            Op::Select => (i.args[1], i.args[2]),
            _ => return None,
        };
        let case = |x: ValueId| e.substituted(t, &self.ranges.linear(self.f, x));
        Some([case(a)?, case(b)?])
    }
}

/// `e` less as much of the fact as rids it of `t`, by positive multiples: not negative only if `e` is not.
fn taken_off(e: &Linear, fact: &Linear, t: Term) -> Option<Linear> {
    let (c, d) = (e.coefficient(t), fact.coefficient(t));
    debug_assert!(c != 0 && (c > 0) == (d > 0));
    if c % d == 0 { e.plus(fact, -(c / d)) } else { e.scaled(d.abs())?.plus(fact, -c.abs()) }
}
