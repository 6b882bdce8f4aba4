//! What a call gives, as Python objects: numbers, tuples, and arrays over the kernel's own memory or an argument's.

use std::ffi::{c_int, c_void};

use gelcap_compiler::abi::array_result_slots;
use gelcap_compiler::artifact::ResultType;
use gelcap_compiler::types::{ArrayType, Kind, Scalar};
use gelcap_native_host::runtime;
use pyo3::exceptions::{PyBufferError, PySystemError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::numpy;
use crate::view::{View, is_ndarray};

/// One reference to a kernel's buffer: the base of the arrays that lie in it. Has the buffer protocol, as bytes.
#[pyclass(module = "gelcap._gelcap", frozen)]
pub struct Memory {
    buffer: *mut u8,
}

// SAFETY: the reference count is atomic, and the bytes are memory that arrays share as any other.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// # Safety
    /// `buffer` is a buffer of the native host, whose reference passes over.
    pub unsafe fn new(buffer: *mut u8) -> Memory {
        Memory { buffer }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: one reference is ours.
        unsafe { runtime::buffer_release(self.buffer) };
    }
}

#[pymethods]
impl Memory {
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no place for the buffer"));
        }
        let buffer = slf.get().buffer;
        // SAFETY: the buffer is alive as long as `slf`, which the view takes a reference to.
        let status = unsafe {
            let bytes = runtime::buffer_bytes(buffer) as ffi::Py_ssize_t;
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), buffer.cast::<c_void>(), bytes, 0, flags)
        };
        if status == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}

/// The array arguments of the call, whose memory results may view.
#[derive(Clone, Copy)]
pub enum Sources<'a> {
    Arguments(&'a [*mut ffi::PyObject]),
    Views(&'a [&'a View]),
}

/// The object of a call's result.
///
/// # Safety
/// `slots` are the results of a kernel with these types, just returned; its references to buffers pass over. The
/// arguments are valid.
pub unsafe fn object<'py>(
    py: Python<'py>,
    result: &ResultType,
    slots: &[u64],
    sources: Sources<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    // All references first: whatever fails after this, none is lost.
    let mut owners = Vec::new();
    // SAFETY: as the caller promises.
    unsafe { take_owners(result, &mut slots.iter(), &mut owners) };
    let mut making = Making { py, slots: slots.iter(), owners: owners.into_iter(), sources };
    making.object(result)
}

/// # Safety
/// As [`object`].
unsafe fn take_owners(result: &ResultType, slots: &mut std::slice::Iter<'_, u64>, owners: &mut Vec<Option<Memory>>) {
    match result {
        ResultType::Array(ty) => {
            let owner = slots.nth(array_result_slots(ty.rank) - 1).copied().unwrap_or(0);
            // SAFETY: the last slot of an array is its owner.
            owners.push((owner != 0).then(|| unsafe { Memory::new(owner as *mut u8) }));
        }
        ResultType::Tuple(items) => {
            for item in items {
                // SAFETY: as the caller promises.
                unsafe { take_owners(item, slots, owners) };
            }
        }
        ResultType::Scalar { .. } | ResultType::Either { .. } => {
            slots.nth(result.slots() - 1);
        }
        ResultType::None => {}
    }
}

struct Making<'a, 'py> {
    py: Python<'py>,
    slots: std::slice::Iter<'a, u64>,
    owners: std::vec::IntoIter<Option<Memory>>,
    sources: Sources<'a>,
}

