//! Calling kernels from the host.

use std::sync::Arc;

use gelcap_compiler::artifact::Artifact;

use crate::arena::{Arena, RESERVATION};
use crate::engine::{Execution, Settings};
use crate::instance::Program;
use crate::marshal::{Access, Marshal};
use crate::sandbox::Tenant;
use crate::traps::{Failure, HostError};

/// Loaded kernels. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Kernel {
    program: Arc<Program>,
}

/// An argument of [`Kernel::call`].
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// A scalar as it stands in a slot ([`gelcap_compiler::abi::to_slot`]), or a guest address.
    Slot(u64),
    /// Host memory of known length that the kernel may use: inside the arena in place, else by copying.
    Memory { start: *mut u8, bytes: usize, access: Access },
    /// The same, but the slot takes the address `offset` bytes in: the first element of an array whose strides may
    /// lead backwards.
    View { start: *mut u8, bytes: usize, offset: usize, access: Access },
}

/// Where addresses of the guest are in the host, while its call's copies still exist.
pub struct Places<'a> {
    arena: &'a Arena,
    marshal: &'a Marshal,
}

impl Places<'_> {
    /// The host memory that an argument's copy was made of, or guest memory itself for what was used in place. An
    /// address right behind an argument still belongs to it.
    pub fn argument(&self, guest: u64) -> Option<*mut u8> {
        self.marshal.host_of(guest).or_else(|| self.guest(guest, 0))
    }

    /// `bytes` of guest memory.
    pub fn guest(&self, guest: u64, bytes: usize) -> Option<*mut u8> {
        let start = self.arena.base().wrapping_add(usize::try_from(guest).ok()?);
        self.arena.guest_address(start, bytes).map(|_| start)
    }
}

impl Kernel {
    /// Loads an artifact into an arena of its own. Nothing is committed until it is used.
    pub fn load(artifact: Arc<Artifact>) -> Result<Kernel, HostError> {
        Kernel::load_in(artifact, Arena::new(RESERVATION)?)
    }

    /// Loads an artifact into `arena`, whose memory its kernels then use in place.
    pub fn load_in(artifact: Arc<Artifact>, arena: Arc<Arena>) -> Result<Kernel, HostError> {
        Kernel::load_with(artifact, arena, Execution::best())
    }

    /// The same, with a say in how its code runs.
    pub fn load_with(artifact: Arc<Artifact>, arena: Arc<Arena>, execution: Execution) -> Result<Kernel, HostError> {
        Ok(Kernel { program: Arc::new(Program::new(artifact, arena, Settings::plain(execution), None)?) })
    }

    /// Loads what a sandbox has compiled.
    pub(crate) fn limited(
        artifact: Arc<Artifact>,
        arena: Arc<Arena>,
        settings: Settings,
        tenant: Arc<Tenant>,
    ) -> Result<Kernel, HostError> {
        Ok(Kernel { program: Arc::new(Program::new(artifact, arena, settings, Some(tenant))?) })
    }

    /// How its code runs.
    pub fn execution(&self) -> Execution {
        self.program.execution()
    }

    /// What was loaded.
    pub fn artifact(&self) -> &Arc<Artifact> {
        &self.program.artifact
    }

    /// The memory that its kernels see.
    pub fn arena(&self) -> &Arc<Arena> {
        &self.program.arena
    }

    /// The index of a kernel among the artifact's exports, which calls take.
    pub fn find(&self, name: &str) -> Result<usize, HostError> {
        let found = self.program.artifact.exports.iter().position(|e| e.name == name);
        found.ok_or_else(|| HostError::NoSuchKernel { name: name.to_string() })
    }

    /// Calls a packed entry on slots: arguments before, results after. Addresses in them are guest addresses.
    pub fn call_packed(&self, index: usize, slots: &mut [u64]) -> Result<(), Failure> {
        self.program.with_instance(|instance| {
            let (guest, _) = instance.parts();
            let count = slots.len().min(guest.len());
            guest[..count].copy_from_slice(&slots[..count]);
            instance.run(index)?;
            let (guest, _) = instance.parts();
            slots[..count].copy_from_slice(&guest[..count]);
            Ok(())
        })
    }

    /// Calls a kernel with host memory as arguments; stores the results' slots into `results`.
    ///
    /// # Safety
    /// Every [`Argument::Memory`] and [`Argument::View`] must be null, or readable for its length and, unless its access
    /// is [`Access::ReadOnly`], writable, until the call returns.
    pub unsafe fn call(&self, index: usize, arguments: &[Argument], results: &mut [u64]) -> Result<(), Failure> {
        // SAFETY: the caller promises it.
        unsafe { self.call_with(index, arguments, results, |_, _| ()) }
    }

    /// The same; `after` sees the results of a call that did not fail, and where its addresses are.
    ///
    /// # Safety
    /// As [`Kernel::call`].
    pub unsafe fn call_with(
        &self,
        index: usize,
        arguments: &[Argument],
        results: &mut [u64],
        after: impl FnOnce(&mut [u64], &Places<'_>),
    ) -> Result<(), Failure> {
        self.program.with_instance(|instance| {
            let (slots, marshal) = instance.parts();
            for (slot, argument) in arguments.iter().enumerate().take(slots.len()) {
                slots[slot] = match *argument {
                    Argument::Slot(bits) => bits,
                    // What is not known yet is filled in by `copy_in`.
                    Argument::Memory { start, bytes, access } => {
                        u64::from(marshal.add(slot, start, bytes, 0, access).unwrap_or(0))
                    }
                    Argument::View { start, bytes, offset, access } => {
                        u64::from(marshal.add(slot, start, bytes, offset, access).unwrap_or(0))
                    }
                };
            }
            // SAFETY: the caller promises it.
            if let Err(failure) = unsafe { marshal.copy_in(slots) } {
                marshal.abandon();
                return Err(failure);
            }
            let outcome = instance.run(index);
            let (slots, marshal) = instance.parts();
            // SAFETY: the caller promises it.
            unsafe { marshal.copy_out() };
            if outcome.is_ok() {
                let count = results.len().min(slots.len());
                results[..count].copy_from_slice(&slots[..count]);
                after(results, &Places { arena: &self.program.arena, marshal });
            }
            marshal.abandon();
            outcome
        })
    }

    /// Buffers that kernels made and that still have a reference: those that escaped, or leaks.
    pub fn live_buffers(&self) -> usize {
        self.program.buffers.count()
    }

    /// Gives up a reference that escaped, by its guest address.
    pub fn release_buffer(&self, address: u32) -> Result<(), Failure> {
        Ok(self.program.buffers.release(address)?)
    }

    pub(crate) fn program(&self) -> &Arc<Program> {
        &self.program
    }
}
