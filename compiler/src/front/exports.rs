//! Exports in comments, in Pythran's notation: `#pythran export f(int, float64[:,:])`, `# gelcap: export capsule g(int32)`.
//!
//! A comment may export several functions, separated by commas, and go on over the next comment lines while a bracket is
//! open, after a comma, or after a backslash. Several exports of one function are its overloads.

use super::lexical::Comment;
use super::signature::{self, DataModel, Signature};
use super::syntax::{Function, Ident, Module, ParamKind};
use crate::diag::{Code, Diagnostic, Sink, SourceFile, SourceMap, Span};
use std::collections::BTreeMap;

/// One exported name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    pub name: Ident,
    pub capsule: bool,
    /// One signature, or several where a parameter has alternatives (`A or B`); none for `export f` without parentheses.
    pub signatures: Vec<Signature>,
    pub span: Span,
}

/// Reads all export comments of a text.
pub fn read(
    sources: &SourceMap,
    comments: &[Comment],
    module: &Module,
    model: DataModel,
    sink: &mut Sink,
) -> Vec<Export> {
    let mut exports = Vec::new();
    let mut index = 0;
    while let Some(first) = comments.get(index) {
        index += 1;
        let Some(source) = sources.get(first.span.file) else { continue };
        let Some(start) = export_start(sources.text(first.span)) else { continue };
        let mut text = Blanked::new(source, first, start);
        while text.goes_on()
            && let Some(next) = comments.get(index)
            && text.is_next_line(next)
            && export_start(sources.text(next.span)).is_none()
        {
            text.add(next);
            index += 1;
        }
        match signature::parse_exports(&text.finish(), first.span.file, text.offset, model) {
            Ok(found) => exports.extend(found),
            Err(found) => found.into_iter().for_each(|diagnostic| sink.push(diagnostic)),
        }
    }
    check(&exports, module, sink);
    exports
}

/// Where the exports begin in a comment, if it is one that exports.
fn export_start(comment: &str) -> Option<usize> {
    let body = comment.trim_start_matches('#').trim_start();
    let rest = match body.strip_prefix("pythran") {
        Some(rest) => rest.strip_prefix([' ', '\t'])?,
        None => body.strip_prefix("gelcap:")?,
    };
    let rest = rest.trim_start().strip_prefix("export")?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\\'])).then_some(comment.len() - rest.len())
}

/// The text of an export over several lines, with everything that is not part of it made blank, so that a byte of it is
/// still at its place in the file.
struct Blanked<'a> {
    source: &'a SourceFile,
    offset: u32,
    text: String,
    /// Brackets that are open at its end.
    depth: i32,
    last_line: usize,
}

