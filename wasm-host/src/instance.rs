//! A module, ready to run, and its instances.
//!
//! An instance belongs to one call at a time; concurrent and nested calls take several, which share the arena (so
//! pointers mean the same to all) and the module's constants, and have a context, slots and scratch memory each.

use std::ptr;
use std::sync::{Arc, Mutex};

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::abi::{self, PAYLOAD_WORDS, ctx};
use gelcap_compiler::artifact::{Artifact, Code, Export, ParamType};
use wasmtime::{
    AsContextMut, Extern, Global, GlobalType, Instance as WasmInstance, Memory, Module, Mutability, Store, TypedFunc,
    UpdateDeadline, Val, ValType,
};

use crate::arena::{Arena, Region};
use crate::engine::{Execution, Process, Settings, process, with_arena};
use crate::imports::{Buffers, RunNumber};
use crate::interrupt;
use crate::marshal::Marshal;
use crate::poll::Poll;
use crate::sandbox::Tenant;
use crate::side_module;
use crate::signals::{self, Inside};
use crate::stack;
use crate::traps::{Failure, HostError, Trap};
use crate::watchdog::{self, Watchdog};

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
    pub(crate) process: &'static Process,
    /// Whose kernels they are, if they are not to be trusted.
    tenant: Option<Arc<Tenant>>,
    /// A kernel takes raw pointers, with which it can write anywhere in the guest's memory.
    scribbles: bool,
    module: Module,
    /// Where the module's constants go, if it has any.
    data: Option<Region>,
    slots: usize,
    idle: Mutex<Vec<Instance>>,
}

impl Program {
    pub(crate) fn new(
        artifact: Arc<Artifact>,
        arena: Arc<Arena>,
        settings: Settings,
        tenant: Option<Arc<Tenant>>,
    ) -> Result<Program, HostError> {
        let Code::Wasm(bytes) = &artifact.code else { return Err(HostError::NotWasm) };
        if artifact.abi_version != abi::VERSION {
            return Err(HostError::AbiVersion { found: artifact.abi_version });
        }
        let process = process(settings)?;
        let module = Module::new(&process.engine, bytes).map_err(refused)?;
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
        let pointer = |e: &Export| e.params.iter().any(|p| matches!(p.ty, ParamType::Pointer { .. }));
        let scribbles = artifact.exports.iter().any(pointer);
        let idle = Mutex::new(Vec::new());
        Ok(Program { artifact, arena, buffers, process, tenant, scribbles, module, data, slots, idle })
    }

    /// How its code runs.
    pub(crate) fn execution(&self) -> Execution {
        self.process.settings.execution
    }

    /// Runs `job` with an instance of its own.
    pub(crate) fn with_instance<R>(&self, job: impl FnOnce(&mut Instance) -> Result<R, Failure>) -> Result<R, Failure> {
        if self.tenant.as_ref().is_some_and(|t| t.is_closed()) {
            return Err(HostError::Closed.into());
        }
        // Never wait for the lock: after a fork, the thread that holds it may not exist any more.
        let idle = self.idle.try_lock().ok().and_then(|mut idle| idle.pop());
        let mut instance = match idle {
            Some(instance) => instance,
            None => Instance::new(self)?,
        };
        let result = job(&mut instance);
        let usable = match (&self.tenant, &result) {
            (None, result) => result.as_ref().err().is_none_or(Failure::leaves_instance_usable),
            // Who was cut short has left things as they were, who scribbles may have changed anything.
            (Some(_), Err(Failure::Trap(_) | Failure::Stopped(_))) => false,
            (Some(_), _) => !self.scribbles,
        };
        if usable {
            if self.tenant.is_some() {
                instance.forget();
            }
            if let Ok(mut idle) = self.idle.try_lock()
                && idle.len() < MAX_IDLE
            {
                idle.push(instance);
            }
        } else {
            drop(instance);
            if self.tenant.is_some() && self.scribbles {
                self.arena.wipe_free();
            }
        }
        result
    }
}

/// Runs guest code: with signal handlers in place, if it traps by them, and stack enough.
fn guarded<R: Send>(settings: Settings, run: impl FnOnce() -> R + Send) -> Result<R, HostError> {
    let result = match settings.execution {
        Execution::Compiled => {
            signals::ensure();
            stack::with_room(settings.stack, || {
                let _inside = Inside::enter();
                run()
            })
        }
        Execution::Interpreted => stack::with_room(settings.stack, run),
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
    settings: Settings,
    arena: Arc<Arena>,
    memory: Memory,
    entries: Vec<TypedFunc<(i32, i32), i32>>,
    /// The context, then the slots.
    block: Region,
    slots: usize,
    /// Stack slots live here, if the module has any.
    _stack: Option<Region>,
    marshal: Marshal,
    buffers: Arc<Buffers>,
    run: RunNumber,
    /// How its guest is stopped, if it polls.
    stopping: Option<Stopping>,
}

/// What may stop an instance's guest.
struct Stopping {
    poll: Arc<Poll>,
    tenant: Arc<Tenant>,
    /// The watchdog that knows the poll; after a fork it is another one.
    watchdog: *const Watchdog,
}

// SAFETY: the pointer is only compared.
unsafe impl Send for Stopping {}

impl Stopping {
    fn new(program: &Program) -> Result<Stopping, HostError> {
        let message = || HostError::Module { message: "it polls, which only a sandbox's kernels do".to_string() };
        let tenant = program.tenant.clone().ok_or_else(message)?;
        let epochs = program.process.settings.epochs().then(|| program.process.engine.clone());
        let poll = Arc::new(Poll::new(&program.arena, epochs)?);
        tenant.add(&poll);
        Ok(Stopping { poll, tenant, watchdog: ptr::null() })
    }

    /// Lets an interpreted guest ask now and then whether it is to stop.
    fn count_epochs(&self, store: &mut Store<()>) {
        let poll = Arc::clone(&self.poll);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match poll.is_closed() {
            true => Err(wasmtime::Error::msg("stopped")),
            false => Ok(UpdateDeadline::Continue(1)),
        });
    }

    /// Runs a guest that may be stopped.
    fn run<R>(&mut self, guest: impl FnOnce() -> R) -> Result<(R, Option<crate::poll::Stop>), HostError> {
        let watchdog = watchdog::current()?;
        if !ptr::eq(watchdog, self.watchdog) {
            watchdog.add(&self.poll);
            self.watchdog = watchdog;
        }
        let deadline = self.poll.begin(self.tenant.timeout());
        watchdog.watch(deadline);
        let result = interrupt::running(&self.poll, guest);
        Ok((result, self.poll.end()))
    }
}

