//! Computes what has constant operands, and takes the branches that are known.
//!
//! Pays because inlining and range facts leave constants everywhere. Results are those of [`crate::ir::eval`], as every
//! judge computes them; a checked op is folded only if it does not raise.
//!
//! Takes and leaves any level.

use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::ir::control::SECOND;
use crate::ir::eval;
use crate::ir::op::{Access, Const};
use crate::ir::{AliasClass, Function, InstId, Module, Op, ValueId};

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    edit::walk(f, &mut Fold::new(cx))
}

/// The pass as a visitor.
pub struct Fold<'a> {
    module: &'a Module,
}

impl<'a> Fold<'a> {
    pub fn new(cx: &Cx<'a>) -> Fold<'a> {
        Fold { module: cx.module }
    }
}

impl Visitor for Fold<'_> {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let i = &e.f.insts[inst];
        let constant = |k: usize| e.f.constant(i.args[k]);
        match &i.op {
            Op::If => match constant(0) {
                Some(c) => return Action::Splice(i.regions[if c.bits != 0 { 0 } else { SECOND }]),
                None => return Action::Keep,
            },
            Op::Check(_) => match constant(0) {
                Some(c) if c.bits != 0 => {
                    e.changed = true;
                    return Action::Remove;
                }
                _ => return Action::Keep,
            },
            Op::Select => {
                if let Some(c) = constant(0) {
                    let (old, new) = (i.results[0], i.args[if c.bits != 0 { 1 } else { 2 }]);
                    e.replace(old, new);
                    return Action::Remove;
                }
            }
            Op::For(_) => return never_enters(e, inst),
            Op::While(_) => return never_holds(e, inst),
            Op::Overflowing(op) => {
                if let (Some(a), Some(b)) = (constant(0), constant(1)) {
                    let (value, failed) = eval::overflowing(*op, a, Some(b));
                    let results = i.results.clone();
                    for (old, c) in results.into_iter().zip([value, failed]) {
                        let ty = e.f.ty(old);
                        let new = e.insert(inst, Op::Const(c), &[], ty);
                        e.replace(old, new);
                    }
                    return Action::Remove;
                }
            }
            _ => {}
        }
        if let Some(c) = self.value(e.f, inst) {
            e.set_const(inst, c);
        }
        Action::Keep
    }
}

impl Fold<'_> {
    /// The constant that an instruction with one result gives.
    fn value(&self, f: &Function, inst: InstId) -> Option<Const> {
        let i = &f.insts[inst];
        if i.args.is_empty() || i.results.len() != 1 {
            return None;
        }
        if let Op::Load(access) = &i.op {
            return self.load(f, access, i.args[0], i.args[1]);
        }
        let a = f.constant(i.args[0])?;
        let b = || f.constant(*i.args.get(1)?);
        Some(match &i.op {
            Op::Unary(op) => eval::unary(*op, a),
            Op::Binary(op) => eval::binary(*op, a, b()?),
            Op::Compare(op) => eval::compare(*op, a, b()?),
            Op::Select => eval::select(a, b()?, f.constant(i.args[2])?),
            Op::Convert(to) => eval::convert(*to, a),
            Op::Bitcast(to) => eval::bitcast(*to, a),
            Op::Checked(op, _) if op.arity() == 1 => eval::checked(*op, a, None)?,
            Op::Checked(op, _) => eval::checked(*op, a, Some(b()?))?,
            Op::SiteMatches(exception) => {
                let site = self.module.sites.id(usize::try_from(a.as_int()).ok()?)?;
                Const::bool(self.module.sites[site].exception.is_subclass(*exception))
            }
            _ => return None,
        })
    }

    /// An element of a constant table.
    fn load(&self, f: &Function, access: &Access, base: ValueId, index: ValueId) -> Option<Const> {
        let Op::DataAddr(data) = f.insts[f.def_inst(base)?].op else { return None };
        let table = &self.module.data[data];
        let index = f.constant(index)?.as_int();
        let at = index.checked_mul(access.scale as i128)?.checked_add(access.offset as i128)?;
        let size = access.element.bytes() as i128;
        if access.class != AliasClass::TABLE || table.element != access.element || at % size != 0 {
            return None;
        }
        let bits = *table.bits.get(usize::try_from(at / size).ok()?)?;
        Some(Const { ty: access.element, bits })
    }
}

/// A `for` whose bounds are constants that leave no round.
fn never_enters(e: &mut Edit<'_>, inst: InstId) -> Action {
    let i = &e.f.insts[inst];
    let bound = |k: usize| e.f.constant(i.args[k]).map(Const::as_int);
    let (Some(lo), Some(hi), Some(step)) = (bound(0), bound(1), bound(2)) else { return Action::Keep };
    if (step > 0 && lo < hi) || (step < 0 && lo > hi) {
        return Action::Keep;
    }
    let pairs: Vec<(ValueId, ValueId)> = i.results.iter().copied().zip(i.args[3..].iter().copied()).collect();
    for (old, new) in pairs {
        e.replace(old, new);
    }
    e.changed = true;
    Action::Remove
}

/// A `while` whose test is constantly false: the test region, once.
fn never_holds(e: &mut Edit<'_>, inst: InstId) -> Action {
    let i = &e.f.insts[inst];
    let test = i.regions[0];
    let Some(end) = e.f.terminator(test) else { return Action::Keep };
    let false_ = |v: ValueId| e.f.constant(v).is_some_and(|c| c.bits == 0);
    if e.f.insts[end].op != Op::Condition || !false_(e.f.insts[end].args[0]) {
        return Action::Keep;
    }
    // A break inside the test would lose its target.
    let plain = e.f.regions[test].insts.iter().all(|&i| e.f.insts[i].regions.is_empty());
    if !plain {
        return Action::Keep;
    }
    let pairs: Vec<(ValueId, ValueId)> = e.f.regions[test].params.iter().copied().zip(i.args.iter().copied()).collect();
    for (old, new) in pairs {
        e.replace(old, new);
    }
    e.f.insts[end].op = Op::Yield;
    e.f.insts[end].args.remove(0);
    Action::Splice(test)
}
