//! Which functions are compiled, and for which types.
//!
//! The signatures of a function are looked for in this order: what the caller gives, export comments, decorators
//! (`@cfunc("...")`, `@jit("...")`), annotations of all parameters. A C signature, and an export as `capsule`, make a C
//! function; Numba's and Pythran's notation make a function that Python calls, unless the caller says otherwise.

use super::settings::{Settings, nearest};
use super::{Input, Request, Source, about_request, optional};
use crate::diag::{Code, Diagnostic, Sink, SourceFile, Span};
use crate::front::annotation::{self, Annotation, Imports};
use crate::front::environment::{EnvironmentId, FunctionId};
use crate::front::exports::Export;
use crate::front::options_comment::{OptionName, OptionValue};
use crate::front::pure_cython::{self, Directive};
use crate::front::signature::scipy::{self, Callback, KernelResult};
use crate::front::signature::{self, Notation, SigParam, Signature};
use crate::front::syntax::{Expr, ExprKind, Function, Module, ParamKind};
use crate::front::{self, Extent, KernelSpec, Mode, ParamSpec};
use crate::types::Type;

/// What a text says about signatures, and where its functions are.
#[derive(Default)]
pub struct Declared {
    exports: Vec<Export>,
    imports: Imports,
    environment: Option<EnvironmentId>,
    /// The names of the functions at the top level, in order.
    functions: Vec<String>,
    /// Live functions have no names to be found by: the first is the kernel.
    pub(super) live: Vec<FunctionId>,
}

/// A kernel to compile: a function and one of its signatures.
#[derive(Clone, PartialEq, Debug)]
pub struct Wanted {
    pub function: FunctionId,
    pub name: String,
    pub signature: Signature,
    pub mode: Mode,
    /// A comment exports it as a capsule, so its signature should be one of SciPy's.
    pub capsule: bool,
    /// Where the signature stands, if it is written anywhere.
    pub span: Option<Span>,
    extents: Vec<Option<Extent>>,
}

impl Wanted {
    /// The same for the front-end; `export` is a name that no other kernel has.
    pub(super) fn spec(&self, export: &str) -> KernelSpec {
        let param = |(i, p): (usize, &SigParam)| ParamSpec {
            declared: p.ty.clone(),
            extent: self.extents.get(i).copied().flatten(),
        };
        KernelSpec {
            function: self.function,
            export: export.to_owned(),
            params: self.signature.params.iter().enumerate().map(param).collect(),
            result: self.signature.result.clone(),
            mode: self.mode,
            span: self.span,
        }
    }
}

/// Reads a text into the input.
pub(super) fn read_text(input: &mut Input, request: &Request, name: &str, bytes: &[u8]) {
    let source = match front::decode(name, bytes) {
        Ok(source) => source,
        Err(fault) => return input.sink.push(*fault),
    };
    let file = input.sources.add(source);
    let parsed = front::parse_for(&input.sources, file, input.model, &mut input.sink);
    let module = parsed.module;
    let sink = &mut input.sink;
    let decorators =
        module.functions().flat_map(|def| [decorator_settings(def), directives(def, sink)].concat()).collect();
    let settings = Settings { comments: &parsed.options, decorators, caller: &request.settings };
    let base = input.options.kernel.clone();
    input.options.kernel = settings.of(None, &base);
    input.doc = docstring(&module).map(str::to_owned);
    input.name = stem(name);
    input.declared.imports = Imports::of(&module);
    input.declared.exports = parsed.exports;
    input.declared.functions = module.functions().map(|f| f.name.text.clone()).collect();
    let environment = input.program.add_module(&input.name, module);
    input.declared.environment = Some(environment);
    for name in &input.declared.functions {
        if let Some(id) = input.program.function(environment, name) {
            input.program.functions[id].options = Some(settings.of(Some(name), &base));
        }
    }
}

/// The name of the module that a file is.
fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".py").unwrap_or(file).to_owned()
}

