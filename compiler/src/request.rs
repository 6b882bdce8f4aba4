//! From a source text to what is compiled: which functions, for which types, called how.
//!
//! The command line, the Python package and the tests all come through here, so that a signature means the same to each:
//!
//! ```text
//! Request --read--> Program, exports, options --select--> KernelSpecs --front--> Unit --pipeline--> Artifact, listing
//! ```
//!
//! [`select`] says where signatures are looked for; [`live`] takes functions of a running Python process instead of a
//! text; [`crate::export`] says how hosts see what came out. Faults of the user come back as [`Failure::Diagnostics`],
//! with the texts they point into; a fault of ours, panics included, as [`Failure::Internal`].

pub mod live;
mod optional;
pub mod select;
mod settings;

use crate::artifact::Artifact;
use crate::diag::{Code, Diagnostic, InternalError, Sink, SourceMap, Span, guarded};
use crate::export;
use crate::front::options_comment::{OptionName, OptionValue};
use crate::front::signature::DataModel;
use crate::front::signature::scipy::KernelResult;
use crate::front::typed_spans::TypedSpan;
use crate::front::{self, KernelInfo, KernelSpec, Lowered, Mode, Program};
use crate::ir::{FuncId, Module, print};
use crate::mathlib;
use crate::options::Options;
use crate::passes::{self, Observer};
use crate::pipeline::{self, Kernel, Listing, Unit};
use crate::types::Type;
#[cfg(feature = "native")]
use crate::{artifact::Export, pipeline::Built};
use live::LiveFunction;
use select::Wanted;
pub use settings::nearest;

/// What is to be compiled.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    pub source: Source,
    /// The kernel's name; `None` for every function that the source declares (or, of live functions, the first).
    pub kernel: Option<String>,
    /// Only what comments export counts as declared: annotations and decorators do not.
    pub exports_only: bool,
    /// The kernel's signatures in any notation. Empty: they stand in the source.
    pub signatures: Vec<String>,
    /// The types of a call's arguments, instead of signatures.
    pub arguments: Option<Vec<Type>>,
    /// Whether C or Python calls the kernel; `None`: as the signature's notation says.
    pub mode: Option<Mode>,
    /// The function of SciPy that calls it: pointers then reach as far as it says, and indices are checked.
    pub callback: Option<String>,
    /// Options that the caller sets; they come before those in comments.
    pub settings: Vec<(OptionName, OptionValue)>,
}

/// Where the functions come from.
#[derive(Clone, PartialEq, Debug)]
pub enum Source {
    /// A file, or a text that a user passes: never executed.
    Text { name: String, bytes: Vec<u8> },
    /// Functions of a running Python process. The first is the kernel.
    Functions(Vec<LiveFunction>),
}

impl Request {
    /// Everything that a text declares.
    pub fn text(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Request {
        Request::new(Source::Text { name: name.into(), bytes: bytes.into() })
    }

    /// A function of a running Python process; the others are those it calls.
    pub fn functions(functions: Vec<LiveFunction>) -> Request {
        Request::new(Source::Functions(functions))
    }

    fn new(source: Source) -> Request {
        Request {
            source,
            kernel: None,
            exports_only: false,
            signatures: Vec::new(),
            arguments: None,
            mode: None,
            callback: None,
            settings: Vec::new(),
        }
    }

    pub fn kernel(mut self, name: impl Into<String>) -> Request {
        self.kernel = Some(name.into());
        self
    }

    /// Adds a signature in any notation.
    pub fn signature(mut self, text: impl Into<String>) -> Request {
        self.signatures.push(text.into());
        self
    }

    pub fn mode(mut self, mode: Mode) -> Request {
        self.mode = Some(mode);
        self
    }

    /// Only what comments export.
    pub fn exports(mut self) -> Request {
        self.exports_only = true;
        self
    }
}

/// Why there is no result.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Faults in the user's program, in the order of the source; some may be warnings.
    Diagnostics { diagnostics: Vec<Diagnostic>, sources: SourceMap },
    /// A fault of ours.
    Internal(InternalError),
}

