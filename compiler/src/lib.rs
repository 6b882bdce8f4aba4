//! gelcap: a compiler for typed Python/NumPy kernels. Text in, artifact and diagnostics out; no files, no clock, no threads.
//!
//! ```text
//! text --request--> front --> ir (Loop level) --passes--> ir (Machine level) --back--> artifact
//!                    |                                                                  |
//!                   diag                                              native-host, wasm-host run it
//! ```
//!
//! A compilation is one [`request::Request`]: [`request::compile`] gives an [`artifact::Artifact`], [`request::extension`]
//! a shared library for CPython, [`request::check`] the faults alone, [`request::list`] any stage as text. Faults of the
//! user's are [`diag::Diagnostic`]s, faults of ours [`diag::InternalError`]s. What everything shares is [`ir`], whose
//! page is the specification; [`abi`] is the contract with hosts.

#![forbid(unsafe_code)]

pub mod abi;
pub mod artifact;
pub mod back;
pub mod base;
pub mod diag;
#[cfg(feature = "front")]
pub mod export;
#[cfg(feature = "front")]
pub mod front;
pub mod ir;
pub mod mathlib;
pub mod options;
pub mod passes;
pub mod pipeline;
#[cfg(feature = "front")]
pub mod request;
pub mod types;
