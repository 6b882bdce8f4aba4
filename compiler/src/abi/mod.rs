//! The kernel calling convention: what compiled code and its hosts agree on. This page is the contract.
//!
//! **Internal functions.** A function that cannot fail is `fn(args...) -> results...`. One that can is
//! `fn(ctx, args...) -> (status: i32, results...)`: [`STATUS_OK`], or [`STATUS_RAISED`] after it has stored into the
//! context which site raised and the values its message shows. The results mean nothing after a raise.
//!
//! **The context** ([`ctx`]) is 64 bytes of the caller's memory, aligned to 8, with the same offsets on all targets.
//! It is never shared between two calls that run at the same time.
//!
//! **Packed entry**, one per exported kernel, symbol [`packed_symbol`]: `fn(ctx: *mut Ctx, slots: *mut u64) -> i32`.
//! Arguments are read from `slots[0..n]`, results are written to `slots[0..m]`, both in order. A slot holds a scalar
//! as [`to_slot`] says; a pointer is its address. It always takes the context, fallible or not, and it reads every
//! argument before it writes a result.
//!
//! An array parameter of rank r fills 1 + 2r slots ([`array_param_slots`]): the address of its first element, the
//! shape, the strides in bytes. The memory must stay valid, and unchanged by others, until the call returns. An array
//! result fills 2 + 2r ([`array_result_slots`]): the same, then its *owner*: the address of a buffer of the kernel's,
//! with one reference that the host releases ([`imports::Import::BufferRelease`]) once the array is gone; or 0, and
//! then the elements lie in the memory of an array argument, which the host keeps alive instead.
//!
//! A result that is a Python scalar on some paths and a NumPy scalar on others fills two: 0 or 1 for NumPy's, then the
//! scalar as it would stand in a slot alone.
//!
//! **C entry**, for kernels that C calls, symbol [`c_symbol`]: the plain C signature (System V). On failure it calls
//! [`imports::Import::Raise`] and returns the failure value: 0 for an integer status, NaN for a floating-point
//! number, nothing for `void`. A recursive kernel's C entry asks [`imports::Import::StackLimit`] how deep it may go.
//!
//! **The token** ([`TOKEN_SYMBOL`]) is a data symbol of eight bytes, zero in the object. A host may store a pointer
//! there after loading; `Raise` gets its address, and so knows whose kernel failed.
//!
//! **Wasm.** The memory is imported as `env.memory`; packed entries are exported under their symbols; the first
//! [`NULL_PAGE`] bytes of guest memory are never used by kernels; the host places context and slots. Code for
//! interruptible targets stores to the page at [`POLL_PAGE`] now and then, never more than about ten microseconds apart:
//! a host that makes that page inaccessible stops it with a trap.

pub mod descriptor;
pub mod imports;
pub mod status;

use crate::types::Scalar;

/// Raised with every change of this convention; hosts refuse other versions.
pub const VERSION: u32 = 2;

pub const STATUS_OK: i32 = 0;
pub const STATUS_RAISED: i32 = 1;

/// Byte offsets in the context.
pub mod ctx {
    pub const SIZE: u32 = 64;
    pub const ALIGN: u32 = 8;
    /// `i32`: index into the artifact's site table, set on a raise.
    pub const SITE: u32 = 0;
    /// Four `i64` words for the message, set on a raise.
    pub const PAYLOAD: u32 = 8;
    /// `u64`: native, the lowest stack pointer a recursive function may have; wasm, the call depth that is left.
    pub const STACK_LIMIT: u32 = 40;
    /// `u64`: state of the allocator, for kernels that allocate.
    pub const HEAP: u32 = 48;
    /// `u64`: kept for native kernels that can be interrupted. In wasm the context is the guest's to scribble on: see
    /// [`super::POLL_PAGE`].
    pub const POLL: u32 = 56;
}

/// The global, imported from `env`, with the guest address of the page that wasm code stores to when it polls.
pub const POLL_PAGE: &str = "__poll_page";

/// Payload words of a raise.
pub const PAYLOAD_WORDS: usize = 4;

/// No kernel's frame is larger, so a check every call keeps the stack inside the limit's reserve.
pub const MAX_FRAME: u32 = 16 << 10;

/// Guest addresses below this are never valid in wasm.
pub const NULL_PAGE: u32 = 1024;

/// Slots of an array parameter: address, shape, strides.
pub const fn array_param_slots(rank: u8) -> usize {
    1 + 2 * rank as usize
}

/// Slots of an array result: address, shape, strides, owner.
pub const fn array_result_slots(rank: u8) -> usize {
    2 + 2 * rank as usize
}

/// The data symbol whose eight bytes belong to the host.
pub const TOKEN_SYMBOL: &str = "gelcap_token";

/// What the symbols of packed entries begin with.
pub const PACKED_PREFIX: &str = "gelcap_packed_";

/// The symbol of a kernel's packed entry.
pub fn packed_symbol(kernel: &str) -> String {
    format!("{PACKED_PREFIX}{kernel}")
}

/// The symbol of a kernel's C entry.
pub fn c_symbol(kernel: &str) -> String {
    format!("gelcap_c_{kernel}")
}

/// A scalar's bits as they stand in a 64-bit slot: signed integers sign-extended, unsigned ones and `Bool`
/// zero-extended, `F32` in the low half. `bits` holds the value in its low bits; what is above them is ignored.
pub fn to_slot(scalar: Scalar, bits: u64) -> u64 {
    match scalar {
        Scalar::Bool => bits & 1,
        Scalar::I8 => bits as i8 as u64,
        Scalar::I16 => bits as i16 as u64,
        Scalar::I32 => bits as i32 as u64,
        Scalar::U8 => bits as u8 as u64,
        Scalar::U16 => bits as u16 as u64,
        Scalar::U32 | Scalar::F32 => bits as u32 as u64,
        Scalar::I64 | Scalar::U64 | Scalar::F64 => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_extended_by_sign() {
        assert_eq!(to_slot(Scalar::I8, 0xff), u64::MAX);
        assert_eq!(to_slot(Scalar::U8, 0xfff), 0xff);
        assert_eq!(to_slot(Scalar::I32, 0x8000_0000), 0xffff_ffff_8000_0000);
        assert_eq!(to_slot(Scalar::F32, u64::MAX), 0xffff_ffff);
        assert_eq!(to_slot(Scalar::Bool, 3), 1);
    }

    #[test]
    fn the_context_has_no_overlaps() {
        let fields = [(ctx::SITE, 4), (ctx::PAYLOAD, 32), (ctx::STACK_LIMIT, 8), (ctx::HEAP, 8), (ctx::POLL, 8)];
        let mut end = 0;
        for (offset, size) in fields {
            assert!(offset >= end && offset % size.min(8) == 0);
            end = offset + size;
        }
        assert!(end <= ctx::SIZE);
    }
}
