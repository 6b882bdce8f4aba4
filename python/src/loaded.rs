//! Compiled kernels in this process: the artifact, its code under its host, and the way its failures become exceptions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gelcap_compiler::artifact::{Artifact, Code, Export};
use gelcap_native_host as native;
use gelcap_wasm_host as wasm;
use pyo3::exceptions::{PyRuntimeError, PySystemError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::errors::{self, Raised, Raiser};
use crate::sandbox;

/// An artifact that can be called.
pub struct Loaded {
    pub artifact: Arc<Artifact>,
    pub raiser: Raiser,
    pub code: HostCode,
    /// Its failures are a sandbox's errors, and other threads run while it does.
    pub in_sandbox: bool,
    /// The first failure on a thread that Python does not know, until someone asks for it.
    pub last_error: Mutex<Option<PyErr>>,
}

/// Code under the host that runs it.
pub enum HostCode {
    Native(Arc<native::Kernel>),
    Wasm(wasm::Kernel),
}

impl Loaded {
    /// Loads an artifact under the host it was made for.
    pub fn new(artifact: Artifact) -> PyResult<Arc<Loaded>> {
        let artifact = Arc::new(artifact);
        let code = match &artifact.code {
            Code::Native(_) => HostCode::Native(
                native::Kernel::load(artifact.clone(), raise_from_c)
                    .map_err(|e| PyRuntimeError::new_err(format!("gelcap: {e}")))?,
            ),
            Code::Wasm(_) => HostCode::Wasm(
                wasm::Kernel::load(artifact.clone()).map_err(|e| PyRuntimeError::new_err(format!("gelcap: {e}")))?,
            ),
        };
        let raiser = Raiser::new(artifact.clone(), false);
        Ok(Arc::new(Loaded { artifact, raiser, code, in_sandbox: false, last_error: Mutex::new(None) }))
    }

    /// A program that a sandbox has compiled.
    pub fn in_sandbox(kernel: wasm::Kernel) -> Arc<Loaded> {
        let artifact = kernel.artifact().clone();
        let raiser = Raiser::new(artifact.clone(), true);
        let code = HostCode::Wasm(kernel);
        Arc::new(Loaded { artifact, raiser, code, in_sandbox: true, last_error: Mutex::new(None) })
    }

    pub fn export(&self, index: usize) -> PyResult<&Export> {
        self.artifact
            .exports
            .get(index)
            .ok_or_else(|| PySystemError::new_err(format!("gelcap: the artifact has no kernel {index}")))
    }

    /// The address of a kernel's C entry. From then on the code stays for the rest of the process: nobody can know how
    /// long C keeps an address.
    pub fn c_address(self: &Arc<Self>, export: &Export) -> PyResult<usize> {
        match &self.code {
            HostCode::Native(kernel) => {
                let Some(address) = kernel.c_address(export) else {
                    return Err(PyRuntimeError::new_err(format!("`{}` has no C function", export.name)));
                };
                kernel.keep_forever();
                kernel.set_token(Arc::into_raw(self.clone()) as u64);
                Ok(address as usize)
            }
            HostCode::Wasm(_) => Err(PyRuntimeError::new_err("a wasm kernel's C function is made by its callback")),
        }
    }

    /// Keeps a failure that no Python code on its thread will see; the first one wins.
    pub fn keep_error(&self, error: PyErr) {
        let mut last = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        last.get_or_insert(error);
    }

    pub fn peek_error(&self, py: Python<'_>) -> Option<PyErr> {
        let last = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|e| e.clone_ref(py))
    }

    pub fn take_error(&self) -> Option<PyErr> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A raise inside a C function: see [`Loaded::fail_with`].
    pub fn fail(&self, raised: Raised) {
        self.fail_with(|py| self.raiser.exception(py, raised));
    }

    /// A wasm kernel's failure inside a C function.
    pub fn fail_wasm(&self, failure: &wasm::Failure) {
        self.fail_with(|py| wasm_error(py, self, failure));
    }

    /// A failure inside a C function: sets the exception for the Python code that called it, or keeps it when the
    /// thread has none. A pending exception stays.
    fn fail_with(&self, exception: impl FnOnce(Python<'_>) -> PyErr) {
        // SAFETY: these may be called without the GIL.
        let foreign = unsafe {
            if ffi::Py_IsInitialized() == 0 {
                return;
            }
            ffi::PyGILState_GetThisThreadState().is_null()
        };
        Python::attach(|py| {
            if foreign {
                if self.last_error.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                    self.keep_error(exception(py));
                }
            // SAFETY: the GIL is held.
            } else if unsafe { ffi::PyErr_Occurred() }.is_null() {
                exception(py).restore(py);
            }
        });
    }
}

/// What native C entries call when they fail.
///
/// # Safety
/// The token's word is 0 or a leaked `Arc<Loaded>`.
unsafe extern "C" fn raise_from_c(token: *const AtomicU64, site: i32, p0: i64, p1: i64, p2: i64, p3: i64) {
    // SAFETY: the token is the object's own data word, which lives as long as the code that passes it.
    let word = unsafe { (*token).load(Ordering::Acquire) } as *const Loaded;
    // SAFETY: `c_address` put a leaked reference there before it gave the address away.
    if let Some(loaded) = unsafe { word.as_ref() } {
        loaded.fail(Raised { site: site as u32, payload: [p0, p1, p2, p3] });
    }
}

/// A wasm kernel's failure as an exception.
pub fn wasm_error(py: Python<'_>, loaded: &Loaded, failure: &wasm::Failure) -> PyErr {
    if let wasm::Failure::Raised { site, payload } = *failure {
        return loaded.raiser.exception(py, Raised { site, payload });
    }
    if loaded.in_sandbox {
        return sandbox::failure(py, loaded, failure);
    }
    let message = failure.message(&loaded.artifact);
    match errors::class_of(py, failure.exception(&loaded.artifact)).call1((message,)) {
        Ok(value) => PyErr::from_value(value),
        Err(e) => e,
    }
}
