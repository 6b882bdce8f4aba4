//! From the Python side's description of a compilation (a dictionary of plain data) to a request of the compiler.

use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::front::Mode;
use gelcap_compiler::front::options_comment::{OptionName, OptionValue, parse_value};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::Request;
use gelcap_compiler::request::live::{LiveFunction, LiveValue};
use gelcap_native_host as native;
use gelcap_wasm_host as wasm_host;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyDict, PyList, PyTuple};

use crate::class::{Class, Classes};

/// A request with what it is compiled for.
pub struct Prepared {
    pub request: Request,
    pub options: Options,
    pub classes: Option<Vec<Class>>,
    /// The target and why it was chosen, as `inspect("target")` shows it.
    pub target_report: String,
    /// Elements behind pointers, as the user stated them.
    pub extents: Vec<(String, String)>,
    pub callback: bool,
}

/// Reads the dictionary that the Python side makes (`_function.py`).
pub fn read(dict: &Bound<'_, PyDict>) -> PyResult<Prepared> {
    let get = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> { Ok(dict.get_item(key)?.filter(|v| !v.is_none())) };
    let mode: String = required(dict, "mode")?.extract()?;
    let settings = required(dict, "options")?;
    let settings: &Bound<'_, PyDict> = settings.cast()?;
    let mut request = match get("text")? {
        Some(text) => {
            let bytes = match text.extract::<String>() {
                Ok(text) => text.into_bytes(),
                Err(_) => text.extract::<Vec<u8>>()?,
            };
            let file: String = required(dict, "file")?.extract()?;
            let request = Request::text(file, bytes);
            match get("name")? {
                Some(name) => request.kernel(name.extract::<String>()?),
                None => request,
            }
        }
        None => {
            let list = required(dict, "functions")?;
            Request::functions(list.cast::<PyList>()?.iter().map(|f| live(&f)).collect::<PyResult<_>>()?)
        }
    };
    request.mode = match mode.as_str() {
        "c" => Some(Mode::C),
        "jit" => Some(Mode::Jit),
        _ => None,
    };
    if let Some(signatures) = get("signatures")? {
        request.signatures = signatures.extract()?;
    }
    let mut classes = None;
    if let Some(given) = get("classes")? {
        let given = given.cast::<Classes>()?.get().0.clone();
        request.arguments = Some(given.iter().map(|c| c.ty()).collect());
        classes = Some(given);
    }
    let callback: Option<String> = settings.get_item("scipy")?.map(|v| v.extract()).transpose()?;
    request.callback.clone_from(&callback);
    for name in [OptionName::Boundscheck, OptionName::Wraparound, OptionName::Overflow] {
        if let Some(value) = settings.get_item(name.name())? {
            let text = value.str()?.to_string();
            let parsed = parse_value(name, &text);
            request.settings.push((
                name,
                parsed.ok_or_else(|| PyValueError::new_err(format!("{} is True or False, not {text}", name.name())))?,
            ));
        }
    }
    debug_assert!(request.settings.iter().all(|(_, v)| matches!(v, OptionValue::Bool(_))));
    let (target, target_report) = choose(settings)?;
    let mut options = Options::new(target);
    options.verify_each = cfg!(debug_assertions);
    if let Some(level) = settings.get_item("opt_level")? {
        options.opt_level = match level.extract::<u8>()? {
            0 => OptLevel::O0,
            1 => OptLevel::O1,
            2 => OptLevel::O2,
            other => return Err(PyValueError::new_err(format!("opt_level is 0, 1 or 2, not {other}"))),
        };
    }
    let extents = match settings.get_item("extents")?.filter(|v| !v.is_none()) {
        Some(given) => given
            .cast::<PyDict>()?
            .iter()
            .map(|(name, text)| Ok((name.extract::<String>()?, text.str()?.to_string())))
            .collect::<PyResult<_>>()?,
        None => Vec::new(),
    };
    Ok(Prepared { request, options, classes, target_report, extents, callback: callback.is_some() })
}