impl Instance {
    fn new(program: &Program) -> Result<Instance, HostError> {
        let process = program.process;
        let settings = process.settings;
        // Before the memory is made: wasmtime checks where constants go against the size it has then.
        let block = program.arena.alloc(ctx::SIZE as usize + 8 * program.slots)?;
        let mut store = Store::new(&process.engine, ());
        if settings.epochs() {
            store.set_epoch_deadline(u64::MAX / 2);
        }
        let memory = with_arena(&program.arena, || WasmInstance::new(&mut store, &process.memory, &[]))
            .map_err(refused)?
            .get_memory(&mut store, "memory")
            .ok_or(HostError::Module { message: "no memory was made".to_string() })?;
        let (mut stack, mut stopping) = (None, None);
        let run = RunNumber::default();
        let mut imports = Vec::new();
        for import in program.module.imports() {
            let (value, mutability) = match (import.module(), import.name()) {
                ("env", "memory") => {
                    imports.push(Extern::Memory(memory));
                    continue;
                }
                ("env", MEMORY_BASE) => (program.data.as_ref().map_or(0, Region::guest), Mutability::Const),
                ("env", STACK_POINTER) => {
                    let region = program.arena.alloc(STACK)?;
                    let top = region.guest() + STACK as u32;
                    stack = Some(region);
                    (top, Mutability::Var)
                }
                ("env", abi::POLL_PAGE) => {
                    let made = Stopping::new(program)?;
                    let page = made.poll.guest();
                    stopping = Some(made);
                    (page, Mutability::Const)
                }
                (module, name) => {
                    let known = Import::from_symbol(name).filter(|_| module == "env");
                    let made =
                        known.and_then(|k| program.buffers.function(&mut store, k, memory, settings.execution, &run));
                    let refused = || HostError::Module { message: format!("it imports `{module}.{name}`") };
                    imports.push(Extern::Func(made.ok_or_else(refused)?));
                    continue;
                }
            };
            let ty = GlobalType::new(ValType::I32, mutability);
            imports.push(Extern::Global(Global::new(&mut store, ty, Val::I32(value as i32)).map_err(refused)?));
        }
        let wasm = guarded(settings, || WasmInstance::new(&mut store, &program.module, &imports))?.map_err(refused)?;
        let entry =
            |export: &Export| wasm.get_typed_func::<(i32, i32), i32>(&mut store, &export.packed).map_err(refused);
        let entries = program.artifact.exports.iter().map(entry).collect::<Result<_, _>>()?;
        if let Some(stopping) = stopping.as_ref().filter(|_| settings.epochs()) {
            stopping.count_epochs(&mut store);
        }
        let marshal = Marshal::new(Arc::clone(&program.arena));
        let (arena, buffers) = (Arc::clone(&program.arena), Arc::clone(&program.buffers));
        let slots = program.slots;
        Ok(Instance {
            store,
            settings,
            arena,
            memory,
            entries,
            block,
            slots,
            _stack: stack,
            marshal,
            buffers,
            run,
            stopping,
        })
    }

    /// Wipes what a call has left where the next guest could look.
    fn forget(&mut self) {
        // SAFETY: the block is that long, and no guest runs.
        unsafe { self.block.host().write_bytes(0, self.block.len()) };
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
        if self.settings.execution == Execution::Interpreted {
            follow_arena(&self.arena, self.memory, &mut self.store)?;
        }
        self.run.next();
        let guest = self.block.guest();
        let arguments = (guest as i32, (guest + ctx::SIZE) as i32);
        let (store, entries, settings) = (&mut self.store, &self.entries, self.settings);
        let entry = entries.get(index).ok_or_else(|| HostError::NoSuchKernel { name: format!("#{index}") })?;
        let enter = || guarded(settings, || entry.call(store, arguments));
        let (status, stopped) = match &mut self.stopping {
            Some(stopping) => stopping.run(enter)?,
            None => (enter(), None),
        };
        match status? {
            Ok(abi::STATUS_OK) => Ok(()),
            Ok(abi::STATUS_RAISED) => Err(self.raised()),
            Ok(status) => Err(Failure::Trap(Trap::Internal { message: format!("unknown status {status}") })),
            Err(trap) => {
                // Whatever it held, nobody is going to give back.
                self.buffers.abandon(&self.run);
                Err(stopped.map_or_else(|| trap.into(), Failure::Stopped))
            }
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
