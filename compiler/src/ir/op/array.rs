//! Whole-array ops. An array value is a snapshot: `map` gives a value, not storage; storage is written by `assign` and
//! `set` alone. Array level; lowering turns them into loop nests.

use crate::ir::module::{AliasId, SiteId};
use crate::ir::ty::ArrayType;
use crate::types::Scalar;

/// Ops on whole arrays.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ArrayOp {
    /// `data: ptr, shape: i64 x rank, strides: i64 x rank` (bytes). A descriptor over existing memory, which is accessed
    /// under the alias class. Shapes are not negative.
    Make(ArrayType, AliasId),
    /// `shape: i64 x rank`. A zeroed C-order (or F-order) array in memory of its own, which lives as long as the array or
    /// a view of it is used. Raises MemoryError at the site; shapes are not negative.
    Alloc(ArrayType, SiteId),
    /// `a`. A reference for the host: the address of the buffer that `a` lives in, `u64`, which the host will release; 0
    /// if it lives in memory that the kernel did not make.
    Escape,
    /// `a`. The address of element 0.
    Data,
    /// `a`. Length of the axis, `i64`.
    Dim(u8),
    /// `a`. Byte stride of the axis, `i64`.
    Stride(u8),
    /// `a, index: i64 x rank`. The element; indices are inside the shape.
    Get,
    /// `a, index: i64 x rank, value`. Stores the element; indices are inside the shape.
    Set,
    /// `a`, then per [`AxisSpec`] its operands. A view of the same memory. Indices and slices outside of the axis give a
    /// view whose elements must not be touched.
    View(Vec<AxisSpec>),
    /// `a`. A view of the same memory whose axis `k` is the operand's axis `axes[k]`; each axis once.
    Permute(Vec<u8>),
    /// `a`. The same array as a type of which less is known: strided instead of dense, read-only instead of writable.
    Forget(ArrayType),
    /// `x...`, arrays and scalars, broadcast against each other; a pure region takes one scalar per operand and yields
    /// one scalar. A new array value of the broadcast shape: in F order if all array operands of that rank are and it has
    /// axes to order, else in C order. Raises ValueError at the site if the shapes do not broadcast, with the shapes of
    /// the array operands, one after the other, as payload, as far as there are words.
    Map(Scalar, SiteId),
    /// `dst, src` (`src` an array or a scalar). Writes `src`, broadcast to `dst`'s shape, as if `src` had been copied
    /// first. Raises ValueError at the site if it does not broadcast, with the shapes of both as payload.
    Assign(SiteId),
    /// `a`. All elements combined; raises ValueError at the site for `min`/`max` of nothing. `sum` and `prod` of floats
    /// in NumPy's order (pairwise over blocks of 128 with 8 accumulators, for contiguous arrays).
    Reduce(ReduceOp, SiteId),
}

/// What a view does with one axis. `Index`, `Slice` and `Keep` consume an axis of the operand, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AxisSpec {
    /// No operand: the axis as it is.
    Keep,
    /// `index: i64`, inside the axis: drops the axis.
    Index,
    /// `start: i64, step: i64, len: i64`, already clamped: the elements `start + k * step`.
    Slice,
    /// No operand: a new axis of length 1.
    NewAxis,
}

impl AxisSpec {
    /// Number of operands it takes.
    pub const fn operands(self) -> usize {
        match self {
            AxisSpec::Keep | AxisSpec::NewAxis => 0,
            AxisSpec::Index => 1,
            AxisSpec::Slice => 3,
        }
    }
}

/// Whole-array reductions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReduceOp {
    Sum,
    Prod,
    /// NaN if any element is NaN; of zeros with different signs the last in NumPy's order.
    Min,
    /// As [`ReduceOp::Min`].
    Max,
}

impl ReduceOp {
    pub const ALL: [ReduceOp; 4] = [ReduceOp::Sum, ReduceOp::Prod, ReduceOp::Min, ReduceOp::Max];

    pub const fn name(self) -> &'static str {
        match self {
            ReduceOp::Sum => "sum",
            ReduceOp::Prod => "prod",
            ReduceOp::Min => "min",
            ReduceOp::Max => "max",
        }
    }
}
