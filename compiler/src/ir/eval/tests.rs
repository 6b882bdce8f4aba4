//! Corner cases of every op, and agreement with Rust's own arithmetic over pairs of interesting values.

use super::*;

fn i64c(v: i64) -> Const {
    Const::int(Scalar::I64, v)
}

fn i8c(v: i64) -> Const {
    Const::int(Scalar::I8, v)
}

fn u8c(v: i64) -> Const {
    Const::int(Scalar::U8, v)
}

const INTS: [i64; 15] = [i64::MIN, i64::MIN + 1, -256, -129, -128, -7, -1, 0, 1, 3, 7, 127, 128, 255, i64::MAX];
const FLOATS: [f64; 14] = [
    f64::NEG_INFINITY,
    -1e300,
    -9.3e18,
    -2.5,
    -0.5,
    -0.0,
    0.0,
    5e-324,
    0.1,
    1.5,
    2.5,
    1.8446744073709552e19,
    f64::INFINITY,
    f64::NAN,
];

#[test]
fn integers_wrap_as_in_rust() {
    for x in INTS {
        for y in INTS {
            let run = |op| binary(op, i64c(x), i64c(y));
            assert_eq!(run(BinaryOp::Add), i64c(x.wrapping_add(y)));
            assert_eq!(run(BinaryOp::Sub), i64c(x.wrapping_sub(y)));
            assert_eq!(run(BinaryOp::Mul), i64c(x.wrapping_mul(y)));
            let (ux, uy) = (x as u64, y as u64);
            let run = |op| binary(op, Const { ty: Scalar::U64, bits: ux }, Const { ty: Scalar::U64, bits: uy }).bits;
            assert_eq!(run(BinaryOp::Mul), ux.wrapping_mul(uy));
            assert_eq!(run(BinaryOp::Div), ux.checked_div(uy).unwrap_or(0));
            assert_eq!(run(BinaryOp::Max), ux.max(uy));
            let run = |op| binary(op, i8c(x), i8c(y));
            assert_eq!(run(BinaryOp::Mul), i8c((x as i8).wrapping_mul(y as i8) as i64));
        }
        assert_eq!(unary(UnaryOp::Neg, i64c(x)), i64c(x.wrapping_neg()));
        assert_eq!(unary(UnaryOp::Abs, i64c(x)), i64c(x.wrapping_abs()));
        assert_eq!(unary(UnaryOp::Not, i64c(x)), i64c(!x));
    }
}

#[test]
fn division_is_total() {
    let run = |op, x, y| binary(op, i64c(x), i64c(y)).as_int();
    for (x, y, div, rem, floordiv, floormod) in [
        (7, 3, 2, 1, 2, 1),
        (-7, 3, -2, -1, -3, 2),
        (7, -3, -2, 1, -3, -2),
        (-7, -3, 2, -1, 2, -1),
        (6, -3, -2, 0, -2, 0),
        (5, 0, 0, 0, 0, 0),
        (i64::MIN, -1, i64::MIN, 0, i64::MIN, 0),
        (i64::MIN, i64::MAX, -1, -1, -2, i64::MAX - 1),
    ] {
        assert_eq!(run(BinaryOp::Div, x, y), div as i128, "{x} / {y}");
        assert_eq!(run(BinaryOp::Rem, x, y), rem as i128, "{x} rem {y}");
        assert_eq!(run(BinaryOp::FloorDiv, x, y), floordiv as i128, "{x} // {y}");
        assert_eq!(run(BinaryOp::FloorMod, x, y), floormod as i128, "{x} % {y}");
    }
}

