//! Types of operators: Python's rules for Python's scalars, NumPy's promotion (NEP 50) as soon as one operand is
//! NumPy's. The tables here are tested against NumPy.

use super::Body;
use super::elementwise;
use super::stmt::literal_of;
use super::unsupported::indefinite;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::environment::fold;
use crate::front::syntax::{BinaryOp, CompareOp, UnaryOp};
use crate::front::tast::{Expr, ExprKind, Literal, Py, Ty};
use crate::types::{Kind, Scalar};

/// Why an operator has no type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub code: Code,
    pub help: Option<&'static str>,
}

/// NumPy's `promote_types`.
pub fn promote(a: Scalar, b: Scalar) -> Scalar {
    use Kind::*;
    if a == b {
        return a;
    }
    match (a.kind(), b.kind()) {
        (Bool, _) => b,
        (_, Bool) => a,
        (Float, Float) => Scalar::F64,
        // A float32 holds integers of up to 16 bits.
        (Float, _) if a == Scalar::F32 && b.bits() <= 16 => Scalar::F32,
        (_, Float) if b == Scalar::F32 && a.bits() <= 16 => Scalar::F32,
        (Float, _) | (_, Float) => Scalar::F64,
        (Signed, Signed) | (Unsigned, Unsigned) => {
            if a.bits() > b.bits() {
                a
            } else {
                b
            }
        }
        (Signed, Unsigned) => mixed(a, b),
        (Unsigned, Signed) => mixed(b, a),
    }
}

/// The type of a signed and an unsigned operand: the signed one if it is wider, else the next wider one.
fn mixed(signed: Scalar, unsigned: Scalar) -> Scalar {
    if signed.bits() > unsigned.bits() {
        return signed;
    }
    match unsigned {
        Scalar::U8 => Scalar::I16,
        Scalar::U16 => Scalar::I32,
        Scalar::U32 => Scalar::I64,
        _ => Scalar::F64,
    }
}

/// The dtype of a Python scalar with a NumPy one: the latter's, unless it is of a lower kind.
pub fn promote_weak(p: Py, s: Scalar) -> Scalar {
    match (p, s.kind()) {
        (Py::Bool, _) => s,
        (Py::Int, Kind::Bool) => Scalar::I64,
        (Py::Int, _) | (Py::Float, Kind::Float) => s,
        (Py::Float, _) => Scalar::F64,
    }
}

/// The dtype in which an operation of two scalars is done; `None` if both are Python's.
pub fn common(a: &Ty, b: &Ty) -> Option<Scalar> {
    match (a, b) {
        (Ty::Np(a), Ty::Np(b)) => Some(promote(*a, *b)),
        (Ty::Np(s), Ty::Py(p)) | (Ty::Py(p), Ty::Np(s)) => Some(promote_weak(*p, *s)),
        _ => None,
    }
}

/// The type of `a op b`, whatever paths the operands came by. `literal` is the right operand if it is a constant.
pub fn binary_type(op: BinaryOp, a: &Ty, b: &Ty, literal: Option<&Literal>) -> Result<Ty, Refusal> {
    let mut joined: Option<Ty> = None;
    for x in a.alternatives() {
        for y in b.alternatives() {
            let ty = simple_binary(op, &x, &y, literal)?;
            joined = Some(match joined {
                None => ty,
                Some(before) => before.join(&ty).ok_or(Refusal {
                    code: Code::TypeConflict,
                    help: Some("convert the operands first: the type of the result would depend on the path"),
                })?,
            });
        }
    }
    Ok(joined.unwrap_or(Ty::Error))
}

