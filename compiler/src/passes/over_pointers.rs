//! Takes arrays over pointers, which a function makes and whose elements it reads and writes, down to loads and stores.
//!
//! Pays because such arrays cost nothing this way. Anything else that is done with a whole array stays as it is. Takes
//! Array level, leaves it at Loop level where no array is left.

use std::collections::BTreeSet;

use super::edit::{self, Action, Edit, Visitor};
use crate::ir::op::{Access, ArrayOp, BinaryOp};
use crate::ir::{AliasId, ArrayType, Function, InstId, Layout, Level, Module, Op, Type, ValueId};
use crate::types::Scalar;

/// Lowers what it can; gives whether no array is left.
pub fn run(module: &mut Module) -> bool {
    let ids: Vec<_> = module.functions.iter().map(|(id, _)| id).collect();
    for id in ids {
        let f = &mut module.functions[id];
        edit::walk(f, &mut OverPointers);
        // What reads them is gone by now.
        let used = insts(f).into_iter().flat_map(|inst| f.insts[inst].args.clone()).collect();
        edit::walk(f, &mut Unused { used });
    }
    if module.functions.iter().any(|(_, f)| has_arrays(f)) {
        return false;
    }
    module.level = Level::Loop;
    true
}

fn has_arrays(f: &Function) -> bool {
    let array = |&v: &ValueId| matches!(f.ty(v), Type::Array(_));
    let taken = f.regions.iter().flat_map(|(_, region)| &region.params).any(array);
    taken || insts(f).into_iter().any(|inst| matches!(f.insts[inst].op, Op::Array(_)))
}

/// The instructions of the function's body and of all regions in it.
fn insts(f: &Function) -> Vec<InstId> {
    let mut found: Vec<InstId> = f.regions[f.body].insts.clone();
    let mut next = 0;
    while let Some(&inst) = found.get(next) {
        found.extend(f.insts[inst].regions.iter().flat_map(|&r| &f.regions[r].insts));
        next += 1;
    }
    found
}

struct OverPointers;

/// An array that the function has made.
struct Made {
    ty: ArrayType,
    class: AliasId,
    /// Address, extents, strides.
    args: Vec<ValueId>,
}

fn made(e: &Edit<'_>, array: ValueId) -> Option<Made> {
    let inst = &e.f.insts[e.f.def_inst(array)?];
    match &inst.op {
        Op::Array(ArrayOp::Make(ty, class)) => Some(Made { ty: *ty, class: *class, args: inst.args.to_vec() }),
        _ => None,
    }
}

impl Visitor for OverPointers {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let Op::Array(op) = e.f.insts[inst].op.clone() else { return Action::Keep };
        let args = e.f.insts[inst].args.clone();
        let Some(made) = args.first().and_then(|&a| made(e, a)) else { return Action::Keep };
        let rank = usize::from(made.ty.rank);
        match op {
            ArrayOp::Dim(k) | ArrayOp::Stride(k) => {
                let first = if matches!(op, ArrayOp::Dim(_)) { 1 } else { 1 + rank };
                let result = e.f.insts[inst].results[0];
                e.replace(result, made.args[first + usize::from(k)]);
                Action::Remove
            }
            ArrayOp::Get => {
                let (access, base, index) = element(e, inst, &made, &args[1..]);
                e.set(inst, Op::Load(access), &[base, index]);
                Action::Keep
            }
            ArrayOp::Set => {
                let (access, base, index) = element(e, inst, &made, &args[1..1 + rank]);
                e.set(inst, Op::Store(access), &[base, index, args[1 + rank]]);
                Action::Keep
            }
            _ => Action::Keep,
        }
    }
}

/// Where an element is: the dense axis counts elements, the others move the base.
fn element(e: &mut Edit<'_>, at: InstId, made: &Made, indices: &[ValueId]) -> (Access, ValueId, ValueId) {
    let rank = indices.len();
    let dense = match made.ty.layout {
        Layout::C => rank.checked_sub(1),
        Layout::F => rank.checked_sub(1).map(|_| 0),
        Layout::Strided => None,
    };
    let mut base = made.args[0];
    for (k, &index) in indices.iter().enumerate() {
        if Some(k) != dense {
            let bytes = e.insert(at, Op::Binary(BinaryOp::Mul), &[index, made.args[1 + rank + k]], Type::I64);
            base = e.insert(at, Op::PtrAdd, &[base, bytes], Type::Ptr);
        }
    }
    let index = match dense {
        Some(k) => indices[k],
        None => e.insert(at, Op::Const(crate::ir::op::Const::int(Scalar::I64, 0)), &[], Type::I64),
    };
    (Access::dense(made.ty.dtype, made.class), base, index)
}

struct Unused {
    used: BTreeSet<ValueId>,
}

impl Visitor for Unused {
    fn enter(&mut self, e: &mut Edit<'_>, inst: InstId) -> Action {
        let is_make = matches!(e.f.insts[inst].op, Op::Array(ArrayOp::Make(..)));
        let used = e.f.insts[inst].results.iter().any(|v| self.used.contains(v));
        if is_make && !used { Action::Remove } else { Action::Keep }
    }
}
