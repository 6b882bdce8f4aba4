//! What may not stand in native code, over the whole corpus: ops that trap in hardware, and calls of anything but the
//! host functions that the calling convention names (a libcall would be a C library's `floor` or `memcpy`).

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{self, Request, Stage};
use gelcap_tests::judges::{self, Verifying};
use gelcap_tests::{conclude, judgement, on_big_stack};
use object::{Object, ObjectSymbol};

/// Cranelift ops that trap. Integer division does so for operands that the interpreter refuses at Machine level, so
/// that the judges see to it.
const TRAPPING: [&str; 9] = [
    "trap",
    "trapz",
    "trapnz",
    "debugtrap",
    "fcvt_to_sint",
    "fcvt_to_uint",
    "uadd_overflow_trap",
    "call_indirect",
    "return_call_indirect",
];

#[test]
fn native_code_neither_traps_nor_calls_libraries() {
    let (count, complaints) = on_big_stack(|| {
        let levels = [OptLevel::O0, OptLevel::O2];
        let variants = levels.map(|opt_level| Options { opt_level, ..Options::new(judges::baseline()) });
        judgement::over_corpus(&variants, look)
    });
    conclude(&format!("{count} programs"), &complaints);
}

fn look(request: &Request, options: &Options) -> Result<Vec<String>, String> {
    let clif = request::list(request, options, &Stage::Clif, &mut Verifying).map_err(|e| format!("{e:?}"))?;
    let mut found = Vec::new();
    for line in clif.lines() {
        let op = line.split_once(" = ").map_or(line, |(_, op)| op).trim();
        // `load.f64 notrap`: the op is the word before the type.
        let word = op.split([' ', '.']).next().unwrap_or_default();
        if TRAPPING.contains(&word) {
            found.push(format!("`{}` may trap", line.trim()));
        }
    }
    if !clif.contains("function") {
        return Err("the listing shows no function".into());
    }
    let compiled = request::compile(request, options, &mut Verifying).map_err(|e| format!("{e:?}"))?;
    let native = compiled.artifact.native().ok_or("no native code")?;
    let object = object::File::parse(&*native.object).map_err(|e| e.to_string())?;
    for symbol in object.symbols().filter(|s| s.is_undefined()) {
        let symbol = symbol.name().map_err(|e| e.to_string())?;
        if !symbol.is_empty() && Import::from_symbol(symbol).is_none() {
            found.push(format!("the object wants `{symbol}`"));
        }
    }
    Ok(found)
}
