//! Memory: elements of pointers, arrays and constant tables.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Axis, Expr, ExprKind, Index, Py, TableId, Ty};
use crate::ir::op::{Access, ArrayOp, BinaryOp as IrBinary, CompareOp, Op};
use crate::ir::{AliasClass, ValueId};
use crate::types::{Kind, Pointee, Scalar};

/// What an index leads to, once it is checked.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// An element of a raw pointer: a Python scalar.
    Raw { base: ValueId, index: ValueId, element: Scalar },
    /// A pointer in memory.
    Pointer { base: ValueId, index: ValueId, ty: Ty },
    /// An element of an array: a NumPy scalar.
    Item { array: ValueId, indices: Vec<ValueId> },
    /// A part of an array.
    View(Val),
}

/// The operands of an index, evaluated but not checked.
#[derive(Clone, Debug)]
pub(super) enum Operands<'e> {
    Pointer(Val),
    Axes(&'e [Axis], Vec<AxisOperand>),
}

#[derive(Clone, Debug)]
pub(super) enum AxisOperand {
    At(Val, Span),
    Slice([Option<(Val, Span)>; 3]),
    Whole,
}

/// What of an axis is meant, inside its bounds.
#[derive(Clone, Debug)]
pub(super) enum Position {
    At(ValueId),
    Slice {
        start: ValueId,
        step: ValueId,
        count: ValueId,
    },
    /// All of it, or a new axis.
    Whole,
}

