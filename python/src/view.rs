//! The memory of array arguments: NumPy arrays by their fields, everything else through the buffer protocol or NumPy.
//!
//! A [`View`] is described as a kernel wants it (element type, rank, layout, shape, strides in bytes) and holds what
//! keeps the memory where it is. [`View::check`] says why a kernel does not take it, and what to write instead.

use std::ffi::CStr;

use gelcap_compiler::abi::descriptor::numpy_array as array;
use gelcap_compiler::types::array::MAX_RANK;
use gelcap_compiler::types::{ArrayType, Kind, Layout, Scalar};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::numpy::{self, Ndarray, Numpy};

/// An array argument. Lives under the GIL.
pub struct View {
    pub ty: ArrayType,
    pub data: *mut u8,
    pub shape: Vec<i64>,
    pub strides: Vec<i64>,
    keep: Keep,
}

/// What keeps the memory.
enum Keep {
    /// The argument itself, or what NumPy made of it.
    Object(Py<PyAny>),
    Buffer(Box<ffi::Py_buffer>),
}

impl Drop for Keep {
    fn drop(&mut self) {
        if let Keep::Buffer(buffer) = self {
            // SAFETY: the buffer was filled by PyObject_GetBuffer, and values of this type live under the GIL.
            unsafe { ffi::PyBuffer_Release(&mut **buffer) };
        }
    }
}

