//! What an array becomes: address, shape, byte strides, owner and alias class.

use super::{Lower, Value};
use crate::ir::op::{Access, AxisSpec, BinaryOp, BufferOp, CheckedOp, CompareOp};
use crate::ir::typing::{permuted_type, view_type};
use crate::ir::{AliasId, ArrayType, Layout, Op, SiteId, ValueId};
use crate::types::Scalar;

/// An array in memory.
#[derive(Clone, PartialEq)]
pub struct Array {
    pub ty: ArrayType,
    pub data: ValueId,
    pub shape: Vec<ValueId>,
    /// In bytes, as elements are found; constants where the layout tells them.
    pub strides: Vec<ValueId>,
    /// As the program is told them: those of an axis of length 1 may be anything.
    pub reported: Vec<ValueId>,
    /// The buffer that holds it, if it may be the kernel's.
    pub owner: Option<ValueId>,
    pub class: AliasId,
}

impl Array {
    /// The same elements at the same places.
    pub fn same_place(&self, other: &Array) -> bool {
        self.data == other.data && self.shape == other.shape && self.strides == other.strides
    }

    pub fn permuted(&self, axes: &[u8]) -> Result<Array, String> {
        let pick = |all: &[ValueId]| axes.iter().map(|&k| all[k as usize]).collect::<Vec<_>>();
        Ok(Array {
            ty: permuted_type(self.ty, axes)?,
            shape: pick(&self.shape),
            strides: pick(&self.strides),
            reported: pick(&self.reported),
            ..self.clone()
        })
    }
}

/// Numbers of an array's shape and strides that are passed on with it.
pub const fn words(a: ArrayType) -> usize {
    match a.layout {
        Layout::C | Layout::F => a.rank as usize,
        Layout::Strided => 2 * a.rank as usize,
    }
}

/// The axes from the outermost to the innermost in memory.
pub fn memory_order(layout: Layout, rank: usize) -> Vec<usize> {
    match layout {
        Layout::C | Layout::Strided => (0..rank).collect(),
        Layout::F => (0..rank).rev().collect(),
    }
}

