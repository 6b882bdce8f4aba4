//! Loop nests over the elements of arrays.

use std::rc::Rc;

use super::Lower;
use super::descriptor::Array;
use crate::ir::op::{Access, CompareOp};
use crate::ir::{Op, Type, ValueId};

/// An array as a nest walks it: the stride along each axis of the nest.
#[derive(Clone)]
pub struct Walked {
    pub array: Rc<Array>,
    base: ValueId,
    strides: Vec<ValueId>,
}

/// Where the element at hand of each array is.
pub struct Cursor {
    pub array: Rc<Array>,
    pub access: Access,
    pub base: ValueId,
    pub index: ValueId,
}

/// The iteration space: lengths from the outermost loop to the innermost, and the arrays.
pub struct Space {
    pub lengths: Vec<ValueId>,
    pub walked: Vec<Walked>,
}

/// What is done with each element: values carried round the loops in, their next values out.
pub type Body<'b, 'a> = &'b mut dyn FnMut(&mut Lower<'a>, &[Cursor], &[ValueId]) -> Result<Vec<ValueId>, String>;

impl<'a> Lower<'a> {
    /// A space over `shape`, its axes in the given order, outermost first. `agree`: no array is stretched but along axes
    /// that are known to have length 1.
    pub fn space(&mut self, shape: &[ValueId], order: &[usize], arrays: &[Rc<Array>], agree: bool) -> Space {
        if agree && let Some(space) = self.flat(shape, arrays) {
            return space;
        }
        let mut walked = Vec::new();
        for array in arrays {
            let mut strides = Vec::new();
            for &axis in order {
                let stride = match (axis + array.shape.len()).checked_sub(shape.len()) {
                    Some(k) => self.stretched(array.shape[k], shape[axis], array.strides[k], agree),
                    None => self.i64(0),
                };
                strides.push(stride);
            }
            walked.push(Walked { array: Rc::clone(array), base: array.data, strides });
        }
        Space { lengths: order.iter().map(|&k| shape[k]).collect(), walked }
    }

    /// One loop over everything, if all arrays are dense in one order and as large as the space.
    fn flat(&mut self, shape: &[ValueId], arrays: &[Rc<Array>]) -> Option<Space> {
        let layout = arrays.iter().find(|a| a.shape.len() > 1)?.ty.layout;
        let full = |a: &Rc<Array>| {
            a.ty.layout == layout
                && layout != crate::ir::Layout::Strided
                && a.shape.len() == shape.len()
                && a.shape.iter().zip(shape).all(|(&n, &m)| n == m || self.known(n) != Some(1))
        };
        if !arrays.iter().all(|a| a.shape.is_empty() || full(a)) {
            return None;
        }
        let total = self.size_of(shape);
        let zero = self.i64(0);
        let mut walked = Vec::new();
        for array in arrays {
            let stride = if array.shape.is_empty() { zero } else { self.i64(array.ty.dtype.bytes() as i64) };
            walked.push(Walked { array: Rc::clone(array), base: array.data, strides: vec![stride] });
        }
        Some(Space { lengths: vec![total], walked })
    }

    /// The stride along an axis of the space: none for an axis of length 1 that stands for a longer one.
    fn stretched(&mut self, own: ValueId, length: ValueId, stride: ValueId, agree: bool) -> ValueId {
        if self.known(own) == Some(1) {
            return self.i64(0);
        }
        if agree || own == length {
            return stride;
        }
        let (zero, one) = (self.i64(0), self.i64(1));
        let single = self.b.compare(CompareOp::Eq, own, one);
        self.b.select(single, zero, stride)
    }

    /// The loops, with values carried round them.
    pub fn nest(&mut self, space: &Space, carried: &[ValueId], body: Body<'_, 'a>) -> Result<Vec<ValueId>, String> {
        self.level(space, 0, carried, body)
    }

    fn level(
        &mut self,
        space: &Space,
        depth: usize,
        carried: &[ValueId],
        body: Body<'_, 'a>,
    ) -> Result<Vec<ValueId>, String> {
        let Some(&length) = space.lengths.get(depth) else {
            let zero = self.i64(0);
            let cursors: Vec<Cursor> = space
                .walked
                .iter()
                .map(|w| Cursor {
                    array: Rc::clone(&w.array),
                    access: Access::field(w.array.ty.dtype, w.array.class, 0),
                    base: w.base,
                    index: zero,
                })
                .collect();
            return body(self, &cursors, carried);
        };
        let (zero, one) = (self.i64(0), self.i64(1));
        let mut args = vec![zero, length, one];
        args.extend(carried);
        let label = self.b.function.new_label();
        let mut types = vec![Type::I64];
        types.extend(self.b.function.types(carried));
        let region = self.b.function.new_region(&types);
        let outside = self.b.enter(region);
        let params = self.b.function.regions[region].params.to_vec();
        let next = if depth + 1 == space.lengths.len() {
            let cursors = self.cursors(space, depth, params[0]);
            body(self, &cursors, &params[1..])?
        } else {
            let mut walked = space.walked.clone();
            for w in &mut walked {
                w.base = self.advance(w.base, params[0], w.strides[depth]);
            }
            let inner = Space { lengths: space.lengths.clone(), walked };
            self.level(&inner, depth + 1, &params[1..], body)?
        };
        self.b.yield_(&next);
        self.b.enter(outside);
        let inst = self.b.push(Op::For(label), &args, &[region]);
        Ok(self.b.results(inst).to_vec())
    }

    /// Where the elements at position `i` of an axis are.
    pub fn cursors(&mut self, space: &Space, depth: usize, i: ValueId) -> Vec<Cursor> {
        let mut cursors = Vec::new();
        for w in &space.walked {
            let (dtype, class) = (w.array.ty.dtype, w.array.class);
            let stride = w.strides[depth];
            let (access, index) = match self.known(stride) {
                Some(n) if n == dtype.bytes() as i64 => (Access::dense(dtype, class), i),
                _ => (Access::field(dtype, class, 0), self.mul(i, stride)),
            };
            cursors.push(Cursor { array: Rc::clone(&w.array), access, base: w.base, index });
        }
        cursors
    }

    /// The element of an array at hand.
    pub fn load_at(&mut self, cursors: &[Cursor], a: &Array) -> ValueId {
        match cursors.iter().find(|c| c.array.same_place(a) && c.array.ty.dtype == a.ty.dtype) {
            Some(c) => self.b.load(c.access, c.base, c.index),
            // Every array of an expression is walked.
            None => self.element_zero(a.ty.dtype),
        }
    }
}
