//! Functions of `numpy` that make arrays: the types of what they make. What is left of the arguments are those with
//! values: shapes, bounds, fill values and prototypes.

use super::{Builtin, Typed, refuse};
use crate::base::arena::Arena;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::infer::{binary_type, named_dtype, promote};
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Expr, ExprKind, Literal, Py, Table, Ty};
use crate::types::{ArrayType, Layout, Scalar};

/// A function that makes an array.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CreationFn {
    Zeros,
    Ones,
    Empty,
    Full,
    ZerosLike,
    OnesLike,
    EmptyLike,
    FullLike,
    Arange,
    Linspace,
    Eye,
    Identity,
    /// `np.array` of numbers, or a copy of an array.
    Array,
    /// The array itself, if it is one of the dtype.
    Asarray,
    Ascontiguousarray,
    Copy,
    /// `a.fill(value)`: stores into an array that is there.
    Fill,
}

pub const TABLE: &[(&str, Builtin)] = &[
    ("zeros", Builtin::Creation(CreationFn::Zeros)),
    ("ones", Builtin::Creation(CreationFn::Ones)),
    ("empty", Builtin::Creation(CreationFn::Empty)),
    ("full", Builtin::Creation(CreationFn::Full)),
    ("zeros_like", Builtin::Creation(CreationFn::ZerosLike)),
    ("ones_like", Builtin::Creation(CreationFn::OnesLike)),
    ("empty_like", Builtin::Creation(CreationFn::EmptyLike)),
    ("full_like", Builtin::Creation(CreationFn::FullLike)),
    ("arange", Builtin::Creation(CreationFn::Arange)),
    ("linspace", Builtin::Creation(CreationFn::Linspace)),
    ("eye", Builtin::Creation(CreationFn::Eye)),
    ("identity", Builtin::Creation(CreationFn::Identity)),
    ("array", Builtin::Creation(CreationFn::Array)),
    ("asarray", Builtin::Creation(CreationFn::Asarray)),
    ("ascontiguousarray", Builtin::Creation(CreationFn::Ascontiguousarray)),
    ("copy", Builtin::Creation(CreationFn::Copy)),
];

impl CreationFn {
    pub(super) fn arity(self) -> (usize, usize) {
        let least = match self {
            CreationFn::Full | CreationFn::FullLike | CreationFn::Linspace | CreationFn::Fill => 2,
            _ => 1,
        };
        (least, self.keywords().len())
    }

    pub(super) fn keywords(self) -> &'static [&'static str] {
        match self {
            CreationFn::Zeros | CreationFn::Ones | CreationFn::Empty => &["shape", "dtype", "order"],
            CreationFn::Full => &["shape", "fill_value", "dtype", "order"],
            CreationFn::ZerosLike | CreationFn::OnesLike => &["a", "dtype", "order"],
            CreationFn::EmptyLike => &["prototype", "dtype", "order"],
            CreationFn::FullLike => &["a", "fill_value", "dtype", "order"],
            CreationFn::Arange => &["start", "stop", "step", "dtype"],
            CreationFn::Linspace => &["start", "stop", "num", "endpoint", "retstep", "dtype"],
            CreationFn::Eye => &["N", "M", "k", "dtype", "order"],
            CreationFn::Identity => &["n", "dtype"],
            CreationFn::Array => &["object", "dtype", "order", "copy"],
            CreationFn::Asarray | CreationFn::Ascontiguousarray => &["a", "dtype"],
            CreationFn::Copy => &["a", "order"],
            CreationFn::Fill => &["a", "value"],
        }
    }
}

/// What the arguments say besides values.
struct Asked {
    dtype: Option<Scalar>,
    layout: Option<Layout>,
}

