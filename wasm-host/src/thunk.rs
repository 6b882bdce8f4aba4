//! C function pointers that carry a token.
//!
//! A callback needs an address of its own that C can call with its plain signature. A thunk is sixteen bytes of code
//! that loads a token from a table and jumps to a common stub, which saves every argument register of the calling
//! convention into a [`Frame`] and calls one Rust function with both. So no thunk knows its signature; the token does.
//!
//! A block is a page of code, written once and then made executable and read-only, and beside it a page of tokens that
//! stays writable and never becomes executable: making a thunk changes no code. Blocks are never unmapped, for C may
//! keep an address longer than anyone knows; a thunk given back answers 0 until it is used again.

use std::io;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

/// What [`Thunk::new`] takes: called with the token and the saved registers, on the caller's thread.
pub(crate) type Target = unsafe extern "C" fn(token: *const (), frame: *mut Frame);

#[cfg(target_arch = "x86_64")]
mod arch {
    //! System V AMD64.
    pub(super) const INTEGERS: usize = 6;

    /// Saves rdi, rsi, rdx, rcx, r8, r9, xmm0-7 and the address of the stack's arguments; calls the target with the
    /// token (r11) and the frame; loads rax and xmm0. The call's displacement is at `CALL`.
    pub(super) const STUB: &[u8] = &[
        0x55, 0x48, 0x89, 0xe5, // push rbp; mov rbp, rsp
        0x48, 0x81, 0xec, 0x90, 0, 0, 0, // sub rsp, 0x90
        0x48, 0x89, 0x3c, 0x24, 0x48, 0x89, 0x74, 0x24, 0x08, // mov [rsp], rdi; mov [rsp+8], rsi
        0x48, 0x89, 0x54, 0x24, 0x10, 0x48, 0x89, 0x4c, 0x24, 0x18, // rdx, rcx
        0x4c, 0x89, 0x44, 0x24, 0x20, 0x4c, 0x89, 0x4c, 0x24, 0x28, // r8, r9
        0xf2, 0x0f, 0x11, 0x44, 0x24, 0x30, 0xf2, 0x0f, 0x11, 0x4c, 0x24, 0x38, // movsd xmm0, xmm1
        0xf2, 0x0f, 0x11, 0x54, 0x24, 0x40, 0xf2, 0x0f, 0x11, 0x5c, 0x24, 0x48, // xmm2, xmm3
        0xf2, 0x0f, 0x11, 0x64, 0x24, 0x50, 0xf2, 0x0f, 0x11, 0x6c, 0x24, 0x58, // xmm4, xmm5
        0xf2, 0x0f, 0x11, 0x74, 0x24, 0x60, 0xf2, 0x0f, 0x11, 0x7c, 0x24, 0x68, // xmm6, xmm7
        0x48, 0x8d, 0x45, 0x10, 0x48, 0x89, 0x44, 0x24, 0x70, // lea rax, [rbp+16]; mov [rsp+0x70], rax
        0x4c, 0x89, 0xdf, 0x48, 0x89, 0xe6, // mov rdi, r11; mov rsi, rsp
        0xff, 0x15, 0, 0, 0, 0, // call [rip + target]
        0x48, 0x8b, 0x44, 0x24, 0x78, // mov rax, [rsp+0x78]
        0xf2, 0x0f, 0x10, 0x84, 0x24, 0x80, 0, 0, 0, // movsd xmm0, [rsp+0x80]
        0xc9, 0xc3, // leave; ret
    ];
    const CALL: usize = 105;

    /// Makes the stub at `at` call through the word at `target`.
    pub(super) fn link_stub(code: &mut [u8], at: usize, target: usize) {
        let next = at + CALL + 4;
        code[at + CALL..next].copy_from_slice(&displacement(next, target));
    }

    /// `endbr64; mov r11, [rip + token]; jmp stub`.
    pub(super) fn thunk(at: usize, token: usize, stub: usize) -> [u8; 16] {
        let mut code = [0xf3, 0x0f, 0x1e, 0xfa, 0x4c, 0x8b, 0x1d, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0];
        code[7..11].copy_from_slice(&displacement(at + 11, token));
        code[12..16].copy_from_slice(&displacement(at + 16, stub));
        code
    }

    fn displacement(from: usize, to: usize) -> [u8; 4] {
        // Both lie in one block of two pages.
        (to as i64 - from as i64).to_le_bytes()[..4].try_into().unwrap_or_default()
    }

    pub(super) fn flush(_start: *mut u8, _len: usize) {}
}

