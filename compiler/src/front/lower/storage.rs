//! Which variables must hold storage where they are bound to what is computed elementwise.
//!
//! The value of `b = a + 1.0` may stay a value, which is never stored into and which later passes may compute where it is
//! used. If `b[0] = 0.0` follows, through any view or other name, or `b` leaves the function, then `b` is memory from the
//! start, as in NumPy.

use std::collections::BTreeSet;

use crate::front::tast::walk::{self, children};
use crate::front::tast::{Expr, ExprKind, Index, Over, Stmt, StmtKind, Target, Ty, VarId};

/// The variables of a body that must hold storage.
pub(super) fn variables(body: &[Stmt]) -> BTreeSet<VarId> {
    let mut storage = Storage::default();
    // A variable may take another with it, and that one a third.
    loop {
        let before = storage.found.len();
        storage.block(body);
        if storage.found.len() == before {
            return storage.found;
        }
    }
}

/// A target holds a variable that must be storage.
pub(super) fn holds(found: &BTreeSet<VarId>, target: &Target) -> bool {
    match target {
        Target::Variable(var) => found.contains(var),
        Target::Tuple(targets) => targets.iter().any(|t| holds(found, t)),
        Target::Element { .. } => false,
    }
}

#[derive(Default)]
struct Storage {
    found: BTreeSet<VarId>,
}

impl Storage {
    fn block(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                targets.iter().for_each(|t| self.target(t));
                if targets.iter().any(|t| holds(&self.found, t)) {
                    self.owned(value);
                }
            }
            StmtKind::AugElement { base, index, value, .. } => {
                self.owned(base);
                self.expr(base);
                self.index(index);
                self.expr(value);
            }
            StmtKind::AugArray { array, value, .. } => {
                self.owned(array);
                self.expr(array);
                self.expr(value);
            }
            StmtKind::If { test, body, orelse, .. } | StmtKind::While { test, body, orelse, .. } => {
                self.expr(test);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::For { target, over, body, orelse, .. } => {
                self.target(target);
                let owned = holds(&self.found, target);
                self.over(over, owned);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                    self.owned(value);
                }
            }
            StmtKind::Assert { test, .. } => self.expr(test),
            StmtKind::Block(body) | StmtKind::Options { body, .. } => self.block(body),
            StmtKind::Break | StmtKind::Continue | StmtKind::Raise { .. } => {}
        }
    }

    fn target(&mut self, target: &Target) {
        match target {
            Target::Variable(_) => {}
            Target::Tuple(targets) => targets.iter().for_each(|t| self.target(t)),
            Target::Element { base, index, .. } => {
                self.owned(base);
                self.expr(base);
                self.index(index);
            }
        }
    }

    fn over(&mut self, over: &Over, owned: bool) {
        match over {
            Over::Range(bounds) => bounds.iter().for_each(|e| self.expr(e)),
            Over::Array(e) | Over::Table(e) => {
                self.expr(e);
                if owned {
                    self.owned(e);
                }
            }
            Over::Enumerate(of, start) => {
                self.over(of, owned);
                self.expr(start);
            }
            Over::Zip(all) => all.iter().for_each(|of| self.over(of, owned)),
            Over::Reversed(of) => self.over(of, owned),
        }
    }

    fn index(&mut self, index: &Index) {
        walk::index(index, &mut |e| self.expr(e));
    }

    /// Calls inside of the expression, which may store into what they are passed.
    fn expr(&mut self, e: &Expr) {
        if let ExprKind::Call { args, .. } = &e.kind {
            args.iter().for_each(|(_, arg)| self.owned(arg));
        }
        children(e, &mut |child| self.expr(child));
    }

    /// The value of the expression is stored into, or leaves.
    fn owned(&mut self, e: &Expr) {
        if !has_array(&e.ty) {
            return;
        }
        match &e.kind {
            ExprKind::Variable(var) => {
                self.found.insert(*var);
            }
            ExprKind::Element { base, .. } => self.owned(base),
            ExprKind::Permuted { array, .. } => self.owned(array),
            // What is computed of its operands is new memory; what is not may be theirs.
            ExprKind::Unary { .. } | ExprKind::Binary { .. } | ExprKind::Compare { .. } => {}
            _ => children(e, &mut |child| self.owned(child)),
        }
    }
}

fn has_array(ty: &Ty) -> bool {
    match ty {
        Ty::Array(_) => true,
        Ty::Tuple(items) => items.iter().any(has_array),
        _ => false,
    }
}
