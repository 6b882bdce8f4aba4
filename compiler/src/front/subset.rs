//! Syntax that is Python but not of the kernel language, or not yet compiled: each with what to write instead.
//!
//! This looks at one function and knows no types. A file may hold whatever Python it likes outside its kernels, so only
//! the functions that are compiled are checked. When the language grows, an entry here goes away.

use super::syntax::{
    Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, Function, ParamKind, Params, Stmt, StmtKind,
};
use super::syntax_walk::{blocks, each_expr, each_stmt_expr};
use crate::diag::{Code, Diagnostic, Sink, Span};

/// Reports everything in the function, inner blocks included, that cannot be compiled. True if there is nothing.
pub fn check(function: &Function, sink: &mut Sink) -> bool {
    let mut checker = Checker { sink, sound: true };
    checker.signature(function);
    checker.block(&function.body);
    checker.sound
}

struct Checker<'a> {
    sink: &'a mut Sink,
    sound: bool,
}

impl Checker<'_> {
    /// What will never be part of the language.
    fn outside(&mut self, span: Span, what: &str, help: &str) {
        self.report(span, format!("{what} is not part of the kernel language"), help);
    }

    /// What is part of the language, and not compiled yet.
    fn not_yet(&mut self, span: Span, what: &str, help: &str) {
        self.report(span, format!("{what} is not compiled yet"), help);
    }

    fn report(&mut self, span: Span, message: String, help: &str) {
        self.sound = false;
        self.sink.push(Diagnostic::error(Code::UnsupportedSyntax, span, message).help(help));
    }

    fn signature(&mut self, function: &Function) {
        if function.is_async {
            self.outside(function.header, "an `async` function", "write a plain `def`: kernels run without waiting");
        }
        if function.has_type_params {
            self.outside(
                function.header,
                "a type parameter",
                "leave it out: functions are compiled for the types of each call",
            );
        }
        self.params(&function.params);
    }

    fn params(&mut self, params: &Params) {
        for param in &params.list {
            match param.kind {
                ParamKind::VarArgs => self.outside(param.span, "`*args`", "name each parameter, or pass an array"),
                ParamKind::VarKeywords => self.outside(param.span, "`**kwargs`", "name each parameter"),
                ParamKind::PositionalOnly | ParamKind::Normal | ParamKind::KeywordOnly => {}
            }
        }
    }

    fn block(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                return self.not_yet(
                    function.header,
                    "a function within a function",
                    "move it to the top level of the file",
                );
            }
            StmtKind::Class(class) => {
                let help = "pass its numbers as parameters, arrays or tuples";
                return self.outside(class.name.span, "a class", help);
            }
            StmtKind::Match(_) => return self.outside(head(stmt), "`match`", "write `if` and `elif`"),
            StmtKind::TypeAlias => self.outside(stmt.span, "`type`", "put it outside the function"),
            StmtKind::Delete(_) => {
                self.outside(stmt.span, "`del`", "leave it out: memory is freed when the function ends")
            }
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                self.outside(stmt.span, "an import in a function", "import at the top of the file");
            }
            StmtKind::Global(_) => {
                let help = "return the value, or store it in an array that is passed in";
                self.outside(stmt.span, "`global`", help);
            }
            StmtKind::Nonlocal(_) => self.outside(stmt.span, "`nonlocal`", "return the value"),
            StmtKind::For { is_async: true, .. } => self.outside(head(stmt), "`async for`", "write a plain `for`"),
            StmtKind::With { items, is_async, .. }
                if *is_async || !items.iter().all(|item| is_option(&item.context)) =>
            {
                self.outside(head(stmt), "`with`", "call what it does before and behind the block yourself");
            }
            StmtKind::Try(_) => self.not_yet(head(stmt), "`try`", "test for the error before it happens"),
            // Messages may be strings of any kind; a docstring or a string alone means nothing.
            StmtKind::Raise { exception, cause } => {
                if let Some(cause) = cause
                    && cause.kind != ExprKind::None
                {
                    self.outside(cause.span, "the cause of an exception", "write `raise X(...)` without `from`");
                }
                return exception.iter().for_each(|exception| self.exception(exception));
            }
            StmtKind::Assert { test, message } => {
                self.expr(test);
                return message.iter().for_each(|message| self.message(message));
            }
            StmtKind::Expr(Expr { kind: ExprKind::Str(_), .. }) => return,
            _ => {}
        }
        if !matches!(stmt.kind, StmtKind::With { .. }) {
            each_stmt_expr(stmt, &mut |expr| self.expr(expr));
        }
        blocks(stmt).into_iter().for_each(|block| self.block(block));
    }

    /// What stands behind `raise`: an exception, or a call of one with messages.
    fn exception(&mut self, exception: &Expr) {
        match &exception.kind {
            ExprKind::Call { function, args, keywords } => {
                self.expr(function);
                args.iter().for_each(|arg| self.message(arg));
                keywords.iter().for_each(|keyword| self.expr(&keyword.value));
            }
            _ => self.expr(exception),
        }
    }

    /// A message: a string, an f-string with values in it, or a value.
    fn message(&mut self, message: &Expr) {
        match &message.kind {
            ExprKind::FString(parts) => parts.iter().for_each(|part| match part {
                FStringPart::Text(_) => {}
                FStringPart::Value { value, .. } => self.expr(value),
            }),
            _ => self.expr(message),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Dict(_) => return self.outside(span, "a dict", "use an array, indexed by small integers"),
            ExprKind::Set(_) => return self.outside(span, "a set", "use an array of booleans"),
            ExprKind::Bytes(_) => self.outside(span, "a bytes value", "use an array of uint8"),
            ExprKind::FString(_) => {
                self.outside(span, "a string", "strings stand only in the messages of `raise` and `assert`")
            }
            ExprKind::Imaginary(_) => {
                self.not_yet(span, "a complex number", "keep the real and the imaginary part as two floats")
            }
            ExprKind::Lambda { .. } => {
                return self.not_yet(span, "a lambda", "write a `def` at the top level of the file");
            }
            ExprKind::Comprehension(comprehension) => return self.comprehension(span, comprehension),
            ExprKind::Await(_) => return self.outside(span, "`await`", "kernels run without waiting"),
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                return self.outside(span, "`yield`", "store the values in an array, and return how many there are");
            }
            ExprKind::Starred(_) => self.not_yet(span, "a starred expression", "write the items one by one"),
            ExprKind::Call { keywords, .. } => {
                if let Some(keyword) = keywords.iter().find(|keyword| keyword.name.is_none()) {
                    self.outside(keyword.span, "`**` in a call", "name each argument");
                }
            }
            _ => {}
        }
        each_expr(expr, &mut |inner| self.expr(inner));
    }

    fn comprehension(&mut self, span: Span, comprehension: &Comprehension) {
        match comprehension.kind {
            ComprehensionKind::Dict => self.outside(span, "a dict", "use an array, indexed by small integers"),
            ComprehensionKind::Set => self.outside(span, "a set", "use an array of booleans"),
            ComprehensionKind::List => self.not_yet(span, "a comprehension", "write a loop"),
            ComprehensionKind::Generator => self.not_yet(span, "a generator expression", "write a loop"),
        }
    }
}

