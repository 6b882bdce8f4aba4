//! Reductions of whole arrays and of expressions, floats in the order in which NumPy combines them.
//!
//! `np.add.reduce` starts from 0 and adds, for memory that is dense in any axis order, one pairwise sum of it all: blocks
//! of up to 128 elements in 8 accumulators, halves of larger ones added. An expression has the order of the array that
//! NumPy would have made of it. What NumPy does where the axes of an array do not merge into one is in [`super::strided`].

use std::rc::Rc;

use super::Lower;
use super::descriptor::{Array, memory_order};
use super::nest::{Cursor, Space};
use super::tree::{Node, Tree};
use crate::ir::op::{Access, BinaryOp, CompareOp, Const, ReduceOp};
use crate::ir::{AliasClass, Layout, Op, SiteId, Type, ValueId};
use crate::types::{Kind, Scalar};

/// Pairwise sums split blocks larger than this, and add smaller ones in 8 accumulators.
const BLOCK: i64 = 128;
const WAYS: i64 = 8;
/// Bytes of the two stacks of a pairwise sum: sizes of blocks still to be added, and sums.
const SIZES: u32 = 128 * 8;
const SUMS: u32 = 64 * 8;

impl<'a> Lower<'a> {
    pub fn reduce(&mut self, op: ReduceOp, src: ValueId, site: SiteId) -> Result<ValueId, String> {
        let tree = self.tree(src, site)?;
        let dtype = tree.ty.dtype;
        if matches!(op, ReduceOp::Min | ReduceOp::Max) {
            let (total, zero) = (self.size_of(&tree.shape), self.i64(0));
            let some = self.b.compare(CompareOp::Ne, total, zero);
            self.b.check(some, site, &[]);
        }
        let ordered = dtype.is_float();
        if ordered && tree.ty.layout == Layout::Strided && tree.shape.len() > 1 {
            return self.by_stride(op, &tree);
        }
        let leaves = tree.leaves();
        let pairs = self.must_agree(&leaves, &tree.shape);
        let Some(agree) = self.all_agree(&pairs) else { return self.walk(op, &tree, &leaves, true) };
        let (inst, simple, general) = self.b.if_(agree, &[Type::Scalar(dtype)]);
        let outside = self.b.enter(simple);
        let value = self.walk(op, &tree, &leaves, true)?;
        self.b.yield_(&[value]);
        self.b.enter(general);
        let value = self.walk(op, &tree, &leaves, false)?;
        self.b.yield_(&[value]);
        self.b.enter(outside);
        Ok(self.b.results(inst)[0])
    }

    /// Combines the elements in the order of the expression's layout.
    fn walk(&mut self, op: ReduceOp, tree: &Tree, leaves: &[Rc<Array>], agree: bool) -> Result<ValueId, String> {
        let order = memory_order(tree.ty.layout, tree.shape.len());
        let space = self.space(&tree.shape, &order, leaves, agree);
        if op == ReduceOp::Sum && tree.ty.dtype.is_float() && !space.lengths.is_empty() {
            if space.lengths.len() == 1 {
                let zero = self.element_zero(tree.ty.dtype);
                let sum = self.pairwise(tree, &space, zero, space.lengths[0])?;
                return Ok(sum);
            }
            let copy = Rc::new(self.materialise(tree)?);
            let leaf = Tree { ty: copy.ty, shape: copy.shape.clone(), node: Node::Leaf(copy), site: tree.site };
            return self.walk(op, &leaf, &leaf.leaves(), true);
        }
        self.fold(op, tree, &space)
    }