impl<'a> Blanked<'a> {
    fn new(source: &'a SourceFile, first: &Comment, start: usize) -> Blanked<'a> {
        let offset = first.span.start + start as u32;
        let text = source.slice(offset, first.span.end).to_owned();
        Blanked { source, offset, depth: depth(&text), text, last_line: source.line_index(first.span.start) }
    }

    /// Whether the text cannot end here.
    fn goes_on(&self) -> bool {
        let end = self.text.trim_end();
        self.depth > 0 || end.ends_with([',', '\\']) || end.is_empty()
    }

    fn is_next_line(&self, comment: &Comment) -> bool {
        comment.own_line && self.source.line_index(comment.span.start) == self.last_line + 1
    }

    fn add(&mut self, comment: &Comment) {
        if self.text.trim_end().ends_with('\\') {
            let end = self.text.trim_end().len();
            self.text.replace_range(end - 1..end, " ");
        }
        let hashes = self.source.slice(comment.span.start, comment.span.end);
        let marks = hashes.len() - hashes.trim_start_matches('#').len();
        let body = comment.span.start + marks as u32;
        let blanks = (body - self.offset) as usize - self.text.len();
        self.text.extend(std::iter::repeat_n(' ', blanks));
        let added = self.source.slice(body, comment.span.end);
        self.depth += depth(added);
        self.text.push_str(added);
        self.last_line += 1;
    }

    fn finish(&self) -> String {
        match self.text.trim_end().strip_suffix('\\') {
            Some(text) => format!("{text} "),
            None => self.text.clone(),
        }
    }
}

/// Brackets that a text opens and does not close.
fn depth(text: &str) -> i32 {
    text.bytes().map(|b| i32::from(matches!(b, b'(' | b'[')) - i32::from(matches!(b, b')' | b']'))).sum()
}

/// Exports must name functions of the file, with as many parameters as they have, and capsules have no overloads.
fn check(exports: &[Export], module: &Module, sink: &mut Sink) {
    let functions: BTreeMap<&str, &Function> = module.functions().map(|f| (f.name.text.as_str(), f)).collect();
    let mut seen: BTreeMap<&str, &Export> = BTreeMap::new();
    for export in exports {
        let name = export.name.text.as_str();
        let earlier = seen.get(name).copied();
        seen.entry(name).or_insert(export);
        let Some(function) = functions.get(name) else {
            // A file that does not parse has no functions; its syntax errors say enough.
            if !sink.has_errors() && !module.body.is_empty() {
                let message = format!("the file exports `{name}`, but defines no such function");
                let help = match nearest(name, module) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "define it at the top level of the file".to_owned(),
                };
                sink.push(Diagnostic::error(Code::ExportUnknown, export.name.span, message).help(help));
            }
            continue;
        };
        if let Some(earlier) = earlier
            && (export.capsule || earlier.capsule)
        {
            let message = format!("`{name}` is exported as a capsule and has more than one signature");
            let diagnostic = Diagnostic::error(Code::CapsuleOverload, export.name.span, message)
                .also(earlier.name.span, "exported here too")
                .note("a capsule holds one C function, and C functions have no overloads")
                .help("export one signature as a capsule, and give the others functions of their own");
            sink.push(diagnostic);
        }
        if export.capsule && export.signatures.len() > 1 {
            let message = format!("`{name}` is exported as a capsule, but its signature has alternatives");
            let diagnostic = Diagnostic::error(Code::CapsuleOverload, export.span, message)
                .note("a capsule holds one C function, and C functions have no overloads")
                .help("choose one type for each parameter");
            sink.push(diagnostic);
        }
        let (least, most) = arity(function);
        for signature in &export.signatures {
            let given = signature.params.len();
            if given < least || given > most {
                let takes = if least == most { most.to_string() } else { format!("{least} to {most}") };
                let message = format!("`{name}` takes {takes} parameters, and its export lists {given}");
                let diagnostic = Diagnostic::error(Code::SignatureMismatch, export.span, message)
                    .also(function.header, "defined here")
                    .help("list one type for each parameter");
                sink.push(diagnostic);
                break;
            }
        }
    }
}

/// How many positional arguments a function takes, at least and at most.
fn arity(function: &Function) -> (usize, usize) {
    let positional =
        || function.params.list.iter().filter(|p| matches!(p.kind, ParamKind::PositionalOnly | ParamKind::Normal));
    let unlimited = function.params.list.iter().any(|p| p.kind == ParamKind::VarArgs);
    let most = if unlimited { usize::MAX } else { positional().count() };
    (positional().filter(|p| p.default.is_none()).count(), most)
}

/// The function whose name differs least, if it differs little.
fn nearest<'a>(name: &str, module: &'a Module) -> Option<&'a str> {
    // A file with more functions is looked through no further.
    let names = module.functions().take(200).map(|function| function.name.text.as_str());
    names
        .map(|other| (distance(name, other), other))
        .filter(|(d, _)| *d <= 1 + name.len() / 4)
        .min()
        .map(|(_, other)| other)
}

/// Edits between two names: characters inserted, removed, replaced, or swapped with their neighbour.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests;
