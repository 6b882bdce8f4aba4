//! What a compilation leaves behind: code, and all that a host must know to run it and to speak about its failures.
//!
//! Back-ends return it, hosts take it. It never holds facts that a host would have to trust for memory safety: the
//! code is the compiler's own, and whatever came from outside was compiled again.

use crate::back::Machine;
use crate::types::{ArrayType, Scalar};

/// Compiled kernels.
#[derive(Clone, PartialEq, Debug)]
pub struct Artifact {
    /// [`crate::abi::VERSION`] when it was made.
    pub abi_version: u32,
    /// The name of the module that the kernels come from.
    pub module: String,
    pub code: Code,
    pub exports: Vec<Export>,
    /// Where kernels may raise; a status and the context's site index lead here.
    pub sites: Vec<Site>,
    /// The names of source files that frames refer to.
    pub files: Vec<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Code {
    Native(NativeCode),
    /// A wasm module.
    Wasm(Vec<u8>),
}

/// A relocatable ELF object and what it may run on.
#[derive(Clone, PartialEq, Debug)]
pub struct NativeCode {
    pub object: Vec<u8>,
    pub machine: Machine,
}

/// A kernel that can be called from outside.
#[derive(Clone, PartialEq, Debug)]
pub struct Export {
    /// The name in Python.
    pub name: String,
    /// The symbol of the packed entry.
    pub packed: String,
    pub params: Vec<Param>,
    pub result: ResultType,
    /// The C entry, if there is one.
    pub c: Option<CEntry>,
    /// The docstring.
    pub doc: Option<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    pub name: String,
    pub ty: ParamType,
    /// The slot that stands for an argument that was not given.
    pub default: Option<u64>,
}

/// What an argument may be, and how it fills its slots ([`crate::abi`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamType {
    Scalar(Scalar),
    /// An address; `element` is `None` for `void *`. `writable` if the kernel stores through it.
    Pointer {
        element: Option<Scalar>,
        writable: bool,
    },
    /// `None` itself, which fills no slot.
    None,
    /// An array of exactly this element type and rank; its layout is demanded, not a wish. `writable` if the kernel
    /// stores into it.
    Array(ArrayType),
}

impl ParamType {
    /// How many slots the argument fills.
    pub const fn slots(&self) -> usize {
        match self {
            ParamType::None => 0,
            ParamType::Scalar(_) | ParamType::Pointer { .. } => 1,
            ParamType::Array(array) => crate::abi::array_param_slots(array.rank),
        }
    }
}

/// What a call gives. The scalars of a tuple, in order, fill the slots.
#[derive(Clone, PartialEq, Debug)]
pub enum ResultType {
    None,
    /// `numpy`: a NumPy scalar, not a Python one.
    Scalar {
        scalar: Scalar,
        numpy: bool,
    },
    /// A Python scalar or a NumPy one. The first slot says which (1 for NumPy's), the second holds the scalar as it
    /// would stand there alone.
    Either {
        python: Scalar,
        numpy: Scalar,
    },
    /// A NumPy array.
    Array(ArrayType),
    Tuple(Vec<ResultType>),
}

impl ResultType {
    /// How many slots the result fills.
    pub fn slots(&self) -> usize {
        match self {
            ResultType::None => 0,
            ResultType::Scalar { .. } => 1,
            ResultType::Either { .. } => 2,
            ResultType::Array(array) => crate::abi::array_result_slots(array.rank),
            ResultType::Tuple(items) => items.iter().map(ResultType::slots).sum(),
        }
    }

    /// The kind of scalar that the first slot of a result that may be either says it is.
    pub const fn chosen(python: Scalar, numpy: Scalar, flag: u64) -> ResultType {
        match flag {
            0 => ResultType::Scalar { scalar: python, numpy: false },
            _ => ResultType::Scalar { scalar: numpy, numpy: true },
        }
    }
}

/// A function that C may call.
#[derive(Clone, PartialEq, Debug)]
pub struct CEntry {
    pub symbol: String,
    pub params: Vec<CType>,
    pub result: Option<CType>,
    /// The declaration in C, without the function's name: `double (int, double *)`.
    pub signature: String,
    /// The name of the capsule, exactly as SciPy compares it, if the kernel is exported in one.
    pub capsule: Option<String>,
}

/// A parameter or result of a C entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CType {
    Scalar(Scalar),
    /// `None` is `void *`.
    Pointer(Option<Scalar>),
}

/// A place that may raise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    pub exception: crate::abi::status::Exception,
    /// The message, with places for the payload: [`crate::abi::status::format_message`].
    pub template: String,
    /// Where it is in the source, innermost first: more than one where calls were inlined.
    pub frames: Vec<Frame>,
}

/// A range of source text inside a function. Lines count from 1, columns from 0 in UTF-8 bytes, as CPython's code
/// objects have them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    pub function: String,
    /// Index into [`Artifact::files`].
    pub file: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

impl Artifact {
    pub fn export(&self, name: &str) -> Option<&Export> {
        self.exports.iter().find(|e| e.name == name)
    }

    /// The native code, if that is what it is.
    pub fn native(&self) -> Option<&NativeCode> {
        match &self.code {
            Code::Native(code) => Some(code),
            Code::Wasm(_) => None,
        }
    }
}
