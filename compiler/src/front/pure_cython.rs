//! Cython's pure-Python notation: what its directives and decorators say to a compiler of Python's semantics.
//!
//! Cython's own module defines all of it as functions without effect, so that sources run in plain CPython. What it does
//! there is what it means here, but for the options that say which checks are made. A directive that changes what a
//! program computes in Cython alone, such as `cdivision`, is said to have no effect.

use super::options_comment::OptionName;
use super::syntax::{Expr, ExprKind, Function};
use crate::diag::{Code, Diagnostic, Span};

/// What a directive is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Directive {
    /// Sets an option of ours.
    Option(OptionName, bool),
    /// Changes no answer.
    Harmless,
    /// Changes answers in Cython, and none here.
    Meaning(&'static str),
}

/// Directives that take a value and change no answer.
pub const HARMLESS: &[&str] = &[
    "language_level",
    "cdivision_warnings",
    "nonecheck",
    "initializedcheck",
    "infer_types",
    "embedsignature",
    "profile",
    "linetrace",
    "binding",
    "always_allow_keywords",
    "annotation_typing",
    "auto_pickle",
    "legacy_implicit_noexcept",
    "freethreading_compatible",
    "subinterpreters_compatible",
    "emit_code_comments",
    "optimize.use_switch",
    "optimize.unpack_method_calls",
    "autotestdict",
    "iterable_coroutine",
    "type_version_tag",
    "exceptval",
    "inline",
    "final",
    "internal",
    "with_gil",
    "critical_section",
    "ccall",
    "cfunc",
    "nogil",
    "gil",
    "noexcept",
];

/// What a directive with this value is; `None` if Cython has no such directive.
pub fn directive(name: &str, value: bool) -> Option<Directive> {
    Some(match name {
        "boundscheck" => Directive::Option(OptionName::Boundscheck, value),
        "wraparound" => Directive::Option(OptionName::Wraparound, value),
        "overflowcheck" => Directive::Option(OptionName::Overflow, value),
        "cdivision" if value => Directive::Meaning("cdivision"),
        "cpow" if value => Directive::Meaning("cpow"),
        "cdivision" | "cpow" | "overflowcheck.fold" => Directive::Harmless,
        _ if HARMLESS.contains(&name) => Directive::Harmless,
        _ => return None,
    })
}

/// The directive that a decorator or the context of a `with` is: `cython.boundscheck(False)`, `cython.nogil`, `nogil`.
pub fn of_expr(expr: &Expr) -> Option<Directive> {
    let (path, value) = match &expr.kind {
        ExprKind::Call { function, args, .. } => (function.path()?, args.first().is_none_or(is_true)),
        _ => (expr.path()?, true),
    };
    let name = match path[..] {
        [name] | [_, name] => name.to_owned(),
        [_, outer, inner] => format!("{outer}.{inner}"),
        _ => return None,
    };
    directive(&name, value)
}

/// A value that is not `False`; what is no constant changes nothing, as far as we know.
fn is_true(expr: &Expr) -> bool {
    expr.kind == ExprKind::Bool(true)
}

/// That a directive has no effect here.
pub fn no_effect(name: &str, span: Span) -> Diagnostic {
    let (meaning, help) = match name {
        "cpow" => ("powers of integers are Python's", "write `float(x) ** n` where C's result is wanted"),
        _ => (
            "`//` and `%` have Python's signs, and a zero divisor raises ZeroDivisionError",
            "leave it out; a divisor that is known to be positive costs nothing",
        ),
    };
    Diagnostic::warning(Code::CythonMeaning, span, format!("`{name}` has no effect: {meaning}")).help(help)
}

/// What decorators say of the types of a function: `@cython.locals(x=cython.double)`.
pub fn local_type<'a>(def: &'a Function, name: &str) -> Option<&'a Expr> {
    def.decorators.iter().find_map(|decorator| {
        let ExprKind::Call { function, keywords, .. } = &decorator.kind else { return None };
        if function.path()?.last() != Some(&"locals") {
            return None;
        }
        keywords.iter().find(|k| k.name.as_ref().is_some_and(|n| n.text == name)).map(|k| &k.value)
    })
}

/// `@cython.returns(cython.double)`
pub fn result_type(def: &Function) -> Option<&Expr> {
    def.decorators.iter().find_map(|decorator| match &decorator.kind {
        ExprKind::Call { function, args, .. } if function.path()?.last() == Some(&"returns") => args.first(),
        _ => None,
    })
}

/// The function is one that Python cannot call in Cython: `@cython.cfunc`.
pub fn is_internal(def: &Function) -> bool {
    let is_cfunc = |path: Vec<&str>| matches!(path[..], ["cython", "cfunc"]);
    def.decorators.iter().any(|decorator| decorator.path().is_some_and(is_cfunc))
}
