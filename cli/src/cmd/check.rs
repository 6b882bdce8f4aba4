//! `gelcap check FILE..`: the faults of files, for people or (as JSON) for editors. Cython files go through
//! [`super::convert`] first.

use gelcap_compiler::diag::json::to_json;
use gelcap_compiler::diag::{Diagnostic, SourceMap};
use gelcap_compiler::options::Options;
use gelcap_compiler::request::{self, Failure, Request};
use serde_json::{Value, json};

use super::convert;
use crate::args::{CheckArgs, Format, HostTarget};
use crate::input;
use crate::report::{Report, Stop};
use crate::text::{err, out};

pub fn run(args: &CheckArgs, report: &Report) -> Result<(), Stop> {
    let settings = input::settings(&args.compile)?;
    let options = Options::new(input::file_target(HostTarget::Native));
    let mut all = Vec::new();
    let mut failed = false;
    if args.output.is_some() && args.files.len() > 1 {
        return Err(Stop::Usage("-o names one file, and several are given".into()));
    }
    for path in &args.files {
        let mut path = path.clone();
        if convert::is_cython(args, &path) {
            let converted = convert::run(&path, args, report)?;
            failed |= converted.failed;
            show(&converted.diagnostics, &converted.sources, args.format, report, &mut all);
            match converted.written {
                Some(written) => path = written,
                None => {
                    if converted.failed && !args.fix && args.format == Format::Text {
                        err(&format!("`gelcap check --from cython --fix {}` writes it as Python\n", path.display()));
                    }
                    continue;
                }
            }
        } else if args.fix {
            return Err(Stop::Usage(format!("--fix rewrites Cython: say `--from cython` if {} is", path.display())));
        }
        let mut request = Request::text(path.display().to_string(), input::read(&path)?);
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
