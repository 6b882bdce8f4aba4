//! The Python extension module `gelcap._gelcap`: compilation, loaded kernels, calls. What users see is made of it by the
//! Python package beside it.

mod call;
mod convert;
mod errors;
mod loaded;
mod pointer;

use pyo3::prelude::*;

#[pymodule]
fn _gelcap(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(call::function_type, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
