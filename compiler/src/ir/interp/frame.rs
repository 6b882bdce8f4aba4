//! Calls, regions and control: what an instruction does, and where control goes after it.

use super::memory::NO_BUFFER;
use super::{Interp, Outcome, Raised, Result, SPARE_DEPTH, Value, fault, vector};
use crate::abi;
use crate::abi::imports::Import;
use crate::ir::op::{BufferOp, CheckedOp, Const};
use crate::ir::{FuncId, Function, Inst, InstId, LabelId, Level, Op, RegionId, SiteId, Type, ValueId, eval};
use crate::types::Scalar;

/// The values of one call.
pub(super) struct Frame<'m> {
    function: &'m Function,
    values: Vec<Option<Value>>,
    /// Stack slots, which end with the call.
    slots: Vec<u64>,
}

impl Frame<'_> {
    pub(super) fn ty(&self, v: ValueId) -> Type {
        self.function.ty(v)
    }

    pub(super) fn get(&self, v: ValueId) -> Result<Value> {
        match self.values.get(v.index()) {
            Some(Some(value)) => Ok(value.clone()),
            _ => fault(format!("the value {v:?} is used before it is defined")),
        }
    }

    fn all(&self, values: &[ValueId]) -> Result<Vec<Value>> {
        values.iter().map(|&v| self.get(v)).collect()
    }

    fn set(&mut self, targets: &[ValueId], values: Vec<Value>) -> Result<()> {
        if targets.len() != values.len() {
            return fault(format!("{} values for {} names", values.len(), targets.len()));
        }
        for (&target, value) in targets.iter().zip(values) {
            let expected = self.function.ty(target);
            if value.ty() != expected {
                return fault(format!("{target:?} is {expected}, not {}", value.ty()));
            }
            self.values[target.index()] = Some(value);
        }
        Ok(())
    }
}

/// Where control goes from a terminator, or from an op that raised.
enum Flow {
    Yield(Vec<Value>),
    Condition(bool, Vec<Value>),
    Break(LabelId, Vec<Value>),
    Continue(LabelId, Vec<Value>),
    Again(LabelId, bool, Vec<Value>),
    Return(Vec<Value>),
    Raise(Target, Raised),
}

/// Who handles a raise.
#[derive(PartialEq)]
enum Target {
    /// The innermost enclosing `try`, or the caller.
    Innermost,
    Try(LabelId),
    Caller,
}

/// What an op without regions did.
enum Step {
    Results(Vec<Value>),
    Raise(Raised),
}

/// What the body of a loop asks of the loop.
enum Round {
    Next(Vec<Value>),
    Exit(Vec<Value>),
    Leave(Flow),
}

impl<'m> Interp<'m> {
    /// Calls a function from the outside or from another one.
    pub(super) fn invoke(&mut self, id: FuncId, args: Vec<Value>) -> Result<Outcome> {
        let module = self.module;
        let Some(function) = module.functions.get(id) else { return fault("the callee does not exist") };
        if self.depth > self.config.max_depth + SPARE_DEPTH {
            return fault(format!("@{} is called too deeply without a stack check", function.name));
        }
        self.depth += 1;
        let mut frame = Frame { function, values: vec![None; function.values.len()], slots: Vec::new() };
        let flow = self.region(&mut frame, function.body, args);
        self.depth -= 1;
        for slot in frame.slots {
            self.memory.free(slot)?;
        }
        match flow? {
            Flow::Return(values) => {
                let types: Vec<_> = values.iter().map(Value::ty).collect();
                if types != function.results {
                    return fault(format!("@{} returns values of wrong types", function.name));
                }
                Ok(Outcome::Returned(values))
            }
            Flow::Raise(Target::Innermost | Target::Caller, raised) => {
                if module.level == Level::Machine {
                    return fault(format!("@{} raises at Machine level", function.name));
                }
                Ok(Outcome::Raised(raised))
            }
            _ => fault(format!("the body of @{} ends in a terminator of something else", function.name)),
        }
    }

