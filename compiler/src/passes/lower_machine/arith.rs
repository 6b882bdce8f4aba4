//! Division, shifts and conversions: total at Loop level, guarded here for what hardware refuses.
//!
//! Guards are selects, not branches, and are left out where ranges prove them needless. Python's floor division is
//! truncating division corrected by the signs.

use super::Lower;
use crate::ir::op::{BinaryOp, CompareOp, Const, UnaryOp, VectorOp};
use crate::ir::{InstId, Op, Type, ValueId};
use crate::passes::analysis::interval::Interval;
use crate::types::Scalar;

/// An integer operand: its new value and what is known of it.
#[derive(Clone, Copy)]
struct Operand {
    value: ValueId,
    range: Interval,
}

impl Lower<'_> {
    pub fn binary(&mut self, inst: InstId, op: BinaryOp) {
        let i = &self.source.insts[inst];
        let operands: Vec<Operand> =
            i.args.iter().map(|&a| Operand { value: self.value(a), range: self.range(a) }).collect();
        let (a, b) = (operands[0], operands[1]);
        let ty = self.b.ty(a.value);
        let special = match op {
            BinaryOp::Div | BinaryOp::Rem | BinaryOp::FloorDiv | BinaryOp::FloorMod => !ty.is_float(),
            BinaryOp::Shl | BinaryOp::Shr => true,
            _ => false,
        };
        let result = match ty {
            Type::Pack(s, n) if special => self.lanes(s, n, |lower, lane| {
                let [x, y] = [a, b].map(|v| Operand { value: lower.lane(v.value, lane), range: Interval::of_type(s) });
                lower.guarded(op, s, x, y)
            }),
            Type::Scalar(s) if special => self.guarded(op, s, a, b),
            _ => self.b.binary(op, a.value, b.value),
        };
        self.bind(&self.source.insts[inst].results, &[result]);
    }

    fn lane(&mut self, pack: ValueId, lane: u8) -> ValueId {
        self.b.value(Op::Vector(VectorOp::Extract(lane)), &[pack])
    }

    /// A pack of a scalar type, computed lane by lane.
    fn lanes(&mut self, s: Scalar, n: u8, mut compute: impl FnMut(&mut Self, u8) -> ValueId) -> ValueId {
        let zero = self.b.int(s, 0);
        let mut pack = self.b.value(Op::Vector(VectorOp::PackSplat(n)), &[zero]);
        for lane in 0..n {
            let v = compute(self, lane);
            pack = self.b.value(Op::Vector(VectorOp::Insert(lane)), &[pack, v]);
        }
        pack
    }

    fn guarded(&mut self, op: BinaryOp, s: Scalar, a: Operand, b: Operand) -> ValueId {
        match op {
            BinaryOp::Shl | BinaryOp::Shr => self.shift(op, s, a, b),
            _ => self.divide(op, s, a, b),
        }
    }

    /// Counts outside the width give 0, or the sign's fill.
    fn shift(&mut self, op: BinaryOp, s: Scalar, a: Operand, b: Operand) -> ValueId {
        let width = s.bits() as i128;
        if b.range.low >= 0 && b.range.high < width {
            return self.b.binary(op, a.value, b.value);
        }
        let unsigned = unsigned(s);
        let count = self.b.convert(unsigned, b.value);
        let top = self.b.int(unsigned, width as i64 - 1);
        let inside = self.b.compare(CompareOp::Le, count, top);
        let top = self.b.int(s, width as i64 - 1);
        if op == BinaryOp::Shr && s.is_signed() {
            let count = self.b.select(inside, b.value, top);
            return self.b.binary(op, a.value, count);
        }
        let masked = self.b.binary(BinaryOp::And, b.value, top);
        let shifted = self.b.binary(op, a.value, masked);
        let zero = self.b.int(s, 0);
        self.b.select(inside, shifted, zero)
    }

    fn divide(&mut self, op: BinaryOp, s: Scalar, a: Operand, b: Operand) -> ValueId {
        let (min, _) = s.int_range().unwrap_or_default();
        let zero_divisor = b.range.contains(0).then(|| self.equals(s, b.value, 0));
        // MIN / -1 overflows; that -1 negates is true for every dividend, so it is the divisor that is tested.
        let minus_one =
            (s.is_signed() && b.range.contains(-1) && a.range.contains(min)).then(|| self.equals(s, b.value, -1));
        let unsafe_divisor = match (zero_divisor, minus_one) {
            (Some(z), Some(m)) => Some(self.b.binary(BinaryOp::Or, z, m)),
            (z, m) => z.or(m),
        };
        let one = self.b.int(s, 1);
        let divisor = unsafe_divisor.map_or(b.value, |bad| self.b.select(bad, one, b.value));
        let floors = s.is_signed() && (a.range.low < 0 || b.range.low < 0);
        // By 1, remainders are 0: right for both cases that were replaced.
        match op {
            BinaryOp::Rem => return self.b.binary(BinaryOp::Rem, a.value, divisor),
            BinaryOp::FloorMod => {
                let r = self.b.binary(BinaryOp::Rem, a.value, divisor);
                return if floors { self.floor_remainder(s, r, divisor, b.range) } else { r };
            }
            _ => {}
        }
        let mut q = self.b.binary(BinaryOp::Div, a.value, divisor);
        if op == BinaryOp::FloorDiv && floors {
            let r = self.b.binary(BinaryOp::Rem, a.value, divisor);
            let below = self.signs_differ(s, r, divisor, b.range);
            let less = self.b.binary(BinaryOp::Sub, q, one);
            q = self.b.select(below, less, q);
        }
        if let Some(m) = minus_one {
            let negated = self.b.unary(UnaryOp::Neg, a.value);
            q = self.b.select(m, negated, q);
        }
        if let Some(z) = zero_divisor {
            let zero = self.b.int(s, 0);
            q = self.b.select(z, zero, q);
        }
        q
    }

    fn equals(&mut self, s: Scalar, v: ValueId, value: i64) -> ValueId {
        let c = self.b.int(s, value);
        self.b.compare(CompareOp::Eq, v, c)
    }

    fn floor_remainder(&mut self, s: Scalar, r: ValueId, divisor: ValueId, range: Interval) -> ValueId {
        let differ = self.signs_differ(s, r, divisor, range);
        let sum = self.b.binary(BinaryOp::Add, r, divisor);
        self.b.select(differ, sum, r)
    }

    /// The remainder is not 0 and its sign is not the divisor's.
    fn signs_differ(&mut self, s: Scalar, r: ValueId, divisor: ValueId, range: Interval) -> ValueId {
        let zero = self.b.int(s, 0);
        if range.low >= 0 {
            return self.b.compare(CompareOp::Lt, r, zero);
        }
        if range.high <= 0 {
            return self.b.compare(CompareOp::Gt, r, zero);
        }
        let mixed = self.b.binary(BinaryOp::Xor, r, divisor);
        let opposite = self.b.compare(CompareOp::Lt, mixed, zero);
        let inexact = self.b.compare(CompareOp::Ne, r, zero);
        self.b.binary(BinaryOp::And, opposite, inexact)
    }

    /// Floats convert to 32 and 64 bits alone, and narrow integers to floats by way of 32.
    pub fn convert(&mut self, inst: InstId, to: Scalar) {
        let i = &self.source.insts[inst];
        let a = self.value(i.args[0]);
        let ty = self.b.ty(a);
        let from = ty.element().unwrap_or(to);
        let result = if from == to { a } else { self.convert_value(ty, from, to, a) };
        self.bind(&self.source.insts[inst].results, &[result]);
    }

    fn convert_value(&mut self, ty: Type, from: Scalar, to: Scalar, a: ValueId) -> ValueId {
        if to == Scalar::Bool {
            let zero = self.splat(ty, Const::int(from, 0));
            return self.b.compare(CompareOp::Ne, a, zero);
        }
        if from.is_float() && to.is_int() && to.bytes() < 4 {
            let wide = if to.is_signed() { Scalar::I32 } else { Scalar::U32 };
            let (low, high) = to.int_range().unwrap_or_default();
            let v = self.b.convert(wide, a);
            let (low, high) = (Const::int(wide, low as i64), Const::int(wide, high as i64));
            let (low, high) = (self.splat(ty, low), self.splat(ty, high));
            let v = self.b.binary(BinaryOp::Max, v, low);
            let v = self.b.binary(BinaryOp::Min, v, high);
            return self.b.convert(to, v);
        }
        if to.is_float() && !from.is_float() && from.bytes() < 4 {
            let v = self.b.convert(Scalar::I32, a);
            return self.b.convert(to, v);
        }
        self.b.value(Op::Convert(to), &[a])
    }

    /// A constant in the shape of a scalar or pack type.
    fn splat(&mut self, shape: Type, c: Const) -> ValueId {
        let v = self.b.constant(c);
        match shape {
            Type::Pack(_, n) => self.b.value(Op::Vector(VectorOp::PackSplat(n)), &[v]),
            _ => v,
        }
    }
}

/// The unsigned type of the same width.
pub const fn unsigned(s: Scalar) -> Scalar {
    match s {
        Scalar::I8 => Scalar::U8,
        Scalar::I16 => Scalar::U16,
        Scalar::I32 => Scalar::U32,
        Scalar::I64 => Scalar::U64,
        other => other,
    }
}
