//! All that one compilation is told. Options reach the compiler here, never through the environment.

use crate::back::Target;

/// How much the middle-end does. Every level gives the same bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OptLevel {
    /// Lowering alone.
    O0,
    /// Cheap clean-up.
    O1,
    /// Everything.
    #[default]
    O2,
}

impl OptLevel {
    pub const ALL: [OptLevel; 3] = [OptLevel::O0, OptLevel::O1, OptLevel::O2];
}

/// Options of a kernel: decorator arguments, option comments, `-X` on the command line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KernelOptions {
    /// Indices whose extent is known are checked.
    pub boundscheck: bool,
    /// Negative indices count from the end; off with bounds checks on makes them an IndexError.
    pub wraparound: bool,
    /// Python `int` arithmetic that leaves 64 bits is an OverflowError; off makes it wrap.
    pub overflow: bool,
    /// The source is not trusted: it cannot switch bounds checks off.
    pub untrusted: bool,
}

impl Default for KernelOptions {
    fn default() -> Self {
        KernelOptions { boundscheck: true, wraparound: true, overflow: true, untrusted: false }
    }
}

/// What one compilation may take. What exceeds it is refused with a diagnostic, at a moment that depends on the source
/// and the compiler alone, and not on the machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Bytes of source text.
    pub source: usize,
    /// Instructions of the IR, in all functions together: after the front-end, and whenever a pass has made more.
    pub ir: usize,
    /// Instructions that passes look at, all told; roughly, a hundred million take a second or two.
    pub work: u64,
}

impl Limits {
    /// For sources that somebody vouches for. The front-end has bounds of its own.
    pub const NONE: Limits = Limits { source: usize::MAX, ir: usize::MAX, work: u64::MAX };
}

/// Everything a compilation depends on besides its source.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Options {
    pub target: Target,
    pub opt_level: OptLevel,
    pub kernel: KernelOptions,
    pub limits: Limits,
    /// Verify the IR after every pass; on in tests and debug builds.
    pub verify_each: bool,
}

impl Options {
    pub fn new(target: Target) -> Options {
        Options {
            target,
            opt_level: OptLevel::default(),
            kernel: KernelOptions::default(),
            limits: Limits::NONE,
            verify_each: cfg!(debug_assertions),
        }
    }
}
