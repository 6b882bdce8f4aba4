//! The memory of guests: one fixed mapping per tenant that wasm code and NumPy views share.
//!
//! An [`Arena`] reserves `[2 GiB front guard][4 GiB][32 MiB guard]` of address space without backing it and makes only
//! its heap accessible. A 32-bit guest can form no address outside the reservation, so loads and stores need no bounds
//! check, and since the base never moves, pointers into the heap stay valid for as long as the arena lives: whoever
//! hands out such a pointer keeps the `Arc<Arena>` (or a [`Region`]) beside it, and may then outlive every store.
//!
//! The first page of the heap stays closed, so that a null pointer traps instead of reading zeros. That is sound only
//! because the engine refuses bulk memory instructions (they run in host code, where such a fault would kill the
//! process) and because nothing places data there; [`crate::engine`] says how a memory gets its arena.
//!
//! The arena also hands out guest memory to the host: [`Arena::alloc`] gives a [`Region`], first fit from the lowest
//! address, returned when the region is dropped. An arena for guests that do not trust each other wipes what is returned
//! ([`Arena::wiped`]), so that whatever is handed out is zero.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Guard before the memory: an engine may subtract from a base before it adds the index.
const FRONT_GUARD: usize = 2 << 30;
/// What a 32-bit index reaches.
pub(crate) const RESERVATION: usize = 4 << 30;
/// Guard behind the memory: static offsets below this size need no check.
pub(crate) const BACK_GUARD: usize = 32 << 20;
/// A wasm page.
pub const PAGE: usize = 64 << 10;
/// A huge page; heaps smaller than one do not ask for them.
const HUGE_PAGE: usize = 2 << 20;
/// What is wiped and larger goes back to the system. Below, writing zeros is faster than touching fresh pages later.
const DISCARDED: usize = 4 << 20;
/// Every region starts at a multiple of this: a cache line, and the widest vector.
const ALIGNMENT: usize = 64;

/// A guest's linear memory. See the module's documentation.
pub struct Arena {
    /// Start of the whole mapping, guards included.
    mapping: *mut u8,
    mapping_len: usize,
    base: *mut u8,
    /// Bytes of the heap that are accessible now (but for the null page), a multiple of [`PAGE`].
    heap: AtomicUsize,
    limit: usize,
    null_page: usize,
    /// What is given back is made zero.
    wipes: bool,
    space: Mutex<Space>,
}

// SAFETY: the pointers name a mapping that only `drop` changes in place; its contents are raw memory whose users
// (guests, views) answer for their own data races, as with any shared NumPy buffer. The bookkeeping is atomic or locked.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

/// Which parts of the heap the host has not handed out.
struct Space {
    /// Free ranges below `top`: start to length, neither empty nor adjacent.
    free: BTreeMap<usize, usize>,
    /// Everything from here on is free.
    top: usize,
}

/// Why an arena has no more memory to give.
#[derive(Debug)]
pub enum ArenaError {
    /// The address space or pages could not be had from the system.
    System { what: &'static str, error: io::Error },
    /// The arena's own limit is reached.
    Limit { requested: usize, limit: usize },
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArenaError::System { what, error } => write!(f, "cannot {what} for a sandbox: {error}"),
            ArenaError::Limit { requested, limit } => {
                write!(f, "the sandbox's memory limit of {limit} bytes does not leave room for {requested} more bytes")
            }
        }
    }
}

impl std::error::Error for ArenaError {}

impl Arena {
    /// An arena whose heap may grow to `limit` bytes (rounded up to wasm pages, 4 GiB at most).
    pub fn new(limit: usize) -> Result<Arc<Arena>, ArenaError> {
        Arena::make(limit, false)
    }

    /// The same; memory that is given back is wiped, so that no guest finds what another has left.
    pub fn wiped(limit: usize) -> Result<Arc<Arena>, ArenaError> {
        Arena::make(limit, true)
    }

