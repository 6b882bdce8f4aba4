//! The value of a constant expression at the top level of a module, or that of a parameter's default.

use std::sync::Arc;

use super::fold;
use super::{EnvironmentId, Global, Program};
use crate::front::builtins;
use crate::front::syntax::{BinaryOp, Expr, ExprKind};
use crate::front::tast::{Known, Literal};

/// Items of a tuple that a short expression may make.
const MAX_ITEMS: usize = 1 << 16;

/// The constant that an expression is, or what it is instead.
pub(in crate::front) fn evaluate(program: &Program, id: EnvironmentId, expr: &Expr) -> Global {
    match value(program, id, expr) {
        Some(global) => global,
        None => Global::Unusable(describe(expr).into(), Some(expr.span)),
    }
}

fn value(program: &Program, id: EnvironmentId, expr: &Expr) -> Option<Global> {
    let literal = |e: &Expr| match value(program, id, e)? {
        Global::Literal(l) => Some(l),
        _ => None,
    };
    Some(match &expr.kind {
        ExprKind::None => Global::Literal(Literal::None),
        ExprKind::Bool(b) => Global::Literal(Literal::Bool(*b)),
        ExprKind::Int(i) => Global::Literal(Literal::Int(i.to_i128()?)),
        ExprKind::Float(x) => Global::Literal(Literal::Float(*x)),
        ExprKind::Str(s) => Global::Literal(Literal::Str(Arc::from(s.as_str()))),
        ExprKind::Tuple(items) => {
            Global::Tuple(items.iter().map(|item| value(program, id, item)).collect::<Option<Vec<_>>>()?.into())
        }
        ExprKind::Name(name) => program.lookup(id, name)?,
        ExprKind::Attribute { value: of, name } => match value(program, id, of)? {
            Global::Known(module) => program.member(module, &name.text)?,
            _ => return None,
        },
        ExprKind::Unary { op, operand } => Global::Literal(fold::unary(*op, &literal(operand)?)?),
        ExprKind::Binary { op, left, right } => match (*op, value(program, id, left)?, value(program, id, right)?) {
            (_, Global::Literal(a), Global::Literal(b)) => Global::Literal(fold::binary(*op, &a, &b)?),
            (BinaryOp::Add, Global::Tuple(a), Global::Tuple(b)) => {
                Global::Tuple(a.iter().chain(b.iter()).cloned().collect())
            }
            (BinaryOp::Mul, Global::Tuple(items), Global::Literal(n))
            | (BinaryOp::Mul, Global::Literal(n), Global::Tuple(items)) => repeat(&items, n.as_int()?)?,
            _ => return None,
        },
        ExprKind::Subscript { value: of, index } => match (value(program, id, of)?, literal(index)?.as_int()?) {
            (Global::Tuple(items), i) => {
                let len = items.len() as i128;
                items.get(usize::try_from(if i < 0 { i + len } else { i }).ok()?)?.clone()
            }
            _ => return None,
        },
        ExprKind::Call { function, args, keywords } if keywords.is_empty() => {
            let args = args.iter().map(literal).collect::<Option<Vec<_>>>()?;
            match value(program, id, function)? {
                Global::Known(Known::Dtype(s)) => Global::Literal(fold::construct(s, args.first()?)?),
                Global::Known(Known::Builtin(b)) => Global::Literal(builtins::fold(b, &args)?),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// `items * n`.
fn repeat(items: &[Global], n: i128) -> Option<Global> {
    let n = usize::try_from(n.max(0)).ok()?;
    let len = items.len().checked_mul(n).filter(|len| *len <= MAX_ITEMS)?;
    Some(Global::Tuple(items.iter().cycle().take(len).cloned().collect()))
}

/// What a value is, for "`x` is ...".
fn describe(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::List(_) => "a list, which can change",
        ExprKind::Dict(_) => "a dict",
        ExprKind::Set(_) => "a set",
        ExprKind::Lambda { .. } => "a lambda",
        ExprKind::Imaginary(_) => "a complex number",
        ExprKind::FString(_) | ExprKind::Bytes(_) => "a string",
        ExprKind::Call { .. } => "the result of a call",
        ExprKind::Comprehension(_) => "a comprehension",
        _ => "not a constant that the compiler can compute",
    }
}
