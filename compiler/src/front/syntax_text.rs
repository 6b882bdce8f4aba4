//! The syntax tree as text for people: Python with every operation in parentheses, so that the structure shows.
//!
//! What is outside of the kernel language prints in short, in angle brackets.

use super::syntax::{BoolOp, Expr, ExprKind, Function, ParamKind, Params, Stmt, StmtKind, UnaryOp};
use crate::abi::status::float_repr;
use crate::base::text::TextWriter;

/// A function with all that it holds.
pub fn function(def: &Function) -> String {
    let mut writer = TextWriter::new();
    write_function(&mut writer, def);
    writer.finish()
}

fn write_function(w: &mut TextWriter, def: &Function) {
    for decorator in &def.decorators {
        w.line(format_args!("@{}", expr(decorator)));
    }
    let returns = def.returns.as_ref().map_or_else(String::new, |e| format!(" -> {}", expr(e)));
    let is_async = if def.is_async { "async " } else { "" };
    w.line(format_args!("{is_async}def {}({}){returns}:", def.name.text, params(&def.params)));
    block(w, &def.body);
}

fn block(w: &mut TextWriter, body: &[Stmt]) {
    w.indent();
    body.iter().for_each(|stmt| write_stmt(w, stmt));
    w.dedent();
}

fn headed(w: &mut TextWriter, head: impl std::fmt::Display, body: &[Stmt]) {
    w.line(format_args!("{head}:"));
    block(w, body);
}

fn orelse(w: &mut TextWriter, body: &[Stmt]) {
    if !body.is_empty() {
        headed(w, "else", body);
    }
}

fn write_stmt(w: &mut TextWriter, stmt: &Stmt) {
    match &stmt.kind {
        StmtKind::Function(def) => write_function(w, def),
        StmtKind::Class(class) => w.line(format_args!("<class {}>", class.name.text)),
        StmtKind::Return(None) => w.line("return"),
        StmtKind::Return(Some(value)) => w.line(format_args!("return {}", expr(value))),
        StmtKind::Delete(targets) => w.line(format_args!("del {}", list(targets))),
        StmtKind::Assign { targets, value } => {
            let targets: String = targets.iter().map(|t| format!("{} = ", expr(t))).collect();
            w.line(format_args!("{targets}{}", expr(value)));
        }
        StmtKind::AugAssign { target, op, value } => {
            w.line(format_args!("{} {}= {}", expr(target), op.symbol(), expr(value)));
        }
        StmtKind::AnnAssign { target, annotation, value } => {
            let value = value.as_ref().map_or_else(String::new, |v| format!(" = {}", expr(v)));
            w.line(format_args!("{}: {}{value}", expr(target), expr(annotation)));
        }
        StmtKind::For { target, iter, body, orelse: rest, .. } => {
            headed(w, format_args!("for {} in {}", expr(target), expr(iter)), body);
            orelse(w, rest);
        }
        StmtKind::While { test, body, orelse: rest } => {
            headed(w, format_args!("while {}", expr(test)), body);
            orelse(w, rest);
        }
        StmtKind::If { test, body, orelse: rest } => {
            headed(w, format_args!("if {}", expr(test)), body);
            orelse(w, rest);
        }
        StmtKind::With { items, body, .. } => {
            let items: Vec<String> = items.iter().map(|item| expr(&item.context)).collect();
            headed(w, format_args!("with {}", items.join(", ")), body);
        }
        StmtKind::Raise { exception, .. } => {
            w.line(exception.as_ref().map_or_else(|| "raise".to_owned(), |e| format!("raise {}", expr(e))));
        }
        StmtKind::Try(block_) => {
            headed(w, "try", &block_.body);
            for handler in &block_.handlers {
                let what = handler.exception.as_ref().map_or_else(String::new, |e| format!(" {}", expr(e)));
                headed(w, format_args!("except{what}"), &handler.body);
            }
            orelse(w, &block_.orelse);
            if !block_.finally.is_empty() {
                headed(w, "finally", &block_.finally);
            }
        }
        StmtKind::Assert { test, message } => {
            let message = message.as_ref().map_or_else(String::new, |m| format!(", {}", expr(m)));
            w.line(format_args!("assert {}{message}", expr(test)));
        }
        StmtKind::Import(names) => w.line(format_args!("import {}", aliases(names))),
        StmtKind::ImportFrom { module, names, .. } => {
            w.line(format_args!("from {} import {}", module.as_deref().unwrap_or("."), aliases(names)));
        }
        StmtKind::Global(_) => w.line("<global>"),
        StmtKind::Nonlocal(_) => w.line("<nonlocal>"),
        StmtKind::Expr(value) => w.line(expr(value)),
        StmtKind::Pass => w.line("pass"),
        StmtKind::Break => w.line("break"),
        StmtKind::Continue => w.line("continue"),
        StmtKind::Match(subject) => w.line(format_args!("<match {}>", expr(subject))),
        StmtKind::TypeAlias => w.line("<type alias>"),
    }
}

