//! What goes with an extension module as text: a stub for type checkers and editors, a header for C.

use std::fmt::Write as _;

use super::Extension;
use crate::artifact::{Export, Param, ParamType, ResultType};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// The `.pyi` file.
pub fn stub(extension: &Extension<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    if let Some(doc) = extension.doc {
        let _ = writeln!(text, "{}\n", docstring(doc));
    }
    let has_pointers =
        extension.exports.iter().flat_map(|e| &e.params).any(|p| matches!(p.ty, ParamType::Pointer { .. }));
    let has_overloads = extension.exports.iter().any(|e| is_overloaded(extension.exports, e));
    let typing: Vec<&str> = [("Any", has_pointers), ("overload", has_overloads)]
        .into_iter()
        .filter_map(|(name, used)| used.then_some(name))
        .collect();
    if !typing.is_empty() {
        let _ = writeln!(text, "from typing import {}", typing.join(", "));
    }
    if extension.exports.iter().any(|e| names_numpy(&e.result)) {
        text.push_str("import numpy\n");
    }
    for (index, export) in extension.exports.iter().enumerate() {
        if is_repeated(extension.exports, index) {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        match export.c.as_ref().and_then(|c| c.capsule.as_deref()) {
            // The type of capsules has a name since Python 3.13 alone.
            Some(capsule) => {
                let _ = writeln!(text, "# A PyCapsule named {capsule:?}.\n{}: object", export.name);
            }
            None => {
                if is_overloaded(extension.exports, export) {
                    text.push_str("@overload\n");
                }
                let _ = writeln!(text, "def {}:", form(export));
                match &export.doc {
                    Some(doc) => {
                        let _ = writeln!(text, "    {}", docstring(doc));
                    }
                    None => text.push_str("    ...\n"),
                }
            }
        }
    }
    text
}

fn is_overloaded(exports: &[Export], export: &Export) -> bool {
    exports.iter().any(|e| e.name == export.name && form(e) != form(export))
}

/// An export before this one reads the same: both orders of a matrix do.
fn is_repeated(exports: &[Export], index: usize) -> bool {
    exports[..index].iter().any(|e| e.name == exports[index].name && form(e) == form(&exports[index]))
}

/// One form of a function: `f(n: int) -> float`.
pub fn form(export: &Export) -> String {
    let params: Vec<String> = export.params.iter().map(param).collect();
    format!("{}({}) -> {}", export.name, params.join(", "), result(&export.result))
}

/// A docstring that no text can end early.
fn docstring(text: &str) -> String {
    format!("\"\"\"{}\"\"\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn param(param: &Param) -> String {
    let ty = match param.ty {
        ParamType::None => "None",
        ParamType::Scalar(s) => python_type(s),
        // An array, a ctypes pointer, an address.
        ParamType::Pointer { .. } => "Any",
        ParamType::Array(_) => "numpy.ndarray",
    };
    let default = if param.default.is_some() { " = ..." } else { "" };
    format!("{}: {ty}{default}", param.name)
}

fn python_type(s: Scalar) -> &'static str {
    match s.kind() {
        Kind::Bool => "bool",
        Kind::Signed | Kind::Unsigned => "int",
        Kind::Float => "float",
    }
}

fn names_numpy(ty: &ResultType) -> bool {
    match ty {
        ResultType::None => false,
        ResultType::Scalar { numpy, .. } => *numpy,
        ResultType::Array(_) | ResultType::Either { .. } => true,
        ResultType::Tuple(items) => items.iter().any(names_numpy),
    }
}

fn result(ty: &ResultType) -> String {
    match ty {
        ResultType::None => "None".to_string(),
        ResultType::Scalar { scalar: Scalar::Bool, numpy: true } => "numpy.bool_".to_string(),
        ResultType::Scalar { scalar, numpy: true } => format!("numpy.{}", scalar.dtype_name()),
        ResultType::Scalar { scalar, numpy: false } => python_type(*scalar).to_string(),
        ResultType::Either { python, numpy } => {
            let [python, numpy] = [0, 1].map(|flag| result(&ResultType::chosen(*python, *numpy, flag)));
            format!("{python} | {numpy}")
        }
        ResultType::Array(_) => "numpy.ndarray".to_string(),
        ResultType::Tuple(items) if items.is_empty() => "tuple[()]".to_string(),
        ResultType::Tuple(items) => format!("tuple[{}]", items.iter().map(result).collect::<Vec<_>>().join(", ")),
    }
}

/// The `.h` file: the C entries, under the names that the library exports.
pub fn header(extension: &Extension<'_>) -> String {
    let guard = format!("{}_H", extension.name.to_uppercase());
    let mut text = format!("#ifndef {guard}\n#define {guard}\n\n#include <stdbool.h>\n#include <stdint.h>\n\n");
    text.push_str("#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    for export in extension.exports {
        if let Some(declaration) = declaration(export) {
            let _ = writeln!(text, "\n/* {} */\n{declaration}", export.name);
        }
    }
    let _ = writeln!(text, "\n#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */");
    text
}

/// The declaration of an export's C entry: its signature with the symbol put in.
fn declaration(export: &Export) -> Option<String> {
    let c = export.c.as_ref()?;
    // NumPy's headers are not needed for its name of an integer.
    let signature = c.signature.replace("npy_intp", "intptr_t");
    let (result, params) = signature.split_once('(')?;
    Some(format!("{} {}({};", result.trim(), c.symbol, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{CEntry, CType};

    fn exports() -> Vec<Export> {
        let float = ParamType::Scalar(Scalar::F64);
        let pointer = ParamType::Pointer { element: Some(Scalar::F64), writable: false };
        let param = |name: &str, ty, default| Param { name: name.into(), ty, default };
        let scalar = |scalar, numpy| ResultType::Scalar { scalar, numpy };
        vec![
            Export {
                name: "weigh".into(),
                packed: "gelcap_packed_weigh".into(),
                params: vec![param("x", pointer, None), param("k", float, Some(0))],
                result: ResultType::Tuple(vec![scalar(Scalar::I64, false), scalar(Scalar::F32, true)]),
                c: None,
                doc: Some("Weighs \"it\".".into()),
            },
            Export {
                name: "f".into(),
                packed: "gelcap_packed_f".into(),
                params: Vec::new(),
                result: scalar(Scalar::F64, false),
                c: Some(CEntry {
                    symbol: "gelcap_c_f".into(),
                    params: vec![CType::Pointer(Some(Scalar::I64)), CType::Pointer(None)],
                    result: Some(CType::Scalar(Scalar::F64)),
                    signature: "double (npy_intp *, void *)".into(),
                    capsule: Some("double (npy_intp *, void *)".into()),
                }),
                doc: None,
            },
        ]
    }

    #[test]
    fn stubs_and_headers() {
        let exports = exports();
        let extension = Extension { name: "lib", doc: None, exports: &exports, sites: &[], files: &[] };
        let expected = "from typing import Any\nimport numpy\n\n\
            def weigh(x: Any, k: float = ...) -> tuple[int, numpy.float32]:\n    \"\"\"Weighs \\\"it\\\".\"\"\"\n\n\
            # A PyCapsule named \"double (npy_intp *, void *)\".\nf: object\n";
        assert_eq!(stub(&extension), expected);
        let header = header(&extension);
        assert!(header.contains("\n/* f */\ndouble gelcap_c_f(intptr_t *, void *);\n"), "{header}");
        assert!(header.starts_with("#ifndef LIB_H\n") && !header.contains("weigh"));
    }
}
