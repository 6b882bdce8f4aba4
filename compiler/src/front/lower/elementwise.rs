//! Whole-array expressions: an `array.map` whose region computes one element by the rules for NumPy scalars.
//!
//! The region is pure, so what may raise is done before it: a Python scalar becomes the dtype of the operation once,
//! outside, and the exponents of integer powers are looked at first. Scalars are captured by the region; only arrays
//! are operands of the map.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::builtins::{NumpyFn, common_dtype, working_dtype};
use crate::front::infer::{binary_type, elementwise as rules, promote, promote_weak};
use crate::front::syntax::{BinaryOp, CompareOp, UnaryOp};
use crate::front::tast::{Py, Ty};
use crate::ir::op::{ArrayOp, BinaryOp as IrBinary, CompareOp as IrCompare, Op, ReduceOp};
use crate::ir::{Type, ValueId};
use crate::types::{ArrayType, Scalar};

/// Values that the message of a raise can show.
const PAYLOAD: usize = crate::abi::PAYLOAD_WORDS;

impl Lower<'_, '_, '_> {
    /// `a op b` where an operand is an array.
    pub(super) fn elementwise(&mut self, op: BinaryOp, a: &Val, b: &Val, span: Span) -> Val {
        if op == BinaryOp::MatMul {
            return self.matmul(a, b, span);
        }
        let (a, b) = (self.without_axes(a), self.without_axes(b));
        if !is_array(&a) && !is_array(&b) {
            let ty = binary_type(op, &a.ty, &b.ty, None).unwrap_or(Ty::Error);
            return self.operator(op, a, b, &ty, span);
        }
        let mut s = operation_dtype(op, &rules::element(&a.ty), &rules::element(&b.ty));
        let bools = rules::element(&a.ty) == Ty::Np(Scalar::Bool);
        if op == BinaryOp::Pow && bools && b.ty == Ty::INT && self.known_int(b.value()) == Some(2) {
            // As inference has it: bools are squared in int8.
            s = Scalar::I8;
        }
        self.elementwise_in(s, op, &a, &b, span)
    }

    /// `a op b` in a dtype, where an operand is an array with axes.
    fn elementwise_in(&mut self, s: Scalar, op: BinaryOp, a: &Val, b: &Val, span: Span) -> Val {
        let (a, b) = (self.as_operand(a, s, span), self.as_operand(b, s, span));
        if op == BinaryOp::Pow && s.is_signed() {
            self.check_exponents(&a, &b, s, span);
        }
        let one_exponent = !is_array(&b);
        self.map(&[a, b], span, &mut |l, v| {
            let (x, y) = (l.as_dtype(&v[0], s, span), l.as_dtype(&v[1], s, span));
            match op {
                BinaryOp::Pow if s.is_int() => {
                    let power = l.wrapping_power(x, y);
                    Val::np(s, power)
                }
                // One exponent for all: NumPy takes a square root for one half.
                BinaryOp::Pow if one_exponent => l.power_ufunc(x, y, s, span),
                _ => l.on_dtype(op, x, y, s, span),
            }
        })
    }

    /// `op a` for an array.
    pub(super) fn elementwise_unary(&mut self, op: UnaryOp, a: &Val, span: Span) -> Val {
        self.map(std::slice::from_ref(a), span, &mut |l, v| l.simple_unary(op, &v[0], span))
    }

    /// `a op b` for a comparison where an operand is an array. Comparing raises nothing: scalars stay what they are, and
    /// integers are compared by their values.
    pub(super) fn elementwise_compare(&mut self, op: CompareOp, a: &Val, b: &Val, span: Span) -> Val {
        self.map(&[a.clone(), b.clone()], span, &mut |l, v| {
            let c = l.comparison(op, &v[0], &v[1], span);
            Val::np(Scalar::Bool, c)
        })
    }

    /// A function of `numpy` where an argument is an array.
    pub(super) fn elementwise_call(&mut self, f: NumpyFn, args: &[Val], ty: &Ty, span: Span) -> Val {
        let args: Vec<Val> = args.iter().map(|a| self.without_axes(a)).collect();
        if f == NumpyFn::Clip {
            return self.clip(&args, span);
        }
        if !args.iter().any(is_array) {
            return self.numpy_call(f, &args, ty, span);
        }
        if let NumpyFn::Operator(op) = f {
            let s = operation_dtype(op, &rules::element(&args[0].ty), &rules::element(&args[1].ty));
            return self.elementwise_in(s, op, &args[0], &args[1], span);
        }
        let truths = match f {
            NumpyFn::Compare(_)
            | NumpyFn::LogicalAnd
            | NumpyFn::LogicalOr
            | NumpyFn::LogicalXor
            | NumpyFn::LogicalNot
            | NumpyFn::Construct(_) => args.len(),
            NumpyFn::Where => 1,
            _ => 0,
        };
        let s = working_dtype(f, dtype_of_all(&args[truths..]));
        let operands: Vec<Val> = args
            .iter()
            .enumerate()
            .map(|(i, a)| match f {
                _ if i < truths => a.clone(),
                NumpyFn::Where => self.as_choice(a, s, span),
                _ => self.as_operand(a, s, span),
            })
            .collect();
        self.map(&operands, span, &mut |l, v| l.on_scalars(f, v, span))
    }

    /// An array of what `f` gives for each element of the operands, broadcast against each other. Without arrays with
    /// axes among them, what `f` gives for the scalars.
    pub(super) fn map(&mut self, operands: &[Val], span: Span, f: &mut dyn FnMut(&mut Self, &[Val]) -> Val) -> Val {
        let operands: Vec<Val> = operands.iter().map(|v| self.without_axes(v)).collect();
        let operands = operands.as_slice();
        let arrays: Vec<(ArrayType, ValueId)> =
            operands.iter().filter_map(|v| Some((v.ty.as_array()?, v.value()))).collect();
        if arrays.is_empty() {
            return f(self, operands);
        }
        let params: Vec<Type> = arrays.iter().map(|(a, _)| a.dtype.into()).collect();
        let region = self.b.function.new_region(&params);
        let outer = self.b.enter(region);
        let mut elements = self.b.function.regions[region].params.clone().into_iter();
        let inside: Vec<Val> = operands
            .iter()
            .map(|v| match (v.ty.as_array(), &mut elements) {
                (Some(a), elements) => elements.next().map_or_else(|| v.clone(), |x| Val::np(a.dtype, x)),
                (None, _) => v.clone(),
            })
            .collect();
        let result = f(self, &inside);
        self.b.yield_(&[result.value()]);
        self.b.enter(outer);
        let dtype = self.scalar_of(&result);
        let site = self.site(Exception::ValueError, &mismatch(operands), span);
        self.at(span);
        let args: Vec<ValueId> = arrays.iter().map(|(_, v)| *v).collect();
        let inst = self.b.push(Op::Array(ArrayOp::Map(dtype, site)), &args, &[region]);
        let types: Vec<Ty> = arrays.iter().map(|(a, _)| Ty::Array(*a)).collect();
        Val::one(rules::lift(&types, Ty::Np(dtype)), self.b.results(inst)[0])
    }

    /// An array without axes as the scalar it holds; everything else as it is.
    pub(super) fn without_axes(&mut self, v: &Val) -> Val {
        match v.ty.as_array() {
            Some(ArrayType { rank: 0, dtype, .. }) => {
                let x = self.b.value(Op::Array(ArrayOp::Get), &v.parts);
                Val::np(dtype, x)
            }
            Some(_) | None => v.clone(),
        }
    }

    /// An operand: a scalar becomes the dtype at once, with the checks that takes; an array stays.
    pub(super) fn as_operand(&mut self, v: &Val, s: Scalar, span: Span) -> Val {
        if is_array(v) {
            return v.clone();
        }
        self.by_kind(std::slice::from_ref(v), &Ty::Np(s), span, &mut |l, v| {
            let x = l.as_dtype(&v[0], s, span);
            Val::np(s, x)
        })
    }

    /// A value that `np.where` may choose: NumPy makes an array of it first, and casts that without a look at the range.
    fn as_choice(&mut self, v: &Val, s: Scalar, span: Span) -> Val {
        if is_array(v) {
            return v.clone();
        }
        self.by_kind(std::slice::from_ref(v), &Ty::Np(s), span, &mut |l, v| {
            let x = l.cast(v[0].value(), s);
            Val::np(s, x)
        })
    }

    /// NumPy raises for a negative exponent of an integer before it computes anything, unless there is nothing to
    /// compute.
    fn check_exponents(&mut self, a: &Val, b: &Val, s: Scalar, span: Span) {
        let zero = self.b.int(s, 0);
        let ok = if is_array(b) {
            let negative = self.map(&[a.clone(), b.clone()], span, &mut |l, v| {
                let y = l.as_dtype(&v[1], s, span);
                let c = l.b.compare(IrCompare::Lt, y, zero);
                let c = l.b.convert(Scalar::I64, c);
                Val::np(Scalar::I64, c)
            });
            let count = self.reduce(ReduceOp::Sum, &negative, span);
            let none = self.b.i64(0);
            self.b.compare(IrCompare::Eq, count, none)
        } else {
            if self.known_int(b.value()).is_some_and(|n| n >= 0) {
                return;
            }
            let positive = self.b.compare(IrCompare::Ge, b.value(), zero);
            let size = self.size(a);
            let none = self.b.i64(0);
            let empty = self.b.compare(IrCompare::Eq, size, none);
            self.any_of(positive, empty)
        };
        let message = "Integers to negative integer powers are not allowed.";
        self.check(ok, Exception::ValueError, message, span, &[]);
    }

    /// The number of elements of an array.
    pub(super) fn size(&mut self, v: &Val) -> ValueId {
        let mut size = self.b.i64(1);
        for axis in 0..v.ty.as_array().map_or(0, |a| a.rank) {
            let n = self.dim(v, axis);
            size = if axis == 0 { n } else { self.b.binary(IrBinary::Mul, size, n) };
        }
        size
    }

    pub(super) fn dim(&mut self, v: &Val, axis: u8) -> ValueId {
        self.b.value(Op::Array(ArrayOp::Dim(axis)), &v.parts)
    }

    /// An array's elements as another dtype; the array itself if it has it.
    pub(super) fn cast_array(&mut self, v: &Val, to: Scalar, span: Span) -> Val {
        match v.ty.as_array() {
            Some(a) if a.dtype == to => v.clone(),
            Some(_) | None => self.map(std::slice::from_ref(v), span, &mut |l, v| {
                let x = if to == Scalar::Bool { l.truth(&v[0]) } else { l.cast(v[0].value(), to) };
                Val::np(to, x)
            }),
        }
    }

    /// `np.clip(a, low, high)`, where either bound may be None.
    fn clip(&mut self, args: &[Val], span: Span) -> Val {
        let own = rules::element(&args[0].ty);
        let given: Vec<Val> = args.iter().filter(|v| v.ty != Ty::None).cloned().collect();
        let s = dtype_of_all(&given);
        let mut operands = vec![self.as_operand(&args[0], s, span)];
        let mut functions = Vec::new();
        for (bound, f) in args[1..].iter().zip([NumpyFn::Maximum, NumpyFn::Minimum]) {
            if bound.ty == Ty::None {
                continue;
            }
            let bound = self.reachable_bound(bound, &own, f);
            operands.push(self.as_operand(&bound, s, span));
            functions.push(f);
        }
        let constant = functions.len() == 2 && !operands[1..].iter().any(is_array);
        self.map(&operands, span, &mut |l, v| {
            let mut x = l.as_dtype(&v[0], s, span);
            if constant {
                let x = l.between(x, v[1].value(), v[2].value(), s);
                return Val::np(s, x);
            }
            for (f, bound) in functions.iter().zip(&v[1..]) {
                let bound = l.as_dtype(bound, s, span);
                x = l.extreme(*f, x, bound, s);
            }
            Val::np(s, x)
        })
    }

    /// `np.clip` where the bounds are the same for all elements: what equals a bound stays, NaN as a bound gives NaN.
    fn between(&mut self, x: ValueId, low: ValueId, high: ValueId, s: Scalar) -> ValueId {
        let below = self.b.compare(IrCompare::Lt, x, low);
        let v = self.b.select(below, low, x);
        let above = self.b.compare(IrCompare::Gt, v, high);
        let mut v = self.b.select(above, high, v);
        if s.is_float() {
            for bound in [high, low] {
                let nan = self.b.compare(IrCompare::Ne, bound, bound);
                v = self.b.select(nan, bound, v);
            }
        }
        v
    }

    /// A Python integer that no element of the array is beyond may lie outside of the dtype: it bounds nothing.
    fn reachable_bound(&mut self, bound: &Val, own: &Ty, f: NumpyFn) -> Val {
        let (Ty::Py(Py::Int), Ty::Np(s)) = (&bound.ty, own) else { return bound.clone() };
        let Some((low, high)) = s.int_range().filter(|_| s.is_int()) else { return bound.clone() };
        let (limit, op) = match f {
            NumpyFn::Maximum => (low.max(i64::MIN.into()), IrBinary::Max),
            _ => (high.min(i64::MAX.into()), IrBinary::Min),
        };
        let limit = self.b.i64(limit as i64);
        let v = self.b.binary(op, bound.value(), limit);
        Val::one(Ty::INT, v)
    }
}

