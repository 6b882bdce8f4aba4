//! Indexing: pointers, one-dimensional views, tuples and constant tables.

use super::Body;
use super::expr::{faulty, literal};
use super::stmt::literal_of;
use super::unsupported::indefinite;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::syntax::{Expr, ExprKind, Ident};
use crate::front::tast::{self, Literal, Py, Ty};
use crate::types::{Pointee, Scalar};

impl Body<'_, '_> {
    pub(super) fn subscript(&mut self, value: &Expr, index: &Expr, span: Span) -> tast::Expr {
        let base = self.expr(value);
        if let Ty::View { .. } | Ty::Ptr { .. } = base.ty
            && let ExprKind::Tuple(items) = &index.kind
        {
            let message = format!("{} has one axis, got {} indices", indefinite(&base.ty), items.len());
            let help = "compute the position: `p[i * n + j]`";
            self.fault(Diagnostic::error(Code::NotIndexable, index.span, message).help(help));
            return faulty(span);
        }
        let index = self.expr(index);
        if base.ty.is_vague() || index.ty.is_vague() {
            let ty = if base.ty == Ty::Unknown { Ty::Unknown } else { Ty::Error };
            return tast::Expr { kind: tast::ExprKind::Known, ty, span };
        }
        match &base.ty {
            Ty::Tuple(items) => {
                let items = items.clone();
                self.tuple_item(base, &items, &index, span)
            }
            Ty::Table(id) => self.table_item(*id, index, span),
            _ => match self.element_type(&base, &index, span) {
                Some(ty) => {
                    let kind = tast::ExprKind::Element { base: Box::new(base), index: Box::new(index) };
                    tast::Expr { kind, ty, span }
                }
                None => faulty(span),
            },
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

    /// The type of `base[index]` for memory.
    pub(super) fn element_type(&mut self, base: &tast::Expr, index: &tast::Expr, span: Span) -> Option<Ty> {
        if base.ty.is_vague() || index.ty.is_vague() {
            return None;
        }
        let ty = match &base.ty {
            Ty::View { dtype, .. } => Ty::Np(*dtype),
            Ty::Ptr { ptr, .. } => match &ptr.pointee {
                Pointee::Scalar(s) => Ty::Py(Py::of(*s)),
                Pointee::Ptr(inner) => Ty::Ptr { ptr: (**inner).clone(), bounded: false },
                Pointee::Void => {
                    let message = "a `void *` has no elements";
                    let help = "say what it points to: `carray(p, n, gelcap.float64)[i]`";
                    self.fault(Diagnostic::error(Code::NotIndexable, span, message).help(help));
                    return None;
                }
            },
            other => {
                let message = format!("{} cannot be indexed", indefinite(other));
                self.fault(Diagnostic::error(Code::NotIndexable, span, message).help("index pointers and tuples"));
                return None;
            }
        };
        self.check_index(index, "an index must be an integer")?;
        Some(ty)
    }

    /// Checks that a value of type `ty` can be stored into `base[index]`.
    pub(super) fn check_store(&mut self, base: &tast::Expr, index: &tast::Expr, ty: &Ty, span: Span) -> Option<()> {
        if let Ty::Tuple(_) | Ty::Table(_) = base.ty {
            let message = "a tuple cannot be changed";
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("make a new tuple"));
            return None;
        }
        self.element_type(base, index, span)?;
        if ty.is_vague() {
            return None;
        }
        let (dtype, writable, pointer) = match &base.ty {
            Ty::View { dtype, writable } => (*dtype, *writable, false),
            Ty::Ptr { ptr, .. } => match &ptr.pointee {
                Pointee::Scalar(s) => (*s, ptr.writable, true),
                Pointee::Void | Pointee::Ptr(_) => {
                    let message = "pointers in memory can be read, not written";
                    let help = "store numbers through the pointers";
                    self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
                    return None;
                }
            },
            _ => return None,
        };
        if !writable {
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
        if pointer && !dtype.is_float() && !ty.is_index() && *ty != Ty::Np(Scalar::Bool) {
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

    /// `a.shape`, `a.size`, `a.ndim` of a view.
    pub(super) fn view_attribute(&mut self, of: tast::Expr, name: &Ident, span: Span) -> tast::Expr {
        if name.text == "ndim" {
            return literal(Literal::Int(1), span);
        }
        let length = tast::Expr { kind: tast::ExprKind::Length(Box::new(of)), ty: Ty::INT, span };
        if name.text == "size" { length } else { super::expr::tuple(vec![length], span) }
    }
}

/// A Python index as a position.
fn position(index: i128, len: usize) -> Option<usize> {
    let i = if index < 0 { index + len as i128 } else { index };
    usize::try_from(i).ok().filter(|i| *i < len)
}
