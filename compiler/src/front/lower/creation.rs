//! Arrays that kernels make: storage of their own, filled at once.

use super::elementwise::is_array;
use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::builtins::CreationFn;
use crate::front::infer::binary_type;
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Expr, ExprKind, Literal, Py, Ty};
use crate::ir::op::{ArrayOp, BinaryOp as IrBinary, CompareOp, Const, Op, UnaryOp};
use crate::ir::{Type, ValueId};
use crate::types::{ArrayType, Scalar};

/// What a counted loop does in a round: from the index and what is carried to what is carried on.
type CountedBody<'f, L> = dyn FnMut(&mut L, ValueId, &[ValueId]) -> Vec<ValueId> + 'f;

impl Lower<'_, '_, '_> {
    pub(super) fn create(&mut self, f: CreationFn, args: &[Expr], ty: &Ty, span: Span) -> Val {
        let values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
        if f == CreationFn::Fill {
            self.assign_array(&values[0], &values[1], span);
            return Val::none();
        }
        let Some(made) = ty.as_array() else { return self.dummy(ty) };
        match f {
            CreationFn::Zeros | CreationFn::Ones | CreationFn::Empty | CreationFn::Full => {
                let shape = self.lengths(&values[0], args[0].span);
                let fill = self.fill(f, values.get(1), made.dtype, span);
                let out = self.alloc(made, &shape, span);
                self.assign_scalar(&out, fill, span)
            }
            CreationFn::ZerosLike | CreationFn::OnesLike | CreationFn::EmptyLike | CreationFn::FullLike => {
                let shape: Vec<ValueId> = self.shape(values[0].value());
                let fill = self.fill(f, values.get(1), made.dtype, span);
                let out = self.alloc(made, &shape, span);
                self.assign_scalar(&out, fill, span)
            }
            CreationFn::Arange => self.arange(&values, made, span),
            CreationFn::Linspace => {
                let endpoint = matches!(args[3].kind, ExprKind::Literal(Literal::Bool(true)));
                self.linspace(&values, endpoint, made, span)
            }
            CreationFn::Eye | CreationFn::Identity => self.eye(&values, made, span),
            CreationFn::Copy | CreationFn::Fill | CreationFn::Asarray | CreationFn::Ascontiguousarray => {
                self.copied(&values[0], made, span)
            }
            CreationFn::Array => self.array_of(&values[0], made, span),
        }
    }

    /// New storage, all zeros.
    pub(super) fn alloc(&mut self, ty: ArrayType, shape: &[ValueId], span: Span) -> Val {
        let site = self.site(Exception::MemoryError, "unable to allocate memory for an array", span);
        self.at(span);
        let inst = self.b.push(Op::Array(ArrayOp::Alloc(ty.into(), site)), shape, &[]);
        Val::one(Ty::Array(ty), self.b.results(inst)[0])
    }

    fn assign_scalar(&mut self, out: &Val, value: Option<ValueId>, span: Span) -> Val {
        if let Some(value) = value {
            let site = self.text_site(Exception::ValueError, "could not broadcast input array", span);
            self.b.effect(Op::Array(ArrayOp::Assign(site)), &[out.value(), value]);
        }
        out.clone()
    }

    /// An array's elements in storage of their own, of the dtype and layout of `ty`.
    pub(super) fn copied(&mut self, a: &Val, ty: ArrayType, span: Span) -> Val {
        let rank = a.ty.as_array().map_or(0, |a| a.rank);
        let mut shape = self.shape(a.value());
        if rank < ty.rank {
            shape.push(self.b.i64(1));
        }
        let a = self.cast_array(a, ty.dtype, span);
        let out = self.alloc(ty, &shape, span);
        let value = if rank == 0 { self.without_axes(&a).value() } else { a.value() };
        self.assign_scalar(&out, Some(value), span)
    }

    /// The lengths that a shape is made of.
    fn lengths(&mut self, v: &Val, span: Span) -> Vec<ValueId> {
        let items = match &v.ty {
            Ty::Tuple(items) => self.unpack(v, items.len(), span),
            Ty::Table(id) => {
                let len = self.cx.inference.tables[*id].items.len();
                self.unpack(v, len, span)
            }
            _ => vec![v.clone()],
        };
        items.iter().map(|item| self.length(item, span)).collect()
    }

    /// A length, which must not be negative.
    fn length(&mut self, v: &Val, span: Span) -> ValueId {
        let n = self.to_index(v, span);
        if self.known_range(n).is_none_or(|(low, _)| low < 0) {
            let zero = self.b.i64(0);
            let ok = self.b.compare(CompareOp::Ge, n, zero);
            self.check(ok, Exception::ValueError, "negative dimensions are not allowed", span, &[]);
        }
        n
    }

    /// What fills new storage; nothing if that is what it holds.
    fn fill(&mut self, f: CreationFn, value: Option<&Val>, s: Scalar, span: Span) -> Option<ValueId> {
        match (f, value) {
            (CreationFn::Ones | CreationFn::OnesLike, _) => Some(self.number(s, 1)),
            (CreationFn::Full | CreationFn::FullLike, Some(v)) => {
                let v = self.by_kind(std::slice::from_ref(v), &Ty::Np(s), span, &mut |l, v| {
                    let x = l.filled(&v[0], s, span);
                    Val::np(s, x)
                });
                Some(v.value())
            }
            _ => None,
        }
    }

    /// A fill value as the dtype: Python's integers must fit, all else is cast.
    fn filled(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        match v.ty {
            _ if s == Scalar::Bool => self.truth(v),
            Ty::Py(p) if p != Py::Float => self.weak(v.value(), p, s, span),
            _ => self.cast(v.value(), s),
        }
    }

    /// A small number of a dtype.
    pub(super) fn number(&mut self, s: Scalar, value: i32) -> ValueId {
        let c = match s {
            Scalar::F32 => Const::f32(value as f32),
            Scalar::F64 => Const::f64(value.into()),
            Scalar::Bool => Const::bool(value != 0),
            _ => Const::int(s, value.into()),
        };
        self.b.constant(c)
    }

    /// A loop over `lo..n` with carried values.
    pub(super) fn counted(
        &mut self,
        (lo, n): (ValueId, ValueId),
        carried: &[ValueId],
        body: &mut CountedBody<'_, Self>,
    ) -> Vec<ValueId> {
        let label = self.b.function.new_label();
        let one = self.b.i64(1);
        let operands = [&[lo, n, one], carried].concat();
        let inst = self.b.loop_(Op::For(label), &operands);
        let region = self.b.function.insts[inst].regions[0];
        let outer = self.b.enter(region);
        let params = self.b.function.regions[region].params.clone();
        let values = body(self, params[0], &params[1..]);
        self.b.yield_(&values);
        self.b.enter(outer);
        self.b.results(inst).to_vec()
    }

    pub(super) fn set(&mut self, a: &Val, index: &[ValueId], value: ValueId) {
        let args = [&[a.value()], index, &[value]].concat();
        self.b.effect(Op::Array(ArrayOp::Set), &args);
    }

    pub(super) fn get(&mut self, a: &Val, index: &[ValueId]) -> ValueId {
        let args = [&[a.value()], index].concat();
        self.b.value(Op::Array(ArrayOp::Get), &args)
    }

    /// `np.arange`: the first two elements are computed in Python's numbers, the others from their difference in the
    /// dtype, as NumPy's fill functions do.
    fn arange(&mut self, bounds: &[Val], ty: ArrayType, span: Span) -> Val {
        let (start, stop, step) = (&bounds[0], &bounds[1], &bounds[2]);
        let n = self.arange_length(start, stop, step, span);
        let s = ty.dtype;
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        // What the array does not hold is not converted either.
        let some = self.b.compare(CompareOp::Gt, n, zero);
        let first = self.computed_if(some, s, &mut |l| l.constructed(start, s, span));
        let more = self.b.compare(CompareOp::Gt, n, one);
        let second = self.computed_if(more, s, &mut |l| {
            let next = l.computed(BinaryOp::Add, start, step, span);
            l.constructed(&next, s, span)
        });
        let delta = self.b.binary(IrBinary::Sub, second, first);
        let out = self.alloc(ty, &[n], span);
        self.counted((zero, n), &[], &mut |l, i, _| {
            let k = l.b.convert(s, i);
            let offset = l.b.binary(IrBinary::Mul, k, delta);
            let mut v = l.b.binary(IrBinary::Add, first, offset);
            if s.is_float() {
                for (at, known) in [(one, second), (zero, first)] {
                    let here = l.b.compare(CompareOp::Eq, i, at);
                    v = l.b.select(here, known, v);
                }
            }
            l.set(&out, &[i], v);
            Vec::new()
        });
        out
    }

    /// `a op b` of scalars of any kind.
    fn computed(&mut self, op: BinaryOp, a: &Val, b: &Val, span: Span) -> Val {
        let ty = binary_type(op, &a.ty, &b.ty, None).unwrap_or(Ty::Error);
        self.operator(op, a.clone(), b.clone(), &ty, span)
    }

    /// A number as a dtype, as `np.array` converts what it is given.
    fn constructed(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        let v = self.by_kind(std::slice::from_ref(v), &Ty::Np(s), span, &mut |l, v| {
            let x = if s == Scalar::Bool { l.truth(&v[0]) } else { l.construct(&v[0], s, span) };
            Val::np(s, x)
        });
        v.value()
    }

    /// A scalar that is needed, and may be computed, only under a condition; else zero.
    fn computed_if(&mut self, c: ValueId, s: Scalar, f: &mut dyn FnMut(&mut Self) -> ValueId) -> ValueId {
        let (inst, then, otherwise) = self.b.if_(c, &[Type::Scalar(s)]);
        let outer = self.b.enter(then);
        let v = f(self);
        self.b.yield_(&[v]);
        self.b.enter(otherwise);
        let zero = self.number(s, 0);
        self.b.yield_(&[zero]);
        self.b.enter(outer);
        self.b.results(inst)[0]
    }

    /// `ceil((stop - start) / step)`, or nothing.
    fn arange_length(&mut self, start: &Val, stop: &Val, step: &Val, span: Span) -> ValueId {
        let zero = self.b.i64(0);
        if self.known_int(step.value()) == Some(1) && stop.ty == Ty::INT && self.known_int(start.value()) == Some(0) {
            return self.b.binary(IrBinary::Max, stop.value(), zero);
        }
        let distance = self.computed(BinaryOp::Sub, stop, start, span);
        let steps = self.computed(BinaryOp::Div, &distance, step, span);
        let steps = self.to_float(&steps);
        let x = self.b.unary(UnaryOp::Ceil, steps);
        let number = self.b.compare(CompareOp::Eq, x, x);
        self.check(number, Exception::ValueError, "arange: cannot compute length", span, &[]);
        let limit = self.b.f64(9_223_372_036_854_775_808.0);
        let fits = self.b.compare(CompareOp::Lt, x, limit);
        self.check(fits, Exception::ValueError, "Maximum allowed size exceeded", span, &[]);
        let n = self.b.convert(Scalar::I64, x);
        self.b.binary(IrBinary::Max, n, zero)
    }

    /// `np.linspace`: `arange(num) * step + start`, the last sample being `stop` itself.
    fn linspace(&mut self, values: &[Val], endpoint: bool, ty: ArrayType, span: Span) -> Val {
        let (start, stop) = (self.to_float(&values[0]), self.to_float(&values[1]));
        let n = self.to_index(&values[2], span);
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        let ok = self.b.compare(CompareOp::Ge, n, zero);
        let message = "Number of samples, {0}, must be non-negative.";
        self.check(ok, Exception::ValueError, message, span, &[n]);
        let parts = if endpoint { self.b.binary(IrBinary::Sub, n, one) } else { n };
        let width = self.b.binary(IrBinary::Sub, stop, start);
        let divisor = self.b.convert(Scalar::F64, parts);
        let step = self.b.binary(IrBinary::Div, width, divisor);
        let none = self.b.f64(0.0);
        // A step that vanishes, or one part or none: the width is scaled instead.
        let scaled = self.b.compare(CompareOp::Eq, step, none);
        let several = self.b.compare(CompareOp::Gt, parts, zero);
        let out = self.alloc(ty, &[n], span);
        let last = self.b.binary(IrBinary::Sub, n, one);
        let ends = self.b.compare(CompareOp::Gt, n, one);
        self.counted((zero, n), &[], &mut |l, i, _| {
            let k = l.b.convert(Scalar::F64, i);
            let plain = l.b.binary(IrBinary::Mul, k, step);
            let part = l.b.binary(IrBinary::Div, k, divisor);
            let careful = l.b.binary(IrBinary::Mul, part, width);
            let offset = l.b.select(scaled, careful, plain);
            let single = l.b.binary(IrBinary::Mul, k, width);
            let offset = l.b.select(several, offset, single);
            let mut v = l.b.binary(IrBinary::Add, offset, start);
            if endpoint {
                let at_end = l.b.compare(CompareOp::Eq, i, last);
                let at_end = l.both(at_end, ends);
                v = l.b.select(at_end, stop, v);
            }
            l.set(&out, &[i], v);
            Vec::new()
        });
        out
    }

    /// `np.eye(n, m, k)`: ones on the diagonal `k`.
    fn eye(&mut self, values: &[Val], ty: ArrayType, span: Span) -> Val {
        let rows = self.length(&values[0], span);
        let columns = if values[1].ty == Ty::None { rows } else { self.length(&values[1], span) };
        let k = self.to_index(&values[2], span);
        let out = self.alloc(ty, &[rows, columns], span);
        let zero = self.b.i64(0);
        let unit = self.number(ty.dtype, 1);
        self.counted((zero, rows), &[], &mut |l, i, _| {
            let j = l.b.binary(IrBinary::Add, i, k);
            let (a, b) = (l.b.compare(CompareOp::Ge, j, zero), l.b.compare(CompareOp::Lt, j, columns));
            let inside = l.both(a, b);
            let (_, then, otherwise) = l.b.if_(inside, &[]);
            let outer = l.b.enter(then);
            l.set(&out, &[i, j], unit);
            l.b.yield_(&[]);
            l.b.enter(otherwise);
            l.b.yield_(&[]);
            l.b.enter(outer);
            Vec::new()
        });
        out
    }

    /// `np.array` of numbers, or of tuples of them: every number is converted before anything is stored.
    fn array_of(&mut self, v: &Val, ty: ArrayType, span: Span) -> Val {
        debug_assert!(!is_array(v));
        let mut shape = Vec::new();
        let mut leaves = Vec::new();
        self.leaves(v, 0, &mut shape, &mut leaves, span);
        let values: Vec<ValueId> = leaves.iter().map(|leaf| self.constructed(leaf, ty.dtype, span)).collect();
        let lengths: Vec<ValueId> = shape.iter().map(|&n| self.b.i64(n as i64)).collect();
        let out = self.alloc(ty, &lengths, span);
        for (k, value) in values.into_iter().enumerate() {
            let mut rest = k;
            let mut index = vec![0; shape.len()];
            for (slot, len) in index.iter_mut().zip(&shape).rev() {
                *slot = rest % len;
                rest /= len;
            }
            let index: Vec<ValueId> = index.into_iter().map(|i| self.b.i64(i as i64)).collect();
            self.set(&out, &index, value);
        }
        out
    }

    /// The numbers of nested tuples, in order, and the lengths of the tuples.
    fn leaves(&mut self, v: &Val, depth: usize, shape: &mut Vec<usize>, leaves: &mut Vec<Val>, span: Span) {
        let count = match &v.ty {
            Ty::Tuple(items) => items.len(),
            Ty::Table(id) => self.cx.inference.tables[*id].items.len(),
            _ => return leaves.push(v.clone()),
        };
        if shape.len() == depth {
            shape.push(count);
        }
        for item in self.unpack(v, count, span) {
            self.leaves(&item, depth + 1, shape, leaves, span);
        }
    }
}
