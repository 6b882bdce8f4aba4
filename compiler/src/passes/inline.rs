//! Puts the bodies of functions where they are called.
//!
//! Pays twice: the call goes, and the passes see both sides of it. Entries get their kernel this way, so that one which
//! cannot fail has no context at all. Bottom-up: a callee is done before its callers look at it. A `return` becomes the
//! break of a block, a raise out of the callee a raise to the innermost `try` around the call. Locations remember the
//! call, and sites are copied with them, so that a traceback shows both. Cold functions stay where they are.
//!
//! Accesses of the callee are taken to alias everything in the caller: two parameters that the callee may tell apart can
//! be one pointer of the caller's. An entry has no pointers of its own, and keeps the callee's classes.
//!
//! Takes and leaves Array or Loop level.

use super::analysis::calls::CallFacts;
use crate::back::Target;
use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::module::{AliasClassData, Loc, Site};
use crate::ir::visit::{Cloner, Substitution};
use crate::ir::{
    AliasClass, AliasId, Entry, FuncId, Function, InstId, LabelId, Linkage, LocId, Module, Op, RegionId, SiteId, Type,
};

/// Callees of up to this many instructions are always put in; constants do not count.
const SMALL: usize = 40;
/// Of the mathematical functions, whose fast paths are meant for it.
const MATHEMATICAL: usize = 160;
/// Of kernels into both their entries, which makes two copies of them.
const KERNEL: usize = 100;
/// Of what is called from one place.
const ONCE: usize = 2000;
/// A function does not grow beyond this.
const CAP: usize = 8000;
/// Nesting of regions after inlining; the verifier's limit is larger, and lowering adds to it.
const DEPTH: usize = 80;

pub fn run(module: &mut Module, _: &Target) -> Result<bool, String> {
    let mut facts = CallFacts::new(module);
    let order = facts.bottom_up(module);
    let mut sizes = Sizes { insts: IdMap::default(), depth: IdMap::default(), calls: IdMap::default() };
    for (id, f) in module.functions.iter() {
        f.walk(f.body, &mut |i| {
            if let Op::Call(callee) = f.insts[i].op {
                *sizes.calls.entry(callee) += 1;
            }
        });
        sizes.measure(id, f);
    }
    let mut changed = false;
    for caller in order {
        if facts.callees[caller].is_empty() {
            continue;
        }
        let empty = Function::new("", &[], &[], Linkage::Internal, Entry::Kernel);
        let mut f = std::mem::replace(&mut module.functions[caller], empty);
        let size = sizes.insts[caller];
        let body = f.body;
        let mut inliner = Inliner {
            module,
            f: &mut f,
            facts: &facts,
            sizes: &sizes,
            replaced: Substitution::new(),
            size,
            slots: Vec::new(),
            changed: false,
        };
        inliner.region(body, None, 1);
        let slots = std::mem::take(&mut inliner.slots);
        inliner.f.regions[body].insts.splice(..0, slots);
        let (done, replaced) = (inliner.changed, inliner.replaced);
        if done {
            replaced.apply(&mut f);
            super::edit::close(&mut f);
            sizes.measure(caller, &f);
        }
        changed |= done;
        module.functions[caller] = f;
    }
    Ok(changed)
}

struct Sizes {
    insts: IdMap<Function, usize>,
    depth: IdMap<Function, usize>,
    /// Places that call each function.
    calls: IdMap<Function, usize>,
}

impl Sizes {
    fn measure(&mut self, id: FuncId, f: &Function) {
        let mut insts = 0;
        let depth = measure(f, f.body, &mut insts);
        self.insts.set(id, insts);
        self.depth.set(id, depth);
    }
}

fn measure(f: &Function, region: RegionId, insts: &mut usize) -> usize {
    let mut depth = 0;
    for &i in &f.regions[region].insts {
        *insts += !matches!(f.insts[i].op, Op::Const(_)) as usize;
        for &r in &f.insts[i].regions {
            depth = depth.max(measure(f, r, insts));
        }
    }
    depth + 1
}

struct Inliner<'a> {
    module: &'a mut Module,
    f: &'a mut Function,
    facts: &'a CallFacts,
    sizes: &'a Sizes,
    replaced: Substitution,
    size: usize,
    /// Stack slots of what was put in.
    slots: Vec<InstId>,
    changed: bool,
}

