//! Puts polls where code may run for long, so that a host can stop it: at most about ten microseconds apart.
//!
//! A poll is one store ([`Op::Poll`]), yet one a round would slow a tight loop down. So a counted loop is *strip-mined*:
//! it becomes two, the inner one runs a strip of rounds as it did before, the outer one polls between strips. A loop
//! that holds another one, or is large, polls every round; so does one whose rounds cannot be counted. A loop of few
//! rounds, all told, does not poll, nor does one that ends within a strip: it counts as so much code for those around it.
//!
//! Calls need polls too, for functions that call each other twice do 2^n steps without any loop. A function that calls
//! others polls at its entry, recursion included; one that calls nothing is as long as its code and its loops.
//!
//! Relies on nothing but the code as it stands, since a kernel may be hostile: a loop is strip-mined only if its rounds
//! cannot go on past the strip, whatever its bounds and its start are.
//!
//! Takes and leaves Machine level. Runs last: no pass after it may make loops or move code between them.

use std::collections::BTreeSet;

use super::edit::Writer;
use super::manager::Cx;
use crate::ir::op::{BinaryOp, CompareOp};
use crate::ir::{Function, InstId, LabelId, Op, RegionId, Type, ValueId};
use crate::types::Scalar;

/// What may run between two polls, in units of [`cost`]: about ten microseconds.
const STRIP: u64 = 1 << 15;
/// A strip has at least so many rounds: below, the loop polls every round.
const FEWEST_ROUNDS: u64 = 512;
/// A straight piece of code, loops within strips included, polls after so many strips.
const STRIPS_IN_A_ROW: u64 = 4;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    if !cx.target.interruptible {
        return false;
    }
    let calls = |f: &Function| f.all_insts().iter().any(|&i| matches!(f.insts[i].op, Op::Call(_)));
    let mut polls = Polls { f, changed: false };
    let body = polls.f.body;
    polls.region(body);
    if calls(polls.f) {
        polls.insert(body, 0);
    }
    polls.changed
}

/// What an instruction that holds no regions costs, in about half cycles.
fn cost(op: &Op) -> u64 {
    match op {
        Op::Const(_) | Op::Null | Op::Yield => 0,
        Op::Load(_) | Op::Store(_) | Op::Vector(_) => 2,
        Op::Binary(BinaryOp::Div | BinaryOp::Rem) => 16,
        Op::CallImport(_) => 256,
        // A callee polls by itself if it runs for longer.
        Op::Call(_) => STRIP,
        _ => 1,
    }
}

struct Polls<'a> {
    f: &'a mut Function,
    changed: bool,
}

