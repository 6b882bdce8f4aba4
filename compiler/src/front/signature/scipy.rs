//! The callbacks that SciPy takes: exact signature texts, which functions take them, and how far each pointer reaches.
//!
//! SciPy compares a capsule's name with its own texts, character by character (SciPy 1.17: `_quadpackmodule`, `nd_image.c`).
//! A pointer's extent is known for all of them, which is what lets kernels be bounds-checked and marshalled.

use super::print::{c_type, numba_type, pythran_type};
use super::{DataModel, Notation, Signature, print};
use crate::diag::{Code, Diagnostic};
use crate::types::{Pointee, Scalar, Type};

/// How many elements a pointer parameter points to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// The value of the parameter with this index.
    Param(usize),
    /// A single value.
    One,
    /// Whatever the user bound.
    UserData,
}

/// The type of a parameter of a callback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallbackParam {
    Int,
    Intp,
    Double,
    DoublePtr(Extent),
    IntpPtr(Extent),
    /// `void *user_data`
    UserData,
}

impl CallbackParam {
    /// The type of the C parameter.
    pub fn ty(self, model: DataModel) -> Type {
        match self {
            CallbackParam::Int => Type::Np(Scalar::I32),
            CallbackParam::Intp => Type::Np(print::npy_intp(model)),
            CallbackParam::Double => Type::Np(Scalar::F64),
            CallbackParam::DoublePtr(_) => Type::ptr_to(Scalar::F64),
            CallbackParam::IntpPtr(_) => Type::ptr_to(print::npy_intp(model)),
            CallbackParam::UserData => Type::void_ptr(),
        }
    }

    /// How far a pointer reaches; `None` for numbers.
    pub const fn extent(self) -> Option<Extent> {
        match self {
            CallbackParam::Int | CallbackParam::Intp | CallbackParam::Double => None,
            CallbackParam::DoublePtr(extent) | CallbackParam::IntpPtr(extent) => Some(extent),
            CallbackParam::UserData => Some(Extent::UserData),
        }
    }

    /// Whether a kernel's parameter of type `ty` can take it.
    fn takes(self, ty: &Type, model: DataModel) -> bool {
        match (self, ty) {
            (CallbackParam::UserData, ty) => matches!(ty, Type::Ptr(_)),
            (CallbackParam::DoublePtr(_) | CallbackParam::IntpPtr(_), Type::Ptr(ptr)) => {
                self.ty(model) == Type::ptr(ptr.pointee.clone())
            }
            (CallbackParam::Double | CallbackParam::Intp, ty) => {
                ty.scalar().is_some() && ty.scalar() == self.ty(model).scalar()
            }
            (CallbackParam::Int, ty) => *ty == Type::Np(Scalar::I32),
            (CallbackParam::DoublePtr(_) | CallbackParam::IntpPtr(_), _) => false,
        }
    }
}

impl CallbackParam {
    /// How far a type is from what it takes: another width is a slip, a number for a pointer is not.
    fn distance(self, ty: &Type, model: DataModel) -> usize {
        if self.takes(ty, model) {
            return 0;
        }
        match (self.ty(model), ty) {
            (Type::Ptr(_), Type::Ptr(_)) => 1,
            (own, ty) => match (own.scalar(), ty.scalar()) {
                (Some(a), Some(b)) if a.is_float() == b.is_float() => 1,
                (Some(_), Some(_)) => 2,
                _ => 3,
            },
        }
    }
}

/// One signature that SciPy takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Callback {
    /// The text that SciPy compares: the name of the capsule.
    pub text: &'static str,
    /// The functions of SciPy that take it.
    pub functions: &'static [&'static str],
    pub params: &'static [CallbackParam],
    /// An `int` that says whether the call succeeded; else the result is a double.
    pub returns_status: bool,
}

use CallbackParam::{Double, DoublePtr, Int, Intp, IntpPtr, UserData};

const ONE: &[&str] = &["integrate.quad", "integrate.nquad"];
const MANY: &[&str] = &["integrate.quad", "integrate.nquad", "integrate.dblquad", "integrate.tplquad"];

