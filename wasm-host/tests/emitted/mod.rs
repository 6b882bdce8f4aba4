//! Machine-level IR built by hand, through the wasm back-end, into a kernel.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::Arc;

use gelcap_compiler::abi::{self, packed_symbol, status::Exception};
use gelcap_compiler::artifact::{Artifact, Code, Export, Param, ParamType, ResultType, Site};
use gelcap_compiler::back::{Target, WasmFlavour, wasm};
use gelcap_compiler::ir::{Builder, Entry, Function, Level, Linkage, Module, Type, ValueId};
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::Kernel;

/// Slots of every packed entry: memory to try things on.
pub const SLOTS: usize = 64;

pub struct Program {
    pub module: Module,
    names: Vec<String>,
}

impl Program {
    pub fn new() -> Program {
        Program { module: Module::new(Level::Machine), names: Vec::new() }
    }

    /// Adds a packed entry that succeeds; `build` gets the context and the slots.
    pub fn packed(&mut self, name: &str, build: impl FnOnce(&mut Builder<'_>, ValueId, ValueId)) {
        let types = [Type::Ptr, Type::Ptr];
        let mut f = Function::new(packed_symbol(name), &types, &[Type::I32], Linkage::Export, Entry::Packed);
        let (context, slots) = (f.params()[0], f.params()[1]);
        let mut b = Builder::new(&mut self.module, &mut f);
        build(&mut b, context, slots);
        if !b.is_closed() {
            let ok = b.int(Scalar::I32, 0);
            b.return_(&[ok]);
        }
        self.module.functions.push(f);
        self.names.push(name.to_string());
    }

    pub fn emit(&self, flavour: WasmFlavour) -> Vec<u8> {
        wasm::emit(&self.module, &Target::wasm(flavour)).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn artifact(&self) -> Arc<Artifact> {
        let param = || Param { name: String::new(), ty: ParamType::Scalar(Scalar::U64), default: None };
        let export = |name: &String| Export {
            name: name.clone(),
            packed: packed_symbol(name),
            params: (0..SLOTS).map(|_| param()).collect(),
            result: ResultType::None,
            c: None,
            doc: None,
        };
        let site = Site { exception: Exception::RecursionError, template: "too deep".into(), frames: Vec::new() };
        Arc::new(Artifact {
            abi_version: abi::VERSION,
            module: "test".to_string(),
            code: Code::Wasm(self.emit(WasmFlavour::ImportedMemory)),
            exports: self.names.iter().map(export).collect(),
            sites: vec![site],
            files: Vec::new(),
        })
    }

    pub fn load(&self) -> Kernel {
        Kernel::load(self.artifact()).unwrap_or_else(|e| panic!("{e}"))
    }
}
