//! Back-ends: Machine-level IR to code. A back-end only maps; it never decides semantics. Each is a Cargo feature.

#[cfg(feature = "native")]
pub mod native;
pub mod target;
#[cfg(feature = "wasm")]
pub mod wasm;

pub use target::{CpuLevel, DataModel, Machine, Target, WasmFlavour};
