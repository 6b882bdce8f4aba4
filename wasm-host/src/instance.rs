//! A module, ready to run, and its instances.
//!
//! An instance belongs to one call at a time; concurrent and nested calls take several, which share the arena (so
//! pointers mean the same to all) and the module's constants, and have a context, slots and scratch memory each.

use std::sync::{Arc, Mutex};

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::abi::{self, PAYLOAD_WORDS, ctx};
use gelcap_compiler::artifact::{Artifact, Code, Export};
use wasmtime::{
    AsContextMut, Extern, Global, GlobalType, Instance as WasmInstance, Memory, Module, Mutability, Store, TypedFunc,
    Val, ValType,
};

use crate::arena::{Arena, Region};
use crate::engine::{Execution, process, with_arena};
use crate::imports::Buffers;
use crate::marshal::Marshal;
use crate::side_module;
use crate::signals::{self, Inside};
use crate::stack;
use crate::traps::{Failure, HostError, Trap};

/// Calls a recursive kernel may nest. The native stack is the second limit; both give `RecursionError`.
const CALL_DEPTH: u64 = 10_000;

/// The imported global that says where a module's constants are; the first of its globals.
const MEMORY_BASE: &str = "__memory_base";

/// The imported global with the address below which an instance's stack slots go.
const STACK_POINTER: &str = "__stack_pointer";

/// Memory for stack slots. They are the compiler's own (contexts, results through pointers), so frames are small.
const STACK: usize = 1 << 20;

/// Idle instances kept for the next calls.
const MAX_IDLE: usize = 64;

/// An artifact's module, compiled, with the arena it runs in.
pub(crate) struct Program {
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) arena: Arc<Arena>,
    pub(crate) buffers: Arc<Buffers>,
    pub(crate) execution: Execution,
    module: Module,
    /// Where the module's constants go, if it has any.
    data: Option<Region>,
    slots: usize,
    idle: Mutex<Vec<Instance>>,
}

impl Program {
    pub(crate) fn new(artifact: Arc<Artifact>, arena: Arc<Arena>, execution: Execution) -> Result<Program, HostError> {
        let Code::Wasm(bytes) = &artifact.code else { return Err(HostError::NotWasm) };
        if artifact.abi_version != abi::VERSION {
            return Err(HostError::AbiVersion { found: artifact.abi_version });
        }
        let module = Module::new(&process(execution)?.engine, bytes).map_err(refused)?;
        let message = |message: &str| HostError::Module { message: message.to_string() };
        let data = match side_module::data_size(bytes).map_err(message)? {
            0 => None,
            _ if module.imports().all(|i| i.name() != MEMORY_BASE) => {
                return Err(message("it has constants but does not import the memory base"));
            }
            size => Some(arena.alloc(size as usize)?),
        };
        let buffers = Arc::new(Buffers::new(Arc::clone(&arena)));
        let arguments = |e: &Export| e.params.iter().map(|p| p.ty.slots()).sum::<usize>();
        let slots = artifact.exports.iter().map(|e| arguments(e).max(e.result.slots())).max().unwrap_or(0);
        Ok(Program { artifact, arena, buffers, execution, module, data, slots, idle: Mutex::new(Vec::new()) })
    }

    /// Runs `job` with an instance of its own.
    pub(crate) fn with_instance<R>(&self, job: impl FnOnce(&mut Instance) -> Result<R, Failure>) -> Result<R, Failure> {
        // Never wait for the lock: after a fork, the thread that holds it may not exist any more.
        let idle = self.idle.try_lock().ok().and_then(|mut idle| idle.pop());
        let mut instance = match idle {
            Some(instance) => instance,
            None => Instance::new(self)?,
        };
        let result = job(&mut instance);
        if result.as_ref().err().is_none_or(Failure::leaves_instance_usable)
            && let Ok(mut idle) = self.idle.try_lock()
            && idle.len() < MAX_IDLE
        {
            idle.push(instance);
        }
        result
    }
}

/// Runs guest code: with signal handlers in place, if it traps by them, and stack enough.
fn guarded<R: Send>(execution: Execution, run: impl FnOnce() -> R + Send) -> Result<R, HostError> {
    let result = match execution {
        Execution::Compiled => {
            signals::ensure();
            stack::with_room(|| {
                let _inside = Inside::enter();
                run()
            })
        }
        Execution::Interpreted => stack::with_room(run),
    };
    result.map_err(HostError::Thread)
}

/// Tells an interpreted guest, which checks bounds itself, that its arena has grown under it.
pub(crate) fn follow_arena(arena: &Arena, memory: Memory, mut store: impl AsContextMut) -> Result<(), HostError> {
    if arena.heap_bytes() > memory.data_size(&store) {
        // One page more makes the engine look at the size again.
        memory.grow(&mut store, 1).map_err(refused)?;
    }
    Ok(())
}

fn refused(error: wasmtime::Error) -> HostError {
    HostError::Module { message: format!("{error:#}") }
}

