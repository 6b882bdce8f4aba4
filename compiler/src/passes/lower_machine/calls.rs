//! Calls between functions, and where the context comes from.
//!
//! A callee that takes a context gives a status. After a failure the context already says what was raised: a function
//! passes that on by returning, a handler reads it.

use super::Lower;
use crate::abi;
use crate::abi::imports::Import;
use crate::ir::op::CompareOp;
use crate::ir::{FuncId, Function, InstId, Op, ValueId};
use crate::types::Scalar;

/// The function has a [`Op::StackCheck`] of its own.
pub fn has_stack_check(f: &Function) -> bool {
    let mut found = false;
    f.walk(f.body, &mut |inst| found |= matches!(f.insts[inst].op, Op::StackCheck(_)));
    found
}

impl Lower<'_> {
    pub fn call(&mut self, inst: InstId, callee: FuncId) -> Result<(), String> {
        let i = &self.source.insts[inst];
        let mut args = self.list(&i.args);
        if !self.calls.takes_context[callee] {
            let new = self.b.call(callee, &args);
            let results = self.b.results(new).to_vec();
            self.bind(&i.results, &results);
            return Ok(());
        }
        let ctx = self.ctx.ok_or("a caller of a fallible function has no context")?;
        args.insert(0, ctx);
        let new = self.b.call(callee, &args);
        let results = self.b.results(new).to_vec();
        let ok = self.i32(abi::STATUS_OK as i64);
        let failed = self.b.compare(CompareOp::Ne, results[0], ok);
        let (_, then, otherwise) = self.b.if_(failed, &[]);
        let outside = self.b.enter(otherwise);
        self.b.yield_(&[]);
        self.b.enter(then);
        match self.handlers.last().and_then(|h| h.label) {
            None => self.return_failure()?,
            label => {
                let mut words = vec![self.b.load_frame(Scalar::I32, ctx, abi::ctx::SITE as i32)];
                for k in 0..abi::PAYLOAD_WORDS {
                    let offset = abi::ctx::PAYLOAD as usize + k * 8;
                    words.push(self.b.load_frame(Scalar::I64, ctx, offset as i32));
                }
                self.raise_words(label, &words)?;
            }
        }
        self.b.enter(outside);
        self.bind(&self.source.insts[inst].results, &results[1..]);
        Ok(())
    }

    /// The context of a C entry: memory of its own, if anything it calls takes one. Only the stack limit is ever read
    /// before it is written, and only where the stack is checked.
    pub fn c_context(&mut self) -> Option<ValueId> {
        let limit = self.calls.checks_stack[self.id];
        if !limit && !self.calls.callees[self.id].iter().any(|&c| self.calls.takes_context[c]) {
            return None;
        }
        let ctx = self.b.value(Op::StackSlot(abi::ctx::SIZE), &[]);
        if limit {
            let call = self.b.push(Op::CallImport(Import::StackLimit), &[], &[]);
            let limit = self.b.results(call)[0];
            self.b.store_frame(ctx, abi::ctx::STACK_LIMIT as i32, limit);
        }
        Some(ctx)
    }
}
