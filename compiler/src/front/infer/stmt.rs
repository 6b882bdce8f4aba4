//! Statements but loops ([`super::loops`]).

use super::pure_cython::is_directive;
use super::state::{Def, Slot};
use super::unsupported;
use super::{Body, operator};
use crate::abi::status::Exception;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::environment::Global;
use crate::front::syntax::{Alias, BinaryOp, Expr, ExprKind, Stmt, StmtKind};
use crate::front::tast::{self, Known, Literal, Target, Ty};
use crate::types::{Kind, Scalar};

impl Body<'_, '_> {
    /// The statements, up to the first after which control does not go on.
    pub(super) fn block(&mut self, body: &[Stmt]) -> Vec<tast::Stmt> {
        let mut out = Vec::with_capacity(body.len());
        for stmt in body {
            if !self.reachable || self.enter(stmt.span).is_none() {
                break;
            }
            self.cx.program.at.set(Some(stmt.span));
            if let Some(kind) = self.stmt(stmt) {
                out.push(tast::Stmt { kind, span: stmt.span });
            }
            self.leave();
        }
        out
    }

    fn stmt(&mut self, stmt: &Stmt) -> Option<tast::StmtKind> {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let value = self.expr(value);
                self.assign(targets.iter(), value)
            }
            // As in CPython, the annotation of a local says nothing about its value.
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                let value = self.expr(value);
                self.assign(std::iter::once(target), value)
            }
            StmtKind::AnnAssign { value: None, .. } | StmtKind::Pass => None,
            StmtKind::AugAssign { target, op, value } => self.augmented(target, *op, value, stmt.span),
            StmtKind::Expr(e) if matches!(e.kind, ExprKind::Str(_) | ExprKind::Ellipsis) => None,
            StmtKind::Expr(e) => Some(tast::StmtKind::Expr(self.expr(e))),
            StmtKind::If { test, body, orelse } => self.branch(stmt, test, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(stmt, test, body, orelse),
            StmtKind::For { target, iter, body, orelse, is_async: false } => {
                self.for_loop(stmt, target, iter, (body, orelse))
            }
            // The parser has said so.
            StmtKind::Break | StmtKind::Continue if self.loops.is_empty() => None,
            StmtKind::Break => {
                self.join_break();
                Some(tast::StmtKind::Break)
            }
            StmtKind::Continue => {
                self.join_continue();
                Some(tast::StmtKind::Continue)
            }
            StmtKind::Return(value) => Some(self.return_(value.as_ref(), stmt.span)),
            StmtKind::Raise { exception, cause } => self.raise(exception.as_ref(), cause.as_ref(), stmt.span),
            StmtKind::Assert { test, message } => {
                let test = self.condition(test);
                let message = message.as_ref().map_or(Some(String::new()), |m| self.message(m))?;
                Some(tast::StmtKind::Assert { test, message })
            }
            StmtKind::Import(names) => {
                names.iter().for_each(|alias| self.import(alias, None));
                None
            }
            StmtKind::ImportFrom { module, names, .. } => {
                let module = module.as_deref().unwrap_or_default();
                names.iter().for_each(|alias| self.import(alias, Some(module)));
                None
            }
            StmtKind::With { items, body, is_async: false } if items.iter().all(is_directive) => {
                let settings = self.settings(items);
                let body = self.block(body);
                Some(tast::StmtKind::Options { settings, body })
            }
            _ => {
                let fault = unsupported::statement(stmt);
                self.fault(fault);
                // What it assigns or returns is no further fault.
                for var in self.scope.assigned_by(stmt) {
                    self.state.set(var, Def { ty: Ty::Error, span: stmt.span, literal: None });
                }
                if matches!(stmt.kind, StmtKind::Try(_) | StmtKind::With { .. } | StmtKind::Match(_)) {
                    self.returned(&Ty::Error, stmt.span);
                }
                None
            }
        }
    }

    fn import(&mut self, alias: &Alias, from: Option<&str>) {
        use crate::front::environment::{import_from, import_module};
        let (bound, global) = match (from, &alias.asname) {
            (Some(module), asname) => {
                (asname.as_ref().unwrap_or(&alias.name).as_str(), import_from(module, &alias.name))
            }
            (None, Some(name)) => (name.as_str(), import_module(&alias.name)),
            (None, None) => {
                let first = alias.name.split('.').next().unwrap_or_default();
                (first, import_module(first))
            }
        };
        let value = self.global(global, bound, alias.span);
        if let Some(var) = self.scope.variable(bound) {
            self.state.set(var, Def { ty: value.ty, span: alias.span, literal: None });
        }
    }

    fn assign<'e>(&mut self, targets: impl Iterator<Item = &'e Expr>, value: tast::Expr) -> Option<tast::StmtKind> {
        let literal = match &value.kind {
            tast::ExprKind::Literal(l) => Some(l.clone()),
            _ => None,
        };
        let targets = targets.map(|t| self.target(t, &value.ty, literal.as_ref())).collect::<Option<Vec<_>>>()?;
        Some(tast::StmtKind::Assign { targets, value })
    }

    /// Defines what a target names.
    pub(super) fn target(&mut self, target: &Expr, ty: &Ty, literal: Option<&Literal>) -> Option<Target> {
        match &target.kind {
            ExprKind::Name(name) => {
                let var = self.scope.variable(name)?;
                self.state.set(var, Def { ty: ty.clone(), span: target.span, literal: literal.cloned() });
                Some(Target::Variable(var))
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(target, items, ty),
            ExprKind::Subscript { value, index } => {
                let base = self.expr(value);
                let (index, item) = self.picked(&base, index, target.span)?;
                self.check_store(&base, &item, ty, target.span)?;
                Some(Target::Element { base: Box::new(base), index, item, span: target.span })
            }
            ExprKind::Starred(_) => {
                let message = "a starred target takes a list, which kernels do not have";
                let help = "name every item: `a, b, c = values`";
                self.fault(Diagnostic::error(Code::UnsupportedSyntax, target.span, message).help(help));
                None
            }
            _ => {
                let message = "attributes cannot be assigned in kernels";
                let help = "pass values in and out as arguments and results";
                self.fault(Diagnostic::error(Code::UnsupportedSyntax, target.span, message).help(help));
                None
            }
        }
    }

    fn unpack(&mut self, target: &Expr, items: &[Expr], ty: &Ty) -> Option<Target> {
        let types: Vec<Ty> = match ty {
            Ty::Tuple(types) => types.to_vec(),
            Ty::Table(id) => {
                let table = &self.cx.tables[*id];
                vec![table.element.clone(); table.items.len()]
            }
            Ty::Error | Ty::Unknown => vec![ty.clone(); items.len()],
            _ => {
                let message = format!("{ty} cannot be unpacked");
                let help = "the right-hand side must be a tuple";
                self.fault(Diagnostic::error(Code::TypeMismatch, target.span, message).help(help));
                vec![Ty::Error; items.len()]
            }
        };
        if types.len() != items.len() {
            let message = format!("{} values cannot be unpacked into {} targets", types.len(), items.len());
            self.fault(Diagnostic::error(Code::TypeMismatch, target.span, message));
            // What they are is no further fault.
            items.iter().for_each(|t| drop(self.target(t, &Ty::Error, None)));
            return None;
        }
        let targets = items.iter().zip(&types).map(|(t, ty)| self.target(t, ty, None)).collect::<Option<Vec<_>>>()?;
        Some(Target::Tuple(targets))
    }

    fn augmented(&mut self, target: &Expr, op: BinaryOp, value: &Expr, span: Span) -> Option<tast::StmtKind> {
        if let ExprKind::Subscript { value: base, index } = &target.kind {
            let base = self.expr(base);
            let (index, item) = self.picked(&base, index, target.span)?;
            if let Ty::Array(_) = item {
                let kind = tast::ExprKind::Element { base: Box::new(base), index };
                let array = tast::Expr { kind, ty: item, span: target.span };
                return self.augmented_array(array, op, value, span);
            }
            let value = self.expr(value);
            let result = operator::binary_expr(self, op, (&item, None), (&value.ty, literal_of(&value)), span);
            self.check_store(&base, &item, &result, target.span)?;
            return Some(tast::StmtKind::AugElement { base, index, op, value, item, result });
        }
        if !matches!(target.kind, ExprKind::Name(_)) {
            let message = "only names and elements can be the target of an augmented assignment";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, target.span, message));
            return None;
        }
        let left = self.expr(target);
        if let Ty::Array(_) = left.ty {
            return self.augmented_array(left, op, value, span);
        }
        let right = self.expr(value);
        let value = self.binary(op, left, right, span);
        self.assign(std::iter::once(target), value)
    }

    /// `array op= value`, which writes into the array.
    fn augmented_array(&mut self, array: tast::Expr, op: BinaryOp, value: &Expr, span: Span) -> Option<tast::StmtKind> {
        let to = array.ty.as_array()?;
        let value = self.expr(value);
        let result = operator::binary_expr(self, op, (&array.ty, None), (&value.ty, literal_of(&value)), span);
        self.check_array_store(to, &array.ty, &result, span)?;
        let (dtype, rank) = match &result {
            Ty::Array(from) => (from.dtype, from.rank),
            // Of arrays without axes, operators make scalars.
            other => (other.scalar()?, 0),
        };
        if !casts_within_kind(dtype, to.dtype) {
            let (from, to) = (dtype.dtype_name(), to.dtype.dtype_name());
            let message = format!("`{}=` gives {from}, which cannot be cast to {to} in place", op.symbol());
            let help = format!("write `a = a {} b`, or assign to the elements: `a[...] = a {0} b`", op.symbol());
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
            return None;
        }
        if rank > to.rank {
            let message = format!("an array with {} axes cannot hold the result, which has {rank}", to.rank);
            let help = format!("write `a = a {} b`, which makes a new array", op.symbol());
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
            return None;
        }
        if let Ty::Array(_) = result {
            return Some(tast::StmtKind::AugArray { array, op, value, result });
        }
        let (index, item) = (tast::Index::Axes(Vec::new()), Ty::Np(to.dtype));
        Some(tast::StmtKind::AugElement { base: array, index, op, value, item, result })
    }

    fn branch(&mut self, stmt: &Stmt, test: &Expr, body: &[Stmt], orelse: &[Stmt]) -> Option<tast::StmtKind> {
        let test = self.condition(test);
        // What a constant decides is not looked at: it may not fit the types of this instance.
        if let tast::ExprKind::Literal(l) = &test.kind {
            let chosen = self.block(if l.truth() { body } else { orelse });
            return Some(tast::StmtKind::Block(chosen));
        }
        let flow = self.scope.flow(stmt.span);
        let before = self.state.save(&flow.assigned);
        let body = self.block(body);
        let then = self.reachable.then(|| self.state.save(&flow.assigned));
        self.state.restore(&flow.assigned, before);
        self.reachable = true;
        let orelse = self.block(orelse);
        let mut after = self.state.save(&flow.assigned);
        match then {
            Some(mut then) if self.reachable => {
                // The first definition in the text comes first in messages.
                then.join(&after);
                after = then;
            }
            Some(then) => {
                after = then;
                self.reachable = true;
            }
            None => {}
        }
        after.keep(&flow, &flow.live_after);
        let merge = if self.reachable { after.merges(&flow) } else { Vec::new() };
        self.state.restore(&flow.assigned, after);
        Some(tast::StmtKind::If { test, body, orelse, assigned: flow.assigned.clone(), merge })
    }

    fn return_(&mut self, value: Option<&Expr>, span: Span) -> tast::StmtKind {
        let value = value.map(|v| self.expr(v));
        match &value {
            Some(v) => {
                let ty = self.returnable(v);
                self.returned(&ty, v.span);
            }
            None => self.bare_end = self.bare_end.or(Some(span)),
        }
        self.reachable = false;
        tast::StmtKind::Return(value)
    }

    /// Checks that a value may leave a function; gives its type.
    fn returnable(&mut self, value: &tast::Expr) -> Ty {
        match &value.ty {
            Ty::Table(id) => {
                let table = &self.cx.tables[*id];
                Ty::Tuple(vec![table.element.clone(); table.items.len()].into())
            }
            Ty::Str => {
                let message = "a kernel cannot return a string";
                self.fault(Diagnostic::error(Code::UnsupportedType, value.span, message).help("return a number"));
                Ty::Error
            }
            other => other.clone(),
        }
    }

    fn raise(&mut self, exception: Option<&Expr>, cause: Option<&Expr>, span: Span) -> Option<tast::StmtKind> {
        self.reachable = false;
        if let Some(cause) = cause {
            let message = "`raise ... from ...` needs exception objects, which kernels do not have";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, cause.span, message).help("leave out the `from`"));
        }
        let Some(exception) = exception else {
            let message = "`raise` without an exception stands in an `except` block";
            self.fault(Diagnostic::error(Code::UnsupportedSyntax, span, message).help("name the exception to raise"));
            return None;
        };
        let (class, args) = match &exception.kind {
            ExprKind::Call { function, args, keywords } if keywords.is_empty() => (&**function, args.as_slice()),
            _ => (exception, [].as_slice()),
        };
        let class = self.exception_class(class)?;
        let message = match args {
            [] => String::new(),
            [message] => self.message(message)?,
            [_, second, ..] => {
                let message = "an exception in a kernel has one message";
                let help = "put everything into one string";
                self.fault(Diagnostic::error(Code::UnsupportedSyntax, second.span, message).help(help));
                return None;
            }
        };
        Some(tast::StmtKind::Raise { exception: class, message })
    }

    fn exception_class(&mut self, class: &Expr) -> Option<Exception> {
        if let ExprKind::Name(name) = &class.kind
            && let Some(Global::Known(Known::Exception(e))) = self.cx.program.lookup(self.environment, name)
            && self.scope.variable(name).is_none_or(|v| *self.state.slot(v) == Slot::Unset)
        {
            return Some(e);
        }
        let message = "only builtin exceptions can be raised in kernels";
        let help = "raise one such as ValueError, IndexError, RuntimeError or ZeroDivisionError";
        self.fault(Diagnostic::error(Code::UnsupportedSyntax, class.span, message).help(help));
        None
    }

    /// The text of an exception's message, as a template: braces stand doubled.
    fn message(&mut self, e: &Expr) -> Option<String> {
        let value = self.expr(e);
        match value.kind {
            tast::ExprKind::Literal(Literal::Str(text)) => Some(template(&text)),
            tast::ExprKind::Literal(Literal::Int(i)) => Some(i.to_string()),
            _ if value.ty == Ty::Error => None,
            _ => {
                let message = "the message of an exception must be a constant string";
                let help = "write the text as a literal; values cannot be put into it yet";
                self.fault(Diagnostic::error(Code::ConstantNeeded, e.span, message).help(help));
                None
            }
        }
    }
}

/// NumPy's casting rule `same_kind`: never to a lower kind, nor from signed to unsigned.
fn casts_within_kind(from: Scalar, to: Scalar) -> bool {
    let order = |s: Scalar| match s.kind() {
        Kind::Bool => 0,
        Kind::Unsigned => 1,
        Kind::Signed => 2,
        Kind::Float => 3,
    };
    order(from) <= order(to)
}

/// A literal text as a message template.
fn template(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// The constant that an expression is.
pub(super) fn literal_of(e: &tast::Expr) -> Option<&Literal> {
    match &e.kind {
        tast::ExprKind::Literal(l) => Some(l),
        _ => None,
    }
}
