//! Kernels that nobody vouches for: one tenant's memory, limits and running guests.
//!
//! ```
//! use std::time::Duration;
//!
//! use gelcap_compiler::request::Request;
//! use gelcap_wasm_host::{Argument, Failure, Limits, Sandbox, Stop};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let limits = Limits { memory: 64 << 20, timeout: Some(Duration::from_millis(50)), ..Limits::default() };
//! let sandbox = Sandbox::new(limits)?;
//! let source = "
//! #pythran export triple(float)
//! #pythran export forever(int)
//! def triple(x):
//!     return 3.0 * x
//!
//! def forever(n):
//!     while n < 10:
//!         n = n - 1 + 1
//!     return n
//! ";
//! let program = sandbox.compile(&Request::text("kernel.py", source))?;
//! let mut result = [0];
//! // SAFETY: no argument is a pointer.
//! let done = unsafe { program.kernel.call(0, &[Argument::Slot(2.5f64.to_bits())], &mut result) };
//! assert!(done.is_ok());
//! assert_eq!(f64::from_bits(result[0]), 7.5);
//! // SAFETY: as above.
//! let endless = unsafe { program.kernel.call(1, &[Argument::Slot(0)], &mut result) };
//! assert!(matches!(endless, Err(Failure::Stopped(Stop::Timeout))));
//! # Ok(())
//! # }
//! ```
//!
//! A [`Sandbox`] compiles what it runs itself ([`Sandbox::compile`]): only code that our compiler made for an interruptible
//! target has the polls that its limits rest on, and options that make code unsafe are not taken from a source. Its
//! kernels share one [`Arena`]; what a call leaves there is wiped. It may be used by several threads at a time, and
//! after any failure.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use gelcap_compiler::back::Target;
use gelcap_compiler::diag::{Diagnostic, SourceMap};
use gelcap_compiler::front::KernelInfo;
use gelcap_compiler::options::{Limits as CompileLimits, Options};
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Request};

use crate::arena::Arena;
use crate::call::Kernel;
use crate::engine::{Execution, Settings};
use crate::poll::{Poll, Stop};
use crate::traps::HostError;
use crate::watchdog;

/// The least native stack that a guest can run on.
const LEAST_STACK: usize = 64 << 10;
/// The most native stack that a guest may ask for: what wasmtime has no further settings for.
const MOST_STACK: usize = 2 << 20;

/// A kernel that a person wrote is far below this; what is just below it compiles in about a second.
const COMPILING: CompileLimits = CompileLimits { source: 256 << 10, ir: 100_000, work: 20_000_000 };

/// What the kernels of a sandbox may use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of memory: arrays, copies of arguments, everything that kernels allocate. At most 4 GiB.
    pub memory: usize,
    /// How long one call may run; `None` for as long as it likes.
    pub timeout: Option<Duration>,
    /// Bytes of native stack: how deep recursion may go. At most 2 MiB; rounded up to a power of two.
    pub stack: usize,
    /// What compiling one program may take.
    pub compile: CompileLimits,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory: 256 << 20, timeout: Some(Duration::from_secs(1)), stack: 256 << 10, compile: COMPILING }
    }
}

/// See the module's documentation. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    arena: Arc<Arena>,
    tenant: Arc<Tenant>,
    settings: Settings,
}

/// What all programs of a sandbox have in common.
pub(crate) struct Tenant {
    limits: Limits,
    polls: Mutex<Vec<Weak<Poll>>>,
    closed: AtomicBool,
}

/// A program in a sandbox.
pub struct Program {
    pub kernel: Kernel,
    /// The kernels with their types, in the order of the artifact's exports.
    pub kernels: Vec<KernelInfo>,
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
}

