//! Ops without regions, by their first word; the other direction is [`Op::name`] and [`crate::ir::print`].

use smallvec::smallvec;

use super::body::{Body, Parsed};
use super::lexer::{Kind, Token};
use super::parser::Result;
use crate::abi::imports::Import;
use crate::abi::status::Exception;
use crate::ir::module::{AliasClass, Site, SiteId, ValueList};
use crate::ir::op::{
    Access, ArrayOp, AxisSpec, BinaryOp, BufferOp, CheckedOp, CompareOp, LaneReduce, Op, ReduceOp, UnaryOp, VectorOp,
};
use crate::types::Scalar;

impl Body<'_, '_> {
    /// The op that a word starts.
    pub fn op(&mut self, word: Token<'_>) -> Result<Parsed> {
        if let Some(ty) = Scalar::from_name(word.text) {
            let c = self.p.literal(ty)?;
            let mut args = smallvec![];
            self.more_values(&mut args)?;
            return Ok(Parsed::plain(Op::Const(c), args));
        }
        if let Some(op) = simple(word.text) {
            let args = self.values()?;
            return Ok(Parsed::plain(op, args));
        }
        if let Some(make) = raising(word.text) {
            let args = self.values()?;
            let site = self.site()?;
            return Ok(Parsed::plain(make(site), args));
        }
        match word.text {
            "load" => self.access(Op::Load),
            "store" => self.access(Op::Store),
            "vec.load" => self.access(|a| Op::Vector(VectorOp::Load(a))),
            "vec.store" => self.access(|a| Op::Vector(VectorOp::Store(a))),
            "vec.gather" => self.access(|a| Op::Vector(VectorOp::Gather(a))),
            "vec.scatter" => self.access(|a| Op::Vector(VectorOp::Scatter(a))),
            "pack.store" => self.access(|a| Op::Vector(VectorOp::PackStore(a))),
            "pack.load" => self.pack_load(),
            "pack.extract" => self.subscript(|k| Op::Vector(VectorOp::Extract(k))),
            "pack.insert" => self.subscript(|k| Op::Vector(VectorOp::Insert(k))),
            "array.dim" => self.subscript(|k| Op::Array(ArrayOp::Dim(k))),
            "array.stride" => self.subscript(|k| Op::Array(ArrayOp::Stride(k))),
            "array.view" => self.view(),
            "array.permute" => self.permute(),
            "call" => self.call(),
            "call_import" => self.call_import(),
            "break" | "continue" | "again" | "raise" | "reraise" => self.jump(word),
            _ => self.with_attribute(word),
        }
    }

    /// Ops with one attribute before or behind their operands.
    fn with_attribute(&mut self, word: Token<'_>) -> Result<Parsed> {
        let op = match word.text {
            "convert" | "bitcast" => {
                let args = self.values()?;
                self.p.keyword("to")?;
                let to = self.p.scalar_type()?;
                let op = if word.text == "convert" { Op::Convert(to) } else { Op::Bitcast(to) };
                return Ok(Parsed::plain(op, args));
            }
            "array.forget" => {
                let args = self.values()?;
                self.p.keyword("to")?;
                return Ok(Parsed::plain(Op::Array(ArrayOp::Forget(self.p.array_type()?)), args));
            }
            "array.alloc" => {
                let ty = self.p.array_type()?;
                let args = self.values()?;
                let site = self.site()?;
                return Ok(Parsed::plain(Op::Array(ArrayOp::Alloc(ty, site)), args));
            }
            "array.make" => {
                let ty = self.p.array_type()?;
                Op::Array(ArrayOp::Make(ty, self.class()?))
            }
            "site_matches" => Op::SiteMatches(self.p.exception()?),
            "stack_slot" => Op::StackSlot(self.p.integer()?),
            "pack.splat" => Op::Vector(VectorOp::PackSplat(self.p.integer()?)),
            "data_addr" => {
                let name = self.p.name('$', "a table `$...`")?;
                let found = self.p.data.get(name.text).copied();
                let message = || self.p.error(name, format!("table {} is not defined", name.describe()));
                Op::DataAddr(found.ok_or_else(message)?)
            }
            _ => return Err(self.p.error(word, format!("there is no op {}", word.describe()))),
        };
        let args = self.values()?;
        Ok(Parsed::plain(op, args))
    }

