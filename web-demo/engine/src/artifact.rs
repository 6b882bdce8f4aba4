//! What a host of JavaScript's must know of compiled kernels, as JSON. The words are those of `js/engine.d.ts`.

use gelcap_compiler::artifact::{Artifact, Export, Frame, Param, ParamType, ResultType, Site};
use gelcap_compiler::front::KernelInfo;
use gelcap_compiler::types::{ArrayType, Layout};
use serde_json::{Value, json};

/// `kernels` are in the order of the artifact's exports.
pub fn to_json(artifact: &Artifact, kernels: &[KernelInfo]) -> Value {
    let exports: Vec<Value> = artifact.exports.iter().zip(kernels).map(|(e, k)| export(e, k)).collect();
    json!({
        "abi": artifact.abi_version,
        "module": artifact.module,
        "exports": exports,
        "sites": artifact.sites.iter().map(site).collect::<Vec<_>>(),
        "files": artifact.files,
    })
}

fn export(export: &Export, kernel: &KernelInfo) -> Value {
    // `None` fills no slot, but it is a parameter.
    let params = export.params.iter().zip(&kernel.params).map(|(p, k)| param(p, &k.declared.to_string()));
    let params: Vec<Value> = params.collect();
    json!({
        "name": export.name,
        "packed": export.packed,
        "params": params,
        "result": result(&export.result),
        "type": kernel.result.to_string(),
        "doc": export.doc,
    })
}

fn param(param: &Param, declared: &str) -> Value {
    let mut value = match param.ty {
        ParamType::Scalar(scalar) => json!({ "kind": "scalar", "dtype": scalar.dtype_name() }),
        ParamType::Pointer { element, writable } => {
            json!({ "kind": "pointer", "dtype": element.map(|e| e.dtype_name()), "writable": writable })
        }
        ParamType::None => json!({ "kind": "none" }),
        ParamType::Array(array) => array_type(&array),
    };
    value["name"] = json!(param.name);
    value["type"] = json!(declared);
    // JSON has no integers of 64 bits.
    value["default"] = json!(param.default.map(|slot| slot.to_string()));
    value
}

fn array_type(array: &ArrayType) -> Value {
    let layout = match array.layout {
        Layout::C => "C",
        Layout::F => "F",
        Layout::Strided => "strided",
    };
    json!({
        "kind": "array", "dtype": array.dtype.dtype_name(), "rank": array.rank, "layout": layout,
        "writable": array.writable,
    })
}

fn result(ty: &ResultType) -> Value {
    match ty {
        ResultType::None => json!({ "kind": "none" }),
        ResultType::Scalar { scalar, numpy } => {
            json!({ "kind": "scalar", "dtype": scalar.dtype_name(), "numpy": numpy })
        }
        ResultType::Either { python, numpy } => {
            json!({ "kind": "either", "python": python.dtype_name(), "numpy": numpy.dtype_name() })
        }
        ResultType::Array(array) => array_type(array),
        ResultType::Tuple(items) => json!({ "kind": "tuple", "items": items.iter().map(result).collect::<Vec<_>>() }),
    }
}

fn site(site: &Site) -> Value {
    json!({
        "exception": site.exception.name(),
        "template": site.template,
        "frames": site.frames.iter().map(frame).collect::<Vec<_>>(),
    })
}

fn frame(frame: &Frame) -> Value {
    json!({
        "function": frame.function, "file": frame.file, "line": frame.line, "column": frame.column,
        "endLine": frame.end_line, "endColumn": frame.end_column,
    })
}
