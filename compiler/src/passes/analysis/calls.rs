//! The call graph: who calls whom, who can fail, who needs a context.

use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::effects::effects;
use crate::ir::{Entry, FuncId, Function, Module, Op, RegionId};

/// Facts about the functions of a module at Array or Loop level.
pub struct CallFacts {
    /// The functions that each one calls, in order of first call.
    pub callees: IdMap<Function, Vec<FuncId>>,
    /// At Machine level it takes a context and gives a status: something in it may raise out of it, or something that
    /// it calls takes a context.
    pub takes_context: IdMap<Function, bool>,
    /// A stack check happens in it or in what it calls.
    pub checks_stack: IdMap<Function, bool>,
    /// It calls itself, directly or not.
    pub recursive: IdMap<Function, bool>,
}

impl CallFacts {
    pub fn new(module: &Module) -> CallFacts {
        let mut facts = CallFacts {
            callees: IdMap::default(),
            takes_context: IdMap::default(),
            checks_stack: IdMap::default(),
            recursive: IdMap::default(),
        };
        for (id, f) in module.functions.iter() {
            let mut scan = Scan { f, level: module.level, callees: Vec::new(), escapes: false, stack: false };
            scan.region(f.body, false);
            facts.takes_context.set(id, scan.escapes || scan.stack);
            facts.checks_stack.set(id, scan.stack);
            facts.callees.set(id, scan.callees);
        }
        let order = facts.bottom_up(module);
        // A cycle needs as many rounds as it is long; each round goes bottom-up, so others are done in one.
        let mut again = true;
        while again {
            again = false;
            for &id in &order {
                for k in 0..facts.callees[id].len() {
                    let callee = facts.callees[id][k];
                    for map in [&mut facts.takes_context, &mut facts.checks_stack] {
                        if map[callee] && !map[id] {
                            map.set(id, true);
                            again = true;
                        }
                    }
                }
            }
        }
        // An entry has its context or makes it.
        for (id, f) in module.functions.iter() {
            if f.entry != Entry::Kernel {
                facts.takes_context.set(id, false);
            }
        }
        facts
    }

    /// Every function after those it calls, cycles aside; marks the functions on cycles.
    pub fn bottom_up(&mut self, module: &Module) -> Vec<FuncId> {
        let mut walk = Components {
            callees: &self.callees,
            recursive: IdMap::default(),
            number: IdMap::default(),
            low: IdMap::default(),
            stack: Vec::new(),
            order: Vec::with_capacity(module.functions.len()),
            next: 1,
        };
        for id in module.functions.ids() {
            if walk.number[id] == 0 {
                walk.visit(id);
            }
        }
        self.recursive = walk.recursive;
        walk.order
    }
}

/// Tarjan's strongly connected components, with a stack of its own: call chains may be long.
struct Components<'a> {
    callees: &'a IdMap<Function, Vec<FuncId>>,
    recursive: IdMap<Function, bool>,
    number: IdMap<Function, u32>,
    low: IdMap<Function, u32>,
    stack: Vec<FuncId>,
    order: Vec<FuncId>,
    next: u32,
}

/// Number of a function whose component is complete.
const DONE: u32 = u32::MAX;

impl Components<'_> {
    fn open(&mut self, id: FuncId) {
        self.number.set(id, self.next);
        self.low.set(id, self.next);
        self.next += 1;
        self.stack.push(id);
    }

    fn visit(&mut self, root: FuncId) {
        let mut path: Vec<(FuncId, usize)> = vec![(root, 0)];
        self.open(root);
        while let Some((id, k)) = path.last_mut() {
            let id = *id;
            if let Some(&callee) = self.callees[id].get(*k) {
                *k += 1;
                if callee == id {
                    self.recursive.set(id, true);
                }
                match self.number[callee] {
                    0 => {
                        self.open(callee);
                        path.push((callee, 0));
                    }
                    DONE => {}
                    n => {
                        let low = self.low[id].min(n);
                        self.low.set(id, low);
                    }
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                let low = self.low[parent].min(self.low[id]);
                self.low.set(parent, low);
            }
            if self.low[id] == self.number[id] {
                self.close(id);
            }
        }
    }

    fn close(&mut self, root: FuncId) {
        let alone = self.stack.last() == Some(&root);
        while let Some(member) = self.stack.pop() {
            self.number.set(member, DONE);
            if !alone {
                self.recursive.set(member, true);
            }
            self.order.push(member);
            if member == root {
                break;
            }
        }
    }
}

struct Scan<'a> {
    f: &'a Function,
    level: crate::ir::Level,
    callees: Vec<FuncId>,
    escapes: bool,
    stack: bool,
}

impl Scan<'_> {
    fn region(&mut self, region: RegionId, in_try: bool) {
        for &inst in &self.f.regions[region].insts {
            let inst = &self.f.insts[inst];
            match &inst.op {
                Op::Call(callee) => {
                    if !self.callees.contains(callee) {
                        self.callees.push(*callee);
                    }
                }
                Op::Raise(None, _) | Op::Reraise(None) => self.escapes = true,
                Op::StackCheck(_) => {
                    self.stack = true;
                    self.escapes |= !in_try;
                }
                op => self.escapes |= !in_try && effects(op, self.level).raises,
            }
            for (k, &r) in inst.regions.iter().enumerate() {
                let body = matches!(inst.op, Op::Try(_)) && k != SECOND;
                self.region(r, in_try || body);
            }
        }
    }
}
