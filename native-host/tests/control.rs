//! Structured control, calls, C entries and recursion, compiled and run.

use std::sync::Arc;

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::abi::{self, status::Exception};
use gelcap_compiler::artifact::{Artifact, CEntry, Code, Export, NativeCode, ResultType, Site};
use gelcap_compiler::back::native::{self, Listing};
use gelcap_compiler::back::{CpuLevel, Target};
use gelcap_compiler::ir::op::{Access, BinaryOp, CheckedOp, CompareOp};
use gelcap_compiler::ir::{AliasClass, Builder, DataTable, Entry, Function, Level, Linkage, Module, Op, Type};
use gelcap_compiler::types::Scalar;
use gelcap_native_host::{Kernel, Raised, host_target, runtime};

const INTS: [Type; 1] = [Type::I64];

fn load(module: &Module, c: &[&str]) -> Arc<Kernel> {
    let target = host_target().unwrap();
    let emitted = native::emit(module, &target, Listing::default()).unwrap();
    let export = |name: &&str| Export {
        name: name.to_string(),
        packed: name.to_string(),
        params: Vec::new(),
        result: ResultType::None,
        c: Some(CEntry {
            symbol: name.to_string(),
            params: Vec::new(),
            result: None,
            signature: String::new(),
            capsule: None,
        }),
        doc: None,
    };
    let site = Site { exception: Exception::RecursionError, template: "too deep".into(), frames: Vec::new() };
    let artifact = Artifact {
        abi_version: abi::VERSION,
        module: "control".into(),
        code: Code::Native(NativeCode { object: emitted.object, machine: target.machine }),
        exports: c.iter().map(export).collect(),
        sites: vec![site],
        files: Vec::new(),
    };
    Kernel::load(Arc::new(artifact), runtime::record_raise).unwrap()
}

/// A C function of one or two integers.
fn function(kernel: &Kernel, name: &str) -> extern "C" fn(i64, i64) -> i64 {
    let address = kernel.c_address(kernel.artifact().export(name).unwrap()).unwrap();
    // SAFETY: every function of this test takes at most two integers and gives one.
    unsafe { std::mem::transmute(address) }
}

fn c_function(name: &str, params: usize) -> Function {
    Function::new(name, &vec![Type::I64; params], &INTS, Linkage::Export, Entry::C)
}

/// `sum(n)` of the odd numbers below `n`, but 0 if a number is 1001: `loop`, `continue`, `break` to an outer block,
/// `if` with a result.
fn sum_of_odds(module: &mut Module) {
    let mut f = c_function("sum", 1);
    let n = f.params()[0];
    let (outer, label) = (f.new_label(), f.new_label());
    let mut b = Builder::new(module, &mut f);
    let zero = b.i64(0);
    let one = b.i64(1);
    let (block, body) = b.block(outer, &INTS);
    let start = b.enter(body);
    let empty = b.compare(CompareOp::Le, n, zero);
    let (guard, then, otherwise) = b.if_(empty, &INTS);
    let inside = b.enter(then);
    b.yield_(&[zero]);
    b.enter(otherwise);
    let lp = b.loop_(Op::Loop(label), &[zero, zero]);
    let otherwise_end = b.region();
    let region = b.function.insts[lp].regions[0];
    b.enter(region);
    let (i, total) = (b.function.regions[region].params[0], b.function.regions[region].params[1]);
    let limit = b.i64(1001);
    let bad = b.compare(CompareOp::Eq, i, limit);
    let (_, leave, go) = b.if_(bad, &[]);
    let here = b.enter(leave);
    b.terminate(Op::Break(outer), &[zero]);
    b.enter(go);
    b.yield_(&[]);
    b.enter(here);
    let next = b.binary(BinaryOp::Add, i, one);
    let odd = b.binary(BinaryOp::And, i, one);
    let even = b.compare(CompareOp::Eq, odd, zero);
    let more = b.compare(CompareOp::Lt, next, n);
    let skip = b.binary(BinaryOp::And, even, more);
    let (_, again, go) = b.if_(skip, &[]);
    let here = b.enter(again);
    b.terminate(Op::Continue(label), &[next, total]);
    b.enter(go);
    b.yield_(&[]);
    b.enter(here);
    let add = b.select(even, zero, i);
    let total = b.binary(BinaryOp::Add, total, add);
    b.terminate(Op::Again(label), &[more, next, total]);
    b.enter(otherwise_end);
    let total = b.results(lp)[1];
    b.yield_(&[total]);
    b.enter(inside);
    let result = b.results(guard)[0];
    b.yield_(&[result]);
    b.enter(start);
    let result = b.results(block)[0];
    b.return_(&[result]);
    module.functions.push(f);
}