pub fn call(f: CreationFn, mut args: Vec<Expr>, span: Span, tables: &Arena<Table>) -> Typed {
    let asked = asked(f, &args)?;
    let values = match f {
        CreationFn::Full | CreationFn::FullLike | CreationFn::Fill => 2,
        CreationFn::Arange | CreationFn::Eye => 3,
        CreationFn::Linspace => 4,
        _ => 1,
    };
    args.truncate(values);
    let dtype = asked.dtype;
    let layout = |rank: u8| if rank > 1 { asked.layout.unwrap_or(Layout::C) } else { Layout::C };
    let (dtype, rank, layout) = match f {
        CreationFn::Zeros | CreationFn::Ones | CreationFn::Empty => {
            let rank = shape_rank(&args[0], tables)?;
            (dtype.unwrap_or(Scalar::F64), rank, layout(rank))
        }
        CreationFn::Full => {
            let rank = shape_rank(&args[0], tables)?;
            (fill_dtype(&args[1], dtype)?, rank, layout(rank))
        }
        CreationFn::ZerosLike | CreationFn::OnesLike | CreationFn::EmptyLike | CreationFn::FullLike => {
            let a = array(f, &args[0])?;
            if f == CreationFn::FullLike {
                fill_dtype(&args[1], Some(a.dtype))?;
            }
            (dtype.unwrap_or(a.dtype), a.rank, asked.layout.map_or_else(|| kept(a), |_| layout(a.rank)))
        }
        CreationFn::Fill => {
            let kind = ExprKind::Builtin { builtin: Builtin::Creation(f), args };
            return Ok(Expr { kind, ty: Ty::None, span });
        }
        CreationFn::Arange => return arange(args, dtype, span),
        CreationFn::Linspace => return linspace(args, dtype, span),
        CreationFn::Eye | CreationFn::Identity => return eye(f, args, dtype.unwrap_or(Scalar::F64), layout(2), span),
        CreationFn::Array | CreationFn::Asarray | CreationFn::Ascontiguousarray | CreationFn::Copy => {
            return of_values(f, args.swap_remove(0), &asked, span, tables);
        }
    };
    Ok(made(f, args, ArrayType { dtype, rank, layout, writable: true }, span))
}

fn made(f: CreationFn, args: Vec<Expr>, ty: ArrayType, span: Span) -> Expr {
    Expr { kind: ExprKind::Builtin { builtin: Builtin::Creation(f), args }, ty: Ty::Array(ty), span }
}

fn name(f: CreationFn) -> &'static str {
    Builtin::Creation(f).name()
}

fn asked(f: CreationFn, args: &[Expr]) -> Result<Asked, Box<Diagnostic>> {
    let given = |what: &str| {
        let position = f.keywords().iter().position(|k| *k == what)?;
        args.get(position).filter(|a| a.ty != Ty::None)
    };
    let dtype = match given("dtype") {
        None => None,
        Some(e) => match named_dtype(e) {
            Some(s) => Some(s),
            None => {
                let message = format!("the dtype of `np.{}` is not one that kernels have", name(f));
                return refuse(Code::TypeMismatch, e.span, message, "pass one such as `np.float64` or `np.int32`");
            }
        },
    };
    let layout = match given("order").map(|e| (&e.kind, e.span)) {
        None => None,
        Some((ExprKind::Literal(Literal::Str(s)), _)) if &**s == "C" => Some(Layout::C),
        Some((ExprKind::Literal(Literal::Str(s)), _)) if &**s == "F" => Some(Layout::F),
        Some((ExprKind::Literal(Literal::Str(s)), _)) if matches!(&**s, "K" | "A") => None,
        Some((_, at)) => {
            let message = format!("the order of `np.{}` is not known", name(f));
            return refuse(Code::TypeMismatch, at, message, "pass 'C' or 'F'");
        }
    };
    if let Some(e) = given("retstep").or(given("copy")) {
        let harmless = match &e.kind {
            ExprKind::Literal(Literal::Bool(b)) => *b == (f == CreationFn::Array),
            _ => false,
        };
        if !harmless {
            let message = format!("this argument of `np.{}` cannot be compiled", name(f));
            return refuse(Code::UnsupportedCall, e.span, message, "leave it out");
        }
    }
    Ok(Asked { dtype, layout })
}

/// The number of axes of a shape: an integer, or a tuple or list of them.
fn shape_rank(shape: &Expr, tables: &Arena<Table>) -> Result<u8, Box<Diagnostic>> {
    let (items, rank): (Vec<Ty>, usize) = match &shape.ty {
        Ty::Tuple(items) => (items.to_vec(), items.len()),
        Ty::Table(id) => (vec![tables[*id].element.clone()], tables[*id].items.len()),
        other => (vec![other.clone()], 1),
    };
    if let Some(other) = items.iter().find(|ty| !ty.is_index()) {
        let message = format!("a shape is made of integers, got {other}");
        return refuse(Code::TypeMismatch, shape.span, message, "pass an integer, or a tuple of integers");
    }
    match u8::try_from(rank) {
        Ok(rank) if rank <= crate::types::array::MAX_RANK => Ok(rank),
        _ => refuse(Code::LimitExceeded, shape.span, format!("an array cannot have {rank} axes"), "use fewer"),
    }
}

