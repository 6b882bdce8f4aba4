//! What only the native back-end makes: objects, their listings, extension modules.

use super::{Listing, Unit, sites, to_machine};
use crate::artifact::{Code, Export, NativeCode};
use crate::back::Target;
use crate::back::native::{self, Emitted, pyext};
use crate::diag::{InternalError, SourceMap, guarded};
use crate::ir::Module;
use crate::options::Options;
use crate::passes::Observer;
use pyext::{Extension, interface};

/// An extension module, with the texts that go with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// The shared library that CPython imports under the unit's name.
    pub library: Vec<u8>,
    /// The `.pyi` file.
    pub stub: String,
    /// The C header of the functions that C may call.
    pub header: String,
}

/// Takes a unit down to an extension module.
pub fn extension(
    unit: Unit,
    doc: Option<&str>,
    sources: &SourceMap,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Built, InternalError> {
    let Unit { name, module, kernels } = unit;
    let module = to_machine(module, &kernels, options, observer)?;
    let (sites, files) = sites(&module, sources);
    let exports: Vec<Export> = kernels.into_iter().map(|k| k.export).collect();
    let extension = Extension { name: &name, doc, exports: &exports, sites: &sites, files: &files };
    let library = guarded("extension", || pyext::emit(&module, &options.target, &extension))?
        .map_err(|e| InternalError::new("extension", e.to_string()))?;
    Ok(Built { library, stub: interface::stub(&extension), header: interface::header(&extension) })
}

pub(super) fn emit(module: &Module, target: &Target) -> Result<Code, InternalError> {
    let emitted = emitted(module, target, native::Listing::default())?;
    Ok(Code::Native(NativeCode { object: emitted.object, machine: target.machine }))
}

/// The text of a native listing.
pub(super) fn list(module: &Module, target: &Target, listing: Listing) -> Result<String, InternalError> {
    let wanted = native::Listing { clif: listing == Listing::Clif, asm: listing == Listing::Asm };
    let emitted = emitted(module, target, wanted)?;
    Ok(if listing == Listing::Clif { emitted.clif } else { emitted.asm })
}

fn emitted(module: &Module, target: &Target, wanted: native::Listing) -> Result<Emitted, InternalError> {
    guarded("native", || native::emit(module, target, wanted))?.map_err(|e| InternalError::new("native", e.to_string()))
}