fn aliases(names: &[super::syntax::Alias]) -> String {
    let alias = |a: &super::syntax::Alias| match &a.asname {
        Some(asname) => format!("{} as {asname}", a.name),
        None => a.name.clone(),
    };
    names.iter().map(alias).collect::<Vec<_>>().join(", ")
}

fn params(params: &Params) -> String {
    let mut all = Vec::new();
    for param in &params.list {
        let stars = match param.kind {
            ParamKind::VarArgs => "*",
            ParamKind::VarKeywords => "**",
            ParamKind::PositionalOnly | ParamKind::Normal | ParamKind::KeywordOnly => "",
        };
        let annotation = param.annotation.as_ref().map_or_else(String::new, |e| format!(": {}", expr(e)));
        let default = param.default.as_ref().map_or_else(String::new, |e| format!("={}", expr(e)));
        all.push(format!("{stars}{}{annotation}{default}", param.name.text));
    }
    all.join(", ")
}

fn list(items: &[Expr]) -> String {
    items.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn expr(e: &Expr) -> String {
    let optional = |e: &Option<Box<Expr>>| e.as_ref().map_or_else(String::new, |e| expr(e));
    match &e.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::None => "None".to_owned(),
        ExprKind::Bool(true) => "True".to_owned(),
        ExprKind::Bool(false) => "False".to_owned(),
        ExprKind::Int(value) => value.0.to_string(),
        ExprKind::Float(value) => float_repr(*value),
        ExprKind::Imaginary(value) => format!("{}j", float_repr(*value)),
        ExprKind::Str(text) => format!("{text:?}"),
        ExprKind::Bytes(_) => "<bytes>".to_owned(),
        ExprKind::FString(_) => "<f-string>".to_owned(),
        ExprKind::Ellipsis => "...".to_owned(),
        ExprKind::Tuple(items) if items.len() == 1 => format!("({},)", list(items)),
        ExprKind::Tuple(items) => format!("({})", list(items)),
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Set(items) => format!("{{{}}}", list(items)),
        ExprKind::Dict(_) => "<dict>".to_owned(),
        ExprKind::Unary { op: UnaryOp::Not, operand } => format!("(not {})", expr(operand)),
        ExprKind::Unary { op, operand } => format!("({}{})", op.symbol(), expr(operand)),
        ExprKind::Binary { op, left, right } => format!("({} {} {})", expr(left), op.symbol(), expr(right)),
        ExprKind::BoolOp { op, values } => {
            let word = if *op == BoolOp::And { " and " } else { " or " };
            format!("({})", values.iter().map(expr).collect::<Vec<_>>().join(word))
        }
        ExprKind::Compare { left, rest } => {
            let rest: String = rest.iter().map(|(op, right)| format!(" {} {}", op.symbol(), expr(right))).collect();
            format!("({}{rest})", expr(left))
        }
        ExprKind::Conditional { test, body, orelse } => {
            format!("({} if {} else {})", expr(body), expr(test), expr(orelse))
        }
        ExprKind::Call { function, args, keywords } => {
            let keywords = keywords.iter().map(|k| match &k.name {
                Some(name) => format!("{}={}", name.text, expr(&k.value)),
                None => format!("**{}", expr(&k.value)),
            });
            let args: Vec<String> = args.iter().map(expr).chain(keywords).collect();
            format!("{}({})", expr(function), args.join(", "))
        }
        ExprKind::Attribute { value, name } => format!("{}.{}", expr(value), name.text),
        ExprKind::Subscript { value, index } => format!("{}[{}]", expr(value), expr(index)),
        ExprKind::Slice { lower, upper, step } => {
            let step = step.as_ref().map_or_else(String::new, |e| format!(":{}", expr(e)));
            format!("{}:{}{step}", optional(lower), optional(upper))
        }
        ExprKind::Starred(value) => format!("*{}", expr(value)),
        ExprKind::Lambda { .. } => "<lambda>".to_owned(),
        ExprKind::Comprehension(_) => "<comprehension>".to_owned(),
        ExprKind::Named { target, value } => format!("({} := {})", target.text, expr(value)),
        ExprKind::Await(value) => format!("(await {})", expr(value)),
        ExprKind::Yield(value) => format!("(yield {})", optional(value)),
        ExprKind::YieldFrom(value) => format!("(yield from {})", expr(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Sink, SourceFile, SourceMap};

    #[test]
    fn the_structure_shows() {
        let text = "def f(n, x: 'double *'=None):\n  if not n < 1 <= 2 and x[0]: y = z = -n**2 + 1e20\n  else:\n    for i in range(n): s += x[i]\n    else: pass\n  return (n,)\n";
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", text));
        let mut sink = Sink::new();
        let parsed = crate::front::parse(&sources, file, &mut sink);
        let def = parsed.module.function("f").expect("it parses");
        let expected = "\
def f(n, x: \"double *\"=None):
  if ((not (n < 1 <= 2)) and x[0]):
    y = z = ((-(n ** 2)) + 1e+20)
  else:
    for i in range(n):
      s += x[i]
    else:
      pass
  return (n,)
";
        assert_eq!(function(def), expected);
    }
}