#[test]
fn shifts_have_any_count() {
    assert_eq!(binary(BinaryOp::Shl, u8c(3), u8c(7)), u8c(0x80));
    assert_eq!(binary(BinaryOp::Shl, u8c(3), u8c(8)), u8c(0));
    assert_eq!(binary(BinaryOp::Shl, i8c(1), i8c(-1)), i8c(0));
    assert_eq!(binary(BinaryOp::Shr, i8c(-128), i8c(7)), i8c(-1));
    assert_eq!(binary(BinaryOp::Shr, i8c(-128), i8c(100)), i8c(-1));
    assert_eq!(binary(BinaryOp::Shr, i8c(-128), i8c(-1)), i8c(-1));
    assert_eq!(binary(BinaryOp::Shr, u8c(255), u8c(200)), u8c(0));
    assert_eq!(binary(BinaryOp::Shr, i64c(i64::MAX), i64c(64)), i64c(0));
    assert_eq!(binary(BinaryOp::Shl, i64c(-1), i64c(63)), i64c(i64::MIN));
}

#[test]
fn floats_are_ieee_and_nan_is_canonical() {
    for x in FLOATS {
        for y in FLOATS {
            let agree = |op, expected: f64| {
                let got = binary(op, Const::f64(x), Const::f64(y));
                let bits = if expected.is_nan() { NAN_F64 } else { expected.to_bits() };
                assert_eq!(got.bits, bits, "{x} {op:?} {y}");
            };
            agree(BinaryOp::Add, x + y);
            agree(BinaryOp::Sub, x - y);
            agree(BinaryOp::Mul, x * y);
            agree(BinaryOp::Div, x / y);
            let (a, b) = (x as f32, y as f32);
            let got = binary(BinaryOp::Mul, Const::f32(a), Const::f32(b));
            assert_eq!(got.bits, if (a * b).is_nan() { NAN_F32 as u64 } else { (a * b).to_bits() as u64 });
        }
    }
    let negative_nan = Const { ty: Scalar::F64, bits: NAN_F64 | 1 << 63 | 5 };
    assert_eq!(binary(BinaryOp::Add, negative_nan, Const::f64(1.0)).bits, NAN_F64);
    assert_eq!(unary(UnaryOp::Floor, negative_nan).bits, NAN_F64);
    assert_eq!(unary(UnaryOp::Neg, negative_nan).bits, NAN_F64 | 5);
    assert_eq!(unary(UnaryOp::Abs, negative_nan).bits, NAN_F64 | 5);
    assert_eq!(binary(BinaryOp::CopySign, Const::f64(2.0), negative_nan), Const::f64(-2.0));
    assert_eq!(unary(UnaryOp::Sqrt, Const::f64(-1.0)).bits, NAN_F64);
    assert_eq!(unary(UnaryOp::Sqrt, Const::f64(-0.0)), Const::f64(-0.0));
    assert_eq!(unary(UnaryOp::Sqrt, Const::f32(2.0)), Const::f32(2.0f32.sqrt()));
}

#[test]
fn rounding_to_integers_keeps_signs_and_ties() {
    for (op, results) in [
        (UnaryOp::Floor, [-3.0, -1.0, -0.0, 0.0, 1.0, 2.0]),
        (UnaryOp::Ceil, [-2.0, -0.0, -0.0, 1.0, 2.0, 3.0]),
        (UnaryOp::Trunc, [-2.0, -0.0, -0.0, 0.0, 1.0, 2.0]),
        (UnaryOp::Nearest, [-2.0, -0.0, -0.0, 0.0, 2.0, 2.0]),
    ] {
        for (x, expected) in [-2.5, -0.5, -0.0, 0.5, 1.5, 2.5].into_iter().zip(results) {
            assert_eq!(unary(op, Const::f64(x)), Const::f64(expected), "{op:?} {x}");
            assert_eq!(unary(op, Const::f32(x as f32)), Const::f32(expected as f32), "{op:?} {x}f");
        }
    }
}

#[test]
fn comparisons_follow_kind() {
    let lt = |a, b| compare(CompareOp::Lt, a, b) == Const::bool(true);
    assert!(lt(i8c(-1), i8c(0)));
    assert!(!lt(u8c(255), u8c(0)));
    assert!(lt(Const::bool(false), Const::bool(true)));
    let nan = Const::f64(f64::NAN);
    for op in CompareOp::ALL {
        assert_eq!(compare(op, nan, nan), Const::bool(op == CompareOp::Ne), "{op:?}");
        let (zero, minus_zero) = (Const::f64(0.0), Const::f64(-0.0));
        let equal = matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge);
        assert_eq!(compare(op, zero, minus_zero), Const::bool(equal), "{op:?}");
    }
}

