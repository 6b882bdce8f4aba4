//! Runs wasm artifacts under wasmtime.
//!
//! ```text
//! artifact --Kernel::load--> Program (module + Arena) --per call--> Instance (store, context, slots, scratch)
//! ```
//!
//! [`Kernel`] is the door: load an artifact, call its kernels with scalars and with host memory. [`Arena`] is the guest's
//! memory, which NumPy views may share; [`Callback`] is a kernel as a C function pointer. It never runs shipped machine
//! code, gives a guest nothing but its memory (`imports`), and no guest can take the process down: see `engine` for
//! the settings, `signals` and `stack` for the two ways a host could still die by mistake.

mod arena;
mod call;
mod callback;
mod engine;
mod extent;
mod imports;
mod instance;
mod interrupt;
mod marshal;
mod poll;
mod sandbox;
mod side_module;
mod signals;
mod stack;
mod thunk;
mod traps;
mod watchdog;

pub use arena::{Arena, ArenaError, PAGE, Region};
pub use call::{Argument, Kernel, Places};
pub use callback::{Callback, CallbackError, Extents, OnError, UserData};
pub use engine::{Execution, MAX_WASM_STACK, executable_memory};
pub use extent::{Extent, ExtentError};
pub use interrupt::watch_this_thread;
pub use marshal::Access;
pub use poll::Stop;
pub use sandbox::{CompileError, Limits, Program, Sandbox};
pub use traps::{Failure, HostError, Trap};