/// The dtype of an array filled with a value.
fn fill_dtype(value: &Expr, dtype: Option<Scalar>) -> Result<Scalar, Box<Diagnostic>> {
    match (&value.ty, dtype) {
        (ty, Some(dtype)) if ty.is_number() => Ok(dtype),
        (Ty::Py(p), None) => Ok(p.scalar()),
        (Ty::Np(s), None) => Ok(*s),
        (Ty::Either(..), None) => refuse(
            Code::TypeConflict,
            value.span,
            format!("the fill value is {}, by the path taken", value.ty),
            "pass `dtype=`",
        ),
        (other, _) => {
            refuse(Code::TypeMismatch, value.span, format!("arrays are filled with a number, got {other}"), "pass one")
        }
    }
}

fn array(f: CreationFn, e: &Expr) -> Result<ArrayType, Box<Diagnostic>> {
    match e.ty.as_array() {
        Some(a) => Ok(a),
        None => {
            let message = format!("`np.{}` takes an array, got {}", name(f), e.ty);
            refuse(Code::TypeMismatch, e.span, message, "pass an array")
        }
    }
}

/// The layout of a copy that keeps the order of its prototype.
fn kept(a: ArrayType) -> Layout {
    match a.layout {
        Layout::F if a.rank > 1 => Layout::F,
        Layout::C | Layout::F | Layout::Strided => Layout::C,
    }
}

fn int(value: i128, span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(Literal::Int(value)), ty: Ty::INT, span }
}

/// `arange(stop)`, `arange(start, stop, step)`: int64 for integers, whatever their types, float64 else.
fn arange(mut args: Vec<Expr>, dtype: Option<Scalar>, span: Span) -> Typed {
    if args.len() < 2 || args[1].ty == Ty::None {
        args.truncate(1);
        args.insert(0, int(0, span));
    }
    if args.len() < 3 {
        args.push(int(1, span));
    } else if args[2].ty == Ty::None {
        args[2] = int(1, span);
    }
    super::numbers("np.arange", &args)?;
    let default =
        if args.iter().all(|a| a.ty.is_index() || a.ty == Ty::Np(Scalar::Bool)) { Scalar::I64 } else { Scalar::F64 };
    // The length and the second element are computed with Python's operators on the arguments as they are.
    for (op, a, b) in [(BinaryOp::Sub, &args[1], &args[0]), (BinaryOp::Add, &args[0], &args[2])] {
        if binary_type(op, &a.ty, &b.ty, None).is_err() {
            let message = format!("`np.arange` of {} and {} cannot be compiled", a.ty, b.ty);
            return refuse(Code::TypeMismatch, span, message, "convert the arguments: `int(x)`");
        }
    }
    let dtype = dtype.unwrap_or(default);
    if dtype == Scalar::Bool {
        let message = "`np.arange` of bools cannot be compiled".into();
        return refuse(Code::UnsupportedCall, span, message, "make integers and compare: `np.arange(n) == 1`");
    }
    Ok(made(CreationFn::Arange, args, ArrayType { dtype, rank: 1, layout: Layout::C, writable: true }, span))
}

fn linspace(mut args: Vec<Expr>, dtype: Option<Scalar>, span: Span) -> Typed {
    super::numbers("np.linspace", &args[..2])?;
    for (k, default) in [(2, Literal::Int(50)), (3, Literal::Bool(true))] {
        let value = Expr { ty: default.ty(), kind: ExprKind::Literal(default), span };
        match args.get_mut(k) {
            None => args.push(value),
            Some(slot) if slot.ty == Ty::None => *slot = value,
            Some(_) => {}
        }
    }
    if !args[2].ty.is_index() || !matches!(args[3].kind, ExprKind::Literal(Literal::Bool(_))) {
        let message = "`np.linspace` takes an integer number of samples and a constant `endpoint`".into();
        return refuse(Code::TypeMismatch, span, message, "pass `num` as an int and `endpoint` as True or False");
    }
    if dtype.is_some_and(|s| s != Scalar::F64) {
        let message = "`np.linspace` of another dtype than float64 cannot be compiled".into();
        return refuse(Code::UnsupportedCall, span, message, "convert the result: `np.linspace(a, b, n).astype(t)`");
    }
    let ty = ArrayType { dtype: Scalar::F64, rank: 1, layout: Layout::C, writable: true };
    Ok(made(CreationFn::Linspace, args, ty, span))
}

