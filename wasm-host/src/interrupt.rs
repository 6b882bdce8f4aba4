//! Signals that are meant for the code which called a guest: Ctrl-C.
//!
//! An interpreter notes a signal in its handler and acts on it when its own code runs again, which a long guest keeps
//! from happening. So on a thread that asked for it ([`watch_this_thread`]) a handler of ours stands in front of the one
//! that is there: it calls that one, then stops the guest that runs on the thread, whose call comes back with
//! [`Stop::Interrupted`]. Where the signal's default action stands, or nothing handles it, there is nobody to wait for.
//!
//! Whoever installs a handler later replaces ours; [`ensure`], called before a guest is entered, puts it in front again.

use std::cell::Cell;
use std::mem;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use libc::{c_int, c_void, siginfo_t};

use crate::poll::{Poll, Stop};

const SIGNAL: c_int = libc::SIGINT;

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// The poll of the guest that runs on the watched thread.
static RUNNING: AtomicPtr<Poll> = AtomicPtr::new(ptr::null_mut());
/// Handlers that may be looking at it.
static LOOKING: AtomicUsize = AtomicUsize::new(0);
/// The handler that ours stands in front of; leaked, since a signal may arrive at any time.
static OUTER: AtomicPtr<libc::sigaction> = AtomicPtr::new(ptr::null_mut());

/// From now on an interrupt stops the guests of this thread. One thread of the process may ask: the one that acts on
/// signals.
pub fn watch_this_thread() {
    WATCHED.with(|watched| watched.set(true));
    ensure();
}

/// Makes sure that an interrupt is seen here, if it is to be.
pub(crate) fn ensure() {
    if !WATCHED.with(Cell::get) {
        return;
    }
    // SAFETY: a query into a zeroed structure of the right type.
    let current = unsafe {
        let mut current: libc::sigaction = mem::zeroed();
        (libc::sigaction(SIGNAL, ptr::null(), &mut current) == 0).then_some(current)
    };
    let Some(current) = current else { return };
    let own = handle as Handler as usize;
    if !matches!(current.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN) && current.sa_sigaction != own {
        install(current, own);
    }
}

#[cold]
fn install(current: libc::sigaction, own: usize) {
    let known = OUTER.load(Ordering::Acquire);
    // SAFETY: null, or a leaked box.
    let same = unsafe { known.as_ref() }
        .is_some_and(|k| k.sa_sigaction == current.sa_sigaction && k.sa_flags == current.sa_flags);
    // The same handler installed again and again must not leak a box each time.
    if !same {
        OUTER.store(Box::into_raw(Box::new(current)), Ordering::Release);
    }
    let mut action = current;
    action.sa_sigaction = own;
    action.sa_flags |= libc::SA_SIGINFO;
    // SAFETY: the handler has the signature that SA_SIGINFO asks for.
    unsafe { libc::sigaction(SIGNAL, &action, ptr::null_mut()) };
}

/// Runs a guest that an interrupt stops, if this is the watched thread.
pub(crate) fn running<R>(poll: &Arc<Poll>, guest: impl FnOnce() -> R) -> R {
    if !WATCHED.with(Cell::get) {
        return guest();
    }
    // A guest whose caller was called by another guest comes before it.
    let outer = RUNNING.swap(Arc::as_ptr(poll).cast_mut(), Ordering::SeqCst);
    let result = guest();
    RUNNING.store(outer, Ordering::SeqCst);
    // A handler on another thread may hold the pointer still; one on this thread has come back.
    while LOOKING.load(Ordering::SeqCst) != 0 {
        std::thread::yield_now();
    }
    result
}

/// Runs in signal context, on any thread.
extern "C" fn handle(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the thread's own errno, put back below.
    let errno = unsafe { errno_location() };
    // SAFETY: as above.
    let saved = unsafe { *errno };
    // SAFETY: null, or a leaked box.
    if let Some(outer) = unsafe { OUTER.load(Ordering::Acquire).as_ref() } {
        let address = outer.sa_sigaction;
        // SAFETY: `install` left out the dispositions that are no functions; the flags tell the signature.
        unsafe {
            if outer.sa_flags & libc::SA_SIGINFO != 0 {
                mem::transmute::<usize, Handler>(address)(signal, info, context);
            } else {
                mem::transmute::<usize, extern "C" fn(c_int)>(address)(signal);
            }
        }
    }
    LOOKING.fetch_add(1, Ordering::SeqCst);
    // SAFETY: whoever made the pointer keeps the poll until it has seen that nobody is looking.
    if let Some(poll) = unsafe { RUNNING.load(Ordering::SeqCst).as_ref() }
        && let Some(deadline) = poll.deadline()
    {
        poll.stop(deadline, Stop::Interrupted);
    }
    LOOKING.fetch_sub(1, Ordering::SeqCst);
    // SAFETY: as above.
    unsafe { *errno = saved };
}

unsafe fn errno_location() -> *mut c_int {
    #[cfg(target_vendor = "apple")]
    // SAFETY: a query.
    return unsafe { libc::__error() };
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: a query.
    return unsafe { libc::__errno_location() };
}
