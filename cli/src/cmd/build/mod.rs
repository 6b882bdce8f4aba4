//! `gelcap build FILE..`: extension modules that Python imports, with stubs; headers, objects and wasm on request.
//!
//! Everything is compiled before anything is written, and each file appears whole or not at all.

mod output;

use std::path::{Path, PathBuf};

use gelcap_compiler::artifact::{Code, Export};
use gelcap_compiler::back::Target;
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Request};

use crate::args::{BuildArgs, HostTarget};
use crate::input;
use crate::report::{Report, Stop};
use crate::text::{err, out};
use output::Outputs;

pub fn run(args: &BuildArgs, report: &Report) -> Result<(), Stop> {
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from("."));
    let target = input::cpu_target(args.cpu)?;
    let mut outputs = Outputs::new(folder);
    let mut failed = false;
    for path in &args.files {
        match compile(path, args, &target, report, &mut outputs) {
            Ok(()) => {}
            Err(stop @ Stop::Usage(_)) => return Err(stop),
            Err(stop) => {
                // The faults of all files are shown at once.
                report.stop(&stop);
                failed = true;
            }
        }
    }
    if failed {
        return Err(Stop::Reported);
    }
    for line in outputs.write()? {
        out(&line);
    }
    Ok(())
}

fn compile(path: &Path, args: &BuildArgs, target: &Target, report: &Report, outputs: &mut Outputs) -> Result<(), Stop> {
    let name = module_name(path)?;
    let mut request = Request::text(path.display().to_string(), input::read(path)?).exports();
    request.settings = input::settings(&args.compile)?;
    let mut options = Options::new(target.clone());
    options.opt_level = input::opt_level(&args.compile);
    let built = request::extension(&request, &options, &name, &mut Quiet)?;
    report.diagnostics(&built.warnings, &built.sources);
    let summary: Vec<String> = built.exports.iter().map(described).collect();
    outputs.add(&format!("{name}.abi3.so"), built.built.library, &summary.join(", "))?;
    outputs.add(&format!("{name}.pyi"), built.built.stub.into(), "")?;
    if args.header && built.exports.iter().any(|export| export.c.is_some()) {
        outputs.add(&format!("{name}.h"), built.built.header.into(), "")?;
    } else if args.header {
        err(&format!("{}: no header, as no function is exported as a capsule\n", path.display()));
    }
    if args.object {
        let compiled = request::compile(&request, &options, &mut Quiet)?;
        outputs.add(&format!("{name}.o"), bytes(compiled.artifact.code), "")?;
    }
    if args.wasm {
        let options = Options { target: input::file_target(HostTarget::Wasm), ..options };
        let compiled = request::compile(&request, &options, &mut Quiet)?;
        outputs.add(&format!("{name}.wasm"), bytes(compiled.artifact.code), "")?;
    }
    Ok(())
}

fn bytes(code: Code) -> Vec<u8> {
    match code {
        Code::Native(native) => native.object,
        Code::Wasm(bytes) => bytes,
    }
}

/// What Python will import the file as.
fn module_name(path: &Path) -> Result<String, Stop> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let mut chars = stem.chars();
    let sound = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if sound {
        return Ok(stem.to_owned());
    }
    let fixed: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let message = format!("{}: `{stem}` cannot be the name of an extension module", path.display());
    Err(Stop::with_help(message, format!("rename the file to letters, digits and underscores, such as m_{fixed}.py")))
}

/// An export in the list that the command prints.
fn described(export: &Export) -> String {
    match export.c.as_ref().and_then(|c| c.capsule.as_ref()) {
        Some(capsule) => format!("{} (capsule \"{capsule}\")", export.name),
        None => {
            let params: Vec<&str> = export.params.iter().map(|p| p.name.as_str()).collect();
            format!("{}({})", export.name, params.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_modules_are_names_of_files() {
        assert_eq!(module_name(Path::new("a/testlib.py")).ok().as_deref(), Some("testlib"));
        for bad in ["a/my-kernels.py", "1a.py", "é.py", ".py", ""] {
            assert!(matches!(module_name(Path::new(bad)), Err(Stop::Message { .. })) || bad == ".py", "{bad}");
        }
    }
}
