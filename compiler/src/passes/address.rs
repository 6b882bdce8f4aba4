//! Takes the part of an address that a loop does not change out of the loop: `x[i * w + j]` in a loop over `j` becomes
//! `y[j]`, where `y` lies `i * w` elements behind `x`.
//!
//! Pays for arrays that are indexed by hand: what is left of the index is mostly what the loop counts, which processors add
//! for nothing, and neighbouring elements show as such to [`super::reuse`]. Addresses are computed with wrapping
//! arithmetic, which associates. An index that is also used otherwise stays: it would be computed as before, and the
//! new bases would take up registers on top.
//!
//! Takes and leaves Loop level.

use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::module::{Inst, ValueData};
use crate::ir::op::{BinaryOp, Const};
use crate::ir::{Function, InstId, Op, RegionId, Type, ValueId};
use crate::types::Scalar;

/// New bases of one loop: they take a register each.
const BASES: usize = 8;
/// Sums in an index that are taken apart.
const DEPTH: u32 = 4;

pub fn run(f: &mut Function, _: &Cx<'_>) -> bool {
    if !f.insts.iter().any(|(_, i)| i.op.is_loop()) {
        return false;
    }
    let mut scan = Scan { f, loops: Vec::new(), depth: IdMap::default(), order: Vec::new() };
    scan.region(f.body);
    let found = scan.plans();
    edit::walk(f, &mut Addresses { found })
}

/// A base that is moved, and who uses it.
#[derive(Clone)]
struct Plan {
    base: ValueId,
    scale: u16,
    /// What is added to it or taken off.
    parts: Vec<(ValueId, bool)>,
    /// Accesses, and what is left of their index.
    users: Vec<(InstId, ValueId)>,
}

struct Scan<'a> {
    f: &'a Function,
    loops: Vec<InstId>,
    /// How many loops are around each value's definition.
    depth: IdMap<ValueData, usize>,
    /// Instructions in order, with the loops around them and the innermost.
    order: Vec<(InstId, usize, Option<InstId>)>,
}

impl Scan<'_> {
    fn region(&mut self, region: RegionId) {
        let f = self.f;
        f.regions[region].params.iter().for_each(|&p| self.depth.set(p, self.loops.len()));
        for &inst in &f.regions[region].insts {
            let i = &f.insts[inst];
            i.results.iter().for_each(|&r| self.depth.set(r, self.loops.len()));
            self.order.push((inst, self.loops.len(), self.loops.last().copied()));
            let is_loop = i.op.is_loop();
            if is_loop {
                self.loops.push(inst);
            }
            i.regions.iter().for_each(|&r| self.region(r));
            if is_loop {
                self.loops.pop();
            }
        }
    }

    fn is_outside(&self, v: ValueId, depth: usize) -> bool {
        self.f.constant(v).is_some() || self.depth[v] < depth
    }

    /// An access from within a loop to what lies outside of it.
    fn is_access(&self, inst: InstId, depth: usize) -> bool {
        let i = &self.f.insts[inst];
        matches!(i.op, Op::Load(_) | Op::Store(_)) && self.is_outside(i.args[0], depth)
    }

    fn plans(&self) -> IdMap<Inst, Vec<Plan>> {
        let f = self.f;
        // What is used otherwise than in addresses: users come behind, but for those that a loop carries.
        let mut other: IdMap<ValueData, bool> = IdMap::default();
        for &(inst, depth, _) in self.order.iter().rev() {
            let i = &f.insts[inst];
            let sum = matches!(i.op, Op::Binary(BinaryOp::Add | BinaryOp::Sub)) && !other[i.results[0]];
            let access = self.is_access(inst, depth);
            for (k, &arg) in i.args.iter().enumerate() {
                if self.depth[arg] != depth || !(sum || access && k == 1) {
                    other.set(arg, true);
                }
            }
        }
        let mut found: IdMap<Inst, Vec<Plan>> = IdMap::default();
        for &(inst, depth, innermost) in &self.order {
            let Some(innermost) = innermost.filter(|_| self.is_access(inst, depth)) else { continue };
            let (base, index) = (f.insts[inst].args[0], f.insts[inst].args[1]);
            let (Op::Load(access) | Op::Store(access)) = f.insts[inst].op else { continue };
            let (mut parts, mut rest) = (Vec::new(), Vec::new());
            if other[index] || !self.split(index, false, depth, DEPTH, &mut parts, &mut rest) || parts.is_empty() {
                continue;
            }
            let &[rest] = &rest[..] else { continue };
            parts.sort_unstable();
            let plans = found.entry(innermost);
            let same = |p: &Plan| p.base == base && p.scale == access.scale && p.parts == parts;
            match plans.iter().position(same) {
                Some(k) => plans[k].users.push((inst, rest)),
                None if plans.len() < BASES => {
                    plans.push(Plan { base, scale: access.scale, parts, users: vec![(inst, rest)] });
                }
                None => {}
            }
        }
        found
    }

    /// Takes a sum apart: what comes from outside of the loop, and what does not. Fails if that is taken off.
    fn split(
        &self,
        v: ValueId,
        negative: bool,
        depth: usize,
        levels: u32,
        parts: &mut Vec<(ValueId, bool)>,
        rest: &mut Vec<ValueId>,
    ) -> bool {
        if self.is_outside(v, depth) {
            parts.push((v, negative));
            return true;
        }
        let inst = self.f.def_inst(v).filter(|_| self.depth[v] == depth && levels > 0);
        match inst.map(|inst| &self.f.insts[inst]) {
            Some(Inst { op: Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub)), args, .. }) => {
                let second = negative != (*op == BinaryOp::Sub);
                self.split(args[0], negative, depth, levels - 1, parts, rest)
                    && self.split(args[1], second, depth, levels - 1, parts, rest)
            }
            _ => {
                rest.push(v);
                !negative
            }
        }
    }
}

struct Addresses {
    found: IdMap<Inst, Vec<Plan>>,
}

impl Visitor for Addresses {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        for plan in std::mem::take(self.found.entry(inst)) {
            let base = moved(e, inst, &plan);
            for &(user, index) in &plan.users {
                let args = &mut e.f.insts[user].args;
                (args[0], args[1]) = (base, index);
            }
        }
        Action::Keep
    }
}

/// The base with the parts of the plan added.
fn moved(e: &mut Edit<'_>, at: InstId, plan: &Plan) -> ValueId {
    let mut sum = None;
    for &(v, negative) in &plan.parts {
        // A constant may stand in the loop.
        let v = match e.f.constant(v) {
            Some(c) => e.insert(at, Op::Const(c), &[], Type::I64),
            None => v,
        };
        let first = match sum {
            Some(first) => first,
            None if negative => e.insert(at, Op::Const(Const::int(Scalar::I64, 0)), &[], Type::I64),
            None => {
                sum = Some(v);
                continue;
            }
        };
        let op = if negative { BinaryOp::Sub } else { BinaryOp::Add };
        sum = Some(e.insert(at, Op::Binary(op), &[first, v], Type::I64));
    }
    let Some(sum) = sum else { return plan.base };
    let scale = e.insert(at, Op::Const(Const::int(Scalar::I64, i64::from(plan.scale))), &[], Type::I64);
    let bytes = e.insert(at, Op::Binary(BinaryOp::Mul), &[sum, scale], Type::I64);
    e.insert(at, Op::PtrAdd, &[plan.base, bytes], Type::Ptr)
}
