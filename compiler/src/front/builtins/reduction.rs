//! Reductions of whole arrays: `np.sum(a)`, `a.max()`, and Python's own `sum` and `min`, which take the elements one by
//! one.

use super::{Builtin, Typed, refuse};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::infer::{binary_type, elementwise, named_dtype};
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Expr, ExprKind, Literal, Ty};
use crate::types::{Kind, Scalar};

/// A function of a whole array.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReductionFn {
    Sum,
    Prod,
    Min,
    Max,
    Mean,
    Var,
    Std,
    Any,
    All,
    Argmin,
    Argmax,
    CountNonzero,
    /// The sum of products of two arrays.
    Dot,
    /// Python's own `sum`, `min`, `max`, `any` and `all`, in the order of the elements.
    PythonSum,
    PythonMin,
    PythonMax,
    PythonAny,
    PythonAll,
}

pub const TABLE: &[(&str, Builtin)] = &[
    ("sum", Builtin::Reduction(ReductionFn::Sum)),
    ("prod", Builtin::Reduction(ReductionFn::Prod)),
    ("min", Builtin::Reduction(ReductionFn::Min)),
    ("max", Builtin::Reduction(ReductionFn::Max)),
    ("amin", Builtin::Reduction(ReductionFn::Min)),
    ("amax", Builtin::Reduction(ReductionFn::Max)),
    ("mean", Builtin::Reduction(ReductionFn::Mean)),
    ("var", Builtin::Reduction(ReductionFn::Var)),
    ("std", Builtin::Reduction(ReductionFn::Std)),
    ("any", Builtin::Reduction(ReductionFn::Any)),
    ("all", Builtin::Reduction(ReductionFn::All)),
    ("argmin", Builtin::Reduction(ReductionFn::Argmin)),
    ("argmax", Builtin::Reduction(ReductionFn::Argmax)),
    ("count_nonzero", Builtin::Reduction(ReductionFn::CountNonzero)),
    ("dot", Builtin::Reduction(ReductionFn::Dot)),
];

impl ReductionFn {
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            ReductionFn::Dot => (2, 3),
            ReductionFn::PythonSum => (1, 2),
            ReductionFn::PythonMin | ReductionFn::PythonMax | ReductionFn::PythonAny | ReductionFn::PythonAll => (1, 1),
            _ => (1, self.keywords().len()),
        }
    }

    pub(super) fn keywords(self) -> &'static [&'static str] {
        match self {
            ReductionFn::Sum | ReductionFn::Prod | ReductionFn::Mean => &["a", "axis", "dtype", "out", "keepdims"],
            ReductionFn::Var | ReductionFn::Std => &["a", "axis", "dtype", "out", "ddof", "keepdims"],
            ReductionFn::Min
            | ReductionFn::Max
            | ReductionFn::Any
            | ReductionFn::All
            | ReductionFn::Argmin
            | ReductionFn::Argmax => &["a", "axis", "out", "keepdims"],
            ReductionFn::CountNonzero => &["a", "axis"],
            ReductionFn::Dot => &["a", "b", "out"],
            ReductionFn::PythonSum => &["iterable", "start"],
            ReductionFn::PythonMin | ReductionFn::PythonMax | ReductionFn::PythonAny | ReductionFn::PythonAll => &[],
        }
    }

    fn name(self) -> &'static str {
        match self {
            ReductionFn::PythonSum => "sum",
            ReductionFn::PythonMin => "min",
            ReductionFn::PythonMax => "max",
            ReductionFn::PythonAny => "any",
            ReductionFn::PythonAll => "all",
            f => Builtin::Reduction(f).name(),
        }
    }
}

pub fn call(f: ReductionFn, mut args: Vec<Expr>, span: Span) -> Typed {
    let builtin = Builtin::Reduction(f);
    let dtype = match args[0].ty.as_array() {
        Some(a) => a.dtype,
        None => {
            let message = format!("`{}` reduces an array, got {}", f.name(), args[0].ty);
            let help = "pass an array; of numbers, `min(a, b)` and `a + b` do";
            return refuse(Code::TypeMismatch, args[0].span, message, help);
        }
    };
    let ty = match f {
        ReductionFn::Dot => {
            refuse_given(f, &args, "out")?;
            args.truncate(2);
            match elementwise::product(&args[0].ty, &args[1].ty) {
                Ok(ty) => ty,
                Err(why) => {
                    let message = format!("`np.dot` of {} and {} cannot be compiled", args[0].ty, args[1].ty);
                    return refuse(why.code, span, message, "pass two arrays with one axis each, or write the loops");
                }
            }
        }
        ReductionFn::PythonSum
        | ReductionFn::PythonMin
        | ReductionFn::PythonMax
        | ReductionFn::PythonAny
        | ReductionFn::PythonAll => {
            return iterated(f, args, dtype, span);
        }
        _ => {
            check_axis(f, &args)?;
            refuse_given(f, &args, "out")?;
            refuse_given(f, &args, "keepdims")?;
            let asked = accumulator(f, &args, dtype)?;
            let ddof = given(f, &args, "ddof").cloned();
            args.truncate(1);
            args.extend(ddof);
            if let Some(ddof) = args.get(1)
                && !matches!(ddof.ty, Ty::Py(_))
            {
                let message = format!("`ddof` is a number, got {}", ddof.ty);
                return refuse(Code::TypeMismatch, ddof.span, message, "pass an int");
            }
            Ty::Np(asked.unwrap_or(result_dtype(f, dtype)))
        }
    };
    Ok(Expr { kind: ExprKind::Builtin { builtin, args }, ty, span })
}

