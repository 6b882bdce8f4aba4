//! The types of generated expressions, their literals, and what CPython and NumPy make of two of them.

use gelcap_compiler::types::{Kind, Scalar};

use super::rng::Rng;

/// A scalar type of the kernel language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    Float,
    Bool,
    Np(Scalar),
}

/// NumPy scalars that are made and computed with.
const DTYPES: [Scalar; 11] = Scalar::ALL;

impl Ty {
    pub fn random(rng: &mut Rng) -> Ty {
        match rng.below(10) {
            0..=2 => Ty::Int,
            3..=5 => Ty::Float,
            6 => Ty::Bool,
            _ => Ty::Np(*rng.pick(&DTYPES)),
        }
    }

    /// As export comments spell it.
    pub fn spelling(self) -> String {
        match self {
            Ty::Int => "int".into(),
            Ty::Float => "float".into(),
            Ty::Bool => "bool".into(),
            Ty::Np(Scalar::Bool) => "bool_".into(),
            Ty::Np(s) => s.dtype_name().into(),
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Ty::Float) || matches!(self, Ty::Np(s) if s.is_float())
    }

    pub fn is_bool(self) -> bool {
        matches!(self, Ty::Bool | Ty::Np(Scalar::Bool))
    }

    /// A NumPy constructor around an expression, if the type is NumPy's.
    pub fn constructor(self) -> Option<String> {
        match self {
            Ty::Np(Scalar::Bool) => Some("np.bool_".into()),
            Ty::Np(s) => Some(format!("np.{}", s.dtype_name())),
            Ty::Int | Ty::Float | Ty::Bool => None,
        }
    }

    /// A value as a Python literal without its type: what a run line passes.
    pub fn value(self, rng: &mut Rng) -> String {
        match self {
            Ty::Bool | Ty::Np(Scalar::Bool) => (*rng.pick(&["True", "False"])).into(),
            Ty::Int => integer(Scalar::I64, rng),
            Ty::Np(s) if s.is_int() => integer(s, rng),
            Ty::Float | Ty::Np(_) => (*rng.pick(&FLOATS)).into(),
        }
    }

    /// A small literal that the type holds.
    pub fn small(self, rng: &mut Rng) -> String {
        match self {
            Ty::Bool | Ty::Np(Scalar::Bool) => (*rng.pick(&["True", "False"])).into(),
            Ty::Int => (*rng.pick(&["0", "1", "2", "3", "7", "10", "100", "(-1)", "(-2)", "(-13)"])).into(),
            Ty::Np(s) if s.kind() == Kind::Signed => (*rng.pick(&["0", "1", "2", "5", "100", "(-1)", "(-7)"])).into(),
            Ty::Np(s) if s.is_int() => (*rng.pick(&["0", "1", "2", "3", "5", "100", "200"])).into(),
            Ty::Float | Ty::Np(_) => {
                (*rng.pick(&["0.0", "1.0", "0.5", "(-2.5)", "0.1", "3.0", "1e10", "(-0.0)", "1e-3"])).into()
            }
        }
    }
}

const FLOATS: [&str; 16] = [
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "1.5",
    "2.5",
    "-3.7",
    "0.1",
    "1e10",
    "-1e300",
    "1e-310",
    "9007199254740993.0",
    "inf",
    "-inf",
    "nan",
];

fn integer(s: Scalar, rng: &mut Rng) -> String {
    let (low, high) = s.int_range().unwrap_or((0, 1));
    let interesting = [low, low + 1, high, high - 1, 0, 1, 2, 3, 7, 100, -1, -2, -7, 1 << 31, 1 << 53];
    let value = if rng.percent(70) { *rng.pick(&interesting) } else { rng.below(50) as i128 - 25 };
    value.clamp(low, high).to_string()
}

/// The dtype of two NumPy operands of an arithmetic op.
pub fn promote(a: Scalar, b: Scalar) -> Scalar {
    use Scalar::*;
    if a == b {
        return a;
    }
    let float = |s: Scalar| match s {
        F64 => F64,
        F32 => F32,
        // float32 holds 16-bit integers; wider ones go to float64.
        s if s.bits() <= 16 => F32,
        _ => F64,
    };
    match (a.kind(), b.kind()) {
        (Kind::Bool, _) => b,
        (_, Kind::Bool) => a,
        (Kind::Float, _) | (_, Kind::Float) => {
            if float(a) == F64 || float(b) == F64 {
                F64
            } else {
                F32
            }
        }
        (x, y) if x == y => {
            if a.bytes() >= b.bytes() {
                a
            } else {
                b
            }
        }
        (x, _) => {
            let (signed, unsigned) = if x == Kind::Signed { (a, b) } else { (b, a) };
            match signed.bytes().max(2 * unsigned.bytes()) {
                2 => I16,
                4 => I32,
                8 => I64,
                _ => F64,
            }
        }
    }
}
