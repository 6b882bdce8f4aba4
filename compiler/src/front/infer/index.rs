//! Indexing: pointers, tuples and constant tables; arrays in [`super::array`].

use super::Body;
use super::expr::{faulty, literal};
use super::stmt::literal_of;
use super::unsupported::indefinite;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::syntax::{Expr, ExprKind};
use crate::front::tast::{self, Index, Literal, Py, Ty};
use crate::types::{Pointee, Scalar};

/// An index of memory: what stands in the brackets, and the type of what it picks.
type Picked = (Index, Ty);

impl Body<'_, '_> {
    pub(super) fn subscript(&mut self, value: &Expr, index: &Expr, span: Span) -> tast::Expr {
        let base = self.expr(value);
        if base.ty.is_vague() || matches!(base.ty, Ty::Ptr { .. } | Ty::Array(_)) {
            return match self.picked(&base, index, span) {
                Some((index, ty)) => {
                    let kind = tast::ExprKind::Element { base: Box::new(base), index };
                    tast::Expr { kind, ty, span }
                }
                None if base.ty == Ty::Unknown => tast::Expr { kind: tast::ExprKind::Known, ty: Ty::Unknown, span },
                None => faulty(span),
            };
        }
        if let ExprKind::Slice { .. } = index.kind
            && let Ty::Tuple(_) | Ty::Table(_) = base.ty
        {
            let message = "slices of tuples are not part of the kernel language";
            self.fault(Diagnostic::error(Code::NotIndexable, index.span, message).help("write the items one by one"));
            return faulty(span);
        }
        let index = self.expr(index);
        match &base.ty {
            _ if index.ty.is_vague() => faulty(span),
            Ty::Tuple(items) => {
                let items = items.clone();
                self.tuple_item(base, &items, &index, span)
            }
            Ty::Table(id) => self.table_item(*id, index, span),
            other => {
                let message = format!("{} cannot be indexed", indefinite(other));
                let help = "index arrays, pointers and tuples";
                self.fault(Diagnostic::error(Code::NotIndexable, span, message).help(help));
                faulty(span)
            }
        }
    }

