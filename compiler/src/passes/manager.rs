//! Runs a list of passes over a module: levels, verification, reports to an observer. It prints nothing and has no clock;
//! who wants dumps or timings lends an [`Observer`].

use std::fmt;

use crate::back::Target;
use crate::ir::{Entry, Function, Level, Linkage, Module, verify};

/// What a pass may know besides the function it works on.
pub struct Cx<'a> {
    /// The module without the function at hand, in whose place stands an empty one.
    pub module: &'a Module,
    pub target: &'a Target,
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
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {}: {}", self.pass, self.message)
    }
}

impl std::error::Error for Fault {}

/// Runs the steps in order. Gives whether any pass changed the module.
pub fn run_steps(
    module: &mut Module,
    target: &Target,
    steps: &[Step],
    observer: &mut dyn Observer,
) -> Result<bool, Fault> {
    let mut changed = false;
    for step in steps {
        match step {
            Step::Once(pass) => changed |= run_pass(module, target, pass, observer)?,
            Step::Repeat(passes, bound) => {
                let mut again = true;
                for _ in 0..*bound {
                    again = false;
                    for pass in *passes {
                        again |= run_pass(module, target, pass, observer)?;
                    }
                    changed |= again;
                    if !again {
                        break;
                    }
                }
                if again {
                    observer.bound_reached(passes);
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
    let fault = |message: String| Fault { pass: pass.name, message };
    if module.level < pass.highest || module.level > pass.lowest {
        return Err(fault(format!("does not take {:?} level", module.level)));
    }
    observer.before(pass.name, module);
    let changed = match pass.run {
        Run::Module(run) => run(module, target).map_err(fault)?,
        Run::Function(run) => on_functions(module, target, run),
    };
    if let Some(level) = pass.leaves {
        module.level = level;
    }
    observer.after(pass.name, module, changed);
    if changed && observer.verifies() {
        verify::verify(module).map_err(|faults| fault(faults.render(module)))?;
    }
    Ok(changed)
}

fn on_functions(module: &mut Module, target: &Target, run: fn(&mut Function, &Cx<'_>) -> bool) -> bool {
    let mut changed = false;
    let mut function = Function::new("", &[], &[], Linkage::Internal, Entry::Kernel);
    for id in module.functions.ids() {
        std::mem::swap(&mut function, &mut module.functions[id]);
        changed |= run(&mut function, &Cx { module, target });
        std::mem::swap(&mut function, &mut module.functions[id]);
    }
    changed
}
