//! Hands on to the next round what it would compute again.
//!
//! Two kinds. A float operation on carried values that this round has already done on the next ones becomes a carried
//! value itself: `while x * x < 4: ... x * x ...` squares once a round. A multiple of what the loop counts, as addresses
//! of rows and of strided elements are made of, becomes the last one plus a step, in innermost loops.
//!
//! Pays because no back-end does it: it takes multiplications out of the chain of rounds or off the way to an address.
//! Both are exact: the same operation on the same operands, and integers that wrap.
//!
//! Relies on rotated loops, on equal ops having been merged and on what does not change having been moved out. Takes and
//! leaves Machine level.

use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::module::{Label, ValueData, ValueDef};
use crate::ir::op::{Access, BinaryOp, Const, UnaryOp, VectorOp};
use crate::ir::visit::Substitution;
use crate::ir::{Function, InstId, LabelId, Op, RegionId, Type, ValueId, ValueList};
use crate::types::Scalar;

/// Values that one loop carries on top of its own, of each kind: registers are few.
const VALUES: usize = 4;
const STEPS: usize = 6;
/// Float operations at the top of a loop's body that are looked through.
const LOOK_THROUGH: usize = 48;

pub fn run(f: &mut Function, _: &Cx<'_>) -> bool {
    let mut exits: IdMap<Label, Vec<InstId>> = IdMap::default();
    let mut any = false;
    f.walk(f.body, &mut |inst| {
        any |= matches!(f.insts[inst].op, Op::Loop(_));
        if let Some(l) = f.insts[inst].op.target_label() {
            exits.entry(l).push(inst);
        }
    });
    if !any {
        return false;
    }
    let body = f.body;
    let mut pass = Carry {
        f,
        exits,
        next: IdMap::default(),
        defined: IdMap::default(),
        clock: 0,
        replaced: Substitution::new(),
        changed: false,
    };
    pass.region(body);
    let (replaced, changed) = (pass.replaced, pass.changed);
    replaced.apply(f);
    changed
}

struct Carry<'a> {
    f: &'a mut Function,
    /// The terminators that name each label.
    exits: IdMap<Label, Vec<InstId>>,
    /// What a value will be in the next round of the loop at hand, for carried values.
    next: IdMap<ValueData, Option<ValueId>>,
    /// When each value was defined.
    defined: IdMap<ValueData, u32>,
    clock: u32,
    replaced: Substitution,
    changed: bool,
}

/// A rotated loop with one way into the next round.
struct Round {
    inst: InstId,
    label: LabelId,
    body: RegionId,
    /// The `again` at the body's end.
    end: InstId,
    /// The clock when it was entered: what is defined later is defined in it.
    entered: u32,
    /// What is to stand before it.
    before: Vec<InstId>,
}