#[test]
fn loops_and_exits() {
    let mut module = Module::new(Level::Machine);
    sum_of_odds(&mut module);
    let kernel = load(&module, &["sum"]);
    let sum = function(&kernel, "sum");
    for n in [-5, 0, 1, 2, 3, 10, 1000, 1001] {
        assert_eq!(sum(n, 0), (0..n).filter(|i| i % 2 != 0).sum::<i64>(), "{n}");
    }
    assert_eq!(sum(1002, 0), 0);
}

/// Seven results of one call, more than registers hold; and an `if` neither of whose sides comes back.
#[test]
fn many_results() {
    let mut module = Module::new(Level::Machine);
    let results = [Type::I64, Type::F64, Type::I64, Type::BOOL, Type::I64, Type::F64, Type::I64];
    let mut inner = Function::new("many", &INTS, &results, Linkage::Internal, Entry::Kernel);
    let x = inner.params()[0];
    let mut b = Builder::new(&mut module, &mut inner);
    let f = b.convert(Scalar::F64, x);
    let zero = b.i64(0);
    let negative = b.compare(CompareOp::Lt, x, zero);
    let (_, then, otherwise) = b.if_(negative, &[]);
    b.enter(then);
    b.return_(&[x, f, x, negative, x, f, x]);
    b.enter(otherwise);
    let twice = b.binary(BinaryOp::Add, x, x);
    b.return_(&[twice, f, x, negative, x, f, x]);
    let body = b.function.body;
    b.enter(body);
    b.terminate(Op::Unreachable, &[]);
    let many = module.functions.push(inner);
    let mut outer = c_function("outer", 1);
    let x = outer.params()[0];
    let mut b = Builder::new(&mut module, &mut outer);
    let call = b.call(many, &[x]);
    let r = b.results(call).to_vec();
    let mut total = r[0];
    for &v in &r[1..] {
        let v = b.convert(Scalar::I64, v);
        total = b.binary(BinaryOp::Add, total, v);
    }
    b.return_(&[total]);
    module.functions.push(outer);
    let kernel = load(&module, &["outer"]);
    assert_eq!(function(&kernel, "outer")(3, 0), 6 + 5 * 3);
    assert_eq!(function(&kernel, "outer")(-3, 0), 6 * -3 + 1);
}

