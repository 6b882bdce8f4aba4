//! What passes that rewrite in place share.
//!
//! [`walk`] goes through a function in order, hands each instruction to a [`Visitor`] and writes the regions anew from
//! what the visitor keeps, adds or splices. Operands are resolved before an instruction is seen, so that a replacement
//! made earlier shows at once; what follows a terminator is dropped. [`Writer`] makes instructions.

use crate::base::arena::IdMap;
use crate::ir::module::Label;
use crate::ir::op::{BinaryOp, CompareOp, Const, Op};
use crate::ir::visit::Substitution;
use crate::ir::{Function, InstId, LocId, RegionId, Type, ValueId};
use crate::types::Scalar;

/// Appends instructions to a list that will become a region's. Result types are the caller's to know: the ops it has
/// helpers for are those whose type follows from their operands.
pub struct Writer<'a> {
    pub f: &'a mut Function,
    pub insts: Vec<InstId>,
    pub loc: Option<LocId>,
}

impl<'a> Writer<'a> {
    pub fn new(f: &'a mut Function) -> Writer<'a> {
        Writer { f, insts: Vec::new(), loc: None }
    }

    pub fn push(&mut self, op: Op, args: &[ValueId], results: &[Type], regions: &[RegionId]) -> InstId {
        let inst = self.f.new_inst(op, args.into(), results, regions.into(), self.loc);
        self.insts.push(inst);
        inst
    }

    pub fn value(&mut self, op: Op, args: &[ValueId], ty: Type) -> ValueId {
        let inst = self.push(op, args, &[ty], &[]);
        self.f.insts[inst].results[0]
    }

    pub fn constant(&mut self, c: Const) -> ValueId {
        self.value(Op::Const(c), &[], Type::Scalar(c.ty))
    }

    pub fn int(&mut self, s: Scalar, v: i64) -> ValueId {
        self.constant(Const::int(s, v))
    }

    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Binary(op), &[a, b], self.f.ty(a))
    }

    pub fn compare(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> ValueId {
        let ty = self.f.ty(a).with_element(Scalar::Bool);
        self.value(Op::Compare(op), &[a, b], ty)
    }

    pub fn select(&mut self, c: ValueId, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Select, &[c, a, b], self.f.ty(a))
    }

    pub fn convert(&mut self, s: Scalar, a: ValueId) -> ValueId {
        let ty = self.f.ty(a).with_element(s);
        if self.f.ty(a) == ty { a } else { self.value(Op::Convert(s), &[a], ty) }
    }

    /// Writes a nested region; gives it and what `fill` gives.
    pub fn region<T>(&mut self, fill: impl FnOnce(&mut Writer<'_>) -> T) -> (RegionId, T) {
        let mut inner = Writer { f: self.f, insts: Vec::new(), loc: self.loc };
        let out = fill(&mut inner);
        let insts = inner.insts;
        let region = self.f.new_region(&[]);
        self.f.regions[region].insts = insts;
        (region, out)
    }
}

/// What becomes of an instruction.
pub enum Action {
    /// It stays, and its regions are visited.
    Keep,
    /// It goes; the visitor has replaced its results.
    Remove,
    /// The instructions of one of its regions stand in its place, its results are what that region yields. If the
    /// region ends otherwise, what follows is dropped.
    Splice(RegionId),
}

/// A function while it is being walked.
pub struct Edit<'a> {
    pub f: &'a mut Function,
    pub replaced: Substitution,
    pub changed: bool,
    /// The instructions so far of the region at hand: the place for new ones.
    pub out: Vec<InstId>,
}

/// A pass that rewrites instruction by instruction.
pub trait Visitor {
    /// Before the regions of the instruction are visited. Its operands are resolved.
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action;

    /// After its regions were visited. Not called for instructions without regions.
    fn leave(&mut self, _e: &mut Edit<'_>, _inst: InstId) -> Action {
        Action::Keep
    }

