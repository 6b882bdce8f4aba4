//! `gelcap check FILE..`: the faults of files, for people or (as JSON) for editors.

use gelcap_compiler::diag::json::to_json;
use gelcap_compiler::diag::{Diagnostic, SourceMap};
use gelcap_compiler::options::Options;
use gelcap_compiler::request::{self, Failure, Request};
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format, HostTarget};
use crate::input;
use crate::report::{Report, Stop};
use crate::text::{err, out};

pub fn run(args: &CheckArgs, report: &Report) -> Result<(), Stop> {
    let settings = input::settings(&args.compile)?;
    let options = Options::new(input::file_target(HostTarget::Native));
    let mut all = Vec::new();
    let mut failed = false;
    for path in &args.files {
        let mut request = Request::text(path.display().to_string(), input::read(path)?);
        request.settings.clone_from(&settings);
        let (diagnostics, sources) = match request::check(&request, &options) {
            Ok(checked) => {
                if checked.kernels == 0 {
                    let hint = "only the syntax was checked, as no function has a signature";
                    err(&format!("{}: {hint}\n", path.display()));
                }
                (checked.warnings, checked.sources)
            }
            Err(Failure::Diagnostics { diagnostics, sources }) => {
                failed = true;
                (diagnostics, sources)
            }
            Err(internal @ Failure::Internal(_)) => return Err(internal.into()),
        };
        show(&diagnostics, &sources, args.format, report, &mut all);
    }
    if args.format == Format::Json {
        out(&format!("{}\n", json!({ "diagnostics": all })));
    }
    if failed { Err(Stop::Reported) } else { Ok(()) }
}

fn show(diagnostics: &[Diagnostic], sources: &SourceMap, format: Format, report: &Report, all: &mut Vec<Value>) {
    match (format, to_json(diagnostics, sources)) {
        (Format::Text, _) => report.diagnostics(diagnostics, sources),
        (Format::Json, Value::Array(found)) => all.extend(found),
        (Format::Json, other) => all.push(other),
    }
}