    fn make(limit: usize, wipes: bool) -> Result<Arc<Arena>, ArenaError> {
        let limit = limit.clamp(PAGE, RESERVATION).next_multiple_of(PAGE);
        // The slack lets the base start a huge page, without which a heap would miss its first one.
        let mapping_len = FRONT_GUARD + RESERVATION + BACK_GUARD + HUGE_PAGE;
        // SAFETY: a fresh private mapping at an address the system chooses touches no existing memory.
        let mapping = unsafe {
            libc::mmap(
                ptr::null_mut(),
                mapping_len,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if mapping == libc::MAP_FAILED {
            return Err(ArenaError::System { what: "reserve address space", error: io::Error::last_os_error() });
        }
        let mapping = mapping.cast::<u8>();
        let slack = (mapping as usize).next_multiple_of(HUGE_PAGE) - mapping as usize;
        let null_page = host_page();
        let arena = Arena {
            mapping,
            mapping_len,
            // In bounds: `slack` is less than the huge page added to the length.
            base: mapping.wrapping_add(slack + FRONT_GUARD),
            heap: AtomicUsize::new(0),
            limit,
            null_page,
            wipes,
            space: Mutex::new(Space { free: BTreeMap::new(), top: null_page }),
        };
        arena.grow_to(PAGE)?;
        Ok(Arc::new(arena))
    }

    /// The host address of guest address 0. It never changes.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Bytes of the heap in use or free for use without growing.
    pub fn heap_bytes(&self) -> usize {
        self.heap.load(Ordering::Acquire)
    }

    /// The most the heap may grow to.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Makes at least `bytes` of the heap accessible.
    pub fn grow_to(&self, bytes: usize) -> Result<(), ArenaError> {
        let mut space = self.lock();
        self.grow_locked(&mut space, bytes)
    }

    // The lock orders concurrent growth; `heap` itself is atomic so that readers need no lock.
    fn grow_locked(&self, _space: &mut Space, bytes: usize) -> Result<(), ArenaError> {
        let old = self.heap_bytes();
        if bytes <= old {
            return Ok(());
        }
        if bytes > self.limit {
            return Err(ArenaError::Limit { requested: bytes - old, limit: self.limit });
        }
        let new = bytes.next_multiple_of(PAGE).min(self.limit);
        let start = old.max(self.null_page);
        if new > start {
            // SAFETY: the range lies inside this arena's reservation, above the null page, and is not accessible yet.
            let status =
                unsafe { libc::mprotect(self.base.add(start).cast(), new - start, libc::PROT_READ | libc::PROT_WRITE) };
            if status != 0 {
                return Err(ArenaError::System { what: "get memory", error: io::Error::last_os_error() });
            }
        }
        #[cfg(target_os = "linux")]
        if new >= HUGE_PAGE {
            let from = old / HUGE_PAGE * HUGE_PAGE;
            // SAFETY: advice about our own mapping; a kernel that knows no huge pages refuses, and nothing is lost.
            unsafe { libc::madvise(self.base.add(from).cast(), new - from, libc::MADV_HUGEPAGE) };
        }
        self.heap.store(new, Ordering::Release);
        Ok(())
    }

    /// Reserves `len` bytes for the host's use, growing the heap if need be. Contents are zero if the arena is wiped or
    /// the memory was never handed out, else whatever was there before.
    pub fn alloc(self: &Arc<Self>, len: usize) -> Result<Region, ArenaError> {
        self.alloc_aligned(len, ALIGNMENT)
    }

    /// The same in whole pages of the system's, for what is to be protected.
    pub(crate) fn alloc_pages(self: &Arc<Self>, len: usize) -> Result<Region, ArenaError> {
        self.alloc_aligned(len.saturating_add(self.null_page - 1) & !(self.null_page - 1), self.null_page)
    }

    fn alloc_aligned(self: &Arc<Self>, len: usize, alignment: usize) -> Result<Region, ArenaError> {
        let full = || ArenaError::Limit { requested: len, limit: self.limit };
        let size = len.max(1).checked_next_multiple_of(ALIGNMENT).filter(|s| *s <= self.limit).ok_or_else(full)?;
        let mut space = self.lock();
        let offset = match space.take_free(size, alignment) {
            Some(offset) => offset,
            None => {
                let offset = space.top.next_multiple_of(alignment);
                let end = offset + size;
                if end > self.limit {
                    return Err(full());
                }
                // Doubling keeps the number of system calls logarithmic.
                let wanted = end.max(self.heap_bytes().saturating_mul(2)).min(self.limit);
                if end > self.heap_bytes() {
                    self.grow_locked(&mut space, wanted)?;
                }
                if offset > space.top {
                    let gap = space.top;
                    space.free.insert(gap, offset - gap);
                }
                space.top = end;
                offset
            }
        };
        drop(space);
        Ok(Region { arena: Arc::clone(self), offset, len, size })
    }

    /// Whether memory is zero when it is handed out again.
    pub(crate) fn is_wiped(&self) -> bool {
        self.wipes
    }

    /// Makes all memory zero that is not handed out: a guest with raw pointers may have written there.
    pub(crate) fn wipe_free(&self) {
        let space = self.lock();
        for (offset, len) in &space.free {
            self.wipe(*offset, *len, self.null_page);
        }
        self.wipe(space.top, self.heap_bytes().saturating_sub(space.top), self.null_page);
    }

    /// Makes a range of the heap zero. Whole pages go back to the system, if they are so many bytes.
    fn wipe(&self, offset: usize, len: usize, discarded: usize) {
        let page = self.null_page;
        let (first, last) = (offset.next_multiple_of(page), (offset + len) / page * page);
        let discards = cfg!(target_os = "linux") && last >= first + discarded;
        // SAFETY: the range is inside the accessible heap, and nobody uses it: it is not handed out, or was until now.
        unsafe {
            if discards && libc::madvise(self.base.add(first).cast(), last - first, libc::MADV_DONTNEED) == 0 {
                self.base.add(offset).write_bytes(0, first - offset);
                self.base.add(last).write_bytes(0, offset + len - last);
            } else {
                self.base.add(offset).write_bytes(0, len);
            }
        }
    }

    /// The guest address of host memory `[start, start + len)`, if all of it lies in the accessible heap.
    pub fn guest_address(&self, start: *const u8, len: usize) -> Option<u32> {
        let offset = (start as usize).checked_sub(self.base as usize)?;
        let end = offset.checked_add(len)?;
        let inside = offset >= self.null_page && end <= self.heap_bytes();
        if inside { u32::try_from(offset).ok() } else { None }
    }

    /// Size of the closed range at the start of the guest's memory.
    pub fn null_page(&self) -> usize {
        self.null_page
    }

    fn lock(&self) -> MutexGuard<'_, Space> {
        // A panic while the lock was held leaves the maps consistent: every step inserts or removes one whole range.
        self.space.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` and nothing can name it any more: every user holds the `Arc`.
        unsafe { libc::munmap(self.mapping.cast(), self.mapping_len) };
    }
}

impl Space {
    /// Room for `size` bytes in the lowest free range that has it, at its start but for the alignment.
    fn take_free(&mut self, size: usize, alignment: usize) -> Option<usize> {
        let fits = |(&start, &len): (&usize, &usize)| {
            let offset = start.next_multiple_of(alignment);
            (offset + size <= start + len).then_some((start, len, offset))
        };
        let (start, len, offset) = self.free.iter().find_map(fits)?;
        self.free.remove(&start);
        if offset > start {
            self.free.insert(start, offset - start);
        }
        if start + len > offset + size {
            self.free.insert(offset + size, start + len - offset - size);
        }
        Some(offset)
    }

    fn give_back(&mut self, mut offset: usize, mut size: usize) {
        if let Some((&before, &len)) = self.free.range(..offset).next_back()
            && before + len == offset
        {
            self.free.remove(&before);
            offset = before;
            size += len;
        }
        if let Some(len) = self.free.remove(&(offset + size)) {
            size += len;
        }
        if offset + size == self.top {
            self.top = offset;
        } else {
            self.free.insert(offset, size);
        }
    }
}

/// Guest memory that the host owns; given back when dropped.
pub struct Region {
    arena: Arc<Arena>,
    offset: usize,
    len: usize,
    size: usize,
}

impl Region {
    /// The guest address of the first byte.
    pub fn guest(&self) -> u32 {
        // The heap ends at 4 GiB and a region is not empty, so its start fits.
        self.offset as u32
    }

    /// The host address of the first byte, valid for `len` bytes while the region lives.
    pub fn host(&self) -> *mut u8 {
        // SAFETY: `alloc` returned an offset inside the accessible heap.
        unsafe { self.arena.base.add(self.offset) }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn arena(&self) -> &Arc<Arena> {
        &self.arena
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.arena.wipes {
            self.arena.wipe(self.offset, self.size, DISCARDED);
        }
        self.arena.lock().give_back(self.offset, self.size);
    }
}

/// The system's page size.
pub(crate) fn host_page() -> usize {
    // SAFETY: a query without side effects.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(PAGE).min(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_reused_and_merged() {
        let arena = Arena::new(1 << 20).expect("an arena");
        let first = arena.alloc(100).expect("first");
        let second = arena.alloc(100).expect("second");
        let third = arena.alloc(100).expect("third");
        let start = first.guest();
        assert_eq!(start as usize, arena.null_page());
        assert_eq!(second.guest(), start + 128);
        drop(first);
        drop(second);
        // Both together are 256 bytes, so 200 fit where neither alone would have done.
        let fourth = arena.alloc(200).expect("fourth");
        assert_eq!(fourth.guest(), start);
        drop(third);
        drop(fourth);
        assert_eq!(arena.lock().free.len(), 0);
        assert_eq!(arena.lock().top, arena.null_page());
    }

    #[test]
    fn pages_are_aligned_and_their_gaps_used() {
        let arena = Arena::new(1 << 20).expect("an arena");
        let small = arena.alloc(64).expect("small");
        let page = arena.alloc_pages(1).expect("a page");
        assert_eq!(page.guest() as usize % arena.null_page(), 0);
        assert_eq!(page.len(), arena.null_page());
        let gap = arena.alloc(64).expect("in the gap");
        assert_eq!(gap.guest(), small.guest() + 64);
        drop((small, page, gap));
        let heap = arena.lock();
        assert_eq!((heap.free.len(), heap.top), (0, arena.null_page()));
    }

    #[test]
    fn a_wiped_arena_hands_out_zeros() {
        let arena = Arena::wiped(64 << 20).expect("an arena");
        for len in [100, 70_000, 1 << 20, 5 << 20] {
            let first = arena.alloc(len).expect("a region");
            let _after = arena.alloc(1).expect("what keeps the first from the top");
            // SAFETY: the region is that long.
            unsafe { first.host().write_bytes(7, len) };
            let start = first.guest();
            drop(first);
            let again = arena.alloc(len).expect("the same again");
            assert_eq!(again.guest(), start);
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(again.host(), len) };
            assert!(bytes.iter().all(|b| *b == 0), "{len} bytes");
        }
        // What a guest wrote where nothing was handed out.
        // SAFETY: the heap reaches that far.
        let beyond = unsafe { arena.base().add(arena.heap_bytes() - 8) };
        // SAFETY: as above.
        unsafe { beyond.write(9) };
        arena.wipe_free();
        // SAFETY: as above.
        assert_eq!(unsafe { beyond.read() }, 0);
    }

    #[test]
    fn growth_stops_at_the_limit_and_keeps_the_base() {
        let arena = Arena::new(4 * PAGE).expect("an arena");
        let base = arena.base();
        let small = arena.alloc(16).expect("small");
        // SAFETY: the region is 16 bytes of our own.
        unsafe { small.host().write(7) };
        let large = arena.alloc(3 * PAGE).expect("large");
        // SAFETY: the last byte of the region.
        unsafe { large.host().add(3 * PAGE - 1).write(9) };
        assert!(matches!(arena.alloc(PAGE), Err(ArenaError::Limit { .. })));
        assert!(matches!(arena.alloc(usize::MAX), Err(ArenaError::Limit { .. })));
        assert!(matches!(arena.grow_to(5 * PAGE), Err(ArenaError::Limit { .. })));
        assert_eq!(arena.base(), base);
        // SAFETY: written above.
        assert_eq!(unsafe { small.host().read() }, 7);
    }

    #[test]
    fn only_the_heap_has_guest_addresses() {
        let arena = Arena::new(PAGE).expect("an arena");
        let region = arena.alloc(64).expect("a region");
        assert_eq!(arena.guest_address(region.host(), 64), Some(region.guest()));
        let outside = [0u8; 4];
        assert_eq!(arena.guest_address(outside.as_ptr(), 4), None);
        assert_eq!(arena.guest_address(arena.base(), 1), None);
        assert_eq!(arena.guest_address(region.host(), PAGE), None);
        assert_eq!(arena.guest_address(region.host(), usize::MAX), None);
    }

    #[test]
    fn a_region_keeps_its_arena_alive() {
        let region = Arena::new(PAGE).and_then(|arena| arena.alloc(8)).expect("a region");
        // SAFETY: eight bytes of our own; the arena's other handles are gone.
        unsafe { region.host().cast::<u64>().write(42) };
        // SAFETY: written just above.
        assert_eq!(unsafe { region.host().cast::<u64>().read() }, 42);
    }
}
