//! Lowers Loop level to Machine level: everything Python means is spelled out in what a machine has.
//!
//! Each function is written anew, in order. [`control`] turns `for`, `while` and `try` into rotated `loop`s and
//! `block`s; [`checks`] turns ops that raise into plain ops, an `if`, and a break to the handler; [`calls`] gives
//! fallible functions their context and status; [`arith`] makes division, shifts and conversions safe for hardware;
//! [`vectors`] runs vector loops with one lane. Facts about ranges decide which guards are needed at all.
//!
//! The cold side of a check is always the `then` region of an `if` that leaves, with an empty `else`: back-ends may
//! place such regions out of line.
//!
//! Takes Loop level, leaves Machine level.

mod arith;
mod calls;
mod checks;
mod control;
mod vectors;

use super::analysis::calls::CallFacts;
use super::analysis::interval::Interval;
use super::analysis::ranges::Ranges;
use crate::back::Target;
use crate::base::arena::{Arena, IdMap};
use crate::ir::module::{Label, ValueData};
use crate::ir::op::{BufferOp, Op};
use crate::ir::{Builder, Entry, FuncId, Function, InstId, LabelId, Level, Module, Type, ValueId};
use crate::types::Scalar;
use control::Exits;

/// Lowers a module.
pub fn run(module: &mut Module, target: &Target) -> Result<bool, String> {
    let calls = CallFacts::new(module);
    let sources = std::mem::take(&mut module.functions);
    let mut shells = Arena::default();
    for (id, f) in sources.iter() {
        shells.push(shell(f, calls.takes_context[id]));
    }
    module.functions = shells;
    for (id, source) in sources.iter() {
        let mut f = shell(source, calls.takes_context[id]);
        f.aliases = source.aliases.clone();
        let mut lower = Lower::new(id, source, Builder::new(module, &mut f), target, &calls);
        lower.function().map_err(|why| format!("{}: {why}", source.name))?;
        // What was never to end in the source does so here as well.
        super::edit::close(&mut f);
        module.functions[id] = f;
    }
    module.level = Level::Machine;
    Ok(true)
}

/// A function without a body, of the lowered type.
fn shell(f: &Function, takes_context: bool) -> Function {
    let mut params: Vec<Type> = if takes_context { vec![Type::Ptr] } else { vec![] };
    params.extend(f.params().iter().map(|&p| machine_type(f.ty(p))));
    let mut results: Vec<Type> = if takes_context { vec![Type::I32] } else { vec![] };
    results.extend(f.results.iter().map(|&t| machine_type(t)));
    Function { cold: f.cold, ..Function::new(f.name.clone(), &params, &results, f.linkage, f.entry) }
}

/// The type that stands for a Loop-level type: vectors have one lane, a buffer is its address.
fn machine_type(t: Type) -> Type {
    match t {
        Type::Vec(s) => Type::Scalar(s),
        Type::Buffer => Type::Ptr,
        Type::Scalar(_) | Type::Ptr | Type::Pack(..) | Type::Array(_) => t,
    }
}

/// Writes one function anew.
struct Lower<'a> {
    id: FuncId,
    source: &'a Function,
    b: Builder<'a>,
    target: &'a Target,
    calls: &'a CallFacts,
    /// The new value of each source value.
    values: IdMap<ValueData, Option<ValueId>>,
    /// Where `break` and `continue` of each source label go.
    exits: IdMap<Label, Exits>,
    /// The `try` bodies around the code at hand, innermost last; the first stands for the function.
    handlers: Vec<checks::Handler>,
    ranges: Ranges,
    /// The context's address, where the function has one.
    ctx: Option<ValueId>,
    /// Where depth is counted and the function checks it: the calls left at its entry, which every exit puts back.
    depth: Option<ValueId>,
    /// Payload words that any raise in the function needs.
    payload_words: usize,
}

