//! Every pure op of the wasm back-end, on every type and on values that matter, against the IR's own meaning of it:
//! scalars, and packs of every shape lane by lane.

mod emitted;

use emitted::{Program, SLOTS};
use gelcap_compiler::ir::eval;
use gelcap_compiler::ir::op::{Access, BinaryOp, CompareOp, Const, LaneReduce, UnaryOp, VectorOp};
use gelcap_compiler::ir::{AliasClass, Builder, Op, ValueId};
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::Kernel;

fn values(s: Scalar) -> Vec<Const> {
    match s {
        Scalar::Bool => vec![Const::bool(false), Const::bool(true)],
        Scalar::F64 => FLOATS.iter().map(|x| Const::f64(*x)).collect(),
        Scalar::F32 => FLOATS.iter().map(|x| Const::f32(*x as f32)).collect(),
        _ => {
            let (low, high) = s.int_range().expect("an integer type");
            let candidates = [0, 1, -1, 2, 7, -3, 100, low, low + 1, high, high - 1, 1 << 24, (1 << 53) + 1];
            let fits = |x: &i128| (low..=high).contains(x);
            candidates.into_iter().filter(fits).map(|x| Const::int(s, x as i64)).collect()
        }
    }
}

const FLOATS: [f64; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    2.5,
    0.5,
    -0.5,
    3.499_999_9,
    1e300,
    -1e300,
    5e-324,
    1e-40,
    2147483648.5,
    -2147483649.0,
    4294967296.5,
    9007199254740993.0,
    9223372036854775808.0,
    -9223372036854775808.0,
    18446744073709551616.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// `MIN / -1` and `x / 0` must not occur at Machine level, nor shifts by too much.
fn occurs(op: BinaryOp, a: Const, b: Const) -> bool {
    match op {
        BinaryOp::Div | BinaryOp::Rem if !a.ty.is_float() => {
            let low = a.ty.int_range().map_or(0, |r| r.0);
            b.as_int() != 0 && !(a.ty.is_signed() && b.as_int() == -1 && a.as_int() == low)
        }
        BinaryOp::Shl | BinaryOp::Shr => (0..i128::from(a.ty.bits())).contains(&b.as_int()),
        _ => true,
    }
}

fn is_machine(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::FloorDiv | BinaryOp::FloorMod)
}

/// Arithmetic may give any NaN; what only moves bits may not.
fn agree(got: Const, want: Const, moves_bits: bool) -> bool {
    let nan = want.ty.is_float() && !moves_bits && want.as_float().is_nan() && got.as_float().is_nan();
    nan || got == want
}

/// Elements of one type, as many as a pack has.
fn field(s: Scalar, offset: usize) -> Access {
    Access { offset: offset as i32, ..Access::dense(s, AliasClass::FRAME) }
}

fn pack_load(b: &mut Builder<'_>, s: Scalar, n: u8, slots: ValueId, offset: usize) -> ValueId {
    let zero = b.i64(0);
    b.value(Op::Vector(VectorOp::PackLoad(field(s, offset), n)), &[slots, zero])
}

fn pack_store(b: &mut Builder<'_>, s: Scalar, slots: ValueId, offset: usize, v: ValueId) {
    let zero = b.i64(0);
    b.effect(Op::Vector(VectorOp::PackStore(field(s, offset))), &[slots, zero, v]);
}

fn write(slots: &mut [u64; SLOTS], s: Scalar, offset: usize, elements: &[Const]) {
    for (i, c) in elements.iter().enumerate() {
        let at = offset + i * s.bytes() as usize;
        for k in 0..s.bytes() as usize {
            let (word, shift) = ((at + k) / 8, (at + k) % 8 * 8);
            slots[word] = slots[word] & !(0xff << shift) | ((c.bits >> (8 * k)) & 0xff) << shift;
        }
    }
}

fn read(slots: &[u64; SLOTS], s: Scalar, offset: usize) -> Const {
    let byte = |at: usize| slots[at / 8] >> (at % 8 * 8) & 0xff;
    let bits = (0..s.bytes() as usize).map(|k| byte(offset + k) << (8 * k)).sum();
    Const { ty: s, bits }
}

/// Operands go to 0 and 128, the result to 256: packs are at most 128 bytes here.
const SECOND: usize = 128;
const RESULT: usize = 256;

