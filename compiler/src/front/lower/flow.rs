//! Branches and loops: regions, what they merge, what they carry.

use super::{Lower, Val, part_types};
use crate::diag::Span;
use crate::front::tast::{Carried, Expr, LoopFlow, Merge, Over, Stmt, Target, Ty, VarId};
use crate::ir::op::{Const, Op};
use crate::ir::{LabelId, RegionId, Type, ValueId};
use crate::types::Scalar;

/// A loop around the present place.
pub(super) struct Enclosing {
    label: LabelId,
    carried: Vec<Carried>,
    /// What `break` leaves, and the variables it takes along.
    broken: LabelId,
    after: Vec<Merge>,
    /// `break` leaves the loop itself: the values are those that it carries.
    direct: bool,
}

impl Lower<'_, '_, '_> {
    /// The test has been evaluated; gives whether control goes on after the statement.
    pub(super) fn branch(
        &mut self,
        test: ValueId,
        (body, orelse): (&[Stmt], &[Stmt]),
        assigned: &[VarId],
        merge: &[Merge],
        span: Span,
    ) -> bool {
        let types: Vec<Type> = merge.iter().flat_map(|m| part_types(&m.ty)).collect();
        let (inst, then, otherwise) = self.b.if_(test, &types);
        let outer = self.b.region();
        let before = self.save(assigned);
        let mut goes_on = false;
        for (region, stmts) in [(then, body), (otherwise, orelse)] {
            self.b.enter(region);
            if self.block(stmts) {
                goes_on = true;
                let values = self.values_of(merge, span);
                self.b.yield_(&values);
            }
            self.restore(assigned, &before);
        }
        self.b.enter(outer);
        if !goes_on {
            self.b.terminate(Op::Unreachable, &[]);
            return false;
        }
        let results = self.b.results(inst).to_vec();
        self.define(merge.iter().map(|m| (m.var, &m.ty)), &results);
        true
    }

    /// What variables are at present, to be restored where another path begins.
    fn save(&self, variables: &[VarId]) -> Vec<Option<Val>> {
        variables.iter().map(|v| self.env[v.index()].clone()).collect()
    }

    fn restore(&mut self, variables: &[VarId], saved: &[Option<Val>]) {
        for (v, value) in variables.iter().zip(saved) {
            self.env[v.index()].clone_from(value);
        }
    }

    /// The values of variables where paths join.
    fn values_of(&mut self, merge: &[Merge], span: Span) -> Vec<ValueId> {
        let mut values = Vec::with_capacity(merge.len());
        for m in merge {
            let v = self.joined(m.var, &m.ty, span);
            values.extend(v.parts);
        }
        values
    }

    /// A variable in the type it has after a join; anything where it is not set, as it is not read then.
    fn joined(&mut self, var: VarId, ty: &Ty, span: Span) -> Val {
        match self.env[var.index()].clone() {
            Some(v) if v.ty.join(ty).as_ref() == Some(ty) => self.coerce(v, ty, span),
            _ => self.dummy(ty),
        }
    }

    /// Sets variables to values given part by part.
    fn define<'t>(&mut self, variables: impl Iterator<Item = (VarId, &'t Ty)>, values: &[ValueId]) {
        let mut rest = values;
        for (var, ty) in variables {
            let (parts, others) = rest.split_at(part_types(ty).len());
            rest = others;
            self.env[var.index()] = Some(Val { ty: ty.clone(), parts: parts.into() });
        }
    }

    /// Forgets the variables that a loop changes, or sets them to its parameters.
    fn enter_round(&mut self, carried: &[Carried], region: RegionId, skip: usize) {
        let params = self.b.function.regions[region].params[skip..].to_vec();
        self.define(carried.iter().map(|c| (c.var, &c.ty)), &params);
        for c in carried.iter().filter(|c| !c.entry) {
            self.env[c.var.index()] = None;
        }
    }

    fn initial(&mut self, carried: &[Carried], span: Span) -> Vec<ValueId> {
        let mut values = Vec::new();
        for c in carried {
            let v = if c.entry { self.joined(c.var, &c.ty, span) } else { self.dummy(&c.ty) };
            values.extend(v.parts);
        }
        values
    }

    fn carried_values(&mut self, carried: &[Carried], span: Span) -> Vec<ValueId> {
        let mut values = Vec::new();
        for c in carried {
            let v = self.joined(c.var, &c.ty, span);
            values.extend(v.parts);
        }
        values
    }

    pub(super) fn while_loop(
        &mut self,
        test: &Expr,
        flow: &LoopFlow,
        (body, orelse): (&[Stmt], &[Stmt]),
        span: Span,
    ) -> bool {
        self.in_block(flow, orelse, span, &mut |l, enclosing| {
            let label = enclosing.label;
            let initial = l.initial(&flow.carried, span);
            let inst = l.b.loop_(Op::While(label), &initial);
            let regions = l.b.function.insts[inst].regions.clone();
            let outer = l.b.enter(regions[0]);
            l.enter_round(&flow.carried, regions[0], 0);
            let c = l.condition(test);
            let params = l.b.function.regions[regions[0]].params.to_vec();
            let operands: Vec<ValueId> = std::iter::once(c).chain(params).collect();
            l.b.terminate(Op::Condition, &operands);
            l.b.enter(regions[1]);
            l.enter_round(&flow.carried, regions[1], 0);
            l.round(enclosing, body, span);
            l.b.enter(outer);
            inst
        })
    }

    pub(super) fn for_loop(
        &mut self,
        target: &Target,
        over: &Over,
        flow: &LoopFlow,
        (body, orelse): (&[Stmt], &[Stmt]),
        span: Span,
    ) -> bool {
        let source = self.source(over);
        let bounds = self.rounds(&source);
        self.in_block(flow, orelse, span, &mut |l, enclosing| {
            let label = enclosing.label;
            let mut operands = bounds.to_vec();
            operands.extend(l.initial(&flow.carried, span));
            let inst = l.b.loop_(Op::For(label), &operands);
            let region = l.b.function.insts[inst].regions[0];
            let outer = l.b.enter(region);
            l.enter_round(&flow.carried, region, 1);
            let i = l.b.function.regions[region].params[0];
            debug_assert_eq!(l.b.ty(i), Type::Scalar(Scalar::I64));
            let item = l.item(&source, i, span);
            l.assign(target, &item);
            l.round(enclosing, body, span);
            l.b.enter(outer);
            inst
        })
    }

    /// A walk of the body, up to the values for the next round.
    fn round(&mut self, enclosing: Enclosing, body: &[Stmt], span: Span) {
        self.loops.push(enclosing);
        let goes_on = self.block(body);
        let Some(enclosing) = self.loops.pop() else { return };
        if goes_on {
            let values = self.carried_values(&enclosing.carried, span);
            self.b.yield_(&values);
        }
    }

    /// The loop that `make` makes, its `else`, and a block around both if `break` does not leave the loop alone.
    fn in_block(
        &mut self,
        flow: &LoopFlow,
        orelse: &[Stmt],
        span: Span,
        make: &mut dyn FnMut(&mut Self, Enclosing) -> crate::ir::InstId,
    ) -> bool {
        let before = self.save(&flow.assigned);
        let label = self.b.function.new_label();
        let mut enclosing =
            Enclosing { label, carried: flow.carried.clone(), broken: label, after: flow.after.clone(), direct: true };
        if !flow.enclosed {
            let inst = make(self, enclosing);
            self.restore(&flow.assigned, &before);
            let results = self.b.results(inst).to_vec();
            return self.after_loop(flow, &results);
        }
        let block = self.b.function.new_label();
        enclosing.broken = block;
        enclosing.direct = false;
        let types: Vec<Type> = flow.after.iter().flat_map(|m| part_types(&m.ty)).collect();
        let (block_inst, region) = self.b.block(block, &types);
        let outer = self.b.enter(region);
        let inst = make(self, enclosing);
        self.restore(&flow.assigned, &before);
        let results = self.b.results(inst).to_vec();
        self.define(flow.carried.iter().map(|c| (c.var, &c.ty)), &results);
        if self.block(orelse) {
            let values = self.values_of(&flow.after, span);
            self.b.yield_(&values);
        }
        self.b.enter(outer);
        self.restore(&flow.assigned, &before);
        if !flow.exits {
            self.b.terminate(Op::Unreachable, &[]);
            return false;
        }
        let results = self.b.results(block_inst).to_vec();
        self.define(flow.after.iter().map(|m| (m.var, &m.ty)), &results);
        true
    }

    /// A value of the type, where none is ever looked at.
    fn nothing(&mut self, ty: Type) -> ValueId {
        match ty {
            Type::Scalar(scalar) => self.b.constant(Const { ty: scalar, bits: 0 }),
            Type::Array(array) => self.no_array(array),
            _ => self.b.value(Op::Null, &[]),
        }
    }

    fn after_loop(&mut self, flow: &LoopFlow, results: &[ValueId]) -> bool {
        if !flow.exits {
            // `while True` has a test as every `while` has, so to the IR it may end: something must stand here.
            let types = self.b.function.results.clone();
            let values: Vec<ValueId> = types.into_iter().map(|ty| self.nothing(ty)).collect();
            self.b.return_(&values);
            return false;
        }
        self.define(flow.carried.iter().map(|c| (c.var, &c.ty)), results);
        for c in &flow.carried {
            if flow.after.iter().all(|m| m.var != c.var) {
                self.env[c.var.index()] = None;
            }
        }
        true
    }

    pub(super) fn break_(&mut self, span: Span) {
        let Some(l) = self.loops.last() else { return };
        let (target, direct) = (l.broken, l.direct);
        let after = l.after.clone();
        let values = if direct {
            let carried = l.carried.clone();
            let mut values = Vec::new();
            for c in carried {
                // What is not read after the loop must not raise for want of a common type either.
                let kept = after.iter().any(|m| m.var == c.var);
                let v = if kept { self.joined(c.var, &c.ty, span) } else { self.dummy(&c.ty) };
                values.extend(v.parts);
            }
            values
        } else {
            self.values_of(&after, span)
        };
        self.b.terminate(Op::Break(target), &values);
    }

    pub(super) fn continue_(&mut self, span: Span) {
        let Some(l) = self.loops.last() else { return };
        let (label, carried) = (l.label, l.carried.clone());
        let values = self.carried_values(&carried, span);
        self.b.terminate(Op::Continue(label), &values);
    }
}