impl From<InternalError> for Failure {
    fn from(error: InternalError) -> Failure {
        if error.exceeded {
            return too_large(error.message);
        }
        Failure::Internal(error)
    }
}

/// A program that exceeds what its compilation may take: at no place in it.
fn too_large(message: String) -> Failure {
    let help = "make the program smaller, or allow it more";
    let fault = about_request(Code::ProgramTooLarge, message, help);
    Failure::Diagnostics { diagnostics: vec![fault], sources: SourceMap::new() }
}

/// Compiled kernels.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub artifact: Artifact,
    /// The kernels with their types, in the order of the artifact's exports.
    pub kernels: Vec<KernelInfo>,
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
}

/// An extension module for CPython.
#[cfg(feature = "native")]
#[derive(Clone, Debug)]
pub struct Extension {
    /// The shared library, with the texts that go with it.
    pub built: Built,
    pub exports: Vec<Export>,
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
}

/// A program without errors.
#[derive(Clone, Debug)]
pub struct Checked {
    /// How many kernels were checked; without any, only the syntax was.
    pub kernels: usize,
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
}

/// A stage that can be shown as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The syntax trees of the kernels' functions.
    Ast,
    /// Functions and variables with their types.
    Types,
    /// The IR before any pass.
    Ir,
    /// The IR after these passes, run on that.
    Passes(Vec<String>),
    /// The IR that the back-end takes.
    MachineIr,
    Wat,
    Clif,
    Asm,
}

/// Compiles to an artifact, which hosts run.
pub fn compile(request: &Request, options: &Options, observer: &mut dyn Observer) -> Result<Compiled, Failure> {
    door(|| {
        let Prepared { unit, kernels, sources, warnings, options, .. } = prepare(request, options)?;
        let artifact = pipeline::compile(unit, &sources, &options, observer)?;
        Ok(Compiled { artifact, kernels, sources, warnings })
    })
}

/// What the front-end makes of it, before any pass: for tests that run it as it stands.
pub fn unit(request: &Request, options: &Options) -> Result<(Unit, SourceMap), Failure> {
    let Prepared { unit, sources, .. } = door(|| prepare(request, options))?;
    Ok((unit, sources))
}

/// Compiles to a shared library that CPython imports as `name`.
#[cfg(feature = "native")]
pub fn extension(
    request: &Request,
    options: &Options,
    name: &str,
    observer: &mut dyn Observer,
) -> Result<Extension, Failure> {
    door(|| {
        let Prepared { mut unit, sources, warnings, options, doc, .. } = prepare(request, options)?;
        name.clone_into(&mut unit.name);
        let exports: Vec<Export> = unit.kernels.iter().map(|kernel| kernel.export.clone()).collect();
        let built = pipeline::extension(unit, doc.as_deref(), &sources, &options, observer)?;
        Ok(Extension { built, exports, sources, warnings })
    })
}

/// Looks for faults without making code.
pub fn check(request: &Request, options: &Options) -> Result<Checked, Failure> {
    door(|| {
        let mut input = Input::read(request, options)?;
        let wanted = select::wanted(request, &mut input);
        if wanted.is_empty() {
            let (sources, warnings) = input.finish()?;
            return Ok(Checked { kernels: 0, sources, warnings });
        }
        let prepared = lower(input, wanted)?;
        Ok(Checked { kernels: prepared.kernels.len(), sources: prepared.sources, warnings: prepared.warnings })
    })
}

/// The types of what stands in the text, in its order: as far as they can be inferred, also of a program with faults.
pub fn types(request: &Request, options: &Options) -> Result<(Vec<TypedSpan>, SourceMap), Failure> {
    let mut input = Input::read(request, options)?;
    let wanted = select::wanted(request, &mut input);
    let specs: Vec<KernelSpec> = wanted.iter().map(|w| w.spec(&w.name)).collect();
    let types = front::typed_spans::collect(&input.program, &specs, &input.sources);
    Ok((types, input.sources))
}

