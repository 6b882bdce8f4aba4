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

use crate::diag::Span;
use crate::types::Type;

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
}
