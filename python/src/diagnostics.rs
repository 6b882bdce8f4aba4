//! Faults of a compilation as exceptions: the first fault's place as SyntaxError has it, all of them as data and text.

use gelcap_compiler::diag::render::{RenderOptions, render_all};
use gelcap_compiler::diag::{Diagnostic, SourceMap, SyntaxErrorData, json};
use gelcap_compiler::request::Failure;
use pyo3::prelude::*;

/// The exception of a failed compilation.
pub fn error(py: Python<'_>, failure: Failure) -> PyErr {
    let made = match failure {
        Failure::Diagnostics { diagnostics, sources } => compile_error(py, &diagnostics, &sources),
        Failure::Internal(error) => py
            .import("gelcap._errors")
            .and_then(|m| m.getattr("InternalCompilerError"))
            .and_then(|c| c.call1((error.to_string(),))),
    };
    match made {
        Ok(value) => PyErr::from_value(value),
        Err(e) => e,
    }
}

/// What is no error, as Python's warnings, at the lines of the user's file.
pub fn warn(py: Python<'_>, warnings: &[Diagnostic], sources: &SourceMap) -> PyResult<()> {
    if warnings.is_empty() {
        return Ok(());
    }
    let warn = py.import("gelcap._errors")?.getattr("warn")?;
    for warning in warnings {
        let data = SyntaxErrorData::new(warning, sources);
        warn.call1((data.message, warning.help.as_deref(), data.filename, data.lineno))?;
    }
    Ok(())
}

fn compile_error<'py>(py: Python<'py>, diagnostics: &[Diagnostic], sources: &SourceMap) -> PyResult<Bound<'py, PyAny>> {
    let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
    let data = first.map(|d| SyntaxErrorData::new(d, sources));
    let message = data.as_ref().map_or("the kernel cannot be compiled", |d| d.message.as_str());
    let location = data
        .as_ref()
        .filter(|d| d.filename.is_some())
        .map(|d| (&d.filename, d.lineno, d.offset, &d.text, d.end_lineno, d.end_offset));
    let text = json::to_json(diagnostics, sources).to_string();
    let parsed = py.import("json")?.getattr("loads")?.call1((text,))?;
    let rendered = render_all(diagnostics, sources, RenderOptions::default());
    py.import("gelcap._errors")?.getattr("compile_error")?.call1((message, location, parsed, rendered))
}
