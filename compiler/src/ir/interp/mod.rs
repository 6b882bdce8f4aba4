//! The reference interpreter: runs a module at any level, op by op, as the documentation of the ops says. It is the
//! plainest judge of passes and back-ends, so it optimises nothing and checks everything.
//!
//! A kernel that raises is an [`Outcome`]. What correct IR never does is an [`InterpError::Fault`]: an access outside
//! of an allocation, a use after release, a buffer that is left over, an unsafe division at Machine level, an op that
//! the level does not have.
//!
//! Memory is made of separate allocations at made-up addresses with wide gaps between them ([`memory`]); a caller
//! places its own there and reads them back. The symbolic lane count is a parameter.
//!
//! It runs on the Rust stack: at most [`Config::max_depth`] calls (and a few for inlined leaves) of nested regions.
//! A thousand calls want some tens of megabytes in a debug build; the caller provides the thread.

mod array;
mod frame;
pub mod memory;
mod reduce;
mod value;
mod vector;

pub use memory::Memory;
pub use value::{ArrayValue, Value};

use std::collections::BTreeMap;
use std::fmt;

use super::{DataTable, FuncId, Level, Module, SiteId};
use crate::abi;
use crate::base::arena::Id;
use crate::types::Scalar;

/// How to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The symbolic lane count L; at least 1.
    pub lanes: usize,
    /// Calls that may be open at once before `stack.check` raises.
    pub max_depth: usize,
    /// Instructions that may be executed before the run is given up.
    pub max_steps: u64,
    /// Bytes that may be allocated; buffers beyond raise MemoryError.
    pub max_memory: u64,
    /// What `ctx.stack_limit` means in the Machine code: the calls that are left (wasm), not a stack pointer (native).
    pub counts_depth: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config { lanes: 2, max_depth: 1000, max_steps: 100_000_000, max_memory: 1 << 30, counts_depth: false }
    }
}

/// A raise that reached the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised {
    /// Index into [`Module::sites`].
    pub site: SiteId,
    pub payload: [i64; abi::PAYLOAD_WORDS],
}

/// How a call ended.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Returned(Vec<Value>),
    Raised(Raised),
}

/// Why a run gave no outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InterpError {
    /// The IR did what correct IR never does: a fault of the compiler, or of the test.
    Fault(String),
    /// [`Config::max_steps`] is used up.
    OutOfSteps,
}

impl fmt::Display for InterpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InterpError::Fault(why) => write!(f, "fault: {why}"),
            InterpError::OutOfSteps => f.write_str("the step budget is used up"),
        }
    }
}

impl std::error::Error for InterpError {}

type Result<T> = std::result::Result<T, InterpError>;

fn fault<T>(why: impl Into<String>) -> Result<T> {
    Err(InterpError::Fault(why.into()))
}

/// Made-up stack pointers: each open call lowers the stack by one of these frames.
const STACK_TOP: u64 = 0x7fff_0000_0000;
const STACK_FRAME: u64 = 4096;
/// Calls beyond [`Config::max_depth`] that functions without a `stack.check` may make.
const SPARE_DEPTH: usize = 32;

/// A module being run. Memory persists from call to call.
pub struct Interp<'m> {
    module: &'m Module,
    config: Config,
    pub memory: Memory,
    tables: BTreeMap<Id<DataTable>, u64>,
    steps: u64,
    depth: usize,
    /// What the first `CallImport(Raise)` since the last call from outside said.
    host_raised: Option<Raised>,
}

