//! Every value is defined before it is used, in the region of the use or one around it.

use super::Checker;
use crate::ir::module::{RegionId, ValueId};

pub fn check(cx: &mut Checker<'_>) {
    let visible = vec![false; cx.f.values.len()];
    let body = cx.f.body;
    Scope { cx, visible, stack: Vec::new() }.region(body);
}

struct Scope<'c, 'a> {
    cx: &'c mut Checker<'a>,
    visible: Vec<bool>,
    /// The values that are visible, in order of definition.
    stack: Vec<ValueId>,
}

impl Scope<'_, '_> {
    fn region(&mut self, region: RegionId) {
        let f = self.cx.f;
        let outer = self.stack.len();
        self.define(&f.regions[region].params);
        for &id in &f.regions[region].insts {
            let inst = &f.insts[id];
            for &v in &inst.args {
                if !self.visible[v.index()] {
                    let name = self.cx.name(v);
                    self.cx.fault(id, format!("{name} is not defined here"));
                }
            }
            for &r in &inst.regions {
                self.region(r);
            }
            self.define(&inst.results);
        }
        for v in self.stack.drain(outer..) {
            self.visible[v.index()] = false;
        }
    }

    fn define(&mut self, values: &[ValueId]) {
        self.stack.extend(values);
        for v in values {
            self.visible[v.index()] = true;
        }
    }
}
