//! Diagnostics as JSON for editors and the demo: plain data with lines from 1 and columns from 0, both in characters and
//! in UTF-16 units; the primary label comes first. Inner types derive no serialisation; this file alone knows the form.

use super::{Diagnostic, Label, Position, SourceMap, Span};
use serde_json::{Value, json};

/// An array with one object per diagnostic.
pub fn to_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    Value::Array(diagnostics.iter().map(|d| diagnostic(d, sources)).collect())
}

fn diagnostic(d: &Diagnostic, sources: &SourceMap) -> Value {
    let primary = d.primary.iter().map(|l| label(l, true, sources));
    let labels: Vec<Value> = primary.chain(d.secondary.iter().map(|l| label(l, false, sources))).collect();
    json!({
        "code": d.code.name(),
        "severity": d.severity.name(),
        "message": d.message,
        "labels": labels,
        "notes": d.notes,
        "help": d.help,
        "fix": d.fix.as_ref().map(|fix| {
            let mut range = range(fix.span, sources);
            range["text"] = json!(fix.text);
            range
        }),
    })
}

fn label(label: &Label, primary: bool, sources: &SourceMap) -> Value {
    let mut value = range(label.span, sources);
    value["text"] = json!(label.text);
    value["primary"] = json!(primary);
    value
}

/// A place as lines, columns and bytes.
pub fn range(span: Span, sources: &SourceMap) -> Value {
    let (start, end) = sources.positions(span).unwrap_or_default();
    let Position { line, column, utf16, utf8: _ } = start;
    json!({
        "file": sources.get(span.file).map(|file| file.name()),
        "line": line, "column": column, "utf16": utf16,
        "end_line": end.line, "end_column": end.column, "end_utf16": end.utf16,
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
            "labels": [{
                "file": "k.py", "line": 2, "column": 2, "utf16": 3, "end_line": 2, "end_column": 3, "end_utf16": 4,
                "bytes": [11, 12], "text": "here", "primary": true,
            }],
            "notes": [], "help": null,
            "fix": {
                "file": "k.py", "line": 2, "column": 2, "utf16": 3, "end_line": 2, "end_column": 3, "end_utf16": 4,
                "bytes": [11, 12], "text": "+ y",
            },
        }]);
        assert_eq!(to_json(&[d], &sources), expected);
    }
}
