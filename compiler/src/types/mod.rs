//! Types as the user knows them, and the scalars they stand on.
//!
//! A [`Type`] carries the semantics: Python's `int` is checked and 64-bit, NumPy's `int64` wraps, though both are an
//! [`Scalar::I64`] in memory. [`Scalar`] alone is the business of the IR.

pub mod array;
pub mod scalar;

pub use array::{ArrayType, Layout};
pub use scalar::{Kind, Scalar};

use std::fmt;

/// The type of a value in the front-end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    None,
    /// Python's `bool`, `int` (64-bit, checked) and `float`.
    PyBool,
    PyInt,
    PyFloat,
    /// A NumPy scalar: `np.int32`, `np.float64`, `np.bool_`.
    Np(Scalar),
    Ptr(PtrType),
    Array(ArrayType),
    Tuple(Vec<Type>),
    List(Box<Type>),
    /// `T | None`; never nested.
    Optional(Box<Type>),
    /// What a kernel returns that gives a Python scalar on some paths and a NumPy scalar on others. `python` is Python's
    /// in memory: `Bool`, `I64` or `F64`. Nothing is declared so.
    Either {
        python: Scalar,
        numpy: Scalar,
    },
}

/// A raw pointer, as C delivers it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PtrType {
    pub pointee: Pointee,
    /// False for `const double *`.
    pub writable: bool,
}

/// What a pointer points to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pointee {
    Void,
    Scalar(Scalar),
    Ptr(Box<PtrType>),
}

impl Type {
    pub fn ptr(pointee: Pointee) -> Type {
        Type::Ptr(PtrType { pointee, writable: true })
    }

    pub fn ptr_to(scalar: Scalar) -> Type {
        Type::ptr(Pointee::Scalar(scalar))
    }

    pub fn void_ptr() -> Type {
        Type::ptr(Pointee::Void)
    }

    /// `T | None`, without nesting.
    pub fn optional(inner: Type) -> Type {
        match inner {
            Type::None | Type::Optional(_) => inner,
            Type::PyBool
            | Type::PyInt
            | Type::PyFloat
            | Type::Np(_)
            | Type::Ptr(_)
            | Type::Array(_)
            | Type::Tuple(_)
            | Type::List(_)
            | Type::Either { .. } => Type::Optional(Box::new(inner)),
        }
    }

    /// The scalar that holds a number of this type; `None` for everything else.
    pub const fn scalar(&self) -> Option<Scalar> {
        match self {
            Type::PyBool => Some(Scalar::Bool),
            Type::PyInt => Some(Scalar::I64),
            Type::PyFloat => Some(Scalar::F64),
            Type::Np(scalar) => Some(*scalar),
            Type::None
            | Type::Ptr(_)
            | Type::Array(_)
            | Type::Tuple(_)
            | Type::List(_)
            | Type::Optional(_)
            | Type::Either { .. } => None,
        }
    }

    /// Python's own scalar of the same kind: what a kernel sees when C or ctypes delivers a number of this type, and
    /// what an element of a raw pointer is. Types that are no numbers stay as they are.
    pub fn as_python(&self) -> Type {
        match self.scalar().map(Scalar::kind) {
            Some(Kind::Bool) => Type::PyBool,
            Some(Kind::Signed | Kind::Unsigned) => Type::PyInt,
            Some(Kind::Float) => Type::PyFloat,
            None => self.clone(),
        }
    }

    /// The type where no flag can say which kind of scalar a value is: C's results, and declared types.
    pub fn settled(self) -> Type {
        match self {
            Type::Either { numpy, .. } => Type::Np(numpy),
            Type::Tuple(items) => Type::Tuple(items.into_iter().map(Type::settled).collect()),
            other => other,
        }
    }

    /// A Python scalar, whose arithmetic is checked.
    pub const fn is_python_scalar(&self) -> bool {
        matches!(self, Type::PyBool | Type::PyInt | Type::PyFloat)
    }

    pub const fn is_number(&self) -> bool {
        self.scalar().is_some()
    }
}

/// Python spelling, as in an annotation: `int`, `float64`, `float64[:, ::1]`, `tuple[int, float]`, `float64 | None`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::None => f.write_str("None"),
            Type::PyBool => f.write_str("bool"),
            Type::PyInt => f.write_str("int"),
            Type::PyFloat => f.write_str("float"),
            // Python's `bool` and NumPy's must not read the same in a message.
            Type::Np(Scalar::Bool) => f.write_str("bool_"),
            Type::Np(scalar) => f.write_str(scalar.dtype_name()),
            Type::Ptr(ptr) => write!(f, "{ptr}"),
            Type::Array(array) => write!(f, "{array}"),
            Type::Tuple(items) if items.is_empty() => f.write_str("tuple[()]"),
            Type::Tuple(items) => {
                f.write_str("tuple[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ", " })?;
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Type::List(item) => write!(f, "list[{item}]"),
            Type::Optional(inner) => write!(f, "{inner} | None"),
            Type::Either { python, numpy } => write!(f, "{} | {}", Type::Np(*python).as_python(), Type::Np(*numpy)),
        }
    }
}

/// Pythran's spelling, which C and Cython users read too: `float64*`, `const int32*`, `void*`.
impl fmt::Display for PtrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Pointee::Ptr(inner) = &self.pointee {
            return write!(f, "{inner}{}*", if self.writable { "" } else { " const" });
        }
        f.write_str(if self.writable { "" } else { "const " })?;
        match &self.pointee {
            Pointee::Void => f.write_str("void*"),
            Pointee::Scalar(scalar) => write!(f, "{}*", scalar.dtype_name()),
            Pointee::Ptr(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_python_writes_them() {
        let array = |rank, layout| Type::Array(ArrayType { dtype: Scalar::F64, rank, layout, writable: true });
        assert_eq!(Type::PyInt.to_string(), "int");
        assert_eq!(Type::Np(Scalar::Bool).to_string(), "bool_");
        assert_eq!(array(2, Layout::C).to_string(), "float64[:, ::1]");
        assert_eq!(array(2, Layout::F).to_string(), "float64[::1, :]");
        assert_eq!(Type::optional(array(1, Layout::Strided)).to_string(), "float64[:] | None");
        assert_eq!(Type::Tuple(vec![Type::PyInt, Type::PyFloat]).to_string(), "tuple[int, float]");
        assert_eq!(Type::ptr_to(Scalar::F32).to_string(), "float32*");
        let constant = PtrType { pointee: Pointee::Scalar(Scalar::F64), writable: false };
        assert_eq!(constant.to_string(), "const float64*");
        let nested = Type::ptr(Pointee::Ptr(Box::new(constant)));
        assert_eq!(nested.to_string(), "const float64**");
    }

    #[test]
    fn c_numbers_are_python_numbers_in_a_kernel() {
        assert_eq!(Type::Np(Scalar::F32).as_python(), Type::PyFloat);
        assert_eq!(Type::Np(Scalar::U8).as_python(), Type::PyInt);
        assert_eq!(Type::void_ptr().as_python(), Type::void_ptr());
    }
}
