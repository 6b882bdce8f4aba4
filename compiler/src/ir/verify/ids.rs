//! Ids are in range, everything is placed once, tables are sound, limits hold.

use std::collections::BTreeSet;

use super::{Checker, Fault, Limits, MAX_DEPTH, Place, push};
use crate::abi::imports::Import;
use crate::base::arena::IdMap;
use crate::ir::module::{AliasClass, AliasId, InstId, Loc, LocId, Module, RegionId, SiteId, ValueDef, ValueId};
use crate::ir::op::{ArrayOp, BufferOp, Const, Op, VectorOp};
use crate::ir::typing::region_count;

/// The module's tables.
pub fn check_module(m: &Module, limits: &Limits, faults: &mut Vec<Fault>) {
    let mut fault = |message: String| push(faults, Place::Module, message);
    let mut bound = |what: &str, n: usize, limit: usize| {
        if n > limit {
            fault(format!("the module has {n} {what}, at most {limit} are allowed"));
        }
    };
    bound("functions", m.functions.len(), limits.functions);
    bound("instructions", m.functions.iter().map(|(_, f)| f.insts.len()).sum(), limits.insts);
    bound("constants in tables", m.data.iter().map(|(_, t)| t.bits.len()).sum(), limits.data);
    bound("sites", m.sites.len(), limits.sites);
    bound("locations", m.locs.len(), limits.sites);

    for (id, site) in m.sites.iter() {
        if site.loc.is_some_and(|l| m.locs.get(l).is_none()) {
            fault(format!("site !{} has a location that does not exist", id.index()));
        }
        if site.message.len() > limits.text {
            fault(format!("the message of site !{} is too long", id.index()));
        }
    }
    for (id, loc) in m.locs.iter() {
        if loc.inlined_at.is_some_and(|l| m.locs.get(l).is_none()) {
            fault(format!("location #{} is inlined at one that does not exist", id.index()));
        }
        if loc.function.len() > limits.text {
            fault(format!("the function's name of location #{} is too long", id.index()));
        }
        if loc.span.start > loc.span.end {
            fault(format!("location #{} ends before it starts", id.index()));
        }
    }
    for id in cyclic_locs(m) {
        fault(format!("location #{} is inlined at itself", id.index()));
    }
    for (id, table) in m.data.iter() {
        if let Some(&bits) = table.bits.iter().find(|&&bits| !is_canonical(Const { ty: table.element, bits })) {
            fault(format!("table ${} holds {bits:#x}, which is not a {}", id.index(), table.element));
        }
        if table.name.len() > limits.text {
            fault(format!("the name of table ${} is too long", id.index()));
        }
    }
}

/// Its bits are those of a value of its type.
fn is_canonical(c: Const) -> bool {
    let width = c.ty.bits();
    width == 64 || c.bits >> width == 0
}

/// Locations from which `inlined_at` leads into a circle, in linear time: each is walked once.
fn cyclic_locs(m: &Module) -> Vec<LocId> {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut state: IdMap<Loc, u8> = IdMap::default();
    let mut cyclic = Vec::new();
    for start in m.locs.ids() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(l) = at.filter(|&l| m.locs.get(l).is_some() && state[l] == NEW) {
            state.set(l, OPEN);
            path.push(l);
            at = m.locs[l].inlined_at;
        }
        if let Some(l) = at.filter(|&l| state[l] == OPEN) {
            cyclic.push(l);
        }
        path.into_iter().for_each(|l| state.set(l, DONE));
    }
    cyclic
}

