//! The wasm back-end: Machine-level IR to a wasm module.
//!
//! Structured control maps directly, so a function is emitted in one walk ([`function`]): every value has a local (a
//! pack that fills 128 bits a `v128` one, see [`types`]), a constant is written where it is used, and a value that is
//! used once, right after it is computed, stays on the operand stack. The engine's own compiler makes registers of
//! locals. [`ops`] and [`math`] hold integers and floats, [`memory`] addresses, [`simd`] packs, [`wat`] the text form.
//!
//! The flavours ([`WasmFlavour`]) differ in where memory, constants and stack slots come from, which is data here:
//!
//! | | memory | constants at | stack slots at |
//! |---|---|---|---|
//! | stand-alone | its own, exported as `memory` | 1024 | its own stack, below the exported `__heap_base` |
//! | imported memory | `env.memory` | `env.__memory_base` | `env.__stack_pointer` |
//! | side module | `env.memory` | `env.__memory_base` | `env.__stack_pointer` |
//!
//! A module with `env.__memory_base` starts with the section `dylink.0`, which says how much it needs there; that base is
//! global 0, and all constants are one segment at it. A side module is always relocatable, a module with imported memory
//! only if it has constants. A module that polls imports `env.__poll_page`, whose page the host closes to stop it; a
//! global, since no store of the guest reaches it. Nothing traps but a stack that runs out and memory accesses: what would trap was guarded
//! or is not emitted.

mod function;
mod lanes;
mod layout;
mod math;
mod memory;
mod ops;
mod simd;
mod types;
#[cfg(feature = "wat")]
pub mod wat;

use wasm_encoder as enc;
use wasm_encoder::{ConstExpr, EntityType, ExportKind, GlobalType, MemoryType, ValType};

use crate::abi;
use crate::abi::imports::Import;
use crate::back::target::{Machine, Target, WasmFlavour};
use crate::diag::InternalError;
use crate::ir::{Level, Linkage, Module};

use layout::Layout;
use types::FunctionTypes;

/// Bytes of a wasm page.
const PAGE: u32 = 64 << 10;

/// Emits a module for a wasm target. The same module gives the same bytes.
pub fn emit(module: &Module, target: &Target) -> Result<Vec<u8>, InternalError> {
    let fault = |message: String| InternalError::new("wasm", message);
    let Machine::Wasm(flavour) = target.machine else {
        return Err(fault(format!("the target is {:?}", target.machine)));
    };
    if module.level != Level::Machine {
        return Err(fault(format!("the module is at {} level", module.level.name())));
    }
    let layout = Layout::of(module, flavour).map_err(fault)?;
    let mut types = FunctionTypes::default();
    let mut functions = enc::FunctionSection::new();
    let mut code = enc::CodeSection::new();
    let mut exports = enc::ExportSection::new();
    let imported: Vec<u32> =
        layout.imports.iter().map(|i| types.import(*i)).collect::<Result<_, _>>().map_err(fault)?;
    for (id, f) in module.functions.iter() {
        let in_function = |message: String| fault(format!("in function {}: {message}", f.name));
        functions.function(types.function(f).map_err(in_function)?);
        code.function(&function::emit(&layout, f).map_err(in_function)?);
        if f.linkage == Linkage::Export {
            exports.export(&f.name, ExportKind::Func, layout.function_index(id));
        }
    }
    let mut out = enc::Module::new();
    if let Some(dylink) = dylink_section(&layout) {
        out.section(&dylink);
    }
    out.section(&types.section());
    out.section(&import_section(&layout, &imported));
    out.section(&functions);
    if flavour == WasmFlavour::StandAlone {
        out.section(&own_memory(&layout));
    }
    let globals = own_globals(&layout, &mut exports);
    if !globals.is_empty() {
        out.section(&globals);
    }
    out.section(&exports).section(&code);
    if !layout.data.is_empty() {
        let mut data = enc::DataSection::new();
        data.active(0, &layout.data_start(), layout.data.iter().copied());
        out.section(&data);
    }
    out.section(&name_section(module, &layout));
    Ok(out.finish())
}

