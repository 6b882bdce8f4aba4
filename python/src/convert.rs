//! Between Python objects and slots. Exact types take the short way; everything else goes through the number protocol.

use std::ffi::c_int;
use std::sync::OnceLock;

use gelcap_compiler::artifact::ResultType;
use gelcap_compiler::types::{ArrayType, Kind, Scalar};
use pyo3::ffi;
use pyo3::prelude::*;

/// How an argument fills its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    /// An integer in the range of the scalar.
    Int(Scalar),
    /// A float; `f32` is rounded.
    Float(Scalar),
    Bool,
    /// An address; `None` points to anything.
    Pointer {
        element: Option<Scalar>,
        writable: bool,
    },
    /// Address, shape and strides.
    Array(ArrayType),
}

/// The class of an argument, as lazy dispatch tells types apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    PyBool,
    PyInt,
    PyFloat,
    Np(Scalar),
    Other,
}

/// NumPy's scalar types by address, once NumPy has been imported by someone.
struct NumpyTypes {
    types: [(*mut ffi::PyTypeObject, Scalar); 11],
}

// SAFETY: the addresses are of immortal types (a reference is leaked) and are only compared.
unsafe impl Send for NumpyTypes {}
// SAFETY: as above.
unsafe impl Sync for NumpyTypes {}

static NUMPY: OnceLock<NumpyTypes> = OnceLock::new();

/// NumPy's scalar types, if NumPy is there; it is never imported for this.
fn numpy_types(py: Python<'_>) -> Option<&'static NumpyTypes> {
    if let Some(types) = NUMPY.get() {
        return Some(types);
    }
    let modules = py.import("sys").ok()?.getattr("modules").ok()?;
    let numpy = modules.get_item("numpy").ok()?;
    let mut types = [(std::ptr::null_mut(), Scalar::Bool); 11];
    for (entry, s) in types.iter_mut().zip(Scalar::ALL) {
        let name = if s == Scalar::Bool { "bool_" } else { s.dtype_name() };
        *entry = (numpy.getattr(name).ok()?.into_ptr().cast(), s);
    }
    Some(NUMPY.get_or_init(|| NumpyTypes { types }))
}

/// The class of an object.
///
/// # Safety
/// `object` is a valid reference and the GIL is held.
pub unsafe fn class_of(py: Python<'_>, object: *mut ffi::PyObject) -> Class {
    // SAFETY: as the caller promises.
    let ty = unsafe { ffi::Py_TYPE(object) };
    if ty == &raw mut ffi::PyFloat_Type {
        return Class::PyFloat;
    }
    if ty == &raw mut ffi::PyLong_Type {
        return Class::PyInt;
    }
    if ty == &raw mut ffi::PyBool_Type {
        return Class::PyBool;
    }
    match numpy_types(py).and_then(|n| n.types.iter().find(|(t, _)| *t == ty)) {
        Some((_, s)) => Class::Np(*s),
        None => Class::Other,
    }
}

/// An argument's slot; `Err` with a Python exception set.
///
/// # Safety
/// `object` is a valid reference, the GIL is held, and `slot` is not a pointer.
pub unsafe fn to_slot(slot: Slot, object: *mut ffi::PyObject) -> Result<u64, ()> {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        match slot {
            Slot::Float(s) => {
                let value = ffi::PyFloat_AsDouble(object);
                if value == -1.0 && !ffi::PyErr_Occurred().is_null() {
                    return Err(());
                }
                Ok(if s == Scalar::F32 { (value as f32).to_bits().into() } else { value.to_bits() })
            }
            Slot::Int(s) => int_slot(s, object),
            Slot::Bool => match ffi::PyObject_IsTrue(object) {
                -1 => Err(()),
                truth => Ok(truth as u64),
            },
            Slot::Pointer { .. } | Slot::Array(_) => Err(()),
        }
    }
}

