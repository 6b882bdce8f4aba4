//! What the parser accepts and CPython's compiler refuses: wrong targets, statements outside functions and loops, misplaced
//! stars, names declared twice. `tests/differential` compares it with CPython's `compile()`.

mod scope;
mod target;

use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::front::syntax::{
    Comprehension, ComprehensionKind, Expr, ExprKind, Function, Module, ParamKind, Params, Stmt, StmtKind, Try,
};
use crate::front::syntax_walk::{blocks, each_expr, each_stmt, each_stmt_expr};
use std::collections::{BTreeMap, BTreeSet};

pub fn check(module: &Module, sink: &mut Sink) {
    let mut checker = Checker { sink, place: Place { kind: PlaceKind::Module, loops: 0, comprehension: None } };
    checker.block(&module.body);
    checker.future_imports(&module.body);
    scope::check(module, sink);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PlaceKind {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
}

/// Where in the program the walk is.
#[derive(Clone, Copy)]
struct Place {
    kind: PlaceKind,
    /// Loops around it within the function.
    loops: u32,
    /// The comprehension around it, if any.
    comprehension: Option<ComprehensionKind>,
}

impl Place {
    fn new(kind: PlaceKind) -> Place {
        Place { kind, loops: 0, comprehension: None }
    }
}

struct Checker<'a> {
    sink: &'a mut Sink,
    place: Place,
}