fn given<'a>(f: ReductionFn, args: &'a [Expr], what: &str) -> Option<&'a Expr> {
    let position = f.keywords().iter().position(|k| *k == what)?;
    args.get(position).filter(|a| a.ty != Ty::None)
}

fn refuse_given(f: ReductionFn, args: &[Expr], what: &str) -> Result<(), Box<Diagnostic>> {
    match given(f, args, what) {
        None => Ok(()),
        Some(e) if matches!(e.kind, ExprKind::Literal(Literal::Bool(false))) => Ok(()),
        Some(e) => {
            let message = format!("`{what}` of `np.{}` cannot be compiled", f.name());
            refuse(Code::UnsupportedCall, e.span, message, "leave it out, and store the result where it belongs")
        }
    }
}

/// An axis can be given where it is the only one.
fn check_axis(f: ReductionFn, args: &[Expr]) -> Result<(), Box<Diagnostic>> {
    let Some(axis) = given(f, args, "axis") else { return Ok(()) };
    let known = match &axis.kind {
        ExprKind::Literal(l) => l.as_int(),
        _ => None,
    };
    if args[0].ty.as_array().is_some_and(|a| a.rank == 1) && matches!(known, Some(0 | -1)) {
        return Ok(());
    }
    let message = format!("`axis` of `np.{}` cannot be compiled yet: whole arrays are reduced", f.name());
    let help = "write the loop over the other axes: `for i in range(a.shape[0]): out[i] = np.sum(a[i])`";
    refuse(Code::UnsupportedCall, axis.span, message, help)
}

/// The dtype that is asked for.
fn accumulator(f: ReductionFn, args: &[Expr], own: Scalar) -> Result<Option<Scalar>, Box<Diagnostic>> {
    let Some(asked) = given(f, args, "dtype") else { return Ok(None) };
    let Some(to) = named_dtype(asked) else {
        let message = format!("the dtype of `np.{}` is not one that kernels have", f.name());
        return refuse(Code::TypeMismatch, asked.span, message, "pass one such as `np.float64`");
    };
    let plain = matches!(f, ReductionFn::Sum | ReductionFn::Prod);
    // NumPy adds what it converts in portions of its buffer, which shows in the last bits of floats.
    let exact = own == to || (plain && to != Scalar::Bool && !own.is_float()) || result_dtype(f, own) == to;
    if exact {
        return Ok(Some(to));
    }
    let message = format!("`np.{}` of {} in {} cannot be compiled", f.name(), own.dtype_name(), to.dtype_name());
    refuse(Code::UnsupportedCall, asked.span, message, "convert the array first: `a.astype(dtype).sum()`")
}

/// The dtype of a reduction's result: sums of integers are 64-bit, means of them float64.
fn result_dtype(f: ReductionFn, s: Scalar) -> Scalar {
    match f {
        ReductionFn::Sum | ReductionFn::Prod => match s.kind() {
            Kind::Bool | Kind::Signed => Scalar::I64,
            Kind::Unsigned => Scalar::U64,
            Kind::Float => s,
        },
        ReductionFn::Mean | ReductionFn::Var | ReductionFn::Std => {
            if s.is_float() {
                s
            } else {
                Scalar::F64
            }
        }
        ReductionFn::Any | ReductionFn::All => Scalar::Bool,
        ReductionFn::Argmin | ReductionFn::Argmax | ReductionFn::CountNonzero => Scalar::I64,
        ReductionFn::Min
        | ReductionFn::Max
        | ReductionFn::Dot
        | ReductionFn::PythonSum
        | ReductionFn::PythonMin
        | ReductionFn::PythonMax => s,
        ReductionFn::PythonAny | ReductionFn::PythonAll => Scalar::Bool,
    }
}

/// Python's own functions run over the elements of an array with one axis.
fn iterated(f: ReductionFn, mut args: Vec<Expr>, dtype: Scalar, span: Span) -> Typed {
    let name = f.name();
    if args[0].ty.as_array().is_some_and(|a| a.rank != 1) {
        let message = format!("`{name}` of {} runs over its rows, not its elements", args[0].ty);
        let help = format!("write `np.{name}(a)`");
        return refuse(Code::TypeMismatch, args[0].span, message, &help);
    }
    if f != ReductionFn::PythonSum {
        let truth = matches!(f, ReductionFn::PythonAny | ReductionFn::PythonAll);
        let ty = if truth { Ty::BOOL } else { Ty::Np(dtype) };
        return Ok(Expr { kind: ExprKind::Builtin { builtin: Builtin::Reduction(f), args }, ty, span });
    }
    if args.len() < 2 {
        args.push(Expr { kind: ExprKind::Literal(Literal::Int(0)), ty: Ty::INT, span });
    }
    let start = &args[1].ty;
    let sum = binary_type(BinaryOp::Add, start, &Ty::Np(dtype), None).ok().filter(|_| start.is_number());
    match sum.and_then(|ty| ty.join(start)) {
        Some(ty) => Ok(Expr { kind: ExprKind::Builtin { builtin: Builtin::Reduction(f), args }, ty, span }),
        None => {
            let message = format!("`sum` gives {start} for an empty array, another type else");
            refuse(Code::TypeConflict, args[1].span, message, "start from a number of the array's dtype")
        }
    }
}
