//! How deep a source may be nested, and the counting.
//!
//! The depth of an expression is what its tree would have, or a little more: each bracket, prefix, operator of a chain,
//! conditional, attribute and call is a level. Chains of `and`, `or` and comparisons are flat in the tree, but become
//! nested branches in the IR, so they count too. Commas and line ends begin anew, and a bracket is as deep as its deepest
//! part.

use crate::diag::{Code, Diagnostic, Span};

/// Open brackets at one place; CPython has the same limit.
pub const MAX_BRACKETS: usize = 200;
/// Levels of indentation; CPython has the same limit.
pub const MAX_INDENT: usize = 100;
/// `elif` branches of the statements around one place, all together.
pub const MAX_ELIF: usize = 200;
/// Levels of an expression.
pub const MAX_DEPTH: u32 = 200;

/// The expression under way inside one bracket, or outside all.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// Conditionals, lambdas, `and`, `or`, comparisons since the last comma.
    branches: u32,
    /// Other operators, since the last of the former.
    operators: u32,
    /// The deepest bracket among those operators.
    inner: u32,
    /// The deepest part between two branches so far.
    part: u32,
    /// The deepest item between two commas so far.
    item: u32,
}

impl Frame {
    fn depth(&self) -> u32 {
        self.item.max(self.branches + self.part.max(self.operators + self.inner))
    }
}

/// Counts the depth of expressions as the tokens come.
#[derive(Default)]
pub struct Depth {
    frames: Vec<Frame>,
    current: Frame,
}

impl Depth {
    /// A prefix, a binary operator, an attribute, a call or an index.
    pub fn operator(&mut self) {
        self.current.operators += 1;
    }

    /// `and`, `or`, a comparison, `if`, `else`, `lambda`.
    pub fn branch(&mut self) {
        let frame = &mut self.current;
        frame.part = frame.part.max(frame.operators + frame.inner);
        (frame.operators, frame.inner) = (0, 0);
        frame.branches += 1;
    }

    /// A comma, an assignment, or the end of a statement.
    pub fn separator(&mut self) {
        self.current = Frame { item: self.current.depth(), ..Frame::default() };
    }

    /// The end of a line: nothing of it matters to the next.
    pub fn reset(&mut self) {
        *self = Depth::default();
    }

    pub fn open(&mut self) {
        self.frames.push(std::mem::take(&mut self.current));
    }

    pub fn close(&mut self) {
        let depth = self.current.depth() + 1;
        self.current = self.frames.pop().unwrap_or_default();
        self.current.inner = self.current.inner.max(depth);
    }

    /// Whether the innermost bracket holds too much.
    pub fn exceeded(&self) -> bool {
        self.current.depth() > MAX_DEPTH
    }
}

pub fn too_many_brackets(span: Span) -> Diagnostic {
    let message = format!("brackets are nested more than {MAX_BRACKETS} deep");
    Diagnostic::error(Code::NestingTooDeep, span, message).help("give the inner parts names of their own")
}

pub fn too_deep(span: Span) -> Diagnostic {
    let message = format!("this expression is nested too deeply or has too many operators (the limit is {MAX_DEPTH})");
    Diagnostic::error(Code::NestingTooDeep, span, message)
        .label("too many operators up to here")
        .help("split it: give parts of it names, or use a loop")
}

pub fn too_much_indentation(span: Span) -> Diagnostic {
    let message = format!("blocks are nested more than {MAX_INDENT} deep");
    Diagnostic::error(Code::NestingTooDeep, span, message).help("move the inner blocks into functions")
}

pub fn too_many_elif(span: Span) -> Diagnostic {
    let message = format!("there are more than {MAX_ELIF} `elif` branches around this place");
    Diagnostic::error(Code::NestingTooDeep, span, message).help("use an array as a table, or several functions")
}
