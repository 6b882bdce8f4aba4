//! Calls the Python parser and turns its tree and its errors into ours. Nothing of the parser's own types leaves this
//! folder.
//!
//! The parser stops at its first error. To report more, a source that fails is cut at its top-level statements, and each
//! is parsed by itself. What the parser accepts and CPython refuses is found afterwards, by [`validate`].

mod expr;
mod message;
mod stmt;
mod validate;

#[cfg(test)]
mod tests;

use super::lexical::{Lexed, Token, TokenKind};
use super::syntax::{Expr, ExprKind, Module, Param};
use crate::diag::{Code, Diagnostic, FileId, Sink, SourceMap, Span};
use rustpython_parser::ast::{self, Ranged};
use rustpython_parser::text_size::{TextRange, TextSize};
use rustpython_parser::{Parse, ParseError};
use std::cell::RefCell;

/// Parses a text that the lexical pass found sound. Faults go to the sink; what could be parsed is returned.
pub fn parse_module(sources: &SourceMap, file: FileId, lexed: &Lexed, sink: &mut Sink) -> Module {
    let Some(source) = sources.get(file) else { return Module::default() };
    let text = source.text();
    let converter = Converter { text, file, tokens: &lexed.tokens, pinned: None, faults: RefCell::default() };
    let mut body = Vec::new();
    let plain = without_idle_lines(text, &lexed.tokens);
    match ast::Suite::parse(&plain, "") {
        Ok(suite) => body = converter.suite(suite),
        Err(first) => {
            let mut faults = Sink::new();
            for (start, end) in chunks(text, &lexed.tokens) {
                let offset = TextSize::from(start as u32);
                match ast::Suite::parse_starts_at(&plain[start..end], "", offset) {
                    Ok(suite) => body.extend(converter.suite(suite)),
                    Err(error) => faults.push(converter.explain(&error)),
                }
            }
            if !faults.has_errors() {
                faults.push(converter.explain(&first));
            }
            sink.append(faults);
        }
    }
    converter.check_nameless_stars();
    converter.faults.into_inner().into_iter().for_each(|fault| sink.push(fault));
    let module = Module { body };
    validate::check(&module, sink);
    module
}

/// Parses a text that is one expression, such as an annotation in quotes. All of it gets the span `pinned`. The text must
/// have passed the lexical pass, which bounds its depth.
pub fn parse_expression(text: &str, file: FileId, pinned: Span) -> Result<Expr, Box<Diagnostic>> {
    match ast::Expr::parse(text.trim(), "") {
        Ok(expr) => {
            Ok(Converter { text, file, tokens: &[], pinned: Some(pinned), faults: RefCell::default() }.expr(expr))
        }
        Err(_) => {
            let message = format!("`{}` is not an expression", text.trim());
            Err(Box::new(Diagnostic::error(Code::SyntaxError, pinned, message)))
        }
    }
}

/// The text with empty lines and lines of comments turned into blanks at the end of the line before, every token staying
/// at its place. The parser's lexer collects such lines and takes time that grows with the square of their number.
fn without_idle_lines(text: &str, tokens: &[Token]) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut idle = Some(0);
    for token in tokens {
        if let Some(start) = idle.take() {
            let line = text[..token.start as usize].rfind(['\n', '\r']).map_or(0, |i| i + 1);
            fill(&mut plain, text, start, line.max(start));
        }
        plain.push_str(&text[plain.len()..token.start as usize]);
        if token.kind == TokenKind::Newline {
            idle = Some(token.start as usize);
        }
    }
    let rest = idle.unwrap_or(plain.len());
    fill(&mut plain, text, rest, text.len());
    plain
}

/// Blanks and one line break for `text[start..end]`, which is idle lines.
fn fill(plain: &mut String, text: &str, start: usize, end: usize) {
    plain.push_str(&text[plain.len()..start]);
    plain.extend(std::iter::repeat_n(' ', (end - start).saturating_sub(1)));
    plain.push_str(if end > start { "\n" } else { "" });
}

