//! Artifacts from hand-written wasm, in the form that the wasm back-end emits.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::Arc;

use gelcap_compiler::abi::{self, packed_symbol, status::Exception};
use gelcap_compiler::artifact::{Artifact, CEntry, CType, Code, Export, Param, ParamType, ResultType, Site};
use gelcap_compiler::types::Scalar;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalType, ImportSection, Instruction as I, MemArg, MemoryType, Module, TypeSection, ValType,
};

pub const F64: ParamType = ParamType::Scalar(Scalar::F64);
pub const I64: ParamType = ParamType::Scalar(Scalar::I64);
pub const DOUBLES: ParamType = ParamType::Pointer { element: Some(Scalar::F64), writable: true };
pub const DOUBLES_READ: ParamType = ParamType::Pointer { element: Some(Scalar::F64), writable: false };
pub const LONGS: ParamType = ParamType::Pointer { element: Some(Scalar::I64), writable: true };

/// One packed entry: `(ctx, slots) -> status`, its locals after those two, its body without the final `end`.
pub struct Entry {
    pub name: &'static str,
    pub params: Vec<(&'static str, ParamType)>,
    pub result: ResultType,
    pub c: Option<CEntry>,
    pub locals: Vec<ValType>,
    pub body: Vec<I<'static>>,
}

impl Entry {
    pub fn new(name: &'static str, params: &[(&'static str, ParamType)], body: Vec<I<'static>>) -> Entry {
        let result = ResultType::Scalar { scalar: Scalar::F64, numpy: false };
        Entry { name, params: params.to_vec(), result, c: None, locals: Vec::new(), body }
    }

    pub fn returning(self, scalar: Scalar) -> Entry {
        Entry { result: ResultType::Scalar { scalar, numpy: false }, ..self }
    }

    pub fn returning_nothing(self) -> Entry {
        Entry { result: ResultType::None, ..self }
    }

    pub fn with_locals(self, locals: &[ValType]) -> Entry {
        Entry { locals: locals.to_vec(), ..self }
    }

    pub fn with_c(self, signature: &str, params: &[CType], result: Option<Scalar>) -> Entry {
        let c = CEntry {
            symbol: abi::c_symbol(self.name),
            params: params.to_vec(),
            result: result.map(CType::Scalar),
            signature: signature.to_string(),
            capsule: Some(signature.to_string()),
        };
        Entry { c: Some(c), ..self }
    }
}

/// An artifact of these entries; with `data`, a module with constants at `__memory_base` (global 0).
pub fn artifact(entries: Vec<Entry>, data: &[u8]) -> Arc<Artifact> {
    let mut module = Module::new();
    if !data.is_empty() {
        let size = leb(data.len());
        let body = [&[1, size.len() as u8 + 3][..], &size, &[3, 0, 0]].concat();
        module.section(&CustomSection { name: "dylink.0".into(), data: body.into() });
    }
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
    module.section(&types);
    let mut imports = ImportSection::new();
    let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "memory", EntityType::Memory(memory));
    if !data.is_empty() {
        let base = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        imports.import("env", "__memory_base", EntityType::Global(base));
    }
    module.section(&imports);
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    for (i, entry) in entries.iter().enumerate() {
        functions.function(0);
        exports.export(&packed_symbol(entry.name), ExportKind::Func, i as u32);
        let mut function = Function::new_with_locals_types(entry.locals.iter().copied());
        for instruction in &entry.body {
            function.instruction(instruction);
        }
        function.instruction(&I::End);
        code.function(&function);
    }
    module.section(&functions).section(&exports).section(&code);
    if !data.is_empty() {
        let mut section = DataSection::new();
        section.active(0, &ConstExpr::global_get(0), data.iter().copied());
        module.section(&section);
    }
    let exports = entries.into_iter().map(export).collect();
    let site = Site { exception: Exception::ZeroDivisionError, template: "site {0}".to_string(), frames: Vec::new() };
    Arc::new(Artifact {
        abi_version: abi::VERSION,
        module: "test".to_string(),
        code: Code::Wasm(module.finish()),
        exports,
        sites: vec![site],
        files: Vec::new(),
    })
}

