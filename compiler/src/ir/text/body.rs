//! The body of a function: statements, constructs with regions, names of values.

use std::collections::BTreeMap;

use smallvec::{SmallVec, smallvec};

use super::lexer::{Kind, Token};
use super::parser::{Parser, Result};
use crate::ir::module::{AliasClassData, AliasId, Function, InstId, LabelId, LocId, RegionId, ValueId, ValueList};
use crate::ir::op::{ArrayOp, Op, VectorOp};
use crate::ir::ty::Type;
use crate::ir::typing::{self, Context};
use crate::ir::verify::MAX_DEPTH;

pub struct Body<'p, 'a> {
    pub p: &'p mut Parser<'a>,
    f: Function,
    /// Names hold for the whole function, whatever region they are in: scope is the verifier's business.
    values: BTreeMap<&'a str, ValueId>,
    labels: BTreeMap<&'a str, LabelId>,
    classes: BTreeMap<String, AliasId>,
    /// Where each instruction starts.
    offsets: Vec<u32>,
    /// Constructs whose regions are being read, outermost first: a stack of our own, because nesting is the writer's.
    open: Vec<Open<'a>>,
}

/// An op with what it stands on; result types only where the text states them. Of a construct, the regions so far.
pub struct Parsed {
    pub op: Op,
    pub args: ValueList,
    pub regions: SmallVec<[RegionId; 2]>,
    pub types: Option<Vec<Type>>,
    pub loc: Option<LocId>,
}

impl Parsed {
    /// An op without regions.
    pub fn plain(op: Op, args: ValueList) -> Parsed {
        Parsed { op, args, regions: smallvec![], types: None, loc: None }
    }
}

/// A name being defined, with its type if one is given.
type Definition<'a> = (Token<'a>, Option<Type>);
type Definitions<'a> = SmallVec<[Definition<'a>; 2]>;

/// A statement up to its op.
struct Statement<'a> {
    inst: InstId,
    start: Token<'a>,
    names: Definitions<'a>,
    word: Token<'a>,
}

/// A construct that is being read.
struct Open<'a> {
    statement: Statement<'a>,
    parsed: Parsed,
    /// The region it stands in.
    outer: RegionId,
}

