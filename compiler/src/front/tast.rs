//! The typed syntax tree: inference makes it, lowering eats it.
//!
//! A tree belongs to one [`Instance`]: a function for given argument types. Every expression has its type, every join of
//! paths lists the variables it merges and the type each has from there on. Names are resolved; what a name of the
//! module stands for is in the tree itself. Nothing here refers to the source but by spans.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::builtins::Builtin;
use super::environment::{EnvironmentId, FunctionId, StdModule};
use super::options_comment::OptionName;
use super::syntax::{BinaryOp, BoolOp, CompareOp, UnaryOp};
use crate::abi::status::Exception;
use crate::base::arena::Id;
use crate::diag::Span;
use crate::ir::op::Const;
use crate::types::{Kind, PtrType, Scalar, Type};

pub type VarId = Id<Variable>;
pub type InstanceId = Id<Instance>;
pub type TableId = Id<Table>;

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
    /// most that of the dtype, so that one payload holds both; see [`Ty::either`].
    Either(Py, Scalar),
    /// A raw pointer; `bounded` if its extent is known, which is then a second value.
    Ptr {
        ptr: PtrType,
        bounded: bool,
    },
    /// A one-dimensional C-order array over existing memory: address and length.
    View {
        dtype: Scalar,
        writable: bool,
    },
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

/// A scalar constant.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Arc<str>),
    Np(Const),
}

/// A constant tuple of scalars of one type.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is called in the source.
    pub name: String,
    pub element: Ty,
    pub items: Rc<[Literal]>,
}

/// A local variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variable {
    pub name: String,
}

