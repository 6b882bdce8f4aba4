//! The front-end: source text in, typed program out.
//!
//! [`parse`] is the door: it checks the text ([`lexical`]), parses it into our own tree ([`syntax`]), and reads what
//! stands in comments: exports and options.

pub mod lexical;
pub mod parse;
pub mod signature;
pub mod syntax;
pub mod syntax_walk;
