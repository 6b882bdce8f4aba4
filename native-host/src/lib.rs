//! Runs native artifacts in this process: [`Kernel::load`] maps the object, [`Kernel::call`] enters it.
//!
//! It knows the artifact and the calling convention, and nothing of Python: what a failure in a callback becomes is
//! the business of whoever gives [`Kernel::load`] a [`RaiseFn`].

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("native kernels run on 64-bit Linux only");

pub mod cpu;
pub mod float_state;
mod image;
mod kernel;
pub mod runtime;
pub mod stack;

pub use cpu::host_target;
pub use image::MapError;
pub use kernel::{Context, Kernel, LoadError, PackedFn, Raised};
pub use runtime::RaiseFn;
