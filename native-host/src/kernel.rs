//! A loaded artifact and the ways into it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gelcap_compiler::abi::{self, imports::Import, status};
use gelcap_compiler::artifact::{Artifact, Export, Site};

use crate::cpu;
use crate::image::{MapError, Mapped};
use crate::runtime::{self, RaiseFn};
use crate::stack;

/// A packed entry: [`gelcap_compiler::abi`].
pub type PackedFn = unsafe extern "C" fn(ctx: *mut Context, slots: *mut u64) -> i32;

/// The context of a call, as [`abi::ctx`] lays it out.
#[repr(C, align(8))]
pub struct Context {
    pub site: i32,
    reserved: i32,
    pub payload: [i64; abi::PAYLOAD_WORDS],
    pub stack_limit: u64,
    pub heap: u64,
    pub poll: u64,
}

const _: () = {
    assert!(size_of::<Context>() == abi::ctx::SIZE as usize && align_of::<Context>() == abi::ctx::ALIGN as usize);
    assert!(std::mem::offset_of!(Context, site) == abi::ctx::SITE as usize);
    assert!(std::mem::offset_of!(Context, payload) == abi::ctx::PAYLOAD as usize);
    assert!(std::mem::offset_of!(Context, stack_limit) == abi::ctx::STACK_LIMIT as usize);
    assert!(std::mem::offset_of!(Context, heap) == abi::ctx::HEAP as usize);
    assert!(std::mem::offset_of!(Context, poll) == abi::ctx::POLL as usize);
};

impl Context {
    /// A context for calls on this thread.
    #[inline]
    pub fn for_this_thread() -> Context {
        Context { site: 0, reserved: 0, payload: [0; 4], stack_limit: stack::limit(), heap: 0, poll: 0 }
    }
}

/// A kernel's failure: where, and what its message shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised {
    pub site: i32,
    pub payload: [i64; abi::PAYLOAD_WORDS],
}

impl Raised {
    /// The site and the message, if the artifact is the one that raised.
    pub fn describe<'a>(&self, artifact: &'a Artifact) -> Option<(&'a Site, String)> {
        let site = artifact.sites.get(usize::try_from(self.site).ok()?)?;
        Some((site, status::format_message(&site.template, self.payload)))
    }
}

/// Why an artifact could not be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// It holds no native code, or code for another convention.
    NotNative,
    AbiVersion(u32),
    /// What the processor lacks.
    Cpu(String),
    Map(MapError),
    /// The object lacks a symbol that the artifact promises.
    Missing(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NotNative => write!(f, "the artifact holds no native code"),
            LoadError::AbiVersion(v) => {
                write!(f, "the artifact follows version {v} of the calling convention, not {}", abi::VERSION)
            }
            LoadError::Cpu(what) => write!(f, "the kernel was compiled for a processor with {what}"),
            LoadError::Map(e) => write!(f, "the kernel cannot be loaded: {e}"),
            LoadError::Missing(symbol) => write!(f, "the object has no symbol `{symbol}`"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Code in memory with its artifact. It lives as long as any handle to it; [`Kernel::keep_forever`] makes its
/// addresses valid for the process.
pub struct Kernel {
    mapped: Mapped,
    artifact: Arc<Artifact>,
}

impl Kernel {
    /// Maps an artifact's code. `raise` is what C entries call when they fail.
    pub fn load(artifact: Arc<Artifact>, raise: RaiseFn) -> Result<Arc<Kernel>, LoadError> {
        let code = artifact.native().ok_or(LoadError::NotNative)?;
        if artifact.abi_version != abi::VERSION {
            return Err(LoadError::AbiVersion(artifact.abi_version));
        }
        cpu::check(code.machine).map_err(LoadError::Cpu)?;
        let resolve = |name: &str| Import::from_symbol(name).map(|import| runtime::address(import, raise));
        let mapped = Mapped::new(&code.object, resolve).map_err(LoadError::Map)?;
        let promised =
            artifact.exports.iter().flat_map(|e| Some(&e.packed).into_iter().chain(e.c.as_ref().map(|c| &c.symbol)));
        for symbol in promised {
            if mapped.address(symbol).is_none() {
                return Err(LoadError::Missing(symbol.clone()));
            }
        }
        Ok(Arc::new(Kernel { mapped, artifact }))
    }

    pub fn artifact(&self) -> &Arc<Artifact> {
        &self.artifact
    }

    /// The packed entry of an export of this artifact. Valid as long as the kernel lives.
    pub fn packed(&self, export: &Export) -> Option<PackedFn> {
        let address = self.mapped.address(&export.packed)?;
        // SAFETY: the symbol names a function of this type: the compiler made it by the convention checked in `load`.
        Some(unsafe { std::mem::transmute::<*const u8, PackedFn>(address) })
    }

    /// The address of an export's C entry. Valid as long as the kernel lives.
    pub fn c_address(&self, export: &Export) -> Option<*const u8> {
        self.mapped.address(&export.c.as_ref()?.symbol)
    }

    /// Calls a packed entry: arguments in `slots`, results there afterwards.
    ///
    /// # Safety
    /// `entry` comes from [`Kernel::packed`] of this kernel, and `slots` is as long as the export's parameters and as
    /// its results. Pointer arguments must point to what the kernel expects there, and the writable ones must not be
    /// in use by others while it runs.
    pub unsafe fn call(&self, entry: PackedFn, slots: &mut [u64]) -> Result<(), Raised> {
        let mut context = Context::for_this_thread();
        // SAFETY: the caller vouches for entry, slots and the pointers in them; `self` keeps the code mapped.
        match unsafe { entry(&mut context, slots.as_mut_ptr()) } {
            abi::STATUS_OK => Ok(()),
            _ => Err(Raised { site: context.site, payload: context.payload }),
        }
    }

    /// Stores the host's word, which its [`RaiseFn`] finds at the token's address. False if no C entry can fail.
    pub fn set_token(&self, value: u64) -> bool {
        let Some(word) = self.mapped.writable_word(abi::TOKEN_SYMBOL) else { return false };
        // SAFETY: the word is aligned, writable, and accessed atomically by everybody.
        unsafe { AtomicU64::from_ptr(word) }.store(value, Ordering::Release);
        true
    }

    /// Makes the code stay for the rest of the process, for addresses that were given away.
    pub fn keep_forever(self: &Arc<Kernel>) {
        std::mem::forget(Arc::clone(self));
    }
}
