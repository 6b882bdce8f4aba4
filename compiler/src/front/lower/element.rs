//! Memory: elements of pointers, views and constant tables.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::syntax::BinaryOp;
use crate::front::tast::{Expr, ExprKind, Py, TableId, Ty};
use crate::ir::op::{Access, BinaryOp as IrBinary, CompareOp, Op};
use crate::ir::{AliasClass, ValueId};
use crate::types::{Pointee, Scalar};

/// An element whose index has been checked.
#[derive(Clone, Debug)]
pub(super) struct Place {
    base: ValueId,
    index: ValueId,
    element: Element,
}

#[derive(Clone, Debug)]
enum Element {
    /// Of a raw pointer: a Python scalar.
    Raw(Scalar),
    /// Of a view: a NumPy scalar.
    View(Scalar),
    /// A pointer in memory.
    Pointer(Ty),
}

const OUT_OF_BOUNDS: &str = "index {0} is out of bounds for axis 0 with size {1}";

impl Lower<'_, '_, '_> {
    /// `base[index]`, once the index is checked.
    pub(super) fn place(&mut self, base: &Val, index: &Val, span: Span) -> Place {
        let i = self.to_index(index, span);
        let element = match &base.ty {
            Ty::View { dtype, .. } => Element::View(*dtype),
            Ty::Ptr { ptr, .. } => match &ptr.pointee {
                Pointee::Scalar(s) => Element::Raw(*s),
                Pointee::Ptr(inner) => Element::Pointer(Ty::Ptr { ptr: (**inner).clone(), bounded: false }),
                Pointee::Void => Element::Raw(Scalar::U8),
            },
            _ => Element::Raw(Scalar::U8),
        };
        let index = match base.ty {
            Ty::View { .. } => self.bounded_index(i, base.parts[1], self.options.wraparound, span),
            // A negative index of a raw pointer is no index from the end.
            Ty::Ptr { bounded: true, .. } => self.bounded_index(i, base.parts[1], false, span),
            _ => i,
        };
        Place { base: base.value(), index, element }
    }

    fn bounded_index(&mut self, i: ValueId, len: ValueId, wraps: bool, span: Span) -> ValueId {
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
            self.check(ok, Exception::IndexError, OUT_OF_BOUNDS, span, &[i, len]);
        }
        position
    }

    pub(super) fn load_element(&mut self, place: &Place, span: Span) -> Val {
        match &place.element {
            Element::View(s) => {
                let v = self.b.load(Access::dense(*s, AliasClass::ANY), place.base, place.index);
                Val::np(*s, v)
            }
            Element::Raw(s) => {
                let v = self.b.load(Access::dense(*s, AliasClass::ANY), place.base, place.index);
                self.python_value(v, *s, span)
            }
            Element::Pointer(ty) => {
                let access = Access::dense(self.cx.address, AliasClass::ANY);
                let bits = self.b.load(access, place.base, place.index);
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
        let s = match place.element {
            Element::Raw(s) | Element::View(s) => s,
            Element::Pointer(_) => return,
        };
        let v = self.storable(value, s, span);
        self.b.store(Access::dense(s, AliasClass::ANY), place.base, place.index, v);
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
        (base, index): (&Expr, &Expr),
        op: BinaryOp,
        value: &Expr,
        result: &Ty,
        span: Span,
    ) {
        let base = self.expr(base);
        let index = self.expr(index);
        let place = self.place(&base, &index, span);
        let item = self.load_element(&place, span);
        let value = self.operand(value, &item.ty);
        let v = self.operator(op, item, value, result, span);
        self.store_element(&place, &v, span);
    }

    /// `carray(p, n)`: the address and the length.
    pub(super) fn view(&mut self, args: &[Expr], ty: &Ty, span: Span) -> Val {
        let pointer = self.expr(&args[0]);
        let length = self.expr(&args[1]);
        let n = self.to_index(&length, args[1].span);
        if self.known_range(n).is_none_or(|(low, _)| low < 0) {
            let zero = self.b.i64(0);
            let ok = self.b.compare(CompareOp::Ge, n, zero);
            self.check(ok, Exception::ValueError, "negative dimensions are not allowed", span, &[]);
        }
        Val { ty: ty.clone(), parts: [pointer.value(), n].into_iter().collect() }
    }

    /// An element of a constant tuple by a value.
    pub(super) fn table_item(&mut self, id: TableId, index: &Expr, ty: &Ty, span: Span) -> Val {
        let (v, element) = self.table_load(id, index, span);
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
        Some(self.table_load(*table, index, e.span).0)
    }

    fn table_load(&mut self, id: TableId, index: &Expr, span: Span) -> (ValueId, Scalar) {
        let index = self.expr(index);
        let i = self.to_index(&index, span);
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
