//! What the definition of an integer says of its range: enough to leave out the checks that can never fail in code such
//! as `TABLE[bits & 127]`. Range analysis proper is a pass; this keeps obvious checks from being made at all.

use super::Lower;
use crate::ir::op::{BinaryOp, Op};
use crate::ir::{AliasClass, ValueId};
use crate::types::Scalar;

/// How far definitions are followed.
const DEPTH: u32 = 4;

impl Lower<'_, '_, '_> {
    /// Bounds of an integer, both included.
    pub(super) fn known_range(&self, v: ValueId) -> Option<(i128, i128)> {
        self.range_at(v, DEPTH)
    }

    fn range_at(&self, v: ValueId, depth: u32) -> Option<(i128, i128)> {
        let f = &*self.b.function;
        let ty = f.ty(v).as_scalar().filter(|s| !s.is_float())?;
        let of_type = ty.int_range()?;
        if let Some(c) = f.constant(v) {
            return Some((c.as_int(), c.as_int()));
        }
        let Some(inst) = f.def_inst(v).map(|i| &f.insts[i]).filter(|_| depth > 0) else { return Some(of_type) };
        let operand = |k: usize| self.range_at(inst.args[k], depth - 1);
        Some(match inst.op {
            Op::Convert(_) => match operand(0) {
                Some((low, high)) if of_type.0 <= low && high <= of_type.1 => (low, high),
                _ => of_type,
            },
            // An operand that is not negative bounds the result.
            Op::Binary(BinaryOp::And) if ty != Scalar::Bool => {
                let bound = |r: Option<(i128, i128)>| r.filter(|(low, _)| *low >= 0).map(|(_, high)| high);
                match (bound(operand(0)), bound(operand(1))) {
                    (Some(a), Some(b)) => (0, a.min(b)),
                    (Some(a), None) | (None, Some(a)) => (0, a),
                    (None, None) => of_type,
                }
            }
            // As long as it does not wrap.
            Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul)) => match (operand(0), operand(1)) {
                (Some(a), Some(b)) => match arithmetic(op, a, b) {
                    Some((low, high)) if of_type.0 <= low && high <= of_type.1 => (low, high),
                    _ => of_type,
                },
                _ => of_type,
            },
            Op::Binary(BinaryOp::Shr) => match (operand(0), f.constant(inst.args[1])) {
                (Some((low, high)), Some(c)) if (0..i128::from(ty.bits())).contains(&c.as_int()) => {
                    (low >> c.as_int(), high >> c.as_int())
                }
                _ => of_type,
            },
            Op::Load(access) if access.class == AliasClass::TABLE => {
                let table = match f.def_inst(inst.args[0]).map(|i| &f.insts[i].op) {
                    Some(Op::DataAddr(data)) => &self.b.module.data[*data],
                    _ => return Some(of_type),
                };
                let items = table.bits.iter().map(|&bits| crate::ir::op::Const { ty, bits }.as_int());
                items.fold(None, |r: Option<(i128, i128)>, i| Some(r.map_or((i, i), |(l, h)| (l.min(i), h.max(i)))))?
            }
            _ => of_type,
        })
    }
}

/// The range of an operation on two ranges, in true integers.
fn arithmetic(op: BinaryOp, (a, b): (i128, i128), (c, d): (i128, i128)) -> Option<(i128, i128)> {
    match op {
        BinaryOp::Add => Some((a.checked_add(c)?, b.checked_add(d)?)),
        BinaryOp::Sub => Some((a.checked_sub(d)?, b.checked_sub(c)?)),
        _ => {
            let mut corners = [(a, c), (a, d), (b, c), (b, d)].into_iter().map(|(x, y)| x.checked_mul(y));
            let first = corners.next()??;
            corners.try_fold((first, first), |(low, high), x| x.map(|x| (low.min(x), high.max(x))))
        }
    }
}
