//! Carries what a loop has loaded to the rounds that load it again: `x[i + 1]` is `x[i]` in the next round and `x[i - 1]`
//! in the one after.
//!
//! Pays for stencils: one load a round instead of one per point, and none that follows closely on a store to an address
//! that looks alike to the processor. Stores in the loop must leave the elements alone; where their alias class does not
//! say so, a test before the loop compares the addresses of the first and the last round, and the loop as it was stands
//! beside it. Only innermost loops of step 1 are taken, without branches and without anything that raises, so that all
//! rounds run and all addresses are valid.
//!
//! Takes and leaves Loop level.

use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::effects::effects;
use crate::ir::module::ValueData;
use crate::ir::op::{Access, BinaryOp, CompareOp, Const};
use crate::ir::visit::Cloner;
use crate::ir::{Function, InstId, Op, Type, ValueId};
use crate::types::Scalar;

/// Rounds that an element is carried over, at most.
const SPAN: i64 = 4;
/// Values carried by one loop on top of its own.
const CARRIED: usize = 8;
/// Pairs of accesses that a test compares.
const PAIRS: usize = 6;
/// Instructions of the loop, at most.
const SIZE: usize = 120;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let mut found = IdMap::default();
    let mut any = false;
    for inst in f.all_insts() {
        if let Some(plan) = plan(f, cx, inst) {
            found.set(inst, Some(plan));
            any = true;
        }
    }
    if !any {
        return false;
    }
    let source = f.clone();
    edit::walk(f, &mut Reuse { source, found })
}

/// Loads of neighbouring elements.
#[derive(Clone, Debug)]
struct Group {
    base: ValueId,
    /// The access with the lowest offset.
    first: Access,
    /// Steps from the lowest offset to the highest.
    span: i64,
    /// The loads, with their distance from the lowest in steps.
    loads: Vec<(InstId, i64)>,
}

#[derive(Clone, Debug)]
struct Plan {
    groups: Vec<Group>,
    /// Stores that must lie apart from a group.
    pairs: Vec<(usize, InstId)>,
}

fn plan(f: &Function, cx: &Cx<'_>, inst: InstId) -> Option<Plan> {
    let i = &f.insts[inst];
    if !matches!(i.op, Op::For(_)) || f.constant(i.args[2]).is_none_or(|c| c.as_int() != 1) {
        return None;
    }
    let body = i.regions[0];
    let (&end, insts) = f.regions[body].insts.split_last()?;
    if f.insts[end].op != Op::Yield || insts.len() > SIZE {
        return None;
    }
    let mut inside: IdMap<ValueData, bool> = IdMap::default();
    let mut loads = Vec::new();
    let mut stores = Vec::new();
    for &inst in insts {
        let i = &f.insts[inst];
        match i.op {
            Op::Load(_) => loads.push(inst),
            Op::Store(_) => stores.push(inst),
            ref op if effects(op, cx.module.level).is_pure() => {}
            _ => return None,
        }
        i.results.iter().for_each(|&r| inside.set(r, true));
    }
    f.regions[body].params.iter().for_each(|&p| inside.set(p, true));
    let index = f.regions[body].params[0];
    let counted = |inst: InstId| f.insts[inst].args[1] == index && !inside[f.insts[inst].args[0]];
    loads.retain(|&l| counted(l));
    let mut plan = Plan { groups: Vec::new(), pairs: Vec::new() };
    let mut carried = 0;
    for group in groups(f, &loads) {
        let apart = |&&s: &&InstId| matches!(f.insts[s].op, Op::Store(a) if f.may_alias(a.class, group.first.class));
        let near: Vec<InstId> = stores.iter().filter(apart).copied().collect();
        let known = near.iter().all(|&s| counted(s) && f.insts[s].args[0] != group.base);
        if known && carried + group.span as usize <= CARRIED && plan.pairs.len() + near.len() <= PAIRS {
            carried += group.span as usize;
            plan.pairs.extend(near.into_iter().map(|s| (plan.groups.len(), s)));
            plan.groups.push(group);
        }
    }
    (!plan.groups.is_empty()).then_some(plan)
}

/// Loads of one base whose offsets are a few steps apart.
fn groups(f: &Function, loads: &[InstId]) -> Vec<Group> {
    /// Base, the first access, and the loads with their offsets.
    type Near = (ValueId, Access, Vec<(InstId, i32)>);
    let mut groups: Vec<Near> = Vec::new();
    for &load in loads {
        let Op::Load(a) = f.insts[load].op else { continue };
        let base = f.insts[load].args[0];
        let same = |b: &Access| {
            let steps = i64::from(a.offset) - i64::from(b.offset);
            b.class == a.class && b.element == a.element && b.scale == a.scale && steps % i64::from(a.scale) == 0
        };
        match groups.iter_mut().find(|g| g.0 == base && same(&g.1)) {
            Some(g) => g.2.push((load, a.offset)),
            None => groups.push((base, a, vec![(load, a.offset)])),
        }
    }
    let mut found = Vec::new();
    for (base, access, loads) in groups {
        let offsets = loads.iter().map(|l| l.1);
        let (Some(low), Some(high)) = (offsets.clone().min(), offsets.max()) else { continue };
        let step = i64::from(access.scale);
        let steps = |offset: i32| (i64::from(offset) - i64::from(low)) / step;
        let span = steps(high);
        if (1..=SPAN).contains(&span) {
            let loads = loads.into_iter().map(|(l, offset)| (l, steps(offset))).collect();
            found.push(Group { base, first: Access { offset: low, ..access }, span, loads });
        }
    }
    found
}

