//! gelcap: a compiler for typed Python/NumPy kernels.

#![forbid(unsafe_code)]

pub mod base;
pub mod diag;
pub mod types;