impl Carry<'_> {
    /// Gives whether there is a loop in the region.
    fn region(&mut self, region: RegionId) -> bool {
        let mut loops = false;
        self.clock += 1;
        for k in 0..self.f.regions[region].params.len() {
            self.defined.set(self.f.regions[region].params[k], self.clock);
        }
        let insts = std::mem::take(&mut self.f.regions[region].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            let entered = self.clock;
            let mut inner = false;
            for k in 0..self.f.insts[inst].regions.len() {
                inner |= self.region(self.f.insts[inst].regions[k]);
            }
            if let Op::Loop(label) = self.f.insts[inst].op {
                kept.extend(self.loop_(inst, label, entered, inner));
                inner = true;
            }
            loops |= inner;
            self.clock += 1;
            for k in 0..self.f.insts[inst].results.len() {
                self.defined.set(self.f.insts[inst].results[k], self.clock);
            }
            kept.push(inst);
        }
        self.f.regions[region].insts = kept;
        loops
    }

    /// Gives what is to stand before the loop.
    fn loop_(&mut self, inst: InstId, label: LabelId, entered: u32, has_inner: bool) -> Vec<InstId> {
        let body = self.f.insts[inst].regions[0];
        let Some(end) = self.f.terminator(body).filter(|&t| self.f.insts[t].op == Op::Again(label)) else {
            return vec![];
        };
        let again = |&t: &InstId| t == end || matches!(self.f.insts[t].op, Op::Break(_));
        if !self.exits[label].iter().all(again) {
            return vec![];
        }
        let mut round = Round { inst, label, body, end, entered, before: vec![] };
        for k in 0..self.f.regions[body].params.len() {
            let next = self.f.insts[end].args[k + 1];
            self.next.set(self.f.regions[body].params[k], Some(next));
        }
        self.values(&mut round);
        if !has_inner {
            self.steps(&mut round);
        }
        round.before
    }

    fn is_outside(&self, round: &Round, v: ValueId) -> bool {
        self.f.constant(v).is_some() || self.defined[v] <= round.entered
    }

    /// Carries values that the round has for the next one.
    fn values(&mut self, round: &mut Round) {
        let dear = |i: &InstId| is_dear(self.f, *i);
        let all: Vec<InstId> =
            self.f.regions[round.body].insts.iter().copied().filter(dear).take(LOOK_THROUGH).collect();
        let mut left = VALUES;
        for &inst in &all {
            if left == 0 {
                return;
            }
            let Some(args) = self.next_args(round, inst) else { continue };
            let (op, ty) = (&self.f.insts[inst].op, self.f.ty(self.f.insts[inst].results[0]));
            let same = |&&other: &&InstId| {
                let i = &self.f.insts[other];
                i.op == *op && self.f.ty(i.results[0]) == ty && same_args(self.f, op, &i.args, &args)
            };
            let Some(&next) = all.iter().find(same).filter(|&&other| other != inst) else { continue };
            let next = self.f.insts[next].results[0];
            let (op, args) = (op.clone(), self.f.insts[inst].args.clone());
            let args = args.iter().map(|&a| self.initial(round, a)).collect();
            let init = self.before(round, op, args, ty);
            self.become_carried(round, inst, init, next);
            left -= 1;
        }
    }

    /// The operands that an op would have in the next round, if it has carried ones and others from outside alone.
    fn next_args(&self, round: &Round, inst: InstId) -> Option<ValueList> {
        let mut carried = false;
        let args: Option<ValueList> = self.f.insts[inst]
            .args
            .iter()
            .map(|&a| match self.carried(round, a) {
                Some(next) => {
                    carried = true;
                    Some(next)
                }
                None => self.is_outside(round, a).then_some(a),
            })
            .collect();
        args.filter(|_| carried)
    }

    /// What a value that this loop carries will be.
    fn carried(&self, round: &Round, v: ValueId) -> Option<ValueId> {
        match self.f.values[v].def {
            ValueDef::Param(region, _) if region == round.body => self.next[v],
            _ => None,
        }
    }

    /// What a carried value starts as, or a value from outside is.
    fn initial(&mut self, round: &mut Round, v: ValueId) -> ValueId {
        match self.f.values[v].def {
            ValueDef::Param(region, k) if region == round.body => self.f.insts[round.inst].args[k as usize],
            _ if self.defined[v] <= round.entered => v,
            // A constant inside of the loop.
            _ => match self.f.constant(v) {
                Some(c) => self.constant(round, c),
                None => v,
            },
        }
    }

    fn constant(&mut self, round: &mut Round, c: Const) -> ValueId {
        self.before(round, Op::Const(c), ValueList::new(), Type::Scalar(c.ty))
    }

    /// A new instruction before the loop.
    fn before(&mut self, round: &mut Round, op: Op, args: ValueList, ty: Type) -> ValueId {
        let inst = self.f.new_inst(op, args, &[ty], Default::default(), self.f.inst_locs[round.inst]);
        round.before.push(inst);
        let v = self.f.insts[inst].results[0];
        self.defined.set(v, round.entered);
        v
    }

    /// The instruction goes; its result is a carried value from now on.
    fn become_carried(&mut self, round: &Round, inst: InstId, init: ValueId, next: ValueId) {
        let v = self.f.insts[inst].results[0];
        let k = self.f.regions[round.body].params.len() as u32;
        self.f.values[v].def = ValueDef::Param(round.body, k);
        self.f.regions[round.body].params.push(v);
        self.f.regions[round.body].insts.retain(|&i| i != inst);
        self.pass_on(round, v, init, next);
    }

    /// Completes the column of a new parameter.
    fn pass_on(&mut self, round: &Round, param: ValueId, init: ValueId, next: ValueId) {
        self.changed = true;
        self.next.set(param, Some(next));
        let ty = self.f.ty(param);
        self.f.add_result(round.inst, ty);
        self.f.insts[round.inst].args.push(init);
        self.f.insts[round.end].args.push(next);
        for k in 0..self.exits[round.label].len() {
            let exit = self.exits[round.label][k];
            if exit != round.end {
                // Nobody reads the result.
                self.f.insts[exit].args.push(param);
            }
        }
    }

    /// Carries multiples of what the loop counts.
    fn steps(&mut self, round: &mut Round) {
        let mut found = Vec::new();
        self.f.walk(round.body, &mut |inst| {
            if let Some(multiple) = self.multiple(round, inst) {
                found.push(multiple);
            }
        });
        if found.is_empty() {
            return;
        }
        let mut uses = Vec::new();
        self.f.walk(round.body, &mut |inst| {
            if let Some(sum) = self.address(round, inst)
                && let Some(of) = found.iter().position(|m| m.value == sum.index)
            {
                uses.push((of, inst, sum));
            }
        });
        if uses.is_empty() {
            return;
        }
        let zero = self.constant(round, Const::int(Scalar::I64, 0));
        let mut made: Vec<(usize, ValueId, ValueId)> = Vec::new();
        for (of, inst, sum) in uses {
            let known = made.iter().find(|m| (m.0, m.1) == (of, sum.base)).map(|m| m.2);
            let address = match known {
                Some(address) => address,
                None if made.len() == STEPS => continue,
                None => {
                    let address = self.step(round, &found[of], sum.base);
                    made.push((of, sum.base, address));
                    address
                }
            };
            if self.f.insts[inst].op == Op::PtrAdd {
                self.replaced.replace(self.f.insts[inst].results[0], address);
            } else {
                self.f.insts[inst].args[0] = address;
                self.f.insts[inst].args[1] = zero;
            }
        }
    }

    /// `p * s` where the loop adds the same to `p` in every round.
    fn multiple(&self, round: &Round, inst: InstId) -> Option<Multiple> {
        let i = &self.f.insts[inst];
        if i.op != Op::Binary(BinaryOp::Mul) || self.f.ty(i.results[0]) != Type::I64 {
            return None;
        }
        let (p, s) = match (self.carried(round, i.args[0]), self.carried(round, i.args[1])) {
            (Some(_), None) => (i.args[0], i.args[1]),
            (None, Some(_)) => (i.args[1], i.args[0]),
            _ => return None,
        };
        // Shifts are as good as sums.
        if !self.is_outside(round, s) || self.f.constant(s).is_some_and(|c| c.bits.is_power_of_two()) {
            return None;
        }
        let next = &self.f.insts[self.f.def_inst(self.carried(round, p)?)?];
        if next.op != Op::Binary(BinaryOp::Add) {
            return None;
        }
        let by = match (next.args[0] == p, next.args[1] == p) {
            (true, false) => next.args[1],
            (false, true) => next.args[0],
            _ => return None,
        };
        self.is_outside(round, by).then(|| Multiple { value: i.results[0], counted: p, by, factor: s })
    }

    /// An address of a base from outside and an index that counts bytes.
    fn address(&self, round: &Round, inst: InstId) -> Option<Sum> {
        let i = &self.f.insts[inst];
        let bytes = |a: &Access| a.scale == 1;
        match &i.op {
            Op::PtrAdd => {}
            Op::Load(a) | Op::Store(a) if bytes(a) => {}
            Op::Vector(VectorOp::PackLoad(a, _) | VectorOp::PackStore(a)) if bytes(a) => {}
            _ => return None,
        }
        self.is_outside(round, i.args[0]).then(|| Sum { base: i.args[0], index: i.args[1] })
    }

    /// A carried address: `base + multiple`.
    fn step(&mut self, round: &mut Round, of: &Multiple, base: ValueId) -> ValueId {
        let [counted, by, factor] = [of.counted, of.by, of.factor].map(|v| self.initial(round, v));
        let product = |pass: &mut Self, round: &mut Round, a: ValueId, b: ValueId| {
            let constants = pass.f.constant(a).zip(pass.f.constant(b));
            match constants.map(|(a, b)| (a.as_int(), b.as_int())) {
                Some((x, y)) => pass.constant(round, Const::int(Scalar::I64, (x as i64).wrapping_mul(y as i64))),
                None if pass.f.constant(a).is_some_and(|c| c.as_int() == 1) => b,
                None => pass.before(round, Op::Binary(BinaryOp::Mul), [a, b].into_iter().collect(), Type::I64),
            }
        };
        let first = product(self, round, counted, factor);
        let step = product(self, round, by, factor);
        let init = self.before(round, Op::PtrAdd, [base, first].into_iter().collect(), Type::Ptr);
        let param = self.f.add_region_param(round.body, Type::Ptr);
        self.defined.set(param, round.entered + 1);
        let loc = self.f.inst_locs[round.end];
        let next =
            self.f.new_inst(Op::PtrAdd, [param, step].into_iter().collect(), &[Type::Ptr], Default::default(), loc);
        let insts = &mut self.f.regions[round.body].insts;
        insts.insert(insts.len() - 1, next);
        let next = self.f.insts[next].results[0];
        self.pass_on(round, param, init, next);
        param
    }
}

