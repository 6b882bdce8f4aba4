//! The front-end: source text in, IR out.
//!
//! [`parse`] is the first door: it checks the text ([`lexical`]), parses it into our own tree ([`syntax`]), and reads what
//! stands in comments: exports ([`exports`]) and options ([`options_comment`]).
//!
//! [`compile`] is the second. What names mean outside of functions is in a [`Program`]; what to compile in
//! [`KernelSpec`]s. [`infer`] makes typed trees ([`tast`]) of the functions for the types they are called with, [`lower`]
//! makes IR of these.

pub mod annotation;
pub mod builtins;
mod compile;
pub mod environment;
pub mod exports;
pub mod infer;
pub mod kernel;
pub mod lexical;
pub mod lower;
pub mod options_comment;
pub mod parse;
pub mod pure_cython;
pub mod scope;
pub mod signature;
pub mod subset;
pub mod syntax;
pub mod syntax_text;
pub mod syntax_walk;
pub mod tast;
#[cfg(test)]
mod tests;
mod typed_source;
pub mod typed_spans;

pub use compile::{Lowered, compile};
pub use environment::{Environment, Global, Program};
pub use kernel::{Extent, KernelInfo, KernelSpec, Mode, ParamInfo, ParamSpec};
pub use lexical::decode;
pub use lower::MathLibrary;

use crate::diag::{FileId, Sink, SourceMap};
use exports::Export;
use lexical::Comment;
use options_comment::OptionComment;
use signature::DataModel;
use syntax::Module;

/// A source text as the later stages need it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Parsed {
    pub module: Module,
    pub comments: Vec<Comment>,
    pub exports: Vec<Export>,
    pub options: Vec<OptionComment>,
}

/// Parses a file of the source map. Faults go to the sink; what could be parsed is returned all the same, so that later
/// stages can report on the sound functions too.
pub fn parse(sources: &SourceMap, file: FileId, sink: &mut Sink) -> Parsed {
    parse_for(sources, file, DataModel::LP64, sink)
}

/// The same, for a system with other C types: `long` and `npy_intp` in exports depend on it.
pub fn parse_for(sources: &SourceMap, file: FileId, model: DataModel, sink: &mut Sink) -> Parsed {
    let Some(lexed) = lexical::check(sources, file, sink) else { return Parsed::default() };
    let module = parse::parse_module(sources, file, &lexed, sink);
    let exports = exports::read(sources, &lexed.comments, &module, model, sink);
    let options = options_comment::read(sources, &lexed.comments, &module, sink);
    Parsed { module, comments: lexed.comments, exports, options }
}