/// # Safety
/// As [`to_slot`].
unsafe fn int_slot(s: Scalar, object: *mut ffi::PyObject) -> Result<u64, ()> {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        let index = ffi::PyNumber_Index(object);
        if index.is_null() {
            return Err(());
        }
        let result = if s == Scalar::U64 {
            let value = ffi::PyLong_AsUnsignedLongLong(index);
            let failed = value == u64::MAX && !ffi::PyErr_Occurred().is_null();
            if failed { None } else { Some(value) }
        } else {
            let mut overflow: c_int = 0;
            let value = ffi::PyLong_AsLongLongAndOverflow(index, &mut overflow);
            let (lo, hi) = s.int_range().unwrap_or((0, 0));
            let fits = overflow == 0 && (lo..=hi).contains(&i128::from(value));
            fits.then_some(value as u64)
        };
        ffi::Py_DECREF(index);
        result.ok_or_else(|| {
            ffi::PyErr_Clear();
            let name = s.dtype_name();
            Python::attach(|py| {
                let shown = Bound::from_borrowed_ptr(py, object).repr().map(|r| r.to_string()).unwrap_or_default();
                let shown = if shown.len() > 40 { format!("{} digits", shown.len()) } else { shown };
                pyo3::exceptions::PyOverflowError::new_err(format!("{shown} does not fit {name}")).restore(py);
            });
        })
    }
}

/// The Python object of a result, or null with an exception set.
///
/// # Safety
/// The GIL is held; `slots` holds as many words as the result has.
pub unsafe fn from_slots(
    py: Python<'_>,
    result: &ResultType,
    slots: &mut std::slice::Iter<'_, u64>,
) -> *mut ffi::PyObject {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        match result {
            ResultType::None => {
                let none = ffi::Py_None();
                ffi::Py_INCREF(none);
                none
            }
            ResultType::Scalar { scalar, numpy } => {
                let bits = slots.next().copied().unwrap_or(0);
                let object = python_scalar(*scalar, bits);
                if *numpy { as_numpy(py, *scalar, object) } else { object }
            }
            ResultType::Array(_) => {
                let message = c"arrays cannot be returned";
                ffi::PyErr_SetString(ffi::PyExc_NotImplementedError, message.as_ptr());
                std::ptr::null_mut()
            }
            ResultType::Tuple(items) => {
                let tuple = ffi::PyTuple_New(items.len() as ffi::Py_ssize_t);
                if tuple.is_null() {
                    return tuple;
                }
                for (i, item) in items.iter().enumerate() {
                    let object = from_slots(py, item, slots);
                    if object.is_null() {
                        ffi::Py_DECREF(tuple);
                        return object;
                    }
                    ffi::PyTuple_SetItem(tuple, i as ffi::Py_ssize_t, object);
                }
                tuple
            }
        }
    }
}

/// # Safety
/// The GIL is held.
unsafe fn python_scalar(s: Scalar, bits: u64) -> *mut ffi::PyObject {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        match s.kind() {
            Kind::Bool => ffi::PyBool_FromLong((bits & 1) as _),
            Kind::Signed => ffi::PyLong_FromLongLong(bits as i64),
            Kind::Unsigned => ffi::PyLong_FromUnsignedLongLong(bits),
            Kind::Float if s == Scalar::F32 => ffi::PyFloat_FromDouble(f32::from_bits(bits as u32).into()),
            Kind::Float => ffi::PyFloat_FromDouble(f64::from_bits(bits)),
        }
    }
}

/// `object` as a NumPy scalar; as it is where NumPy is not installed. Takes the reference.
fn as_numpy(py: Python<'_>, s: Scalar, object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    if object.is_null() {
        return object;
    }
    // SAFETY: a new reference that is ours.
    let value = unsafe { Bound::from_owned_ptr(py, object) };
    if numpy_types(py).is_none() {
        // The first NumPy scalar asks for NumPy itself: a kernel that makes one says that its user has it.
        let _ = py.import("numpy");
    }
    let Some(types) = numpy_types(py) else { return value.into_ptr() };
    let Some((ty, _)) = types.types.iter().find(|(_, t)| *t == s) else { return value.into_ptr() };
    // SAFETY: the type is immortal; the result is a new reference or null with an exception set.
    unsafe { ffi::PyObject_CallFunctionObjArgs(ty.cast(), value.as_ptr(), std::ptr::null_mut::<ffi::PyObject>()) }
}