    /// Runs a region with values for its parameters.
    fn region(&mut self, frame: &mut Frame<'m>, region: RegionId, args: Vec<Value>) -> Result<Flow> {
        let function = frame.function;
        let body = &function.regions[region];
        frame.set(&body.params, args)?;
        for &id in &body.insts {
            self.step()?;
            let left = self.inst(frame, id).map_err(|e| locate(function, id, e))?;
            if let Some(flow) = left {
                return Ok(flow);
            }
        }
        fault(format!("a region of @{} ends without a terminator", function.name))
    }

    /// Runs a region that may neither leave nor raise.
    pub(super) fn pure_region(
        &mut self,
        frame: &mut Frame<'m>,
        region: RegionId,
        args: Vec<Value>,
    ) -> Result<Vec<Value>> {
        match self.region(frame, region, args)? {
            Flow::Yield(values) => Ok(values),
            _ => fault("a pure region must end in yield"),
        }
    }

    /// Runs one instruction; a flow if it does not go on to the next.
    fn inst(&mut self, frame: &mut Frame<'m>, id: InstId) -> Result<Option<Flow>> {
        let inst = &frame.function.insts[id];
        if !exists(&inst.op, self.module.level) {
            return fault("the op does not exist at this level");
        }
        if inst.op.is_terminator() {
            return self.terminator(frame, inst).map(Some);
        }
        let round = match inst.op {
            Op::If => self.if_(frame, inst)?,
            Op::Block(label) => self.block(frame, inst, label)?,
            Op::Try(label) => self.try_(frame, inst, label)?,
            Op::For(label) => self.for_(frame, inst, label)?,
            Op::VFor(label) => self.vfor(frame, inst, label)?,
            Op::While(label) => self.while_(frame, inst, label)?,
            Op::Loop(label) => self.loop_(frame, inst, label)?,
            _ => match self.simple(frame, inst)? {
                Step::Results(values) => Round::Exit(values),
                Step::Raise(raised) => Round::Leave(Flow::Raise(Target::Innermost, raised)),
            },
        };
        match round {
            Round::Exit(values) | Round::Next(values) => frame.set(&inst.results, values).map(|()| None),
            Round::Leave(flow) => Ok(Some(flow)),
        }
    }

    fn terminator(&mut self, frame: &Frame<'m>, inst: &Inst) -> Result<Flow> {
        let mut args = frame.all(&inst.args)?;
        let mut first = || if args.is_empty() { fault("a condition is missing") } else { Ok(args.remove(0)) };
        let target = |label: Option<LabelId>| label.map_or(Target::Caller, Target::Try);
        Ok(match inst.op {
            Op::Yield => Flow::Yield(args),
            Op::Break(l) => Flow::Break(l, args),
            Op::Continue(l) => Flow::Continue(l, args),
            Op::Again(l) => Flow::Again(l, first()?.truth()?, args),
            Op::Condition => Flow::Condition(first()?.truth()?, args),
            Op::Return => Flow::Return(args),
            Op::Raise(label, site) => Flow::Raise(target(label), raised(site, &args)?),
            Op::Reraise(label) => {
                let site = self.site(first()?.word()?)?;
                Flow::Raise(target(label), raised(site, &args)?)
            }
            Op::Unreachable => return fault("control came to unreachable"),
            _ => return fault("not a terminator"),
        })
    }

    fn if_(&mut self, frame: &mut Frame<'m>, inst: &Inst) -> Result<Round> {
        let taken = inst.regions[!frame.get(inst.args[0])?.truth()? as usize];
        Ok(match self.region(frame, taken, vec![])? {
            Flow::Yield(values) => Round::Exit(values),
            flow => Round::Leave(flow),
        })
    }

