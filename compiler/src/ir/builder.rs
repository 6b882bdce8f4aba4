//! The way to add ops. A builder stands in one region of one function and appends; result types come from
//! [`super::typing`], so a wrong operand is an error here and not in a back-end.

use smallvec::smallvec;

use super::module::{AliasClass, FuncId, Function, InstId, LabelId, LocId, Module, RegionId, SiteId, ValueId};
use super::op::{Access, BinaryOp, CheckedOp, CompareOp, Const, Op, UnaryOp};
use super::ty::Type;
use super::typing::{self, Context};
use crate::types::Scalar;

/// Appends instructions to a region of `function`.
pub struct Builder<'a> {
    /// Everything but the function being built: callees, sites, tables.
    pub module: &'a mut Module,
    pub function: &'a mut Function,
    region: RegionId,
    loc: Option<LocId>,
}

impl<'a> Builder<'a> {
    /// A builder at the end of the function's body.
    pub fn new(module: &'a mut Module, function: &'a mut Function) -> Self {
        let region = function.body;
        Builder { module, function, region, loc: None }
    }

    /// A builder at the end of any region.
    pub fn at(module: &'a mut Module, function: &'a mut Function, region: RegionId) -> Self {
        Builder { module, function, region, loc: None }
    }

    pub fn region(&self) -> RegionId {
        self.region
    }

    /// Goes on at the end of another region; gives the one left.
    pub fn enter(&mut self, region: RegionId) -> RegionId {
        std::mem::replace(&mut self.region, region)
    }

    pub fn set_loc(&mut self, loc: Option<LocId>) {
        self.loc = loc;
    }

    pub fn loc(&self) -> Option<LocId> {
        self.loc
    }

    pub fn ty(&self, v: ValueId) -> Type {
        self.function.ty(v)
    }

    /// The region already ends in a terminator.
    pub fn is_closed(&self) -> bool {
        self.function.terminator(self.region).is_some_and(|i| self.function.insts[i].op.is_terminator())
    }

    /// Appends an op without regions, or a loop over regions that are complete.
    ///
    /// # Panics
    /// If the operands do not fit the op: that is a fault of the caller, an internal compiler error.
    pub fn push(&mut self, op: Op, args: &[ValueId], regions: &[RegionId]) -> InstId {
        let types = self.function.types(args);
        let cx = Context { module: self.module, function: self.function };
        let results = match typing::result_types(&cx, &op, &types, regions) {
            Ok(Some(results)) => results,
            Ok(None) => panic!("{op:?} needs its result types: use push_typed"),
            Err(why) => panic!("{op:?}({}): {why}", typing::list(&types)),
        };
        self.push_typed(op, args, regions, &results)
    }

    /// Appends an op whose result types the caller gives (`if`, `block`, `try`).
    pub fn push_typed(&mut self, op: Op, args: &[ValueId], regions: &[RegionId], results: &[Type]) -> InstId {
        let inst = self.function.new_inst(op, args.into(), results, regions.into(), self.loc);
        self.function.regions[self.region].insts.push(inst);
        inst
    }

    /// Appends an op that has one result.
    pub fn value(&mut self, op: Op, args: &[ValueId]) -> ValueId {
        let inst = self.push(op, args, &[]);
        self.function.insts[inst].results[0]
    }

    /// Appends an op without results.
    pub fn effect(&mut self, op: Op, args: &[ValueId]) {
        self.push(op, args, &[]);
    }

    pub fn results(&self, inst: InstId) -> &[ValueId] {
        &self.function.insts[inst].results
    }

    pub fn constant(&mut self, c: Const) -> ValueId {
        self.value(Op::Const(c), &[])
    }

    pub fn int(&mut self, ty: Scalar, value: i64) -> ValueId {
        self.constant(Const::int(ty, value))
    }

    pub fn i64(&mut self, value: i64) -> ValueId {
        self.int(Scalar::I64, value)
    }

    pub fn f64(&mut self, value: f64) -> ValueId {
        self.constant(Const::f64(value))
    }

    pub fn bool(&mut self, value: bool) -> ValueId {
        self.constant(Const::bool(value))
    }

