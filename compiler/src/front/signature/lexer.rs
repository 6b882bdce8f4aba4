//! Tokens of a signature text: words (with dots), numbers, quoted words and punctuation.

use crate::diag::{FileId, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Word,
    Number,
    /// A quoted word, as in `Array(float64, 2, "C")`; the text is what stands between the quotes.
    Quoted,
    Punct,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub span: Span,
}

/// All tokens; white space of any kind separates and means nothing.
pub fn tokens(text: &str, file: FileId, offset: u32) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let (kind, length) = if c.is_whitespace() {
            rest = rest.trim_start();
            continue;
        } else if c.is_ascii_digit() {
            (Kind::Number, rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
        } else if c.is_alphanumeric() || c == '_' {
            (Kind::Word, rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()))
        } else if let ('"' | '\'', Some(end)) = (c, rest[c.len_utf8()..].find(c)) {
            (Kind::Quoted, end + 2)
        } else {
            (Kind::Punct, c.len_utf8())
        };
        let whole = &rest[..length];
        let shown = if kind == Kind::Quoted { &whole[1..length - 1] } else { whole };
        let span = Span::new(file, offset + start as u32, offset + (start + length) as u32);
        found.push(Token { kind, text: shown, span });
        rest = &rest[length..];
    }
    found
}