fn docstring(module: &Module) -> Option<&str> {
    match &module.body.first()?.kind {
        front::syntax::StmtKind::Expr(Expr { kind: ExprKind::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// The functions that the request names or the source declares, whatever their signatures.
pub(super) fn functions(request: &Request, input: &mut Input) -> Vec<FunctionId> {
    if let Some(first) = input.declared.live.first() {
        return vec![*first];
    }
    if let Some(name) = &request.kernel {
        return named(request, input, name).into_iter().collect();
    }
    let exported = |name: &&String| input.declared.exports.iter().any(|e| e.name.text == **name);
    let mut names: Vec<String> = input.declared.functions.iter().filter(exported).cloned().collect();
    if names.is_empty() {
        names.clone_from(&input.declared.functions);
    }
    names.into_iter().filter_map(|name| find(input, &name)).collect()
}

/// Every kernel that the request asks for; none if the source declares none, or if the sink says what is wrong.
pub(super) fn wanted(request: &Request, input: &mut Input) -> Vec<Wanted> {
    let mut all = match parse_signatures(request, input) {
        Some(given) if given.is_empty() => optional::expand(declared(request, input)),
        Some(given) => optional::expand(explicit(request, input, given)),
        None => return Vec::new(),
    };
    check_modes(&all, input);
    if let Some(name) = &request.callback {
        all.iter_mut().for_each(|w| add_extents(w, name, input));
    }
    all
}

/// The signatures that the caller gives; `None` if one is not understood.
fn parse_signatures(request: &Request, input: &mut Input) -> Option<Vec<Signature>> {
    let mut all = Vec::new();
    let mut sound = true;
    for text in &request.signatures {
        let file = input.sources.add(SourceFile::new("<signature>", text.as_str()));
        match signature::parse(text, file, 0, input.model) {
            Ok(found) => all.extend(found),
            Err(fault) => {
                sound = false;
                input.sink.push(*fault);
            }
        }
    }
    sound.then_some(all)
}

/// The kernel whose types the caller gives.
fn explicit(request: &Request, input: &mut Input, signatures: Vec<Signature>) -> Vec<Wanted> {
    let name = request.kernel.clone().or_else(|| signatures.iter().find_map(|s| s.name.clone()));
    let Some(function) = the_function(request, input, name.as_deref()) else { return Vec::new() };
    let name = input.program.functions[function].def.name.text.clone();
    // C prototypes name what they like.
    let other = |s: &&Signature| s.notation == Notation::Pythran && s.name.as_ref().is_some_and(|n| *n != name);
    if let Some(signature) = signatures.iter().find(other) {
        let message = format!("the signature is that of `{}`", signature.name.as_deref().unwrap_or_default());
        let fault = Diagnostic::error(Code::SignatureMismatch, signature.span, message);
        input.sink.push(fault.help(format!("the kernel is `{name}`")));
        return Vec::new();
    }
    let wanted = |signature: Signature| {
        let mode = mode_of(request, &signature);
        let (capsule, span) = (signature.capsule, Some(signature.span));
        Wanted { function, name: name.clone(), signature, mode, capsule, span, extents: Vec::new() }
    };
    signatures.into_iter().map(wanted).collect()
}

/// The one function that signatures without a name are for.
fn the_function(request: &Request, input: &mut Input, name: Option<&str>) -> Option<FunctionId> {
    if let Some(first) = input.declared.live.first() {
        return Some(*first);
    }
    if let Some(name) = name {
        return named(request, input, name);
    }
    let exported: Vec<&str> = input.declared.exports.iter().map(|e| e.name.text.as_str()).collect();
    let all: Vec<&str> = input.declared.functions.iter().map(String::as_str).collect();
    match (&exported[..], &all[..]) {
        ([one], _) | (_, [one]) => {
            let one = (*one).to_owned();
            named(request, input, &one)
        }
        (_, []) => {
            nothing_declared(request, input);
            None
        }
        (_, all) => {
            let message = format!("the source has several functions: {}", all.join(", "));
            input.sink.push(about_request(Code::NoFunction, message, "say which one to compile"));
            None
        }
    }
}

fn mode_of(request: &Request, signature: &Signature) -> Mode {
    match request.mode {
        Some(mode) if !signature.capsule => mode,
        _ if signature.capsule || signature.notation == Notation::C => Mode::C,
        _ => Mode::Jit,
    }
}

/// The kernels that the source declares: all of them, or those of one function.
fn declared(request: &Request, input: &mut Input) -> Vec<Wanted> {
    let functions = match (&request.kernel, input.declared.live.first()) {
        (_, Some(first)) => vec![*first],
        (Some(name), None) => named(request, input, name).into_iter().collect(),
        (None, None) => {
            let names = input.declared.functions.clone();
            let mut found: Vec<FunctionId> = Vec::new();
            // A name that is defined twice is its last definition.
            for function in names.iter().filter_map(|name| find(input, name)) {
                if !found.contains(&function) {
                    found.push(function);
                }
            }
            found
        }
    };
    let is_named = request.kernel.is_some() || !input.declared.live.is_empty();
    let mut all = Vec::new();
    for function in functions {
        let found = signatures_of(request, input, function, is_named);
        if found.is_empty() && is_named && !input.sink.has_errors() {
            no_signature(request, input, function);
        }
        all.extend(found);
    }
    all
}

/// The signatures of one function, from the first place that has any.
fn signatures_of(request: &Request, input: &mut Input, function: FunctionId, is_named: bool) -> Vec<Wanted> {
    let def = input.program.functions[function].def.clone();
    let name = def.name.text.clone();
    let wanted = |signature: Signature, mode, span| {
        let capsule = signature.capsule;
        Wanted { function, name: name.clone(), signature, mode, capsule, span, extents: Vec::new() }
    };
    if let Some(types) = &request.arguments {
        let signature = from_types(&def, types.iter().cloned(), None);
        return vec![wanted(signature, request.mode.unwrap_or(Mode::Jit), None)];
    }
    let exports: Vec<Export> = input.declared.exports.iter().filter(|e| e.name.text == name).cloned().collect();
    let exported: Vec<Wanted> = exports
        .iter()
        .flat_map(|export| export.signatures.iter().map(|s| Signature { capsule: export.capsule, ..s.clone() }))
        .map(|signature| {
            let (mode, span) = (mode_of(request, &signature), Some(signature.span));
            wanted(signature, mode, span)
        })
        .collect();
    if !exported.is_empty() {
        return exported;
    }
    // `export f` without types: they stand at the function.
    let is_exported = !exports.is_empty();
    // Cython's pure-Python files have no export comments: there, every typed function is one.
    let declared = &input.declared;
    let is_pure = declared.exports.is_empty() && declared.imports.uses("cython") && !pure_cython::is_internal(&def);
    if request.exports_only && !is_exported && !is_pure {
        return Vec::new();
    }
    let decorated = decorated(input, &def);
    if !decorated.is_empty() {
        let mode = |mode| request.mode.unwrap_or(mode);
        return decorated.into_iter().map(|(signature, m, span)| wanted(signature, mode(m), Some(span))).collect();
    }
    let capsule = exports.iter().any(|export| export.capsule);
    let mode = if capsule { Mode::C } else { request.mode.unwrap_or(Mode::Jit) };
    match annotated(input, &def, is_named || is_exported, mode) {
        Some(mut signature) => {
            signature.capsule = capsule;
            vec![wanted(signature, mode, None)]
        }
        None => {
            if is_exported && !is_named && !input.sink.has_errors() {
                no_signature(request, input, function);
            }
            Vec::new()
        }
    }
}

/// A signature of types for the first parameters of a function.
fn from_types(def: &Function, types: impl Iterator<Item = Type>, result: Option<Type>) -> Signature {
    let param = |ty| SigParam { ty, name: None, span: def.header };
    Signature {
        name: Some(def.name.text.clone()),
        params: types.map(param).collect(),
        result,
        capsule: false,
        notation: Notation::Pythran,
        span: def.header,
    }
}

/// The types of a function's annotations, if every parameter without default has one. Faults are reported only if the
/// function is sure to be a kernel: others may be annotated with anything.
fn annotated(input: &mut Input, def: &Function, is_kernel: bool, mode: Mode) -> Option<Signature> {
    let mut sink = Sink::new();
    let imports = &input.declared.imports;
    // Cython's C types are Python's own to Python, as in plain CPython, and C's to C.
    let is_cython = |expr: &Expr| mode == Mode::Jit && imports.path(expr).is_some_and(|p| p.starts_with("cython."));
    let mut read = |expr: &Expr| match annotation::read(expr, imports, input.model, &mut sink)? {
        Annotation::Type(ty) if is_cython(expr) => Some(ty.as_python()),
        Annotation::Type(ty) => Some(ty),
        Annotation::AnyArray { .. } => {
            let help = "say how many: `gelcap.Array[gelcap.float64, 2]`, or `gelcap.float64[:, :]`";
            let message = "this annotation does not say how many axes the array has";
            sink.push(Diagnostic::error(Code::UnsupportedType, expr.span, message).help(help));
            None
        }
    };
    let mut types = Vec::new();
    let mut complete = true;
    for param in &def.params.list {
        let stars = matches!(param.kind, ParamKind::VarArgs | ParamKind::VarKeywords);
        match param.annotation.as_ref().or_else(|| pure_cython::local_type(def, &param.name.text)) {
            Some(expr) if !stars => match read(expr) {
                Some(ty) => types.push(ty),
                None => complete = false,
            },
            // What follows has defaults too, and keeps them.
            None if param.default.is_some() => break,
            _ => complete = false,
        }
    }
    // A function without parameters is annotated by its result alone.
    complete &= !types.is_empty() || (def.params.list.is_empty() && (is_kernel || def.returns.is_some()));
    let returns = def.returns.as_ref().or_else(|| pure_cython::result_type(def));
    let result = if complete { returns.map(read) } else { None };
    if is_kernel {
        input.sink.append(sink);
    }
    match result {
        Some(None) => None,
        _ if !complete => None,
        result => Some(from_types(def, types.into_iter(), result.flatten())),
    }
}

/// The last name of a decorator's path, and its call.
fn decorator_call(expr: &Expr) -> Option<(&str, &[Expr], &[front::syntax::Keyword])> {
    let ExprKind::Call { function, args, keywords } = &expr.kind else { return None };
    let name = function.path()?.last().copied()?;
    matches!(name, "cfunc" | "jit" | "njit").then_some((name, args.as_slice(), keywords.as_slice()))
}

/// Options that a decorator sets: `@jit(boundscheck=False)`.
fn decorator_settings(def: &Function) -> Vec<(String, OptionName, OptionValue)> {
    let keywords = def.decorators.iter().filter_map(decorator_call).flat_map(|(_, _, keywords)| keywords);
    keywords
        .filter_map(|keyword| {
            let option = OptionName::from_name(&keyword.name.as_ref()?.text)?;
            let ExprKind::Bool(flag) = keyword.value.kind else { return None };
            Some((def.name.text.clone(), option, OptionValue::Bool(flag)))
        })
        .collect()
}

/// Options that Cython's directives set: `@cython.boundscheck(False)`.
pub(super) fn directives(def: &Function, sink: &mut Sink) -> Vec<(String, OptionName, OptionValue)> {
    let mut all = Vec::new();
    for decorator in &def.decorators {
        match pure_cython::of_expr(decorator) {
            Some(Directive::Option(name, flag)) => all.push((def.name.text.clone(), name, OptionValue::Bool(flag))),
            Some(Directive::Meaning(name)) => sink.push(pure_cython::no_effect(name, decorator.span)),
            Some(Directive::Harmless) | None => {}
        }
    }
    all
}

/// The signatures in `@cfunc("...")` and `@jit("...")`, which may also be written as Python expressions.
fn decorated(input: &mut Input, def: &Function) -> Vec<(Signature, Mode, Span)> {
    let mut all = Vec::new();
    for (name, args, _) in def.decorators.iter().filter_map(decorator_call) {
        let Some(arg) = args.first() else { continue };
        let mode = if name == "cfunc" { Mode::C } else { Mode::Jit };
        match read_argument(input, arg) {
            Ok(found) => all.extend(found.into_iter().map(|signature| (signature, mode, arg.span))),
            Err(fault) => input.sink.push(*fault),
        }
    }
    all
}

/// A signature in a decorator: a string, or an expression such as `types.double(types.double)`.
fn read_argument(input: &Input, arg: &Expr) -> Result<Vec<Signature>, Box<Diagnostic>> {
    let span = arg.span;
    let text = match &arg.kind {
        ExprKind::Str(text) => text,
        ExprKind::List(items) => {
            let mut all = Vec::new();
            for item in items {
                all.extend(read_argument(input, item)?);
            }
            return Ok(all);
        }
        _ => return signature::parse(input.sources.text(span), span.file, span.start, input.model),
    };
    // Between two quotes and without escapes, a byte of the text is at its place in the file.
    let plain = input.sources.text(span).get(1..).and_then(|t| t.get(..t.len().saturating_sub(1))) == Some(text);
    let parsed = signature::parse(text, span.file, if plain { span.start + 1 } else { span.start }, input.model);
    if plain { parsed } else { parsed.map_err(|fault| Box::new(fault.at(span))) }
}

/// C functions have one signature, and SciPy's callbacks known ones.
fn check_modes(all: &[Wanted], input: &mut Input) {
    for (i, wanted) in all.iter().enumerate().filter(|(_, w)| w.mode == Mode::C) {
        let Some(earlier) = all[..i].iter().find(|other| other.function == wanted.function) else { continue };
        let message = format!("`{}` is a C function and has more than one signature", wanted.name);
        let mut fault = Diagnostic::error(Code::CapsuleOverload, wanted.signature.span, message)
            .note("C functions have no overloads")
            .help("give one signature, or compile it with @jit");
        if earlier.signature.span != wanted.signature.span {
            fault = fault.also(earlier.signature.span, "it has this one too");
        }
        input.sink.push(fault);
    }
}

/// The extents of pointers, as the function of SciPy has them.
fn add_extents(wanted: &mut Wanted, name: &str, input: &mut Input) {
    let matched = scipy::scipy_match(&wanted.signature, KernelResult::Unknown, input.model);
    let takes = |callback: &Callback| Callback::of_function(name).any(|c| c.text == callback.text);
    match matched {
        Ok(found) if takes(found.callback) => {
            let extent = |param: &scipy::CallbackParam| match param.extent()? {
                scipy::Extent::Param(i) => Some(Extent::Param(i)),
                scipy::Extent::One => Some(Extent::Const(1)),
                // How much the user binds is not known here.
                scipy::Extent::UserData => None,
            };
            wanted.extents = found.callback.params.iter().map(extent).collect();
        }
        Ok(_) | Err(_) => {
            let texts: Vec<String> = Callback::of_function(name).map(|c| format!("`{}`", c.text)).collect();
            let message = if texts.is_empty() {
                format!("SciPy has no function `{name}` that takes a callback")
            } else {
                format!("a callback of `{name}` is {}", texts.join(" or "))
            };
            let fault = Diagnostic::error(Code::ScipySignature, wanted.signature.span, message);
            input.sink.push(fault.help("change the signature, or compile with @cfunc"));
        }
    }
}

fn find(input: &Input, name: &str) -> Option<FunctionId> {
    input.program.function(input.declared.environment?, name)
}

/// The function of a name; a fault with a suggestion if there is none.
fn named(request: &Request, input: &mut Input, name: &str) -> Option<FunctionId> {
    if let Some(found) = find(input, name) {
        return Some(found);
    }
    let names = &input.declared.functions;
    if names.is_empty() {
        nothing_declared(request, input);
        return None;
    }
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it defines {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
    };
    let message = format!("the source defines no function `{name}` at its top level");
    input.sink.push(about_request(Code::NoFunction, message, help));
    None
}

/// The source has nothing to compile: how to say what is.
pub(super) fn nothing_declared(request: &Request, input: &mut Input) {
    let name = match &request.source {
        Source::Text { name, .. } => name.as_str(),
        Source::Functions(_) => "the source",
    };
    let (message, help) = match input.declared.functions.first() {
        None => (format!("{name} has no function to compile"), "write one with `def`".to_owned()),
        Some(first) if request.exports_only => {
            let message = format!("{name} exports no function");
            (message, format!("write its types in a comment above it: `# gelcap: export {}`", example(input, first)))
        }
        Some(first) => {
            let message = format!("no function of {name} has a signature");
            (message, format!("write one in a comment: `# gelcap: export {}`", example(input, first)))
        }
    };
    input.sink.push(about_request(Code::NoFunction, message, help));
}

/// `f(float, float)`: how an export might look.
fn example(input: &Input, name: &str) -> String {
    let count = find(input, name).map_or(0, |id| input.program.functions[id].def.params.list.len());
    format!("{name}({})", vec!["float"; count].join(", "))
}

fn no_signature(request: &Request, input: &mut Input, function: FunctionId) {
    let def = input.program.functions[function].def.clone();
    let name = &def.name.text;
    let floats = vec!["float64"; def.params.list.len()].join(", ");
    let (code, message, help) = if request.mode == Some(Mode::C) {
        let message = format!("`{name}` needs the signature of the C function");
        (Code::SignatureMissing, message, format!("@cfunc(\"float64({floats})\")"))
    } else {
        let message = format!("the types of `{name}`'s parameters are not known");
        let help = format!(
            "write them in a comment above it, `# gelcap: export {}`, annotate every parameter, or give a signature",
            example(input, name)
        );
        (Code::SignatureMissing, message, help)
    };
    input.sink.push(Diagnostic::error(code, def.header, message).help(help));
}
