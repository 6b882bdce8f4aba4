//! Rewrites what a target lacks into what it has. Differences between targets are fields of [`Target`]; this is the only
//! pass that reads them besides lowering's stack checks.
//!
//! Without overflow flags, an overflow of addition shows in the sign bits; that of an `i64` product is settled by a
//! range test that nearly always passes, and by the high half of the product where it does not: no division. With a
//! constant factor it is one comparison.
//!
//! Takes and leaves Machine level.

use super::edit::Writer;
use super::manager::Cx;
use crate::back::Target;
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, Op};
use crate::ir::visit::Substitution;
use crate::ir::{Function, InstId, RegionId, Type, ValueId};
use crate::types::Scalar;

pub fn run(f: &mut Function, cx: &Cx<'_>) -> bool {
    if cx.target.overflow_flags && cx.target.int_min_max {
        return false;
    }
    let mut replaced = Substitution::new();
    // New regions need no second look: what is written is legal.
    for region in f.regions.ids().collect::<Vec<_>>() {
        if f.regions[region].insts.iter().any(|&i| !is_legal(f, i, cx.target)) {
            rewrite(f, region, cx.target, &mut replaced);
        }
    }
    replaced.apply(f);
    !replaced.is_empty
}

fn is_legal(f: &Function, inst: InstId, target: &Target) -> bool {
    let i = &f.insts[inst];
    match i.op {
        Op::Overflowing(_) => target.overflow_flags,
        Op::Binary(BinaryOp::Min | BinaryOp::Max) => target.int_min_max || matches!(f.ty(i.args[0]), Type::Pack(..)),
        _ => true,
    }
}

fn rewrite(f: &mut Function, region: RegionId, target: &Target, replaced: &mut Substitution) {
    let insts = std::mem::take(&mut f.regions[region].insts);
    let mut w = Writer::new(f);
    for inst in insts {
        if is_legal(w.f, inst, target) {
            w.insts.push(inst);
            continue;
        }
        w.loc = w.f.inst_locs[inst];
        let (op, results) = (w.f.insts[inst].op.clone(), w.f.insts[inst].results.clone());
        let (a, b) = (replaced.resolve(w.f.insts[inst].args[0]), replaced.resolve(w.f.insts[inst].args[1]));
        match op {
            Op::Overflowing(op) => {
                let (value, failed) = overflowing(&mut w, op, a, b);
                replaced.replace(results[0], value);
                replaced.replace(results[1], failed);
            }
            Op::Binary(op) => {
                let test = if op == BinaryOp::Min { CompareOp::Lt } else { CompareOp::Gt };
                let c = w.compare(test, a, b);
                let value = w.select(c, a, b);
                replaced.replace(results[0], value);
            }
            _ => {}
        }
    }
    let insts = std::mem::take(&mut w.insts);
    f.regions[region].insts = insts;
}

/// The wrapped result and whether it differs from the true one.
fn overflowing(w: &mut Writer<'_>, op: CheckedOp, a: ValueId, b: ValueId) -> (ValueId, ValueId) {
    let s = w.f.ty(a).as_scalar().unwrap_or(Scalar::I64);
    match op {
        CheckedOp::Add | CheckedOp::Sub => {
            let plain = if op == CheckedOp::Add { BinaryOp::Add } else { BinaryOp::Sub };
            let r = w.binary(plain, a, b);
            let failed = add_overflows(w, op, s, a, b, r);
            (r, failed)
        }
        _ => {
            let r = w.binary(BinaryOp::Mul, a, b);
            let failed = match (w.f.constant(a), w.f.constant(b), s) {
                (_, Some(c), _) => factor_overflows(w, s, a, c.as_int()),
                (Some(c), _, _) => factor_overflows(w, s, b, c.as_int()),
                (_, _, Scalar::I64) => product_overflows(w, a, b, r),
                _ => {
                    let (x, y) = (w.convert(Scalar::I64, a), w.convert(Scalar::I64, b));
                    let wide = w.binary(BinaryOp::Mul, x, y);
                    let back = w.convert(Scalar::I64, r);
                    w.compare(CompareOp::Ne, wide, back)
                }
            };
            (r, failed)
        }
    }
}

