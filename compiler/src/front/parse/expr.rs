//! Expressions: the parser's tree to ours.

use super::{Converter, ends};
use crate::front::syntax::{
    BinaryOp, BoolOp, Clause, CompareOp, Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, Ident, IntLit,
    Keyword, Param, ParamKind, Params, UnaryOp,
};
use rustpython_parser::ast::{self, Ranged};
use std::cell::RefCell;

impl Converter<'_> {
    pub(super) fn exprs(&self, exprs: Vec<ast::Expr>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&self, expr: ast::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn optional(&self, expr: Option<Box<ast::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| self.boxed(*expr))
    }

    pub(super) fn expr(&self, expr: ast::Expr) -> Expr {
        let span = self.span(expr.range());
        let kind = match expr {
            ast::Expr::BoolOp(e) => {
                let op = if e.op == ast::BoolOp::And { BoolOp::And } else { BoolOp::Or };
                ExprKind::BoolOp { op, values: self.exprs(e.values) }
            }
            ast::Expr::NamedExpr(e) => self.named(e),
            ast::Expr::BinOp(e) => {
                ExprKind::Binary { op: binary_op(e.op), left: self.boxed(*e.left), right: self.boxed(*e.right) }
            }
            ast::Expr::UnaryOp(e) => ExprKind::Unary { op: unary_op(e.op), operand: self.boxed(*e.operand) },
            ast::Expr::Lambda(e) => {
                ExprKind::Lambda { params: Box::new(self.params(*e.args)), body: self.boxed(*e.body) }
            }
            ast::Expr::IfExp(e) => ExprKind::Conditional {
                test: self.boxed(*e.test),
                body: self.boxed(*e.body),
                orelse: self.boxed(*e.orelse),
            },
            ast::Expr::Dict(e) => {
                let pair = |(key, value): (Option<_>, _)| (key.map(|key| self.expr(key)), self.expr(value));
                ExprKind::Dict(e.keys.into_iter().zip(e.values).map(pair).collect())
            }
            ast::Expr::Set(e) => ExprKind::Set(self.exprs(e.elts)),
            ast::Expr::ListComp(e) => self.comprehension(ComprehensionKind::List, *e.elt, None, e.generators),
            ast::Expr::SetComp(e) => self.comprehension(ComprehensionKind::Set, *e.elt, None, e.generators),
            ast::Expr::DictComp(e) => self.comprehension(ComprehensionKind::Dict, *e.key, Some(*e.value), e.generators),
            ast::Expr::GeneratorExp(e) => self.comprehension(ComprehensionKind::Generator, *e.elt, None, e.generators),
            ast::Expr::Await(e) => ExprKind::Await(self.boxed(*e.value)),
            ast::Expr::Yield(e) => ExprKind::Yield(self.optional(e.value)),
            ast::Expr::YieldFrom(e) => ExprKind::YieldFrom(self.boxed(*e.value)),
            ast::Expr::Compare(e) => {
                let rest = e.ops.into_iter().map(compare_op).zip(self.exprs(e.comparators)).collect();
                ExprKind::Compare { left: self.boxed(*e.left), rest }
            }
            ast::Expr::Call(e) => {
                let args = self.exprs(e.args);
                if let ([arg], true) = (&args[..], e.keywords.is_empty()) {
                    self.check_lone_generator(arg);
                }
                ExprKind::Call { function: self.boxed(*e.func), args, keywords: self.keywords(e.keywords) }
            }
            // Both stand only within an f-string's own node, which `f_string` takes apart.
            ast::Expr::FormattedValue(e) => ExprKind::FString(self.pin(span).f_string(vec![e.into()])),
            ast::Expr::JoinedStr(e) => ExprKind::FString(self.pin(span).f_string(e.values)),
            ast::Expr::Constant(e) => self.constant(e.value),
            ast::Expr::Attribute(e) => {
                let end = u32::from(e.range.end());
                let name = self.ident(e.attr.as_str(), end.saturating_sub(e.attr.as_str().len() as u32));
                ExprKind::Attribute { value: self.boxed(*e.value), name }
            }
            ast::Expr::Subscript(e) => ExprKind::Subscript { value: self.boxed(*e.value), index: self.boxed(*e.slice) },
            ast::Expr::Starred(e) => ExprKind::Starred(self.boxed(*e.value)),
            ast::Expr::Name(e) => ExprKind::Name(e.id.into()),
            ast::Expr::List(e) => ExprKind::List(self.exprs(e.elts)),
            ast::Expr::Tuple(e) => ExprKind::Tuple(self.exprs(e.elts)),
            ast::Expr::Slice(e) => ExprKind::Slice {
                lower: self.optional(e.lower),
                upper: self.optional(e.upper),
                step: self.optional(e.step),
            },
        };
        Expr { kind, span }
    }

    pub(super) fn ident(&self, text: &str, start: u32) -> Ident {
        Ident { text: text.to_owned(), span: self.at(start, start + text.len() as u32) }
    }

    /// The same, with one span for everything.
    fn pin(&self, span: crate::diag::Span) -> Converter<'_> {
        Converter { text: self.text, file: self.file, tokens: &[], pinned: Some(span), faults: RefCell::default() }
    }

    fn constant(&self, constant: ast::Constant) -> ExprKind {
        match constant {
            ast::Constant::None => ExprKind::None,
            ast::Constant::Bool(value) => ExprKind::Bool(value),
            ast::Constant::Str(text) => ExprKind::Str(text),
            ast::Constant::Bytes(bytes) => ExprKind::Bytes(bytes),
            ast::Constant::Int(value) => ExprKind::Int(IntLit(value)),
            ast::Constant::Float(value) => ExprKind::Float(value),
            // A literal has no real part.
            ast::Constant::Complex { imag, .. } => ExprKind::Imaginary(imag),
            ast::Constant::Ellipsis => ExprKind::Ellipsis,
            // Made by the parser's optimizer alone, which is not used; it has a value all the same.
            ast::Constant::Tuple(items) => {
                let span = self.at(0, 0);
                ExprKind::Tuple(items.into_iter().map(|item| Expr { kind: self.constant(item), span }).collect())
            }
        }
    }

    fn named(&self, e: ast::ExprNamedExpr) -> ExprKind {
        let (start, _) = ends(&*e.target);
        let value = self.boxed(*e.value);
        match *e.target {
            ast::Expr::Name(name) => ExprKind::Named { target: self.ident(name.id.as_str(), start), value },
            // The grammar has a name here.
            other => ExprKind::Tuple(vec![self.expr(other), *value]),
        }
    }

    pub(super) fn keywords(&self, keywords: Vec<ast::Keyword>) -> Vec<Keyword> {
        let convert = |keyword: ast::Keyword| {
            let (start, _) = ends(&keyword);
            Keyword {
                name: keyword.arg.as_ref().map(|name| self.ident(name.as_str(), start)),
                span: self.span(keyword.range()),
                value: self.expr(keyword.value),
            }
        };
        keywords.into_iter().map(convert).collect()
    }

    fn comprehension(
        &self,
        kind: ComprehensionKind,
        element: ast::Expr,
        value: Option<ast::Expr>,
        clauses: Vec<ast::Comprehension>,
    ) -> ExprKind {
        let clause = |clause: ast::Comprehension| Clause {
            target: self.expr(clause.target),
            iter: self.expr(clause.iter),
            conditions: self.exprs(clause.ifs),
            is_async: clause.is_async,
        };
        ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            element: self.expr(element),
            value: value.map(|value| self.expr(value)),
            clauses: clauses.into_iter().map(clause).collect(),
        }))
    }

    fn f_string(&self, values: Vec<ast::Expr>) -> Vec<FStringPart> {
        let part = |value| match value {
            ast::Expr::Constant(ast::ExprConstant { value: ast::Constant::Str(text), .. }) => FStringPart::Text(text),
            ast::Expr::FormattedValue(e) => FStringPart::Value {
                value: self.expr(*e.value),
                conversion: e.conversion.to_char(),
                spec: match e.format_spec.map(|spec| *spec) {
                    Some(ast::Expr::JoinedStr(spec)) => self.f_string(spec.values),
                    Some(other) => self.f_string(vec![other]),
                    None => Vec::new(),
                },
            },
            other => FStringPart::Value { value: self.expr(other), conversion: None, spec: Vec::new() },
        };
        values.into_iter().map(part).collect()
    }

    pub(super) fn params(&self, arguments: ast::Arguments) -> Params {
        let mut list = Vec::new();
        for param in arguments.posonlyargs {
            list.push(self.param(param, ParamKind::PositionalOnly));
        }
        for param in arguments.args {
            list.push(self.param(param, ParamKind::Normal));
        }
        if let Some(param) = arguments.vararg {
            list.push(self.bare_param(*param, ParamKind::VarArgs));
        }
        for param in arguments.kwonlyargs {
            list.push(self.param(param, ParamKind::KeywordOnly));
        }
        if let Some(param) = arguments.kwarg {
            let param = self.bare_param(*param, ParamKind::VarKeywords);
            self.check_bare_star(&param);
            list.push(param);
        }
        Params { list }
    }

    fn param(&self, param: ast::ArgWithDefault, kind: ParamKind) -> Param {
        let mut bare = self.bare_param(param.def, kind);
        bare.default = param.default.map(|default| self.expr(*default));
        if let Some(default) = &bare.default {
            bare.span = bare.span.to(default.span);
        }
        bare
    }

    fn bare_param(&self, param: ast::Arg, kind: ParamKind) -> Param {
        let (start, _) = ends(&param);
        Param {
            name: self.ident(param.arg.as_str(), start),
            kind,
            span: self.span(param.range()),
            annotation: param.annotation.map(|annotation| self.expr(*annotation)),
            default: None,
        }
    }
}