#[test]
fn conversions_saturate_and_round_once() {
    let to = |s, v: f64| convert(s, Const::f64(v)).as_int();
    assert_eq!(to(Scalar::I64, f64::NAN), 0);
    assert_eq!(to(Scalar::I64, 9.3e18), i64::MAX as i128);
    assert_eq!(to(Scalar::I64, -9.3e18), i64::MIN as i128);
    assert_eq!(to(Scalar::U64, f64::INFINITY), u64::MAX as i128);
    assert_eq!(to(Scalar::U8, -1.0), 0);
    assert_eq!(to(Scalar::U8, 255.9), 255);
    assert_eq!(to(Scalar::I8, -128.9), -128);
    assert_eq!(to(Scalar::I32, -2147483649.0), i32::MIN as i128);
    assert_eq!(convert(Scalar::Bool, Const::f64(f64::NAN)), Const::bool(true));
    assert_eq!(convert(Scalar::Bool, Const::f64(-0.0)), Const::bool(false));
    assert_eq!(convert(Scalar::Bool, i64c(256)), Const::bool(true));
    assert_eq!(convert(Scalar::I8, i64c(200)), i8c(-56));
    assert_eq!(convert(Scalar::U64, i8c(-1)).bits, u64::MAX);
    assert_eq!(convert(Scalar::I64, u8c(255)), i64c(255));
    assert_eq!(convert(Scalar::F64, Const { ty: Scalar::U64, bits: u64::MAX }), Const::f64(18446744073709551616.0));
    // Through f64 this would round to the tie 2^24 + 2 and then down.
    let tricky = (1i64 << 60) + (1 << 36) + 1;
    assert_eq!(convert(Scalar::F32, i64c(tricky)), Const::f32(tricky as f32));
    assert_ne!(convert(Scalar::F32, i64c(tricky)), Const::f32(tricky as f64 as f32));
    assert_eq!(convert(Scalar::F32, Const::f64(1e300)), Const::f32(f32::INFINITY));
    assert_eq!(convert(Scalar::F32, Const::f64(f64::NAN)).bits, NAN_F32 as u64);
}

#[test]
fn checked_ops_are_exact_or_nothing() {
    for x in INTS {
        for y in INTS {
            let run = |op| checked(op, i64c(x), Some(i64c(y))).map(|c| c.bits as i64);
            assert_eq!(run(CheckedOp::Add), x.checked_add(y));
            assert_eq!(run(CheckedOp::Sub), x.checked_sub(y));
            assert_eq!(run(CheckedOp::Mul), x.checked_mul(y));
            let (low, overflow) = overflowing(CheckedOp::Mul, i64c(x), Some(i64c(y)));
            assert_eq!((low.bits as i64, overflow.bits != 0), x.overflowing_mul(y));
        }
        assert_eq!(checked(CheckedOp::Neg, i64c(x), None).map(|c| c.bits as i64), x.checked_neg());
        assert_eq!(checked(CheckedOp::Abs, i64c(x), None).map(|c| c.bits as i64), x.checked_abs());
    }
    let shl = |x, n| checked(CheckedOp::Shl, i64c(x), Some(i64c(n))).map(|c| c.bits as i64);
    assert_eq!(shl(1, 62), Some(1 << 62));
    assert_eq!(shl(1, 63), None);
    assert_eq!(shl(-1, 63), Some(i64::MIN));
    assert_eq!(shl(-1, 64), None);
    assert_eq!(shl(0, i64::MAX), Some(0));
    assert_eq!(shl(0, -1), None);
    assert_eq!(shl(3, 61), Some(3 << 61).filter(|v| *v > 0));
}