fn eye(f: CreationFn, mut args: Vec<Expr>, dtype: Scalar, layout: Layout, span: Span) -> Typed {
    if args.len() < 2 {
        args.push(Expr { kind: ExprKind::Literal(Literal::None), ty: Ty::None, span });
    }
    if args.len() < 3 || args[2].ty == Ty::None {
        args.truncate(2);
        args.push(int(0, span));
    }
    if let Some(other) = args.iter().enumerate().find(|(i, a)| !a.ty.is_index() && (*i != 1 || a.ty != Ty::None)) {
        let message = format!("`np.{}` takes integers, got {}", name(f), other.1.ty);
        return refuse(Code::TypeMismatch, other.1.span, message, "convert it: `int(x)`");
    }
    Ok(made(f, args, ArrayType { dtype, rank: 2, layout, writable: true }, span))
}

/// `np.array`, `np.asarray`, `np.copy` of an array or of numbers.
fn of_values(f: CreationFn, value: Expr, asked: &Asked, span: Span, tables: &Arena<Table>) -> Typed {
    if let Some(a) = value.ty.as_array() {
        let dtype = asked.dtype.unwrap_or(a.dtype);
        let same = match f {
            CreationFn::Asarray => dtype == a.dtype,
            CreationFn::Ascontiguousarray => dtype == a.dtype && a.rank > 0 && a.layout == Layout::C,
            _ => false,
        };
        if same {
            return Ok(value);
        }
        if f == CreationFn::Ascontiguousarray && dtype == a.dtype && a.layout == Layout::Strided {
            let message = "whether `np.ascontiguousarray` copies would depend on the strides of the call".into();
            let help = "write `a.copy()`, or declare the parameter contiguous: `float64[:, ::1]`";
            return refuse(Code::UnsupportedCall, span, message, help);
        }
        let layout = match (f, asked.layout) {
            (CreationFn::Ascontiguousarray, _) => Layout::C,
            (_, Some(layout)) if a.rank > 1 => layout,
            _ => kept(a),
        };
        let rank = if f == CreationFn::Ascontiguousarray { a.rank.max(1) } else { a.rank };
        return Ok(made(CreationFn::Copy, vec![value], ArrayType { dtype, rank, layout, writable: true }, span));
    }
    let (shape, found) = contents(&value.ty, value.span, tables)?;
    let dtype = asked.dtype.or(found).unwrap_or(Scalar::F64);
    let rank = shape.len() as u8;
    let layout = if rank > 1 { asked.layout.unwrap_or(Layout::C) } else { Layout::C };
    Ok(made(CreationFn::Array, vec![value], ArrayType { dtype, rank, layout, writable: true }, span))
}

/// The shape of nested tuples of numbers, and the dtype that NumPy finds for them; none for nothing.
pub fn contents(ty: &Ty, span: Span, tables: &Arena<Table>) -> Result<(Vec<usize>, Option<Scalar>), Box<Diagnostic>> {
    match ty {
        Ty::Py(p) => Ok((Vec::new(), Some(p.scalar()))),
        Ty::Np(s) => Ok((Vec::new(), Some(*s))),
        // Python's floats and NumPy's are the same to `np.array`; other scalars that may be either could differ.
        Ty::Either(Py::Float, Scalar::F64) => Ok((Vec::new(), Some(Scalar::F64))),
        Ty::Table(id) => {
            let table = &tables[*id];
            Ok((vec![table.items.len()], table.element.scalar()))
        }
        Ty::Tuple(items) => {
            let (mut inner, mut dtype): (Option<Vec<usize>>, Option<Scalar>) = (None, None);
            for item in items.iter() {
                let (shape, s) = contents(item, span, tables)?;
                if inner.get_or_insert_with(|| shape.clone()) != &shape {
                    let message = "the rows of this array differ in length".into();
                    return refuse(Code::TypeMismatch, span, message, "give all rows the same length");
                }
                dtype = match (dtype, s) {
                    (Some(a), Some(b)) => Some(promote(a, b)),
                    (a, b) => a.or(b),
                };
            }
            let mut shape = vec![items.len()];
            shape.extend(inner.unwrap_or_default());
            Ok((shape, dtype))
        }
        other => {
            let message = format!("`np.array` takes numbers and tuples of them, got {other}");
            refuse(Code::TypeMismatch, span, message, "pass numbers; copy rows with `out[i] = row`")
        }
    }
}
