//! Facts about functions, recomputed by the passes that need them rather than patched by those that change the code.

pub mod calls;
pub mod interval;
pub mod linear;
pub mod memory;
pub mod purity;
pub mod ranges;
pub mod sum;
