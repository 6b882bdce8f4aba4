//! Lowers Array level to Loop level: whole-array values become addresses, shapes, strides and owners; whole-array ops
//! become loop nests.
//!
//! Each function is written anew, in order. [`control`] takes arrays through regions, loops and calls as several values;
//! [`descriptor`] is what an array becomes; [`tree`] delays maps until something wants their elements, so that a
//! statement is one loop nest without temporaries; [`nest`] writes the loops, [`store`] and [`reduce`] what is in them.
//! [`owners`] says which arrays own memory at all; [`ownership`] counts the references once a function is written.
//!
//! Takes Array level, leaves Loop level.

mod control;
mod descriptor;
mod nest;
mod owners;
mod ownership;
mod reduce;
mod store;
mod strided;
mod tree;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::abi::status::Exception;
use crate::back::Target;
use crate::base::arena::{Arena, IdMap};
use crate::ir::module::{AliasClassData, Label, Site, ValueData};
use crate::ir::op::{ArrayOp, BufferOp, Const};
use crate::ir::{
    AliasClass, AliasId, Builder, Entry, FuncId, Function, InstId, LabelId, Level, Module, Op, SiteId, Type, ValueDef,
    ValueId,
};
use crate::types::Scalar;
use descriptor::Array;
use owners::Owners;
use ownership::Guards;
use tree::Tree;

/// Lowers a module; one without arrays stays as it is.
pub fn run(module: &mut Module, _: &Target) -> Result<bool, String> {
    if module.level != Level::Array {
        return Ok(false);
    }
    let owners = Owners::new(module);
    let sources = std::mem::take(&mut module.functions);
    let mut shells = Arena::default();
    for (id, f) in sources.iter() {
        shells.push(shell(id, f, &owners));
    }
    module.functions = shells;
    for (id, source) in sources.iter() {
        let mut f = shell(id, source, &owners);
        f.aliases = source.aliases.clone();
        let guards = {
            let mut lower = Lower::new(id, source, Builder::new(module, &mut f), &owners);
            lower.function().map_err(|why| format!("{}: {why}", source.name))?;
            lower.guards
        };
        super::edit::close(&mut f);
        ownership::insert(&mut f, guards);
        super::edit::close(&mut f);
        module.functions[id] = f;
    }
    module.level = Level::Loop;
    Ok(true)
}

/// A function without a body, of the lowered type.
fn shell(id: FuncId, f: &Function, owners: &Owners) -> Function {
    let params: Vec<Type> = f.params().iter().flat_map(|&p| columns(f.ty(p), owners.owned(id, p))).collect();
    let results: Vec<Type> =
        f.results.iter().enumerate().flat_map(|(k, &t)| columns(t, owners.result(id, k))).collect();
    Function { cold: f.cold, ..Function::new(f.name.clone(), &params, &results, f.linkage, f.entry) }
}

/// The values that stand for one of a type: address, shape, strides where the shape does not tell them, owner if any.
fn columns(ty: Type, owned: bool) -> Vec<Type> {
    let Type::Array(a) = ty else { return vec![ty] };
    let mut types = vec![Type::Ptr];
    types.extend(vec![Type::I64; descriptor::words(a)]);
    types.extend(owned.then_some(Type::Buffer));
    types
}

/// What a source value has become.
#[derive(Clone)]
enum Value {
    Plain(ValueId),
    Array(Rc<Array>),
    /// The elements are computed where they are wanted.
    Delayed(Rc<Tree>),
}

/// Writes one function anew.
struct Lower<'a> {
    id: FuncId,
    source: &'a Function,
    b: Builder<'a>,
    owners: &'a Owners,
    values: IdMap<ValueData, Option<Value>>,
    labels: IdMap<Label, Option<(LabelId, InstId)>>,
    /// The source constructs around the code at hand.
    open: Vec<InstId>,
    guards: Guards,
    /// The alias class of what the function was given, once something needs it.
    arguments: Option<AliasId>,
    /// Maps that wait for the one that wants them.
    delayed: IdMap<crate::ir::Inst, bool>,
    /// Constants of the region at hand that are there already.
    constants: BTreeMap<(crate::ir::RegionId, Const), ValueId>,
    /// Stack slots, which stand at the function's start.
    slots: Vec<InstId>,
    /// The stacks of pairwise sums, once there is one.
    stacks: Option<(ValueId, ValueId)>,
}

