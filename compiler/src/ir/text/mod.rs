//! The text form of the IR, as [`super::print`] writes it and [`parse`] reads it back.
//!
//! ```text
//! level loop                                       ; array, loop (the default) or machine
//! loc #0 = file 0 10..24 in "f"                    ; and `inlined at #1`
//! site !0 = ZeroDivisionError "division by zero" at #0
//! data $coefficients: f64 [1.0, 0.5]
//!
//! export fn @f(%n: i64, %x: ptr) -> f64 {          ; `packed fn`, `c fn`: other entries; `cold fn`
//!   alias &x                                       ; beside &any, &table, &frame; `constant` may follow
//!   %zero = i64 0                                  ; a constant: its type, its value
//!   %one = i64 1
//!   %s0 = f64 0.0
//!   %sum = for ^outer %i = %zero to %n step %one, %s: f64 = %s0 {
//!     %v = load f64 &x [%x + %i * 8]               ; base + index * scale + offset; no class means &any
//!     %neg = lt %v, %s0
//!     if %neg {
//!       break ^outer %s
//!     } else {
//!       yield
//!     }
//!     %t = add %s, %v at #0
//!     yield %t
//!   }
//!   return %sum
//! }
//! ```
//!
//! - Sigils: `%value`, `@function`, `^label`, `!site`, `#location`, `$table`, `&class`. Names are letters, digits, `_`,
//!   `.` and `$`; the printer numbers values and labels in the order of the text. A label may be left out.
//! - An op that raises ends in its site: `checked.add %a, %b !0`. `!OverflowError` without a declaration is a site of
//!   its own with an empty message.
//! - Result types follow from the operands, except that `if`, `block` and `try` state theirs: `if %c -> f64 { ... }`.
//!   A type may be given anywhere (`%t: f64 = add ...`); it is recorded as it stands and the verifier compares.
//! - Integers are decimal. A hexadecimal number is a bit pattern, for floats too (`f64 0x7ff8000000000001`); floats are
//!   decimal, `inf`, `-inf` or `nan`.
//! - `while ^l %x: i64 = %init { ...condition... } do (%y: i64) { ... }`;
//!   `vfor ^l %i = %lo to %hi, %acc: vec<i64> = %init { ... }`; `loop ^l %x: i64 = %init { ... }`;
//!   `try ^l -> i64 { ... } handler (%site, %p0, %p1, %p2, %p3) { ... }`.
//! - `vec.lanes (%a: f64 = %v) { ... }`; `array.map f64 (%a: f64 = %x) !0 { ... }`;
//!   `array.view %a [keep, index %i, slice (%start, %step, %len), new]`; `array.permute %a [1, 0]`;
//!   `array.forget %a to array<f64, 1, A, ro>`.
//! - Each statement starts a line of its own. `;` starts a comment.
//!
//! The parser checks the syntax and that names are defined; whether the module is right is for [`super::verify`] to
//! say. Any text at all is safe to parse: work and memory are linear in its length, nesting is limited.

mod body;
mod lexer;
mod ops;
mod parser;
#[cfg(test)]
pub mod tests;

use std::fmt;

use super::module::{FuncId, Inst, InstId, Module};
use crate::base::arena::IdMap;

/// Longest text taken, in bytes.
pub const MAX_TEXT: usize = 64 << 20;

/// Why a text is not IR, and where: line and column (in characters) from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    pub line: u32,
    pub column: u32,
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// The line at which each function and instruction of a text starts, from 1; test runners find directives by it.
#[derive(Clone, Default, Debug)]
pub struct Lines {
    functions: Vec<FunctionLines>,
}

#[derive(Clone, Default, Debug)]
struct FunctionLines {
    head: u32,
    insts: IdMap<Inst, u32>,
}

impl Lines {
    pub fn function(&self, f: FuncId) -> u32 {
        self.functions.get(f.index()).map_or(0, |l| l.head)
    }

    /// 0 for an instruction that the text does not hold.
    pub fn inst(&self, f: FuncId, inst: InstId) -> u32 {
        self.functions.get(f.index()).map_or(0, |l| l.insts[inst])
    }
}

/// The module that a text stands for, not yet verified; compact, as [`Module::compact`] leaves it.
pub fn parse(text: &str) -> Result<Module, ParseError> {
    parse_with_lines(text).map(|(m, _)| m)
}

/// As [`parse`], with the lines of what it read.
pub fn parse_with_lines(text: &str) -> Result<(Module, Lines), ParseError> {
    let tokens = lexer::lex(text)?;
    parser::Parser::new(text, tokens).module()
}