fn unary_op(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Invert => UnaryOp::Invert,
        ast::UnaryOp::Not => UnaryOp::Not,
        ast::UnaryOp::UAdd => UnaryOp::Pos,
        ast::UnaryOp::USub => UnaryOp::Neg,
    }
}

pub(super) fn binary_op(op: ast::Operator) -> BinaryOp {
    match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Sub,
        ast::Operator::Mult => BinaryOp::Mul,
        ast::Operator::MatMult => BinaryOp::MatMul,
        ast::Operator::Div => BinaryOp::Div,
        ast::Operator::Mod => BinaryOp::Mod,
        ast::Operator::Pow => BinaryOp::Pow,
        ast::Operator::LShift => BinaryOp::LeftShift,
        ast::Operator::RShift => BinaryOp::RightShift,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn compare_op(op: ast::CmpOp) -> CompareOp {
    match op {
        ast::CmpOp::Eq => CompareOp::Eq,
        ast::CmpOp::NotEq => CompareOp::NotEq,
        ast::CmpOp::Lt => CompareOp::Lt,
        ast::CmpOp::LtE => CompareOp::LtE,
        ast::CmpOp::Gt => CompareOp::Gt,
        ast::CmpOp::GtE => CompareOp::GtE,
        ast::CmpOp::Is => CompareOp::Is,
        ast::CmpOp::IsNot => CompareOp::IsNot,
        ast::CmpOp::In => CompareOp::In,
        ast::CmpOp::NotIn => CompareOp::NotIn,
    }
}