impl Polls<'_> {
    /// Puts polls into a region. Gives what it may cost to run it once without a poll.
    fn region(&mut self, region: RegionId) -> u64 {
        let (mut all, mut since) = (0u64, 0);
        let mut at = 0;
        while let Some(&inst) = self.f.regions[region].insts.get(at) {
            let cost = self.inst(inst);
            (all, since) = (all.saturating_add(cost), since + cost.min(STRIP));
            if since >= STRIPS_IN_A_ROW * STRIP && !self.f.insts[inst].op.is_terminator() && !self.is_last(region, at) {
                at += 1;
                self.insert(region, at);
                since = 0;
            }
            at += 1;
        }
        all
    }

    /// What follows is `unreachable`, which stands right behind what never ends.
    fn is_last(&self, region: RegionId, at: usize) -> bool {
        let next = self.f.regions[region].insts.get(at + 1);
        next.is_none_or(|&i| self.f.insts[i].op == Op::Unreachable)
    }

    fn inst(&mut self, inst: InstId) -> u64 {
        let regions = self.f.insts[inst].regions.clone();
        if let Op::Loop(label) = self.f.insts[inst].op {
            return self.loop_(inst, label, regions[0]);
        }
        let inside = regions.iter().map(|&r| self.region(r)).fold(0, u64::saturating_add);
        inside.saturating_add(cost(&self.f.insts[inst].op))
    }

    fn loop_(&mut self, inst: InstId, label: LabelId, body: RegionId) -> u64 {
        let round = self.region(body).max(1);
        let counted = Counted::find(self.f, inst, label, body);
        if let Some(rounds) = counted.as_ref().and_then(|c| c.rounds(self.f, inst)) {
            let all = rounds.saturating_mul(round);
            if all <= STRIP {
                return all;
            }
        }
        let rounds = STRIP / round;
        match counted {
            Some(counted) if rounds >= FEWEST_ROUNDS => self.strip_mine(inst, label, body, &counted, rounds),
            _ => self.poll_rounds(label, body),
        }
        STRIP
    }

    fn new_poll(&mut self) -> InstId {
        self.changed = true;
        self.f.new_inst(Op::Poll, Default::default(), &[], Default::default(), None)
    }

    fn insert(&mut self, region: RegionId, at: usize) {
        let poll = self.new_poll();
        self.f.regions[region].insts.insert(at, poll);
    }

    /// A poll before everything that starts the next round.
    fn poll_rounds(&mut self, label: LabelId, region: RegionId) {
        let insts = self.f.regions[region].insts.clone();
        for (at, inst) in insts.into_iter().enumerate() {
            match self.f.insts[inst].op {
                Op::Again(l) | Op::Continue(l) if l == label => self.insert(region, at),
                _ => {
                    for r in self.f.insts[inst].regions.clone() {
                        self.poll_rounds(label, r);
                    }
                }
            }
        }
    }

    /// The loop becomes the outer one, which keeps its label, so that a `break` leaves both; its body goes into the
    /// inner one, with a nearer bound.
    fn strip_mine(&mut self, inst: InstId, label: LabelId, body: RegionId, counted: &Counted, rounds: u64) {
        let types = self.f.types(&self.f.insts[inst].args);
        let loc = self.f.inst_locs[inst];
        let inner_label = self.f.new_label();
        let outer = self.f.new_region(&types);
        let start = self.f.regions[outer].params.clone();
        let mut w = Writer::new(self.f);
        w.loc = loc;
        let bound = counted.bound.at(&mut w);
        let end = counted.end_of_strip(&mut w, start[counted.index], bound, rounds);
        let inner = w.push(Op::Loop(inner_label), &start, &types, &[body]);
        let reached = w.f.insts[inner].results.clone();
        w.push(Op::Poll, &[], &[], &[]);
        let compared = counted.compared_after(&mut w, reached[counted.index]);
        let more = counted.compare(&mut w, compared, bound);
        let again: Vec<ValueId> = [&[more], &reached[..]].concat();
        w.push(Op::Again(label), &again, &[], &[]);
        let insts = std::mem::take(&mut w.insts);
        self.f.regions[outer].insts = insts;
        self.f.insts[inst].regions[0] = outer;
        // The inner loop's own test, before its terminator.
        let last = self.f.regions[body].insts.pop();
        let mut w = Writer::new(self.f);
        w.loc = loc;
        let more = counted.compare(&mut w, counted.compared, end);
        let test = std::mem::take(&mut w.insts);
        if let Some(last) = last {
            self.f.insts[last].op = Op::Again(inner_label);
            self.f.insts[last].args[0] = more;
            self.f.regions[body].insts.extend(test);
            self.f.regions[body].insts.push(last);
        }
        self.changed = true;
    }
}

/// A loop whose only way to another round is `again L compare(x, bound)` at its end, where the bound is the same all
/// the time and `x` is a carried `i64`, or that plus a constant step towards the bound, which is what it is carried as.
struct Counted {
    /// Which of the carried values.
    index: usize,
    op: CompareOp,
    /// What is compared, in the body: the value before or after the step.
    compared: ValueId,
    after_step: bool,
    step: i64,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    Value(ValueId),
    Constant(i64),
}

impl Bound {
    fn at(self, w: &mut Writer<'_>) -> ValueId {
        match self {
            Bound::Value(v) => v,
            Bound::Constant(c) => w.int(Scalar::I64, c),
        }
    }
}

impl Counted {
    fn find(f: &Function, inst: InstId, label: LabelId, body: RegionId) -> Option<Counted> {
        let last = &f.insts[f.terminator(body)?];
        if last.op != Op::Again(label) || starts_rounds(f, label, body) != 1 {
            return None;
        }
        let test = &f.insts[f.def_inst(last.args[0])?];
        let Op::Compare(op) = test.op else { return None };
        let (a, b) = (test.args[0], test.args[1]);
        if f.ty(a) != Type::I64 {
            return None;
        }
        let inside = defined_in(f, body);
        let bound = |v: ValueId| match f.constant(v) {
            Some(c) => Some(Bound::Constant(c.as_int() as i64)),
            None => (!inside.contains(&v)).then_some(Bound::Value(v)),
        };
        let (compared, bound, op) = match (bound(b), bound(a)) {
            (Some(bound), None) => (a, bound, op),
            (None, Some(bound)) => (b, bound, op.swapped()),
            _ => return None,
        };
        let carried = &last.args[1..];
        let params = &f.regions[body].params;
        // Either `compared` is carried on and is a parameter plus the step, or it is that parameter.
        let index = carried.iter().position(|&v| v == compared).or(params.iter().position(|&p| p == compared))?;
        let step = step_of(f, carried[index], params[index])?;
        let after_step = compared == carried[index];
        if !after_step && compared != params[index] {
            return None;
        }
        let towards = match op {
            CompareOp::Lt | CompareOp::Le => step > 0,
            CompareOp::Gt | CompareOp::Ge => step < 0 && step != i64::MIN,
            CompareOp::Eq | CompareOp::Ne => false,
        };
        let fits = f.insts[inst].args.len() == params.len() && towards;
        fits.then_some(Counted { index, op, compared, after_step, step, bound })
    }

