//! Python's own functions: `abs`, `min`, `int`, `round` and alike.

use super::{Builtin, PythonFn, ReductionFn, Typed, elementwise, numbers, over_alternatives, reduction, refuse};
use crate::base::arena::Arena;
use crate::diag::{Code, Span};
use crate::front::environment::fold as constants;
use crate::front::infer::binary_type;
use crate::front::infer::elementwise::{element, lift};
use crate::front::syntax::{BinaryOp, CompareOp};
use crate::front::tast::{Descriptor, Expr, ExprKind, Literal, Py, Table, Ty};
use crate::types::Scalar;

pub const TABLE: &[(&str, Builtin)] = &[
    ("abs", Builtin::Python(PythonFn::Abs)),
    ("min", Builtin::Python(PythonFn::Min)),
    ("max", Builtin::Python(PythonFn::Max)),
    ("int", Builtin::Python(PythonFn::Int)),
    ("bool", Builtin::Python(PythonFn::Bool)),
    ("float", Builtin::Python(PythonFn::Float)),
    ("range", Builtin::Python(PythonFn::Range)),
    ("enumerate", Builtin::Python(PythonFn::Enumerate)),
    ("zip", Builtin::Python(PythonFn::Zip)),
    ("reversed", Builtin::Python(PythonFn::Reversed)),
    ("round", Builtin::Python(PythonFn::Round)),
    ("pow", Builtin::Python(PythonFn::Pow)),
    ("divmod", Builtin::Python(PythonFn::Divmod)),
    ("len", Builtin::Python(PythonFn::Len)),
    ("sum", Builtin::Reduction(ReductionFn::PythonSum)),
    ("any", Builtin::Reduction(ReductionFn::PythonAny)),
    ("all", Builtin::Reduction(ReductionFn::PythonAll)),
];

/// Builtins that kernels do not have, so that they are not called unknown.
pub const OUTSIDE: &[&str] = &[
    "ascii",
    "bin",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "eval",
    "exec",
    "filter",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "isinstance",
    "issubclass",
    "iter",
    "list",
    "locals",
    "map",
    "memoryview",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "print",
    "property",
    "repr",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "super",
    "tuple",
    "type",
    "vars",
];

impl PythonFn {
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            PythonFn::Abs | PythonFn::Len => (1, 1),
            PythonFn::Min | PythonFn::Max => (1, usize::MAX),
            PythonFn::Int | PythonFn::Bool | PythonFn::Float => (0, 1),
            PythonFn::Range => (1, 3),
            PythonFn::Enumerate => (1, 2),
            PythonFn::Zip => (0, usize::MAX),
            PythonFn::Reversed => (1, 1),
            PythonFn::Round => (1, 2),
            PythonFn::Pow => (2, 3),
            PythonFn::Divmod => (2, 2),
        }
    }
}

