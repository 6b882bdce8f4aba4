//! The types of values while a kernel is compiled, and how those of two paths join.

use std::fmt;
use std::rc::Rc;

use super::TableId;
use crate::abi::status::Exception;
use crate::front::builtins::Builtin;
use crate::front::environment::{EnvironmentId, FunctionId, StdModule};
use crate::types::{ArrayType, Kind, Layout, PtrType, Scalar, Type};

/// Python's own scalar types, the weaker first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Py {
    Bool,
    Int,
    Float,
}

/// The type of a value while it is compiled.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ty {
    /// The result of a recursive call of which nothing is known yet.
    Unknown,
    /// A fault that has been reported.
    Error,
    None,
    Py(Py),
    Np(Scalar),
    /// A Python scalar on one path and a NumPy scalar on another: carries which, as a hidden flag. The Python kind is at
    /// most that of the dtype, so that one payload holds both (an int beside floats as the float that equals it); see
    /// [`Ty::either`].
    Either(Py, Scalar),
    /// A raw pointer; `bounded` if its extent is known, which is then a second value.
    Ptr {
        ptr: PtrType,
        bounded: bool,
    },
    /// An array: one value of the IR. What is computed elementwise may be known as read-only to the IR though it is
    /// writable here: it becomes storage where that matters.
    Array(ArrayType),
    Tuple(Rc<[Ty]>),
    /// A constant tuple of scalars of one type, which may be indexed by a value.
    Table(TableId),
    /// A string constant.
    Str,
    /// What the type alone says: a module, a function, a dtype.
    Known(Known),
}

/// Values that exist while compiling only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Known {
    Module(StdModule),
    UserModule(EnvironmentId),
    Builtin(Builtin),
    Dtype(Scalar),
    Function(FunctionId),
    Exception(Exception),
}

impl Py {
    pub const fn scalar(self) -> Scalar {
        match self {
            Py::Bool => Scalar::Bool,
            Py::Int => Scalar::I64,
            Py::Float => Scalar::F64,
        }
    }

    /// The Python type that holds the values of a dtype.
    pub const fn of(s: Scalar) -> Py {
        match s.kind() {
            Kind::Bool => Py::Bool,
            Kind::Signed | Kind::Unsigned => Py::Int,
            Kind::Float => Py::Float,
        }
    }
}

impl Ty {
    pub const BOOL: Ty = Ty::Py(Py::Bool);
    pub const INT: Ty = Ty::Py(Py::Int);
    pub const FLOAT: Ty = Ty::Py(Py::Float);

    /// Says nothing, or a fault that has been reported: what is built of it is not judged.
    pub const fn is_vague(&self) -> bool {
        matches!(self, Ty::Unknown | Ty::Error)
    }

    /// A scalar that is not [`Ty::Either`].
    pub const fn scalar(&self) -> Option<Scalar> {
        match self {
            Ty::Py(p) => Some(p.scalar()),
            Ty::Np(s) => Some(*s),
            _ => None,
        }
    }

    pub const fn is_number(&self) -> bool {
        matches!(self, Ty::Py(_) | Ty::Np(_) | Ty::Either(..))
    }

    pub const fn as_array(&self) -> Option<ArrayType> {
        match self {
            Ty::Array(array) => Some(*array),
            _ => None,
        }
    }

    /// The kinds of number it may be; both for [`Ty::Either`].
    pub fn alternatives(&self) -> impl Iterator<Item = Ty> + use<> {
        let (first, second) = match self {
            Ty::Either(p, s) => (Ty::Py(*p), Some(Ty::Np(*s))),
            other => (other.clone(), None),
        };
        std::iter::once(first).chain(second)
    }

    /// A Python integer or bool, or NumPy integer: what may index, count and shift.
    pub fn is_index(&self) -> bool {
        match self {
            Ty::Py(p) => *p != Py::Float,
            Ty::Np(s) => s.is_int(),
            Ty::Either(_, s) => s.is_int(),
            _ => false,
        }
    }

    /// Python `p` on one path and NumPy `s` on the other, if one payload can hold both.
    pub fn either(p: Py, s: Scalar) -> Option<Ty> {
        match s.kind() {
            Kind::Float => Some(Ty::Either(p, s)),
            Kind::Signed | Kind::Unsigned if p <= Py::Int => Some(Ty::Either(Py::Int, s)),
            Kind::Bool if p <= Py::Int => Some(Ty::Either(p, s)),
            Kind::Signed | Kind::Unsigned | Kind::Bool => None,
        }
    }

