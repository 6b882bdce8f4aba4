//! Memory that a pointer parameter may point into: buffers, ctypes objects, plain addresses.

use gelcap_compiler::types::Scalar;
use gelcap_wasm_host as wasm;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::view::scalar_of_format;

/// What stays alive while a kernel runs, and where it is.
pub struct Held {
    address: u64,
    /// Length in bytes where it is known.
    bytes: Option<usize>,
    writable: bool,
    buffer: Option<Box<ffi::Py_buffer>>,
    _owner: Option<Py<PyAny>>,
}

impl Held {
    pub fn address(&self) -> u64 {
        self.address
    }

    /// The same as an argument of a wasm kernel, which reaches host memory only by copying what has a length.
    pub fn wasm_argument(&self) -> PyResult<wasm::Argument> {
        let Some(bytes) = self.bytes else {
            return Err(PyTypeError::new_err(
                "a wasm kernel cannot follow a bare address: pass an array, whose length is known",
            ));
        };
        let access = if self.writable { wasm::Access::Exclusive } else { wasm::Access::ReadOnly };
        Ok(wasm::Argument::Memory { start: self.address as *mut u8, bytes, access })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(buffer) = &mut self.buffer {
            // SAFETY: the buffer was filled by PyObject_GetBuffer, and values of this type live under the GIL.
            unsafe { ffi::PyBuffer_Release(&mut **buffer) };
        }
    }
}

/// The memory behind an argument for a pointer to `element` (`None`: to anything).
///
/// # Safety
/// `object` is a valid reference and the GIL is held.
pub unsafe fn hold(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    element: Option<Scalar>,
    writable: bool,
) -> PyResult<Held> {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        if ffi::PyObject_CheckBuffer(object) != 0 {
            return hold_buffer(py, object, element, writable);
        }
        let value = Bound::from_borrowed_ptr(py, object);
        if ffi::PyLong_Check(object) != 0 && ffi::PyBool_Check(object) == 0 {
            let address: u64 = value.extract()?;
            return Ok(Held { address, bytes: None, writable, buffer: None, _owner: None });
        }
        hold_other(py, object, element, writable)
    }
}

/// ctypes pointers, `byref(...)`, `None` and the rest are rare: the Python side knows them.
///
/// # Safety
/// As [`hold`].
unsafe fn hold_other(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    element: Option<Scalar>,
    writable: bool,
) -> PyResult<Held> {
    // SAFETY: as the caller promises.
    let value = unsafe { Bound::from_borrowed_ptr(py, object) };
    let wanted = element.map(Scalar::dtype_name);
    let found = py.import("gelcap._pointers")?.getattr("address_of")?.call1((&value, wanted))?;
    let (address, bytes, owner): (u64, Option<usize>, Py<PyAny>) = found.extract()?;
    Ok(Held { address, bytes, writable, buffer: None, _owner: Some(owner) })
}

/// # Safety
/// As [`hold`]; the object has the buffer protocol.
unsafe fn hold_buffer(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    element: Option<Scalar>,
    writable: bool,
) -> PyResult<Held> {
    // SAFETY: as the caller promises, throughout; a zeroed Py_buffer is what GetBuffer fills.
    unsafe {
        let mut buffer = Box::new(std::mem::zeroed::<ffi::Py_buffer>());
        let flags = ffi::PyBUF_ANY_CONTIGUOUS | ffi::PyBUF_FORMAT | if writable { ffi::PyBUF_WRITABLE } else { 0 };
        if ffi::PyObject_GetBuffer(object, &mut *buffer, flags) != 0 {
            let error = PyErr::fetch(py);
            let reason = error.value(py).to_string();
            return Err(PyValueError::new_err(format!("a pointer needs contiguous memory: {reason}")));
        }
        let held = Held {
            address: buffer.buf as u64,
            bytes: Some(buffer.len as usize),
            writable,
            buffer: Some(buffer),
            _owner: None,
        };
        if let (Some(element), Some(buffer)) = (element, &held.buffer) {
            let format = if buffer.format.is_null() {
                "B".to_string()
            } else {
                std::ffi::CStr::from_ptr(buffer.format).to_string_lossy().into_owned()
            };
            if format.starts_with('&') {
                // A ctypes pointer shows itself as memory that holds an address.
                return hold_other(py, object, Some(element), writable);
            }
            if scalar_of_format(&format, buffer.itemsize as usize) != Some(element) {
                let found = scalar_of_format(&format, buffer.itemsize as usize)
                    .map_or_else(|| format!("elements of format {format:?}"), |s| s.dtype_name().to_string());
                let wanted = element.dtype_name();
                return Err(PyTypeError::new_err(format!(
                    "a pointer to {wanted} cannot point to {found}: pass an array of dtype {wanted}"
                )));
            }
        }
        Ok(held)
    }
}