impl<'a> Lower<'a> {
    fn new(id: FuncId, source: &'a Function, b: Builder<'a>, target: &'a Target, calls: &'a CallFacts) -> Lower<'a> {
        Lower {
            id,
            source,
            b,
            target,
            calls,
            values: IdMap::default(),
            exits: IdMap::default(),
            handlers: Vec::new(),
            ranges: Ranges::new(source),
            ctx: None,
            depth: None,
            payload_words: 0,
        }
    }

    fn value(&self, v: ValueId) -> ValueId {
        self.values[v].unwrap_or(v)
    }

    fn list(&self, values: &[ValueId]) -> Vec<ValueId> {
        values.iter().map(|&v| self.value(v)).collect()
    }

    fn bind(&mut self, source: &[ValueId], new: &[ValueId]) {
        debug_assert_eq!(source.len(), new.len());
        for (&s, &n) in source.iter().zip(new) {
            self.values.set(s, Some(n));
        }
    }

    fn range(&self, v: ValueId) -> Interval {
        self.ranges.range(self.source, v)
    }

    fn result_types(&self, inst: InstId) -> Vec<Type> {
        self.source.insts[inst].results.iter().map(|&r| machine_type(self.source.ty(r))).collect()
    }

    fn i32(&mut self, v: i64) -> ValueId {
        self.b.int(Scalar::I32, v)
    }

    /// Zero of any type.
    fn zero(&mut self, t: Type) -> ValueId {
        match t {
            Type::Scalar(s) | Type::Vec(s) => self.b.int(s, 0),
            Type::Pack(s, n) => {
                let zero = self.b.int(s, 0);
                self.b.value(Op::Vector(crate::ir::op::VectorOp::PackSplat(n)), &[zero])
            }
            Type::Ptr | Type::Buffer | Type::Array(_) => self.b.value(Op::Null, &[]),
        }
    }

    /// One instruction that is not a terminator.
    fn inst(&mut self, inst: InstId) -> Result<(), String> {
        let source = self.source;
        self.b.set_loc(source.inst_locs[inst]);
        let i = &source.insts[inst];
        match &i.op {
            Op::If => self.if_(inst)?,
            Op::Block(l) => self.block(inst, *l)?,
            Op::For(l) => self.for_(inst, *l)?,
            Op::VFor(l) => self.vfor(inst, *l)?,
            Op::While(l) => self.while_(inst, *l)?,
            Op::Try(l) => self.try_(inst, *l)?,
            Op::Checked(op, site) => self.checked(inst, *op, *site)?,
            Op::Check(site) => self.check(inst, *site)?,
            Op::StackCheck(site) => self.stack_check(*site)?,
            Op::SiteMatches(exception) => self.site_matches(inst, *exception),
            Op::Call(callee) => self.call(inst, *callee)?,
            Op::Buffer(op) => self.buffer(inst, *op)?,
            Op::Vector(op) => self.vector(inst, op)?,
            Op::Binary(op) => self.binary(inst, *op),
            Op::Convert(to) => self.convert(inst, *to),
            Op::Const(_)
            | Op::Null
            | Op::Unary(_)
            | Op::Compare(_)
            | Op::Select
            | Op::Bitcast(_)
            | Op::Load(_)
            | Op::Store(_)
            | Op::PtrAdd
            | Op::PtrToInt
            | Op::IntToPtr
            | Op::DataAddr(_)
            | Op::StackSlot(_)
            | Op::CallImport(_) => self.copy(inst),
            op => return Err(format!("{op:?} does not exist at Loop level")),
        }
        self.ranges.after(source, inst);
        Ok(())
    }

    /// The op as it stands, on the new operands.
    fn copy(&mut self, inst: InstId) {
        let i = &self.source.insts[inst];
        let args = self.list(&i.args);
        let new = self.b.push_typed(i.op.clone(), &args, &[], &self.result_types(inst));
        let results = self.b.results(new).to_vec();
        self.bind(&i.results, &results);
    }

    /// A buffer is its address, which is that of its first byte; the count is the runtime's affair.
    fn buffer(&mut self, inst: InstId, op: BufferOp) -> Result<(), String> {
        use crate::abi::imports::Import;
        let args = self.list(&self.source.insts[inst].args);
        let result = match op {
            BufferOp::Alloc(site) => {
                let call = self.b.push(Op::CallImport(Import::BufferAlloc), &args, &[]);
                let address = self.b.results(call)[0];
                let null = self.b.value(Op::Null, &[]);
                let failed = self.b.compare(crate::ir::op::CompareOp::Eq, address, null);
                self.raise_if(failed, site, &[])?;
                Some(address)
            }
            BufferOp::None => Some(self.b.value(Op::Null, &[])),
            BufferOp::Data | BufferOp::Escape => Some(args[0]),
            BufferOp::Retain => {
                self.unless_null(args[0], Import::BufferRetain);
                Some(args[0])
            }
            BufferOp::Release => {
                self.unless_null(args[0], Import::BufferRelease);
                None
            }
        };
        if let Some(r) = result {
            self.bind(&self.source.insts[inst].results, &[r]);
        }
        Ok(())
    }

    /// Hands a buffer to the host, if it is one.
    fn unless_null(&mut self, buffer: ValueId, import: crate::abi::imports::Import) {
        let null = self.b.value(Op::Null, &[]);
        let some = self.b.compare(crate::ir::op::CompareOp::Ne, buffer, null);
        let (_, then, otherwise) = self.b.if_(some, &[]);
        let outside = self.b.enter(then);
        self.b.effect(Op::CallImport(import), &[buffer]);
        self.b.yield_(&[]);
        self.b.enter(otherwise);
        self.b.yield_(&[]);
        self.b.enter(outside);
    }

    /// The whole function: parameters, context, body, and what a raise out of it does.
    fn function(&mut self) -> Result<(), String> {
        let source = self.source;
        let params = self.b.function.params().to_vec();
        let own = if self.calls.takes_context[self.id] { &params[1..] } else { &params[..] };
        self.bind(source.params(), own);
        self.payload_words = checks::payload_words(source);
        self.ctx = match source.entry {
            Entry::Packed => params.first().copied(),
            Entry::Kernel => self.calls.takes_context[self.id].then(|| params[0]),
            Entry::C => self.c_context(),
        };
        if !self.target.has_stack_pointer && calls::has_stack_check(source) {
            let ctx = self.ctx.ok_or("a function that checks its stack has no context")?;
            self.depth = Some(self.b.load_frame(Scalar::U64, ctx, crate::abi::ctx::STACK_LIMIT as i32));
        }
        self.body_with_handler()
    }

    /// The label of a new construct.
    fn new_label(&mut self) -> LabelId {
        self.b.function.new_label()
    }
}
