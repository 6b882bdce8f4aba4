//! Types as the user knows them, and the scalars they stand on.

pub mod scalar;

pub use scalar::{Kind, Scalar};
