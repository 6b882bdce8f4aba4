//! Keeps wasmtime's signal handlers in place.
//!
//! A guest's trap is a fault in compiled code that wasmtime's handlers for SIGSEGV, SIGILL and SIGFPE turn into an
//! error. Whoever replaces one of them later (`faulthandler.enable()` replaces all three) makes the next trap the death
//! of the process. So [`ensure`], called before every entry into a guest, compares the handlers with those remembered
//! when the engine was made, and where another stands puts a dispatcher in front of it: faults inside a guest go to
//! wasmtime, all others to the handler that was found, so that `faulthandler` still reports real crashes.
//!
//! Comparing costs three system calls, more than a small kernel. It is left out if the previous guest on this thread
//! ended less than [`GAP`] ago, and at most [`MAX_SKIPS`] times in a row: the thread itself cannot have replaced a
//! handler in that time (that takes a system call for each, and a way through an interpreter there and back). Another
//! thread may do it while a guest runs, and no check can win that race; the pause is as short as many a kernel.

use std::cell::Cell;
use std::mem;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use libc::{c_int, c_void, siginfo_t};

#[cfg(target_vendor = "apple")]
const WATCHED: [c_int; 4] = [libc::SIGSEGV, libc::SIGILL, libc::SIGFPE, libc::SIGBUS];
#[cfg(all(not(target_vendor = "apple"), target_arch = "x86_64"))]
const WATCHED: [c_int; 3] = [libc::SIGSEGV, libc::SIGILL, libc::SIGFPE];
#[cfg(all(not(target_vendor = "apple"), not(target_arch = "x86_64")))]
const WATCHED: [c_int; 2] = [libc::SIGSEGV, libc::SIGILL];

/// In [`ticks`]: about two hundred nanoseconds.
#[cfg(target_arch = "x86_64")]
const GAP: u64 = 600;
#[cfg(not(target_arch = "x86_64"))]
const GAP: u64 = 200;

const MAX_SKIPS: u32 = 64;

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What is known of one watched signal.
struct Watch {
    /// wasmtime's own disposition.
    engine: OnceLock<libc::sigaction>,
    /// The handler the dispatcher stands in front of; leaked, since a signal may arrive at any time.
    outer: AtomicPtr<libc::sigaction>,
    /// The outer handler has been told of a fault outside of guests. Should the same fault come again, it could not
    /// cope, and wasmtime's handler (which ends in the system's default) has the last word.
    told: AtomicBool,
}

static WATCHES: [Watch; WATCHED.len()] =
    [const { Watch { engine: OnceLock::new(), outer: AtomicPtr::new(ptr::null_mut()), told: AtomicBool::new(false) } };
        WATCHED.len()];

thread_local! {
    /// How many guests this thread is inside of. `const` and without a destructor, so a signal handler may read it.
    static DEPTH: Cell<u32> = const { Cell::new(0) };

    /// When the last guest on this thread ended, and how many checks were left out since the last one made.
    static LAST: Cell<(u64, u32)> = const { Cell::new((0, MAX_SKIPS)) };
}

/// A clock that is cheap to read: the processor's cycle counter, else nanoseconds.
#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    // SAFETY: every x86-64 has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Marks this thread as inside a guest until dropped.
pub(crate) struct Inside(());

impl Inside {
    pub(crate) fn enter() -> Inside {
        DEPTH.with(|depth| depth.set(depth.get() + 1));
        Inside(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
        LAST.with(|last| last.set((ticks(), last.get().1)));
    }
}

/// Remembers the handlers that the engine just installed. Called once, right after the engine is made.
pub(crate) fn remember() {
    for (watch, signal) in WATCHES.iter().zip(WATCHED) {
        if let Some(current) = query(signal) {
            watch.engine.get_or_init(|| current);
        }
    }
}

/// Makes sure that a trap on this thread reaches wasmtime, whatever was installed since.
pub(crate) fn ensure() {
    let (end, skips) = LAST.with(Cell::get);
    let skip = skips < MAX_SKIPS && ticks().wrapping_sub(end) < GAP;
    LAST.with(|last| last.set((end, if skip { skips + 1 } else { 0 })));
    if !skip {
        check();
    }
}

fn check() {
    crate::interrupt::ensure();
    for (watch, signal) in WATCHES.iter().zip(WATCHED) {
        let (Some(engine), Some(current)) = (watch.engine.get(), query(signal)) else { continue };
        let ours = current.sa_sigaction == engine.sa_sigaction || current.sa_sigaction == dispatcher();
        if !ours {
            put_dispatcher(watch, signal, current);
        }
    }
}

#[cold]
fn put_dispatcher(watch: &Watch, signal: c_int, current: libc::sigaction) {
    let known = watch.outer.load(Ordering::Acquire);
    // SAFETY: `outer` is null or a leaked box.
    let same = unsafe { known.as_ref() }
        .is_some_and(|k| k.sa_sigaction == current.sa_sigaction && k.sa_flags == current.sa_flags);
    // The same handler installed again and again must not leak a box each time.
    if !same {
        watch.outer.store(Box::into_raw(Box::new(current)), Ordering::Release);
    }
    watch.told.store(false, Ordering::Release);
    // SAFETY: an all-zero `sigaction` is valid, and every field that matters is set; the handler has the signature that
    // SA_SIGINFO asks for. The flags are those wasmtime itself uses.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = dispatcher();
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, ptr::null_mut());
    }
}

fn dispatcher() -> usize {
    dispatch as Handler as usize
}

fn query(signal: c_int) -> Option<libc::sigaction> {
    // SAFETY: a query into a zeroed structure of the right type.
    unsafe {
        let mut current: libc::sigaction = mem::zeroed();
        (libc::sigaction(signal, ptr::null(), &mut current) == 0).then_some(current)
    }
}

/// Runs in signal context: it may only read statics, change dispositions and call other handlers.
extern "C" fn dispatch(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some(index) = WATCHED.iter().position(|s| *s == signal) else { return };
    let watch = &WATCHES[index];
    let inside = DEPTH.with(Cell::get) > 0;
    let outer = watch.outer.load(Ordering::Acquire);
    // SAFETY: `outer` is null or a leaked box.
    let outer = unsafe { outer.as_ref() };
    let target = match outer {
        Some(outer) if !inside && !watch.told.swap(true, Ordering::AcqRel) => outer,
        Some(_) | None => match watch.engine.get() {
            Some(engine) => engine,
            None => return,
        },
    };
    // SAFETY: the disposition was read from the system, so its handler has the signature its flags say.
    unsafe { run(target, signal, info, context) }
}

unsafe fn run(target: &libc::sigaction, signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let address = target.sa_sigaction;
    // SAFETY: see the caller; for the default dispositions the fault is repeated under them, as the system would have.
    unsafe {
        if address == libc::SIG_DFL || address == libc::SIG_IGN {
            libc::sigaction(signal, target, ptr::null_mut());
        } else if target.sa_flags & libc::SA_SIGINFO != 0 {
            mem::transmute::<usize, Handler>(address)(signal, info, context);
        } else {
            mem::transmute::<usize, extern "C" fn(c_int)>(address)(signal);
        }
    }
}
