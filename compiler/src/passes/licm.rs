//! Moves what is the same in every round of a loop to before it.
//!
//! Pays because back-ends keep invariant loads, and wasm engines keep nearly everything, inside. Pure ops go from
//! anywhere in the loop: they are total. A load, or a division at Machine level, goes only from where every first round
//! comes by before anything else can leave the loop, and a load only if nothing in the loop may write there; that needs
//! a loop whose body runs at least once, so it is done at Machine level, where loops are rotated and stand behind their
//! guard. Ops that may raise stay.
//!
//! Takes and leaves any level.

use super::analysis::memory::Writes;
use super::analysis::purity::{self, CallEffects};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::effects::{Memory, effects};
use crate::ir::module::ValueData;
use crate::ir::{Function, InstId, Level, Op, RegionId, ValueId};

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let level = cx.module.level;
    let has_loop = f.insts.iter().any(|(_, i)| i.op.is_loop());
    if !has_loop {
        return false;
    }
    let writes = Writes::new(f, level);
    let body = f.body;
    let mut pass = Licm {
        f,
        level,
        calls: cx.calls,
        writes,
        depth: 0,
        defined: IdMap::default(),
        hoisted: vec![],
        changed: false,
    };
    pass.region(body, false);
    pass.changed
}

struct Licm<'a> {
    f: &'a mut Function,
    level: Level,
    calls: &'a CallEffects,
    writes: Writes,
    /// Loops around the code at hand.
    depth: u32,
    /// The loop depth at which each value is defined.
    defined: IdMap<ValueData, u32>,
    /// What leaves each of the loops around, outermost first.
    hoisted: Vec<Hoisted>,
    changed: bool,
}

struct Hoisted {
    insts: Vec<InstId>,
    /// The body of a rotated loop, whose first round is certain.
    body: Option<RegionId>,
}

impl Licm<'_> {
    /// `certain`: control comes to this region in the first round of the loop around it.
    fn region(&mut self, region: RegionId, certain: bool) {
        for k in 0..self.f.regions[region].params.len() {
            let p = self.f.regions[region].params[k];
            self.defined.set(p, self.depth);
        }
        let insts = std::mem::take(&mut self.f.regions[region].insts);
        let mut kept = Vec::with_capacity(insts.len());
        let mut certain = certain;
        for inst in insts {
            if self.f.insts[inst].regions.is_empty() {
                if self.hoist(inst, certain) {
                    continue;
                }
            } else if self.f.insts[inst].op.is_loop() {
                self.loop_(inst, &mut kept);
                certain = false;
            } else {
                let plain = matches!(self.f.insts[inst].op, Op::If);
                for k in 0..self.f.insts[inst].regions.len() {
                    let inner = self.f.insts[inst].regions[k];
                    // A block's or a try's first region is entered whenever the construct is.
                    self.region(inner, certain && !plain && k == 0);
                }
                certain = false;
            }
            // A call may not come back.
            certain &= !matches!(self.f.insts[inst].op, Op::Call(_) | Op::CallImport(_));
            certain &= !effects(&self.f.insts[inst].op, self.level).raises;
            for k in 0..self.f.insts[inst].results.len() {
                let r = self.f.insts[inst].results[k];
                self.defined.set(r, self.depth);
            }
            kept.push(inst);
        }
        self.f.regions[region].insts = kept;
    }

    fn loop_(&mut self, inst: InstId, kept: &mut Vec<InstId>) {
        let regions = self.f.insts[inst].regions.clone();
        let rotated = matches!(self.f.insts[inst].op, Op::Loop(_));
        self.depth += 1;
        self.hoisted.push(Hoisted { insts: vec![], body: rotated.then(|| regions[0]) });
        for &r in &regions {
            self.region(r, rotated);
        }
        self.depth -= 1;
        let hoisted = self.hoisted.pop().map(|h| h.insts).unwrap_or_default();
        self.changed |= !hoisted.is_empty();
        kept.extend(hoisted);
    }

    /// Moves the instruction out of as many loops as it can; whether it moved at all.
    fn hoist(&mut self, inst: InstId, certain: bool) -> bool {
        let i = &self.f.insts[inst];
        // Constants are free where they are.
        if self.depth == 0 || i.op.is_terminator() || i.args.is_empty() {
            return false;
        }
        let needs = i.args.iter().map(|&a| self.depth_of(a)).max().unwrap_or(0);
        let e = effects(&i.op, self.level);
        let pure_call = matches!(i.op, Op::Call(callee) if self.calls.of(callee).is_pure());
        let to = if e.is_pure() || pure_call || purity::is_total(self.f, inst) {
            needs
        } else if certain && self.level == Level::Machine && e.writes == Memory::None && !e.raises && !e.control {
            // One loop at a time: the loop outside of it need not come here in its first round.
            match self.hoisted.last() {
                Some(Hoisted { body: Some(body), .. }) if needs < self.depth && self.is_unwritten(e.reads, *body) => {
                    self.depth - 1
                }
                _ => return false,
            }
        } else {
            return false;
        };
        if to >= self.depth {
            return false;
        }
        self.place(inst, to);
        true
    }

    fn is_unwritten(&self, reads: Memory, body: RegionId) -> bool {
        match reads {
            Memory::None => true,
            Memory::Class(c) => !self.writes.of(body).may_change(self.f, c),
            Memory::All => false,
        }
    }

    /// Constants follow what is moved.
    fn depth_of(&self, v: ValueId) -> u32 {
        if self.f.constant(v).is_some() { 0 } else { self.defined[v] }
    }

    fn place(&mut self, inst: InstId, to: u32) {
        for k in 0..self.f.insts[inst].args.len() {
            let arg = self.f.insts[inst].args[k];
            if self.defined[arg] > to {
                let Some(c) = self.f.constant(arg) else { continue };
                let ty = self.f.ty(arg);
                let copy = self.f.new_inst(Op::Const(c), Default::default(), &[ty], Default::default(), None);
                let v = self.f.insts[copy].results[0];
                self.defined.set(v, to);
                self.f.insts[inst].args[k] = v;
                self.hoisted[to as usize].insts.push(copy);
            }
        }
        for k in 0..self.f.insts[inst].results.len() {
            let r = self.f.insts[inst].results[k];
            self.defined.set(r, to);
        }
        self.hoisted[to as usize].insts.push(inst);
    }
}
