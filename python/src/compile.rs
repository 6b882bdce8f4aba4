//! The functions of the extension module that compile.

use std::ffi::OsString;
use std::sync::Arc;

use gelcap_compiler::diag::guarded;
use gelcap_compiler::ir::Module;
use gelcap_compiler::passes::Observer;
use gelcap_compiler::request::{self as compiler, Failure};
use gelcap_native_host as native;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::named;
use crate::class::{self, Classes};
use crate::compiled::{Compiled, Origin};
use crate::diagnostics;
use crate::loaded::Loaded;
use crate::request;

/// Compiles what the dictionary describes; gives a form for each kernel.
#[pyfunction]
pub fn compile(py: Python<'_>, request: &Bound<'_, PyDict>) -> PyResult<Vec<Compiled>> {
    let mut observer = Planted(request.get_item("planted_fault")?.map(|pass| pass.extract()).transpose()?);
    let prepared = request::read(request)?;
    let (origin, classes) = Origin::new(prepared);
    // Another thread may run meanwhile: nothing here is Python's.
    let outcome = py.detach(|| compiler::compile(&origin.request, &origin.options, &mut observer));
    let compiled = outcome.map_err(|failure| diagnostics::error(py, failure))?;
    diagnostics::warn(py, &compiled.warnings, &compiled.sources)?;
    let loaded = guarded("load", || Loaded::new(compiled.artifact))
        .map_err(|error| diagnostics::error(py, Failure::Internal(error)))??;
    let origin = Arc::new(origin);
    let form = |(i, info)| Compiled::new(loaded.clone(), i, info, classes.clone(), origin.clone());
    Ok(compiled.kernels.into_iter().enumerate().map(form).collect())
}

/// Fails in the pass of that name. No option leads here: the package's tests show by it what a fault of ours looks like.
struct Planted(Option<String>);

impl Observer for Planted {
    fn before(&mut self, pass: &'static str, _: &Module) {
        assert!(self.0.as_deref() != Some(pass), "planted in {pass}");
    }
}

/// The classes of a call's arguments, as lazy dispatch tells them apart; `names` are the parameters', for messages.
#[pyfunction]
pub fn classes_of(py: Python<'_>, args: Vec<Bound<'_, PyAny>>, names: Vec<String>) -> PyResult<Classes> {
    let class = |(i, arg): (usize, &Bound<'_, PyAny>)| match class::look(arg) {
        Ok(looked) => Ok(looked.class),
        Err(error) => Err(named(py, error, names.get(i).map_or("?", String::as_str))),
    };
    Ok(Classes(args.iter().enumerate().map(class).collect::<PyResult<_>>()?))
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

/// Buffers of kernels that have a reference, for tests that count them.
#[pyfunction]
pub fn live_buffers() -> u64 {
    native::runtime::live_buffers()
}

/// Runs the command line; gives the exit status.
#[pyfunction]
pub fn command_line(py: Python<'_>, args: Vec<OsString>) -> i32 {
    py.detach(|| gelcap_cli::main(args))
}
