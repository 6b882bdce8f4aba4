//! Where a function starts relative to a cache line, so that its innermost loops lie well.
//!
//! A loop of a few instructions whose code crosses one line more than it must is slower by a third: a processor takes
//! in a line of code at a time. Cranelift aligns no loops, so the whole function is shifted instead, by the distance
//! that suits most of them. The distances go with the object in a section of their own, one byte per function, which
//! [`super::image`] obeys; other linkers need not know of it.

use cranelift_codegen::CompiledCode;

/// The name of the section that holds the distances.
pub const SECTION: &str = ".gelcap.shift";
/// Bytes of a cache line: functions are aligned to it, then shifted by less than it.
pub const LINE: u64 = 64;
/// Larger loops do not care.
const LARGE: u64 = 4 * LINE;

/// The distance for a function; 0 if it has no small loop.
pub fn shift(code: &CompiledCode) -> u8 {
    let size = code.buffer.data().len() as u64;
    let end = |from: u32| code.bb_starts.iter().copied().filter(|&s| s > from).min().map_or(size, u64::from);
    let loops: Vec<(u64, u64)> =
        code.bb_edges.iter().filter(|(from, to)| to <= from).map(|&(from, to)| (u64::from(to), end(from))).collect();
    let innermost = |l: &(u64, u64)| !loops.iter().any(|inner| inner != l && l.0 <= inner.0 && inner.1 <= l.1);
    let small: Vec<(u64, u64)> = loops.iter().filter(|l| innermost(l) && l.1 - l.0 <= LARGE).copied().collect();
    if small.is_empty() {
        return 0;
    }
    let lines = |start: u64, end: u64, line: u64| (end - 1) / line - start / line;
    let cost = |shift: u64| -> u64 {
        // Some processors take in half a line.
        small.iter().map(|&(s, e)| 2 * lines(s + shift, e + shift, LINE) + lines(s + shift, e + shift, LINE / 2)).sum()
    };
    // The code's own demand is kept: constants lie behind it, and x86 without AVX faults on vectors that are not aligned.
    // Instructions of some targets are aligned to 4.
    let step = code.buffer.alignment.max(4) as usize;
    (0..LINE).step_by(step).min_by_key(|&s| cost(s)).unwrap_or(0) as u8
}
