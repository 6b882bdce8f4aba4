//! The static part of an array's type: element type, rank, memory order and writability. Shapes are values.

use super::Scalar;
use std::fmt;

/// NumPy allows this many axes (since 2.0; 32 before).
pub const MAX_RANK: u8 = 64;

/// What is known of the order of the elements in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layout {
    /// C-contiguous: the last axis is dense.
    C,
    /// Fortran-contiguous: the first axis is dense.
    F,
    /// Any strides.
    Strided,
}

/// The type of an array.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArrayType {
    pub dtype: Scalar,
    pub rank: u8,
    pub layout: Layout,
    pub writable: bool,
}

/// Numba's and Cython's spelling: `float64[:, ::1]`; an array without axes is `float64[()]`.
impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.writable { "" } else { "const " })?;
        write!(f, "{}[", self.dtype.dtype_name())?;
        if self.rank == 0 {
            f.write_str("()")?;
        }
        for axis in 0..self.rank {
            let dense = match self.layout {
                Layout::C => axis + 1 == self.rank,
                Layout::F => axis == 0,
                Layout::Strided => false,
            };
            f.write_str(if axis == 0 { "" } else { ", " })?;
            f.write_str(if dense { "::1" } else { ":" })?;
        }
        f.write_str("]")
    }
}