/// A function's ids; gives its instructions in order.
pub fn check_function(cx: &mut Checker<'_>) -> Vec<InstId> {
    let f = cx.f;
    name(cx);
    let (values, aliases, limits) = (f.values.len(), f.aliases.len(), cx.limits);
    if values > limits.values || aliases > limits.aliases {
        cx.fault(None, format!("the function has {values} values and {aliases} alias classes, which is too many"));
        return Vec::new();
    }
    let fixed = [("any", false), ("table", true), ("frame", false)];
    for ((name, constant), id) in fixed.into_iter().zip([AliasClass::ANY, AliasClass::TABLE, AliasClass::FRAME]) {
        if f.aliases.get(id).is_none_or(|a| a.name != name || a.constant != constant) {
            cx.fault(None, format!("alias class {} must be `{name}`", id.index()));
        }
    }
    if f.aliases.iter().any(|(_, a)| a.name.len() > limits.text) {
        cx.fault(None, "the name of an alias class is too long");
    }
    if f.results.len() > limits.operands {
        cx.fault(None, format!("{} results are too many", f.results.len()));
    }
    let mut walk = Walk {
        cx,
        regions: vec![false; f.regions.len()],
        insts: vec![false; f.insts.len()],
        labels: vec![false; f.labels.len()],
        order: Vec::new(),
    };
    walk.region(f.body, None, 0);
    walk.order
}

/// Names become symbols of objects and exports of wasm modules.
fn name(cx: &mut Checker<'_>) {
    let name = &cx.f.name;
    if name.is_empty() || name.len() > cx.limits.text || name.chars().any(char::is_control) {
        cx.fault(None, "the name is empty, too long or holds control characters");
    } else if Import::from_symbol(name).is_some() {
        cx.fault(None, "the name is that of an import");
    }
}

/// Function names are unique; called once for the module.
pub fn check_names(m: &Module, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (id, f) in m.functions.iter() {
        if !seen.insert(&f.name) {
            push(faults, Place::Function(id), "another function has this name".into());
        }
    }
}

struct Walk<'c, 'a> {
    cx: &'c mut Checker<'a>,
    regions: Vec<bool>,
    insts: Vec<bool>,
    labels: Vec<bool>,
    order: Vec<InstId>,
}

impl Walk<'_, '_> {
    fn region(&mut self, region: RegionId, owner: Option<InstId>, depth: usize) {
        let f = self.cx.f;
        let Some(data) = f.regions.get(region) else {
            return self.cx.fault(owner, format!("region {} does not exist", region.index()));
        };
        if depth >= MAX_DEPTH {
            return self.cx.fault(owner, format!("regions are nested deeper than {MAX_DEPTH}"));
        }
        if std::mem::replace(&mut self.regions[region.index()], true) {
            return self.cx.fault(owner, format!("region {} is used twice", region.index()));
        }
        if data.params.len() > self.cx.limits.operands {
            self.cx.fault(owner, format!("{} region parameters are too many", data.params.len()));
        }
        for (k, &v) in data.params.iter().enumerate() {
            self.defines(owner, v, ValueDef::Param(region, k as u32));
        }
        for &inst in &data.insts {
            let Some(seen) = self.insts.get_mut(inst.index()) else {
                self.cx.fault(owner, format!("instruction {} does not exist", inst.index()));
                continue;
            };
            if std::mem::replace(seen, true) {
                self.cx.fault(inst, "the instruction stands twice");
                continue;
            }
            self.inst(inst);
            for &r in &f.insts[inst].regions {
                self.region(r, Some(inst), depth + 1);
            }
        }
    }

    fn inst(&mut self, id: InstId) {
        let f = self.cx.f;
        let inst = &f.insts[id];
        self.order.push(id);
        for &v in &inst.args {
            if f.values.get(v).is_none() {
                self.cx.fault(id, format!("value {} does not exist", v.index()));
            }
        }
        for (k, &v) in inst.results.iter().enumerate() {
            self.defines(Some(id), v, ValueDef::Result(id, k as u32));
        }
        if inst.args.len() > self.cx.limits.operands || inst.results.len() > self.cx.limits.operands {
            self.cx.fault(id, format!("{} operands, {} results: too many", inst.args.len(), inst.results.len()));
        }
        let regions = region_count(&inst.op);
        if inst.regions.len() != regions {
            self.cx.fault(id, format!("{} has {regions} regions, not {}", inst.op.name(), inst.regions.len()));
        }
        if f.inst_locs[id].is_some_and(|l| self.cx.m.locs.get(l).is_none()) {
            self.cx.fault(id, "the location does not exist");
        }
        if let Some(l) = inst.op.defined_label() {
            match self.labels.get_mut(l.index()) {
                None => self.cx.fault(id, format!("label {} does not exist", l.index())),
                Some(seen) => {
                    if std::mem::replace(seen, true) {
                        self.cx.fault(id, "another construct defines this label");
                    }
                }
            }
        }
        self.attributes(id);
    }

