//! Host memory into the guest and back.
//!
//! A range that lies in the guest's arena needs no copy. Any other is copied in before the call and, if writable, back
//! afterwards, also when the kernel failed: what it wrote before it raised is as visible as it would be natively.
//! Ranges that overlap are copied once, as one, so that aliases alias in the guest too. Copying back changes only the
//! bytes that the guest changed: natively, two threads may write disjoint parts of one array, and one must not put
//! back old values over the other's new ones. Memory that belongs to the caller alone skips that comparison.

use std::slice;
use std::sync::Arc;

use crate::arena::{Arena, Region};
use crate::traps::Failure;

/// Scratch memory kept from call to call; what needs more is allocated for its call.
const KEPT_SCRATCH: usize = 64 << 10;

/// Copies keep the host's alignment up to this.
const ALIGNMENT: usize = 64;

/// Who may touch a range besides the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// The kernel may not write to it; the range is copied in only.
    ReadOnly,
    /// Other threads may be writing to parts of it meanwhile.
    Shared,
    /// Nobody else does until the call returns.
    Exclusive,
}

/// One range of host memory, and where it went.
struct Transfer {
    host: *mut u8,
    len: usize,
    access: Access,
    /// The slot that takes the guest address, and how far into the range that is.
    slot: usize,
    first: usize,
    /// Offset in the scratch memory.
    offset: usize,
    /// Offset among the pristine copies.
    pristine: usize,
}

/// The marshalling state of an instance; its buffers are reused from call to call.
pub(crate) struct Marshal {
    arena: Arc<Arena>,
    scratch: Option<Region>,
    transfers: Vec<Transfer>,
    /// Bytes of the scratch memory that are in use.
    used: usize,
    /// What shared ranges held when they were copied in.
    pristine: Vec<u8>,
}

// SAFETY: the host pointers are used only between `add` and `finish`, within one call.
unsafe impl Send for Marshal {}

impl Marshal {
    pub(crate) fn new(arena: Arc<Arena>) -> Marshal {
        Marshal { arena, scratch: None, transfers: Vec::new(), used: 0, pristine: Vec::new() }
    }

    /// The guest address for slot `slot`, if it can be known already: null, or memory of the arena. Otherwise the range
    /// is kept for [`Marshal::copy_in`].
    pub(crate) fn add(&mut self, slot: usize, host: *mut u8, len: usize, first: usize, access: Access) -> Option<u32> {
        if host.is_null() {
            return Some(0);
        }
        if let Some(address) = self.arena.guest_address(host, len) {
            return Some(address + first as u32);
        }
        self.transfers.push(Transfer { host, len, access, slot, first, offset: 0, pristine: 0 });
        None
    }

    /// The host address that a guest address in a copied range stands for, or right behind one.
    pub(crate) fn host_of(&self, guest: u64) -> Option<*mut u8> {
        let offset = guest.checked_sub(u64::from(self.scratch.as_ref()?.guest()))? as usize;
        let within = |end: usize| move |t: &&Transfer| offset >= t.offset && offset - t.offset < t.len + end;
        let found = self.transfers.iter().find(within(0)).or_else(|| self.transfers.iter().find(within(1)));
        found.map(|t| t.host.wrapping_add(offset - t.offset))
    }

