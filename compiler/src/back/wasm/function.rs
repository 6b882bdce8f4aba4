//! One function: its locals, its control.

use smallvec::SmallVec;
use wasm_encoder::{BlockType, Function as Body, Ieee32, Ieee64, Instruction as I, ValType};

use super::layout::Layout;
use super::types;
use crate::base::arena::IdMap;
use crate::ir::op::Const;
use crate::ir::{Function, InstId, Label, LabelId, Op, RegionId, Type, ValueData, ValueId};
use crate::types::Scalar;

/// What engines accept in one function.
const MAX_LOCALS: usize = 50_000;

type Locals = SmallVec<[u32; 1]>;

/// Emits a function's body.
pub(super) fn emit(layout: &Layout, f: &Function) -> Result<Body, String> {
    let mut emitter = Emitter::new(layout, f);
    emitter.count();
    emitter.open_scope();
    let mut params = 0;
    for &param in f.params() {
        let parts = types::parts(f.ty(param))?;
        let locals = (0..parts.len() as u32).map(|k| params + k).collect();
        params += parts.len() as u32;
        emitter.values.set(param, Some(locals));
    }
    emitter.params = params;
    emitter.prologue()?;
    emitter.region(f.body, &[])?;
    let mut body = Body::new_with_locals_types(emitter.locals);
    for instruction in &emitter.code {
        body.instruction(instruction);
    }
    body.instruction(&I::End);
    Ok(body)
}

/// A construct that `br` can leave or repeat, or one that only counts for its depth.
#[derive(Clone, Copy, PartialEq)]
enum Frame {
    Plain,
    Exit(LabelId),
    Head(LabelId),
}

pub(super) struct Emitter<'a> {
    pub(super) layout: &'a Layout,
    pub(super) f: &'a Function,
    code: Vec<I<'static>>,
    params: u32,
    /// Types of the locals behind the parameters.
    locals: Vec<ValType>,
    /// Locals that nothing needs any more.
    free: Vec<(ValType, u32)>,
    /// Locals to be freed at the end of each open region.
    scopes: Vec<Vec<(ValType, u32)>>,
    values: IdMap<ValueData, Option<Locals>>,
    /// How often a value is still to be read.
    uses: IdMap<ValueData, u32>,
    /// Some `break` leaves for it.
    broken: IdMap<Label, bool>,
    /// Where a construct's results and a loop's carried values go.
    targets: IdMap<Label, Option<Vec<u32>>>,
    frames: Vec<Frame>,
    /// Where each stack slot is in the frame, the frame's size, and the local with its address.
    slots: IdMap<crate::ir::Inst, u32>,
    frame_size: u32,
    frame: Option<u32>,
}

