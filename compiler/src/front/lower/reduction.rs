//! Reductions of whole arrays. The elements become the dtype of the accumulator first, as NumPy's do.

use super::elementwise::is_array;
use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::builtins::ReductionFn;
use crate::front::infer::binary_type;
use crate::front::syntax::{BinaryOp, CompareOp as Order};
use crate::front::tast::{Expr, Ty};
use crate::ir::ValueId;
use crate::ir::op::{ArrayOp, BinaryOp as IrBinary, CompareOp, Op, ReduceOp, UnaryOp};
use crate::types::Scalar;

/// What computes an element of the walk's carried values.
type Step<'f, 'a, 'c, 'p> = &'f mut dyn FnMut(&mut Lower<'a, 'c, 'p>, ValueId, ValueId, &[ValueId]) -> Vec<ValueId>;

impl<'a, 'c, 'p> Lower<'a, 'c, 'p> {
    pub(super) fn reduction(&mut self, f: ReductionFn, args: &[Expr], ty: &Ty, span: Span) -> Val {
        let mut values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
        let dtype = values[0].ty.as_array().map_or(Scalar::F64, |a| a.dtype);
        values[0] = self.without_axes(&values[0]);
        let a = &values[0];
        let to = ty.scalar().unwrap_or(dtype);
        let v = match f {
            ReductionFn::Sum | ReductionFn::Prod => {
                let a = self.cast_array(a, to, span);
                let op = if f == ReductionFn::Sum { ReduceOp::Sum } else { ReduceOp::Prod };
                self.reduce(op, &a, span)
            }
            ReductionFn::Min => self.reduce(ReduceOp::Min, a, span),
            ReductionFn::Max => self.reduce(ReduceOp::Max, a, span),
            ReductionFn::Mean => self.mean(a, to, span),
            ReductionFn::Var | ReductionFn::Std => {
                let ddof = values.get(1).cloned();
                self.variance(f, a, ddof, to, span)
            }
            ReductionFn::Any | ReductionFn::PythonAny => {
                let count = self.count_truths(a, true, span);
                let zero = self.b.i64(0);
                self.b.compare(CompareOp::Ne, count, zero)
            }
            ReductionFn::All | ReductionFn::PythonAll => {
                let count = self.count_truths(a, false, span);
                let zero = self.b.i64(0);
                self.b.compare(CompareOp::Eq, count, zero)
            }
            ReductionFn::CountNonzero => self.count_truths(a, true, span),
            ReductionFn::Argmin | ReductionFn::Argmax => self.position(f, a, dtype, span),
            ReductionFn::Dot => {
                let message = "shapes ({0},) and ({1},) not aligned: {0} (dim 0) != {1} (dim 0)";
                return self.products(a, &values[1], message, span);
            }
            ReductionFn::PythonSum => return self.python_sum(a, &values[1], ty, span),
            ReductionFn::PythonMin | ReductionFn::PythonMax => self.python_extremum(f, a, dtype, span),
        };
        Val::one(ty.clone(), v)
    }

    /// All elements combined, in their own dtype.
    pub(super) fn reduce(&mut self, op: ReduceOp, a: &Val, span: Span) -> ValueId {
        if !is_array(a) {
            return a.value();
        }
        let name = match op {
            ReduceOp::Min => "minimum",
            ReduceOp::Max => "maximum",
            ReduceOp::Sum => "add",
            ReduceOp::Prod => "multiply",
        };
        let message = format!("zero-size array to reduction operation {name} which has no identity");
        let site = self.site(Exception::ValueError, &message, span);
        self.at(span);
        self.b.value(Op::Array(ArrayOp::Reduce(op, site)), &a.parts)
    }

    /// How many elements are true, or false.
    fn count_truths(&mut self, a: &Val, truth: bool, span: Span) -> ValueId {
        let ones = self.map(std::slice::from_ref(a), span, &mut |l, v| {
            let mut c = l.truth(&v[0]);
            if !truth {
                c = l.not(c);
            }
            let c = l.b.convert(Scalar::I64, c);
            Val::np(Scalar::I64, c)
        });
        self.reduce(ReduceOp::Sum, &ones, span)
    }

    /// NumPy divides by the count, an int64: a float32 sum becomes a float64 for that and is rounded back.
    fn mean(&mut self, a: &Val, to: Scalar, span: Span) -> ValueId {
        let n = self.size(a);
        let a = self.cast_array(a, to, span);
        let sum = self.reduce(ReduceOp::Sum, &a, span);
        let n = self.b.convert(Scalar::F64, n);
        self.quotient(sum, n, to)
    }

    fn quotient(&mut self, sum: ValueId, n: ValueId, to: Scalar) -> ValueId {
        let sum = self.b.convert(Scalar::F64, sum);
        let mean = self.b.binary(IrBinary::Div, sum, n);
        self.b.convert(to, mean)
    }

    /// `_var` of NumPy's `_methods.py`.
    fn variance(&mut self, f: ReductionFn, a: &Val, ddof: Option<Val>, to: Scalar, span: Span) -> ValueId {
        let mean = self.mean(a, to, span);
        let a = self.cast_array(a, to, span);
        let squares = self.map(std::slice::from_ref(&a), span, &mut |l, v| {
            let d = l.b.binary(IrBinary::Sub, v[0].value(), mean);
            let d = l.b.binary(IrBinary::Mul, d, d);
            Val::np(to, d)
        });
        let sum = self.reduce(ReduceOp::Sum, &squares, span);
        let n = self.size(&a);
        let mut n = self.b.convert(Scalar::F64, n);
        if let Some(ddof) = ddof {
            let ddof = self.to_float(&ddof);
            let zero = self.b.f64(0.0);
            let left = self.b.binary(IrBinary::Sub, n, ddof);
            let some = self.b.compare(CompareOp::Gt, left, zero);
            n = self.b.select(some, left, zero);
        }
        let v = self.quotient(sum, n, to);
        if f == ReductionFn::Std { self.b.unary(UnaryOp::Sqrt, v) } else { v }
    }

