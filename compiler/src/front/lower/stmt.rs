//! Statements.

use super::{Leave, Lower, Val, storage};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::options_comment::{self, OptionValue};
use crate::front::tast::{Stmt, StmtKind, Target};
use crate::ir::Op;

impl Lower<'_, '_, '_> {
    /// Gives whether control goes on after the statements; if not, the region is closed.
    pub(super) fn block(&mut self, body: &[Stmt]) -> bool {
        body.iter().all(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &Stmt) -> bool {
        let span = stmt.span;
        self.at(span);
        match &stmt.kind {
            StmtKind::Expr(e) => {
                self.expr(e);
                true
            }
            StmtKind::Assign { targets, value } => {
                let mut v = self.expr(value);
                if targets.iter().any(|t| storage::holds(&self.stored, t)) {
                    let ty = v.ty.clone();
                    v = self.coerce(v, &ty, span);
                }
                targets.iter().for_each(|t| self.assign(t, &v));
                true
            }
            StmtKind::AugElement { base, index, op, value, item, result } => {
                self.augment((base, index), *op, value, (item, result), span);
                true
            }
            StmtKind::AugArray { array, op, value, result } => {
                self.augment_array(array, *op, value, result, span);
                true
            }
            StmtKind::If { test, body, orelse, assigned, merge } => {
                let test = self.condition(test);
                self.branch(test, (body, orelse), assigned, merge, span)
            }
            StmtKind::While { test, flow, body, orelse } => self.while_loop(test, flow, (body, orelse), span),
            StmtKind::For { target, over, flow, body, orelse, .. } => {
                self.for_loop(target, over, flow, (body, orelse), span)
            }
            StmtKind::Break => {
                self.break_(span);
                false
            }
            StmtKind::Continue => {
                self.continue_(span);
                false
            }
            StmtKind::Return(value) => {
                let v = match value {
                    Some(e) => self.expr(e),
                    None => Val::none(),
                };
                self.leave_with(v, value.as_ref().map_or(span, |e| e.span));
                false
            }
            StmtKind::Raise { exception, message } => {
                let site = self.site(*exception, message, span);
                self.b.terminate(Op::Raise(None, site), &[]);
                false
            }
            StmtKind::Assert { test, message } => {
                let ok = self.condition(test);
                let site = self.site(Exception::AssertionError, message, span);
                self.b.check(ok, site, &[]);
                true
            }
            StmtKind::Block(body) => self.block(body),
            StmtKind::Options { settings, body } => {
                let around = self.options.clone();
                for (name, flag) in settings {
                    options_comment::apply(&mut self.options, *name, &OptionValue::Bool(*flag));
                }
                let goes_on = self.block(body);
                self.options = around;
                goes_on
            }
        }
    }

    pub(super) fn assign(&mut self, target: &Target, v: &Val) {
        match target {
            Target::Variable(var) => self.env[var.index()] = Some(v.clone()),
            Target::Tuple(targets) => {
                let items = self.unpack(v, targets.len(), Span::default());
                targets.iter().zip(&items).for_each(|(t, item)| self.assign(t, item));
            }
            Target::Element { base, index, item, span } => {
                let base = self.expr(base);
                let index = self.operands(index);
                let place = self.place(&base, &index, item, *span);
                self.store_element(&place, v, *span);
            }
        }
    }

    /// Leaves the function with a value.
    pub(super) fn leave_with(&mut self, v: Val, span: Span) {
        match self.leave.clone() {
            Leave::Values(ty) => {
                let v = self.coerce(v, &ty, span);
                self.b.return_(&v.parts);
            }
            Leave::Storage(storage) => {
                let values = self.stored(&v, &storage, span);
                self.b.return_(&values);
            }
        }
    }
}
