//! The scan itself: one walk over the characters that makes tokens and reports what cannot be a Python text.

use super::limits::{self, Depth};
use super::token::{Comment, Token, TokenKind};
use super::{Lexed, number};
use crate::diag::{Code, Diagnostic, FileId, Sink, Span};

/// After so many faults the text is not Python at all.
const MAX_FAULTS: usize = 50;

/// Scans a whole text. Faults go to the sink; the tokens are then of no use.
pub fn scan(text: &str, file: FileId, sink: &mut Sink) -> Lexed {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        file,
        sink,
        pos: 0,
        line: 0,
        lexed: Lexed::default(),
        brackets: Vec::new(),
        depth: Depth::default(),
        blocks: vec![Block::default()],
        line_has_token: false,
        after_operand: false,
        stop: false,
    };
    scanner.run();
    scanner.lexed
}

/// Keywords that begin a statement with a block.
pub const COMPOUND: &[&str] = &[
    "def", "class", "if", "elif", "else", "for", "while", "with", "try", "except", "finally", "async", "match", "case",
];

/// A level of indentation, measured as CPython does: with tabs to every eighth column, and with tabs as one column. Where
/// the two orders disagree, the indentation depends on the width of tabs.
#[derive(Clone, Copy, Default)]
struct Block {
    column: u32,
    narrow: u32,
    elifs: usize,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    file: FileId,
    sink: &'a mut Sink,
    pos: usize,
    /// Where the physical line under way begins.
    line: usize,
    lexed: Lexed,
    brackets: Vec<(u8, usize)>,
    depth: Depth,
    blocks: Vec<Block>,
    /// The logical line under way has a token.
    line_has_token: bool,
    /// The last token ends an operand, so that a bracket behind it is a call or an index.
    after_operand: bool,
    stop: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.pos < self.bytes.len() && !self.stop {
            self.step();
            self.stop |= self.sink.error_count() > MAX_FAULTS;
        }
        if self.stop {
            return;
        }
        if let Some(&(bracket, at)) = self.brackets.last() {
            self.unclosed(bracket, at);
        } else if self.line_has_token {
            self.newline(self.pos, self.pos);
        }
    }

    fn at(&self, offset: usize) -> u8 {
        self.bytes.get(self.pos + offset).copied().unwrap_or(0)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    fn fault(&mut self, code: Code, start: usize, end: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span(start, end), message)
    }

    fn limit(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
        self.stop = true;
    }

    /// One token, blank or comment.
    fn step(&mut self) {
        let start = self.pos;
        match self.bytes[self.pos] {
            b' ' | b'\t' | b'\x0c' => self.pos += 1,
            b'\n' | b'\r' => {
                self.pos += if self.bytes[start] == b'\r' && self.at(1) == b'\n' { 2 } else { 1 };
                self.line = self.pos;
                if self.brackets.is_empty() && self.line_has_token {
                    self.newline(start, self.pos);
                }
            }
            b'#' => self.comment(),
            b'\\' => self.continuation(),
            b'0'..=b'9' => self.number(),
            b'.' if self.at(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.string(start),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(),
            _ => self.operator(),
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        if !self.line_has_token {
            self.line_has_token = true;
            self.first_of_line(start);
        }
        self.lexed.tokens.push(Token { kind, start: start as u32, end: end as u32 });
    }

    /// The end of a logical line.
    fn newline(&mut self, start: usize, end: usize) {
        self.lexed.tokens.push(Token { kind: TokenKind::Newline, start: start as u32, end: end as u32 });
        self.line_has_token = false;
        self.after_operand = false;
        self.depth.reset();
    }

    /// The first token of a logical line: its indentation opens or closes blocks.
    fn first_of_line(&mut self, start: usize) {
        let line_start = self.line;
        let (mut column, mut narrow) = (0, 0);
        for byte in &self.bytes[line_start..start] {
            match byte {
                b'\t' => (column, narrow) = (column / 8 * 8 + 8, narrow + 1),
                b'\x0c' => (column, narrow) = (0, 0),
                _ => (column, narrow) = (column + 1, narrow + 1),
            }
        }
        while self.blocks.len() > 1 && self.blocks.last().is_some_and(|block| block.column > column) {
            self.blocks.pop();
        }
        let top = self.blocks.last().copied().unwrap_or_default();
        let mixed = if column == top.column { narrow != top.narrow } else { narrow <= top.narrow };
        if mixed {
            let fault =
                self.fault(Code::Indentation, line_start, start, "tabs and spaces are mixed in the indentation");
            self.sink.push(fault.help("indent with spaces only"));
        }
        if column > top.column {
            let opens = self.lexed.tokens.iter().rev().find(|token| token.kind != TokenKind::Newline);
            if opens.is_some_and(|token| token.text(self.text) == ":") || self.previous_line_opens_block() {
                self.blocks.push(Block { column, narrow, elifs: 0 });
            } else {
                self.dedent_fault(line_start, start, column);
            }
        }
        if self.blocks.len() > limits::MAX_INDENT {
            self.limit(limits::too_much_indentation(self.span(line_start, start)));
        }
        let keyword = |word: &str| {
            self.text[start..]
                .strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let (is_elif, is_else) = (keyword("elif"), keyword("else"));
        if let Some(block) = self.blocks.last_mut() {
            block.elifs = if is_elif {
                block.elifs + 1
            } else if is_else {
                block.elifs
            } else {
                0
            };
        }
        if is_elif && self.blocks.iter().map(|block| block.elifs).sum::<usize>() > limits::MAX_ELIF {
            self.limit(limits::too_many_elif(self.span(start, start + 4)));
        }
    }

    /// Whether the line before begins like one that has a block. If its colon is missing, that is the fault to report, and
    /// the parser finds it.
    fn previous_line_opens_block(&self) -> bool {
        let Some((_, before)) = self.lexed.tokens.split_last() else { return false };
        let line = before.rsplit(|token| token.kind == TokenKind::Newline).next().unwrap_or(before);
        line.first().is_some_and(|token| COMPOUND.contains(&token.text(self.text)))
    }

    /// A line that is indented although nothing before it opens a block, or that returns to a column of no block.
    fn dedent_fault(&mut self, line_start: usize, start: usize, column: u32) {
        let previous = self.lexed.tokens.iter().rev().find(|token| token.kind != TokenKind::Newline);
        let before = previous.map_or(&self.bytes[..0], |token| &self.bytes[..token.start as usize]);
        let previous_line = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |i| i + 1);
        let indent = |from: usize| self.bytes[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let message = if indent(previous_line) as u32 > column {
            "this line returns to a column that no block around it has"
        } else {
            "this line is indented without reason"
        };
        let fault = self.fault(Code::Indentation, line_start, start, message);
        self.sink.push(fault.help("give it the indentation of the block it belongs to"));
        self.stop = true;
    }

    fn comment(&mut self) {
        let start = self.pos;
        let length = self.bytes[start..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
        self.pos += length;
        let line_start = self.line;
        let own_line = self.bytes[line_start..start].iter().all(|b| matches!(b, b' ' | b'\t' | b'\x0c'));
        let span = self.span(start, self.pos);
        self.lexed.comments.push(Comment { span, own_line, column: (start - line_start) as u32 });
    }

    fn continuation(&mut self) {
        let start = self.pos;
        let skip = match (self.at(1), self.at(2)) {
            (b'\r', b'\n') => 3,
            (b'\n' | b'\r', _) => 2,
            _ => 0,
        };
        self.pos += skip.max(1);
        self.line = if skip > 0 { self.pos } else { self.line };
        if skip == 0 || self.pos >= self.bytes.len() {
            let fault =
                self.fault(Code::SyntaxError, start, start + 1, "a backslash outside strings must end its line");
            self.sink.push(fault.help("remove the backslash, or what follows it on this line"));
        }
    }

    fn number(&mut self) {
        let start = self.pos;
        let (end, fault) = number::scan(self.bytes, start);
        self.pos = end;
        self.push(TokenKind::Number, start, end);
        self.after_operand = true;
        if let Some(message) = fault {
            let fault = self.fault(Code::InvalidNumber, start, end, message);
            self.sink.push(fault);
        }
    }

    /// A string whose quotes begin at `self.pos`; its prefix begins at `start`.
    fn string(&mut self, start: usize) {
        let quote = self.at(0);
        let triple = self.at(1) == quote && self.at(2) == quote;
        let body = self.pos + if triple { 3 } else { 1 };
        let mut end = body;
        let closed = loop {
            match self.bytes.get(end) {
                None => break false,
                Some(b'\\') => end += if self.bytes[end + 1..].starts_with(b"\r\n") { 3 } else { 2 },
                Some(b'\n' | b'\r') if !triple => break false,
                Some(byte) if *byte == quote => {
                    if !triple {
                        break true;
                    }
                    if self.bytes[end..].starts_with(&[quote; 3]) {
                        break true;
                    }
                    end += 1;
                }
                Some(_) => end += 1,
            }
        };
        let end = end.min(self.bytes.len());
        self.pos = if !closed {
            end
        } else if triple {
            end + 3
        } else {
            end + 1
        };
        self.push(TokenKind::String, start, self.pos);
        self.after_operand = true;
        if let Some(i) = self.bytes[start..self.pos].iter().rposition(|b| matches!(b, b'\n' | b'\r')) {
            self.line = start + i + 1;
        }
        if !closed {
            let mark = if triple { body } else { end };
            let fault = self.fault(Code::UnterminatedString, start, mark, "this string is never closed");
            let help = if triple { "close it with three quotes" } else { "close it with the same quote on this line" };
            self.sink.push(fault.label("begins here").help(help));
        } else if self.bytes[start..body].iter().any(|b| matches!(b, b'f' | b'F')) {
            self.f_string(start, body, end);
        }
    }

    /// The expressions of an f-string are parsed by themselves later, so they are measured here, roughly: everything in
    /// them that could be an operator counts.
    fn f_string(&mut self, start: usize, body: usize, end: usize) {
        let (mut level, mut count) = (0u32, 0u32);
        for byte in &self.bytes[body..end] {
            match byte {
                b'{' => level += 1,
                b'}' => level = level.saturating_sub(1),
                byte if byte.is_ascii_alphanumeric() || *byte == b'_' => continue,
                _ if level == 0 => continue,
                _ => {}
            }
            count += 1;
        }
        if count > limits::MAX_DEPTH {
            self.limit(limits::too_deep(self.span(start, body)));
        }
    }

    /// A name, a keyword, or the prefix of a string.
    fn word(&mut self) {
        let start = self.pos;
        for (i, c) in self.text[start..].char_indices() {
            self.pos = start + i;
            if !(c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && self.name_character(c))) {
                break;
            }
            self.pos += c.len_utf8();
        }
        if self.pos == start {
            // A character that no name holds.
            return self.invalid_character();
        }
        let word = &self.text[start..self.pos];
        if matches!(self.at(0), b'"' | b'\'') && is_string_prefix(word) {
            return self.string(start);
        }
        if !self.brackets.is_empty() && begins_statement(word) && self.first_on_its_line(start) {
            // No statement stands inside brackets, so the bracket was meant to be closed before.
            let (bracket, at) = self.brackets[self.brackets.len() - 1];
            self.unclosed(bracket, at);
            self.brackets.clear();
            self.newline(start, start);
        }
        match word {
            "and" | "or" | "if" | "else" | "lambda" | "in" | "is" => self.depth.branch(),
            "not" | "await" | "yield" => self.depth.operator(),
            _ => {}
        }
        let is_operand = !is_keyword_operator(word);
        self.push(TokenKind::Name, start, self.pos);
        self.after_operand = is_operand;
        self.check_depth(start);
    }

    fn first_on_its_line(&self, at: usize) -> bool {
        self.bytes[self.line..at].iter().all(|b| matches!(b, b' ' | b'\t'))
    }

    /// Whether a character outside ASCII may stand in a name. Python compares names after NFKC normalisation; characters
    /// that it would change are refused, so that two spellings of one name are never two variables.
    fn name_character(&self, c: char) -> bool {
        matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{131}' | '\u{134}'..='\u{13e}'
            | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}' | '\u{180}'..='\u{1c3}' | '\u{1cd}'..='\u{1f0}'
            | '\u{1f4}'..='\u{24f}' | '\u{386}' | '\u{388}'..='\u{3cf}' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}'
            | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
            && c.is_alphabetic()
    }

    fn invalid_character(&mut self) {
        let start = self.pos;
        let c = self.text[start..].chars().next().unwrap_or(' ');
        self.pos += c.len_utf8();
        let same = self.text[self.pos..].chars().take_while(|next| *next == c).count();
        self.pos += same * c.len_utf8();
        // The line has begun; its next token does not stand at its indentation.
        self.line_has_token = true;
        let (message, replacement) = describe_character(c);
        let mut fault = self.fault(Code::InvalidCharacter, start, start + c.len_utf8(), message);
        if let Some(ascii) = replacement {
            let span = self.span(start, start + c.len_utf8());
            fault = fault.help(format!("write `{ascii}`")).replace(span, ascii);
        }
        self.sink.push(fault);
    }

    fn operator(&mut self) {
        const THREE: [&str; 5] = ["**=", "//=", ">>=", "<<=", "..."];
        const TWO: [&str; 19] = [
            "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=",
            ":=",
        ];
        let start = self.pos;
        let rest = &self.text[start..];
        let length = if THREE.iter().any(|op| rest.starts_with(op)) {
            3
        } else if TWO.iter().any(|op| rest.starts_with(op)) {
            2
        } else {
            1
        };
        let op = &rest[..length];
        match op {
            "(" | "[" | "{" => return self.open(),
            ")" | "]" | "}" => return self.close(),
            "$" | "?" | "!" | "`" => return self.invalid_character(),
            "<" | ">" | "==" | "!=" | "<=" | ">=" => self.depth.branch(),
            "," | ";" | "=" => self.depth.separator(),
            ":" | "->" | "..." => {}
            _ if length == 1 && !op.starts_with(|c: char| c.is_ascii_punctuation()) => return self.invalid_character(),
            _ => self.depth.operator(),
        }
        self.pos += length;
        self.push(TokenKind::Op, start, self.pos);
        self.after_operand = op == "...";
        self.check_depth(start);
    }

    fn check_depth(&mut self, at: usize) {
        if self.depth.exceeded() && !self.stop {
            self.limit(limits::too_deep(self.span(at, self.pos)));
        }
    }

    fn open(&mut self) {
        let start = self.pos;
        if self.after_operand && self.bytes[start] != b'{' {
            self.depth.operator();
        }
        self.pos += 1;
        self.push(TokenKind::Op, start, self.pos);
        self.brackets.push((self.bytes[start], start));
        self.depth.open();
        self.after_operand = false;
        if self.brackets.len() > limits::MAX_BRACKETS {
            self.limit(limits::too_many_brackets(self.span(start, start + 1)));
        }
    }

    fn close(&mut self) {
        let start = self.pos;
        let closing = self.bytes[start];
        self.pos += 1;
        self.push(TokenKind::Op, start, self.pos);
        self.depth.close();
        self.after_operand = true;
        self.check_depth(start);
        match self.brackets.pop() {
            Some((opening, _)) if closer(opening) == closing => {}
            Some((opening, at)) => {
                let message = format!("`{}` does not close `{}`", closing as char, opening as char);
                let fault = self.fault(Code::UnclosedBracket, start, start + 1, message);
                let opened = self.span(at, at + 1);
                let help = format!("close it with `{}`", closer(opening) as char);
                self.limit(fault.also(opened, "opened here").help(help));
            }
            None => {
                let message = format!("`{}` closes nothing", closing as char);
                let fault = self.fault(Code::UnclosedBracket, start, start + 1, message);
                self.limit(fault.help("remove it, or open the bracket before"));
            }
        }
    }

    fn unclosed(&mut self, bracket: u8, at: usize) {
        let message = format!("`{}` is never closed", bracket as char);
        let fault = self.fault(Code::UnclosedBracket, at, at + 1, message);
        self.sink.push(fault.label("opened here").help(format!("close it with `{}`", closer(bracket) as char)));
    }
}

