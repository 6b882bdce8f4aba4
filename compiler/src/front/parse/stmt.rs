//! Statements: the parser's tree to ours.

use super::expr::binary_op;
use super::{Converter, ends};
use crate::diag::Span;
use crate::front::lexical::TokenKind;
use crate::front::syntax::{Alias, Class, Expr, Function, Handler, Ident, Stmt, StmtKind, Try, WithItem};
use rustpython_parser::ast::{self, Ranged};

impl Converter<'_> {
    pub(super) fn suite(&self, suite: Vec<ast::Stmt>) -> Vec<Stmt> {
        suite.into_iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn optional_expr(&self, expr: Option<Box<ast::Expr>>) -> Option<Expr> {
        expr.map(|expr| self.expr(*expr))
    }

    fn stmt(&self, stmt: ast::Stmt) -> Stmt {
        let span = self.span(stmt.range());
        let kind = match stmt {
            ast::Stmt::FunctionDef(s) => StmtKind::Function(Box::new(self.function(s, span, false))),
            ast::Stmt::AsyncFunctionDef(s) => {
                let ast::StmtAsyncFunctionDef {
                    range,
                    name,
                    args,
                    body,
                    decorator_list,
                    returns,
                    type_comment,
                    type_params,
                } = s;
                let plain = ast::StmtFunctionDef {
                    range,
                    name,
                    args,
                    body,
                    decorator_list,
                    returns,
                    type_comment,
                    type_params,
                };
                StmtKind::Function(Box::new(self.function(plain, span, true)))
            }
            ast::Stmt::ClassDef(s) => StmtKind::Class(Box::new(self.class(s))),
            ast::Stmt::Return(s) => StmtKind::Return(self.optional_expr(s.value)),
            ast::Stmt::Delete(s) => StmtKind::Delete(self.exprs(s.targets)),
            ast::Stmt::Assign(s) => StmtKind::Assign { targets: self.exprs(s.targets), value: self.expr(*s.value) },
            ast::Stmt::TypeAlias(_) => StmtKind::TypeAlias,
            ast::Stmt::AugAssign(s) => {
                StmtKind::AugAssign { target: self.expr(*s.target), op: binary_op(s.op), value: self.expr(*s.value) }
            }
            ast::Stmt::AnnAssign(s) => StmtKind::AnnAssign {
                target: self.expr(*s.target),
                annotation: self.expr(*s.annotation),
                value: self.optional_expr(s.value),
            },
            ast::Stmt::For(s) => self.for_(*s.target, *s.iter, s.body, s.orelse, false),
            ast::Stmt::AsyncFor(s) => self.for_(*s.target, *s.iter, s.body, s.orelse, true),
            ast::Stmt::While(s) => {
                StmtKind::While { test: self.expr(*s.test), body: self.suite(s.body), orelse: self.suite(s.orelse) }
            }
            ast::Stmt::If(s) => {
                StmtKind::If { test: self.expr(*s.test), body: self.suite(s.body), orelse: self.suite(s.orelse) }
            }
            ast::Stmt::With(s) => self.with(s.items, s.body, false),
            ast::Stmt::AsyncWith(s) => self.with(s.items, s.body, true),
            ast::Stmt::Match(s) => StmtKind::Match(self.expr(*s.subject)),
            ast::Stmt::Raise(s) => {
                StmtKind::Raise { exception: self.optional_expr(s.exc), cause: self.optional_expr(s.cause) }
            }
            ast::Stmt::Try(s) => self.try_(s.body, s.handlers, s.orelse, s.finalbody, false),
            ast::Stmt::TryStar(s) => self.try_(s.body, s.handlers, s.orelse, s.finalbody, true),
            ast::Stmt::Assert(s) => StmtKind::Assert { test: self.expr(*s.test), message: self.optional_expr(s.msg) },
            ast::Stmt::Import(s) => StmtKind::Import(self.aliases(s.names)),
            ast::Stmt::ImportFrom(s) => StmtKind::ImportFrom {
                module: s.module.map(Into::into),
                names: self.aliases(s.names),
                level: s.level.map_or(0, |level| level.to_u32()),
            },
            ast::Stmt::Global(s) => StmtKind::Global(self.declared(s.names, span)),
            ast::Stmt::Nonlocal(s) => StmtKind::Nonlocal(self.declared(s.names, span)),
            ast::Stmt::Expr(s) => StmtKind::Expr(self.expr(*s.value)),
            ast::Stmt::Pass(_) => StmtKind::Pass,
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
        };
        Stmt { kind, span }
    }

    fn function(&self, s: ast::StmtFunctionDef, span: Span, is_async: bool) -> Function {
        let name = self.name_after(span, "def", s.name.as_str());
        Function {
            header: self.header(span),
            name,
            decorators: self.exprs(s.decorator_list),
            params: self.params(*s.args),
            returns: self.optional_expr(s.returns),
            body: self.suite(s.body),
            is_async,
            has_type_params: !s.type_params.is_empty(),
            span,
        }
    }

    fn class(&self, s: ast::StmtClassDef) -> Class {
        let span = self.span(s.range);
        Class {
            name: self.name_after(span, "class", s.name.as_str()),
            decorators: self.exprs(s.decorator_list),
            bases: self.exprs(s.bases),
            keywords: self.keywords(s.keywords),
            body: self.suite(s.body),
        }
    }

    /// The name behind the keyword that begins a definition.
    fn name_after(&self, span: Span, keyword: &str, name: &str) -> Ident {
        let start = self.find(span.start, span.end, keyword).map_or(span.start, |token| token.end);
        self.name_within(start, span.end, name)
    }

    fn name_within(&self, start: u32, end: u32, name: &str) -> Ident {
        let start = self.find(start, end, name).map_or(start, |token| token.start);
        self.ident(name, start)
    }

    /// From the beginning of a statement to the colon that opens its block.
    fn header(&self, span: Span) -> Span {
        let mut depth = 0;
        for token in &self.tokens[self.token_at(span.start)..] {
            match token.text(self.text) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                ":" if depth == 0 && token.kind == TokenKind::Op => return self.at(span.start, token.start),
                _ if token.start >= span.end => break,
                _ => {}
            }
        }
        span
    }

    fn for_(
        &self,
        target: ast::Expr,
        iter: ast::Expr,
        body: Vec<ast::Stmt>,
        orelse: Vec<ast::Stmt>,
        is_async: bool,
    ) -> StmtKind {
        StmtKind::For {
            target: self.expr(target),
            iter: self.expr(iter),
            body: self.suite(body),
            orelse: self.suite(orelse),
            is_async,
        }
    }

    fn with(&self, items: Vec<ast::WithItem>, body: Vec<ast::Stmt>, is_async: bool) -> StmtKind {
        let item = |item: ast::WithItem| WithItem {
            context: self.expr(item.context_expr),
            target: self.optional_expr(item.optional_vars),
        };
        StmtKind::With { items: items.into_iter().map(item).collect(), body: self.suite(body), is_async }
    }

    fn try_(
        &self,
        body: Vec<ast::Stmt>,
        handlers: Vec<ast::ExceptHandler>,
        orelse: Vec<ast::Stmt>,
        finally: Vec<ast::Stmt>,
        is_star: bool,
    ) -> StmtKind {
        let handler = |handler: ast::ExceptHandler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            let (start, end) = ends(&handler);
            let behind = handler.type_.as_ref().map_or(start, |exception| ends(&**exception).1);
            Handler {
                name: handler.name.map(|name| self.name_within(behind, end, name.as_str())),
                exception: self.optional_expr(handler.type_),
                body: self.suite(handler.body),
                span: self.at(start, end),
            }
        };
        StmtKind::Try(Box::new(Try {
            body: self.suite(body),
            handlers: handlers.into_iter().map(handler).collect(),
            orelse: self.suite(orelse),
            finally: self.suite(finally),
            is_star,
        }))
    }

    fn aliases(&self, names: Vec<ast::Alias>) -> Vec<Alias> {
        let alias = |alias: ast::Alias| Alias {
            span: self.span(alias.range()),
            name: alias.name.into(),
            asname: alias.asname.map(Into::into),
        };
        names.into_iter().map(alias).collect()
    }

    fn declared(&self, names: Vec<ast::Identifier>, span: Span) -> Vec<Ident> {
        let mut start = span.start;
        let declared = |name: &ast::Identifier| {
            let ident = self.name_within(start, span.end, name.as_str());
            start = ident.span.end;
            ident
        };
        names.iter().map(declared).collect()
    }
}
