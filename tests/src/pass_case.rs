//! What passes make of the IR: `; pass:` and the checks that follow it, see [`crate::ir_case`].
//!
//! A check that stands inside of a function looks at that function's text after the passes, one that stands outside at
//! the whole module's. What the file runs must give the same answers after the passes as before.

use gelcap_compiler::back::{CpuLevel, Target, WasmFlavour};
use gelcap_compiler::ir::text::Lines;
use gelcap_compiler::ir::{FuncId, Level, Module, print, verify};
use gelcap_compiler::passes::{self, Observer};

use crate::ir_case::{Directive, Run};

/// Verifies between passes.
struct Verifying;

impl Observer for Verifying {
    fn verifies(&self) -> bool {
        true
    }
}

/// Runs each list of passes; gives what is wrong, by line.
pub fn check(
    module: &Module,
    lines: &Lines,
    directives: &[Directive<'_>],
    runs: &[(usize, Run)],
    lanes: &[usize],
) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    let target = match directives.iter().find(|d| d.key == "target").map(|d| d.text) {
        Some("wasm") => Target::wasm(WasmFlavour::ImportedMemory),
        Some("sandbox") => Target::sandbox(),
        _ => Target::x86_64(CpuLevel::V2),
    };
    let lists: Vec<usize> = (0..directives.len()).filter(|&k| directives[k].key == "pass").collect();
    for (n, &at) in lists.iter().enumerate() {
        let until = lists.get(n + 1).copied().unwrap_or(directives.len());
        let list = &directives[at];
        let names: Vec<&str> = list.text.split(',').map(str::trim).collect();
        let mut after = module.clone();
        if let Err(why) = passes::run_named(&mut after, &target, &names, &mut Verifying) {
            complaints.push((list.line, why.to_string()));
            continue;
        }
        if let Err(faults) = verify::verify(&after) {
            complaints.push((list.line, faults.render(&after)));
            continue;
        }
        after.compact();
        complaints.extend(texts(module, &after, lines, &directives[at + 1..until]));
        complaints.extend(answers(module, &after, runs, lanes));
    }
    complaints
}

/// The checks on the text, function by function.
fn texts(module: &Module, after: &Module, lines: &Lines, checks: &[Directive<'_>]) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    let home = |d: &Directive<'_>| {
        let before = |&id: &FuncId| (lines.function(id) as usize) < d.line;
        module.functions.ids().filter(before).max_by_key(|&id| lines.function(id))
    };
    let mut scope = None;
    let mut text = String::new();
    let mut from = 0;
    for d in checks.iter().filter(|d| d.key.starts_with("check")) {
        let function = home(d);
        if scope != Some(function) {
            scope = Some(function);
            text = text_of(module, after, function);
            from = 0;
        }
        let all: Vec<&str> = text.lines().collect();
        let complaint = match d.key {
            "check" => match all.iter().skip(from).position(|l| l.contains(d.text)) {
                Some(k) => {
                    from += k + 1;
                    None
                }
                None => Some(format!("no line after the last check's has `{}`", d.text)),
            },
            "check-not" => all.iter().find(|l| l.contains(d.text)).map(|l| format!("`{l}` has `{}`", d.text)),
            _ => {
                let (count, wanted) = d.text.split_once(' ').unwrap_or((d.text, ""));
                let found = all.iter().filter(|l| l.contains(wanted)).count();
                (count.parse() != Ok(found)).then(|| format!("{found} lines have `{wanted}`, not {count}"))
            }
        };
        complaints.extend(complaint.map(|why| (d.line, format!("{why} in\n{text}"))));
    }
    complaints
}

/// The text of a function after the passes, or of the module.
fn text_of(module: &Module, after: &Module, function: Option<FuncId>) -> String {
    let options = print::Options { locs: false };
    let Some(id) = function else { return print::module(after, options) };
    match after.function_named(&module.functions[id].name) {
        Some(same) => print::function(after, &after.functions[same], options, &print::Notes::new()),
        None => String::new(),
    }
}

/// What the file's runs give after the passes. Lowered functions are left to the judges, which call entries.
fn answers(module: &Module, after: &Module, runs: &[(usize, Run)], lanes: &[usize]) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    if after.level == Level::Machine && module.level != Level::Machine {
        return complaints;
    }
    for (line, run) in runs {
        let Some(function) = after.function_named(&module.functions[run.function].name) else { continue };
        let run = Run { function, ..run.clone() };
        let wrong = lanes.iter().filter_map(|&l| run.interpret(after, l).err().map(|e| (l, e)));
        complaints.extend(wrong.map(|(l, e)| (*line, format!("after the passes, at {l} lanes: {e}"))));
    }
    complaints
}
