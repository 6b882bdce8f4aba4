//! Ops that raise: a plain op, an `if`, and a break to whoever handles it, with the site's index and the payload.
//!
//! The function itself is the outermost handler: it stores what was raised into the context and returns the failure
//! status. A block is made for a handler only if something raises to it.

use super::Lower;
use crate::abi;
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, UnaryOp};
use crate::ir::typing::HANDLER_PARAMS;
use crate::ir::{Entry, Function, InstId, LabelId, Op, RegionId, SiteId, Type, ValueDef, ValueId};
use crate::passes::entries::store_raised;
use crate::types::Scalar;

/// A place that raises go to.
#[derive(Clone, Copy)]
pub struct Handler {
    /// The source `try`; `None` for the function.
    pub label: Option<LabelId>,
    /// The block whose results are site and payload.
    pub to: LabelId,
    /// Something raises to it.
    pub used: bool,
}

/// The largest number of payload words that a raise in the function has.
pub fn payload_words(f: &Function) -> usize {
    let mut words = 0;
    let mut tries = false;
    let mut calls = false;
    f.walk(f.body, &mut |inst| {
        let i = &f.insts[inst];
        match i.op {
            Op::Check(_) => words = words.max(i.args.len().saturating_sub(1)),
            Op::Raise(..) => words = words.max(i.args.len()),
            // What a callee raised is read back from the context, every word of it, but only for a handler.
            Op::Reraise(_) => words = abi::PAYLOAD_WORDS,
            Op::Call(_) => calls = true,
            Op::Try(_) => tries = true,
            _ => {}
        }
    });
    if tries && calls { abi::PAYLOAD_WORDS } else { words }
}

