//! `global` and `nonlocal`: they must come before the name is used, and fit its other roles.

use super::target;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::front::syntax::{Expr, ExprKind, Ident, Module, Params, Stmt, StmtKind};
use crate::front::syntax_walk::{blocks, each_expr, each_stmt, each_stmt_expr};
use std::collections::{BTreeMap, BTreeSet};

pub fn check(module: &Module, sink: &mut Sink) {
    scope(Kind::Module, &module.body, &NO_PARAMS, &mut Vec::new(), sink);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Class,
    Function,
}

/// How a name was met before it was declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Param,
    Used,
    Assigned,
    Annotated,
    Global,
    Nonlocal,
}

/// Checks one scope; `around` holds the names bound by each function around it.
fn scope<'a>(kind: Kind, body: &'a [Stmt], params: &'a Params, around: &mut Vec<BTreeSet<&'a str>>, sink: &mut Sink) {
    let params_seen = params.list.iter().map(|param| (param.name.text.as_str(), Seen::Param));
    order(kind, body, &mut params_seen.collect(), around, sink);
    let depth = around.len();
    // Names of a module are global, and those of a class are not visible in its methods.
    if kind == Kind::Function {
        around.push(bound_names(body, params));
    }
    each_stmt(body, &mut |stmt| match &stmt.kind {
        StmtKind::Function(function) => scope(Kind::Function, &function.body, &function.params, around, sink),
        StmtKind::Class(class) => scope(Kind::Class, &class.body, &NO_PARAMS, around, sink),
        _ => {}
    });
    around.truncate(depth);
}

static NO_PARAMS: Params = Params { list: Vec::new() };

/// Walks the statements of a scope in order, and reports declarations that come too late or contradict.
fn order<'a>(
    kind: Kind,
    body: &'a [Stmt],
    seen: &mut BTreeMap<&'a str, Seen>,
    around: &[BTreeSet<&'a str>],
    sink: &mut Sink,
) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Global(names) => names.iter().for_each(|name| declare(name, Seen::Global, seen, sink)),
            StmtKind::Nonlocal(names) => {
                for name in names {
                    declare(name, Seen::Nonlocal, seen, sink);
                    let text = name.text.as_str();
                    let is_bound = text == "__class__" || around.iter().any(|names| names.contains(text));
                    if kind != Kind::Module && !is_bound {
                        let message = format!("no function around this one has a variable `{}`", name.text);
                        sink.push(
                            Diagnostic::error(Code::InvalidScope, name.span, message)
                                .help("write `global`, or remove it"),
                        );
                    }
                }
            }
            StmtKind::AnnAssign { target: Expr { kind: ExprKind::Name(name), span }, .. } => {
                annotate(name, *span, seen, sink)
            }
            _ => {}
        }
        each_stmt_expr(stmt, &mut |expr| uses(expr, seen));
        let mut bound = Vec::new();
        // CPython lets a declaration follow an import.
        if !matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom { .. }) {
            bind(stmt, &mut bound);
        }
        for name in bound {
            let entry = seen.entry(name).or_insert(Seen::Assigned);
            if *entry == Seen::Used {
                *entry = Seen::Assigned;
            }
        }
        blocks(stmt).into_iter().for_each(|block| order(kind, block, seen, around, sink));
    }
}

fn annotate<'a>(name: &'a str, span: Span, seen: &mut BTreeMap<&'a str, Seen>, sink: &mut Sink) {
    if let Some(Seen::Global | Seen::Nonlocal) = seen.get(name) {
        let message = format!("`{name}` is declared `global` or `nonlocal` and cannot be annotated here");
        sink.push(Diagnostic::error(Code::InvalidScope, span, message).help("remove the annotation"));
    }
    let entry = seen.entry(name).or_insert(Seen::Annotated);
    if *entry != Seen::Param {
        *entry = Seen::Annotated;
    }
}