fn simple_binary(op: BinaryOp, a: &Ty, b: &Ty, literal: Option<&Literal>) -> Result<Ty, Refusal> {
    if a.is_vague() || b.is_vague() {
        return Ok(if *a == Ty::Error || *b == Ty::Error { Ty::Error } else { Ty::Unknown });
    }
    if let (Ty::Array(_), _) | (_, Ty::Array(_)) = (a, b) {
        return elementwise::binary(op, a, b, literal);
    }
    let none = |help| Err(Refusal { code: Code::UnsupportedOperand, help });
    match (a, b) {
        (Ty::Py(p), Ty::Py(q)) => python_binary(op, *p, *q, literal),
        _ => match common(a, b) {
            // int64 and uint64 meet in float64.
            Some(dtype) if bits(op) && dtype.is_float() && a.is_index() && b.is_index() => {
                none(Some("no integer type holds both: convert one, as with `np.int64(x)`"))
            }
            Some(dtype) => numpy_binary(op, dtype),
            None if matches!((a, b), (Ty::Tuple(_), other) | (other, Ty::Tuple(_)) if other.is_number()) => {
                none(Some("take one item of the tuple: the length of an axis is `a.shape[0]` or `a.shape[1]`"))
            }
            None if matches!((a, b), (Ty::Tuple(_), _) | (_, Ty::Tuple(_))) => {
                none(Some("tuples are joined by writing their items: `(a[0], a[1], b[0])`"))
            }
            None if matches!((a, b), (Ty::Ptr { .. }, _) | (_, Ty::Ptr { .. })) => {
                none(Some("a pointer is indexed: `p[i + n]`"))
            }
            None => none(None),
        },
    }
}

/// An operation on bits.
fn bits(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::LeftShift | BinaryOp::RightShift)
}

fn python_binary(op: BinaryOp, p: Py, q: Py, literal: Option<&Literal>) -> Result<Ty, Refusal> {
    let wider = p.max(q).max(Py::Int);
    Ok(match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::FloorDiv | BinaryOp::Mod => Ty::Py(wider),
        BinaryOp::Div => Ty::FLOAT,
        BinaryOp::Pow if wider == Py::Float => Ty::FLOAT,
        // `n ** -1` is a float; where the exponent is not a constant the result is an integer, and it is checked.
        BinaryOp::Pow => match literal.and_then(Literal::as_int) {
            Some(n) if n < 0 => Ty::FLOAT,
            _ => Ty::INT,
        },
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor if wider == Py::Int => Ty::Py(p.max(q)),
        BinaryOp::LeftShift | BinaryOp::RightShift if wider == Py::Int => Ty::INT,
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::LeftShift | BinaryOp::RightShift => {
            return Err(Refusal {
                code: Code::UnsupportedOperand,
                help: Some("bit operations take integers: convert with `int(x)`"),
            });
        }
        BinaryOp::MatMul => return Err(matmul()),
    })
}

fn numpy_binary(op: BinaryOp, dtype: Scalar) -> Result<Ty, Refusal> {
    let boolean = dtype == Scalar::Bool;
    Ok(Ty::Np(match op {
        BinaryOp::Sub if boolean => {
            return Err(Refusal {
                code: Code::UnsupportedOperand,
                help: Some("NumPy has no `-` for bools: use `^`, or convert with `int(x)`"),
            });
        }
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => dtype,
        BinaryOp::Div if dtype.is_float() => dtype,
        BinaryOp::Div => Scalar::F64,
        BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::Pow if boolean => Scalar::I8,
        BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::Pow => dtype,
        BinaryOp::LeftShift | BinaryOp::RightShift if boolean => Scalar::I8,
        BinaryOp::LeftShift | BinaryOp::RightShift | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor
            if !dtype.is_float() =>
        {
            dtype
        }
        BinaryOp::LeftShift | BinaryOp::RightShift | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => {
            return Err(Refusal {
                code: Code::UnsupportedOperand,
                help: Some("bit operations take integers: convert with `np.int64(x)`, or read the bits with `x.view`"),
            });
        }
        BinaryOp::MatMul => return Err(matmul()),
    }))
}

fn matmul() -> Refusal {
    Refusal { code: Code::UnsupportedOperand, help: Some("`@` multiplies arrays; for scalars write `*`") }
}