    /// Before a region of an instruction that stays.
    fn enter_region(&mut self, _e: &mut Edit<'_>, _inst: InstId, _index: usize) {}

    /// After a region of an instruction that stays.
    fn leave_region(&mut self, _e: &mut Edit<'_>, _inst: InstId, _index: usize) {}
}

/// Two passes in one walk: the second sees what the first leaves of each instruction.
pub struct Both<A, B>(pub A, pub B);

impl<A: Visitor, B: Visitor> Visitor for Both<A, B> {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        match self.0.enter(e, inst) {
            Action::Keep => self.1.enter(e, inst),
            other => other,
        }
    }

    fn leave(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        match self.0.leave(e, inst) {
            Action::Keep => self.1.leave(e, inst),
            other => other,
        }
    }

    fn enter_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        self.0.enter_region(e, inst, index);
        self.1.enter_region(e, inst, index);
    }

    fn leave_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        self.0.leave_region(e, inst, index);
        self.1.leave_region(e, inst, index);
    }
}

/// Walks a function; gives whether the visitor changed it.
pub fn walk(f: &mut Function, visitor: &mut impl Visitor) -> bool {
    let body = f.body;
    let mut e = Edit { f, replaced: Substitution::new(), changed: false, out: Vec::new() };
    e.region(body, visitor);
    let changed = e.changed;
    if changed {
        close(f);
    }
    changed
}

/// Puts `unreachable` behind constructs that never end (any more) and drops what followed them.
pub fn close(f: &mut Function) {
    let body = f.body;
    Close { f, left: IdMap::default() }.region(body);
}

struct Close<'a> {
    f: &'a mut Function,
    /// Labels whose construct is left by a terminator that can be reached.
    left: IdMap<Label, bool>,
}

