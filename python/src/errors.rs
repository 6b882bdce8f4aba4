//! Failures as Python exceptions: what a kernel raised, with a traceback entry at the kernel's line.
//!
//! The entry comes from a stub code object that is compiled once per frame, with the kernel's file name and line and the
//! function's name, and whose only statement raises the exception it is given: that needs nothing but the stable ABI.

use std::collections::BTreeMap;
use std::sync::Mutex;

use gelcap_compiler::abi::status::{Exception, format_message};
use gelcap_compiler::artifact::{Artifact, Frame};
use pyo3::exceptions as exc;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};

use crate::sandbox;

/// What left a kernel: which site, and the words its message shows.
#[derive(Clone, Copy, Debug)]
pub struct Raised {
    pub site: u32,
    pub payload: [i64; 4],
}

/// Turns the failures of one artifact into exceptions.
pub struct Raiser {
    artifact: std::sync::Arc<Artifact>,
    /// The exceptions are those of a sandbox.
    in_sandbox: bool,
    /// Stub code objects by (site, frame).
    stubs: Mutex<BTreeMap<(u32, usize), Py<PyAny>>>,
}

impl Raiser {
    pub fn new(artifact: std::sync::Arc<Artifact>, in_sandbox: bool) -> Raiser {
        Raiser { artifact, in_sandbox, stubs: Mutex::new(BTreeMap::new()) }
    }

    /// The exception of a failure, its traceback naming the kernel's lines.
    pub fn exception(&self, py: Python<'_>, raised: Raised) -> PyErr {
        let Some(site) = self.artifact.sites.get(raised.site as usize) else {
            return exc::PySystemError::new_err(format!("gelcap: a kernel failed at an unknown site {}", raised.site));
        };
        let message = format_message(&site.template, raised.payload);
        let class = match self.in_sandbox.then(|| sandbox::class_of(py, site.exception.name())) {
            Some(Ok(class)) => class,
            Some(Err(error)) => return error,
            None => class_of(py, site.exception),
        };
        let made = if message.is_empty() { class.call0() } else { class.call1((message,)) };
        let mut error = match made {
            Ok(value) => PyErr::from_value(value),
            Err(e) => e,
        };
        // Innermost first: each stub adds its entry in front of what is there, as unwinding does.
        for (k, frame) in site.frames.iter().enumerate() {
            match self.stub(py, raised.site, k, frame).and_then(|stub| run_stub(py, &stub, error.value(py))) {
                Ok(raised) => error = raised,
                Err(_) => break,
            }
        }
        error
    }

    fn stub(&self, py: Python<'_>, site: u32, index: usize, frame: &Frame) -> PyResult<Py<PyAny>> {
        let mut stubs = self.stubs.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(stub) = stubs.get(&(site, index)) {
            return Ok(stub.clone_ref(py));
        }
        let file = self.artifact.files.get(frame.file as usize).map_or("<kernel>", String::as_str);
        let stub = compile_stub(py, file, frame)?;
        stubs.insert((site, index), stub.clone_ref(py));
        Ok(stub)
    }
}

/// `raise __gelcap_error__` as code that claims to be the frame's function at the frame's line and columns.
fn compile_stub(py: Python<'_>, file: &str, frame: &Frame) -> PyResult<Py<PyAny>> {
    let code = py.import("builtins")?.getattr("compile")?.call1(("raise __gelcap_error__", file, "exec"))?;
    let units = code.getattr("co_code")?.len()? / 2;
    let kwargs = PyDict::new(py);
    kwargs.set_item("co_name", &frame.function)?;
    kwargs.set_item("co_qualname", &frame.function)?;
    kwargs.set_item("co_firstlineno", frame.line.max(1))?;
    kwargs.set_item("co_linetable", PyBytes::new(py, &location_table(units, frame)))?;
    Ok(code.call_method("replace", (), Some(&kwargs))?.unbind())
}

/// A code object's location table (CPython's `Objects/locations.md`) that gives every instruction the frame's range:
/// entries of the long form, each for up to eight code units.
fn location_table(units: usize, frame: &Frame) -> Vec<u8> {
    const LONG_FORM: u8 = 14;
    let mut table = Vec::new();
    let mut left = units;
    while left > 0 {
        let length = left.min(8);
        table.push(0x80 | LONG_FORM << 3 | (length - 1) as u8);
        varint(&mut table, 0);
        varint(&mut table, frame.end_line.saturating_sub(frame.line));
        varint(&mut table, frame.column + 1);
        varint(&mut table, frame.end_column + 1);
        left -= length;
    }
    table
}

/// Six bits a byte, the lowest first; bit 6 says that more follow.
fn varint(table: &mut Vec<u8>, mut value: u32) {
    while value >= 64 {
        table.push(0x40 | (value & 0x3f) as u8);
        value >>= 6;
    }
    table.push(value as u8);
}

/// Runs a stub; gives the exception as it left it.
fn run_stub(py: Python<'_>, stub: &Py<PyAny>, value: &Bound<'_, pyo3::exceptions::PyBaseException>) -> PyResult<PyErr> {
    let globals = PyDict::new(py);
    globals.set_item("__gelcap_error__", value)?;
    // SAFETY: both are valid for the call; the result is null with an exception set, which `PyErr::fetch` takes.
    let result = unsafe { pyo3::ffi::PyEval_EvalCode(stub.as_ptr(), globals.as_ptr(), globals.as_ptr()) };
    let error = PyErr::take(py);
    // The exception holds the frame and the frame these globals: without this every failure would be a cycle.
    globals.clear();
    if !result.is_null() {
        // SAFETY: a new reference that nothing else holds.
        unsafe { pyo3::ffi::Py_DECREF(result) };
        return Err(exc::PySystemError::new_err("gelcap: a traceback stub returned"));
    }
    error.ok_or_else(|| exc::PySystemError::new_err("gelcap: a traceback stub did not raise"))
}

/// Python's class for an exception.
pub fn class_of(py: Python<'_>, e: Exception) -> Bound<'_, PyType> {
    let named = py.import("builtins").and_then(|b| b.getattr(e.name())).ok();
    match named.and_then(|c| c.cast_into::<PyType>().ok()) {
        Some(class) => class,
        None => py.get_type::<exc::PyRuntimeError>(),
    }
}
