//! Rounding to a number of decimals: Python's `round(x, n)`, which rounds the true value, and NumPy's, which scales.

use super::elementwise::dtype_of_all;
use super::{INT_OVERFLOW, Lower, Val};
use crate::abi::status::Exception;
use crate::diag::{Code, Span};
use crate::front::tast::{Py, Ty};
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, UnaryOp};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

/// The largest power of ten that is a float, and the largest that is an integer with its double.
const LARGEST: i64 = 22;
const LARGEST_INT: i64 = 18;
/// Half of 10**19: integers up to here round to no multiple of it but 0.
const HALF_OF_NEXT: i64 = 5_000_000_000_000_000_000;

/// How NumPy rounds to a number of decimals: by a factor, before or after.
#[derive(Clone, Copy)]
struct Scaling {
    factor: ValueId,
    /// Multiplied by first; else divided by.
    decimals: ValueId,
}

impl Lower<'_, '_, '_> {
    /// `round(x, n)` of a scalar.
    pub(super) fn rounded_to(&mut self, x: &Val, n: ValueId, span: Span) -> Val {
        match x.ty {
            Ty::Py(Py::Float) => {
                let v = self.round_float(x.value(), n, span);
                Val::one(Ty::FLOAT, v)
            }
            Ty::Py(_) => {
                let i = self.b.convert(Scalar::I64, x.value());
                let v = self.round_int(i, n, span);
                Val::one(Ty::INT, v)
            }
            _ => {
                let s = self.scalar_of(x);
                let scaling = self.scaling(n, span);
                let v = self.scaled_round(x.value(), scaling, s);
                Val::np(s, v)
            }
        }
    }

    /// `float.__round__`: exact as far as powers of ten are floats. Nothing overflows that way: the largest float is
    /// nearest to what it rounds to.
    fn round_float(&mut self, x: ValueId, n: ValueId, span: Span) -> ValueId {
        match self.known_int(n) {
            Some(0) => self.b.unary(UnaryOp::Nearest, x),
            Some(n) if n.abs() <= LARGEST => {
                let scale = (0..n.abs()).fold(1.0, |scale, _| scale * 10.0);
                let scale = self.b.f64(scale);
                self.math(if n > 0 { "round_decimals" } else { "round_tens" }, &[x, scale], span)
            }
            Some(n) => {
                let message = format!("`round` of a float to {n} decimals cannot be compiled");
                let help = format!("kernels round floats to -{LARGEST} ... {LARGEST} decimals");
                self.fault(Code::UnsupportedCall, span, &message, &help);
                x
            }
            None => {
                let (low, high) = (self.b.i64(-LARGEST), self.b.i64(LARGEST));
                let above = self.b.compare(CompareOp::Ge, n, low);
                let below = self.b.compare(CompareOp::Le, n, high);
                let ok = self.both(above, below);
                let message = format!("kernels round floats to -{LARGEST} ... {LARGEST} decimals, not {{0}}");
                self.check(ok, Exception::ValueError, &message, span, &[n]);
                let (size, decimals) = self.size_and_sign(n);
                let scale = self.math("power_of_ten", &[size], span);
                let (inst, then, otherwise) = self.b.if_(decimals, &[Type::F64]);
                let outer = self.b.enter(then);
                let v = self.math("round_decimals", &[x, scale], span);
                self.b.yield_(&[v]);
                self.b.enter(otherwise);
                let v = self.math("round_tens", &[x, scale], span);
                self.b.yield_(&[v]);
                self.b.enter(outer);
                self.b.results(inst)[0]
            }
        }
    }

    /// `|n|`, and whether `n >= 0`.
    fn size_and_sign(&mut self, n: ValueId) -> (ValueId, ValueId) {
        let zero = self.b.i64(0);
        let decimals = self.b.compare(CompareOp::Ge, n, zero);
        (self.b.unary(UnaryOp::Abs, n), decimals)
    }

    /// `int.__round__`: a multiple of a power of ten, checked.
    fn round_int(&mut self, i: ValueId, n: ValueId, span: Span) -> ValueId {
        if let Some(n) = self.known_int(n) {
            return match n {
                0.. => i,
                _ if n >= -LARGEST_INT => {
                    let scale = self.b.i64(10i64.pow(n.unsigned_abs() as u32));
                    self.to_multiple(i, scale, span)
                }
                _ => self.to_nothing(i, n, span),
            };
        }
        let (zero, last) = (self.b.i64(0), self.b.i64(-LARGEST_INT));
        let tens = self.b.compare(CompareOp::Lt, n, zero);
        self.either_way(tens, Type::I64, i, &mut |l| {
            let few = l.b.compare(CompareOp::Ge, n, last);
            let (inst, then, otherwise) = l.b.if_(few, &[Type::I64]);
            let outer = l.b.enter(then);
            let size = l.b.unary(UnaryOp::Neg, n);
            let scale = l.math("power_of_ten", &[size], span);
            let scale = l.b.convert(Scalar::I64, scale);
            let v = l.to_multiple(i, scale, span);
            l.b.yield_(&[v]);
            l.b.enter(otherwise);
            let next = l.b.i64(-LARGEST_INT - 1);
            let next = l.b.compare(CompareOp::Eq, n, next);
            let v = l.either_way(next, Type::I64, zero, &mut |l| l.to_nothing(i, -LARGEST_INT - 1, span));
            l.b.yield_(&[v]);
            l.b.enter(outer);
            l.b.results(inst)[0]
        })
    }

    fn to_multiple(&mut self, i: ValueId, scale: ValueId, span: Span) -> ValueId {
        let step = self.math("round_step", &[i, scale], span);
        self.checked(CheckedOp::Add, &[i, step], span)
    }

    /// Rounded to a multiple of a power of ten that is no 64-bit integer: 0, or what is none either.
    fn to_nothing(&mut self, i: ValueId, n: i64, span: Span) -> ValueId {
        if n == -LARGEST_INT - 1 {
            let (low, high) = (self.b.i64(-HALF_OF_NEXT), self.b.i64(HALF_OF_NEXT));
            let above = self.b.compare(CompareOp::Ge, i, low);
            let below = self.b.compare(CompareOp::Le, i, high);
            let ok = self.both(above, below);
            self.check(ok, Exception::OverflowError, INT_OVERFLOW, span, &[]);
        }
        self.b.i64(0)
    }

    /// `np.round(a, n)` of a scalar or an array.
    pub(super) fn numpy_round(&mut self, a: &Val, n: &Val, ty: &Ty, span: Span) -> Val {
        let s = dtype_of_all(std::slice::from_ref(a));
        let operand = self.as_operand(a, s, span);
        let n = self.to_index(n, span);
        let scaling = self.scaling(n, span);
        let v = self.map(&[operand], span, &mut |l, v| {
            let x = l.as_dtype(&v[0], s, span);
            let v = l.scaled_round(x, scaling, s);
            Val::np(s, v)
        });
        self.coerce(v, ty, span)
    }

    fn scaling(&mut self, n: ValueId, span: Span) -> Scaling {
        // NumPy takes a C int.
        for (op, bound, what) in [
            (CompareOp::Le, i64::from(i32::MAX), "signed integer is greater than maximum"),
            (CompareOp::Ge, i64::from(i32::MIN), "signed integer is less than minimum"),
        ] {
            let bound = self.b.i64(bound);
            let ok = self.b.compare(op, n, bound);
            if self.known_int(n).is_none_or(|n| i32::try_from(n).is_err()) {
                self.check(ok, Exception::OverflowError, what, span, &[]);
            }
        }
        let (size, decimals) = self.size_and_sign(n);
        let factor = match self.known_int(n) {
            Some(n) => {
                // Infinite from 10**309 on.
                let factor = (0..n.unsigned_abs().min(400)).fold(1.0, |factor, _| factor * 10.0);
                self.b.f64(factor)
            }
            None => self.math("power_of_ten", &[size], span),
        };
        let decimals = self.known_int(n).map_or(decimals, |n| self.b.bool(n >= 0));
        Scaling { factor, decimals }
    }

    /// `PyArray_Round` (numpy/_core/src/multiarray/calculation.c) of one element: integers go through float64.
    fn scaled_round(&mut self, x: ValueId, scaling: Scaling, s: Scalar) -> ValueId {
        let float = if s.is_float() { s } else { Scalar::F64 };
        let known = self.b.function.constant(scaling.decimals).map(|c| c.bits != 0);
        if known == Some(true) && !s.is_float() {
            return x;
        }
        let factor = self.b.convert(float, scaling.factor);
        let wide = self.b.convert(float, x);
        let by = |l: &mut Self, v: ValueId, multiply: bool| {
            let op = if multiply { BinaryOp::Mul } else { BinaryOp::Div };
            l.b.binary(op, v, factor)
        };
        let either = |l: &mut Self, v: ValueId, first: bool| match known {
            Some(decimals) => by(l, v, decimals == first),
            None => {
                let (product, quotient) = (by(l, v, first), by(l, v, !first));
                l.b.select(scaling.decimals, product, quotient)
            }
        };
        let scaled = either(self, wide, true);
        let whole = self.b.unary(UnaryOp::Nearest, scaled);
        let rounded = either(self, whole, false);
        if s.is_float() {
            return rounded;
        }
        let rounded = self.cast(rounded, s);
        self.b.select(scaling.decimals, x, rounded)
    }
}
