//! Writing to arrays: fills of fresh memory, and assignments, which behave as if the right side were evaluated first.

use std::rc::Rc;

use super::Lower;
use super::descriptor::{Array, memory_order};
use super::nest::Cursor;
use super::tree::{Node, Tree};
use crate::ir::op::{BinaryOp, CompareOp};
use crate::ir::{Op, SiteId, Type, ValueId};
use crate::types::Scalar;

impl<'a> Lower<'a> {
    /// Writes an expression to memory that it does not read, and whose shape it has or stretches to.
    pub fn fill(&mut self, dst: &Array, tree: &Tree) -> Result<(), String> {
        let leaves = tree.leaves();
        let pairs = self.must_agree(&leaves, &dst.shape);
        match self.all_agree(&pairs) {
            None => self.fill_loops(dst, tree, &leaves, true),
            Some(agree) => {
                let (_, simple, general) = self.b.if_(agree, &[]);
                let outside = self.b.enter(simple);
                self.fill_loops(dst, tree, &leaves, true)?;
                self.b.yield_(&[]);
                self.b.enter(general);
                self.fill_loops(dst, tree, &leaves, false)?;
                self.b.yield_(&[]);
                self.b.enter(outside);
                Ok(())
            }
        }
    }

    fn fill_loops(&mut self, dst: &Array, tree: &Tree, leaves: &[Rc<Array>], agree: bool) -> Result<(), String> {
        let target = Rc::new(dst.clone());
        let arrays: Vec<Rc<Array>> = std::iter::once(&target).chain(leaves).map(Rc::clone).collect();
        let order = memory_order(dst.ty.layout, dst.shape.len());
        let space = self.space(&dst.shape, &order, &arrays, agree);
        self.nest(&space, &[], &mut |lower: &mut Lower<'a>, cursors: &[Cursor], _: &[ValueId]| {
            let value = lower.element(tree, &mut |lower, a| lower.load_at(&cursors[1..], a))?;
            let to = &cursors[0];
            lower.b.store(to.access, to.base, to.index, value);
            Ok(vec![])
        })?;
        Ok(())
    }

    pub fn assign(&mut self, dst: ValueId, src: ValueId, site: SiteId) -> Result<(), String> {
        let dst = self.array(dst)?;
        let tree = self.tree(src, site)?;
        if !matches!(tree.node, Node::Scalar(_)) {
            self.broadcasts_to(&tree.shape, &dst.shape, site);
        }
        let leaves = tree.leaves();
        let pairs = self.must_agree(&leaves, &dst.shape);
        let agree = self.all_agree(&pairs);
        let conflict = self.conflicts(&dst, &leaves);
        let direct = match (agree, conflict) {
            (None, None) => return self.fill_loops(&dst, &tree, &leaves, true),
            (Some(_), None) => return self.fill(&dst, &tree),
            (None, Some(conflict)) => self.b.unary(crate::ir::op::UnaryOp::Not, conflict),
            (Some(agree), Some(conflict)) => {
                let apart = self.b.unary(crate::ir::op::UnaryOp::Not, conflict);
                self.b.binary(BinaryOp::And, agree, apart)
            }
        };
        let (_, simple, general) = self.b.if_(direct, &[]);
        let outside = self.b.enter(simple);
        self.fill_loops(&dst, &tree, &leaves, true)?;
        self.b.yield_(&[]);
        self.b.enter(general);
        let copy = Rc::new(self.materialise(&tree)?);
        let stand_in = Tree { ty: copy.ty, shape: copy.shape.clone(), node: Node::Leaf(copy), site };
        self.fill_loops(&dst, &stand_in, &stand_in.leaves(), false)?;
        self.b.yield_(&[]);
        self.b.enter(outside);
        Ok(())
    }

    /// Whether writing elements in turn may change elements that are still to be read; `None` if it cannot.
    fn conflicts(&mut self, dst: &Array, leaves: &[Rc<Array>]) -> Option<ValueId> {
        let mut any = None;
        for leaf in leaves {
            // Each element is read before it is written, and no other reads it.
            if leaf.same_place(dst) || !self.b.function.may_alias(leaf.class, dst.class) {
                continue;
            }
            let conflict = self.overlap(dst, leaf);
            any = Some(match any {
                Some(others) => self.b.binary(BinaryOp::Or, others, conflict),
                None => conflict,
            });
        }
        any
    }

    /// The two share bytes, and not element by element.
    fn overlap(&mut self, a: &Array, b: &Array) -> ValueId {
        let ((a_low, a_high), (b_low, b_high)) = (self.extent(a), self.extent(b));
        let below = self.b.compare(CompareOp::Lt, a_low, b_high);
        let above = self.b.compare(CompareOp::Lt, b_low, a_high);
        let overlap = self.b.binary(BinaryOp::And, below, above);
        if a.shape.len() != b.shape.len() || a.ty.dtype != b.ty.dtype {
            return overlap;
        }
        let mut same = self.b.compare(CompareOp::Eq, a.data, b.data);
        let axes = a.strides.iter().zip(&b.strides).chain(a.shape.iter().zip(&b.shape));
        for (&x, &y) in axes {
            if x != y {
                let equal = self.b.compare(CompareOp::Eq, x, y);
                same = self.b.binary(BinaryOp::And, same, equal);
            }
        }
        let differ = self.b.unary(crate::ir::op::UnaryOp::Not, same);
        self.b.binary(BinaryOp::And, overlap, differ)
    }

    /// The first byte of an array and the one after its last.
    fn extent(&mut self, a: &Array) -> (ValueId, ValueId) {
        let (mut low, mut high) = (a.data, a.data);
        let (zero, one) = (self.i64(0), self.i64(1));
        for (&n, &stride) in a.shape.iter().zip(&a.strides) {
            let steps = self.b.binary(BinaryOp::Sub, n, one);
            let reach = self.mul(steps, stride);
            let dense =
                !matches!(a.ty.layout, crate::ir::Layout::Strided) || self.known(stride).is_some_and(|s| s >= 0);
            if dense {
                high = self.b.value(Op::PtrAdd, &[high, reach]);
                continue;
            }
            let down = self.b.binary(BinaryOp::Min, reach, zero);
            low = self.b.value(Op::PtrAdd, &[low, down]);
            let up = self.b.binary(BinaryOp::Max, reach, zero);
            high = self.b.value(Op::PtrAdd, &[high, up]);
        }
        let size = self.i64(a.ty.dtype.bytes() as i64);
        high = self.b.value(Op::PtrAdd, &[high, size]);
        debug_assert_eq!(self.b.ty(high), Type::Ptr);
        let number = |lower: &mut Self, p: ValueId| lower.b.value(Op::PtrToInt, &[p]);
        let ends = (number(self, low), number(self, high));
        debug_assert_eq!(self.b.ty(ends.0), Type::Scalar(Scalar::U64));
        ends
    }
}
