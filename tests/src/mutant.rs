//! Planted faults: what a compiler might get wrong, done to the IR on purpose, to see that the judges notice.
//!
//! A fault is planted at one instruction of a module at some level, between what made the module and what takes it. The
//! interpreter runs it, as it notices wrong accesses instead of suffering from them.

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::ir::op::{ArrayOp, BinaryOp, BufferOp, CheckedOp, CompareOp, Const, ReduceOp};
use gelcap_compiler::ir::{
    AliasClass, Entry, FuncId, Function, Inst, InstId, Level, Module, Op, RegionId, Type, ValueData, ValueDef,
};
use gelcap_compiler::types::Scalar;

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    SumForDifference,
    SumForProduct,
    BoundOffByOne,
    EqualForUnequal,
    ConstantOffByOne,
    CheckDropped,
    OverflowUnnoticed,
    BranchNeverTaken,
    ChoiceExchanged,
    StoreDropped,
    AccessShifted,
    StrideDoubled,
    AxisExchanged,
    SmallestForLargest,
    SignForgotten,
    ReleaseForgotten,
    ReferenceForgotten,
}

impl Fault {
    pub const ALL: [Fault; 17] = [
        Fault::SumForDifference,
        Fault::SumForProduct,
        Fault::BoundOffByOne,
        Fault::EqualForUnequal,
        Fault::ConstantOffByOne,
        Fault::CheckDropped,
        Fault::OverflowUnnoticed,
        Fault::BranchNeverTaken,
        Fault::ChoiceExchanged,
        Fault::StoreDropped,
        Fault::AccessShifted,
        Fault::StrideDoubled,
        Fault::AxisExchanged,
        Fault::SmallestForLargest,
        Fault::SignForgotten,
        Fault::ReleaseForgotten,
        Fault::ReferenceForgotten,
    ];

    /// The fault can be planted at an instruction.
    pub fn applies(self, f: &Function, at: InstId) -> bool {
        let op = &f.insts[at].op;
        match self {
            Fault::CheckDropped => matches!(op, Op::Check(_)),
            Fault::StoreDropped => match op {
                Op::Store(access) => access.class != AliasClass::FRAME,
                _ => matches!(op, Op::Array(ArrayOp::Set | ArrayOp::Assign(_))),
            },
            Fault::ReleaseForgotten => {
                matches!(op, Op::CallImport(Import::BufferRelease) | Op::Buffer(BufferOp::Release))
            }
            Fault::ReferenceForgotten => *op == Op::CallImport(Import::BufferRetain),
            Fault::BranchNeverTaken => stays(f, at).is_some(),
            Fault::ChoiceExchanged => *op == Op::Select && f.insts[at].args[1] != f.insts[at].args[2],
            Fault::SumForDifference
            | Fault::SumForProduct
            | Fault::BoundOffByOne
            | Fault::EqualForUnequal
            | Fault::ConstantOffByOne
            | Fault::OverflowUnnoticed
            | Fault::AccessShifted
            | Fault::StrideDoubled
            | Fault::AxisExchanged
            | Fault::SmallestForLargest
            | Fault::SignForgotten => self.replaced(f, at).is_some(),
        }
    }

    /// Plants it where it applies.
    pub fn plant(self, f: &mut Function, at: InstId) {
        match self {
            Fault::CheckDropped | Fault::StoreDropped | Fault::ReleaseForgotten | Fault::ReferenceForgotten => {
                if let Some((region, position)) = place(f, at) {
                    f.regions[region].insts.remove(position);
                }
            }
            Fault::BranchNeverTaken => never_take(f, at),
            Fault::ChoiceExchanged => f.insts[at].args.swap(1, 2),
            Fault::SumForDifference
            | Fault::SumForProduct
            | Fault::BoundOffByOne
            | Fault::EqualForUnequal
            | Fault::ConstantOffByOne
            | Fault::OverflowUnnoticed
            | Fault::AccessShifted
            | Fault::StrideDoubled
            | Fault::AxisExchanged
            | Fault::SmallestForLargest
            | Fault::SignForgotten => {
                if let Some(op) = self.replaced(f, at) {
                    f.insts[at].op = op;
                }
            }
        }
    }

