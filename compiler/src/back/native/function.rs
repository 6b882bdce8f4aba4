//! One function: structured control becomes basic blocks.
//!
//! Every construct with results has a block for its normal end, whose parameters are the results. Loops are rotated
//! already (`loop` tests at the bottom), the shape in which Cranelift hoists best. Nothing is emitted where control
//! cannot come, so `unreachable` needs no trapping instruction.

use cranelift_codegen::Context;
use cranelift_codegen::entity::EntitySet;
use cranelift_codegen::ir::{AliasRegion, Block, BlockArg, InstBuilder};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::Module as _;
use smallvec::SmallVec;

use super::types::{self, Parts};
use super::{Emitter, memory};
use crate::abi::imports::Import;
use crate::base::arena::IdMap;
use crate::ir::effects::effects;
use crate::ir::{
    AliasClassData, FuncId, Function, InstId, Label, LabelId, Level, Op, RegionId, Type, ValueData, ValueId,
};

/// The blocks that terminators of a label go to.
#[derive(Clone, Copy, Debug)]
struct Target {
    /// The start of the next round, of a loop.
    head: Option<Block>,
    exit: Block,
}

/// A function in the making.
pub struct Body<'a, 'b, 'm> {
    pub emitter: &'a mut Emitter<'m>,
    pub function: &'a Function,
    pub b: FunctionBuilder<'b>,
    values: IdMap<ValueData, Parts>,
    labels: IdMap<Label, Option<Target>>,
    /// Cranelift's region of each alias class.
    pub regions: IdMap<AliasClassData, Option<AliasRegion>>,
    /// The function has loops.
    pub has_loops: bool,
    /// Control can come to the current block's end.
    alive: bool,
    /// Blocks that something jumps to.
    reached: EntitySet<Block>,
}

/// Fills `context` with the function's code.
pub fn emit(
    emitter: &mut Emitter<'_>,
    function: &Function,
    context: &mut Context,
    frontend: &mut FunctionBuilderContext,
) -> Result<(), String> {
    let b = FunctionBuilder::new(&mut context.func, frontend);
    let mut body = Body {
        emitter,
        function,
        b,
        values: IdMap::default(),
        labels: IdMap::default(),
        regions: IdMap::default(),
        has_loops: function.insts.iter().any(|(_, i)| i.op.is_loop()),
        alive: true,
        reached: EntitySet::new(),
    };
    memory::declare_regions(&mut body);
    let entry = body.b.create_block();
    body.b.append_block_params_for_function_params(entry);
    body.b.switch_to_block(entry);
    let mut incoming = body.b.block_params(entry).to_vec().into_iter();
    for &param in function.params() {
        let count = types::parts(function.ty(param))?.len();
        let parts: Parts = incoming.by_ref().take(count).collect();
        body.values.set(param, parts);
    }
    body.region(function.body, None)?;
    body.b.seal_all_blocks();
    let config = body.emitter.object.target_config();
    body.b.finalize(config);
    Ok(())
}