impl Checker<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.sink.push(Diagnostic::error(code, span, message).help(help));
    }

    fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.place, place);
        walk(self);
        self.place = outer;
    }

    fn block(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.statement_itself(stmt);
        match &stmt.kind {
            // A bare `*x` is no value; in a tuple it is one.
            StmtKind::Return(Some(value)) | StmtKind::Expr(value) | StmtKind::Assign { value, .. } => self.value(value),
            _ => {}
        }
        match &stmt.kind {
            StmtKind::Function(function) => self.function(function),
            StmtKind::Class(class) => {
                // As if there were another argument: a class takes no bare generator at all.
                self.call(&class.bases, class.keywords.len() + 1);
                each_stmt_expr(stmt, &mut |expr| self.argument(expr));
                self.within(Place::new(PlaceKind::Class), |this| this.block(&class.body));
            }
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                each_stmt_expr(stmt, &mut |expr| self.expr(expr));
                self.place.loops += 1;
                self.block(body);
                self.place.loops -= 1;
                self.block(orelse);
            }
            _ => {
                each_stmt_expr(stmt, &mut |expr| self.expr(expr));
                blocks(stmt).into_iter().for_each(|block| self.block(block));
            }
        }
    }

    /// The rules of the statement itself, apart from what is in it.
    fn statement_itself(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Return(_) if !matches!(self.place.kind, PlaceKind::Function { .. }) => {
                self.error(
                    Code::OutsideFunction,
                    stmt.span,
                    "`return` stands outside a function",
                    "move it into a `def`",
                );
            }
            StmtKind::Break | StmtKind::Continue if self.place.loops == 0 => {
                let word = if stmt.kind == StmtKind::Break { "break" } else { "continue" };
                let message = format!("`{word}` stands outside a loop");
                self.error(
                    Code::OutsideLoop,
                    stmt.span,
                    message,
                    "move it into a `for` or `while` loop, or write `return`",
                );
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| target::deleted(target, self.sink)),
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| target::assigned(t, self.sink)),
            StmtKind::AugAssign { target, .. } => target::augmented(target, self.sink),
            StmtKind::AnnAssign { target, .. } => target::annotated(target, self.sink),
            StmtKind::For { target, is_async, .. } => {
                target::assigned(target, self.sink);
                self.only_async(*is_async, stmt.span, "async for");
            }
            StmtKind::With { items, is_async, .. } => {
                items.iter().flat_map(|item| &item.target).for_each(|t| target::assigned(t, self.sink));
                self.only_async(*is_async, stmt.span, "async with");
            }
            StmtKind::Try(try_) => self.handlers(try_),
            StmtKind::ImportFrom { names, .. } => {
                let star = names.iter().find(|alias| alias.name == "*");
                if let (Some(star), false) = (star, self.place.kind == PlaceKind::Module) {
                    let message = "`import *` stands only at the top level of a file";
                    self.error(Code::SyntaxError, star.span, message, "import the names themselves");
                }
            }
            StmtKind::Nonlocal(names) if self.place.kind == PlaceKind::Module => {
                let span = names.first().map_or(stmt.span, |name| name.span);
                let help = "remove it: at the top level of a file all names are global";
                self.error(Code::InvalidScope, span, "`nonlocal` stands outside a function", help);
            }
            _ => {}
        }
    }

    fn only_async(&mut self, is_async: bool, span: Span, what: &str) {
        if is_async && self.place.kind != (PlaceKind::Function { is_async: true }) {
            let message = format!("`{what}` stands outside an `async` function");
            self.error(Code::OutsideFunction, span, message, "remove the `async`");
        }
    }

    fn handlers(&mut self, try_: &Try) {
        let bare = try_.handlers.iter().rev().skip(1).find(|handler| handler.exception.is_none());
        if let Some(handler) = bare {
            let span = Span::new(handler.span.file, handler.span.start, handler.span.start + "except".len() as u32);
            self.error(Code::SyntaxError, span, "an `except:` for everything must be the last", "move it to the end");
        }
        for handler in &try_.handlers {
            if let Some(name) = &handler.name {
                target::name(&name.text, name.span, self.sink);
            }
        }
    }

    fn function(&mut self, function: &Function) {
        function.decorators.iter().for_each(|decorator| self.expr(decorator));
        target::name(&function.name.text, function.name.span, self.sink);
        self.params(&function.params);
        function.returns.iter().for_each(|returns| self.expr(returns));
        if function.is_async {
            self.async_generator(function);
        }
        let place = Place::new(PlaceKind::Function { is_async: function.is_async });
        self.within(place, |this| this.block(&function.body));
    }

    /// An `async` function that yields returns no value.
    fn async_generator(&mut self, function: &Function) {
        let mut yields = false;
        each_stmt(&function.body, &mut |stmt| each_stmt_expr(stmt, &mut |expr| yields |= has_yield(expr)));
        each_stmt(&function.body, &mut |stmt| {
            if yields && matches!(stmt.kind, StmtKind::Return(Some(_))) {
                let message = "an `async` function that yields cannot return a value";
                self.error(Code::SyntaxError, stmt.span, message, "write a plain `return`");
            }
        });
    }

    fn params(&mut self, params: &Params) {
        let mut seen = BTreeMap::new();
        let mut defaults = false;
        for param in &params.list {
            target::name(&param.name.text, param.name.span, self.sink);
            if let Some(first) = seen.insert(param.name.text.as_str(), param.name.span) {
                let message = format!("the parameter `{}` is defined twice", param.name.text);
                let error = Diagnostic::error(Code::InvalidParameter, param.name.span, message);
                self.sink.push(error.also(first, "first here").help("rename one of the two"));
            }
            let positional = matches!(param.kind, ParamKind::PositionalOnly | ParamKind::Normal);
            if positional && param.default.is_none() && defaults {
                let message =
                    format!("the parameter `{}` without a default follows one with a default", param.name.text);
                let help = "give it a default too, or move it before the others";
                self.error(Code::InvalidParameter, param.span, message, help);
            }
            defaults |= positional && param.default.is_some();
            param.default.iter().for_each(|expr| self.expr(expr));
            // `*args: *T` is allowed since 3.11.
            param.annotation.iter().for_each(|expr| self.argument(expr));
        }
    }

    /// A place where a value stands that must not be a bare starred expression, said with the statement's words.
    fn value(&mut self, value: &Expr) {
        if let ExprKind::Starred(_) = &value.kind {
            self.star(value.span);
        }
    }

    fn star(&mut self, span: Span) {
        let help = "put it in brackets, such as `[*x]`, or remove the `*`";
        self.error(Code::InvalidStar, span, "a starred expression cannot stand here", help);
    }

    /// An expression at a place that may hold a starred one.
    fn argument(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Starred(inner) => self.expr(inner),
            _ => self.expr(expr),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Starred(inner) => {
                self.star(expr.span);
                self.expr(inner);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                items.iter().for_each(|item| self.argument(item));
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.argument(index);
            }
            ExprKind::Call { function, args, keywords } => {
                self.expr(function);
                self.call(args, keywords.len());
                args.iter().for_each(|arg| self.argument(arg));
                for keyword in keywords {
                    if let Some(name) = &keyword.name {
                        target::name(&name.text, name.span, self.sink);
                    }
                    self.expr(&keyword.value);
                }
            }
            ExprKind::Lambda { params, body } => {
                self.params(params);
                self.within(Place::new(PlaceKind::Lambda), |this| this.expr(body));
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Named { target, value } => {
                target::name(&target.text, target.span, self.sink);
                if self.place.kind == PlaceKind::Class && self.place.comprehension.is_some() {
                    let message = "`:=` cannot stand in a comprehension in the body of a class";
                    self.error(Code::InvalidTarget, expr.span, message, "assign before the comprehension");
                }
                self.expr(value);
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                self.yield_(expr);
                each_expr(expr, &mut |inner| self.expr(inner));
            }
            ExprKind::Await(inner) => {
                if self.place.kind != (PlaceKind::Function { is_async: true }) {
                    let message = "`await` stands outside an `async` function";
                    self.error(Code::OutsideFunction, expr.span, message, "remove the `await`");
                }
                self.expr(inner);
            }
            _ => each_expr(expr, &mut |inner| self.expr(inner)),
        }
    }

    fn call(&mut self, args: &[Expr], keywords: usize) {
        for arg in args {
            if let ExprKind::Comprehension(comprehension) = &arg.kind
                && comprehension.kind == ComprehensionKind::Generator
                && args.len() + keywords > 1
                && arg.span.start == comprehension.element.span.start
            {
                let message = "a generator expression beside other arguments needs its own parentheses";
                self.error(Code::InvalidArgument, arg.span, message, "put it in parentheses");
            }
        }
    }

    fn yield_(&mut self, expr: &Expr) {
        if self.place.comprehension.is_some() {
            let message = "`yield` cannot stand in a comprehension";
            return self.error(Code::OutsideFunction, expr.span, message, "write a loop instead of the comprehension");
        }
        match self.place.kind {
            PlaceKind::Module | PlaceKind::Class => {
                self.error(
                    Code::OutsideFunction,
                    expr.span,
                    "`yield` stands outside a function",
                    "move it into a `def`",
                );
            }
            PlaceKind::Function { is_async: true } if matches!(expr.kind, ExprKind::YieldFrom(_)) => {
                let message = "`yield from` stands in an `async` function";
                self.error(Code::OutsideFunction, expr.span, message, "write an `async for` loop that yields");
            }
            PlaceKind::Function { .. } | PlaceKind::Lambda => {}
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        let mut targets = Vec::new();
        for clause in &comprehension.clauses {
            target::assigned(&clause.target, self.sink);
            target::names(&clause.target, &mut targets);
            // CPython refuses it outside async functions, but takes generators, which run later.
            let runs_now = comprehension.kind != ComprehensionKind::Generator;
            self.only_async(clause.is_async && runs_now, clause.target.span, "async for");
            self.no_walrus(&clause.iter, "the iterable of a comprehension");
        }
        // The first iterable is evaluated outside the comprehension.
        if let Some(first) = comprehension.clauses.first() {
            self.expr(&first.iter);
        }
        let inner = Place { comprehension: Some(comprehension.kind), ..self.place };
        self.within(inner, |this| {
            for (i, clause) in comprehension.clauses.iter().enumerate() {
                this.target_parts(&clause.target);
                if i > 0 {
                    this.expr(&clause.iter);
                }
                clause.conditions.iter().for_each(|condition| this.expr(condition));
            }
            this.expr(&comprehension.element);
            comprehension.value.iter().for_each(|value| this.expr(value));
        });
        let targets: BTreeSet<&str> = targets.into_iter().collect();
        let conditions = comprehension.clauses.iter().flat_map(|clause| &clause.conditions);
        for expr in conditions.chain([&comprehension.element]).chain(&comprehension.value) {
            self.no_rebinding(expr, &targets);
        }
    }

    /// The expressions within a target, such as the index in `a[i]`; its stars are the target rules' business.
    fn target_parts(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Starred(inner) => self.target_parts(inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| self.target_parts(item)),
            _ => self.expr(target),
        }
    }

    fn no_walrus(&mut self, expr: &Expr, place: &str) {
        if let ExprKind::Named { .. } = &expr.kind {
            let message = format!("`:=` cannot stand in {place}");
            self.error(Code::InvalidTarget, expr.span, message, "assign before it");
        }
        if !matches!(expr.kind, ExprKind::Lambda { .. }) {
            each_expr(expr, &mut |inner| self.no_walrus(inner, place));
        }
    }

    /// `:=` within a comprehension binds outside of it, so it cannot bind the comprehension's own variables.
    fn no_rebinding(&mut self, expr: &Expr, targets: &BTreeSet<&str>) {
        if let ExprKind::Named { target, .. } = &expr.kind
            && targets.contains(target.text.as_str())
        {
            let message = format!("`:=` cannot assign to `{}`, the variable of the comprehension", target.text);
            self.error(Code::InvalidTarget, target.span, message, "choose another name");
        }
        if !matches!(expr.kind, ExprKind::Lambda { .. }) {
            each_expr(expr, &mut |inner| self.no_rebinding(inner, targets));
        }
    }

    /// `from __future__` imports come first, and name features that exist.
    fn future_imports(&mut self, body: &[Stmt]) {
        const FEATURES: &[&str] = &[
            "nested_scopes",
            "generators",
            "division",
            "absolute_import",
            "with_statement",
            "print_function",
            "unicode_literals",
            "generator_stop",
            "annotations",
            "barry_as_FLUFL",
        ];
        let mut first = true;
        for (i, stmt) in body.iter().enumerate() {
            match &stmt.kind {
                StmtKind::ImportFrom { module: Some(module), names, level: 0 } if module == "__future__" => {
                    if !first {
                        let message = "`from __future__` imports stand at the beginning of the file";
                        self.error(Code::SyntaxError, stmt.span, message, "move it to the top");
                    }
                    for alias in names.iter().filter(|alias| !FEATURES.contains(&alias.name.as_str())) {
                        let message = format!("`__future__` has no feature `{}`", alias.name);
                        self.error(Code::SyntaxError, alias.span, message, "remove it");
                    }
                }
                StmtKind::Expr(Expr { kind: ExprKind::Str(_), .. }) if i == 0 => {}
                _ => first = false,
            }
        }
    }
}

/// Whether an expression holds a `yield` of the function it stands in.
fn has_yield(expr: &Expr) -> bool {
    let mut found = matches!(expr.kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_));
    if !matches!(expr.kind, ExprKind::Lambda { .. }) {
        each_expr(expr, &mut |inner| found |= has_yield(inner));
    }
    found
}