pub fn call(f: PythonFn, mut args: Vec<Expr>, span: Span, tables: &Arena<Table>) -> Typed {
    let ty = match f {
        PythonFn::Len => return length(args, span, tables),
        PythonFn::Range | PythonFn::Enumerate | PythonFn::Zip | PythonFn::Reversed => {
            let name = Builtin::Python(f).name();
            let article = if f == PythonFn::Enumerate { "an" } else { "a" };
            let message = format!("{article} `{name}` stands after `for ... in` alone");
            return refuse(Code::UnsupportedSyntax, span, message, "loop over it: `for i in range(n):`");
        }
        PythonFn::Bool => {
            if !args.iter().all(|a| a.ty.is_number() || matches!(a.ty, Ty::Ptr { .. } | Ty::Tuple(_) | Ty::None)) {
                return refuse(
                    Code::TypeMismatch,
                    span,
                    format!("the truth of {} is not known", args[0].ty),
                    "test a number",
                );
            }
            Ty::BOOL
        }
        PythonFn::Int | PythonFn::Float => {
            let name = if f == PythonFn::Int { "int" } else { "float" };
            numbers(name, &args)?;
            Ty::Py(if f == PythonFn::Int { Py::Int } else { Py::Float })
        }
        PythonFn::Abs => {
            elementwise::operands("abs", &args)?;
            over_alternatives(&args, span, &mut |t| Ok(absolute(&t[0])))?
        }
        PythonFn::Min | PythonFn::Max if args.len() == 1 && args[0].ty.as_array().is_some() => {
            let f = if f == PythonFn::Min { ReductionFn::PythonMin } else { ReductionFn::PythonMax };
            return reduction::call(f, args, span);
        }
        PythonFn::Min | PythonFn::Max => {
            let name = if f == PythonFn::Min { "min" } else { "max" };
            args = spread(name, args, span)?;
            numbers(name, &args)?;
            extremum(name, &args, span)?
        }
        PythonFn::Round => round(&args, span)?,
        PythonFn::Pow if args.len() == 3 && args[2].ty != Ty::None => modular(&args)?,
        PythonFn::Pow => {
            args.truncate(2);
            elementwise::operands("power", &args)?;
            operator(BinaryOp::Pow, &args, span)?
        }
        PythonFn::Divmod => {
            numbers("divmod", &args)?;
            let quotient = operator(BinaryOp::FloorDiv, &args, span)?;
            Ty::Tuple([quotient.clone(), quotient].into())
        }
    };
    if args.is_empty() {
        let zero = match f {
            PythonFn::Int => Literal::Int(0),
            PythonFn::Float => Literal::Float(0.0),
            _ => Literal::Bool(false),
        };
        return Ok(Expr { ty, kind: ExprKind::Literal(zero), span });
    }
    Ok(Expr { kind: ExprKind::Builtin { builtin: Builtin::Python(f), args }, ty, span })
}

fn operator(op: BinaryOp, args: &[Expr], span: Span) -> Result<Ty, Box<crate::diag::Diagnostic>> {
    let literal = match &args[1].kind {
        ExprKind::Literal(l) => Some(l),
        _ => None,
    };
    binary_type(op, &args[0].ty, &args[1].ty, literal).or_else(|why| {
        let message = format!("`{}` is not defined for {} and {}", op.symbol(), args[0].ty, args[1].ty);
        refuse(why.code, span, message, why.help.unwrap_or("convert the operands"))
    })
}

/// The type of `abs` of a scalar.
pub fn absolute(ty: &Ty) -> Ty {
    match ty {
        Ty::Py(p) => Ty::Py((*p).max(Py::Int)),
        Ty::Array(_) => lift([ty], element(ty)),
        other => other.clone(),
    }
}

fn length(mut args: Vec<Expr>, span: Span, tables: &Arena<Table>) -> Typed {
    let arg = args.swap_remove(0);
    let len = match &arg.ty {
        Ty::Tuple(items) => items.len(),
        Ty::Table(id) => tables[*id].items.len(),
        Ty::Array(array) if array.rank > 0 => {
            let kind = ExprKind::Descriptor { array: Box::new(arg), what: Descriptor::Length };
            return Ok(Expr { kind, ty: Ty::INT, span });
        }
        Ty::Ptr { .. } => {
            let help = "pass the length as an argument of its own";
            return refuse(Code::TypeMismatch, span, "a pointer has no length".into(), help);
        }
        other => return refuse(Code::TypeMismatch, span, format!("{other} has no length"), "pass a tuple or an array"),
    };
    Ok(Expr { kind: ExprKind::Literal(Literal::Int(len as i128)), ty: Ty::INT, span })
}

/// `min((a, b, c))` is `min(a, b, c)`.
fn spread(name: &str, mut args: Vec<Expr>, span: Span) -> Result<Vec<Expr>, Box<crate::diag::Diagnostic>> {
    if args.len() > 1 {
        return Ok(args);
    }
    match args.swap_remove(0) {
        Expr { kind: ExprKind::Tuple(items), .. } if items.len() > 1 => Ok(items),
        other => {
            let message = format!("`{name}` takes two numbers or more, got {}", other.ty);
            refuse(Code::WrongArguments, span, message, "pass the numbers one by one")
        }
    }
}

