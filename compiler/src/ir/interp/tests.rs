//! What can only be seen from outside of IR text: faults, limits, host memory. Ops are tested by `tests/ir/**.ir`.

use super::*;
use crate::abi::status::Exception;
use crate::ir::op::{Access, BinaryOp, CheckedOp, CompareOp, ReduceOp};
use crate::ir::op::{ArrayOp, BufferOp, VectorOp};
use crate::ir::{AliasClass, ArrayType, Builder, Entry, Function, Layout, Level, Linkage, Op, Site, Type, ValueId};

fn site(module: &mut Module, exception: Exception) -> SiteId {
    module.sites.push(Site { exception, message: String::new(), loc: None })
}

/// A module of one function `@f`.
fn module(
    level: Level,
    params: &[Type],
    results: &[Type],
    build: impl FnOnce(&mut Builder<'_>, Vec<ValueId>),
) -> Module {
    let mut m = Module::new(level);
    let mut f = Function::new("f", params, results, Linkage::Export, Entry::Kernel);
    let args = f.params().to_vec();
    build(&mut Builder::new(&mut m, &mut f), args);
    m.functions.push(f);
    m
}

fn run_with(m: &Module, config: Config, args: &[Value]) -> Result<Outcome> {
    Interp::new(m, config).call(m.function_named("f").unwrap(), args)
}

fn run(m: &Module, args: &[Value]) -> Result<Outcome> {
    run_with(m, Config::default(), args)
}

fn fault_of(result: Result<Outcome>) -> String {
    match result {
        Err(InterpError::Fault(why)) => why,
        other => panic!("expected a fault, got {other:?}"),
    }
}

#[test]
fn checked_arithmetic_raises_at_its_site() {
    let mut site_id = None;
    let m = module(Level::Loop, &[Type::I64, Type::I64], &[Type::I64], |b, args| {
        let s = site(b.module, Exception::OverflowError);
        site_id = Some(s);
        let sum = b.checked(CheckedOp::Add, &args, s);
        b.return_(&[sum]);
    });
    assert_eq!(run(&m, &[Value::i64(40), Value::i64(2)]), Ok(Outcome::Returned(vec![Value::i64(42)])));
    let overflow = run(&m, &[Value::i64(i64::MAX), Value::i64(1)]);
    assert_eq!(overflow, Ok(Outcome::Raised(Raised { site: site_id.unwrap(), payload: [0; 4] })));
}

#[test]
fn accesses_stay_inside_their_allocation() {
    let access = Access::dense(Scalar::F64, AliasClass::ANY);
    let m = module(Level::Loop, &[Type::Ptr, Type::I64], &[Type::F64], |b, args| {
        let x = b.load(access, args[0], args[1]);
        b.store(access, args[0], args[1], x);
        b.return_(&[x]);
    });
    let f = m.function_named("f").unwrap();
    let mut interp = Interp::new(&m, Config::default());
    let p = interp.memory.allocate([1.5f64, 2.5].iter().flat_map(|x| x.to_le_bytes()).collect());
    let at = |i| [Value::Ptr(p), Value::i64(i)];
    assert_eq!(interp.call(f, &at(1)), Ok(Outcome::Returned(vec![Value::f64(2.5)])));
    assert!(fault_of(interp.call(f, &at(2))).contains("offset 16 of 16 bytes"));
    assert!(fault_of(interp.call(f, &at(-1))).contains("below all memory"));
    assert!(fault_of(interp.call(f, &[Value::Ptr(0), Value::i64(0)])).contains("below all memory"));
    interp.memory.free(p).unwrap();
    assert!(fault_of(interp.call(f, &at(0))).contains("freed"));
}

#[test]
fn machine_ops_need_safe_operands() {
    let int = |op| {
        module(Level::Machine, &[Type::I64, Type::I64], &[Type::I64], move |b, args| {
            let r = b.binary(op, args[0], args[1]);
            b.return_(&[r]);
        })
    };
    let args = |x, y| [Value::i64(x), Value::i64(y)];
    assert_eq!(run(&int(BinaryOp::Div), &args(-7, 2)), Ok(Outcome::Returned(vec![Value::i64(-3)])));
    assert!(fault_of(run(&int(BinaryOp::Div), &args(1, 0))).contains("division by zero"));
    assert!(fault_of(run(&int(BinaryOp::Rem), &args(i64::MIN, -1))).contains("overflows"));
    assert!(fault_of(run(&int(BinaryOp::Shl), &args(1, 64))).contains("shift"));
    assert!(fault_of(run(&int(BinaryOp::Shr), &args(1, -1))).contains("shift"));
    assert!(fault_of(run(&int(BinaryOp::FloorDiv), &args(1, 1))).contains("floor division"));
    let narrow = module(Level::Machine, &[Type::F64], &[Scalar::I8.into()], |b, args| {
        let r = b.convert(Scalar::I8, args[0]);
        b.return_(&[r]);
    });
    assert!(fault_of(run(&narrow, &[Value::f64(1.0)])).contains("machine conversion"));
    let checked = module(Level::Machine, &[Type::I64, Type::I64], &[Type::I64], |b, args| {
        let s = site(b.module, Exception::OverflowError);
        let r = b.checked(CheckedOp::Add, &args, s);
        b.return_(&[r]);
    });
    assert!(fault_of(run(&checked, &args(1, 1))).contains("does not exist at this level"));
}

#[test]
fn buffers_are_counted() {
    let buffers = |releases: usize, escape: bool| {
        module(Level::Loop, &[Type::I64], &[], move |b, args| {
            let s = site(b.module, Exception::MemoryError);
            let buffer = b.value(Op::Buffer(BufferOp::Alloc(s)), &args);
            let data = b.value(Op::Buffer(BufferOp::Data), &[buffer]);
            let (zero, byte) = (b.i64(0), b.int(Scalar::U8, 7));
            b.store(Access::dense(Scalar::U8, AliasClass::ANY), data, zero, byte);
            for _ in 0..releases {
                b.effect(Op::Buffer(BufferOp::Release), &[buffer]);
            }
            if escape {
                b.value(Op::Buffer(BufferOp::Escape), &[buffer]);
            }
            b.return_(&[]);
        })
    };
    let size = [Value::i64(16)];
    assert_eq!(run(&buffers(1, false), &size), Ok(Outcome::Returned(vec![])));
    assert_eq!(run(&buffers(0, true), &size), Ok(Outcome::Returned(vec![])));
    assert!(fault_of(run(&buffers(0, false), &size)).contains("1 buffer references are left over"));
    assert!(fault_of(run(&buffers(2, false), &size)).contains("freed"));
    assert!(fault_of(run(&buffers(1, true), &size)).contains("freed"));
    assert!(matches!(run(&buffers(1, false), &[Value::i64(1 << 40)]), Ok(Outcome::Raised(_))));
}

/// `f(n) = 0 if n == 0 else f(n - 1)`, with or without a stack check.
fn recursive(check: bool) -> Module {
    let mut m = Module::new(Level::Loop);
    let s = site(&mut m, Exception::RecursionError);
    let id = m.functions.push(Function::new("f", &[Type::I64], &[Type::I64], Linkage::Export, Entry::Kernel));
    let mut f = m.functions[id].clone();
    let n = f.params()[0];
    let mut b = Builder::new(&mut m, &mut f);
    if check {
        b.effect(Op::StackCheck(s), &[]);
    }
    let zero = b.i64(0);
    let done = b.compare(CompareOp::Eq, n, zero);
    let (inst, then, otherwise) = b.if_(done, &[Type::I64]);
    let outer = b.enter(then);
    b.yield_(&[n]);
    b.enter(otherwise);
    let one = b.i64(1);
    let less = b.binary(BinaryOp::Sub, n, one);
    let call = b.call(id, &[less]);
    let result = b.results(call)[0];
    b.yield_(&[result]);
    b.enter(outer);
    let result = b.results(inst)[0];
    b.return_(&[result]);
    m.functions[id] = f;
    m
}

#[test]
fn recursion_is_limited() {
    let small = |depth| Config { max_depth: depth, ..Config::default() };
    let m = recursive(true);
    assert_eq!(run_with(&m, small(10), &[Value::i64(9)]), Ok(Outcome::Returned(vec![Value::i64(0)])));
    assert!(matches!(run_with(&m, small(10), &[Value::i64(10)]), Ok(Outcome::Raised(_))));
    assert!(fault_of(run_with(&recursive(false), small(10), &[Value::i64(100)])).contains("too deeply"));
    // The depth of CPython, on the stack that `Interp` asks for.
    let deep = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        let m = recursive(true);
        run(&m, &[Value::i64(1_000_000)])
    });
    assert!(matches!(deep.unwrap().join().unwrap(), Ok(Outcome::Raised(_))));
}

