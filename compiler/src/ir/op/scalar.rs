//! Pure scalar ops. Their meaning, value by value, is [`crate::ir::eval`].

use crate::types::Scalar;

/// A scalar constant by its bit pattern, zero-extended to 64 bits; `bool` is 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Const {
    pub ty: Scalar,
    pub bits: u64,
}

impl Const {
    /// An integer or bool constant; the value is cut to the type's width.
    pub const fn int(ty: Scalar, value: i64) -> Const {
        let bits = match ty.bytes() {
            1 => value as u64 & 0xff,
            2 => value as u64 & 0xffff,
            4 => value as u64 & 0xffff_ffff,
            _ => value as u64,
        };
        Const { ty, bits: if matches!(ty, Scalar::Bool) { (value != 0) as u64 } else { bits } }
    }

    pub const fn bool(value: bool) -> Const {
        Const { ty: Scalar::Bool, bits: value as u64 }
    }

    pub const fn f64(value: f64) -> Const {
        Const { ty: Scalar::F64, bits: value.to_bits() }
    }

    pub const fn f32(value: f32) -> Const {
        Const { ty: Scalar::F32, bits: value.to_bits() as u64 }
    }

    /// The value of an integer or bool constant, sign-extended if signed.
    pub const fn as_int(self) -> i128 {
        match self.ty {
            Scalar::I8 => self.bits as i8 as i128,
            Scalar::I16 => self.bits as i16 as i128,
            Scalar::I32 => self.bits as i32 as i128,
            Scalar::I64 => self.bits as i64 as i128,
            _ => self.bits as i128,
        }
    }

    /// The value of a float constant (`f32` widened, which is exact).
    pub const fn as_float(self) -> f64 {
        match self.ty {
            Scalar::F32 => f32::from_bits(self.bits as u32) as f64,
            _ => f64::from_bits(self.bits),
        }
    }
}

/// Unary ops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnaryOp {
    /// Integers (wrapping) and floats (flips the sign bit, of NaN too).
    Neg,
    /// Integers: every bit; bool: logical.
    Not,
    /// Signed integers (wrapping: `abs(MIN)` is `MIN`) and floats (clears the sign bit).
    Abs,
    /// Floats, correctly rounded; NaN below zero.
    Sqrt,
    /// Floats: towards minus infinity.
    Floor,
    /// Floats: towards plus infinity.
    Ceil,
    /// Floats: towards zero.
    Trunc,
    /// Floats: to the nearest integer, ties to even.
    Nearest,
}

/// Binary ops; both operands and the result have one type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BinaryOp {
    /// Integers (wrapping), floats.
    Add,
    /// Integers (wrapping), floats.
    Sub,
    /// Integers (wrapping), floats.
    Mul,
    /// Floats: IEEE. Integers: towards zero; `x / 0` is 0, `MIN / -1` is `MIN`; at Machine level these two operand
    /// pairs must not occur.
    Div,
    /// Integers: the remainder with the dividend's sign; `x % 0` and `MIN % -1` are 0; at Machine level these operand
    /// pairs must not occur.
    Rem,
    /// Integers: towards minus infinity; `x // 0` is 0, `MIN // -1` is `MIN` (NumPy's answers). Array and Loop level.
    FloorDiv,
    /// Integers: the remainder with the divisor's sign; `x % 0` is 0. Array and Loop level.
    FloorMod,
    /// Integers and bool.
    And,
    /// Integers and bool.
    Or,
    /// Integers and bool.
    Xor,
    /// Integers. A count outside `0..width` (read as unsigned) gives 0; at Machine level it must not occur.
    Shl,
    /// Integers: arithmetic if signed, else logical. A count outside `0..width` gives the sign's fill; at Machine
    /// level it must not occur.
    Shr,
    /// Integers.
    Min,
    /// Integers.
    Max,
    /// Floats: the magnitude of `a` with the sign bit of `b`.
    CopySign,
}

