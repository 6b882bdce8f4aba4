//! Storage, C functions, extents, captured values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Library, build, function, options, run, run_in};
use crate::diag::{Sink, SourceFile, SourceMap};
use crate::front::syntax::StmtKind;
use crate::front::tast::{Known, Literal};
use crate::front::{Environment, Extent, Global, KernelSpec, Lowered, Mode, ParamSpec, Program, compile, parse};
use crate::ir::interp::Value;
use crate::types::{Scalar, Type};

fn c_kernel(source: &str, params: &[Type], result: Type) -> Result<Lowered, Vec<crate::diag::Diagnostic>> {
    build(source, |program| {
        let mut spec = KernelSpec::from_types(function(program, "f"), "f", params);
        spec.mode = Mode::C;
        spec.result = Some(result);
        vec![spec]
    })
}

#[test]
fn scalars_of_c_are_pythons_inside_and_checked_on_their_way_out() {
    let int = Type::Np(Scalar::I32);
    let f = c_kernel("def f(a, b):\n    return a * b\n", &[int.clone(), int.clone()], int).unwrap();
    let i32 = |i| Value::int(Scalar::I32, i);
    assert_eq!(run(&f, &[i32(6), i32(7)]), Ok(vec![i32(42)]));
    let overflow = "OverflowError: Python integer 4611686014132420609 out of bounds for int32";
    assert_eq!(run(&f, &[i32(i32::MAX.into()), i32(i32::MAX.into())]), Err(overflow.into()));
    assert_eq!(f.kernels[0].params[0].semantic, Type::PyInt);
}

#[test]
fn a_c_function_may_return_an_int_for_a_double_but_no_double_for_an_int() {
    let (int, double) = (Type::Np(Scalar::I32), Type::Np(Scalar::F64));
    let f = c_kernel("def f(a):\n    return a\n", std::slice::from_ref(&int), double.clone()).unwrap();
    assert_eq!(run(&f, &[Value::int(Scalar::I32, 3)]), Ok(vec![Value::f64(3.0)]));
    let faults = c_kernel("def f(x):\n    return x\n", &[double], int).unwrap_err();
    assert_eq!(faults[0].code.name(), "signature-mismatch");
    assert_eq!(faults[0].message, "`f` returns float, the signature says int32");
}

#[test]
fn pointers_of_known_extent_are_checked() {
    let source = "def f(p, n, i):\n    return p[i]\n";
    let f = build(source, |program| {
        let int = Type::Np(Scalar::I64);
        let mut spec =
            KernelSpec::from_types(function(program, "f"), "f", &[Type::ptr_to(Scalar::F64), int.clone(), int]);
        spec.mode = Mode::C;
        spec.params[0].extent = Some(Extent::Param(1));
        vec![spec]
    })
    .unwrap();
    let call = |i| {
        run_in(&f, &[Value::i64(2), Value::i64(i)], |interp| {
            let bytes = [1.5f64, 2.5].iter().flat_map(|x| x.to_le_bytes()).collect();
            vec![Value::Ptr(interp.memory.allocate(bytes))]
        })
    };
    assert_eq!(call(1), Ok(vec![Value::f64(2.5)]));
    assert_eq!(call(2), Err("IndexError: index 2 is out of bounds for axis 0 with size 2".into()));
    assert_eq!(call(-1), Err("IndexError: index -1 is out of bounds for axis 0 with size 2".into()));
}

