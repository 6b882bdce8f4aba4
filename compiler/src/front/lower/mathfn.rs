//! The `math` module: conditions that raise as CPython's `math_1` and its like do (Modules/mathmodule.c), then the
//! mathlib.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::builtins::MathFn;
use crate::front::builtins::elementary::{Domain, Elementary};
use crate::front::tast::Ty;
use crate::ir::ValueId;
use crate::ir::op::{BinaryOp, CompareOp, UnaryOp};

const DOMAIN: &str = "math domain error";
const RANGE: &str = "math range error";

impl Lower<'_, '_, '_> {
    pub(super) fn math_call(&mut self, f: MathFn, args: &[Val], span: Span) -> Val {
        let rounding = match f {
            MathFn::Floor => Some(UnaryOp::Floor),
            MathFn::Ceil => Some(UnaryOp::Ceil),
            MathFn::Trunc => Some(UnaryOp::Trunc),
            _ => None,
        };
        if let Some(op) = rounding {
            let v = self.rounded(op, &args[0], span);
            return Val::one(Ty::INT, v);
        }
        let x = self.to_float(&args[0]);
        let y = args.get(1).map_or(x, |y| self.to_float(y));
        let v = match f {
            MathFn::Elementary(e) => self.elementary(e, x, span),
            MathFn::Log if args.len() == 2 => self.log_to_base(x, y, span),
            MathFn::Log => self.elementary(Elementary::Log, x, span),
            MathFn::Sqrt => {
                let zero = self.b.f64(0.0);
                self.refuse_if(CompareOp::Lt, x, zero, span);
                self.b.unary(UnaryOp::Sqrt, x)
            }
            MathFn::Fabs => self.b.unary(UnaryOp::Abs, x),
            MathFn::Copysign => self.copysign(x, y),
            MathFn::IsNan | MathFn::IsInf | MathFn::IsFinite => {
                let v = match f {
                    MathFn::IsNan => self.b.compare(CompareOp::Ne, x, x),
                    MathFn::IsInf => self.is_infinite(x),
                    _ => self.is_finite(x),
                };
                return Val::one(Ty::BOOL, v);
            }
            MathFn::Fmod => self.fmod(x, y, span),
            MathFn::Pow => self.math_pow(x, y, span),
            MathFn::Hypot => {
                let r = self.math("hypot", &[x, y], span);
                self.overflow_if_infinite(r, &[x, y], span);
                r
            }
            MathFn::Atan2 => self.math("atan2", &[x, y], span),
            MathFn::Degrees => self.times(x, 180.0 / std::f64::consts::PI),
            MathFn::Radians => self.times(x, std::f64::consts::PI / 180.0),
            MathFn::Floor | MathFn::Ceil | MathFn::Trunc => x,
        };
        Val::one(Ty::FLOAT, v)
    }

    fn times(&mut self, x: ValueId, by: f64) -> ValueId {
        let by = self.b.f64(by);
        self.b.binary(BinaryOp::Mul, x, by)
    }

    fn rounded(&mut self, op: UnaryOp, v: &Val, span: Span) -> ValueId {
        let float = match v.ty {
            Ty::Py(p) => p.scalar().is_float(),
            // NumPy's integers have no `__floor__`: they become floats first.
            Ty::Np(s) => s.is_float() || s.bits() == 64,
            Ty::Either(_, s) => s.is_float(),
            _ => false,
        };
        if !float {
            return self.to_index(v, span);
        }
        let x = self.to_float(v);
        let x = self.b.unary(op, x);
        self.float_to_int(x, span)
    }

    /// ValueError where the comparison holds.
    fn refuse_if(&mut self, op: CompareOp, x: ValueId, bound: ValueId, span: Span) {
        let c = self.b.compare(op, x, bound);
        let ok = self.not(c);
        self.check(ok, Exception::ValueError, DOMAIN, span, &[]);
    }

    fn elementary(&mut self, e: Elementary, x: ValueId, span: Span) -> ValueId {
        match e.domain() {
            Domain::All => {}
            Domain::Finite => {
                let infinite = self.is_infinite(x);
                let ok = self.not(infinite);
                self.check(ok, Exception::ValueError, DOMAIN, span, &[]);
            }
            Domain::Above(bound) => {
                let bound = self.b.f64(bound);
                self.refuse_if(CompareOp::Le, x, bound, span);
            }
            Domain::From(bound) => {
                let bound = self.b.f64(bound);
                self.refuse_if(CompareOp::Lt, x, bound, span);
            }
            Domain::Unit | Domain::InnerUnit => {
                let op = if e.domain() == Domain::Unit { CompareOp::Gt } else { CompareOp::Ge };
                let size = self.b.unary(UnaryOp::Abs, x);
                let one = self.b.f64(1.0);
                self.refuse_if(op, size, one, span);
            }
        }
        let r = self.math(e.name(), &[x], span);
        if e.overflows() {
            self.overflow_if_infinite(r, &[x], span);
        }
        r
    }

    /// OverflowError for an infinite result of finite arguments.
    fn overflow_if_infinite(&mut self, r: ValueId, args: &[ValueId], span: Span) {
        let infinite = self.is_infinite(r);
        let mut ok = self.not(infinite);
        for &x in args {
            let x = self.is_infinite(x);
            ok = self.any_of(ok, x);
        }
        self.check(ok, Exception::OverflowError, RANGE, span, &[]);
    }

    /// `math.log(x, base)`: the quotient of two logarithms, as CPython computes it.
    fn log_to_base(&mut self, x: ValueId, base: ValueId, span: Span) -> ValueId {
        let x = self.elementary(Elementary::Log, x, span);
        let base = self.elementary(Elementary::Log, base, span);
        self.float_divisor(base, "float division by zero", span);
        self.b.binary(BinaryOp::Div, x, base)
    }

    fn fmod(&mut self, x: ValueId, y: ValueId, span: Span) -> ValueId {
        // NaN of numbers: an infinite dividend or a zero divisor, unless the other is NaN.
        let zero = self.b.f64(0.0);
        let infinite = self.is_infinite(x);
        let by_zero = self.b.compare(CompareOp::Eq, y, zero);
        let bad = self.any_of(infinite, by_zero);
        let number = self.b.compare(CompareOp::Eq, x, x);
        let other = self.b.compare(CompareOp::Eq, y, y);
        let both = self.both(number, other);
        let bad = self.both(bad, both);
        let ok = self.not(bad);
        self.check(ok, Exception::ValueError, DOMAIN, span, &[]);
        self.math("fmod", &[x, y], span)
    }

    /// `math.pow`: errors for finite arguments alone.
    fn math_pow(&mut self, x: ValueId, y: ValueId, span: Span) -> ValueId {
        let r = self.math("pow", &[x, y], span);
        let (a, b) = (self.is_finite(x), self.is_finite(y));
        let finite = self.both(a, b);
        let special = self.not(finite);
        let number = self.b.compare(CompareOp::Eq, r, r);
        let ok = self.any_of(number, special);
        self.check(ok, Exception::ValueError, DOMAIN, span, &[]);
        let infinite = self.is_infinite(r);
        let bounded = self.not(infinite);
        let fine = self.any_of(bounded, special);
        let zero = self.b.f64(0.0);
        let nonzero = self.b.compare(CompareOp::Ne, x, zero);
        let ok = self.any_of(fine, nonzero);
        self.check(ok, Exception::ValueError, DOMAIN, span, &[]);
        self.check(fine, Exception::OverflowError, RANGE, span, &[]);
        r
    }
}
