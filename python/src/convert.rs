//! From Python objects to the slots of numbers, by the number protocol.

use std::ffi::c_int;

use gelcap_compiler::types::{Kind, Scalar};
use pyo3::ffi;
use pyo3::prelude::*;

/// An argument's slot; `Err` with a Python exception set.
///
/// # Safety
/// `object` is a valid reference and the GIL is held.
pub unsafe fn to_slot(scalar: Scalar, object: *mut ffi::PyObject) -> Result<u64, ()> {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        match scalar.kind() {
            Kind::Float => {
                let value = ffi::PyFloat_AsDouble(object);
                if value == -1.0 && !ffi::PyErr_Occurred().is_null() {
                    return Err(());
                }
                Ok(if scalar == Scalar::F32 { (value as f32).to_bits().into() } else { value.to_bits() })
            }
            Kind::Signed | Kind::Unsigned => int_slot(scalar, object),
            Kind::Bool => match ffi::PyObject_IsTrue(object) {
                -1 => Err(()),
                truth => Ok(truth as u64),
            },
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