impl Inliner<'_> {
    /// `handler`: the `try` in whose body the region is.
    fn region(&mut self, region: RegionId, handler: Option<LabelId>, depth: usize) {
        let insts = std::mem::take(&mut self.f.regions[region].insts);
        let mut out = Vec::with_capacity(insts.len());
        for inst in insts {
            if let Op::Call(callee) = self.f.insts[inst].op
                && self.pays(callee, depth)
            {
                self.size += self.sizes.insts[callee];
                self.changed = true;
                self.inline(inst, callee, handler, &mut out);
                continue;
            }
            for k in 0..self.f.insts[inst].regions.len() {
                let handler = match self.f.insts[inst].op {
                    Op::Try(l) if k != SECOND => Some(l),
                    _ => handler,
                };
                self.region(self.f.insts[inst].regions[k], handler, depth + 1);
            }
            out.push(inst);
        }
        // A callee that never returns leaves a terminator in the middle.
        if let Some(end) = out.iter().position(|&i| self.f.insts[i].op.is_terminator()) {
            out.truncate(end + 1);
        }
        self.f.regions[region].insts = out;
    }

    fn pays(&self, callee: FuncId, depth: usize) -> bool {
        let f = &self.module.functions[callee];
        let size = self.sizes.insts[callee];
        if f.cold
            || self.facts.recursive[callee]
            || f.entry != Entry::Kernel
            || self.size + size > CAP
            || depth + self.sizes.depth[callee] > DEPTH
        {
            return false;
        }
        let once = self.sizes.calls[callee] == 1 && f.linkage == Linkage::Internal;
        size <= SMALL
            || (once && size <= ONCE)
            || (self.f.entry != Entry::Kernel && size <= KERNEL)
            || (f.name.starts_with(crate::mathlib::PREFIX) && size <= MATHEMATICAL)
    }

    fn inline(&mut self, call: InstId, callee: FuncId, handler: Option<LabelId>, out: &mut Vec<InstId>) {
        let first = self.f.insts.len();
        let args: Vec<_> = self.f.insts[call].args.iter().map(|&a| self.replaced.resolve(a)).collect();
        let (call_loc, results) = (self.f.inst_locs[call], self.f.insts[call].results.clone());
        let Module { functions, sites, locs, .. } = &mut *self.module;
        let source = &functions[callee];
        let classes = map_classes(self.f, source);
        let mut places =
            Places { sites, locs, call: call_loc, new_sites: IdMap::default(), new_locs: IdMap::default() };
        let mut rewrite = |op: Op, loc: Option<LocId>| {
            let loc = places.loc(loc);
            (map_class(map_site(op, &mut |s| places.site(s)), &classes), loc)
        };
        let mut cloner = Cloner::new(source, &mut rewrite);
        for (&p, &a) in source.params().iter().zip(&args) {
            cloner.map_value(p, a);
        }
        // Not as a region: its parameters are the arguments.
        let body = &source.regions[source.body].insts;
        let mut insts: Vec<InstId> = body.iter().map(|&i| cloner.inst(self.f, i)).collect();
        self.hoist_slots(first);
        let Some(last) = insts.pop() else { return };
        let new = || (first..self.f.insts.len()).filter_map(|k| self.f.insts.id(k));
        let early = new().any(|i| i != last && self.f.insts[i].op == Op::Return);
        if !early && self.f.insts[last].op == Op::Return {
            out.append(&mut insts);
            for (k, &old) in results.iter().enumerate() {
                let value = self.f.insts[last].args[k];
                self.replaced.replace(old, value);
            }
            self.retarget(first, None, handler);
            return;
        }
        insts.push(last);
        if !early {
            // It never returns: what follows the call goes.
            out.append(&mut insts);
            self.retarget(first, None, handler);
            return;
        }
        let label = self.f.new_label();
        self.retarget(first, Some(label), handler);
        let body = self.f.new_region(&[]);
        self.f.regions[body].insts = insts;
        let types = self.f.types(&results);
        let block =
            self.f.new_inst(Op::Block(label), Default::default(), &types, [body].into_iter().collect(), call_loc);
        for (k, &old) in results.iter().enumerate() {
            let value = self.f.insts[block].results[k];
            self.replaced.replace(old, value);
        }
        out.push(block);
    }

    /// Stack slots are made once, at the function's start: the call may stand in a loop. Their bytes are the callee's to
    /// write before it reads them.
    fn hoist_slots(&mut self, first: usize) {
        for k in first..self.f.insts.len() {
            let Some(id) = self.f.insts.id(k) else { continue };
            let Op::StackSlot(bytes) = self.f.insts[id].op else { continue };
            let slot =
                self.f.new_inst(Op::StackSlot(bytes), Default::default(), &[Type::Ptr], Default::default(), None);
            self.slots.push(slot);
            self.replaced.replace(self.f.insts[id].results[0], self.f.insts[slot].results[0]);
            self.f.insts[id].op = Op::Null;
        }
    }

    /// Turns what left the callee into what leaves its copy.
    fn retarget(&mut self, first: usize, returns: Option<LabelId>, handler: Option<LabelId>) {
        for k in first..self.f.insts.len() {
            let Some(id) = self.f.insts.id(k) else { continue };
            let op = &mut self.f.insts[id].op;
            match op {
                Op::Return => {
                    if let Some(l) = returns {
                        *op = Op::Break(l);
                    }
                }
                Op::Raise(to @ None, _) | Op::Reraise(to @ None) => *to = handler,
                _ => {}
            }
        }
    }
}