/// A function for given argument types.
#[derive(Clone, Debug)]
pub struct Instance {
    pub function: FunctionId,
    pub name: String,
    pub params: Vec<(VarId, Ty)>,
    pub result: Ty,
    pub variables: Vec<Variable>,
    pub body: Vec<Stmt>,
    /// Control may reach the end of the body.
    pub falls_through: bool,
    /// It calls itself, directly or not.
    pub recursive: bool,
    /// `def` and its parameters.
    pub header: Span,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Ty,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Of the expression's type.
    Literal(Literal),
    /// Has no value at run time.
    Known,
    Variable(VarId),
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Each operand is evaluated once, and only as far as the comparison holds.
    Compare {
        left: Box<Expr>,
        rest: Vec<(CompareOp, Expr)>,
    },
    BoolOp {
        op: BoolOp,
        values: Vec<Expr>,
    },
    Conditional {
        test: Box<Expr>,
        body: Box<Expr>,
        orelse: Box<Expr>,
    },
    Tuple(Vec<Expr>),
    /// An item of a tuple, by its position.
    Item {
        tuple: Box<Expr>,
        index: usize,
    },
    /// An element of a constant table by a value.
    TableItem {
        table: TableId,
        index: Box<Expr>,
    },
    /// An element of a pointer or view.
    Element {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// Arguments in the order of the call, each with the parameter it is for.
    Call {
        callee: InstanceId,
        args: Vec<(usize, Expr)>,
    },
    Builtin {
        builtin: Builtin,
        args: Vec<Expr>,
    },
    /// `x.view(dtype)`: the same bits as the expression's type.
    Bits(Box<Expr>),
    /// `x.item()`: the Python scalar of a NumPy scalar.
    ToPython(Box<Expr>),
    /// `len` of a view.
    Length(Box<Expr>),
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    Expr(Expr),
    /// The value goes to the targets from left to right.
    Assign {
        targets: Vec<Target>,
        value: Expr,
    },
    /// `base[index] op= value`; `item` is the type of the element read, `result` that of the operation.
    AugElement {
        base: Expr,
        index: Expr,
        op: BinaryOp,
        value: Expr,
        item: Ty,
        result: Ty,
    },
    If {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
        /// The variables that either branch assigns.
        assigned: Vec<VarId>,
        merge: Vec<Merge>,
    },
    While {
        test: Expr,
        flow: LoopFlow,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    /// Over `range(start, stop, step)`.
    For {
        var: VarId,
        range: Box<[Expr; 3]>,
        flow: LoopFlow,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    Break,
    Continue,
    Return(Option<Expr>),
    Raise {
        exception: Exception,
        message: String,
    },
    /// Raises unless the test holds.
    Assert {
        test: Expr,
        message: String,
    },
    /// A branch that constants decide: what it holds stands in the statements around it.
    Block(Vec<Stmt>),
    /// `with cython.boundscheck(False):`: statements with options of their own.
    Options {
        settings: Vec<(OptionName, bool)>,
        body: Vec<Stmt>,
    },
}

/// A variable that two paths give, and its type from there on.
#[derive(Clone, PartialEq, Debug)]
pub struct Merge {
    pub var: VarId,
    pub ty: Ty,
}

/// A variable that changes round a loop.
#[derive(Clone, PartialEq, Debug)]
pub struct Carried {
    pub var: VarId,
    pub ty: Ty,
    /// It is set when the loop is entered; else its value before the first round is never read.
    pub entry: bool,
}

/// What a loop carries, and what it leaves.
#[derive(Clone, PartialEq, Debug)]
pub struct LoopFlow {
    /// The variables that the loop and its `else` assign.
    pub assigned: Vec<VarId>,
    pub carried: Vec<Carried>,
    /// The variables that are set after the loop.
    pub after: Vec<Merge>,
    /// `break` leaves past the `else`, or with other types than the loop carries: the loop stands in a block of its own.
    pub enclosed: bool,
    /// Control may reach the place after the loop.
    pub exits: bool,
}

#[derive(Clone, Debug)]
pub enum Target {
    Variable(VarId),
    Tuple(Vec<Target>),
    /// `base[index] = ...`; base and index are evaluated after the value.
    Element {
        base: Box<Expr>,
        index: Box<Expr>,
        span: Span,
    },
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
            Kind::Float => Some(Ty::Either(Py::Float, s)),
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
            (Ty::View { dtype: a, writable: v }, Ty::View { dtype: b, writable: w }) if a == b => {
                Ty::View { dtype: *a, writable: *v && *w }
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
            Type::Array(_) | Type::List(_) | Type::Optional(_) => return None,
        })
    }

    /// The type as users know it. A value that may be either kind of scalar leaves a kernel as NumPy's.
    pub fn to_type(&self) -> Option<Type> {
        Some(match self {
            Ty::None => Type::None,
            Ty::Py(Py::Bool) => Type::PyBool,
            Ty::Py(Py::Int) => Type::PyInt,
            Ty::Py(Py::Float) => Type::PyFloat,
            Ty::Np(s) | Ty::Either(_, s) => Type::Np(*s),
            Ty::Ptr { ptr, .. } => Type::Ptr(ptr.clone()),
            Ty::Tuple(items) => Type::Tuple(items.iter().map(Ty::to_type).collect::<Option<_>>()?),
            Ty::Unknown | Ty::Error | Ty::View { .. } | Ty::Table(_) | Ty::Str | Ty::Known(_) => return None,
        })
    }
}

impl Table {
    /// The scalar that every item fits: integers are signed if they can be, else unsigned.
    pub fn storage(&self) -> Option<Scalar> {
        if self.element != Ty::INT {
            return self.element.scalar();
        }
        let all = |s: Scalar| {
            let (low, high) = s.int_range().unwrap_or_default();
            self.items.iter().all(|l| l.as_int().is_some_and(|i| low <= i && i <= high))
        };
        [Scalar::I64, Scalar::U64].into_iter().find(|s| all(*s))
    }
}

impl Literal {
    pub fn ty(&self) -> Ty {
        match self {
            Literal::None => Ty::None,
            Literal::Bool(_) => Ty::BOOL,
            Literal::Int(_) => Ty::INT,
            Literal::Float(_) => Ty::FLOAT,
            Literal::Str(_) => Ty::Str,
            Literal::Np(c) => Ty::Np(c.ty),
        }
    }

    /// The value as an integer, if it is one (bools and NumPy integers too).
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Literal::Bool(b) => Some(i128::from(*b)),
            Literal::Int(i) => Some(*i),
            Literal::Np(c) if c.ty.is_int() => Some(c.as_int()),
            Literal::None | Literal::Float(_) | Literal::Str(_) | Literal::Np(_) => None,
        }
    }

    /// Python's `bool(x)`.
    pub fn truth(&self) -> bool {
        match self {
            Literal::None => false,
            Literal::Bool(b) => *b,
            Literal::Int(i) => *i != 0,
            Literal::Float(x) => *x != 0.0,
            Literal::Str(s) => !s.is_empty(),
            Literal::Np(c) if c.ty.is_float() => c.as_float() != 0.0,
            Literal::Np(c) => c.bits != 0,
        }
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
            Ty::View { dtype, .. } => write!(f, "{}[::1]", dtype.dtype_name()),
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