#[test]
fn steps_are_budgeted() {
    let m = module(Level::Loop, &[], &[], |b, _| {
        let label = b.function.new_label();
        let inst = b.loop_(Op::While(label), &[]);
        let regions = b.function.insts[inst].regions.clone();
        let outer = b.enter(regions[0]);
        let yes = b.bool(true);
        b.terminate(Op::Condition, &[yes]);
        b.enter(regions[1]);
        b.yield_(&[]);
        b.enter(outer);
        b.terminate(Op::Unreachable, &[]);
    });
    let config = Config { max_steps: 1000, ..Config::default() };
    assert_eq!(run_with(&m, config, &[]), Err(InterpError::OutOfSteps));
}

#[test]
fn masked_lanes_touch_nothing() {
    // Adds 1 to every element below n, by one masked step at index 0.
    let access = Access::dense(Scalar::I64, AliasClass::ANY);
    let m = module(Level::Loop, &[Type::Ptr, Type::I64], &[], |b, args| {
        let (zero, one) = (b.i64(0), b.i64(1));
        let lanes = b.value(Op::Vector(VectorOp::LaneIndex), &[zero]);
        let n = b.value(Op::Vector(VectorOp::Splat), &[args[1]]);
        let mask = b.compare(CompareOp::Lt, lanes, n);
        let x = b.value(Op::Vector(VectorOp::Load(access)), &[args[0], zero, mask]);
        let ones = b.value(Op::Vector(VectorOp::Splat), &[one]);
        let sum = b.binary(BinaryOp::Add, x, ones);
        b.effect(Op::Vector(VectorOp::Store(access)), &[args[0], zero, sum, mask]);
        b.return_(&[]);
    });
    for lanes in [1, 2, 3, 8] {
        let mut interp = Interp::new(&m, Config { lanes, ..Config::default() });
        let p = interp.memory.allocate([5i64, 6].iter().flat_map(|x| x.to_le_bytes()).collect());
        let f = m.function_named("f").unwrap();
        interp.call(f, &[Value::Ptr(p), Value::i64(2)]).unwrap();
        let done = lanes.min(2) as i64;
        assert_eq!(interp.memory.load_bits(Scalar::I64, p), Ok(6));
        assert_eq!(interp.memory.load_bits(Scalar::I64, p + 8), Ok(5 + done as u64));
    }
}

