//! Plain data structures that know nothing of compilers.

pub mod arena;
pub mod text;
