//! The one parser for all notations of signatures.

use super::lexer::{Kind, Token, tokens};
use super::spelling::{self, Dialect, Meaning};
use super::{DataModel, Notation, SigParam, Signature};
use crate::diag::{Code, Diagnostic, FileId, Span};
use crate::front::exports::Export;
use crate::front::syntax::Ident;
use crate::types::{Layout, Pointee, PtrType, Type};

/// More overloads than this from the alternatives of one signature are a mistake.
const MAX_ALTERNATIVES: usize = 64;
/// Parameters of one function, as C guarantees at least half as many.
const MAX_PARAMS: usize = 255;
/// Types within types.
const MAX_DEPTH: usize = 32;

pub(in crate::front) type Parse<T> = Result<T, Box<Diagnostic>>;

pub(in crate::front) struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    pub(super) at: usize,
    end: Span,
    pub(super) dialect: Dialect,
    model: DataModel,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, file: FileId, offset: u32, dialect: Dialect, model: DataModel) -> Parser<'a> {
        let end = offset + text.trim_end().len() as u32;
        let end = Span::new(file, end, end);
        Parser { tokens: tokens(text, file, offset), at: 0, end, dialect, model, depth: 0 }
    }

    pub(super) fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).filter(|t| t.kind != Kind::Quoted).map_or("", |token| token.text)
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    pub fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(self.end, |token| token.span)
    }

    pub(super) fn previous(&self) -> Span {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(self.end, |token| token.span)
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn eat(&mut self, text: &str) -> bool {
        let found = self.peek() == text;
        self.at += usize::from(found);
        found
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied();
        self.at += usize::from(token.is_some());
        token
    }

    pub fn fault(&self, message: impl Into<String>, help: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(Code::SignatureSyntax, self.span(), message).help(help))
    }

    pub(super) fn expect(&mut self, text: &str, place: &str) -> Parse<()> {
        if self.eat(text) {
            return Ok(());
        }
        let found = if self.at_end() { "the end of the text".to_owned() } else { format!("`{}`", self.peek()) };
        Err(self.fault(format!("expected `{text}` {place}, found {found}"), &format!("put a `{text}` here")))
    }

    /// A signature in any notation, or a list of them in brackets.
    pub fn signatures(&mut self) -> Parse<Vec<Signature>> {
        if self.at_end() {
            let help = "write it as `float64(float64)` or `double (double)`";
            return Err(self.fault("the signature is empty", help));
        }
        let in_list = self.eat("[");
        let mut all = self.signature()?;
        while in_list && self.eat(",") {
            if self.peek() == "]" {
                break;
            }
            all.extend(self.signature()?);
        }
        if in_list {
            self.expect("]", "at the end of the list of signatures")?;
        }
        if !self.at_end() {
            let message = format!("`{}` is not expected behind the signature", self.peek());
            return Err(self.fault(message, "remove it"));
        }
        Ok(all)
    }

    /// One signature: Numba's and C's begin with the result, Pythran's with the name of the function.
    fn signature(&mut self) -> Parse<Vec<Signature>> {
        let start = self.at;
        let first = self.span();
        if self.names_function() {
            self.dialect = Dialect::Python;
            let name = self.next().map(|token| token.text.to_owned());
            return self.with_params(name, None, first, Notation::Pythran);
        }
        self.dialect = Dialect::C;
        let result = if self.peek() == "(" { None } else { Some(self.single_type("as the result type")?) };
        let name = match self.kind() {
            Some(Kind::Word) => self.next().map(|token| token.text.to_owned()),
            _ => None,
        };
        let mut signatures = self.with_params(name, result, first, Notation::Numba)?;
        let words = &self.tokens[start..self.at];
        let is_c = words
            .iter()
            .any(|t| matches!(t.text, "*" | "const" | "unsigned" | "int" | "long" | "float" | "char"))
            || !words.iter().any(|t| t.kind == Kind::Word && !matches!(t.text, "double" | "void" | "short" | "bool"));
        if is_c {
            signatures.iter_mut().for_each(|signature| signature.notation = Notation::C);
        }
        Ok(signatures)
    }

    /// Whether the text begins with a function's name, as Pythran writes it: a word that is no type, and a bracket.
    fn names_function(&self) -> bool {
        let word = self.peek();
        self.kind() == Some(Kind::Word)
            && self.peek_at(1) == "("
            && !is_constructor(word)
            && !word.contains('.')
            && spelling::meaning(word, Dialect::C, self.model).is_none()
            // A misspelt type is not a function's name.
            && spelling::nearest(word).is_none()
    }

    /// Names and signatures behind `export`, separated by commas.
    pub fn exports(&mut self) -> Parse<Vec<Export>> {
        let mut exports = Vec::new();
        loop {
            let start = self.span();
            let capsule = self.peek() == "capsule" && self.peek_at(1) != "(";
            self.at += usize::from(capsule);
            let fault = |this: &Self| {
                let error =
                    this.fault("the name of a function is missing in this export", "write `export f(int, float64[:])`");
                Box::new(Diagnostic { code: Code::ExportComment, ..*error })
            };
            let Some(token) = self.next().filter(|token| token.kind == Kind::Word && !token.text.contains('.')) else {
                self.at = self.at.saturating_sub(1);
                return Err(fault(self));
            };
            let name = Ident { text: token.text.to_owned(), span: token.span };
            let mut signatures = match self.peek() {
                "(" => self.with_params(Some(name.text.clone()), None, start, Notation::Pythran)?,
                _ => Vec::new(),
            };
            signatures.iter_mut().for_each(|signature| signature.capsule = capsule);
            exports.push(Export { name, capsule, signatures, span: start.to(self.previous()) });
            if self.at_end() {
                return Ok(exports);
            }
            if !self.eat(",") {
                let message = format!("`{}` is not expected in an export", self.peek());
                let error = self.fault(message, "separate exports by commas, or put each on a line of its own");
                return Err(Box::new(Diagnostic { code: Code::ExportComment, ..*error }));
            }
        }
    }

    /// The parameters in parentheses; several signatures if some have alternatives.
    pub fn with_params(
        &mut self,
        name: Option<String>,
        result: Option<Type>,
        first: Span,
        notation: Notation,
    ) -> Parse<Vec<Signature>> {
        self.expect("(", "before the parameters")?;
        let mut lists: Vec<Vec<SigParam>> = vec![Vec::new()];
        let only_void = self.peek() == "void" && self.peek_at(1) == ")";
        self.at += usize::from(only_void);
        while !only_void && self.peek() != ")" {
            let start = self.span();
            if lists[0].len() >= MAX_PARAMS {
                return Err(self.fault(format!("there are more than {MAX_PARAMS} parameters"), "pass them in an array"));
            }
            let types = self.alternatives()?;
            let name = self.param_name();
            let types = if self.peek() == "[" { self.c_array_param(types)? } else { types };
            let span = start.to(self.previous());
            if types.contains(&Type::None) && types.len() == 1 {
                let message = "a parameter cannot have the type `void`";
                return Err(Box::new(
                    Diagnostic::error(Code::SignatureSyntax, span, message)
                        .help("write `void *` for a pointer of any type"),
                ));
            }
            if lists.len() * types.len() > MAX_ALTERNATIVES {
                let message = format!("the alternatives of this signature make more than {MAX_ALTERNATIVES} overloads");
                return Err(Box::new(
                    Diagnostic::error(Code::LimitExceeded, span, message).help("export fewer of them"),
                ));
            }
            let param = |ty: &Type| SigParam { ty: ty.clone(), name: name.clone(), span };
            lists = types
                .iter()
                .flat_map(|ty| lists.iter().map(|list| list.iter().cloned().chain([param(ty)]).collect::<Vec<_>>()))
                .collect();
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")", "behind the parameters")?;
        let span = first.to(self.previous());
        let signature =
            |params| Signature { name: name.clone(), params, result: result.clone(), capsule: false, notation, span };
        Ok(lists.into_iter().map(signature).collect())
    }

    /// C prototypes may name their parameters.
    fn param_name(&mut self) -> Option<String> {
        let is_name = self.kind() == Some(Kind::Word) && matches!(self.peek_at(1), "," | ")" | "[" | "");
        if !is_name || self.dialect != Dialect::C {
            return None;
        }
        self.next().map(|token| token.text.to_owned())
    }

    /// `double x[]`: a pointer.
    fn c_array_param(&mut self, types: Vec<Type>) -> Parse<Vec<Type>> {
        self.expect("[", "before the extent")?;
        if self.kind() == Some(Kind::Number) {
            self.next();
        }
        self.expect("]", "behind the extent")?;
        let pointers = types.into_iter().map(|ty| self.pointer(ty, true));
        pointers.collect()
    }

    /// Exactly one type.
    pub fn single_type(&mut self, place: &str) -> Parse<Type> {
        let start = self.span();
        let mut types = self.alternatives()?;
        match (types.pop(), types.is_empty()) {
            (Some(ty), true) => Ok(ty),
            // Without `order`, the type of a matrix stands for both orders; where one type is wanted it is C's.
            (Some(_), false) if types.len() == 1 && is_other_order(&types) => Ok(types.swap_remove(0)),
            _ => {
                let message = format!("alternatives cannot stand {place}");
                Err(Box::new(Diagnostic::error(Code::SignatureSyntax, start, message).help("choose one type")))
            }
        }
    }

    /// `A or B`, `A | B`, `A?`.
    pub fn alternatives(&mut self) -> Parse<Vec<Type>> {
        let mut types = self.suffixed()?;
        while self.eat("or") || self.eat("|") {
            types.extend(self.suffixed()?);
        }
        // `float64 | None` is one optional type, not two overloads.
        if types.len() > 1 && types.contains(&Type::None) {
            types.retain(|ty| *ty != Type::None);
            types = types.into_iter().map(Type::optional).collect();
        }
        Ok(types)
    }

    /// A type with all that follows it: `*`, `[...]`, `list`, `order(F)`, `?`.
    fn suffixed(&mut self) -> Parse<Vec<Type>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault("this type is nested too deeply", "use fewer levels"));
        }
        let mut constant = self.eat("const");
        let mut types = vec![self.base()?];
        constant |= self.eat("const");
        loop {
            if self.eat("*") {
                types = types.into_iter().map(|ty| self.pointer(ty, !constant)).collect::<Parse<_>>()?;
                constant = false;
                while self.eat("restrict") || self.eat("__restrict") || self.eat("const") {}
            } else if self.peek() == "[" {
                types = self.array(types, !constant)?;
            } else if self.eat("list") {
                types = types.into_iter().map(|ty| Type::List(Box::new(ty))).collect();
            } else if matches!(self.peek(), "set" | "dict") || (self.peek() == ":" && self.dialect == Dialect::Python) {
                return Err(self.unsupported("a dict or set", "kernels have no dicts and sets: pass arrays"));
            } else if self.eat("?") {
                types = types.into_iter().map(Type::optional).collect();
            } else {
                self.depth -= 1;
                return Ok(types);
            }
        }
    }

    pub(super) fn unsupported(&self, what: &str, help: &str) -> Box<Diagnostic> {
        Box::new(
            Diagnostic::error(Code::UnsupportedType, self.span(), format!("{what} is no type of kernels")).help(help),
        )
    }

    fn pointer(&self, ty: Type, writable: bool) -> Parse<Type> {
        let pointee = match ty {
            Type::None => Pointee::Void,
            Type::Ptr(inner) => Pointee::Ptr(Box::new(inner)),
            other => match other.scalar() {
                Some(scalar) => Pointee::Scalar(scalar),
                None => {
                    let span = self.previous();
                    let message = format!("a pointer to `{other}` is not supported");
                    let help = "point to a number, or to `void`";
                    return Err(Box::new(Diagnostic::error(Code::UnsupportedType, span, message).help(help)));
                }
            },
        };
        Ok(Type::Ptr(PtrType { pointee, writable }))
    }

    /// The base of a type: a name, a constructor, or a tuple in parentheses.
    fn base(&mut self) -> Parse<Type> {
        if self.peek() == "(" {
            return self.tuple();
        }
        if self.kind() != Some(Kind::Word) {
            let message = if self.at_end() {
                "a type is missing here".to_owned()
            } else {
                format!("`{}` is no type", self.peek())
            };
            return Err(self.fault(message, "write a type, such as `float64` or `int32`"));
        }
        let word = self.peek();
        if is_constructor(word) && matches!(self.peek_at(1), "(" | "[") {
            return self.constructor();
        }
        let c_word = |word: &str| matches!(word, "unsigned" | "signed" | "long" | "short" | "int" | "char" | "double");
        if c_word(word) && c_word(self.peek_at(1)) || matches!(word, "unsigned" | "signed") {
            return self.c_words();
        }
        let Some(token) = self.next() else { return Ok(Type::None) };
        match spelling::meaning(token.text, self.dialect, self.model) {
            Some(meaning) => resolve(meaning, token.text, token.span),
            None => Err(unknown_type(token.text, token.span)),
        }
    }

    fn c_words(&mut self) -> Parse<Type> {
        let start = self.span();
        let mut words = Vec::new();
        while matches!(self.peek(), "unsigned" | "signed" | "long" | "short" | "int" | "char" | "double") {
            words.extend(self.next().map(|token| token.text));
        }
        let span = start.to(self.previous());
        let text = words.join(" ");
        match spelling::c_words(&words, self.model) {
            Some(meaning) => resolve(meaning, &text, span),
            None => Err(unknown_type(&text, span)),
        }
    }

    /// `(int, float)`
    fn tuple(&mut self) -> Parse<Type> {
        self.expect("(", "before the items of the tuple")?;
        let mut items = Vec::new();
        while self.peek() != ")" {
            items.push(self.single_type("in a tuple")?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")", "behind the items of the tuple")?;
        Ok(Type::Tuple(items))
    }

    /// `CPointer(T)`, `Array(T, 2, "C")`, `Tuple((A, B))` and their like; brackets of either kind.
    fn constructor(&mut self) -> Parse<Type> {
        let name = self.next().and_then(|token| spelling::base_name(token.text)).unwrap_or_default();
        let close = if self.eat("(") { ")" } else { "]" };
        if close == "]" {
            self.expect("[", "before the argument")?;
        }
        let ty = match name {
            "CPointer" | "Ptr" | "POINTER" => {
                let pointee = self.single_type("behind a pointer")?;
                self.pointer(pointee, true)?
            }
            "Optional" => Type::optional(self.single_type("in an optional type")?),
            "List" | "ListType" | "list" => Type::List(Box::new(self.single_type("in a list")?)),
            "UniTuple" => {
                let item = self.single_type("in a tuple")?;
                self.expect(",", "before the number of items")?;
                let count = self.number(MAX_ALTERNATIVES as u32)?;
                Type::Tuple(vec![item; count as usize])
            }
            "Tuple" | "BaseTuple" if self.peek() == "(" => self.tuple()?,
            "Array" => self.array_constructor()?,
            _ => {
                let mut items = Vec::new();
                while self.peek() != close {
                    items.push(self.single_type("in a tuple")?);
                    if !self.eat(",") {
                        break;
                    }
                }
                Type::Tuple(items)
            }
        };
        self.eat(",");
        self.expect(close, "behind the arguments of the type")?;
        Ok(ty)
    }

    pub(super) fn number(&mut self, most: u32) -> Parse<u32> {
        let value = self.peek().parse().ok().filter(|n| *n <= most && self.kind() == Some(Kind::Number));
        let value =
            value.ok_or_else(|| self.fault(format!("expected a number up to {most} here"), "write a number"))?;
        self.next();
        Ok(value)
    }
}

