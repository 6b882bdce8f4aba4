//! What can go wrong, and the exception it becomes.

use std::fmt;

use gelcap_compiler::abi::PAYLOAD_WORDS;
use gelcap_compiler::abi::status::{Exception, format_message};
use gelcap_compiler::artifact::Artifact;

use crate::arena::ArenaError;
use crate::poll::Stop;

/// Why an artifact could not be loaded or prepared to run.
#[derive(Debug)]
pub enum HostError {
    /// The engine could not be made.
    Engine {
        message: String,
    },
    /// The artifact holds native code.
    NotWasm,
    /// The artifact follows another version of the calling convention.
    AbiVersion {
        found: u32,
    },
    /// wasmtime refuses the module, or it is not what a back-end of ours makes.
    Module {
        message: String,
    },
    Arena(ArenaError),
    /// No kernel has this name.
    NoSuchKernel {
        name: String,
    },
    /// A thread with stack enough for the guest could not be started.
    Thread(std::io::Error),
    /// The sandbox has been closed.
    Closed,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::Engine { message } => write!(f, "wasmtime cannot start: {message}"),
            HostError::NotWasm => f.write_str("the artifact holds native code, not wasm"),
            HostError::AbiVersion { found } => {
                write!(f, "the artifact was made for kernel ABI {found}, this is {}", gelcap_compiler::abi::VERSION)
            }
            HostError::Module { message } => write!(f, "the wasm module cannot be used: {message}"),
            HostError::Arena(error) => error.fmt(f),
            HostError::NoSuchKernel { name } => write!(f, "there is no kernel `{name}` in the artifact"),
            HostError::Closed => f.write_str("the sandbox has been closed"),
            HostError::Thread(error) => write!(f, "cannot start a thread to run the kernel: {error}"),
        }
    }
}

impl std::error::Error for HostError {}

impl From<ArenaError> for HostError {
    fn from(error: ArenaError) -> Self {
        HostError::Arena(error)
    }
}

/// Why a call gave no result.
#[derive(Debug)]
pub enum Failure {
    /// The kernel raised at a site of its artifact.
    Raised { site: u32, payload: [i64; PAYLOAD_WORDS] },
    /// The engine stopped the guest.
    Trap(Trap),
    /// The host stopped the guest.
    Stopped(Stop),
    /// A value does not fit the type in which C takes or gives it.
    Range { message: String },
    /// The host could not make the call.
    Host(HostError),
}

/// What stopped a guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trap {
    /// The guest used up its native stack: recursion.
    StackOverflow,
    /// An access outside of the guest's memory, the null page included.
    OutOfBounds,
    /// Anything else. No kernel of ours can get here.
    Internal { message: String },
}

impl Failure {
    /// The builtin exception that Python code should see.
    pub fn exception(&self, artifact: &Artifact) -> Exception {
        match self {
            Failure::Raised { site, .. } => {
                artifact.sites.get(*site as usize).map_or(Exception::SystemError, |s| s.exception)
            }
            Failure::Trap(Trap::StackOverflow) => Exception::RecursionError,
            Failure::Trap(Trap::OutOfBounds) => Exception::IndexError,
            Failure::Trap(Trap::Internal { .. }) => Exception::SystemError,
            Failure::Stopped(Stop::Timeout) => Exception::TimeoutError,
            Failure::Stopped(Stop::Cancelled | Stop::Interrupted) => Exception::RuntimeError,
            Failure::Range { .. } => Exception::OverflowError,
            Failure::Host(HostError::Arena(_)) => Exception::MemoryError,
            Failure::Host(_) => Exception::RuntimeError,
        }
    }

    /// The exception's message.
    pub fn message(&self, artifact: &Artifact) -> String {
        match self {
            Failure::Raised { site, payload } => match artifact.sites.get(*site as usize) {
                Some(site) => format_message(&site.template, *payload),
                None => format!("internal error: the kernel raised at unknown site {site}"),
            },
            Failure::Trap(Trap::StackOverflow) => "maximum recursion depth exceeded".to_string(),
            Failure::Trap(Trap::OutOfBounds) => {
                "a pointer was followed outside of the memory that the kernel was given".to_string()
            }
            Failure::Trap(Trap::Internal { message }) => format!("internal error: the kernel trapped: {message}"),
            Failure::Stopped(Stop::Timeout) => "the kernel ran for longer than it may".to_string(),
            Failure::Stopped(Stop::Cancelled) => "the kernel was cancelled".to_string(),
            Failure::Stopped(Stop::Interrupted) => "the kernel was interrupted by a signal".to_string(),
            Failure::Range { message } => message.clone(),
            Failure::Host(error) => error.to_string(),
        }
    }

    /// Whether the guest's own state is still sound, so that the instance may run again.
    pub(crate) fn leaves_instance_usable(&self) -> bool {
        match self {
            Failure::Raised { .. } | Failure::Range { .. } | Failure::Host(_) => true,
            // A stack that ran out is an ordinary exception; whatever the kernel holds is in memory of the host.
            Failure::Trap(Trap::StackOverflow) => true,
            Failure::Trap(Trap::OutOfBounds | Trap::Internal { .. }) | Failure::Stopped(_) => false,
        }
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        Failure::Host(error)
    }
}

impl From<ArenaError> for Failure {
    fn from(error: ArenaError) -> Self {
        Failure::Host(HostError::Arena(error))
    }
}

impl From<wasmtime::Error> for Failure {
    fn from(error: wasmtime::Error) -> Self {
        let trap = match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::StackOverflow) => Trap::StackOverflow,
            Some(wasmtime::Trap::MemoryOutOfBounds) => Trap::OutOfBounds,
            _ => Trap::Internal { message: format!("{error:#}") },
        };
        Failure::Trap(trap)
    }
}