    /// The type of values that come by two paths; `None` if there is none.
    pub fn join(&self, other: &Ty) -> Option<Ty> {
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Ty::Error, _) | (_, Ty::Error) => Ty::Error,
            (Ty::Unknown, t) | (t, Ty::Unknown) => t.clone(),
            (Ty::Py(a), Ty::Py(b)) => Ty::Py(*a.max(b)),
            (Ty::Py(p), Ty::Np(s)) | (Ty::Np(s), Ty::Py(p)) => Ty::either(*p, *s)?,
            (Ty::Either(p, s), Ty::Py(q)) | (Ty::Py(q), Ty::Either(p, s)) => Ty::either(*p.max(q), *s)?,
            (Ty::Either(p, s), Ty::Np(t)) | (Ty::Np(t), Ty::Either(p, s)) if s == t => Ty::Either(*p, *s),
            (Ty::Either(p, s), Ty::Either(q, t)) if s == t => Ty::Either(*p.max(q), *s),
            (Ty::Array(a), Ty::Array(b)) if a.dtype == b.dtype && a.rank == b.rank => {
                let layout = if a.layout == b.layout { a.layout } else { Layout::Strided };
                Ty::Array(ArrayType { layout, writable: a.writable && b.writable, ..*a })
            }
            (Ty::Tuple(a), Ty::Tuple(b)) if a.len() == b.len() => {
                Ty::Tuple(a.iter().zip(b.iter()).map(|(a, b)| a.join(b)).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The front-end's type of a value of a declared type; `None` for types that kernels do not have yet.
    pub fn of(ty: &Type) -> Option<Ty> {
        Some(match ty {
            Type::None => Ty::None,
            Type::PyBool => Ty::BOOL,
            Type::PyInt => Ty::INT,
            Type::PyFloat => Ty::FLOAT,
            Type::Np(s) => Ty::Np(*s),
            Type::Ptr(p) => Ty::Ptr { ptr: p.clone(), bounded: false },
            Type::Tuple(items) => Ty::Tuple(items.iter().map(Ty::of).collect::<Option<_>>()?),
            Type::Array(array) => Ty::Array(*array),
            Type::List(_) | Type::Optional(_) | Type::Either { .. } => return None,
        })
    }

    /// The type as users know it.
    pub fn to_type(&self) -> Option<Type> {
        Some(match self {
            Ty::None => Type::None,
            Ty::Py(Py::Bool) => Type::PyBool,
            Ty::Py(Py::Int) => Type::PyInt,
            Ty::Py(Py::Float) => Type::PyFloat,
            Ty::Np(s) => Type::Np(*s),
            Ty::Either(p, s) => Type::Either { python: p.scalar(), numpy: *s },
            Ty::Ptr { ptr, .. } => Type::Ptr(ptr.clone()),
            Ty::Tuple(items) => Type::Tuple(items.iter().map(Ty::to_type).collect::<Option<_>>()?),
            Ty::Array(array) => Type::Array(*array),
            Ty::Unknown | Ty::Error | Ty::Table(_) | Ty::Str | Ty::Known(_) => return None,
        })
    }
}

/// As in messages: Python's and NumPy's names of types.
impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Unknown | Ty::Error => f.write_str("?"),
            Ty::None | Ty::Py(_) | Ty::Np(_) => match self.to_type() {
                Some(t) => write!(f, "{t}"),
                None => Ok(()),
            },
            Ty::Either(p, s) => write!(f, "{} | {}", Ty::Py(*p), Ty::Np(*s)),
            Ty::Ptr { ptr, .. } => write!(f, "{ptr}"),
            Ty::Array(array) => write!(f, "{array}"),
            Ty::Tuple(items) if items.is_empty() => f.write_str("tuple[()]"),
            Ty::Tuple(items) => {
                f.write_str("tuple[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Ty::Table(_) => f.write_str("tuple of constants"),
            Ty::Str => f.write_str("str"),
            Ty::Known(Known::Module(_) | Known::UserModule(_)) => f.write_str("module"),
            Ty::Known(Known::Builtin(_) | Known::Function(_)) => f.write_str("function"),
            Ty::Known(Known::Dtype(s)) => write!(f, "type[{}]", s.dtype_name()),
            Ty::Known(Known::Exception(e)) => write!(f, "type[{}]", e.name()),
        }
    }
}