    /// Copies every kept range into the guest and stores the addresses into `slots`.
    ///
    /// # Safety
    /// Every range given to `add` must be readable.
    pub(crate) unsafe fn copy_in(&mut self, slots: &mut [u64]) -> Result<(), Failure> {
        if self.transfers.is_empty() {
            return Ok(());
        }
        let total = self.place();
        if self.scratch.as_ref().is_none_or(|s| s.len() < total) {
            // The old region goes first, so that the new one can take its place.
            self.scratch = None;
            self.scratch = Some(self.arena.alloc(total.max(1024))?);
        }
        let Some(scratch) = &self.scratch else { return Ok(()) };
        self.used = total.min(scratch.len());
        self.pristine.clear();
        for transfer in &mut self.transfers {
            // SAFETY: the range is readable, and `place` keeps it inside the scratch region.
            unsafe {
                let target = scratch.host().add(transfer.offset);
                target.copy_from_nonoverlapping(transfer.host, transfer.len);
                if transfer.access == Access::Shared {
                    transfer.pristine = self.pristine.len();
                    self.pristine.extend_from_slice(slice::from_raw_parts(target, transfer.len));
                }
            }
            if let Some(slot) = slots.get_mut(transfer.slot) {
                *slot = u64::from(scratch.guest()) + (transfer.offset + transfer.first) as u64;
            }
        }
        Ok(())
    }

    /// Gives each range its place in scratch memory; returns how much is needed. Afterwards they are sorted by address.
    fn place(&mut self) -> usize {
        self.transfers.sort_unstable_by_key(|t| t.host);
        let mut end = 0;
        let mut group: Option<(usize, usize, usize)> = None;
        for transfer in &mut self.transfers {
            let start = transfer.host as usize;
            let stop = start + transfer.len;
            let (first, place, last) = match group {
                Some((first, place, last)) if start < last => (first, place, last.max(stop)),
                _ => (start, end + (start % ALIGNMENT), stop),
            };
            transfer.offset = place + (start - first);
            end = (place + (last - first)).next_multiple_of(ALIGNMENT);
            group = Some((first, place, last));
        }
        // An empty range behind everything else still has an address inside.
        end + ALIGNMENT
    }

    /// Copies back what the guest may have written, and forgets the ranges.
    ///
    /// # Safety
    /// As [`Marshal::copy_out`].
    pub(crate) unsafe fn finish(&mut self) {
        // SAFETY: the caller promises it.
        unsafe { self.copy_out() };
        self.abandon();
    }

    /// Copies back what the guest may have written.
    ///
    /// # Safety
    /// Every range given to `add` must be valid still, and writable unless it was `ReadOnly`.
    pub(crate) unsafe fn copy_out(&mut self) {
        if let Some(scratch) = &self.scratch {
            for transfer in &self.transfers {
                // SAFETY: as in `copy_in`; the guest does not run any more.
                unsafe {
                    let source = scratch.host().add(transfer.offset);
                    match transfer.access {
                        Access::ReadOnly => {}
                        Access::Exclusive => transfer.host.copy_from_nonoverlapping(source, transfer.len),
                        Access::Shared => {
                            let now = slice::from_raw_parts(source, transfer.len);
                            let before = &self.pristine[transfer.pristine..transfer.pristine + transfer.len];
                            write_changes(transfer.host, now, before);
                        }
                    }
                }
            }
        }
    }

    /// Forgets the ranges without copying anything back.
    pub(crate) fn abandon(&mut self) {
        self.transfers.clear();
        if self.scratch.as_ref().is_some_and(|s| s.len() > KEPT_SCRATCH) {
            self.scratch = None;
            self.pristine = Vec::new();
        }
        if let Some(scratch) = &self.scratch
            && self.arena.is_wiped()
        {
            // SAFETY: as much of the region was filled, and no guest runs.
            unsafe { scratch.host().write_bytes(0, self.used) };
        }
        self.used = 0;
    }
}

/// Writes to `target` the bytes of `now` that differ from `before`.
unsafe fn write_changes(target: *mut u8, now: &[u8], before: &[u8]) {
    const WORD: usize = 8;
    for (index, (new, old)) in now.chunks(WORD).zip(before.chunks(WORD)).enumerate() {
        if new == old {
            continue;
        }
        for (i, (byte, _)) in new.iter().zip(old).enumerate().filter(|(_, (n, o))| n != o) {
            // SAFETY: the target is as long as `now`, says the caller.
            unsafe { target.add(index * WORD + i).write(*byte) };
        }
    }
}
