//! `**`: small constant exponents are multiplied out, integers are raised by squaring, floats by the mathlib.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::tast::{Expr, Ty};
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, Const, Op, UnaryOp};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

/// What CPython says when a float power leaves the range.
const POWER_RANGE: &str = "(34, 'Numerical result out of range')";

/// Exponents up to here are multiplied out.
const LARGEST_UNROLLED: i64 = 64;

impl Lower<'_, '_, '_> {
    /// `x ** n` of Python integers.
    pub(super) fn int_power(&mut self, x: ValueId, n: ValueId, span: Span) -> ValueId {
        if let Some(n) = self.known_int(n).filter(|n| (0..=LARGEST_UNROLLED).contains(n)) {
            return self.unrolled(x, n as u64, &mut |l, a, b| l.checked(CheckedOp::Mul, &[a, b], span));
        }
        let zero = self.b.i64(0);
        let ok = self.b.compare(CompareOp::Ge, n, zero);
        let message = "integer to a negative power: write `float(x) ** n`";
        self.check(ok, Exception::ValueError, message, span, &[n]);
        self.squaring(x, n, &mut |l, a, b| l.checked(CheckedOp::Mul, &[a, b], span))
    }

    /// `pow(a, b, m)` of Python integers (`long_pow` in Objects/longobject.c): a negative exponent is one of the inverse.
    pub(super) fn modular_power(&mut self, args: &[Expr], span: Span) -> Val {
        let values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
        let [a, b, m] = [0, 1, 2].map(|k: usize| self.b.convert(Scalar::I64, values[k].value()));
        let zero = self.b.i64(0);
        if self.known_int(m).is_none_or(|m| m == 0) {
            let ok = self.b.compare(CompareOp::Ne, m, zero);
            self.check(ok, Exception::ValueError, "pow() 3rd argument cannot be 0", span, &[]);
        }
        let mut base = a;
        if self.known_int(b).is_none_or(|b| b < 0) {
            let negative = self.b.compare(CompareOp::Lt, b, zero);
            base = self.either_way(negative, Type::I64, a, &mut |l| {
                let inverse = l.math("mod_inverse", &[a, m], span);
                let ok = l.b.compare(CompareOp::Ne, inverse, zero);
                let message = "base is not invertible for the given modulus";
                l.check(ok, Exception::ValueError, message, span, &[]);
                inverse
            });
        }
        let v = self.math("pow_mod", &[base, b, m], span);
        Val::one(Ty::INT, v)
    }

    /// `x ** n` of NumPy integers: wraps.
    pub(super) fn numpy_int_power(&mut self, x: ValueId, n: ValueId, span: Span) -> ValueId {
        let s = self.b.ty(x).as_scalar().unwrap_or(Scalar::I64);
        if s.is_signed() {
            let zero = self.b.int(s, 0);
            let ok = self.b.compare(CompareOp::Ge, n, zero);
            if self.known_int(n).is_none_or(|n| n < 0) {
                let message = "Integers to negative integer powers are not allowed.";
                self.check(ok, Exception::ValueError, message, span, &[]);
            }
        }
        self.wrapping_power(x, n)
    }

    /// The same for an exponent that is not negative.
    pub(super) fn wrapping_power(&mut self, x: ValueId, n: ValueId) -> ValueId {
        let mut multiply = |l: &mut Self, a, b| l.b.binary(BinaryOp::Mul, a, b);
        match self.known_int(n).filter(|n| (0..=LARGEST_UNROLLED).contains(n)) {
            Some(n) => self.unrolled(x, n as u64, &mut multiply),
            None => self.squaring(x, n, &mut multiply),
        }
    }

    /// Multiplied out by squaring. No partial product is larger than the result, so that a checked multiplication fails
    /// exactly where the result does not fit.
    fn unrolled(
        &mut self,
        x: ValueId,
        mut n: u64,
        multiply: &mut dyn FnMut(&mut Self, ValueId, ValueId) -> ValueId,
    ) -> ValueId {
        let s = self.b.ty(x).as_scalar().unwrap_or(Scalar::I64);
        if n == 0 {
            return self.b.int(s, 1);
        }
        let mut square = x;
        let mut result = None;
        loop {
            if n & 1 == 1 {
                result = Some(match result {
                    None => square,
                    Some(r) => multiply(self, r, square),
                });
            }
            n >>= 1;
            if n == 0 {
                return result.unwrap_or(square);
            }
            square = multiply(self, square, square);
        }
    }

    /// The same as a loop: `while n: if n & 1: r *= x; n >>= 1; if n: x *= x`.
    fn squaring(
        &mut self,
        x: ValueId,
        n: ValueId,
        multiply: &mut dyn FnMut(&mut Self, ValueId, ValueId) -> ValueId,
    ) -> ValueId {
        let s = self.b.ty(x).as_scalar().unwrap_or(Scalar::I64);
        let ty = Type::Scalar(s);
        let count = self.b.ty(n).as_scalar().unwrap_or(Scalar::I64);
        let one = self.b.int(s, 1);
        let label = self.b.function.new_label();
        let inst = self.b.loop_(Op::While(label), &[n, x, one]);
        let regions = self.b.function.insts[inst].regions.clone();
        let outer = self.b.enter(regions[0]);
        let [n, x, r] = self.params(regions[0]);
        let zero = self.b.int(count, 0);
        let more = self.b.compare(CompareOp::Ne, n, zero);
        self.b.terminate(Op::Condition, &[more, n, x, r]);
        self.b.enter(regions[1]);
        let [n, x, r] = self.params(regions[1]);
        let (unit, zero) = (self.b.int(count, 1), self.b.int(count, 0));
        let low = self.b.binary(BinaryOp::And, n, unit);
        let odd = self.b.compare(CompareOp::Ne, low, zero);
        let r = self.either_way(odd, ty, r, &mut |l| multiply(l, r, x));
        let n = self.b.binary(BinaryOp::Shr, n, unit);
        let more = self.b.compare(CompareOp::Ne, n, zero);
        let x = self.either_way(more, ty, x, &mut |l| multiply(l, x, x));
        self.b.yield_(&[n, x, r]);
        self.b.enter(outer);
        self.b.results(inst)[2]
    }

    fn params(&self, region: crate::ir::RegionId) -> [ValueId; 3] {
        let params = &self.b.function.regions[region].params;
        [params[0], params[1], params[2]]
    }

    /// `f()` if the condition holds, else `otherwise`.
    pub(super) fn either_way(
        &mut self,
        c: ValueId,
        ty: Type,
        otherwise: ValueId,
        f: &mut dyn FnMut(&mut Self) -> ValueId,
    ) -> ValueId {
        let (inst, then, other) = self.b.if_(c, &[ty]);
        let outer = self.b.enter(then);
        let v = f(self);
        self.b.yield_(&[v]);
        self.b.enter(other);
        self.b.yield_(&[otherwise]);
        self.b.enter(outer);
        self.b.results(inst)[0]
    }

    /// `x ** y` of Python floats (`float_pow` in Objects/floatobject.c).
    pub(super) fn float_power(&mut self, x: ValueId, y: ValueId, span: Span) -> ValueId {
        let exponent = self.b.function.constant(y).map(|c| c.as_float());
        if exponent.is_none_or(|y| y < 0.0 && y.is_finite()) {
            self.check_zero_base(x, y, exponent.is_some(), span);
        }
        if exponent.is_none_or(|y| y.is_finite() && y.floor() != y) {
            self.check_real(x, y, exponent.is_some(), span);
        }
        let r = match exponent {
            Some(0.0) => return self.b.f64(1.0),
            Some(1.0) => return x,
            // The product is the nearest float, as near as a power can be (and differs from glibc's `pow`, which CPython
            // calls, at one point of 1,850). Chains of products do not serve for other exponents: over 8 million floats
            // x*x*x differs from CPython's and NumPy's at 15 % of them, (x*x)*(x*x) at 23 %, 1/(x*x) at 17 %.
            Some(2.0) => self.b.binary(BinaryOp::Mul, x, x),
            _ => self.math("pow", &[x, y], span),
        };
        // An infinite result of finite operands.
        let result = self.is_infinite(r);
        let base = self.is_infinite(x);
        let fine = self.not(result);
        let mut ok = self.any_of(fine, base);
        if exponent.is_none_or(f64::is_infinite) {
            let power = self.is_infinite(y);
            ok = self.any_of(ok, power);
        }
        let site = self.text_site(Exception::OverflowError, POWER_RANGE, span);
        self.b.check(ok, site, &[]);
        r
    }

    fn check_zero_base(&mut self, x: ValueId, y: ValueId, negative: bool, span: Span) {
        let zero = self.b.f64(0.0);
        let mut ok = self.b.compare(CompareOp::Ne, x, zero);
        if !negative {
            let below = self.b.compare(CompareOp::Lt, y, zero);
            let lowest = self.b.f64(f64::NEG_INFINITY);
            // CPython treats an infinite exponent before it looks at the base.
            let finite = self.b.compare(CompareOp::Ne, y, lowest);
            let bad = self.both(below, finite);
            let fine = self.not(bad);
            ok = self.any_of(ok, fine);
        }
        let message = "0.0 cannot be raised to a negative power";
        self.check(ok, Exception::ZeroDivisionError, message, span, &[]);
    }

    /// A finite negative base with a fractional exponent gives a complex number in Python.
    fn check_real(&mut self, x: ValueId, y: ValueId, fractional: bool, span: Span) {
        let (zero, lowest) = (self.b.f64(0.0), self.b.f64(f64::NEG_INFINITY));
        let negative = self.b.compare(CompareOp::Lt, x, zero);
        let finite = self.b.compare(CompareOp::Ne, x, lowest);
        let mut complex = self.both(negative, finite);
        if !fractional {
            let whole = self.b.unary(UnaryOp::Floor, y);
            // Less than y if y has a fraction; false for NaN.
            let fraction = self.b.compare(CompareOp::Lt, whole, y);
            complex = self.both(complex, fraction);
        }
        let ok = self.not(complex);
        let message = "negative number to a fractional power: the result is complex, which kernels do not have";
        self.check(ok, Exception::ValueError, message, span, &[]);
    }

    /// `np.power(x, y)` of floats: the ufunc takes a square root for an exponent of one half, the operator does not.
    pub(super) fn power_ufunc(&mut self, x: ValueId, y: ValueId, s: Scalar, span: Span) -> Val {
        let exponent = self.b.function.constant(y).map(|c| c.as_float());
        if exponent == Some(0.5) {
            let root = self.b.unary(UnaryOp::Sqrt, x);
            return Val::np(s, root);
        }
        if exponent.is_some() {
            return self.numpy_power(x, y, s, span);
        }
        let power = self.numpy_power(x, y, s, span).value();
        let half = if s == Scalar::F32 { Const::f32(0.5) } else { Const::f64(0.5) };
        let half = self.b.constant(half);
        let is_half = self.b.compare(CompareOp::Eq, y, half);
        let root = self.b.unary(UnaryOp::Sqrt, x);
        let v = self.b.select(is_half, root, power);
        Val { ty: Ty::Np(s), parts: [v].into_iter().collect() }
    }

    /// `x ** y` of NumPy scalars of one dtype.
    pub(super) fn numpy_power(&mut self, x: ValueId, y: ValueId, s: Scalar, span: Span) -> Val {
        if !s.is_float() {
            let v = self.numpy_int_power(x, y, span);
            return Val { ty: Ty::Np(s), parts: [v].into_iter().collect() };
        }
        let v = if self.b.function.constant(y).is_some_and(|c| c.as_float() == 2.0) {
            self.b.binary(BinaryOp::Mul, x, x)
        } else {
            let (x, y) = (self.b.convert(Scalar::F64, x), self.b.convert(Scalar::F64, y));
            let r = self.math("pow", &[x, y], span);
            self.b.convert(s, r)
        };
        Val { ty: Ty::Np(s), parts: [v].into_iter().collect() }
    }
}
