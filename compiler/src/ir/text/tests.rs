//! The corpus under `tests/ir`: what verifies round-trips, what does not fails where it says; and hostile text.

use std::path::{Path, PathBuf};

use super::*;
use crate::base::arena::Id;
use crate::ir::module::Function;
use crate::ir::op::{Const, Op};
use crate::ir::verify::{Place, verify};
use crate::ir::{Builder, Entry, Level, Linkage, Type, print};
use crate::types::Scalar;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        folder.read_dir().expect("the corpus is there").map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|e| e == "ir") => found.push(path),
            false => {}
        }
    }
}

/// Every file of the corpus with its text.
#[expect(clippy::disallowed_methods, reason = "tests read their corpus")]
pub fn corpus() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ir"), &mut found);
    assert!(found.len() > 10, "the corpus is not where it was");
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

/// Line and text of each `; verify-error:` directive.
fn expected_faults(text: &str) -> Vec<(u32, &str)> {
    let mut expected = Vec::new();
    for (n, line) in text.lines().enumerate() {
        for directive in line.split("; verify-error:").skip(1) {
            expected.push((n as u32 + 1, directive.trim()));
        }
    }
    expected
}

#[test]
fn sound_modules_verify_and_round_trip() {
    for (path, text) in corpus() {
        let name = path.display();
        let m = parse(&text).unwrap_or_else(|e| panic!("{name}:{e}"));
        let mut compact = m.clone();
        compact.compact();
        assert!(compact == m, "{name}: the parser numbers in the order of the text");
        if !expected_faults(&text).is_empty() {
            continue;
        }
        verify(&m).unwrap_or_else(|faults| panic!("{name}:\n{}", faults.render(&m)));
        let printed = m.to_string();
        let again = parse(&printed).unwrap_or_else(|e| panic!("{name}: printed text: {e}\n{printed}"));
        assert!(again == m, "{name}: the module changed through text:\n{printed}\n{again}");
        assert_eq!(again.to_string(), printed, "{name}");
    }
}