/// A sum overflows if its sign is neither operand's; a constant operand leaves one comparison.
fn add_overflows(w: &mut Writer<'_>, op: CheckedOp, s: Scalar, a: ValueId, b: ValueId, r: ValueId) -> ValueId {
    if let Some(c) = w.f.constant(b) {
        let grows = (c.as_int() >= 0) == (op == CheckedOp::Add);
        return w.compare(if grows { CompareOp::Lt } else { CompareOp::Gt }, r, a);
    }
    let first = w.binary(BinaryOp::Xor, a, r);
    let second = match op {
        CheckedOp::Add => w.binary(BinaryOp::Xor, b, r),
        _ => w.binary(BinaryOp::Xor, a, b),
    };
    let both = w.binary(BinaryOp::And, first, second);
    let zero = w.int(s, 0);
    w.compare(CompareOp::Lt, both, zero)
}

/// `a * c` overflows unless `a` lies between the bounds that `c` leaves.
fn factor_overflows(w: &mut Writer<'_>, s: Scalar, a: ValueId, c: i128) -> ValueId {
    let (min, max) = s.int_range().unwrap_or_default();
    if c == 0 || c == 1 {
        return w.int(Scalar::Bool, 0);
    }
    // Towards zero, so that c times the bound fits.
    let (low, high) = if c > 0 { (min / c, max / c) } else { (max / c, (min / c).min(max)) };
    let unsigned = if s == Scalar::I32 { Scalar::U32 } else { Scalar::U64 };
    let bound = w.int(s, low as i64);
    let above = w.binary(BinaryOp::Sub, a, bound);
    let above = w.convert(unsigned, above);
    let span = w.int(unsigned, (high - low) as i64);
    w.compare(CompareOp::Gt, above, span)
}

/// Whether an `i64` product overflows: not if both factors fit 32 bits, else by its high half.
fn product_overflows(w: &mut Writer<'_>, a: ValueId, b: ValueId, r: ValueId) -> ValueId {
    let (narrow_a, narrow_b) = (w.convert(Scalar::I32, a), w.convert(Scalar::I32, b));
    let (back_a, back_b) = (w.convert(Scalar::I64, narrow_a), w.convert(Scalar::I64, narrow_b));
    let (lost_a, lost_b) = (w.binary(BinaryOp::Xor, a, back_a), w.binary(BinaryOp::Xor, b, back_b));
    let lost = w.binary(BinaryOp::Or, lost_a, lost_b);
    let zero = w.int(Scalar::I64, 0);
    let large = w.compare(CompareOp::Ne, lost, zero);
    let (then, ()) = w.region(|w| {
        let high = high_half(w, a, b);
        let count = w.int(Scalar::I64, 63);
        let sign = w.binary(BinaryOp::Shr, r, count);
        let failed = w.compare(CompareOp::Ne, high, sign);
        w.push(Op::Yield, &[failed], &[], &[]);
    });
    let (otherwise, ()) = w.region(|w| {
        let no = w.int(Scalar::Bool, 0);
        w.push(Op::Yield, &[no], &[], &[]);
    });
    let inst = w.push(Op::If, &[large], &[Type::BOOL], &[then, otherwise]);
    w.f.insts[inst].results[0]
}

/// The upper 64 bits of the signed product, from four products of halves (Hacker's Delight, 8-2).
fn high_half(w: &mut Writer<'_>, a: ValueId, b: ValueId) -> ValueId {
    let half = w.int(Scalar::I64, 32);
    let mask = w.int(Scalar::I64, 0xffff_ffff);
    let (a0, a1) = (w.binary(BinaryOp::And, a, mask), w.binary(BinaryOp::Shr, a, half));
    let (b0, b1) = (w.binary(BinaryOp::And, b, mask), w.binary(BinaryOp::Shr, b, half));
    let low = w.binary(BinaryOp::Mul, a0, b0);
    let low = w.convert(Scalar::U64, low);
    let count = w.int(Scalar::U64, 32);
    let carry = w.binary(BinaryOp::Shr, low, count);
    let carry = w.convert(Scalar::I64, carry);
    let cross = w.binary(BinaryOp::Mul, a1, b0);
    let t = w.binary(BinaryOp::Add, cross, carry);
    let (t0, t1) = (w.binary(BinaryOp::And, t, mask), w.binary(BinaryOp::Shr, t, half));
    let cross = w.binary(BinaryOp::Mul, a0, b1);
    let u = w.binary(BinaryOp::Add, cross, t0);
    let u1 = w.binary(BinaryOp::Shr, u, half);
    let top = w.binary(BinaryOp::Mul, a1, b1);
    let top = w.binary(BinaryOp::Add, top, t1);
    w.binary(BinaryOp::Add, top, u1)
}
