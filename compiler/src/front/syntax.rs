//! Our own syntax tree: all of Python that a kernel may hold or that a diagnostic must name, with spans.
//!
//! Nothing of the parser's own types leaves `front/parse.rs`, so that another parser can replace it. The tree is made of
//! boxes and its depth is bounded by the lexical pass (see [`crate::front::lexical`]), so recursive walks are safe.
//! Contexts (load or store) are not marked: targets stand in fields of their own.

use crate::diag::Span;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// A source text.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Module {
    pub body: Vec<Stmt>,
}

impl Module {
    /// The functions at the top level, in order; a later one replaces an earlier one of the same name, as in Python.
    pub fn functions(&self) -> impl DoubleEndedIterator<Item = &Function> {
        self.body.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => Some(&**function),
            _ => None,
        })
    }

    /// The function that a top-level name stands for.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions().rev().find(|function| function.name.text == name)
    }
}

/// A name where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind {
    Function(Box<Function>),
    /// `class`: outside the language, kept so that a file may hold it.
    Class(Box<Class>),
    Return(Option<Expr>),
    Delete(Vec<Expr>),
    /// `a = b = value`: the targets from left to right.
    Assign {
        targets: Vec<Expr>,
        value: Expr,
    },
    AugAssign {
        target: Expr,
        op: BinaryOp,
        value: Expr,
    },
    /// `target: annotation [= value]`
    AnnAssign {
        target: Expr,
        annotation: Expr,
        value: Option<Expr>,
    },
    For {
        target: Expr,
        iter: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
        is_async: bool,
    },
    While {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    /// `elif` is an `If` alone in `orelse`.
    If {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    With {
        items: Vec<WithItem>,
        body: Vec<Stmt>,
        is_async: bool,
    },
    Raise {
        exception: Option<Expr>,
        cause: Option<Expr>,
    },
    Try(Box<Try>),
    Assert {
        test: Expr,
        message: Option<Expr>,
    },
    Import(Vec<Alias>),
    /// `from ..module import names`: `level` counts the dots; a `*` is a name of that text.
    ImportFrom {
        module: Option<String>,
        names: Vec<Alias>,
        level: u32,
    },
    Global(Vec<Ident>),
    Nonlocal(Vec<Ident>),
    Expr(Expr),
    Pass,
    Break,
    Continue,
    /// `match`: outside the language, its cases are not kept.
    Match(Expr),
    /// `type X = ...`: outside the language.
    TypeAlias,
}

/// A `def`.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    pub name: Ident,
    pub decorators: Vec<Expr>,
    pub params: Params,
    pub returns: Option<Expr>,
    pub body: Vec<Stmt>,
    pub is_async: bool,
    /// `def f[T](...)`: outside the language.
    pub has_type_params: bool,
    /// `def` and its parameters up to the colon, for messages about the function as a whole.
    pub header: Span,
    pub span: Span,
}

