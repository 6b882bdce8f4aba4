//! Tokens to a module: the tables and the functions' heads first, so that bodies may name what comes later.

use std::collections::BTreeMap;

use super::body::Body;
use super::lexer::{Kind, Token, error_at, unquote};
use super::{FunctionLines, Lines, ParseError};
use crate::abi::status::Exception;
use crate::base::arena::Id;
use crate::diag::{FileId, Span};
use crate::ir::module::{DataId, DataTable, Entry, FuncId, Function, Level, Linkage, Loc, LocId, Module, Site, SiteId};
use crate::ir::op::Const;
use crate::ir::ty::{ArrayType, Layout, Type};
use crate::types::{Kind as ScalarKind, Scalar};

pub type Result<T> = std::result::Result<T, ParseError>;

pub struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    pos: usize,
    pub module: Module,
    pub functions: BTreeMap<String, FuncId>,
    pub sites: BTreeMap<&'a str, SiteId>,
    pub data: BTreeMap<&'a str, DataId>,
    locs: BTreeMap<&'a str, LocId>,
    /// References to locations from the tables, to be resolved when all are known.
    site_locs: Vec<(SiteId, Token<'a>)>,
    callers: Vec<(LocId, Token<'a>)>,
    /// Functions whose bodies are still to be read: where the body starts, the parameters' names, the line.
    heads: Vec<Head<'a>>,
}

struct Head<'a> {
    id: FuncId,
    body: usize,
    params: Vec<Token<'a>>,
    offset: u32,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, tokens: Vec<Token<'a>>) -> Self {
        Parser {
            text,
            tokens,
            pos: 0,
            module: Module::new(Level::Loop),
            functions: BTreeMap::new(),
            sites: BTreeMap::new(),
            data: BTreeMap::new(),
            locs: BTreeMap::new(),
            site_locs: Vec::new(),
            callers: Vec::new(),
            heads: Vec::new(),
        }
    }

    pub fn module(mut self) -> Result<(Module, Lines)> {
        while self.peek().kind != Kind::End {
            self.item()?;
        }
        for (site, loc) in std::mem::take(&mut self.site_locs) {
            self.module.sites[site].loc = Some(self.find_loc(loc)?);
        }
        for (inner, loc) in std::mem::take(&mut self.callers) {
            self.module.locs[inner].inlined_at = Some(self.find_loc(loc)?);
        }
        let mut offsets = Vec::new();
        for head in std::mem::take(&mut self.heads) {
            self.pos = head.body;
            let f = self.module.functions[head.id].clone();
            let (f, insts) = Body::parse(&mut self, f, &head.params)?;
            self.module.functions[head.id] = f;
            offsets.push((head.offset, insts));
        }
        Ok((self.module, lines(self.text, offsets)))
    }

    fn item(&mut self) -> Result<()> {
        let word = self.peek();
        match (word.kind, word.text) {
            (Kind::Word, "level") => {
                self.next();
                let name = self.word("a level")?;
                let level = Level::ALL.into_iter().find(|l| l.name() == name.text);
                self.module.level = level.ok_or_else(|| self.error(name, "expected `array`, `loop` or `machine`"))?;
                Ok(())
            }
            (Kind::Word, "loc") => self.loc(),
            (Kind::Word, "site") => self.site(),
            (Kind::Word, "data") => self.data(),
            (Kind::Word, "export" | "packed" | "c" | "cold" | "fn") => self.head(),
            _ => Err(self.expected("`level`, `loc`, `site`, `data` or a function")),
        }
    }

    /// `loc #0 = file 0 10..24 in "f" inlined at #1`
    fn loc(&mut self) -> Result<()> {
        self.next();
        let key = self.name('#', "a location `#...`")?;
        self.punct('=')?;
        self.keyword("file")?;
        let file = FileId(self.integer()?);
        let start = self.integer()?;
        if self.next().kind != Kind::Range {
            self.pos -= 1;
            return Err(self.expected("`..`"));
        }
        let end = self.integer()?;
        self.keyword("in")?;
        let function = self.string()?;
        let id = self.module.locs.push(Loc { span: Span::new(file, start, end), function, inlined_at: None });
        if self.try_keyword("inlined") {
            self.keyword("at")?;
            let at = self.name('#', "a location `#...`")?;
            self.callers.push((id, at));
        }
        if self.locs.insert(key.text, id).is_some() {
            return Err(self.error(key, "this location is defined already"));
        }
        Ok(())
    }

    /// `site !0 = ValueError "message" at #0`
    fn site(&mut self) -> Result<()> {
        self.next();
        let key = self.name('!', "a site `!...`")?;
        self.punct('=')?;
        let exception = self.exception()?;
        let message = self.string()?;
        let id = self.module.sites.push(Site { exception, message, loc: None });
        if self.try_keyword("at") {
            let at = self.name('#', "a location `#...`")?;
            self.site_locs.push((id, at));
        }
        if self.sites.insert(key.text, id).is_some() {
            return Err(self.error(key, "this site is defined already"));
        }
        Ok(())
    }

    /// `data $name = "any name": f64 [1.0, 2.0]`
    fn data(&mut self) -> Result<()> {
        self.next();
        let key = self.name('$', "a table `$...`")?;
        let name = if self.try_punct('=') { self.string()? } else { key.text.into() };
        self.punct(':')?;
        let element = self.scalar_type()?;
        self.punct('[')?;
        let mut bits = Vec::new();
        while !self.try_punct(']') {
            bits.push(self.literal(element)?.bits);
            if !self.try_punct(',') {
                self.punct(']')?;
                break;
            }
        }
        let id = self.module.data.push(DataTable { name, element, bits });
        if self.data.insert(key.text, id).is_some() {
            return Err(self.error(key, "this table is defined already"));
        }
        Ok(())
    }

    /// A function up to its body, which is skipped.
    fn head(&mut self) -> Result<()> {
        let offset = self.peek().offset;
        let linkage = if self.try_keyword("export") { Linkage::Export } else { Linkage::Internal };
        let entry = match () {
            () if self.try_keyword("packed") => Entry::Packed,
            () if self.try_keyword("c") => Entry::C,
            () => Entry::Kernel,
        };
        let cold = self.try_keyword("cold");
        self.keyword("fn")?;
        let name = self.function_name()?;
        let (mut params, mut types) = (Vec::new(), Vec::new());
        self.punct('(')?;
        while !self.try_punct(')') {
            params.push(self.name('%', "a parameter `%...`")?);
            self.punct(':')?;
            types.push(self.ty()?);
            if !self.try_punct(',') {
                self.punct(')')?;
                break;
            }
        }
        let results = self.result_types()?;
        let function = Function { cold, ..Function::new(name.clone(), &types, &results, linkage, entry) };
        let id = self.module.functions.push(function);
        // Of two functions with one name, which the verifier refuses, calls mean the first.
        self.functions.entry(name).or_insert(id);
        self.heads.push(Head { id, body: self.pos, params, offset });
        self.skip_braces()
    }

    fn skip_braces(&mut self) -> Result<()> {
        self.punct('{')?;
        let mut depth = 1;
        while depth > 0 {
            match self.next().kind {
                Kind::Punct('{') => depth += 1,
                Kind::Punct('}') => depth -= 1,
                Kind::End => return Err(self.expected("`}`")),
                _ => {}
            }
        }
        Ok(())
    }

    // ---- Pieces that tables and bodies share.

    pub fn peek(&self) -> Token<'a> {
        self.tokens[self.pos]
    }

    /// Takes a token; the last one, `End`, is never passed.
    pub fn next(&mut self) -> Token<'a> {
        let token = self.tokens[self.pos];
        if token.kind != Kind::End {
            self.pos += 1;
        }
        token
    }

    pub fn error(&self, at: Token<'_>, message: impl Into<String>) -> ParseError {
        error_at(self.text, at.offset as usize, message.into())
    }

    /// The next token is not what was expected.
    pub fn expected(&self, what: &str) -> ParseError {
        let found = self.peek();
        self.error(found, format!("expected {what}, found {}", found.describe()))
    }

    pub fn name(&mut self, sigil: char, what: &str) -> Result<Token<'a>> {
        if self.peek().kind == Kind::Name(sigil) { Ok(self.next()) } else { Err(self.expected(what)) }
    }

    pub fn word(&mut self, what: &str) -> Result<Token<'a>> {
        if self.peek().kind == Kind::Word { Ok(self.next()) } else { Err(self.expected(what)) }
    }

    pub fn try_keyword(&mut self, word: &str) -> bool {
        let found = self.peek().kind == Kind::Word && self.peek().text == word;
        if found {
            self.next();
        }
        found
    }

    pub fn keyword(&mut self, word: &str) -> Result<()> {
        if self.try_keyword(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    pub fn try_punct(&mut self, c: char) -> bool {
        let found = self.peek().kind == Kind::Punct(c);
        if found {
            self.next();
        }
        found
    }

    pub fn punct(&mut self, c: char) -> Result<()> {
        if self.try_punct(c) { Ok(()) } else { Err(self.expected(&format!("`{c}`"))) }
    }

    pub fn string(&mut self) -> Result<String> {
        let token = self.peek();
        if token.kind != Kind::Text {
            return Err(self.expected("a quoted string"));
        }
        self.next();
        unquote(token.text).map_err(|why| self.error(token, why))
    }

    /// `@f` or `@"any name"`
    pub fn function_name(&mut self) -> Result<String> {
        let token = self.peek();
        match token.kind {
            Kind::Name('@') => Ok(self.next().text.into()),
            Kind::QuotedName => {
                self.next();
                unquote(token.text).map_err(|why| self.error(token, why))
            }
            _ => Err(self.expected("a function `@...`")),
        }
    }

    pub fn exception(&mut self) -> Result<Exception> {
        let name = self.word("an exception")?;
        Exception::from_name(name.text).ok_or_else(|| self.error(name, "expected the name of a builtin exception"))
    }

    /// ` at #n`, if it stands here.
    pub fn at(&mut self) -> Result<Option<LocId>> {
        if !self.try_keyword("at") {
            return Ok(None);
        }
        let token = self.name('#', "a location `#...`")?;
        self.find_loc(token).map(Some)
    }

    fn find_loc(&self, token: Token<'_>) -> Result<LocId> {
        let found = self.locs.get(token.text).copied();
        found.ok_or_else(|| self.error(token, format!("location {} is not defined", token.describe())))
    }

    /// A decimal number that fits `T`.
    pub fn integer<T: TryFrom<u64>>(&mut self) -> Result<T> {
        let token = self.peek();
        let value = Some(token.text).filter(|_| token.kind == Kind::Number).and_then(|t| t.parse::<u64>().ok());
        let value = value.ok_or_else(|| self.expected("a number"))?;
        self.next();
        T::try_from(value).map_err(|_| self.error(token, "this number is too large here"))
    }

    pub fn scalar_type(&mut self) -> Result<Scalar> {
        let token = self.peek();
        let found = Some(token.text).filter(|_| token.kind == Kind::Word).and_then(Scalar::from_name);
        let scalar = found.ok_or_else(|| self.expected("a scalar type"))?;
        self.next();
        Ok(scalar)
    }

    pub fn ty(&mut self) -> Result<Type> {
        let token = self.peek();
        match (token.kind, token.text) {
            (Kind::Word, "ptr") => {
                self.next();
                Ok(Type::Ptr)
            }
            (Kind::Word, "buffer") => {
                self.next();
                Ok(Type::Buffer)
            }
            (Kind::Word, "vec") => {
                self.next();
                self.punct('<')?;
                let s = self.scalar_type()?;
                self.punct('>')?;
                Ok(Type::Vec(s))
            }
            (Kind::Word, "pack") => {
                self.next();
                self.punct('<')?;
                let s = self.scalar_type()?;
                self.punct(',')?;
                let lanes = self.integer()?;
                self.punct('>')?;
                Ok(Type::Pack(s, lanes))
            }
            (Kind::Word, "array") => self.array_type().map(Type::Array),
            (Kind::Word, _) if Scalar::from_name(token.text).is_some() => self.scalar_type().map(Type::Scalar),
            _ => Err(self.expected("a type")),
        }
    }

    /// `array<f64, 2, C, rw>`
    pub fn array_type(&mut self) -> Result<ArrayType> {
        self.keyword("array")?;
        self.punct('<')?;
        let dtype = self.scalar_type()?;
        self.punct(',')?;
        let rank = self.integer()?;
        self.punct(',')?;
        let layout = self.word("a layout")?;
        let layout = [Layout::C, Layout::F, Layout::Strided]
            .into_iter()
            .find(|l| l.name() == layout.text)
            .ok_or_else(|| self.error(layout, "expected `C`, `F` or `A`"))?;
        self.punct(',')?;
        let access = self.word("`rw` or `ro`")?;
        let writable = match access.text {
            "rw" => true,
            "ro" => false,
            _ => return Err(self.error(access, "expected `rw` or `ro`")),
        };
        self.punct('>')?;
        Ok(ArrayType { dtype, rank, layout, writable })
    }

    /// ` -> T, U`, if it stands here.
    pub fn result_types(&mut self) -> Result<Vec<Type>> {
        let mut types = Vec::new();
        if self.peek().kind == Kind::Arrow {
            self.next();
            types.push(self.ty()?);
            while self.try_punct(',') {
                types.push(self.ty()?);
            }
        }
        Ok(types)
    }

    /// The value of a constant of the type.
    pub fn literal(&mut self, ty: Scalar) -> Result<Const> {
        let negative = self.try_punct('-');
        let token = self.peek();
        let bits = match token.kind {
            Kind::Number if token.text.starts_with("0x") && !negative => u64::from_str_radix(&token.text[2..], 16).ok(),
            Kind::Number | Kind::Word => number(ty, token.text, negative),
            _ => None,
        };
        let bits = bits.ok_or_else(|| self.expected(&format!("a value of type {ty}")))?;
        self.next();
        Ok(Const { ty, bits })
    }
}

/// The bits of a number written in decimal.
fn number(ty: Scalar, text: &str, negative: bool) -> Option<u64> {
    match ty.kind() {
        ScalarKind::Bool => match (text, negative) {
            ("true", false) => Some(1),
            ("false", false) => Some(0),
            _ => None,
        },
        ScalarKind::Signed | ScalarKind::Unsigned => {
            let magnitude = i128::from(text.parse::<u64>().ok()?);
            let value = if negative { -magnitude } else { magnitude };
            let (lo, hi) = ty.int_range()?;
            (lo..=hi).contains(&value).then(|| Const::int(ty, value as i64).bits)
        }
        ScalarKind::Float => {
            let known = text.starts_with(|c: char| c.is_ascii_digit()) || text == "inf" || (text == "nan" && !negative);
            if !known {
                return None;
            }
            // NaN has one spelling and one bit pattern: Rust's `parse` is not asked for it.
            Some(match (ty, text) {
                (Scalar::F32, "nan") => f32::NAN.to_bits() as u64,
                (Scalar::F32, _) => {
                    let v: f32 = text.parse().ok()?;
                    (if negative { -v } else { v }).to_bits() as u64
                }
                (_, "nan") => f64::NAN.to_bits(),
                _ => {
                    let v: f64 = text.parse().ok()?;
                    (if negative { -v } else { v }).to_bits()
                }
            })
        }
    }
}

/// Byte offsets to lines. Functions come in the order of the text, instructions too.
fn lines(text: &str, offsets: Vec<(u32, Vec<u32>)>) -> Lines {
    let starts: Vec<u32> = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32).collect();
    let line = |offset: u32| starts.partition_point(|&newline| newline < offset) as u32 + 1;
    let mut lines = Lines::default();
    for (head, insts) in offsets {
        let mut table = FunctionLines { head: line(head), insts: Default::default() };
        for (i, offset) in insts.into_iter().enumerate() {
            table.insts.set(Id::new(i as u32), line(offset));
        }
        lines.functions.push(table);
    }
    lines
}