impl<'m> Interp<'m> {
    pub fn new(module: &'m Module, config: Config) -> Interp<'m> {
        let memory = Memory::new(config.max_memory);
        Interp { module, config, memory, tables: BTreeMap::new(), steps: 0, depth: 0, host_raised: None }
    }

    /// Calls a function with arguments of its parameter types. At Machine level this is a plain call: context and
    /// status are among arguments and results.
    ///
    /// At Array and Loop level every buffer that the call leaves alive must have escaped.
    pub fn call(&mut self, function: FuncId, args: &[Value]) -> Result<Outcome> {
        self.steps = 0;
        self.host_raised = None;
        let left = self.memory.references();
        let outcome = self.invoke(function, args.to_vec())?;
        let leaked = self.memory.references() as i64 - left as i64;
        if self.module.level != Level::Machine && leaked != 0 {
            return fault(format!("{leaked} buffer references are left over"));
        }
        Ok(outcome)
    }

    /// What a C entry handed to the host's `raise` during the last call.
    pub fn host_raised(&self) -> Option<Raised> {
        self.host_raised
    }

    /// Instructions executed by the last call.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Runs a kernel through its packed entry, as hosts do, with a context of its own in memory. `slots` holds the
    /// arguments; the results come back in as many slots as `results` says.
    pub fn call_packed(&mut self, kernel: &str, slots: &[u64], results: usize) -> Result<PackedOutcome> {
        let symbol = abi::packed_symbol(kernel);
        let Some(entry) = self.module.function_named(&symbol) else {
            return fault(format!("there is no @{symbol}"));
        };
        let ctx = self.memory.allocate(vec![0; abi::ctx::SIZE as usize]);
        let limit = self.stack_limit();
        self.memory.store_bits(Scalar::U64, ctx + abi::ctx::STACK_LIMIT as u64, limit)?;
        let mut bytes: Vec<u8> = slots.iter().flat_map(|s| s.to_le_bytes()).collect();
        bytes.resize(8 * slots.len().max(results), 0);
        let area = self.memory.allocate(bytes);
        let outcome = self.call(entry, &[Value::Ptr(ctx), Value::Ptr(area)])?;
        let status = match &outcome {
            Outcome::Returned(values) => match values[..] {
                [Value::Scalar(status)] => status.as_int() as i32,
                _ => return fault("a packed entry returns one i32"),
            },
            Outcome::Raised(_) => return fault("a packed entry never raises"),
        };
        let word = |m: &Memory, at: u64| m.load_bits(Scalar::I64, at);
        let packed = match status {
            abi::STATUS_OK => PackedOutcome::Returned(
                (0..results as u64).map(|i| word(&self.memory, area + 8 * i)).collect::<Result<_>>()?,
            ),
            abi::STATUS_RAISED => {
                let site = self.memory.load_bits(Scalar::U32, ctx + abi::ctx::SITE as u64)?;
                let mut payload = [0; abi::PAYLOAD_WORDS];
                for (i, p) in payload.iter_mut().enumerate() {
                    *p = word(&self.memory, ctx + abi::ctx::PAYLOAD as u64 + 8 * i as u64)? as i64;
                }
                PackedOutcome::Raised(Raised { site: self.site(site as i64)?, payload })
            }
            other => return fault(format!("a packed entry returned status {other}")),
        };
        self.memory.free(ctx)?;
        self.memory.free(area)?;
        Ok(packed)
    }

    /// The stack limit that hosts put into a context.
    fn stack_limit(&self) -> u64 {
        match self.config.counts_depth {
            true => self.config.max_depth as u64,
            false => STACK_TOP - STACK_FRAME * self.config.max_depth as u64,
        }
    }

    /// The stack pointer of the running call.
    fn stack_pointer(&self) -> u64 {
        STACK_TOP - STACK_FRAME * self.depth as u64
    }

    fn site(&self, index: i64) -> Result<SiteId> {
        match usize::try_from(index).ok().and_then(|i| self.module.sites.id(i)) {
            Some(site) => Ok(site),
            None => fault(format!("there is no site {index}")),
        }
    }

    fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps > self.config.max_steps { Err(InterpError::OutOfSteps) } else { Ok(()) }
    }

    /// The address of a constant table, placed on first use.
    fn table(&mut self, id: Id<DataTable>) -> Result<u64> {
        if let Some(&address) = self.tables.get(&id) {
            return Ok(address);
        }
        let Some(table) = self.module.data.get(id) else { return fault("the table does not exist") };
        let width = table.element.bytes() as usize;
        let bytes = table.bits.iter().flat_map(|b| b.to_le_bytes()[..width].to_vec()).collect();
        let address = self.memory.allocate_table(bytes);
        self.tables.insert(id, address);
        Ok(address)
    }
}

/// How a call through a packed entry ended: the slots, or the raise as the context tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PackedOutcome {
    Returned(Vec<u64>),
    Raised(Raised),
}

#[cfg(test)]
mod tests;
