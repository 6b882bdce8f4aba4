//! Functions of a running Python process, as data: the host reads their sources and what their names stand for, and
//! gives both here. Nothing of Python is called.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::select;
use super::settings::Settings;
use super::{Input, Request};
use crate::abi::status::Exception;
use crate::diag::{Code, Diagnostic, SourceFile};
use crate::front;
use crate::front::environment::{
    Environment, EnvironmentId, FunctionId, Global, import_from as member_of, import_module as module_named,
};
use crate::front::syntax::Function;
use crate::front::tast::{Known, Literal};
use crate::ir::op::Const;
use crate::types::Scalar;

/// A function with what it needs to be understood.
#[derive(Clone, PartialEq, Debug)]
pub struct LiveFunction {
    pub name: String,
    /// The name of its file or notebook cell.
    pub file: String,
    /// The line of the file where the text begins.
    pub first_line: u32,
    /// The definition with its decorators, indented as in the file.
    pub text: String,
    /// The option comments of the file that belong to no function, each on its line; everything else left out.
    pub head: String,
    /// What its global and closure names stand for.
    pub names: Vec<(String, LiveValue)>,
    /// The values of parameters' defaults, which the source may compute from anything.
    pub defaults: Vec<(String, LiveValue)>,
}

/// A value that a function captured. All are constants to the compiler.
#[derive(Clone, PartialEq, Debug)]
pub enum LiveValue {
    None,
    Bool(bool),
    /// In decimal; Python's integers have any size.
    Int(String),
    Float(f64),
    Str(String),
    Tuple(Vec<LiveValue>),
    /// A NumPy scalar: the name of its dtype and its bytes, least significant first.
    Numpy {
        dtype: String,
        bytes: Vec<u8>,
    },
    /// `np.float64`, `np.dtype("float64")`, `gelcap.float64`.
    Dtype(String),
    Module(String),
    /// A function or class of a module that the compiler may know: `math` and `sin`.
    Member {
        module: String,
        name: String,
    },
    /// A class of exceptions.
    Exception(String),
    /// Another function, by its index in the request.
    Function(usize),
    /// Anything else, by the name of its type.
    Unknown(String),
}

/// Reads functions into the input. The first is the kernel.
pub(super) fn read(input: &mut Input, request: &Request, functions: &[LiveFunction]) {
    let ids: Vec<Option<(FunctionId, EnvironmentId)>> =
        functions.iter().map(|function| add(input, request, function)).collect();
    for (function, ids_of) in functions.iter().zip(&ids) {
        let Some((id, environment)) = *ids_of else { continue };
        for (name, value) in &function.names {
            input.program.define(environment, name.clone(), global(value, &ids));
        }
        let defaults: BTreeMap<String, Global> =
            function.defaults.iter().map(|(name, value)| (name.clone(), global(value, &ids))).collect();
        input.program.functions[id].defaults = defaults;
    }
    match (functions.first(), ids.first()) {
        (Some(first), Some(Some((id, _)))) => {
            input.name.clone_from(&first.name);
            input.declared.live.push(*id);
        }
        _ if input.sink.has_errors() => {}
        _ => input.sink.push(super::about_request(Code::NoFunction, "there is no function to compile", "pass one")),
    }
}

/// Parses one function and adds it, its names still unknown.
fn add(input: &mut Input, request: &Request, function: &LiveFunction) -> Option<(FunctionId, EnvironmentId)> {
    let (text, indent) = dedent(&function.text);
    let source = SourceFile::new(function.file.as_str(), text).cut_from(function.first_line, indent);
    let file = input.sources.add(source);
    let parsed = front::parse_for(&input.sources, file, input.model, &mut input.sink);
    let Some(def) = definition(parsed.module.functions(), &function.name) else {
        if !input.sink.has_errors() {
            let message = format!("the source of `{}` is no function definition", function.name);
            let help = "write it with `def`: lambdas and generated functions have no source of their own";
            input.sink.push(Diagnostic::error_nowhere(Code::SourceMissing, message).help(help));
        }
        return None;
    };
    let head = input.sources.add(SourceFile::new(function.file.as_str(), function.head.as_str()));
    let head = front::parse_for(&input.sources, head, input.model, &mut input.sink).options;
    let comments = [head, parsed.options.clone()].concat();
    // What the other decorators say, the host has read off the live objects.
    let decorators = select::directives(def, &mut input.sink);
    let settings = Settings { comments: &comments, decorators, caller: &request.settings };
    let options = settings.of(Some(&function.name), &input.options.kernel);
    let environment = input.program.add_environment(Environment::new());
    let id = input.program.add_function(Arc::new(def.clone()), environment, BTreeMap::new());
    input.program.functions[id].options = Some(options);
    Some((id, environment))
}