fn is_other_order(types: &[Type]) -> bool {
    matches!(types, [Type::Array(array)] if array.rank == 2 && array.layout == Layout::C)
}

fn is_constructor(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "CPointer",
        "Ptr",
        "POINTER",
        "Array",
        "Tuple",
        "BaseTuple",
        "UniTuple",
        "Optional",
        "List",
        "ListType",
        "tuple",
    ];
    spelling::base_name(word).is_some_and(|name| NAMES.contains(&name))
}

/// The type of a word, or why there is none.
pub(in crate::front) fn resolve(meaning: Meaning, word: &str, span: Span) -> Parse<Type> {
    match meaning {
        Meaning::Type(ty) => Ok(ty),
        Meaning::Complex => {
            let message = format!("`{word}` is complex, and complex numbers are not compiled yet");
            let error = Diagnostic::error(Code::ComplexUnsupported, span, message);
            Err(Box::new(error.help("pass the real and the imaginary part as two floats or two arrays")))
        }
        Meaning::Unsupported(help) => {
            let message = format!("`{word}` is no type of kernels");
            Err(Box::new(Diagnostic::error(Code::UnsupportedType, span, message).help(help)))
        }
    }
}

pub(in crate::front) fn unknown_type(word: &str, span: Span) -> Box<Diagnostic> {
    let error = Diagnostic::error(Code::UnknownType, span, format!("there is no type `{word}`"));
    Box::new(match spelling::nearest(word) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => {
            error.help("types are `float64`, `float32`, `int8` to `int64`, `uint8` to `uint64`, `bool`, `int`, `float`")
        }
    })
}
