//! The middle-end: passes over the IR, and in which order they run.
//!
//! One pass, one file; each says what it is for, why it pays, what it relies on, and which levels it takes and leaves.
//! A pass changes a function (or the module) in place and says whether it did. Meaning is never decided here twice:
//! results of ops come from [`crate::ir::eval`], effects from [`crate::ir::effects`].
//!
//! Where next: [`manager`] runs lists; [`entries`] makes what hosts call; [`lower_machine`] is the way down.

pub mod address;
pub mod analysis;
pub mod carry;
pub mod clean;
pub mod cse;
pub mod dce;
mod edit;
pub mod entries;
pub mod fold;
pub mod inline;
pub mod legalize;
pub mod licm;
pub mod lower_arrays;
pub mod lower_machine;
pub mod manager;
pub mod poll;
pub mod prune;
pub mod ranges;
pub mod reuse;
pub mod select;
pub mod simplify;
pub mod unroll;
pub mod version;

use crate::back::Target;
use crate::ir::{Function, Level, Module};
pub use crate::options::{Limits, OptLevel};
pub use manager::{Budget, Fault, Observer, Pass, Quiet, Run, Step};

const fn function_pass(name: &'static str, run: fn(&mut Function, &manager::Cx<'_>) -> bool) -> Pass {
    Pass { name, run: Run::Function(run), highest: Level::Array, lowest: Level::Machine, leaves: None, settles: true }
}

pub const FOLD: Pass = Pass { settles: false, ..function_pass("fold", fold::run) };
pub const SIMPLIFY: Pass = Pass { settles: false, ..function_pass("simplify", simplify::run) };
pub const CLEAN: Pass = Pass { settles: false, ..function_pass("clean", clean::run) };
pub const CSE: Pass = function_pass("cse", cse::run);
pub const DCE: Pass = function_pass("dce", dce::run);
pub const LICM: Pass = function_pass("licm", licm::run);
pub const SELECT: Pass = function_pass("select", select::run);
pub const RANGES: Pass = Pass { lowest: Level::Loop, ..function_pass("ranges", ranges::run) };
pub const REUSE: Pass = Pass { highest: Level::Loop, lowest: Level::Loop, ..function_pass("reuse", reuse::run) };
pub const ADDRESS: Pass = Pass { highest: Level::Loop, lowest: Level::Loop, ..function_pass("address", address::run) };
pub const VERSION: Pass = Pass { lowest: Level::Loop, ..function_pass("version", version::run) };
pub const INLINE: Pass = Pass {
    name: "inline",
    run: Run::Module(inline::run),
    highest: Level::Array,
    lowest: Level::Loop,
    leaves: None,
    settles: false,
};
pub const PRUNE: Pass = Pass {
    name: "prune",
    run: Run::Module(prune::run),
    highest: Level::Array,
    lowest: Level::Machine,
    leaves: None,
    settles: false,
};
pub const LOWER_ARRAYS: Pass = Pass {
    name: "lower-arrays",
    run: Run::Module(lower_arrays::run),
    highest: Level::Array,
    lowest: Level::Loop,
    leaves: Some(Level::Loop),
    settles: false,
};
pub const LOWER_MACHINE: Pass = Pass {
    name: "lower-machine",
    run: Run::Module(lower_machine::run),
    highest: Level::Loop,
    lowest: Level::Loop,
    leaves: Some(Level::Machine),
    settles: false,
};
pub const CARRY: Pass = Pass { highest: Level::Machine, ..function_pass("carry", carry::run) };
pub const UNROLL: Pass = Pass { highest: Level::Machine, ..function_pass("unroll", unroll::run) };
pub const LEGALIZE: Pass = Pass { highest: Level::Machine, ..function_pass("legalize", legalize::run) };
pub const POLL: Pass = Pass { highest: Level::Machine, settles: false, ..function_pass("poll", poll::run) };

/// Every pass, for `--passes` and tests.
pub const ALL: [&Pass; 19] = [
    &INLINE,
    &PRUNE,
    &FOLD,
    &SIMPLIFY,
    &CLEAN,
    &CSE,
    &DCE,
    &LICM,
    &SELECT,
    &RANGES,
    &VERSION,
    &ADDRESS,
    &REUSE,
    &LOWER_ARRAYS,
    &LOWER_MACHINE,
    &LEGALIZE,
    &CARRY,
    &UNROLL,
    &POLL,
];

/// The pass of a name.
pub fn by_name(name: &str) -> Option<&'static Pass> {
    ALL.into_iter().find(|p| p.name == name)
}

