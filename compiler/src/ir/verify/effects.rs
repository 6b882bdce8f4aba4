//! Where there must be no effects: regions that run per element are pure, entries never raise.
//!
//! Pure here means: pure ops, loads from constant classes, calls of functions that are pure themselves, and any
//! control inside the region but `try` and `vfor`.

use super::Checker;
use crate::ir::control::SECOND;
use crate::ir::effects::{Effects, Memory, effects};
use crate::ir::module::{Entry, FuncId, Function, InstId, Level, Module, RegionId};
use crate::ir::op::{ArrayOp, Op, VectorOp};
use crate::ir::ty::Type;

/// What calling each function may do.
pub struct Summary {
    raises: Vec<bool>,
    impure: Vec<bool>,
}

impl Summary {
    /// Looks at each function once, then carries what it finds to callers, in linear time. `placed` holds each
    /// function's instructions.
    pub fn of(m: &Module, placed: &[Vec<InstId>]) -> Summary {
        let n = m.functions.len();
        let (mut raises, mut impure) = (vec![false; n], vec![false; n]);
        // For each callee: the functions that call it, and whether a handler catches what the call raises.
        let mut callers: Vec<Vec<(usize, bool)>> = vec![Vec::new(); n];
        for ((id, f), insts) in m.functions.iter().zip(placed) {
            let k = id.index();
            impure[k] = !insts.iter().all(|&i| is_pure(f, m.level, &f.insts[i].op, |_| true));
            escapes(f, m.level, f.body, 0, &mut |op, caught| match op {
                Op::Call(callee) => callers[callee.index()].push((k, caught)),
                _ => raises[k] |= !caught,
            });
        }
        spread(&mut impure, &callers, |_| true);
        spread(&mut raises, &callers, |caught| !caught);
        Summary { raises, impure }
    }

    pub fn raises(&self, f: FuncId) -> bool {
        self.raises[f.index()]
    }

    /// What the op, a call included, may raise.
    pub fn op_raises(&self, op: &Op, level: Level) -> bool {
        match op {
            Op::Call(callee) => level != Level::Machine && self.raises(*callee),
            _ => effects(op, level).raises,
        }
    }
}

/// Carries a property of functions to those that call them.
fn spread(has: &mut [bool], callers: &[Vec<(usize, bool)>], through: impl Fn(bool) -> bool) {
    let mut work: Vec<usize> = (0..has.len()).filter(|&k| has[k]).collect();
    while let Some(k) = work.pop() {
        for &(caller, caught) in &callers[k] {
            if through(caught) && !std::mem::replace(&mut has[caller], true) {
                work.push(caller);
            }
        }
    }
}

/// Calls `found` with each op that may raise and whether a handler of this function catches it.
fn escapes(f: &Function, level: Level, region: RegionId, handlers: usize, found: &mut impl FnMut(&Op, bool)) {
    for &id in &f.regions[region].insts {
        let inst = &f.insts[id];
        match inst.op {
            Op::Raise(to, _) | Op::Reraise(to) => found(&inst.op, to.is_some()),
            Op::Call(_) => found(&inst.op, handlers > 0),
            _ if effects(&inst.op, level).raises => found(&inst.op, handlers > 0),
            _ => {}
        }
        for (k, &r) in inst.regions.iter().enumerate() {
            let body = matches!(inst.op, Op::Try(_)) && k != SECOND;
            escapes(f, level, r, handlers + body as usize, found);
        }
    }
}

pub fn check(cx: &mut Checker<'_>, summary: &Summary) {
    if cx.f.entry != Entry::Kernel && summary.raises(cx.id) {
        cx.fault(None, "an entry never raises: what it calls must be caught");
    }
    let body = cx.f.body;
    walk(cx, summary, body, None);
}

/// Looks for impure ops in regions of `owner`, which runs its region per element.
fn walk(cx: &mut Checker<'_>, summary: &Summary, region: RegionId, owner: Option<InstId>) {
    let (f, level) = (cx.f, cx.m.level);
    for &id in &f.regions[region].insts {
        let inst = &f.insts[id];
        if let Some(owner) = owner {
            let name = f.insts[owner].op.name();
            if !is_pure(f, level, &inst.op, |callee| !summary.impure[callee.index()]) {
                cx.fault(id, format!("{} is not pure, as it must be in {name}", inst.op.name()));
            }
            if let Some(&v) = inst.args.iter().find(|&&v| matches!(f.ty(v), Type::Vec(_))) {
                cx.fault(id, format!("{} is not used in {name}, which runs per element", f.ty(v)));
            }
        }
        let inner = match inst.op {
            Op::Vector(VectorOp::Lanes) | Op::Array(ArrayOp::Map(..)) => Some(id),
            _ => owner,
        };
        for &r in &inst.regions {
            walk(cx, summary, r, inner);
        }
    }
}

/// A function of its operands alone, so far as the op itself goes; what is in its regions is looked at by itself.
fn is_pure(f: &Function, level: Level, op: &Op, callee_is_pure: impl Fn(FuncId) -> bool) -> bool {
    match op {
        Op::If | Op::Block(_) | Op::For(_) | Op::While(_) | Op::Loop(_) => true,
        Op::Yield | Op::Break(_) | Op::Continue(_) | Op::Again(_) | Op::Condition | Op::Return | Op::Unreachable => {
            true
        }
        Op::Call(callee) => callee_is_pure(*callee),
        Op::Load(a) | Op::Vector(VectorOp::Load(a) | VectorOp::Gather(a) | VectorOp::PackLoad(a, _)) => {
            f.aliases[a.class].constant
        }
        // A slot is a place of its own each time it is made.
        Op::StackSlot(_) | Op::StackPointer => false,
        op => {
            let Effects { reads, writes, raises, control, guarded: _ } = effects(op, level);
            (reads, writes, raises, control) == (Memory::None, Memory::None, false, false)
        }
    }
}
