//! Expressions: evaluation order and control; what operators compute is in the files beside.

use smallvec::SmallVec;

use super::elementwise::is_array;
use super::{Lower, Val, part_types};
use crate::diag::Span;
use crate::front::builtins::{Builtin, NumpyFn};
use crate::front::syntax::{BoolOp, UnaryOp};
use crate::front::tast::{Expr, ExprKind, Literal, Py, Ty};
use crate::ir::op::{BinaryOp, UnaryOp as IrUnary};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

impl Lower<'_, '_, '_> {
    pub(super) fn expr(&mut self, e: &Expr) -> Val {
        match &e.kind {
            ExprKind::Literal(l) => self.literal(l, e.span),
            ExprKind::Known => Val { ty: e.ty.clone(), parts: SmallVec::new() },
            ExprKind::Variable(var) => self.variable(*var),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, &e.ty, e.span),
            ExprKind::Binary { op, left, right } => self.binary(*op, (left, right), &e.ty, e.span),
            ExprKind::Compare { left, rest } => self.compare(left, rest, &e.ty, e.span),
            ExprKind::BoolOp { op, values } => self.bool_op(*op, values, &e.ty, e.span),
            ExprKind::Conditional { test, body, orelse } => {
                let test = self.condition(test);
                self.choose(test, &e.ty, &mut |l, first| {
                    let v = l.expr(if first { body } else { orelse });
                    l.coerce(v, &e.ty, e.span)
                })
            }
            ExprKind::Tuple(items) => {
                let mut parts = SmallVec::new();
                for item in items {
                    parts.extend(self.expr(item).parts);
                }
                Val { ty: e.ty.clone(), parts }
            }
            ExprKind::Item { tuple, index } => {
                let tuple = self.expr(tuple);
                let mut items = self.unpack(&tuple, index + 1, e.span);
                items.swap_remove(*index)
            }
            ExprKind::TableItem { table, index } => self.table_item(*table, index, &e.ty, e.span),
            ExprKind::Element { base, index } => {
                let base = self.expr(base);
                let index = self.operands(index);
                let place = self.place(&base, &index, &e.ty, e.span);
                self.load_element(&place, e.span)
            }
            ExprKind::Call { callee, args } => self.call_instance(*callee, args, &e.ty, e.span),
            ExprKind::Builtin { builtin, args } => self.builtin(*builtin, args, &e.ty, e.span),
            ExprKind::Bits(of) => {
                let v = self.expr(of);
                let to = e.ty.scalar().unwrap_or(Scalar::I64);
                let value = self.b.value(crate::ir::Op::Bitcast(to), &v.parts);
                Val::one(e.ty.clone(), if to == self.scalar_of(&v) { v.value() } else { value })
            }
            ExprKind::ToPython(of) => {
                let v = self.expr(of);
                let value = match e.ty {
                    Ty::Py(Py::Int) => self.to_index(&v, e.span),
                    Ty::Py(Py::Float) => self.to_float(&v),
                    _ => v.value(),
                };
                Val::one(e.ty.clone(), value)
            }
            ExprKind::Descriptor { array, what } => self.descriptor(array, *what, &e.ty),
            ExprKind::Permuted { array, axes } => self.permuted(array, axes, &e.ty),
        }
    }

    pub(super) fn scalar_of(&self, v: &Val) -> Scalar {
        self.b.ty(v.value()).as_scalar().unwrap_or(Scalar::I64)
    }

    /// The truth of an expression, without making its value where that is not needed.
    pub(super) fn condition(&mut self, e: &Expr) -> ValueId {
        match &e.kind {
            ExprKind::BoolOp { op, values } => self.all_or_any(*op, values),
            ExprKind::Unary { op: UnaryOp::Not, operand } => {
                let c = self.condition(operand);
                self.b.unary(IrUnary::Not, c)
            }
            ExprKind::Literal(l) => self.b.bool(l.truth()),
            _ => {
                let v = self.expr(e);
                self.truth(&v)
            }
        }
    }

    /// `a and b and c` where its truth alone is asked for.
    fn all_or_any(&mut self, op: BoolOp, values: &[Expr]) -> ValueId {
        let first = self.condition(&values[0]);
        if values.len() == 1 {
            return first;
        }
        self.short_circuit(op, first, &mut |l| l.all_or_any(op, &values[1..]))
    }

    /// `first` where it decides, else what `rest` gives.
    pub(super) fn short_circuit(
        &mut self,
        op: BoolOp,
        first: ValueId,
        rest: &mut dyn FnMut(&mut Self) -> ValueId,
    ) -> ValueId {
        let (inst, then, otherwise) = self.b.if_(first, &[Type::BOOL]);
        let (goes_on, decided) = if op == BoolOp::And { (then, otherwise) } else { (otherwise, then) };
        let outer = self.b.enter(goes_on);
        let v = rest(self);
        self.b.yield_(&[v]);
        self.b.enter(decided);
        let c = self.b.bool(op == BoolOp::Or);
        self.b.yield_(&[c]);
        self.b.enter(outer);
        self.b.results(inst)[0]
    }

    /// A value by a condition: `f(true)` or `f(false)`, each in a region of its own.
    pub(super) fn choose(&mut self, test: ValueId, ty: &Ty, f: &mut dyn FnMut(&mut Self, bool) -> Val) -> Val {
        let (inst, then, otherwise) = self.b.if_(test, &part_types(ty));
        let outer = self.b.region();
        for (region, first) in [(then, true), (otherwise, false)] {
            self.b.enter(region);
            let v = f(self, first);
            if !self.b.is_closed() {
                self.b.yield_(&v.parts);
            }
        }
        self.b.enter(outer);
        Val { ty: ty.clone(), parts: self.b.results(inst).into() }
    }

    /// `a and b`: the first value that decides, in the type of both.
    fn bool_op(&mut self, op: BoolOp, values: &[Expr], ty: &Ty, span: Span) -> Val {
        if *ty == Ty::BOOL {
            let v = self.all_or_any(op, values);
            return Val::one(Ty::BOOL, v);
        }
        let first = self.expr(&values[0]);
        if values.len() == 1 {
            return self.coerce(first, ty, span);
        }
        let truth = self.truth(&first);
        self.choose(truth, ty, &mut |l, is_true| {
            if is_true == (op == BoolOp::And) {
                l.bool_op(op, &values[1..], ty, span)
            } else {
                l.coerce(first.clone(), ty, span)
            }
        })
    }

    /// The first items of a tuple, or all.
    pub(super) fn unpack(&mut self, v: &Val, count: usize, span: Span) -> Vec<Val> {
        match &v.ty {
            Ty::Tuple(types) => {
                let mut at = 0;
                let mut items = Vec::with_capacity(count);
                for ty in types.iter().take(count) {
                    let n = part_types(ty).len();
                    items.push(Val { ty: ty.clone(), parts: v.parts[at..at + n].into() });
                    at += n;
                }
                items
            }
            Ty::Table(id) => {
                let inference = self.cx.inference;
                let literals: Vec<Literal> = inference.tables[*id].items.iter().take(count).cloned().collect();
                literals.iter().map(|l| self.literal(l, span)).collect()
            }
            _ => vec![v.clone(); count],
        }
    }

    fn builtin(&mut self, builtin: Builtin, args: &[Expr], ty: &Ty, span: Span) -> Val {
        match builtin {
            Builtin::Python(f) => self.python_call(f, args, ty, span),
            Builtin::Math(f) => {
                let args: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
                self.math_call(f, &args, span)
            }
            Builtin::Numpy(f) => {
                if f == NumpyFn::Construct(Scalar::U64)
                    && let Some(v) = self.unsigned_item(&args[0])
                {
                    return Val::np(Scalar::U64, v);
                }
                let values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
                self.numpy_call(f, &values, ty, span)
            }
            Builtin::Memory(_) => self.array_over(args, ty, span),
            // Inference has put what they mean in their place.
            Builtin::Cython(_) => Val::none(),
            Builtin::Creation(f) => self.create(f, args, ty, span),
            Builtin::Reduction(f) => self.reduction(f, args, ty, span),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, ty: &Ty, span: Span) -> Val {
        if op == UnaryOp::Not {
            let c = self.condition(operand);
            let v = self.b.unary(IrUnary::Not, c);
            return Val::one(Ty::BOOL, v);
        }
        let v = self.expr(operand);
        if is_array(&v) {
            return self.elementwise_unary(op, &v, span);
        }
        self.by_kind(&[v], ty, span, &mut |l, v| l.simple_unary(op, &v[0], span))
    }

    pub(super) fn simple_unary(&mut self, op: UnaryOp, v: &Val, span: Span) -> Val {
        match (&v.ty, op) {
            (Ty::Py(Py::Float), UnaryOp::Neg) => {
                let r = self.b.unary(IrUnary::Neg, v.value());
                Val::one(Ty::FLOAT, r)
            }
            (Ty::Py(Py::Bool | Py::Int), _) => {
                let i = self.b.convert(Scalar::I64, v.value());
                let r = match op {
                    UnaryOp::Neg => self.checked(crate::ir::op::CheckedOp::Neg, &[i], span),
                    UnaryOp::Invert => self.b.unary(IrUnary::Not, i),
                    UnaryOp::Pos | UnaryOp::Not => i,
                };
                Val::one(Ty::INT, r)
            }
            (Ty::Np(s), UnaryOp::Neg) => {
                let r = self.b.unary(IrUnary::Neg, v.value());
                Val::np(*s, r)
            }
            (Ty::Np(s), UnaryOp::Invert) => {
                let r = self.b.unary(IrUnary::Not, v.value());
                Val::np(*s, r)
            }
            _ => v.clone(),
        }
    }

    /// Both conditions.
    pub(super) fn both(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.b.binary(BinaryOp::And, a, b)
    }

    /// Either condition.
    pub(super) fn any_of(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.b.binary(BinaryOp::Or, a, b)
    }

    pub(super) fn not(&mut self, a: ValueId) -> ValueId {
        self.b.unary(IrUnary::Not, a)
    }
}
