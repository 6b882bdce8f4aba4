//! What Python's `SyntaxError` carries, so that the interpreter itself shows the line and the carets.

use super::{Diagnostic, SourceMap};

/// The attributes of a `SyntaxError`. Lines and offsets count from 1, offsets in characters, as CPython does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxErrorData {
    pub message: String,
    pub filename: Option<String>,
    pub lineno: Option<u32>,
    pub offset: Option<u32>,
    /// The source line, with its indentation.
    pub text: Option<String>,
    pub end_lineno: Option<u32>,
    pub end_offset: Option<u32>,
}

impl SyntaxErrorData {
    pub fn new(diagnostic: &Diagnostic, sources: &SourceMap) -> SyntaxErrorData {
        let mut data = SyntaxErrorData {
            message: diagnostic.message.clone(),
            filename: None,
            lineno: None,
            offset: None,
            text: None,
            end_lineno: None,
            end_offset: None,
        };
        let Some(span) = diagnostic.span() else { return data };
        let (Some(file), Some((start, end))) = (sources.get(span.file), sources.positions(span)) else { return data };
        let (line_start, _) = file.line_range(file.line_index(span.start));
        let indent = " ".repeat(file.position(line_start).column as usize);
        data.filename = Some(file.name().to_owned());
        data.lineno = Some(start.line);
        data.offset = Some(start.column + 1);
        data.text = Some(indent + file.line_text(span.start) + "\n");
        data.end_lineno = Some(end.line);
        data.end_offset = Some(end.column + 1);
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, SourceFile, Span};

    #[test]
    fn offsets_count_characters_from_one() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("k.py", "def f():\n    é = $\n").cut_from(10, 2));
        let at = "def f():\n    é = ".len() as u32;
        let data =
            SyntaxErrorData::new(&Diagnostic::error(Code::SyntaxError, Span::new(file, at, at + 1), "m"), &sources);
        assert_eq!((data.lineno, data.offset, data.end_offset), (Some(11), Some(11), Some(12)));
        assert_eq!(data.text.as_deref(), Some("      é = $\n"));
        let nowhere = SyntaxErrorData::new(&Diagnostic::error_nowhere(Code::NoFunction, "m"), &sources);
        assert_eq!((nowhere.lineno, nowhere.filename), (None, None));
    }
}
