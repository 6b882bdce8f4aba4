//! Operands, results and region parameters have the types that [`typing`] says; attributes are sane.

use super::{Checker, MAX_STACK, ids};
use crate::ir::module::{Entry, InstId, Linkage};
use crate::ir::op::{ArrayOp, Op, VectorOp};
use crate::ir::ty::{MAX_RANK, Type};
use crate::ir::typing::{self, Context, list};

pub fn check(cx: &mut Checker<'_>, insts: &[InstId]) {
    signature(cx);
    let f = cx.f;
    let params = f.types(f.params());
    for ty in params.iter().chain(&f.results) {
        exists(cx, None, *ty);
    }
    let mut stack = 0u32;
    for &id in insts {
        inst(cx, id);
        attributes(cx, id);
        if let Op::StackSlot(bytes) = f.insts[id].op {
            stack = stack.saturating_add(bytes);
            if bytes == 0 || stack > MAX_STACK {
                cx.fault(id, format!("stack slots are at least 1 byte and together at most {MAX_STACK}"));
            }
        }
    }
}

/// Entries have the signature that their callers use.
fn signature(cx: &mut Checker<'_>) {
    let f = cx.f;
    let params = f.types(f.params());
    match f.entry {
        Entry::Kernel => return,
        Entry::Packed => {
            if params != [Type::Ptr, Type::Ptr] || f.results != [Type::I32] {
                cx.fault(None, "a packed entry is `(ptr, ptr) -> i32`");
            }
        }
        Entry::C => {
            let plain = |t: &Type| matches!(t, Type::Scalar(_) | Type::Ptr);
            if !params.iter().chain(&f.results).all(plain) || f.results.len() > 1 {
                cx.fault(None, "a C entry takes scalars and addresses and gives at most one");
            }
        }
    }
    if f.linkage != Linkage::Export {
        cx.fault(None, "an entry that is not exported cannot be entered");
    }
}

fn exists(cx: &mut Checker<'_>, at: Option<InstId>, ty: Type) {
    let ok = match ty {
        Type::Pack(_, lanes) => typing::lanes(lanes).is_ok(),
        Type::Array(a) => a.rank <= MAX_RANK,
        Type::Scalar(_) | Type::Ptr | Type::Vec(_) | Type::Buffer => true,
    };
    if !ok {
        cx.fault(at, format!("there is no type {ty}"));
    }
}

fn inst(cx: &mut Checker<'_>, id: InstId) {
    let (m, f) = (cx.m, cx.f);
    let data = &f.insts[id];
    let args = f.types(&data.args);
    match typing::result_types(&Context { module: m, function: f }, &data.op, &args, &data.regions) {
        Err(why) => return cx.fault(id, format!("{}: {why}", data.op.name())),
        // What `if`, `block` and `try` give is for their exits to agree with: see `control`.
        Ok(None) => {}
        Ok(Some(types)) => {
            if !data.results.iter().map(|&v| f.ty(v)).eq(types.iter().copied()) {
                let recorded = list(&f.types(&data.results));
                cx.fault(id, format!("{} gives ({}), not ({recorded})", data.op.name(), list(&types)));
            }
        }
    }
    for &v in &data.results {
        exists(cx, Some(id), f.ty(v));
    }
    for (k, &region) in data.regions.iter().enumerate() {
        let wanted = typing::region_params(&data.op, &args, k);
        let params = f.types(&f.regions[region].params);
        if params != wanted {
            cx.fault(id, format!("region {k} takes ({}), not ({})", list(&wanted), list(&params)));
        }
    }
}

fn attributes(cx: &mut Checker<'_>, id: InstId) {
    let (m, f) = (cx.m, cx.f);
    let data = &f.insts[id];
    let access = match &data.op {
        Op::Load(a) | Op::Store(a) => Some(a),
        Op::Vector(
            VectorOp::Load(a)
            | VectorOp::Store(a)
            | VectorOp::Gather(a)
            | VectorOp::Scatter(a)
            | VectorOp::PackLoad(a, _)
            | VectorOp::PackStore(a),
        ) => Some(a),
        _ => None,
    };
    if access.is_some_and(|a| a.scale == 0) {
        cx.fault(id, "the scale of an access is at least 1");
    }
    let writes = match &data.op {
        Op::Store(_) | Op::Vector(VectorOp::Store(_) | VectorOp::Scatter(_) | VectorOp::PackStore(_)) => true,
        Op::Array(ArrayOp::Make(ty, _)) => ty.writable,
        _ => false,
    };
    if writes && ids::class(&data.op).is_some_and(|c| f.aliases[c].constant) {
        cx.fault(id, "a constant alias class is not written");
    }
    if let Op::Call(callee) = data.op
        && m.functions[callee].entry != Entry::Kernel
    {
        cx.fault(id, "only kernels are called, not entries");
    }
}
