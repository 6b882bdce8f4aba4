//! Loops: what their heads see, found by rounds, and what they carry and leave.

use super::over::never_empty;
use super::state::{Partial, Slot, arrive};
use super::stmt::literal_of;
use super::{Body, Enclosing, MAX_LOOP_ROUNDS};
use crate::diag::{Code, Diagnostic, Span};
use crate::front::scope::Flow;
use crate::front::syntax::{Expr, Stmt};
use crate::front::tast::{self, Carried, Literal, LoopFlow, Merge, StmtKind, Ty};

/// One walk over the body of a loop, from what its head sees.
struct Round {
    body: Vec<tast::Stmt>,
    test: Option<tast::Expr>,
    /// Where a `for` puts its items.
    target: Option<tast::Target>,
    /// What comes back to the head.
    back: Option<Partial>,
    breaks: Option<Partial>,
}

impl Body<'_, '_> {
    pub(super) fn while_loop(&mut self, stmt: &Stmt, test: &Expr, body: &[Stmt], orelse: &[Stmt]) -> Option<StmtKind> {
        let flow = self.scope.flow(stmt.span);
        let (head, round) = self.rounds(stmt.span, &flow, None, Some(test), body)?;
        let test = round.test?;
        let constant = literal_of(&test).map(Literal::truth);
        let normal = (constant != Some(true)).then(|| head.clone());
        let (flow, orelse) = self.exits(&flow, &head, (normal, round.breaks), orelse);
        Some(StmtKind::While { test, flow, body: round.body, orelse })
    }

    pub(super) fn for_loop(
        &mut self,
        stmt: &Stmt,
        target: &Expr,
        iter: &Expr,
        (body, orelse): (&[Stmt], &[Stmt]),
    ) -> Option<StmtKind> {
        let over = self.over(iter);
        let item = match &over {
            Some(over) => self.item_type(over),
            None => Ty::Error,
        };
        let flow = self.scope.flow(stmt.span);
        let (head, round) = self.rounds(stmt.span, &flow, Some((target, &item)), None, body)?;
        let over = over?;
        // A range that is known not to be empty leaves what its last round leaves.
        let normal = match round.back {
            Some(back) if never_empty(&over) => Some(as_carried(back, &head)),
            None if never_empty(&over) => None,
            Some(_) | None => Some(head.clone()),
        };
        let (flow, orelse) = self.exits(&flow, &head, (normal, round.breaks), orelse);
        Some(StmtKind::For { target: round.target?, item, over, flow, body: round.body, orelse })
    }

    /// Walks the body until what the head sees is stable; gives that and the last walk.
    fn rounds(
        &mut self,
        span: Span,
        flow: &Flow,
        target: Option<(&Expr, &Ty)>,
        test: Option<&Expr>,
        body: &[Stmt],
    ) -> Option<(Partial, Round)> {
        let mut head = self.state.save(&flow.assigned);
        head.keep(flow, &flow.live_head);
        // A loop around this one starts it again: from what it has found already.
        if let Some(before) = self.heads.get(&span.start) {
            head.join(before);
        }
        head.forget_constants();
        for _ in 0..MAX_LOOP_ROUNDS {
            let (first_fault, first_inner) = (self.cx.diagnostics.len(), self.cx.instances.len());
            let round = self.round(&head, flow, target, test, body);
            let mut joined = head.clone();
            if let Some(back) = &round.back {
                joined.join(back);
                joined.forget_constants();
                joined.keep(flow, &flow.live_head);
            }
            if joined.same_types(&head) {
                self.heads.insert(span.start, joined.clone());
                return Some((joined, round));
            }
            self.cx.forget_faults(first_fault, first_inner);
            head = joined;
        }
        let message = "the types of this loop's variables change in every round";
        let help = "give the variables their final types before the loop";
        self.fault(Diagnostic::error(Code::TypeConflict, span, message).help(help));
        self.state.restore(&flow.assigned, head);
        None
    }

    fn round(
        &mut self,
        head: &Partial,
        flow: &Flow,
        target: Option<(&Expr, &Ty)>,
        test: Option<&Expr>,
        body: &[Stmt],
    ) -> Round {
        self.state.restore(&flow.assigned, head.clone());
        self.reachable = true;
        let test = test.map(|t| self.condition(t));
        let target = target.and_then(|(target, item)| self.target(target, item, None));
        self.loops.push(Enclosing { assigned: flow.assigned.clone(), breaks: None, continues: None });
        let never = test.as_ref().and_then(literal_of).is_some_and(|l| !l.truth());
        let body = if never { Vec::new() } else { self.block(body) };
        let enclosing = self.loops.pop();
        let (mut back, breaks) = enclosing.map_or((None, None), |l| (l.continues, l.breaks));
        if self.reachable && !never {
            arrive(&mut back, &self.state, &flow.assigned);
        }
        Round { body, test, target, back, breaks }
    }

    /// What the loop carries and leaves, given the states at its normal end and at its `break`s; walks the `else`.
    fn exits(
        &mut self,
        flow: &Flow,
        head: &Partial,
        (normal, breaks): (Option<Partial>, Option<Partial>),
        orelse: &[Stmt],
    ) -> (LoopFlow, Vec<tast::Stmt>) {
        let mut carried =
            head.merges(flow).into_iter().map(|Merge { var, ty }| Carried { var, ty, entry: true }).collect::<Vec<_>>();
        let broke = breaks.is_some();
        let mut after = breaks;
        let mut walked = Vec::new();
        if let Some(normal) = normal {
            // What only rounds set and the normal end has, the loop carries too.
            for ((&var, before), after) in flow.assigned.iter().zip(&head.slots).zip(&normal.slots) {
                if let (Slot::Unset | Slot::Maybe(_), Slot::Set(def)) = (before, after)
                    && (!orelse.is_empty() || flow.live_after.contains(var))
                {
                    carried.push(Carried { var, ty: def.ty.clone(), entry: false });
                }
            }
            self.state.restore(&flow.assigned, normal);
            self.reachable = true;
            walked = self.block(orelse);
            if self.reachable {
                arrive(&mut after, &self.state, &flow.assigned);
            }
        }
        self.reachable = after.is_some();
        let mut state = after.unwrap_or_else(|| head.clone());
        state.keep(flow, &flow.live_after);
        let after = if self.reachable { state.merges(flow) } else { Vec::new() };
        self.state.restore(&flow.assigned, state);
        let plain = |m: &Merge| carried.iter().any(|c| c.var == m.var && c.ty == m.ty);
        let enclosed = !walked.is_empty() || (broke && !after.iter().all(plain));
        (LoopFlow { assigned: flow.assigned.clone(), carried, after, enclosed, exits: self.reachable }, walked)
    }
}

/// What the last round leaves, with arrays as the loop carries them: of those less may be known.
fn as_carried(mut back: Partial, head: &Partial) -> Partial {
    for (slot, carried) in back.slots.iter_mut().zip(&head.slots) {
        if let (Some(Ty::Array(_)), Some(Ty::Array(_))) = (slot.ty(), carried.ty()) {
            slot.clone_from(carried);
        }
    }
    back
}
