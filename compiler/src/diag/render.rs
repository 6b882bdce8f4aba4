//! Diagnostics as text for people: message, source excerpt with carets, notes, help.

use super::{Diagnostic, Label, Severity, SourceFile, SourceMap, Span};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;

/// How to render.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RenderOptions {
    /// Terminal colors (ANSI escapes).
    pub color: bool,
}

/// All diagnostics, one after another, with an empty line between them; each ends with a line break.
pub fn render_all(diagnostics: &[Diagnostic], sources: &SourceMap, options: RenderOptions) -> String {
    let texts: Vec<String> = diagnostics.iter().map(|d| render(d, sources, options)).collect();
    texts.join("\n")
}

/// One diagnostic; ends with a line break.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, options: RenderOptions) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.name());
    let mut group: Group<'_> = Group::with_title(title);
    for excerpt in excerpts(diagnostic, sources) {
        group = group.element(excerpt.into_snippet());
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// The lines of one file that a diagnostic shows.
struct Excerpt<'a> {
    file: &'a SourceFile,
    /// Spans are whole characters within the text.
    labels: Vec<(AnnotationKind, Span, &'a str)>,
}

/// One excerpt per file, that of the primary label first.
fn excerpts<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Excerpt<'a>> {
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label));
    let mut order = Vec::new();
    let mut by_file: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (kind, label) in primary.chain(secondary) {
        let labels = by_file.entry(label.span.file).or_default();
        if labels.is_empty() {
            order.push(label.span.file);
        }
        labels.push((kind, label));
    }
    let excerpt = |id| {
        let file = sources.get(id)?;
        let labels = by_file.remove(&id)?;
        let clamp = |(kind, label): (_, &'a Label)| (kind, file.clamp(label.span), label.text.as_str());
        Some(Excerpt { file, labels: labels.into_iter().map(clamp).collect() })
    };
    order.into_iter().filter_map(excerpt).collect()
}

impl<'a> Excerpt<'a> {
    fn into_snippet(self) -> Snippet<'a, Annotation<'a>> {
        let file = self.file;
        let lines = self.labels.iter().flat_map(|(_, span, _)| {
            // A span that ends with a line break is still on the line that it ends.
            [file.line_index(span.start), file.line_index(span.end.saturating_sub(1).max(span.start))]
        });
        let (first, last) = lines.fold((usize::MAX, 0), |(lo, hi), line| (lo.min(line), hi.max(line)));

        // A function cut out of an indented place is shown indented, so that the columns are those of the user's file.
        let indent = file.position(file.line_range(first).0).column as usize;
        let mut text = String::new();
        let mut lines = Vec::new();
        for line in first..=last {
            let (start, end) = file.line_range(line);
            lines.push((start, end, text.len() + indent));
            text.extend(std::iter::repeat_n(' ', indent));
            text.push_str(file.slice(start, end));
            text.push('\n');
        }
        let in_text = |offset: u32| {
            let index = lines.partition_point(|&(start, _, _)| start <= offset).saturating_sub(1);
            let (start, end, at) = lines[index];
            at + (offset.clamp(start, end) - start) as usize
        };
        let annotations: Vec<_> = self
            .labels
            .iter()
            .map(|&(kind, span, text)| {
                let start = in_text(span.start);
                // The end of a span that holds a line break would be on the next line, which nobody means.
                let end = if file.slice(span.start, span.end).ends_with(['\n', '\r']) {
                    in_text(span.end - 1)
                } else {
                    in_text(span.end)
                };
                kind.span(start..end.max(start)).label((!text.is_empty()).then_some(text))
            })
            .collect();
        Snippet::source(text).path(file.name()).line_start(file.first_line() as usize + first).annotations(annotations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, FileId};

    fn plain(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
        render(diagnostic, sources, RenderOptions::default())
    }

    #[test]
    fn shows_excerpt_labels_notes_and_help() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("k.py", "def f(x):\n    y = 1\n    return x + z\n"));
        let diagnostic = Diagnostic::error(Code::UndefinedName, Span::new(file, 35, 36), "`z` is not defined")
            .label("not found")
            .also(Span::new(file, 0, 9), "in this function")
            .note("names are looked up when the function is compiled")
            .help("did you mean `y`?");
        let expected = "\
error[undefined-name]: `z` is not defined
 --> k.py:3:16
  |
1 | def f(x):
  | --------- in this function
2 |     y = 1
3 |     return x + z
  |                ^ not found
  |
  = note: names are looked up when the function is compiled
  = help: did you mean `y`?
";
        assert_eq!(plain(&diagnostic, &sources), expected);
    }

    #[test]
    fn a_function_cut_from_a_file_shows_its_real_place() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("k.py", "def f(x):\n    return é+y\n").cut_from(40, 4));
        let diagnostic = Diagnostic::error(Code::UndefinedName, Span::new(file, 24, 25), "`y` is not defined");
        let expected = "\
error[undefined-name]: `y` is not defined
  --> k.py:41:18
   |
41 |         return é+y
   |                  ^
";
        assert_eq!(plain(&diagnostic, &sources), expected);
    }

    #[test]
    fn odd_spans_do_no_harm() {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("k.py", "é\r\n\tx"));
        for start in 0..10 {
            for end in 0..12 {
                let diagnostic = Diagnostic::error(Code::SyntaxError, Span::new(file, start, end), "m")
                    .also(Span::new(file, end, start), "n")
                    .also(Span::new(FileId(7), 1, 2), "no such file");
                assert!(plain(&diagnostic, &sources).starts_with("error[syntax-error]: m\n"));
            }
        }
        let nowhere = Diagnostic::error_nowhere(Code::NoFunction, "the source is empty").help("write a function");
        assert_eq!(
            plain(&nowhere, &SourceMap::new()),
            "error[no-function]: the source is empty\n |\n = help: write a function\n"
        );
    }
}
