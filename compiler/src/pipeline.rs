//! The stages after the front-end, in order: entries, passes, back-end, artifact. The one place that knows them all.
//!
//! ```text
//! Unit (IR at Loop level, what is exported) --entries--> --passes--> Machine level --back-end--> Artifact
//! ```

#[cfg(feature = "native")]
mod native;

use std::collections::BTreeMap;

use crate::abi;
use crate::artifact::{Artifact, Code, Export, Frame, Site};
use crate::back::Target;
use crate::diag::{FileId, InternalError, SourceMap, Span};
use crate::ir::{self, FuncId, LocId, Module, print, verify};
use crate::options::Options;
use crate::passes::entries::{self, ExportSpec};
use crate::passes::{self, Observer};
#[cfg(feature = "native")]
pub use native::{Built, extension};

/// What the front-end made of a program.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Name of the artifact's module.
    pub name: String,
    /// At Array or Loop level.
    pub module: Module,
    pub kernels: Vec<Kernel>,
}

/// A kernel that is called from outside.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub func: FuncId,
    /// How hosts see it; a C entry is made if it has one here.
    pub export: Export,
}

/// Listings are for reading: without the table of locations.
const LISTED: print::Options = print::Options { locs: false };

/// A text that a compilation can be stopped for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Listing {
    /// The IR after the front-end, before any pass.
    Ir,
    /// The IR that the back-end takes.
    MachineIr,
    Wat,
    Clif,
    Asm,
}

/// Takes a unit down to an artifact.
pub fn compile(
    unit: Unit,
    sources: &SourceMap,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Artifact, InternalError> {
    let Unit { name, module, kernels } = unit;
    let module = to_machine(module, &kernels, options, observer)?;
    let code = emit(&module, &options.target)?;
    let (sites, files) = sites(&module, sources);
    Ok(Artifact {
        abi_version: abi::VERSION,
        module: name,
        code,
        exports: kernels.into_iter().map(|k| k.export).collect(),
        sites,
        files,
    })
}

/// The artifact's table of sites, and the files that it names.
fn sites(module: &Module, sources: &SourceMap) -> (Vec<Site>, Vec<String>) {
    let mut files = Files::default();
    let sites = module.sites.iter().map(|(_, site)| files.site(module, site, sources)).collect();
    (sites, files.names)
}

/// A stage's text.
pub fn list(
    unit: Unit,
    options: &Options,
    listing: Listing,
    observer: &mut dyn Observer,
) -> Result<String, InternalError> {
    if listing == Listing::Ir {
        return Ok(print::module(&unit.module, LISTED));
    }
    let module = to_machine(unit.module, &unit.kernels, options, observer)?;
    match listing {
        Listing::Ir | Listing::MachineIr => Ok(print::module(&module, LISTED)),
        Listing::Wat => match emit(&module, &options.target)? {
            Code::Wasm(bytes) => wat(&bytes),
            Code::Native(_) => Err(InternalError::new("wat", "the target is native")),
        },
        Listing::Clif | Listing::Asm => native::list(&module, &options.target, listing),
    }
}

/// The IR that a back-end takes.
pub fn to_machine(
    mut module: Module,
    kernels: &[Kernel],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Module, InternalError> {
    if options.verify_each {
        verify::verify(&module).map_err(|f| InternalError::new("front", f.render(&module)))?;
    }
    let specs: Vec<ExportSpec> = kernels
        .iter()
        .map(|k| ExportSpec {
            kernel: k.func,
            name: symbol_name(&k.export),
            c_entry: k.export.c.is_some() && options.target.has_c_entries(),
        })
        .collect();
    entries::add(&mut module, &specs).map_err(|e| InternalError::new("entries", e))?;
    passes::run_within(&mut module, &options.target, options.opt_level, options.limits, observer).map_err(
        |f| match f.exceeded {
            true => InternalError::exceeded(f.message),
            false => InternalError::new("passes", f.message).in_pass(f.pass),
        },
    )?;
    // What no pass may have left out: the back-ends rely on a verified module.
    verify::verify(&module).map_err(|f| InternalError::new("passes", f.render(&module)))?;
    Ok(module)
}

/// The name in a kernel's symbols: overloads share the name in Python, not this.
fn symbol_name(export: &Export) -> String {
    export.packed.strip_prefix(abi::PACKED_PREFIX).unwrap_or(&export.name).to_owned()
}

fn emit(module: &Module, target: &Target) -> Result<Code, InternalError> {
    if target.is_wasm() { emit_wasm(module, target) } else { native::emit(module, target) }
}

#[cfg(feature = "wasm")]
fn emit_wasm(module: &Module, target: &Target) -> Result<Code, InternalError> {
    Ok(Code::Wasm(crate::diag::guarded("wasm", || crate::back::wasm::emit(module, target))??))
}

#[cfg(feature = "wat")]
fn wat(wasm: &[u8]) -> Result<String, InternalError> {
    crate::back::wasm::wat::print(wasm)
}

#[cfg(not(feature = "wasm"))]
fn emit_wasm(_: &Module, _: &Target) -> Result<Code, InternalError> {
    Err(left_out("wasm"))
}

#[cfg(not(feature = "wat"))]
fn wat(_: &[u8]) -> Result<String, InternalError> {
    Err(left_out("wat"))
}

/// What this build was made without: whoever made it must not ask for it.
#[cfg(not(all(feature = "native", feature = "wasm", feature = "wat")))]
fn left_out(what: &str) -> InternalError {
    InternalError::new(what, "this build of the compiler has no such part")
}

/// In the place of the native back-end's file.
#[cfg(not(feature = "native"))]
mod native {
    use super::{Listing, left_out};
    use crate::artifact::Code;
    use crate::back::Target;
    use crate::diag::InternalError;
    use crate::ir::Module;

    pub(super) fn emit(_: &Module, _: &Target) -> Result<Code, InternalError> {
        Err(left_out("native"))
    }

    pub(super) fn list(_: &Module, _: &Target, _: Listing) -> Result<String, InternalError> {
        Err(left_out("native"))
    }
}

/// The file table of an artifact, as it fills.
#[derive(Default)]
struct Files {
    names: Vec<String>,
    known: BTreeMap<FileId, u32>,
}

impl Files {
    fn site(&mut self, module: &Module, site: &ir::Site, sources: &SourceMap) -> Site {
        let mut frames = Vec::new();
        let mut at: Option<LocId> = site.loc;
        while let Some(loc) = at {
            let loc = &module.locs[loc];
            frames.extend(self.frame(&loc.function, loc.span, sources));
            at = loc.inlined_at;
        }
        Site { exception: site.exception, template: site.message.clone(), frames }
    }

    fn frame(&mut self, function: &str, span: Span, sources: &SourceMap) -> Option<Frame> {
        let (start, end) = sources.positions(span)?;
        let file = sources.get(span.file)?;
        let index = match self.known.get(&span.file) {
            Some(index) => *index,
            None => {
                // Functions of one file are several texts of one name.
                let known = self.names.iter().position(|n| n == file.name());
                let index = known.unwrap_or(self.names.len()) as u32;
                if known.is_none() {
                    self.names.push(file.name().to_string());
                }
                self.known.insert(span.file, index);
                index
            }
        };
        Some(Frame {
            function: function.to_string(),
            file: index,
            line: start.line,
            column: start.utf8,
            end_line: end.line,
            end_column: end.utf8,
        })
    }
}