/// Comparisons. Integers by their signedness; floats by IEEE: all but `ne` are false when either is NaN.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl UnaryOp {
    pub const ALL: [UnaryOp; 8] = [
        UnaryOp::Neg,
        UnaryOp::Not,
        UnaryOp::Abs,
        UnaryOp::Sqrt,
        UnaryOp::Floor,
        UnaryOp::Ceil,
        UnaryOp::Trunc,
        UnaryOp::Nearest,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            UnaryOp::Neg => "neg",
            UnaryOp::Not => "not",
            UnaryOp::Abs => "abs",
            UnaryOp::Sqrt => "sqrt",
            UnaryOp::Floor => "floor",
            UnaryOp::Ceil => "ceil",
            UnaryOp::Trunc => "trunc",
            UnaryOp::Nearest => "nearest",
        }
    }

    /// The op is defined on this element type.
    pub const fn accepts(self, s: Scalar) -> bool {
        match self {
            UnaryOp::Neg => s.is_int() || s.is_float(),
            UnaryOp::Not => !s.is_float(),
            UnaryOp::Abs => s.is_signed() || s.is_float(),
            UnaryOp::Sqrt | UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Nearest => s.is_float(),
        }
    }
}

impl BinaryOp {
    pub const ALL: [BinaryOp; 15] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Rem,
        BinaryOp::FloorDiv,
        BinaryOp::FloorMod,
        BinaryOp::And,
        BinaryOp::Or,
        BinaryOp::Xor,
        BinaryOp::Shl,
        BinaryOp::Shr,
        BinaryOp::Min,
        BinaryOp::Max,
        BinaryOp::CopySign,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "sub",
            BinaryOp::Mul => "mul",
            BinaryOp::Div => "div",
            BinaryOp::Rem => "rem",
            BinaryOp::FloorDiv => "floordiv",
            BinaryOp::FloorMod => "floormod",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Xor => "xor",
            BinaryOp::Shl => "shl",
            BinaryOp::Shr => "shr",
            BinaryOp::Min => "min",
            BinaryOp::Max => "max",
            BinaryOp::CopySign => "copysign",
        }
    }

    /// The op is defined on this element type.
    pub const fn accepts(self, s: Scalar) -> bool {
        match self {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => s.is_int() || s.is_float(),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => !s.is_float(),
            BinaryOp::Rem
            | BinaryOp::FloorDiv
            | BinaryOp::FloorMod
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::Min
            | BinaryOp::Max => s.is_int(),
            BinaryOp::CopySign => s.is_float(),
        }
    }

    /// `a op b == b op a`, bit for bit (any NaN equals any NaN).
    pub const fn is_commutative(self) -> bool {
        matches!(
            self,
            BinaryOp::Add
                | BinaryOp::Mul
                | BinaryOp::And
                | BinaryOp::Or
                | BinaryOp::Xor
                | BinaryOp::Min
                | BinaryOp::Max
        )
    }
}

impl CompareOp {
    pub const ALL: [CompareOp; 6] =
        [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];

    pub const fn name(self) -> &'static str {
        match self {
            CompareOp::Eq => "eq",
            CompareOp::Ne => "ne",
            CompareOp::Lt => "lt",
            CompareOp::Le => "le",
            CompareOp::Gt => "gt",
            CompareOp::Ge => "ge",
        }
    }

    /// The same comparison with the operands exchanged.
    pub const fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Eq => CompareOp::Eq,
            CompareOp::Ne => CompareOp::Ne,
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
        }
    }

    /// The comparison that is true where this one is false; on floats only `eq` and `ne` have one.
    pub const fn negated(self, float: bool) -> Option<CompareOp> {
        match self {
            CompareOp::Eq => Some(CompareOp::Ne),
            CompareOp::Ne => Some(CompareOp::Eq),
            _ if float => None,
            CompareOp::Lt => Some(CompareOp::Ge),
            CompareOp::Le => Some(CompareOp::Gt),
            CompareOp::Gt => Some(CompareOp::Le),
            CompareOp::Ge => Some(CompareOp::Lt),
        }
    }
}
