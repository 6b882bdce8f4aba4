//! Python that is no part of the kernel language: one diagnostic each, which says what to write instead.

use crate::diag::{Code, Diagnostic};
use crate::front::syntax::{ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::front::tast::Ty;

/// A type with its article: "a float", "an int".
pub fn indefinite(ty: &Ty) -> String {
    let name = ty.to_string();
    match ty {
        Ty::None | Ty::Either(..) => name,
        _ if name.starts_with(['a', 'e', 'i', 'o']) => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// A statement that kernels cannot hold.
pub fn statement(stmt: &Stmt) -> Diagnostic {
    let (what, help) = match &stmt.kind {
        StmtKind::Function(_) => {
            ("a function within a function", "move it to the top level of the file, and pass what it uses as arguments")
        }
        StmtKind::Class(_) => ("a class", "pass numbers and tuples instead of objects"),
        StmtKind::Delete(_) => ("`del`", "leave it out: locals cost nothing after their last use"),
        StmtKind::With { .. } => ("`with`", "do it outside of the kernel"),
        StmtKind::Try(_) => ("`try`", "test for the condition before the operation that raises"),
        StmtKind::Global(_) | StmtKind::Nonlocal(_) => (
            "`global` and `nonlocal`",
            "pass the value as an argument and return the new one: captured values are constants",
        ),
        StmtKind::Match(_) => ("`match`", "write `if` and `elif`"),
        StmtKind::TypeAlias => ("`type`", "move it out of the function"),
        StmtKind::For { .. } => ("`async for`", "write `for`"),
        _ => ("this statement", "move it out of the kernel"),
    };
    let message = format!("{what} cannot be compiled");
    Diagnostic::error(Code::UnsupportedSyntax, stmt.span, message).help(help)
}

/// An expression that kernels cannot hold.
pub fn expression(e: &Expr) -> Diagnostic {
    let (what, help) = match &e.kind {
        ExprKind::Imaginary(_) => {
            let message = "complex numbers cannot be compiled";
            let help = "pass real and imaginary parts as two floats";
            return Diagnostic::error(Code::ComplexUnsupported, e.span, message).help(help);
        }
        ExprKind::Bytes(_) => ("bytes", "pass a pointer to `uint8`"),
        ExprKind::FString(_) => {
            ("an f-string", "format outside of the kernel; messages of exceptions are constant strings")
        }
        ExprKind::List(_) => ("a list", "write a tuple, or pass a pointer to memory that the kernel fills"),
        ExprKind::Set(_) => ("a set", "write a tuple and `in`"),
        ExprKind::Dict(_) => ("a dict", "write `if` and `elif`, or a tuple indexed by an integer"),
        ExprKind::Lambda { .. } => ("a lambda", "write a `def` at the top level of the file"),
        ExprKind::Comprehension(c) => match c.kind {
            ComprehensionKind::Generator => ("a generator expression", "write a loop with an accumulator"),
            ComprehensionKind::List => {
                ("a list comprehension", "write a loop that stores into memory passed by pointer")
            }
            ComprehensionKind::Set | ComprehensionKind::Dict => ("this comprehension", "write a loop"),
        },
        ExprKind::Named { .. } => ("`:=`", "assign in a statement before"),
        ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
            ("a coroutine or generator", "return values, or store them into memory passed by pointer")
        }
        ExprKind::Slice { .. } => ("a slice", "loop over the indices"),
        ExprKind::Starred(_) => ("`*` in this place", "write the items one by one"),
        ExprKind::Ellipsis => ("`...`", "write the indices"),
        _ => ("this expression", "move it out of the kernel"),
    };
    let message = format!("{what} cannot be compiled");
    Diagnostic::error(Code::UnsupportedSyntax, e.span, message).help(help)
}

/// The name among those given that the misspelt one is nearest to, if one is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match name.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    let distances = known.into_iter().map(|k| (distance(name, k, limit), k));
    distances.filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

/// Edit distance, or anything above `limit` where it is larger.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit * 4 {
        return limit + 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_near() {
        assert_eq!(nearest("lenght", ["length", "x"]), Some("length"));
        assert_eq!(nearest("xs", ["x", "y"]), None);
        assert_eq!(nearest("total", ["result", "n"]), None);
    }
}
