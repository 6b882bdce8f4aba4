//! Which memory a kernel may store into: of pointers and arrays that it only reads, hosts take read-only ones too.

use crate::ir::op::{ArrayOp, VectorOp};
use crate::ir::{FuncId, Function, Inst, Module, Op, Type, ValueId};

/// Which parameters a function may store through. What it does not follow counts as a store.
#[derive(Default)]
pub struct Writes {
    /// Parameters on the way, which recursive calls ask about again.
    seen: Vec<(FuncId, usize)>,
}

impl Writes {
    /// Whether a function may store into what its parameter at the position leads to, or hands it on to its caller.
    pub fn param(&mut self, module: &Module, func: FuncId, position: usize) -> bool {
        if self.seen.contains(&(func, position)) {
            return false;
        }
        self.seen.push((func, position));
        let f = &module.functions[func];
        let Some(&param) = f.params().get(position) else { return true };
        let mut derived = vec![param];
        // Each round may follow an address one step further; there are fewer steps than instructions.
        loop {
            let known = derived.len();
            for (_, inst) in f.insts.iter() {
                for (i, arg) in inst.args.iter().enumerate() {
                    if derived.contains(arg) && self.stores(module, f, inst, i, &mut derived) {
                        return true;
                    }
                }
            }
            if derived.len() == known {
                return false;
            }
        }
    }

    /// Whether an instruction may store through its argument `i`, an address or array; what it makes of it is added to
    /// `derived`.
    fn stores(&mut self, module: &Module, f: &Function, inst: &Inst, i: usize, derived: &mut Vec<ValueId>) -> bool {
        match &inst.op {
            Op::Load(_) | Op::PtrToInt | Op::Compare(_) => false,
            Op::Vector(VectorOp::Load(_) | VectorOp::Gather(_) | VectorOp::PackLoad(..)) => false,
            Op::PtrAdd | Op::Select => {
                inst.results.iter().for_each(|&v| add(derived, v));
                false
            }
            Op::Array(op) => match op {
                ArrayOp::View(_) | ArrayOp::Permute(_) | ArrayOp::Forget(_) | ArrayOp::Data | ArrayOp::Make(..) => {
                    inst.results.iter().for_each(|&v| add(derived, v));
                    false
                }
                ArrayOp::Set | ArrayOp::Assign(_) => i == 0,
                ArrayOp::Escape => true,
                ArrayOp::Dim(_)
                | ArrayOp::Stride(_)
                | ArrayOp::Get
                | ArrayOp::Map(..)
                | ArrayOp::Reduce(..)
                | ArrayOp::Alloc(..) => false,
            },
            Op::Call(callee) => {
                let gives_memory = module.functions[*callee].results.iter().any(leads_to_memory);
                gives_memory || self.param(module, *callee, i)
            }
            // By a join or round a loop: it may be any of what constructs give and their regions take.
            Op::Yield | Op::Break(_) | Op::Continue(_) | Op::Condition | Op::For(_) | Op::While(_) => {
                let constructs = f.insts.iter().filter(|(_, inst)| !inst.regions.is_empty());
                for (_, construct) in constructs {
                    let taken = construct.regions.iter().flat_map(|&r| &f.regions[r].params);
                    construct.results.iter().chain(taken).for_each(|&v| {
                        if leads_to_memory(&f.ty(v)) {
                            add(derived, v);
                        }
                    });
                }
                false
            }
            _ => true,
        }
    }
}

fn leads_to_memory(ty: &Type) -> bool {
    matches!(ty, Type::Ptr | Type::Array(_))
}

fn add(derived: &mut Vec<ValueId>, v: ValueId) {
    if !derived.contains(&v) {
        derived.push(v);
    }
}
