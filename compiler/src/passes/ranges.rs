//! Uses what is known of integer values: checked arithmetic that fits becomes plain, checks that hold go, comparisons
//! and branches that are decided become constants, floor division becomes truncation, a mask or a shift.
//!
//! Pays because a check costs a branch, and ops that may raise cannot be moved or dropped. The facts are those of
//! [`super::analysis::ranges`].
//!
//! Takes and leaves Array or Loop level.

use super::analysis::interval::Interval;
use super::analysis::ranges::{Mark, Ranges};
use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::ir::control::SECOND;
use crate::ir::op::{BinaryOp, CheckedOp, Const};
use crate::ir::{Function, InstId, Op, Type, ValueId};

pub fn run(f: &mut Function, _: &Cx<'_>) -> bool {
    let ranges = Ranges::with_sums(f);
    edit::walk(f, &mut Narrow { ranges, scopes: Vec::new() })
}

struct Narrow {
    ranges: Ranges,
    scopes: Vec<Mark>,
}

impl Visitor for Narrow {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let i = &e.f.insts[inst];
        let action = match i.op {
            Op::Check(_) if self.range(e, i.args[0]) == Interval::exactly(1) => {
                e.changed = true;
                return Action::Remove;
            }
            Op::Checked(op, _) => self.checked(e, inst, op),
            Op::Binary(op) => self.binary(e, inst, op),
            Op::If => self.decided(e, inst),
            _ => self.known(e, inst),
        };
        if e.f.insts[inst].regions.is_empty() {
            self.ranges.note_exact(e.f, inst);
            self.ranges.after(e.f, inst);
        }
        action
    }

    fn leave(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        self.ranges.after(e.f, inst);
        Action::Keep
    }

    fn enter_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        self.scopes.push(self.ranges.mark());
        let i = &e.f.insts[inst];
        match i.op {
            Op::If => self.ranges.assume(e.f, i.args[0], index == 0),
            Op::For(_) | Op::VFor(_) => self.ranges.enter_body(e.f, inst),
            Op::While(_) if index == SECOND => self.ranges.enter_body(e.f, inst),
            _ => {}
        }
    }

    fn leave_region(&mut self, _: &mut Edit<'_>, _: InstId, _: usize) {
        if let Some(mark) = self.scopes.pop() {
            self.ranges.reset(mark);
        }
    }
}

impl Narrow {
    fn range(&self, e: &Edit<'_>, v: ValueId) -> Interval {
        self.ranges.range(e.f, v)
    }

    /// A value that can be but one thing is that.
    fn known(&self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let i = &e.f.insts[inst];
        let constant = match i.op {
            Op::Compare(op) if e.f.ty(i.results[0]) == Type::BOOL => {
                self.ranges.compare(e.f, op, i.args[0], i.args[1]).map(Const::bool)
            }
            Op::Unary(_) | Op::Convert(_) | Op::Select | Op::Binary(_) | Op::Checked(..) => {
                self.single(e, i.results[0])
            }
            _ => None,
        };
        if let Some(c) = constant {
            e.set_const(inst, c);
        }
        Action::Keep
    }

    fn single(&self, e: &Edit<'_>, v: ValueId) -> Option<Const> {
        let s = e.f.ty(v).as_scalar().filter(|s| !s.is_float())?;
        self.range(e, v).single().map(|value| Const::int(s, value as i64))
    }

    /// A branch on what a guard around it has settled.
    fn decided(&self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let cond = e.f.insts[inst].args[0];
        if e.f.constant(cond).is_none()
            && let Some(value) = self.range(e, cond).single()
        {
            let c = e.insert(inst, Op::Const(Const::bool(value != 0)), &[], Type::BOOL);
            e.f.insts[inst].args[0] = c;
        }
        Action::Keep
    }

    fn checked(&mut self, e: &mut Edit<'_>, inst: InstId, op: CheckedOp) -> Action {
        let i = &e.f.insts[inst];
        let (Some(s), args) = (e.f.ty(i.results[0]).as_scalar(), i.args.to_vec()) else { return Action::Keep };
        let known = self.ranges.checked(e.f, inst, op);
        if !known.is_some_and(|r| r.fits(s) && !r.is_empty()) && !self.ranges.fits(e.f, i.results[0], s) {
            return Action::Keep;
        }
        self.ranges.exact.set(i.results[0], true);
        e.set(inst, op.wrapping(), &args);
        self.known(e, inst)
    }

    fn binary(&self, e: &mut Edit<'_>, inst: InstId, op: BinaryOp) -> Action {
        let i = &e.f.insts[inst];
        let (x, y, result) = (i.args[0], i.args[1], i.results[0]);
        let Some(s) = e.f.ty(result).as_scalar().filter(|s| !s.is_float()) else { return Action::Keep };
        let (a, b) = (self.range(e, x), self.range(e, y));
        let positive = a.low >= 0 && b.low >= 0;
        let power = b.single().filter(|v| *v > 0 && (*v as u128).is_power_of_two());
        let shift = power.map(|v| Const::int(s, v.trailing_zeros() as i64));
        match op {
            BinaryOp::Min | BinaryOp::Max => {
                let first = if op == BinaryOp::Min { a.high <= b.low } else { a.low >= b.high };
                let second = if op == BinaryOp::Min { b.high <= a.low } else { b.low >= a.high };
                if first || second {
                    e.replace(result, if first { x } else { y });
                    return Action::Remove;
                }
            }
            // Less than the divisor: nothing to take off.
            BinaryOp::FloorMod | BinaryOp::Rem if a.low >= 0 && a.high < b.low => {
                e.replace(result, x);
                return Action::Remove;
            }
            BinaryOp::FloorMod | BinaryOp::Rem if power.is_some() && (op == BinaryOp::FloorMod || a.low >= 0) => {
                let mask = Const::int(s, power.unwrap_or(1) as i64 - 1);
                let mask = e.insert(inst, Op::Const(mask), &[], s.into());
                e.set(inst, Op::Binary(BinaryOp::And), &[x, mask]);
            }
            BinaryOp::FloorDiv | BinaryOp::Div if shift.is_some() && (op == BinaryOp::FloorDiv || a.low >= 0) => {
                if let Some(count) = shift {
                    let count = e.insert(inst, Op::Const(count), &[], s.into());
                    e.set(inst, Op::Binary(BinaryOp::Shr), &[x, count]);
                }
            }
            BinaryOp::FloorDiv if positive => e.set(inst, Op::Binary(BinaryOp::Div), &[x, y]),
            BinaryOp::FloorMod if positive => e.set(inst, Op::Binary(BinaryOp::Rem), &[x, y]),
            _ => {}
        }
        self.known(e, inst)
    }
}