/// One emitted op: how it is built, and what it means.
struct Case {
    name: String,
    operand: Scalar,
    arity: usize,
    lanes: u8,
    op: Op,
    result: Scalar,
    moves_bits: bool,
    meaning: Box<dyn Fn(Const, Const) -> Option<Const>>,
}

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |name: String,
                   operand: Scalar,
                   arity,
                   op: Op,
                   result: Scalar,
                   moves_bits,
                   meaning: fn(&Op, Const, Const) -> Option<Const>| {
        let full = (16 / operand.bytes()) as u8;
        // A scalar, a pack that fills a vector, one that does not, and one that is too wide for one.
        for lanes in [1, full, 2, 2 * full] {
            let meaning_op = op.clone();
            all.push(Case {
                name: format!("{name}_{operand}_{result}_{lanes}"),
                operand,
                arity,
                lanes,
                op: op.clone(),
                result,
                moves_bits,
                meaning: Box::new(move |a, b| meaning(&meaning_op, a, b)),
            });
        }
    };
    for s in Scalar::ALL {
        for op in UnaryOp::ALL.into_iter().filter(|op| op.accepts(s)) {
            let moves = matches!(op, UnaryOp::Neg | UnaryOp::Abs);
            add(op.name().to_string(), s, 1, Op::Unary(op), s, moves, |op, a, _| match op {
                Op::Unary(op) => Some(eval::unary(*op, a)),
                _ => None,
            });
        }
        for op in BinaryOp::ALL.into_iter().filter(|op| op.accepts(s) && is_machine(*op)) {
            add(op.name().to_string(), s, 2, Op::Binary(op), s, op == BinaryOp::CopySign, |op, a, b| match op {
                Op::Binary(op) => occurs(*op, a, b).then(|| eval::binary(*op, a, b)),
                _ => None,
            });
        }
        for op in CompareOp::ALL {
            add(op.name().to_string(), s, 2, Op::Compare(op), Scalar::Bool, true, |op, a, b| match op {
                Op::Compare(op) => Some(eval::compare(*op, a, b)),
                _ => None,
            });
        }
        for to in Scalar::ALL {
            let small = matches!(to, Scalar::I8 | Scalar::I16 | Scalar::U8 | Scalar::U16);
            if !(s.is_float() && small) {
                add("convert".to_string(), s, 1, Op::Convert(to), to, false, |op, a, _| match op {
                    Op::Convert(to) => Some(eval::convert(*to, a)),
                    _ => None,
                });
            }
            if s.bytes() == to.bytes() && s != Scalar::Bool && to != Scalar::Bool {
                add("bitcast".to_string(), s, 1, Op::Bitcast(to), to, true, |op, a, _| match op {
                    Op::Bitcast(to) => Some(eval::bitcast(*to, a)),
                    _ => None,
                });
            }
        }
    }
    // Packs of one lane do not exist, and the same shape may have come twice.
    all.dedup_by(|a, b| a.name == b.name);
    all
}

fn build(program: &mut Program, case: &Case) {
    let (s, r, lanes) = (case.operand, case.result, case.lanes);
    program.packed(&case.name, |b, _, slots| {
        let zero = b.i64(0);
        let mut args = Vec::new();
        for k in 0..case.arity {
            args.push(match lanes {
                1 => b.load(field(s, k * SECOND), slots, zero),
                _ => pack_load(b, s, lanes, slots, k * SECOND),
            });
        }
        let value = b.value(case.op.clone(), &args);
        match lanes {
            1 => b.store(field(r, RESULT), slots, zero, value),
            _ => pack_store(b, r, slots, RESULT, value),
        }
    });
}

fn run(kernel: &Kernel, index: usize, case: &Case) {
    let operands = values(case.operand);
    let seconds = if case.arity == 2 { operands.clone() } else { vec![operands[0]] };
    let lanes = usize::from(case.lanes);
    for (i, _) in operands.iter().enumerate() {
        for (j, _) in seconds.iter().enumerate() {
            // The lanes hold neighbouring values, so that a lane out of place shows.
            let mut a: Vec<Const> = (0..lanes).map(|k| operands[(i + k) % operands.len()]).collect();
            let mut b: Vec<Const> = (0..lanes).map(|k| seconds[(j + 2 * k) % seconds.len()]).collect();
            for k in 0..lanes {
                if (case.meaning)(a[k], b[k]).is_none() {
                    (a[k], b[k]) = (Const::int(case.operand, 1), Const::int(case.operand, 1));
                }
            }
            let mut slots = [0; SLOTS];
            write(&mut slots, case.operand, 0, &a);
            write(&mut slots, case.operand, SECOND, &b);
            kernel.call_packed(index, &mut slots).unwrap_or_else(|e| panic!("{}: {e:?}", case.name));
            for k in 0..lanes {
                let got = read(&slots, case.result, RESULT + k * case.result.bytes() as usize);
                let want = (case.meaning)(a[k], b[k]).expect("operands that occur");
                assert!(
                    agree(got, want, case.moves_bits),
                    "{} of {:?}, {:?} in lane {k}: got {got:?}, not {want:?}",
                    case.name,
                    a[k],
                    b[k]
                );
            }
        }
    }
}

