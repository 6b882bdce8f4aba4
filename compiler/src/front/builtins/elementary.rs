//! Elementary functions of one argument: their names, and where `math` raises.
//!
//! CPython computes first and then looks at the result (`math_1` in Modules/mathmodule.c). The conditions on arguments
//! below are the same ones, which range analysis can prove.

/// An elementary function of one argument, computed by the mathlib under [`Elementary::name`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Elementary {
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Cbrt,
}

/// When `math.f(x)` is a ValueError: "math domain error". NaN never is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Domain {
    All,
    /// Infinite arguments.
    Finite,
    /// `x <= bound`.
    Above(f64),
    /// `x < bound`.
    From(f64),
    /// `abs(x) > 1`.
    Unit,
    /// `abs(x) >= 1`.
    InnerUnit,
}

impl Elementary {
    pub const ALL: [Elementary; 20] = [
        Elementary::Exp,
        Elementary::Exp2,
        Elementary::Expm1,
        Elementary::Log,
        Elementary::Log2,
        Elementary::Log10,
        Elementary::Log1p,
        Elementary::Sin,
        Elementary::Cos,
        Elementary::Tan,
        Elementary::Asin,
        Elementary::Acos,
        Elementary::Atan,
        Elementary::Sinh,
        Elementary::Cosh,
        Elementary::Tanh,
        Elementary::Asinh,
        Elementary::Acosh,
        Elementary::Atanh,
        Elementary::Cbrt,
    ];

    /// The name in `math` and in the mathlib.
    pub const fn name(self) -> &'static str {
        match self {
            Elementary::Exp => "exp",
            Elementary::Exp2 => "exp2",
            Elementary::Expm1 => "expm1",
            Elementary::Log => "log",
            Elementary::Log2 => "log2",
            Elementary::Log10 => "log10",
            Elementary::Log1p => "log1p",
            Elementary::Sin => "sin",
            Elementary::Cos => "cos",
            Elementary::Tan => "tan",
            Elementary::Asin => "asin",
            Elementary::Acos => "acos",
            Elementary::Atan => "atan",
            Elementary::Sinh => "sinh",
            Elementary::Cosh => "cosh",
            Elementary::Tanh => "tanh",
            Elementary::Asinh => "asinh",
            Elementary::Acosh => "acosh",
            Elementary::Atanh => "atanh",
            Elementary::Cbrt => "cbrt",
        }
    }

    /// Where `math` raises ValueError.
    pub const fn domain(self) -> Domain {
        match self {
            Elementary::Sin | Elementary::Cos | Elementary::Tan => Domain::Finite,
            Elementary::Log | Elementary::Log2 | Elementary::Log10 => Domain::Above(0.0),
            Elementary::Log1p => Domain::Above(-1.0),
            Elementary::Acosh => Domain::From(1.0),
            Elementary::Asin | Elementary::Acos => Domain::Unit,
            Elementary::Atanh => Domain::InnerUnit,
            Elementary::Exp
            | Elementary::Exp2
            | Elementary::Expm1
            | Elementary::Atan
            | Elementary::Sinh
            | Elementary::Cosh
            | Elementary::Tanh
            | Elementary::Asinh
            | Elementary::Cbrt => Domain::All,
        }
    }

    /// An infinite result of a finite argument is an OverflowError in `math`: "math range error".
    pub const fn overflows(self) -> bool {
        matches!(self, Elementary::Exp | Elementary::Exp2 | Elementary::Expm1 | Elementary::Sinh | Elementary::Cosh)
    }
}
