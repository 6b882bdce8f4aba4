//! The native back-end: Machine-level IR to a relocatable object, by Cranelift.
//!
//! It maps op by op and decides nothing: checks, floor division, allocation are IR by now. What it promises is that
//! the code cannot trap and calls nothing but [`crate::abi::imports`]: no division or conversion that the IR does not
//! guard, no libcall (a floor without SSE4.1), no frame above [`crate::abi::MAX_FRAME`]; each is an internal compiler
//! error here rather than a crash in the user's process.
//!
//! That one object is what `native-host` maps into the process, what [`elf`] turns into a shared library, what a cache
//! may store. [`image`] lays it out for the first two; [`reloc`] is the table of relocations.
//!
//! Where next: [`function`] (control), [`ops`], [`math`], [`memory`], [`simd`], all named as in `back/wasm`.

mod align;
pub mod asm;
pub mod elf;
mod function;
pub mod image;
pub mod isa;
mod math;
mod memory;
mod ops;
pub mod pyext;
pub mod reloc;
mod simd;
mod types;

use cranelift_codegen::binemit::CodeOffset;
use cranelift_codegen::ir::{ExternalName, TrapCode, UserExternalName, UserFuncName};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module as _, ModuleError};
use cranelift_object::{ObjectBuilder, ObjectModule};

use crate::abi;
use crate::abi::imports::Import;
use crate::back::Target;
use crate::base::arena::IdMap;
use crate::ir;

/// Why code could not be made: a fault of the compiler, whatever the user wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmitError {
    /// The function it happened in, if in one.
    pub function: Option<String>,
    pub message: String,
}

impl std::fmt::Display for EmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.function {
            Some(function) => write!(f, "{function}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for EmitError {}

impl From<String> for EmitError {
    fn from(message: String) -> EmitError {
        EmitError { function: None, message }
    }
}

/// Which texts to make beside the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    pub clif: bool,
    pub asm: bool,
}

/// What a module became.
#[derive(Clone, PartialEq, Debug)]
pub struct Emitted {
    pub object: Vec<u8>,
    /// Cranelift's text of every function, if asked for.
    pub clif: String,
    /// Machine code as text, if asked for.
    pub asm: String,
}

/// Compiles a Machine-level module that has been verified.
pub fn emit(module: &ir::Module, target: &Target, listing: Listing) -> Result<Emitted, EmitError> {
    let mut emitter = Emitter::new(module, target, listing)?;
    emitter.emit()?;
    emitter.finish()
}

/// An object in the making.
pub(crate) struct Emitter<'a> {
    module: &'a ir::Module,
    object: ObjectModule,
    functions: IdMap<ir::Function, Option<FuncId>>,
    tables: IdMap<ir::DataTable, Option<DataId>>,
    imports: std::collections::BTreeMap<Import, FuncId>,
    token: Option<DataId>,
    listing: Listing,
    clif: String,
    asm: String,
    /// How far each function defined so far is to be shifted: [`align`].
    shifts: Vec<u8>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(module: &'a ir::Module, target: &Target, listing: Listing) -> Result<Self, EmitError> {
        if module.level != ir::Level::Machine {
            return Err("only Machine-level modules can be emitted".to_string().into());
        }
        // A libcall is found and refused in `define`; its name never reaches an object.
        let no_libcalls = Box::new(|_| "gelcap.libcall".to_string());
        let mut builder = ObjectBuilder::new(isa::build(target)?, "gelcap", no_libcalls).map_err(|e| e.to_string())?;
        builder.unwind_info(true);
        // The order of the sections is that of the functions, which the table of shifts relies on.
        builder.per_function_section(true);
        Ok(Emitter {
            module,
            object: ObjectModule::new(builder),
            functions: IdMap::default(),
            tables: IdMap::default(),
            imports: std::collections::BTreeMap::new(),
            token: None,
            listing,
            clif: String::new(),
            asm: String::new(),
            shifts: Vec::new(),
        })
    }

    /// Declares and defines everything in the module.
    pub(crate) fn emit(&mut self) -> Result<(), EmitError> {
        for (id, table) in self.module.data.iter() {
            // Names are for people: inlined and linked modules bring several of one name.
            let data = self.declare_table(&format!("{}.{}", table.name, id.index()), table)?;
            self.tables.set(id, Some(data));
        }
        for (id, function) in self.module.functions.iter() {
            let signature = types::signature(function, self.object.isa()).map_err(|e| in_function(function, e))?;
            let (name, linkage) = match function.linkage {
                ir::Linkage::Export => (function.name.clone(), Linkage::Export),
                // The dot keeps the names of the user's functions apart from ours and from imports.
                ir::Linkage::Internal => (format!("{}.{}", function.name, id.index()), Linkage::Local),
            };
            let declared = self.object.declare_function(&name, linkage, &signature).map_err(|e| e.to_string())?;
            self.functions.set(id, Some(declared));
        }
        let mut context = Context::new();
        let mut frontend = FunctionBuilderContext::new();
        for (id, function) in self.module.functions.iter() {
            self.define(id, function, &mut context, &mut frontend).map_err(|e| in_function(function, e))?;
        }
        Ok(())
    }

    fn declare_table(&mut self, name: &str, table: &ir::DataTable) -> Result<DataId, String> {
        let size = table.element.bytes() as usize;
        let bytes: Vec<u8> = table.bits.iter().flat_map(|word| word.to_le_bytes()[..size].to_vec()).collect();
        self.define_data(name, bytes, 16, false)
    }

