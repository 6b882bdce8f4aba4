//! Conversions: between Python's and NumPy's scalars, at joins, and by `int`, `float`, `bool` and dtypes.

use super::{INT_OVERFLOW, Lower, Val, payload_scalar};
use crate::abi::status::Exception;
use crate::diag::{Code, Span};
use crate::front::tast::{Literal, Py, Ty};
use crate::ir::op::{BinaryOp, CompareOp, Const, Op, UnaryOp};
use crate::ir::{Type, ValueId, eval};
use crate::types::{Kind, Scalar};

/// 2.0**63, the first float beyond 64-bit integers.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

impl Lower<'_, '_, '_> {
    /// A constant of the type.
    pub(super) fn literal(&mut self, l: &Literal, span: Span) -> Val {
        let c = match l {
            Literal::Bool(b) => Const::bool(*b),
            Literal::Int(i) => match i64::try_from(*i) {
                Ok(i) => Const::int(Scalar::I64, i),
                Err(_) => {
                    let message = "integers are 64-bit in kernels; this one is larger";
                    self.fault(Code::IntegerTooLarge, span, message, "write it as a float, or as `np.uint64(...)`");
                    Const::int(Scalar::I64, 0)
                }
            },
            Literal::Float(x) => Const::f64(*x),
            Literal::Np(c) => *c,
            Literal::None | Literal::Str(_) => return Val { ty: l.ty(), parts: Default::default() },
        };
        let v = self.b.constant(c);
        Val::one(l.ty(), v)
    }

    /// A value where paths join: the same number in the wider type.
    pub(super) fn coerce(&mut self, v: Val, to: &Ty, span: Span) -> Val {
        if v.ty == *to && !has_array(to) {
            return v;
        }
        match (&v.ty, to) {
            (Ty::Array(_), Ty::Array(array)) => {
                let value = self.as_array_type(v.value(), (*array).into(), span);
                Val::one(to.clone(), value)
            }
            (Ty::Py(from), Ty::Py(p)) => {
                let value = self.widen(v.value(), *from, *p, span);
                Val::one(to.clone(), value)
            }
            (Ty::Py(from), Ty::Either(p, s)) => {
                let value = self.widen(v.value(), *from, if s.is_float() { Py::Float } else { *p }, span);
                let payload = self.b.convert(payload_scalar(*p, *s), value);
                let flag = self.b.bool(false);
                Val { ty: to.clone(), parts: [flag, payload].into_iter().collect() }
            }
            (Ty::Np(_), Ty::Either(p, s)) => {
                let payload = self.b.convert(payload_scalar(*p, *s), v.value());
                let flag = self.b.bool(true);
                Val { ty: to.clone(), parts: [flag, payload].into_iter().collect() }
            }
            (Ty::Either(..), Ty::Either(p, s)) => {
                let payload = self.b.convert(payload_scalar(*p, *s), v.parts[1]);
                Val { ty: to.clone(), parts: [v.parts[0], payload].into_iter().collect() }
            }
            (Ty::Table(_), Ty::Tuple(types)) => {
                let items = self.unpack(&v, types.len(), span);
                let parts = items
                    .into_iter()
                    .zip(types.iter())
                    .flat_map(|(item, ty)| self.coerce(item, ty, span).parts)
                    .collect();
                Val { ty: to.clone(), parts }
            }
            (Ty::Tuple(_), Ty::Tuple(types)) => {
                let items = self.unpack(&v, types.len(), span);
                let mut parts = smallvec::SmallVec::new();
                for (item, ty) in items.into_iter().zip(types.iter()) {
                    parts.extend(self.coerce(item, ty, span).parts);
                }
                Val { ty: to.clone(), parts }
            }
            _ => Val { ty: to.clone(), parts: v.parts },
        }
    }

    /// A Python scalar as a wider Python type, where the value must stay the same.
    fn widen(&mut self, v: ValueId, from: Py, to: Py, span: Span) -> ValueId {
        let float = self.b.convert(to.scalar(), v);
        if from == Py::Int && to == Py::Float && !self.is_small(v) {
            // Exact if it converts back to itself; 2**63 would come back as the largest integer.
            let back = self.b.convert(Scalar::I64, float);
            let same = self.b.compare(CompareOp::Eq, back, v);
            let limit = self.b.f64(TWO_63);
            let inside = self.b.compare(CompareOp::Lt, float, limit);
            let ok = self.b.binary(BinaryOp::And, same, inside);
            let message = "int {0} has no exact float, and the variable is a float on another path";
            self.check(ok, Exception::OverflowError, message, span, &[v]);
        }
        float
    }

    /// An integer that a float holds exactly, as far as its definition says.
    pub(super) fn is_small(&self, v: ValueId) -> bool {
        self.known_range(v).is_some_and(|(low, high)| low >= -(1 << 53) && high <= 1 << 53)
    }

    /// The Python scalar of a value that may be either.
    pub(super) fn python_side(&mut self, v: &Val) -> Val {
        match v.ty {
            Ty::Either(p, _) => {
                let value = self.b.convert(p.scalar(), v.parts[1]);
                Val::one(Ty::Py(p), value)
            }
            _ => v.clone(),
        }
    }

    /// The NumPy scalar of a value that may be either.
    pub(super) fn numpy_side(&mut self, v: &Val) -> Val {
        match v.ty {
            Ty::Either(_, s) => {
                let value = self.b.convert(s, v.parts[1]);
                Val::np(s, value)
            }
            _ => v.clone(),
        }
    }

    /// Runs `f` on what the operands are, with a branch for each that may be either kind of scalar.
    pub(super) fn by_kind(
        &mut self,
        operands: &[Val],
        result: &Ty,
        span: Span,
        f: &mut dyn FnMut(&mut Self, &[Val]) -> Val,
    ) -> Val {
        let Some(open) = operands.iter().position(|v| matches!(v.ty, Ty::Either(..))) else {
            let v = f(self, operands);
            return self.coerce(v, result, span);
        };
        let flag = operands[open].parts[0];
        let types = super::part_types(result);
        let (inst, then, otherwise) = self.b.if_(flag, &types);
        let outer = self.b.region();
        for (region, numpy) in [(then, true), (otherwise, false)] {
            self.b.enter(region);
            let mut chosen = operands.to_vec();
            chosen[open] = if numpy { self.numpy_side(&operands[open]) } else { self.python_side(&operands[open]) };
            let v = self.by_kind(&chosen, result, span, f);
            if !self.b.is_closed() {
                self.b.yield_(&v.parts);
            }
        }
        self.b.enter(outer);
        Val { ty: result.clone(), parts: self.b.results(inst).into() }
    }

    /// Python's truth of a value.
    pub(super) fn truth(&mut self, v: &Val) -> ValueId {
        match &v.ty {
            Ty::Py(_) | Ty::Np(_) => self.nonzero(v.value()),
            Ty::Either(..) => self.nonzero(v.parts[1]),
            Ty::Ptr { .. } => {
                let null = self.b.value(Op::Null, &[]);
                self.b.compare(CompareOp::Ne, v.value(), null)
            }
            Ty::Tuple(items) => self.b.bool(!items.is_empty()),
            Ty::None => self.b.bool(false),
            Ty::Array(array) if array.rank == 0 => {
                let element = self.scalar_value(v);
                self.nonzero(element.value())
            }
            Ty::Table(_) | Ty::Known(_) | Ty::Str | Ty::Array(_) | Ty::Unknown | Ty::Error => self.b.bool(true),
        }
    }

    fn nonzero(&mut self, v: ValueId) -> ValueId {
        match self.b.ty(v) {
            Type::BOOL => v,
            Type::Scalar(s) => {
                let zero = self.b.constant(Const { ty: s, bits: 0 });
                self.b.compare(CompareOp::Ne, v, zero)
            }
            _ => self.b.bool(true),
        }
    }

    /// Python's `float(x)`.
    pub(super) fn to_float(&mut self, v: &Val) -> ValueId {
        match v.ty {
            Ty::Either(_, Scalar::U64) => {
                let numpy = self.numpy_side(v).value();
                let (a, b) = (self.b.convert(Scalar::F64, numpy), self.b.convert(Scalar::F64, v.parts[1]));
                self.b.select(v.parts[0], a, b)
            }
            Ty::Either(..) => self.b.convert(Scalar::F64, v.parts[1]),
            _ => self.b.convert(Scalar::F64, v.value()),
        }
    }

    /// A value that may index or count, as a 64-bit integer; also `int(x)` of integers.
    pub(super) fn to_index(&mut self, v: &Val, span: Span) -> ValueId {
        self.signed_index(v, INT_OVERFLOW, span)
    }

    /// The same for an element of an array.
    pub(super) fn element_index(&mut self, v: &Val, span: Span) -> ValueId {
        self.signed_index(v, "Python int too large to convert to C long", span)
    }

    /// The same for a slice's bound, which clamps.
    pub(super) fn slice_bound(&mut self, v: &Val) -> ValueId {
        let (wide, beyond) = self.as_signed(v);
        match beyond {
            Some(beyond) => {
                let largest = self.b.i64(i64::MAX);
                self.b.select(beyond, largest, wide)
            }
            None => wide,
        }
    }

    fn signed_index(&mut self, v: &Val, message: &str, span: Span) -> ValueId {
        let (wide, beyond) = self.as_signed(v);
        if let Some(beyond) = beyond {
            let ok = self.not(beyond);
            self.check(ok, Exception::OverflowError, message, span, &[]);
        }
        wide
    }

    /// An integer in 64 bits with a sign; and whether it is a uint64 beyond them, where it may be one.
    fn as_signed(&mut self, v: &Val) -> (ValueId, Option<ValueId>) {
        let wide = match v.ty {
            Ty::Either(..) => self.b.convert(Scalar::I64, v.parts[1]),
            _ => self.b.convert(Scalar::I64, v.value()),
        };
        let (Ty::Np(Scalar::U64) | Ty::Either(_, Scalar::U64)) = v.ty else { return (wide, None) };
        let zero = self.b.i64(0);
        let negative = self.b.compare(CompareOp::Lt, wide, zero);
        let beyond = match v.ty {
            Ty::Either(..) => self.b.binary(BinaryOp::And, negative, v.parts[0]),
            _ => negative,
        };
        (wide, Some(beyond))
    }

    /// Python's `int(x)`.
    pub(super) fn to_int(&mut self, v: &Val, span: Span) -> ValueId {
        let float = match v.ty {
            Ty::Py(p) => p == Py::Float,
            Ty::Np(s) | Ty::Either(_, s) => s.is_float(),
            _ => false,
        };
        if !float {
            return self.to_index(v, span);
        }
        let x = self.to_float(v);
        self.float_to_int(x, span)
    }

    /// A float cut to a 64-bit integer, with CPython's errors.
    pub(super) fn float_to_int(&mut self, x: ValueId, span: Span) -> ValueId {
        let (low, high) = (self.b.f64(-TWO_63), self.b.f64(TWO_63));
        let above = self.b.compare(CompareOp::Ge, x, low);
        let below = self.b.compare(CompareOp::Lt, x, high);
        let inside = self.b.binary(BinaryOp::And, above, below);
        let (_, then, otherwise) = self.b.if_(inside, &[]);
        let outer = self.b.enter(otherwise);
        let number = self.b.compare(CompareOp::Eq, x, x);
        self.check(number, Exception::ValueError, "cannot convert float NaN to integer", span, &[]);
        let finite = self.is_finite(x);
        self.check(finite, Exception::OverflowError, "cannot convert float infinity to integer", span, &[]);
        let site = self.site(Exception::OverflowError, INT_OVERFLOW, span);
        self.b.terminate(Op::Raise(None, site), &[]);
        self.b.enter(then);
        self.b.yield_(&[]);
        self.b.enter(outer);
        self.b.convert(Scalar::I64, x)
    }

    pub(super) fn is_finite(&mut self, x: ValueId) -> ValueId {
        let (size, infinity) = self.size_and_infinity(x);
        self.b.compare(CompareOp::Lt, size, infinity)
    }

    pub(super) fn is_infinite(&mut self, x: ValueId) -> ValueId {
        let (size, infinity) = self.size_and_infinity(x);
        self.b.compare(CompareOp::Eq, size, infinity)
    }

    fn size_and_infinity(&mut self, x: ValueId) -> (ValueId, ValueId) {
        let size = self.b.unary(UnaryOp::Abs, x);
        let infinity = match self.b.ty(x) {
            Type::F32 => self.b.constant(Const::f32(f32::INFINITY)),
            _ => self.b.f64(f64::INFINITY),
        };
        (size, infinity)
    }

    /// A Python scalar beside a NumPy one, as the latter's dtype.
    pub(super) fn weak(&mut self, v: ValueId, p: Py, to: Scalar, span: Span) -> ValueId {
        if p == Py::Int && to.is_int() {
            self.check_range(v, to, span);
        }
        // An int becomes a float32 by way of float64, as `PyFloat_AsDouble` makes it.
        let via = if p == Py::Int && to == Scalar::F32 { Scalar::F64 } else { p.scalar() };
        // A constant stays one, so that `x ** 2` is seen to be a square.
        if let Some(c) = self.b.function.constant(v) {
            return self.b.constant(eval::convert(to, eval::convert(via, c)));
        }
        let v = self.b.convert(via, v);
        self.b.convert(to, v)
    }

    /// Checks that a 64-bit integer fits an integer dtype.
    pub(super) fn check_range(&mut self, v: ValueId, to: Scalar, span: Span) {
        let Some((low, high)) = to.int_range() else { return };
        if to == Scalar::I64 || self.known_range(v).is_some_and(|(l, h)| low <= l && h <= high) {
            return;
        }
        let (low, high) = (low.max(i64::MIN.into()) as i64, high.min(i64::MAX.into()) as i64);
        let bound = self.b.i64(low);
        let mut ok = self.b.compare(CompareOp::Ge, v, bound);
        if to != Scalar::U64 {
            let bound = self.b.i64(high);
            let below = self.b.compare(CompareOp::Le, v, bound);
            ok = self.b.binary(BinaryOp::And, ok, below);
        }
        let message = format!("Python integer {{0}} out of bounds for {}", to.dtype_name());
        self.check(ok, Exception::OverflowError, &message, span, &[v]);
    }

    /// A NumPy scalar as another dtype: NumPy's `astype`. Floats out of the range of an integer give what x86's
    /// conversion gives, as NumPy does there.
    pub(super) fn cast(&mut self, v: ValueId, to: Scalar) -> ValueId {
        let from = self.b.ty(v).as_scalar().unwrap_or(to);
        if !from.is_float() || !to.is_int() {
            return self.b.convert(to, v);
        }
        let x = self.b.convert(Scalar::F64, v);
        match (to.kind(), to.bits()) {
            (Kind::Unsigned, 64) => {
                // From 2**63 on the excess is converted and the top bit set.
                let limit = self.b.f64(TWO_63);
                let large = self.b.compare(CompareOp::Ge, x, limit);
                let rest = self.b.binary(crate::ir::op::BinaryOp::Sub, x, limit);
                let (small, rest) = (self.indefinite(x, Scalar::I64), self.indefinite(rest, Scalar::I64));
                let top = self.b.i64(i64::MIN);
                let rest = self.b.binary(BinaryOp::Xor, rest, top);
                let bits = self.b.select(large, rest, small);
                self.b.convert(Scalar::U64, bits)
            }
            (_, 64) | (Kind::Unsigned, 32) => {
                let wide = self.indefinite(x, Scalar::I64);
                self.b.convert(to, wide)
            }
            _ => {
                let wide = self.indefinite(x, Scalar::I32);
                self.b.convert(to, wide)
            }
        }
    }

    /// x86's float to integer conversion: the smallest integer for NaN and what does not fit.
    fn indefinite(&mut self, x: ValueId, to: Scalar) -> ValueId {
        let (low, high) = match to {
            Scalar::I32 => (-2_147_483_649.0, 2_147_483_648.0),
            _ => (-TWO_63 * 1.000_000_000_000_000_2, TWO_63),
        };
        let (low, high) = (self.b.f64(low), self.b.f64(high));
        let above = self.b.compare(CompareOp::Gt, x, low);
        let below = self.b.compare(CompareOp::Lt, x, high);
        let inside = self.b.binary(BinaryOp::And, above, below);
        let value = self.b.convert(to, x);
        let smallest = to.int_range().map_or(0, |(low, _)| low as i64);
        let smallest = self.b.int(to, smallest);
        self.b.select(inside, value, smallest)
    }

    /// A dtype called with a value: checked for Python's scalars, cast for NumPy's.
    pub(super) fn construct(&mut self, v: &Val, to: Scalar, span: Span) -> ValueId {
        match v.ty {
            Ty::Py(Py::Float) if to.is_int() => {
                let int = if to == Scalar::U64 {
                    self.float_to_u64(v.value(), span)
                } else {
                    self.float_to_int(v.value(), span)
                };
                if to == Scalar::U64 {
                    return int;
                }
                self.check_range(int, to, span);
                self.b.convert(to, int)
            }
            Ty::Py(p) => self.weak(v.value(), p, to, span),
            _ => self.cast(v.value(), to),
        }
    }

    /// `np.uint64(x)` of a Python float: the range of its own.
    fn float_to_u64(&mut self, x: ValueId, span: Span) -> ValueId {
        let limit = self.b.f64(TWO_63);
        let large = self.b.compare(CompareOp::Ge, x, limit);
        let end = self.b.f64(2.0 * TWO_63);
        let inside = self.b.compare(CompareOp::Lt, x, end);
        let upper = self.b.binary(BinaryOp::And, large, inside);
        let (inst, then, otherwise) = self.b.if_(upper, &[Type::U64]);
        let outer = self.b.enter(then);
        let v = self.b.convert(Scalar::U64, x);
        self.b.yield_(&[v]);
        self.b.enter(otherwise);
        let int = self.float_to_int(x, span);
        self.check_range(int, Scalar::U64, span);
        let v = self.b.convert(Scalar::U64, int);
        self.b.yield_(&[v]);
        self.b.enter(outer);
        self.b.results(inst)[0]
    }
}

/// Equal types may still be different things to the IR: an elementwise result, and storage.
fn has_array(ty: &Ty) -> bool {
    match ty {
        Ty::Array(_) => true,
        Ty::Tuple(items) => items.iter().any(has_array),
        _ => false,
    }
}
