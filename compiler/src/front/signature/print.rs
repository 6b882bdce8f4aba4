//! Signatures as text, in each of the three notations. What is printed parses back to the same types, wherever the
//! notation can say them.

use super::{DataModel, Signature};
use crate::types::{ArrayType, Layout, Pointee, PtrType, Scalar, Type};

impl Signature {
    /// `float64(int32, float64[:, ::1])`
    pub fn to_numba(&self) -> String {
        let params: Vec<String> = self.param_types().map(numba_type).collect();
        let result = self.result.as_ref().map(numba_type).unwrap_or_default();
        format!("{result}({})", params.join(", "))
    }

    /// `f(int, float64[:,:])`; the notation has no result.
    pub fn to_pythran(&self) -> String {
        let params: Vec<String> = self.param_types().map(pythran_type).collect();
        format!("{}({})", self.name.as_deref().unwrap_or("f"), params.join(", "))
    }

    /// `double (int, double *, void *)`; `None` if a type has no form in C, or the result is not known.
    pub fn to_c(&self) -> Option<String> {
        let params: Option<Vec<String>> = self.param_types().map(c_type).collect();
        Some(c_prototype(&c_type(self.result.as_ref()?)?, &params?))
    }
}

/// A C signature as SciPy writes them.
pub fn c_prototype(result: &str, params: &[String]) -> String {
    format!("{result} ({})", params.join(", "))
}

/// A type in Numba's notation.
pub fn numba_type(ty: &Type) -> String {
    match ty {
        Type::None => "void".to_owned(),
        Type::PyBool => "boolean".to_owned(),
        Type::PyInt => "int64".to_owned(),
        Type::PyFloat => "float64".to_owned(),
        Type::Np(scalar) => numba_scalar(*scalar).to_owned(),
        Type::Ptr(ptr) => numba_pointer(ptr),
        Type::Array(array) => numba_array(array),
        Type::Tuple(items) => {
            let items: Vec<String> = items.iter().map(numba_type).collect();
            let comma = if items.len() == 1 { "," } else { "" };
            format!("Tuple(({}{comma}))", items.join(", "))
        }
        Type::List(item) => format!("List({})", numba_type(item)),
        Type::Optional(inner) => format!("Optional({})", numba_type(inner)),
        // The notation has no name for it.
        Type::Either { numpy, .. } => numba_scalar(*numpy).to_owned(),
    }
}

fn numba_scalar(scalar: Scalar) -> &'static str {
    if scalar == Scalar::Bool { "boolean" } else { scalar.dtype_name() }
}

fn numba_pointer(ptr: &PtrType) -> String {
    match &ptr.pointee {
        Pointee::Void => "voidptr".to_owned(),
        Pointee::Scalar(scalar) => format!("CPointer({})", numba_scalar(*scalar)),
        Pointee::Ptr(inner) => format!("CPointer({})", numba_pointer(inner)),
    }
}

fn numba_array(array: &ArrayType) -> String {
    let dtype = numba_scalar(array.dtype);
    if array.writable && array.rank > 0 {
        return ArrayType { ..*array }.to_string().replacen(array.dtype.dtype_name(), dtype, 1);
    }
    let order = match array.layout {
        Layout::C => "C",
        Layout::F => "F",
        Layout::Strided => "A",
    };
    let readonly = if array.writable { "" } else { ", readonly=True" };
    format!("Array({dtype}, {}, \"{order}\"{readonly})", array.rank)
}

/// A type in Pythran's notation.
pub fn pythran_type(ty: &Type) -> String {
    match ty {
        Type::None => "None".to_owned(),
        Type::PyBool => "bool".to_owned(),
        Type::PyInt => "int".to_owned(),
        Type::PyFloat => "float".to_owned(),
        // Pythran's `bool` is Python's; NumPy's own name keeps the two apart.
        Type::Np(Scalar::Bool) => "bool_".to_owned(),
        Type::Np(scalar) => scalar.dtype_name().to_owned(),
        Type::Ptr(ptr) => ptr.to_string(),
        Type::Array(array) => pythran_array(array),
        Type::Tuple(items) => {
            let items: Vec<String> = items.iter().map(pythran_type).collect();
            format!("({})", items.join(", "))
        }
        Type::List(item) => format!("{} list", pythran_type(item)),
        Type::Optional(inner) => format!("{}?", pythran_type(inner)),
        Type::Either { python, numpy } => {
            format!("{} or {}", Type::Np(*python).as_python(), pythran_type(&Type::Np(*numpy)))
        }
    }
}

fn pythran_array(array: &ArrayType) -> String {
    if array.rank == 0 {
        return numba_array(array);
    }
    let constant = if array.writable { "" } else { "const " };
    let axis = if array.layout == Layout::Strided { "::" } else { ":" };
    let axes = vec![axis; array.rank.into()].join(",");
    let order = match array.layout {
        Layout::F => " order(F)",
        Layout::C if array.rank == 2 => " order(C)",
        Layout::C | Layout::Strided => "",
    };
    format!("{constant}{}[{axes}]{order}", array.dtype.dtype_name())
}

/// A type in C; `None` if C has none.
pub fn c_type(ty: &Type) -> Option<String> {
    match ty {
        Type::None => Some("void".to_owned()),
        Type::PyBool | Type::PyInt | Type::PyFloat | Type::Np(_) => {
            ty.scalar().map(|scalar| c_scalar(scalar).to_owned())
        }
        Type::Ptr(ptr) => Some(c_pointer(ptr)),
        Type::Array(_) | Type::Tuple(_) | Type::List(_) | Type::Optional(_) | Type::Either { .. } => None,
    }
}

/// The C name of a scalar. `int` is 32 bits wide wherever we run.
pub fn c_scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::I8 => "int8_t",
        Scalar::I16 => "int16_t",
        Scalar::I32 => "int",
        Scalar::I64 => "int64_t",
        Scalar::U8 => "uint8_t",
        Scalar::U16 => "uint16_t",
        Scalar::U32 => "uint32_t",
        Scalar::U64 => "uint64_t",
        Scalar::F32 => "float",
        Scalar::F64 => "double",
    }
}

fn c_pointer(ptr: &PtrType) -> String {
    let constant = if ptr.writable { "" } else { "const " };
    match &ptr.pointee {
        Pointee::Void => format!("{constant}void *"),
        Pointee::Scalar(scalar) => format!("{constant}{} *", c_scalar(*scalar)),
        Pointee::Ptr(inner) => {
            let inner = c_pointer(inner);
            format!("{inner}{}*", if ptr.writable { "" } else { "const " })
        }
    }
}

/// The scalar of C's `npy_intp`.
pub fn npy_intp(model: DataModel) -> Scalar {
    super::spelling::signed(model.pointer)
}