impl Lower<'_> {
    pub fn mul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.known(a), self.known(b)) {
            (Some(0), _) | (_, Some(1)) => a,
            (_, Some(0)) | (Some(1), _) => b,
            (Some(x), Some(y)) => self.i64(x.wrapping_mul(y)),
            _ => self.b.binary(BinaryOp::Mul, a, b),
        }
    }

    /// The address so many strides on.
    pub fn advance(&mut self, base: ValueId, index: ValueId, stride: ValueId) -> ValueId {
        let bytes = self.mul(index, stride);
        if self.known(bytes) == Some(0) { base } else { self.b.value(Op::PtrAdd, &[base, bytes]) }
    }

    pub fn dense_strides(&mut self, ty: ArrayType, shape: &[ValueId]) -> Vec<ValueId> {
        let mut step = self.i64(ty.dtype.bytes() as i64);
        let mut strides = vec![step; shape.len()];
        for k in memory_order(ty.layout, shape.len()).into_iter().rev() {
            strides[k] = step;
            step = self.mul(step, shape[k]);
        }
        strides
    }

    pub fn make(&mut self, ty: ArrayType, given: &[ValueId], class: AliasId) -> Array {
        let rank = ty.rank as usize;
        let (shape, reported) = (given[1..=rank].to_vec(), given[1 + rank..].to_vec());
        let strides = match ty.layout {
            Layout::C | Layout::F => self.dense_strides(ty, &shape),
            Layout::Strided => reported.clone(),
        };
        Array { ty, data: given[0], shape, strides, reported, owner: None, class }
    }

    /// New memory; sizes that no address can hold fail as memory that runs out does.
    pub fn alloc(&mut self, ty: ArrayType, shape: &[ValueId], site: SiteId) -> Array {
        let mut bytes = self.i64(ty.dtype.bytes() as i64);
        for &n in shape {
            bytes = match (self.known(bytes), self.known(n)) {
                (Some(x), Some(y)) if x.checked_mul(y).is_some() => self.i64(x.wrapping_mul(y)),
                _ => self.b.checked(CheckedOp::Mul, &[bytes, n], site),
            };
        }
        let buffer = self.b.value(Op::Buffer(BufferOp::Alloc(site)), &[bytes]);
        let data = self.b.value(Op::Buffer(BufferOp::Data), &[buffer]);
        self.guards.set(data, Some(buffer));
        let strides = self.dense_strides(ty, shape);
        let class = self.new_class();
        let reported = self.reported_strides(ty, shape);
        Array { ty, data, shape: shape.to_vec(), strides, reported, owner: Some(buffer), class }
    }

    /// NumPy's strides of a new array: 0 if it has no elements.
    fn reported_strides(&mut self, ty: ArrayType, shape: &[ValueId]) -> Vec<ValueId> {
        let dense = self.dense_strides(ty, shape);
        let size = self.size_of(shape);
        dense.into_iter().map(|stride| self.unless_zero(size, stride, size)).collect()
    }

    /// `value`, or `other` if `n` is 0.
    fn unless_zero(&mut self, n: ValueId, value: ValueId, other: ValueId) -> ValueId {
        match self.known(n) {
            Some(0) => other,
            Some(_) => value,
            None if value == other => value,
            None => {
                let zero = self.i64(0);
                let some = self.b.compare(CompareOp::Ne, n, zero);
                self.b.select(some, value, other)
            }
        }
    }

    pub fn view(&mut self, a: &Array, specs: &[AxisSpec], operands: &[ValueId]) -> Result<Array, String> {
        let mut view =
            Array { ty: view_type(a.ty, specs)?, shape: vec![], strides: vec![], reported: vec![], ..a.clone() };
        let (mut axis, mut rest) = (0, operands);
        for spec in specs {
            let (own, after) = rest.split_at(spec.operands());
            rest = after;
            match spec {
                AxisSpec::NewAxis => {
                    view.shape.push(self.i64(1));
                    let zero = self.i64(0);
                    view.strides.push(zero);
                    view.reported.push(zero);
                    continue;
                }
                AxisSpec::Keep => {
                    view.shape.push(a.shape[axis]);
                    view.strides.push(a.strides[axis]);
                    view.reported.push(a.reported[axis]);
                }
                AxisSpec::Index => view.data = self.advance(view.data, own[0], a.strides[axis]),
                AxisSpec::Slice => {
                    view.data = self.advance(view.data, own[0], a.strides[axis]);
                    view.shape.push(own[2]);
                    let stride = self.mul(a.strides[axis], own[1]);
                    view.strides.push(stride);
                    // NumPy takes a slice of nothing for one of step 1.
                    let reported = self.mul(a.reported[axis], own[1]);
                    let reported = self.unless_zero(own[2], reported, a.reported[axis]);
                    view.reported.push(reported);
                }
            }
            axis += 1;
        }
        Ok(view)
    }

    /// How an element is read and written: the dense axis counts elements, the others move the base.
    pub fn element_address(&mut self, a: &Array, index: &[ValueId]) -> (Access, ValueId, ValueId) {
        let size = a.ty.dtype.bytes() as i64;
        let dense = (0..index.len()).rev().find(|&k| self.known(a.strides[k]) == Some(size));
        let counted = dense.or(index.len().checked_sub(1));
        let mut base = a.data;
        for (k, &i) in index.iter().enumerate() {
            if Some(k) != counted {
                base = self.advance(base, i, a.strides[k]);
            }
        }
        match (dense, counted) {
            (Some(k), _) => (Access::dense(a.ty.dtype, a.class), base, index[k]),
            (None, Some(k)) => {
                let bytes = self.mul(index[k], a.strides[k]);
                (Access::field(a.ty.dtype, a.class, 0), base, bytes)
            }
            (None, None) => (Access::field(a.ty.dtype, a.class, 0), base, self.i64(0)),
        }
    }

    /// The shape of an array, computed or not.
    pub fn shape(&self, v: ValueId) -> Result<Vec<ValueId>, String> {
        match &self.values[v] {
            Some(Value::Array(a)) => Ok(a.shape.clone()),
            Some(Value::Delayed(tree)) => Ok(tree.shape.clone()),
            _ => Err("an array is missing".into()),
        }
    }

    pub fn size_of(&mut self, shape: &[ValueId]) -> ValueId {
        let one = self.i64(1);
        shape.iter().fold(one, |n, &len| self.mul(n, len))
    }

    pub fn element_zero(&mut self, dtype: Scalar) -> ValueId {
        self.b.int(dtype, 0)
    }
}