    /// One element after the other.
    pub(super) fn fold(&mut self, op: ReduceOp, tree: &Tree, space: &Space) -> Result<ValueId, String> {
        let first = self.start(op, tree.ty.dtype);
        let last =
            self.nest(space, &[first], &mut |lower: &mut Lower<'a>, cursors: &[Cursor], carried: &[ValueId]| {
                let x = lower.element(tree, &mut |lower, a| lower.load_at(cursors, a))?;
                Ok(vec![lower.combine(op, carried[0], x)])
            })?;
        Ok(last[0])
    }

    /// What combining starts from, which changes nothing.
    fn start(&mut self, op: ReduceOp, dtype: Scalar) -> ValueId {
        let (low, high) = dtype.int_range().unwrap_or_default();
        let c = match (op, dtype.kind()) {
            (ReduceOp::Sum, _) => Const { ty: dtype, bits: 0 },
            (ReduceOp::Prod, Kind::Float) if dtype == Scalar::F32 => Const::f32(1.0),
            (ReduceOp::Prod, Kind::Float) => Const::f64(1.0),
            (ReduceOp::Prod, _) => Const::int(dtype, 1),
            (ReduceOp::Min, Kind::Bool) => Const::bool(true),
            (ReduceOp::Max, Kind::Bool) => Const::bool(false),
            (ReduceOp::Min, Kind::Float) if dtype == Scalar::F32 => Const::f32(f32::INFINITY),
            (ReduceOp::Min, Kind::Float) => Const::f64(f64::INFINITY),
            (ReduceOp::Max, Kind::Float) if dtype == Scalar::F32 => Const::f32(f32::NEG_INFINITY),
            (ReduceOp::Max, Kind::Float) => Const::f64(f64::NEG_INFINITY),
            (ReduceOp::Min, Kind::Signed | Kind::Unsigned) => Const::int(dtype, high as i64),
            (ReduceOp::Max, Kind::Signed | Kind::Unsigned) => Const::int(dtype, low as i64),
        };
        self.b.constant(c)
    }

    fn combine(&mut self, op: ReduceOp, so_far: ValueId, x: ValueId) -> ValueId {
        let kind = self.b.ty(x).as_scalar().map_or(Kind::Float, Scalar::kind);
        let compare = match op {
            ReduceOp::Sum => return self.b.binary(BinaryOp::Add, so_far, x),
            ReduceOp::Prod => return self.b.binary(BinaryOp::Mul, so_far, x),
            // Of equal zeros the later one, which is what the processor's own minimum of two gives NumPy.
            ReduceOp::Min => CompareOp::Le,
            ReduceOp::Max => CompareOp::Ge,
        };
        let of_bools = if op == ReduceOp::Min { BinaryOp::And } else { BinaryOp::Or };
        let of_ints = if op == ReduceOp::Min { BinaryOp::Min } else { BinaryOp::Max };
        match kind {
            Kind::Bool => self.b.binary(of_bools, so_far, x),
            Kind::Signed | Kind::Unsigned => self.b.binary(of_ints, so_far, x),
            Kind::Float => {
                // A NaN so far is beaten by nothing.
                let beats = self.b.compare(compare, x, so_far);
                let nan = self.b.compare(CompareOp::Ne, x, x);
                let taken = self.b.binary(BinaryOp::Or, beats, nan);
                self.b.select(taken, x, so_far)
            }
        }
    }

    /// The pairwise sum of a run of elements, added to what there is so far. The blocks wait on a stack of their own.
    fn pairwise(&mut self, tree: &Tree, space: &Space, so_far: ValueId, length: ValueId) -> Result<ValueId, String> {
        let zero = self.i64(0);
        self.pairwise_from(tree, space, so_far, zero, length)
    }

    pub(super) fn pairwise_from(
        &mut self,
        tree: &Tree,
        space: &Space,
        so_far: ValueId,
        first: ValueId,
        length: ValueId,
    ) -> Result<ValueId, String> {
        let dtype = tree.ty.dtype;
        let (sizes, sums) = self.stacks();
        let (zero, one) = (self.i64(0), self.i64(1));
        let size_at = Access::dense(Scalar::I64, AliasClass::FRAME);
        let sum_at = Access::dense(dtype, AliasClass::FRAME);
        self.b.store(size_at, sizes, zero, length);
        // Blocks that wait, sums that wait, and the element at which the next block starts.
        let label = self.b.function.new_label();
        let inst = self.b.loop_(Op::While(label), &[one, zero, first]);
        let regions = self.b.function.insts[inst].regions.clone();
        let outside = self.b.enter(regions[0]);
        let test = self.b.function.regions[regions[0]].params.to_vec();
        let zero = self.i64(0);
        let more = self.b.compare(CompareOp::Gt, test[0], zero);
        self.b.terminate(Op::Condition, &[more, test[0], test[1], test[2]]);
        self.b.enter(regions[1]);
        let state = self.b.function.regions[regions[1]].params.to_vec();
        let (waiting, done, at) = (state[0], state[1], state[2]);
        let one = self.i64(1);
        let top = self.b.binary(BinaryOp::Sub, waiting, one);
        let size = self.b.load(size_at, sizes, top);
        let limit = self.i64(BLOCK);
        let large = self.b.compare(CompareOp::Gt, size, limit);
        let (split, then, otherwise) = self.b.if_(large, &[Type::I64; 3]);
        let body = self.b.enter(then);
        let next = self.split(sizes, size_at, size, top);
        self.b.yield_(&[next, done, at]);
        self.b.enter(otherwise);
        let minus = self.i64(-1);
        let joins = self.b.compare(CompareOp::Eq, size, minus);
        let (join, then, otherwise) = self.b.if_(joins, &[Type::I64; 2]);
        let inner = self.b.enter(then);
        let (one, two) = (self.i64(1), self.i64(2));
        let (last, before) = (self.b.binary(BinaryOp::Sub, done, one), self.b.binary(BinaryOp::Sub, done, two));
        let (a, b) = (self.b.load(sum_at, sums, before), self.b.load(sum_at, sums, last));
        let sum = self.b.binary(BinaryOp::Add, a, b);
        self.b.store(sum_at, sums, before, sum);
        self.b.yield_(&[last, at]);
        self.b.enter(otherwise);
        let sum = self.block(tree, space, at, size)?;
        self.b.store(sum_at, sums, done, sum);
        let one = self.i64(1);
        let (more, next) = (self.b.binary(BinaryOp::Add, done, one), self.b.binary(BinaryOp::Add, at, size));
        self.b.yield_(&[more, next]);
        self.b.enter(inner);
        let results = self.b.results(join).to_vec();
        self.b.yield_(&[top, results[0], results[1]]);
        self.b.enter(body);
        let next = self.b.results(split).to_vec();
        self.b.yield_(&next);
        self.b.enter(outside);
        let zero = self.i64(0);
        let sum = self.b.load(sum_at, sums, zero);
        Ok(self.b.binary(BinaryOp::Add, so_far, sum))
    }

    /// The two stacks, which all sums of a function share.
    fn stacks(&mut self) -> (ValueId, ValueId) {
        match self.stacks {
            Some(stacks) => stacks,
            None => {
                let stacks = (self.slot(SIZES), self.slot(SUMS));
                *self.stacks.insert(stacks)
            }
        }
    }

    /// Puts the halves of a large block onto the stack, the first on top, and below them a mark to join their sums.
    fn split(&mut self, sizes: ValueId, access: Access, size: ValueId, top: ValueId) -> ValueId {
        let (one, two, three) = (self.i64(1), self.i64(2), self.i64(3));
        let half = self.b.binary(BinaryOp::Shr, size, one);
        let mask = self.i64(-WAYS);
        let left = self.b.binary(BinaryOp::And, half, mask);
        let right = self.b.binary(BinaryOp::Sub, size, left);
        let minus = self.i64(-1);
        let (above, highest) = (self.b.binary(BinaryOp::Add, top, one), self.b.binary(BinaryOp::Add, top, two));
        self.b.store(access, sizes, top, minus);
        self.b.store(access, sizes, above, right);
        self.b.store(access, sizes, highest, left);
        self.b.binary(BinaryOp::Add, top, three)
    }

    /// The sum of a block of at most 128 elements. Accumulators start from -0.0, which changes nothing.
    fn block(&mut self, tree: &Tree, space: &Space, at: ValueId, size: ValueId) -> Result<ValueId, String> {
        let dtype = tree.ty.dtype;
        let empty = self.b.constant(if dtype == Scalar::F32 { Const::f32(-0.0) } else { Const::f64(-0.0) });
        let mask = self.i64(-WAYS);
        let even = self.b.binary(BinaryOp::And, size, mask);
        let (zero, one, ways) = (self.i64(0), self.i64(1), self.i64(WAYS));
        let mut args = vec![zero, even, ways];
        args.extend([empty; WAYS as usize]);
        let label = self.b.function.new_label();
        let inst = self.b.loop_(Op::For(label), &args);
        let region = self.b.function.insts[inst].regions[0];
        let params = self.b.function.regions[region].params.to_vec();
        let outside = self.b.enter(region);
        let first = self.b.binary(BinaryOp::Add, at, params[0]);
        let mut next = Vec::new();
        for k in 0..WAYS {
            let step = self.i64(k);
            let i = if k == 0 { first } else { self.b.binary(BinaryOp::Add, first, step) };
            let x = self.linear(tree, space, i)?;
            next.push(self.b.binary(BinaryOp::Add, params[1 + k as usize], x));
        }
        self.b.yield_(&next);
        self.b.enter(outside);
        let mut sums = self.b.results(inst).to_vec();
        while sums.len() > 1 {
            sums = sums.chunks(2).map(|pair| self.b.binary(BinaryOp::Add, pair[0], pair[1])).collect();
        }
        let inst = {
            let label = self.b.function.new_label();
            self.b.loop_(Op::For(label), &[even, size, one, sums[0]])
        };
        let region = self.b.function.insts[inst].regions[0];
        let params = self.b.function.regions[region].params.to_vec();
        let outside = self.b.enter(region);
        let i = self.b.binary(BinaryOp::Add, at, params[0]);
        let x = self.linear(tree, space, i)?;
        let sum = self.b.binary(BinaryOp::Add, params[1], x);
        self.b.yield_(&[sum]);
        self.b.enter(outside);
        Ok(self.b.results(inst)[0])
    }

    /// Element `i` of a space of one axis.
    fn linear(&mut self, tree: &Tree, space: &Space, i: ValueId) -> Result<ValueId, String> {
        let cursors = self.cursors(space, 0, i);
        self.element(tree, &mut |lower, a| lower.load_at(&cursors, a))
    }
}