struct Reuse {
    /// The function as it was.
    source: Function,
    found: IdMap<crate::ir::module::Inst, Option<Plan>>,
}

impl Visitor for Reuse {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        if let Some(plan) = self.found.entry(inst).take() {
            self.carry(e, inst, &plan);
        }
        Action::Keep
    }
}

impl Reuse {
    fn carry(&self, e: &mut Edit<'_>, inst: InstId, plan: &Plan) {
        let test = test(e, inst, plan);
        let mut keep = |op, loc| (op, loc);
        let plain = Cloner::new(&self.source, &mut keep).inst(e.f, inst);
        let loc = e.f.inst_locs[inst];
        let i = &e.f.insts[inst];
        let (op, mut args, regions) = (i.op.clone(), i.args.clone(), i.regions.clone());
        let mut types = e.f.types(&i.results);
        let (body, lo) = (regions[0], args[0]);
        let mut fast = Vec::new();
        let mut next = Vec::new();
        for group in &plan.groups {
            let ty = Type::Scalar(group.first.element);
            let mut values = Vec::new();
            for k in 0..group.span {
                let load = e.f.new_inst(
                    Op::Load(group.at(k)),
                    [group.base, lo].into_iter().collect(),
                    &[ty],
                    Default::default(),
                    loc,
                );
                fast.push(load);
                args.push(e.f.insts[load].results[0]);
                types.push(ty);
                values.push(e.f.add_region_param(body, ty));
            }
            let newest = group.loads.iter().find(|l| l.1 == group.span).map(|l| e.f.insts[l.0].results[0]);
            values.extend(newest);
            next.extend(&values[1..]);
            for &(load, k) in &group.loads {
                rename(e.f, body, load, values[k as usize]);
            }
        }
        if let Some(end) = e.f.terminator(body) {
            e.f.insts[end].args.extend(next);
        }
        let new = e.f.new_inst(op, args, &types, regions, loc);
        e.choose(inst, test, [(fast, new), (vec![], plain)]);
    }
}

impl Group {
    /// The access so many steps from the lowest.
    fn at(&self, steps: i64) -> Access {
        let offset = i64::from(self.first.offset) + steps * i64::from(self.first.scale);
        Access { offset: offset as i32, ..self.first }
    }
}

/// Uses of a load's result in the body become another value, unless it is the load that stays.
fn rename(f: &mut Function, body: crate::ir::RegionId, load: InstId, to: ValueId) {
    let old = f.insts[load].results[0];
    if old == to {
        return;
    }
    f.regions[body].insts.retain(|&i| i != load);
    for k in 0..f.regions[body].insts.len() {
        let inst = f.regions[body].insts[k];
        f.insts[inst].args.iter_mut().filter(|a| **a == old).for_each(|a| *a = to);
    }
}

/// There is a round, and no store touches what is carried.
fn test(e: &mut Edit<'_>, at: InstId, plan: &Plan) -> ValueId {
    let [lo, hi] = [0, 1].map(|k| e.f.insts[at].args[k]);
    let mut all = e.insert(at, Op::Compare(CompareOp::Lt), &[lo, hi], Type::BOOL);
    for &(group, store) in &plan.pairs {
        let group = &plan.groups[group];
        let Op::Store(access) = e.f.insts[store].op else { continue };
        let base = e.f.insts[store].args[0];
        let base = e.replaced.resolve(base);
        let stored = extent(e, at, base, access, access, [lo, hi]);
        let loaded = extent(e, at, e.replaced.resolve(group.base), group.first, group.at(group.span), [lo, hi]);
        let before = e.insert(at, Op::Compare(CompareOp::Lt), &[stored[1], loaded[0]], Type::BOOL);
        let behind = e.insert(at, Op::Compare(CompareOp::Lt), &[loaded[1], stored[0]], Type::BOOL);
        let apart = e.insert(at, Op::Binary(BinaryOp::Or), &[before, behind], Type::BOOL);
        all = e.insert(at, Op::Binary(BinaryOp::And), &[all, apart], Type::BOOL);
    }
    all
}

/// The first address of all rounds and the last: that past it might be 0.
fn extent(e: &mut Edit<'_>, at: InstId, base: ValueId, low: Access, high: Access, range: [ValueId; 2]) -> [ValueId; 2] {
    let u64_ = Type::Scalar(Scalar::U64);
    let last = i64::from(high.offset) - i64::from(high.scale) + high.element.bytes() as i64 - 1;
    let ends = [(range[0], i64::from(low.offset)), (range[1], last)];
    ends.map(|(index, offset)| {
        let scale = e.insert(at, Op::Const(Const::int(Scalar::I64, i64::from(low.scale))), &[], Type::I64);
        let bytes = e.insert(at, Op::Binary(BinaryOp::Mul), &[index, scale], Type::I64);
        let offset = e.insert(at, Op::Const(Const::int(Scalar::I64, offset)), &[], Type::I64);
        let bytes = e.insert(at, Op::Binary(BinaryOp::Add), &[bytes, offset], Type::I64);
        let address = e.insert(at, Op::PtrAdd, &[base, bytes], Type::Ptr);
        e.insert(at, Op::PtrToInt, &[address], u64_)
    })
}
