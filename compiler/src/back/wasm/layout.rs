//! Where a module's constants, stack and indices are.

use wasm_encoder::ConstExpr;

use super::called_imports;
use crate::abi;
use crate::abi::imports::Import;
use crate::back::target::WasmFlavour;
use crate::base::arena::IdMap;
use crate::ir::{DataId, DataTable, FuncId, Module, Op};

/// Alignment of each constant table.
pub(super) const DATA_ALIGNMENT: u32 = 16;

/// Stack of a stand-alone module, in bytes.
const STACK: u32 = 64 << 10;

/// All constants together; more is refused.
const MAX_DATA: usize = 256 << 20;

pub(super) struct Layout {
    pub(super) flavour: WasmFlavour,
    /// Functions of the host that are called; they come first in the index space.
    pub(super) imports: Vec<Import>,
    /// The bytes of all constants.
    pub(super) data: Vec<u8>,
    /// Some function has stack slots.
    pub(super) uses_stack: bool,
    /// Some function polls.
    pub(super) polls: bool,
    /// Offset of the host's eight bytes among the constants, if a failure may be told to the host.
    pub(super) token: Option<u32>,
    tables: IdMap<DataTable, u32>,
}

impl Layout {
    pub(super) fn of(module: &Module, flavour: WasmFlavour) -> Result<Layout, String> {
        let mut data = Vec::new();
        let imports = called_imports(module);
        let token = imports.contains(&Import::Raise).then(|| {
            data.extend([0; 8]);
            0
        });
        let mut tables = IdMap::default();
        for (id, table) in module.data.iter() {
            data.resize(data.len().next_multiple_of(DATA_ALIGNMENT as usize), 0);
            tables.set(id, data.len() as u32);
            let size = table.element.bytes() as usize;
            if data.len() + table.bits.len() * size > MAX_DATA {
                return Err(format!("constant tables exceed {MAX_DATA} bytes"));
            }
            data.extend(table.bits.iter().flat_map(|bits| bits.to_le_bytes().into_iter().take(size)));
        }
        let has_slots = |op: &Op| matches!(op, Op::StackSlot(_));
        let uses_stack = module.functions.iter().any(|(_, f)| f.insts.iter().any(|(_, i)| has_slots(&i.op)));
        let polls = module.functions.iter().any(|(_, f)| f.insts.iter().any(|(_, i)| i.op == Op::Poll));
        Ok(Layout { flavour, imports, data, uses_stack, polls, token, tables })
    }

    /// Constants are found through an imported base.
    pub(super) fn is_relocatable(&self) -> bool {
        match self.flavour {
            WasmFlavour::StandAlone => false,
            WasmFlavour::ImportedMemory => !self.data.is_empty(),
            WasmFlavour::SideModule => true,
        }
    }

    pub(super) fn imports_stack(&self) -> bool {
        self.uses_stack && self.flavour != WasmFlavour::StandAlone
    }

    /// Index of the global that holds the memory base.
    pub(super) const MEMORY_BASE: u32 = 0;

    /// Index of the global that holds the stack pointer.
    pub(super) fn stack_pointer(&self) -> u32 {
        u32::from(self.is_relocatable())
    }

    /// Index of the global that holds the address of the poll page.
    pub(super) fn poll_page(&self) -> u32 {
        u32::from(self.is_relocatable()) + u32::from(self.imports_stack())
    }

    pub(super) fn function_index(&self, id: FuncId) -> u32 {
        (self.imports.len() + id.index()) as u32
    }

    pub(super) fn import_index(&self, import: Import) -> Result<u32, String> {
        let found = self.imports.iter().position(|i| *i == import);
        found.map(|i| i as u32).ok_or_else(|| format!("{} was not declared", import.symbol()))
    }

    /// Offset of a table: an address, or relative to the memory base.
    pub(super) fn table(&self, id: DataId) -> u32 {
        self.tables[id] + self.start()
    }

    /// Offset of the token: an address, or relative to the memory base.
    pub(super) fn token_address(&self) -> Option<u32> {
        self.token.map(|t| t + self.start())
    }

    pub(super) fn data_start(&self) -> ConstExpr {
        if self.is_relocatable() {
            ConstExpr::global_get(Self::MEMORY_BASE)
        } else {
            ConstExpr::i32_const(self.start() as i32)
        }
    }

    fn start(&self) -> u32 {
        if self.is_relocatable() { 0 } else { abi::NULL_PAGE }
    }

    /// First byte that a stand-alone module leaves to its embedder; its stack grows down from here.
    pub(super) fn heap_base(&self) -> u32 {
        let stack = if self.uses_stack { STACK } else { 0 };
        (abi::NULL_PAGE + self.data.len() as u32 + stack).next_multiple_of(DATA_ALIGNMENT)
    }
}
