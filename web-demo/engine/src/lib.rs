//! The compiler behind a door of plain data: a request as JSON in, an answer as JSON and bytes out. Built for wasm32 it is
//! what browsers, Node and Pyodide load; `js/engine.mjs` is the typed interface that people use.
//!
//! It does nothing itself but ask the compiler ([`answer`]) and write down what comes back ([`artifact`]). The clock and
//! the news that a request is superseded are lent by the [`Host`]. Answers are kept by content ([`cache`]), so that
//! going back to a text, in an editor or a gallery, compiles nothing. [`door`] is the C interface that JavaScript calls.

mod answer;
mod artifact;
mod cache;
mod complete;
#[cfg(target_arch = "wasm32")]
mod door;
mod request;
mod watch;

pub use cache::Cache;

/// What the engine borrows from whoever runs it.
pub trait Host {
    /// Milliseconds from any fixed moment.
    fn now(&mut self) -> f64;

    /// Nobody waits for the answer any more: asked between stages.
    fn superseded(&mut self) -> bool;
}

/// An answer: JSON, and the module that compiling made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    pub json: String,
    pub bytes: Vec<u8>,
}

/// The engine and what it remembers.
#[derive(Default)]
pub struct Engine {
    cache: Cache,
}

impl Engine {
    /// Answers a request. Whatever the request holds, it answers.
    pub fn answer(&mut self, request: &str, host: &mut dyn Host) -> Answer {
        if let Some(known) = self.cache.get(request) {
            return known;
        }
        let (answer, final_) = answer::answer(request, host);
        if final_ {
            self.cache.put(request, &answer);
        }
        answer
    }
}

#[cfg(test)]
mod tests;
