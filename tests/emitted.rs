//! What may not stand in native code, over the whole corpus: ops that trap in hardware, and calls of anything but the
//! host functions that the calling convention names (a libcall would be a C library's `floor` or `memcpy`).

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{self, Request, Stage};
use gelcap_tests::judges::{self, Verifying};
use gelcap_tests::{case, conclude, judgement, on_big_stack};
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
        let cases = match case::cases("tests/kernels") {
            Ok(cases) => cases,
            Err(faults) => return (0, faults),
        };
        let mut complaints = Vec::new();
        let mut unread = Vec::new();
        let requests = match judgement::requests(&cases, &mut unread) {
            Ok(requests) => requests,
            Err(why) => return (0, vec![why]),
        };
        complaints.extend(unread.into_iter().map(|c| c.text));
        let count = requests.len();
        for (n, (case, request)) in requests.into_iter().enumerate() {
            let case = &cases[case];
            for (l, opt_level) in [OptLevel::O0, OptLevel::O2].into_iter().enumerate() {
                // There are many lazily typed kernels: they take turns.
                if case.from_arguments && n % 2 != l {
                    continue;
                }
                let options = Options { opt_level, ..Options::new(judges::baseline()) };
                match look(&case.name, &request, &options) {
                    Ok(found) => complaints.extend(found),
                    Err(why) => complaints.push(format!("{}: {why}", case.name)),
                }
            }
        }
        (count, complaints)
    });
    conclude(&format!("{count} programs"), &complaints);
}

fn look(name: &str, request: &Request, options: &Options) -> Result<Vec<String>, String> {
    let clif = request::list(request, options, &Stage::Clif, &mut Verifying).map_err(|e| format!("{e:?}"))?;
    let mut found = Vec::new();
    for line in clif.lines() {
        let op = line.split_once(" = ").map_or(line, |(_, op)| op).trim();
        // `load.f64 notrap`: the op is the word before the type.
        let word = op.split([' ', '.']).next().unwrap_or_default();
        if TRAPPING.contains(&word) {
            found.push(format!("{name}: `{}` may trap", line.trim()));
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
            found.push(format!("{name}: the object wants `{symbol}`"));
        }
    }
    Ok(found)
}