fn definition<'a>(mut functions: impl Iterator<Item = &'a Function>, name: &str) -> Option<&'a Function> {
    functions.find(|f| f.name.text == name)
}

/// The text without the indentation of its first line, and how much that was.
fn dedent(text: &str) -> (String, u32) {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let blank = &first[..first.len() - first.trim_start().len()];
    if blank.is_empty() {
        return (text.to_owned(), 0);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        // A comment or the inside of a string may stand further left.
        let common = line.bytes().zip(blank.bytes()).take_while(|(a, b)| a == b).count();
        out.push_str(&line[common..]);
    }
    (out, blank.chars().count() as u32)
}

/// What a captured value is to the compiler.
fn global(value: &LiveValue, ids: &[Option<(FunctionId, EnvironmentId)>]) -> Global {
    let literal = Global::Literal;
    let unusable = |what: &str| Global::Unusable(what.to_owned(), None);
    match value {
        LiveValue::None => literal(Literal::None),
        LiveValue::Bool(flag) => literal(Literal::Bool(*flag)),
        LiveValue::Int(digits) => match digits.parse() {
            Ok(value) => literal(Literal::Int(value)),
            Err(_) => unusable("an integer beyond 128 bits"),
        },
        LiveValue::Float(value) => literal(Literal::Float(*value)),
        LiveValue::Str(text) => literal(Literal::Str(Arc::from(text.as_str()))),
        LiveValue::Tuple(items) => Global::Tuple(items.iter().map(|item| global(item, ids)).collect()),
        LiveValue::Numpy { dtype, bytes } => match numpy(dtype, bytes) {
            Some(constant) => literal(Literal::Np(constant)),
            None => unusable(&format!("a NumPy {dtype}")),
        },
        LiveValue::Dtype(name) => match Scalar::from_dtype_name(name.trim_end_matches('_')) {
            Some(scalar) => Global::Known(Known::Dtype(scalar)),
            None => member_of("numpy", name),
        },
        LiveValue::Module(name) => module_named(name),
        LiveValue::Member { module, name } => match member_of(module, name) {
            Global::Imported { module, name } => unusable(&format!("`{module}.{name}`")),
            known => known,
        },
        LiveValue::Exception(name) => match Exception::from_name(name) {
            Some(exception) => Global::Known(Known::Exception(exception)),
            None => unusable(&format!("the exception {name}")),
        },
        LiveValue::Function(index) => match ids.get(*index) {
            Some(Some((id, _))) => Global::Known(Known::Function(*id)),
            _ => unusable("a function without source"),
        },
        LiveValue::Unknown(kind) => unusable(&format!("a {kind}")),
    }
}

fn numpy(dtype: &str, bytes: &[u8]) -> Option<Const> {
    let ty = Scalar::from_dtype_name(dtype)?;
    if bytes.len() != ty.bytes() as usize {
        return None;
    }
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    Some(Const { ty, bits: u64::from_le_bytes(word) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_is_taken_off_and_kept_in_mind() {
        let text = "    @jit\n    def f(x):\n# far left\n        return x\n\n";
        assert_eq!(dedent(text), ("@jit\ndef f(x):\n# far left\n    return x\n\n".to_owned(), 4));
        assert_eq!(dedent("def f(): pass"), ("def f(): pass".to_owned(), 0));
        assert_eq!(dedent(""), (String::new(), 0));
    }

    #[test]
    fn numpy_scalars_keep_their_bits() {
        assert_eq!(numpy("int16", &[0xfe, 0xff]), Some(Const { ty: Scalar::I16, bits: 0xfffe }));
        assert_eq!(numpy("int16", &[1]), None);
        assert_eq!(numpy("complex128", &[0; 16]), None);
    }
}