impl Lower<'_, '_, '_> {
    /// Evaluates what stands in the brackets, from left to right.
    pub(super) fn operands<'e>(&mut self, index: &'e Index) -> Operands<'e> {
        match index {
            Index::Pointer(i) => Operands::Pointer(self.expr(i)),
            Index::Axes(axes) => {
                let operands = axes.iter().map(|axis| match axis {
                    Axis::At(e) => AxisOperand::At(self.expr(e), e.span),
                    Axis::Slice(bounds) => AxisOperand::Slice(
                        bounds.each_ref().map(|bound| bound.as_ref().map(|e| (self.expr(e), e.span))),
                    ),
                    Axis::Keep | Axis::New => AxisOperand::Whole,
                });
                let operands = operands.collect();
                Operands::Axes(axes, operands)
            }
        }
    }

    /// Where `base[index]` is, which is of type `ty`, once the index is checked.
    pub(super) fn place(&mut self, base: &Val, index: &Operands<'_>, ty: &Ty, span: Span) -> Place {
        match (index, &base.ty) {
            (Operands::Pointer(index), Ty::Ptr { ptr, bounded }) => {
                let mut i = self.to_index(index, span);
                if *bounded {
                    // A negative index of a raw pointer is no index from the end.
                    i = self.bounded_index(i, base.parts[1], 0, false, span);
                }
                let base = base.value();
                match &ptr.pointee {
                    Pointee::Scalar(s) => Place::Raw { base, index: i, element: *s },
                    Pointee::Ptr(inner) => {
                        Place::Pointer { base, index: i, ty: Ty::Ptr { ptr: (**inner).clone(), bounded: false } }
                    }
                    Pointee::Void => Place::Raw { base, index: i, element: Scalar::U8 },
                }
            }
            (Operands::Axes(axes, operands), _) => {
                let positions = self.positions(base.value(), axes, operands, span);
                match ty {
                    Ty::Array(_) => Place::View(self.view(base, axes, &positions, ty)),
                    _ => {
                        let at = |position: &Position| match position {
                            Position::At(i) => Some(*i),
                            Position::Slice { .. } | Position::Whole => None,
                        };
                        Place::Item { array: base.value(), indices: positions.iter().filter_map(at).collect() }
                    }
                }
            }
            (Operands::Pointer(index), _) => {
                Place::Raw { base: base.value(), index: index.value(), element: Scalar::U8 }
            }
        }
    }

    /// Checks an index axis by axis, in the order in which NumPy does.
    fn positions(&mut self, array: ValueId, axes: &[Axis], operands: &[AxisOperand], span: Span) -> Vec<Position> {
        // All become C's integers before the first is compared with an axis.
        let mut indices = Vec::with_capacity(operands.len());
        for operand in operands {
            if let AxisOperand::At(v, at) = operand {
                indices.push(self.element_index(v, *at));
            }
        }
        let mut indices = indices.into_iter();
        let mut axis = 0;
        let mut positions = Vec::with_capacity(operands.len());
        for (spec, operand) in axes.iter().zip(operands) {
            positions.push(match operand {
                AxisOperand::At(..) => {
                    let Some(i) = indices.next() else { continue };
                    let len = self.array_op(ArrayOp::Dim(axis), &[array]);
                    Position::At(self.bounded_index(i, len, axis, self.options.wraparound, span))
                }
                AxisOperand::Slice(bounds) => {
                    let bounds = bounds.each_ref().map(|b| b.as_ref().map(|(v, _)| self.slice_bound(v)));
                    let len = self.array_op(ArrayOp::Dim(axis), &[array]);
                    self.slice(&bounds, len, span)
                }
                AxisOperand::Whole => Position::Whole,
            });
            axis += u8::from(!matches!(spec, Axis::New));
        }
        positions
    }

    pub(super) fn bounded_index(&mut self, i: ValueId, len: ValueId, axis: u8, wraps: bool, span: Span) -> ValueId {
        let mut position = i;
        if wraps && self.known_range(i).is_none_or(|(low, _)| low < 0) {
            let zero = self.b.i64(0);
            let negative = self.b.compare(CompareOp::Lt, i, zero);
            let from_end = self.b.binary(IrBinary::Add, i, len);
            position = self.b.select(negative, from_end, i);
        }
        if self.options.boundscheck {
            let (p, n) = (self.b.convert(Scalar::U64, position), self.b.convert(Scalar::U64, len));
            let ok = self.b.compare(CompareOp::Lt, p, n);
            let message = format!("index {{0}} is out of bounds for axis {axis} with size {{1}}");
            self.check(ok, Exception::IndexError, &message, span, &[i, len]);
        }
        position
    }

    pub(super) fn load_element(&mut self, place: &Place, span: Span) -> Val {
        match place {
            Place::Item { array, indices } => {
                let dtype = self.array_type(*array).dtype;
                let operands: Vec<ValueId> = std::iter::once(*array).chain(indices.iter().copied()).collect();
                let v = self.array_op(ArrayOp::Get, &operands);
                Val::np(dtype, v)
            }
            Place::View(v) => v.clone(),
            Place::Raw { base, index, element } => {
                let v = self.b.load(Access::dense(*element, AliasClass::ANY), *base, *index);
                self.python_value(v, *element, span)
            }
            Place::Pointer { base, index, ty } => {
                let access = Access::dense(self.cx.address, AliasClass::ANY);
                let bits = self.b.load(access, *base, *index);
                let bits = self.b.convert(Scalar::U64, bits);
                let v = self.b.value(Op::IntToPtr, &[bits]);
                Val::one(ty.clone(), v)
            }
        }
    }

    /// A C number as Python's: what ctypes delivers.
    pub(super) fn python_value(&mut self, v: ValueId, s: Scalar, span: Span) -> Val {
        let ty = Ty::Py(Py::of(s));
        let value =
            if s == Scalar::U64 { self.to_index(&Val::np(s, v), span) } else { self.b.convert(Py::of(s).scalar(), v) };
        Val::one(ty, value)
    }

    pub(super) fn store_element(&mut self, place: &Place, value: &Val, span: Span) {
        let value = &self.scalar_value(value);
        match place {
            Place::Item { array, indices } => {
                let dtype = self.array_type(*array).dtype;
                let v = self.storable_in_array(value, dtype, span);
                let operands: Vec<ValueId> =
                    std::iter::once(*array).chain(indices.iter().copied()).chain([v]).collect();
                self.b.effect(Op::Array(ArrayOp::Set), &operands);
            }
            Place::View(view) => self.assign_array(view, value, span),
            Place::Raw { base, index, element } => {
                let v = self.storable(value, *element, span);
                self.b.store(Access::dense(*element, AliasClass::ANY), *base, *index, v);
            }
            Place::Pointer { .. } => {}
        }
    }

    /// The element of an array without axes; other values as they are.
    pub(super) fn scalar_value(&mut self, v: &Val) -> Val {
        match v.ty {
            Ty::Array(array) if array.rank == 0 => {
                let element = self.array_op(ArrayOp::Get, &[v.value()]);
                Val::np(array.dtype, element)
            }
            _ => v.clone(),
        }
    }

    /// A number as an element of an array. NumPy refuses Python's integers that an unsigned dtype does not hold, but casts
    /// NumPy scalars.
    pub(super) fn storable_in_array(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        match &v.ty {
            Ty::Np(t) if s.kind() == Kind::Unsigned && *t != s => self.cast(v.value(), s),
            // Beyond int64 it is no index, and fits all the same.
            Ty::Either(_, Scalar::U64) if s == Scalar::U64 => {
                let stored = self.by_kind(std::slice::from_ref(v), &Ty::Np(s), span, &mut |l, v| {
                    let value = l.storable_in_array(&v[0], s, span);
                    Val::np(s, value)
                });
                stored.value()
            }
            _ => self.storable(v, s, span),
        }
    }

    /// A number as an element: integers are checked against its range, floats stored as integers are cut, as NumPy's
    /// assignment of scalars does and ctypes' where it takes them.
    pub(super) fn storable(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        if s == Scalar::Bool {
            return self.truth(v);
        }
        match &v.ty {
            Ty::Np(t) if *t == s => v.value(),
            _ if s.is_float() => {
                let x = self.to_float(v);
                self.b.convert(s, x)
            }
            Ty::Np(Scalar::U64) if s.is_int() => {
                // Beyond int64 it fits no other integer.
                let i = self.to_index(v, span);
                self.check_range(i, s, span);
                self.b.convert(s, i)
            }
            Ty::Py(Py::Float) if s == Scalar::U64 => self.construct(v, s, span),
            Ty::Np(t) if s == Scalar::U64 && t.is_float() => {
                let x = self.to_float(v);
                self.construct(&Val::one(Ty::FLOAT, x), s, span)
            }
            _ => {
                let i = self.to_int(v, span);
                self.check_range(i, s, span);
                self.b.convert(s, i)
            }
        }
    }

    /// `base[index] op= value`: base and index once, the element read before the value is computed.
    pub(super) fn augment(
        &mut self,
        (base, index): (&Expr, &Index),
        op: BinaryOp,
        value: &Expr,
        (item, result): (&Ty, &Ty),
        span: Span,
    ) {
        let base = self.expr(base);
        let index = self.operands(index);
        let place = self.place(&base, &index, item, span);
        let item = self.load_element(&place, span);
        let value = self.operand(value, &item.ty);
        let v = self.operator(op, item, value, result, span);
        self.store_element(&place, &v, span);
    }

    /// An element of a constant tuple by a value.
    pub(super) fn table_item(&mut self, id: TableId, index: &Expr, ty: &Ty, span: Span) -> Val {
        let index = self.expr(index);
        let i = self.to_index(&index, span);
        self.table_value(id, i, ty, span)
    }

    /// An element of a constant tuple by its position.
    pub(super) fn table_at(&mut self, id: TableId, i: ValueId, span: Span) -> Val {
        let ty = self.cx.inference.tables[id].element.clone();
        self.table_value(id, i, &ty, span)
    }

    fn table_value(&mut self, id: TableId, i: ValueId, ty: &Ty, span: Span) -> Val {
        let (v, element) = self.table_load(id, i, span);
        if element == Scalar::U64 && *ty == Ty::INT {
            let v = self.to_index(&Val::np(element, v), span);
            return Val::one(Ty::INT, v);
        }
        Val::one(ty.clone(), v)
    }

    /// `np.uint64(TABLE[i])`: the items as they are stored, where no Python integer could hold them.
    pub(super) fn unsigned_item(&mut self, e: &Expr) -> Option<ValueId> {
        let ExprKind::TableItem { table, index } = &e.kind else { return None };
        let inference = self.cx.inference;
        if e.ty != Ty::INT || inference.tables[*table].storage() != Some(Scalar::U64) {
            return None;
        }
        let index = self.expr(index);
        let i = self.to_index(&index, e.span);
        Some(self.table_load(*table, i, e.span).0)
    }

    fn table_load(&mut self, id: TableId, i: ValueId, span: Span) -> (ValueId, Scalar) {
        let data = self.cx.table(self.b.module, id);
        let (len, element) = {
            let table = &self.b.module.data[data];
            (table.bits.len() as i64, table.element)
        };
        let range = self.known_range(i);
        let mut position = i;
        let len_value = self.b.i64(len);
        if range.is_none_or(|(low, _)| low < 0) {
            let zero = self.b.i64(0);
            let negative = self.b.compare(CompareOp::Lt, i, zero);
            let from_end = self.b.binary(IrBinary::Add, i, len_value);
            position = self.b.select(negative, from_end, i);
        }
        // This check stays whatever the options: a table's extent is known, and reading past it helps nobody.
        if range.is_none_or(|(low, high)| low < 0 || high >= i128::from(len)) {
            let (p, n) = (self.b.convert(Scalar::U64, position), self.b.convert(Scalar::U64, len_value));
            let ok = self.b.compare(CompareOp::Lt, p, n);
            self.check(ok, Exception::IndexError, "tuple index out of range", span, &[]);
        }
        let base = self.b.value(Op::DataAddr(data), &[]);
        (self.b.load(Access::dense(element, AliasClass::TABLE), base, position), element)
    }
}
