//! An image mapped into the process: written once, then readable or executable, never both writable and executable,
//! and unmapped when its owner goes.

use std::fmt;
use std::ptr::NonNull;

use gelcap_compiler::back::native::image::{Access, Image, ImageError, Layout, Object};

/// Why an object could not be mapped.
#[derive(Debug)]
pub enum MapError {
    Image(ImageError),
    /// The system refused memory, or made it executable to nobody.
    System(&'static str, std::io::Error),
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MapError::Image(e) => write!(f, "{e}"),
            MapError::System(call, e) => write!(f, "{call}: {e}"),
        }
    }
}

impl std::error::Error for MapError {}

/// Memory from `mmap`, given back on drop.
struct Pages {
    base: NonNull<u8>,
    size: usize,
}

impl Pages {
    fn new(size: usize) -> Result<Pages, MapError> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a fresh anonymous mapping touches no existing memory.
        let base =
            unsafe { libc::mmap(std::ptr::null_mut(), size, access, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
        match NonNull::new(base.cast::<u8>()) {
            Some(start) if base != libc::MAP_FAILED => Ok(Pages { base: start, size }),
            _ => Err(MapError::System("mmap", std::io::Error::last_os_error())),
        }
    }

    fn protect(&self, start: usize, end: usize, access: libc::c_int) -> Result<(), MapError> {
        debug_assert!(start <= end && end <= self.size);
        // SAFETY: the range lies inside this mapping, which nothing else uses yet.
        let failed = unsafe { libc::mprotect(self.base.as_ptr().add(start).cast(), end - start, access) } != 0;
        if failed { Err(MapError::System("mprotect", std::io::Error::last_os_error())) } else { Ok(()) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `new`, and whoever holds addresses into it holds its owner.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.size) };
    }
}

/// An object in memory, ready to run.
pub struct Mapped {
    pages: Pages,
    image: Image,
}

// SAFETY: after loading the memory is code and constants; the few writable words (the token) are accessed atomically.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// Maps an object. `resolve` gives the addresses of what it imports.
    pub fn new(object: &[u8], resolve: impl Fn(&str) -> Option<usize>) -> Result<Mapped, MapError> {
        let object = Object::read(object).map_err(MapError::Image)?;
        object.check_undefined(|name| resolve(name).is_some()).map_err(MapError::Image)?;
        let layout = Layout { page: page_size() as u64, prefix: 0, relro: 0 };
        let mut image = object.place(&layout).map_err(MapError::Image)?;
        let bytes = std::mem::take(&mut image.bytes);
        let pages = Pages::new(bytes.len().max(1).next_multiple_of(page_size()))?;
        // SAFETY: the mapping is at least as long, fresh, and ours alone.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), pages.base.as_ptr(), bytes.len()) };
        let base = pages.base.as_ptr() as u64;
        let relative = image.relative.iter().map(|&(at, address)| (at, base + address));
        let imports = image.imports.iter().map(|&(at, symbol, addend)| {
            let address = resolve(&object.undefined[symbol]).unwrap_or(0) as u64;
            (at, address.wrapping_add_signed(addend))
        });
        for (at, word) in relative.chain(imports) {
            assert!(at + 8 <= bytes.len() as u64, "relocations lie inside the image");
            // SAFETY: `at` lies inside the mapping, which is still writable.
            unsafe { pages.base.as_ptr().add(at as usize).cast::<u64>().write_unaligned(word) };
        }
        for segment in &image.segments {
            let access = match segment.access {
                Access::Read | Access::ReadAfterRelocation => libc::PROT_READ,
                Access::Execute => libc::PROT_READ | libc::PROT_EXEC,
                Access::Write => libc::PROT_READ | libc::PROT_WRITE,
            };
            let end = (segment.end as usize).next_multiple_of(page_size());
            flush_instructions(&pages, segment.start as usize, segment.end as usize);
            pages.protect(segment.start as usize, end, access)?;
        }
        Ok(Mapped { pages, image })
    }

    /// The address of a global symbol.
    pub fn address(&self, name: &str) -> Option<*const u8> {
        let offset = self.image.address(name)? as usize;
        // SAFETY: symbols of an image lie inside it.
        (offset < self.pages.size).then(|| unsafe { self.pages.base.as_ptr().add(offset).cast_const() })
    }

    /// The address of a global symbol with at least 8 bytes of writable memory.
    pub fn writable_word(&self, name: &str) -> Option<*mut u64> {
        let offset = self.image.address(name)?;
        let writable =
            self.image.segments.iter().any(|s| s.access == Access::Write && s.start <= offset && offset + 8 <= s.end);
        // SAFETY: as for `address`.
        (writable && offset % 8 == 0).then(|| unsafe { self.pages.base.as_ptr().add(offset as usize).cast() })
    }
}

fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096).max(4096)
}

/// Makes freshly written code visible to instruction fetch, where the processor does not do it itself.
#[cfg(target_arch = "aarch64")]
fn flush_instructions(pages: &Pages, start: usize, end: usize) {
    use std::arch::asm;
    let (start, end) = (pages.base.as_ptr() as usize + start, pages.base.as_ptr() as usize + end);
    // The smallest line size the architecture allows; stepping by it is always enough.
    // SAFETY: cache maintenance by address on our own mapping.
    unsafe {
        for line in (start..end).step_by(16) {
            asm!("dc cvau, {}", in(reg) line);
        }
        asm!("dsb ish");
        for line in (start..end).step_by(16) {
            asm!("ic ivau, {}", in(reg) line);
        }
        asm!("dsb ish", "isb");
    }
}

#[cfg(not(target_arch = "aarch64"))]
fn flush_instructions(_: &Pages, _: usize, _: usize) {}
