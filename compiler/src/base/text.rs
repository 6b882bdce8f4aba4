//! The indenting writer that all printers of this crate use.

use std::fmt::{self, Write};

const STEP: usize = 2;

/// Builds text line by line; each line starts at the current depth.
#[derive(Default)]
pub struct TextWriter {
    out: String,
    depth: usize,
}

impl TextWriter {
    pub fn new() -> Self {
        TextWriter::default()
    }

    /// One whole line.
    pub fn line(&mut self, text: impl fmt::Display) {
        let start = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', STEP * self.depth));
        let before = self.out.len();
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{text}");
        if self.out.len() == before {
            self.out.truncate(start);
        }
        self.out.push('\n');
    }

    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line that opens a nested part: what follows is one step deeper.
    pub fn open(&mut self, text: impl fmt::Display) {
        self.line(text);
        self.depth += 1;
    }

    /// What follows is one step deeper.
    pub fn indent(&mut self) {
        self.depth += 1;
    }

    /// Back one step, without a line.
    pub fn dedent(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// A line that closes the nested part.
    pub fn close(&mut self, text: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.line(text);
    }

    /// A line that closes one nested part and opens the next: `} else {`.
    pub fn reopen(&mut self, text: impl fmt::Display) {
        self.close(text);
        self.depth += 1;
    }

    pub fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::TextWriter;

    #[test]
    fn nested_lines_are_indented_and_empty_ones_are_empty() {
        let mut w = TextWriter::new();
        w.open("if {");
        w.line("a");
        w.reopen("} else {");
        w.line("");
        w.close("}");
        w.close("too many closes are harmless");
        assert_eq!(w.finish(), "if {\n  a\n} else {\n\n}\ntoo many closes are harmless\n");
    }
}