impl View {
    /// The memory of an argument; an error that says what to pass instead for what no kernel reads.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<View> {
        if is_ndarray(object) {
            return View::of_ndarray(object);
        }
        // NumPy's scalars have buffers too, some of bytes alone.
        // SAFETY: a valid reference.
        if unsafe { ffi::PyObject_CheckBuffer(object.as_ptr()) } != 0 && !is_numpy(object, |n| n.generic) {
            return View::of_buffer(object);
        }
        // Rare, and a matter of NumPy: the Python side knows how.
        let made = object.py().import("gelcap._arrays")?.getattr("as_array")?.call1((object,))?;
        View::of_ndarray(&made)
    }

    fn of_ndarray(object: &Bound<'_, PyAny>) -> PyResult<View> {
        refuse_subclass(object)?;
        // SAFETY: the object is an array, and `object` keeps it.
        let fields = unsafe { Ndarray::new(object.as_ptr()) };
        let Some(dtype) = fields.scalar() else { return Err(unsupported_dtype(object, fields.kind())) };
        if !fields.native_order() {
            return Err(PyValueError::new_err(
                "its bytes are swapped: pass a copy in native order, x.astype(x.dtype.newbyteorder('='))",
            ));
        }
        if fields.flags() & array::FLAG_ALIGNED == 0 {
            return Err(unaligned());
        }
        let rank = fields.rank() as u8;
        // SAFETY: an array has as many of each as it has axes; without axes the pointers may be null.
        let axes = |pointer: *const i64| match rank {
            0 => Vec::new(),
            _ => unsafe { std::slice::from_raw_parts(pointer, rank.into()) }.to_vec(),
        };
        let writable = fields.flags() & array::FLAG_WRITEABLE != 0;
        let ty = ArrayType { dtype, rank, layout: fields.layout(), writable };
        let (shape, strides) = (axes(fields.shape()), axes(fields.strides()));
        Ok(View { ty, data: fields.data(), shape, strides, keep: Keep::Object(object.clone().unbind()) })
    }

    fn of_buffer(object: &Bound<'_, PyAny>) -> PyResult<View> {
        // SAFETY: a zeroed Py_buffer is what GetBuffer fills.
        let buffer = unsafe {
            let mut buffer = Box::new(std::mem::zeroed::<ffi::Py_buffer>());
            if ffi::PyObject_GetBuffer(object.as_ptr(), &mut *buffer, ffi::PyBUF_FULL_RO) != 0 {
                return Err(PyErr::fetch(object.py()));
            }
            buffer
        };
        let keep = Keep::Buffer(buffer);
        let Keep::Buffer(buffer) = &keep else { return Err(PyTypeError::new_err("no buffer")) };
        let rank = u8::try_from(buffer.ndim).ok().filter(|r| *r <= MAX_RANK);
        let rank = rank.ok_or_else(|| PyTypeError::new_err("a buffer with more axes than NumPy has"))?;
        // SAFETY: what is not null is as long as the rank says; the exporter keeps it until the release.
        let axes = |pointer: *const isize| match pointer.is_null() || rank == 0 {
            true => None,
            false => Some(unsafe { std::slice::from_raw_parts(pointer, rank.into()) }.iter().map(|n| *n as i64)),
        };
        if axes(buffer.suboffsets).is_some_and(|mut s| s.any(|n| n >= 0)) {
            return Err(PyTypeError::new_err("its rows are behind pointers (an indirect buffer): pass numpy.array(x)"));
        }
        let format = match buffer.format.is_null() {
            true => "B".to_string(),
            // SAFETY: a C string that the exporter keeps.
            false => unsafe { CStr::from_ptr(buffer.format) }.to_string_lossy().into_owned(),
        };
        let dtype = scalar_of_format(&format, buffer.itemsize as usize).ok_or_else(|| unsupported_format(&format))?;
        let item = buffer.itemsize as i64;
        let shape: Vec<i64> = match axes(buffer.shape) {
            Some(shape) => shape.collect(),
            None => vec![buffer.len as i64 / item.max(1); rank.into()],
        };
        let strides = axes(buffer.strides).map_or_else(|| dense_strides(&shape, item), Iterator::collect);
        let data = buffer.buf.cast::<u8>();
        if strides.iter().zip(&shape).any(|(s, n)| *n > 1 && s % item != 0) || data as i64 % item != 0 {
            return Err(unaligned());
        }
        let layout = layout_of(&shape, &strides, item);
        let ty = ArrayType { dtype, rank, layout, writable: buffer.readonly == 0 };
        Ok(View { ty, data, shape, strides, keep })
    }

    /// Why a parameter of type `wanted` (whose `writable` says that the kernel stores) does not take it.
    pub fn check(&self, wanted: ArrayType, parameter: &str) -> PyResult<()> {
        let found = self.ty;
        if found.dtype != wanted.dtype {
            let (w, f) = (wanted.dtype.dtype_name(), found.dtype.dtype_name());
            let member = if wanted.dtype == Scalar::Bool { "bool_" } else { w };
            return Err(PyTypeError::new_err(format!(
                "an array of {w} is wanted, not of {f}: pass {parameter}.astype(numpy.{member})"
            )));
        }
        if found.rank != wanted.rank {
            let (w, f) = (axes(wanted.rank), axes(found.rank));
            return Err(PyTypeError::new_err(format!("an array with {w} is wanted, this one has {f}")));
        }
        let item = i64::from(wanted.dtype.bytes());
        if !has_layout(&self.shape, &self.strides, item, wanted.layout) {
            let (order, function) = match wanted.layout {
                Layout::C => ("C", "ascontiguousarray"),
                Layout::F => ("Fortran", "asfortranarray"),
                Layout::Strided => ("any", "asarray"),
            };
            return Err(PyTypeError::new_err(format!(
                "a contiguous array in {order} order is wanted ({wanted}): pass numpy.{function}({parameter})"
            )));
        }
        if wanted.writable && !found.writable {
            return Err(PyValueError::new_err(format!(
                "the kernel writes to it, but it is read-only: pass {parameter}.copy()"
            )));
        }
        Ok(())
    }

    /// What keeps the memory alive as long as it lives itself: the base of arrays that view it.
    pub fn owner<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.keep {
            Keep::Object(object) => Ok(object.bind(py).clone()),
            // SAFETY: the exporter is alive while the buffer is held; the result is a new reference or null.
            Keep::Buffer(buffer) => unsafe {
                let view = ffi::PyMemoryView_FromObject(buffer.obj);
                if view.is_null() { Err(PyErr::fetch(py)) } else { Ok(Bound::from_owned_ptr(py, view)) }
            },
        }
    }

    /// The bytes that its elements lie in.
    pub fn extent(&self) -> (*mut u8, usize) {
        extent(self.data, &self.shape, &self.strides, self.ty.dtype)
    }
}