fn closer(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn is_string_prefix(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf")
}

/// Keywords that begin a statement and never stand in an expression.
fn begins_statement(word: &str) -> bool {
    matches!(
        word,
        "def"
            | "class"
            | "return"
            | "import"
            | "while"
            | "with"
            | "try"
            | "except"
            | "finally"
            | "raise"
            | "assert"
            | "del"
            | "global"
            | "nonlocal"
            | "pass"
            | "break"
            | "continue"
            | "elif"
    )
}

/// Keywords behind which an operand is still to come, so that a bracket is no call.
fn is_keyword_operator(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "not"
            | "if"
            | "else"
            | "elif"
            | "lambda"
            | "in"
            | "is"
            | "for"
            | "while"
            | "return"
            | "yield"
            | "await"
            | "assert"
            | "del"
            | "raise"
            | "from"
            | "import"
            | "with"
            | "as"
            | "except"
    )
}

/// What a stray character is called, and what was probably meant.
fn describe_character(c: char) -> (String, Option<&'static str>) {
    let (name, ascii) = match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{ff02}' => ("a typographic quote", Some("\"")),
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{b4}' | '\u{ff07}' => ("a typographic quote", Some("'")),
        '\u{2212}' | '\u{2013}' | '\u{2014}' | '\u{2010}' | '\u{2011}' => {
            ("a typographic dash or minus sign", Some("-"))
        }
        '\u{d7}' | '\u{22c5}' | '\u{b7}' => ("a multiplication sign", Some("*")),
        '\u{f7}' => ("a division sign", Some("/")),
        '\u{2264}' => ("a mathematical sign", Some("<=")),
        '\u{2265}' => ("a mathematical sign", Some(">=")),
        '\u{2260}' => ("a mathematical sign", Some("!=")),
        '\u{b2}' => ("a superscript", Some("**2")),
        '\u{b3}' => ("a superscript", Some("**3")),
        '\u{ff08}' => ("a full-width bracket", Some("(")),
        '\u{ff09}' => ("a full-width bracket", Some(")")),
        '\u{ff0c}' => ("a full-width comma", Some(",")),
        '\u{ff1a}' => ("a full-width colon", Some(":")),
        '\u{b5}' => ("the micro sign, which Python reads as the Greek letter", Some("\u{3bc}")),
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' | '\u{2002}'..='\u{200a}' => {
            return (format!("a special blank (U+{:04X}), not a space", c as u32), Some(" "));
        }
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            return (format!("an invisible character (U+{:04X})", c as u32), Some(""));
        }
        c if c.is_control() => return (format!("a control character (U+{:04X})", c as u32), Some("")),
        c if c.is_alphanumeric() => {
            return (format!("`{c}` (U+{:04X}) is not supported in names", c as u32), None);
        }
        '?' | '$' | '!' | '`' => return (format!("`{c}` has no meaning in Python"), None),
        _ => return (format!("`{c}` (U+{:04X}) has no meaning in Python", c as u32), None),
    };
    (format!("`{c}` (U+{:04X}) is {name}", c as u32), ascii)
}
