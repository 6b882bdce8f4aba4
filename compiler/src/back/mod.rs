//! Back-ends: Machine-level IR to code. A back-end only maps; it never decides semantics.

pub mod native;
pub mod target;
pub mod wasm;

pub use target::{CpuLevel, DataModel, Machine, Target, WasmFlavour};
