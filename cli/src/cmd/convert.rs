//! `gelcap check --from cython [--fix] FILE..`: a Cython file line by line, and rewritten as Python.
//!
//! A file that exists is never overwritten: the rewritten one goes beside the source, to a name given, or to stdout.

use std::io::Read;
use std::path::{Path, PathBuf};

use gelcap_compiler::diag::{Diagnostic, Severity, Sink, SourceMap};
use gelcap_compiler::front::decode;
use gelcap_compiler::front::lexical::cython::{Rewritten, rewrite};

use crate::args::{CheckArgs, Dialect};
use crate::input;
use crate::report::{Report, Stop};
use crate::text::{count, err, out};

/// The language of a file: as the command line says, or as its name does.
pub fn is_cython(args: &CheckArgs, path: &Path) -> bool {
    match args.from {
        Some(dialect) => dialect == Dialect::Cython,
        None => path.extension().is_some_and(|extension| extension == "pyx" || extension == "pxi"),
    }
}

/// What came of a file.
pub struct Converted {
    /// Findings, for those who ask for data.
    pub diagnostics: Vec<Diagnostic>,
    pub sources: SourceMap,
    /// The Python file that was written; `None` if none was asked for, or it went to stdout.
    pub written: Option<PathBuf>,
    /// Something is left to do.
    pub failed: bool,
}

/// Finds Cython's syntax in a file, and writes the Python file if `--fix` asks for it.
pub fn run(path: &Path, args: &CheckArgs, report: &Report) -> Result<Converted, Stop> {
    let bytes = if is_stdin(path) { stdin()? } else { input::read(path)? };
    let mut sources = SourceMap::new();
    let source = match decode(&path.display().to_string(), &bytes) {
        Ok(source) => source,
        Err(fault) => return Ok(Converted { diagnostics: vec![*fault], sources, written: None, failed: true }),
    };
    let file = sources.add(source);
    let text = sources.get(file).map(|source| source.text().to_owned()).unwrap_or_default();
    let mut sink = Sink::new();
    let Some(rewritten) = rewrite(&text, file, &mut sink) else {
        return Ok(Converted { diagnostics: sink.finish(), sources, written: None, failed: true });
    };
    if !args.fix {
        let failed = !rewritten.diagnostics.is_empty();
        return Ok(Converted { diagnostics: rewritten.diagnostics, sources, written: None, failed });
    }
    let written = write(path, args, &rewritten)?;
    let open = rewritten.open;
    let diagnostics = remaining(rewritten.diagnostics);
    if args.format == crate::args::Format::Text {
        report.diagnostics(&diagnostics, &sources);
    }
    Ok(Converted { diagnostics: Vec::new(), sources, written, failed: open > 0 })
}

/// What the author of a rewritten file must look at: lines that stay as they are, and those that mean something else.
fn remaining(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let keep = |mut d: Diagnostic| match (d.fix.is_some(), d.notes.is_empty()) {
        (false, _) => Some(d),
        (true, true) => None,
        (true, false) => {
            d.severity = Severity::Warning;
            Some(d)
        }
    };
    diagnostics.into_iter().filter_map(keep).collect()
}

fn write(path: &Path, args: &CheckArgs, rewritten: &Rewritten) -> Result<Option<PathBuf>, Stop> {
    let changed = count(rewritten.diagnostics.len() - rewritten.open, "line");
    let to = match &args.output {
        Some(output) => output.clone(),
        None if is_stdin(path) => PathBuf::from("-"),
        None => path.with_extension("py"),
    };
    let left = if rewritten.open == 0 { String::new() } else { format!(", {} left to you", rewritten.open) };
    if is_stdin(&to) {
        out(&rewritten.text);
        err(&format!("{}: {changed} rewritten{left}\n", path.display()));
        return Ok(None);
    }
    let failed = |e: &std::io::Error| Stop::message(format!("cannot write {}: {}", to.display(), input::reason(e)));
    // Made new, so that nothing that appears meanwhile is overwritten either.
    let mut made = match std::fs::File::create_new(&to) {
        Ok(made) => made,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let help = "remove it, or name another file with `-o` (`-o -` is stdout)";
            return Err(Stop::with_help(format!("{} exists and is not overwritten", to.display()), help));
        }
        Err(e) => return Err(failed(&e)),
    };
    std::io::Write::write_all(&mut made, rewritten.text.as_bytes()).map_err(|e| failed(&e))?;
    err(&format!("{}: {changed} rewritten to {}{left}\n", path.display(), to.display()));
    Ok(Some(to))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn stdin() -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().read_to_end(&mut bytes);
    read.map_err(|e| Stop::message(format!("cannot read the standard input: {}", input::reason(&e))))?;
    Ok(bytes)
}