fn required<'py>(dict: &Bound<'py, PyDict>, key: &str) -> PyResult<Bound<'py, PyAny>> {
    dict.get_item(key)?.ok_or_else(|| PyTypeError::new_err(format!("the request has no `{key}`")))
}

/// The target of the options: native where it works, else wasm, with the reason.
fn choose(settings: &Bound<'_, PyDict>) -> PyResult<(Target, String)> {
    let wanted: String = settings.get_item("target")?.map_or(Ok("auto".to_string()), |v| v.extract())?;
    let wasm = |why: &str| {
        let report = match wasm_host::executable_memory() {
            Ok(()) => format!("wasm: wasm32 under wasmtime{why}"),
            Err(refusal) => {
                format!("wasm: wasm32 under wasmtime's interpreter Pulley{why}; no executable memory: {refusal}")
            }
        };
        Ok((Target::wasm(WasmFlavour::ImportedMemory), report))
    };
    match (wanted.as_str(), native::host_target()) {
        ("wasm", _) => wasm(", as asked for"),
        ("native", Ok(target)) => {
            let report = format!("native: {}, as asked for", describe(&target));
            Ok((target, report))
        }
        ("native", Err(why)) => Err(PyValueError::new_err(format!("this processor is not supported: {why}"))),
        (_, Ok(_)) if wasm_host::executable_memory().is_err() => wasm(" (auto: no native code)"),
        (_, Ok(target)) => {
            let report = format!("native: {} (auto: executable memory and a supported processor)", describe(&target));
            Ok((target, report))
        }
        (_, Err(why)) => wasm(&format!(" (auto: no native code, {why})")),
    }
}

fn describe(target: &Target) -> String {
    let features: Vec<&str> = target.features.iter().map(String::as_str).collect();
    format!(
        "{:?} with {}",
        target.machine,
        if features.is_empty() { "no extensions".into() } else { features.join(", ") }
    )
}

/// A live function's description: see `_capture.py`.
fn live(function: &Bound<'_, PyAny>) -> PyResult<LiveFunction> {
    let values = |key: &str| -> PyResult<Vec<(String, LiveValue)>> {
        let dict = function.get_item(key)?;
        dict.cast::<PyDict>()?.iter().map(|(name, v)| Ok((name.extract()?, live_value(&v)?))).collect()
    };
    Ok(LiveFunction {
        name: function.get_item("name")?.extract()?,
        file: function.get_item("file")?.extract()?,
        first_line: function.get_item("line")?.extract()?,
        text: function.get_item("text")?.extract()?,
        head: function.get_item("head")?.extract()?,
        names: values("names")?,
        defaults: values("defaults")?,
    })
}

fn live_value(value: &Bound<'_, PyAny>) -> PyResult<LiveValue> {
    let tuple = value.cast::<PyTuple>()?;
    let kind: String = tuple.get_item(0)?.extract()?;
    let item = |i: usize| tuple.get_item(i);
    Ok(match kind.as_str() {
        "none" => LiveValue::None,
        "bool" => LiveValue::Bool(item(1)?.extract()?),
        "int" => LiveValue::Int(item(1)?.extract()?),
        "float" => LiveValue::Float(item(1)?.extract()?),
        "str" => LiveValue::Str(item(1)?.extract()?),
        "tuple" => {
            LiveValue::Tuple(item(1)?.cast::<PyList>()?.iter().map(|v| live_value(&v)).collect::<PyResult<_>>()?)
        }
        "numpy" => LiveValue::Numpy { dtype: item(1)?.extract()?, bytes: item(2)?.extract()? },
        "dtype" => LiveValue::Dtype(item(1)?.extract()?),
        "module" => LiveValue::Module(item(1)?.extract()?),
        "known" => LiveValue::Member { module: item(1)?.extract()?, name: item(2)?.extract()? },
        "exception" => LiveValue::Exception(item(1)?.extract()?),
        "function" => LiveValue::Function(item(1)?.extract()?),
        _ => LiveValue::Unknown(item(1)?.extract()?),
    })
}
