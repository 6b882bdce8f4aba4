//! How much native stack a guest may use on this thread.
//!
//! wasmtime checks a guest's stack use against a limit counted from where the call starts, not against the end of the
//! thread's stack. On a small thread (C libraries make them) a deep guest would run off the real end, and the process
//! would die. So a call that does not find enough room runs on a thread made for it.

use std::cell::Cell;
use std::io;
use std::thread;

/// Room for the host's own frames below and above the guest's, signal handling included.
const RESERVE: usize = 128 << 10;

#[derive(Clone, Copy)]
struct Bounds {
    low: usize,
    high: usize,
}

thread_local! {
    static BOUNDS: Cell<Option<Bounds>> = const { Cell::new(None) };
}

/// Runs `call` here if this thread has stack enough for a guest that may use so much, else on a thread that has.
pub(crate) fn with_room<R: Send>(stack: usize, call: impl FnOnce() -> R + Send) -> io::Result<R> {
    if has_room(stack) {
        return Ok(call());
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(stack + 2 * RESERVE);
        match builder.spawn_scoped(scope, call)?.join() {
            Ok(result) => Ok(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn has_room(stack: usize) -> bool {
    let here = approximate_stack_pointer();
    let Some(Bounds { low, high }) = bounds() else { return false };
    // A stack pointer outside the thread's stack means a coroutine of unknown size.
    (low..high).contains(&here) && here - low >= stack + RESERVE
}

#[inline(never)]
fn approximate_stack_pointer() -> usize {
    let local = 0u8;
    (&raw const local).expose_provenance()
}

fn bounds() -> Option<Bounds> {
    BOUNDS.with(|cached| {
        if cached.get().is_none() {
            cached.set(query());
        }
        cached.get()
    })
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn query() -> Option<Bounds> {
    use std::mem::MaybeUninit;
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let mut low = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are initialised by the first call before the others read and destroy them.
    let status = unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let status = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        status
    };
    (status == 0).then(|| Bounds { low: low as usize, high: low as usize + size })
}

#[cfg(target_vendor = "apple")]
fn query() -> Option<Bounds> {
    // SAFETY: queries about the calling thread.
    let (high, size) = unsafe {
        let this = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(this) as usize, libc::pthread_get_stacksize_np(this))
    };
    Some(Bounds { low: high - size, high })
}
