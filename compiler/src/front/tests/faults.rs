//! One fault each: its code, and that the work on hostile programs is bounded.

use super::{build, function};
use crate::front::KernelSpec;
use crate::types::{Scalar, Type};

/// The codes of the faults in `f(n: int, x: float64, p: float64*)`.
fn codes(source: &str) -> Vec<&'static str> {
    let params = [Type::PyInt, Type::Np(Scalar::F64), Type::ptr_to(Scalar::F64)];
    let result = build(source, |program| vec![KernelSpec::from_types(function(program, "f"), "f", &params)]);
    match result {
        Ok(_) => vec![],
        Err(faults) => faults.iter().map(|d| d.code.name()).collect(),
    }
}

/// The codes of a body of `f`.
fn body(lines: &str) -> Vec<&'static str> {
    let indented: String = lines.lines().map(|l| format!("    {l}\n")).collect();
    codes(&format!("import math\nimport numpy as np\n\ndef f(n, x, p):\n{indented}"))
}

#[test]
fn each_fault_has_its_code() {
    for (code, lines) in [
        ("undefined-name", "return m"),
        ("maybe-unset", "if n:\n    y = 1\nreturn y"),
        ("maybe-unset", "for i in range(n):\n    pass\nreturn i"),
        ("maybe-unset", "y = y + 1\nreturn y"),
        ("type-conflict", "y = p if n else x\nreturn 1"),
        ("type-conflict", "if n:\n    y = p\nelse:\n    y = x\nreturn y"),
        ("type-conflict", "if n:\n    return 1\nreturn (1, 2)"),
        ("missing-return", "if n:\n    return 1"),
        ("unsupported-operand", "return n & x"),
        ("unsupported-operand", "return n < (1, 2)"),
        ("unsupported-operand", "return ~x"),
        ("negative-shift", "return n << -1"),
        ("complex-unsupported", "return 2j"),
        ("unsupported-syntax", "try:\n    y = 1\nexcept ValueError:\n    y = 2\nreturn y"),
        ("unsupported-syntax", "return [1, 2]"),
        ("unsupported-syntax", "return (lambda: 1)()"),
        ("unsupported-syntax", "for c in p:\n    pass\nreturn 1"),
        ("unsupported-syntax", "raise Nothing('x')"),
        ("constant-needed", "raise ValueError(n)"),
        ("constant-needed", "return (1, 2.0)[n]"),
        ("type-mismatch", "return sum(n)"),
        ("unsupported-call", "return round(float(x), 50)"),
        ("unknown-attribute", "return np.fft(x)"),
        ("unknown-attribute", "return x.mean()"),
        ("wrong-arguments", "return math.sqrt(1.0, 2.0)"),
        ("wrong-arguments", "return abs(x=n)"),
        ("type-mismatch", "return p[x]"),
        ("type-mismatch", "p[0] = (1, 2)\nreturn 1"),
        ("type-mismatch", "a, b = n\nreturn a"),
        ("type-mismatch", "return math.exp(p)"),
        ("not-indexable", "return n[0]"),
        ("integer-too-large", "return 99999999999999999999999999 + n"),
        ("outside-loop", "break"),
    ] {
        assert_eq!(body(lines), [code], "{lines}");
    }
}

#[test]
fn one_run_reports_many() {
    let found = body("a = [1]\nb = foo\nc = n & x\nreturn a + b + c");
    assert_eq!(found, ["unsupported-syntax", "undefined-name", "unsupported-operand"]);
}

#[test]
fn what_is_not_read_is_no_conflict() {
    assert_eq!(body("if n:\n    y = p\nelse:\n    y = x\nreturn n"), [] as [&str; 0]);
    assert_eq!(body("y = 1\nfor i in range(n):\n    y = (i, 2)\n    z = y[0]\nreturn n"), [] as [&str; 0]);
}

#[test]
fn constants_decide_branches() {
    let source = "DEBUG = False\n\ndef f(n, x, p):\n    if DEBUG:\n        return unknown(n)\n    return n\n";
    assert_eq!(codes(source), [] as [&str; 0]);
}

#[test]
fn names_from_outside_say_what_they_are() {
    assert_eq!(codes("L = [1, 2]\n\ndef f(n, x, p):\n    return L[n]\n"), ["unsupported-type"]);
    assert_eq!(codes("import os\n\ndef f(n, x, p):\n    return os.getpid()\n"), ["unsupported-type"]);
    assert_eq!(codes("from a import b\nfrom b import a\n\ndef f(n, x, p):\n    return b(n)\n"), ["unsupported-type"]);
}

#[test]
fn work_is_bounded() {
    let grows = "def f(n, x, p):\n    return g((n,), n)\n\ndef g(t, n):\n    return 0 if n == 0 else g((t,), n - 1)\n";
    assert_eq!(codes(grows), ["limit-exceeded"]);
    let doubles = format!("def f(n, x, p):\n    t = (n, n)\n{}    return n\n", "    t = (t, t)\n".repeat(40));
    assert!(codes(&doubles).contains(&"limit-exceeded"));
    let locals: String = (0..3000).map(|i| format!("    v{i} = n\n")).collect();
    assert_eq!(codes(&format!("def f(n, x, p):\n{locals}    return n\n")), ["limit-exceeded"]);
}

#[test]
fn signatures_must_match() {
    let source = "def f(a, b):\n    return a\n";
    let few = build(source, |program| vec![KernelSpec::from_types(function(program, "f"), "f", &[Type::PyInt])]);
    assert_eq!(few.unwrap_err()[0].message, "the signature has 1 parameter, `f` takes 2");
    let array = Type::List(Box::new(Type::PyInt));
    let list =
        build(source, |program| vec![KernelSpec::from_types(function(program, "f"), "f", &[Type::PyInt, array])]);
    assert_eq!(list.unwrap_err()[0].code.name(), "unsupported-type");
}
