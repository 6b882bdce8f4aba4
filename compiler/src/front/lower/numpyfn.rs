//! Functions of `numpy` on scalars.

use super::elementwise::is_array;
use super::{Lower, Val};
use crate::diag::Span;
use crate::front::builtins::{NumpyFn, common_dtype, own_dtype, working_dtype};
use crate::front::syntax::BinaryOp;
use crate::front::tast::Ty;
use crate::ir::op::{BinaryOp as IrBinary, CompareOp as IrCompare, Const, UnaryOp};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

impl Lower<'_, '_, '_> {
    pub(super) fn numpy_call(&mut self, f: NumpyFn, args: &[Val], ty: &Ty, span: Span) -> Val {
        if f == NumpyFn::Round && args.len() == 2 {
            return self.numpy_round(&args[0], &args[1], ty, span);
        }
        if f == NumpyFn::Clip || args.iter().any(is_array) {
            return self.elementwise_call(f, args, ty, span);
        }
        self.by_kind(args, ty, span, &mut |l, args| l.on_scalars(f, args, span))
    }

    pub(super) fn on_scalars(&mut self, f: NumpyFn, args: &[Val], span: Span) -> Val {
        match f {
            NumpyFn::Construct(to) => {
                let v = self.construct(&args[0], to, span);
                return Val::np(to, v);
            }
            NumpyFn::Operator(op) => {
                let both = args.iter().all(|a| matches!(a.ty, Ty::Py(_)));
                let first = if both { self.strong(&args[0], args, span) } else { args[0].clone() };
                let second = if both { self.strong(&args[1], args, span) } else { args[1].clone() };
                let types = [first.ty.clone(), second.ty.clone()];
                let s = common_dtype(&types);
                if op == BinaryOp::Pow && s.is_float() {
                    let (x, y) = (self.as_dtype(&first, s, span), self.as_dtype(&second, s, span));
                    return self.power_ufunc(x, y, s, span);
                }
                return self.numpy_operator(op, &first, &second, span);
            }
            NumpyFn::Compare(op) => {
                let v = self.comparison(op, &args[0], &args[1], span);
                return Val::np(Scalar::Bool, v);
            }
            NumpyFn::LogicalAnd | NumpyFn::LogicalOr | NumpyFn::LogicalXor => {
                let (a, b) = (self.truth(&args[0]), self.truth(&args[1]));
                let op = match f {
                    NumpyFn::LogicalAnd => IrBinary::And,
                    NumpyFn::LogicalOr => IrBinary::Or,
                    _ => IrBinary::Xor,
                };
                let v = self.b.binary(op, a, b);
                return Val::np(Scalar::Bool, v);
            }
            NumpyFn::LogicalNot => {
                let c = self.truth(&args[0]);
                let v = self.not(c);
                return Val::np(Scalar::Bool, v);
            }
            NumpyFn::Where => {
                let c = self.truth(&args[0]);
                let s = common_dtype(&[args[1].ty.clone(), args[2].ty.clone()]);
                let (x, y) = (self.as_dtype(&args[1], s, span), self.as_dtype(&args[2], s, span));
                let v = self.b.select(c, x, y);
                return Val::np(s, v);
            }
            _ => {}
        }
        let types: Vec<Ty> = args.iter().map(|a| a.ty.clone()).collect();
        let s = working_dtype(f, if args.len() == 1 { own_dtype(&types[0]) } else { common_dtype(&types) });
        let values: Vec<ValueId> = args.iter().map(|a| self.as_dtype(a, s, span)).collect();
        self.on_common(f, &values, s, span)
    }

    /// A Python scalar as NumPy makes one of it, beside others.
    fn strong(&mut self, v: &Val, all: &[Val], span: Span) -> Val {
        let types: Vec<Ty> = all.iter().map(|a| a.ty.clone()).collect();
        let s = common_dtype(&types);
        let value = self.as_dtype(v, s, span);
        Val::np(s, value)
    }

    /// A function of values of one dtype.
    fn on_common(&mut self, f: NumpyFn, v: &[ValueId], s: Scalar, span: Span) -> Val {
        let x = v[0];
        if let Some(name) = mathlib_name(f) {
            return self.through_mathlib(name, v, s, span);
        }
        let value = match f {
            NumpyFn::Floor | NumpyFn::Ceil | NumpyFn::Trunc | NumpyFn::Round if !s.is_float() => x,
            NumpyFn::Round => self.b.unary(UnaryOp::Nearest, x),
            NumpyFn::Floor => self.b.unary(UnaryOp::Floor, x),
            NumpyFn::Ceil => self.b.unary(UnaryOp::Ceil, x),
            NumpyFn::Trunc => self.b.unary(UnaryOp::Trunc, x),
            NumpyFn::Sqrt | NumpyFn::Rint | NumpyFn::Fabs | NumpyFn::Copysign | NumpyFn::Deg2rad | NumpyFn::Rad2deg => {
                return self.as_float(f, v, s);
            }
            NumpyFn::Abs if !s.is_signed() && !s.is_float() => x,
            NumpyFn::Abs => self.b.unary(UnaryOp::Abs, x),
            NumpyFn::Negative => self.b.unary(UnaryOp::Neg, x),
            NumpyFn::Positive => x,
            NumpyFn::Invert => self.b.unary(UnaryOp::Not, x),
            NumpyFn::Square if s == Scalar::Bool => {
                let v = self.b.convert(Scalar::I8, x);
                return Val::np(Scalar::I8, v);
            }
            NumpyFn::Square => self.b.binary(IrBinary::Mul, x, x),
            NumpyFn::Sign => self.sign(x, s),
            NumpyFn::Minimum | NumpyFn::Maximum | NumpyFn::Fmin | NumpyFn::Fmax => self.extreme(f, x, v[1], s),
            NumpyFn::IsNan | NumpyFn::IsInf | NumpyFn::IsFinite | NumpyFn::Signbit => {
                let v = self.classify(f, x, s);
                return Val::np(Scalar::Bool, v);
            }
            NumpyFn::Elementary(_)
            | NumpyFn::Hypot
            | NumpyFn::Arctan2
            | NumpyFn::Fmod
            | NumpyFn::Construct(_)
            | NumpyFn::Operator(_)
            | NumpyFn::Compare(_)
            | NumpyFn::LogicalAnd
            | NumpyFn::LogicalOr
            | NumpyFn::LogicalXor
            | NumpyFn::LogicalNot
            | NumpyFn::Where
            | NumpyFn::Clip => x,
        };
        Val::np(s, value)
    }

    /// Computed by the mathlib, in float64; float32 is rounded from it.
    fn through_mathlib(&mut self, name: &str, v: &[ValueId], s: Scalar, span: Span) -> Val {
        if name == "fmod" && !s.is_float() {
            let wide = if s == Scalar::Bool { Scalar::I8 } else { s };
            let (x, y) = (self.b.convert(wide, v[0]), self.b.convert(wide, v[1]));
            let value = self.b.binary(IrBinary::Rem, x, y);
            return Val::np(wide, value);
        }
        let result = if s == Scalar::F32 || s.bits() <= 16 { Scalar::F32 } else { Scalar::F64 };
        let args: Vec<ValueId> = v.iter().map(|&v| self.b.convert(Scalar::F64, v)).collect();
        let value = self.math(name, &args, span);
        let value = self.b.convert(result, value);
        Val::np(result, value)
    }

    /// Exact functions whose result is a float whatever the operand.
    fn as_float(&mut self, f: NumpyFn, v: &[ValueId], s: Scalar) -> Val {
        let to = if s == Scalar::F32 || s.bits() <= 16 { Scalar::F32 } else { Scalar::F64 };
        let x = self.b.convert(to, v[0]);
        let value = match f {
            NumpyFn::Sqrt => self.b.unary(UnaryOp::Sqrt, x),
            NumpyFn::Rint => self.b.unary(UnaryOp::Nearest, x),
            NumpyFn::Fabs => self.b.unary(UnaryOp::Abs, x),
            NumpyFn::Copysign => {
                let y = self.b.convert(to, v[1]);
                self.copysign(x, y)
            }
            NumpyFn::Deg2rad => self.scaled(x, std::f64::consts::PI / 180.0, to),
            _ => self.scaled(x, 180.0 / std::f64::consts::PI, to),
        };
        Val::np(to, value)
    }

    fn scaled(&mut self, x: ValueId, by: f64, s: Scalar) -> ValueId {
        let factor = if s == Scalar::F32 { Const::f32(by as f32) } else { Const::f64(by) };
        let factor = self.b.constant(factor);
        self.b.binary(IrBinary::Mul, x, factor)
    }

    /// The sign bit of NaN is not to be seen: NaN counts as positive.
    pub(super) fn copysign(&mut self, x: ValueId, y: ValueId) -> ValueId {
        let y = self.canonical(y);
        self.b.binary(IrBinary::CopySign, x, y)
    }

    /// NaN as the one NaN.
    fn canonical(&mut self, y: ValueId) -> ValueId {
        let number = self.b.compare(IrCompare::Eq, y, y);
        let nan = match self.b.ty(y) {
            Type::F32 => Const { ty: Scalar::F32, bits: crate::ir::eval::NAN_F32.into() },
            _ => Const { ty: Scalar::F64, bits: crate::ir::eval::NAN_F64 },
        };
        let nan = self.b.constant(nan);
        self.b.select(number, y, nan)
    }

    fn sign(&mut self, x: ValueId, s: Scalar) -> ValueId {
        let of = |l: &mut Self, i: i64| match s {
            Scalar::F32 => l.b.constant(Const::f32(i as f32)),
            Scalar::F64 => l.b.f64(i as f64),
            _ => l.b.int(s, i),
        };
        let (zero, one) = (of(self, 0), of(self, 1));
        let positive = self.b.compare(IrCompare::Gt, x, zero);
        let mut rest = zero;
        if s.is_signed() || s.is_float() {
            let minus = of(self, -1);
            let negative = self.b.compare(IrCompare::Lt, x, zero);
            rest = self.b.select(negative, minus, zero);
        }
        let v = self.b.select(positive, one, rest);
        if !s.is_float() {
            return v;
        }
        let number = self.b.compare(IrCompare::Eq, x, x);
        self.b.select(number, v, x)
    }

    /// `minimum` gives NaN if either is, `fmin` the other one.
    pub(super) fn extreme(&mut self, f: NumpyFn, x: ValueId, y: ValueId, s: Scalar) -> ValueId {
        let least = matches!(f, NumpyFn::Minimum | NumpyFn::Fmin);
        if s == Scalar::Bool {
            return self.b.binary(if least { IrBinary::And } else { IrBinary::Or }, x, y);
        }
        if !s.is_float() {
            return self.b.binary(if least { IrBinary::Min } else { IrBinary::Max }, x, y);
        }
        // `minimum` is (x < y or x is NaN) ? x : y. What equal zeros give varies with NumPy's loops: the first one for
        // `fmin` and `fmax` of float64, else the second.
        let strict = matches!(f, NumpyFn::Minimum | NumpyFn::Maximum) || s == Scalar::F32;
        let order = match (least, strict) {
            (true, true) => IrCompare::Lt,
            (true, false) => IrCompare::Le,
            (false, true) => IrCompare::Gt,
            (false, false) => IrCompare::Ge,
        };
        let first = self.b.compare(order, x, y);
        let odd = if matches!(f, NumpyFn::Minimum | NumpyFn::Maximum) { x } else { y };
        let nan = self.b.compare(IrCompare::Ne, odd, odd);
        let first = self.any_of(first, nan);
        self.b.select(first, x, y)
    }

    fn classify(&mut self, f: NumpyFn, x: ValueId, s: Scalar) -> ValueId {
        if !s.is_float() {
            return match f {
                NumpyFn::IsFinite => self.b.bool(true),
                NumpyFn::Signbit if s.is_signed() => {
                    let zero = self.b.int(s, 0);
                    self.b.compare(IrCompare::Lt, x, zero)
                }
                _ => self.b.bool(false),
            };
        }
        match f {
            NumpyFn::IsNan => self.b.compare(IrCompare::Ne, x, x),
            NumpyFn::IsInf => self.is_infinite(x),
            NumpyFn::IsFinite => self.is_finite(x),
            _ => {
                let one = if s == Scalar::F32 { Const::f32(1.0) } else { Const::f64(1.0) };
                let one = self.b.constant(one);
                let signed = self.copysign(one, x);
                self.b.compare(IrCompare::Ne, signed, one)
            }
        }
    }
}

/// The mathlib's name of a function that it computes.
fn mathlib_name(f: NumpyFn) -> Option<&'static str> {
    match f {
        NumpyFn::Elementary(e) => Some(e.name()),
        NumpyFn::Hypot => Some("hypot"),
        NumpyFn::Arctan2 => Some("atan2"),
        NumpyFn::Fmod => Some("fmod"),
        _ => None,
    }
}
