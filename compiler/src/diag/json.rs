//! Diagnostics as JSON for editors and the demo: plain data with lines from 1 and columns from 0, both in characters and
//! in UTF-16 units. Inner types derive no serialisation; this file alone knows the form.

use super::{Diagnostic, Label, Position, SourceMap, Span};
use serde_json::{Value, json};

/// An array with one object per diagnostic.
pub fn to_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    Value::Array(diagnostics.iter().map(|d| diagnostic(d, sources)).collect())
}

fn diagnostic(d: &Diagnostic, sources: &SourceMap) -> Value {
    let labels = |labels: &[Label]| labels.iter().map(|l| label(l, sources)).collect::<Vec<_>>();
    json!({
        "code": d.code.name(),
        "severity": d.severity.name(),
        "message": d.message,
        "primary": d.primary.as_ref().map(|l| label(l, sources)),
        "secondary": labels(&d.secondary),
        "notes": d.notes,
        "help": d.help,
        "fix": d.fix.as_ref().map(|fix| json!({ "range": range(fix.span, sources), "text": fix.text })),
    })
}

fn label(label: &Label, sources: &SourceMap) -> Value {
    json!({ "range": range(label.span, sources), "text": label.text })
}

fn range(span: Span, sources: &SourceMap) -> Value {
    let position = |p: Position| json!({ "line": p.line, "column": p.column, "utf16": p.utf16 });
    let positions = sources.positions(span);
    json!({
        "file": sources.get(span.file).map(|file| file.name()),
        "start": positions.map(|(start, _)| position(start)),
        "end": positions.map(|(_, end)| position(end)),
        "bytes": [span.start, span.end],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, SourceFile};

    #[test]
    fn has_all_that_an_editor_needs() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("k.py", "x = 1\n𝔘 y\n"));
        let span = Span::new(file, 11, 12);
        let d = Diagnostic::error(Code::SyntaxError, span, "bad").label("here").replace(span, "+ y");
        let expected = json!([{
            "code": "syntax-error", "severity": "error", "message": "bad",
            "primary": {
                "text": "here",
                "range": {
                    "file": "k.py", "bytes": [11, 12],
                    "start": { "line": 2, "column": 2, "utf16": 3 }, "end": { "line": 2, "column": 3, "utf16": 4 },
                },
            },
            "secondary": [], "notes": [], "help": null,
            "fix": {
                "text": "+ y",
                "range": {
                    "file": "k.py", "bytes": [11, 12],
                    "start": { "line": 2, "column": 2, "utf16": 3 }, "end": { "line": 2, "column": 3, "utf16": 4 },
                },
            },
        }]);
        assert_eq!(to_json(&[d], &sources), expected);
    }
}