impl<'a> Emitter<'a> {
    fn new(layout: &'a Layout, f: &'a Function) -> Emitter<'a> {
        Emitter {
            layout,
            f,
            code: Vec::new(),
            params: 0,
            locals: Vec::new(),
            free: Vec::new(),
            scopes: Vec::new(),
            values: IdMap::default(),
            uses: IdMap::default(),
            broken: IdMap::default(),
            targets: IdMap::default(),
            frames: Vec::new(),
            slots: IdMap::default(),
            frame_size: 0,
            frame: None,
        }
    }

    /// Uses, labels that are broken out of, stack slots.
    fn count(&mut self) {
        let f = self.f;
        f.walk(f.body, &mut |id| {
            let inst = &f.insts[id];
            for &arg in &inst.args {
                *self.uses.entry(arg) += 1;
            }
            match inst.op {
                Op::Break(label) => self.broken.set(label, true),
                Op::StackSlot(bytes) => {
                    self.slots.set(id, self.frame_size);
                    self.frame_size += bytes.next_multiple_of(16);
                }
                _ => {}
            }
        });
    }

    fn prologue(&mut self) -> Result<(), String> {
        if self.frame_size == 0 {
            return Ok(());
        }
        let frame = self.local(ValType::I32)?;
        self.frame = Some(frame);
        let pointer = self.layout.stack_pointer();
        self.push(I::GlobalGet(pointer));
        self.push(I::I32Const(self.frame_size as i32));
        self.push(I::I32Sub);
        self.push(I::LocalTee(frame));
        self.push(I::GlobalSet(pointer));
        Ok(())
    }

    fn epilogue(&mut self) {
        if let Some(frame) = self.frame {
            self.push(I::LocalGet(frame));
            self.push(I::I32Const(self.frame_size as i32));
            self.push(I::I32Add);
            self.push(I::GlobalSet(self.layout.stack_pointer()));
        }
    }

    /// Leaves a stack slot's address on the operand stack.
    pub(super) fn slot_address(&mut self, inst: InstId) -> Result<(), String> {
        let frame = self.frame.ok_or("a stack slot without a frame")?;
        self.push(I::LocalGet(frame));
        self.push(I::I32Const(self.slots[inst] as i32));
        self.push(I::I32Add);
        Ok(())
    }

    pub(super) fn push(&mut self, instruction: I<'static>) {
        self.code.push(instruction);
    }

    /// A local that is free until the open region ends.
    pub(super) fn local(&mut self, ty: ValType) -> Result<u32, String> {
        let local = match self.free.iter().rposition(|(t, _)| *t == ty) {
            Some(at) => self.free.remove(at).1,
            None if self.locals.len() >= MAX_LOCALS => {
                return Err(format!("more than {MAX_LOCALS} values live at once"));
            }
            None => {
                self.locals.push(ty);
                self.params + self.locals.len() as u32 - 1
            }
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((ty, local));
        }
        Ok(local)
    }

    fn open_scope(&mut self) {
        self.scopes.push(Vec::new());
    }

    fn close_scope(&mut self) {
        // In reverse, so that the next region takes them in the same order.
        self.free.extend(self.scopes.pop().unwrap_or_default().into_iter().rev());
    }

    /// Gives a value its locals.
    fn define(&mut self, v: ValueId) -> Result<Locals, String> {
        let parts = types::parts(self.f.ty(v))?;
        let locals: Locals = parts.into_iter().map(|ty| self.local(ty)).collect::<Result<_, _>>()?;
        self.values.set(v, Some(locals.clone()));
        Ok(locals)
    }

    fn locals_of(&self, v: ValueId) -> Result<Locals, String> {
        self.values[v].clone().ok_or_else(|| format!("value {v:?} is used before it is defined"))
    }

    /// Says that a value is read once more than its operands tell: the code for an op reads it twice.
    pub(super) fn read_again(&mut self, v: ValueId) {
        *self.uses.entry(v) += 1;
    }

    /// Pushes all parts of a value.
    pub(super) fn get(&mut self, v: ValueId) -> Result<(), String> {
        match self.f.def_inst(v).map(|i| &self.f.insts[i].op) {
            Some(Op::Const(c)) => self.constant(*c),
            Some(Op::Null) => self.push(I::I32Const(0)),
            _ => {
                let locals = self.locals_of(v)?;
                match *locals {
                    [local] => self.get_local(v, local),
                    _ => locals.iter().for_each(|l| self.code.push(I::LocalGet(*l))),
                }
            }
        }
        Ok(())
    }

    /// Pushes one part of a value that has several.
    pub(super) fn get_part(&mut self, v: ValueId, part: usize) -> Result<(), String> {
        let local = *self.locals_of(v)?.get(part).ok_or("a value has too few parts")?;
        self.push(I::LocalGet(local));
        Ok(())
    }

    /// A value that was stored just now stays on the operand stack; and is not stored at all if this is its only use.
    fn get_local(&mut self, v: ValueId, local: u32) {
        if !matches!(self.code.last(), Some(I::LocalSet(l)) if *l == local) {
            self.push(I::LocalGet(local));
            return;
        }
        self.code.pop();
        if self.uses[v] > 1 {
            self.push(I::LocalTee(local));
        }
    }

    fn constant(&mut self, c: Const) {
        self.push(match c.ty {
            Scalar::F64 => I::F64Const(Ieee64::new(c.bits)),
            Scalar::F32 => I::F32Const(Ieee32::new(c.bits as u32)),
            Scalar::I64 | Scalar::U64 => I::I64Const(c.bits as i64),
            Scalar::Bool | Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::U8 | Scalar::U16 | Scalar::U32 => {
                I::I32Const(c.as_int() as i32)
            }
        });
    }

    /// Pops an instruction's results into their locals.
    fn set_results(&mut self, inst: InstId) -> Result<(), String> {
        let f = self.f;
        let mut locals = Vec::new();
        for &result in &f.insts[inst].results {
            if self.uses[result] == 0 {
                locals.extend(types::parts(f.ty(result))?.into_iter().map(|_| None));
            } else {
                locals.extend(self.define(result)?.into_iter().map(Some));
            }
        }
        for local in locals.into_iter().rev() {
            self.push(local.map_or(I::Drop, I::LocalSet));
        }
        Ok(())
    }

    /// Copies values into locals, all at once.
    fn assign(&mut self, values: &[ValueId], locals: &[u32]) -> Result<(), String> {
        let mut rest = locals;
        let mut moved = Vec::new();
        for &v in values {
            let count = types::parts(self.f.ty(v))?.len();
            let (to, tail) = rest.split_at_checked(count).ok_or("a terminator has too many operands")?;
            rest = tail;
            // What a round leaves unchanged is there already.
            if self.values[v].as_deref() != Some(to) {
                self.get(v)?;
                moved.extend_from_slice(to);
            }
        }
        moved.into_iter().rev().for_each(|local| self.code.push(I::LocalSet(local)));
        Ok(())
    }

    /// Emits a region; its `yield` sets `results`.
    fn region(&mut self, region: RegionId, results: &[u32]) -> Result<(), String> {
        self.open_scope();
        for &inst in &self.f.regions[region].insts {
            self.inst(inst, results)?;
        }
        self.close_scope();
        Ok(())
    }

    fn inst(&mut self, id: InstId, results: &[u32]) -> Result<(), String> {
        let inst = &self.f.insts[id];
        let args = &inst.args;
        match &inst.op {
            // Written where they are used.
            Op::Const(_) | Op::Null => Ok(()),
            Op::If => self.if_(id),
            Op::Block(label) => self.block(id, *label),
            Op::Loop(label) => self.loop_(id, *label),
            Op::Yield => self.assign(args, results),
            Op::Break(label) => {
                self.assign_target(*label, args)?;
                self.branch(Frame::Exit(*label))
            }
            Op::Continue(label) => {
                self.assign_target(*label, args)?;
                self.branch(Frame::Head(*label))
            }
            Op::Again(label) => {
                let [again, carried @ ..] = &args[..] else { return Err("again without a condition".to_string()) };
                self.get(*again)?;
                self.assign_target(*label, carried)?;
                let depth = self.depth(Frame::Head(*label))?;
                self.push(I::BrIf(depth));
                Ok(())
            }
            Op::Return => {
                args.iter().try_for_each(|&v| self.get(v))?;
                self.epilogue();
                // At the end of the function its results are what is left on the stack. A block that nothing breaks out
                // of has no frame, so that only the place tells.
                if self.f.terminator(self.f.body) != Some(id) {
                    self.push(I::Return);
                }
                Ok(())
            }
            Op::Unreachable => {
                self.push(I::Unreachable);
                Ok(())
            }
            _ => {
                self.plain(id)?;
                self.set_results(id)
            }
        }
    }

    fn assign_target(&mut self, label: LabelId, values: &[ValueId]) -> Result<(), String> {
        let locals =
            self.targets[label].clone().ok_or("a terminator leaves for a construct that does not enclose it")?;
        self.assign(values, &locals)
    }

    fn depth(&self, frame: Frame) -> Result<u32, String> {
        let found = self.frames.iter().rev().position(|f| *f == frame);
        found
            .map(|d| d as u32)
            .ok_or_else(|| "a terminator leaves for a construct that does not enclose it".to_string())
    }

    fn branch(&mut self, frame: Frame) -> Result<(), String> {
        let depth = self.depth(frame)?;
        self.push(I::Br(depth));
        Ok(())
    }

    /// The locals of a construct's results.
    fn result_locals(&mut self, id: InstId) -> Result<Vec<u32>, String> {
        let mut locals = Vec::new();
        for &result in &self.f.insts[id].results {
            locals.extend(self.define(result)?);
        }
        Ok(locals)
    }

    fn if_(&mut self, id: InstId) -> Result<(), String> {
        let inst = &self.f.insts[id];
        let results = self.result_locals(id)?;
        let [then, otherwise] = inst.regions[..] else { return Err("an if without two regions".to_string()) };
        self.get(inst.args[0])?;
        if let Some(depth) = self.plain_exit(then, otherwise)? {
            self.push(I::BrIf(depth));
            return Ok(());
        }
        self.push(I::If(BlockType::Empty));
        self.frames.push(Frame::Plain);
        self.region(then, &results)?;
        let before = self.code.len();
        self.push(I::Else);
        self.region(otherwise, &results)?;
        if self.code.len() == before + 1 {
            self.code.pop();
        }
        self.frames.pop();
        self.push(I::End);
        Ok(())
    }

    /// The depth to branch to, if an `if` does nothing but leave a construct without results.
    fn plain_exit(&self, then: RegionId, otherwise: RegionId) -> Result<Option<u32>, String> {
        let only = |region: RegionId| match self.f.regions[region].insts[..] {
            [inst] if self.f.insts[inst].args.is_empty() => Some(&self.f.insts[inst].op),
            _ => None,
        };
        match (only(then), only(otherwise)) {
            (Some(Op::Break(label)), Some(Op::Yield)) => self.depth(Frame::Exit(*label)).map(Some),
            (Some(Op::Continue(label)), Some(Op::Yield)) => self.depth(Frame::Head(*label)).map(Some),
            _ => Ok(None),
        }
    }

    fn block(&mut self, id: InstId, label: LabelId) -> Result<(), String> {
        let results = self.result_locals(id)?;
        self.targets.set(label, Some(results.clone()));
        let body = *self.f.insts[id].regions.first().ok_or("a block without a region")?;
        let broken = self.broken[label];
        if broken {
            self.push(I::Block(BlockType::Empty));
            self.frames.push(Frame::Exit(label));
        }
        self.region(body, &results)?;
        if broken {
            self.frames.pop();
            self.push(I::End);
        }
        Ok(())
    }

    /// The carried values and the results share their locals: when the loop ends, either way, they hold the same.
    fn loop_(&mut self, id: InstId, label: LabelId) -> Result<(), String> {
        let inst = &self.f.insts[id];
        let body = *inst.regions.first().ok_or("a loop without a region")?;
        let carried = self.result_locals(id)?;
        for (&param, &result) in self.f.regions[body].params.iter().zip(&inst.results) {
            let locals = self.locals_of(result)?;
            self.values.set(param, Some(locals));
        }
        self.targets.set(label, Some(carried.clone()));
        self.assign(&inst.args, &carried)?;
        let broken = self.broken[label];
        if broken {
            self.push(I::Block(BlockType::Empty));
            self.frames.push(Frame::Exit(label));
        }
        self.push(I::Loop(BlockType::Empty));
        self.frames.push(Frame::Head(label));
        self.region(body, &carried)?;
        self.frames.pop();
        self.push(I::End);
        if broken {
            self.frames.pop();
            self.push(I::End);
        }
        Ok(())
    }

    /// An op that neither holds regions nor ends one; leaves its results on the operand stack.
    fn plain(&mut self, id: InstId) -> Result<(), String> {
        let inst = &self.f.insts[id];
        let args = &inst.args[..];
        match &inst.op {
            Op::Unary(op) => self.unary(*op, args[0]),
            Op::Binary(op) => self.binary(*op, args[0], args[1]),
            Op::Compare(op) => self.compare(*op, args[0], args[1]),
            Op::Select => self.select(args[0], args[1], args[2]),
            Op::Convert(to) => self.convert(*to, args[0]),
            Op::Bitcast(to) => self.bitcast(*to, args[0]),
            Op::Load(access) => self.load(*access, args[0], args[1]),
            Op::Store(access) => self.store(*access, args[0], args[1], args[2]),
            Op::PtrAdd => self.ptr_add(args[0], args[1]),
            Op::PtrToInt => self.ptr_to_int(args[0]),
            Op::IntToPtr => self.int_to_ptr(args[0]),
            Op::DataAddr(table) => {
                self.data_address(self.layout.table(*table));
                Ok(())
            }
            Op::StackSlot(_) => self.slot_address(id),
            Op::Poll => {
                self.poll();
                Ok(())
            }
            Op::Vector(op) => self.vector(*op, id),
            Op::Call(callee) => {
                args.iter().try_for_each(|&v| self.get(v))?;
                self.push(I::Call(self.layout.function_index(*callee)));
                Ok(())
            }
            Op::CallImport(import) => self.call_import(*import, args),
            other => Err(format!("{other:?} does not exist for this target at Machine level")),
        }
    }

    pub(super) fn ty(&self, v: ValueId) -> Type {
        self.f.ty(v)
    }
}