fn extremum(name: &str, args: &[Expr], span: Span) -> Result<Ty, Box<crate::diag::Diagnostic>> {
    let mut ty = args[0].ty.clone();
    for arg in &args[1..] {
        ty = match ty.join(&arg.ty) {
            Some(joined) => joined,
            None => {
                let message = format!("`{name}` gives one of its arguments, which are {ty} and {}", arg.ty);
                let help = "convert them to one type, or use `np.minimum` and `np.maximum`";
                return refuse(Code::TypeConflict, span, message, help);
            }
        };
    }
    Ok(ty)
}

fn round(args: &[Expr], span: Span) -> Result<Ty, Box<crate::diag::Diagnostic>> {
    numbers("round", &args[..1])?;
    if args[0].ty == Ty::Np(Scalar::Bool) {
        let message = "NumPy's bools cannot be rounded".into();
        return refuse(Code::TypeMismatch, span, message, "write `int(x)`");
    }
    match args.get(1).filter(|digits| digits.ty != Ty::None) {
        None => Ok(Ty::INT),
        Some(given) => {
            digits("round", given)?;
            over_alternatives(&args[..1], span, &mut |t| {
                Ok(if let Ty::Py(p) = t[0] { Ty::Py(p.max(Py::Int)) } else { t[0].clone() })
            })
        }
    }
}

/// Checks a number of decimals, which Python takes as an index.
pub(super) fn digits(name: &str, given: &Expr) -> Result<(), Box<crate::diag::Diagnostic>> {
    match given.ty {
        Ty::Py(Py::Int | Py::Bool) => Ok(()),
        Ty::Np(s) if s.is_int() => Ok(()),
        _ => {
            let message = format!("`{name}` takes a number of decimals, got {}", given.ty);
            refuse(Code::TypeMismatch, given.span, message, "pass an integer")
        }
    }
}

/// `pow(a, b, m)`, of Python's integers alone.
fn modular(args: &[Expr]) -> Result<Ty, Box<crate::diag::Diagnostic>> {
    match args.iter().find(|a| !matches!(a.ty, Ty::Py(Py::Int | Py::Bool))) {
        None => Ok(Ty::INT),
        Some(other) => {
            let message = format!("`pow` with a modulus takes Python integers, got {}", other.ty);
            refuse(Code::TypeMismatch, other.span, message, "convert it: `int(x)`")
        }
    }
}

pub fn fold(f: PythonFn, args: &[Literal]) -> Option<Literal> {
    match (f, args) {
        (PythonFn::Abs, [Literal::Int(_) | Literal::Bool(_)]) => Some(Literal::Int(args[0].as_int()?.checked_abs()?)),
        (PythonFn::Abs, [Literal::Float(x)]) => Some(Literal::Float(x.abs())),
        (PythonFn::Int, [Literal::Float(x)]) if x.abs() < 1e30 => Some(Literal::Int(*x as i128)),
        (PythonFn::Int, [Literal::Int(_) | Literal::Bool(_)]) => Some(Literal::Int(args[0].as_int()?)),
        (PythonFn::Float, [Literal::Int(_) | Literal::Bool(_) | Literal::Float(_)]) => {
            Some(Literal::Float(constants::as_float(&args[0])?))
        }
        (PythonFn::Bool, [value]) if !matches!(value, Literal::Np(c) if c.ty == Scalar::Bool) => {
            Some(Literal::Bool(value.truth()))
        }
        (PythonFn::Min | PythonFn::Max, [a, b]) => {
            let op = if f == PythonFn::Min { CompareOp::Lt } else { CompareOp::Gt };
            constants::compare(op, b, a).map(|second| if second { b.clone() } else { a.clone() })
        }
        _ => None,
    }
}