    /// `!0`; an exception's name that is not declared is a site without message.
    pub fn site(&mut self) -> Result<SiteId> {
        let name = self.p.name('!', "a site `!...`")?;
        if let Some(&site) = self.p.sites.get(name.text) {
            return Ok(site);
        }
        let Some(exception) = Exception::from_name(name.text) else {
            return Err(self.p.error(name, format!("site {} is not defined", name.describe())));
        };
        let site = self.p.module.sites.push(Site { exception, message: String::new(), loc: None });
        self.p.sites.insert(name.text, site);
        Ok(site)
    }

    /// `f64 &x [%base + %index * 8 + 16], %more`
    fn access(&mut self, make: impl Fn(Access) -> Op) -> Result<Parsed> {
        let element = self.p.scalar_type()?;
        let (access, args) = self.address(element)?;
        Ok(Parsed::plain(make(access), args))
    }

    /// `f64 x 4 &x [...]`
    fn pack_load(&mut self) -> Result<Parsed> {
        let element = self.p.scalar_type()?;
        self.p.keyword("x")?;
        let lanes = self.p.integer()?;
        let (access, args) = self.address(element)?;
        Ok(Parsed::plain(Op::Vector(VectorOp::PackLoad(access, lanes)), args))
    }

    fn address(&mut self, element: Scalar) -> Result<(Access, ValueList)> {
        let mut access = Access { class: self.class()?, ..Access::dense(element, AliasClass::ANY) };
        self.p.punct('[')?;
        let mut args = smallvec![self.value()?];
        self.p.punct('+')?;
        args.push(self.value()?);
        if self.p.try_punct('*') {
            access.scale = self.p.integer()?;
        }
        if self.p.try_punct('+') {
            access.offset = i64_to_offset(self.p.integer::<u32>()?.into()).ok_or_else(|| self.p.expected("`]`"))?;
        } else if self.p.try_punct('-') {
            access.offset =
                i64_to_offset(-i64::from(self.p.integer::<u32>()?)).ok_or_else(|| self.p.expected("`]`"))?;
        }
        self.p.punct(']')?;
        self.more_values(&mut args)?;
        Ok((access, args))
    }

    /// `%p[3], %more`
    fn subscript(&mut self, make: impl Fn(u8) -> Op) -> Result<Parsed> {
        let mut args = smallvec![self.value()?];
        self.p.punct('[')?;
        let k = self.p.integer()?;
        self.p.punct(']')?;
        self.more_values(&mut args)?;
        Ok(Parsed::plain(make(k), args))
    }

    /// `%a [keep, index %i, slice (%start, %step, %len), new]`
    fn view(&mut self) -> Result<Parsed> {
        let mut args: ValueList = smallvec![self.value()?];
        let mut specs = Vec::new();
        self.p.punct('[')?;
        while !self.p.try_punct(']') {
            let word = self.p.word("`keep`, `index`, `slice` or `new`")?;
            specs.push(match word.text {
                "keep" => AxisSpec::Keep,
                "new" => AxisSpec::NewAxis,
                "index" => {
                    args.push(self.value()?);
                    AxisSpec::Index
                }
                "slice" => {
                    self.p.punct('(')?;
                    args.push(self.value()?);
                    self.more_values(&mut args)?;
                    self.p.punct(')')?;
                    AxisSpec::Slice
                }
                _ => return Err(self.p.error(word, "expected `keep`, `index`, `slice` or `new`")),
            });
            if !self.p.try_punct(',') {
                self.p.punct(']')?;
                break;
            }
        }
        self.more_values(&mut args)?;
        Ok(Parsed::plain(Op::Array(ArrayOp::View(specs)), args))
    }

    /// `%a [1, 0]`
    fn permute(&mut self) -> Result<Parsed> {
        let args = smallvec![self.value()?];
        let mut axes = Vec::new();
        self.p.punct('[')?;
        while !self.p.try_punct(']') {
            axes.push(self.p.integer()?);
            if !self.p.try_punct(',') {
                self.p.punct(']')?;
                break;
            }
        }
        Ok(Parsed::plain(Op::Array(ArrayOp::Permute(axes)), args))
    }

    /// `@f(%a, %b)`
    fn call(&mut self) -> Result<Parsed> {
        let at = self.p.peek();
        let name = self.p.function_name()?;
        let found = self.p.functions.get(&name).copied();
        let callee = found.ok_or_else(|| self.p.error(at, format!("function {} is not defined", at.describe())))?;
        let args = self.call_args()?;
        Ok(Parsed::plain(Op::Call(callee), args))
    }

    fn call_import(&mut self) -> Result<Parsed> {
        let at = self.p.peek();
        let name = self.p.function_name()?;
        let import = Import::from_symbol(&name);
        let import = import.ok_or_else(|| self.p.error(at, format!("there is no import {}", at.describe())))?;
        let args = self.call_args()?;
        Ok(Parsed::plain(Op::CallImport(import), args))
    }

