//! The wasm back-end's control, memory and calls; flavours; that the same module gives the same bytes.

mod emitted;

use emitted::{Program, SLOTS};
use gelcap_compiler::abi::{self, imports::Import};
use gelcap_compiler::back::{WasmFlavour, wasm};
use gelcap_compiler::ir::op::{Access, BinaryOp, CompareOp};
use gelcap_compiler::ir::{AliasClass, Builder, DataTable, Entry, Function, Linkage, Op, Type, ValueId};
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::{Failure, Kernel};

fn get(b: &mut Builder<'_>, slots: ValueId, k: i32) -> ValueId {
    b.load_frame(Scalar::I64, slots, 8 * k)
}

fn put(b: &mut Builder<'_>, slots: ValueId, k: i32, v: ValueId) {
    b.store_frame(slots, 8 * k, v);
}

fn run<const N: usize>(kernel: &Kernel, index: usize, arguments: [i64; N]) -> [i64; SLOTS] {
    let mut slots = [0; SLOTS];
    for (slot, argument) in slots.iter_mut().zip(arguments) {
        *slot = argument as u64;
    }
    kernel.call_packed(index, &mut slots).unwrap_or_else(|e| panic!("{e:?}"));
    slots.map(|s| s as i64)
}

/// Adds the Fibonacci loop to a program: carried values that change places, in a rotated loop behind a guard.
fn fibonacci(program: &mut Program) {
    program.packed("fibonacci", |b, _, slots| {
        let n = get(b, slots, 0);
        let (zero, one) = (b.i64(0), b.i64(1));
        let some = b.compare(CompareOp::Gt, n, zero);
        let (inst, then, otherwise) = b.if_(some, &[Type::I64]);
        let outer = b.enter(then);
        let label = b.function.new_label();
        let repeat = b.loop_(Op::Loop(label), &[n, zero, one]);
        let body = b.function.insts[repeat].regions[0];
        let [left, x, y] = b.function.regions[body].params[..] else { panic!("three carried values") };
        b.enter(body);
        let next = b.binary(BinaryOp::Add, x, y);
        let less = b.binary(BinaryOp::Sub, left, one);
        let again = b.compare(CompareOp::Gt, less, zero);
        b.terminate(Op::Again(label), &[again, less, y, next]);
        b.enter(then);
        let result = b.results(repeat)[1];
        b.yield_(&[result]);
        b.enter(otherwise);
        b.yield_(&[zero]);
        b.enter(outer);
        let result = b.results(inst)[0];
        put(b, slots, 0, result);
    });
}

#[test]
fn loops_carry_values_that_change_places() {
    let mut program = Program::new();
    fibonacci(&mut program);
    let kernel = program.load();
    for (n, expected) in [(0, 0), (1, 1), (2, 1), (10, 55), (90, 2880067194370816120), (-5, 0)] {
        assert_eq!(run(&kernel, 0, [n])[0], expected, "fibonacci of {n}");
    }
}