/// A stage as text.
pub fn list(
    request: &Request,
    options: &Options,
    stage: &Stage,
    observer: &mut dyn Observer,
) -> Result<String, Failure> {
    door(|| listed(request, options, stage, observer))
}

/// Every way in ends here: what no stage has caught is a fault of ours as well.
fn door<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    guarded("request", run)?
}

fn listed(request: &Request, options: &Options, stage: &Stage, observer: &mut dyn Observer) -> Result<String, Failure> {
    if *stage == Stage::Ast {
        let mut input = Input::read(request, options)?;
        let functions = select::functions(request, &mut input);
        let text = |id| front::syntax_text::function(&input.program.functions[id].def);
        let text: String = functions.into_iter().map(text).collect::<Vec<_>>().join("\n");
        input.finish()?;
        return Ok(text);
    }
    let Prepared { unit, types, options, .. } = prepare(request, options)?;
    let listing = match stage {
        Stage::Ast | Stage::Types => return Ok(types),
        Stage::Passes(names) => return after_passes(unit.module, names, &options, observer),
        Stage::Ir => Listing::Ir,
        Stage::MachineIr => Listing::MachineIr,
        Stage::Wat => Listing::Wat,
        Stage::Clif => Listing::Clif,
        Stage::Asm => Listing::Asm,
    };
    Ok(pipeline::list(unit, &options, listing, observer)?)
}

fn after_passes(
    mut module: Module,
    names: &[String],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<String, Failure> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    passes::run_named(&mut module, &options.target, &names, observer)
        .map_err(|fault| InternalError::new("passes", fault.message).in_pass(fault.pass))?;
    Ok(print::module(&module, print::Options { locs: false }))
}

/// What the source gives, before anything is chosen from it.
pub struct Input {
    pub(crate) program: Program,
    pub(crate) sources: SourceMap,
    pub(crate) sink: Sink,
    pub(crate) model: DataModel,
    /// Those of the compilation, with the source's and the caller's settings put in.
    pub(crate) options: Options,
    /// What signatures are looked for in.
    pub(crate) declared: select::Declared,
    /// The name of the artifact's module.
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
}

impl Input {
    /// Decodes and parses. A text that cannot be parsed gives its faults here, as nothing that follows would be true.
    fn read(request: &Request, options: &Options) -> Result<Input, Failure> {
        let size = match &request.source {
            Source::Text { bytes, .. } => bytes.len(),
            Source::Functions(functions) => functions.iter().map(|f| f.text.len()).sum(),
        };
        if size > options.limits.source {
            let allowed = options.limits.source;
            return Err(too_large(format!("the source is too large: it has {size} bytes, and {allowed} are allowed")));
        }
        let target = &options.target.data_model;
        let mut input = Input {
            program: Program::new(),
            sources: SourceMap::new(),
            sink: Sink::new(),
            model: DataModel { long: target.long, pointer: target.pointer },
            options: options.clone(),
            declared: select::Declared::default(),
            name: String::new(),
            doc: None,
        };
        match &request.source {
            Source::Text { name, bytes } => select::read_text(&mut input, request, name, bytes),
            Source::Functions(functions) => live::read(&mut input, request, functions),
        }
        if input.sink.has_errors() { Err(input.failure()) } else { Ok(input) }
    }

    fn failure(self) -> Failure {
        Failure::Diagnostics { diagnostics: self.sink.finish(), sources: self.sources }
    }

    /// The texts, and what is no error.
    fn finish(self) -> Result<(SourceMap, Vec<Diagnostic>), Failure> {
        if self.sink.has_errors() {
            return Err(self.failure());
        }
        Ok((self.sources, self.sink.finish()))
    }
}

/// A request as far as it depends on the front-end alone.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub unit: Unit,
    pub kernels: Vec<KernelInfo>,
    /// Functions and variables with their types, as text.
    pub types: String,
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
    /// Those given, with what the text and the request set.
    pub options: Options,
    /// The text's docstring.
    pub doc: Option<String>,
}