/// The keyword of a statement with a block, to mark it without its block.
fn head(stmt: &Stmt) -> Span {
    let length = match &stmt.kind {
        StmtKind::Match(_) | StmtKind::For { is_async: true, .. } | StmtKind::With { is_async: true, .. } => {
            "match".len()
        }
        StmtKind::With { .. } => "with".len(),
        _ => "try".len(),
    };
    Span { end: stmt.span.start + length as u32, ..stmt.span }
}

/// `with cython.boundscheck(False):` and `with nogil:` set options of their block.
fn is_option(context: &Expr) -> bool {
    const NAMES: &[&str] =
        &["boundscheck", "wraparound", "nogil", "cdivision", "overflowcheck", "initializedcheck", "nonecheck"];
    let path = match &context.kind {
        ExprKind::Call { function, .. } => function.path(),
        _ => context.path(),
    };
    path.and_then(|path| path.last().copied()).is_some_and(|name| NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceFile, SourceMap};
    use crate::front;

    /// The marked text and the message of each finding in the body of a function.
    fn found(body: &str) -> Vec<(String, String)> {
        let mut sources = SourceMap::new();
        let text = format!("def f(a, b):\n    {}\n", body.replace('\n', "\n    "));
        let file = sources.add(SourceFile::new("t.py", text));
        let mut sink = Sink::new();
        let parsed = front::parse(&sources, file, &mut sink);
        assert!(!sink.has_errors(), "{body}: {sink:?}");
        let function = parsed.module.function("f").unwrap();
        let sound = check(function, &mut sink);
        assert_eq!(sound, sink.is_empty());
        let show = |d: &Diagnostic| (sources.text(d.span().unwrap()).to_owned(), d.message.clone());
        sink.finish().iter().map(show).collect()
    }

    #[test]
    fn the_language_passes() {
        let bodies = [
            "'doc'\nx = y = a\nx, y = y, x\nx += 1",
            "if a < b <= 3 and not a:\n    pass\nelif a:\n    b\nelse:\n    return a, b",
            "for i in range(3):\n    while True:\n        break\n    else:\n        continue",
            "assert a, f'{b} is {a!r}'\nraise ValueError(f'{a}', 'x')",
            "raise ValueError from None",
            "return abs(a) if b else f(a, b=3)",
            "with cython.boundscheck(False), nogil:\n    a[0] = b[1]",
        ];
        bodies.iter().for_each(|body| assert_eq!(found(body), [], "{body}"));
    }

    #[test]
    fn what_does_not_pass_is_named() {
        let one = |body: &str, marked: &str, message: &str| {
            assert_eq!(found(body), [(marked.to_owned(), message.to_owned())], "{body}");
        };
        one("x = {1: 2}", "{1: 2}", "a dict is not part of the kernel language");
        one("x = {i for i in a}", "{i for i in a}", "a set is not part of the kernel language");
        one("x = [i for i in a]", "[i for i in a]", "a comprehension is not compiled yet");
        one("try:\n    x = 1\nexcept E:\n    y = 2", "try", "`try` is not compiled yet");
        one("with open(a) as g:\n    pass", "with", "`with` is not part of the kernel language");
        one("match a:\n    case 1: pass", "match", "`match` is not part of the kernel language");
        one("class C: pass", "C", "a class is not part of the kernel language");
        one("import math", "import math", "an import in a function is not part of the kernel language");
        one("x = f'{a}'", "f'{a}'", "a string is not part of the kernel language");
        one("x = 2j", "2j", "a complex number is not compiled yet");
        one("yield a", "yield a", "`yield` is not part of the kernel language");
        one("x = f(*a)", "*a", "a starred expression is not compiled yet");
        one("raise E(a) from b", "b", "the cause of an exception is not part of the kernel language");
        one("for i in range(3):\n    del a\n", "del a", "`del` is not part of the kernel language");
    }

    #[test]
    fn parameters_are_checked_too() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", "async def f(*a, **k): pass\n"));
        let mut sink = Sink::new();
        let parsed = front::parse(&sources, file, &mut sink);
        assert!(!check(parsed.module.function("f").unwrap(), &mut sink));
        assert_eq!(sink.error_count(), 3);
    }
}
