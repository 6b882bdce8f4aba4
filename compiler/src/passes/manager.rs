//! Runs a list of passes over a module: levels, verification, reports to an observer. It prints nothing and has no clock;
//! who wants dumps or timings lends an [`Observer`].

use std::collections::BTreeMap;
use std::fmt;

use super::analysis::purity::CallEffects;
use crate::back::Target;
use crate::diag::guarded;
use crate::ir::{Entry, Function, Level, Linkage, Module, verify};
use crate::options::Limits;

/// What a pass may know besides the function it works on.
pub struct Cx<'a> {
    /// The module without the function at hand, in whose place stands an empty one.
    pub module: &'a Module,
    pub target: &'a Target,
    pub calls: &'a CallEffects,
}

/// How a pass is run.
#[derive(Clone, Copy)]
pub enum Run {
    /// On each function by itself. Gives whether it changed anything.
    Function(fn(&mut Function, &Cx<'_>) -> bool),
    /// On the whole module. Gives whether it changed anything, or why it cannot run: a fault of ours.
    Module(fn(&mut Module, &Target) -> Result<bool, String>),
}

/// A pass as the lists name it.
#[derive(Clone, Copy)]
pub struct Pass {
    pub name: &'static str,
    pub run: Run,
    /// The highest level it takes: it takes that and the levels below it that `lowest` admits.
    pub highest: Level,
    /// The lowest level it takes.
    pub lowest: Level,
    /// The level it leaves, where it changes it.
    pub leaves: Option<Level>,
    /// One run does all it can: a second one finds nothing unless something else changed the function.
    pub settles: bool,
}

/// One entry of a list.
#[derive(Clone, Copy)]
pub enum Step {
    Once(&'static Pass),
    /// The passes in turn until none of them changes anything, at most so many rounds.
    Repeat(&'static [&'static Pass], u32),
}

/// Watches a list of passes being run.
pub trait Observer {
    fn before(&mut self, _pass: &'static str, _module: &Module) {}

    fn after(&mut self, _pass: &'static str, _module: &Module, _changed: bool) {}

    /// False if nobody waits for the result any more: the list ends there, with a [`Fault`] that is nobody's.
    fn goes_on(&mut self) -> bool {
        true
    }

    /// A repeated group still changed something in its last round: not wrong, but the bound should be looked at.
    fn bound_reached(&mut self, _passes: &'static [&'static Pass]) {}

    /// Verify the module after every pass that changed it.
    fn verifies(&self) -> bool {
        cfg!(debug_assertions)
    }
}

/// The observer who only looks on.
pub struct Quiet;

impl Observer for Quiet {}

/// A pass failed, or left what the verifier refuses: an internal compiler error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub pass: &'static str,
    pub message: String,
    /// No fault of ours: the program is larger than it may be.
    pub exceeded: bool,
}

impl Fault {
    pub fn new(pass: &'static str, message: impl Into<String>) -> Fault {
        Fault { pass, message: message.into(), exceeded: false }
    }
}

/// What passes may use, and what they have used.
pub struct Budget {
    limits: Limits,
    used: u64,
}

impl Budget {
    pub fn new(limits: Limits) -> Budget {
        Budget { limits, used: 0 }
    }

    /// Counts a look at the whole module.
    pub fn look(&mut self, pass: &'static str, module: &Module) -> Result<(), Fault> {
        if self.limits == Limits::NONE {
            return Ok(());
        }
        // What passes have dropped stays in the arenas, and is looked at by none.
        let insts: usize =
            module.functions.iter().map(|(_, f)| f.regions.iter().map(|(_, r)| r.insts.len()).sum::<usize>()).sum();
        self.used = self.used.saturating_add(insts as u64);
        let message = if insts > self.limits.ir {
            format!("the program is too large: it takes {insts} instructions, and {} are allowed", self.limits.ir)
        } else if self.used > self.limits.work {
            format!("the program is too large: compiling it takes more than {} steps", self.limits.work)
        } else {
            return Ok(());
        };
        Err(Fault { exceeded: true, ..Fault::new(pass, message) })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {}: {}", self.pass, self.message)
    }
}

impl std::error::Error for Fault {}

/// Runs the steps of some lists in order. Gives whether any pass changed the module.
pub fn run_steps(
    module: &mut Module,
    target: &Target,
    lists: &[&[Step]],
    budget: &mut Budget,
    observer: &mut dyn Observer,
) -> Result<bool, Fault> {
    let mut runner = Runner { module, target, budget, observer, versions: Vec::new(), seen: BTreeMap::new() };
    let mut changed = false;
    for step in lists.iter().copied().flatten() {
        match step {
            Step::Once(pass) => changed |= runner.run(pass)?,
            Step::Repeat(passes, bound) => {
                let mut again = true;
                for _ in 0..*bound {
                    again = false;
                    for pass in *passes {
                        again |= runner.run(pass)?;
                    }
                    changed |= again;
                    if !again {
                        break;
                    }
                }
                if again {
                    runner.observer.bound_reached(passes);
                }
            }
        }
    }
    Ok(changed)
}

/// Runs one pass.
pub fn run_pass(
    module: &mut Module,
    target: &Target,
    pass: &'static Pass,
    observer: &mut dyn Observer,
) -> Result<bool, Fault> {
    let budget = &mut Budget::new(Limits::NONE);
    Runner { module, target, budget, observer, versions: Vec::new(), seen: BTreeMap::new() }.run(pass)
}

/// A module while a list of passes is run on it.
struct Runner<'a> {
    module: &'a mut Module,
    target: &'a Target,
    budget: &'a mut Budget,
    observer: &'a mut dyn Observer,
    /// Counts the changes of each function, by index.
    versions: Vec<u32>,
    /// The version of each function at which a pass has nothing more to do.
    seen: BTreeMap<&'static str, Vec<Option<u32>>>,
}

impl Runner<'_> {
    fn run(&mut self, pass: &'static Pass) -> Result<bool, Fault> {
        let ran = guarded("passes", || self.run_on_module(pass));
        ran.unwrap_or_else(|error| Err(Fault::new(pass.name, error.message)))
    }