fn export(entry: Entry) -> Export {
    let param = |(name, ty): (&str, ParamType)| Param { name: name.to_string(), ty, default: None };
    Export {
        name: entry.name.to_string(),
        packed: packed_symbol(entry.name),
        params: entry.params.into_iter().map(param).collect(),
        result: entry.result,
        c: entry.c,
        doc: None,
    }
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub const fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}

/// The address in slot `n`.
pub fn pointer(n: u64) -> Vec<I<'static>> {
    vec![I::LocalGet(1), I::I64Load(at(8 * n)), I::I32WrapI64]
}

/// Element `k` of the doubles in slot `n`.
pub fn element(n: u64, k: u64) -> Vec<I<'static>> {
    [pointer(n), vec![I::F64Load(at(8 * k))]].concat()
}

/// Stores what `value` leaves into slot 0 as a double, and succeeds.
pub fn give(value: Vec<I<'static>>) -> Vec<I<'static>> {
    [vec![I::LocalGet(1)], value, vec![I::F64Store(at(0)), I::I32Const(0)]].concat()
}

/// `a + b`
pub fn add() -> Entry {
    let sum = vec![I::LocalGet(1), I::F64Load(at(0)), I::LocalGet(1), I::F64Load(at(8)), I::F64Add];
    Entry::new("add", &[("a", F64), ("b", F64)], give(sum))
}

/// Raises at site 0 with its argument as the first payload word.
pub fn fail() -> Entry {
    let body = vec![
        I::LocalGet(0),
        I::LocalGet(1),
        I::I64Load(at(0)),
        I::I64Store(at(u64::from(abi::ctx::PAYLOAD))),
        I::I32Const(1),
    ];
    Entry::new("fail", &[("x", I64)], body)
}

/// Calls itself for ever, as entry `index` of its module.
pub fn forever(index: u32) -> Entry {
    Entry::new("forever", &[("x", I64)], vec![I::LocalGet(0), I::LocalGet(1), I::Call(index)])
}

/// Reads through the pointer it is given.
pub fn follow() -> Entry {
    Entry::new("follow", &[("p", DOUBLES)], give(element(0, 0)))
}

/// Divides by its argument, as integers: a fault of its own kind.
pub fn divide() -> Entry {
    let quotient = vec![I::I64Const(1), I::LocalGet(1), I::I64Load(at(0)), I::I64DivS, I::F64ConvertI64S];
    Entry::new("divide", &[("x", I64)], give(quotient))
}

pub fn unreachable() -> Entry {
    Entry::new("unreachable", &[], vec![I::Unreachable])
}

/// `for k in range(n): p[k] += q[k]`
pub fn accumulate() -> Entry {
    let k = 2;
    let address = |n| [pointer(n), vec![I::LocalGet(k), I::I32Const(3), I::I32Shl, I::I32Add]].concat();
    let mut body = vec![I::Block(BlockType::Empty), I::Loop(BlockType::Empty)];
    body.extend([I::LocalGet(k), I::I64ExtendI32S, I::LocalGet(1), I::I64Load(at(16)), I::I64GeS, I::BrIf(1)]);
    body.extend(address(0));
    body.extend([address(0), vec![I::F64Load(at(0))], address(1), vec![I::F64Load(at(0)), I::F64Add]].concat());
    body.extend([I::F64Store(at(0)), I::LocalGet(k), I::I32Const(1), I::I32Add, I::LocalSet(k), I::Br(0)]);
    body.extend([I::End, I::End, I::I32Const(0)]);
    Entry::new("accumulate", &[("p", DOUBLES), ("q", DOUBLES_READ), ("n", I64)], body)
        .returning_nothing()
        .with_locals(&[ValType::I32])
}

/// `f(n, x, user_data) = c + x[0] - x[1]*x[2]`
pub fn integrand() -> Entry {
    let value = [element(2, 0), element(1, 0), vec![I::F64Add], element(1, 1), element(1, 2)].concat();
    let value = [value, vec![I::F64Mul, I::F64Sub]].concat();
    let pointer = CType::Pointer(Some(Scalar::F64));
    Entry::new("f", &[("n", I64), ("x", DOUBLES_READ), ("user_data", DOUBLES)], give(value)).with_c(
        "double (int, double *, void *)",
        &[CType::Scalar(Scalar::I32), pointer, CType::Pointer(None)],
        Some(Scalar::F64),
    )
}
