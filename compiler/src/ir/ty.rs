//! The types of IR values.

use std::fmt;

use crate::types::{self, Scalar};

/// Type of an IR value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    /// One scalar. `bool` values are 0 or 1.
    Scalar(Scalar),
    /// An address in the memory of the target, as wide as its addresses.
    Ptr,
    /// L lanes of a scalar, L being the symbolic lane count; `Vec(Bool)` is a mask. Loop level.
    Vec(Scalar),
    /// A fixed number of lanes (2 to 64). Ordered float trees use it at Loop level; it is the only vector at Machine level.
    Pack(Scalar, u8),
    /// A whole array: data address, shape and byte strides. Array level.
    Array(ArrayType),
    /// One counted reference to a buffer. Array and Loop level.
    Buffer,
}

/// Most axes of an array, as many as NumPy allows.
pub const MAX_RANK: u8 = 64;

/// What is static about an array value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArrayType {
    pub dtype: Scalar,
    pub rank: u8,
    pub layout: Layout,
    pub writable: bool,
}

/// What is known of the strides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layout {
    /// Row-major and dense: the last axis has the element's size as stride.
    C,
    /// Column-major and dense.
    F,
    /// Any byte strides, negative and zero included.
    Strided,
}

impl Type {
    pub const BOOL: Type = Type::Scalar(Scalar::Bool);
    pub const I32: Type = Type::Scalar(Scalar::I32);
    pub const I64: Type = Type::Scalar(Scalar::I64);
    pub const U64: Type = Type::Scalar(Scalar::U64);
    pub const F32: Type = Type::Scalar(Scalar::F32);
    pub const F64: Type = Type::Scalar(Scalar::F64);

    /// The scalar of a scalar, vector or pack type.
    pub const fn element(self) -> Option<Scalar> {
        match self {
            Type::Scalar(s) | Type::Vec(s) | Type::Pack(s, _) => Some(s),
            Type::Ptr | Type::Array(_) | Type::Buffer => None,
        }
    }

    /// The same shape (scalar, vector, pack) with another element.
    pub const fn with_element(self, s: Scalar) -> Type {
        match self {
            Type::Vec(_) => Type::Vec(s),
            Type::Pack(_, n) => Type::Pack(s, n),
            Type::Scalar(_) | Type::Ptr | Type::Array(_) | Type::Buffer => Type::Scalar(s),
        }
    }

    pub const fn as_scalar(self) -> Option<Scalar> {
        match self {
            Type::Scalar(s) => Some(s),
            _ => None,
        }
    }

    pub const fn is_float(self) -> bool {
        matches!(self.element(), Some(s) if s.is_float())
    }
}

/// The same type as the front-end has it.
impl From<types::ArrayType> for ArrayType {
    fn from(array: types::ArrayType) -> ArrayType {
        let types::ArrayType { dtype, rank, layout, writable } = array;
        let layout = match layout {
            types::Layout::C => Layout::C,
            types::Layout::F => Layout::F,
            types::Layout::Strided => Layout::Strided,
        };
        ArrayType { dtype, rank, layout, writable }
    }
}

impl From<ArrayType> for types::ArrayType {
    fn from(array: ArrayType) -> types::ArrayType {
        let ArrayType { dtype, rank, layout, writable } = array;
        let layout = match layout {
            Layout::C => types::Layout::C,
            Layout::F => types::Layout::F,
            Layout::Strided => types::Layout::Strided,
        };
        types::ArrayType { dtype, rank, layout, writable }
    }
}

impl From<Scalar> for Type {
    fn from(s: Scalar) -> Type {
        Type::Scalar(s)
    }
}

impl Layout {
    pub const fn name(self) -> &'static str {
        match self {
            Layout::C => "C",
            Layout::F => "F",
            Layout::Strided => "A",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Scalar(s) => write!(f, "{s}"),
            Type::Ptr => f.write_str("ptr"),
            Type::Vec(s) => write!(f, "vec<{s}>"),
            Type::Pack(s, n) => write!(f, "pack<{s}, {n}>"),
            Type::Array(a) => write!(f, "{a}"),
            Type::Buffer => f.write_str("buffer"),
        }
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.writable { "rw" } else { "ro" };
        write!(f, "array<{}, {}, {}, {access}>", self.dtype, self.rank, self.layout.name())
    }
}
