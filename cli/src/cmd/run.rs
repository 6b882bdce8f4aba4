//! `gelcap run FILE NAME ARGS..`: compile a kernel, call it, show what it gives.

use std::sync::Arc;

use gelcap_compiler::abi::status::{Exception, format_message};
use gelcap_compiler::artifact::{Artifact, Export, ParamType};
use gelcap_compiler::diag::SourceMap;
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Request};
use gelcap_native_host as native;
use gelcap_wasm_host as wasm;

use crate::args::{HostTarget, RunArgs};
use crate::input;
use crate::report::{Report, Stop};
use crate::text::{count, err, out};
use crate::values::{self, Value};

pub fn run(args: &RunArgs, report: &Report) -> Result<(), Stop> {
    let mut request = Request::text(args.file.display().to_string(), input::read(&args.file)?).kernel(&args.name);
    request.signatures.extend(args.signature.clone());
    request.settings = input::settings(&args.compile)?;
    let mut options = Options::new(input::host_target(args.target)?);
    options.opt_level = input::opt_level(&args.compile);
    let compiled = request::compile(&request, &options, &mut Quiet)?;
    report.diagnostics(&compiled.warnings, &compiled.sources);
    let artifact = Arc::new(compiled.artifact);
    let (export, values) = choose(&artifact, &args.args)?;
    let (outcome, values) = call(&artifact, export, values, args.target)?;
    match outcome {
        Ok(slots) => {
            out(&shown(export, &slots, &values));
            Ok(())
        }
        Err(raised) => {
            err(&traceback(&artifact, &compiled.sources, &raised));
            Err(Stop::Reported)
        }
    }
}

/// The overload that takes the arguments: the first that can read them all.
fn choose<'a>(artifact: &'a Artifact, texts: &[String]) -> Result<(&'a Export, Vec<Value>), Stop> {
    let mut refused = None;
    for export in &artifact.exports {
        match parse(export, texts) {
            Ok(values) => return Ok((export, values)),
            Err(stop) => refused = refused.or(Some(stop)),
        }
    }
    Err(refused.unwrap_or_else(|| Stop::message("the file exports no kernel")))
}

fn parse(export: &Export, texts: &[String]) -> Result<Vec<Value>, Stop> {
    let needed = export.params.iter().filter(|p| p.default.is_none()).count();
    if texts.len() < needed || texts.len() > export.params.len() {
        let names: Vec<&str> = export.params.iter().map(|p| p.name.as_str()).collect();
        let takes = count(export.params.len(), "argument");
        let message =
            format!("`{}` takes {takes} ({}), and {} given", export.name, names.join(", "), given(texts.len()));
        return Err(Stop::message(message));
    }
    let argument = |(i, param): (usize, &gelcap_compiler::artifact::Param)| match (texts.get(i), param.default) {
        (Some(text), _) => {
            values::parse(text, param).map_err(|e| Stop::message(format!("argument `{}`: {e}", param.name)))
        }
        (None, default) => Ok(Value::Slot(default.unwrap_or(0))),
    };
    export.params.iter().enumerate().map(argument).collect()
}

fn given(n: usize) -> String {
    if n == 1 { "1 was".to_owned() } else { format!("{n} were") }
}

/// What left a kernel that failed.
struct Failed {
    exception: Exception,
    message: String,
    site: Option<usize>,
}

type Outcome = Result<Vec<u64>, Failed>;

/// Calls the packed entry; gives the result's slots, and the arguments as the kernel left them.
fn call(
    artifact: &Arc<Artifact>,
    export: &Export,
    mut values: Vec<Value>,
    target: HostTarget,
) -> Result<(Outcome, Vec<Value>), Stop> {
    let outcome = match target {
        HostTarget::Native => call_native(artifact, export, &mut values)?,
        HostTarget::Wasm => call_wasm(artifact, export, &mut values)?,
    };
    Ok((outcome, values))
}

fn call_native(artifact: &Arc<Artifact>, export: &Export, values: &mut [Value]) -> Result<Outcome, Stop> {
    let failed = |e: native::LoadError| Stop::message(e.to_string());
    let kernel = native::Kernel::load(artifact.clone(), native::runtime::record_raise).map_err(failed)?;
    let entry = kernel.packed(export).ok_or_else(|| Stop::message("the kernel has no entry"))?;
    let mut slots = vec![0; values.len().max(export.result.slots()).max(1)];
    for (slot, value) in slots.iter_mut().zip(values) {
        *slot = match value {
            Value::Slot(bits) => *bits,
            Value::Memory(memory) => memory.start().expose_provenance() as u64,
        };
    }
    // SAFETY: the entry is this kernel's, the slots hold its parameters and results, and each pointer is to the elements
    // that the user gave for it, which live until after the call and which nobody else knows. How far the kernel goes
    // beyond them is the user's promise, as with any raw pointer.
    Ok(match unsafe { kernel.call(entry, &mut slots) } {
        Ok(()) => Ok(slots),
        Err(raised) => {
            let site = usize::try_from(raised.site).ok();
            Err(failure_at(artifact, site, raised.payload))
        }
    })
}

