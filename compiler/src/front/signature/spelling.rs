//! The names of types in every notation: one table for signatures and annotations.

use super::DataModel;
use crate::front::exports::distance;
use crate::types::{Scalar, Type};

/// Whose words `int`, `float` and `long` are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Pythran and annotations: Python's types.
    Python,
    /// Numba and C: C's types.
    C,
}

/// What a word means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Meaning {
    Type(Type),
    /// A complex type: known, not yet compiled.
    Complex,
    /// Known and not compiled, with what to write instead.
    Unsupported(&'static str),
}

/// Modules that type names are taken from.
const MODULES: &[&str] = &[
    "types", "numba", "nb", "np", "numpy", "gelcap", "ctypes", "cython", "npt", "typing", "C", "ct", "core", "builtins",
];

/// The last part of a dotted name whose other parts are known modules.
pub fn base_name(word: &str) -> Option<&str> {
    let mut parts: Vec<&str> = word.split('.').collect();
    let last = parts.pop()?;
    parts.iter().all(|part| MODULES.contains(part)).then_some(last)
}

/// The meaning of a single word; `None` if it names no type.
pub fn meaning(word: &str, dialect: Dialect, model: DataModel) -> Option<Meaning> {
    let qualified = word.contains('.');
    let name = base_name(word)?;
    // NumPy's C names are those of the types themselves, but for the plain ones.
    let name = match name.strip_prefix("npy_") {
        Some("int" | "long" | "float" | "bool") | None => name,
        Some(rest) => rest,
    };
    if let Some(scalar) = fixed(name).or_else(|| sized(name, model)) {
        return Some(Meaning::Type(Type::Np(scalar)));
    }
    let python = dialect == Dialect::Python && (!qualified || word.starts_with("builtins."));
    let ty = match name {
        "int" | "long" if python => Type::PyInt,
        "float" if python => Type::PyFloat,
        "bool" if python => Type::PyBool,
        // `np.int` and its like were aliases of Python's types, and are gone from NumPy.
        "int" | "float" if word.starts_with("np") => {
            let help = "NumPy removed it in 1.24: write `np.int64` or `np.float64`, or Python's `int` or `float`";
            return Some(Meaning::Unsupported(help));
        }
        "int" => Type::Np(Scalar::I32),
        "float" => Type::Np(Scalar::F32),
        "bool" => Type::Np(Scalar::Bool),
        "long" => Type::Np(signed(model.long)),
        "void" | "none" | "None" | "NoneType" => Type::None,
        "voidptr" | "c_void_p" => Type::void_ptr(),
        _ => return unsupported(name),
    };
    Some(Meaning::Type(ty))
}

fn unsupported(name: &str) -> Option<Meaning> {
    Some(match name {
        "complex64" | "complex128" | "complex" | "c8" | "c16" | "csingle" | "cdouble" | "complex_"
        | "c_double_complex" => Meaning::Complex,
        "float16" | "f2" | "half" => Meaning::Unsupported("write `float32`"),
        "float128" | "longdouble" | "c_longdouble" | "long_double" => Meaning::Unsupported("write `float64`"),
        "float_" => Meaning::Unsupported("it is 32-bit in Numba and 64-bit in NumPy: write `float32` or `float64`"),
        "str" | "bytes" | "unicode_type" | "c_char" | "c_char_p" | "c_wchar" => {
            Meaning::Unsupported("kernels take numbers: pass codes as integers or an array of uint8")
        }
        "object" | "pyobject" | "object_" | "py_object" | "Any" | "PyObject" => {
            Meaning::Unsupported("kernels take numbers, arrays and pointers: name the type")
        }
        "dict" | "set" | "Dict" | "Set" | "DictType" => {
            Meaning::Unsupported("kernels have no dicts and sets: pass arrays")
        }
        "slice" | "range" => Meaning::Unsupported("pass start, stop and step as integers"),
        _ => return None,
    })
}

