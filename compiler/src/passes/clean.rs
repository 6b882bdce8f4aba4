//! [`super::fold`] and [`super::simplify`] in one walk.
//!
//! Pays because each feeds the other, instruction by instruction: one walk does what several rounds of both would, and
//! lists run it wherever something may have become simpler.
//!
//! Takes and leaves any level.

use super::edit::{self, Both};
use super::fold::Fold;
use super::manager::Cx;
use super::simplify::Simplify;
use crate::ir::Function;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    let simplify = Simplify::new(f, cx);
    edit::walk(f, &mut Both(Fold::new(cx), simplify))
}
