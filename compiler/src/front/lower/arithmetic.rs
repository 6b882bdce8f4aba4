//! Python's operators on Python's scalars: checked integers, floats that raise on division by zero; and the choice
//! between these and NumPy's.

use super::elementwise::is_array;
use super::{INT_OVERFLOW, Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::builtins::PythonFn;
use crate::front::infer::elementwise::element;
use crate::front::infer::{promote, promote_weak};
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Expr, ExprKind, Literal, Py, Ty};
use crate::ir::op::{BinaryOp as IrBinary, CheckedOp, CompareOp, Const, Op, UnaryOp as IrUnary};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

impl Lower<'_, '_, '_> {
    pub(super) fn binary(&mut self, op: BinaryOp, (left, right): (&Expr, &Expr), ty: &Ty, span: Span) -> Val {
        let a = self.operand(left, &right.ty);
        let b = self.operand(right, &left.ty);
        self.operator(op, a, b, ty, span)
    }

    /// An operand; an integer constant beside a NumPy scalar becomes one at once, as it may fit there alone.
    pub(super) fn operand(&mut self, e: &Expr, other: &Ty) -> Val {
        if let (ExprKind::Literal(Literal::Int(i)), Ty::Np(s)) = (&e.kind, element(other))
            && i64::try_from(*i).is_err()
        {
            let dtype = promote_weak(Py::Int, s);
            return self.large_constant(*i, dtype, e.span);
        }
        self.expr(e)
    }

    fn large_constant(&mut self, i: i128, dtype: Scalar, span: Span) -> Val {
        let c = match dtype.int_range() {
            Some((low, high)) if low <= i && i <= high => Const::int(dtype, i as i64),
            Some(_) => {
                let never = self.b.bool(false);
                let message = "Python int too large to convert to C long";
                self.check(never, Exception::OverflowError, message, span, &[]);
                Const::int(dtype, 0)
            }
            None if dtype == Scalar::F32 => Const::f32(i as f64 as f32),
            None => Const::f64(i as f64),
        };
        let v = self.b.constant(c);
        Val::np(dtype, v)
    }

    /// `a op b` of values.
    pub(super) fn operator(&mut self, op: BinaryOp, a: Val, b: Val, ty: &Ty, span: Span) -> Val {
        if is_array(&a) || is_array(&b) {
            return self.elementwise(op, &a, &b, span);
        }
        let (a, b) = match (self.settle(&a, &b.ty), self.settle(&b, &a.ty)) {
            (Some(a), None) => (a, b),
            (None, Some(b)) => (a, b),
            _ => (a, b),
        };
        self.by_kind(&[a, b], ty, span, &mut |l, v| l.simple_binary(op, &v[0], &v[1], ty, span))
    }

    /// A float that may be Python's or NumPy's, beside a NumPy scalar: which it is makes no difference if both give the
    /// same dtype, as the payload converts to it alike.
    fn settle(&mut self, v: &Val, other: &Ty) -> Option<Val> {
        match (&v.ty, other) {
            (Ty::Either(p, s), Ty::Np(t)) if s.is_float() => {
                let dtype = promote(*s, *t);
                (promote_weak(*p, *t) == dtype).then(|| {
                    let value = self.b.convert(dtype, v.parts[1]);
                    Val::np(dtype, value)
                })
            }
            _ => None,
        }
    }

    fn simple_binary(&mut self, op: BinaryOp, a: &Val, b: &Val, ty: &Ty, span: Span) -> Val {
        match (&a.ty, &b.ty) {
            (Ty::Py(p), Ty::Py(q)) => {
                // `n ** -1`: inference has seen the constant.
                let float = *p == Py::Float || *q == Py::Float || (op == BinaryOp::Pow && *ty == Ty::FLOAT);
                if float || op == BinaryOp::Div {
                    self.float_operator(op, a, b, span)
                } else {
                    self.int_operator(op, (a, *p), (b, *q), span)
                }
            }
            _ => self.numpy_operator(op, a, b, span),
        }
    }

    /// A checked integer op; wraps where the option says so.
    pub(super) fn checked(&mut self, op: CheckedOp, args: &[ValueId], span: Span) -> ValueId {
        if self.options.overflow {
            let site = self.site(Exception::OverflowError, INT_OVERFLOW, span);
            return self.b.checked(op, args, site);
        }
        self.b.value(op.wrapping(), args)
    }

    fn int_operator(&mut self, op: BinaryOp, (a, p): (&Val, Py), (b, q): (&Val, Py), span: Span) -> Val {
        let logical = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
        if logical && p == Py::Bool && q == Py::Bool {
            let v = self.b.binary(bit_op(op), a.value(), b.value());
            return Val::one(Ty::BOOL, v);
        }
        let x = self.b.convert(Scalar::I64, a.value());
        let y = self.b.convert(Scalar::I64, b.value());
        let v = match op {
            BinaryOp::Add => self.checked(CheckedOp::Add, &[x, y], span),
            BinaryOp::Sub => self.checked(CheckedOp::Sub, &[x, y], span),
            BinaryOp::Mul => self.checked(CheckedOp::Mul, &[x, y], span),
            BinaryOp::FloorDiv => self.int_floor_div(x, y, span),
            BinaryOp::Mod => {
                self.nonzero_divisor(y, "integer modulo by zero", span);
                self.b.binary(IrBinary::FloorMod, x, y)
            }
            BinaryOp::Pow => self.int_power(x, y, span),
            BinaryOp::LeftShift => {
                self.positive_count(y, span);
                self.checked(CheckedOp::Shl, &[x, y], span)
            }
            BinaryOp::RightShift => {
                self.positive_count(y, span);
                self.b.binary(IrBinary::Shr, x, y)
            }
            _ => self.b.binary(bit_op(op), x, y),
        };
        Val::one(Ty::INT, v)
    }

    fn nonzero_divisor(&mut self, y: ValueId, message: &str, span: Span) {
        if self.known_int(y).is_some_and(|y| y != 0) {
            return;
        }
        let zero = self.b.i64(0);
        let ok = self.b.compare(CompareOp::Ne, y, zero);
        self.check(ok, Exception::ZeroDivisionError, message, span, &[]);
    }

    fn int_floor_div(&mut self, x: ValueId, y: ValueId, span: Span) -> ValueId {
        self.nonzero_divisor(y, "integer division or modulo by zero", span);
        // The one quotient that does not fit: the smallest integer by -1.
        let safe = self.known_int(y).is_some_and(|y| y != -1) || self.known_int(x).is_some_and(|x| x != i64::MIN);
        if !safe && self.options.overflow {
            let (smallest, minus_one) = (self.b.i64(i64::MIN), self.b.i64(-1));
            let a = self.b.compare(CompareOp::Ne, x, smallest);
            let b = self.b.compare(CompareOp::Ne, y, minus_one);
            let ok = self.any_of(a, b);
            self.check(ok, Exception::OverflowError, INT_OVERFLOW, span, &[]);
        }
        self.b.binary(IrBinary::FloorDiv, x, y)
    }

    fn positive_count(&mut self, y: ValueId, span: Span) {
        if self.known_int(y).is_some_and(|y| y >= 0) {
            return;
        }
        let zero = self.b.i64(0);
        let ok = self.b.compare(CompareOp::Ge, y, zero);
        self.check(ok, Exception::ValueError, "negative shift count", span, &[]);
    }

    fn float_operator(&mut self, op: BinaryOp, a: &Val, b: &Val, span: Span) -> Val {
        if op == BinaryOp::Div && self.b.ty(a.value()) != Type::F64 && self.b.ty(b.value()) != Type::F64 {
            return self.int_true_div(a, b, span);
        }
        let (x, y) = (self.to_float(a), self.to_float(b));
        let v = match op {
            BinaryOp::Add => self.b.binary(IrBinary::Add, x, y),
            BinaryOp::Sub => self.b.binary(IrBinary::Sub, x, y),
            BinaryOp::Mul => self.b.binary(IrBinary::Mul, x, y),
            BinaryOp::Div => {
                self.float_divisor(y, "float division by zero", span);
                self.b.binary(IrBinary::Div, x, y)
            }
            BinaryOp::FloorDiv => {
                self.float_divisor(y, "float floor division by zero", span);
                self.math("floor_divide", &[x, y], span)
            }
            BinaryOp::Mod => {
                self.float_divisor(y, "float modulo", span);
                self.math("floor_mod", &[x, y], span)
            }
            BinaryOp::Pow => self.float_power(x, y, span),
            _ => x,
        };
        Val::one(Ty::FLOAT, v)
    }

    /// Checks that a divisor is not zero; a constant often says so.
    pub(super) fn float_divisor(&mut self, y: ValueId, message: &str, span: Span) {
        if self.b.function.constant(y).is_some_and(|c| c.as_float() != 0.0) {
            return;
        }
        let zero = self.b.f64(0.0);
        let ok = self.b.compare(CompareOp::Ne, y, zero);
        self.check(ok, Exception::ZeroDivisionError, message, span, &[]);
    }

    /// `int / int`: the float nearest to the true quotient, also where the operands are no floats themselves.
    fn int_true_div(&mut self, a: &Val, b: &Val, span: Span) -> Val {
        let x = self.b.convert(Scalar::I64, a.value());
        let y = self.b.convert(Scalar::I64, b.value());
        self.nonzero_divisor(y, "division by zero", span);
        let quotient = |l: &mut Self| {
            let (x, y) = (l.b.convert(Scalar::F64, x), l.b.convert(Scalar::F64, y));
            l.b.binary(IrBinary::Div, x, y)
        };
        let v = match (self.fits_float(x), self.fits_float(y)) {
            (None, None) => quotient(self),
            (Some(c), None) | (None, Some(c)) => self.quotient_or_rare(c, (x, y), quotient, span),
            (Some(c), Some(d)) => {
                let c = self.both(c, d);
                self.quotient_or_rare(c, (x, y), quotient, span)
            }
        };
        Val::one(Ty::FLOAT, v)
    }

    fn quotient_or_rare(
        &mut self,
        exact: ValueId,
        (x, y): (ValueId, ValueId),
        quotient: impl FnOnce(&mut Self) -> ValueId,
        span: Span,
    ) -> ValueId {
        let (inst, then, otherwise) = self.b.if_(exact, &[Type::F64]);
        let outer = self.b.enter(then);
        let v = quotient(self);
        self.b.yield_(&[v]);
        self.b.enter(otherwise);
        let v = self.math("int_true_divide", &[x, y], span);
        self.b.yield_(&[v]);
        self.b.enter(outer);
        self.b.results(inst)[0]
    }

    /// Whether an integer is exact as a float: at most 2**53 in size. `None` if it surely is.
    fn fits_float(&mut self, v: ValueId) -> Option<ValueId> {
        if self.is_small(v) {
            return None;
        }
        let bias = self.b.i64(1 << 53);
        let shifted = self.b.binary(IrBinary::Add, v, bias);
        let shifted = self.b.convert(Scalar::U64, shifted);
        let limit = self.b.int(Scalar::U64, 1 << 54);
        Some(self.b.compare(CompareOp::Le, shifted, limit))
    }

    /// Python's own functions.
    pub(super) fn python_call(&mut self, f: PythonFn, args: &[Expr], ty: &Ty, span: Span) -> Val {
        match f {
            PythonFn::Bool => {
                let v = self.condition(&args[0]);
                Val::one(Ty::BOOL, v)
            }
            PythonFn::Int => {
                let v = self.expr(&args[0]);
                let v = self.to_int(&v, span);
                Val::one(Ty::INT, v)
            }
            PythonFn::Float => {
                let v = self.expr(&args[0]);
                let v = self.to_float(&v);
                Val::one(Ty::FLOAT, v)
            }
            PythonFn::Round => {
                let v = self.expr(&args[0]);
                match args.get(1).filter(|digits| digits.ty != Ty::None) {
                    Some(digits) => {
                        let n = self.expr(digits);
                        let n = self.to_index(&n, digits.span);
                        self.by_kind(&[v], ty, span, &mut |l, v| l.rounded_to(&v[0], n, span))
                    }
                    None => {
                        let v = self.nearest(&v, span);
                        Val::one(Ty::INT, v)
                    }
                }
            }
            PythonFn::Abs => {
                let v = self.expr(&args[0]);
                self.by_kind(&[v], ty, span, &mut |l, v| l.absolute(&v[0], span))
            }
            PythonFn::Min | PythonFn::Max => self.extremum(f, args, ty, span),
            PythonFn::Pow if args.len() == 3 => self.modular_power(args, span),
            PythonFn::Pow => self.binary(BinaryOp::Pow, (&args[0], &args[1]), ty, span),
            PythonFn::Divmod => self.divmod(args, ty, span),
            // Inference lets none of these through.
            PythonFn::Len | PythonFn::Range | PythonFn::Enumerate | PythonFn::Zip | PythonFn::Reversed => {
                self.dummy(ty)
            }
        }
    }

    /// `round(x)`: to the nearest integer, ties to even.
    fn nearest(&mut self, v: &Val, span: Span) -> ValueId {
        let float = match v.ty {
            Ty::Py(p) => p == Py::Float,
            Ty::Np(s) | Ty::Either(_, s) => s.is_float(),
            _ => false,
        };
        if !float {
            return self.to_index(v, span);
        }
        let x = self.to_float(v);
        let x = self.b.unary(IrUnary::Nearest, x);
        self.float_to_int(x, span)
    }

    pub(super) fn absolute(&mut self, v: &Val, span: Span) -> Val {
        if is_array(v) {
            return self.map(std::slice::from_ref(v), span, &mut |l, v| l.absolute(&v[0], span));
        }
        let value = match v.ty {
            Ty::Py(Py::Bool) => self.b.convert(Scalar::I64, v.value()),
            Ty::Py(Py::Int) => self.checked(CheckedOp::Abs, &[v.value()], span),
            Ty::Np(s) if !s.is_signed() && !s.is_float() => v.value(),
            _ => self.b.unary(IrUnary::Abs, v.value()),
        };
        let ty = crate::front::builtins::absolute(&v.ty);
        Val::one(ty, value)
    }

    /// `min` and `max`: the first of the arguments that none after it beats, compared one by one.
    fn extremum(&mut self, f: PythonFn, args: &[Expr], ty: &Ty, span: Span) -> Val {
        use crate::front::syntax::CompareOp as Order;
        let order = if f == PythonFn::Min { Order::Lt } else { Order::Gt };
        let values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
        let mut best = values[0].clone();
        for v in &values[1..] {
            let better = self.comparison(order, v, &best, span);
            let joined = best.ty.join(&v.ty).unwrap_or_else(|| ty.clone());
            if joined == best.ty && joined == v.ty && best.parts.len() == 1 {
                let chosen = self.b.select(better, v.value(), best.value());
                best = Val::one(joined, chosen);
            } else {
                let (kept, v) = (best.clone(), v.clone());
                best = self.choose(better, &joined, &mut |l, first| {
                    l.coerce(if first { v.clone() } else { kept.clone() }, &joined, span)
                });
            }
        }
        self.coerce(best, ty, span)
    }

    /// `divmod(a, b)`: as `(a // b, a % b)`, but for the message of floats.
    fn divmod(&mut self, args: &[Expr], ty: &Ty, span: Span) -> Val {
        let a = self.operand(&args[0], &args[1].ty);
        let b = self.operand(&args[1], &args[0].ty);
        let item = match ty {
            Ty::Tuple(items) => items[0].clone(),
            _ => ty.clone(),
        };
        let python_floats = item == Ty::FLOAT;
        if python_floats {
            let y = self.to_float(&b);
            self.float_divisor(y, "float divmod()", span);
            let x = self.to_float(&a);
            let quotient = self.math("floor_divide", &[x, y], span);
            let rest = self.math("floor_mod", &[x, y], span);
            return Val { ty: ty.clone(), parts: [quotient, rest].into_iter().collect() };
        }
        let mut quotient = self.operator(BinaryOp::FloorDiv, a.clone(), b.clone(), &item, span);
        let rest = self.operator(BinaryOp::Mod, a, b, &item, span);
        quotient.parts.extend(rest.parts);
        Val { ty: ty.clone(), parts: quotient.parts }
    }

    /// A call of a function of the mathlib with one result.
    pub(super) fn math(&mut self, name: &str, args: &[ValueId], span: Span) -> ValueId {
        match self.cx.math.function(self.b.module, name) {
            Some(f) => {
                let call = self.b.call(f, args);
                self.b.results(call)[0]
            }
            None => {
                let message = format!("the mathlib of this compiler has no `{name}`");
                let help = "compute it outside of the kernel and pass it in";
                self.fault(crate::diag::Code::UnsupportedCall, span, &message, help);
                self.b.value(Op::Const(Const::f64(0.0)), &[])
            }
        }
    }
}

/// The IR op of a bit operation.
pub(super) fn bit_op(op: BinaryOp) -> IrBinary {
    match op {
        BinaryOp::BitOr => IrBinary::Or,
        BinaryOp::BitXor => IrBinary::Xor,
        _ => IrBinary::And,
    }
}
