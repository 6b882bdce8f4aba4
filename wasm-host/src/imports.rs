//! The functions of [`gelcap_compiler::abi::imports`] that a guest may have: counted memory, out of its own arena.
//!
//! A guest may be hostile: it can name any address, so only addresses that were given out are followed, and a wrong one
//! is a trap. A reference that escapes stays alive until the host releases it, whichever instance made it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gelcap_compiler::abi::imports::Import;
use wasmtime::{AsContextMut, Caller, Error, Func, Memory};

use crate::arena::{Arena, Region};
use crate::engine::Execution;
use crate::instance::follow_arena;

/// The buffers of a program that are alive.
pub(crate) struct Buffers {
    arena: Arc<Arena>,
    live: Mutex<BTreeMap<u32, Buffer>>,
}

struct Buffer {
    /// Holds the memory.
    _region: Region,
    references: u64,
    /// The run that made it.
    run: u64,
}

/// Buffers that a program may have at one time. Their memory is the guest's, but the host keeps a record of each.
const MOST_BUFFERS: usize = 1 << 20;

/// Which run of an instance its imports are called by; unlike any other run's number.
#[derive(Clone, Default)]
pub(crate) struct RunNumber(Arc<AtomicU64>);

impl RunNumber {
    pub(crate) fn next(&self) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        self.0.store(LAST.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Buffers {
    pub(crate) fn new(arena: Arc<Arena>) -> Buffers {
        Buffers { arena, live: Mutex::new(BTreeMap::new()) }
    }

    /// The function that a guest gets for an import, if it may have it.
    pub(crate) fn function(
        self: &Arc<Self>,
        store: impl AsContextMut,
        import: Import,
        memory: Memory,
        execution: Execution,
        run: &RunNumber,
    ) -> Option<Func> {
        let (buffers, run) = (Arc::clone(self), run.clone());
        match import {
            Import::BufferAlloc => Some(match execution {
                Execution::Compiled => Func::wrap(store, move |bytes: i64| buffers.alloc(bytes, run.get()) as i32),
                Execution::Interpreted => {
                    Func::wrap(store, move |mut caller: Caller<'_, _>, bytes: i64| -> Result<i32, Error> {
                        let address = buffers.alloc(bytes, run.get());
                        follow_arena(&buffers.arena, memory, &mut caller).map_err(|e| Error::msg(e.to_string()))?;
                        Ok(address as i32)
                    })
                }
            }),
            Import::BufferRetain => Some(Func::wrap(store, move |address: i32| buffers.retain(address as u32))),
            Import::BufferRelease => Some(Func::wrap(store, move |address: i32| buffers.release(address as u32))),
            // C entries do not exist in a sandbox, and depth is counted.
            Import::Raise | Import::StackLimit => None,
        }
    }

    /// Buffers with a reference left.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// A zeroed buffer with one reference; 0 if there is no room.
    fn alloc(&self, bytes: i64, run: u64) -> u32 {
        if self.lock().len() >= MOST_BUFFERS {
            return 0;
        }
        let region = usize::try_from(bytes).ok().and_then(|bytes| self.arena.alloc(bytes).ok());
        let Some(region) = region else { return 0 };
        if !self.arena.is_wiped() {
            // SAFETY: the region is that long, and nobody has its address yet.
            unsafe { region.host().write_bytes(0, region.len()) };
        }
        let address = region.guest();
        self.lock().insert(address, Buffer { _region: region, references: 1, run });
        address
    }

    /// Frees what a run has made that was cut short.
    pub(crate) fn abandon(&self, run: &RunNumber) {
        let run = run.get();
        self.lock().retain(|_, buffer| buffer.run != run);
    }

    fn retain(&self, address: u32) -> Result<(), Error> {
        let mut live = self.lock();
        live.get_mut(&address).ok_or_else(|| unknown(address))?.references += 1;
        Ok(())
    }

    pub(crate) fn release(&self, address: u32) -> Result<(), Error> {
        let mut live = self.lock();
        let buffer = live.get_mut(&address).ok_or_else(|| unknown(address))?;
        buffer.references -= 1;
        if buffer.references == 0 {
            live.remove(&address);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Buffer>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown(address: u32) -> Error {
    Error::msg(format!("there is no buffer at {address:#x}"))
}