impl Body<'_, '_, '_> {
    /// The parts of a value.
    pub fn parts(&self, v: ValueId) -> Parts {
        self.values[v].clone()
    }

    /// The one part of a scalar, an address, or a pack that is a vector.
    pub fn one(&self, v: ValueId) -> Result<cranelift_codegen::ir::Value, String> {
        match self.values[v].as_slice() {
            [only] => Ok(*only),
            parts => Err(format!("value {v:?} has {} parts, not one", parts.len())),
        }
    }

    pub fn ty(&self, v: ValueId) -> Type {
        self.function.ty(v)
    }

    /// Gives an instruction's results their values.
    fn set_results(&mut self, inst: InstId, parts: SmallVec<[Parts; 2]>) -> Result<(), String> {
        let results = &self.function.insts[inst].results;
        if results.len() != parts.len() {
            return Err(format!("{} results where {} were to be", parts.len(), results.len()));
        }
        for (&result, parts) in results.iter().zip(parts) {
            self.values.set(result, parts);
        }
        Ok(())
    }

    /// Emits a region. `next` is where its `yield` goes.
    fn region(&mut self, region: RegionId, next: Option<Block>) -> Result<(), String> {
        let function = self.function;
        for &inst in &function.regions[region].insts {
            if !self.alive {
                break;
            }
            self.inst(inst, next)?;
        }
        Ok(())
    }

    fn inst(&mut self, inst: InstId, next: Option<Block>) -> Result<(), String> {
        let function = self.function;
        let data = &function.insts[inst];
        let args = data.args.as_slice();
        let label = || data.op.target_label().ok_or("a terminator without a label".to_string());
        match &data.op {
            Op::If => self.if_(inst),
            Op::Block(label) => self.block(inst, *label),
            Op::Loop(label) => self.loop_(inst, *label),
            Op::Yield => self.jump(next.ok_or("yield outside of a construct")?, args),
            Op::Break(_) => {
                let exit = self.target(label()?)?.exit;
                self.jump(exit, args)
            }
            Op::Continue(_) => {
                let head = self.head(label()?)?;
                self.jump(head, args)
            }
            Op::Again(_) => self.again(label()?, args),
            Op::Return => {
                let values = self.flat(args);
                self.b.ins().return_(&values);
                self.alive = false;
                Ok(())
            }
            Op::Unreachable => self.unreachable(),
            Op::Call(callee) => self.call(inst, *callee),
            Op::CallImport(import) => self.call_import(inst, *import),
            _ => {
                let results = super::ops::emit(self, &data.op, args, &data.results)?;
                self.set_results(inst, results)
            }
        }
    }

    /// The parts of several values, one after the other.
    fn flat(&self, values: &[ValueId]) -> Vec<cranelift_codegen::ir::Value> {
        values.iter().flat_map(|&v| self.values[v].iter().copied()).collect()
    }

    fn jump(&mut self, block: Block, args: &[ValueId]) -> Result<(), String> {
        let args = self.block_args(args);
        self.b.ins().jump(block, &args);
        self.reached.insert(block);
        self.alive = false;
        Ok(())
    }

    fn block_args(&self, args: &[ValueId]) -> Vec<BlockArg> {
        self.flat(args).into_iter().map(BlockArg::Value).collect()
    }

    /// Ends a block to which control does not come, though the shape of the code does not show it.
    fn unreachable(&mut self) -> Result<(), String> {
        let here = self.b.create_block();
        self.b.ins().jump(here, &[]);
        self.b.switch_to_block(here);
        self.b.ins().jump(here, &[]);
        self.alive = false;
        Ok(())
    }

    fn target(&self, label: LabelId) -> Result<Target, String> {
        self.labels[label].ok_or_else(|| format!("label {label:?} is not around here"))
    }

    fn head(&self, label: LabelId) -> Result<Block, String> {
        self.target(label)?.head.ok_or_else(|| format!("label {label:?} is not a loop"))
    }

    /// A block with parameters for the given values; they are its parameters from now on.
    fn block_with(&mut self, values: &[ValueId]) -> Result<Block, String> {
        let block = self.b.create_block();
        for &v in values {
            let mut parts = Parts::new();
            for ty in types::parts(self.function.ty(v))? {
                parts.push(self.b.append_block_param(block, ty));
            }
            self.values.set(v, parts);
        }
        Ok(block)
    }

    /// Goes on at the end of a construct, if control can come there.
    fn resume(&mut self, end: Block) {
        self.alive = self.reached.contains(end);
        if self.alive {
            self.b.switch_to_block(end);
        }
    }

    fn if_(&mut self, inst: InstId) -> Result<(), String> {
        let data = &self.function.insts[inst];
        let cond = self.one(data.args[0])?;
        let [then, otherwise] = data.regions.as_slice() else { return Err("if has two regions".to_string()) };
        let end = self.block_with(&data.results)?;
        let (then_block, else_block) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(cond, then_block, &[], else_block, &[]);
        let (then_cold, else_cold) = (self.is_cold(*then), self.is_cold(*otherwise));
        for (block, region, cold) in
            [(then_block, *then, then_cold && !else_cold), (else_block, *otherwise, else_cold && !then_cold)]
        {
            if cold {
                self.b.set_cold_block(block);
            }
            self.b.switch_to_block(block);
            self.alive = true;
            self.region(region, Some(end))?;
        }
        self.resume(end);
        Ok(())
    }

    /// Is laid out of the way: it ends by leaving for good, as failures do, calls a cold function, or is there for a
    /// failure alone.
    fn is_cold(&self, region: RegionId) -> bool {
        let insts = &self.function.regions[region].insts;
        insts.iter().any(|&i| match self.function.insts[i].op {
            Op::Return | Op::Break(_) => true,
            Op::Call(callee) => self.emitter.module.functions[callee].cold,
            _ => false,
        }) || self.only_checks(insts)
    }

    /// Nothing happens but that a failure is looked for: the second alternative of a check.
    fn only_checks(&self, insts: &[InstId]) -> bool {
        let [before @ .., last, end] = insts else { return false };
        let (last, end) = (&self.function.insts[*last], &self.function.insts[*end]);
        let pure = |i: &InstId| effects(&self.function.insts[*i].op, Level::Machine).is_pure();
        let fails = last.op == Op::If && last.regions.first().is_some_and(|&then| self.is_cold(then));
        fails && end.args.is_empty() && before.iter().all(pure)
    }

    fn block(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let data = &self.function.insts[inst];
        let exit = self.block_with(&data.results)?;
        self.labels.set(label, Some(Target { head: None, exit }));
        let [region] = data.regions.as_slice() else { return Err("block has one region".to_string()) };
        self.region(*region, Some(exit))?;
        self.resume(exit);
        Ok(())
    }

    fn loop_(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let data = &self.function.insts[inst];
        let [region] = data.regions.as_slice() else { return Err("loop has one region".to_string()) };
        let exit = self.block_with(&data.results)?;
        let head = self.block_with(&self.function.regions[*region].params)?;
        self.jump(head, &data.args)?;
        self.labels.set(label, Some(Target { head: Some(head), exit }));
        self.b.switch_to_block(head);
        self.alive = true;
        self.region(*region, None)?;
        self.resume(exit);
        Ok(())
    }

    /// `again c, vals`: the next round if `c`, else the end.
    fn again(&mut self, label: LabelId, args: &[ValueId]) -> Result<(), String> {
        let (&cond, vals) = args.split_first().ok_or("again without a condition")?;
        let (head, exit) = (self.head(label)?, self.target(label)?.exit);
        let cond = self.one(cond)?;
        let vals = self.block_args(vals);
        self.b.ins().brif(cond, head, &vals, exit, &vals);
        self.reached.insert(exit);
        self.alive = false;
        Ok(())
    }

    fn call(&mut self, inst: InstId, callee: FuncId) -> Result<(), String> {
        let declared = self.emitter.functions[callee].ok_or("the callee is not declared")?;
        let args = self.flat(&self.function.insts[inst].args);
        self.emit_call(inst, declared, &args)
    }

    fn call_import(&mut self, inst: InstId, import: Import) -> Result<(), String> {
        let declared = self.emitter.import(import)?;
        let mut args = self.flat(&self.function.insts[inst].args);
        if import == Import::Raise {
            let token = self.emitter.token()?;
            args.insert(0, memory::data_address(self, token));
        }
        self.emit_call(inst, declared, &args)
    }

    fn emit_call(
        &mut self,
        inst: InstId,
        callee: cranelift_module::FuncId,
        args: &[cranelift_codegen::ir::Value],
    ) -> Result<(), String> {
        let reference = self.emitter.object.declare_func_in_func(callee, self.b.func);
        let call = self.b.ins().call(reference, args);
        let mut given = self.b.inst_results(call).to_vec().into_iter();
        let mut results = SmallVec::new();
        for &result in &self.function.insts[inst].results {
            let count = types::parts(self.function.ty(result))?.len();
            results.push(given.by_ref().take(count).collect());
        }
        self.set_results(inst, results)
    }
}
