//! gelcap: a compiler for typed Python/NumPy kernels.

#![forbid(unsafe_code)]

pub mod abi;
pub mod artifact;
pub mod back;
pub mod base;
pub mod diag;
pub mod export;
pub mod front;
pub mod ir;
pub mod mathlib;
pub mod options;
pub mod passes;
pub mod pipeline;
pub mod request;
pub mod types;