impl Function {
    /// The docstring, if the body begins with one.
    pub fn docstring(&self) -> Option<&str> {
        match &self.body.first()?.kind {
            StmtKind::Expr(Expr { kind: ExprKind::Str(text), .. }) => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Class {
    pub name: Ident,
    pub decorators: Vec<Expr>,
    pub bases: Vec<Expr>,
    pub keywords: Vec<Keyword>,
    pub body: Vec<Stmt>,
}

/// The parameters of a `def` or `lambda`, in the order of the source.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Params {
    pub list: Vec<Param>,
}

/// How an argument reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Before a `/`.
    PositionalOnly,
    Normal,
    /// `*args`
    VarArgs,
    /// After `*` or `*args`.
    KeywordOnly,
    /// `**kwargs`
    VarKeywords,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    pub name: Ident,
    pub kind: ParamKind,
    pub annotation: Option<Expr>,
    pub default: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Try {
    pub body: Vec<Stmt>,
    pub handlers: Vec<Handler>,
    pub orelse: Vec<Stmt>,
    pub finally: Vec<Stmt>,
    /// `except*`: outside the language.
    pub is_star: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Handler {
    /// `None` in a bare `except:`.
    pub exception: Option<Expr>,
    pub name: Option<Ident>,
    pub body: Vec<Stmt>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct WithItem {
    pub context: Expr,
    pub target: Option<Expr>,
}

/// `name as asname` in an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alias {
    pub name: String,
    pub asname: Option<String>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    /// Without the parentheses around it, as in CPython.
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    Name(String),
    None,
    Bool(bool),
    Int(IntLit),
    Float(f64),
    /// `2j`
    Imaginary(f64),
    Str(String),
    Bytes(Vec<u8>),
    /// An f-string; its parts in order.
    FString(Vec<FStringPart>),
    Ellipsis,
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    Set(Vec<Expr>),
    /// Keys are `None` for `**mapping`.
    Dict(Vec<(Option<Expr>, Expr)>),
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `a and b and c`: two values or more.
    BoolOp {
        op: BoolOp,
        values: Vec<Expr>,
    },
    /// `left op1 x1 op2 x2 ...`: each operand is evaluated once, and only as far as the comparison holds.
    Compare {
        left: Box<Expr>,
        rest: Vec<(CompareOp, Expr)>,
    },
    /// `body if test else orelse`
    Conditional {
        test: Box<Expr>,
        body: Box<Expr>,
        orelse: Box<Expr>,
    },
    /// Starred arguments are [`ExprKind::Starred`] in `args`.
    Call {
        function: Box<Expr>,
        args: Vec<Expr>,
        keywords: Vec<Keyword>,
    },
    Attribute {
        value: Box<Expr>,
        name: Ident,
    },
    /// `value[index]`; several indices are a `Tuple`.
    Subscript {
        value: Box<Expr>,
        index: Box<Expr>,
    },
    Slice {
        lower: Option<Box<Expr>>,
        upper: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
    },
    Starred(Box<Expr>),
    Lambda {
        params: Box<Params>,
        body: Box<Expr>,
    },
    Comprehension(Box<Comprehension>),
    /// `target := value`
    Named {
        target: Ident,
        value: Box<Expr>,
    },
    Await(Box<Expr>),
    Yield(Option<Box<Expr>>),
    YieldFrom(Box<Expr>),
}

impl Expr {
    /// The dotted path of `a.b.c`, if this is one.
    pub fn path(&self) -> Option<Vec<&str>> {
        match &self.kind {
            ExprKind::Name(name) => Some(vec![name]),
            ExprKind::Attribute { value, name } => {
                let mut path = value.path()?;
                path.push(&name.text);
                Some(path)
            }
            _ => None,
        }
    }
}

/// `name=value` in a call; `**value` has no name.
#[derive(Clone, PartialEq, Debug)]
pub struct Keyword {
    pub name: Option<Ident>,
    pub value: Expr,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Comprehension {
    pub kind: ComprehensionKind,
    /// The element, or the key of a dict.
    pub element: Expr,
    /// The value of a dict.
    pub value: Option<Expr>,
    pub clauses: Vec<Clause>,
}

/// `for target in iter if c1 if c2`
#[derive(Clone, PartialEq, Debug)]
pub struct Clause {
    pub target: Expr,
    pub iter: Expr,
    pub conditions: Vec<Expr>,
    pub is_async: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub enum FStringPart {
    Text(String),
    /// `{value!r:spec}`
    Value {
        value: Expr,
        /// `r`, `s` or `a` after a `!`.
        conversion: Option<char>,
        spec: Vec<FStringPart>,
    },
}

/// An integer literal of any size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntLit(pub BigInt);

impl IntLit {
    pub fn to_i64(&self) -> Option<i64> {
        self.0.to_i64()
    }

    pub fn to_i128(&self) -> Option<i128> {
        self.0.to_i128()
    }

    /// The nearest float, ties to even, as Python's `float(n)`; `None` where Python raises OverflowError.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.to_f64().filter(|x| x.is_finite())
    }
}

impl From<i64> for IntLit {
    fn from(value: i64) -> IntLit {
        IntLit(BigInt::from(value))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Neg,
    Pos,
    /// `~`
    Invert,
    Not,
}

impl UnaryOp {
    pub const fn symbol(self) -> &'static str {
        match self {
            UnaryOp::Neg => "-",
            UnaryOp::Pos => "+",
            UnaryOp::Invert => "~",
            UnaryOp::Not => "not",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    LeftShift,
    RightShift,
    BitAnd,
    BitOr,
    BitXor,
}

impl BinaryOp {
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "**",
            BinaryOp::MatMul => "@",
            BinaryOp::LeftShift => "<<",
            BinaryOp::RightShift => ">>",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BoolOp {
    And,
    Or,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

impl CompareOp {
    pub const fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::NotEq => "!=",
            CompareOp::Lt => "<",
            CompareOp::LtE => "<=",
            CompareOp::Gt => ">",
            CompareOp::GtE => ">=",
            CompareOp::Is => "is",
            CompareOp::IsNot => "is not",
            CompareOp::In => "in",
            CompareOp::NotIn => "not in",
        }
    }
}
