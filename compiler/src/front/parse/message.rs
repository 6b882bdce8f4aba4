//! The parser's errors in words that help. The parser says little more than where it stopped, so the message comes from
//! the tokens of that line.

use crate::diag::{Code, Diagnostic, FileId, Span};
use crate::front::lexical::{COMPOUND, Token, TokenKind};
use rustpython_parser::lexer::LexicalErrorType;
use rustpython_parser::{ParseError, ParseErrorType, Tok};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The line on which the parser stopped.
struct Place<'a> {
    text: &'a str,
    file: FileId,
    /// The tokens of the logical line.
    line: &'a [Token],
    /// Index in `line` of the token that it did not expect; the length of the line at its end.
    stop: usize,
    /// The token before the line, other than line breaks.
    before: Option<Token>,
    offset: u32,
}

impl Place<'_> {
    fn word(&self, index: usize) -> &str {
        self.line.get(index).map_or("", |token| token.text(self.text))
    }

    fn span(&self, index: usize) -> Span {
        match self.line.get(index).or(self.line.last()) {
            Some(token) if index < self.line.len() => Span::new(self.file, token.start, token.end),
            Some(token) => Span::new(self.file, token.end, token.end),
            None => Span::new(self.file, self.offset, self.offset),
        }
    }

    fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span(self.stop), message)
    }

    /// Whether a token can end an operand.
    fn is_operand(&self, index: usize) -> bool {
        self.line.get(index).is_some_and(|token| match token.kind {
            TokenKind::Number | TokenKind::String => true,
            TokenKind::Name => {
                !KEYWORDS.contains(&token.text(self.text)) || matches!(token.text(self.text), "None" | "True" | "False")
            }
            TokenKind::Op => matches!(token.text(self.text), ")" | "]" | "}"),
            TokenKind::Newline => false,
        })
    }

    /// Whether the line has a colon outside brackets.
    fn has_colon(&self) -> bool {
        let mut depth = 0;
        self.line.iter().any(|token| {
            match token.text(self.text) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            depth == 0 && token.kind == TokenKind::Op && token.text(self.text) == ":"
        })
    }
}

pub fn explain(text: &str, file: FileId, tokens: &[Token], error: &ParseError) -> Diagnostic {
    let offset = u32::from(error.offset).min(text.len() as u32);
    let index =
        tokens.partition_point(|token| token.end <= offset && token.kind != TokenKind::Newline || token.start < offset);
    let is_newline = |token: &Token| token.kind == TokenKind::Newline;
    let start = tokens[..index].iter().rposition(is_newline).map_or(0, |i| i + 1);
    let length = tokens[start..].iter().position(is_newline).unwrap_or(tokens.len() - start);
    let before = tokens[..start].iter().rev().find(|token| !is_newline(token)).copied();
    let place = Place { text, file, line: &tokens[start..start + length], stop: index - start, before, offset };
    match &error.error {
        ParseErrorType::Lexical(lexical) => lexical_error(&place, lexical),
        ParseErrorType::UnrecognizedToken(Tok::Indent, _) => place
            .error(Code::Indentation, "this line is indented without reason")
            .help("give it the indentation of the line above"),
        ParseErrorType::UnrecognizedToken(_, expected) if expected.as_deref() == Some("Indent") => {
            missing_block(&place)
        }
        ParseErrorType::Eof
        | ParseErrorType::ExtraToken(_)
        | ParseErrorType::InvalidToken
        | ParseErrorType::UnrecognizedToken(..) => unexpected(&place),
    }
}

/// A colon with no block behind it.
fn missing_block(place: &Place<'_>) -> Diagnostic {
    let span = place.before.map_or(place.span(0), |token| Span::new(place.file, token.start, token.end));
    let diagnostic = Diagnostic::error(Code::Indentation, span, "an indented block is missing after this colon");
    diagnostic.help("indent the lines that belong to it, or write `pass`")
}

