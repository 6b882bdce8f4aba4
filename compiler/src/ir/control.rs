//! Constructs with regions, and terminators: operands, regions, results. (The ops are in [`super::op::Op`].)
//!
//! `init`, `vals`, `x` stand for lists of values of the construct's result types `T`.
//!
//! | op | operands | regions | results |
//! |---|---|---|---|
//! | `if` | `c: bool` | then `()`, else `()`; each may `yield x` | `T` |
//! | `block L` | | body `()`; `yield x` or `break L x` | `T` |
//! | `for L` | `lo, hi, step: i64, init` | body `(i: i64, vals)`; `yield`/`continue L` next vals, `break L x` | `T` |
//! | `while L` | `init` | test `(vals)` ends in `condition c, ...`; body `(vals)` as in `for` | `T` |
//! | `vfor L` | `lo, hi: i64, init` | body `(i: i64, vals)`; `yield`/`continue L` next vals, `break L x` | `i64, T` |
//! | `try L` | | body `()`; `yield x`; handler `(site: i32, p0..p3: i64)`; `yield x` | `T` |
//! | `loop L` | `init` | body `(vals)`; `again L c, vals` or `break L x` or `continue L vals` | `T` |
//!
//! - `for` runs its body for `i = lo, lo + step, ...` while `i < hi` (`step > 0`) or `i > hi` (`step < 0`); a `step` of 0
//!   must not occur (the front-end checks it). `i` never wraps: the loop ends when the next `i` would pass the type's
//!   range. Without `break` the results are the carried values at the end. `lo`, `hi`, `step` are read once.
//! - `while`: `condition c, vals'` ends the test region: if `c` the body runs on `vals'`, else `vals'` are the results.
//!   The body's `yield` gives the test's next `vals`. A `break` in the test region is allowed.
//! - `vfor` runs its body for `i = lo, lo + L, ...` while `i + L <= hi`; its first result is the `i` at which it stopped
//!   (for `break`, the `i` of the step that broke), the others are the carried values, which a `break L x` sets. Carried
//!   values may be vectors.
//! - `break` names a `block` or a loop, `continue` a loop (not from the test of a `while`), `again` a `loop`; each from
//!   any depth inside of it, but not out of a region that runs per element (`vec.lanes`, `array.map`).
//! - `try`: a raise in the body (not in the handler) whose target is this `try` transfers control to the handler with
//!   the site's index and the payload (missing words are 0). Nothing that the body stored is undone.
//! - `loop` (Machine level) is the rotated form: `again L c, vals` starts the next round with `vals` if `c`, else the
//!   results are `vals`. `continue L vals` starts the next round at once.
//! - `return x` leaves the function with its results; it may stand in any region.
//! - `if` whose regions both leave otherwise than by `yield` is followed by `unreachable`; the results of a construct
//!   that never ends normally must not be used. The same holds for a `block`, `try`, `loop` or `while` without exit.

use super::module::{Function, InstId, LabelId, RegionId};
use super::op::Op;

/// Index of the handler region of a `try`, the else region of an `if`, the body region of a `while`.
pub const SECOND: usize = 1;

impl Function {
    /// The instruction that defines a label. Linear: passes that ask often keep a table.
    pub fn label_owner(&self, label: LabelId) -> Option<InstId> {
        let mut found = None;
        self.walk(self.body, &mut |inst| {
            if self.insts[inst].op.defined_label() == Some(label) {
                found = Some(inst);
            }
        });
        found
    }

    /// Calls `f` on every instruction under a region, in order, a construct before what is inside it.
    pub fn walk(&self, region: RegionId, f: &mut impl FnMut(InstId)) {
        for &inst in &self.regions[region].insts {
            f(inst);
            for &r in &self.insts[inst].regions {
                self.walk(r, f);
            }
        }
    }

    /// Every instruction of the function in order.
    pub fn all_insts(&self) -> Vec<InstId> {
        let mut all = Vec::with_capacity(self.insts.len());
        self.walk(self.body, &mut |inst| all.push(inst));
        all
    }
}

impl Op {
    /// A loop of any kind: what is inside runs any number of times.
    pub const fn is_loop(&self) -> bool {
        matches!(self, Op::For(_) | Op::While(_) | Op::VFor(_) | Op::Loop(_))
    }
}
