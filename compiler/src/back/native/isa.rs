//! Settings of Cranelift, in one place: what every kernel is compiled with, and what each CPU level adds.

use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable, Flags};
use target_lexicon::Triple;

use crate::back::{CpuLevel, Machine, Target};

/// What x86-64-v2 has beyond the baseline, by Cranelift's names.
const V2: &[&str] = &["has_cmpxchg16b", "has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];

/// What x86-64-v3 adds.
const V3: &[&str] = &["has_avx", "has_avx2", "has_bmi1", "has_bmi2", "has_fma", "has_lzcnt"];

/// What x86-64-v4 adds, as far as Cranelift knows it.
const V4: &[&str] = &["has_avx512dq", "has_avx512f", "has_avx512vl"];

/// The code generator for a target. [`Target::features`] are more of Cranelift's names; for the host's own processor
/// they are all there is, and it is the host who finds them out.
pub fn build(target: &Target) -> Result<OwnedTargetIsa, String> {
    let (triple, levels): (&str, &[&[&str]]) = match target.machine {
        Machine::X86_64(CpuLevel::Host) => (X86_64, &[]),
        Machine::X86_64(CpuLevel::V2) => (X86_64, &[V2]),
        Machine::X86_64(CpuLevel::V3) => (X86_64, &[V2, V3]),
        Machine::X86_64(CpuLevel::V4) => (X86_64, &[V2, V3, V4]),
        Machine::Aarch64 => (AARCH64, &[]),
        Machine::Wasm(_) => return Err("wasm is not native code".to_string()),
    };
    let triple: Triple = triple.parse().map_err(|e| format!("{triple}: {e}"))?;
    let mut builder = isa::lookup(triple).map_err(|e| e.to_string())?;
    let features = target.features.iter().map(String::as_str);
    for name in levels.iter().copied().flatten().copied().chain(features) {
        builder.enable(name).map_err(|e| format!("{name}: {e}"))?;
    }
    builder.finish(flags()?).map_err(|e| e.to_string())
}

/// Whether this build of the compiler has a code generator for the target: those of the host's architecture and of
/// AArch64.
pub fn is_supported(target: &Target) -> bool {
    build(target).is_ok()
}

const X86_64: &str = "x86_64-unknown-linux-gnu";
const AARCH64: &str = "aarch64-unknown-linux-gnu";

fn flags() -> Result<Flags, String> {
    let mut builder = settings::builder();
    let values = [
        // One object serves the loader and the shared library.
        ("is_pic", "true"),
        ("opt_level", "speed"),
        ("unwind_info", "true"),
        // Unwind tables show the way; a callback of three instructions shall not spend four on a frame.
        ("preserve_frame_pointers", "false"),
        // Where loops are, for their alignment.
        ("machine_code_cfg_info", "true"),
        // Frames are at most abi::MAX_FRAME, and the recursion check leaves more than that.
        ("enable_probestack", "false"),
        // Internal functions may have more results than registers hold.
        ("enable_multi_ret_implicit_sret", "true"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ];
    for (name, value) in values {
        builder.set(name, value).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(Flags::new(builder))
}