/// Faults that the parser names itself.
fn lexical_error(place: &Place<'_>, error: &LexicalErrorType) -> Diagnostic {
    match error {
        LexicalErrorType::IndentationError if place.before.is_some_and(|token| token.text(place.text) == ":") => {
            missing_block(place)
        }
        LexicalErrorType::IndentationError | LexicalErrorType::TabError | LexicalErrorType::TabsAfterSpaces => {
            let message = "the indentation of this line fits no block around it";
            place.error(Code::Indentation, message).help("indent with spaces, each block by the same number")
        }
        LexicalErrorType::DefaultArgumentError => {
            let message =
                format!("the parameter `{}` without a default follows one with a default", place.word(place.stop));
            place.error(Code::InvalidParameter, message).help("give it a default too, or move it before the others")
        }
        LexicalErrorType::DuplicateArgumentError(name) => {
            let message = format!("the parameter `{name}` is defined twice");
            place.error(Code::InvalidParameter, message).help("rename one of the two")
        }
        LexicalErrorType::PositionalArgumentError => place
            .error(Code::InvalidArgument, "a positional argument follows a keyword argument")
            .help("put positional arguments first, or name this one too"),
        LexicalErrorType::UnpackedArgumentError => place
            .error(Code::InvalidArgument, "`*` follows `**` in this call")
            .help("put `*` arguments before `**` arguments"),
        LexicalErrorType::DuplicateKeywordArgumentError(name) => {
            let message = format!("the keyword argument `{name}` is given twice");
            place.error(Code::InvalidArgument, message).help("remove one of the two")
        }
        LexicalErrorType::FStringError(error) => place.error(Code::SyntaxError, format!("invalid f-string: {error}")),
        LexicalErrorType::UnrecognizedToken { tok } => {
            let message = format!("`{tok}` (U+{:04X}) has no meaning in Python", *tok as u32);
            place.error(Code::InvalidCharacter, message)
        }
        LexicalErrorType::NestingError => place.error(Code::UnclosedBracket, "this bracket closes nothing"),
        LexicalErrorType::LineContinuationError => {
            place.error(Code::SyntaxError, "a backslash outside strings must end its line")
        }
        LexicalErrorType::StringError | LexicalErrorType::UnicodeError => string_fault(place),
        LexicalErrorType::Eof => unexpected(place),
        LexicalErrorType::OtherError(text) if text.contains("named arguments must follow bare *") => place
            .error(Code::InvalidParameter, "no parameter follows the `*`")
            .help("name the keyword-only parameters behind it, or remove the `*`"),
        LexicalErrorType::OtherError(text) => place.error(Code::SyntaxError, format!("invalid syntax: {text}")),
    }
}

/// An escape that does not stand for a character.
fn string_fault(place: &Place<'_>) -> Diagnostic {
    match place.line.iter().find(|token| token.text(place.text).contains("\\N{")) {
        Some(token) => {
            let span = Span::new(place.file, token.start, token.end);
            Diagnostic::error(Code::SyntaxError, span, "names of characters, as in `\\N{BULLET}`, are not read")
                .help("write the character itself, or its number: `\\u2022`")
        }
        None => place.error(Code::SyntaxError, "this string holds an escape or a character that is not allowed in it"),
    }
}

/// A token that fits nowhere: the common mistakes, from the special to the general.
fn unexpected(place: &Place<'_>) -> Diagnostic {
    statement_fault(place).or_else(|| operator_fault(place)).unwrap_or_else(|| {
        if place.stop >= place.line.len() {
            return place.error(Code::SyntaxError, "this line ends too early: something is missing at its end");
        }
        let error = place.error(Code::SyntaxError, format!("`{}` is not expected here", place.word(place.stop)));
        let before = place.stop.checked_sub(1).map_or("", |i| place.word(i));
        if place.word(place.stop) == "," && matches!(before, "(" | "[" | "{" | ",") {
            return error.help("an item is missing before the comma");
        }
        error
    })
}