    fn block(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        Ok(match self.region(frame, inst.regions[0], vec![])? {
            Flow::Yield(values) => Round::Exit(values),
            Flow::Break(l, values) if l == label => Round::Exit(values),
            flow => Round::Leave(flow),
        })
    }

    fn try_(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        let caught = match self.region(frame, inst.regions[0], vec![])? {
            Flow::Yield(values) => return Ok(Round::Exit(values)),
            Flow::Break(l, values) if l == label => return Ok(Round::Exit(values)),
            Flow::Raise(target, raised) if target == Target::Innermost || target == Target::Try(label) => raised,
            flow => return Ok(Round::Leave(flow)),
        };
        let mut args = vec![Value::int(Scalar::I32, caught.site.index() as i64)];
        args.extend(caught.payload.map(Value::i64));
        Ok(match self.region(frame, inst.regions[1], args)? {
            Flow::Yield(values) => Round::Exit(values),
            Flow::Break(l, values) if l == label => Round::Exit(values),
            flow => Round::Leave(flow),
        })
    }

    /// One round of a loop's body that ends in `yield` or `continue`.
    fn round(&mut self, frame: &mut Frame<'m>, body: RegionId, args: Vec<Value>, label: LabelId) -> Result<Round> {
        Ok(match self.region(frame, body, args)? {
            Flow::Yield(values) => Round::Next(values),
            Flow::Continue(l, values) if l == label => Round::Next(values),
            Flow::Break(l, values) if l == label => Round::Exit(values),
            flow => Round::Leave(flow),
        })
    }

    fn for_(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        let mut vals = frame.all(&inst.args)?;
        let init = vals.split_off(3);
        let (lo, hi, step) = (vals[0].word()? as i128, vals[1].word()? as i128, vals[2].word()? as i128);
        if step == 0 {
            return fault("a for of step 0");
        }
        let (mut i, mut carried) = (lo, init);
        while if step > 0 { i < hi } else { i > hi } {
            let args = [vec![Value::i64(i as i64)], carried].concat();
            match self.round(frame, inst.regions[0], args, label)? {
                Round::Next(next) => carried = next,
                left => return Ok(left),
            }
            i += step;
        }
        Ok(Round::Exit(carried))
    }

    fn vfor(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        let mut vals = frame.all(&inst.args)?;
        let mut carried = vals.split_off(2);
        let (mut i, hi) = (vals[0].word()? as i128, vals[1].word()? as i128);
        let lanes = self.config.lanes as i128;
        while i + lanes <= hi {
            let index = Value::i64(i as i64);
            let args = [vec![index.clone()], carried].concat();
            match self.round(frame, inst.regions[0], args, label)? {
                Round::Next(next) => carried = next,
                Round::Exit(broken) => return Ok(Round::Exit([vec![index], broken].concat())),
                left => return Ok(left),
            }
            i += lanes;
        }
        Ok(Round::Exit([vec![Value::i64(i as i64)], carried].concat()))
    }

    fn while_(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        let mut carried = frame.all(&inst.args)?;
        loop {
            let into_body = match self.region(frame, inst.regions[0], carried)? {
                Flow::Condition(true, values) => values,
                Flow::Condition(false, values) => return Ok(Round::Exit(values)),
                Flow::Break(l, values) if l == label => return Ok(Round::Exit(values)),
                flow => return Ok(Round::Leave(flow)),
            };
            match self.round(frame, inst.regions[1], into_body, label)? {
                Round::Next(next) => carried = next,
                left => return Ok(left),
            }
        }
    }

    fn loop_(&mut self, frame: &mut Frame<'m>, inst: &Inst, label: LabelId) -> Result<Round> {
        let mut carried = frame.all(&inst.args)?;
        loop {
            carried = match self.region(frame, inst.regions[0], carried)? {
                Flow::Again(l, true, values) if l == label => values,
                Flow::Again(l, false, values) if l == label => return Ok(Round::Exit(values)),
                Flow::Continue(l, values) if l == label => values,
                Flow::Break(l, values) if l == label => return Ok(Round::Exit(values)),
                flow => return Ok(Round::Leave(flow)),
            };
        }
    }

