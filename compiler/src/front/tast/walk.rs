//! The expressions that an expression is made of.

use super::{Axis, Expr, ExprKind, Index};

/// Hands on the expressions directly inside of one, in the order of their evaluation.
pub fn children<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match &e.kind {
        ExprKind::Literal(_) | ExprKind::Known | ExprKind::Variable(_) => {}
        ExprKind::Unary { operand: of, .. }
        | ExprKind::Item { tuple: of, .. }
        | ExprKind::TableItem { index: of, .. }
        | ExprKind::Bits(of)
        | ExprKind::ToPython(of)
        | ExprKind::Descriptor { array: of, .. }
        | ExprKind::Permuted { array: of, .. } => f(of),
        ExprKind::Binary { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::Compare { left, rest } => {
            f(left);
            rest.iter().for_each(|(_, e)| f(e));
        }
        ExprKind::BoolOp { values: all, .. } | ExprKind::Tuple(all) | ExprKind::Builtin { args: all, .. } => {
            all.iter().for_each(f);
        }
        ExprKind::Conditional { test, body, orelse } => {
            f(test);
            f(body);
            f(orelse);
        }
        ExprKind::Element { base, index: brackets } => {
            f(base);
            index(brackets, f);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|(_, arg)| f(arg)),
    }
}

/// The expressions in the brackets of an index.
pub fn index<'e>(index: &'e Index, f: &mut dyn FnMut(&'e Expr)) {
    match index {
        Index::Pointer(i) => f(i),
        Index::Axes(axes) => axes.iter().for_each(|axis| match axis {
            Axis::At(e) => f(e),
            Axis::Slice(bounds) => bounds.iter().flatten().for_each(&mut *f),
            Axis::Keep | Axis::New => {}
        }),
    }
}
