//! Compiled kernels cannot be stopped from outside. If one does not return, the process says which and ends.

use std::io::Write;
use std::sync::Mutex;
use std::sync::Once;
use std::time::{Duration, Instant};

/// No call of a test takes so long.
const LIMIT: Duration = Duration::from_secs(20);

static CURRENT: Mutex<Option<(Instant, String)>> = Mutex::new(None);
static START: Once = Once::new();

/// Runs `call`; should it not return in time, the process aborts with `what` as its last words.
pub fn watched<T>(what: impl FnOnce() -> String, call: impl FnOnce() -> T) -> T {
    START.call_once(|| {
        std::thread::spawn(watch);
    });
    set(Some((Instant::now(), what())));
    let result = call();
    set(None);
    result
}

fn set(value: Option<(Instant, String)>) {
    *CURRENT.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = value;
}

fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let current = CURRENT.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        if let Some((since, what)) = current
            && since.elapsed() > LIMIT
        {
            // Not `eprintln`, which the test harness would keep to itself.
            let _ = writeln!(std::io::stderr(), "\nthis call does not return:\n{what}");
            std::process::abort();
        }
    }
}
