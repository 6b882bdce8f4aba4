//! What comes from the command line and from files: sources, options, names that are almost right.

use std::path::Path;

use gelcap_compiler::back::native::isa::is_supported;
use gelcap_compiler::back::{CpuLevel, Target, WasmFlavour};
use gelcap_compiler::front::options_comment::{OptionName, OptionValue, parse_value};
use gelcap_compiler::options::OptLevel;

use crate::args::{CompileArgs, Cpu, HostTarget};
use crate::report::Stop;

/// A source file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map_err(|e| Stop::message(format!("cannot read {}: {}", path.display(), reason(&e))))
}

/// An I/O error in words, without Rust's `(os error 2)`.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}

/// The settings of `-X`.
pub fn settings(args: &CompileArgs) -> Result<Vec<(OptionName, OptionValue)>, Stop> {
    args.options.iter().map(|text| setting(text)).collect()
}

fn setting(text: &str) -> Result<(OptionName, OptionValue), Stop> {
    let (name, value) = text.split_once('=').unwrap_or((text, "True"));
    let (name, value) = (name.trim(), value.trim());
    let Some(option) = OptionName::from_name(name) else {
        let names = OptionName::ALL.map(OptionName::name);
        let hint = match nearest(name, names.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        return Err(Stop::Usage(format!("-X: there is no option `{name}`; {hint}")));
    };
    match parse_value(option, value) {
        Some(value) => Ok((option, value)),
        None => Err(Stop::Usage(format!("-X: `{value}` is no value of `{name}`"))),
    }
}

pub fn opt_level(args: &CompileArgs) -> OptLevel {
    match args.opt_level.as_str() {
        "0" => OptLevel::O0,
        "1" => OptLevel::O1,
        _ => OptLevel::O2,
    }
}

/// The name that differs least, if it differs little.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    gelcap_compiler::request::nearest(name, names)
}

/// A target whose code runs in this process.
pub fn host_target(target: HostTarget) -> Result<Target, Stop> {
    match target {
        HostTarget::Native => gelcap_native_host::host_target()
            .map_err(|e| Stop::message(format!("this processor is not supported: {e}"))),
        HostTarget::Wasm => Ok(file_target(target)),
    }
}

/// A target whose code is for other machines too.
pub fn file_target(target: HostTarget) -> Target {
    match target {
        HostTarget::Native if cfg!(target_arch = "aarch64") => Target::aarch64(),
        HostTarget::Native => Target::x86_64(CpuLevel::V2),
        HostTarget::Wasm => Target::wasm(WasmFlavour::ImportedMemory),
    }
}

/// What `--cpu` asks for; without it, any processor of this machine's architecture.
pub fn cpu_target(cpu: Option<Cpu>) -> Result<Target, Stop> {
    let target = match cpu {
        None => file_target(HostTarget::Native),
        Some(Cpu::V2) => Target::x86_64(CpuLevel::V2),
        Some(Cpu::V3) => Target::x86_64(CpuLevel::V3),
        Some(Cpu::V4) => Target::x86_64(CpuLevel::V4),
        Some(Cpu::Aarch64) => Target::aarch64(),
    };
    if is_supported(&target) {
        return Ok(target);
    }
    let arch = std::env::consts::ARCH;
    Err(Stop::Usage(format!("--cpu: this build of gelcap makes no native code but for {arch} and aarch64")))
}
