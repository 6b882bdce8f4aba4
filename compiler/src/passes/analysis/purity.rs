//! Which ops and calls may be merged, dropped, or done where nobody asked for them.

use crate::base::arena::IdMap;
use crate::ir::effects::{Memory, effects};
use crate::ir::op::BinaryOp;
use crate::ir::{FuncId, Function, InstId, Level, Module, Op};

/// What calling a function may do, as far as it matters to passes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CallEffect {
    /// It reads or writes memory other than constant tables, or calls the host.
    pub touches_memory: bool,
    pub raises: bool,
    /// It need not come back: it has a loop whose end is not certain, or calls itself.
    pub hangs: bool,
}

impl CallEffect {
    /// Nothing is known.
    const ANY: CallEffect = CallEffect { touches_memory: true, raises: true, hangs: true };

    /// May be done needlessly, or left out.
    pub fn is_pure(self) -> bool {
        self == CallEffect::default()
    }

    fn union(self, other: CallEffect) -> CallEffect {
        CallEffect {
            touches_memory: self.touches_memory || other.touches_memory,
            raises: self.raises || other.raises,
            hangs: self.hangs || other.hangs,
        }
    }
}

/// The effects of calls. Only functions that are called have been looked at.
#[derive(Default)]
pub struct CallEffects {
    functions: IdMap<Function, State>,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Unknown,
    /// Being looked at: a call back to it is a recursion.
    Open,
    Known(CallEffect),
}

/// Call chains deeper than this count as recursion.
const DEPTH: u32 = 64;

impl CallEffects {
    pub fn new(module: &Module) -> CallEffects {
        let mut effects = CallEffects::default();
        for (_, f) in module.functions.iter() {
            for (_, inst) in f.insts.iter() {
                if let Op::Call(callee) = inst.op {
                    effects.find(module, callee, 0);
                }
            }
        }
        effects
    }

    pub fn of(&self, callee: FuncId) -> CallEffect {
        match self.functions[callee] {
            State::Known(effect) => effect,
            State::Unknown | State::Open => CallEffect::ANY,
        }
    }

    fn find(&mut self, module: &Module, id: FuncId, depth: u32) -> CallEffect {
        match self.functions[id] {
            State::Known(effect) => return effect,
            State::Open => return CallEffect::ANY,
            State::Unknown if depth > DEPTH => return CallEffect::ANY,
            State::Unknown => self.functions.set(id, State::Open),
        }
        // Ids of calls that are no longer reachable may be stale.
        let Some(f) = module.functions.get(id) else { return CallEffect::ANY };
        let mut all = CallEffect::default();
        // Unreachable leftovers count as well: they only make it look worse.
        for (_, inst) in f.insts.iter() {
            all = all.union(match &inst.op {
                Op::Call(callee) => self.find(module, *callee, depth + 1),
                op => effect_of(f, op, module.level),
            });
        }
        // The library's loops end.
        all.hangs &= !f.name.starts_with(crate::mathlib::PREFIX);
        self.functions.set(id, State::Known(all));
        all
    }
}

fn effect_of(f: &Function, op: &Op, level: Level) -> CallEffect {
    let e = effects(op, level);
    let own = |m: Memory| match m {
        Memory::None => false,
        Memory::Class(c) => !f.aliases[c].constant,
        Memory::All => true,
    };
    CallEffect {
        touches_memory: own(e.reads) || own(e.writes),
        raises: e.raises || matches!(op, Op::Raise(..) | Op::Reraise(_)),
        hangs: matches!(op, Op::While(_) | Op::Loop(_)),
    }
}

/// An arithmetic op that has a result for every value its operands may have, at Machine level too, where division and
/// shifts want safe operands: floats always do, integers with a safe constant on the right.
pub fn is_total(f: &Function, inst: InstId) -> bool {
    let i = &f.insts[inst];
    let Op::Binary(op) = i.op else { return false };
    if f.ty(i.args[0]).is_float() {
        return true;
    }
    let Some(c) = f.constant(i.args[1]) else { return false };
    match op {
        BinaryOp::Div | BinaryOp::Rem => c.as_int() != 0 && c.as_int() != -1,
        BinaryOp::Shl | BinaryOp::Shr => (0..c.ty.bits() as i128).contains(&c.as_int()),
        _ => false,
    }
}