    fn defines(&mut self, at: Option<InstId>, v: ValueId, def: ValueDef) {
        match self.cx.f.values.get(v) {
            None => self.cx.fault(at, format!("value {} does not exist", v.index())),
            Some(data) if data.def != def => {
                let name = self.cx.name(v);
                self.cx.fault(at, format!("value {name} says that it is defined elsewhere"));
            }
            Some(_) => {}
        }
    }

    fn attributes(&mut self, id: InstId) {
        let (m, f) = (self.cx.m, self.cx.f);
        let op = &f.insts[id].op;
        if let Op::Const(c) = op
            && !is_canonical(*c)
        {
            self.cx.fault(id, format!("{:#x} is not a {}", c.bits, c.ty));
        }
        if site(op).is_some_and(|s| m.sites.get(s).is_none()) {
            self.cx.fault(id, "the site does not exist");
        }
        if class(op).is_some_and(|a| f.aliases.get(a).is_none()) {
            self.cx.fault(id, "the alias class does not exist");
        }
        if op.target_label().is_some_and(|l| f.labels.get(l).is_none()) {
            self.cx.fault(id, "the label does not exist");
        }
        match op {
            Op::Call(callee) if m.functions.get(*callee).is_none() => self.cx.fault(id, "the callee does not exist"),
            Op::DataAddr(d) if m.data.get(*d).is_none() => self.cx.fault(id, "the table does not exist"),
            Op::Array(ArrayOp::View(specs)) if specs.len() > self.cx.limits.operands => {
                self.cx.fault(id, "the view has too many axes")
            }
            Op::Array(ArrayOp::Permute(axes)) if axes.len() > self.cx.limits.operands => {
                self.cx.fault(id, "the view has too many axes")
            }
            _ => {}
        }
    }
}

/// The site at which an op raises.
pub fn site(op: &Op) -> Option<SiteId> {
    match op {
        Op::Checked(_, s)
        | Op::Check(s)
        | Op::StackCheck(s)
        | Op::Raise(_, s)
        | Op::Buffer(BufferOp::Alloc(s))
        | Op::Array(ArrayOp::Alloc(_, s) | ArrayOp::Map(_, s) | ArrayOp::Assign(s) | ArrayOp::Reduce(_, s)) => Some(*s),
        _ => None,
    }
}

/// The alias class that an op names.
pub fn class(op: &Op) -> Option<AliasId> {
    match op {
        Op::Load(a) | Op::Store(a) => Some(a.class),
        Op::Vector(v) => match v {
            VectorOp::Load(a)
            | VectorOp::Store(a)
            | VectorOp::Gather(a)
            | VectorOp::Scatter(a)
            | VectorOp::PackLoad(a, _)
            | VectorOp::PackStore(a) => Some(a.class),
            VectorOp::LaneCount
            | VectorOp::LaneIndex
            | VectorOp::Splat
            | VectorOp::Any
            | VectorOp::All
            | VectorOp::Reduce(_)
            | VectorOp::Lanes
            | VectorOp::PackSplat(_)
            | VectorOp::Extract(_)
            | VectorOp::Insert(_) => None,
        },
        Op::Array(ArrayOp::Make(_, class)) => Some(*class),
        _ => None,
    }
}