#[test]
fn every_op_means_what_the_ir_says() {
    let cases = cases();
    assert!(cases.len() > 1000, "{}", cases.len());
    let mut program = Program::new();
    cases.iter().for_each(|case| build(&mut program, case));
    let kernel = program.load();
    for (index, case) in cases.iter().enumerate() {
        run(&kernel, index, case);
    }
}

#[test]
fn selects_masks_and_reductions() {
    let mut program = Program::new();
    let mut shapes = Vec::new();
    for s in Scalar::ALL {
        for n in [2u8, 4, 8, 16].into_iter().filter(|n| u32::from(*n) * s.bytes() <= 32) {
            shapes.push((s, n));
            // min by select, any and all of a < b, a lane out and in, the sum.
            program.packed(&format!("mix_{s}_{n}"), |b, _, slots| {
                let (x, y) = (pack_load(b, s, n, slots, 0), pack_load(b, s, n, slots, 64));
                let less = b.compare(CompareOp::Lt, x, y);
                let least = b.select(less, x, y);
                pack_store(b, s, slots, 128, least);
                let zero = b.i64(0);
                let (any, all) = (VectorOp::Any, VectorOp::All);
                for (k, op) in [any, all].into_iter().enumerate() {
                    let test = b.value(Op::Vector(op), &[less]);
                    b.store(field(Scalar::Bool, 192 + k), slots, zero, test);
                }
                let lane = b.value(Op::Vector(VectorOp::Extract(n - 1)), &[x]);
                let moved = b.value(Op::Vector(VectorOp::Insert(0)), &[y, lane]);
                pack_store(b, s, slots, 200, moved);
                let first = b.value(Op::Vector(VectorOp::Extract(0)), &[less]);
                let (yes, no) = (b.value(Op::Vector(VectorOp::PackSplat(n)), &[lane]), y);
                let chosen = b.select(first, yes, no);
                pack_store(b, s, slots, 240, chosen);
                if !s.is_float() && s != Scalar::Bool {
                    let sum = b.value(Op::Vector(VectorOp::Reduce(LaneReduce::Add)), &[x]);
                    b.store(field(s, 280), slots, zero, sum);
                    let least = b.value(Op::Vector(VectorOp::Reduce(LaneReduce::Min)), &[x]);
                    b.store(field(s, 288), slots, zero, least);
                }
            });
        }
    }
    let kernel = program.load();
    for (index, (s, n)) in shapes.iter().enumerate() {
        check_mix(&kernel, index, *s, usize::from(*n));
    }
}

fn check_mix(kernel: &Kernel, index: usize, s: Scalar, n: usize) {
    let all = values(s);
    for i in 0..all.len() {
        let x: Vec<Const> = (0..n).map(|k| all[(i + k) % all.len()]).collect();
        let y: Vec<Const> = (0..n).map(|k| all[(i * 3 + k * 2 + 1) % all.len()]).collect();
        let mut slots = [0; SLOTS];
        write(&mut slots, s, 0, &x);
        write(&mut slots, s, 64, &y);
        kernel.call_packed(index, &mut slots).expect("it runs");
        let less: Vec<bool> = (0..n).map(|k| eval::compare(CompareOp::Lt, x[k], y[k]).bits != 0).collect();
        let size = s.bytes() as usize;
        for k in 0..n {
            let what = format!("{s} x {n}, lane {k}, {x:?}, {y:?}");
            assert_eq!(read(&slots, s, 128 + k * size), if less[k] { x[k] } else { y[k] }, "select {what}");
            assert_eq!(read(&slots, s, 200 + k * size), if k == 0 { x[n - 1] } else { y[k] }, "insert {what}");
            assert_eq!(read(&slots, s, 240 + k * size), if less[0] { x[n - 1] } else { y[k] }, "choose {what}");
        }
        assert_eq!(read(&slots, Scalar::Bool, 192).bits != 0, less.iter().any(|l| *l), "any {s} x {n} {x:?} {y:?}");
        assert_eq!(read(&slots, Scalar::Bool, 193).bits != 0, less.iter().all(|l| *l), "all {s} x {n} {x:?} {y:?}");
        if !s.is_float() && s != Scalar::Bool {
            let fold = |op| x[1..].iter().fold(x[0], |a, b| eval::binary(op, a, *b));
            assert_eq!(read(&slots, s, 280), fold(BinaryOp::Add), "sum {s} x {n} {x:?}");
            assert_eq!(read(&slots, s, 288), fold(BinaryOp::Min), "min {s} x {n} {x:?}");
        }
    }
}