/// The type of `a op b` for a comparison.
pub fn comparison_type(op: CompareOp, a: &Ty, b: &Ty) -> Result<Ty, Refusal> {
    if a.is_vague() || b.is_vague() {
        return Ok(Ty::BOOL);
    }
    if let (Ty::Array(_), _) | (_, Ty::Array(_)) = (a, b) {
        return elementwise::comparison(op, a, b);
    }
    let equality = matches!(op, CompareOp::Eq | CompareOp::NotEq);
    match (a, b) {
        (Ty::Py(_), Ty::Py(_)) => Ok(Ty::BOOL),
        (Ty::Np(_) | Ty::Py(_), Ty::Np(_) | Ty::Py(_)) => Ok(Ty::Np(Scalar::Bool)),
        (x, y) if x.is_number() && y.is_number() => {
            let numpy = matches!(x, Ty::Np(_)) || matches!(y, Ty::Np(_));
            Ok(if numpy { Ty::Np(Scalar::Bool) } else { Ty::Either(Py::Bool, Scalar::Bool) })
        }
        (Ty::Tuple(xs), Ty::Tuple(ys)) if equality && xs.len() == ys.len() => {
            for (x, y) in xs.iter().zip(ys.iter()) {
                comparison_type(op, x, y)?;
            }
            Ok(Ty::BOOL)
        }
        // Of different lengths: never equal.
        (Ty::Tuple(_), Ty::Tuple(_)) if equality => Ok(Ty::BOOL),
        (Ty::Tuple(_), Ty::Tuple(_)) => Err(Refusal {
            code: Code::UnsupportedOperand,
            help: Some("tuples can be compared with `==` and `!=` alone"),
        }),
        (Ty::Ptr { .. }, Ty::Ptr { .. }) if equality => Ok(Ty::BOOL),
        _ => Err(Refusal { code: Code::UnsupportedOperand, help: None }),
    }
}

/// The type of `op a`.
pub fn unary_type(op: UnaryOp, a: &Ty) -> Result<Ty, Refusal> {
    let refused = |help| Err(Refusal { code: Code::UnsupportedOperand, help });
    match (op, a) {
        (_, Ty::Error) => Ok(Ty::Error),
        (UnaryOp::Not, _) => Ok(Ty::BOOL),
        (_, Ty::Unknown) => Ok(Ty::Unknown),
        (_, Ty::Array(_)) => elementwise::unary(op, a),
        (UnaryOp::Invert, Ty::Py(Py::Float) | Ty::Np(Scalar::F32 | Scalar::F64)) => {
            refused(Some("`~` takes integers: convert with `int(x)`"))
        }
        (_, Ty::Py(p)) => Ok(Ty::Py((*p).max(Py::Int))),
        (UnaryOp::Neg | UnaryOp::Pos, Ty::Np(Scalar::Bool)) => {
            refused(Some("NumPy has no sign for bools: use `~` or `not`, or convert with `int(x)`"))
        }
        (_, Ty::Np(s)) => Ok(Ty::Np(*s)),
        (_, Ty::Either(p, s)) => {
            let (p, s) = (unary_type(op, &Ty::Py(*p))?, unary_type(op, &Ty::Np(*s))?);
            p.join(&s).ok_or(Refusal { code: Code::TypeConflict, help: None })
        }
        _ => refused(None),
    }
}

/// The type of `a op b`, or a report at `span`.
pub(super) fn binary_expr(
    body: &mut Body<'_, '_>,
    op: BinaryOp,
    (a, a_literal): (&Ty, Option<&Literal>),
    (b, b_literal): (&Ty, Option<&Literal>),
    span: Span,
) -> Ty {
    let known_negative = |l: Option<&Literal>| l.is_some_and(|l| fold::as_float(l).is_some_and(|x| x < 0.0));
    if op == BinaryOp::Pow
        && *a == Ty::FLOAT
        && known_negative(a_literal)
        && matches!(b_literal, Some(Literal::Float(x)) if x.fract() != 0.0)
    {
        let message = "a negative number to a fractional power is complex in Python";
        let help = "kernels have no complex numbers; use `abs`, or `np.float64(x) ** y`, which gives nan";
        body.fault(Diagnostic::error(Code::ComplexUnsupported, span, message).help(help));
        return Ty::Error;
    }
    let index = matches!(op, BinaryOp::LeftShift | BinaryOp::RightShift);
    if index && a.is_index() && *b == Ty::INT && known_negative(b_literal) && matches!(a, Ty::Py(_)) {
        let message = "a shift by a negative count is a ValueError in Python";
        let help = "shift the other way by a positive count";
        body.fault(Diagnostic::error(Code::NegativeShift, span, message).help(help));
        return Ty::Error;
    }
    match binary_type(op, a, b, b_literal) {
        Ok(ty) => ty,
        Err(why) => {
            let message = format!("`{}` is not defined for {} and {}", op.symbol(), indefinite(a), indefinite(b));
            body.report(why, span, message);
            Ty::Error
        }
    }
}

