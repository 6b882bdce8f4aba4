//! Looks on while passes run: dumps of the IR, and a clock, which the compiler itself does not have.

use std::time::{Duration, Instant};

use gelcap_compiler::ir::{Module, print};
use gelcap_compiler::passes::Observer;

use crate::text::out;

/// Prints the IR after chosen passes as they run, and adds up their times.
#[derive(Debug)]
pub struct Watch {
    /// A pass's name, or `all`.
    print_after: Option<String>,
    timed: bool,
    started: Option<Instant>,
    /// By pass, in the order in which they first ran.
    spent: Vec<(&'static str, Duration, u32)>,
}

impl Watch {
    pub fn new(print_after: Option<&str>, timed: bool) -> Watch {
        Watch { print_after: print_after.map(str::to_owned), timed, started: None, spent: Vec::new() }
    }

    /// A table of times, the sum last; empty if nobody asked.
    pub fn times(&self) -> String {
        if !self.timed {
            return String::new();
        }
        let total: Duration = self.spent.iter().map(|(_, time, _)| *time).sum();
        let runs = self.spent.iter().map(|(_, _, runs)| *runs).sum();
        let rows = self.spent.iter().copied().chain([("total", total, runs)]);
        let row = |(name, time, runs): (&str, Duration, u32)| {
            format!(
                "{name:24} {:9.1} us  {runs:3} {}\n",
                time.as_secs_f64() * 1e6,
                if runs == 1 { "run" } else { "runs" }
            )
        };
        rows.map(row).collect()
    }
}

impl Observer for Watch {
    fn before(&mut self, _: &'static str, _: &Module) {
        self.started = Some(Instant::now());
    }

    fn after(&mut self, pass: &'static str, module: &Module, changed: bool) {
        let time = self.started.take().map_or(Duration::ZERO, |started| started.elapsed());
        match self.spent.iter_mut().find(|(name, _, _)| *name == pass) {
            Some((_, spent, runs)) => {
                *spent += time;
                *runs += 1;
            }
            None => self.spent.push((pass, time, 1)),
        }
        let wanted = match self.print_after.as_deref() {
            Some("all") => changed,
            Some(name) => name == pass,
            None => false,
        };
        if wanted {
            let change = if changed { "" } else { " (no change)" };
            let text = print::module(module, print::Options { locs: false });
            out(&format!("; after {pass}{change}\n{text}\n"));
        }
    }
}