/// Each fault stands at a line that says so, and each such line has its fault.
#[test]
fn broken_modules_fail_where_they_say() {
    for (path, text) in corpus() {
        let name = path.display();
        let expected = expected_faults(&text);
        if expected.is_empty() {
            continue;
        }
        let (m, lines) = parse_with_lines(&text).unwrap_or_else(|e| panic!("{name}:{e}"));
        let faults = verify(&m).expect_err(&format!("{name} verifies"));
        let rendered = faults.render(&m);
        let found: Vec<(u32, &str)> = faults
            .0
            .iter()
            .map(|fault| match fault.place {
                Place::Module => (0, &fault.message[..]),
                Place::Function(f) => (lines.function(f), &fault.message[..]),
                Place::Inst(f, i) => (lines.inst(f, i), &fault.message[..]),
            })
            .collect();
        for &(line, wanted) in &expected {
            let hit = found.iter().any(|&(at, message)| (at == line || at == 0) && message.contains(wanted));
            assert!(hit, "{name}:{line}: no fault `{wanted}` in\n{found:#?}\n{rendered}");
        }
        for &(line, message) in &found {
            let hit = expected.iter().any(|&(at, wanted)| (at == line || line == 0) && message.contains(wanted));
            assert!(hit, "{name}:{line}: unexpected fault `{message}`\n{rendered}");
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    let error = |text: &str| parse(text).expect_err(text).to_string();
    assert_eq!(error("level sky"), "1:7: expected `array`, `loop` or `machine`");
    assert_eq!(error("fn @f() {\n  %a = i64\n}"), "3:1: expected a value of type i64, found `}`");
    assert_eq!(error("fn @f() {\n  %a = add %b, %b\n}"), "2:12: value `%b` is not defined above");
    assert_eq!(error("fn @f() {\n  %a = fly\n}"), "2:8: there is no op `fly`");
    assert_eq!(error("fn @f() {\n  %a, %b = i64 1\n}"), "2:3: `i64` gives 1 results, 2 are named");
    assert_eq!(error("fn @f() {\n  break ^x\n}"), "2:9: label `^x` is not defined above");
    assert_eq!(error("fn @f() {\n  raise !Nope\n}"), "2:9: site `!Nope` is not defined");
    assert_eq!(error("fn @f() {\n  %a = i8 128\n}"), "2:11: expected a value of type i8, found `128`");
    assert_eq!(error("fn @f(%é: i64) {}"), "1:7: expected a name after `%`");
    assert_eq!(error("fn @f() {"), "1:10: expected `}`, found the end");
    assert_eq!(error("site !0 = ValueError \"open"), "1:22: this string does not end on its line");
}

#[test]
fn deep_and_long_texts_are_refused_or_read() {
    let deep = format!("fn @f() {{ {}", "block { ".repeat(100_000));
    assert!(parse(&deep).expect_err("unclosed").message.contains("expected `}`"));
    let closed = format!("fn @f() {{ {} {} }}", "block { ".repeat(10_000), "} ".repeat(10_000));
    assert!(parse(&closed).expect_err("too deep").message.contains("nested deeper"));
    let long = format!("fn @f(%0: i64) {{\n{}return\n}}", "store i64 [%0 + %0], %0\n".repeat(50_000));
    assert_eq!(parse(&long).expect("length alone is no fault").functions[Id::new(0)].insts.len(), 50_001);
}

/// Cuts and changes of every corpus text: any answer, no panic.
#[test]
fn damaged_texts_are_safe() {
    let mut seed = 1u64;
    let mut random = move |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n.max(1)
    };
    let pieces =
        ["{", "}", "%0", "->", "=", "i64", "vec<", "array<f64, 255, C, rw>", "!", "\"", "^0", "9999999999", ","];
    for (_, text) in corpus() {
        let chars: Vec<char> = text.chars().collect();
        for _ in 0..60 {
            let at = random(chars.len());
            let cut = random(20);
            let mut damaged: String = chars[..at].iter().collect();
            damaged += pieces[random(pieces.len())];
            damaged.extend(&chars[(at + cut).min(chars.len())..]);
            if let Ok(m) = parse(&damaged)
                && verify(&m).is_ok()
            {
                let again = parse(&m.to_string()).expect("verified modules print well");
                assert!(again == m);
            }
        }
    }
}

#[test]
fn floats_keep_every_bit() {
    let text = |bits| print::constant(Const { ty: Scalar::F64, bits });
    assert_eq!(text(0.1f64.to_bits()), "0.1");
    assert_eq!(text((-0.0f64).to_bits()), "-0.0");
    assert_eq!(text(f64::NEG_INFINITY.to_bits()), "-inf");
    assert_eq!(text(f64::NAN.to_bits()), "nan");
    assert_eq!(text(0xfff8_0000_0000_0001), "0xfff8000000000001");
    assert_eq!(print::constant(Const::f32(0.1)), "0.1");
    assert_eq!(print::constant(Const::int(Scalar::I8, -1)), "-1");
    assert_eq!(print::constant(Const { ty: Scalar::I8, bits: 0xfff }), "0xfff");
}

#[test]
fn a_broken_function_still_prints() {
    let mut m = Module::new(Level::Loop);
    let mut f = Function::new("f", &[Type::I64], &[Type::I64], Linkage::Export, Entry::Kernel);
    let mut b = Builder::new(&mut m, &mut f);
    b.terminate(Op::Break(Id::new(9)), &[Id::new(77)]);
    let body = f.body;
    let again = f.insts.push(crate::ir::Inst {
        op: Op::Check(Id::new(5)),
        args: Default::default(),
        results: [Id::new(99)].into_iter().collect(),
        regions: [body].into_iter().collect(),
    });
    f.regions[body].insts.extend([again, Id::new(1000)]);
    let text = print::function(&m, &f, print::Options { locs: true }, &print::Notes::new());
    assert_eq!(
        text,
        "export fn @f(%0: i64) -> i64 {\n  break ^?9 %?77\n  %?99 = check !?5 {\n    ; region 0 is not here\n  \
         }\n  ; instruction 1000 does not exist\n}\n"
    );
}