    /// An op that is neither a construct nor a terminator.
    fn simple(&mut self, frame: &mut Frame<'m>, inst: &Inst) -> Result<Step> {
        let args = frame.all(&inst.args)?;
        let one = |v: Value| Ok(Step::Results(vec![v]));
        match (&inst.op, &args[..]) {
            (Op::Checked(op, site), _) => checked(*op, *site, &args),
            (Op::Overflowing(op), [a, b]) => {
                let (low, overflow) = eval::overflowing(*op, a.scalar()?, Some(b.scalar()?));
                Ok(Step::Results(vec![Value::Scalar(low), Value::Scalar(overflow)]))
            }
            (Op::Check(site), [cond, payload @ ..]) => match cond.truth()? {
                true => Ok(Step::Results(vec![])),
                false => Ok(Step::Raise(raised(*site, payload)?)),
            },
            (Op::SiteMatches(exception), [site]) => {
                let site = self.site(site.word()?)?;
                one(Value::bool(self.module.sites[site].exception.is_subclass(*exception)))
            }
            (Op::StackCheck(site), []) if self.depth > self.config.max_depth => Ok(Step::Raise(raised(*site, &[])?)),
            (Op::StackCheck(_), []) => Ok(Step::Results(vec![])),
            (Op::Load(a), [base, index]) => one(Value::Scalar(self.load(a, base, index.word()?)?)),
            (Op::Store(a), [base, index, value]) => {
                self.store(a, base, index.word()?, value.scalar()?)?;
                Ok(Step::Results(vec![]))
            }
            (Op::PtrAdd, [p, bytes]) => one(Value::Ptr(p.address()?.wrapping_add(bytes.word()? as u64))),
            (Op::PtrToInt, [p]) => one(Value::Scalar(Const { ty: Scalar::U64, bits: p.address()? })),
            (Op::IntToPtr, [n]) => one(Value::Ptr(n.scalar()?.bits)),
            (Op::DataAddr(id), []) => one(Value::Ptr(self.table(*id)?)),
            (Op::StackSlot(bytes), []) => {
                let slot = self.memory.allocate_slot(*bytes);
                frame.slots.push(slot);
                one(Value::Ptr(slot))
            }
            (Op::StackPointer, []) => one(Value::Ptr(self.stack_pointer())),
            // Its host stops it by fuel.
            (Op::Poll, []) => Ok(Step::Results(vec![])),
            (Op::Buffer(op), _) => self.buffer(*op, &args),
            (Op::Vector(op), _) => self.vector_op(frame, inst, op).map(Step::Results),
            (Op::Array(op), _) => Ok(match self.array_op(frame, inst, op, &args)? {
                Ok(values) => Step::Results(values),
                Err((site, payload)) => Step::Raise(raised(site, &payload)?),
            }),
            (Op::Call(callee), _) => Ok(match self.invoke(*callee, args)? {
                Outcome::Returned(values) => Step::Results(values),
                Outcome::Raised(raised) => Step::Raise(raised),
            }),
            (Op::CallImport(import), _) => self.import(*import, &args).map(Step::Results),
            (op, _) => one(vector::pure(self.module.level, op, &args.iter().collect::<Vec<_>>())?),
        }
    }

