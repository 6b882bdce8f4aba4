//! `gelcap doctor`: what this installation can do on this machine, for bug reports.

use std::sync::Arc;

use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Failure, Request};
use gelcap_native_host as native;
use gelcap_wasm_host as wasm;

use crate::args::HostTarget;
use crate::input;
use crate::report::Stop;
use crate::text::out;

const KERNEL: &str = "# gelcap: export f(float)\ndef f(x):\n    return 2.0 * x\n";

pub fn run() -> Result<(), Stop> {
    out(&format!("gelcap      {}\n", env!("CARGO_PKG_VERSION")));
    out(&format!("platform    {} {}\n", std::env::consts::OS, std::env::consts::ARCH));
    let features = match native::host_target() {
        Ok(target) if target.features.is_empty() => "the baseline".to_owned(),
        Ok(target) => target.features.iter().map(|f| f.trim_start_matches("has_")).collect::<Vec<_>>().join(" "),
        Err(error) => format!("not supported: {error}"),
    };
    out(&format!("processor   {features}\n"));
    let mut sound = true;
    for (name, target) in [("native", HostTarget::Native), ("wasm", HostTarget::Wasm)] {
        let status = match double(target) {
            Ok(42.0) => "works".to_owned(),
            Ok(wrong) => format!("gives a wrong answer: {wrong}"),
            Err(error) => format!("fails: {error}"),
        };
        sound &= status == "works";
        out(&format!("{name:11} {status}\n"));
    }
    out(&format!("result      {}\n", if sound { "everything works" } else { "something is wrong, see above" }));
    if sound { Ok(()) } else { Err(Stop::Reported) }
}

/// Compiles a kernel and calls it: 42 if all is well.
fn double(target: HostTarget) -> Result<f64, String> {
    let options = Options::new(input::host_target(target).map_err(|_| "the processor is not supported")?);
    let request = Request::text("<doctor>", KERNEL.as_bytes().to_vec());
    let compiled = request::compile(&request, &options, &mut Quiet).map_err(|failure| match failure {
        Failure::Internal(error) => error.to_string(),
        Failure::Diagnostics { diagnostics, .. } => {
            diagnostics.first().map_or_else(|| "no kernel".to_owned(), |d| d.message.clone())
        }
    })?;
    let artifact = Arc::new(compiled.artifact);
    let mut slots = [21f64.to_bits()];
    match target {
        HostTarget::Native => {
            let kernel = native::Kernel::load(artifact.clone(), native::runtime::record_raise);
            let kernel = kernel.map_err(|e| e.to_string())?;
            let entry = artifact.exports.first().and_then(|export| kernel.packed(export)).ok_or("no entry")?;
            // SAFETY: the entry is this kernel's; it takes one scalar and gives one.
            unsafe { kernel.call(entry, &mut slots) }.map_err(|raised| format!("{raised:?}"))?;
        }
        HostTarget::Wasm => {
            let kernel = wasm::Kernel::load(artifact.clone()).map_err(|e| e.to_string())?;
            kernel.call_packed(0, &mut slots).map_err(|failure| failure.message(&artifact))?;
        }
    }
    Ok(f64::from_bits(slots[0]))
}
