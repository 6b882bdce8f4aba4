//! Arrays: their descriptors, views of them, assignment to them, and how a value becomes storage.
//!
//! What is computed elementwise is a value to the IR: nobody can store into it. Where a kernel may do so, or where it
//! meets an array of another kind at a join or a call, it becomes storage of its own ([`Lower::as_array_type`]).

use smallvec::SmallVec;

use super::element::Position;
use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::infer::axis_specs;
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Axis, Descriptor, Expr, Ty};
use crate::ir::op::{ArrayOp, AxisSpec, BinaryOp as IrBinary, CompareOp, Op, UnaryOp};
use crate::ir::{AliasClass, ArrayType, Layout, Type, ValueId};
use crate::types::Scalar;

/// Words that a message can show.
const PAYLOAD: usize = 4;

impl Lower<'_, '_, '_> {
    pub(super) fn array_op(&mut self, op: ArrayOp, args: &[ValueId]) -> ValueId {
        self.b.value(Op::Array(op), args)
    }

    /// What the IR knows of an array.
    pub(super) fn array_type(&self, v: ValueId) -> ArrayType {
        match self.b.ty(v) {
            Type::Array(array) => array,
            // Never: only arrays are asked.
            _ => ArrayType { dtype: Scalar::F64, rank: 0, layout: Layout::Strided, writable: false },
        }
    }

    /// The extents of an array.
    pub(super) fn shape(&mut self, array: ValueId) -> Vec<ValueId> {
        (0..self.array_type(array).rank).map(|axis| self.array_op(ArrayOp::Dim(axis), &[array])).collect()
    }

    pub(super) fn descriptor(&mut self, array: &Expr, what: Descriptor, ty: &Ty) -> Val {
        let array = self.expr(array).value();
        let itemsize = i64::from(self.array_type(array).dtype.bytes());
        let parts: SmallVec<[ValueId; 2]> = match what {
            Descriptor::Length => [self.array_op(ArrayOp::Dim(0), &[array])].into_iter().collect(),
            Descriptor::Shape => self.shape(array).into(),
            Descriptor::Strides => {
                let rank = self.array_type(array).rank;
                (0..rank).map(|axis| self.array_op(ArrayOp::Stride(axis), &[array])).collect()
            }
            Descriptor::Size | Descriptor::Bytes => {
                // The product fits, as the elements are in memory; or it is 0, which wrapping does not change.
                let dims = self.shape(array);
                let first = self.b.i64(if what == Descriptor::Bytes { itemsize } else { 1 });
                let size = dims.into_iter().fold(first, |n, dim| self.b.binary(IrBinary::Mul, n, dim));
                [size].into_iter().collect()
            }
        };
        Val { ty: ty.clone(), parts }
    }

    pub(super) fn permuted(&mut self, array: &Expr, axes: &[u8], ty: &Ty) -> Val {
        let array = self.expr(array).value();
        let view = self.array_op(ArrayOp::Permute(axes.to_vec()), &[array]);
        Val::one(ty.clone(), view)
    }

    /// The part of an array that checked positions say.
    pub(super) fn view(&mut self, array: &Val, axes: &[Axis], positions: &[Position], ty: &Ty) -> Val {
        let specs = axis_specs(axes);
        if specs.iter().all(|s| *s == AxisSpec::Keep) {
            return Val { ty: ty.clone(), parts: array.parts.clone() };
        }
        let mut operands = vec![array.value()];
        for position in positions {
            match position {
                Position::At(i) => operands.push(*i),
                Position::Slice { start, step, count } => operands.extend([*start, *step, *count]),
                Position::Whole => {}
            }
        }
        let view = self.array_op(ArrayOp::View(specs), &operands);
        Val::one(ty.clone(), view)
    }

    /// `slice(start, stop, step)` of an axis, as `slice.indices` of Python clamps it.
    pub(super) fn slice(&mut self, bounds: &[Option<ValueId>; 3], len: ValueId, span: Span) -> Position {
        let one = self.b.i64(1);
        let step = bounds[2].unwrap_or(one);
        let direction = self.known_range(step).map(|(low, high)| (low > 0, high < 0));
        let (start, stop, step) = match direction {
            Some((true, _)) => {
                (self.clamped(bounds[0], len, false, true), self.clamped(bounds[1], len, false, false), step)
            }
            Some((_, true)) => {
                (self.clamped(bounds[0], len, true, true), self.clamped(bounds[1], len, true, false), step)
            }
            _ => {
                let zero = self.b.i64(0);
                let nonzero = self.b.compare(CompareOp::Ne, step, zero);
                self.check(nonzero, Exception::ValueError, "slice step cannot be zero", span, &[]);
                // As in Python, so that the step has a negative.
                let least = self.b.i64(-i64::MAX);
                let step = self.b.binary(IrBinary::Max, step, least);
                let down = self.b.compare(CompareOp::Lt, step, zero);
                let either = |l: &mut Self, bound, first| {
                    let (up, back) = (l.clamped(bound, len, false, first), l.clamped(bound, len, true, first));
                    l.b.select(down, back, up)
                };
                (either(self, bounds[0], true), either(self, bounds[1], false), step)
            }
        };
        let count = self.slice_count(start, stop, step);
        Position::Slice { start, step, count }
    }

    /// A bound of a slice inside the axis; where it is missing, the end that `first` and the direction say.
    fn clamped(&mut self, bound: Option<ValueId>, len: ValueId, down: bool, first: bool) -> ValueId {
        // Going down, the place before the first element is an end as well, and the last one is as far as it goes.
        let low = self.b.i64(if down { -1 } else { 0 });
        let high = if down { self.b.binary(IrBinary::Add, len, low) } else { len };
        let Some(bound) = bound else {
            return if first == down { high } else { low };
        };
        let range = self.known_range(bound);
        if let Some(known) = self.known_int(bound) {
            // The ends that code is full of: `a[1:]`, `a[:-1]`.
            return match known {
                0 if !down => low,
                0.. => self.b.binary(IrBinary::Min, bound, high),
                _ => {
                    let from_end = self.b.binary(IrBinary::Add, len, bound);
                    self.b.binary(IrBinary::Max, from_end, low)
                }
            };
        }
        let mut position = bound;
        if range.is_none_or(|(least, _)| least < 0) {
            let zero = self.b.i64(0);
            let negative = self.b.compare(CompareOp::Lt, bound, zero);
            let from_end = self.b.binary(IrBinary::Add, bound, len);
            let from_end = self.b.binary(IrBinary::Max, from_end, low);
            position = self.b.select(negative, from_end, bound);
        }
        self.b.binary(IrBinary::Min, position, high)
    }

    /// How many elements there are from `start` to before `stop`.
    fn slice_count(&mut self, start: ValueId, stop: ValueId, step: ValueId) -> ValueId {
        let zero = self.b.i64(0);
        let distance = self.b.binary(IrBinary::Sub, stop, start);
        if self.known_int(step) == Some(1) {
            return self.b.binary(IrBinary::Max, distance, zero);
        }
        if self.known_int(step) == Some(-1) {
            let distance = self.b.unary(UnaryOp::Neg, distance);
            return self.b.binary(IrBinary::Max, distance, zero);
        }
        // ceil(distance / step), which is not negative where there are elements: -((-distance) // step).
        let negated = self.b.unary(UnaryOp::Neg, distance);
        let quotient = self.b.binary(IrBinary::FloorDiv, negated, step);
        let count = self.b.unary(UnaryOp::Neg, quotient);
        self.b.binary(IrBinary::Max, count, zero)
    }

    /// An array as a type: an elementwise result as storage where it may be written, otherwise as what less is known of.
    pub(super) fn as_array_type(&mut self, v: ValueId, to: ArrayType, span: Span) -> ValueId {
        let mut v = v;
        if to.writable && !self.array_type(v).writable {
            v = self.storage_of(v, span);
        }
        if self.array_type(v) == to { v } else { self.array_op(ArrayOp::Forget(to), &[v]) }
    }

    /// New memory with the same elements.
    pub(super) fn storage_of(&mut self, v: ValueId, span: Span) -> ValueId {
        let from = self.array_type(v);
        let layout = if from.layout == Layout::F { Layout::F } else { Layout::C };
        let dims = self.shape(v);
        let site = self.site(Exception::MemoryError, "out of memory", span);
        let alloc = Op::Array(ArrayOp::Alloc(ArrayType { layout, writable: true, ..from }, site));
        let alloc = self.b.push(alloc, &dims, &[]);
        let storage = self.b.results(alloc)[0];
        self.assign_values(storage, v, span);
        storage
    }

    /// `dst[...] = src`. Where it does not broadcast, the words of the message are both shapes, as many as there is room
    /// for.
    fn assign_values(&mut self, dst: ValueId, src: ValueId, span: Span) {
        let from = match self.b.ty(src) {
            Type::Array(array) => array.rank.into(),
            _ => 0,
        };
        let message = no_broadcast(from, self.array_type(dst).rank.into());
        let site = self.site(Exception::ValueError, &message, span);
        self.b.effect(Op::Array(ArrayOp::Assign(site)), &[dst, src]);
    }

    /// Stores a number or an array into all of an array, broadcast and converted as NumPy's assignment does.
    pub(super) fn assign_array(&mut self, dst: &Val, value: &Val, span: Span) {
        let to = self.array_type(dst.value());
        let source = match &value.ty {
            Ty::Array(_) => {
                let fitting = self.without_extra_axes(dst.value(), value.value(), span);
                self.array_as_dtype(fitting, to.dtype, span)
            }
            _ => self.storable_in_array(value, to.dtype, span),
        };
        self.assign_values(dst.value(), source, span);
    }

    /// The source without the axes that the target does not have, which may be there if they are of length 1.
    fn without_extra_axes(&mut self, dst: ValueId, src: ValueId, span: Span) -> ValueId {
        let (to, from) = (self.array_type(dst).rank.into(), usize::from(self.array_type(src).rank));
        let extra = from.saturating_sub(to);
        if extra == 0 {
            return src;
        }
        let words: Vec<ValueId> = [self.shape(dst), self.shape(src)].concat().into_iter().take(PAYLOAD).collect();
        let message = no_broadcast(from, to);
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        for axis in 0..extra {
            let len = self.array_op(ArrayOp::Dim(axis as u8), &[src]);
            let ok = self.b.compare(CompareOp::Eq, len, one);
            self.check(ok, Exception::ValueError, &message, span, &words);
        }
        let mut specs = vec![AxisSpec::Index; extra];
        specs.resize(from, AxisSpec::Keep);
        let operands: Vec<ValueId> = std::iter::once(src).chain(std::iter::repeat_n(zero, extra)).collect();
        self.array_op(ArrayOp::View(specs), &operands)
    }

    /// NumPy's `astype`, elementwise.
    pub(super) fn array_as_dtype(&mut self, v: ValueId, to: Scalar, span: Span) -> ValueId {
        let from = self.array_type(v).dtype;
        if from == to {
            return v;
        }
        let region = self.b.function.new_region(&[Type::Scalar(from)]);
        let outer = self.b.enter(region);
        let element = self.b.function.regions[region].params[0];
        let converted = if to == Scalar::Bool { self.truth(&Val::np(from, element)) } else { self.cast(element, to) };
        self.b.yield_(&[converted]);
        self.b.enter(outer);
        let site = self.site(Exception::ValueError, "operands could not be broadcast together", span);
        let map = self.b.push(Op::Array(ArrayOp::Map(to, site)), &[v], &[region]);
        self.b.results(map)[0]
    }

    /// `array op= value`: the array once, in place.
    pub(super) fn augment_array(&mut self, array: &Expr, op: BinaryOp, value: &Expr, result: &Ty, span: Span) {
        let array = self.expr(array);
        let value = self.operand(value, &array.ty);
        if let Ty::Array(_) = value.ty {
            self.check_holds(array.value(), value.value(), span);
        }
        let computed = self.operator(op, array.clone(), value, result, span);
        let to = self.array_type(array.value());
        let source = self.array_as_dtype(computed.value(), to.dtype, span);
        self.assign_values(array.value(), source, span);
    }

    /// Checks that an operand broadcasts to the array that takes the result: its axes of length 1 do not grow.
    fn check_holds(&mut self, dst: ValueId, operand: ValueId, span: Span) {
        let (to, from) = (self.shape(dst), self.shape(operand));
        let words: Vec<ValueId> = to.iter().chain(&from).take(PAYLOAD).copied().collect();
        let (target, other) = (holes(0, to.len()), holes(to.len(), from.len()));
        let shown = to.len() + from.len() <= PAYLOAD;
        let differ = match shown {
            true => format!("operands could not be broadcast together with shapes {target} {other} {target} "),
            false => "operands could not be broadcast together".to_owned(),
        };
        let grow = match shown && from.len() == to.len() && to.len() == 1 {
            true => format!(
                "non-broadcastable output operand with shape {target} doesn't match the broadcast shape {other}"
            ),
            false => "non-broadcastable output operand doesn't match the broadcast shape".to_owned(),
        };
        let one = self.b.i64(1);
        for (&len, &room) in from.iter().rev().zip(to.iter().rev()).filter(|(len, room)| len != room) {
            let (same, single) = (self.b.compare(CompareOp::Eq, len, room), self.b.compare(CompareOp::Eq, len, one));
            let fits = self.any_of(same, single);
            let grows = self.b.compare(CompareOp::Eq, room, one);
            let broadcasts = self.any_of(fits, grows);
            self.check(broadcasts, Exception::ValueError, &differ, span, &words);
            self.check(fits, Exception::ValueError, &grow, span, &words);
        }
    }

    /// `carray(p, shape)`: a descriptor over the pointer's memory.
    pub(super) fn array_over(&mut self, args: &[Expr], ty: &Ty, span: Span) -> Val {
        let Some(array) = ty.as_array() else { return Val::none() };
        let pointer = self.expr(&args[0]).value();
        let values: Vec<Val> = args[1..].iter().map(|e| self.expr(e)).collect();
        let mut dims = Vec::with_capacity(values.len());
        for (v, e) in values.iter().zip(&args[1..]) {
            let n = self.to_index(v, e.span);
            if self.known_range(n).is_none_or(|(low, _)| low < 0) {
                let zero = self.b.i64(0);
                let ok = self.b.compare(CompareOp::Ge, n, zero);
                self.check(ok, Exception::ValueError, "negative dimensions are not allowed", span, &[]);
            }
            dims.push(n);
        }
        let strides = self.dense_strides(&dims, array.into());
        let operands: Vec<ValueId> = std::iter::once(pointer).chain(dims).chain(strides).collect();
        let v = self.array_op(ArrayOp::Make(array.into(), AliasClass::ANY), &operands);
        Val::one(ty.clone(), v)
    }

    /// The strides of an array without gaps.
    fn dense_strides(&mut self, dims: &[ValueId], array: ArrayType) -> Vec<ValueId> {
        let mut strides = vec![self.b.i64(array.dtype.bytes().into()); dims.len()];
        let order: Vec<usize> = match array.layout {
            Layout::F => (0..dims.len()).collect(),
            Layout::C | Layout::Strided => (0..dims.len()).rev().collect(),
        };
        for pair in order.windows(2) {
            strides[pair[1]] = self.b.binary(IrBinary::Mul, strides[pair[0]], dims[pair[0]]);
        }
        strides
    }

    /// An array of the type that is never looked at.
    pub(super) fn no_array(&mut self, array: ArrayType) -> ValueId {
        let null = self.b.value(Op::Null, &[]);
        let zero = self.b.i64(0);
        let operands: Vec<ValueId> =
            std::iter::once(null).chain(std::iter::repeat_n(zero, 2 * usize::from(array.rank))).collect();
        self.array_op(ArrayOp::Make(array, AliasClass::ANY), &operands)
    }
}

/// NumPy's message, for words that are the target's shape, then the source's.
fn no_broadcast(from: usize, to: usize) -> String {
    if from + to > PAYLOAD {
        return "could not broadcast input array into the shape it is assigned to".into();
    }
    format!("could not broadcast input array from shape {} into shape {}", holes(to, from), holes(0, to))
}

/// The places of some payload words, as NumPy writes a shape: `({0},)`, `({0},{1})`.
fn holes(first: usize, count: usize) -> String {
    let words: Vec<String> = (first..first + count).map(|k| format!("{{{k}}}")).collect();
    format!("({}{})", words.join(","), if count == 1 { "," } else { "" })
}
