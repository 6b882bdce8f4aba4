//! Text to tokens.

use super::{MAX_TEXT, ParseError};

/// What a token is. Its text is a slice of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `load`, `f64`, `vec.splat`.
    Word,
    /// `12`, `0x7f`, `1.5e-3`; a sign is a token of its own.
    Number,
    /// A quoted string, quotes included.
    Text,
    /// A name behind `%`, `^`, `!`, `#`, `$`, `&` or `@`; the token's text is the name alone.
    Name(char),
    /// `@"any name"`; the token's text is the quoted string.
    QuotedName,
    Punct(char),
    /// `->`
    Arrow,
    /// `..`
    Range,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Where it starts, in bytes.
    pub offset: u32,
    /// It is the first on its line.
    pub first: bool,
}

impl Token<'_> {
    /// The token in messages.
    pub fn describe(&self) -> String {
        // A hostile text may hold one token of any length.
        let text: String = self.text.chars().take(40).collect();
        match self.kind {
            Kind::Word | Kind::Number | Kind::Text => format!("`{text}`"),
            Kind::Name(sigil) => format!("`{sigil}{text}`"),
            Kind::QuotedName => format!("`@{text}`"),
            Kind::Punct(c) => format!("`{c}`"),
            Kind::Arrow => "`->`".into(),
            Kind::Range => "`..`".into(),
            Kind::End => "the end".into(),
        }
    }
}

/// An error at a byte offset of the text.
pub fn error_at(text: &str, offset: usize, message: String) -> ParseError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() as u32 + 1;
    let column = before[line_start..].chars().count() as u32 + 1;
    ParseError { line, column, message }
}

fn is_name_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$')
}

/// All tokens, the last of which is `End`.
pub fn lex(text: &str) -> Result<Vec<Token<'_>>, ParseError> {
    if text.len() > MAX_TEXT {
        return Err(error_at(text, 0, format!("the text is longer than {MAX_TEXT} bytes")));
    }
    let mut tokens = Vec::new();
    let bytes = text.as_bytes();
    let (mut pos, mut first) = (0, true);
    while pos < bytes.len() {
        let start = pos;
        let run = |from: usize| from + bytes[from..].iter().take_while(|&&c| is_name_char(c)).count();
        let (kind, from, to) = match bytes[pos] {
            b' ' | b'\t' | b'\r' | b'\n' => {
                first |= bytes[pos] == b'\n';
                pos += 1;
                continue;
            }
            b';' => {
                pos += bytes[pos..].iter().take_while(|&&c| c != b'\n').count();
                continue;
            }
            b'@' if bytes.get(pos + 1) == Some(&b'"') => (Kind::QuotedName, pos + 1, string_end(text, pos + 1)?),
            c @ (b'%' | b'^' | b'!' | b'#' | b'$' | b'&' | b'@') => {
                let end = run(pos + 1);
                if end == pos + 1 {
                    return Err(error_at(text, pos, format!("expected a name after `{}`", c as char)));
                }
                (Kind::Name(c as char), pos + 1, end)
            }
            b'"' => (Kind::Text, pos, string_end(text, pos)?),
            b'-' if bytes.get(pos + 1) == Some(&b'>') => (Kind::Arrow, pos, pos + 2),
            b'.' if bytes.get(pos + 1) == Some(&b'.') => (Kind::Range, pos, pos + 2),
            c if c.is_ascii_digit() => (Kind::Number, pos, number_end(bytes, pos)),
            c if c.is_ascii_alphabetic() || c == b'_' => (Kind::Word, pos, run(pos)),
            c @ (b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b',' | b'=' | b':' | b'+' | b'-' | b'*') => {
                (Kind::Punct(c as char), pos, pos + 1)
            }
            _ => {
                let c = text[pos..].chars().next().unwrap_or('?');
                return Err(error_at(text, pos, format!("`{c}` has no meaning here")));
            }
        };
        tokens.push(Token { kind, text: &text[from..to], offset: start as u32, first });
        (pos, first) = (to, false);
    }
    tokens.push(Token { kind: Kind::End, text: "", offset: text.len() as u32, first: true });
    Ok(tokens)
}

/// The end of the quoted string that starts at `start`.
fn string_end(text: &str, start: usize) -> Result<usize, ParseError> {
    let mut escaped = false;
    for (i, c) in text[start + 1..].char_indices() {
        match c {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(start + 1 + i + 1),
            _ => {}
        }
    }
    Err(error_at(text, start, "this string does not end on its line".into()))
}

/// Takes what may belong to a number; whether it is one is seen when it is converted.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let hex = bytes[start..].starts_with(b"0x");
    let mut pos = start;
    while let Some(&c) = bytes.get(pos) {
        let next_is_digit = bytes.get(pos + 1).is_some_and(u8::is_ascii_digit);
        let after_exponent = pos > start && matches!(bytes[pos - 1], b'e' | b'E') && !hex;
        match c {
            _ if c.is_ascii_alphanumeric() => {}
            b'.' if next_is_digit && !hex => {}
            b'+' | b'-' if after_exponent && next_is_digit => {}
            _ => break,
        }
        pos += 1;
    }
    pos
}

/// What a quoted string stands for.
pub fn unquote(quoted: &str) -> Result<String, String> {
    let inner = quoted.strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(quoted);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(c @ ('"' | '\\')) => out.push(c),
            Some('u') => {
                let rest = chars.as_str();
                let end = rest.find('}').filter(|_| rest.starts_with('{'));
                let code = end.and_then(|end| u32::from_str_radix(&rest[1..end], 16).ok());
                let (Some(end), Some(c)) = (end, code.and_then(char::from_u32)) else {
                    return Err("expected `\\u{...}` with a character's number".into());
                };
                out.push(c);
                chars = rest[end + 1..].chars();
            }
            _ => return Err("expected `n`, `t`, `\"`, `\\` or `u` after `\\`".into()),
        }
    }
    Ok(out)
}