    /// `a @ b` for arrays with one axis.
    pub(super) fn matmul(&mut self, a: &Val, b: &Val, span: Span) -> Val {
        let message = "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \
                       (n?,k),(k,m?)->(n?,m?) (size {1} is different from {0})";
        self.products(a, b, message, span)
    }

    fn products(&mut self, a: &Val, b: &Val, message: &str, span: Span) -> Val {
        let (n, m) = (self.dim(a, 0), self.dim(b, 0));
        let ok = self.b.compare(CompareOp::Eq, n, m);
        self.check(ok, Exception::ValueError, message, span, &[n, m]);
        let products = self.elementwise(BinaryOp::Mul, a, b, span);
        let s = products.ty.as_array().map_or(Scalar::F64, |a| a.dtype);
        let v = if s == Scalar::Bool {
            let count = self.count_truths(&products, true, span);
            let zero = self.b.i64(0);
            self.b.compare(CompareOp::Ne, count, zero)
        } else {
            self.reduce(ReduceOp::Sum, &products, span)
        };
        Val::np(s, v)
    }

    /// Runs over all elements in C order; the step gets the element, its number and the carried values.
    fn walk(
        &mut self,
        a: &Val,
        index: &mut Vec<ValueId>,
        carried: &[ValueId],
        step: Step<'_, 'a, 'c, 'p>,
    ) -> Vec<ValueId> {
        let rank = a.ty.as_array().map_or(0, |a| a.rank);
        if index.len() == usize::from(rank) {
            let x = self.get(a, index);
            let (number, carried) = (carried[0], &carried[1..]);
            let mut next = step(self, x, number, carried);
            let one = self.b.i64(1);
            let number = self.b.binary(IrBinary::Add, number, one);
            next.insert(0, number);
            return next;
        }
        let n = self.dim(a, index.len() as u8);
        let zero = self.b.i64(0);
        self.counted((zero, n), carried, &mut |l, i, carried| {
            index.push(i);
            let next = l.walk(a, index, carried, step);
            index.pop();
            next
        })
    }

    /// The number of the first element that none beats; of the first NaN if there is one.
    fn position(&mut self, f: ReductionFn, a: &Val, s: Scalar, span: Span) -> ValueId {
        let (name, order) = match f {
            ReductionFn::Argmin => ("argmin", CompareOp::Lt),
            _ => ("argmax", CompareOp::Gt),
        };
        let zero = self.b.i64(0);
        if !is_array(a) {
            return zero;
        }
        let size = self.size(a);
        let some = self.b.compare(CompareOp::Gt, size, zero);
        let message = format!("attempt to get {name} of an empty sequence");
        self.check(some, Exception::ValueError, &message, span, &[]);
        let rank = a.ty.as_array().map_or(0, |a| a.rank);
        let first = self.get(a, &vec![zero; rank.into()]);
        let found = self.walk(a, &mut Vec::new(), &[zero, first, zero], &mut |l, x, number, carried| {
            let (best, at) = (carried[0], carried[1]);
            let mut better = l.b.compare(order, x, best);
            if s.is_float() {
                let nan = l.b.compare(CompareOp::Ne, x, x);
                better = l.any_of(better, nan);
                let number = l.b.compare(CompareOp::Eq, best, best);
                better = l.both(better, number);
            }
            vec![l.b.select(better, x, best), l.b.select(better, number, at)]
        });
        found[2]
    }

    /// Python's `min(a)`: the first element that none after it beats.
    fn python_extremum(&mut self, f: ReductionFn, a: &Val, s: Scalar, span: Span) -> ValueId {
        let (name, order) = match f {
            ReductionFn::PythonMin => ("min", Order::Lt),
            _ => ("max", Order::Gt),
        };
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        let n = self.dim(a, 0);
        let some = self.b.compare(CompareOp::Gt, n, zero);
        let message = format!("{name}() arg is an empty sequence");
        self.check(some, Exception::ValueError, &message, span, &[]);
        let first = self.get(a, &[zero]);
        let best = self.counted((one, n), &[first], &mut |l, i, carried| {
            let x = l.get(a, &[i]);
            let better = l.comparison(order, &Val::np(s, x), &Val::np(s, carried[0]), span);
            vec![l.b.select(better, x, carried[0])]
        });
        best[0]
    }

    /// Python's `sum(a, start)`: one addition after another; the start itself for an empty array.
    fn python_sum(&mut self, a: &Val, start: &Val, ty: &Ty, span: Span) -> Val {
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        let n = self.dim(a, 0);
        let some = self.b.compare(CompareOp::Gt, n, zero);
        let dtype = a.ty.as_array().map_or(Scalar::F64, |a| a.dtype);
        let sum = binary_type(BinaryOp::Add, &start.ty, &Ty::Np(dtype), None).unwrap_or(Ty::Error);
        self.choose(some, ty, &mut |l, some| {
            if !some {
                return l.coerce(start.clone(), ty, span);
            }
            let first = l.get(a, &[zero]);
            let first = l.operator(BinaryOp::Add, start.clone(), Val::np(dtype, first), &sum, span);
            let total = l.counted((one, n), &[first.value()], &mut |l, i, carried| {
                let x = l.get(a, &[i]);
                let before = Val::one(sum.clone(), carried[0]);
                vec![l.operator(BinaryOp::Add, before, Val::np(dtype, x), &sum, span).value()]
            });
            l.coerce(Val::one(sum.clone(), total[0]), ty, span)
        })
    }
}
