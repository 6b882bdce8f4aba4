//! Arrays: what an index makes of one, what may be stored into it, and its attributes.

use super::Body;
use super::expr::{faulty, literal, tuple};
use super::stmt::literal_of;
use super::unsupported::indefinite;
use crate::diag::{Code, Diagnostic, Span};
use crate::front::syntax::{Expr, ExprKind, Ident};
use crate::front::tast::{self, Axis, Descriptor, Index, Known, Literal, Py, Ty};
use crate::ir::op::AxisSpec;
use crate::ir::typing::{permuted_type, view_type};
use crate::types::{ArrayType, Scalar};

/// Attributes that arrays have.
const ATTRIBUTES: &str = "arrays have `shape`, `ndim`, `size`, `dtype`, `strides`, `itemsize`, `nbytes` and `T`";

impl Body<'_, '_> {
    /// What stands in the brackets behind an array, and the type of what it picks: an element or a view.
    pub(super) fn axes(&mut self, array: ArrayType, index: &Expr, span: Span) -> Option<(Index, Ty)> {
        let mut axes = Vec::new();
        let mut ellipsis = None;
        match &index.kind {
            ExprKind::Tuple(items) => {
                for item in items {
                    self.axis(item, &mut axes, &mut ellipsis)?;
                }
            }
            ExprKind::Slice { .. } | ExprKind::Ellipsis => self.axis(index, &mut axes, &mut ellipsis)?,
            _ => {
                for item in self.spread(index)? {
                    axes.push(self.position(item)?);
                }
            }
        }
        self.complete(array, axes, ellipsis, span)
    }

    /// The indices that a value stands for: its items if it is a tuple, else itself.
    fn spread(&mut self, index: &Expr) -> Option<Vec<tast::Expr>> {
        let value = self.expr(index);
        match (&value.ty, &value.kind) {
            (Ty::Table(id), _) => {
                let items = self.cx.tables[*id].items.clone();
                Some(items.iter().map(|l| literal(l.clone(), index.span)).collect())
            }
            (Ty::Tuple(items), tast::ExprKind::Variable(_)) => Some(super::index::items(&value, items)),
            (Ty::Tuple(_), _) => {
                let message = "an index that is a tuple must stand in the brackets, or be a variable";
                let help = "assign the tuple to a variable first";
                self.fault(Diagnostic::error(Code::UnsupportedSyntax, index.span, message).help(help));
                None
            }
            _ => Some(vec![value]),
        }
    }

    fn axis(&mut self, item: &Expr, axes: &mut Vec<Axis>, ellipsis: &mut Option<usize>) -> Option<()> {
        match &item.kind {
            ExprKind::Ellipsis if ellipsis.is_some() => {
                let message = "an index has at most one `...`";
                self.fault(Diagnostic::error(Code::NotIndexable, item.span, message).help("write `:` for an axis"));
                return None;
            }
            ExprKind::Ellipsis => *ellipsis = Some(axes.len()),
            ExprKind::Slice { lower, upper, step } => {
                let mut bound = |e: &Option<Box<Expr>>| match e {
                    None => Some(None),
                    Some(e) => self.slice_bound(e),
                };
                let bounds = [bound(lower)?, bound(upper)?, bound(step)?];
                if bounds[2].as_ref().and_then(literal_of).and_then(Literal::as_int) == Some(0) {
                    let message = "slice step cannot be zero";
                    self.fault(Diagnostic::error(Code::TypeMismatch, item.span, message));
                    return None;
                }
                let all = bounds.iter().all(Option::is_none);
                axes.push(if all { Axis::Keep } else { Axis::Slice(Box::new(bounds)) });
            }
            _ => {
                let value = self.expr(item);
                axes.push(self.position(value)?);
            }
        }
        Some(())
    }

    /// A bound of a slice; `None` as it is written in Python is no bound.
    fn slice_bound(&mut self, e: &Expr) -> Option<Option<tast::Expr>> {
        let value = self.expr(e);
        if value.ty == Ty::None {
            return Some(None);
        }
        self.check_index(&value, "the bounds of a slice are integers")?;
        Some(Some(value))
    }

    /// An index that is no slice.
    fn position(&mut self, value: tast::Expr) -> Option<Axis> {
        match &value.ty {
            Ty::None => return Some(Axis::New),
            Ty::Py(Py::Bool) | Ty::Np(Scalar::Bool) | Ty::Either(_, Scalar::Bool) => {
                let message = "a bool as an index is a mask, which kernels do not have";
                let help = "write `int(flag)` for element 0 or 1, or an `if`";
                self.fault(Diagnostic::error(Code::NotIndexable, value.span, message).help(help));
                return None;
            }
            Ty::Array(array) if array.rank > 0 => {
                let message = "an array as an index is not part of the kernel language yet";
                let help = "write a loop over the indices, or over the elements that are wanted";
                self.fault(Diagnostic::error(Code::NotIndexable, value.span, message).help(help));
                return None;
            }
            _ => {}
        }
        self.check_index(&value, "an index of an array is an integer, a slice, `...` or `None`")?;
        Some(Axis::At(value))
    }

