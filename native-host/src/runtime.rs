//! The functions that [`gelcap_compiler::abi::imports`] promises to native code.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use gelcap_compiler::abi::imports::Import;

use crate::kernel::Raised;
use crate::stack;

/// What C entries call on failure. It must not unwind.
pub type RaiseFn = unsafe extern "C" fn(token: *const AtomicU64, site: i32, p0: i64, p1: i64, p2: i64, p3: i64);

/// The address of an import.
pub(crate) fn address(import: Import, raise: RaiseFn) -> usize {
    match import {
        Import::Raise => raise as usize,
        Import::StackLimit => stack_limit as extern "C" fn() -> u64 as usize,
        Import::BufferAlloc => buffer_alloc as extern "C" fn(i64) -> *mut u8 as usize,
        Import::BufferRetain => buffer_retain as unsafe extern "C" fn(*mut u8) as usize,
        Import::BufferRelease => buffer_release as unsafe extern "C" fn(*mut u8) as usize,
    }
}

thread_local! {
    static LAST: Cell<Option<Raised>> = const { Cell::new(None) };
}

/// A [`RaiseFn`] that keeps the first failure of the thread until [`take_raised`] asks for it.
///
/// # Safety
/// None needed: it ignores the token.
pub unsafe extern "C" fn record_raise(_: *const AtomicU64, site: i32, p0: i64, p1: i64, p2: i64, p3: i64) {
    LAST.with(|last| {
        if last.get().is_none() {
            last.set(Some(Raised { site, payload: [p0, p1, p2, p3] }));
        }
    });
}

/// The failure that [`record_raise`] kept on this thread.
pub fn take_raised() -> Option<Raised> {
    LAST.with(Cell::take)
}

extern "C" fn stack_limit() -> u64 {
    stack::limit()
}

/// What stands before a buffer's bytes.
#[repr(C, align(64))]
struct Header {
    references: AtomicU64,
    bytes: usize,
}

fn layout(bytes: usize) -> Option<Layout> {
    let total = bytes.checked_add(size_of::<Header>())?;
    Layout::from_size_align(total, align_of::<Header>()).ok()
}

/// Buffers that are alive, for tests that count them to zero.
static LIVE: AtomicU64 = AtomicU64::new(0);

pub fn live_buffers() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

/// Zeroed memory, 64-byte aligned, with a reference count of one; null if there is none.
pub extern "C" fn buffer_alloc(bytes: i64) -> *mut u8 {
    let Some((bytes, layout)) = usize::try_from(bytes).ok().and_then(|b| Some((b, layout(b)?))) else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout is not empty.
    let header = unsafe { alloc_zeroed(layout) }.cast::<Header>();
    if header.is_null() {
        return std::ptr::null_mut();
    }
    LIVE.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the memory is fresh, large enough and aligned; the bytes start one header on.
    unsafe {
        header.write(Header { references: AtomicU64::new(1), bytes });
        header.add(1).cast()
    }
}

/// One more reference.
///
/// # Safety
/// `buffer` is alive and came from [`buffer_alloc`].
pub unsafe extern "C" fn buffer_retain(buffer: *mut u8) {
    // SAFETY: the header stands before the bytes.
    unsafe { &(*buffer.cast::<Header>().sub(1)).references }.fetch_add(1, Ordering::Relaxed);
}

/// One reference less; the last one frees.
///
/// # Safety
/// `buffer` is alive and came from [`buffer_alloc`]; the caller owns the reference.
pub unsafe extern "C" fn buffer_release(buffer: *mut u8) {
    // SAFETY: the header stands before the bytes; the last owner frees with the layout of the allocation.
    unsafe {
        let header = buffer.cast::<Header>().sub(1);
        if (*header).references.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        fence(Ordering::Acquire);
        if let Some(layout) = layout((*header).bytes) {
            dealloc(header.cast(), layout);
            LIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// How many bytes a buffer has.
///
/// # Safety
/// `buffer` is alive and came from [`buffer_alloc`].
pub unsafe fn buffer_bytes(buffer: *const u8) -> usize {
    // SAFETY: the header stands before the bytes.
    unsafe { (*buffer.cast::<Header>().sub(1)).bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_counted() {
        let before = live_buffers();
        let buffer = buffer_alloc(100);
        assert!(!buffer.is_null() && (buffer as usize).is_multiple_of(64));
        // SAFETY: the buffer has 100 zeroed bytes and the references taken here.
        unsafe {
            assert!((0..100).all(|i| *buffer.add(i) == 0));
            buffer_retain(buffer);
            buffer_release(buffer);
            *buffer.add(99) = 7;
            buffer_release(buffer);
        }
        assert_eq!(live_buffers(), before);
        assert!(buffer_alloc(-1).is_null());
        assert!(buffer_alloc(i64::MAX).is_null());
    }
}
