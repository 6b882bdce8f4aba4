//! Before parsing: everything about the text that must be known before a parser may see it.
//!
//! The parser builds trees whose depth follows the source, and dropping or walking a tree of 100,000 levels overflows the
//! stack. So this pass scans the text once, in linear time and constant stack, and refuses what is too large or too deep
//! ([`limits`]). On the way it collects comments (exports and options stand there) and finds the faults for which a
//! parser has poor words: unclosed brackets, unterminated strings, typographic quotes, Cython's own syntax ([`cython`]).

pub mod cython;
pub mod limits;
mod number;
mod scan;
mod token;

pub use scan::COMPOUND;
pub use token::{Comment, Token, TokenKind};

use crate::diag::{Code, Diagnostic, FileId, Sink, SourceFile, SourceMap, Span};

/// The largest source that is read, in bytes.
pub const MAX_SOURCE: usize = 1 << 20;

/// What the scan found. Tokens are in order and do not include comments.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
}

/// Bytes to a source text: the door for text that comes from outside.
pub fn decode(name: &str, bytes: &[u8]) -> Result<SourceFile, Box<Diagnostic>> {
    if bytes.len() > MAX_SOURCE {
        return Err(Box::new(too_large(name, bytes.len())));
    }
    // A byte order mark is no character of the program.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(name, text)),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let byte = bytes[error.valid_up_to()];
            let message = format!("{name}, line {line}: the byte 0x{byte:02x} is not valid UTF-8");
            Err(Box::new(Diagnostic::error_nowhere(Code::SourceEncoding, message).help("save the file as UTF-8")))
        }
    }
}

fn too_large(name: &str, size: usize) -> Diagnostic {
    let message = format!("{name} is too large: {size} bytes, and the limit is {MAX_SOURCE}");
    Diagnostic::error_nowhere(Code::SourceTooLarge, message)
        .help("put the kernels into a file of their own, and large tables into arrays that are passed in")
}

/// Scans a text. `None` if it must not be parsed; then the sink says why.
pub fn check(sources: &SourceMap, file: FileId, sink: &mut Sink) -> Option<Lexed> {
    let source = sources.get(file)?;
    let text = source.text();
    if text.len() > MAX_SOURCE {
        sink.push(too_large(source.name(), text.len()));
        return None;
    }
    if let Some(at) = text.find('\0') {
        let span = Span::new(file, at as u32, at as u32 + 1);
        sink.push(Diagnostic::error(Code::NulByte, span, "the source holds a NUL byte").label("here"));
        return None;
    }
    let mut faults = Sink::new();
    let lexed = scan::scan(text, file, &mut faults);
    prompts(text, file, &lexed.tokens, &mut faults);
    if !faults.has_errors() {
        cython::check(text, file, &lexed.tokens, &mut faults);
    }
    let sound = !faults.has_errors();
    sink.append(faults);
    sound.then_some(lexed)
}

/// Lines of an interactive session, copied with their prompts.
fn prompts(text: &str, file: FileId, tokens: &[Token], sink: &mut Sink) {
    for line in tokens.split(|token| token.kind == TokenKind::Newline) {
        let words: Vec<&str> = line.iter().take(5).map(|token| token.text(text)).collect();
        let length = match words[..] {
            [">>", ">", ..] => 2,
            ["In", "[", _, "]", ":", ..] => 5,
            ["In", ":", ..] if words.len() > 2 => 2,
            _ => continue,
        };
        let mark = Span::new(file, line[0].start, line[length - 1].end);
        let message = format!("`{}` is the prompt of an interactive session", words[..length].concat());
        let help = "leave out the prompts, and the lines that the session printed";
        sink.push(Diagnostic::error(Code::SyntaxError, mark, message).help(help));
    }
}

#[cfg(test)]
mod tests;
