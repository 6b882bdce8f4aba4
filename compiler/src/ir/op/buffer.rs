//! Reference-counted memory: what arrays and lists made by a kernel live in. Ownership rules: [`crate::ir`].

use crate::ir::module::SiteId;

/// Ops on buffers. Array and Loop level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BufferOp {
    /// `bytes: i64`, not negative. A new buffer of zeroed bytes with one reference, 64-byte aligned; raises MemoryError
    /// at the site.
    Alloc(SiteId),
    /// `b: buffer`. The address of its first byte; valid while a reference lives. Does not consume `b`.
    Data,
    /// No operands. A reference to no buffer, the owner of memory that is not the kernel's: it is consumed like any other,
    /// and retaining and releasing it does nothing. Its address is null.
    None,
    /// `b: buffer`. A further reference. Does not consume `b`.
    Retain,
    /// `b: buffer`. Gives up the reference; the last one frees. Consumes `b`.
    Release,
    /// `b: buffer`. The reference as an address for the host, which will release it. Consumes `b`.
    Escape,
}