/// Names whose width is the same everywhere.
fn fixed(name: &str) -> Option<Scalar> {
    Some(match name {
        "float64" | "f8" | "double" | "c_double" | "float64_t" => Scalar::F64,
        "float32" | "f4" | "single" | "c_float" | "float32_t" => Scalar::F32,
        "int8" | "i1" | "int8_t" | "c_int8" | "char" | "c_byte" => Scalar::I8,
        "int16" | "i2" | "int16_t" | "c_int16" | "short" | "c_short" => Scalar::I16,
        "int32" | "i4" | "int32_t" | "c_int32" | "intc" | "c_int" | "npy_int" => Scalar::I32,
        "int64" | "i8" | "int64_t" | "c_int64" | "longlong" | "c_longlong" | "int_" => Scalar::I64,
        "uint8" | "u1" | "uint8_t" | "c_uint8" | "uchar" | "c_ubyte" | "ubyte" => Scalar::U8,
        "uint16" | "u2" | "uint16_t" | "c_uint16" | "ushort" | "c_ushort" => Scalar::U16,
        "uint32" | "u4" | "uint32_t" | "c_uint32" | "uintc" | "c_uint" => Scalar::U32,
        "uint64" | "u8" | "uint64_t" | "c_uint64" | "ulonglong" | "c_ulonglong" | "uint" => Scalar::U64,
        "bool_" | "boolean" | "b1" | "c_bool" | "_Bool" | "npy_bool" | "bint" => Scalar::Bool,
        "npy_float" => Scalar::F32,
        _ => return None,
    })
}

/// Names whose width is the system's.
fn sized(name: &str, model: DataModel) -> Option<Scalar> {
    Some(match name {
        "intp" | "intptr_t" | "ssize_t" | "Py_ssize_t" | "ptrdiff_t" | "c_ssize_t" => signed(model.pointer),
        "uintp" | "uintptr_t" | "size_t" | "c_size_t" => unsigned(model.pointer),
        "long_" | "c_long" | "npy_long" => signed(model.long),
        "ulong" | "c_ulong" => unsigned(model.long),
        _ => return None,
    })
}

pub fn signed(bytes: u8) -> Scalar {
    if bytes == 4 { Scalar::I32 } else { Scalar::I64 }
}

pub fn unsigned(bytes: u8) -> Scalar {
    if bytes == 4 { Scalar::U32 } else { Scalar::U64 }
}

/// C's types of several words: `unsigned long long`. The words stand in any order, as C allows.
pub fn c_words(words: &[&str], model: DataModel) -> Option<Meaning> {
    let count = |word: &str| words.iter().filter(|w| **w == word).count();
    let is_unsigned = count("unsigned") > 0;
    let known = ["unsigned", "signed", "int", "long", "short", "char", "double"];
    if words.iter().any(|word| !known.contains(word)) || (count("signed") > 0 && is_unsigned) {
        return None;
    }
    if count("double") > 0 {
        return (count("long") == 1 && words.len() == 2).then_some(Meaning::Unsupported("write `double`"));
    }
    let bytes = match (count("char"), count("short"), count("long")) {
        (1, 0, 0) if count("int") == 0 => 1,
        (0, 1, 0) => 2,
        (0, 0, 0) => 4,
        (0, 0, 1) => model.long,
        (0, 0, 2) => 8,
        _ => return None,
    };
    let scalar = match (bytes, is_unsigned) {
        (1, false) => Scalar::I8,
        (1, true) => Scalar::U8,
        (2, false) => Scalar::I16,
        (2, true) => Scalar::U16,
        (bytes, false) => signed(bytes),
        (bytes, true) => unsigned(bytes),
    };
    Some(Meaning::Type(Type::Np(scalar)))
}

/// The type name that is nearest to a misspelt one.
pub fn nearest(word: &str) -> Option<&'static str> {
    const NAMES: &[&str] = &[
        "float64",
        "float32",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "double",
        "float",
        "int",
        "bool",
        "void",
        "voidptr",
        "intc",
        "intp",
        "npy_intp",
        "long",
        "short",
        "unsigned",
        "size_t",
        "intptr_t",
        "CPointer",
        "boolean",
        "complex128",
    ];
    let name = word.rsplit('.').next().unwrap_or(word);
    // Of names equally far, one of the same length is a likelier slip, then an earlier one.
    let best = NAMES.iter().min_by_key(|known| (distance(name, known), known.len().abs_diff(name.len())))?;
    let far = distance(name, best);
    (far <= 2 && far * 3 <= name.len().max(3)).then_some(best)
}
