//! The elementary functions, written in the kernel language itself.
//!
//! The sources are the `.py` files beside this one: the same operations in the same order on every target, so the same
//! bits everywhere, and the optimiser sees through them. What is shipped is their IR, checked in under `ir/`, one file a
//! function with all that it calls; `make bless` rebuilds it from the sources and a test compares. [`function`] links one
//! into a module.
//!
//! Nothing in the compiler computes these functions in any other way, constant folding included.

use std::sync::OnceLock;

use crate::ir::{DataId, FuncId, Linkage, Module, Op, text};

/// What the names of linked functions start with.
pub const PREFIX: &str = "gelcap.math.";

macro_rules! library {
    ($($name:literal in $file:literal),* $(,)?) => {
        /// The functions: name, and the source file that defines it.
        pub const FUNCTIONS: &[(&str, &str)] = &[$(($name, $file)),*];
        const TEXTS: &[&str] = &[$(include_str!(concat!("ir/", $name, ".ir"))),*];
    };
}

library! {
    "acos" in "inverse", "acosh" in "area", "asin" in "inverse", "asinh" in "area", "atan" in "inverse",
    "atan2" in "inverse", "atanh" in "area", "cbrt" in "root", "cos" in "trig", "cosh" in "hyperbolic",
    "exp" in "exp", "exp2" in "exp", "expm1" in "hyperbolic", "floor_divide" in "divmod", "floor_divide_f32" in "divmod",
    "floor_mod" in "divmod", "floor_mod_f32" in "divmod", "fmod" in "remainder", "hypot" in "root",
    "int_true_divide" in "divmod", "log" in "log", "log10" in "log", "log1p" in "log", "log2" in "log", "mod_inverse" in "modular", "pow" in "power",
    "pow_mod" in "modular", "power_of_ten" in "rounding", "round_decimals" in "rounding", "round_step" in "rounding",
    "round_tens" in "rounding", "sin" in "trig", "sinh" in "hyperbolic", "tan" in "trig", "tanh" in "hyperbolic",
}

/// The sources by module name, for the command that rebuilds the IR.
pub const SOURCES: &[(&str, &str)] = &[
    ("area", include_str!("area.py")),
    ("divmod", include_str!("divmod.py")),
    ("double", include_str!("double.py")),
    ("exp", include_str!("exp.py")),
    ("hyperbolic", include_str!("hyperbolic.py")),
    ("inverse", include_str!("inverse.py")),
    ("log", include_str!("log.py")),
    ("modular", include_str!("modular.py")),
    ("power", include_str!("power.py")),
    ("remainder", include_str!("remainder.py")),
    ("root", include_str!("root.py")),
    ("rounding", include_str!("rounding.py")),
    ("trig", include_str!("trig.py")),
];

/// The checked-in IR of a function.
pub fn checked_in(name: &str) -> Option<&'static str> {
    TEXTS.get(index(name)?).copied()
}

/// The function `name` in `module`, linked on first use; `None` if the library has no such function.
pub fn function(module: &mut Module, name: &str) -> Option<FuncId> {
    let full = format!("{PREFIX}{name}");
    if let Some(found) = module.function_named(&full) {
        return Some(found);
    }
    let library = parsed(index(name)?)?;
    let root = library.function_named(&full)?;
    Some(link(module, library, root))
}

fn index(name: &str) -> Option<usize> {
    FUNCTIONS.binary_search_by_key(&name, |(n, _)| n).ok()
}

/// A function's module, parsed once in a process.
fn parsed(index: usize) -> Option<&'static Module> {
    static PARSED: [OnceLock<Option<Module>>; FUNCTIONS.len()] = [const { OnceLock::new() }; FUNCTIONS.len()];
    PARSED[index].get_or_init(|| text::parse(TEXTS[index]).ok()).as_ref()
}

/// Copies a function with its callees and tables.
fn link(module: &mut Module, library: &Module, f: FuncId) -> FuncId {
    let source = &library.functions[f];
    if let Some(found) = module.function_named(&source.name) {
        return found;
    }
    let mut copy = source.clone();
    copy.linkage = Linkage::Internal;
    // The lines of the library mean nothing to users: inlined code takes the location of the call.
    copy.inst_locs = Default::default();
    for (_, inst) in copy.insts.iter_mut() {
        match &mut inst.op {
            Op::Call(callee) => *callee = link(module, library, *callee),
            Op::DataAddr(table) => *table = link_table(module, library, *table),
            _ => {}
        }
    }
    module.functions.push(copy)
}

/// The table, under a name of its own: two functions' tables may have one.
fn link_table(module: &mut Module, library: &Module, table: DataId) -> DataId {
    let source = &library.data[table];
    let known = module.data.iter().find(|(_, d)| d.element == source.element && d.bits == source.bits);
    if let Some((id, _)) = known {
        return id;
    }
    let mut copy = source.clone();
    if module.data.iter().any(|(_, d)| d.name == copy.name) {
        copy.name = format!("{}.{}", source.name, module.data.len());
    }
    module.data.push(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Level;

    #[test]
    fn the_functions_are_sorted_and_have_sources() {
        assert!(FUNCTIONS.is_sorted());
        for (name, file) in FUNCTIONS {
            let source = SOURCES.iter().find(|(n, _)| n == file).map(|(_, text)| *text).unwrap_or_default();
            assert!(source.contains(&format!("def {name}(")), "{file}.py does not define {name}");
        }
    }

    #[test]
    fn every_function_links_once() {
        let mut module = Module::new(Level::Loop);
        for (name, _) in FUNCTIONS {
            let first = function(&mut module, name);
            assert!(first.is_some(), "{name}");
            assert_eq!(first, function(&mut module, name));
        }
        assert_eq!(function(&mut module, "gamma"), None);
    }
}
