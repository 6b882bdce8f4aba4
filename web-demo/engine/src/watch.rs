//! Looks on while passes run: their times, the IR they leave, and whether anybody still waits.

use gelcap_compiler::ir::{Module, print};
use gelcap_compiler::passes::Observer;
use serde_json::{Value, json};

use crate::Host;

pub struct Watch<'h> {
    pub host: &'h mut dyn Host,
    /// A request was superseded, and a list of passes ended early.
    pub stopped: bool,
    /// The IR is kept after each pass that changed it.
    keeps_text: bool,
    started: f64,
    pub passes: Vec<Value>,
}

impl<'h> Watch<'h> {
    pub fn new(host: &'h mut dyn Host, keeps_text: bool) -> Watch<'h> {
        Watch { host, stopped: false, keeps_text, started: 0.0, passes: Vec::new() }
    }
}

impl Observer for Watch<'_> {
    fn before(&mut self, _: &'static str, _: &Module) {
        self.started = self.host.now();
    }

    fn after(&mut self, pass: &'static str, module: &Module, changed: bool) {
        let ms = self.host.now() - self.started;
        let size: usize = module.functions.iter().map(|(_, f)| f.insts.len()).sum();
        let mut step = json!({ "pass": pass, "ms": ms, "changed": changed, "level": module.level.name(), "ops": size });
        if self.keeps_text && changed {
            step["text"] = json!(print::module(module, print::Options { locs: false }));
        }
        self.passes.push(step);
    }

    fn goes_on(&mut self) -> bool {
        self.stopped |= self.host.superseded();
        !self.stopped
    }
}
