//! The page that a guest stores to when it polls, and what happens while it is closed.
//!
//! A [`Poll`] belongs to one instance. While a guest runs, its state is the guest's deadline; whoever wants it stopped
//! (the watchdog, a cancelling thread, a signal handler) changes that to *closing*, makes the page inaccessible and says
//! *closed*; the guest's next poll traps. When the guest is out, however it came out, [`Poll::end`] takes the deadline
//! away or, if somebody was faster, opens the page again. One atomic word decides every race, and nothing here waits for
//! a lock: a process may be forked, or a signal arrive, at any time.
//!
//! Under the interpreter, whose loads and stores are the host's, the page stays open and the engine's epoch is moved on
//! instead: see [`Poll::is_closed`].

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wasmtime::Engine;

use crate::arena::{Arena, ArenaError, Region, host_page};

/// Why a guest was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It ran for longer than it may.
    Timeout,
    /// Somebody asked for it.
    Cancelled,
    /// A signal came that its thread is to see, such as Ctrl-C.
    Interrupted,
}

const IDLE: u64 = 0;
/// A deadline that never comes.
const NEVER: u64 = 1 << 61;
const CLOSING: u64 = 1 << 62;
const CLOSED: u64 = 1 << 63;

impl Stop {
    const fn code(self) -> u64 {
        match self {
            Stop::Timeout => 0,
            Stop::Cancelled => 1,
            Stop::Interrupted => 2,
        }
    }

    const fn from_code(state: u64) -> Stop {
        match state & 3 {
            0 => Stop::Timeout,
            1 => Stop::Cancelled,
            _ => Stop::Interrupted,
        }
    }
}

/// Nanoseconds on a clock of the process's own; never 0.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64 + 1
}

pub(crate) struct Poll {
    page: Region,
    /// 0 while no guest runs; else its deadline, or one of the two marks above with a [`Stop::code`].
    state: AtomicU64,
    /// How often a guest began, for the watchdog to see that something is going on.
    begun: AtomicU64,
    /// Of an interpreted guest.
    epochs: Option<Engine>,
}

impl Poll {
    pub(crate) fn new(arena: &Arc<Arena>, epochs: Option<Engine>) -> Result<Poll, ArenaError> {
        let page = arena.alloc_pages(host_page())?;
        Ok(Poll { page, state: AtomicU64::new(IDLE), begun: AtomicU64::new(0), epochs })
    }

    /// The page's guest address.
    pub(crate) fn guest(&self) -> u32 {
        self.page.guest()
    }

    /// A guest starts, and may run for so long. Gives its deadline.
    pub(crate) fn begin(&self, timeout: Option<Duration>) -> u64 {
        let nanos = timeout.map_or(NEVER, |t| u64::try_from(t.as_nanos()).unwrap_or(NEVER));
        let deadline = if nanos >= NEVER { NEVER } else { now().saturating_add(nanos).min(NEVER) };
        self.begun.store(self.begun.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        // Ordered with the watchdog's own announcement: see there.
        self.state.store(deadline, Ordering::SeqCst);
        deadline
    }

    /// The guest is out. Gives why it was stopped, if it was.
    pub(crate) fn end(&self) -> Option<Stop> {
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            if state & CLOSED != 0 {
                break;
            }
            if state & CLOSING == 0 {
                match self.state.compare_exchange(state, IDLE, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => return None,
                    Err(now) => state = now,
                }
            } else {
                // Somebody is between two instructions and a system call.
                std::thread::yield_now();
                state = self.state.load(Ordering::Acquire);
            }
        }
        self.protect(libc::PROT_READ | libc::PROT_WRITE);
        self.state.store(IDLE, Ordering::Release);
        Some(Stop::from_code(state))
    }

    /// The deadline of the guest that runs; `None` while there is none to be stopped.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let state = self.state.load(Ordering::SeqCst);
        (state != IDLE && state & (CLOSING | CLOSED) == 0).then_some(state)
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Stops the guest that has this deadline, if it runs still. Does nothing that a signal handler may not do.
    pub(crate) fn stop(&self, deadline: u64, why: Stop) -> bool {
        let closing = CLOSING | why.code();
        if self.state.compare_exchange(deadline, closing, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return false;
        }
        if !self.protect(libc::PROT_NONE) {
            // The system has no room for it now: the guest goes on, and the caller tries again.
            self.state.store(deadline, Ordering::Release);
            return false;
        }
        self.state.store(CLOSED | why.code(), Ordering::Release);
        true
    }

    /// The guest is to stop: what the epoch's callback of an interpreted guest asks.
    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) & (CLOSING | CLOSED) != 0
    }

    fn protect(&self, access: libc::c_int) -> bool {
        if let Some(engine) = &self.epochs {
            if access == libc::PROT_NONE {
                engine.increment_epoch();
            }
            return true;
        }
        // SAFETY: the page is this poll's own, whole and aligned; only the guest touches it.
        unsafe { libc::mprotect(self.page.host().cast(), self.page.len(), access) == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll() -> (Arc<Arena>, Poll) {
        let arena = Arena::new(1 << 20).expect("an arena");
        let poll = Poll::new(&arena, None).expect("a page");
        (arena, poll)
    }

    #[test]
    fn a_stop_is_of_one_run() {
        let (_arena, poll) = poll();
        assert_eq!(poll.deadline(), None);
        let first = poll.begin(Some(Duration::from_secs(1)));
        assert_eq!(poll.deadline(), Some(first));
        assert!(poll.stop(first, Stop::Cancelled));
        assert!(!poll.stop(first, Stop::Timeout));
        assert_eq!(poll.deadline(), None);
        assert_eq!(poll.end(), Some(Stop::Cancelled));
        let second = poll.begin(None);
        assert!(!poll.stop(first, Stop::Timeout), "the first run's deadline stops no other");
        assert_eq!(poll.end(), None);
        assert!(!poll.stop(second, Stop::Timeout));
        // SAFETY: the page is open again and nobody else's.
        unsafe { poll.page.host().write_volatile(1) };
    }

    #[test]
    fn stops_and_ends_race_without_loss() {
        let (_arena, poll) = poll();
        let poll = Arc::new(poll);
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopper = std::thread::spawn({
            let (poll, done) = (Arc::clone(&poll), Arc::clone(&done));
            move || {
                let mut stops = 0u64;
                while !done.load(Ordering::Relaxed) {
                    stops += poll.deadline().is_some_and(|d| poll.stop(d, Stop::Interrupted)) as u64;
                }
                stops
            }
        });
        let mut ends = 0;
        for k in 0..20_000 {
            poll.begin(None);
            if k % 7 == 0 {
                std::hint::spin_loop();
            }
            ends += poll.end().is_some() as u64;
            // SAFETY: the page is open between runs.
            unsafe { poll.page.host().write_volatile(1) };
        }
        done.store(true, Ordering::Relaxed);
        assert_eq!(stopper.join().expect("the stopper lives"), ends);
    }
}