impl<'py> Making<'_, 'py> {
    fn object(&mut self, result: &ResultType) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        match result {
            ResultType::None => Ok(py.None().into_bound(py)),
            ResultType::Scalar { scalar, numpy } => {
                let bits = self.slots.next().copied().unwrap_or(0);
                // SAFETY: the GIL is held; the result is a new reference, or null with an exception set.
                unsafe {
                    let made = if *numpy { numpy_scalar(py, *scalar, bits)? } else { python_scalar(*scalar, bits) };
                    owned(py, made)
                }
            }
            ResultType::Either { python, numpy } => {
                let flag = self.slots.next().copied().unwrap_or(0);
                self.object(&ResultType::chosen(*python, *numpy, flag))
            }
            ResultType::Array(ty) => self.array(*ty),
            ResultType::Tuple(items) => {
                let items = items.iter().map(|item| self.object(item)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(py, items)?.into_any())
            }
        }
    }

    fn array(&mut self, mut ty: ArrayType) -> PyResult<Bound<'py, PyAny>> {
        let rank = usize::from(ty.rank);
        let slots = self.slots.as_slice();
        let slots = slots.get(..array_result_slots(ty.rank)).unwrap_or(&[]);
        let Some((data, rest)) = slots.split_first() else {
            return Err(PySystemError::new_err("gelcap: a result has no slots"));
        };
        let data = *data as *mut u8;
        let axes: Vec<i64> = rest.iter().map(|s| *s as i64).collect();
        if rank + 1 < self.slots.len() {
            self.slots.nth(array_result_slots(ty.rank) - 1);
        }
        let (shape, strides) = (&axes[..rank], &axes[rank..2 * rank]);
        let numpy = numpy::needed(self.py)?;
        let base = match self.owners.next().flatten() {
            Some(memory) => {
                // Nobody else has seen it.
                ty.writable = true;
                Bound::new(self.py, memory)?.into_any()
            }
            None => {
                let (owner, writable) = self.source(data)?;
                ty.writable &= writable;
                owner
            }
        };
        // SAFETY: the memory is the kernel's or the argument's, and the base keeps it.
        unsafe { owned(self.py, numpy.new_array(ty, data, shape, strides, base.into_ptr())) }
    }

    /// The argument whose memory an address lies in, and whether it may be written to.
    fn source(&self, data: *mut u8) -> PyResult<(Bound<'py, PyAny>, bool)> {
        let py = self.py;
        match self.sources {
            Sources::Views(views) => {
                if let Some(view) = views.iter().find(|v| holds(v, data)) {
                    return Ok((view.owner(py)?, view.ty.writable));
                }
                let all = views.iter().map(|v| v.owner(py)).collect::<PyResult<Vec<_>>>()?;
                Ok((PyTuple::new(py, all)?.into_any(), true))
            }
            Sources::Arguments(args) => {
                let mut views = Vec::new();
                for arg in args {
                    // SAFETY: the arguments are valid references.
                    let arg = unsafe { Bound::from_borrowed_ptr(py, *arg) };
                    if is_ndarray(&arg) {
                        views.push(View::of(&arg)?);
                    }
                }
                let views: Vec<&View> = views.iter().collect();
                Making { py, slots: [].iter(), owners: Vec::new().into_iter(), sources: Sources::Views(&views) }
                    .source(data)
            }
        }
    }
}

/// An empty view may lie right behind the end.
fn holds(view: &View, data: *mut u8) -> bool {
    let (start, bytes) = view.extent();
    let offset = (data as usize).wrapping_sub(start as usize);
    offset <= bytes
}

/// # Safety
/// `made` is a new reference, or null with an exception set.
unsafe fn owned(py: Python<'_>, made: *mut ffi::PyObject) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: as the caller promises.
    if made.is_null() { Err(PyErr::fetch(py)) } else { Ok(unsafe { Bound::from_owned_ptr(py, made) }) }
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

/// A NumPy scalar; Python's where NumPy is not installed. A kernel that makes one says that its user has NumPy.
///
/// # Safety
/// The GIL is held.
unsafe fn numpy_scalar(py: Python<'_>, scalar: Scalar, bits: u64) -> PyResult<*mut ffi::PyObject> {
    // SAFETY: as the caller promises, throughout.
    unsafe {
        let Ok(numpy) = numpy::needed(py) else { return Ok(python_scalar(scalar, bits)) };
        if scalar != Scalar::Bool
            && let Some(made) = numpy.new_scalar(scalar, bits)
        {
            return Ok(made);
        }
        // There are only two of NumPy's booleans.
        let plain = owned(py, python_scalar(scalar, bits))?;
        let ty = Bound::from_borrowed_ptr(py, numpy.scalar_type(scalar).cast());
        Ok(ty.call1((plain,))?.into_ptr())
    }
}
