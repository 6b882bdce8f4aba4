//! Glue that makes an object an importable CPython extension module, for every CPython from 3.11 on (stable ABI).
//!
//! An export with a capsule becomes that capsule; any other becomes a function. What is rare (keywords, arguments of
//! other types, messages, tracebacks) is Python text in the object, [`SUPPORT`]; what is left is a few routines,
//! written here in Cranelift's IR because there is no C compiler, and tables:
//!
//! - [`methods`]: the module, its functions, and the one routine behind all of them;
//! - [`convert`]: arguments to slots; [`build`]: slots to results;
//! - [`buffers`]: memory that kernels allocate, and the arrays made of it;
//! - [`raise`]: failures to exceptions, in calls and in C callbacks;
//! - [`cpu`]: checks of the processor;
//! - [`interface`]: the stub and the C header that go with a module.

mod buffers;
mod build;
mod code;
mod convert;
mod cpu;
pub mod interface;
mod methods;
mod raise;

use std::fmt::Write as _;

use super::{EmitError, Emitter, Listing, elf};
use crate::abi::PAYLOAD_WORDS;
use crate::abi::imports::Import;
use crate::abi::status::{PayloadFormat, Piece, template_pieces};
use crate::artifact::{Export, Frame, Param, ParamType, Site};
use crate::back::Target;
use crate::ir;
use crate::types::scalar::Kind;
use crate::types::{ArrayType, Layout, Scalar};
use code::Glue;

/// The Python part of the glue.
const SUPPORT: &str = include_str!("support.py");

/// An extension module to be made.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    /// Its name, which is an ASCII identifier.
    pub name: &'a str,
    pub doc: Option<&'a str>,
    pub exports: &'a [Export],
    pub sites: &'a [Site],
    /// Names of source files, for tracebacks.
    pub files: &'a [String],
}

/// Compiles a Machine-level module into a shared library that `import` takes.
pub fn emit(module: &ir::Module, target: &Target, extension: &Extension<'_>) -> Result<Vec<u8>, EmitError> {
    let object = emit_object(module, target, extension)?;
    let init = format!("PyInit_{}", extension.name);
    let c_entries: Vec<&str> = extension.exports.iter().filter_map(|e| Some(e.c.as_ref()?.symbol.as_str())).collect();
    let library = elf::Library {
        object: &object,
        soname: &format!("{}.so", extension.name),
        exported: &|name| name == init || c_entries.contains(&name),
        importable: &code::is_importable,
    };
    Ok(elf::write(&library).map_err(|e| e.to_string())?)
}

/// The relocatable object behind [`emit`].
pub fn emit_object(module: &ir::Module, target: &Target, extension: &Extension<'_>) -> Result<Vec<u8>, EmitError> {
    if !is_identifier(extension.name) {
        return Err(format!("`{}` cannot be the name of an extension module", extension.name).into());
    }
    let mut emitter = Emitter::new(module, target, Listing::default())?;
    emitter.emit()?;
    let arrays = extension.exports.iter().any(|e| build::has_array(&e.result));
    let allocates = [Import::BufferAlloc, Import::BufferRetain, Import::BufferRelease].map(|i| emitter.uses(i));
    let needs = Needs { raise: emitter.uses(Import::Raise), stack_limit: emitter.needs_stack_limit() };
    let mut glue = Glue::new(&mut emitter.object);
    let support = format!("{SUPPORT}\n\n{}", tables(extension)?);
    raise::define(&mut glue, &support, needs)?;
    if arrays || allocates.contains(&true) {
        buffers::define(&mut glue)?;
    }
    convert::define(&mut glue)?;
    build::define(&mut glue, arrays)?;
    cpu::define(&mut glue, target)?;
    methods::define(&mut glue, extension, needs)?;
    Ok(emitter.finish()?.object)
}

