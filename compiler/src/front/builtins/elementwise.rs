//! Functions of `numpy` on arrays, or on scalars and arrays: the rule for one element, lifted.

use super::numpy::common_dtype;
use super::python::digits;
use super::{Builtin, NumpyFn, refuse};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::infer::elementwise::{element, lift};
use crate::front::tast::{Expr, Ty};

/// Checks that every argument is a number or an array.
pub fn operands(name: &str, args: &[Expr]) -> Result<(), Box<Diagnostic>> {
    let other = args.iter().find(|a| !a.ty.is_number() && a.ty.as_array().is_none());
    match other {
        None => Ok(()),
        Some(a) => {
            let message = format!("`np.{name}` takes numbers and arrays, got {}", a.ty);
            let help = match a.ty {
                Ty::Tuple(_) | Ty::Table(_) => "make an array of it first: `np.array(...)`",
                _ => "pass a number or an array",
            };
            refuse(Code::TypeMismatch, a.span, message, help)
        }
    }
}

/// The type of a function that `rule` types for scalars.
pub fn lifted(
    types: &[Ty],
    rule: &mut impl FnMut(&[Ty]) -> Result<Ty, Box<Diagnostic>>,
) -> Result<Ty, Box<Diagnostic>> {
    let elements: Vec<Ty> = types.iter().map(element).collect();
    Ok(lift(types, rule(&elements)?))
}

/// The values among the arguments of `np.where`, `np.clip` and `np.round`, once the others are checked.
pub fn values(f: NumpyFn, args: &[Expr], span: Span) -> Result<Vec<Expr>, Box<Diagnostic>> {
    let name = Builtin::Numpy(f).name();
    match f {
        NumpyFn::Where => {
            operands(name, args)?;
            if args.iter().all(|a| a.ty.as_array().is_none_or(|a| a.rank == 0)) {
                let message = "`np.where` of scalars makes an array without axes in NumPy".into();
                return refuse(Code::UnsupportedCall, span, message, "write `x if condition else y`");
            }
            Ok(args.to_vec())
        }
        NumpyFn::Clip => {
            let given: Vec<Expr> = args.iter().filter(|a| a.ty != Ty::None).cloned().collect();
            operands(name, &given)?;
            Ok(given)
        }
        _ => {
            operands(name, &args[..1])?;
            if let Some(decimals) = args.get(1) {
                digits("np.round", decimals)?;
            }
            Ok(args[..1].to_vec())
        }
    }
}

/// The dtype in which `np.where` chooses or `np.clip` compares.
pub fn chosen(f: NumpyFn, types: &[Ty]) -> Ty {
    let from = usize::from(f == NumpyFn::Where);
    Ty::Np(common_dtype(&types[from..]))
}
