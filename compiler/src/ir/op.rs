//! Every op, by family. Result types are in [`super::typing`], effects in [`super::effects`], the meaning of scalar ops
//! in [`super::eval`]; what stands here is the shape: attributes, operands, results, and the level at which it exists.

pub mod array;
pub mod buffer;
pub mod checked;
pub mod memory;
pub mod name;
pub mod scalar;
pub mod vector;

pub use array::{ArrayOp, AxisSpec, ReduceOp};
pub use buffer::BufferOp;
pub use checked::CheckedOp;
pub use memory::Access;
pub use scalar::{BinaryOp, CompareOp, Const, UnaryOp};
pub use vector::{LaneReduce, VectorOp};

use super::module::{DataId, FuncId, LabelId, SiteId};
use crate::abi::imports::Import;
use crate::abi::status::Exception;
use crate::types::Scalar;

/// What an instruction does. In the comments `a, b` are its arguments.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    // ---- Pure scalar ops, lane by lane on vectors and packs. All levels.
    /// No operands. The scalar constant.
    Const(Const),
    /// No operands. The null address.
    Null,
    /// `a`, float or integer or bool as [`UnaryOp`] says; result as `a`.
    Unary(UnaryOp),
    /// `a, b` of one type; result as `a`.
    Binary(BinaryOp),
    /// `a, b` of one type (scalars, or two addresses for `eq`/`ne`); bool, mask or pack of bool.
    Compare(CompareOp),
    /// `c, a, b`: `a` where `c`, else `b`. `c` is a bool, or a mask/pack of bool as wide as `a`. Any type but Buffer.
    Select,
    /// `a` converted to the scalar, every value defined: [`super::eval::convert`]. At Machine level floats convert to
    /// `i32`, `u32`, `i64` and `u64` alone.
    Convert(Scalar),
    /// `a`'s bits read as another scalar of the same size.
    Bitcast(Scalar),
    /// `a, b` integers of one signed type. Two results: the wrapped value, and whether the true one differs (bool).
    /// Machine level, what checked arithmetic becomes, where the target has it.
    Overflowing(CheckedOp),

    // ---- Ops that may raise. Array and Loop level.
    /// `a[, b]` integers; the exact result, or a raise at the site if the type cannot hold it.
    Checked(CheckedOp, SiteId),
    /// `c, payload...` (`c` bool; up to four `i64`, `u64` or `f64` words). Raises at the site unless `c`.
    Check(SiteId),
    /// `site: i32`. Whether the exception of the site is the given one or derives from it.
    SiteMatches(Exception),

    // ---- Memory.
    /// `base: ptr, index: i64`. The element. All levels.
    Load(Access),
    /// `base: ptr, index: i64, value`. All levels.
    Store(Access),
    /// `base: ptr, bytes: i64`. The address that many bytes on; pure. All levels.
    PtrAdd,
    /// `a: ptr`. The address as `u64`; pure. All levels.
    PtrToInt,
    /// `a: u64`. The address of that number; pure. All levels.
    IntToPtr,
    /// No operands. The address of a constant table; pure. All levels.
    DataAddr(DataId),
    /// No operands. The address of so many bytes, aligned to 16, that live until the function returns. Not inside loops.
    StackSlot(u32),
    /// No operands. The stack pointer of the running function, as an address. Machine level, where the target has one.
    StackPointer,

    /// No operands or results. Gives the host an occasion to stop the function: it does not come back from here if the
    /// host has closed the poll page. Machine level, for targets that are interruptible; `passes/poll.rs` says where.
    Poll,

    /// Reference-counted memory. Array and Loop level.
    Buffer(BufferOp),
    /// Vector and pack ops. Loop level, those on packs at Machine level too.
    Vector(VectorOp),
    /// Whole-array ops. Array level.
    Array(ArrayOp),

    // ---- Calls.
    /// The callee's parameters; its results. Raises what the callee raises (at Machine level: a plain call).
    Call(FuncId),
    /// Arguments and results as [`Import::signature`] says. Never raises.
    CallImport(Import),
    /// No operands or results. Raises at the site if the stack (or the depth allowed) is used up. Stands at the entry
    /// of functions that call themselves, directly or not. Array and Loop level.
    StackCheck(SiteId),

    // ---- Constructs with regions; see [`super::control`].
    If,
    Block(LabelId),
    For(LabelId),
    While(LabelId),
    VFor(LabelId),
    Try(LabelId),
    Loop(LabelId),

    // ---- Terminators; see [`super::control`].
    Yield,
    Break(LabelId),
    Continue(LabelId),
    Again(LabelId),
    Condition,
    Return,
    /// `payload...` (up to four words). `None` leaves the function as failure, `Some` names an enclosing `try`.
    Raise(Option<LabelId>, SiteId),
    /// `site: i32, p0..p3: i64`, as a handler received them. Target as for `Raise`.
    Reraise(Option<LabelId>),
    /// Control never comes here: what follows a construct that always leaves.
    Unreachable,
}

impl Op {
    /// Ends a region.
    pub const fn is_terminator(&self) -> bool {
        matches!(
            self,
            Op::Yield
                | Op::Break(_)
                | Op::Continue(_)
                | Op::Again(_)
                | Op::Condition
                | Op::Return
                | Op::Raise(..)
                | Op::Reraise(_)
                | Op::Unreachable
        )
    }

    /// The label this op defines for terminators inside its regions.
    pub const fn defined_label(&self) -> Option<LabelId> {
        match self {
            Op::Block(l) | Op::For(l) | Op::While(l) | Op::VFor(l) | Op::Try(l) | Op::Loop(l) => Some(*l),
            _ => None,
        }
    }

    /// The label this terminator leaves for.
    pub const fn target_label(&self) -> Option<LabelId> {
        match self {
            Op::Break(l) | Op::Continue(l) | Op::Again(l) => Some(*l),
            Op::Raise(l, _) | Op::Reraise(l) => *l,
            _ => None,
        }
    }
}
