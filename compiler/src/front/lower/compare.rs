//! Comparisons: exact between integers and floats as in Python, by NumPy's dtypes as soon as one operand is NumPy's.

use super::{Lower, Val};
use crate::diag::Span;
use crate::front::infer::elementwise::element;
use crate::front::infer::{comparison_type, promote, promote_weak};
use crate::front::syntax::{BoolOp, CompareOp};
use crate::front::tast::{Expr, ExprKind, Literal, Py, Ty};
use crate::ir::op::{CompareOp as IrCompare, Op};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

impl Lower<'_, '_, '_> {
    pub(super) fn compare(&mut self, left: &Expr, rest: &[(CompareOp, Expr)], ty: &Ty, span: Span) -> Val {
        let first_other = rest.first().map_or(&Ty::None, |(_, e)| &e.ty);
        let first = self.compared(left, first_other);
        if let ([(op, right)], Ty::Array(_), _) | ([(op, right)], _, Ty::Array(_)) = (rest, &left.ty, first_other) {
            let second = self.compared(right, &left.ty);
            return self.elementwise_compare(*op, &first, &second, span);
        }
        if let Ty::Either(..) = ty {
            return self.chain_of_kinds(&first, &left.ty, rest, ty, span);
        }
        let v = self.chain(&first, &left.ty, rest, span);
        Val::one(ty.clone(), v)
    }

    /// An operand. A constant beyond 64 bits is larger or smaller than every integer: the nearest float says the same.
    fn compared(&mut self, e: &Expr, other: &Ty) -> Val {
        match &e.kind {
            ExprKind::Literal(Literal::Int(i)) if i64::try_from(*i).is_err() && element(other).is_number() => {
                if let (Ty::Np(Scalar::U64), Ok(i)) = (element(other), u64::try_from(*i)) {
                    let v = self.b.int(Scalar::U64, i as i64);
                    return Val::np(Scalar::U64, v);
                }
                let v = self.b.f64(*i as f64);
                Val::one(Ty::FLOAT, v)
            }
            _ => self.expr(e),
        }
    }

    fn chain(&mut self, left: &Val, left_ty: &Ty, rest: &[(CompareOp, Expr)], span: Span) -> ValueId {
        let Some(((op, right), others)) = rest.split_first() else { return self.b.bool(true) };
        let value = self.compared(right, left_ty);
        let c = self.link(*op, left, &value, span);
        if others.is_empty() {
            return c;
        }
        self.short_circuit(BoolOp::And, c, &mut |l| l.chain(&value, &right.ty, others, span))
    }

    /// The same where links differ in the kind of bool that they give: that of the link that decides.
    fn chain_of_kinds(&mut self, left: &Val, left_ty: &Ty, rest: &[(CompareOp, Expr)], ty: &Ty, span: Span) -> Val {
        let Some(((op, right), others)) = rest.split_first() else { return self.dummy(ty) };
        let value = self.compared(right, left_ty);
        let c = self.link(*op, left, &value, span);
        let of_python = matches!(op, CompareOp::In | CompareOp::NotIn);
        let numpy = if of_python { self.b.bool(false) } else { self.is_numpys(&[left, &value]) };
        let this = Val { ty: ty.clone(), parts: [numpy, c].into_iter().collect() };
        if others.is_empty() {
            return this;
        }
        self.choose(c, ty, &mut |l, goes_on| {
            if goes_on { l.chain_of_kinds(&value, &right.ty, others, ty, span) } else { this.clone() }
        })
    }

    /// Whether one of some scalars is NumPy's.
    fn is_numpys(&mut self, all: &[&Val]) -> ValueId {
        let mut numpy = self.b.bool(false);
        for v in all {
            match v.ty {
                Ty::Np(_) => return self.b.bool(true),
                Ty::Either(..) => numpy = self.any_of(numpy, v.parts[0]),
                _ => {}
            }
        }
        numpy
    }

    fn link(&mut self, op: CompareOp, a: &Val, b: &Val, span: Span) -> ValueId {
        match op {
            CompareOp::In | CompareOp::NotIn => {
                let count = match &b.ty {
                    Ty::Tuple(items) => items.len(),
                    Ty::Table(id) => self.cx.inference.tables[*id].items.len(),
                    _ => 0,
                };
                let mut found = self.b.bool(false);
                for item in self.unpack(b, count, span) {
                    let same = self.comparison(CompareOp::Eq, a, &item, span);
                    found = self.any_of(found, same);
                }
                if op == CompareOp::In { found } else { self.not(found) }
            }
            _ => self.comparison(op, a, b, span),
        }
    }

    /// The truth of `a op b`.
    pub(super) fn comparison(&mut self, op: CompareOp, a: &Val, b: &Val, span: Span) -> ValueId {
        match (&a.ty, &b.ty) {
            (Ty::Tuple(xs), Ty::Tuple(ys)) if xs.len() != ys.len() => self.b.bool(op != CompareOp::Eq),
            (Ty::Tuple(types), Ty::Tuple(_)) => {
                let count = types.len();
                let (xs, ys) = (self.unpack(a, count, span), self.unpack(b, count, span));
                let mut all = self.b.bool(true);
                for (x, y) in xs.iter().zip(&ys) {
                    let same = self.comparison(CompareOp::Eq, x, y, span);
                    all = self.both(all, same);
                }
                if op == CompareOp::Eq { all } else { self.not(all) }
            }
            (Ty::Ptr { .. }, Ty::Ptr { .. }) => self.b.compare(ir_op(op), a.value(), b.value()),
            (Ty::Either(..), _) | (_, Ty::Either(..)) => {
                if let Some(v) = self.floats_alike(op, a, b) {
                    return v;
                }
                let v = self.by_kind(&[a.clone(), b.clone()], &Ty::BOOL, span, &mut |l, v| {
                    let c = l.numbers(op, &v[0], &v[1]);
                    Val::one(Ty::BOOL, c)
                });
                v.value()
            }
            _ => self.numbers(op, a, b),
        }
    }

    /// A float that may be Python's or NumPy's, beside a float64: compared as float64 either way.
    fn floats_alike(&mut self, op: CompareOp, a: &Val, b: &Val) -> Option<ValueId> {
        let float = |ty: &Ty| matches!(ty, Ty::Py(Py::Float) | Ty::Np(Scalar::F64) | Ty::Either(_, Scalar::F64));
        if !float(&a.ty) || !float(&b.ty) {
            return None;
        }
        let (x, y) = (self.to_float(a), self.to_float(b));
        Some(self.b.compare(ir_op(op), x, y))
    }

    fn numbers(&mut self, op: CompareOp, a: &Val, b: &Val) -> ValueId {
        debug_assert!(comparison_type(op, &a.ty, &b.ty).is_ok());
        let (x, y) = (a.value(), b.value());
        match (&a.ty, &b.ty) {
            (Ty::Py(Py::Float), Ty::Py(Py::Float)) => self.b.compare(ir_op(op), x, y),
            (Ty::Py(_), Ty::Py(Py::Float)) => self.int_with_float(op, x, y),
            (Ty::Py(Py::Float), Ty::Py(_)) => self.int_with_float(mirrored(op), y, x),
            (Ty::Py(_), Ty::Py(_)) => self.as_integers(op, x, y),
            (Ty::Np(s), Ty::Py(p)) | (Ty::Py(p), Ty::Np(s)) => {
                let dtype = promote_weak(*p, *s);
                if dtype.is_float() { self.as_floats(op, x, y, dtype) } else { self.as_integers(op, x, y) }
            }
            (Ty::Np(s), Ty::Np(t)) => {
                let dtype = promote(*s, *t);
                // NumPy compares integers of different signedness exactly.
                if dtype.is_float() && (s.is_float() || t.is_float()) {
                    self.as_floats(op, x, y, dtype)
                } else {
                    self.as_integers(op, x, y)
                }
            }
            _ => self.b.bool(false),
        }
    }

    fn as_floats(&mut self, op: CompareOp, x: ValueId, y: ValueId, dtype: Scalar) -> ValueId {
        let via = |l: &mut Self, v: ValueId| {
            // Integers become a float32 by way of float64, as Python's do.
            let v = if dtype == Scalar::F32 { l.b.convert(Scalar::F64, v) } else { v };
            l.b.convert(dtype, v)
        };
        let (x, y) = if self.b.ty(x) == self.b.ty(y) { (x, y) } else { (via(self, x), via(self, y)) };
        self.b.compare(ir_op(op), x, y)
    }

    /// Integers (and bools) of any width and sign, by their true values.
    fn as_integers(&mut self, op: CompareOp, x: ValueId, y: ValueId) -> ValueId {
        let (a, b) = (self.b.ty(x), self.b.ty(y));
        if a == b {
            return self.b.compare(ir_op(op), x, y);
        }
        match (a, b) {
            (Type::U64, _) => self.unsigned_with(mirrored(op), y, x),
            (_, Type::U64) => self.unsigned_with(op, x, y),
            _ => {
                let (x, y) = (self.b.convert(Scalar::I64, x), self.b.convert(Scalar::I64, y));
                self.b.compare(ir_op(op), x, y)
            }
        }
    }

    /// A narrower or signed integer with a `u64`.
    fn unsigned_with(&mut self, op: CompareOp, x: ValueId, y: ValueId) -> ValueId {
        let unsigned = self.known_range(x).is_some_and(|(low, _)| low >= 0);
        let wide = self.b.convert(Scalar::U64, x);
        let c = self.b.compare(ir_op(op), wide, y);
        if unsigned {
            return c;
        }
        let x = self.b.convert(Scalar::I64, x);
        let zero = self.b.i64(0);
        let negative = self.b.compare(IrCompare::Lt, x, zero);
        let below = self.b.bool(matches!(op, CompareOp::Lt | CompareOp::LtE | CompareOp::NotEq));
        self.b.select(negative, below, c)
    }

    /// `x op y` of an integer and a float, by their true values. The float of x lies on the same side of y as x, unless
    /// it is y; then y is an integer, with which x is compared.
    fn int_with_float(&mut self, op: CompareOp, x: ValueId, y: ValueId) -> ValueId {
        let float = self.b.convert(Scalar::F64, x);
        if self.is_small(x) || self.b.ty(x) == Type::BOOL {
            return self.b.compare(ir_op(op), float, y);
        }
        if let Some(c) = self.b.function.constant(y).map(|c| c.as_float())
            && c.abs() <= 9_007_199_254_740_992.0
        {
            // Below 2**53 rounding moves no integer across y.
            return self.b.compare(ir_op(op), float, y);
        }
        let rough = self.b.compare(ir_op(op), float, y);
        let same = self.b.compare(IrCompare::Eq, float, y);
        let back = self.b.convert(Scalar::I64, y);
        let exact = self.b.compare(ir_op(op), x, back);
        // 2**63 is larger than every integer, though it converts to the largest.
        let limit = self.b.f64(TWO_63);
        let beyond = self.b.compare(IrCompare::Ge, y, limit);
        let below = self.b.bool(matches!(op, CompareOp::Lt | CompareOp::LtE | CompareOp::NotEq));
        let exact = self.b.select(beyond, below, exact);
        self.b.value(Op::Select, &[same, exact, rough])
    }
}

fn ir_op(op: CompareOp) -> IrCompare {
    match op {
        CompareOp::Eq | CompareOp::Is | CompareOp::In => IrCompare::Eq,
        CompareOp::NotEq | CompareOp::IsNot | CompareOp::NotIn => IrCompare::Ne,
        CompareOp::Lt => IrCompare::Lt,
        CompareOp::LtE => IrCompare::Le,
        CompareOp::Gt => IrCompare::Gt,
        CompareOp::GtE => IrCompare::Ge,
    }
}

/// The comparison with its operands exchanged.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::LtE => CompareOp::GtE,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::GtE => CompareOp::LtE,
        CompareOp::Eq | CompareOp::NotEq | CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => op,
    }
}
