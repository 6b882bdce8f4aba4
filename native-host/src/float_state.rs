//! Whether the processor does arithmetic as IEEE 754 has it: a thread may have been switched to flush subnormals to
//! zero (some libraries are built with -ffast-math) or to another rounding mode, and then no kernel gives the answer
//! it promises.

/// What is wrong with the floating-point state of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatState {
    Standard,
    /// Subnormal results or operands count as zero.
    FlushesSubnormals,
    /// Results are not rounded to nearest.
    OtherRounding,
}

impl FloatState {
    /// What to tell the user, if it is not the standard state.
    pub fn fault(self) -> Option<&'static str> {
        match self {
            FloatState::Standard => None,
            FloatState::FlushesSubnormals => {
                Some("this thread flushes subnormal numbers to zero (FTZ/DAZ), so results would be wrong")
            }
            FloatState::OtherRounding => Some("this thread does not round to nearest, so results would be wrong"),
        }
    }
}

/// The state of this thread. A few nanoseconds.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn check() -> FloatState {
    let mut mxcsr = 0u32;
    // SAFETY: stmxcsr stores four bytes at the address it is given, and does nothing else.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack, preserves_flags)) };
    let (flush, zeros, rounding) = (1 << 15, 1 << 6, 3 << 13);
    if mxcsr & (flush | zeros | rounding) == 0 {
        FloatState::Standard
    } else if mxcsr & rounding != 0 {
        FloatState::OtherRounding
    } else {
        FloatState::FlushesSubnormals
    }
}

/// The state of this thread. A few nanoseconds.
#[cfg(target_arch = "aarch64")]
#[inline]
pub fn check() -> FloatState {
    let fpcr: u64;
    // SAFETY: reading FPCR has no effect.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) fpcr, options(nomem, nostack, preserves_flags)) };
    if fpcr & (3 << 22) != 0 {
        FloatState::OtherRounding
    } else if fpcr & (1 << 24) != 0 {
        FloatState::FlushesSubnormals
    } else {
        FloatState::Standard
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    fn with_mxcsr(bits: u32) -> FloatState {
        let mut saved = 0u32;
        // SAFETY: the register is restored before any arithmetic.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut saved);
            let changed = saved | bits;
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const changed);
            let state = check();
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const saved);
            state
        }
    }

    #[test]
    fn notices_changed_states() {
        assert_eq!(with_mxcsr(0), FloatState::Standard);
        assert_eq!(with_mxcsr(1 << 15), FloatState::FlushesSubnormals);
        assert_eq!(with_mxcsr(1 << 6), FloatState::FlushesSubnormals);
        assert_eq!(with_mxcsr(1 << 13), FloatState::OtherRounding);
        assert_eq!(check().fault(), None);
    }
}