/// A recursive function stops at the stack's limit, on a small stack too, and tells the host.
#[test]
fn recursion_ends_at_the_limit() {
    let mut module = Module::new(Level::Machine);
    let params = [Type::U64, Type::I64];
    let mut f = Function::new("down", &params, &[Type::I32, Type::I64], Linkage::Internal, Entry::Kernel);
    // Declared before it is filled, since it calls itself.
    let down = module.functions.push(f.clone());
    let (limit, n) = (f.params()[0], f.params()[1]);
    let mut b = Builder::new(&mut module, &mut f);
    let sp = b.value(Op::StackPointer, &[]);
    let sp = b.value(Op::PtrToInt, &[sp]);
    let (ok, raised, zero) = (b.int(Scalar::I32, 0), b.int(Scalar::I32, 1), b.i64(0));
    let deep = b.compare(CompareOp::Lt, sp, limit);
    let (_, then, otherwise) = b.if_(deep, &[]);
    let here = b.enter(then);
    b.return_(&[raised, zero]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
    let done = b.compare(CompareOp::Eq, n, zero);
    let (_, then, otherwise) = b.if_(done, &[]);
    let here = b.enter(then);
    b.return_(&[ok, zero]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
    let one = b.i64(1);
    let less = b.binary(BinaryOp::Sub, n, one);
    let call = b.call(down, &[limit, less]);
    let (status, depth) = (b.results(call)[0], b.results(call)[1]);
    let sum = b.push(Op::Overflowing(CheckedOp::Add), &[depth, one], &[]);
    let depth = b.results(sum)[0];
    b.return_(&[status, depth]);
    module.functions[down] = f;
    let mut entry = c_function("entry", 1);
    let n = entry.params()[0];
    let mut b = Builder::new(&mut module, &mut entry);
    let limit = b.push(Op::CallImport(Import::StackLimit), &[], &[]);
    let limit = b.results(limit)[0];
    let call = b.call(down, &[limit, n]);
    let (status, depth) = (b.results(call)[0], b.results(call)[1]);
    let ok = b.int(Scalar::I32, 0);
    let failed = b.compare(CompareOp::Ne, status, ok);
    let (_, then, otherwise) = b.if_(failed, &[]);
    let here = b.enter(then);
    let zero = b.i64(0);
    let site = b.int(Scalar::I32, 0);
    b.push(Op::CallImport(Import::Raise), &[site, n, zero, zero, zero], &[]);
    let minus = b.i64(-1);
    b.return_(&[minus]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
    b.return_(&[depth]);
    module.functions.push(entry);
    let kernel = load(&module, &["entry"]);
    for stack in [256 << 10, 8 << 20] {
        let kernel = Arc::clone(&kernel);
        let run = move || {
            let entry = function(&kernel, "entry");
            assert_eq!(entry(1000, 0), 1000);
            assert_eq!(runtime::take_raised(), None);
            assert_eq!(entry(1 << 40, 0), -1);
            assert_eq!(runtime::take_raised(), Some(Raised { site: 0, payload: [1 << 40, 0, 0, 0] }));
        };
        std::thread::Builder::new().stack_size(stack).spawn(run).unwrap().join().unwrap();
    }
}

#[test]
fn big_frames_are_refused() {
    let mut module = Module::new(Level::Machine);
    let mut f = c_function("big", 0);
    let mut b = Builder::new(&mut module, &mut f);
    let slot = b.value(Op::StackSlot(20 << 10), &[]);
    let address = b.value(Op::PtrToInt, &[slot]);
    let address = b.convert(Scalar::I64, address);
    b.return_(&[address]);
    module.functions.push(f);
    let error = native::emit(&module, &Target::x86_64(CpuLevel::V2), Listing::default()).unwrap_err();
    assert!(error.to_string().starts_with("big: the frame has "), "{error}");
}

#[test]
fn listings_show_every_function() {
    let mut module = Module::new(Level::Machine);
    sum_of_odds(&mut module);
    let listing = Listing { clif: true, asm: true };
    let emitted = native::emit(&module, &Target::x86_64(CpuLevel::V2), listing).unwrap();
    assert!(emitted.clif.contains("; sum") && emitted.clif.contains("brif"), "{}", emitted.clif);
    assert!(emitted.asm.contains("sum:") && emitted.asm.contains("ret"), "{}", emitted.asm);
    let silent = native::emit(&module, &Target::x86_64(CpuLevel::V2), Listing::default()).unwrap();
    assert_eq!((silent.clif.as_str(), silent.asm.as_str()), ("", ""));
    assert_eq!(silent.object, emitted.object);
}

/// The loop is emitted in the shape from which Cranelift hoists: what does not change is computed before it.
#[test]
fn invariants_leave_loops() {
    let mut module = Module::new(Level::Machine);
    let mut f = c_function("hoist", 2);
    let (n, k) = (f.params()[0], f.params()[1]);
    let label = f.new_label();
    let mut b = Builder::new(&mut module, &mut f);
    let (zero, one) = (b.i64(0), b.i64(1));
    let lp = b.loop_(Op::Loop(label), &[zero, zero]);
    let region = b.function.insts[lp].regions[0];
    let outside = b.enter(region);
    let (i, total) = (b.function.regions[region].params[0], b.function.regions[region].params[1]);
    let product = b.binary(BinaryOp::Mul, n, k);
    let total = b.binary(BinaryOp::Xor, total, product);
    let total = b.binary(BinaryOp::Add, total, i);
    let next = b.binary(BinaryOp::Add, i, one);
    let more = b.compare(CompareOp::Lt, next, n);
    b.terminate(Op::Again(label), &[more, next, total]);
    b.enter(outside);
    let total = b.results(lp)[1];
    b.return_(&[total]);
    module.functions.push(f);
    let listing = Listing { clif: false, asm: true };
    let asm = native::emit(&module, &Target::x86_64(CpuLevel::V2), listing).unwrap().asm;
    // A loop's block begins with its label; the sum of two registers is what the loop is known by.
    let blocks: Vec<&str> = asm.split("\nlabel").collect();
    let with_mul: Vec<usize> = (0..blocks.len()).filter(|&i| blocks[i].contains("imul")).collect();
    let looping: Vec<usize> = (0..blocks.len()).filter(|&i| blocks[i].contains("leaq (")).collect();
    assert!(with_mul.len() == 1 && with_mul < looping, "{asm}");
}

/// Linked modules bring functions and tables of the same name.
#[test]
fn names_need_not_differ() {
    let mut module = Module::new(Level::Machine);
    let tables = [3u64, 4].map(|v| {
        let bits = vec![v];
        module.data.push(DataTable { name: "t".into(), element: Scalar::I64, bits })
    });
    let inner = tables.map(|table| {
        let mut f = Function::new("f", &[], &INTS, Linkage::Internal, Entry::Kernel);
        let mut b = Builder::new(&mut module, &mut f);
        let (address, zero) = (b.value(Op::DataAddr(table), &[]), b.i64(0));
        let value = b.load(Access::dense(Scalar::I64, AliasClass::TABLE), address, zero);
        b.return_(&[value]);
        module.functions.push(f)
    });
    let mut outer = c_function("outer", 0);
    let mut b = Builder::new(&mut module, &mut outer);
    let [x, y] = inner.map(|f| {
        let call = b.call(f, &[]);
        b.results(call)[0]
    });
    let product = b.binary(BinaryOp::Mul, x, y);
    b.return_(&[product]);
    module.functions.push(outer);
    let kernel = load(&module, &["outer"]);
    assert_eq!(function(&kernel, "outer")(0, 0), 12);
}