    pub fn unary(&mut self, op: UnaryOp, a: ValueId) -> ValueId {
        self.value(Op::Unary(op), &[a])
    }

    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Binary(op), &[a, b])
    }

    pub fn compare(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Compare(op), &[a, b])
    }

    pub fn select(&mut self, c: ValueId, a: ValueId, b: ValueId) -> ValueId {
        self.value(Op::Select, &[c, a, b])
    }

    /// `a` as another scalar; `a` itself if it is one already.
    pub fn convert(&mut self, to: Scalar, a: ValueId) -> ValueId {
        if self.ty(a).element() == Some(to) { a } else { self.value(Op::Convert(to), &[a]) }
    }

    pub fn checked(&mut self, op: CheckedOp, args: &[ValueId], site: SiteId) -> ValueId {
        self.value(Op::Checked(op, site), args)
    }

    /// Raises at the site unless `cond`.
    pub fn check(&mut self, cond: ValueId, site: SiteId, payload: &[ValueId]) {
        let args: Vec<ValueId> = std::iter::once(cond).chain(payload.iter().copied()).collect();
        self.effect(Op::Check(site), &args);
    }

    pub fn load(&mut self, access: Access, base: ValueId, index: ValueId) -> ValueId {
        self.value(Op::Load(access), &[base, index])
    }

    pub fn store(&mut self, access: Access, base: ValueId, index: ValueId, value: ValueId) {
        self.effect(Op::Store(access), &[base, index, value]);
    }

    /// Loads a field of the frame class (context, slots) at a byte offset.
    pub fn load_frame(&mut self, element: Scalar, base: ValueId, offset: i32) -> ValueId {
        let zero = self.i64(0);
        self.load(Access::field(element, AliasClass::FRAME, offset), base, zero)
    }

    /// Stores a field of the frame class (context, slots) at a byte offset.
    pub fn store_frame(&mut self, base: ValueId, offset: i32, value: ValueId) {
        let zero = self.i64(0);
        let element = self.ty(value).as_scalar().expect("frame fields are scalars");
        self.store(Access::field(element, AliasClass::FRAME, offset), base, zero, value);
    }

    pub fn call(&mut self, callee: FuncId, args: &[ValueId]) -> InstId {
        self.push(Op::Call(callee), args, &[])
    }

    /// `if c`, with regions that the caller has filled or will fill.
    pub fn if_(&mut self, c: ValueId, results: &[Type]) -> (InstId, RegionId, RegionId) {
        let (then, otherwise) = (self.function.new_region(&[]), self.function.new_region(&[]));
        let inst = self.push_typed(Op::If, &[c], &[then, otherwise], results);
        (inst, then, otherwise)
    }

    /// A block; its body is to be filled.
    pub fn block(&mut self, label: LabelId, results: &[Type]) -> (InstId, RegionId) {
        let body = self.function.new_region(&[]);
        let inst = self.push_typed(Op::Block(label), &[], &[body], results);
        (inst, body)
    }

    /// A loop (`for`, `while`, `vfor`, `loop`) with regions of the right parameters, to be filled.
    pub fn loop_(&mut self, op: Op, args: &[ValueId]) -> InstId {
        let types = self.function.types(args);
        let regions: smallvec::SmallVec<[RegionId; 2]> = (0..typing::region_count(&op))
            .map(|k| self.function.new_region(&typing::region_params(&op, &types, k)))
            .collect();
        self.push(op, args, &regions)
    }

    /// A `try` with its two regions, to be filled.
    pub fn try_(&mut self, label: LabelId, results: &[Type]) -> (InstId, RegionId, RegionId) {
        let body = self.function.new_region(&[]);
        let handler = self.function.new_region(&typing::HANDLER_PARAMS);
        let inst = self.push_typed(Op::Try(label), &[], &[body, handler], results);
        (inst, body, handler)
    }

    /// Ends the region.
    pub fn terminate(&mut self, op: Op, args: &[ValueId]) {
        debug_assert!(op.is_terminator() && !self.is_closed());
        let inst = self.function.new_inst(op, args.into(), &[], smallvec![], self.loc);
        self.function.regions[self.region].insts.push(inst);
    }

    pub fn yield_(&mut self, values: &[ValueId]) {
        self.terminate(Op::Yield, values);
    }

    pub fn return_(&mut self, values: &[ValueId]) {
        self.terminate(Op::Return, values);
    }
}