impl<'p, 'a> Body<'p, 'a> {
    /// Reads the body of `f`, whose parameters are called `params`; gives it with the offset of each instruction.
    pub fn parse(p: &'p mut Parser<'a>, f: Function, params: &[Token<'a>]) -> Result<(Function, Vec<u32>)> {
        let classes = f.aliases.iter().map(|(id, class)| (class.name.clone(), id)).collect();
        let (values, labels) = (BTreeMap::new(), BTreeMap::new());
        let mut body = Body { p, f, values, labels, classes, offsets: Vec::new(), open: Vec::new() };
        let ids = body.f.params().to_vec();
        for (&name, id) in params.iter().zip(ids) {
            body.define(name, id)?;
        }
        body.p.punct('{')?;
        while body.p.try_keyword("alias") {
            body.alias()?;
        }
        let mut region = Some(body.f.body);
        while let Some(at) = region {
            region = if body.p.try_punct('}') { body.close()? } else { Some(body.statement(at)?) };
        }
        Ok((body.f, body.offsets))
    }

    /// `alias &name = "any name" constant`
    fn alias(&mut self) -> Result<()> {
        let key = self.p.name('&', "an alias class `&...`")?;
        let name = if self.p.try_punct('=') { self.p.string()? } else { key.text.into() };
        let constant = self.p.try_keyword("constant");
        let id = self.f.aliases.push(AliasClassData { name, constant });
        if self.classes.insert(key.text.into(), id).is_some() {
            return Err(self.p.error(key, "this alias class is defined already"));
        }
        Ok(())
    }

    /// `%a, %b = op ...`, of a construct up to its first `{`; gives the region in which to go on.
    fn statement(&mut self, region: RegionId) -> Result<RegionId> {
        let start = self.p.peek();
        let names = self.definitions()?;
        // The instruction and its results take their numbers before what is in its regions; what it is comes after.
        let unknown: SmallVec<[Type; 2]> = smallvec![Type::BOOL; names.len()];
        let inst = self.f.new_inst(Op::Unreachable, smallvec![], &unknown, smallvec![], None);
        self.offsets.push(start.offset);
        self.f.regions[region].insts.push(inst);

        let word = self.p.word("an op or `}`")?;
        let statement = Statement { inst, start, names, word };
        match self.construct(word)? {
            Some(parsed) => self.enter(Open { statement, parsed, outer: region }),
            None => {
                let mut parsed = self.op(word)?;
                parsed.loc = self.p.at()?;
                self.finish(statement, parsed)?;
                Ok(region)
            }
        }
    }

    /// Goes into the last region of a construct.
    fn enter(&mut self, open: Open<'a>) -> Result<RegionId> {
        let brace = self.p.peek();
        self.p.punct('{')?;
        self.open.push(open);
        match self.open.last().and_then(|open| open.parsed.regions.last()) {
            Some(&region) if self.open.len() < MAX_DEPTH => Ok(region),
            _ => Err(self.p.error(brace, format!("regions are nested deeper than {MAX_DEPTH}"))),
        }
    }

    /// Behind a `}`: on to the construct's other region, or out of it, or, with `None`, out of the function.
    fn close(&mut self) -> Result<Option<RegionId>> {
        let Some(mut open) = self.open.pop() else { return Ok(None) };
        if open.parsed.regions.len() == 1 {
            let second = match open.parsed.op {
                Op::If if self.p.try_keyword("else") => Some(self.f.new_region(&[])),
                Op::If => {
                    let otherwise = self.empty_else();
                    open.parsed.regions.push(otherwise);
                    None
                }
                Op::Try(_) => {
                    self.p.keyword("handler")?;
                    let names = self.params()?;
                    Some(self.new_region(names, &typing::HANDLER_PARAMS)?)
                }
                Op::While(_) => {
                    self.p.keyword("do")?;
                    let names = self.params()?;
                    let types = self.f.types(&open.parsed.args);
                    Some(self.new_region(names, &types)?)
                }
                _ => None,
            };
            if let Some(region) = second {
                open.parsed.regions.push(region);
                return self.enter(open).map(Some);
            }
        }
        self.finish(open.statement, open.parsed)?;
        Ok(Some(open.outer))
    }

    /// An `else` that is left out yields nothing.
    fn empty_else(&mut self) -> RegionId {
        let region = self.f.new_region(&[]);
        let end = self.f.new_inst(Op::Yield, smallvec![], &[], smallvec![], None);
        self.offsets.push(self.p.peek().offset);
        self.f.regions[region].insts.push(end);
        region
    }

    /// A statement is complete: its results get their types and names.
    fn finish(&mut self, statement: Statement<'a>, parsed: Parsed) -> Result<()> {
        let Statement { inst, start, names, word } = statement;
        let types = self.types(&parsed, names.len());
        if types.len() != names.len() {
            let message = format!("`{}` gives {} results, {} are named", word.text, types.len(), names.len());
            return Err(self.p.error(start, message));
        }
        for (k, (name, own)) in names.into_iter().enumerate() {
            let v = self.f.insts[inst].results[k];
            self.f.values[v].ty = own.unwrap_or(types[k]);
            self.define(name, v)?;
        }
        let data = &mut self.f.insts[inst];
        (data.op, data.args, data.regions) = (parsed.op, parsed.args, parsed.regions);
        if parsed.loc.is_some() {
            self.f.inst_locs.set(inst, parsed.loc);
        }
        Ok(())
    }

    /// Result types as stated or as [`typing`] says. Operands that do not fit are for the verifier to report: any type
    /// will do then.
    fn types(&self, parsed: &Parsed, named: usize) -> Vec<Type> {
        if let Some(types) = &parsed.types {
            return types.clone();
        }
        let args = self.f.types(&parsed.args);
        let cx = Context { module: &self.p.module, function: &self.f };
        match typing::result_types(&cx, &parsed.op, &args, &parsed.regions) {
            Ok(types) => types.unwrap_or_default(),
            Err(_) => vec![args.first().copied().unwrap_or(Type::I64); named],
        }
    }

    /// `%a, %b: f64 =`, or nothing.
    fn definitions(&mut self) -> Result<Definitions<'a>> {
        let mut names = smallvec![];
        if self.p.peek().kind != Kind::Name('%') {
            return Ok(names);
        }
        loop {
            names.push(self.definition()?);
            if !self.p.try_punct(',') {
                break;
            }
        }
        self.p.punct('=')?;
        Ok(names)
    }

