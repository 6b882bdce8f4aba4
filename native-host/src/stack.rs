//! How far down a thread's stack kernels may go.

use std::cell::Cell;

/// What stays free below the limit: for kernel frames between two checks, and for raising the exception.
const RESERVE: usize = 64 << 10;

thread_local! {
    static LIMIT: Cell<u64> = const { Cell::new(0) };
}

/// The lowest stack pointer that kernels of this thread may reach: [`RESERVE`] above the end of the stack, or a
/// quarter of a stack that is small. Found once per thread.
pub fn limit() -> u64 {
    LIMIT.with(|limit| match limit.get() {
        0 => {
            let found = find();
            limit.set(found);
            found
        }
        known => known,
    })
}

/// If the system will not say where the stack ends, kernels may use a little below this frame.
fn find() -> u64 {
    let here = 0u8;
    let fallback = (&raw const here as u64).saturating_sub(RESERVE as u64);
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut base, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the attributes are initialised by the first call, read by the second, and given back by the third.
    let known = unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return fallback;
        }
        let known = libc::pthread_attr_getstack(attributes.as_ptr(), &mut base, &mut size) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        known
    };
    if known { base as u64 + RESERVE.min(size / 4) as u64 } else { fallback }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_lies_inside_the_stack() {
        for size in [256 << 10, 1 << 20] {
            let thread = std::thread::Builder::new().stack_size(size).spawn(|| {
                let here = 0u8;
                (&raw const here as u64 - limit(), limit() == limit())
            });
            let (room, stable) = thread.unwrap().join().unwrap();
            assert!(stable);
            // The system may give more than was asked for: it reuses the stacks of threads that are gone.
            assert!(room < 64 << 20 && room > size as u64 / 2, "{room} of {size}");
        }
    }
}
