//! The thread that stops guests at their deadlines.
//!
//! It sleeps until the earliest deadline it knows of. A guest that starts tells it nothing but a deadline in its
//! [`Poll`], unless the thread would oversleep it: [`Watchdog::watch`] compares with what the thread announced before it
//! went to sleep. The order settles who is responsible: the guest stores its deadline before it reads the announcement;
//! the thread announces that it knows nothing before it looks at the deadlines, and what it found when it has looked. So
//! that short calls need not wake it one by one, it looks again some milliseconds after it has seen anything going on.
//!
//! A fork leaves the thread behind. The child starts one of its own, with a list of its own.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use crate::poll::{Poll, Stop, now};
use crate::traps::HostError;

/// How long it goes on looking after something was going on.
const LINGER: u64 = 10_000_000;
/// What could not be stopped is tried again after this.
const AGAIN: u64 = 1_000_000;

pub(crate) struct Watchdog {
    polls: Mutex<Vec<Weak<Poll>>>,
    wake: Condvar,
    /// When the thread will look at the deadlines next.
    next: AtomicU64,
}

static CURRENT: AtomicPtr<Watchdog> = AtomicPtr::new(ptr::null_mut());

/// The process's watchdog, started now if need be. It lives as long as the process.
pub(crate) fn current() -> Result<&'static Watchdog, HostError> {
    // SAFETY: null, or a leaked box.
    match unsafe { CURRENT.load(Ordering::Acquire).as_ref() } {
        Some(watchdog) => Ok(watchdog),
        None => start(),
    }
}

#[cold]
fn start() -> Result<&'static Watchdog, HostError> {
    extern "C" fn forget() {
        CURRENT.store(ptr::null_mut(), Ordering::Release);
    }
    static FORKS: Once = Once::new();
    // SAFETY: the handler does nothing but one atomic store.
    FORKS.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(forget));
    });
    let watchdog: &'static Watchdog = Box::leak(Box::new(Watchdog {
        polls: Mutex::new(Vec::new()),
        wake: Condvar::new(),
        next: AtomicU64::new(u64::MAX),
    }));
    let own = ptr::from_ref(watchdog).cast_mut();
    if let Err(other) = CURRENT.compare_exchange(ptr::null_mut(), own, Ordering::AcqRel, Ordering::Acquire) {
        // Another thread was faster; the box is small, and this happens once a process.
        // SAFETY: not null, so a leaked box.
        return Ok(unsafe { &*other });
    }
    let named = thread::Builder::new().name("gelcap-watchdog".to_string()).stack_size(128 << 10);
    if let Err(error) = named.spawn(|| watchdog.run()) {
        CURRENT.store(ptr::null_mut(), Ordering::Release);
        return Err(HostError::Thread(error));
    }
    Ok(watchdog)
}

impl Watchdog {
    /// Adds a poll to those that are looked at, for as long as it lives.
    pub(crate) fn add(&self, poll: &Arc<Poll>) {
        let mut polls = self.polls.lock().unwrap_or_else(PoisonError::into_inner);
        polls.retain(|known| known.strong_count() > 0);
        polls.push(Arc::downgrade(poll));
    }

    /// Makes sure that the thread looks at a deadline in time. The poll has been added, and has it already.
    #[inline]
    pub(crate) fn watch(&self, deadline: u64) {
        if deadline < self.next.load(Ordering::SeqCst) {
            // The lock is free once the thread sleeps, and not before.
            drop(self.polls.lock().unwrap_or_else(PoisonError::into_inner));
            self.wake.notify_one();
        }
    }

    fn run(&self) {
        let mut polls = self.polls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = 0;
        loop {
            // From here on, whoever starts a guest wakes the thread.
            self.next.store(u64::MAX, Ordering::SeqCst);
            let mut next = u64::MAX;
            let mut begun = 0u64;
            let time = now();
            for poll in polls.iter().filter_map(Weak::upgrade) {
                begun = begun.wrapping_add(poll.begun());
                let Some(deadline) = poll.deadline() else { continue };
                if deadline > time {
                    next = next.min(deadline);
                } else if !poll.stop(deadline, Stop::Timeout) && poll.deadline() == Some(deadline) {
                    next = next.min(time + AGAIN);
                }
            }
            if begun != seen {
                seen = begun;
                next = next.min(time + LINGER);
            }
            self.next.store(next, Ordering::SeqCst);
            polls = if next == u64::MAX {
                self.wake.wait(polls).unwrap_or_else(PoisonError::into_inner)
            } else {
                let pause = Duration::from_nanos(next.saturating_sub(now()));
                self.wake.wait_timeout(polls, pause).unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}