    fn replaced(self, f: &Function, at: InstId) -> Option<Op> {
        let first = f.insts[at].args.first().map(|a| f.ty(*a));
        let rank = match first {
            Some(Type::Array(array)) => array.rank,
            _ => 0,
        };
        self.other(&f.insts[at].op, rank, first.and_then(Type::element).is_some_and(Scalar::is_float))
    }

    /// The op that stands in another's place.
    fn other(self, op: &Op, rank: u8, float: bool) -> Option<Op> {
        Some(match (self, op.clone()) {
            (Fault::SumForDifference, Op::Binary(BinaryOp::Add)) => Op::Binary(BinaryOp::Sub),
            (Fault::SumForDifference, Op::Binary(BinaryOp::Sub)) => Op::Binary(BinaryOp::Add),
            (Fault::SumForDifference, Op::Checked(CheckedOp::Add, site)) => Op::Checked(CheckedOp::Sub, site),
            (Fault::SumForDifference, Op::Checked(CheckedOp::Sub, site)) => Op::Checked(CheckedOp::Add, site),
            (Fault::SumForDifference, Op::Overflowing(CheckedOp::Add)) => Op::Overflowing(CheckedOp::Sub),
            (Fault::SumForDifference, Op::Overflowing(CheckedOp::Sub)) => Op::Overflowing(CheckedOp::Add),
            (Fault::SumForProduct, Op::Binary(BinaryOp::Mul)) => Op::Binary(BinaryOp::Add),
            (Fault::SumForProduct, Op::Binary(BinaryOp::Div)) if float => Op::Binary(BinaryOp::Mul),
            (Fault::SumForProduct, Op::Checked(CheckedOp::Mul, site)) => Op::Checked(CheckedOp::Add, site),
            (Fault::SumForProduct, Op::Array(ArrayOp::Reduce(ReduceOp::Sum, s))) => {
                Op::Array(ArrayOp::Reduce(ReduceOp::Prod, s))
            }
            (Fault::BoundOffByOne, Op::Compare(CompareOp::Lt)) => Op::Compare(CompareOp::Le),
            (Fault::BoundOffByOne, Op::Compare(CompareOp::Le)) => Op::Compare(CompareOp::Lt),
            (Fault::BoundOffByOne, Op::Compare(CompareOp::Gt)) => Op::Compare(CompareOp::Ge),
            (Fault::BoundOffByOne, Op::Compare(CompareOp::Ge)) => Op::Compare(CompareOp::Gt),
            (Fault::EqualForUnequal, Op::Compare(CompareOp::Eq)) => Op::Compare(CompareOp::Ne),
            (Fault::EqualForUnequal, Op::Compare(CompareOp::Ne)) => Op::Compare(CompareOp::Eq),
            (Fault::ConstantOffByOne, Op::Const(c)) if c.ty.is_int() => {
                Op::Const(Const::int(c.ty, (c.as_int() as i64).wrapping_add(1)))
            }
            (Fault::AccessShifted, Op::Load(mut access)) if access.class != AliasClass::FRAME => {
                access.offset += i32::from(access.element.bytes() as u8);
                Op::Load(access)
            }
            (Fault::AccessShifted, Op::Store(mut access)) if access.class != AliasClass::FRAME => {
                access.offset += i32::from(access.element.bytes() as u8);
                Op::Store(access)
            }
            (Fault::StrideDoubled, Op::Load(mut access)) if access.scale > 1 => {
                access.scale *= 2;
                Op::Load(access)
            }
            (Fault::StrideDoubled, Op::Store(mut access)) if access.scale > 1 => {
                access.scale *= 2;
                Op::Store(access)
            }
            (Fault::AxisExchanged, Op::Array(ArrayOp::Dim(k))) if rank > 1 => Op::Array(ArrayOp::Dim((k + 1) % rank)),
            (Fault::AxisExchanged, Op::Array(ArrayOp::Stride(k))) if rank > 1 => {
                Op::Array(ArrayOp::Stride((k + 1) % rank))
            }
            (Fault::SmallestForLargest, Op::Binary(BinaryOp::Min)) => Op::Binary(BinaryOp::Max),
            (Fault::SmallestForLargest, Op::Binary(BinaryOp::Max)) => Op::Binary(BinaryOp::Min),
            (Fault::SmallestForLargest, Op::Array(ArrayOp::Reduce(ReduceOp::Min, s))) => {
                Op::Array(ArrayOp::Reduce(ReduceOp::Max, s))
            }
            (Fault::SmallestForLargest, Op::Array(ArrayOp::Reduce(ReduceOp::Max, s))) => {
                Op::Array(ArrayOp::Reduce(ReduceOp::Min, s))
            }
            // Checked arithmetic wraps instead.
            (Fault::OverflowUnnoticed, Op::Checked(CheckedOp::Add, _)) => Op::Binary(BinaryOp::Add),
            (Fault::OverflowUnnoticed, Op::Checked(CheckedOp::Sub, _)) => Op::Binary(BinaryOp::Sub),
            (Fault::OverflowUnnoticed, Op::Checked(CheckedOp::Mul, _)) => Op::Binary(BinaryOp::Mul),
            (Fault::SignForgotten, Op::Binary(BinaryOp::FloorDiv)) => Op::Binary(BinaryOp::Div),
            (Fault::SignForgotten, Op::Binary(BinaryOp::FloorMod)) => Op::Binary(BinaryOp::Rem),
            _ => return None,
        })
    }
}

