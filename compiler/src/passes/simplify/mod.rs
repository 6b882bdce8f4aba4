//! Puts code into its plainest form: algebra that is exact for every operand ([`algebra`]), and control without idle
//! constructs ([`control`]).
//!
//! Pays by itself and because other passes then meet one form only: constants on the right, no negated conditions, an
//! `if` that leaves on one side has nothing on the other. Nothing here may be wrong for NaN, infinities or -0.0.
//!
//! Takes and leaves any level.

mod algebra;
mod control;

use super::edit::{self, Action, Edit, Visitor};
use super::manager::Cx;
use crate::base::arena::IdMap;
use crate::ir::module::{Label, ValueData};
use crate::ir::{Function, InstId, Level, Op};

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let mut pass = Simplify::new(f, cx);
    edit::walk(f, &mut pass)
}

/// The pass as a visitor.
pub struct Simplify {
    level: Level,
    /// The terminators that name each label.
    exits: IdMap<Label, Vec<InstId>>,
    /// When each value was defined; 0 for what the walk has not met.
    defined: IdMap<ValueData, u32>,
    clock: u32,
    /// When the constructs around the code at hand were entered.
    entered: Vec<u32>,
}

impl Simplify {
    pub fn new(f: &Function, cx: &Cx<'_>) -> Simplify {
        let mut exits: IdMap<Label, Vec<InstId>> = IdMap::default();
        f.walk(f.body, &mut |inst| {
            if let Some(l) = f.insts[inst].op.target_label() {
                exits.entry(l).push(inst);
            }
        });
        Simplify { level: cx.module.level, exits, defined: IdMap::default(), clock: 0, entered: vec![] }
    }
}

impl Visitor for Simplify {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        self.clock += 1;
        for k in 0..e.f.insts[inst].results.len() {
            self.defined.set(e.f.insts[inst].results[k], self.clock);
        }
        if e.f.insts[inst].regions.is_empty() {
            return algebra::simplify(e, inst);
        }
        match e.f.insts[inst].op {
            Op::For(_) | Op::While(_) | Op::VFor(_) | Op::Loop(_) => self.drop_invariants(e, inst),
            Op::If => self.turn_if(e, inst),
            _ => {}
        }
        self.entered.push(self.clock);
        Action::Keep
    }

    fn leave(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let entered = self.entered.pop().unwrap_or_default();
        match e.f.insts[inst].op.clone() {
            Op::If => self.leave_if(e, inst, entered),
            Op::Block(l) => self.leave_block(e, inst, l, entered),
            Op::Try(l) => self.leave_try(e, inst, l),
            _ => Action::Keep,
        }
    }

    fn enter_region(&mut self, e: &mut Edit<'_>, inst: InstId, index: usize) {
        let region = e.f.insts[inst].regions[index];
        for k in 0..e.f.regions[region].params.len() {
            self.defined.set(e.f.regions[region].params[k], self.clock);
        }
    }
}