pub(super) fn is_array(v: &Val) -> bool {
    v.ty.as_array().is_some()
}

/// The dtype in which a function of these works.
pub(super) fn dtype_of_all(args: &[Val]) -> Scalar {
    let types: Vec<Ty> = args
        .iter()
        .map(|a| match rules::element(&a.ty) {
            Ty::Either(_, s) => Ty::Np(s),
            other => other,
        })
        .collect();
    common_dtype(&types)
}

/// The dtype in which an operator works on elements of these types: division of integers is done in float64, what bools
/// lack in int8.
fn operation_dtype(op: BinaryOp, a: &Ty, b: &Ty) -> Scalar {
    let common = match (a, b) {
        (Ty::Np(s) | Ty::Either(_, s), Ty::Np(t) | Ty::Either(_, t)) => promote(*s, *t),
        (Ty::Np(s), Ty::Py(p)) | (Ty::Py(p), Ty::Np(s)) => promote_weak(*p, *s),
        _ => Scalar::F64,
    };
    match op {
        BinaryOp::Div if !common.is_float() => Scalar::F64,
        BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::Pow | BinaryOp::LeftShift | BinaryOp::RightShift
            if common == Scalar::Bool =>
        {
            Scalar::I8
        }
        _ => common,
    }
}

/// NumPy's message for shapes that do not broadcast. The raise carries the shapes of the arrays, as many lengths as fit.
fn mismatch(operands: &[Val]) -> String {
    let mut message = String::from("operands could not be broadcast together");
    let ranks = || operands.iter().map(|v| v.ty.as_array().map_or(0, |a| usize::from(a.rank)));
    if ranks().sum::<usize>() > PAYLOAD {
        return message;
    }
    message += " with shapes ";
    let mut word = 0;
    for rank in ranks() {
        let lengths: Vec<String> = (word..word + rank).map(|k| format!("{{{k}}}")).collect();
        word += rank;
        message += &format!("({}{}) ", lengths.join(","), if rank == 1 { "," } else { "" });
    }
    message
}
