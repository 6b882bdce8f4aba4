//! Reductions of strided arrays with several axes, in the order of NumPy's iterator.
//!
//! The iterator sorts the axes by stride, the largest outermost; a stride of 0, and any stride of an axis of length 1,
//! compares with nothing, so that such an axis stays where it is. Axes that lie end to end become one. Then it weighs
//! what a round costs: runs of the innermost axis as they lie, or several axes copied into a buffer of 8192 elements,
//! each buffer holding whole inner runs and none reaching beyond the last axis that was taken. Each run or buffer is one
//! pairwise sum. (Measured with NumPy 2.4.6 over thousands of shapes.)

use std::rc::Rc;

use super::Lower;
use super::descriptor::{Array, memory_order};
use super::tree::{Node, Tree};
use crate::ir::op::{BinaryOp, CompareOp, ReduceOp, UnaryOp};
use crate::ir::{ArrayType, Layout, Op, ValueId};

/// Elements in the buffer of NumPy's iterator.
const BUFFER: i64 = 8192;

/// An axis while axes are sorted: its length, its stride where it counts, its stride.
type Axis = [ValueId; 3];

/// What is known of the iterator's choice when some runs of axes, from the innermost, have been looked at.
struct Choice {
    /// No run has been looked at.
    first: ValueId,
    /// Elements in the runs so far, unless they fill the buffer.
    size: ValueId,
    /// Elements that the best choice covers before it starts again, and those that one sum of it covers.
    region: ValueId,
    chunk: ValueId,
    /// Cost and gain of the best choice.
    cost: ValueId,
    gain: ValueId,
}

