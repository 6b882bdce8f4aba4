//! The verifier: is a module what [`crate::ir`] says it must be?
//!
//! Contract: on a verified module passes, interpreter and back-ends succeed or return an error; they never panic. The
//! verifier itself takes any module whatever, in time linear in its size. It collects every fault; a function whose ids
//! are broken is not looked at further. [`Faults::render`] shows them inside the function's text.
//!
//! What is checked, by file:
//! - `ids.rs`: every id is in range; each region is used once, each instruction stands once, each label is defined once;
//!   a value's definition and what defines it agree; ops have the regions they need; nesting is at most [`MAX_DEPTH`];
//!   locations are not inlined at themselves; names are unique and usable as symbols; constants have no bits beyond
//!   their type; the three fixed alias classes are there; [`Limits`] hold.
//! - `scope.rs`: every value is defined before it is used, in its region or one around it.
//! - `types.rs`: operands are what [`super::typing`] wants and recorded result types and region parameters what it
//!   gives; types exist (pack lanes, array rank); accesses have a scale and constant classes are not stored to; calls
//!   name kernels; entries have the signature they must have; stack slots are within [`MAX_STACK`].
//! - `control.rs`: terminators stand last and only there; labels enclose their terminators and name the right kind of
//!   construct; what `yield`, `break`, `continue`, `again`, `condition` and `return` pass agrees with where it goes;
//!   `unreachable` stands behind constructs that never end, and nothing else does; stack slots are not in loops.
//! - `level.rs`: ops and types are allowed at the module's level.
//! - `effects.rs`: regions of `vec.lanes` and `array.map` are pure; packed and C entries never raise.
//! - `ownership.rs`: each buffer is consumed exactly once on every path, and none is owned where a raise would lose it.

mod control;
mod effects;
mod ids;
mod level;
mod ownership;
mod scope;
#[cfg(test)]
mod tests;
mod types;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::compact::Order;
use super::module::{FuncId, Function, InstId, Module, ValueData, ValueId};
use super::print;
use crate::base::arena::IdMap;

/// Deepest nesting of regions, so that recursive walks never exhaust the stack.
pub const MAX_DEPTH: usize = 256;

/// Bytes of all stack slots of a function.
pub const MAX_STACK: u32 = 8 << 10;

/// Faults reported for one module; more are dropped.
const MAX_FAULTS: usize = 1000;

/// Sizes beyond which a module is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub functions: usize,
    /// Instructions of all functions together, reachable or not.
    pub insts: usize,
    /// Values of one function, reachable or not.
    pub values: usize,
    /// Parameters, results, operands of one function or instruction.
    pub operands: usize,
    /// Elements of all constant tables.
    pub data: usize,
    /// Sites, and locations.
    pub sites: usize,
    /// Alias classes of one function.
    pub aliases: usize,
    /// Bytes of a name or message.
    pub text: usize,
    /// Buffers owned at once.
    pub buffers: usize,
}

impl Limits {
    /// For modules of our own making.
    pub const DEFAULT: Limits = Limits {
        functions: 1 << 16,
        insts: 1 << 24,
        values: 1 << 24,
        operands: 1000,
        data: 1 << 24,
        sites: 1 << 22,
        aliases: 1 << 12,
        text: 1 << 16,
        buffers: 256,
    };

    /// For modules from strangers.
    pub const HOSTILE: Limits = Limits {
        functions: 1 << 12,
        insts: 1 << 19,
        values: 1 << 19,
        operands: 256,
        data: 1 << 20,
        sites: 1 << 17,
        aliases: 1 << 8,
        text: 1 << 12,
        buffers: 64,
    };
}

/// Where a fault is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Module,
    Function(FuncId),
    Inst(FuncId, InstId),
}

/// A rule that a module breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub place: Place,
    pub message: String,
}

/// What is wrong with a module: one fault at least.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults inside the text of the functions that have them.
    pub fn render(&self, m: &Module) -> String {
        let mut out = String::new();
        let mut functions: BTreeMap<FuncId, print::Notes> = BTreeMap::new();
        for fault in &self.0 {
            let (f, inst) = match fault.place {
                Place::Module => {
                    // Writing to a string cannot fail.
                    let _ = writeln!(out, "; fault: {}", fault.message);
                    continue;
                }
                Place::Function(f) => (f, None),
                Place::Inst(f, inst) => (f, Some(inst)),
            };
            functions.entry(f).or_default().entry(inst).or_default().push(format!("fault: {}", fault.message));
        }
        for (id, notes) in functions {
            if let Some(f) = m.functions.get(id) {
                out += &print::function(m, f, print::Options { locs: false }, &notes);
            }
        }
        out
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, fault) in self.0.iter().enumerate() {
            if k > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Checks a module of our own making.
pub fn verify(m: &Module) -> Result<(), Faults> {
    verify_with(m, &Limits::DEFAULT)
}

/// Checks a module within limits.
pub fn verify_with(m: &Module, limits: &Limits) -> Result<(), Faults> {
    let mut faults = Vec::new();
    ids::check_module(m, limits, &mut faults);
    ids::check_names(m, &mut faults);
    let mut placed = Vec::new();
    for (id, f) in m.functions.iter() {
        let mut cx = Checker::new(m, id, f, limits, &mut faults);
        placed.push(ids::check_function(&mut cx));
    }
    // Functions look at each other: without sound ids everywhere nothing else can be asked.
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    let summary = effects::Summary::of(m, &placed);
    for ((id, f), insts) in m.functions.iter().zip(&placed) {
        let mut cx = Checker::new(m, id, f, limits, &mut faults);
        scope::check(&mut cx);
        types::check(&mut cx, insts);
        control::check(&mut cx);
        level::check(&mut cx, insts);
        effects::check(&mut cx, &summary);
        // Ownership follows control: where that is broken it has nothing to say.
        if !cx.faulty {
            ownership::check(&mut cx, insts, &summary);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// One function being checked.
struct Checker<'a> {
    m: &'a Module,
    id: FuncId,
    f: &'a Function,
    limits: &'a Limits,
    faults: &'a mut Vec<Fault>,
    /// This function has a fault.
    faulty: bool,
    names: OnceCell<IdMap<ValueData, Option<usize>>>,
}

impl<'a> Checker<'a> {
    fn new(m: &'a Module, id: FuncId, f: &'a Function, limits: &'a Limits, faults: &'a mut Vec<Fault>) -> Self {
        Checker { m, id, f, limits, faults, faulty: false, names: OnceCell::new() }
    }

    /// A fault of an instruction; without one, of the function.
    fn fault(&mut self, inst: impl Into<Option<InstId>>, message: impl Into<String>) {
        let place = inst.into().map_or(Place::Function(self.id), |i| Place::Inst(self.id, i));
        push(self.faults, place, message.into());
        self.faulty = true;
    }

    /// The value as the printed text names it.
    fn name(&self, v: ValueId) -> String {
        let names = self.names.get_or_init(|| {
            let mut names = IdMap::default();
            for (n, &v) in Order::of(self.f).values.iter().enumerate() {
                names.set(v, Some(n));
            }
            names
        });
        names[v].map_or_else(|| format!("%?{}", v.index()), |n| format!("%{n}"))
    }

    fn names(&self, values: impl IntoIterator<Item = ValueId>) -> String {
        values.into_iter().map(|v| self.name(v)).collect::<Vec<_>>().join(", ")
    }
}

fn push(faults: &mut Vec<Fault>, place: Place, message: String) {
    if faults.len() < MAX_FAULTS {
        faults.push(Fault { place, message });
    }
}