/// What the kernels need of the glue.
#[derive(Clone, Copy, Debug)]
struct Needs {
    raise: bool,
    stack_limit: bool,
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The tables of [`SUPPORT`], as Python text.
fn tables(extension: &Extension<'_>) -> Result<String, String> {
    let mut text = String::from("EXPORTS = [\n");
    // Writing to a string cannot fail.
    for export in extension.exports {
        let _ = writeln!(text, "    ({}, [", quoted(&export.name));
        for param in &export.params {
            let _ = writeln!(text, "        ({}, {}),", quoted(&param.name), details(param));
        }
        text.push_str("    ]),\n");
    }
    text.push_str("]\nSITES = [\n");
    for site in extension.sites {
        let _ = writeln!(text, "    ({}, {}, [", quoted(site.exception.name()), quoted(&format_string(&site.template)));
        for frame in &site.frames {
            let _ = writeln!(text, "        {},", place(frame, extension.files)?);
        }
        text.push_str("    ]),\n");
    }
    text.push_str("]\n");
    Ok(text)
}

/// A parameter's kind and what goes with it.
fn details(param: &Param) -> String {
    let default = match (param.default, param.ty) {
        (Some(bits), ParamType::Scalar(s)) => format!(", 'default': {}", literal(s, bits)),
        _ => String::new(),
    };
    match param.ty {
        ParamType::None => "'none', {}".to_string(),
        ParamType::Array(ArrayType { dtype, rank, layout, writable }) => {
            let order = match layout {
                Layout::C => "'C'",
                Layout::F => "'F'",
                Layout::Strided => "None",
            };
            let writable = if writable { "True" } else { "False" };
            let dtype = dtype.dtype_name();
            format!("'array', {{'element': '{dtype}', 'rank': {rank}, 'order': {order}, 'writable': {writable}}}")
        }
        ParamType::Scalar(s) => match (s.kind(), s.int_range()) {
            (Kind::Bool, _) => format!("'bool', {{{}}}", default.trim_start_matches(", ")),
            (_, Some((low, high))) => {
                format!("'int', {{'dtype': '{}', 'range': ({low}, {high}){default}}}", s.dtype_name())
            }
            (_, None) => format!("'float', {{{}}}", default.trim_start_matches(", ")),
        },
        ParamType::Pointer { element, writable } => {
            let element = element.map_or("None".to_string(), |s| format!("'{}'", s.dtype_name()));
            let writable = if writable { "True" } else { "False" };
            format!("'pointer', {{'element': {element}, 'writable': {writable}}}")
        }
    }
}

/// A slot's value in Python.
fn literal(s: Scalar, bits: u64) -> String {
    match (s.kind(), float_value(s, bits)) {
        (_, Some(value)) => format!("float('{}')", crate::abi::status::float_repr(value)),
        (Kind::Bool, None) => if bits & 1 != 0 { "True" } else { "False" }.to_string(),
        (Kind::Signed, None) => format!("{}", bits as i64),
        (Kind::Unsigned | Kind::Float, None) => format!("{bits}"),
    }
}

/// The float in a slot, if it holds one.
fn float_value(s: Scalar, bits: u64) -> Option<f64> {
    match s {
        Scalar::F64 => Some(f64::from_bits(bits)),
        Scalar::F32 => Some(f32::from_bits(bits as u32).into()),
        _ => None,
    }
}

fn place(frame: &Frame, files: &[String]) -> Result<String, String> {
    let file = files.get(frame.file as usize).ok_or("a frame names a file that is not there")?;
    let (function, file) = (quoted(&frame.function), quoted(file));
    let Frame { line, column, end_line, end_column, .. } = frame;
    Ok(format!("({function}, {file}, {line}, {column}, {end_line}, {end_column})"))
}

/// A message template as a `str.format` string over the payload as signed, then unsigned, then float words.
fn format_string(template: &str) -> String {
    let mut text = String::new();
    for piece in template_pieces(template) {
        match piece {
            Piece::Text(part) => text.push_str(&crate::abi::status::literal_template(part)),
            Piece::Payload(word, format) => {
                let group = match format {
                    PayloadFormat::Signed => 0,
                    PayloadFormat::Unsigned => 1,
                    PayloadFormat::Float => 2,
                };
                let _ = write!(text, "{{{}}}", word + group * PAYLOAD_WORDS);
            }
        }
    }
    text
}

/// A Python string literal. Everything beyond printable ASCII is escaped, so any source text is safe in it.
fn quoted(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            ' '..='~' => literal.push(c),
            _ => {
                let _ = write!(literal, "\\U{:08x}", u32::from(c));
            }
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_text_is_quoted() {
        assert_eq!(quoted("it's \\ é\n\0"), "'it\\'s \\\\ \\U000000e9\\U0000000a\\U00000000'");
        assert_eq!(format_string("{0} of {1u}: {{x}} {3f}"), "{0} of {5}: {{x}} {11}");
    }

    #[test]
    fn names_of_modules() {
        assert!(is_identifier("testlib") && is_identifier("_x1"));
        assert!(!is_identifier("") && !is_identifier("1a") && !is_identifier("a-b") && !is_identifier("é"));
    }
}
