//! Vectors of symbolic width (`vec`, L lanes) and of fixed width (`pack`). Arithmetic on them is the scalar ops, lane by
//! lane; masks are vectors of bool.

use super::memory::Access;

/// Ops that make, reduce and move vectors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VectorOp {
    /// No operands. L as `i64`.
    LaneCount,
    /// `base: i64`. `vec<i64>`: `base, base + 1, ...`, wrapping.
    LaneIndex,
    /// `s`, a scalar. A vector of L copies.
    Splat,
    /// `base: ptr, index: i64[, mask]`. L elements from `index` on; lanes that are off are 0 and are not read.
    Load(Access),
    /// `base: ptr, index: i64, value: vec[, mask]`. Lanes that are off are not written; lanes are stored in order.
    Store(Access),
    /// `base: ptr, index: vec<i64>[, mask]`. One element per lane.
    Gather(Access),
    /// `base: ptr, index: vec<i64>, value: vec[, mask]`. Lanes are stored in order, so the last of equal indices stays.
    Scatter(Access),
    /// `mask`. Whether some lane is on. With `All` the only uniform branch condition.
    Any,
    /// `mask`. Whether every lane is on.
    All,
    /// `v`. The lanes combined; exact ops only (integers, bool), so that L does not show.
    Reduce(LaneReduce),
    /// `v...` vectors; a region that takes one scalar per operand and yields scalars. Runs it once per lane, in order;
    /// the results are vectors of what it yields. The region must be pure (it may load from constant classes, call pure
    /// functions and hold control other than `try` and `vfor`) and uses no vectors. The fallback for what has no vector
    /// form.
    Lanes,
    /// `s`, a scalar. A pack of so many copies.
    PackSplat(u8),
    /// `base: ptr, index: i64`. A pack of so many elements from `index` on.
    PackLoad(Access, u8),
    /// `base: ptr, index: i64, value: pack`.
    PackStore(Access),
    /// `p`. The lane's scalar.
    Extract(u8),
    /// `p, s`. `p` with the lane replaced.
    Insert(u8),
}

/// How lanes are combined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LaneReduce {
    /// Integers, wrapping.
    Add,
    /// Integers, wrapping.
    Mul,
    /// Integers.
    Min,
    /// Integers.
    Max,
    /// Integers and bool.
    And,
    /// Integers and bool.
    Or,
    /// Integers and bool.
    Xor,
}

impl LaneReduce {
    pub const ALL: [LaneReduce; 7] = [
        LaneReduce::Add,
        LaneReduce::Mul,
        LaneReduce::Min,
        LaneReduce::Max,
        LaneReduce::And,
        LaneReduce::Or,
        LaneReduce::Xor,
    ];

    /// The binary op it repeats.
    pub const fn binary(self) -> super::BinaryOp {
        match self {
            LaneReduce::Add => super::BinaryOp::Add,
            LaneReduce::Mul => super::BinaryOp::Mul,
            LaneReduce::Min => super::BinaryOp::Min,
            LaneReduce::Max => super::BinaryOp::Max,
            LaneReduce::And => super::BinaryOp::And,
            LaneReduce::Or => super::BinaryOp::Or,
            LaneReduce::Xor => super::BinaryOp::Xor,
        }
    }
}
