//! What can stand on the left of an assignment, in `del`, and as the variable of a loop.

use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::front::syntax::{Expr, ExprKind};

/// The target of `=`, `for`, `with ... as` and comprehensions.
pub fn assigned(target: &Expr, sink: &mut Sink) {
    match &target.kind {
        ExprKind::Starred(_) => {
            let error =
                Diagnostic::error(Code::InvalidStar, target.span, "a starred target stands only in a list or tuple");
            sink.push(error.help("write `*x, = ...` to take a list of all values"));
        }
        _ => unpacked(target, sink),
    }
}

fn unpacked(target: &Expr, sink: &mut Sink) {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            let mut stars = items.iter().filter(|item| matches!(item.kind, ExprKind::Starred(_)));
            if let (Some(_), Some(second)) = (stars.next(), stars.next()) {
                let error =
                    Diagnostic::error(Code::InvalidStar, second.span, "an assignment has at most one starred target");
                sink.push(error.help("remove one of the stars"));
            }
            for item in items {
                match &item.kind {
                    ExprKind::Starred(inner) => assigned(inner, sink),
                    _ => unpacked(item, sink),
                }
            }
        }
        _ => single(target, "assigned to", sink),
    }
}

/// The target of `+=` and its like.
pub fn augmented(target: &Expr, sink: &mut Sink) {
    match &target.kind {
        ExprKind::Tuple(_) | ExprKind::List(_) => {
            let error = Diagnostic::error(
                Code::InvalidTarget,
                target.span,
                "several values cannot be changed in place at once",
            );
            sink.push(error.help("write one statement for each"));
        }
        _ => single(target, "changed in place", sink),
    }
}

/// The target of `x: annotation`.
pub fn annotated(target: &Expr, sink: &mut Sink) {
    match &target.kind {
        ExprKind::Tuple(_) | ExprKind::List(_) => {
            let error = Diagnostic::error(Code::InvalidTarget, target.span, "only a single name can be annotated");
            sink.push(error.help("annotate each name on a line of its own"));
        }
        _ => single(target, "annotated", sink),
    }
}

/// The target of `del`.
pub fn deleted(target: &Expr, sink: &mut Sink) {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| deleted(item, sink)),
        _ => single(target, "deleted", sink),
    }
}

/// A name, an attribute or an element.
fn single(target: &Expr, verb: &str, sink: &mut Sink) {
    let what = match &target.kind {
        ExprKind::Name(text) => return name(text, target.span, sink),
        ExprKind::Attribute { name: attribute, .. } => return name(&attribute.text, attribute.span, sink),
        ExprKind::Subscript { .. } => return,
        ExprKind::Call { .. } => "a function call",
        ExprKind::None | ExprKind::Bool(_) => "a constant of Python",
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Ellipsis => "a literal",
        ExprKind::FString(_) => "an f-string",
        ExprKind::Compare { .. } => "a comparison",
        ExprKind::Conditional { .. } => "a conditional expression",
        ExprKind::Lambda { .. } => "a lambda",
        ExprKind::Comprehension(_) => "a comprehension",
        ExprKind::Starred(_) => "a starred expression",
        ExprKind::Named { .. } => "an assignment expression",
        ExprKind::Dict(_) | ExprKind::Set(_) => "a dict or set",
        ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "a `yield`",
        ExprKind::Await(_) => "an `await`",
        ExprKind::Slice { .. } => "a slice",
        ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::BoolOp { .. }
        | ExprKind::Tuple(_)
        | ExprKind::List(_) => "an expression",
    };
    let error = Diagnostic::error(Code::InvalidTarget, target.span, format!("{what} cannot be {verb}"));
    let help = match &target.kind {
        ExprKind::Call { .. } => "to set an element write `f[i] = ...`; to compare write `==`",
        ExprKind::Compare { .. } | ExprKind::Binary { .. } => "put a name on the left; to compare write `==`",
        _ => "put a name, an attribute or an element on the left",
    };
    sink.push(error.help(help));
}

/// A name that is bound: some names never can be.
pub fn name(text: &str, span: Span, sink: &mut Sink) {
    if matches!(text, "None" | "True" | "False" | "__debug__") {
        let error = Diagnostic::error(Code::InvalidTarget, span, format!("`{text}` cannot be assigned to"));
        sink.push(error.help("choose another name"));
    }
}

/// The names that a target binds.
pub fn names<'a>(target: &'a Expr, into: &mut Vec<&'a str>) {
    match &target.kind {
        ExprKind::Name(name) => into.push(name),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| names(item, into)),
        ExprKind::Starred(inner) => names(inner, into),
        _ => {}
    }
}
