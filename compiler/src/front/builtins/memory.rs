//! Arrays over memory behind pointers: `carray`, `farray` and `as_array`.

use super::{Builtin, MemoryFn, Typed, refuse};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::infer::dtype_of;
use crate::front::tast::{Expr, ExprKind, Ty};
use crate::types::array::MAX_RANK;
use crate::types::{ArrayType, Layout, Pointee};

pub const TABLE: &[(&str, Builtin)] = &[
    ("carray", Builtin::Memory(MemoryFn::Carray)),
    ("farray", Builtin::Memory(MemoryFn::Farray)),
    ("as_array", Builtin::Memory(MemoryFn::AsArray)),
];

/// Types `carray(p, shape, dtype)`; what is left of the arguments is the pointer and the extents of the axes.
pub fn call(f: MemoryFn, mut args: Vec<Expr>, span: Span) -> Typed {
    let builtin = Builtin::Memory(f);
    let named = args.get(2).map(|dtype| (dtype_of(&dtype.ty), dtype.span, dtype.ty == Ty::None));
    args.truncate(2);
    let Ty::Ptr { ptr, .. } = &args[0].ty else {
        let message = format!("`{}` takes a pointer, got {}", builtin.name(), args[0].ty);
        return refuse(
            Code::TypeMismatch,
            args[0].span,
            message,
            "declare the parameter as a pointer in the signature",
        );
    };
    let writable = ptr.writable;
    let declared = match named {
        Some((Some(dtype), ..)) => Some(dtype),
        Some((None, _, true)) | None => None,
        Some((None, at, false)) => {
            let message = format!("the dtype of `{}` is not known", builtin.name());
            return refuse(Code::TypeMismatch, at, message, "pass one such as `np.float64` or `gelcap.int32`");
        }
    };
    let dtype = match (&ptr.pointee, declared) {
        (Pointee::Void, Some(dtype)) => dtype,
        (Pointee::Void, None) => {
            let help = "say the dtype: `carray(p, n, gelcap.float64)`";
            return refuse(Code::ConstantNeeded, span, "a `void *` does not say what it points to".into(), help);
        }
        (Pointee::Scalar(s), None) => *s,
        (Pointee::Scalar(s), Some(dtype)) if *s == dtype => dtype,
        (Pointee::Scalar(s), Some(dtype)) => {
            let message = format!("the pointer is to {}, the dtype says {}", s.dtype_name(), dtype.dtype_name());
            return refuse(Code::TypeMismatch, span, message, "leave out the dtype, or declare a `void *`");
        }
        (Pointee::Ptr(_), _) => {
            let message = format!("`{}` takes a pointer to numbers", builtin.name());
            return refuse(Code::TypeMismatch, args[0].span, message, "index it first: `p[i]`");
        }
    };
    let axes = shape(args.remove(1))?;
    let Some(rank) = u8::try_from(axes.len()).ok().filter(|rank| *rank <= MAX_RANK) else {
        let message = format!("an array has at most {MAX_RANK} axes");
        return refuse(Code::LimitExceeded, span, message, "use fewer axes");
    };
    let layout = if f == MemoryFn::Farray && rank > 1 { Layout::F } else { Layout::C };
    args.extend(axes);
    let ty = Ty::Array(ArrayType { dtype, rank, layout, writable });
    Ok(Expr { kind: ExprKind::Builtin { builtin, args }, ty, span })
}

/// The extents that a shape is made of: an integer, or a tuple of them.
pub fn shape(shape: Expr) -> Result<Vec<Expr>, Box<Diagnostic>> {
    let (span, ty) = (shape.span, shape.ty.clone());
    let axes = match (shape.kind.clone(), &ty) {
        (ExprKind::Tuple(items), _) => items,
        (ExprKind::Known | ExprKind::Variable(_) | ExprKind::Descriptor { .. }, Ty::Tuple(types)) => {
            let item = |(index, ty): (usize, &Ty)| {
                let tuple = Box::new(Expr { kind: shape.kind.clone(), ty: Ty::Tuple(types.clone()), span });
                Expr { kind: ExprKind::Item { tuple, index }, ty: ty.clone(), span }
            };
            types.iter().enumerate().map(item).collect()
        }
        (kind, _) => vec![Expr { kind, ty: ty.clone(), span }],
    };
    match axes.iter().find(|axis| !axis.ty.is_index()) {
        None => Ok(axes),
        Some(axis) => {
            let message = format!("a shape is made of integers, got {}", axis.ty);
            refuse(Code::TypeMismatch, axis.span, message, "pass an integer, or a tuple of integers")
        }
    }
}