    /// The number of rounds, or a little more, if start and bound are known.
    fn rounds(&self, f: &Function, inst: InstId) -> Option<u64> {
        let Bound::Constant(bound) = self.bound else { return None };
        let start = f.constant(f.insts[inst].args[self.index])?.as_int();
        // A bound so near the end of the type that an index could pass both is none.
        let (low, high) = (i128::from(i64::MIN) + (1 << 62), i128::from(i64::MAX) - (1 << 62));
        let way = (i128::from(bound) - start).unsigned_abs();
        let near = (low..=high).contains(&i128::from(bound)) && (low..=high).contains(&start);
        let small = self.step.unsigned_abs() < 1 << 32;
        (near && small).then(|| u64::try_from(way / u128::from(self.step.unsigned_abs()) + 2).unwrap_or(u64::MAX))
    }

    /// The bound of a strip that starts at `start`: so many steps on, or the loop's own bound if that is nearer. Where
    /// start and bound are in the wrong order, or a step might wrap around, it is out of reach, so that the strip is one
    /// round: nothing is said of what the loop does then but that it polls.
    fn end_of_strip(&self, w: &mut Writer<'_>, start: ValueId, bound: ValueId, rounds: u64) -> ValueId {
        let up = self.step > 0;
        let before = if up { CompareOp::Lt } else { CompareOp::Gt };
        let reach = (rounds as i64).saturating_mul(self.step);
        let stride = w.int(Scalar::I64, reach);
        let on = w.binary(BinaryOp::Add, start, stride);
        // In unsigned numbers, where the way from start to bound is exact if they are in order.
        let way = if up { w.binary(BinaryOp::Sub, bound, start) } else { w.binary(BinaryOp::Sub, start, bound) };
        let way = w.convert(Scalar::U64, way);
        let reach = w.int(Scalar::U64, reach.unsigned_abs() as i64);
        let far = w.compare(CompareOp::Gt, way, reach);
        let mut end = w.select(far, on, bound);
        let mut sound = w.compare(before, start, bound);
        // Steps of one, up to a bound that is not reached, cannot pass it.
        if self.step.unsigned_abs() != 1 || self.op != before || !self.after_step {
            let edge = w.int(Scalar::I64, if up { i64::MAX - self.step } else { i64::MIN - self.step });
            let inside = w.compare(before, end, edge);
            end = w.select(inside, end, edge);
            let room = w.compare(before, start, edge);
            sound = w.binary(BinaryOp::And, sound, room);
        }
        let nowhere = w.int(Scalar::I64, if up { i64::MIN } else { i64::MAX });
        w.select(sound, end, nowhere)
    }

    /// What the original test compares, from the value that was carried out of a round.
    fn compared_after(&self, w: &mut Writer<'_>, carried: ValueId) -> ValueId {
        if self.after_step {
            return carried;
        }
        let step = w.int(Scalar::I64, self.step);
        w.binary(BinaryOp::Sub, carried, step)
    }

    fn compare(&self, w: &mut Writer<'_>, compared: ValueId, bound: ValueId) -> ValueId {
        w.compare(self.op, compared, bound)
    }
}

/// The constant that `next` is more than `value`.
fn step_of(f: &Function, next: ValueId, value: ValueId) -> Option<i64> {
    let inst = &f.insts[f.def_inst(next)?];
    let constant = |v: ValueId| f.constant(v).map(|c| c.as_int() as i64);
    match (&inst.op, inst.args.as_slice()) {
        (Op::Binary(BinaryOp::Add), &[a, b]) if a == value => constant(b),
        (Op::Binary(BinaryOp::Add), &[a, b]) if b == value => constant(a),
        (Op::Binary(BinaryOp::Sub), &[a, b]) if a == value => constant(b)?.checked_neg(),
        _ => None,
    }
}

/// How many terminators under a region start another round of a loop.
fn starts_rounds(f: &Function, label: LabelId, region: RegionId) -> usize {
    let mut count = 0;
    f.walk(region, &mut |inst| {
        count += matches!(f.insts[inst].op, Op::Again(l) | Op::Continue(l) if l == label) as usize;
    });
    count
}

/// Every value that a loop's body defines, its parameters included.
fn defined_in(f: &Function, body: RegionId) -> BTreeSet<ValueId> {
    let mut defined: BTreeSet<ValueId> = f.regions[body].params.iter().copied().collect();
    f.walk(body, &mut |inst| {
        defined.extend(&f.insts[inst].results);
        for &r in &f.insts[inst].regions {
            defined.extend(&f.regions[r].params);
        }
    });
    defined
}
