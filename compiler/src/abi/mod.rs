//! The kernel calling convention, shared by back-ends and hosts.

pub mod imports;
pub mod status;
