//! Terminators, labels, and what passes along the edges between them.

use super::Checker;
use crate::base::arena::IdMap;
use crate::ir::control::SECOND;
use crate::ir::module::{InstId, Label, LabelId, RegionId};
use crate::ir::op::{ArrayOp, Op, VectorOp};
use crate::ir::ty::Type;
use crate::ir::typing::list;

pub fn check(cx: &mut Checker<'_>) {
    let body = cx.f.body;
    Control { cx, frames: Vec::new(), labels: IdMap::default(), loops: 0, barrier: 0 }.region(body);
}

/// A construct that encloses what is being looked at.
struct Frame {
    inst: InstId,
    /// Which of its regions.
    region: usize,
    /// Some way out of it leads to what follows.
    ends: bool,
}

struct Control<'c, 'a> {
    cx: &'c mut Checker<'a>,
    frames: Vec<Frame>,
    /// Positions in `frames` of the constructs that are open.
    labels: IdMap<Label, Option<usize>>,
    /// Open frames that run their regions many times.
    loops: usize,
    /// So many frames cannot be left from here: a region of `vec.lanes` or `array.map` lies between.
    barrier: usize,
}

impl Control<'_, '_> {
    fn region(&mut self, region: RegionId) {
        let f = self.cx.f;
        let insts = &f.regions[region].insts;
        let Some(&last) = insts.last() else {
            let owner = self.frames.last().map(|frame| frame.inst);
            return self.cx.fault(owner, "a region is empty: it must end in a terminator");
        };
        // The construct before never ends, so that what follows is never reached.
        let mut dead = false;
        for &id in insts {
            let op = &f.insts[id].op;
            if op.is_terminator() && id != last {
                self.cx.fault(id, format!("{} stands in the middle of its region", op.name()));
            }
            if dead && *op != Op::Unreachable {
                self.cx.fault(id, "this follows a construct that never ends: only `unreachable` may");
            } else if !dead && *op == Op::Unreachable {
                self.cx.fault(id, "`unreachable` must follow a construct that never ends");
            }
            dead = false;
            if !f.insts[id].regions.is_empty() {
                dead = !self.construct(id);
            } else if op.is_terminator() {
                self.terminator(id);
            } else if matches!(op, Op::StackSlot(_)) && self.loops > 0 {
                self.cx.fault(id, "a stack slot is not made in a loop");
            }
        }
        if !f.insts[last].op.is_terminator() {
            self.cx.fault(last, "the region goes on: it must end in a terminator");
        }
    }

    /// Whether what follows can be reached.
    fn construct(&mut self, id: InstId) -> bool {
        let f = self.cx.f;
        let inst = &f.insts[id];
        let per_element = is_per_element(&inst.op);
        let repeats = inst.op.is_loop() || per_element;
        let ends = matches!(inst.op, Op::For(_) | Op::VFor(_)) || per_element;
        let position = self.frames.len();
        let barrier = self.barrier;
        self.frames.push(Frame { inst: id, region: 0, ends });
        self.loops += repeats as usize;
        if per_element {
            self.barrier = position + 1;
        }
        if let Some(l) = inst.op.defined_label() {
            self.labels.set(l, Some(position));
        }
        for (k, &region) in inst.regions.iter().enumerate() {
            self.frames[position].region = k;
            self.region(region);
        }
        if let Some(l) = inst.op.defined_label() {
            self.labels.set(l, None);
        }
        self.barrier = barrier;
        self.loops -= repeats as usize;
        self.frames.pop().is_some_and(|frame| frame.ends)
    }

    fn terminator(&mut self, id: InstId) {
        let f = self.cx.f;
        match &f.insts[id].op {
            Op::Yield => self.yields(id),
            Op::Condition => self.condition(id),
            Op::Return => {
                if self.barrier > 0 || self.frames.first().is_some_and(|frame| is_per_element(&f.insts[frame.inst].op))
                {
                    self.cx.fault(id, "`return` cannot leave a region that runs per element");
                }
                let results = f.results.clone();
                self.passes(id, 0, &results, "the function's results are");
            }
            Op::Break(l) | Op::Continue(l) | Op::Again(l) => self.jump(id, *l),
            Op::Raise(Some(l), _) | Op::Reraise(Some(l)) => {
                if let Some(position) = self.target(id, *l) {
                    let frame = &self.frames[position];
                    if !matches!(f.insts[frame.inst].op, Op::Try(_)) || frame.region == SECOND {
                        self.cx.fault(id, "a raise names a `try` whose body it is in");
                    }
                }
            }
            _ => {}
        }
    }