    fn run_on_module(&mut self, pass: &'static Pass) -> Result<bool, Fault> {
        let fault = |message: String| Fault::new(pass.name, message);
        self.budget.look(pass.name, self.module)?;
        if self.module.level < pass.highest || self.module.level > pass.lowest {
            return Err(fault(format!("does not take {:?} level", self.module.level)));
        }
        if !self.observer.goes_on() {
            return Err(fault("stopped by the observer".to_owned()));
        }
        self.observer.before(pass.name, self.module);
        let changed = match pass.run {
            Run::Module(run) => {
                let changed = run(self.module, self.target).map_err(fault)?;
                if changed {
                    // Functions may have gone, or go by other numbers.
                    self.versions.clear();
                    self.seen.clear();
                }
                changed
            }
            Run::Function(run) => self.on_functions(pass, run),
        };
        if let Some(level) = pass.leaves {
            self.module.level = level;
        }
        self.observer.after(pass.name, self.module, changed);
        if changed && self.observer.verifies() {
            verify::verify(self.module).map_err(|faults| fault(faults.render(self.module)))?;
        }
        Ok(changed)
    }

    fn on_functions(&mut self, pass: &'static Pass, run: fn(&mut Function, &Cx<'_>) -> bool) -> bool {
        let calls = CallEffects::new(self.module);
        let functions = self.module.functions.len();
        self.versions.resize(functions, 0);
        let seen = self.seen.entry(pass.name).or_default();
        seen.resize(functions, None);
        let mut changed = false;
        let mut function = Function::new("", &[], &[], Linkage::Internal, Entry::Kernel);
        for id in self.module.functions.ids() {
            let (version, seen) = (&mut self.versions[id.index()], &mut seen[id.index()]);
            if *seen == Some(*version) {
                continue;
            }
            std::mem::swap(&mut function, &mut self.module.functions[id]);
            let done = run(&mut function, &Cx { module: self.module, target: self.target, calls: &calls });
            *version += done as u32;
            changed |= done;
            if !done || pass.settles {
                *seen = Some(*version);
            }
            std::mem::swap(&mut function, &mut self.module.functions[id]);
        }
        changed
    }
}