/// A multiple of what a loop counts.
struct Multiple {
    value: ValueId,
    counted: ValueId,
    /// What is added to it in every round.
    by: ValueId,
    factor: ValueId,
}

/// The operands of an address.
struct Sum {
    base: ValueId,
    index: ValueId,
}

/// Takes longer than handing a value on.
fn is_dear(f: &Function, inst: InstId) -> bool {
    let i = &f.insts[inst];
    let float = |v: ValueId| f.ty(v).is_float();
    match i.op {
        Op::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div) | Op::Unary(UnaryOp::Sqrt) => {
            float(i.results[0])
        }
        Op::Convert(_) => float(i.results[0]) != float(i.args[0]) || float(i.args[0]),
        _ => false,
    }
}

/// The operands are the same values or constants, perhaps in the other order.
fn same_args(f: &Function, op: &Op, a: &[ValueId], b: &[ValueId]) -> bool {
    let same = |a: ValueId, b: ValueId| a == b || f.constant(a).is_some_and(|c| f.constant(b) == Some(c));
    let equal = |a: &[ValueId], b: &[ValueId]| a.iter().zip(b).all(|(&a, &b)| same(a, b));
    let commutes = matches!(op, Op::Binary(op) if op.is_commutative());
    equal(a, b) || (commutes && same(a[0], b[1]) && same(a[1], b[0]))
}