    /// Adds what is left out, and finds the type of what is picked.
    fn complete(
        &mut self,
        array: ArrayType,
        mut axes: Vec<Axis>,
        ellipsis: Option<usize>,
        span: Span,
    ) -> Option<(Index, Ty)> {
        let given = axes.iter().filter(|a| !matches!(a, Axis::New)).count();
        let Some(missing) = usize::from(array.rank).checked_sub(given) else {
            let message =
                format!("too many indices for array: array is {}-dimensional, but {given} were indexed", array.rank);
            self.fault(Diagnostic::error(Code::NotIndexable, span, message));
            return None;
        };
        let at = ellipsis.unwrap_or(axes.len());
        axes.splice(at..at, std::iter::repeat_n(Axis::Keep, missing));
        let element = ellipsis.is_none() && axes.iter().all(|a| matches!(a, Axis::At(_)));
        if element {
            return Some((Index::Axes(axes), Ty::Np(array.dtype)));
        }
        match view_type(array.into(), &axis_specs(&axes)) {
            Ok(view) => Some((Index::Axes(axes), Ty::Array(view.into()))),
            Err(_) => {
                let message = "this index makes an array of too many axes";
                self.fault(Diagnostic::error(Code::LimitExceeded, span, message));
                None
            }
        }
    }

    /// Checks that a value of type `ty` can be stored where an index of an array leads.
    pub(super) fn check_array_store(&mut self, array: ArrayType, item: &Ty, value: &Ty, span: Span) -> Option<()> {
        if !array.writable {
            let message = "assignment destination is read-only";
            let help = "pass an array that can be written, or copy it first: `a = a.copy()`";
            self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
            return None;
        }
        match (item, value) {
            _ if value.is_vague() => None,
            (_, value) if value.is_number() => Some(()),
            (Ty::Array(_), Ty::Array(_)) => Some(()),
            (_, Ty::Array(source)) if source.rank == 0 => Some(()),
            (_, Ty::Array(_)) => {
                let message = "setting an array element with a sequence";
                let help = "assign to a slice, or take one element of the array";
                self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help(help));
                None
            }
            (_, other) => {
                let message = format!("{} cannot be stored as {}", indefinite(other), array.dtype.dtype_name());
                self.fault(Diagnostic::error(Code::TypeMismatch, span, message).help("store numbers or arrays"));
                None
            }
        }
    }

    /// `a.shape` and alike; `None` if arrays have no such attribute.
    pub(super) fn array_attribute(
        &mut self,
        of: tast::Expr,
        array: ArrayType,
        name: &Ident,
        span: Span,
    ) -> Option<tast::Expr> {
        let describe = |what: Descriptor, ty: Ty| {
            let kind = tast::ExprKind::Descriptor { array: Box::new(of.clone()), what };
            tast::Expr { kind, ty, span }
        };
        let each_axis = || Ty::Tuple(vec![Ty::INT; array.rank.into()].into());
        Some(match name.text.as_str() {
            "shape" if array.rank == 0 => tuple(Vec::new(), span),
            "shape" => describe(Descriptor::Shape, each_axis()),
            "strides" if array.rank == 0 => tuple(Vec::new(), span),
            "strides" => describe(Descriptor::Strides, each_axis()),
            "size" => describe(Descriptor::Size, Ty::INT),
            "nbytes" => describe(Descriptor::Bytes, Ty::INT),
            "ndim" => literal(Literal::Int(array.rank.into()), span),
            "itemsize" => literal(Literal::Int(array.dtype.bytes().into()), span),
            "dtype" => {
                let ty = Ty::Known(Known::Dtype(array.dtype));
                tast::Expr { kind: tast::ExprKind::Known, ty, span }
            }
            "T" => self.permuted(of, array, (0..array.rank).rev().collect(), span),
            _ => return None,
        })
    }

    /// The array with its axes in another order, each of which is there once.
    pub(super) fn permuted(&mut self, of: tast::Expr, array: ArrayType, axes: Vec<u8>, span: Span) -> tast::Expr {
        match permuted_type(array.into(), &axes) {
            Ok(ty) => {
                let kind = tast::ExprKind::Permuted { array: Box::new(of), axes };
                tast::Expr { kind, ty: Ty::Array(ty.into()), span }
            }
            Err(_) => faulty(span),
        }
    }

    pub(super) fn no_array_attribute(&mut self, array: ArrayType, name: &Ident) {
        let message = format!("{} has no attribute `{}` in kernels", indefinite(&Ty::Array(array)), name.text);
        self.fault(Diagnostic::error(Code::UnknownAttribute, name.span, message).help(ATTRIBUTES));
    }
}

/// What the IR calls these axes.
pub fn axis_specs(axes: &[Axis]) -> Vec<AxisSpec> {
    let spec = |axis: &Axis| match axis {
        Axis::At(_) => AxisSpec::Index,
        Axis::Slice(_) => AxisSpec::Slice,
        Axis::Keep => AxisSpec::Keep,
        Axis::New => AxisSpec::NewAxis,
    };
    axes.iter().map(spec).collect()
}