impl Lower<'_> {
    /// The body, inside a block for the function's own handler if something raises out of it.
    pub fn body_with_handler(&mut self) -> Result<(), String> {
        let to = self.new_label();
        self.handlers.push(Handler { label: None, to, used: false });
        let inner = self.b.function.new_region(&[]);
        let outside = self.b.region();
        self.b.enter(inner);
        if self.region(self.source.body)?.is_some() {
            return Err("the body does not end in a return".into());
        }
        let used = self.handlers.pop().is_some_and(|h| h.used);
        self.b.enter(outside);
        self.b.set_loc(None);
        if !used {
            let insts = std::mem::take(&mut self.b.function.regions[inner].insts);
            self.b.function.regions[outside].insts.extend(insts);
            return Ok(());
        }
        if self.source.entry != Entry::Kernel {
            return Err("an entry raises".into());
        }
        let words = self.caught(to, inner);
        let ctx = self.ctx.ok_or("a function that raises has no context")?;
        store_raised(&mut self.b, ctx, &words);
        self.return_failure()
    }

    /// The block that a raise leaves: its results, filled up to site and four words.
    pub fn caught(&mut self, label: LabelId, body: RegionId) -> Vec<ValueId> {
        let types = &HANDLER_PARAMS[..=self.payload_words];
        let block = self.b.push_typed(Op::Block(label), &[], &[body], types);
        let mut words = self.b.results(block).to_vec();
        while words.len() < HANDLER_PARAMS.len() {
            words.push(self.b.i64(0));
        }
        words
    }

    /// Raises at the site if the condition holds. `payload` are new values.
    pub fn raise_if(&mut self, cond: ValueId, site: SiteId, payload: &[ValueId]) -> Result<(), String> {
        let (_, then, otherwise) = self.b.if_(cond, &[]);
        let outside = self.b.enter(otherwise);
        self.b.yield_(&[]);
        self.b.enter(then);
        let target = self.handlers.last().and_then(|h| h.label);
        self.raise(target, site, payload)?;
        self.b.enter(outside);
        Ok(())
    }

    /// Ends the region with a raise to a source `try` or out of the function.
    pub fn raise(&mut self, target: Option<LabelId>, site: SiteId, payload: &[ValueId]) -> Result<(), String> {
        let mut words = vec![self.i32(site.index() as i64)];
        for &p in payload {
            words.push(match self.b.ty(p) {
                Type::Scalar(Scalar::F64) => self.b.value(Op::Bitcast(Scalar::I64), &[p]),
                _ => self.b.convert(Scalar::I64, p),
            });
        }
        self.raise_words(target, &words)
    }

    /// Ends the region with a raise of a site and payload words.
    pub fn raise_words(&mut self, target: Option<LabelId>, words: &[ValueId]) -> Result<(), String> {
        let n = 1 + self.payload_words;
        let mut words = words[..words.len().min(n)].to_vec();
        while words.len() < n {
            words.push(self.b.i64(0));
        }
        let handler = self.handlers.iter_mut().rev().find(|h| h.label == target).ok_or("no such handler")?;
        handler.used = true;
        let to = handler.to;
        self.b.terminate(Op::Break(to), &words);
        Ok(())
    }

    pub fn check(&mut self, inst: InstId, site: SiteId) -> Result<(), String> {
        let payload = self.list(&self.source.insts[inst].args[1..]);
        self.raise_unless(self.source.insts[inst].args[0], site, &payload)
    }

    /// Raises at the site unless a condition of the source holds. The second of two alternatives is looked at only where
    /// the first fails, so that it leaves the way that is nearly always taken.
    fn raise_unless(&mut self, source: ValueId, site: SiteId, payload: &[ValueId]) -> Result<(), String> {
        let Some([first, second]) = self.alternatives(source) else {
            let holds = self.value(source);
            let failed = self.b.unary(UnaryOp::Not, holds);
            return self.raise_if(failed, site, payload);
        };
        let first = self.value(first);
        let (_, then, otherwise) = self.b.if_(first, &[]);
        let outside = self.b.enter(then);
        self.b.yield_(&[]);
        self.b.enter(otherwise);
        self.raise_unless(second, site, payload)?;
        self.b.yield_(&[]);
        self.b.enter(outside);
        Ok(())
    }

    /// The operands of a disjunction.
    fn alternatives(&self, source: ValueId) -> Option<[ValueId; 2]> {
        let ValueDef::Result(inst, _) = self.source.values[source].def else { return None };
        let inst = &self.source.insts[inst];
        match (&inst.op, inst.args.as_slice()) {
            (Op::Binary(BinaryOp::Or), &[a, b]) => Some([a, b]),
            _ => None,
        }
    }

    /// Checked arithmetic.
    pub fn checked(&mut self, inst: InstId, op: CheckedOp, site: SiteId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let args = self.list(&i.args);
        let s = self.b.ty(args[0]).as_scalar().ok_or("checked arithmetic on a vector")?;
        let (result, failed) = match op {
            CheckedOp::Neg | CheckedOp::Abs => {
                let min = s.int_range().map_or(0, |(low, _)| low as i64);
                let min = self.b.int(s, min);
                let failed = self.b.compare(CompareOp::Eq, args[0], min);
                let plain = if op == CheckedOp::Neg { UnaryOp::Neg } else { UnaryOp::Abs };
                (self.b.unary(plain, args[0]), failed)
            }
            CheckedOp::Shl => self.checked_shl(s, args[0], args[1], i.args[1]),
            CheckedOp::Add | CheckedOp::Sub | CheckedOp::Mul if s.bytes() >= 4 => {
                let new = self.b.push(Op::Overflowing(op), &args, &[]);
                (self.b.results(new)[0], self.b.results(new)[1])
            }
            // Narrow types are computed in 32 bits, which hold every result.
            CheckedOp::Add => self.checked_narrow(s, BinaryOp::Add, &args),
            CheckedOp::Sub => self.checked_narrow(s, BinaryOp::Sub, &args),
            CheckedOp::Mul => self.checked_narrow(s, BinaryOp::Mul, &args),
        };
        self.raise_if(failed, site, &[])?;
        self.bind(&self.source.insts[inst].results, &[result]);
        Ok(())
    }

    fn checked_narrow(&mut self, s: Scalar, op: BinaryOp, args: &[ValueId]) -> (ValueId, ValueId) {
        let (a, b) = (self.b.convert(Scalar::I32, args[0]), self.b.convert(Scalar::I32, args[1]));
        let wide = self.b.binary(op, a, b);
        let result = self.b.convert(s, wide);
        let back = self.b.convert(Scalar::I32, result);
        (result, self.b.compare(CompareOp::Ne, back, wide))
    }

    /// Nothing was lost if shifting back gives the operand, for counts the type has; larger ones lose all but 0.
    fn checked_shl(&mut self, s: Scalar, a: ValueId, count: ValueId, source: ValueId) -> (ValueId, ValueId) {
        let top = s.bits() as i64 - 1;
        let fits = self.range(source).high <= top as i128;
        let top = self.b.int(s, top);
        let large = self.b.compare(CompareOp::Gt, count, top);
        let n = if fits { count } else { self.b.select(large, top, count) };
        let result = self.b.binary(BinaryOp::Shl, a, n);
        let back = self.b.binary(BinaryOp::Shr, result, n);
        let mut failed = self.b.compare(CompareOp::Ne, back, a);
        if !fits {
            let zero = self.b.int(s, 0);
            let some = self.b.compare(CompareOp::Ne, a, zero);
            let lost = self.b.binary(BinaryOp::And, large, some);
            failed = self.b.binary(BinaryOp::Or, failed, lost);
        }
        (result, failed)
    }

    /// Whether a site's exception is of a class: a table with one byte per site.
    pub fn site_matches(&mut self, inst: InstId, exception: abi::status::Exception) {
        let name = format!("gelcap.matches.{}", exception.name());
        let known = self.b.module.data.iter().find(|(_, d)| d.name == name).map(|(id, _)| id);
        let data = known.unwrap_or_else(|| {
            let bits = self.b.module.sites.iter().map(|(_, s)| s.exception.is_subclass(exception) as u64).collect();
            self.b.module.data.push(crate::ir::DataTable { name, element: Scalar::Bool, bits })
        });
        let site = self.value(self.source.insts[inst].args[0]);
        let index = self.b.convert(Scalar::I64, site);
        let table = self.b.value(Op::DataAddr(data), &[]);
        let access = crate::ir::op::Access::dense(Scalar::Bool, crate::ir::AliasClass::TABLE);
        let result = self.b.load(access, table, index);
        self.bind(&self.source.insts[inst].results, &[result]);
    }

    /// The stack pointer against its limit; where there is none, calls left in the context, counted down here and put
    /// back by every exit.
    pub fn stack_check(&mut self, site: SiteId) -> Result<(), String> {
        let ctx = self.ctx.ok_or("a function that checks its stack has no context")?;
        let Some(limit) = self.depth else {
            let limit = self.b.load_frame(Scalar::U64, ctx, abi::ctx::STACK_LIMIT as i32);
            let sp = self.b.value(Op::StackPointer, &[]);
            let sp = self.b.value(Op::PtrToInt, &[sp]);
            let failed = self.b.compare(CompareOp::Lt, sp, limit);
            return self.raise_if(failed, site, &[]);
        };
        let zero = self.b.int(Scalar::U64, 0);
        let failed = self.b.compare(CompareOp::Eq, limit, zero);
        self.raise_if(failed, site, &[])?;
        let one = self.b.int(Scalar::U64, 1);
        let left = self.b.binary(BinaryOp::Sub, limit, one);
        self.b.store_frame(ctx, abi::ctx::STACK_LIMIT as i32, left);
        Ok(())
    }

    /// Ends the region with a return of the function's results.
    pub fn return_(&mut self, values: &[ValueId]) {
        self.restore_depth();
        let mut results = Vec::with_capacity(values.len() + 1);
        if self.calls.takes_context[self.id] {
            results.push(self.i32(abi::STATUS_OK as i64));
        }
        results.extend(values);
        self.b.return_(&results);
    }

    /// Ends the region with a return of the failure status; the context says what was raised.
    pub fn return_failure(&mut self) -> Result<(), String> {
        if !self.calls.takes_context[self.id] {
            return Err("a function that cannot fail fails".into());
        }
        self.restore_depth();
        let mut results = vec![self.i32(abi::STATUS_RAISED as i64)];
        let rest = self.b.function.results[1..].to_vec();
        for t in rest {
            results.push(self.zero(t));
        }
        self.b.return_(&results);
        Ok(())
    }

    fn restore_depth(&mut self) {
        if let (Some(depth), Some(ctx)) = (self.depth, self.ctx) {
            self.b.store_frame(ctx, abi::ctx::STACK_LIMIT as i32, depth);
        }
    }
}