#[test]
fn captured_values_are_constants_and_live_functions_find_each_other() {
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let file = sources.add(SourceFile::new(
        "cell",
        "def f(x, k=1):\n    return g(x) * scale + k\n\ndef g(x):\n    return x + T[1]\n",
    ));
    let parsed = parse(&sources, file, &mut sink);
    let defs: Vec<_> = parsed
        .module
        .body
        .into_iter()
        .filter_map(|stmt| match stmt.kind {
            StmtKind::Function(def) => Some(Arc::<crate::front::syntax::Function>::from(def)),
            _ => None,
        })
        .collect();
    let mut program = Program::new();
    let mut captured = Environment::new();
    captured.define("T", Global::Tuple([1.0, 0.25].map(|x| Global::Literal(Literal::Float(x))).into()));
    let of_g = program.add_environment(captured);
    let g = program.add_function(defs[1].clone(), of_g, BTreeMap::new());
    let mut captured = Environment::new();
    captured.define("scale", Global::Literal(Literal::Int(4)));
    captured.define("g", Global::Known(Known::Function(g)));
    let of_f = program.add_environment(captured);
    let defaults = BTreeMap::from([("k".to_owned(), Global::Literal(Literal::Int(10)))]);
    let f = program.add_function(defs[0].clone(), of_f, defaults);
    let spec = KernelSpec::from_types(f, "f", &[Type::PyFloat]);
    let lowered = compile(&program, &[spec], &options(), &mut Library, &mut sink).unwrap();
    // The live function's default is 10, whatever its source says.
    assert_eq!(run(&lowered, &[Value::f64(1.0)]), Ok(vec![Value::f64(15.0)]));
}

#[test]
fn tuples_are_stored_item_by_item() {
    let f = build("def f(t, x):\n    a, (b, c) = t\n    return (a + 1, b), c * x\n", |program| {
        let inner = Type::Tuple(vec![Type::PyFloat, Type::Np(Scalar::F32)]);
        let params = [Type::Tuple(vec![Type::PyInt, inner]), Type::PyFloat];
        vec![KernelSpec::from_types(function(program, "f"), "f", &params)]
    })
    .unwrap();
    let three = Value::Scalar(crate::ir::op::Const::f32(3.0));
    let results = run(&f, &[Value::i64(1), Value::f64(2.0), three.clone(), Value::f64(2.0)]).unwrap();
    assert_eq!(results, [Value::i64(2), Value::f64(2.0), Value::Scalar(crate::ir::op::Const::f32(6.0))]);
    assert_eq!(f.kernels[0].result.to_string(), "tuple[tuple[int, float], float32]");
}

#[test]
fn overflow_and_bounds_checks_can_be_turned_off() {
    let source = "from gelcap import carray\ndef f(p, i):\n    a = carray(p, 2)\n    return a[i] + 1\n\ndef g(a):\n    return a + 1\n";
    let mut unchecked = options();
    unchecked.kernel.boundscheck = false;
    unchecked.kernel.overflow = false;
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let file = sources.add(SourceFile::new("a.py", source));
    let mut program = Program::new();
    program.add_module("kernel", parse(&sources, file, &mut sink).module);
    let f = KernelSpec::from_types(function(&program, "f"), "f", &[Type::ptr_to(Scalar::F64), Type::PyInt]);
    let g = KernelSpec::from_types(function(&program, "g"), "g", &[Type::PyInt]);
    let lowered = compile(&program, &[f, g], &unchecked, &mut Library, &mut sink).unwrap();
    assert_eq!(lowered.module.sites.len(), 0);
}

#[test]
fn the_listing_shows_types_by_function_and_variable() {
    let f = build("def f(n):\n    s = 0\n    for i in range(n):\n        s += 0.5\n    return s\n", |program| {
        vec![KernelSpec::from_types(function(program, "f"), "f", &[Type::PyInt])]
    })
    .unwrap();
    assert_eq!(f.types, "def f(n: int) -> float\n    s: int, then float\n    i: int\n");
}

#[test]
fn a_void_function_returns_nothing() {
    let pointer = Type::ptr_to(Scalar::F64);
    let params = [pointer, Type::Np(Scalar::I32)];
    let f = c_kernel("def f(p, n):\n    for i in range(n):\n        p[i] = 2 * i\n", &params, Type::None).unwrap();
    assert!(f.kernels[0].result_storage.is_empty());
    let faults = c_kernel("def f(p, n):\n    return n\n", &params, Type::None).unwrap_err();
    assert_eq!(faults[0].message, "`f` returns int, the signature says None");
    let spec = ParamSpec { declared: params[0].clone(), extent: None };
    assert_eq!(f.kernels[0].params[0].declared, spec.declared);
}