/// Why a program does not come to run.
#[derive(Debug)]
pub enum CompileError {
    /// What the compiler says.
    Refused(request::Failure),
    Host(HostError),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Refused(request::Failure::Internal(error)) => error.fmt(f),
            CompileError::Refused(request::Failure::Diagnostics { diagnostics, .. }) => {
                let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
                f.write_str(first.map_or("the program is refused", |d| &d.message))
            }
            CompileError::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CompileError {}

impl Sandbox {
    /// A sandbox with memory of its own, of which nothing is committed until it is used.
    pub fn new(limits: Limits) -> Result<Sandbox, HostError> {
        Sandbox::with_execution(limits, Execution::best())
    }

    /// The same, with a say in how its code runs.
    pub fn with_execution(limits: Limits, execution: Execution) -> Result<Sandbox, HostError> {
        let arena = Arena::wiped(limits.memory)?;
        // Engines differ by the size of their stack, and live for ever: few sizes.
        let stack = limits.stack.clamp(LEAST_STACK, MOST_STACK).next_power_of_two();
        // Started now, so that a thread which cannot be had is an error here.
        watchdog::current()?;
        let settings = Settings { execution, stack, stoppable: true };
        let tenant = Arc::new(Tenant { limits, polls: Mutex::new(Vec::new()), closed: AtomicBool::new(false) });
        Ok(Sandbox { arena, tenant, settings })
    }

    pub fn limits(&self) -> &Limits {
        &self.tenant.limits
    }

    /// Its memory, which views may share; they keep it alive.
    pub fn arena(&self) -> &Arc<Arena> {
        &self.arena
    }

    /// How a compilation for it is set up, for listings of its stages.
    pub fn options(&self) -> Options {
        let mut options = Options::new(Target::sandbox());
        options.kernel.untrusted = true;
        options.limits = self.tenant.limits.compile;
        options
    }

    /// How its code runs.
    pub fn execution(&self) -> Execution {
        self.settings.execution
    }

    /// Compiles what a request describes, to be run in here.
    pub fn compile(&self, request: &Request) -> Result<Program, CompileError> {
        self.compile_with(request, &self.options())
    }

    /// The same with options of one's own, of which only those are taken that take no limit away.
    pub fn compile_with(&self, request: &Request, options: &Options) -> Result<Program, CompileError> {
        if self.is_closed() {
            return Err(CompileError::Host(HostError::Closed));
        }
        let options = Options { opt_level: options.opt_level, verify_each: options.verify_each, ..self.options() };
        let compiled = request::compile(request, &options, &mut Quiet).map_err(CompileError::Refused)?;
        let request::Compiled { artifact, kernels, sources, warnings } = compiled;
        let (arena, tenant) = (Arc::clone(&self.arena), Arc::clone(&self.tenant));
        let kernel = Kernel::limited(Arc::new(artifact), arena, self.settings, tenant).map_err(CompileError::Host)?;
        Ok(Program { kernel, kernels, sources, warnings })
    }

    /// Stops every call that runs in here now; later ones are not affected. Gives how many there were.
    pub fn cancel(&self) -> usize {
        self.tenant.stop_all()
    }

    /// Stops every call and refuses new ones. Memory lives on while somebody holds a view of it.
    pub fn close(&self) {
        self.tenant.closed.store(true, Ordering::SeqCst);
        self.tenant.stop_all();
    }

    pub fn is_closed(&self) -> bool {
        self.tenant.is_closed()
    }
}

impl Tenant {
    pub(crate) fn add(&self, poll: &Arc<Poll>) {
        let mut polls = self.polls();
        polls.retain(|known| known.strong_count() > 0);
        polls.push(Arc::downgrade(poll));
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.limits.timeout
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn stop_all(&self) -> usize {
        let stopped = |poll: Arc<Poll>| poll.deadline().is_some_and(|d| poll.stop(d, Stop::Cancelled));
        self.polls().iter().filter_map(Weak::upgrade).filter(|poll| stopped(Arc::clone(poll))).count()
    }

    fn polls(&self) -> MutexGuard<'_, Vec<Weak<Poll>>> {
        self.polls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