impl Body<'_, '_> {
    pub(super) fn report(&mut self, why: Refusal, span: Span, message: String) {
        let mut fault = Diagnostic::error(why.code, span, message);
        if let Some(help) = why.help {
            fault = fault.help(help);
        }
        self.fault(fault);
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        if let (Some(a), Some(b)) = (literal_of(&left), literal_of(&right))
            && let Some(folded) = fold::binary(op, a, b)
        {
            return Expr { ty: folded.ty(), kind: ExprKind::Literal(folded), span };
        }
        let ty = binary_expr(self, op, (&left.ty, literal_of(&left)), (&right.ty, literal_of(&right)), span);
        Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, ty, span }
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: Expr, span: Span) -> Expr {
        if let Some(folded) = literal_of(&operand).and_then(|a| fold::unary(op, a)) {
            return Expr { ty: folded.ty(), kind: ExprKind::Literal(folded), span };
        }
        let ty = if op == UnaryOp::Not {
            self.check_truth(&operand);
            Ty::BOOL
        } else {
            unary_type(op, &operand.ty).unwrap_or_else(|why| {
                let message = format!("`{}` is not defined for {}", op.symbol(), indefinite(&operand.ty));
                self.report(why, span, message);
                Ty::Error
            })
        };
        Expr { kind: ExprKind::Unary { op, operand: Box::new(operand) }, ty, span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `np.promote_types` of NumPy 2.4, in the order of [`Scalar::ALL`].
    const NUMPY: [&str; 11] = [
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64",
        "int8 int8 int16 int32 int64 int16 int32 int64 float64 float32 float64",
        "int16 int16 int16 int32 int64 int16 int32 int64 float64 float32 float64",
        "int32 int32 int32 int32 int64 int32 int32 int64 float64 float64 float64",
        "int64 int64 int64 int64 int64 int64 int64 int64 float64 float64 float64",
        "uint8 int16 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64",
        "uint16 int32 int32 int32 int64 uint16 uint16 uint32 uint64 float32 float64",
        "uint32 int64 int64 int64 int64 uint32 uint32 uint32 uint64 float64 float64",
        "uint64 float64 float64 float64 float64 uint64 uint64 uint64 uint64 float64 float64",
        "float32 float32 float32 float64 float64 float32 float32 float64 float64 float32 float64",
        "float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64",
    ];
    /// The dtype of `np.<dtype>(1) * True`, `* 1` and `* 1.0`.
    const WEAK: [(Py, &str); 3] = [
        (Py::Bool, "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64"),
        (Py::Int, "int64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64"),
        (Py::Float, "float64 float64 float64 float64 float64 float64 float64 float64 float64 float32 float64"),
    ];

    fn dtypes(row: &str) -> impl Iterator<Item = Scalar> {
        row.split(' ').filter_map(Scalar::from_dtype_name)
    }

    #[test]
    fn promotion_is_numpys() {
        for (a, row) in Scalar::ALL.into_iter().zip(NUMPY) {
            let ours: Vec<Scalar> = Scalar::ALL.iter().map(|b| promote(a, *b)).collect();
            assert_eq!(ours, dtypes(row).collect::<Vec<_>>(), "{a}");
        }
        for (p, row) in WEAK {
            let ours: Vec<Scalar> = Scalar::ALL.iter().map(|s| promote_weak(p, *s)).collect();
            assert_eq!(ours, dtypes(row).collect::<Vec<_>>(), "{p:?}");
        }
    }

    #[test]
    fn a_value_that_may_be_either_keeps_both_results() {
        let either = Ty::Either(Py::Float, Scalar::F64);
        assert_eq!(binary_type(BinaryOp::Div, &either, &Ty::INT, None), Ok(either.clone()));
        assert_eq!(binary_type(BinaryOp::Add, &either, &Ty::Np(Scalar::F64), None), Ok(Ty::Np(Scalar::F64)));
        let negative = Literal::Int(-1);
        assert_eq!(binary_type(BinaryOp::Pow, &Ty::INT, &Ty::INT, Some(&negative)), Ok(Ty::FLOAT));
        assert_eq!(binary_type(BinaryOp::Pow, &Ty::INT, &Ty::INT, None), Ok(Ty::INT));
    }
}