pub(crate) struct Instance {
    store: Store<()>,
    execution: Execution,
    arena: Arc<Arena>,
    memory: Memory,
    entries: Vec<TypedFunc<(i32, i32), i32>>,
    /// The context, then the slots.
    block: Region,
    slots: usize,
    /// Stack slots live here, if the module has any.
    _stack: Option<Region>,
    marshal: Marshal,
}

impl Instance {
    fn new(program: &Program) -> Result<Instance, HostError> {
        let execution = program.execution;
        let process = process(execution)?;
        // Before the memory is made: wasmtime checks where constants go against the size it has then.
        let block = program.arena.alloc(ctx::SIZE as usize + 8 * program.slots)?;
        let mut store = Store::new(&process.engine, ());
        let memory = with_arena(&program.arena, || WasmInstance::new(&mut store, &process.memory, &[]))
            .map_err(refused)?
            .get_memory(&mut store, "memory")
            .ok_or(HostError::Module { message: "no memory was made".to_string() })?;
        let mut stack = None;
        let mut imports = Vec::new();
        for import in program.module.imports() {
            imports.push(match (import.module(), import.name()) {
                ("env", "memory") => Extern::Memory(memory),
                ("env", MEMORY_BASE) => {
                    let base = program.data.as_ref().map_or(0, Region::guest);
                    let ty = GlobalType::new(ValType::I32, Mutability::Const);
                    Extern::Global(Global::new(&mut store, ty, Val::I32(base as i32)).map_err(refused)?)
                }
                ("env", STACK_POINTER) => {
                    let region = program.arena.alloc(STACK)?;
                    let top = region.guest() + STACK as u32;
                    stack = Some(region);
                    let ty = GlobalType::new(ValType::I32, Mutability::Var);
                    Extern::Global(Global::new(&mut store, ty, Val::I32(top as i32)).map_err(refused)?)
                }
                (module, name) => {
                    let known = Import::from_symbol(name).filter(|_| module == "env");
                    let function = known.and_then(|k| program.buffers.function(&mut store, k, memory, execution));
                    let refused = || HostError::Module { message: format!("it imports `{module}.{name}`") };
                    Extern::Func(function.ok_or_else(refused)?)
                }
            });
        }
        let wasm = guarded(execution, || WasmInstance::new(&mut store, &program.module, &imports))?.map_err(refused)?;
        let entry =
            |export: &Export| wasm.get_typed_func::<(i32, i32), i32>(&mut store, &export.packed).map_err(refused);
        let entries = program.artifact.exports.iter().map(entry).collect::<Result<_, _>>()?;
        let marshal = Marshal::new(Arc::clone(&program.arena));
        let arena = Arc::clone(&program.arena);
        Ok(Instance { store, execution, arena, memory, entries, block, slots: program.slots, _stack: stack, marshal })
    }

    /// The slots, arguments before a call and results after it, and what fills those that are addresses.
    pub(crate) fn parts(&mut self) -> (&mut [u64], &mut Marshal) {
        // SAFETY: the block holds the context and `slots` words behind it, aligned to 64, and only this instance,
        // which is borrowed, has its address while no guest runs.
        let slots = unsafe {
            let start = self.block.host().add(ctx::SIZE as usize).cast::<u64>();
            std::slice::from_raw_parts_mut(start, self.slots)
        };
        (slots, &mut self.marshal)
    }

    /// Calls the packed entry of export `index` on the slots as they stand.
    pub(crate) fn run(&mut self, index: usize) -> Result<(), Failure> {
        let context = self.block.host();
        // SAFETY: the context is the first 64 bytes of the block, aligned to 64.
        unsafe {
            context.write_bytes(0, ctx::SIZE as usize);
            context.add(ctx::STACK_LIMIT as usize).cast::<u64>().write(CALL_DEPTH);
        }
        if self.execution == Execution::Interpreted {
            follow_arena(&self.arena, self.memory, &mut self.store)?;
        }
        let guest = self.block.guest();
        let arguments = (guest as i32, (guest + ctx::SIZE) as i32);
        let (store, entries) = (&mut self.store, &self.entries);
        let entry = entries.get(index).ok_or_else(|| HostError::NoSuchKernel { name: format!("#{index}") })?;
        match guarded(self.execution, || entry.call(store, arguments))?? {
            abi::STATUS_OK => Ok(()),
            abi::STATUS_RAISED => Err(self.raised()),
            status => Err(Failure::Trap(Trap::Internal { message: format!("unknown status {status}") })),
        }
    }

    fn raised(&self) -> Failure {
        let context = self.block.host();
        // SAFETY: fields of the context, which no guest is using now.
        unsafe {
            let site = context.add(ctx::SITE as usize).cast::<u32>().read();
            let payload = context.add(ctx::PAYLOAD as usize).cast::<[i64; PAYLOAD_WORDS]>().read();
            Failure::Raised { site, payload }
        }
    }
}
