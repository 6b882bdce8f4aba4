//! Cython's own syntax in a source that should be Python: one diagnostic per line, with the lines to write instead.
//!
//! Nothing here can stand in valid Python, so every text is checked. [`rewrite`] puts the lines that were found in their
//! place: the result is Python, and most often a kernel. Where a C declaration means something that Python does not do
//! (integers that wrap around, floats of 32 bits), the diagnostic says so.

mod declaration;
mod expression;
mod function;
mod import;
mod rewrite;
mod types;

pub use rewrite::{Rewritten, rewrite};

use std::collections::BTreeMap;

use self::types::{Kind, Names};
use super::{Token, TokenKind};
use crate::diag::{Code, Diagnostic, FileId, Sink, Span};

/// Looks at every logical line.
pub fn check(text: &str, file: FileId, tokens: &[Token], sink: &mut Sink) {
    for found in find(text, file, tokens).iter().filter(|found| !found.is_python) {
        sink.push(found.diagnostic());
    }
}

/// Cython's syntax in one logical line.
struct Found {
    /// What is marked.
    mark: Span,
    message: String,
    help: String,
    notes: Vec<String>,
    fix: Fix,
    /// Valid Python, which only a rewrite has to touch: a file may hold it outside of its kernels.
    is_python: bool,
}

/// What takes the line's place.
enum Fix {
    /// Only its author knows.
    Open,
    /// Nothing: the line goes.
    Remove(Span),
    /// Statements, each a line at the indentation given.
    Lines { span: Span, lines: Vec<String>, indent: u32 },
}

impl Found {
    fn diagnostic(&self) -> Diagnostic {
        let code = if self.is_python { Code::UnknownAttribute } else { Code::CythonSyntax };
        let mut made = Diagnostic::error(code, self.mark, self.message.as_str()).help(self.help.as_str());
        made.notes.clone_from(&self.notes);
        match &self.fix {
            Fix::Open => made,
            Fix::Remove(span) => made.replace(*span, ""),
            Fix::Lines { span, lines, indent } => {
                made.replace(*span, lines.join(&format!("\n{}", " ".repeat(*indent as usize))))
            }
        }
    }
}

/// A logical line.
struct Line<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    words: Vec<&'a str>,
    indent: u32,
}

impl<'a> Line<'a> {
    fn span(&self) -> Span {
        self.between(0, self.tokens.len())
    }

    /// From the first of the tokens to the last.
    fn between(&self, from: usize, to: usize) -> Span {
        let start = self.tokens.get(from).map_or(0, |token| token.start);
        let end = to.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end);
        Span::new(self.file, start, end.max(start))
    }

    /// The source of a range of tokens.
    fn source(&self, from: usize, to: usize) -> &'a str {
        let span = self.between(from, to);
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn is_block(&self) -> bool {
        self.words.last() == Some(&":")
    }

    /// `what` is Cython's syntax; the lines to write instead.
    fn found(&self, what: &str, mark: Span, lines: Vec<String>) -> Found {
        let help = match &lines[..] {
            [] => "remove the line: types are inferred".to_owned(),
            [line] => format!("write `{line}`"),
            lines => format!("write `{}`", lines.join("`, then `")),
        };
        let fix = if lines.is_empty() {
            Fix::Remove(self.span())
        } else {
            Fix::Lines { span: self.span(), lines, indent: self.indent }
        };
        let message = format!("{what} is Cython's own syntax; gelcap compiles plain Python");
        Found { mark, message, help, notes: Vec::new(), fix, is_python: false }
    }

    /// The same where no line can be named.
    fn open(&self, what: &str, mark: Span, help: impl Into<String>) -> Found {
        let message = format!("{what} is Cython's own syntax; gelcap compiles plain Python");
        Found { mark, message, help: help.into(), notes: Vec::new(), fix: Fix::Open, is_python: false }
    }
}

/// What the lines before say about those to come.
#[derive(Default)]
struct Context {
    names: Names,
    /// The modules that plain imports bind, by their names in the file.
    imported: Vec<String>,
    /// Numbers that `cdef` declares in the function under way.
    declared: BTreeMap<String, Kind>,
    /// `cdef:`, `cdef extern ...:` and the like: their lines stand deeper than this.
    block: Option<(u32, Block)>,
    /// That a C integer wraps is said once a file.
    said_wrap: bool,
    said_float32: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// `cdef:` before declarations.
    Declarations,
    /// What its first line says for all.
    Silent,
}

/// Every line with Cython's syntax.
fn find(text: &str, file: FileId, tokens: &[Token]) -> Vec<Found> {
    let lines: Vec<Line<'_>> = tokens
        .split(|token| token.kind == TokenKind::Newline)
        .filter(|line| !line.is_empty())
        .map(|line| Line {
            text,
            file,
            tokens: line,
            words: line.iter().map(|token| token.text(text)).collect(),
            indent: indent(text, line[0].start),
        })
        .collect();
    let mut context = Context::default();
    lines.iter().for_each(|line| import::note(line, &mut context));
    let mut all = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        if let Some((indent, block)) = context.block {
            if line.indent > indent {
                if block == Block::Declarations {
                    all.push(declaration::in_block(line, indent, &mut context));
                }
                continue;
            }
            context.block = None;
        }
        if line.indent == 0 {
            context.declared.clear();
        }
        all.extend(classify(line, &lines[i + 1..], &mut context));
    }
    all
}

/// Bytes from the beginning of the line.
fn indent(text: &str, start: u32) -> u32 {
    let line = text[..start as usize].rfind(['\n', '\r']).map_or(0, |i| i + 1);
    start - line as u32
}

fn classify(line: &Line<'_>, rest: &[Line<'_>], context: &mut Context) -> Option<Found> {
    let next_is_name = line.words.get(1).is_some_and(|word| types::is_name(word));
    match line.words[0] {
        "cimport" | "from" | "include" | "import" if next_is_name || line.words[0] == "include" => {
            import::import(line, context)
        }
        "ctypedef" if next_is_name => Some(declaration::typedef(line, context)),
        "cdef" | "cpdef" if next_is_name || line.words.get(1) == Some(&":") => {
            Some(declaration::cdef(line, rest, context))
        }
        "def" => function::header(line, context),
        "DEF" if next_is_name => {
            let value = line.source(1, line.tokens.len()).to_owned();
            Some(line.found("`DEF`", line.between(0, 1), vec![value]))
        }
        "IF" | "ELIF" if next_is_name => {
            Some(line.open("`IF`", line.between(0, 1), "write a plain `if`: constants decide it when it is compiled"))
        }
        "for" if line.words.get(2) == Some(&"from") => expression::for_from(line),
        "with" if matches!(line.words[1..], ["nogil" | "gil", ":"]) => {
            let lines = vec![format!("with cython.{}:", line.words[1])];
            Some(line.found("a bare `nogil`", line.between(1, 2), lines))
        }
        _ => expression::line(line, context),
    }
}
