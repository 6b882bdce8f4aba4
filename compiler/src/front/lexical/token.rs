//! Tokens of the scan: enough to find brackets, operators, lines and words; the values are the parser's business.

use crate::diag::Span;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// Names and keywords.
    Name,
    Number,
    String,
    /// Operators, brackets and punctuation.
    Op,
    /// The end of a logical line.
    Newline,
}

/// A piece of the source, by its byte range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// From the `#` to the end of the line, without the line break.
    pub span: Span,
    /// Nothing but blanks stands before it on its line.
    pub own_line: bool,
    /// Column of the `#`, in bytes.
    pub column: u32,
}
