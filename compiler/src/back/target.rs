//! What differs between targets, as data. Passes read it; nothing else asks which target it is.

/// Everything the middle-end and the back-ends need to know of a target.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    pub machine: Machine,
    pub data_model: DataModel,
    /// Width of the vectors it has; 0 for none.
    pub vector_bits: u16,
    /// CPU features beyond the baseline, sorted; part of the cache key.
    pub features: Vec<String>,
    /// `Overflowing` ops exist for `i32` and `i64`.
    pub overflow_flags: bool,
    /// Integer `Min` and `Max` exist.
    pub int_min_max: bool,
    /// `StackPointer` exists; else recursion counts depth in the context.
    pub has_stack_pointer: bool,
    /// The host may stop a kernel while it runs: loops and calls poll ([`crate::passes::poll`]).
    pub interruptible: bool,
}

/// The instruction set, and the form in which code for it is packed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Machine {
    X86_64(CpuLevel),
    Aarch64,
    Wasm(WasmFlavour),
}

/// What x86-64 code may assume.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CpuLevel {
    /// SSE4.2 and POPCNT: what every file we write needs.
    V2,
    /// AVX2, BMI, FMA.
    V3,
    /// AVX-512.
    V4,
    /// Whatever the running CPU has, found by the host; code stays in the process.
    Host,
}

/// How a wasm module gets its memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WasmFlavour {
    /// Defines and exports its own memory.
    StandAlone,
    /// Imports `env.memory`, and `env.__memory_base` if it has constant tables, which its host places.
    ImportedMemory,
    /// An Emscripten side module (`dylink.0`): imports `env.memory` and `env.__memory_base`.
    SideModule,
}

/// Widths of the C types that differ between platforms, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DataModel {
    pub pointer: u8,
    pub long: u8,
}

impl DataModel {
    /// 64-bit Linux and macOS, and kernels under wasmtime (which see the host's C types).
    pub const LP64: DataModel = DataModel { pointer: 8, long: 8 };
    /// Pyodide.
    pub const ILP32: DataModel = DataModel { pointer: 4, long: 4 };
}

impl Target {
    pub fn x86_64(level: CpuLevel) -> Target {
        let vector_bits = 128;
        Target {
            machine: Machine::X86_64(level),
            data_model: DataModel::LP64,
            vector_bits,
            features: Vec::new(),
            overflow_flags: true,
            int_min_max: true,
            has_stack_pointer: true,
            interruptible: false,
        }
    }

    pub fn aarch64() -> Target {
        Target { machine: Machine::Aarch64, ..Target::x86_64(CpuLevel::V2) }
    }

    /// wasm32 with simd128. The data model of side modules is Pyodide's; elsewhere it is that of the host.
    pub fn wasm(flavour: WasmFlavour) -> Target {
        Target {
            machine: Machine::Wasm(flavour),
            data_model: if flavour == WasmFlavour::SideModule { DataModel::ILP32 } else { DataModel::LP64 },
            vector_bits: 128,
            features: Vec::new(),
            overflow_flags: false,
            int_min_max: false,
            has_stack_pointer: false,
            interruptible: false,
        }
    }

    /// Wasm for a host that stops kernels which run for too long.
    pub fn sandbox() -> Target {
        Target { interruptible: true, ..Target::wasm(WasmFlavour::ImportedMemory) }
    }

    /// Width of an address in memory, in bits.
    pub const fn address_bits(&self) -> u32 {
        match self.machine {
            Machine::X86_64(_) | Machine::Aarch64 => 64,
            Machine::Wasm(_) => 32,
        }
    }

    /// C calls functions of the code by their addresses. In a sandbox it calls a trampoline of the host's instead.
    pub const fn has_c_entries(&self) -> bool {
        !matches!(self.machine, Machine::Wasm(WasmFlavour::StandAlone | WasmFlavour::ImportedMemory))
    }

    pub const fn is_wasm(&self) -> bool {
        matches!(self.machine, Machine::Wasm(_))
    }
}
