//! Source text to a program that judges run, through the front-end. The one file that knows how.

use gelcap_compiler::diag::render::{RenderOptions, render_all};
use gelcap_compiler::diag::{Diagnostic, Sink, SourceFile, SourceMap};
use gelcap_compiler::front::{self, Mode, Parsed};
use gelcap_compiler::ir::verify;
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::entries::{self, ExportSpec};
use gelcap_compiler::request::{self, Failure, Request};
use gelcap_compiler::types::Type;

use crate::judges::Program;

/// The kernels that a text exports, with their parameters in Python spelling as the kernel sees them: C's scalars are
/// Python's.
pub fn signatures(name: &str, source: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let (parsed, ..) = parse(name, source)?;
    let spelled = |capsule: bool, ty: &Type| if capsule { ty.as_python().to_string() } else { ty.to_string() };
    parsed
        .exports
        .iter()
        .map(|e| match &e.signatures[..] {
            [one] => Ok((e.name.text.clone(), one.param_types().map(|t| spelled(e.capsule, t)).collect())),
            _ => Err(format!("{name}: {} is exported with {} signatures", e.name.text, e.signatures.len())),
        })
        .collect()
}

fn parse(name: &str, source: &str) -> Result<(Parsed, SourceMap), String> {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new(name, source));
    let mut sink = Sink::new();
    let parsed = front::parse(&sources, file, &mut sink);
    let failed = sink.has_errors();
    if failed { Err(rendered(&sink.finish(), &sources)) } else { Ok((parsed, sources)) }
}

fn rendered(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    render_all(diagnostics, sources, RenderOptions::default())
}

/// Compiles the exported kernels to verified IR with packed entries; the rendered errors if that fails.
pub fn compile(name: &str, source: &str, options: &Options) -> Result<Program, String> {
    requested(name, &Request::text(name, source).exports(), options)
}

/// Compiles one kernel for arguments of these types, as a lazy `jit` does.
pub fn compile_for(
    name: &str,
    source: &str,
    kernel: &str,
    types: &[Type],
    options: &Options,
) -> Result<Program, String> {
    requested(name, &request_for(name, source, kernel, types), options)
}

/// The request of a lazy `jit` for one kernel and the types of its arguments.
pub fn request_for(name: &str, source: &str, kernel: &str, types: &[Type]) -> Request {
    let mut request = Request::text(name, source).kernel(kernel).mode(Mode::Jit);
    request.arguments = Some(types.to_vec());
    request
}

fn requested(name: &str, request: &Request, options: &Options) -> Result<Program, String> {
    let (unit, _) = request::unit(request, options).map_err(|failure| match failure {
        Failure::Diagnostics { diagnostics, sources } => rendered(&diagnostics, &sources),
        Failure::Internal(error) => error.to_string(),
    })?;
    let mut module = unit.module;
    verify::verify(&module).map_err(|f| format!("the front-end made wrong IR:\n{}", f.render(&module)))?;
    let (mut exports, mut specs) = (Vec::new(), Vec::new());
    for mut kernel in unit.kernels {
        // Judges enter by the packed entry alone.
        kernel.export.c = None;
        specs.push(ExportSpec { kernel: kernel.func, name: kernel.export.name.clone(), c_entry: false });
        exports.push(kernel.export);
    }
    entries::add(&mut module, &specs)?;
    Ok(Program { name: name.into(), module, exports })
}
