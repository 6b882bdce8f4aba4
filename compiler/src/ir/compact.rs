//! The order in which a function's text names things, and renumbering by it.
//!
//! Passes leave unreachable instructions, values, regions and labels in a function's arenas. [`Module::compact`] drops
//! them and numbers the rest in the order of the text, so that two functions with the same text are equal.

use super::module::{Function, InstId, Label, LabelId, Module, Region, RegionId, ValueData, ValueDef, ValueId};
use crate::base::arena::{Arena, IdMap};

/// Regions nested deeper than this are not visited; [`super::verify`] refuses functions long before.
const DEPTH: usize = 1000;

/// What is reachable from a function's body, in the order of the text: an instruction before what is inside it, its
/// results before the parameters of its regions.
///
/// Works on unverified functions too: ids out of range are skipped, and what is reached twice counts once.
#[derive(Default)]
pub struct Order {
    pub insts: Vec<InstId>,
    pub regions: Vec<RegionId>,
    pub values: Vec<ValueId>,
    /// Labels, by the constructs that define them.
    pub labels: Vec<LabelId>,
}

impl Order {
    pub fn of(f: &Function) -> Order {
        let mut walk = Walk { f, order: Order::default(), insts: IdMap::default(), regions: IdMap::default() };
        walk.region(f.body, 0);
        let mut order = walk.order;
        let (mut values, mut labels) = (IdMap::default(), IdMap::default());
        order.values.retain(|&v| v.index() < f.values.len() && !std::mem::replace(values.entry(v), true));
        order.labels.retain(|&l| l.index() < f.labels.len() && !std::mem::replace(labels.entry(l), true));
        order
    }
}

struct Walk<'a> {
    f: &'a Function,
    order: Order,
    insts: IdMap<super::Inst, bool>,
    regions: IdMap<Region, bool>,
}

impl Walk<'_> {
    fn region(&mut self, region: RegionId, depth: usize) {
        let Some(data) = self.f.regions.get(region) else { return };
        if depth >= DEPTH || std::mem::replace(self.regions.entry(region), true) {
            return;
        }
        self.order.regions.push(region);
        self.order.values.extend(&data.params);
        for &id in &data.insts {
            let Some(inst) = self.f.insts.get(id) else { continue };
            if std::mem::replace(self.insts.entry(id), true) {
                continue;
            }
            self.order.insts.push(id);
            self.order.values.extend(&inst.results);
            self.order.labels.extend(inst.op.defined_label());
            for &r in &inst.regions {
                self.region(r, depth + 1);
            }
        }
    }
}

/// New ids by old ones.
struct Renumbering<T> {
    map: IdMap<T, Option<crate::base::arena::Id<T>>>,
}

impl<T> Renumbering<T> {
    fn new(order: &[crate::base::arena::Id<T>]) -> Self {
        let mut map = IdMap::default();
        for (new, &old) in order.iter().enumerate() {
            map.set(old, Some(crate::base::arena::Id::new(new as u32)));
        }
        Renumbering { map }
    }

    /// The new id; what is not reachable keeps its number, which the verifier then finds.
    fn get(&self, old: crate::base::arena::Id<T>) -> crate::base::arena::Id<T> {
        self.map[old].unwrap_or(old)
    }
}

impl Function {
    /// Drops what is unreachable and numbers the rest in the order of the text.
    pub fn compact(&mut self) {
        let order = Order::of(self);
        let values = Renumbering::new(&order.values);
        let insts = Renumbering::new(&order.insts);
        let regions = Renumbering::new(&order.regions);
        let labels = Renumbering::new(&order.labels);

        let mut new_values = Arena::default();
        for &v in &order.values {
            let ValueData { ty, def } = self.values[v].clone();
            let def = match def {
                ValueDef::Result(i, k) => ValueDef::Result(insts.get(i), k),
                ValueDef::Param(r, k) => ValueDef::Param(regions.get(r), k),
            };
            new_values.push(ValueData { ty, def });
        }
        let mut new_insts = Arena::default();
        let mut new_locs = IdMap::default();
        for &i in &order.insts {
            let mut inst = self.insts[i].clone();
            inst.op = inst.op.map_labels(|l| labels.get(l));
            inst.args.iter_mut().chain(&mut inst.results).for_each(|v| *v = values.get(*v));
            inst.regions.iter_mut().for_each(|r| *r = regions.get(*r));
            let id = new_insts.push(inst);
            if let Some(loc) = self.inst_locs[i] {
                new_locs.set(id, Some(loc));
            }
        }
        let mut new_regions = Arena::default();
        for &r in &order.regions {
            let mut region = self.regions[r].clone();
            region.params.iter_mut().for_each(|v| *v = values.get(*v));
            region.insts.iter_mut().for_each(|i| *i = insts.get(*i));
            new_regions.push(region);
        }
        let mut new_labels = Arena::default();
        order.labels.iter().for_each(|_| {
            new_labels.push(Label);
        });
        self.body = regions.get(self.body);
        self.values = new_values;
        self.insts = new_insts;
        self.inst_locs = new_locs;
        self.regions = new_regions;
        self.labels = new_labels;
    }
}

impl Module {
    /// Compacts every function; tables (data, sites, locations) stay as they are.
    pub fn compact(&mut self) {
        for (_, f) in self.functions.iter_mut() {
            f.compact();
        }
    }
}
