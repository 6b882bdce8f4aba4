//! Calls of functions of the program.

use super::{Lower, Val};
use crate::diag::Span;
use crate::front::tast::{Expr, InstanceId, Ty};
use crate::ir::ValueId;

impl Lower<'_, '_, '_> {
    /// Arguments are evaluated in the order of the call and passed in that of the parameters.
    pub(super) fn call_instance(&mut self, callee: InstanceId, args: &[(usize, Expr)], ty: &Ty, span: Span) -> Val {
        let inference = self.cx.inference;
        let params = &inference.instances[callee].params;
        let mut placed: Vec<Option<Val>> = vec![None; params.len()];
        for (position, arg) in args {
            let v = self.expr(arg);
            if let (Some(slot), Some((_, to))) = (placed.get_mut(*position), params.get(*position)) {
                *slot = Some(self.coerce(v, to, arg.span));
            }
        }
        let values: Vec<ValueId> = placed.into_iter().flatten().flat_map(|v| v.parts).collect();
        let f = self.cx.function(self.b.module, callee);
        self.at(span);
        let call = self.b.call(f, &values);
        let result = inference.instances[callee].result.clone();
        let v = Val { ty: result, parts: self.b.results(call).into() };
        self.coerce(v, ty, span)
    }
}