/// All of them. No two have the same parameters.
pub const CALLBACKS: [Callback; 7] = [
    Callback { text: "double (double)", functions: ONE, params: &[Double], returns_status: false },
    Callback { text: "double (double, void *)", functions: ONE, params: &[Double, UserData], returns_status: false },
    Callback {
        text: "double (int, double *)",
        functions: MANY,
        params: &[Int, DoublePtr(Extent::Param(0))],
        returns_status: false,
    },
    Callback {
        text: "double (int, double *, void *)",
        functions: MANY,
        params: &[Int, DoublePtr(Extent::Param(0)), UserData],
        returns_status: false,
    },
    // The buffer holds the footprint's elements; one value is returned through the pointer.
    Callback {
        text: "int (double *, npy_intp, double *, void *)",
        functions: &["ndimage.generic_filter"],
        params: &[DoublePtr(Extent::Param(1)), Intp, DoublePtr(Extent::One), UserData],
        returns_status: true,
    },
    Callback {
        text: "int (double *, npy_intp, double *, npy_intp, void *)",
        functions: &["ndimage.generic_filter1d"],
        params: &[DoublePtr(Extent::Param(1)), Intp, DoublePtr(Extent::Param(3)), Intp, UserData],
        returns_status: true,
    },
    Callback {
        text: "int (npy_intp *, double *, int, int, void *)",
        functions: &["ndimage.geometric_transform"],
        params: &[IntpPtr(Extent::Param(2)), DoublePtr(Extent::Param(3)), Int, Int, UserData],
        returns_status: true,
    },
];

impl Callback {
    /// The callbacks that a function of SciPy takes, by its name with or without its module: `quad`, `ndimage.generic_filter`.
    pub fn of_function(name: &str) -> impl Iterator<Item = &'static Callback> {
        let last = name.rsplit('.').next().unwrap_or(name).to_owned();
        CALLBACKS.iter().filter(move |c| c.functions.iter().any(|f| f.rsplit('.').next() == Some(last.as_str())))
    }

    /// The type of the result in C.
    pub fn result(&self) -> Type {
        Type::Np(if self.returns_status { Scalar::I32 } else { Scalar::F64 })
    }

    /// Index of the user data among the parameters.
    pub fn user_data(&self) -> Option<usize> {
        self.params.iter().position(|param| *param == CallbackParam::UserData)
    }

    fn accepts(&self, types: &[&Type], model: DataModel) -> bool {
        types.len() == self.params.len() && self.params.iter().zip(types).all(|(param, ty)| param.takes(ty, model))
    }

    /// How much would have to be changed for it to fit.
    fn distance(&self, types: &[&Type], model: DataModel) -> usize {
        let wrong: usize = self.params.iter().zip(types).map(|(param, ty)| param.distance(ty, model)).sum();
        wrong + 4 * self.params.len().abs_diff(types.len())
    }
}

/// What is known of a kernel's result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KernelResult<'a> {
    /// A signature says so.
    Declared(&'a Type),
    /// Inference found it: a number of the right kind is converted.
    Inferred(&'a Type),
    /// Not known yet: only the parameters are matched.
    Unknown,
}

impl KernelResult<'_> {
    fn fits(self, callback: &Callback) -> bool {
        match self {
            KernelResult::Unknown => true,
            KernelResult::Declared(ty) => {
                ty.scalar() == callback.result().scalar() || (callback.returns_status && *ty == Type::PyInt)
            }
            KernelResult::Inferred(ty) if callback.returns_status => ty.scalar().is_some_and(|s| !s.is_float()),
            KernelResult::Inferred(ty) => ty.scalar().is_some(),
        }
    }
}

/// A kernel's signature as one of SciPy's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Match {
    pub callback: &'static Callback,
    /// The signature fits only with its typed last pointer read as the user data's `void *`.
    pub typed_user_data: bool,
}

impl Match {
    /// The exact name that the capsule must have.
    pub const fn capsule_name(&self) -> &'static str {
        self.callback.text
    }
}

/// Finds the callback that a signature is: first as it stands, then with a typed last pointer read as user data. 64-bit
/// integers are `npy_intp` where that is as wide. `result` is separate, as Pythran's notation has none.
pub fn scipy_match(
    signature: &Signature,
    result: KernelResult<'_>,
    model: DataModel,
) -> Result<Match, Box<Diagnostic>> {
    let types: Vec<&Type> = signature.param_types().collect();
    let as_it_stands = |callback: &&Callback| {
        callback.accepts(&types, model) && callback.user_data().is_none_or(|i| is_void_ptr(types[i]))
    };
    let found = CALLBACKS.iter().find(as_it_stands);
    let found = found.or_else(|| CALLBACKS.iter().find(|callback| callback.accepts(&types, model)));
    match found {
        Some(callback) if result.fits(callback) => {
            let typed_user_data = callback.user_data().is_some_and(|i| !is_void_ptr(types[i]));
            Ok(Match { callback, typed_user_data })
        }
        Some(callback) => Err(Box::new(wrong_result(signature, callback, result))),
        None => Err(Box::new(no_match(signature, &types, model))),
    }
}