#[cfg(target_arch = "aarch64")]
mod arch {
    //! AAPCS64.
    pub(super) const INTEGERS: usize = 8;

    const WORDS: &[u32] = &[
        0xa9bf_7bfd, // stp x29, x30, [sp, #-16]!
        0x9100_03fd, // mov x29, sp
        0xd102_83ff, // sub sp, sp, #160
        0xa900_07e0, // stp x0, x1, [sp]
        0xa901_0fe2, // stp x2, x3, [sp, #16]
        0xa902_17e4, // stp x4, x5, [sp, #32]
        0xa903_1fe6, // stp x6, x7, [sp, #48]
        0x6d04_07e0, // stp d0, d1, [sp, #64]
        0x6d05_0fe2, // stp d2, d3, [sp, #80]
        0x6d06_17e4, // stp d4, d5, [sp, #96]
        0x6d07_1fe6, // stp d6, d7, [sp, #112]
        0x9100_43a9, // add x9, x29, #16
        0xf900_43e9, // str x9, [sp, #128]
        0xaa10_03e0, // mov x0, x16
        0x9100_03e1, // mov x1, sp
        0x5800_0009, // ldr x9, target
        0xd63f_0120, // blr x9
        0xf940_47e0, // ldr x0, [sp, #136]
        0xfd40_4be0, // ldr d0, [sp, #144]
        0x9100_03bf, // mov sp, x29
        0xa8c1_7bfd, // ldp x29, x30, [sp], #16
        0xd65f_03c0, // ret
    ];
    const CALL: usize = 15;

    pub(super) const STUB: &[u8] = &{
        let mut bytes = [0; WORDS.len() * 4];
        let mut i = 0;
        while i < bytes.len() {
            bytes[i] = (WORDS[i / 4] >> (i % 4 * 8)) as u8;
            i += 1;
        }
        bytes
    };

    /// Makes the stub at `at` call through the word at `target`.
    pub(super) fn link_stub(code: &mut [u8], at: usize, target: usize) {
        let from = at + CALL * 4;
        code[from..from + 4].copy_from_slice(&(WORDS[CALL] | literal(from, target)).to_le_bytes());
    }

    /// `bti c; ldr x16, token; b stub; nop`.
    pub(super) fn thunk(at: usize, token: usize, stub: usize) -> [u8; 16] {
        let branch = ((stub as i64 - (at + 8) as i64) >> 2) as u32 & 0x03ff_ffff;
        let words = [0xd503_245f, 0x5800_0010 | literal(at + 4, token), 0x1400_0000 | branch, 0xd503_201f];
        let mut code = [0; 16];
        for (bytes, word) in code.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&u32::to_le_bytes(word));
        }
        code
    }

    /// The offset field of a literal load: both lie in one block of two pages.
    fn literal(from: usize, to: usize) -> u32 {
        ((((to as i64 - from as i64) >> 2) as u32) & 0x7_ffff) << 5
    }

    pub(super) fn flush(start: *mut u8, len: usize) {
        unsafe extern "C" {
            fn __clear_cache(start: *mut u8, end: *mut u8);
        }
        // SAFETY: the range is the page just written.
        unsafe { __clear_cache(start, start.add(len)) };
    }
}

/// Integer arguments that travel in registers.
pub(crate) const INTEGER_REGISTERS: usize = arch::INTEGERS;
/// Floating-point arguments that travel in registers.
pub(crate) const FLOAT_REGISTERS: usize = 8;

/// The argument registers at the call, and the result registers after it. The stubs know these offsets.
#[repr(C)]
pub(crate) struct Frame {
    pub(crate) integers: [u64; INTEGER_REGISTERS],
    /// The low 64 bits of each.
    pub(crate) floats: [u64; FLOAT_REGISTERS],
    /// Arguments beyond the registers, eight bytes each.
    pub(crate) stack: *const u64,
    pub(crate) integer_result: u64,
    pub(crate) float_result: u64,
}

/// Where thunks start in a block; the stub comes before.
const FIRST: usize = 256;
const THUNK: usize = 16;

struct Slots {
    /// Code address and token word of the thunks that are free.
    free: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    code: *const u8,
    token: *const AtomicPtr<()>,
}

// SAFETY: a slot names memory that is never unmapped, and its token is atomic.
unsafe impl Send for Slot {}
// SAFETY: as above.
unsafe impl Sync for Slot {}

static SLOTS: Mutex<Slots> = Mutex::new(Slots { free: Vec::new() });

/// One address for C to call. Given back when dropped; [`Thunk::leak`] keeps it for good.
pub(crate) struct Thunk(Slot);