/// The byte ranges of the top-level statements, decorators and `else` branches with their statements.
fn chunks(text: &str, tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut starts = Vec::new();
    let mut after_decorator = false;
    for line in tokens.split(|token| token.kind == TokenKind::Newline) {
        let Some(first) = line.first() else { continue };
        let start = first.start as usize;
        let indented = start > 0 && !matches!(text.as_bytes()[start - 1], b'\n' | b'\r');
        let word = first.text(text);
        if !indented && !after_decorator && !matches!(word, "elif" | "else" | "except" | "finally") {
            starts.push(start);
        }
        after_decorator = word == "@";
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).collect()
}

/// What the conversion of one text needs to know.
struct Converter<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    /// The span of everything, where the parser's own offsets mean nothing: inside f-strings.
    pinned: Option<Span>,
    /// What only the tokens show, as the tree has no trace of it.
    faults: RefCell<Vec<Diagnostic>>,
}

impl Converter<'_> {
    fn span(&self, range: TextRange) -> Span {
        self.at(u32::from(range.start()), u32::from(range.end()))
    }

    fn at(&self, start: u32, end: u32) -> Span {
        self.pinned.unwrap_or(Span::new(self.file, start, end))
    }

    /// Index of the first token that begins at or behind a byte.
    fn token_at(&self, offset: u32) -> usize {
        self.tokens.partition_point(|token| token.start < offset)
    }

    /// The first token at or behind a byte with this text.
    fn find(&self, offset: u32, end: u32, text: &str) -> Option<Token> {
        let tokens = self.tokens[self.token_at(offset)..].iter();
        tokens.take_while(|token| token.start < end).find(|token| token.text(self.text) == text).copied()
    }

    /// The text of the token that is `steps` after the first one at or behind a byte; nothing where there are no tokens.
    fn word_near(&self, offset: u32, steps: isize) -> &str {
        let token = self.token_at(offset).checked_add_signed(steps).and_then(|index| self.tokens.get(index));
        token.map_or("", |token| token.text(self.text))
    }

    /// `def f(*, **k)`: the parser takes a bare star with no parameter behind it.
    fn check_bare_star(&self, keywords: &Param) {
        if self.word_near(keywords.name.span.start, -2) == "," && self.word_near(keywords.name.span.start, -3) == "*" {
            let error = Diagnostic::error(Code::InvalidParameter, keywords.span, "no parameter follows the `*`");
            let help = "name the keyword-only parameters behind the `*`, or remove it";
            self.faults.borrow_mut().push(error.help(help));
        }
    }

    /// `def f(**): pass`: the parser takes it.
    fn check_nameless_stars(&self) {
        for pair in self.tokens.windows(2) {
            if pair[0].text(self.text) == "**" && matches!(pair[1].text(self.text), ")" | "," | ":") {
                let span = self.at(pair[0].start, pair[0].end);
                let error = Diagnostic::error(Code::SyntaxError, span, "nothing follows the `**`");
                self.faults.borrow_mut().push(error.help("write what it stands before, or remove it"));
            }
        }
    }

    /// `f(x for x in y, )`: the parser takes the comma.
    fn check_lone_generator(&self, arg: &Expr) {
        if let ExprKind::Comprehension(comprehension) = &arg.kind
            && arg.span.start == comprehension.element.span.start
            && self.word_near(arg.span.end, 0) == ","
        {
            let message = "a generator expression with a comma behind it needs its own parentheses";
            let error = Diagnostic::error(Code::InvalidArgument, arg.span, message);
            self.faults.borrow_mut().push(error.help("put it in parentheses, or remove the comma"));
        }
    }

    fn explain(&self, error: &ParseError) -> Diagnostic {
        message::explain(self.text, self.file, self.tokens, error)
    }
}

/// Where a node begins and ends.
fn ends(node: &impl Ranged) -> (u32, u32) {
    (u32::from(node.start()), u32::from(node.end()))
}