/// What dynamic linkers (Emscripten's and our host's) read first: how much memory the constants take.
fn dylink_section(layout: &Layout) -> Option<enc::CustomSection<'static>> {
    if !layout.is_relocatable() {
        return None;
    }
    let mut body = Vec::new();
    leb(layout.data.len() as u32, &mut body);
    leb(layout::DATA_ALIGNMENT.trailing_zeros(), &mut body);
    // No table elements.
    body.extend([0, 0]);
    let mut section = vec![1];
    leb(body.len() as u32, &mut section);
    section.append(&mut body);
    Some(enc::CustomSection { name: "dylink.0".into(), data: section.into() })
}

fn leb(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn import_section(layout: &Layout, imported: &[u32]) -> enc::ImportSection {
    let mut section = enc::ImportSection::new();
    if layout.flavour != WasmFlavour::StandAlone {
        section.import("env", "memory", EntityType::Memory(memory_type(1)));
    }
    let pointer = |mutable| EntityType::Global(GlobalType { val_type: ValType::I32, mutable, shared: false });
    if layout.is_relocatable() {
        section.import("env", "__memory_base", pointer(false));
    }
    if layout.imports_stack() {
        section.import("env", "__stack_pointer", pointer(true));
    }
    if layout.polls {
        section.import("env", abi::POLL_PAGE, pointer(false));
    }
    for (import, ty) in layout.imports.iter().zip(imported) {
        section.import("env", import.symbol(), EntityType::Function(*ty));
    }
    section
}

fn memory_type(pages: u32) -> MemoryType {
    MemoryType { minimum: u64::from(pages), maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// A stand-alone module's memory: null page, constants, stack; the rest is the embedder's.
fn own_memory(layout: &Layout) -> enc::MemorySection {
    let mut section = enc::MemorySection::new();
    section.memory(memory_type(layout.heap_base().div_ceil(PAGE).max(1)));
    section
}

/// Globals that the module defines, and the exports that are no functions.
fn own_globals(layout: &Layout, exports: &mut enc::ExportSection) -> enc::GlobalSection {
    let mut section = enc::GlobalSection::new();
    let imported = [layout.is_relocatable(), layout.imports_stack(), layout.polls];
    let mut next = imported.into_iter().map(u32::from).sum::<u32>();
    let mut global = |mutable, value: u32| {
        let ty = GlobalType { val_type: ValType::I32, mutable, shared: false };
        section.global(ty, &ConstExpr::i32_const(value as i32));
        next += 1;
        next - 1
    };
    if layout.flavour == WasmFlavour::StandAlone {
        if layout.uses_stack {
            global(true, layout.heap_base());
        }
        let heap_base = global(false, layout.heap_base());
        exports.export("memory", ExportKind::Memory, 0);
        exports.export("__heap_base", ExportKind::Global, heap_base);
    }
    if let Some(token) = layout.token {
        // Relative to the memory base where there is one, as side modules export data.
        let token = global(false, layout.token_address().unwrap_or(token));
        exports.export(abi::TOKEN_SYMBOL, ExportKind::Global, token);
    }
    section
}

fn name_section(module: &Module, layout: &Layout) -> enc::NameSection {
    let mut names = enc::NameMap::new();
    for (i, import) in layout.imports.iter().enumerate() {
        names.append(i as u32, import.symbol());
    }
    for (id, f) in module.functions.iter() {
        names.append(layout.function_index(id), &f.name);
    }
    let mut section = enc::NameSection::new();
    section.functions(&names);
    section
}

/// The imports that a module's functions call, in the order of [`Import::ALL`].
fn called_imports(module: &Module) -> Vec<Import> {
    let calls = |import: Import| {
        module.functions.iter().any(|(_, f)| f.insts.iter().any(|(_, i)| i.op == crate::ir::Op::CallImport(import)))
    };
    Import::ALL.into_iter().filter(|i| calls(*i)).collect()
}