/// The caller's class for each of the callee's.
fn map_classes(f: &mut Function, source: &Function) -> Vec<AliasId> {
    let fixed = [AliasClass::ANY, AliasClass::TABLE, AliasClass::FRAME];
    let keep = f.entry != Entry::Kernel && f.aliases.len() == fixed.len();
    let class = |f: &mut Function, id: AliasId, data: &AliasClassData| match id {
        id if fixed.contains(&id) => id,
        _ if keep => f.aliases.push(data.clone()),
        _ => AliasClass::ANY,
    };
    source.aliases.iter().map(|(id, data)| class(f, id, data)).collect()
}

fn map_class(mut op: Op, classes: &[AliasId]) -> Op {
    use crate::ir::op::{ArrayOp, VectorOp};
    let class = match &mut op {
        Op::Load(a) | Op::Store(a) => &mut a.class,
        Op::Vector(
            VectorOp::Load(a)
            | VectorOp::Store(a)
            | VectorOp::Gather(a)
            | VectorOp::Scatter(a)
            | VectorOp::PackLoad(a, _)
            | VectorOp::PackStore(a),
        ) => &mut a.class,
        Op::Array(ArrayOp::Make(_, class)) => class,
        _ => return op,
    };
    *class = classes[class.index()];
    op
}

fn map_site(mut op: Op, to: &mut impl FnMut(SiteId) -> SiteId) -> Op {
    if let Some(site) = site_mut(&mut op) {
        *site = to(*site);
    }
    op
}

/// The site that an op raises at.
pub fn site_mut(op: &mut Op) -> Option<&mut SiteId> {
    use crate::ir::op::{ArrayOp, BufferOp};
    match op {
        Op::Checked(_, s) | Op::Check(s) | Op::StackCheck(s) | Op::Raise(_, s) => Some(s),
        Op::Buffer(BufferOp::Alloc(s)) => Some(s),
        Op::Array(ArrayOp::Alloc(_, s) | ArrayOp::Map(_, s) | ArrayOp::Assign(s) | ArrayOp::Reduce(_, s)) => Some(s),
        _ => None,
    }
}

/// Sites and locations of one copy.
struct Places<'a> {
    sites: &'a mut crate::base::arena::Arena<Site>,
    locs: &'a mut crate::base::arena::Arena<Loc>,
    call: Option<LocId>,
    new_sites: IdMap<Site, Option<SiteId>>,
    new_locs: IdMap<Loc, Option<LocId>>,
}

impl Places<'_> {
    /// The location, inlined at the call.
    fn loc(&mut self, loc: Option<LocId>) -> Option<LocId> {
        let (Some(loc), Some(call)) = (loc, self.call) else { return loc.or(self.call) };
        if let Some(new) = self.new_locs[loc] {
            return Some(new);
        }
        let outer = match self.locs[loc].inlined_at {
            None => Some(call),
            at => self.loc(at),
        };
        let new = self.locs.push(Loc { inlined_at: outer, ..self.locs[loc].clone() });
        self.new_locs.set(loc, Some(new));
        Some(new)
    }

    fn site(&mut self, site: SiteId) -> SiteId {
        if self.call.is_none() {
            return site;
        }
        if let Some(new) = self.new_sites[site] {
            return new;
        }
        let loc = self.loc(self.sites[site].loc);
        let new = self.sites.push(Site { loc, ..self.sites[site].clone() });
        self.new_sites.set(site, Some(new));
        new
    }
}
