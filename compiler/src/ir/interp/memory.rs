//! Memory of the interpreter: allocations at made-up addresses that are never used twice, with gaps between them, so
//! that an access that leaves its allocation, or outlives it, is noticed.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::{Result, fault};
use crate::types::Scalar;

/// Bytes between two allocations, and below the first.
const GAP: u64 = 1 << 16;
const ALIGN: u64 = 64;
/// What a fresh stack slot holds: nothing that a program could mean.
const JUNK: u8 = 0xa5;
/// The owner of memory that is not the kernel's.
pub(super) const NO_BUFFER: u64 = 0;
/// Owners before dead ones are looked for.
const SWEEP: usize = 64;

/// The allocations of a run.
#[derive(Clone, Debug)]
pub struct Memory {
    /// By start address.
    allocations: BTreeMap<u64, Allocation>,
    next: u64,
    /// Bytes of live allocations, and how many there may be.
    used: u64,
    limit: u64,
    /// Live buffer references that have not escaped.
    references: u64,
    /// The owners of arrays' memory, and how many there may be before the dead ones are looked for.
    owners: Vec<(u64, Weak<Owner>)>,
    sweep_at: usize,
}

/// What arrays of the Array level share: the memory goes when the last of them has gone, unless it escaped.
#[derive(PartialEq, Debug)]
pub struct Owner {
    address: u64,
}

#[derive(Clone, Debug)]
struct Allocation {
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    /// The host's, or a stack slot.
    Plain,
    /// A constant table or the value of a map: no store may touch it.
    ReadOnly,
    /// Memory of an array.
    Managed,
    /// A buffer with so many references.
    Buffer(u64),
    /// Was freed; its address stays taken.
    Dead,
}

impl Memory {
    pub(super) fn new(limit: u64) -> Memory {
        let (allocations, owners) = (BTreeMap::new(), Vec::new());
        Memory { allocations, next: GAP, used: 0, limit, references: 0, owners, sweep_at: SWEEP }
    }

    /// Places bytes of the host's, aligned to 64; gives their address.
    pub fn allocate(&mut self, bytes: Vec<u8>) -> u64 {
        self.place(bytes, Kind::Plain)
    }

    /// Ends an allocation: touching it from now on is a fault.
    pub fn free(&mut self, address: u64) -> Result<()> {
        match self.allocations.get_mut(&address) {
            Some(a) if a.kind != Kind::Dead => {
                self.used -= a.bytes.len() as u64;
                *a = Allocation { bytes: Vec::new(), kind: Kind::Dead };
                Ok(())
            }
            _ => fault(format!("{address:#x} is no live allocation")),
        }
    }

    /// The bytes of the live allocation at an address.
    pub fn bytes(&self, address: u64) -> Option<&[u8]> {
        self.allocations.get(&address).filter(|a| a.kind != Kind::Dead).map(|a| &a.bytes[..])
    }

    /// Buffer references that are alive and have not escaped.
    pub fn references(&self) -> u64 {
        self.references
    }

    pub(super) fn allocate_table(&mut self, bytes: Vec<u8>) -> u64 {
        self.place(bytes, Kind::ReadOnly)
    }

    pub(super) fn allocate_slot(&mut self, bytes: u32) -> u64 {
        self.place(vec![JUNK; bytes as usize], Kind::Plain)
    }

    fn place(&mut self, bytes: Vec<u8>, kind: Kind) -> u64 {
        let address = self.next;
        self.used += bytes.len() as u64;
        self.next = (address + bytes.len() as u64 + GAP).next_multiple_of(ALIGN);
        self.allocations.insert(address, Allocation { bytes, kind });
        address
    }

    /// A new buffer with one reference, or `None` if memory is used up.
    pub(super) fn buffer_alloc(&mut self, bytes: i64) -> Result<Option<u64>> {
        let Ok(bytes) = u64::try_from(bytes) else { return fault("a buffer of negative size") };
        if bytes > self.limit - self.used.min(self.limit) {
            return Ok(None);
        }
        self.references += 1;
        Ok(Some(self.place(vec![0; bytes as usize], Kind::Buffer(1))))
    }

    /// Memory for a new array, or `None` if memory is used up. The value of a map is not written.
    pub(super) fn array_alloc(&mut self, bytes: i64, writable: bool) -> Result<Option<(u64, Arc<Owner>)>> {
        let Ok(bytes) = u64::try_from(bytes) else { return fault("an array of negative size") };
        if self.owners.len() >= self.sweep_at || bytes > self.limit - self.used.min(self.limit) {
            self.sweep()?;
        }
        if bytes > self.limit - self.used.min(self.limit) {
            return Ok(None);
        }
        let address = self.place(vec![0; bytes as usize], if writable { Kind::Managed } else { Kind::ReadOnly });
        let owner = Arc::new(Owner { address });
        self.owners.push((address, Arc::downgrade(&owner)));
        Ok(Some((address, owner)))
    }

