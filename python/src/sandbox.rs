//! `_gelcap.SandboxHost`: a sandbox of the wasm host, and its memory as buffers for NumPy. The class that users see is in
//! `gelcap/sandbox.py`.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::time::Duration;

use gelcap_compiler::options::Limits;
use gelcap_compiler::request::Failure;
use gelcap_wasm_host as wasm;
use pyo3::exceptions::{PyBufferError, PyMemoryError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::compiled::{Compiled, Origin};
use crate::diagnostics;
use crate::loaded::Loaded;
use crate::request;

/// One tenant's sandbox.
#[pyclass(module = "gelcap._gelcap", frozen)]
pub struct SandboxHost {
    sandbox: wasm::Sandbox,
}

#[pymethods]
impl SandboxHost {
    /// `compile` holds the limits of a compilation: bytes of source, instructions, work.
    #[new]
    fn new(
        py: Python<'_>,
        memory: u64,
        timeout: Option<f64>,
        stack: u64,
        compile: (u64, u64, u64),
    ) -> PyResult<SandboxHost> {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let limits = wasm::Limits {
            memory: size(memory),
            timeout: timeout.map(|t| Duration::try_from_secs_f64(t).unwrap_or(Duration::MAX)),
            stack: size(stack),
            compile: Limits { source: size(compile.0), ir: size(compile.1), work: compile.2 },
        };
        let sandbox = wasm::Sandbox::new(limits).map_err(|e| host_error(py, &e))?;
        Ok(SandboxHost { sandbox })
    }

    /// Compiles what the dictionary describes, to be run in here; gives a form for each kernel.
    fn compile(&self, py: Python<'_>, request: &Bound<'_, PyDict>) -> PyResult<Vec<Compiled>> {
        let mut prepared = request::read(request)?;
        let level = prepared.options.opt_level;
        prepared.options = self.sandbox.options();
        prepared.options.opt_level = level;
        prepared.target_report = format!("wasm: wasm32 under wasmtime, in a sandbox ({:?})", self.sandbox.execution());
        let (origin, classes) = Origin::new(prepared);
        let outcome = py.detach(|| self.sandbox.compile_with(&origin.request, &origin.options));
        let program = outcome.map_err(|error| match error {
            wasm::CompileError::Refused(failure @ (Failure::Diagnostics { .. } | Failure::Internal(_))) => {
                diagnostics::error(py, failure)
            }
            wasm::CompileError::Host(error) => host_error(py, &error),
        })?;
        diagnostics::warn(py, &program.warnings, &program.sources)?;
        let loaded = Loaded::in_sandbox(program.kernel);
        let origin = Arc::new(origin);
        let form = |(i, info)| Compiled::new(loaded.clone(), i, info, classes.clone(), origin.clone());
        Ok(program.kernels.into_iter().enumerate().map(form).collect())
    }

    /// So many bytes of guest memory, all zero.
    fn allocate(&self, py: Python<'_>, bytes: u64) -> PyResult<GuestMemory> {
        if self.sandbox.is_closed() {
            return Err(host_error(py, &wasm::HostError::Closed));
        }
        let bytes = usize::try_from(bytes).map_err(|_| PyMemoryError::new_err("more memory than there is"))?;
        let region = self.sandbox.arena().alloc(bytes).map_err(|e| host_error(py, &wasm::HostError::Arena(e)))?;
        Ok(GuestMemory { region })
    }

    /// Whether kernels in here use the memory at an address in place.
    fn holds(&self, address: usize, bytes: usize) -> bool {
        self.sandbox.arena().guest_address(address as *const u8, bytes).is_some()
    }

    /// Stops every call that runs now; gives how many there were.
    fn cancel(&self) -> usize {
        self.sandbox.cancel()
    }

    fn close(&self) {
        self.sandbox.close();
    }

    #[getter]
    fn closed(&self) -> bool {
        self.sandbox.is_closed()
    }

    /// Bytes of memory that are committed or may be used without asking the system again.
    #[getter]
    fn heap_bytes(&self) -> usize {
        self.sandbox.arena().heap_bytes()
    }
}

/// Lets Ctrl-C stop kernels that this thread runs: Python's main thread.
#[pyfunction]
pub fn watch_interrupts() {
    wasm::watch_this_thread();
}

/// Guest memory that the host owns. Has the buffer protocol, as bytes; keeps the sandbox's memory alive by itself.
#[pyclass(module = "gelcap._gelcap", frozen)]
pub struct GuestMemory {
    region: wasm::Region,
}

#[pymethods]
impl GuestMemory {
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no place for the buffer"));
        }
        let region = &slf.get().region;
        // SAFETY: the region is alive as long as `slf`, which the view takes a reference to.
        let status = unsafe {
            let (start, bytes) = (region.host().cast::<c_void>(), region.len() as ffi::Py_ssize_t);
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, bytes, 0, flags)
        };
        if status == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}

/// The class of an error that leaves a sandbox: one of `gelcap.sandbox`, by the name of the builtin it stands for or of
/// the limit.
pub fn class_of<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    let found = py.import("gelcap.sandbox")?.getattr("_class_of")?.call1((name,))?;
    Ok(found.cast_into::<PyType>()?)
}

/// Why the host could not do what it was asked for.
pub fn host_error(py: Python<'_>, error: &wasm::HostError) -> PyErr {
    let name = match error {
        wasm::HostError::Closed => "closed",
        wasm::HostError::Arena(_) => "memory",
        wasm::HostError::Engine { .. }
        | wasm::HostError::NotWasm
        | wasm::HostError::AbiVersion { .. }
        | wasm::HostError::Module { .. }
        | wasm::HostError::NoSuchKernel { .. }
        | wasm::HostError::Thread(_) => "RuntimeError",
    };
    made(py, name, error.to_string())
}

/// The exception of a failure that is no raise of the kernel's.
pub fn failure(py: Python<'_>, loaded: &Loaded, failure: &wasm::Failure) -> PyErr {
    let name = match failure {
        wasm::Failure::Stopped(wasm::Stop::Timeout) => "timeout",
        wasm::Failure::Stopped(wasm::Stop::Cancelled) => "cancelled",
        wasm::Failure::Stopped(wasm::Stop::Interrupted) => {
            // Ctrl-C is the caller's, and not the kernel's: its handler decides.
            if let Err(error) = py.check_signals() {
                return error;
            }
            "cancelled"
        }
        wasm::Failure::Trap(wasm::Trap::StackOverflow) => "stack",
        wasm::Failure::Host(error) => return host_error(py, error),
        wasm::Failure::Raised { .. } | wasm::Failure::Trap(_) | wasm::Failure::Range { .. } => {
            failure.exception(&loaded.artifact).name()
        }
    };
    made(py, name, failure.message(&loaded.artifact))
}

fn made(py: Python<'_>, name: &str, message: String) -> PyErr {
    let made = class_of(py, name).and_then(|class| class.call1((message,)));
    match made {
        Ok(value) => PyErr::from_value(value),
        Err(e) => e,
    }
}

/// Anything that leaves a call into a sandbox, as one of its errors. What is no `Exception` (Ctrl-C) is not the
/// sandbox's to change.
#[cold]
pub fn wrapped(py: Python<'_>, error: PyErr) -> PyErr {
    let wrap = || py.import("gelcap.sandbox")?.getattr("_wrapped")?.call1((error.value(py),));
    match wrap() {
        // As it is, with its traceback.
        Ok(value) if value.is(error.value(py)) => error,
        Ok(value) => PyErr::from_value(value),
        Err(e) => e,
    }
}
