//! The processor we run on: as a target to compile for, and as the judge of code compiled elsewhere.

use cranelift_codegen::settings::{Configurable, SetResult};
use gelcap_compiler::back::{CpuLevel, Machine, Target};

/// The target of code that stays in this process: everything the processor has.
pub fn host_target() -> Result<Target, String> {
    let mut features = Features(Vec::new());
    cranelift_native::infer_native_flags(&mut features)?;
    let mut features = features.0;
    features.sort();
    let target = if cfg!(target_arch = "aarch64") { Target::aarch64() } else { Target::x86_64(CpuLevel::Host) };
    Ok(Target { features, ..target })
}

/// Collects what Cranelift would enable.
struct Features(Vec<String>);

impl Configurable for Features {
    fn set(&mut self, _: &str, _: &str) -> SetResult<()> {
        Ok(())
    }

    fn enable(&mut self, name: &str) -> SetResult<()> {
        self.0.push(name.to_string());
        Ok(())
    }
}

/// Whether this processor can run code for `machine`; if not, what it lacks.
pub(crate) fn check(machine: Machine) -> Result<(), String> {
    match machine {
        Machine::X86_64(level) => check_level(level),
        Machine::Aarch64 if cfg!(target_arch = "aarch64") => Ok(()),
        Machine::Aarch64 => Err("the AArch64 instruction set".to_string()),
        Machine::Wasm(_) => Err("WebAssembly".to_string()),
    }
}

#[cfg(target_arch = "x86_64")]
fn check_level(level: CpuLevel) -> Result<(), String> {
    let has_v2 = std::is_x86_feature_detected!("sse4.2") && std::is_x86_feature_detected!("popcnt");
    let has_v3 = has_v2
        && std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("lzcnt")
        && std::is_x86_feature_detected!("fma");
    let has_v4 = has_v3
        && std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512dq")
        && std::is_x86_feature_detected!("avx512vl");
    let (has, name) = match level {
        CpuLevel::V2 => (has_v2, "x86-64-v2 (SSE4.2, POPCNT)"),
        CpuLevel::V3 => (has_v3, "x86-64-v3 (AVX2, BMI, FMA)"),
        CpuLevel::V4 => (has_v4, "x86-64-v4 (AVX-512)"),
        CpuLevel::Host => (true, ""),
    };
    if has { Ok(()) } else { Err(name.to_string()) }
}

#[cfg(not(target_arch = "x86_64"))]
fn check_level(_: CpuLevel) -> Result<(), String> {
    Err("the x86-64 instruction set".to_string())
}
