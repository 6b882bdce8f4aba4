//! Views of memory behind pointers: `carray`, `farray` and `as_array`, with one axis.

use super::{Builtin, MemoryFn, Typed, refuse};
use crate::diag::{Code, Span};
use crate::front::infer::dtype_of;
use crate::front::tast::{Expr, ExprKind, Ty};
use crate::types::Pointee;

pub const TABLE: &[(&str, Builtin)] = &[
    ("carray", Builtin::Memory(MemoryFn::Carray)),
    ("farray", Builtin::Memory(MemoryFn::Farray)),
    ("as_array", Builtin::Memory(MemoryFn::AsArray)),
];

/// Types `carray(p, shape, dtype)`; what is left of the arguments is the pointer and the length.
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
    let length = shape(args.remove(1))?;
    args.insert(1, length);
    Ok(Expr { kind: ExprKind::Builtin { builtin, args }, ty: Ty::View { dtype, writable }, span })
}

/// The one length of a shape: an integer or a tuple of one.
fn shape(shape: Expr) -> Typed {
    let span = shape.span;
    let length = match shape {
        Expr { kind: ExprKind::Tuple(mut items), .. } if items.len() == 1 => items.swap_remove(0),
        other => other,
    };
    if length.ty.is_index() {
        return Ok(length);
    }
    if let Ty::Tuple(_) | Ty::Table(_) = length.ty {
        let message = "arrays of several axes over a pointer cannot be compiled".into();
        return refuse(
            Code::UnsupportedCall,
            span,
            message,
            "take one axis, `carray(p, m * n)`, and index `a[i * n + j]`",
        );
    }
    refuse(Code::TypeMismatch, span, format!("a shape is made of integers, got {}", length.ty), "pass an integer")
}
