//! Signatures: what a kernel takes and gives, read from any of three notations and printed as any of them.
//!
//! | notation | example |
//! |---|---|
//! | Numba | `float64(int32, float64[:, ::1])`, `types.void(types.CPointer(types.double), types.intc)` |
//! | Pythran | `f(int, float64[:,:])`, and `capsule f(int32, float64*)` in an export comment |
//! | C | `double (int, double *, void *)` |
//!
//! A signature holds types as they were written: `float64` is a NumPy scalar, `int` in Pythran's notation Python's.
//! Scalars that C delivers reach the kernel as Python scalars ([`Type::as_python`]); that is decided where a signature is
//! used, as only the use knows whether there is a C function.

pub(in crate::front) mod array;
mod lexer;
pub(in crate::front) mod parser;
pub mod print;
pub mod scipy;
pub(in crate::front) mod spelling;

#[cfg(test)]
mod tests;

use super::exports::Export;
use crate::diag::{Diagnostic, FileId, Span};
use crate::types::Type;
use parser::Parser;
use spelling::Dialect;

/// What a kernel takes and gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The function's name, where the notation gives one.
    pub name: Option<String>,
    pub params: Vec<SigParam>,
    /// `None` where the notation does not say (Pythran's never does); `Some(Type::None)` is C's `void`.
    pub result: Option<Type>,
    /// `#pythran export capsule f(...)`
    pub capsule: bool,
    pub notation: Notation,
    pub span: Span,
}

/// A parameter of a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigParam {
    pub ty: Type,
    /// C prototypes may name their parameters.
    pub name: Option<String>,
    pub span: Span,
}

/// How a signature was written, and so how an error about it should speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    Numba,
    Pythran,
    C,
}

/// The widths of C types that differ between systems, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataModel {
    /// `long`: 8 on Linux and macOS, 4 on Windows and in Pyodide.
    pub long: u8,
    /// Pointers, `size_t`, `intptr_t`, `npy_intp`: 4 in Pyodide.
    pub pointer: u8,
}

impl DataModel {
    /// 64-bit Linux and macOS, and kernels under wasmtime.
    pub const LP64: DataModel = DataModel { long: 8, pointer: 8 };
    /// 64-bit Windows.
    pub const LLP64: DataModel = DataModel { long: 4, pointer: 8 };
    /// Pyodide.
    pub const ILP32: DataModel = DataModel { long: 4, pointer: 4 };
}

impl Signature {
    pub fn param_types(&self) -> impl ExactSizeIterator<Item = &Type> {
        self.params.iter().map(|param| &param.ty)
    }

    /// Whether both take and give the same types; names, places and notation do not matter.
    pub fn same_types(&self, other: &Signature) -> bool {
        self.result == other.result && self.param_types().eq(other.param_types())
    }
}

/// Reads a signature in any notation, or a list of them in brackets: `text` stands at byte `offset` of a file.
///
/// `int`, `float` and `long` are C's in Numba's and C's notation, and Python's in Pythran's.
pub fn parse(text: &str, file: FileId, offset: u32, model: DataModel) -> Result<Vec<Signature>, Box<Diagnostic>> {
    Parser::new(text, file, offset, Dialect::C, model).signatures()
}

/// Reads one type, as in `@cython.locals(x="double[:]")`, in Numba's or C's notation.
pub fn parse_type(text: &str, file: FileId, offset: u32, model: DataModel) -> Result<Type, Box<Diagnostic>> {
    let mut parser = Parser::new(text, file, offset, Dialect::C, model);
    let ty = parser.single_type("here")?;
    if parser.at_end() { Ok(ty) } else { Err(parser.fault("this is not expected behind the type", "remove it")) }
}

/// Reads what stands behind `export` in a comment: names and signatures in Pythran's notation, separated by commas.
pub fn parse_exports(text: &str, file: FileId, offset: u32, model: DataModel) -> Result<Vec<Export>, Vec<Diagnostic>> {
    let mut parser = Parser::new(text, file, offset, Dialect::Python, model);
    parser.exports().map_err(|diagnostic| vec![*diagnostic])
}
