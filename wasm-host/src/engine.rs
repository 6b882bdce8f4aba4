//! The wasmtime engines of the process, one for each way to run code and size of stack, and how a store gets its arena.
//!
//! The settings are those of an untrusted guest, for trusted kernels too: no proposal is on that kernels do not use,
//! and bulk memory is off because its instructions run in host code, where a closed page would kill the process.
//! An engine lives as long as the process: unloading its signal handlers aborts if another library has replaced them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmtime::{Config, Engine, LinearMemory, MemoryCreator, MemoryType, Module, OptLevel, WasmFeatures};

use crate::arena::{Arena, BACK_GUARD, RESERVATION};
use crate::signals;
use crate::traps::HostError;

/// The most native stack a guest may use; deeper recursion is a `RecursionError`.
pub const MAX_WASM_STACK: usize = 512 << 10;

/// A module that does nothing but define a memory. `Memory::new` ignores the memory creator, instantiation does not:
/// `(module (memory (export "memory") 1 65536))`, written out so that the host needs no assembler.
const MEMORY_MODULE: &[u8] = b"\0asm\x01\0\0\0\x05\x06\x01\x01\x01\x80\x80\x04\x07\x0a\x01\x06memory\x02\0";

/// How a guest's code runs. Both give the same bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Execution {
    /// As machine code, which Cranelift makes of it.
    Compiled,
    /// By wasmtime's interpreter, Pulley: many times slower, and the last resort where no memory may be executable.
    Interpreted,
}

impl Execution {
    /// The best that this process can do.
    pub fn best() -> Execution {
        if executable_memory().is_ok() { Execution::Compiled } else { Execution::Interpreted }
    }
}

/// Whether the system lets this process make memory executable after writing it; if not, its reason. Asked once.
pub fn executable_memory() -> Result<(), String> {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    FOUND.get_or_init(|| try_executable_page().map_err(|e| e.to_string())).clone()
}

fn try_executable_page() -> std::io::Result<()> {
    let size = crate::arena::PAGE;
    let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a fresh anonymous mapping touches no existing memory.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), size, access, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the page is ours, and nothing runs in it.
    let refused = unsafe { libc::mprotect(page, size, libc::PROT_READ | libc::PROT_EXEC) } != 0;
    let error = std::io::Error::last_os_error();
    // SAFETY: the mapping made above, which nobody knows.
    unsafe { libc::munmap(page, size) };
    if refused { Err(error) } else { Ok(()) }
}

/// An engine, and the module that makes its memories.
pub(crate) struct Process {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) memory: Module,
}

/// What engines differ in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Settings {
    pub(crate) execution: Execution,
    /// The most native stack a guest may use.
    pub(crate) stack: usize,
    /// Guests may be stopped. Compiled ones poll by themselves; interpreted ones look at the engine's epoch.
    pub(crate) stoppable: bool,
}

impl Settings {
    /// For kernels that are trusted to end.
    pub(crate) fn plain(execution: Execution) -> Settings {
        Settings { execution, stack: MAX_WASM_STACK, stoppable: false }
    }

    /// The engine counts epochs.
    pub(crate) fn epochs(&self) -> bool {
        self.stoppable && self.execution == Execution::Interpreted
    }
}

/// The process's engine of these settings, made when it is first asked for.
pub(crate) fn process(mut settings: Settings) -> Result<&'static Process, HostError> {
    static ENGINES: Mutex<BTreeMap<Settings, &'static Process>> = Mutex::new(BTreeMap::new());
    settings.stoppable = settings.epochs();
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(process) = engines.get(&settings) {
        return Ok(process);
    }
    let made = Process::new(settings).map_err(|error| HostError::Engine { message: format!("{error:#}") })?;
    let made: &'static Process = Box::leak(Box::new(made));
    engines.insert(settings, made);
    Ok(made)
}

impl Process {
    fn new(settings: Settings) -> wasmtime::Result<Process> {
        let mut config = config();
        config.max_wasm_stack(settings.stack).epoch_interruption(settings.epochs());
        match settings.execution {
            Execution::Compiled => {}
            // It checks bounds itself, and so needs neither guards nor signals.
            Execution::Interpreted => {
                config.target(PULLEY)?.memory_guard_size(0).signals_based_traps(false);
            }
        }
        let engine = Engine::new(&config)?;
        if settings.execution == Execution::Compiled {
            signals::remember();
        }
        let memory = Module::new(&engine, MEMORY_MODULE)?;
        Ok(Process { settings, engine, memory })
    }
}

/// The interpreter's machine, as wide as ours.
const PULLEY: &str = if cfg!(target_endian = "little") { "pulley64" } else { "pulley64be" };

fn config() -> Config {
    let mut config = Config::new();
    config
        .with_host_memory(Arc::new(ArenaCreator))
        .memory_reservation(RESERVATION as u64)
        .memory_guard_size(BACK_GUARD as u64)
        .memory_may_move(false)
        .memory_init_cow(false)
        .cranelift_opt_level(OptLevel::Speed)
        // A failure is located by its site, a trap by the function's name: no table of addresses is needed.
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None);
    for feature in [
        WasmFeatures::BULK_MEMORY,
        WasmFeatures::REFERENCE_TYPES,
        WasmFeatures::MEMORY64,
        WasmFeatures::MULTI_MEMORY,
        WasmFeatures::RELAXED_SIMD,
        WasmFeatures::TAIL_CALL,
        WasmFeatures::FUNCTION_REFERENCES,
        WasmFeatures::EXTENDED_CONST,
    ] {
        config.wasm_features(feature, false);
    }
    config
}

thread_local! {
    /// The arena that the next memory made on this thread takes.
    static NEXT: RefCell<Option<Arc<Arena>>> = const { RefCell::new(None) };
}

/// Runs `instantiate`, in which the memory module's memory becomes `arena`.
pub(crate) fn with_arena<R>(arena: &Arc<Arena>, instantiate: impl FnOnce() -> R) -> R {
    NEXT.with(|next| next.replace(Some(Arc::clone(arena))));
    let result = instantiate();
    NEXT.with(|next| next.replace(None));
    result
}

struct ArenaCreator;

// SAFETY: the memory returned lies in an arena, which reserves and guards as much as the configuration above promises
// the compiler, and whose base never moves. Regions may hold data from earlier use by the same tenant; that is the
// arena's documented purpose.
unsafe impl MemoryCreator for ArenaCreator {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let arena = NEXT.with(|next| next.take()).ok_or("a module with a memory of its own cannot run in a sandbox")?;
        if reserved.is_none_or(|r| r > RESERVATION) || guard > BACK_GUARD {
            return Err(format!("the engine asks for {reserved:?} bytes and a guard of {guard}"));
        }
        arena.grow_to(minimum).map_err(|e| e.to_string())?;
        Ok(Box::new(ArenaMemory(arena)))
    }
}

struct ArenaMemory(Arc<Arena>);

// SAFETY: `as_ptr` is fixed and valid for the accessible bytes; growth happens in place.
unsafe impl LinearMemory for ArenaMemory {
    fn byte_size(&self) -> usize {
        self.0.heap_bytes()
    }

    fn byte_capacity(&self) -> usize {
        self.0.limit()
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        Ok(self.0.grow_to(new_size)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.base()
    }
}