impl<'a> Lower<'a> {
    fn new(id: FuncId, source: &'a Function, b: Builder<'a>, owners: &'a Owners) -> Lower<'a> {
        let delayed = tree::delayed(source);
        Lower {
            id,
            source,
            b,
            owners,
            values: IdMap::default(),
            labels: IdMap::default(),
            open: Vec::new(),
            guards: Guards::default(),
            arguments: None,
            delayed,
            constants: BTreeMap::new(),
            slots: Vec::new(),
            stacks: None,
        }
    }

    fn function(&mut self) -> Result<(), String> {
        let params = self.b.function.params().to_vec();
        let class = self.source.params().iter().any(|&p| matches!(self.source.ty(p), Type::Array(_)));
        let class = if class { self.arguments() } else { AliasClass::ANY };
        self.bind(self.source.params(), &params, class);
        self.region(self.source.body)?;
        let (slots, body) = (std::mem::take(&mut self.slots), self.b.function.body);
        self.b.function.regions[body].insts.splice(..0, slots);
        Ok(())
    }

    /// Memory of the function's own.
    fn slot(&mut self, bytes: u32) -> ValueId {
        let op = Op::StackSlot(bytes);
        let inst = self.b.function.new_inst(op, Default::default(), &[Type::Ptr], Default::default(), None);
        self.slots.push(inst);
        self.b.function.insts[inst].results[0]
    }

    /// The class of memory that came from outside.
    fn arguments(&mut self) -> AliasId {
        let aliases = &mut self.b.function.aliases;
        *self
            .arguments
            .get_or_insert_with(|| aliases.push(AliasClassData { name: "arguments".into(), constant: false }))
    }

    fn new_class(&mut self) -> AliasId {
        self.b.function.aliases.push(AliasClassData { name: "buffer".into(), constant: false })
    }

    /// The alias class of memory that a program describes by an address.
    fn class_of_address(&mut self, data: ValueId, class: AliasId) -> AliasId {
        if self.source.entry != Entry::Packed || class != AliasClass::ANY {
            return class;
        }
        let mut v = data;
        loop {
            let ValueDef::Result(inst, _) = self.source.values[v].def else { return class };
            let i = &self.source.insts[inst];
            match i.op {
                Op::PtrAdd => v = i.args[0],
                // Only what a slot holds is made an address this way.
                Op::IntToPtr => return self.arguments(),
                _ => return class,
            }
        }
    }

    fn value(&self, v: ValueId) -> Result<ValueId, String> {
        match &self.values[v] {
            Some(Value::Plain(new)) => Ok(*new),
            Some(Value::Array(_) | Value::Delayed(_)) => Err("an array stands where a scalar is wanted".into()),
            None => Err("a value is used before it is defined".into()),
        }
    }

    fn list(&self, values: &[ValueId]) -> Result<Vec<ValueId>, String> {
        values.iter().map(|&v| self.value(v)).collect()
    }

    fn set(&mut self, source: ValueId, new: ValueId) {
        self.values.set(source, Some(Value::Plain(new)));
    }

    fn set_array(&mut self, source: ValueId, array: Array) {
        self.values.set(source, Some(Value::Array(Rc::new(array))));
    }

    /// An array that is there in memory; a delayed one is computed now.
    fn array(&mut self, v: ValueId) -> Result<Rc<Array>, String> {
        match self.values[v].clone() {
            Some(Value::Array(a)) => Ok(a),
            Some(Value::Delayed(tree)) => {
                let array = Rc::new(self.materialise(&tree)?);
                self.values.set(v, Some(Value::Array(Rc::clone(&array))));
                Ok(array)
            }
            _ => Err("an array is missing".into()),
        }
    }

    fn i64(&mut self, v: i64) -> ValueId {
        let c = Const::int(Scalar::I64, v);
        let region = self.b.region();
        if let Some(&known) = self.constants.get(&(region, c)) {
            return known;
        }
        let new = self.b.constant(c);
        self.constants.insert((region, c), new);
        new
    }

    /// The number that an `i64` is known to be.
    fn known(&self, v: ValueId) -> Option<i64> {
        self.b.function.constant(v).map(|c| c.as_int() as i64)
    }

    /// A site for memory that runs out where the source says nothing of memory.
    fn memory_site(&mut self, like: SiteId) -> SiteId {
        let loc = self.b.module.sites[like].loc;
        let message = "Unable to allocate memory for an array".to_string();
        self.b.module.sites.push(Site { exception: Exception::MemoryError, message, loc })
    }

    /// One instruction that is not a terminator.
    fn inst(&mut self, inst: InstId) -> Result<(), String> {
        let source = self.source;
        self.b.set_loc(source.inst_locs[inst]);
        let i = &source.insts[inst];
        match &i.op {
            Op::Array(op) => self.array_op(inst, op),
            Op::Call(callee) => self.call(inst, *callee),
            _ if !i.regions.is_empty() => self.construct(inst),
            op => {
                let args = self.list(&i.args)?;
                let new = self.b.push_typed(op.clone(), &args, &[], &source.types(&i.results));
                for (k, &r) in i.results.iter().enumerate() {
                    let to = self.b.results(new)[k];
                    self.set(r, to);
                }
                Ok(())
            }
        }
    }

    fn array_op(&mut self, inst: InstId, op: &ArrayOp) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let (args, results) = (i.args.clone(), i.results.clone());
        let result = || results.first().copied().ok_or("the op gives nothing");
        match op {
            ArrayOp::Make(ty, class) => {
                let words = self.list(&args)?;
                let class = self.class_of_address(args[0], *class);
                let array = self.make(*ty, &words, class);
                self.set_array(result()?, array);
            }
            ArrayOp::Alloc(ty, site) => {
                let shape = self.list(&args)?;
                let array = self.alloc(*ty, &shape, *site);
                self.set_array(result()?, array);
            }
            ArrayOp::View(specs) => {
                let (array, operands) = (self.array(args[0])?, self.list(&args[1..])?);
                let view = self.view(&array, specs, &operands)?;
                self.set_array(result()?, view);
            }
            ArrayOp::Permute(axes) => {
                let array = self.array(args[0])?.permuted(axes)?;
                self.set_array(result()?, array);
            }
            ArrayOp::Forget(ty) => {
                let array = Array { ty: *ty, ..Array::clone(&*self.array(args[0])?) };
                self.set_array(result()?, array);
            }
            ArrayOp::Data => {
                let data = self.array(args[0])?.data;
                self.set(result()?, data);
            }
            ArrayOp::Dim(k) => {
                let dim = self.shape(args[0])?[*k as usize];
                self.set(result()?, dim);
            }
            ArrayOp::Stride(k) => {
                let stride = self.array(args[0])?.reported[*k as usize];
                self.set(result()?, stride);
            }
            ArrayOp::Get => {
                let (array, index) = (self.array(args[0])?, self.list(&args[1..])?);
                let (access, base, at) = self.element_address(&array, &index);
                let value = self.b.load(access, base, at);
                self.set(result()?, value);
            }
            ArrayOp::Set => {
                let (array, words) = (self.array(args[0])?, self.list(&args[1..])?);
                let (index, value) = words.split_at(words.len() - 1);
                let (access, base, at) = self.element_address(&array, index);
                self.b.store(access, base, at, value[0]);
            }
            ArrayOp::Escape => {
                let owner = self.array(args[0])?.owner;
                let address = match owner {
                    Some(owner) => {
                        let p = self.b.value(Op::Buffer(BufferOp::Escape), &[owner]);
                        self.b.value(Op::PtrToInt, &[p])
                    }
                    None => self.b.int(Scalar::U64, 0),
                };
                self.set(result()?, address);
            }
            ArrayOp::Map(_, site) => self.map(inst, *site)?,
            ArrayOp::Assign(site) => self.assign(args[0], args[1], *site)?,
            ArrayOp::Reduce(op, site) => {
                let value = self.reduce(*op, args[0], *site)?;
                self.set(result()?, value);
            }
        }
        Ok(())
    }
}