impl Close<'_> {
    /// Gives whether control comes to a `yield` or `condition` at the region's end.
    fn region(&mut self, region: RegionId) -> bool {
        for k in 0..self.f.regions[region].insts.len() {
            let inst = self.f.regions[region].insts[k];
            let op = self.f.insts[inst].op.clone();
            match op {
                Op::Yield | Op::Condition => return true,
                Op::Break(l) | Op::Again(l) => self.left.set(l, true),
                _ if !self.f.insts[inst].regions.is_empty() && !self.construct(inst) => {
                    self.f.regions[region].insts.truncate(k + 1);
                    let loc = self.f.inst_locs[inst];
                    let end = self.f.new_inst(Op::Unreachable, Default::default(), &[], Default::default(), loc);
                    self.f.regions[region].insts.push(end);
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    /// Whether what follows the construct can be reached.
    fn construct(&mut self, inst: InstId) -> bool {
        let mut yields = false;
        let mut tests = false;
        for k in 0..self.f.insts[inst].regions.len() {
            let end = self.region(self.f.insts[inst].regions[k]);
            yields |= end;
            tests |= end && k == 0;
        }
        let left = self.f.insts[inst].op.defined_label().is_some_and(|l| self.left[l]);
        left || match self.f.insts[inst].op {
            Op::While(_) => tests,
            Op::Loop(_) => false,
            Op::If | Op::Block(_) | Op::Try(_) => yields,
            // Counted loops end, and so do those over lanes and elements.
            _ => true,
        }
    }
}

impl Edit<'_> {
    /// Makes an instruction an `if` that gives its results from either of two others; each comes with what stands before
    /// it, and may have more results, behind those.
    pub fn choose(&mut self, inst: InstId, test: ValueId, sides: [(Vec<InstId>, InstId); 2]) {
        let (count, loc) = (self.f.insts[inst].results.len(), self.f.inst_locs[inst]);
        let regions = sides.map(|(mut insts, last)| {
            let results = self.f.insts[last].results[..count].into();
            let end = self.f.new_inst(Op::Yield, results, &[], Default::default(), loc);
            insts.extend([last, end]);
            let region = self.f.new_region(&[]);
            self.f.regions[region].insts = insts;
            region
        });
        let i = &mut self.f.insts[inst];
        i.op = Op::If;
        i.args = [test].into_iter().collect();
        i.regions = regions.into_iter().collect();
        self.changed = true;
    }

    pub fn resolve_args(&mut self, inst: InstId) {
        if self.replaced.is_empty {
            return;
        }
        for arg in &mut self.f.insts[inst].args {
            *arg = self.replaced.resolve(*arg);
        }
    }

    /// Uses of `old` become `new` from here on.
    pub fn replace(&mut self, old: ValueId, new: ValueId) {
        let new = self.replaced.resolve(new);
        if old != new {
            self.replaced.replace(old, new);
        }
        self.changed = true;
    }

    /// Turns the instruction into another one without regions, of the same result types.
    pub fn set(&mut self, inst: InstId, op: Op, args: &[ValueId]) {
        let i = &mut self.f.insts[inst];
        i.op = op;
        i.args = args.into();
        self.changed = true;
    }

    /// Turns the instruction into a constant.
    pub fn set_const(&mut self, inst: InstId, c: Const) {
        self.set(inst, Op::Const(c), &[]);
    }

    /// A new instruction before the one at hand; gives its first result.
    pub fn insert(&mut self, at: InstId, op: Op, args: &[ValueId], ty: Type) -> ValueId {
        let loc = self.f.inst_locs[at];
        let inst = self.f.new_inst(op, args.into(), &[ty], Default::default(), loc);
        self.out.push(inst);
        self.changed = true;
        self.f.insts[inst].results[0]
    }

    fn region(&mut self, region: RegionId, visitor: &mut impl Visitor) {
        let insts = std::mem::take(&mut self.f.regions[region].insts);
        let outer = std::mem::replace(&mut self.out, Vec::with_capacity(insts.len()));
        self.list(insts, visitor);
        let out = std::mem::replace(&mut self.out, outer);
        self.f.regions[region].insts = out;
    }

    /// Visits instructions in turn. Gives whether control may come past them.
    fn list(&mut self, insts: Vec<InstId>, visitor: &mut impl Visitor) -> bool {
        let last = insts.len();
        for (k, inst) in insts.into_iter().enumerate() {
            self.resolve_args(inst);
            let open = match visitor.enter(self, inst) {
                Action::Keep => self.keep(inst, visitor),
                Action::Remove => true,
                Action::Splice(region) => {
                    self.changed = true;
                    let mut inner = std::mem::take(&mut self.f.regions[region].insts);
                    let end = inner.pop();
                    self.list(inner, visitor) && end.is_none_or(|end| self.splice_end(inst, end, visitor))
                }
            };
            if !open {
                self.changed |= k + 1 < last;
                return false;
            }
        }
        true
    }

    /// An instruction that stays, if it still does once its regions were visited.
    fn keep(&mut self, inst: InstId, visitor: &mut impl Visitor) -> bool {
        for k in 0..self.f.insts[inst].regions.len() {
            visitor.enter_region(self, inst, k);
            let region = self.f.insts[inst].regions[k];
            self.region(region, visitor);
            visitor.leave_region(self, inst, k);
        }
        if self.f.insts[inst].regions.is_empty() {
            self.out.push(inst);
            return !self.f.insts[inst].op.is_terminator();
        }
        match visitor.leave(self, inst) {
            Action::Keep => {
                self.out.push(inst);
                true
            }
            Action::Remove => true,
            Action::Splice(region) => self.splice(inst, region),
        }
    }

    /// The end of a region that is spliced before it was visited.
    fn splice_end(&mut self, inst: InstId, end: InstId, visitor: &mut impl Visitor) -> bool {
        self.resolve_args(end);
        if self.f.insts[end].op == Op::Yield {
            self.bind_results(inst, end);
            return true;
        }
        self.list(vec![end], visitor)
    }

    /// Moves a visited region's instructions to where the walk is; `inst`'s results become what it yields. Gives
    /// whether control comes past.
    pub fn splice(&mut self, inst: InstId, region: RegionId) -> bool {
        self.changed = true;
        let mut inner = std::mem::take(&mut self.f.regions[region].insts);
        let Some(end) = inner.pop() else { return true };
        self.out.append(&mut inner);
        if self.f.insts[end].op == Op::Yield {
            self.bind_results(inst, end);
            return true;
        }
        self.out.push(end);
        false
    }

    fn bind_results(&mut self, inst: InstId, end: InstId) {
        for k in 0..self.f.insts[inst].results.len() {
            let (old, new) = (self.f.insts[inst].results[k], self.f.insts[end].args[k]);
            self.replace(old, new);
        }
    }
}

/// How a region ends.
pub fn ends_in(f: &Function, region: RegionId, op: &Op) -> bool {
    f.terminator(region).is_some_and(|t| f.insts[t].op == *op)
}