const O0: &[Step] = &[Step::Once(&LOWER_ARRAYS), Step::Once(&LOWER_MACHINE), Step::Once(&LEGALIZE), Step::Once(&POLL)];
/// Inlining of what is small, and clean-up once.
const O1: &[Step] = &[
    Step::Once(&INLINE),
    Step::Once(&PRUNE),
    Step::Once(&LOWER_ARRAYS),
    Step::Once(&CLEAN),
    Step::Once(&CSE),
    Step::Once(&DCE),
    Step::Once(&LOWER_MACHINE),
    Step::Once(&LEGALIZE),
    Step::Once(&CLEAN),
    Step::Once(&POLL),
    Step::Once(&DCE),
];

const O2: &[Step] = &[
    // Callees are weighed as they will be.
    Step::Once(&CLEAN),
    Step::Once(&SELECT),
    Step::Once(&DCE),
    Step::Once(&INLINE),
    Step::Once(&PRUNE),
    // As late as callees' arrays are seen whole, as early as the passes see the loops.
    Step::Once(&LOWER_ARRAYS),
    // Inlining leaves known arguments, blocks for returns, and the same thing done on both sides of a call.
    Step::Once(&CLEAN),
    Step::Once(&SELECT),
    Step::Once(&CSE),
    // Calls with known arguments may have shrunk a kernel to what fits its entries, and callees to what fits callers.
    Step::Once(&INLINE),
    Step::Once(&PRUNE),
    Step::Once(&RANGES),
    // Checks that went leave constants and branches that decide nothing.
    Step::Repeat(&[&CLEAN, &SELECT, &CSE], 4),
    Step::Once(&LICM),
    // Checks that are left in loops go where one test before the loop can answer for all rounds.
    Step::Once(&VERSION),
    Step::Once(&CLEAN),
    Step::Once(&CSE),
    Step::Once(&LICM),
    // Neighbours show once what loops do not change is out of their addresses.
    Step::Once(&ADDRESS),
    Step::Once(&REUSE),
    Step::Once(&DCE),
    // Sites become numbers, and take their final ones.
    Step::Once(&PRUNE),
    Step::Once(&LOWER_MACHINE),
    Step::Once(&LEGALIZE),
    // Lowering leaves guards side by side, constants everywhere, and handlers with columns that are always zero.
    Step::Once(&CLEAN),
    Step::Once(&CSE),
    // Rotated loops let loads go as well.
    Step::Once(&LICM),
    Step::Once(&CARRY),
    // What is left in small loops is their work. Rounds side by side load and compute the same things.
    Step::Once(&UNROLL),
    Step::Once(&CLEAN),
    Step::Once(&CSE),
    // The loops are what they will be: nothing after this may make or merge any.
    Step::Once(&POLL),
    Step::Once(&DCE),
];

/// What O2 does first where there are arrays: lengths are known not to be negative only as long as they are seen to be
/// lengths, so indices are shown to be inside before arrays are lowered.
const ARRAYS: &[Step] = &[
    Step::Once(&CLEAN),
    Step::Once(&SELECT),
    Step::Once(&DCE),
    Step::Once(&INLINE),
    Step::Once(&PRUNE),
    Step::Once(&CLEAN),
    Step::Once(&SELECT),
    Step::Once(&CSE),
    Step::Once(&RANGES),
    Step::Repeat(&[&CLEAN, &SELECT, &CSE], 4),
    Step::Once(&LICM),
    Step::Once(&VERSION),
    Step::Once(&CLEAN),
    Step::Once(&CSE),
    Step::Once(&DCE),
];

/// The passes of a level, in order.
pub const fn pipeline(opt: OptLevel) -> &'static [Step] {
    match opt {
        OptLevel::O0 => O0,
        OptLevel::O1 => O1,
        OptLevel::O2 => O2,
    }
}

/// Takes a module at Array or Loop level down to Machine level, legal for the target.
pub fn run(module: &mut Module, target: &Target, opt: OptLevel, observer: &mut dyn Observer) -> Result<(), Fault> {
    run_within(module, target, opt, Limits::NONE, observer)
}

/// The same within limits.
pub fn run_within(
    module: &mut Module,
    target: &Target,
    opt: OptLevel,
    limits: Limits,
    observer: &mut dyn Observer,
) -> Result<(), Fault> {
    let budget = &mut Budget::new(limits);
    let first = if module.level == Level::Array && opt == OptLevel::O2 { ARRAYS } else { &[] };
    manager::run_steps(module, target, &[first, pipeline(opt)], budget, observer)?;
    // What the back-end gets, and the engine's own compiler after it.
    budget.look("poll", module)
}

/// Runs passes by name, as `--passes` lists them.
pub fn run_named(
    module: &mut Module,
    target: &Target,
    names: &[&str],
    observer: &mut dyn Observer,
) -> Result<bool, Fault> {
    let mut changed = false;
    for name in names {
        let pass = by_name(name).ok_or_else(|| Fault::new("passes", format!("there is no pass {name}")))?;
        changed |= manager::run_pass(module, target, pass, observer)?;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests;