    fn call_args(&mut self) -> Result<ValueList> {
        self.p.punct('(')?;
        let args = self.values()?;
        self.p.punct(')')?;
        Ok(args)
    }

    /// `break ^l %x`, `raise ^l %p !0`, `raise %p !0`
    fn jump(&mut self, word: Token<'_>) -> Result<Parsed> {
        let optional = matches!(word.text, "raise" | "reraise");
        let label = if optional && self.p.peek().kind != Kind::Name('^') { None } else { Some(self.label()?) };
        let args = self.values()?;
        let op = match (word.text, label) {
            ("break", Some(l)) => Op::Break(l),
            ("continue", Some(l)) => Op::Continue(l),
            ("again", Some(l)) => Op::Again(l),
            ("raise", l) => Op::Raise(l, self.site()?),
            (_, l) => Op::Reraise(l),
        };
        Ok(Parsed::plain(op, args))
    }
}

fn i64_to_offset(offset: i64) -> Option<i32> {
    i32::try_from(offset).ok()
}

/// Ops that are their word and their operands.
fn simple(word: &str) -> Option<Op> {
    if let Some(op) = UnaryOp::ALL.into_iter().find(|op| op.name() == word) {
        return Some(Op::Unary(op));
    }
    if let Some(op) = BinaryOp::ALL.into_iter().find(|op| op.name() == word) {
        return Some(Op::Binary(op));
    }
    if let Some(op) = CompareOp::ALL.into_iter().find(|op| op.name() == word) {
        return Some(Op::Compare(op));
    }
    if let Some(name) = word.strip_prefix("overflowing.") {
        return CheckedOp::ALL.into_iter().find(|op| op.name() == name).map(Op::Overflowing);
    }
    if let Some(name) = word.strip_prefix("vec.reduce.") {
        let op = LaneReduce::ALL.into_iter().find(|op| op.binary().name() == name)?;
        return Some(Op::Vector(VectorOp::Reduce(op)));
    }
    Some(match word {
        "null" => Op::Null,
        "select" => Op::Select,
        "ptr_add" => Op::PtrAdd,
        "ptr_to_int" => Op::PtrToInt,
        "int_to_ptr" => Op::IntToPtr,
        "stack_pointer" => Op::StackPointer,
        "poll" => Op::Poll,
        "buffer.none" => Op::Buffer(BufferOp::None),
        "buffer.data" => Op::Buffer(BufferOp::Data),
        "buffer.retain" => Op::Buffer(BufferOp::Retain),
        "buffer.release" => Op::Buffer(BufferOp::Release),
        "buffer.escape" => Op::Buffer(BufferOp::Escape),
        "vec.lane_count" => Op::Vector(VectorOp::LaneCount),
        "vec.lane_index" => Op::Vector(VectorOp::LaneIndex),
        "vec.splat" => Op::Vector(VectorOp::Splat),
        "vec.any" => Op::Vector(VectorOp::Any),
        "vec.all" => Op::Vector(VectorOp::All),
        "array.escape" => Op::Array(ArrayOp::Escape),
        "array.data" => Op::Array(ArrayOp::Data),
        "array.get" => Op::Array(ArrayOp::Get),
        "array.set" => Op::Array(ArrayOp::Set),
        "yield" => Op::Yield,
        "condition" => Op::Condition,
        "return" => Op::Return,
        "unreachable" => Op::Unreachable,
        _ => return None,
    })
}

/// Ops that are their word, their operands and the site at which they raise.
fn raising(word: &str) -> Option<Box<dyn Fn(SiteId) -> Op>> {
    if let Some(name) = word.strip_prefix("checked.") {
        let op = CheckedOp::ALL.into_iter().find(|op| op.name() == name)?;
        return Some(Box::new(move |site| Op::Checked(op, site)));
    }
    if let Some(name) = word.strip_prefix("array.reduce.") {
        let op = ReduceOp::ALL.into_iter().find(|op| op.name() == name)?;
        return Some(Box::new(move |site| Op::Array(ArrayOp::Reduce(op, site))));
    }
    Some(match word {
        "check" => Box::new(Op::Check),
        "stack_check" => Box::new(Op::StackCheck),
        "buffer.alloc" => Box::new(|site| Op::Buffer(BufferOp::Alloc(site))),
        "array.assign" => Box::new(|site| Op::Array(ArrayOp::Assign(site))),
        _ => return None,
    })
}