/// Faults that the first word of the line tells.
fn statement_fault(place: &Place<'_>) -> Option<Diagnostic> {
    let (first, at) = (place.word(0), place.word(place.stop));
    let previous = place.stop.checked_sub(1).map_or("", |i| place.word(i));
    if first == "else" && place.word(1) == "if" {
        let span = place.span(0).to(place.span(1));
        let error = Diagnostic::error(Code::SyntaxError, span, "`else if` is written `elif` in Python");
        return Some(error.help("write `elif`").replace(span, "elif"));
    }
    if at == "=" && matches!(first, "if" | "elif" | "while" | "assert" | "return") {
        let error = place.error(Code::AssignmentInCondition, "`=` assigns, and cannot stand in an expression");
        let span = place.span(place.stop);
        return Some(error.help("write `==` to compare, or `:=` to assign within the expression").replace(span, "=="));
    }
    if first == "print" && place.stop == 1 && place.is_operand(1) {
        let error = place.error(Code::PrintStatement, "`print` is a function in Python 3");
        return Some(error.help("write `print(...)`"));
    }
    if COMPOUND.contains(&first)
        && !place.has_colon()
        && !matches!(at, "(" | "[")
        && first != "case"
        && first != "match"
    {
        let end = place.stop.min(place.line.len());
        let span = if end == place.line.len() { place.span(end) } else { place.span(place.stop) };
        let error =
            Diagnostic::error(Code::MissingColon, span, format!("the `{first}` line does not end with a colon"));
        let insert = Span::new(place.file, span.start, span.start);
        let error = error.label("expected `:`").help("put a `:` at the end of the line");
        return Some(if end == place.line.len() { error.replace(insert, ":") } else { error });
    }
    if matches!(at, "else" | "elif" | "except" | "finally") && place.stop == 0 {
        let opener = if matches!(at, "else" | "elif") { "`if` or loop" } else { "`try`" };
        let message = format!("this `{at}` belongs to no {opener} of the same indentation");
        return Some(place.error(Code::SyntaxError, message));
    }
    if at == ":=" && place.stop == 1 {
        let span = place.span(1);
        let error = place.error(Code::SyntaxError, "`:=` stands only within an expression");
        return Some(error.help("write `=`").replace(span, "="));
    }
    if previous == "try" || (first == "try" && at.is_empty()) {
        return Some(place.error(Code::SyntaxError, "a `try` needs an `except` or a `finally`"));
    }
    None
}

/// Faults that the tokens around the place tell.
fn operator_fault(place: &Place<'_>) -> Option<Diagnostic> {
    let at = place.word(place.stop);
    let previous = place.stop.checked_sub(1).map_or("", |i| place.word(i));
    let two = |first: &str, python: &str| {
        let span = place.span(place.stop.saturating_sub(1)).to(place.span(place.stop));
        Diagnostic::error(Code::SyntaxError, span, format!("`{first}` is not a Python operator"))
            .help(format!("write `{python}`"))
            .replace(span, python)
    };
    match (previous, at) {
        ("&", "&") => return Some(two("&&", "and")),
        ("|", "|") => return Some(two("||", "or")),
        ("+" | "-", "") if place.stop >= 2 && place.word(place.stop - 2) == previous => {
            let error = place.error(Code::SyntaxError, format!("`{previous}{previous}` is not a Python operator"));
            return Some(error.help(format!("write `{previous}= 1`")));
        }
        _ => {}
    }
    if at == "=" && KEYWORDS.contains(&previous) {
        let message = format!("`{previous}` is a keyword of Python and cannot be a name");
        return Some(place.error(Code::SyntaxError, message).help("choose another name"));
    }
    if at == "=" && place.stop > 0 && place.is_operand(place.stop - 1) {
        let error = place.error(Code::AssignmentInCondition, "`=` assigns, and cannot stand in an expression");
        return Some(error.help("write `==` to compare, or `:=` to assign within the expression"));
    }
    let is_name_place =
        previous == "def" || previous == "class" || previous == "." || previous == "as" || previous == "for";
    if KEYWORDS.contains(&at) && (is_name_place || place.word(place.stop + 1) == "=") {
        let message = format!("`{at}` is a keyword of Python and cannot be a name");
        return Some(place.error(Code::SyntaxError, message).help("choose another name"));
    }
    let begins_operand = place.line.get(place.stop).is_some_and(|token| match token.kind {
        TokenKind::Number | TokenKind::String => true,
        TokenKind::Name => place.is_operand(place.stop),
        TokenKind::Op => at == "{",
        TokenKind::Newline => false,
    });
    if begins_operand && place.stop > 0 && place.is_operand(place.stop - 1) {
        let message =
            format!("an operator or a comma is missing between `{}` and `{}`", shorten(previous), shorten(at));
        let error = place.error(Code::SyntaxError, message);
        let prose = place.line.len() > 3 && place.line[..place.stop].iter().all(|t| t.kind == TokenKind::Name);
        return Some(if prose { error.help("text stands in quotes, or behind a `#`") } else { error });
    }
    None
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(20).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