/// The first byte and the number of bytes that elements with these strides lie in.
pub fn extent(data: *mut u8, shape: &[i64], strides: &[i64], dtype: Scalar) -> (*mut u8, usize) {
    if shape.contains(&0) {
        return (data, 0);
    }
    let (mut low, mut high) = (0i64, i64::from(dtype.bytes()));
    for (n, stride) in shape.iter().zip(strides) {
        let reach = (n - 1).saturating_mul(*stride);
        if reach < 0 { low = low.saturating_add(reach) } else { high = high.saturating_add(reach) }
    }
    (data.wrapping_offset(low as isize), high.saturating_sub(low) as usize)
}

/// An instance of `numpy.ndarray`.
pub fn is_ndarray(object: &Bound<'_, PyAny>) -> bool {
    is_numpy(object, |n| n.ndarray)
}

/// An instance of one of NumPy's types.
fn is_numpy(object: &Bound<'_, PyAny>, class: impl FnOnce(&Numpy) -> *mut ffi::PyTypeObject) -> bool {
    // SAFETY: valid references, and the GIL is held.
    numpy::loaded(object.py()).is_some_and(|n| unsafe {
        let (ty, class) = (ffi::Py_TYPE(object.as_ptr()), class(n));
        ty == class || ffi::PyType_IsSubtype(ty, class) != 0
    })
}

/// Subclasses that only say where the memory comes from (`memmap`, `recarray`) are arrays; those with rules of their
/// own (`matrix`, masked arrays, quantities) would give other results.
fn refuse_subclass(object: &Bound<'_, PyAny>) -> PyResult<()> {
    let ty = object.get_type();
    if numpy::known().is_some_and(|n| n.ndarray.cast() == ty.as_ptr()) {
        return Ok(());
    }
    let priority = ty.getattr("__array_priority__")?.extract::<f64>().unwrap_or(0.0);
    let ndarray = object.py().import("numpy")?.getattr("ndarray")?;
    let same = |name: &str| Ok::<bool, PyErr>(ty.getattr(name)?.is(&ndarray.getattr(name)?));
    if priority > 0.0 || !same("__array_ufunc__")? || !same("__array_function__")? {
        let name = ty.name()?;
        return Err(PyTypeError::new_err(format!("a {name} has rules of its own: pass numpy.asarray(x)")));
    }
    Ok(())
}

fn unaligned() -> PyErr {
    PyValueError::new_err("its elements are not aligned in memory: pass x.copy()")
}

/// What to do with elements that kernels do not have, by NumPy's letter for their kind.
fn unsupported_dtype(array: &Bound<'_, PyAny>, kind: u8) -> PyErr {
    let dtype = array.getattr("dtype").and_then(|d| d.str()).map(|d| d.to_string()).unwrap_or_default();
    let advice = match kind {
        b'O' => "pass x.astype(numpy.float64), or another dtype of numbers",
        b'c' => "complex arrays are not supported yet: pass x.real and x.imag",
        b'M' | b'm' => "pass x.view(numpy.int64)",
        b'V' => "pass the fields one by one, as x['name']",
        b'S' | b'U' | b'T' => "text is outside of what a kernel knows",
        b'f' => "pass x.astype(numpy.float32) or x.astype(numpy.float64)",
        _ => "pass an array of numbers",
    };
    PyTypeError::new_err(format!("an array of {dtype} cannot be passed: {advice}"))
}

