//! The Python extension module `gelcap._gelcap`: compilation, loaded kernels, calls. What users see is made of it by the
//! Python package beside it.

mod call;
mod class;
mod compile;
mod compiled;
mod convert;
mod diagnostics;
mod errors;
mod function;
mod loaded;
mod numpy;
mod pointer;
mod request;
mod results;
mod sandbox;
mod take;
mod variant;
mod view;
mod wasm_call;

use pyo3::prelude::*;

#[pymodule]
fn _gelcap(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(function::function_type, module)?)?;
    module.add_function(wrap_pyfunction!(function::into_sandbox, module)?)?;
    module.add_function(wrap_pyfunction!(compile::compile, module)?)?;
    module.add_function(wrap_pyfunction!(compile::classes_of, module)?)?;
    module.add_function(wrap_pyfunction!(compile::host_report, module)?)?;
    module.add_function(wrap_pyfunction!(compile::live_buffers, module)?)?;
    module.add_function(wrap_pyfunction!(compile::command_line, module)?)?;
    module.add_class::<compiled::Compiled>()?;
    module.add_class::<compiled::CompiledSignature>()?;
    module.add_class::<class::Classes>()?;
    module.add_class::<results::Memory>()?;
    module.add_class::<sandbox::SandboxHost>()?;
    module.add_class::<sandbox::GuestMemory>()?;
    module.add_function(wrap_pyfunction!(sandbox::watch_interrupts, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