#[test]
fn packed_entries_tell_raises_by_the_context() {
    let mut m = Module::new(Level::Machine);
    let s = site(&mut m, Exception::ValueError);
    let mut f = Function::new("gelcap_packed_k", &[Type::Ptr, Type::Ptr], &[Type::I32], Linkage::Export, Entry::Packed);
    let (ctx, slots) = (f.params()[0], f.params()[1]);
    let mut b = Builder::new(&mut m, &mut f);
    let x = b.load_frame(Scalar::I64, slots, 0);
    let (zero, site_index) = (b.i64(0), b.int(Scalar::I32, s.index() as i64));
    let bad = b.compare(CompareOp::Lt, x, zero);
    let (inst, then, otherwise) = b.if_(bad, &[Type::I32]);
    let outer = b.enter(then);
    b.store_frame(ctx, abi::ctx::SITE as i32, site_index);
    b.store_frame(ctx, abi::ctx::PAYLOAD as i32, x);
    let raised = b.int(Scalar::I32, 1);
    b.yield_(&[raised]);
    b.enter(otherwise);
    let ok = b.int(Scalar::I32, 0);
    b.store_frame(slots, 8, x);
    b.yield_(&[ok]);
    b.enter(outer);
    let status = b.results(inst)[0];
    b.return_(&[status]);
    m.functions.push(f);
    let mut interp = Interp::new(&m, Config::default());
    assert_eq!(interp.call_packed("k", &[7], 2), Ok(PackedOutcome::Returned(vec![7, 7])));
    let raised = Raised { site: s, payload: [-3, 0, 0, 0] };
    assert_eq!(interp.call_packed("k", &[-3i64 as u64], 2), Ok(PackedOutcome::Raised(raised)));
    assert!(interp.call_packed("other", &[], 0).is_err());
}

#[test]
fn float_sums_are_pairwise_as_numpys() {
    let ty = ArrayType { dtype: Scalar::F64, rank: 2, layout: Layout::Strided, writable: false };
    let params = [Type::Ptr, Type::I64, Type::I64, Type::I64, Type::I64];
    let m = module(Level::Array, &params, &[Type::F64], |b, args| {
        let s = site(b.module, Exception::ValueError);
        let a = b.value(Op::Array(ArrayOp::Make(ty, AliasClass::ANY)), &args);
        let sum = b.value(Op::Array(ArrayOp::Reduce(ReduceOp::Sum, s)), &[a]);
        b.return_(&[sum]);
    });
    let mut interp = Interp::new(&m, Config::default());
    let data: Vec<u8> = (0..45000u32).flat_map(|i| (1.0 / (i as f64 + 1.0)).to_le_bytes()).collect();
    let p = interp.memory.allocate(data);
    // np.sum of x = 1.0 / np.arange(1, 45001) in these shapes and strides, by NumPy 2.4.6.
    for (rows, columns, row, column, expected) in NUMPY_SUMS {
        let sizes = [rows, columns, row * 8, column * 8].map(Value::i64);
        let args = [vec![Value::Ptr(p)], sizes.to_vec()].concat();
        let sum = interp.call(m.function_named("f").unwrap(), &args);
        assert_eq!(
            sum,
            Ok(Outcome::Returned(vec![Value::Scalar(crate::ir::op::Const { ty: Scalar::F64, bits: expected })]))
        );
    }
}

const NUMPY_SUMS: [(i64, i64, i64, i64, u64); 7] = [
    (1, 7, 0, 1, 0x4004be2be2be2be2),
    (1, 1000, 0, 1, 0x401df11f45f4e61a),
    (300, 150, 150, 1, 0x402695526f0b4ad7),
    (150, 300, 1, 150, 0x402695526f0b4ad7),
    (150, 150, 300, 1, 0x40206e4ce8c59d07),
    (150, 75, 300, 2, 0x4011d002b96a8c11),
    (3, 9000, 15000, 1, 0x4024d446cb8a223d),
];