/// The same for the formats of the buffer protocol.
fn unsupported_format(format: &str) -> PyErr {
    let code = format.trim_start_matches(['@', '=', '<', '>', '!']);
    if format.starts_with(['>', '!']) && "bhilqBHILQfd?".contains(code) {
        return PyValueError::new_err(format!(
            "its bytes are swapped (format {format:?}): pass a copy in native order, \
             x.astype(x.dtype.newbyteorder('='))"
        ));
    }
    let advice = match code.chars().next() {
        Some('e') => "pass x.astype(numpy.float32)",
        Some('g') => "pass x.astype(numpy.float64)",
        Some('Z' | 'F' | 'D') => "complex arrays are not supported yet: pass x.real and x.imag",
        Some('O') => "pass numpy.array(x, dtype=numpy.float64)",
        Some('T') => "pass the fields one by one",
        Some('c' | 's') => "pass numpy.frombuffer(x, numpy.uint8)",
        _ => "pass a buffer of numbers",
    };
    PyTypeError::new_err(format!("a buffer of format {format:?} cannot be passed: {advice}"))
}

/// The scalar of a `struct` format with native byte order.
pub fn scalar_of_format(format: &str, itemsize: usize) -> Option<Scalar> {
    let code = format.trim_start_matches(['@', '=', if cfg!(target_endian = "little") { '<' } else { '>' }]);
    let kind = match code {
        "?" => Kind::Bool,
        "b" | "h" | "i" | "l" | "q" | "n" => Kind::Signed,
        "B" | "H" | "I" | "L" | "Q" | "N" => Kind::Unsigned,
        "f" | "d" => Kind::Float,
        _ => return None,
    };
    Scalar::ALL.into_iter().find(|s| s.kind() == kind && s.bytes() as usize == itemsize)
}

fn axes(rank: u8) -> String {
    match rank {
        0 => "no axes".to_string(),
        1 => "one axis".to_string(),
        n => format!("{n} axes"),
    }
}

fn dense_strides(shape: &[i64], item: i64) -> Vec<i64> {
    let mut strides = vec![item; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1));
    }
    strides
}

/// The layout that lazy dispatch tells apart: C before F.
fn layout_of(shape: &[i64], strides: &[i64], item: i64) -> Layout {
    let has = |layout| has_layout(shape, strides, item, layout);
    [Layout::C, Layout::F].into_iter().find(|l| has(*l)).unwrap_or(Layout::Strided)
}

/// NumPy's rule: the strides of axes with one element do not matter, nor do any of an empty array.
fn has_layout(shape: &[i64], strides: &[i64], item: i64, layout: Layout) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut expected = item;
    let mut dense = |(n, stride): (&i64, &i64)| {
        let fits = *n == 1 || *stride == expected;
        expected = expected.saturating_mul(*n);
        fits
    };
    let mut pairs = shape.iter().zip(strides);
    match layout {
        Layout::C => pairs.rev().all(dense),
        Layout::F => pairs.all(&mut dense),
        Layout::Strided => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_with_their_size() {
        assert_eq!(scalar_of_format("<d", 8), Some(Scalar::F64));
        assert_eq!(scalar_of_format("l", 8), Some(Scalar::I64));
        assert_eq!(scalar_of_format("l", 4), Some(Scalar::I32));
        assert_eq!(scalar_of_format(">d", 8), None);
        assert_eq!(scalar_of_format("Zd", 16), None);
    }

    #[test]
    fn layouts_follow_numpy() {
        assert_eq!(layout_of(&[], &[], 8), Layout::C);
        assert_eq!(layout_of(&[3], &[8], 8), Layout::C);
        assert_eq!(layout_of(&[3], &[-8], 8), Layout::Strided);
        assert_eq!(layout_of(&[2, 3], &[24, 8], 8), Layout::C);
        assert_eq!(layout_of(&[2, 3], &[8, 16], 8), Layout::F);
        assert_eq!(layout_of(&[1, 3], &[1000, 8], 8), Layout::C);
        assert_eq!(layout_of(&[0, 3], &[1, 1], 8), Layout::C);
    }

    #[test]
    fn extents_reach_both_ways() {
        let base = 1000 as *mut u8;
        assert_eq!(extent(base, &[3], &[-8], Scalar::F64), (984 as *mut u8, 24));
        assert_eq!(extent(base, &[2, 3], &[100, 4], Scalar::F32), (base, 112));
        assert_eq!(extent(base, &[2, 0], &[100, 4], Scalar::F32), (base, 0));
    }
}
