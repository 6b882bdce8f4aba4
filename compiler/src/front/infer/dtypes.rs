//! Comparisons of dtypes, which types decide: `assert f.dtype == DTYPE` costs nothing, or always raises.

use super::dtype_of;
use crate::front::syntax::{CompareOp, Expr, ExprKind};
use crate::front::tast::{self, Known, Literal, Ty};
use crate::types::Scalar;

/// `a.dtype`: an object of NumPy that equals the class of its scalars, Python's type of the same kind, and its own name.
pub(super) fn names_dtype(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Attribute { name, .. } if name.text == "dtype")
}

/// The truth of a comparison one side of which is the dtype of an array; `sides` says which.
pub(super) fn compare_dtypes(
    op: CompareOp,
    sides: (bool, bool),
    left: &tast::Expr,
    right: &tast::Expr,
) -> Option<bool> {
    let is_dtype = |side: bool, e: &tast::Expr| side && matches!(e.ty, Ty::Known(Known::Dtype(_)));
    let (a, b) = (is_dtype(sides.0, left), is_dtype(sides.1, right));
    if !a && !b {
        return None;
    }
    match op {
        CompareOp::Eq => Some(meant(left)? == meant(right)?),
        CompareOp::NotEq => Some(meant(left)? != meant(right)?),
        // NumPy has one object for each dtype, which is not the class of its scalars.
        CompareOp::Is => Some(a && b && meant(left)? == meant(right)?),
        CompareOp::IsNot => Some(!(a && b && meant(left)? == meant(right)?)),
        CompareOp::In | CompareOp::NotIn => {
            let tast::ExprKind::Tuple(items) = &right.kind else { return None };
            let items: Option<Vec<Scalar>> = items.iter().map(meant).collect();
            Some(items?.contains(&meant(left)?) == (op == CompareOp::In))
        }
        CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => None,
    }
}

/// The dtype that NumPy makes of an operand.
fn meant(e: &tast::Expr) -> Option<Scalar> {
    match &e.kind {
        tast::ExprKind::Literal(Literal::Str(name)) => match &**name {
            "int" => Some(Scalar::I64),
            "float" => Some(Scalar::F64),
            name => Scalar::from_dtype_name(name),
        },
        _ => dtype_of(&e.ty),
    }
}