/// The front-end's part, for those who run [`pipeline`] themselves and look on.
pub fn prepare(request: &Request, options: &Options) -> Result<Prepared, Failure> {
    let mut input = Input::read(request, options)?;
    let wanted = select::wanted(request, &mut input);
    if wanted.is_empty() && !input.sink.has_errors() {
        select::nothing_declared(request, &mut input);
    }
    lower(input, wanted)
}

/// The front-end, and how hosts see the result.
fn lower(mut input: Input, wanted: Vec<Wanted>) -> Result<Prepared, Failure> {
    if input.sink.has_errors() {
        return Err(input.failure());
    }
    let names = front::kernel::export_names(wanted.iter().map(|w| w.name.as_str()));
    let mut specs: Vec<KernelSpec> = wanted.iter().zip(&names).map(|(w, name)| w.spec(name)).collect();
    let Some(mut lowered) = front_end(&mut input, &specs)? else { return Err(input.failure()) };
    // A capsule's result is SciPy's if the types are: `return 1` from a filter is C's `int`. Only inference knows.
    if settle_results(&input, &wanted, &lowered, &mut specs) {
        lowered = match front_end(&mut input, &specs)? {
            Some(lowered) => lowered,
            None => return Err(input.failure()),
        };
    }
    let Lowered { module, kernels, types } = lowered;
    let mut exported = Vec::with_capacity(kernels.len());
    for ((info, wanted), symbol) in kernels.iter().zip(&wanted).zip(&names) {
        match export::export(&input, &module, info, wanted, symbol) {
            Ok((export, warning)) => {
                warning.into_iter().for_each(|w| input.sink.push(w));
                exported.push(Kernel { func: info.func, export });
            }
            Err(fault) => input.sink.push(*fault),
        }
    }
    if input.sink.has_errors() {
        return Err(input.failure());
    }
    let unit = Unit { name: input.name, module, kernels: exported };
    let (sources, options, doc) = (input.sources, input.options, input.doc);
    Ok(Prepared { unit, kernels, types, sources, warnings: input.sink.finish(), options, doc })
}

/// `None` if the sink says why.
fn front_end(input: &mut Input, specs: &[KernelSpec]) -> Result<Option<Lowered>, InternalError> {
    struct Library;
    impl front::MathLibrary for Library {
        fn function(&mut self, module: &mut Module, name: &str) -> Option<FuncId> {
            mathlib::function(module, name)
        }
    }
    front_end_with(&mut Library, input, specs)
}

fn front_end_with(
    library: &mut dyn front::MathLibrary,
    input: &mut Input,
    specs: &[KernelSpec],
) -> Result<Option<Lowered>, InternalError> {
    let (program, sink) = (&input.program, &mut input.sink);
    let lowered =
        guarded("front", || front::compile(program, specs, &input.options, library, sink)).map_err(|error| {
            let line = |span: Span| {
                let (start, _) = input.sources.positions(span)?;
                Some(format!("{}:{}", input.sources.get(span.file)?.name(), start.line))
            };
            error.at(program.at.get().and_then(line))
        })?;
    if lowered.is_none() && !input.sink.has_errors() {
        return Err(InternalError::new("front", "the front-end failed without a diagnostic"));
    }
    Ok(lowered)
}

/// Gives kernels without a declared result that of the callback they fit. True if that changes how it is stored.
fn settle_results(input: &Input, wanted: &[Wanted], lowered: &Lowered, specs: &mut [KernelSpec]) -> bool {
    let mut changed = false;
    for ((wanted, info), spec) in wanted.iter().zip(&lowered.kernels).zip(specs) {
        if wanted.mode != Mode::C || spec.result.is_some() {
            continue;
        }
        let inferred = KernelResult::Inferred(&info.result);
        if let Ok(found) = front::signature::scipy::scipy_match(&wanted.signature, inferred, input.model) {
            let result = found.callback.result();
            changed |= result.scalar() != info.result.scalar();
            spec.result = Some(result);
        }
    }
    changed
}

/// A diagnostic about the request itself, at no place in a source text.
fn about_request(code: Code, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error_nowhere(code, message).help(help)
}

#[cfg(test)]
mod tests;