fn failure_at(artifact: &Artifact, site: Option<usize>, payload: [i64; 4]) -> Failed {
    match site.and_then(|i| artifact.sites.get(i)) {
        Some(found) => Failed { exception: found.exception, message: format_message(&found.template, payload), site },
        None => Failed {
            exception: Exception::SystemError,
            message: "the kernel failed at an unknown place".to_owned(),
            site: None,
        },
    }
}

fn call_wasm(artifact: &Arc<Artifact>, export: &Export, values: &mut [Value]) -> Result<Outcome, Stop> {
    let failed = |e: wasm::HostError| Stop::message(e.to_string());
    let kernel = wasm::Kernel::load(artifact.clone()).map_err(failed)?;
    let index = artifact.exports.iter().position(|e| e.packed == export.packed).unwrap_or(0);
    let argument = |(value, param): (&mut Value, &gelcap_compiler::artifact::Param)| match value {
        Value::Slot(bits) => wasm::Argument::Slot(*bits),
        Value::Memory(memory) => {
            let read_only = matches!(param.ty, ParamType::Pointer { writable: false, .. });
            let access = if read_only { wasm::Access::ReadOnly } else { wasm::Access::Exclusive };
            wasm::Argument::Memory { start: memory.start(), bytes: memory.byte_len(), access }
        }
    };
    let arguments: Vec<wasm::Argument> = values.iter_mut().zip(&export.params).map(argument).collect();
    let mut results = vec![0; export.result.slots()];
    // SAFETY: the memory of each argument is as long as it says and lives until after the call.
    Ok(match unsafe { kernel.call(index, &arguments, &mut results) } {
        Ok(()) => Ok(results),
        Err(failure) => {
            let site = match failure {
                wasm::Failure::Raised { site, .. } => Some(site as usize),
                wasm::Failure::Trap(_)
                | wasm::Failure::Stopped(_)
                | wasm::Failure::Range { .. }
                | wasm::Failure::Host(_) => None,
            };
            Err(Failed { exception: failure.exception(artifact), message: failure.message(artifact), site })
        }
    })
}

/// The result, and what is behind each pointer that the kernel may have written to.
fn shown(export: &Export, slots: &[u64], values: &[Value]) -> String {
    let mut text = String::new();
    if let Some(result) = values::show(&export.result, slots) {
        text.push_str(&format!("{result}\n"));
    }
    for (param, value) in export.params.iter().zip(values) {
        if let (ParamType::Pointer { writable: true, .. }, Value::Memory(memory)) = (param.ty, value) {
            text.push_str(&format!("{} = {}\n", param.name, memory.show()));
        }
    }
    text
}

/// As Python shows an exception that nobody catches.
fn traceback(artifact: &Artifact, sources: &SourceMap, failed: &Failed) -> String {
    let mut text = String::new();
    let frames = failed.site.and_then(|i| artifact.sites.get(i)).map_or(&[][..], |site| &site.frames);
    if !frames.is_empty() {
        text.push_str("Traceback (most recent call last):\n");
    }
    // The outermost first.
    for frame in frames.iter().rev() {
        let file = artifact.files.get(frame.file as usize).map_or("?", String::as_str);
        text.push_str(&format!("  File \"{file}\", line {}, in {}\n", frame.line, frame.function));
        if let Some(line) = source_line(sources, file, frame.line) {
            text.push_str(&format!("    {}\n", line.trim()));
        }
    }
    let name = failed.exception.name();
    let message = &failed.message;
    text.push_str(&if message.is_empty() { format!("{name}\n") } else { format!("{name}: {message}\n") });
    text
}

fn source_line<'a>(sources: &'a SourceMap, file: &str, line: u32) -> Option<&'a str> {
    let (_, source) = sources.iter().find(|(_, source)| source.name() == file)?;
    let (start, end) = source.line_range(line.checked_sub(source.first_line())? as usize);
    Some(source.slice(start, end))
}