/// The first `i < n` with `i*i >= x`, else `-1`: a loop left by `break` out of an `if`, a `continue`, an outer block.
#[test]
fn breaks_and_continues_take_values_along() {
    let mut program = Program::new();
    program.packed("search", |b, _, slots| {
        let (x, n) = (get(b, slots, 0), get(b, slots, 1));
        let found = b.function.new_label();
        let (block, body) = b.block(found, &[Type::I64, Type::I64]);
        let outer = b.enter(body);
        let (zero, one, minus) = (b.i64(0), b.i64(1), b.i64(-1));
        let label = b.function.new_label();
        let repeat = b.loop_(Op::Loop(label), &[zero, zero]);
        let inner = b.function.insts[repeat].regions[0];
        let [i, odd] = b.function.regions[inner].params[..] else { panic!("two carried values") };
        b.enter(inner);
        // Past the end: leave the loop alone, with values.
        let end = b.compare(CompareOp::Ge, i, n);
        let (_, then, otherwise) = b.if_(end, &[]);
        b.enter(then);
        b.terminate(Op::Break(label), &[minus, odd]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(inner);
        let next = b.binary(BinaryOp::Add, i, one);
        let bit = b.binary(BinaryOp::And, i, one);
        let is_odd = b.compare(CompareOp::Eq, bit, one);
        let square = b.binary(BinaryOp::Mul, i, i);
        let reached = b.compare(CompareOp::Ge, square, x);
        let (_, then, otherwise) = b.if_(reached, &[]);
        b.enter(then);
        b.terminate(Op::Break(found), &[i, odd]);
        b.enter(otherwise);
        let count = b.binary(BinaryOp::Add, odd, one);
        let (_, then, otherwise2) = b.if_(is_odd, &[]);
        b.enter(then);
        b.terminate(Op::Continue(label), &[next, count]);
        b.enter(otherwise2);
        b.yield_(&[]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(inner);
        let yes = b.bool(true);
        b.terminate(Op::Again(label), &[yes, next, odd]);
        b.enter(body);
        let results = b.results(repeat).to_vec();
        b.yield_(&results);
        b.enter(outer);
        let results = b.results(block).to_vec();
        put(b, slots, 0, results[0]);
        put(b, slots, 1, results[1]);
    });
    let kernel = program.load();
    assert_eq!(run(&kernel, 0, [50, 100])[..2], [8, 4]);
    assert_eq!(run(&kernel, 0, [0, 100])[..2], [0, 0]);
    assert_eq!(run(&kernel, 0, [50, 5])[..2], [-1, 2]);
    assert_eq!(run(&kernel, 0, [50, 0])[..2], [-1, 0]);
}

#[test]
fn early_returns_and_regions_that_never_end() {
    let mut program = Program::new();
    program.packed("sign", |b, _, slots| {
        let x = get(b, slots, 0);
        let zero = b.i64(0);
        let negative = b.compare(CompareOp::Lt, x, zero);
        let (_, then, otherwise) = b.if_(negative, &[]);
        for (region, value) in [(then, -1), (otherwise, 1)] {
            b.enter(region);
            let result = b.i64(value);
            put(b, slots, 0, result);
            let ok = b.int(Scalar::I32, 0);
            b.return_(&[ok]);
        }
        let body = b.function.body;
        b.enter(body);
        b.terminate(Op::Unreachable, &[]);
    });
    let kernel = program.load();
    assert_eq!(run(&kernel, 0, [-7])[0], -1);
    assert_eq!(run(&kernel, 0, [7])[0], 1);
}

/// `fact(ctx, n) -> (status, n!)` with the depth counted in the context; calls with several results.
fn factorial(program: &mut Program) {
    let types = [Type::Ptr, Type::I64];
    let mut f = Function::new("fact", &types, &[Type::I32, Type::I64], Linkage::Internal, Entry::Kernel);
    let (context, n) = (f.params()[0], f.params()[1]);
    // The callee is known by the place it will take.
    let id = program.module.functions.push(Function::new(
        "",
        &types,
        &[Type::I32, Type::I64],
        Linkage::Internal,
        Entry::Kernel,
    ));
    let mut b = Builder::new(&mut program.module, &mut f);
    let depth = b.load_frame(Scalar::I64, context, abi::ctx::STACK_LIMIT as i32);
    let (zero, one) = (b.i64(0), b.i64(1));
    let (ok, raised) = (b.int(Scalar::I32, 0), b.int(Scalar::I32, 1));
    let deep = b.compare(CompareOp::Eq, depth, zero);
    let (_, then, otherwise) = b.if_(deep, &[]);
    let body = b.enter(then);
    b.store_frame(context, abi::ctx::PAYLOAD as i32, n);
    b.return_(&[raised, zero]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(body);
    let left = b.binary(BinaryOp::Sub, depth, one);
    b.store_frame(context, abi::ctx::STACK_LIMIT as i32, left);
    let more = b.compare(CompareOp::Gt, n, one);
    let (inst, then, otherwise) = b.if_(more, &[Type::I32, Type::I64]);
    b.enter(then);
    let less = b.binary(BinaryOp::Sub, n, one);
    let call = b.call(id, &[context, less]);
    let [status, product] = b.results(call)[..] else { panic!("two results") };
    let product = b.binary(BinaryOp::Mul, n, product);
    b.yield_(&[status, product]);
    b.enter(otherwise);
    b.yield_(&[ok, one]);
    b.enter(body);
    b.store_frame(context, abi::ctx::STACK_LIMIT as i32, depth);
    let results = b.results(inst).to_vec();
    b.return_(&results);
    program.module.functions[id] = f;
    program.packed("factorial", |b, context, slots| {
        let n = get(b, slots, 0);
        let call = b.call(id, &[context, n]);
        let [status, product] = b.results(call)[..] else { panic!("two results") };
        put(b, slots, 0, product);
        b.return_(&[status]);
    });
}

#[test]
fn recursion_is_limited_by_depth() {
    let mut program = Program::new();
    factorial(&mut program);
    let kernel = program.load();
    assert_eq!(run(&kernel, 0, [20])[0], 2432902008176640000);
    assert_eq!(run(&kernel, 0, [1000])[0], 0, "the product wraps to 0");
    let failure = kernel.call_packed(0, &mut [1 << 40]).expect_err("too deep");
    match failure {
        Failure::Raised { site: 0, payload } => assert!(payload[0] > 0),
        // Frames of an unoptimised engine may be larger than the depth allows for.
        Failure::Trap(gelcap_wasm_host::Trap::StackOverflow) => {}
        other => panic!("{other:?}"),
    }
}

/// Sums over a table, through a stack slot, at every kind of offset and scale.
fn memory(program: &mut Program) {
    let table = |name: &str, element, bits: &[u64]| DataTable { name: name.into(), element, bits: bits.to_vec() };
    program.module.data.push(table("bytes", Scalar::U8, &[1, 2, 3]));
    let id = program.module.data.push(table("words", Scalar::I16, &[0x7fff, 0x8000, 5]));
    program.packed("memory", |b, _, slots| {
        let i = get(b, slots, 0);
        let words = b.value(Op::DataAddr(id), &[]);
        let word = b.load(Access::dense(Scalar::I16, AliasClass::TABLE), words, i);
        let slot = b.value(Op::StackSlot(24), &[]);
        let other = b.value(Op::StackSlot(8), &[]);
        let zero = b.i64(0);
        b.store(Access::field(Scalar::I16, AliasClass::FRAME, 6), slot, zero, word);
        b.store(Access::field(Scalar::I64, AliasClass::FRAME, 0), other, zero, zero);
        let again = b.load(Access::field(Scalar::I16, AliasClass::FRAME, 6), slot, zero);
        let wide = b.convert(Scalar::I64, again);
        put(b, slots, 0, wide);
        // Offsets below zero, beyond the null page, and an odd scale: all the same element.
        let six = b.binary(BinaryOp::Mul, i, i);
        let element = Scalar::I64;
        let class = AliasClass::FRAME;
        let minus = b.load(Access { element, class, scale: 24, offset: -16 }, slots, i);
        put(b, slots, 1, minus);
        let far = b.int(Scalar::I64, -1000);
        let beyond = b.load(Access { element, class, scale: 8, offset: 8040 }, slots, far);
        put(b, slots, 2, beyond);
        let moved = b.value(Op::PtrAdd, &[slots, far]);
        let back = b.load(Access { element, class, scale: 1, offset: 1040 }, moved, zero);
        put(b, slots, 3, back);
        let number = b.value(Op::PtrToInt, &[slots]);
        let pointer = b.value(Op::IntToPtr, &[number]);
        let same = b.compare(CompareOp::Eq, pointer, slots);
        let same = b.convert(Scalar::I64, same);
        put(b, slots, 4, same);
        put(b, slots, 6, six);
    });
}

#[test]
fn addresses_tables_and_stack_slots() {
    let mut program = Program::new();
    memory(&mut program);
    let kernel = program.load();
    let slots = run(&kernel, 0, [1, 11, 22, 33, 44, 55]);
    // Slot 1 held 11: index 1 * 24 - 16; slot 5 held 55: -1000 * 8 + 8040 and -1000 + 1040.
    assert_eq!(slots[..5], [-0x8000, 11, 55, 55, 1]);
    assert_eq!(run(&kernel, 0, [2, 11])[0], 5);
}

#[test]
fn the_same_module_gives_the_same_bytes_in_every_flavour() {
    let build = || {
        let mut program = Program::new();
        fibonacci(&mut program);
        factorial(&mut program);
        memory(&mut program);
        program
    };
    for flavour in [WasmFlavour::StandAlone, WasmFlavour::ImportedMemory, WasmFlavour::SideModule] {
        let bytes = build().emit(flavour);
        assert_eq!(bytes, build().emit(flavour));
        let wat = wasm::wat::print(&bytes).expect("it prints");
        let has = |text: &str| wat.contains(text);
        let own = flavour == WasmFlavour::StandAlone;
        assert_eq!(has("(import \"env\" \"memory\" (memory"), !own, "{wat}");
        assert_eq!(has("(export \"memory\""), own);
        assert_eq!(has("(import \"env\" \"__memory_base\""), !own);
        assert_eq!(has("(@dylink.0"), !own, "{wat}");
        assert!(has("(func $fact ") && has("(export \"gelcap_packed_factorial\""));
    }
}

#[test]
fn side_modules_tell_their_host_of_failures() {
    let mut program = Program::new();
    let types = [Type::I32];
    let mut f = Function::new(abi::c_symbol("f"), &types, &[Type::F64], Linkage::Export, Entry::C);
    let site = f.params()[0];
    let mut b = Builder::new(&mut program.module, &mut f);
    let zero = b.i64(0);
    b.push(Op::CallImport(Import::Raise), &[site, zero, zero, zero, zero], &[]);
    let nan = b.f64(f64::NAN);
    b.return_(&[nan]);
    program.module.functions.push(f);
    let wat = wasm::wat::print(&program.emit(WasmFlavour::SideModule)).expect("it prints");
    assert!(wat.contains("(import \"env\" \"gelcap_raise\" (func $gelcap_raise "), "{wat}");
    assert!(wat.contains("(export \"gelcap_token\" (global"), "{wat}");
    // No host function is given to a kernel in the sandbox.
    let refused = Kernel::load(program.artifact()).and_then(|k| {
        k.find("f")?;
        Ok(())
    });
    assert!(refused.is_err());
}

/// What a small loop looks like; read it when the emitter changes.
#[test]
fn the_shape_of_a_loop() {
    let mut program = Program::new();
    fibonacci(&mut program);
    let wat = wasm::wat::print(&program.emit(WasmFlavour::ImportedMemory)).expect("it prints");
    let body = wat.lines().skip_while(|l| !l.contains("(local ")).skip(1).take_while(|l| l.trim() != ")");
    assert_eq!(body.collect::<Vec<_>>().join("\n"), FIBONACCI.trim_matches('\n'));
}

const FIBONACCI: &str = "
    local.get 1
    i64.load align=1
    local.tee 2
    i64.const 0
    i64.gt_s
    if ;; label = @1
      local.get 2
      i64.const 0
      i64.const 1
      local.set 7
      local.set 6
      local.set 5
      loop ;; label = @2
        local.get 6
        local.get 7
        i64.add
        local.set 8
        local.get 5
        i64.const 1
        i64.sub
        local.tee 9
        i64.const 0
        i64.gt_s
        local.get 9
        local.get 7
        local.get 8
        local.set 7
        local.set 6
        local.set 5
        br_if 0 (;@2;)
      end
      local.get 6
      local.set 4
    else
      i64.const 0
      local.set 4
    end
    local.get 1
    local.get 4
    i64.store align=1
    i32.const 0
";
