//! The text form of a module, for people.

use crate::diag::InternalError;

/// Prints a module that [`super::emit`] made.
pub fn print(wasm: &[u8]) -> Result<String, InternalError> {
    wasmprinter::print_bytes(wasm).map_err(|e| InternalError::new("wat", format!("{e:#}")))
}