fn is_void_ptr(ty: &Type) -> bool {
    matches!(ty, Type::Ptr(ptr) if ptr.pointee == Pointee::Void)
}

/// A type as the signature's notation writes it.
fn spelled(ty: &Type, notation: Notation) -> String {
    match notation {
        Notation::Numba => numba_type(ty),
        Notation::Pythran => pythran_type(ty),
        Notation::C => c_type(ty).unwrap_or_else(|| ty.to_string()),
    }
}

fn printed(signature: &Signature) -> String {
    match signature.notation {
        Notation::Numba => signature.to_numba(),
        Notation::Pythran => signature.to_pythran(),
        Notation::C => signature.to_c().unwrap_or_else(|| signature.to_numba()),
    }
}

fn wrong_result(signature: &Signature, callback: &Callback, result: KernelResult<'_>) -> Diagnostic {
    let (KernelResult::Declared(ty) | KernelResult::Inferred(ty)) = result else {
        return Diagnostic::error(Code::ScipySignature, signature.span, "the result is not known");
    };
    let functions = callback.functions.join(", ");
    let wanted = spelled(&callback.result(), signature.notation);
    let given = spelled(ty, signature.notation);
    let message = format!("{functions} wants a callback that returns `{wanted}`, and this one returns `{given}`");
    let help = if callback.returns_status {
        "return 1 for success; the filtered values are stored through the pointers".to_owned()
    } else {
        format!("return a number as `{wanted}`")
    };
    Diagnostic::error(Code::ScipySignature, signature.span, message)
        .note(format!("SciPy's signature is `{}`", callback.text))
        .help(help)
}

/// The error for a signature that fits nothing: what differs from the nearest, and how to write that.
fn no_match(signature: &Signature, types: &[&Type], model: DataModel) -> Diagnostic {
    let result_distance = |callback: &Callback| {
        usize::from(signature.result.as_ref().is_some_and(|ty| !KernelResult::Declared(ty).fits(callback)))
    };
    let distance = |callback: &&Callback| callback.distance(types, model) + result_distance(callback);
    let mut nearest: Vec<&Callback> = CALLBACKS.iter().collect();
    nearest.sort_by_key(distance);
    let best = nearest[0];
    let message = format!("no function of SciPy takes a callback `{}`", printed(signature));
    let wrong = best.params.iter().zip(types).position(|(param, ty)| !param.takes(ty, model));
    let mut error = match wrong {
        Some(i) => {
            let wanted = best.params[i].ty(model);
            let given = spelled(types[i], signature.notation);
            let label = format!("SciPy passes `{}`, not `{given}`", spelled(&wanted, signature.notation));
            Diagnostic::error(Code::ScipySignature, signature.params[i].span, message).label(label)
        }
        None => Diagnostic::error(Code::ScipySignature, signature.span, message),
    };
    let limit = distance(&best) + 1;
    for callback in nearest.iter().take(3).filter(|callback| distance(callback) <= limit) {
        error = error.note(format!("{} `{}`", take(callback), callback.text));
    }
    error.help(format!("write `{}`", printed(&corrected(signature, best, model))))
}

/// `integrate.quad and integrate.nquad take`
fn take(callback: &Callback) -> String {
    match callback.functions {
        [one] => format!("{one} takes"),
        [first @ .., last] => format!("{} and {last} take", first.join(", ")),
        [] => String::new(),
    }
}

/// The signature as the callback would have it, keeping what fits: names, and the type of the user data.
fn corrected(signature: &Signature, callback: &Callback, model: DataModel) -> Signature {
    let param = |(i, param): (usize, &CallbackParam)| {
        let given = signature.params.get(i);
        let ty = match given {
            Some(given) if param.takes(&given.ty, model) => given.ty.clone(),
            _ => param.ty(model),
        };
        super::SigParam { ty, name: given.and_then(|given| given.name.clone()), span: signature.span }
    };
    Signature {
        params: callback.params.iter().enumerate().map(param).collect(),
        result: signature.result.as_ref().map(|_| callback.result()),
        ..signature.clone()
    }
}

#[cfg(test)]
mod tests;