    /// What `base[index]` is, for memory.
    pub(super) fn picked(&mut self, base: &tast::Expr, index: &Expr, span: Span) -> Option<Picked> {
        match &base.ty {
            Ty::Array(array) => self.axes(*array, index, span),
            Ty::Ptr { ptr, .. } => {
                if let ExprKind::Tuple(items) = &index.kind {
                    let message = format!("{} has one axis, got {} indices", indefinite(&base.ty), items.len());
                    let help = "compute the position: `p[i * n + j]`";
                    self.fault(Diagnostic::error(Code::NotIndexable, index.span, message).help(help));
                    return None;
                }
                if let ExprKind::Slice { .. } = index.kind {
                    let message = "a pointer has no length that a slice could end at";
                    let help = "make an array of it: `carray(p, n)[i:j]`";
                    self.fault(Diagnostic::error(Code::NotIndexable, index.span, message).help(help));
                    return None;
                }
                let index = self.expr(index);
                self.check_index(&index, "an index must be an integer")?;
                let ty = match &ptr.pointee {
                    Pointee::Scalar(s) => Ty::Py(Py::of(*s)),
                    Pointee::Ptr(inner) => Ty::Ptr { ptr: (**inner).clone(), bounded: false },
                    Pointee::Void => {
                        let message = "a `void *` has no elements";
                        let help = "say what it points to: `carray(p, n, gelcap.float64)[i]`";
                        self.fault(Diagnostic::error(Code::NotIndexable, span, message).help(help));
                        return None;
                    }
                };
                Some((Index::Pointer(Box::new(index)), ty))
            }
            Ty::Tuple(_) | Ty::Table(_) => {
                let message = "a tuple cannot be changed";
                self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("make a new tuple"));
                None
            }
            ty if ty.is_vague() => {
                if !matches!(index.kind, ExprKind::Slice { .. } | ExprKind::Ellipsis | ExprKind::Tuple(_)) {
                    self.expr(index);
                }
                None
            }
            other => {
                let message = format!("{} cannot be indexed", indefinite(other));
                let help = "index arrays, pointers and tuples";
                self.fault(Diagnostic::error(Code::NotIndexable, span, message).help(help));
                None
            }
        }
    }

    fn tuple_item(&mut self, base: tast::Expr, items: &[Ty], index: &tast::Expr, span: Span) -> tast::Expr {
        if self.check_index(index, "a tuple is indexed by an integer").is_none() {
            return faulty(span);
        }
        let Some(i) = literal_of(index).and_then(Literal::as_int) else {
            let message = "the index of a tuple must be a constant";
            let help = "its items may differ in type; a module-level tuple of constants of one type can be indexed by any integer";
            self.fault(Diagnostic::error(Code::ConstantNeeded, index.span, message).help(help));
            return faulty(span);
        };
        match position(i, items.len()) {
            Some(index) => {
                let ty = items[index].clone();
                tast::Expr { kind: tast::ExprKind::Item { tuple: Box::new(base), index }, ty, span }
            }
            None => self.outside(i, items.len(), span),
        }
    }

    fn outside(&mut self, index: i128, len: usize, span: Span) -> tast::Expr {
        let message = format!("index {index} is outside of a tuple of {len}");
        self.fault(Diagnostic::error(Code::TypeMismatch, span, message));
        faulty(span)
    }

    fn table_item(&mut self, id: tast::TableId, index: tast::Expr, span: Span) -> tast::Expr {
        if self.check_index(&index, "a tuple is indexed by an integer").is_none() {
            return faulty(span);
        }
        let table = &self.cx.tables[id];
        if let Some(i) = literal_of(&index).and_then(Literal::as_int) {
            return match position(i, table.items.len()) {
                Some(k) => literal(table.items[k].clone(), span),
                None => self.outside(i, table.items.len(), span),
            };
        }
        if table.storage().is_none() {
            let message = "the tuple holds integers that no 64-bit type holds all of";
            self.fault(Diagnostic::error(Code::IntegerTooLarge, span, message).help("split the items into two tuples"));
            return faulty(span);
        }
        let ty = table.element.clone();
        tast::Expr { kind: tast::ExprKind::TableItem { table: id, index: Box::new(index) }, ty, span }
    }

    /// Checks that a value of type `ty` can be stored into `base[index]`, which is an `item`.
    pub(super) fn check_store(&mut self, base: &tast::Expr, item: &Ty, ty: &Ty, span: Span) -> Option<()> {
        let ptr = match &base.ty {
            Ty::Array(array) => return self.check_array_store(*array, item, ty, span),
            Ty::Ptr { ptr, .. } => ptr,
            _ => return None,
        };
        if ty.is_vague() {
            return None;
        }
        let dtype = match &ptr.pointee {
            Pointee::Scalar(s) => *s,
            Pointee::Void | Pointee::Ptr(_) => {
                let message = "pointers in memory can be read, not written";
                let help = "store numbers through the pointers";
                self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
                return None;
            }
        };
        if !ptr.writable {
            let message = format!("{} cannot be written through: it is const", indefinite(&base.ty));
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("drop `const` from the signature"));
            return None;
        }
        if !ty.is_number() {
            let message = format!("{} cannot be stored as {}", indefinite(ty), dtype.dtype_name());
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("store a number"));
            return None;
        }
        // ctypes refuses floats for integer elements; NumPy's arrays cut them.
        if !dtype.is_float() && !ty.is_index() && *ty != Ty::Np(Scalar::Bool) {
            let message = format!("{} cannot be stored through {}", indefinite(ty), indefinite(&base.ty));
            let help = "convert it: `int(x)` cuts, `round(x)` rounds";
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
            return None;
        }
        Some(())
    }

    /// Checks that a value may serve as an index or count.
    pub(super) fn check_index(&mut self, index: &tast::Expr, what: &str) -> Option<()> {
        if index.ty.is_vague() {
            return None;
        }
        let in_range = literal_of(index).and_then(Literal::as_int).is_none_or(|i| i64::try_from(i).is_ok());
        if index.ty.is_index() && in_range {
            return Some(());
        }
        let message = format!("{what}, got {}", indefinite(&index.ty));
        let help = "convert it: `int(x)`";
        self.fault(Diagnostic::error(Code::TypeMismatch, index.span, message).help(help));
        None
    }
}

/// The items of a tuple that may be evaluated more than once.
pub(super) fn items(value: &tast::Expr, types: &[Ty]) -> Vec<tast::Expr> {
    let item = |(index, ty): (usize, &Ty)| tast::Expr {
        kind: tast::ExprKind::Item { tuple: Box::new(value.clone()), index },
        ty: ty.clone(),
        span: value.span,
    };
    types.iter().enumerate().map(item).collect()
}

/// A Python index as a position.
fn position(index: i128, len: usize) -> Option<usize> {
    let i = if index < 0 { index + len as i128 } else { index };
    usize::try_from(i).ok().filter(|i| *i < len)
}
