//! The typed syntax tree: inference makes it, lowering eats it.
//!
//! A tree belongs to one [`Instance`]: a function for given argument types. Every expression has its type, every join of
//! paths lists the variables it merges and the type each has from there on. Names are resolved; what a name of the
//! module stands for is in the tree itself. Nothing here refers to the source but by spans.

mod ty;
pub mod walk;

use std::rc::Rc;
use std::sync::Arc;

pub use ty::{Known, Py, Ty};

use super::builtins::Builtin;
use super::environment::FunctionId;
use super::options_comment::OptionName;
use super::syntax::{BinaryOp, BoolOp, CompareOp, UnaryOp};
use crate::abi::status::Exception;
use crate::base::arena::Id;
use crate::diag::Span;
use crate::ir::op::Const;
use crate::types::Scalar;

pub type VarId = Id<Variable>;
pub type InstanceId = Id<Instance>;
pub type TableId = Id<Table>;

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
    /// An element of a pointer or array, or a view of an array, as the type says.
    Element {
        base: Box<Expr>,
        index: Index,
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
    /// What an array's descriptor says.
    Descriptor {
        array: Box<Expr>,
        what: Descriptor,
    },
    /// An array with its axes in another order.
    Permuted {
        array: Box<Expr>,
        axes: Vec<u8>,
    },
}

/// What stands in the brackets.
#[derive(Clone, Debug)]
pub enum Index {
    /// The index of a pointer.
    Pointer(Box<Expr>),
    /// What becomes of each axis of an array, the new ones among them.
    Axes(Vec<Axis>),
}

/// What an index does with one axis of an array.
#[derive(Clone, Debug)]
pub enum Axis {
    At(Expr),
    /// Start, stop and step, where they are given.
    Slice(Box<[Option<Expr>; 3]>),
    /// `:`, and what `...` stands for.
    Keep,
    /// `None`: an axis of length 1.
    New,
}

/// What an array's descriptor holds, or what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Descriptor {
    /// The extent of the first axis.
    Length,
    /// A tuple of the extents.
    Shape,
    /// A tuple of the distances of elements, in bytes.
    Strides,
    /// The number of elements.
    Size,
    /// Their bytes.
    Bytes,
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
        index: Index,
        op: BinaryOp,
        value: Expr,
        item: Ty,
        result: Ty,
    },
    /// `array op= value`, in place: `result` is `array op value`.
    AugArray {
        array: Expr,
        op: BinaryOp,
        value: Expr,
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
    /// `item` is the type of what a round gets.
    For {
        target: Target,
        item: Ty,
        over: Over,
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

/// What a `for` runs over.
#[derive(Clone, Debug)]
pub enum Over {
    /// `range(start, stop, step)`
    Range(Box<[Expr; 3]>),
    /// The elements of an array with one axis, the rows of one with more.
    Array(Expr),
    /// A constant tuple of scalars of one type.
    Table(Expr),
    /// `enumerate(over, start)`
    Enumerate(Box<Over>, Box<Expr>),
    Zip(Vec<Over>),
    Reversed(Box<Over>),
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
    /// `base[index] = ...`; base and index are evaluated after the value. `item` is what is there: an element or a view.
    Element {
        base: Box<Expr>,
        index: Index,
        item: Ty,
        span: Span,
    },
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