    /// A data object, local to the object file.
    fn define_data(&mut self, name: &str, bytes: Vec<u8>, align: u64, writable: bool) -> Result<DataId, String> {
        let id = self.object.declare_data(name, Linkage::Local, writable, false).map_err(|e| e.to_string())?;
        let mut description = DataDescription::new();
        description.set_align(align);
        description.define(bytes.into_boxed_slice());
        self.object.define_data(id, &description).map_err(|e| e.to_string())?;
        Ok(id)
    }

    fn define(
        &mut self,
        id: ir::FuncId,
        function: &ir::Function,
        context: &mut Context,
        frontend: &mut FunctionBuilderContext,
    ) -> Result<(), String> {
        let Some(declared) = self.functions[id] else { return Err("not declared".to_string()) };
        context.clear();
        context.set_disasm(self.listing.asm);
        context.func.signature = self.object.declarations().get_function_decl(declared).signature.clone();
        context.func.name = UserFuncName::user(0, declared.as_u32());
        function::emit(self, function, context, frontend)?;
        if self.listing.clif {
            asm::append_clif(&mut self.clif, &function.name, &context.func);
        }
        self.object.define_function(declared, context).map_err(explain)?;
        self.shifts.push(context.compiled_code().map_or(0, align::shift));
        check_code(context)?;
        if self.listing.asm {
            let symbols = self.symbols(&context.func);
            asm::append_asm(&mut self.asm, &function.name, context, &symbols);
        }
        Ok(())
    }

    /// The names behind the numbers by which a function refers to others and to data.
    fn symbols(&self, function: &cranelift_codegen::ir::Function) -> Vec<String> {
        let declarations = self.object.declarations();
        let name = |external: &UserExternalName| match external.namespace {
            0 => {
                let id = FuncId::from_u32(external.index);
                declarations.get_function_decl(id).linkage_name(id).into_owned()
            }
            _ => {
                let id = DataId::from_u32(external.index);
                declarations.get_data_decl(id).linkage_name(id).into_owned()
            }
        };
        function.params.user_named_funcs().values().map(name).collect()
    }

    /// The host's function behind an import.
    fn import(&mut self, import: Import) -> Result<FuncId, String> {
        if let Some(&id) = self.imports.get(&import) {
            return Ok(id);
        }
        let (params, results) = import.signature();
        let mut params = params.to_vec();
        if import == Import::Raise {
            params.insert(0, ir::Type::Ptr);
        }
        let signature = types::plain_signature(&params, results, self.object.isa())?;
        let declared = self.object.declare_function(import.symbol(), Linkage::Import, &signature);
        let id = declared.map_err(|e| e.to_string())?;
        self.imports.insert(import, id);
        Ok(id)
    }

    /// The word that belongs to the host: [`abi::TOKEN_SYMBOL`].
    fn token(&mut self) -> Result<DataId, String> {
        if let Some(id) = self.token {
            return Ok(id);
        }
        let declared = self.object.declare_data(abi::TOKEN_SYMBOL, Linkage::Export, true, false);
        let id = declared.map_err(|e| e.to_string())?;
        let mut description = DataDescription::new();
        description.set_align(8);
        description.define_zeroinit(8);
        self.object.define_data(id, &description).map_err(|e| e.to_string())?;
        self.token = Some(id);
        Ok(id)
    }

    /// The kernels call this function of the host.
    pub(crate) fn uses(&self, import: Import) -> bool {
        self.imports.contains_key(&import)
    }

    /// Some kernel compares the stack pointer with the limit in its context.
    pub(crate) fn needs_stack_limit(&self) -> bool {
        let checks = |f: &ir::Function| f.insts.iter().any(|(_, inst)| inst.op == ir::Op::StackPointer);
        self.uses(Import::StackLimit) || self.module.functions.iter().any(|(_, f)| checks(f))
    }

    pub(crate) fn finish(mut self) -> Result<Emitted, EmitError> {
        if self.shifts.iter().any(|&s| s != 0) {
            let id =
                self.object.declare_data(align::SECTION, Linkage::Local, false, false).map_err(|e| e.to_string())?;
            let mut description = DataDescription::new();
            description.set_custom_section(align::SECTION);
            description.define(std::mem::take(&mut self.shifts).into_boxed_slice());
            self.object.define_data(id, &description).map_err(|e| e.to_string())?;
        }
        let object = self.object.finish().emit().map_err(|e| e.to_string())?;
        Ok(Emitted { object, clif: self.clif, asm: self.asm })
    }
}

fn in_function(function: &ir::Function, message: String) -> EmitError {
    EmitError { function: Some(function.name.clone()), message }
}

/// What Cranelift says went wrong; its verifier's faults one a line.
fn explain(error: ModuleError) -> String {
    match error {
        ModuleError::Compilation(CodegenError::Verifier(faults)) => {
            faults.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// The promises of this back-end that only finished code can show.
fn check_code(context: &Context) -> Result<(), String> {
    let Some(code) = context.compiled_code() else { return Err("no code was made".to_string()) };
    for relocation in code.buffer.relocs() {
        if let cranelift_codegen::FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) = relocation.target {
            return Err(format!("the code calls the library function {call}"));
        }
    }
    // A guarded division is the one instruction that could trap: the IR sees to it that it does not.
    let allowed = [TrapCode::INTEGER_DIVISION_BY_ZERO, TrapCode::INTEGER_OVERFLOW];
    if let Some(trap) = code.buffer.traps().iter().find(|t| !allowed.contains(&t.code)) {
        return Err(format!("the code may trap: {}", trap.code));
    }
    let frame: Option<CodeOffset> = code.buffer.frame_layout().map(|f| f.frame_to_fp_offset);
    match frame {
        Some(size) if size > abi::MAX_FRAME => Err(format!("the frame has {size} bytes")),
        Some(_) | None => Ok(()),
    }
}