impl Lower<'_> {
    /// Combines the elements of a strided array of several axes.
    pub fn by_stride(&mut self, op: ReduceOp, tree: &Tree) -> Result<ValueId, String> {
        let Node::Leaf(array) = &tree.node else { return Err("an expression without a layout".into()) };
        let sorted = Rc::new(self.sorted(array));
        let leaf =
            Tree { ty: sorted.ty, shape: sorted.shape.clone(), node: Node::Leaf(Rc::clone(&sorted)), site: tree.site };
        let order = memory_order(Layout::C, sorted.shape.len());
        if op != ReduceOp::Sum {
            let space = self.space(&sorted.shape, &order, &[Rc::clone(&sorted)], true);
            return self.fold(op, &leaf, &space);
        }
        let (region, chunk) = self.portions(&sorted);
        let copy = Rc::new(self.materialise(&leaf)?);
        let shape = copy.shape.clone();
        let dense = Tree { ty: copy.ty, shape: shape.clone(), node: Node::Leaf(Rc::clone(&copy)), site: tree.site };
        let space = self.space(&shape, &order, &[copy], true);
        let (zero, none) = (self.i64(0), self.element_zero(tree.ty.dtype));
        let bounds = [zero, space.lengths[0], region, none];
        self.each(&bounds, &mut |lower: &mut Self, start, so_far| {
            let end = lower.b.binary(BinaryOp::Add, start, region);
            lower.each(&[start, end, chunk, so_far], &mut |lower: &mut Self, at, so_far| {
                let left = lower.b.binary(BinaryOp::Sub, end, at);
                let length = lower.b.binary(BinaryOp::Min, left, chunk);
                lower.pairwise_from(&dense, &space, so_far, at, length)
            })
        })
    }

    /// A loop from a start to an end in steps that carries one value.
    fn each(
        &mut self,
        bounds: &[ValueId; 4],
        body: &mut dyn FnMut(&mut Self, ValueId, ValueId) -> Result<ValueId, String>,
    ) -> Result<ValueId, String> {
        let label = self.b.function.new_label();
        let inst = self.b.loop_(Op::For(label), bounds);
        let region = self.b.function.insts[inst].regions[0];
        let params = self.b.function.regions[region].params.to_vec();
        let outside = self.b.enter(region);
        let next = body(self, params[0], params[1])?;
        self.b.yield_(&[next]);
        self.b.enter(outside);
        Ok(self.b.results(inst)[0])
    }

    /// The array with its axes in the order in which NumPy's iterator walks them.
    fn sorted(&mut self, a: &Array) -> Array {
        let (zero, one) = (self.i64(0), self.i64(1));
        // From the innermost to the outermost.
        let mut axes: Vec<Axis> = Vec::new();
        for (&n, &stride) in a.shape.iter().zip(&a.strides).rev() {
            let single = self.b.compare(CompareOp::Eq, n, one);
            let counted = self.b.select(single, zero, stride);
            axes.push([n, self.b.unary(UnaryOp::Abs, counted), stride]);
        }
        for k in 1..axes.len() {
            self.insert_axis(&mut axes[..=k]);
        }
        axes.reverse();
        let strides: Vec<ValueId> = axes.iter().map(|a| a[2]).collect();
        let ty = ArrayType { layout: Layout::Strided, ..a.ty };
        Array { ty, shape: axes.iter().map(|a| a[0]).collect(), reported: strides.clone(), strides, ..a.clone() }
    }

    /// A step of NumPy's insertion sort: the last axis goes below those of larger stride, past what compares with nothing.
    fn insert_axis(&mut self, axes: &mut [Axis]) {
        let Some((&new, below)) = axes.split_last() else { return };
        let zero = self.i64(0);
        let mut searching = self.b.compare(CompareOp::Ne, new[1], zero);
        let mut place = self.i64(below.len() as i64);
        for (k, other) in below.iter().enumerate().rev() {
            let compares = self.b.compare(CompareOp::Ne, other[1], zero);
            let larger = self.b.compare(CompareOp::Gt, other[1], new[1]);
            let moves = self.b.binary(BinaryOp::And, searching, larger);
            let here = self.i64(k as i64);
            place = self.b.select(moves, here, place);
            let passes = self.b.unary(UnaryOp::Not, compares);
            let goes_on = self.b.binary(BinaryOp::Or, passes, larger);
            searching = self.b.binary(BinaryOp::And, searching, goes_on);
        }
        let old = axes.to_vec();
        for k in 0..axes.len() {
            let here = self.i64(k as i64);
            let before = self.b.compare(CompareOp::Lt, here, place);
            let at = self.b.compare(CompareOp::Eq, here, place);
            for part in 0..3 {
                let shifted = if k == 0 { new[part] } else { old[k - 1][part] };
                let inserted = self.b.select(at, new[part], shifted);
                axes[k][part] = self.b.select(before, old[k][part], inserted);
            }
        }
    }

    /// How many elements NumPy's iterator goes through before it starts a buffer afresh, and how many one sum covers; of an
    /// array whose axes are sorted.
    fn portions(&mut self, a: &Array) -> (ValueId, ValueId) {
        let (zero, one) = (self.i64(0), self.i64(1));
        let first = self.b.bool(true);
        let mut choice = Choice { first, size: one, region: one, chunk: one, cost: one, gain: one };
        let mut run: Option<(ValueId, ValueId)> = None;
        for (&n, &given) in a.shape.iter().zip(&a.strides).rev() {
            let single = self.b.compare(CompareOp::Eq, n, one);
            let stride = self.b.select(single, zero, given);
            run = Some(match run {
                None => (n, stride),
                Some((length, step)) => {
                    let still = self.b.compare(CompareOp::Eq, length, one);
                    let either = self.b.binary(BinaryOp::Or, single, still);
                    let reach = self.mul(step, length);
                    let next = self.b.compare(CompareOp::Eq, reach, stride);
                    let merges = self.b.binary(BinaryOp::Or, either, next);
                    let closes = self.b.unary(UnaryOp::Not, merges);
                    self.consider(&mut choice, length, Some(closes));
                    let both = self.mul(length, n);
                    let unmoved = self.b.compare(CompareOp::Eq, step, zero);
                    let step = self.b.select(unmoved, stride, step);
                    (self.b.select(merges, both, n), self.b.select(merges, step, stride))
                }
            });
        }
        if let Some((length, _)) = run {
            self.consider(&mut choice, length, None);
        }
        let at_least_one = |lower: &mut Self, n| lower.b.binary(BinaryOp::Max, n, one);
        (at_least_one(self, choice.region), at_least_one(self, choice.chunk))
    }

    /// Takes one more run of axes into account, if `closes` (or surely).
    fn consider(&mut self, c: &mut Choice, length: ValueId, closes: Option<ValueId>) {
        let (one, two, buffer) = (self.i64(1), self.i64(2), self.i64(BUFFER));
        let closes = closes.unwrap_or_else(|| self.b.bool(true));
        let fits = self.b.compare(CompareOp::Lt, c.size, buffer);
        let grown = self.b.binary(BinaryOp::Mul, c.size, length);
        let gain = self.b.binary(BinaryOp::Min, grown, buffer);
        // A buffer costs as much as what it replaces: it has to gain twice as much, or no less than another buffer.
        let (before, after) = (self.b.binary(BinaryOp::Mul, two, c.gain), self.b.binary(BinaryOp::Mul, c.cost, gain));
        let pays = self.b.compare(CompareOp::Le, before, after);
        let better = self.b.binary(BinaryOp::And, fits, pays);
        let better = self.b.binary(BinaryOp::Or, c.first, better);
        let taken = self.b.binary(BinaryOp::And, closes, better);
        let inner = self.b.binary(BinaryOp::Max, c.size, one);
        let times = self.b.binary(BinaryOp::Div, buffer, inner);
        let times = self.b.binary(BinaryOp::Max, times, one);
        let chunk = self.b.binary(BinaryOp::Mul, inner, times);
        let chunk = self.b.select(c.first, length, chunk);
        let cost = self.b.select(c.first, one, two);
        c.region = self.b.select(taken, grown, c.region);
        c.chunk = self.b.select(taken, chunk, c.chunk);
        c.cost = self.b.select(taken, cost, c.cost);
        c.gain = self.b.select(taken, gain, c.gain);
        let grows = self.b.binary(BinaryOp::And, closes, fits);
        c.size = self.b.select(grows, grown, c.size);
        let open = self.b.unary(UnaryOp::Not, closes);
        c.first = self.b.binary(BinaryOp::And, c.first, open);
    }
}
