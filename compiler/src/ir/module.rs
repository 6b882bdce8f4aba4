//! What a module is made of: functions, instructions, values, regions, tables, sites, locations.

use smallvec::SmallVec;

use super::op::Op;
use super::ty::Type;
use crate::abi::status::Exception;
use crate::base::arena::{Arena, Id, IdMap};
use crate::diag::Span;
use crate::types::Scalar;

pub type FuncId = Id<Function>;
pub type InstId = Id<Inst>;
pub type ValueId = Id<ValueData>;
pub type RegionId = Id<Region>;
pub type LabelId = Id<Label>;
pub type AliasId = Id<AliasClassData>;
pub type DataId = Id<DataTable>;
pub type SiteId = Id<Site>;
pub type LocId = Id<Loc>;
pub type ValueList = SmallVec<[ValueId; 3]>;

/// Which ops a module may hold; see the module docs of [`crate::ir`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    Array,
    Loop,
    Machine,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Array, Level::Loop, Level::Machine];

    /// The name in IR text.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Array => "array",
            Level::Loop => "loop",
            Level::Machine => "machine",
        }
    }
}

/// One compilation in the IR.
#[derive(Clone, PartialEq, Debug)]
pub struct Module {
    pub level: Level,
    pub functions: Arena<Function>,
    pub data: Arena<DataTable>,
    pub sites: Arena<Site>,
    pub locs: Arena<Loc>,
}

/// A function. Its parameters are those of its body region.
///
/// At Array and Loop level a function may fail without saying so in its type. At Machine level failure is explicit: a
/// fallible function takes the context's address as first parameter and gives the status (`i32`) as first result.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    pub name: String,
    pub linkage: Linkage,
    pub entry: Entry,
    /// Only called where something rare happens: stays out of line, and code that calls it is laid out of the way.
    pub cold: bool,
    pub results: Vec<Type>,
    pub body: RegionId,
    pub values: Arena<ValueData>,
    pub insts: Arena<Inst>,
    pub regions: Arena<Region>,
    pub labels: Arena<Label>,
    pub aliases: Arena<AliasClassData>,
    /// Source location of each instruction, beside [`Function::insts`].
    pub inst_locs: IdMap<Inst, Option<LocId>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Linkage {
    /// Visible outside of the module under its name.
    Export,
    /// Only called from inside; dropped when nothing calls it any more.
    Internal,
}

/// How a function is entered, which says where its context comes from when it is lowered to Machine level.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Entry {
    /// Called by other functions; takes a context if it is fallible.
    Kernel,
    /// `(ctx: ptr, slots: ptr) -> i32`: the context is the first parameter. Never raises itself.
    Packed,
    /// A C function with its own signature: makes a context on its stack if a callee needs one. Never raises itself.
    C,
}

/// An instruction: an op applied to values.
#[derive(Clone, PartialEq, Debug)]
pub struct Inst {
    pub op: Op,
    pub args: ValueList,
    pub results: ValueList,
    pub regions: SmallVec<[RegionId; 2]>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ValueData {
    pub ty: Type,
    pub def: ValueDef,
}

/// Where a value is defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueDef {
    Result(InstId, u32),
    Param(RegionId, u32),
}

/// Parameters and instructions in evaluation order; the last instruction is the terminator.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Region {
    pub params: ValueList,
    pub insts: Vec<InstId>,
}

/// The name of a construct that terminators may leave; the op that defines it holds the id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Label;

/// A set of memory accesses. Two different classes do not overlap; see [`AliasClass::ANY`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AliasClassData {
    pub name: String,
    /// Nothing in the program writes it while the function runs: constant tables.
    pub constant: bool,
}

/// The alias classes every function has.
pub struct AliasClass;

impl AliasClass {
    /// Pointers of unknown origin: overlaps every class but the constant ones.
    pub const ANY: AliasId = Id::new(0);
    /// Constant tables of the module.
    pub const TABLE: AliasId = Id::new(1);
    /// The context, argument slots and stack slots: what the compiler itself reads and writes.
    pub const FRAME: AliasId = Id::new(2);
}

