//! Places in source text. Spans are byte ranges; lines and columns are made at the edge, here and nowhere else.

/// A source file of one compilation, by its index in [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileId(pub u32);

/// A range of bytes `start..end` in a source file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Span { file, start, end }
    }

    /// The smallest span that holds both; they must be in one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A place as people count it: line from 1, columns from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position {
    /// Line in the user's file, from 1; counts the lines above the text when it was cut out of a larger file.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 0: what Python counts.
    pub column: u32,
    /// Column in UTF-16 code units, from 0: what editors count.
    pub utf16: u32,
    /// Column in bytes of UTF-8, from 0: what CPython's code objects hold.
    pub utf8: u32,
}

/// One text that was compiled: a file, a notebook cell, a function cut out of one, or a signature string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    first_line: u32,
    indent: u32,
    line_starts: Vec<u32>,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceFile {
        let text = text.into();
        let line_starts = line_starts(&text);
        SourceFile { name: name.into(), text, first_line: 1, indent: 0, line_starts }
    }

    /// Says where in the user's file this text was cut out: the number of its first line (from 1), and how many
    /// columns of indentation were taken off every line.
    pub fn cut_from(mut self, first_line: u32, indent: u32) -> SourceFile {
        self.first_line = first_line.max(1);
        self.indent = indent;
        self
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number, in the user's file, of this text's first line.
    pub fn first_line(&self) -> u32 {
        self.first_line
    }

    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Index (from 0) of the line of this text that holds the byte at `offset`.
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Byte range of a line of this text, by its index from 0, without its line break.
    pub fn line_range(&self, index: usize) -> (u32, u32) {
        let end_of_text = self.text.len() as u32;
        let start = self.line_starts.get(index).copied().unwrap_or(end_of_text);
        let end = self.line_starts.get(index + 1).copied().unwrap_or(end_of_text);
        let line = self.slice(start, end);
        (start, start + line.trim_end_matches(['\n', '\r']).len() as u32)
    }

    /// The line that holds the byte at `offset`, without its line break.
    pub fn line_text(&self, offset: u32) -> &str {
        let (start, end) = self.line_range(self.line_index(offset));
        self.slice(start, end)
    }

    /// The text of a byte range; ends that fall inside a character or outside the text are moved down.
    pub fn slice(&self, start: u32, end: u32) -> &str {
        let start = self.floor(start);
        let end = self.floor(end).max(start);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// The span as whole characters within this text, so that nothing downstream meets a cut character.
    pub fn clamp(&self, span: Span) -> Span {
        let start = self.floor(span.start);
        let mut end = (span.end as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span { file: span.file, start, end: (end as u32).max(start) }
    }

    /// The largest character boundary that is not beyond `offset`.
    fn floor(&self, offset: u32) -> u32 {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset as u32
    }

    /// Line and columns of a byte, in the user's file.
    pub fn position(&self, offset: u32) -> Position {
        let offset = self.floor(offset);
        let index = self.line_index(offset);
        let (start, _) = self.line_range(index);
        let before = self.slice(start, offset);
        Position {
            line: self.first_line + index as u32,
            column: self.indent + before.chars().count() as u32,
            utf16: self.indent + before.chars().map(char::len_utf16).sum::<usize>() as u32,
            utf8: self.indent + before.len() as u32,
        }
    }
}

/// Where lines begin. Python ends a line at `\n`, `\r\n` and `\r`.
fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (i, &byte) in bytes.iter().enumerate() {
        let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
        if ends_line {
            starts.push(i as u32 + 1);
        }
    }
    starts
}

/// All texts of one compilation. It travels with the diagnostics, so that rendering never reads a file again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, file)| (FileId(i as u32), file))
    }

    /// The text under a span; empty if the span names no file of this map.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |file| file.slice(span.start, span.end))
    }

    /// Start and end of a span as lines and columns.
    pub fn positions(&self, span: Span) -> Option<(Position, Position)> {
        let file = self.get(span.file)?;
        Some((file.position(span.start), file.position(span.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_and_code_units() {
        let file = SourceFile::new("a.py", "x = 1\r\né𝔘 = y\rz");
        assert_eq!(file.line_count(), 3);
        let y = file.text().find('y').unwrap() as u32;
        assert_eq!(file.position(y), Position { line: 2, column: 5, utf16: 6, utf8: 9 });
        assert_eq!(file.line_text(y), "é𝔘 = y");
        assert_eq!(file.position(1000).line, 3);
    }

    #[test]
    fn a_text_cut_out_of_a_file_keeps_its_lines_and_columns() {
        let file = SourceFile::new("a.py", "def f():\n    return 1").cut_from(40, 4);
        assert_eq!(file.position(13), Position { line: 41, column: 8, utf16: 8, utf8: 8 });
    }

    #[test]
    fn offsets_inside_a_character_are_moved_down() {
        let file = SourceFile::new("a.py", "é");
        assert_eq!(file.slice(1, 2), "é");
        assert_eq!(file.position(1).column, 0);
    }
}
