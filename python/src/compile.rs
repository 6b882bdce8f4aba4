//! The functions of the extension module that compile.

use std::ffi::OsString;
use std::sync::Arc;

use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request as compiler;
use gelcap_native_host as native;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::compiled::{Compiled, Origin};
use crate::convert::class_of;
use crate::diagnostics;
use crate::loaded::Loaded;
use crate::request::{self, class_name};

/// Compiles what the dictionary describes; gives a form for each kernel.
#[pyfunction]
pub fn compile(py: Python<'_>, request: &Bound<'_, PyDict>) -> PyResult<Vec<Compiled>> {
    let prepared = request::read(request)?;
    let (origin, classes) = Origin::new(prepared);
    // Another thread may run meanwhile: nothing here is Python's.
    let outcome = py.detach(|| compiler::compile(&origin.request, &origin.options, &mut Quiet));
    let compiled = outcome.map_err(|failure| diagnostics::error(py, failure))?;
    let loaded = Loaded::new(compiled.artifact)?;
    let origin = Arc::new(origin);
    let form = |info| Compiled::new(loaded.clone(), info, classes.clone(), origin.clone());
    Ok(compiled.kernels.into_iter().map(form).collect())
}

/// The classes of a call's arguments, as lazy dispatch tells them apart.
#[pyfunction]
pub fn classes_of(py: Python<'_>, args: &Bound<'_, PyTuple>) -> PyResult<Vec<&'static str>> {
    let mut classes = Vec::with_capacity(args.len());
    for (i, arg) in args.iter().enumerate() {
        // SAFETY: a valid reference, and the GIL is held.
        let class = unsafe { class_of(py, arg.as_ptr()) };
        let name = class_name(class).ok_or_else(|| {
            let ty = arg.get_type().name().map(|n| n.to_string()).unwrap_or_default();
            PyTypeError::new_err(format!(
                "argument {} is a {ty}: without a declared signature a kernel takes numbers; declare a pointer \
                 (`CPointer(float64)`) to pass memory",
                i + 1
            ))
        })?;
        classes.push(name);
    }
    Ok(classes)
}

/// The host part of `gelcap doctor`.
#[pyfunction]
pub fn host_report() -> Vec<(&'static str, String)> {
    let host = match native::host_target() {
        Ok(target) => format!("{:?}: {}", target.machine, target.features.join(" ")),
        Err(why) => format!("not supported: {why}"),
    };
    vec![("processor", host)]
}

/// Runs the command line; gives the exit status.
#[pyfunction]
pub fn command_line(py: Python<'_>, args: Vec<OsString>) -> i32 {
    py.detach(|| gelcap_cli::main(args))
}