fn declare<'a>(name: &'a Ident, as_: Seen, seen: &mut BTreeMap<&'a str, Seen>, sink: &mut Sink) {
    let word = if as_ == Seen::Global { "global" } else { "nonlocal" };
    let problem = match seen.get(name.text.as_str()) {
        Some(Seen::Param) => Some("is a parameter of this function"),
        Some(Seen::Used) => Some("is used before this declaration"),
        Some(Seen::Assigned) => Some("is assigned before this declaration"),
        Some(Seen::Annotated) => Some("is annotated in this function"),
        Some(Seen::Global) if as_ == Seen::Nonlocal => Some("is declared `global` too"),
        Some(Seen::Nonlocal) if as_ == Seen::Global => Some("is declared `nonlocal` too"),
        Some(Seen::Global | Seen::Nonlocal) | None => None,
    };
    if let Some(problem) = problem {
        let message = format!("`{}` cannot be declared `{word}`: it {problem}", name.text);
        let help = format!("put `{word} {}` at the beginning of the function, or rename the variable", name.text);
        sink.push(Diagnostic::error(Code::InvalidScope, name.span, message).help(help));
    }
    if seen.get(name.text.as_str()) != Some(&Seen::Param) {
        seen.insert(&name.text, as_);
    }
}

/// Names that an expression reads or binds in its own scope.
fn uses<'a>(expr: &'a Expr, seen: &mut BTreeMap<&'a str, Seen>) {
    match &expr.kind {
        ExprKind::Name(name) => {
            seen.entry(name).or_insert(Seen::Used);
        }
        ExprKind::Named { target, .. } => {
            seen.entry(&target.text).or_insert(Seen::Assigned);
        }
        // Its body is a scope of its own.
        ExprKind::Lambda { params, .. } => {
            params.list.iter().flat_map(|param| &param.default).for_each(|default| uses(default, seen));
            return;
        }
        ExprKind::Comprehension(comprehension) => {
            comprehension.clauses.first().into_iter().for_each(|clause| uses(&clause.iter, seen));
            return;
        }
        _ => {}
    }
    each_expr(expr, &mut |inner| uses(inner, seen));
}

/// The names that a scope binds.
fn bound_names<'a>(body: &'a [Stmt], params: &'a Params) -> BTreeSet<&'a str> {
    let mut names: Vec<&str> = params.list.iter().map(|param| param.name.text.as_str()).collect();
    let mut declared = BTreeSet::new();
    each_stmt(body, &mut |stmt| {
        bind(stmt, &mut names);
        if let StmtKind::Global(globals) = &stmt.kind {
            declared.extend(globals.iter().map(|name| name.text.as_str()));
        }
        each_stmt_expr(stmt, &mut |expr| walrus(expr, &mut names));
    });
    names.into_iter().filter(|name| !declared.contains(name)).collect()
}

fn walrus<'a>(expr: &'a Expr, names: &mut Vec<&'a str>) {
    if let ExprKind::Named { target, .. } = &expr.kind {
        names.push(&target.text);
    }
    if !matches!(expr.kind, ExprKind::Lambda { .. }) {
        each_expr(expr, &mut |inner| walrus(inner, names));
    }
}

/// The names that a statement itself binds, without its blocks.
fn bind<'a>(stmt: &'a Stmt, into: &mut Vec<&'a str>) {
    match &stmt.kind {
        StmtKind::Function(function) => into.push(&function.name.text),
        StmtKind::Class(class) => into.push(&class.name.text),
        StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| target::names(t, into)),
        StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
            target::names(target, into);
        }
        StmtKind::With { items, .. } => items.iter().flat_map(|item| &item.target).for_each(|t| target::names(t, into)),
        StmtKind::Delete(targets) => targets.iter().for_each(|t| target::names(t, into)),
        StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
            let bound = |name: &'a str| name.split('.').next().unwrap_or(name);
            into.extend(names.iter().map(|alias| alias.asname.as_deref().unwrap_or(bound(&alias.name))));
        }
        StmtKind::Try(try_) => {
            into.extend(try_.handlers.iter().flat_map(|handler| &handler.name).map(|name| name.text.as_str()));
        }
        _ => {}
    }
}
