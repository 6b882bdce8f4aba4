//! Types of whole-array expressions: NumPy's rules for one element, lifted to the rank that the operands broadcast to.

use super::operator::{Refusal, binary_type, comparison_type, unary_type};
use crate::diag::Code;
use crate::front::syntax::{BinaryOp, CompareOp, UnaryOp};
use crate::front::tast::{Literal, Ty};
use crate::ir;
use crate::types::{ArrayType, Scalar};

/// What stands for the operand where one element is computed: an array's dtype decides as a NumPy scalar's does.
pub fn element(ty: &Ty) -> Ty {
    match ty {
        Ty::Array(array) => Ty::Np(array.dtype),
        other => other.clone(),
    }
}

/// The type of what is computed for each element of the operands, given that of one. Arrays without axes count as
/// scalars: NumPy gives scalars for them.
pub fn lift<'t>(operands: impl IntoIterator<Item = &'t Ty>, result: Ty) -> Ty {
    let arrays: Vec<ArrayType> = operands.into_iter().filter_map(Ty::as_array).filter(|a| a.rank > 0).collect();
    match result {
        Ty::Np(dtype) if !arrays.is_empty() => Ty::Array(map_type(dtype, &arrays)),
        other => other,
    }
}

/// The type of an `array.map`'s result; it may be written to, as it becomes storage where that matters.
fn map_type(dtype: Scalar, arrays: &[ArrayType]) -> ArrayType {
    let arrays: Vec<ir::ArrayType> = arrays.iter().map(|a| (*a).into()).collect();
    ArrayType { writable: true, ..ir::typing::map_type(dtype, &arrays).into() }
}

/// The type of `a op b` where an operand is an array. `literal` is the right operand if it is a constant.
pub fn binary(op: BinaryOp, a: &Ty, b: &Ty, literal: Option<&Literal>) -> Result<Ty, Refusal> {
    if op == BinaryOp::MatMul {
        return product(a, b);
    }
    numbers([a, b])?;
    if op == BinaryOp::Pow && element(a) == Ty::Np(Scalar::Bool) && *b == Ty::INT {
        return power_of_bools(a, b, literal);
    }
    let ty = binary_type(op, &element(a), &element(b), None).map_err(|why| of_arrays(op, why))?;
    Ok(lift([a, b], ty))
}

/// What to write for arrays where an operator does not take their dtypes.
fn of_arrays(op: BinaryOp, why: Refusal) -> Refusal {
    let help = match op {
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::LeftShift | BinaryOp::RightShift => {
            Some("bit operations are done in one integer dtype: convert with `a.astype(np.int64)`")
        }
        BinaryOp::Sub => Some("NumPy has no `-` for bools: use `^`, or `a.astype(np.int8)`"),
        _ => why.help,
    };
    Refusal { help, ..why }
}

/// NumPy squares bools in int8, and raises them to all other powers in int64.
fn power_of_bools(a: &Ty, b: &Ty, exponent: Option<&Literal>) -> Result<Ty, Refusal> {
    match exponent {
        Some(Literal::Int(2)) => Ok(lift([a, b], Ty::Np(Scalar::I8))),
        Some(_) => Ok(lift([a, b], Ty::Np(Scalar::I64))),
        None => Err(Refusal {
            code: Code::UnsupportedOperand,
            help: Some("the dtype of a power of bools depends on the exponent: write `a.astype(np.int64) ** n`"),
        }),
    }
}

/// The type of `a op b` for a comparison where an operand is an array.
pub fn comparison(op: CompareOp, a: &Ty, b: &Ty) -> Result<Ty, Refusal> {
    numbers([a, b])?;
    comparison_type(op, &element(a), &element(b))?;
    Ok(lift([a, b], Ty::Np(Scalar::Bool)))
}

/// The type of `op a` for an array.
pub fn unary(op: UnaryOp, a: &Ty) -> Result<Ty, Refusal> {
    let help = match op {
        UnaryOp::Invert => "`~` takes integers and bools: convert with `a.astype(np.int64)`",
        UnaryOp::Neg | UnaryOp::Pos | UnaryOp::Not => "NumPy has no sign for bools: use `~a`, or `a.astype(np.int8)`",
    };
    let ty = unary_type(op, &element(a)).map_err(|why| Refusal { help: Some(help), ..why })?;
    Ok(lift([a], ty))
}

/// The type of `a @ b`: the sum of products, for arrays with one axis.
pub fn product(a: &Ty, b: &Ty) -> Result<Ty, Refusal> {
    match (a.as_array(), b.as_array()) {
        (Some(x), Some(y)) if x.rank == 1 && y.rank == 1 => Ok(Ty::Np(super::operator::promote(x.dtype, y.dtype))),
        _ => Err(Refusal {
            code: Code::UnsupportedOperand,
            help: Some("`@` takes two arrays with one axis each; write the other products as loops"),
        }),
    }
}

/// Arrays mix with numbers alone.
fn numbers<'t>(operands: impl IntoIterator<Item = &'t Ty>) -> Result<(), Refusal> {
    let mut others = operands.into_iter().filter(|ty| !ty.is_number() && ty.as_array().is_none() && !ty.is_vague());
    match others.next() {
        None => Ok(()),
        Some(Ty::Tuple(_) | Ty::Table(_)) => Err(Refusal {
            code: Code::UnsupportedOperand,
            help: Some("make an array of the tuple first: `np.array((a, b))`"),
        }),
        Some(_) => Err(Refusal { code: Code::UnsupportedOperand, help: None }),
    }
}