    /// The open construct of a label.
    fn target(&mut self, id: InstId, label: LabelId) -> Option<usize> {
        let found = self.labels[label].filter(|&position| position >= self.barrier);
        if found.is_none() {
            self.cx.fault(id, "no construct around this defines the label");
        }
        found
    }

    fn yields(&mut self, id: InstId) {
        let Some(frame) = self.frames.last_mut() else {
            return self.cx.fault(id, "a function's body ends in `return`, not `yield`");
        };
        let (owner, region) = (frame.inst, frame.region);
        let inst = &self.cx.f.insts[owner];
        let expected = match &inst.op {
            Op::If | Op::Block(_) | Op::Try(_) => {
                frame.ends = true;
                self.cx.f.types(&inst.results)
            }
            Op::While(_) if region != SECOND => {
                return self.cx.fault(id, "the test of a `while` ends in `condition`, not `yield`");
            }
            Op::For(_) | Op::VFor(_) | Op::While(_) => self.carried(owner),
            Op::Array(ArrayOp::Map(dtype, _)) => vec![Type::Scalar(*dtype)],
            // Whatever scalars it yields are what it gives: `typing` looks at them.
            Op::Vector(VectorOp::Lanes) => return,
            op => {
                let message = format!("a region of {} does not end in `yield`", op.name());
                return self.cx.fault(id, message);
            }
        };
        self.passes(id, 0, &expected, "the construct takes");
    }

    fn condition(&mut self, id: InstId) {
        match self.frames.last_mut() {
            Some(frame) if frame.region == 0 && matches!(self.cx.f.insts[frame.inst].op, Op::While(_)) => {
                frame.ends = true;
                let owner = frame.inst;
                let expected = self.carried(owner);
                self.passes(id, 1, &expected, "the loop carries");
            }
            _ => self.cx.fault(id, "`condition` ends the test of a `while`"),
        }
    }

    fn jump(&mut self, id: InstId, label: LabelId) {
        let f = self.cx.f;
        let Some(position) = self.target(id, label) else { return };
        let (owner, region) = (self.frames[position].inst, self.frames[position].region);
        let (op, target) = (&f.insts[id].op, &f.insts[owner].op);
        let results = || f.types(&f.insts[owner].results);
        let in_test = matches!(target, Op::While(_)) && region != SECOND;
        let (ok, ends, skip, expected) = match (op, target) {
            (Op::Break(_), Op::Block(_) | Op::For(_) | Op::While(_) | Op::Loop(_)) => (true, true, 0, results()),
            // The first result of a `vfor` is the index, which no `break` gives.
            (Op::Break(_), Op::VFor(_)) => (true, true, 0, results().split_off(1.min(results().len()))),
            (Op::Continue(_), Op::For(_) | Op::VFor(_) | Op::While(_) | Op::Loop(_)) if !in_test => {
                (true, false, 0, self.carried(owner))
            }
            (Op::Again(_), Op::Loop(_)) => (true, true, 1, self.carried(owner)),
            _ => (false, false, 0, vec![]),
        };
        if !ok {
            let place = if in_test { "the test of a " } else { "a " };
            return self.cx.fault(id, format!("`{}` cannot leave {place}`{}`", op.name(), target.name()));
        }
        self.frames[position].ends |= ends;
        self.passes(id, skip, &expected, "the construct takes");
    }

    /// The types of a loop's carried values.
    fn carried(&self, owner: InstId) -> Vec<Type> {
        let inst = &self.cx.f.insts[owner];
        let bounds = match inst.op {
            Op::For(_) => 3,
            Op::VFor(_) => 2,
            _ => 0,
        };
        self.cx.f.types(inst.args.get(bounds..).unwrap_or(&[]))
    }

    /// A terminator's operands, but for the first `skip`, are of the types expected.
    fn passes(&mut self, id: InstId, skip: usize, expected: &[Type], what: &str) {
        let f = self.cx.f;
        let passed = f.types(f.insts[id].args.get(skip..).unwrap_or(&[]));
        if passed != expected {
            let message = format!("{} passes ({}), {what} ({})", f.insts[id].op.name(), list(&passed), list(expected));
            self.cx.fault(id, message);
        }
    }
}

/// Runs its region once per lane or element; nothing but `yield` leaves it.
fn is_per_element(op: &Op) -> bool {
    matches!(op, Op::Vector(VectorOp::Lanes) | Op::Array(ArrayOp::Map(..)))
}