    /// `%a` or `%a: f64`
    fn definition(&mut self) -> Result<Definition<'a>> {
        let name = self.p.name('%', "a value `%...`")?;
        let ty = if self.p.try_punct(':') { Some(self.p.ty()?) } else { None };
        Ok((name, ty))
    }

    fn define(&mut self, name: Token<'a>, v: ValueId) -> Result<()> {
        match self.values.insert(name.text, v) {
            None => Ok(()),
            Some(_) => Err(self.p.error(name, format!("value {} is defined already", name.describe()))),
        }
    }

    pub fn value(&mut self) -> Result<ValueId> {
        let name = self.p.name('%', "a value `%...`")?;
        let found = self.values.get(name.text).copied();
        found.ok_or_else(|| self.p.error(name, format!("value {} is not defined above", name.describe())))
    }

    /// `%a, %b`, or nothing; a value on the next line starts the next statement.
    pub fn values(&mut self) -> Result<ValueList> {
        let mut values = smallvec![];
        if self.p.peek().kind == Kind::Name('%') && !self.p.peek().first {
            values.push(self.value()?);
            self.more_values(&mut values)?;
        }
        Ok(values)
    }

    /// `, %a, %b`, or nothing.
    pub fn more_values(&mut self, values: &mut ValueList) -> Result<()> {
        while self.p.try_punct(',') {
            values.push(self.value()?);
        }
        Ok(())
    }

    /// A label that a construct has defined.
    pub fn label(&mut self) -> Result<LabelId> {
        let name = self.p.name('^', "a label `^...`")?;
        let found = self.labels.get(name.text).copied();
        found.ok_or_else(|| self.p.error(name, format!("label {} is not defined above", name.describe())))
    }

    /// The label of a construct, named or not.
    fn new_label(&mut self) -> Result<LabelId> {
        let id = self.f.new_label();
        if self.p.peek().kind == Kind::Name('^') {
            let name = self.p.next();
            if self.labels.insert(name.text, id).is_some() {
                return Err(self.p.error(name, format!("label {} is defined already", name.describe())));
            }
        }
        Ok(id)
    }

    /// `&x`, or nothing for the class of pointers of unknown origin.
    pub fn class(&mut self) -> Result<AliasId> {
        if self.p.peek().kind != Kind::Name('&') {
            return Ok(crate::ir::AliasClass::ANY);
        }
        let name = self.p.next();
        let found = self.classes.get(name.text).copied();
        found.ok_or_else(|| self.p.error(name, format!("alias class {} is not defined", name.describe())))
    }

    /// A construct up to its first `{`, if the word starts one.
    fn construct(&mut self, word: Token<'a>) -> Result<Option<Parsed>> {
        let op = match word.text {
            "if" => Op::If,
            "block" => Op::Block(self.new_label()?),
            "try" => Op::Try(self.new_label()?),
            "for" => Op::For(self.new_label()?),
            "vfor" => Op::VFor(self.new_label()?),
            "while" => Op::While(self.new_label()?),
            "loop" => Op::Loop(self.new_label()?),
            "vec.lanes" => Op::Vector(VectorOp::Lanes),
            "array.map" => return self.map().map(Some),
            _ => return Ok(None),
        };
        match op {
            Op::If | Op::Block(_) | Op::Try(_) => self.block(op),
            Op::Vector(_) => {
                let (names, args) = self.region_args()?;
                self.with_params(op, names, args)
            }
            _ => self.loop_(op),
        }
        .map(Some)
    }

    /// `if %c -> f64`, `block ^l -> f64`, `try`
    fn block(&mut self, op: Op) -> Result<Parsed> {
        let args = if op == Op::If { smallvec![self.value()?] } else { smallvec![] };
        let types = Some(self.p.result_types()?);
        let loc = self.p.at()?;
        let regions = smallvec![self.f.new_region(&[])];
        Ok(Parsed { op, args, regions, types, loc })
    }

    /// `for %i = %lo to %hi step %step, %x: f64 = %init`
    fn loop_(&mut self, op: Op) -> Result<Parsed> {
        let (mut names, mut args) = (Definitions::new(), ValueList::new());
        let counted = matches!(op, Op::For(_) | Op::VFor(_));
        while counted || self.p.peek().kind == Kind::Name('%') {
            names.push(self.definition()?);
            self.p.punct('=')?;
            args.push(self.value()?);
            if names.len() == 1 && counted {
                self.p.keyword("to")?;
                args.push(self.value()?);
                if matches!(op, Op::For(_)) {
                    self.p.keyword("step")?;
                    args.push(self.value()?);
                }
            }
            if !self.p.try_punct(',') {
                break;
            }
        }
        self.with_params(op, names, args)
    }

    /// `array.map f64 (%a: f64 = %x) !0`
    fn map(&mut self) -> Result<Parsed> {
        let dtype = self.p.scalar_type()?;
        let (names, args) = self.region_args()?;
        let site = self.site()?;
        self.with_params(Op::Array(ArrayOp::Map(dtype, site)), names, args)
    }

    /// A construct whose first region has parameters.
    fn with_params(&mut self, op: Op, names: Definitions<'a>, args: ValueList) -> Result<Parsed> {
        let loc = self.p.at()?;
        let expected = typing::region_params(&op, &self.f.types(&args), 0);
        let regions = smallvec![self.new_region(names, &expected)?];
        Ok(Parsed { op, args, regions, types: None, loc })
    }

    /// `(%a: f64 = %x, %b = %y)`
    fn region_args(&mut self) -> Result<(Definitions<'a>, ValueList)> {
        let (mut names, mut args) = (smallvec![], smallvec![]);
        self.p.punct('(')?;
        while !self.p.try_punct(')') {
            names.push(self.definition()?);
            self.p.punct('=')?;
            args.push(self.value()?);
            if !self.p.try_punct(',') {
                self.p.punct(')')?;
                break;
            }
        }
        Ok((names, args))
    }

    /// `(%a, %b: f64)`, or nothing.
    fn params(&mut self) -> Result<Definitions<'a>> {
        let mut names = smallvec![];
        if self.p.try_punct('(') {
            while !self.p.try_punct(')') {
                names.push(self.definition()?);
                if !self.p.try_punct(',') {
                    self.p.punct(')')?;
                    break;
                }
            }
        }
        Ok(names)
    }

    /// A region with parameters of the types given, or else expected.
    fn new_region(&mut self, names: Definitions<'a>, expected: &[Type]) -> Result<RegionId> {
        let region = self.f.new_region(&[]);
        for (k, (name, own)) in names.into_iter().enumerate() {
            let ty = own.or_else(|| expected.get(k).copied()).unwrap_or(Type::I64);
            let v = self.f.add_region_param(region, ty);
            self.define(name, v)?;
        }
        Ok(region)
    }
}