    /// Writes what a map gives.
    pub(super) fn fill(&mut self, address: u64, bytes: &[u8]) -> Result<()> {
        match self.allocations.get_mut(&address) {
            Some(a) if a.bytes.len() == bytes.len() => {
                a.bytes.copy_from_slice(bytes);
                Ok(())
            }
            _ => fault(format!("{address:#x} is no allocation of {} bytes", bytes.len())),
        }
    }

    /// Frees the memory of arrays that are gone.
    fn sweep(&mut self) -> Result<()> {
        let (kept, gone): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.owners).into_iter().partition(|(_, owner)| owner.strong_count() > 0);
        self.sweep_at = SWEEP.max(2 * kept.len());
        self.owners = kept;
        for (address, _) in gone {
            if !matches!(self.allocations.get(&address), Some(Allocation { kind: Kind::Buffer(_), .. })) {
                self.free(address)?;
            }
        }
        Ok(())
    }

    /// A reference to an array's memory for the host; gives the address.
    pub(super) fn array_escape(&mut self, owner: &Owner) -> Result<u64> {
        let Some(allocation) = self.allocations.get_mut(&owner.address) else { return fault("no allocation") };
        allocation.kind = match allocation.kind {
            Kind::Managed | Kind::ReadOnly => Kind::Buffer(1),
            Kind::Buffer(count) => Kind::Buffer(count + 1),
            Kind::Plain | Kind::Dead => return fault(format!("{:#x} is no array's memory", owner.address)),
        };
        Ok(owner.address)
    }

    fn buffer_count(&mut self, address: u64) -> Result<&mut u64> {
        match self.allocations.get_mut(&address) {
            Some(Allocation { kind: Kind::Buffer(count), .. }) => Ok(count),
            Some(Allocation { kind: Kind::Dead, .. }) => fault(format!("the buffer {address:#x} was freed")),
            _ => fault(format!("{address:#x} is not a buffer")),
        }
    }

    /// Checks that a buffer value is still a reference.
    pub(super) fn buffer_live(&mut self, address: u64) -> Result<()> {
        if address == NO_BUFFER {
            return Ok(());
        }
        self.buffer_count(address).map(|_| ())
    }

    pub(super) fn buffer_retain(&mut self, address: u64) -> Result<()> {
        if address == NO_BUFFER {
            return Ok(());
        }
        *self.buffer_count(address)? += 1;
        self.references += 1;
        Ok(())
    }

    pub(super) fn buffer_release(&mut self, address: u64) -> Result<()> {
        if address == NO_BUFFER {
            return Ok(());
        }
        let count = self.buffer_count(address)?;
        *count -= 1;
        let last = *count == 0;
        self.references -= 1;
        if last { self.free(address) } else { Ok(()) }
    }

    /// Hands one reference to the host.
    pub(super) fn buffer_escape(&mut self, address: u64) -> Result<()> {
        if address == NO_BUFFER {
            return Ok(());
        }
        self.buffer_live(address)?;
        self.references -= 1;
        Ok(())
    }

    /// Gives up a reference that escaped, as a host does.
    pub fn release_escaped(&mut self, address: u64) -> Result<()> {
        let count = self.buffer_count(address)?;
        *count -= 1;
        if *count == 0 { self.free(address) } else { Ok(()) }
    }

    /// Buffers that are alive.
    pub fn live_buffers(&self) -> usize {
        self.allocations.values().filter(|a| matches!(a.kind, Kind::Buffer(_))).count()
    }

    /// The allocation that holds `size` bytes at `address`, and where in it.
    fn find(&self, address: u64, size: u64) -> Result<(u64, usize)> {
        let outside = |why: &str| fault(format!("an access of {size} bytes at {address:#x} {why}"));
        let Some((&start, allocation)) = self.allocations.range(..=address).next_back() else {
            return outside("is below all memory");
        };
        let offset = address - start;
        if allocation.kind == Kind::Dead {
            return outside(&format!("{offset} bytes into memory that was freed"));
        }
        let len = allocation.bytes.len() as u64;
        if offset + size > len {
            return outside(&format!("lies outside: offset {offset} of {len} bytes"));
        }
        Ok((start, offset as usize))
    }

    /// A scalar's bits, zero-extended.
    pub fn load_bits(&self, element: Scalar, address: u64) -> Result<u64> {
        let size = element.bytes() as usize;
        let (start, offset) = self.find(address, size as u64)?;
        let mut word = [0; 8];
        word[..size].copy_from_slice(&self.allocations[&start].bytes[offset..offset + size]);
        let bits = u64::from_le_bytes(word);
        if element == Scalar::Bool && bits > 1 {
            return fault(format!("the bool at {address:#x} is {bits}"));
        }
        Ok(bits)
    }

    /// Stores the low bits of `bits`.
    pub fn store_bits(&mut self, element: Scalar, address: u64, bits: u64) -> Result<()> {
        let size = element.bytes() as usize;
        let (start, offset) = self.find(address, size as u64)?;
        let Some(allocation) = self.allocations.get_mut(&start) else { return fault("no allocation") };
        if allocation.kind == Kind::ReadOnly {
            return fault(format!("a store to read-only memory at {address:#x}"));
        }
        allocation.bytes[offset..offset + size].copy_from_slice(&bits.to_le_bytes()[..size]);
        Ok(())
    }
}
