//! Which array values may live in memory of the kernel's, and so carry an owner.
//!
//! An array that can only lie in memory of others needs no owner code at all. A parameter is borrowed (the caller keeps
//! the memory as long as the call lasts) unless it can find its way into a result.

use crate::base::arena::IdMap;
use crate::ir::module::{Label, ValueData};
use crate::ir::op::ArrayOp;
use crate::ir::{FuncId, Function, InstId, Module, Op, RegionId, Type, ValueId};

/// What is known of each function's array values.
#[derive(Default)]
pub struct Owners {
    functions: IdMap<Function, Facts>,
}

#[derive(Clone, Default)]
struct Facts {
    owned: IdMap<ValueData, bool>,
    leaves: IdMap<ValueData, bool>,
    params: Vec<ValueId>,
    /// Of each result.
    results: Vec<bool>,
}

/// A place that array values go to.
#[derive(Clone, Copy)]
enum Place {
    Value(FuncId, ValueId),
    /// A parameter of a function, by its value there.
    Parameter(FuncId, ValueId),
    Result(FuncId, usize),
}

struct Flow {
    from: Place,
    to: Place,
}

impl Owners {
    pub fn new(module: &Module) -> Owners {
        let mut owners = Owners::default();
        let mut flows = Vec::new();
        for (id, f) in module.functions.iter() {
            owners.functions.entry(id).results = vec![false; f.results.len()];
            owners.functions.entry(id).params = f.params().to_vec();
            let mut collect = Collect {
                module,
                id,
                f,
                owners: &mut owners,
                flows: &mut flows,
                labels: IdMap::default(),
                open: vec![],
            };
            collect.region(f.body);
        }
        // Each round settles at least one value.
        while flows.iter().rev().filter(|flow| owners.leave(flow)).count() > 0 {}
        while flows.iter().filter(|flow| owners.own(flow)).count() > 0 {}
        owners
    }

    pub fn owned(&self, f: FuncId, v: ValueId) -> bool {
        self.functions[f].owned[v]
    }

    /// Of a parameter, by its position.
    pub fn parameter(&self, f: FuncId, k: usize) -> bool {
        let facts = &self.functions[f];
        facts.params.get(k).is_some_and(|&p| facts.owned[p])
    }

    pub fn result(&self, f: FuncId, k: usize) -> bool {
        self.functions[f].results.get(k).copied().unwrap_or(false)
    }

    /// Where the value goes may leave the function.
    fn leave(&mut self, flow: &Flow) -> bool {
        let leaves = match flow.to {
            Place::Value(f, v) | Place::Parameter(f, v) => self.functions[f].leaves[v],
            Place::Result(..) => true,
        };
        match flow.from {
            Place::Value(f, v) | Place::Parameter(f, v) if leaves => {
                !std::mem::replace(self.functions.entry(f).leaves.entry(v), true)
            }
            _ => false,
        }
    }

    fn own(&mut self, flow: &Flow) -> bool {
        let owned = match flow.from {
            Place::Value(f, v) | Place::Parameter(f, v) => self.functions[f].owned[v],
            Place::Result(f, k) => self.result(f, k),
        };
        let borrows = matches!(flow.to, Place::Parameter(f, v) if !self.functions[f].leaves[v]);
        if !owned || borrows {
            return false;
        }
        match flow.to {
            Place::Value(f, v) | Place::Parameter(f, v) => {
                !std::mem::replace(self.functions.entry(f).owned.entry(v), true)
            }
            Place::Result(f, k) => !std::mem::replace(&mut self.functions.entry(f).results[k], true),
        }
    }
}

struct Collect<'a> {
    module: &'a Module,
    id: FuncId,
    f: &'a Function,
    owners: &'a mut Owners,
    flows: &'a mut Vec<Flow>,
    labels: IdMap<Label, Option<InstId>>,
    open: Vec<InstId>,
}

impl Collect<'_> {
    fn is_array(&self, v: ValueId) -> bool {
        matches!(self.f.ty(v), Type::Array(_))
    }

    fn flow(&mut self, from: ValueId, to: ValueId) {
        if self.is_array(from) {
            self.flows.push(Flow { from: Place::Value(self.id, from), to: Place::Value(self.id, to) });
        }
    }

    fn flow_all(&mut self, from: &[ValueId], to: &[ValueId]) {
        for (&from, &to) in from.iter().zip(to) {
            self.flow(from, to);
        }
    }

    fn region(&mut self, region: RegionId) {
        for &inst in &self.f.regions[region].insts {
            self.inst(inst);
        }
    }

    fn inst(&mut self, inst: InstId) {
        let i = &self.f.insts[inst];
        match &i.op {
            Op::Array(ArrayOp::Alloc(..) | ArrayOp::Map(..)) => {
                self.owners.functions.entry(self.id).owned.set(i.results[0], true);
            }
            Op::Array(ArrayOp::View(_) | ArrayOp::Permute(_) | ArrayOp::Forget(_)) => {
                self.flow(i.args[0], i.results[0])
            }
            Op::Array(ArrayOp::Escape) => {
                self.owners.functions.entry(self.id).leaves.set(i.args[0], true);
            }
            Op::Call(callee) => {
                let target = &self.module.functions[*callee];
                for (&a, &p) in i.args.iter().zip(target.params()) {
                    if self.is_array(a) {
                        self.flows.push(Flow { from: Place::Value(self.id, a), to: Place::Parameter(*callee, p) });
                    }
                }
                for (k, &r) in i.results.iter().enumerate() {
                    self.flows.push(Flow { from: Place::Result(*callee, k), to: Place::Value(self.id, r) });
                }
            }
            Op::Return => {
                for (k, &v) in i.args.iter().enumerate() {
                    if self.is_array(v) {
                        self.flows.push(Flow { from: Place::Value(self.id, v), to: Place::Result(self.id, k) });
                    }
                }
            }
            Op::Yield => {
                if let Some(&owner) = self.open.last() {
                    self.passes(owner, &i.args);
                }
            }
            Op::Condition => {
                if let Some(&owner) = self.open.last() {
                    self.passes(owner, &i.args[1..]);
                }
            }
            Op::Break(l) | Op::Continue(l) => {
                if let Some(owner) = self.labels[*l] {
                    self.passes(owner, &i.args);
                }
            }
            _ => {}
        }
        if let Some(l) = i.op.defined_label() {
            self.labels.set(l, Some(inst));
        }
        self.passes(inst, &i.args[initial(&i.op).unwrap_or(i.args.len())..]);
        self.open.push(inst);
        for &r in &i.regions {
            self.region(r);
        }
        self.open.pop();
    }

    /// Values come to a construct: to its results, and to a loop's parameters. All of one column are alike.
    fn passes(&mut self, owner: InstId, values: &[ValueId]) {
        let i = &self.f.insts[owner];
        let skip = matches!(i.op, Op::VFor(_)) as usize;
        if !matches!(i.op, Op::If | Op::Block(_) | Op::Try(_)) && initial(&i.op).is_none() {
            return;
        }
        self.flow_all(values, &i.results[skip..]);
        if initial(&i.op).is_some() {
            let first = matches!(i.op, Op::For(_) | Op::VFor(_)) as usize;
            for &r in &i.regions {
                let params = &self.f.regions[r].params[first..];
                self.flow_all(&i.results[skip..], params);
                self.flow_all(values, params);
            }
        }
    }
}

/// Position of a loop's first initial value.
pub const fn initial(op: &Op) -> Option<usize> {
    match op {
        Op::For(_) => Some(3),
        Op::VFor(_) => Some(2),
        Op::While(_) => Some(0),
        _ => None,
    }
}
