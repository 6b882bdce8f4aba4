//! Functions that emitted code may call in its host, and their C signatures. A native object that needs any other
//! symbol is refused.

use crate::ir::Type;

/// A function of the host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Import {
    /// `(site: i32, p0..p3: i64)`: turns a failure that leaves a C function into a Python exception. The back-end passes
    /// the address of the object's token (which the host fills in) as a first argument of its own.
    Raise,
    /// `() -> u64`: the lowest stack pointer that the running thread's kernels may reach.
    StackLimit,
    /// `(bytes: i64) -> ptr`: zeroed memory with a reference count of one, or null.
    BufferAlloc,
    /// `(buffer: ptr)`: one more reference.
    BufferRetain,
    /// `(buffer: ptr)`: one reference less; frees at none.
    BufferRelease,
}

impl Import {
    pub const ALL: [Import; 5] =
        [Import::Raise, Import::StackLimit, Import::BufferAlloc, Import::BufferRetain, Import::BufferRelease];

    /// The symbol in objects and modules.
    pub const fn symbol(self) -> &'static str {
        match self {
            Import::Raise => "gelcap_raise",
            Import::StackLimit => "gelcap_stack_limit",
            Import::BufferAlloc => "gelcap_buffer_alloc",
            Import::BufferRetain => "gelcap_buffer_retain",
            Import::BufferRelease => "gelcap_buffer_release",
        }
    }

    pub fn from_symbol(symbol: &str) -> Option<Import> {
        Import::ALL.into_iter().find(|i| i.symbol() == symbol)
    }

    /// Parameter and result types of [`crate::ir::Op::CallImport`].
    pub const fn signature(self) -> (&'static [Type], &'static [Type]) {
        match self {
            Import::Raise => (&[Type::I32, Type::I64, Type::I64, Type::I64, Type::I64], &[]),
            Import::StackLimit => (&[], &[Type::U64]),
            Import::BufferAlloc => (&[Type::I64], &[Type::Ptr]),
            Import::BufferRetain | Import::BufferRelease => (&[Type::Ptr], &[]),
        }
    }
}