    fn buffer(&mut self, op: BufferOp, args: &[Value]) -> Result<Step> {
        Ok(Step::Results(match (op, args) {
            (BufferOp::Alloc(site), [bytes]) => match self.memory.buffer_alloc(bytes.word()?)? {
                Some(address) => vec![Value::Buffer(address)],
                None => return Ok(Step::Raise(raised(site, &[])?)),
            },
            (BufferOp::None, []) => vec![Value::Buffer(NO_BUFFER)],
            (BufferOp::Data, [b]) => {
                self.memory.buffer_live(b.buffer()?)?;
                vec![Value::Ptr(b.buffer()?)]
            }
            (BufferOp::Retain, [b]) => {
                self.memory.buffer_retain(b.buffer()?)?;
                vec![b.clone()]
            }
            (BufferOp::Release, [b]) => {
                self.memory.buffer_release(b.buffer()?)?;
                vec![]
            }
            (BufferOp::Escape, [b]) => {
                self.memory.buffer_escape(b.buffer()?)?;
                vec![Value::Ptr(b.buffer()?)]
            }
            _ => return fault("operands do not fit"),
        }))
    }

    /// What a host does when it is called.
    fn import(&mut self, import: Import, args: &[Value]) -> Result<Vec<Value>> {
        match (import, args) {
            (Import::Raise, [site, payload @ ..]) => {
                let site = self.site(site.word()?)?;
                let raised = raised(site, payload)?;
                self.host_raised.get_or_insert(raised);
                Ok(vec![])
            }
            (Import::StackLimit, []) => Ok(vec![Value::Scalar(Const { ty: Scalar::U64, bits: self.stack_limit() })]),
            (Import::BufferAlloc, [bytes]) => {
                let address = self.memory.buffer_alloc(bytes.word()?)?;
                Ok(vec![Value::Ptr(address.unwrap_or(0))])
            }
            (Import::BufferRetain, [b]) => self.memory.buffer_retain(b.address()?).map(|()| vec![]),
            (Import::BufferRelease, [b]) => self.memory.buffer_release(b.address()?).map(|()| vec![]),
            _ => fault("operands do not fit"),
        }
    }
}

fn checked(op: CheckedOp, site: SiteId, args: &[Value]) -> Result<Step> {
    let (Some(a), b) = (args.first(), args.get(1).map(Value::scalar).transpose()?) else {
        return fault("operands do not fit");
    };
    let a = a.scalar()?;
    if args.len() != op.arity() || !a.ty.is_signed() || b.is_some_and(|b| b.ty != a.ty) {
        return fault("operands do not fit");
    }
    if op == CheckedOp::Shl && b.is_some_and(|count| count.as_int() < 0) {
        return fault("a checked shift by a negative count");
    }
    Ok(match eval::checked(op, a, b) {
        Some(result) => Step::Results(vec![Value::Scalar(result)]),
        None => Step::Raise(raised(site, &[])?),
    })
}

/// A raise with its payload words; missing ones are 0.
fn raised(site: SiteId, payload: &[Value]) -> Result<Raised> {
    let mut words = [0; abi::PAYLOAD_WORDS];
    if payload.len() > words.len() {
        return fault("a payload of more than four words");
    }
    for (word, value) in words.iter_mut().zip(payload) {
        *word = value.word()?;
    }
    Ok(Raised { site, payload: words })
}

/// The op may stand in a module of the level.
fn exists(op: &Op, level: Level) -> bool {
    match op {
        Op::Array(_) => level == Level::Array,
        Op::Loop(_) | Op::Again(_) | Op::StackPointer | Op::Poll | Op::Overflowing(_) => level == Level::Machine,
        Op::Checked(..)
        | Op::Check(_)
        | Op::SiteMatches(_)
        | Op::Buffer(_)
        | Op::StackCheck(_)
        | Op::For(_)
        | Op::While(_)
        | Op::VFor(_)
        | Op::Try(_)
        | Op::Condition
        | Op::Raise(..)
        | Op::Reraise(_) => level != Level::Machine,
        _ => true,
    }
}

/// Adds where a fault happened, once.
fn locate(function: &Function, id: InstId, error: super::InterpError) -> super::InterpError {
    match error {
        super::InterpError::Fault(why) if !why.starts_with("in @") => {
            super::InterpError::Fault(format!("in @{}, {:?} {:?}: {why}", function.name, id, function.insts[id].op))
        }
        other => other,
    }
}