/// A constant table: `bits` holds each element's bit pattern, zero-extended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataTable {
    pub name: String,
    pub element: Scalar,
    pub bits: Vec<u64>,
}

/// A place that can raise.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Site {
    pub exception: Exception,
    /// The message, with `{0}` to `{3}` for payload words; see [`crate::abi::status`].
    pub message: String,
    pub loc: Option<LocId>,
}

/// A source location that survives inlining.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Loc {
    pub span: Span,
    /// Name of the function whose text the span lies in.
    pub function: String,
    /// The call this code was inlined at.
    pub inlined_at: Option<LocId>,
}

impl Module {
    pub fn new(level: Level) -> Self {
        Module {
            level,
            functions: Arena::default(),
            data: Arena::default(),
            sites: Arena::default(),
            locs: Arena::default(),
        }
    }

    pub fn function_named(&self, name: &str) -> Option<FuncId> {
        self.functions.iter().find(|(_, f)| f.name == name).map(|(id, _)| id)
    }
}

impl Function {
    /// A function with an empty body: parameters are there, the terminator is not.
    pub fn new(name: impl Into<String>, params: &[Type], results: &[Type], linkage: Linkage, entry: Entry) -> Self {
        let mut f = Function {
            name: name.into(),
            linkage,
            entry,
            cold: false,
            results: results.to_vec(),
            body: Id::new(0),
            values: Arena::default(),
            insts: Arena::default(),
            regions: Arena::default(),
            labels: Arena::default(),
            aliases: Arena::default(),
            inst_locs: IdMap::default(),
        };
        for (name, constant) in [("any", false), ("table", true), ("frame", false)] {
            f.aliases.push(AliasClassData { name: name.into(), constant });
        }
        f.body = f.new_region(params);
        f
    }

    pub fn params(&self) -> &[ValueId] {
        &self.regions[self.body].params
    }

    pub fn ty(&self, v: ValueId) -> Type {
        self.values[v].ty
    }

    /// The types of some values.
    pub fn types(&self, values: &[ValueId]) -> Vec<Type> {
        values.iter().map(|&v| self.ty(v)).collect()
    }

    pub fn new_region(&mut self, params: &[Type]) -> RegionId {
        let region = self.regions.push(Region::default());
        for &ty in params {
            self.add_region_param(region, ty);
        }
        region
    }

    pub fn add_region_param(&mut self, region: RegionId, ty: Type) -> ValueId {
        let position = self.regions[region].params.len() as u32;
        let v = self.values.push(ValueData { ty, def: ValueDef::Param(region, position) });
        self.regions[region].params.push(v);
        v
    }

    pub fn add_result(&mut self, inst: InstId, ty: Type) -> ValueId {
        let position = self.insts[inst].results.len() as u32;
        let v = self.values.push(ValueData { ty, def: ValueDef::Result(inst, position) });
        self.insts[inst].results.push(v);
        v
    }

    pub fn new_label(&mut self) -> LabelId {
        self.labels.push(Label)
    }

    /// The terminator of a region, if the region has instructions.
    pub fn terminator(&self, region: RegionId) -> Option<InstId> {
        self.regions[region].insts.last().copied()
    }

    /// The instruction that defines `v`, unless it is a region's parameter.
    pub fn def_inst(&self, v: ValueId) -> Option<InstId> {
        match self.values[v].def {
            ValueDef::Result(inst, _) => Some(inst),
            ValueDef::Param(..) => None,
        }
    }

    /// The constant that `v` is, if it is one.
    pub fn constant(&self, v: ValueId) -> Option<super::op::Const> {
        match self.insts[self.def_inst(v)?].op {
            Op::Const(c) => Some(c),
            _ => None,
        }
    }

    /// The two alias classes may name the same bytes.
    pub fn may_alias(&self, a: AliasId, b: AliasId) -> bool {
        a == b
            || (a == AliasClass::ANY && !self.aliases[b].constant)
            || (b == AliasClass::ANY && !self.aliases[a].constant)
    }
}
