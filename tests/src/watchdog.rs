//! Compiled kernels cannot be stopped from outside. If one does not return, the process says which and ends.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, Once};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// No call of a test takes so long, on a busy machine either.
const LIMIT: Duration = Duration::from_secs(120);

static CURRENT: Mutex<Vec<(ThreadId, Instant, String)>> = Mutex::new(Vec::new());
static START: Once = Once::new();

/// Runs `call`; should it not return in time, the process aborts with `what` as its last words.
pub fn watched<T>(what: impl FnOnce() -> String, call: impl FnOnce() -> T) -> T {
    START.call_once(|| {
        std::thread::spawn(watch);
    });
    let me = std::thread::current().id();
    current().push((me, Instant::now(), what()));
    let result = call();
    current().retain(|(thread, ..)| *thread != me);
    result
}

fn current() -> MutexGuard<'static, Vec<(ThreadId, Instant, String)>> {
    CURRENT.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let late = current().iter().find(|(_, since, _)| since.elapsed() > LIMIT).cloned();
        if let Some((_, _, what)) = late {
            // Not `eprintln`, which the test harness would keep to itself.
            let _ = writeln!(std::io::stderr(), "\nthis call does not return:\n{what}");
            std::process::abort();
        }
    }
}
