//! Walking the syntax tree: the children of a node, in the order in which Python evaluates or meets them.
//!
//! Whoever needs only some kinds of nodes matches those and hands the rest to these functions.

use super::syntax::{Comprehension, Expr, ExprKind, FStringPart, Params, Stmt, StmtKind};

/// Calls `visit` for each expression directly within another.
pub fn each_expr<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Name(_)
        | ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Ellipsis => {}
        ExprKind::FString(parts) => each_part(parts, visit),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => items.iter().for_each(visit),
        ExprKind::Dict(items) => items.iter().for_each(|(key, value)| {
            key.iter().for_each(&mut *visit);
            visit(value);
        }),
        ExprKind::Unary { operand: inner, .. }
        | ExprKind::Attribute { value: inner, .. }
        | ExprKind::Starred(inner)
        | ExprKind::Await(inner)
        | ExprKind::YieldFrom(inner)
        | ExprKind::Named { value: inner, .. } => visit(inner),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|e| visit(e)),
        ExprKind::BoolOp { values, .. } => values.iter().for_each(visit),
        ExprKind::Compare { left, rest } => {
            visit(left);
            rest.iter().for_each(|(_, operand)| visit(operand));
        }
        ExprKind::Conditional { test, body, orelse } => [test, body, orelse].into_iter().for_each(|e| visit(e)),
        ExprKind::Call { function, args, keywords } => {
            visit(function);
            args.iter().for_each(&mut *visit);
            keywords.iter().for_each(|keyword| visit(&keyword.value));
        }
        ExprKind::Subscript { value, index } => [value, index].into_iter().for_each(|e| visit(e)),
        ExprKind::Slice { lower, upper, step } => {
            [lower, upper, step].into_iter().flatten().for_each(|e| visit(e));
        }
        ExprKind::Lambda { params, body } => {
            each_param_expr(params, visit);
            visit(body);
        }
        ExprKind::Comprehension(comprehension) => each_comprehension_expr(comprehension, visit),
        ExprKind::Yield(value) => value.iter().for_each(|e| visit(e)),
    }
}

fn each_part<'a>(parts: &'a [FStringPart], visit: &mut dyn FnMut(&'a Expr)) {
    for part in parts {
        match part {
            FStringPart::Text(_) => {}
            FStringPart::Value { value, spec, .. } => {
                visit(value);
                each_part(spec, visit);
            }
        }
    }
}

/// The defaults and annotations of parameters; they belong to the scope around the function.
pub fn each_param_expr<'a>(params: &'a Params, visit: &mut dyn FnMut(&'a Expr)) {
    for param in &params.list {
        param.default.iter().chain(&param.annotation).for_each(&mut *visit);
    }
}

fn each_comprehension_expr<'a>(comprehension: &'a Comprehension, visit: &mut dyn FnMut(&'a Expr)) {
    for clause in &comprehension.clauses {
        visit(&clause.iter);
        visit(&clause.target);
        clause.conditions.iter().for_each(&mut *visit);
    }
    visit(&comprehension.element);
    comprehension.value.iter().for_each(visit);
}

/// Calls `visit` for each expression that stands directly in a statement: not in the blocks of it. Of a function these
/// are decorators, defaults and annotations.
pub fn each_stmt_expr<'a>(stmt: &'a Stmt, visit: &mut dyn FnMut(&'a Expr)) {
    match &stmt.kind {
        StmtKind::Function(function) => {
            function.decorators.iter().for_each(&mut *visit);
            each_param_expr(&function.params, visit);
            function.returns.iter().for_each(visit);
        }
        StmtKind::Class(class) => {
            class.decorators.iter().chain(&class.bases).for_each(&mut *visit);
            class.keywords.iter().for_each(|keyword| visit(&keyword.value));
        }
        StmtKind::Return(value) => value.iter().for_each(visit),
        StmtKind::Delete(targets) => targets.iter().for_each(visit),
        StmtKind::Assign { targets, value } => {
            visit(value);
            targets.iter().for_each(visit);
        }
        StmtKind::AugAssign { target, value, .. } => [target, value].into_iter().for_each(visit),
        StmtKind::AnnAssign { target, annotation, value } => {
            value.iter().for_each(&mut *visit);
            [target, annotation].into_iter().for_each(visit);
        }
        StmtKind::For { target, iter, .. } => [iter, target].into_iter().for_each(visit),
        StmtKind::While { test, .. } | StmtKind::If { test, .. } => visit(test),
        StmtKind::With { items, .. } => items.iter().for_each(|item| {
            visit(&item.context);
            item.target.iter().for_each(&mut *visit);
        }),
        StmtKind::Raise { exception, cause } => exception.iter().chain(cause).for_each(visit),
        StmtKind::Try(try_) => try_.handlers.iter().flat_map(|handler| &handler.exception).for_each(visit),
        StmtKind::Assert { test, message } => {
            visit(test);
            message.iter().for_each(visit);
        }
        StmtKind::Expr(value) | StmtKind::Match(value) => visit(value),
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::TypeAlias => {}
    }
}

/// The blocks of a statement that run in its own scope; the bodies of functions and classes are not among them.
pub fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    match &stmt.kind {
        StmtKind::For { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::If { body, orelse, .. } => {
            vec![body, orelse]
        }
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Try(try_) => {
            let handlers = try_.handlers.iter().map(|handler| &handler.body[..]);
            std::iter::once(&try_.body[..]).chain(handlers).chain([&try_.orelse[..], &try_.finally[..]]).collect()
        }
        StmtKind::Function(_)
        | StmtKind::Class(_)
        | StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Assign { .. }
        | StmtKind::AugAssign { .. }
        | StmtKind::AnnAssign { .. }
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Expr(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Match(_)
        | StmtKind::TypeAlias => Vec::new(),
    }
}

/// Calls `visit` for each statement of a scope, those in blocks included, those of inner functions not.
pub fn each_stmt<'a>(body: &'a [Stmt], visit: &mut dyn FnMut(&'a Stmt)) {
    for stmt in body {
        visit(stmt);
        blocks(stmt).into_iter().for_each(|block| each_stmt(block, visit));
    }
}
