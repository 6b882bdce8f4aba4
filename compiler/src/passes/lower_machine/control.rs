//! Control: `for` and `while` become a guard and a rotated `loop`, `try` becomes two blocks.
//!
//! Rotated (the test at the bottom, the guard before) because Cranelift then hoists what does not change, and because
//! one branch a round is all it takes.

use super::Lower;
use super::checks::Handler;
use crate::ir::control::SECOND;
use crate::ir::op::{BinaryOp, CompareOp};
use crate::ir::{InstId, LabelId, Op, RegionId, Type, ValueId};
use crate::types::Scalar;

/// Where the exits of a source construct go.
#[derive(Clone, Default)]
pub struct Exits {
    /// Target of `break`, and values that go before the break's own.
    pub break_to: Option<(LabelId, Vec<ValueId>)>,
    /// Target of `continue`: a block around the body, or the loop itself.
    pub continue_to: Option<Next>,
}

/// How a round ends early.
#[derive(Clone, Copy)]
pub enum Next {
    /// By leaving the block around the body.
    Block(LabelId),
    /// By starting the next round.
    Loop(LabelId),
}

/// A test region of a `while` up to this many instructions is written twice, before the loop and at its bottom.
const SMALL_TEST: usize = 24;

impl Lower<'_> {
    /// The instructions of a region. Gives the values that its `yield` or `condition` passes on; `None` if it ends
    /// otherwise, and then the terminator has been written.
    pub fn region(&mut self, region: RegionId) -> Result<Option<Vec<ValueId>>, String> {
        let source = self.source;
        let Some((&last, insts)) = source.regions[region].insts.split_last() else {
            return Err("a region is empty".into());
        };
        for &inst in insts {
            self.inst(inst)?;
        }
        self.b.set_loc(source.inst_locs[last]);
        let i = &source.insts[last];
        let args = self.list(&i.args);
        match &i.op {
            Op::Yield | Op::Condition => return Ok(Some(args)),
            Op::Break(l) => {
                let (to, mut first) = self.exits[*l].break_to.clone().ok_or("break leaves nothing")?;
                first.extend(args);
                self.b.terminate(Op::Break(to), &first);
            }
            Op::Continue(l) => match self.exits[*l].continue_to.ok_or("continue outside of a loop")? {
                Next::Block(to) => self.b.terminate(Op::Break(to), &args),
                Next::Loop(to) => self.b.terminate(Op::Continue(to), &args),
            },
            Op::Return => self.return_(&args),
            Op::Raise(to, site) => self.raise(*to, *site, &args)?,
            Op::Reraise(to) => self.raise_words(*to, &args)?,
            Op::Unreachable => self.b.terminate(Op::Unreachable, &[]),
            op => return Err(format!("{op:?} does not end a region at Loop level")),
        }
        Ok(None)
    }

    /// A region in a new scope of facts.
    fn scoped(&mut self, region: RegionId) -> Result<Option<Vec<ValueId>>, String> {
        let mark = self.ranges.mark();
        let end = self.region(region)?;
        self.ranges.reset(mark);
        Ok(end)
    }

    pub fn if_(&mut self, inst: InstId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let (cond, regions) = (i.args[0], i.regions.clone());
        let types = self.result_types(inst);
        let c = self.value(cond);
        let (new, then, otherwise) = self.b.if_(c, &types);
        let outside = self.b.region();
        for (truth, source, target) in [(true, regions[0], then), (false, regions[1], otherwise)] {
            self.b.enter(target);
            let mark = self.ranges.mark();
            self.ranges.assume(self.source, cond, truth);
            if let Some(values) = self.region(source)? {
                self.b.yield_(&values);
            }
            self.ranges.reset(mark);
        }
        self.b.enter(outside);
        self.finish(inst, new);
        Ok(())
    }

    /// Binds the results of the source construct to those of the new one.
    fn finish(&mut self, inst: InstId, new: InstId) {
        let results = self.b.results(new).to_vec();
        let i = &self.source.insts[inst];
        self.bind(&i.results, &results[results.len() - i.results.len()..]);
    }

    pub fn block(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let to = self.new_label();
        self.exits.set(label, Exits { break_to: Some((to, vec![])), continue_to: None });
        let types = self.result_types(inst);
        let (new, body) = self.b.block(to, &types);
        let outside = self.b.enter(body);
        if let Some(values) = self.scoped(self.source.insts[inst].regions[0])? {
            self.b.yield_(&values);
        }
        self.b.enter(outside);
        self.finish(inst, new);
        Ok(())
    }

    pub fn for_(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let (range, init) = i.args.split_at(3);
        let (lo, hi, step) = (self.value(range[0]), self.value(range[1]), self.value(range[2]));
        let init = self.list(init);
        let count = self.counter(range, lo, hi, step);
        let types = self.result_types(inst);
        let (guard, then, otherwise) = self.b.if_(count.enter, &types);
        let outside = self.b.enter(otherwise);
        self.b.yield_(&init);
        self.b.enter(then);
        let results = self.counted_loop(inst, label, lo, &count, &init)?;
        self.b.yield_(&results[count.carried()..]);
        self.b.enter(outside);
        self.finish(inst, guard);
        Ok(())
    }

    /// A vector loop with one lane is a `for` with step 1 that also gives the index it reached.
    pub fn vfor(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let (lo, hi) = (self.value(i.args[0]), self.value(i.args[1]));
        let init = self.list(&i.args[2..]);
        let step = self.b.i64(1);
        let enter = self.b.compare(CompareOp::Lt, lo, hi);
        let count = Counter { enter, step, until: Until::Below(hi) };
        let types = self.result_types(inst);
        let (guard, then, otherwise) = self.b.if_(enter, &types);
        let outside = self.b.enter(otherwise);
        let none: Vec<ValueId> = [&[lo], &init[..]].concat();
        self.b.yield_(&none);
        self.b.enter(then);
        let results = self.counted_loop(inst, label, lo, &count, &init)?;
        self.b.yield_(&results);
        self.b.enter(outside);
        self.finish(inst, guard);
        Ok(())
    }

    /// How a `for` counts. `i` must not wrap, so a step other than 1 and -1 needs room or a test that needs none.
    fn counter(&mut self, range: &[ValueId], lo: ValueId, hi: ValueId, step: ValueId) -> Counter {
        let bounds = self.range(range[1]);
        let (max, min) = (i64::MAX as i128, i64::MIN as i128);
        let Some(constant) = self.range(range[2]).single() else {
            return self.counter_any(lo, hi, step);
        };
        if constant > 0 {
            let enter = self.b.compare(CompareOp::Lt, lo, hi);
            if bounds.high - 1 + constant <= max {
                return Counter { enter, step, until: Until::Below(hi) };
            }
            // The last index that has a next one: hi - step, or nothing where that would wrap.
            let last = self.limit(hi, constant, min + constant, CompareOp::Lt, i64::MIN);
            Counter { enter, step, until: Until::OldBelow(last) }
        } else {
            let enter = self.b.compare(CompareOp::Gt, lo, hi);
            if bounds.low + 1 + constant >= min {
                return Counter { enter, step, until: Until::Above(hi) };
            }
            let last = self.limit(hi, constant, max + constant, CompareOp::Gt, i64::MAX);
            Counter { enter, step, until: Until::OldAbove(last) }
        }
    }

    /// `hi - step`, or `extreme` where that would pass it: `hi op bound`.
    fn limit(&mut self, hi: ValueId, step: i128, bound: i128, op: CompareOp, extreme: i64) -> ValueId {
        let step = self.b.i64(step as i64);
        let bound = self.b.i64(bound as i64);
        let extreme = self.b.i64(extreme);
        let beyond = self.b.compare(op, hi, bound);
        let last = self.b.binary(BinaryOp::Sub, hi, step);
        self.b.select(beyond, extreme, last)
    }

    /// A step of unknown sign: what is left to go is counted down, unsigned, beside the index.
    fn counter_any(&mut self, lo: ValueId, hi: ValueId, step: ValueId) -> Counter {
        let zero = self.b.i64(0);
        let up = self.b.compare(CompareOp::Gt, step, zero);
        let below = self.b.compare(CompareOp::Lt, lo, hi);
        let above = self.b.compare(CompareOp::Gt, lo, hi);
        let enter = self.b.select(up, below, above);
        let (first, last) = (self.b.select(up, lo, hi), self.b.select(up, hi, lo));
        let left = self.b.binary(BinaryOp::Sub, last, first);
        let left = self.b.convert(Scalar::U64, left);
        let down = self.b.binary(BinaryOp::Sub, zero, step);
        let size = self.b.select(up, step, down);
        let size = self.b.convert(Scalar::U64, size);
        Counter { enter, step, until: Until::Left { left, size } }
    }

    /// The rotated loop inside its guard. Gives its results: the index reached, perhaps what was left, the carried.
    fn counted_loop(
        &mut self,
        inst: InstId,
        label: LabelId,
        lo: ValueId,
        count: &Counter,
        init: &[ValueId],
    ) -> Result<Vec<ValueId>, String> {
        let source_body = self.source.insts[inst].regions[0];
        let to = self.new_label();
        let mut args = vec![lo];
        if let Until::Left { left, .. } = count.until {
            args.push(left);
        }
        args.extend(init);
        let new = self.b.loop_(Op::Loop(to), &args);
        let body = self.b.function.insts[new].regions[0];
        let outside = self.b.enter(body);
        let params = self.b.function.regions[body].params.to_vec();
        let (own, carried) = params.split_at(count.carried());
        let source_params = &self.source.regions[source_body].params;
        self.bind(&source_params[..1], &own[..1]);
        self.bind(&source_params[1..], carried);
        let types: Vec<Type> = carried.iter().map(|&p| self.b.ty(p)).collect();
        let exits = Exits { break_to: Some((to, own.to_vec())), continue_to: None };
        if let Some(next) = self.round(inst, label, source_body, exits, &types)? {
            let i = own[0];
            let after = self.b.binary(BinaryOp::Add, i, count.step);
            let mut again = match count.until {
                Until::Below(hi) => vec![self.b.compare(CompareOp::Lt, after, hi), after],
                Until::Above(hi) => vec![self.b.compare(CompareOp::Gt, after, hi), after],
                Until::OldBelow(last) => vec![self.b.compare(CompareOp::Lt, i, last), after],
                Until::OldAbove(last) => vec![self.b.compare(CompareOp::Gt, i, last), after],
                Until::Left { size, .. } => {
                    let more = self.b.compare(CompareOp::Gt, own[1], size);
                    vec![more, after, self.b.binary(BinaryOp::Sub, own[1], size)]
                }
            };
            again.extend(next);
            self.b.terminate(Op::Again(to), &again);
        }
        self.b.enter(outside);
        Ok(self.b.results(new).to_vec())
    }

    /// One round of a loop's body: the values for the next one, `None` if the body never gets there. A body with
    /// `continue` goes into a block of its own.
    fn round(
        &mut self,
        inst: InstId,
        label: LabelId,
        body: RegionId,
        mut exits: Exits,
        types: &[Type],
    ) -> Result<Option<Vec<ValueId>>, String> {
        let mark = self.ranges.mark();
        self.ranges.enter_body(self.source, inst);
        let continues = self.has_continue(body, label);
        let end = if continues {
            let to = self.new_label();
            exits.continue_to = Some(Next::Block(to));
            self.exits.set(label, exits);
            let (new, inner) = self.b.block(to, types);
            let outside = self.b.enter(inner);
            if let Some(values) = self.region(body)? {
                self.b.yield_(&values);
            }
            self.b.enter(outside);
            Some(self.b.results(new).to_vec())
        } else {
            self.exits.set(label, exits);
            self.region(body)?
        };
        self.ranges.reset(mark);
        Ok(end)
    }

    fn has_continue(&self, region: RegionId, label: LabelId) -> bool {
        self.source.regions[region].insts.iter().any(|&i| {
            let i = &self.source.insts[i];
            i.op == Op::Continue(label) || i.regions.iter().any(|&r| self.has_continue(r, label))
        })
    }

    pub fn while_(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let test = &self.source.regions[i.regions[0]].insts;
        // With regions in it the test may hold breaks, or be large.
        let simple = test.len() <= SMALL_TEST && test.iter().all(|&t| self.source.insts[t].regions.is_empty());
        if simple && self.ends_in_condition(i.regions[0]) {
            self.rotated_while(inst, label)
        } else {
            self.plain_while(inst, label)
        }
    }

    fn ends_in_condition(&self, region: RegionId) -> bool {
        self.source.terminator(region).is_some_and(|t| self.source.insts[t].op == Op::Condition)
    }

    /// `if test { loop { body; test' } }`, with the test written twice.
    fn rotated_while(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let init = self.list(&i.args);
        let types = self.result_types(inst);
        let first = self.test(inst, &init)?;
        let (guard, then, otherwise) = self.b.if_(first[0], &types);
        let outside = self.b.enter(otherwise);
        self.b.yield_(&first[1..]);
        self.b.enter(then);
        let to = self.new_label();
        let new = self.b.loop_(Op::Loop(to), &first[1..]);
        let body = self.b.function.insts[new].regions[0];
        self.b.enter(body);
        let params = self.b.function.regions[body].params.to_vec();
        self.bind(&self.source.regions[i.regions[SECOND]].params, &params);
        let exits = Exits { break_to: Some((to, vec![])), continue_to: None };
        if let Some(next) = self.round(inst, label, i.regions[SECOND], exits, &types)? {
            let again = self.test(inst, &next)?;
            self.b.terminate(Op::Again(to), &again);
        }
        self.b.enter(then);
        let results = self.b.results(new).to_vec();
        self.b.yield_(&results);
        self.b.enter(outside);
        self.finish(inst, guard);
        Ok(())
    }

    /// A copy of the test region on some values: the condition and what it passes on.
    fn test(&mut self, inst: InstId, values: &[ValueId]) -> Result<Vec<ValueId>, String> {
        let test = self.source.insts[inst].regions[0];
        self.bind(&self.source.regions[test].params, values);
        self.scoped(test)?.ok_or_else(|| "the test of a while does not end in a condition".into())
    }

    /// `loop { test; if c { body; next round } else { leave } }`.
    fn plain_while(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let init = self.list(&i.args);
        let to = self.new_label();
        let new = self.b.loop_(Op::Loop(to), &init);
        let outside = self.b.region();
        let round = self.b.function.insts[new].regions[0];
        self.b.enter(round);
        let params = self.b.function.regions[round].params.to_vec();
        self.bind(&self.source.regions[i.regions[0]].params, &params);
        self.exits.set(label, Exits { break_to: Some((to, vec![])), continue_to: Some(Next::Loop(to)) });
        let mark = self.ranges.mark();
        if let Some(end) = self.region(i.regions[0])? {
            let (_, body, leave) = self.b.if_(end[0], &[]);
            self.b.enter(leave);
            self.b.terminate(Op::Break(to), &end[1..]);
            self.b.enter(body);
            self.bind(&self.source.regions[i.regions[SECOND]].params, &end[1..]);
            self.ranges.enter_body(self.source, inst);
            if let Some(next) = self.region(i.regions[SECOND])? {
                self.b.terminate(Op::Continue(to), &next);
            }
            self.b.enter(round);
            self.b.terminate(Op::Unreachable, &[]);
        }
        self.ranges.reset(mark);
        self.b.enter(outside);
        self.finish(inst, new);
        Ok(())
    }

    /// The body in a block that a raise leaves for the handler, both in a block that the body's normal end leaves.
    pub fn try_(&mut self, inst: InstId, label: LabelId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let (body, handler) = (i.regions[0], i.regions[SECOND]);
        let types = self.result_types(inst);
        let outside = self.b.region();
        let (done, raised) = (self.new_label(), self.new_label());
        let inner = self.b.function.new_region(&[]);
        self.b.enter(inner);
        self.handlers.push(Handler { label: Some(label), to: raised, used: false });
        let end = self.scoped(body)?;
        let used = self.handlers.pop().is_some_and(|h| h.used);
        if !used {
            // Nothing raises: the body stands for the whole.
            return self.splice(inst, inner, outside, end, &types);
        }
        if let Some(values) = end {
            self.b.terminate(Op::Break(done), &values);
        }
        self.b.enter(outside);
        let (new, whole) = self.b.block(done, &types);
        self.b.enter(whole);
        let words = self.caught(raised, inner);
        self.bind(&self.source.regions[handler].params, &words);
        if let Some(values) = self.scoped(handler)? {
            self.b.yield_(&values);
        }
        self.b.enter(outside);
        self.finish(inst, new);
        Ok(())
    }

    /// Moves a finished region's instructions to the end of another one.
    fn splice(
        &mut self,
        inst: InstId,
        inner: RegionId,
        outside: RegionId,
        end: Option<Vec<ValueId>>,
        types: &[Type],
    ) -> Result<(), String> {
        self.b.enter(outside);
        match end {
            Some(values) => {
                let insts = std::mem::take(&mut self.b.function.regions[inner].insts);
                self.b.function.regions[outside].insts.extend(insts);
                self.bind(&self.source.insts[inst].results, &values);
            }
            None => {
                let label = self.new_label();
                let new = self.b.push_typed(Op::Block(label), &[], &[inner], types);
                self.finish(inst, new);
            }
        }
        Ok(())
    }
}

/// How a `for` counts.
struct Counter {
    /// Whether there is a first round.
    enter: ValueId,
    step: ValueId,
    until: Until,
}

/// When there is another round.
enum Until {
    /// The next index is below the bound.
    Below(ValueId),
    /// The next index is above the bound.
    Above(ValueId),
    /// The index is below the last that has a next one.
    OldBelow(ValueId),
    /// The index is above the last that has a next one.
    OldAbove(ValueId),
    /// More is left to go than one step.
    Left { left: ValueId, size: ValueId },
}

impl Counter {
    /// Position of the first carried value among the loop's.
    fn carried(&self) -> usize {
        if matches!(self.until, Until::Left { .. }) { 2 } else { 1 }
    }
}
