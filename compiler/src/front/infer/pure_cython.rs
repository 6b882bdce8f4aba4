//! Cython's pure-Python notation in functions: blocks with directives, and declarations.

use super::Body;
use super::expr::literal;
use crate::diag::Span;
use crate::front::builtins::{Builtin, CythonFn};
use crate::front::options_comment::OptionName;
use crate::front::pure_cython::{Directive, no_effect, of_expr};
use crate::front::syntax::{Expr, ExprKind, Keyword, WithItem};
use crate::front::tast::{self, Literal};

/// `cython.boundscheck(False)` and alike in a `with`.
pub(super) fn is_directive(item: &WithItem) -> bool {
    item.target.is_none() && of_expr(&item.context).is_some()
}

impl Body<'_, '_> {
    /// The options that the contexts of a `with` set.
    pub(super) fn settings(&mut self, items: &[WithItem]) -> Vec<(OptionName, bool)> {
        let mut settings = Vec::new();
        for item in items {
            match of_expr(&item.context) {
                Some(Directive::Option(name, value)) => settings.push((name, value)),
                Some(Directive::Meaning(name)) => self.fault(no_effect(name, item.context.span)),
                Some(Directive::Harmless) | None => {}
            }
        }
        settings
    }

    /// `cython.declare(...)`, `cython.cast(...)`.
    pub(super) fn call_cython(&mut self, f: CythonFn, args: &[Expr], keywords: &[Keyword], span: Span) -> tast::Expr {
        // `cython.declare(x=cython.int)` names the types of variables, which are found anyway.
        if f == CythonFn::Declare && args.is_empty() {
            return literal(Literal::None, span);
        }
        // `cython.double[:, :]` is no type of a number: the value is what it is.
        match args {
            [Expr { kind: ExprKind::Subscript { .. }, .. }, value] => return self.expr(value),
            [Expr { kind: ExprKind::Subscript { .. }, .. }] => return literal(Literal::None, span),
            _ => {}
        }
        let named = |k: &&Keyword| k.name.as_ref().is_none_or(|n| n.text != "typecheck");
        let keywords: Vec<Keyword> = keywords.iter().filter(named).cloned().collect();
        self.call_builtin(Builtin::Cython(f), args, &keywords, span)
    }
}