fn place(f: &Function, at: InstId) -> Option<(RegionId, usize)> {
    f.regions.iter().find_map(|(id, r)| Some((id, r.insts.iter().position(|i| *i == at)?)))
}

/// What the condition of a branch is on the side that goes on, if the other one leaves: at Machine level, a check.
fn stays(f: &Function, at: InstId) -> Option<bool> {
    if f.insts[at].op != Op::If || !f.insts[at].results.is_empty() {
        return None;
    }
    let leaves = |r: &RegionId| {
        let last = f.terminator(*r).map(|t| &f.insts[t].op);
        matches!(last, Some(Op::Return | Op::Break(_) | Op::Raise(..) | Op::Reraise(_)))
    };
    let leaving: Vec<bool> = f.insts[at].regions.iter().map(leaves).collect();
    match leaving[..] {
        [true, false] => Some(false),
        [false, true] => Some(true),
        _ => None,
    }
}

/// The condition becomes a constant.
fn never_take(f: &mut Function, at: InstId) {
    let (Some(stays), Some((region, position))) = (stays(f, at), place(f, at)) else { return };
    let inst = f.insts.push(Inst {
        op: Op::Const(Const::bool(stays)),
        args: Default::default(),
        results: Default::default(),
        regions: Default::default(),
    });
    f.inst_locs.set(inst, None);
    let value = f.values.push(ValueData { ty: Type::BOOL, def: ValueDef::Result(inst, 0) });
    f.insts[inst].results.push(value);
    f.insts[at].args[0] = value;
    f.regions[region].insts.insert(position, inst);
}

/// Where a fault can be planted: functions that are no entries, at instructions that are reached from their bodies.
pub fn places(module: &Module, fault: Fault) -> Vec<(FuncId, InstId)> {
    let mut found = Vec::new();
    for (id, f) in module.functions.iter() {
        // Above Machine level entries hold no user's code; rare paths of elementary functions have tests of their own.
        if f.entry != Entry::Kernel && module.level != Level::Machine || f.name.starts_with("gelcap.math") {
            continue;
        }
        let mut reached = Vec::new();
        reach(f, f.body, &mut reached);
        found.extend(reached.into_iter().filter(|at| fault.applies(f, *at)).map(|at| (id, at)));
    }
    found
}

fn reach(f: &Function, region: RegionId, found: &mut Vec<InstId>) {
    for &inst in &f.regions[region].insts {
        found.push(inst);
        f.insts[inst].regions.iter().for_each(|r| reach(f, *r, found));
    }
}
