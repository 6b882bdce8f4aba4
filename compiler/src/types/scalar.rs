//! The scalar types of the IR, which are also the dtypes of array elements: kind, width and range.
//!
//! A scalar says how many bits there are and how they are read. Whether a value behaves as Python's `int` or as
//! NumPy's `int64` is not its business: that is [`crate::types::Type`] in the front-end, and the choice of op in the IR.

use std::fmt;

/// A scalar type. `Bool` is one byte in memory, 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
}

/// What the bits of a scalar stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
}

impl Scalar {
    /// Every scalar, in the order of their discriminants.
    pub const ALL: [Scalar; 11] = [
        Scalar::Bool,
        Scalar::I8,
        Scalar::I16,
        Scalar::I32,
        Scalar::I64,
        Scalar::U8,
        Scalar::U16,
        Scalar::U32,
        Scalar::U64,
        Scalar::F32,
        Scalar::F64,
    ];

    /// Size in memory, in bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Scalar::Bool | Scalar::I8 | Scalar::U8 => 1,
            Scalar::I16 | Scalar::U16 => 2,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
            Scalar::I64 | Scalar::U64 | Scalar::F64 => 8,
        }
    }

    /// Size in bits; a `Bool` has one bit that means something.
    pub const fn bits(self) -> u32 {
        match self {
            Scalar::Bool => 1,
            _ => self.bytes() * 8,
        }
    }

    pub const fn kind(self) -> Kind {
        match self {
            Scalar::Bool => Kind::Bool,
            Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => Kind::Signed,
            Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => Kind::Unsigned,
            Scalar::F32 | Scalar::F64 => Kind::Float,
        }
    }

    pub const fn is_float(self) -> bool {
        matches!(self, Scalar::F32 | Scalar::F64)
    }

    /// Signed or unsigned integer; `Bool` is not one.
    pub const fn is_int(self) -> bool {
        matches!(self.kind(), Kind::Signed | Kind::Unsigned)
    }

    pub const fn is_signed(self) -> bool {
        matches!(self.kind(), Kind::Signed)
    }

    /// Smallest and largest value of an integer (or `Bool`) type, as `i128` so that `u64` fits.
    pub const fn int_range(self) -> Option<(i128, i128)> {
        match self.kind() {
            Kind::Float => None,
            Kind::Bool => Some((0, 1)),
            Kind::Signed => Some((-(1i128 << (self.bits() - 1)), (1i128 << (self.bits() - 1)) - 1)),
            Kind::Unsigned => Some((0, (1i128 << self.bits()) - 1)),
        }
    }

    /// The name in IR text: `i64`, `f32`, `bool`.
    pub const fn name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "i8",
            Scalar::I16 => "i16",
            Scalar::I32 => "i32",
            Scalar::I64 => "i64",
            Scalar::U8 => "u8",
            Scalar::U16 => "u16",
            Scalar::U32 => "u32",
            Scalar::U64 => "u64",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }

    /// The NumPy dtype name, as users see it: `int64`, `float32`, `bool`.
    pub const fn dtype_name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "int8",
            Scalar::I16 => "int16",
            Scalar::I32 => "int32",
            Scalar::I64 => "int64",
            Scalar::U8 => "uint8",
            Scalar::U16 => "uint16",
            Scalar::U32 => "uint32",
            Scalar::U64 => "uint64",
            Scalar::F32 => "float32",
            Scalar::F64 => "float64",
        }
    }

    /// The scalar of an IR name.
    pub fn from_name(name: &str) -> Option<Scalar> {
        Scalar::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The scalar of a NumPy dtype name.
    pub fn from_dtype_name(name: &str) -> Option<Scalar> {
        Scalar::ALL.into_iter().find(|s| s.dtype_name() == name)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
