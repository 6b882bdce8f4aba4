//! Drops the functions, constant tables, sites and locations that nothing refers to, and numbers the rest anew.
//!
//! Pays in size, and because later passes need not work on what inlining left behind. Sites are numbers at Machine
//! level, so there they stay as they are.
//!
//! Takes and leaves any level.

use super::inline::site_mut;
use crate::back::Target;
use crate::base::arena::{Arena, Id, IdMap};
use crate::ir::module::{DataTable, Loc, Site};
use crate::ir::{FuncId, Function, Level, Linkage, LocId, Module, Op};

pub fn run(module: &mut Module, _: &Target) -> Result<bool, String> {
    let mut used = Used::default();
    let exported = |f: &Function| f.linkage == Linkage::Export;
    let mut work: Vec<FuncId> = module.functions.iter().filter(|(_, f)| exported(f)).map(|(id, _)| id).collect();
    if work.is_empty() {
        // A module without entries is a part of one: everything may be meant.
        work = module.functions.ids().collect();
    }
    while let Some(id) = work.pop() {
        if std::mem::replace(used.functions.entry(id), true) {
            continue;
        }
        let f = &mut module.functions[id];
        for inst in f.all_insts() {
            let op = &mut f.insts[inst].op;
            match op {
                Op::Call(callee) => work.push(*callee),
                Op::DataAddr(data) => used.data.set(*data, true),
                _ => {}
            }
            if let Some(site) = site_mut(op) {
                used.sites.set(*site, true);
            }
            used.loc(&module.locs, f.inst_locs[inst]);
        }
    }
    let keep_sites = module.level == Level::Machine;
    for (id, site) in module.sites.iter() {
        if keep_sites || used.sites[id] {
            used.sites.set(id, true);
            used.loc(&module.locs, site.loc);
        }
    }
    Ok(renumber(module, &used))
}

#[derive(Default)]
struct Used {
    functions: IdMap<Function, bool>,
    data: IdMap<DataTable, bool>,
    sites: IdMap<Site, bool>,
    locs: IdMap<Loc, bool>,
}

impl Used {
    fn loc(&mut self, locs: &Arena<Loc>, mut loc: Option<LocId>) {
        while let Some(l) = loc {
            if std::mem::replace(self.locs.entry(l), true) {
                return;
            }
            loc = locs[l].inlined_at;
        }
    }
}

/// Keeps what is marked; gives the new ids.
fn keep<T>(arena: &mut Arena<T>, used: &IdMap<T, bool>, changed: &mut bool) -> IdMap<T, Option<Id<T>>> {
    let mut map = IdMap::default();
    let mut kept = Arena::default();
    for (k, item) in std::mem::take(arena).into_items().enumerate() {
        let old = Id::new(k as u32);
        if used[old] {
            map.set(old, Some(kept.push(item)));
        } else {
            *changed = true;
        }
    }
    *arena = kept;
    map
}

fn renumber(module: &mut Module, used: &Used) -> bool {
    let mut changed = false;
    let functions = keep(&mut module.functions, &used.functions, &mut changed);
    let data = keep(&mut module.data, &used.data, &mut changed);
    let sites = keep(&mut module.sites, &used.sites, &mut changed);
    let locs = keep(&mut module.locs, &used.locs, &mut changed);
    if !changed {
        return false;
    }
    let loc = |l: &mut Option<LocId>| *l = l.and_then(|l| locs[l]);
    module.locs.iter_mut().for_each(|(_, l)| loc(&mut l.inlined_at));
    module.sites.iter_mut().for_each(|(_, s)| loc(&mut s.loc));
    for (_, f) in module.functions.iter_mut() {
        for inst in f.all_insts() {
            let op = &mut f.insts[inst].op;
            match op {
                Op::Call(callee) => *callee = functions[*callee].unwrap_or(*callee),
                Op::DataAddr(d) => *d = data[*d].unwrap_or(*d),
                _ => {}
            }
            if let Some(site) = site_mut(op) {
                *site = sites[*site].unwrap_or(*site);
            }
            let mut at = f.inst_locs[inst];
            if at.is_some() {
                loc(&mut at);
                f.inst_locs.set(inst, at);
            }
        }
    }
    true
}