impl Thunk {
    /// A thunk that calls `target` with `token`. The first one of the process fixes the target of all.
    pub(crate) fn new(target: Target, token: *const ()) -> io::Result<Thunk> {
        let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.free.is_empty() {
            slots.free = map_block(target)?;
        }
        let slot = slots.free.pop().ok_or_else(|| io::Error::other("the page size leaves no room for a thunk"))?;
        // SAFETY: token words are never unmapped.
        unsafe { &*slot.token }.store(token.cast_mut(), Ordering::Release);
        Ok(Thunk(slot))
    }

    pub(crate) fn address(&self) -> *const u8 {
        self.0.code
    }

    /// Keeps the thunk and its token for as long as the process lives.
    pub(crate) fn leak(self) {
        std::mem::forget(self);
    }
}

impl Drop for Thunk {
    fn drop(&mut self) {
        // SAFETY: token words are never unmapped.
        unsafe { &*self.0.token }.store(ptr::null_mut(), Ordering::Release);
        SLOTS.lock().unwrap_or_else(PoisonError::into_inner).free.push(self.0);
    }
}

/// Maps a page of thunks and its page of tokens.
fn map_block(target: Target) -> io::Result<Vec<Slot>> {
    // SAFETY: a query without side effects.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).map_err(io::Error::other)?;
    let mut code = vec![0; page];
    code[..arch::STUB.len()].copy_from_slice(arch::STUB);
    // The token page starts with the target's address.
    arch::link_stub(&mut code, 0, page);
    let places: Vec<(usize, usize)> =
        (FIRST..page).step_by(THUNK).enumerate().map(|(i, at)| (at, page + 8 * (i + 1))).collect();
    for &(at, token) in &places {
        code[at..at + THUNK].copy_from_slice(&arch::thunk(at, token, 0));
    }
    // SAFETY: a fresh mapping of two pages; the first is filled while writable and then made executable instead, the
    // second is written only through the pointers made here.
    unsafe {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let block = libc::mmap(ptr::null_mut(), 2 * page, protection, flags, -1, 0);
        if block == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let block = block.cast::<u8>();
        ptr::copy_nonoverlapping(code.as_ptr(), block, page);
        block.add(page).cast::<Target>().write(target);
        if libc::mprotect(block.cast(), page, libc::PROT_READ | libc::PROT_EXEC) != 0 {
            let error = io::Error::last_os_error();
            libc::munmap(block.cast(), 2 * page);
            return Err(error);
        }
        arch::flush(block, page);
        Ok(places
            .iter()
            .rev()
            .map(|&(at, token)| Slot { code: block.add(at), token: block.add(token).cast() })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums its ten arguments with weights, to show that each arrives in its place.
    unsafe extern "C" fn weigh(token: *const (), frame: *mut Frame) {
        // SAFETY: called by the stub with a frame of its own.
        let frame = unsafe { &mut *frame };
        let spilled = 8 - INTEGER_REGISTERS.min(8);
        // SAFETY: the C signature below has eight integers; those beyond the registers are on the stack.
        let stack = (0..spilled).map(|i| unsafe { frame.stack.add(i).read() });
        let integers = frame.integers.iter().copied().take(8).chain(stack);
        frame.integer_result = token as u64 + integers.enumerate().map(|(i, x)| (i as u64 + 1) * x).sum::<u64>();
        let floats = frame.floats.iter().map(|bits| f64::from_bits(*bits));
        frame.float_result = floats.enumerate().map(|(i, x)| (i as f64 + 1.0) * x).sum::<f64>().to_bits();
    }

    #[test]
    fn arguments_and_results_pass_through() {
        let thunks: Vec<Thunk> =
            (0..600).map(|i| Thunk::new(weigh, (1000 * i) as *const ()).expect("a thunk")).collect();
        for (i, thunk) in thunks.iter().enumerate() {
            type Integers = extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64) -> u64;
            type Floats = extern "C" fn(f64, f64, f64, f64, f64, f64, f64, f64) -> f64;
            // SAFETY: the thunk takes any signature.
            let f = unsafe { std::mem::transmute::<*const u8, Integers>(thunk.address()) };
            // SAFETY: as above.
            let g = unsafe { std::mem::transmute::<*const u8, Floats>(thunk.address()) };
            assert_eq!(f(1, 2, 3, 4, 5, 6, 7, 8), 1000 * i as u64 + 204);
            assert_eq!(g(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), 204.0);
        }
        let address = thunks[599].address();
        drop(thunks);
        let again = Thunk::new(weigh, ptr::null()).expect("a thunk");
        assert_eq!(again.address(), address);
    }
}
