//! The native back-end: Machine-level IR to a relocatable object, by Cranelift.
//!
//! That one object is what `native-host` maps into the process, what [`elf`] turns into a shared library, what a cache
//! may store. [`image`] lays it out for the first two; [`reloc`] is the table of relocations.

pub mod elf;
pub mod image;
pub mod isa;

pub mod reloc;
