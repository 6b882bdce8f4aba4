//! Sets of integers by their bounds: what [`super::ranges`] computes with.

use crate::ir::op::{BinaryOp, CompareOp, Const};
use crate::types::Scalar;

/// The integers from `low` to `high`, without 0 if `nonzero`. Empty where `low > high`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    pub low: i128,
    pub high: i128,
    pub nonzero: bool,
}

impl Default for Interval {
    fn default() -> Interval {
        Interval::ALL
    }
}

impl Interval {
    /// Any value of any integer type.
    pub const ALL: Interval = Interval { low: i64::MIN as i128, high: u64::MAX as i128, nonzero: false };

    pub const fn new(low: i128, high: i128) -> Interval {
        Interval { low, high, nonzero: low > 0 || high < 0 }
    }

    pub const fn exactly(value: i128) -> Interval {
        Interval::new(value, value)
    }

    /// The values of a scalar type; for floats, which have no interval, everything.
    pub fn of_type(s: Scalar) -> Interval {
        s.int_range().map_or(Interval::ALL, |(low, high)| Interval::new(low, high))
    }

    pub fn of_const(c: Const) -> Interval {
        if c.ty.is_float() { Interval::ALL } else { Interval::exactly(c.as_int()) }
    }

    pub fn is_empty(self) -> bool {
        self.low > self.high || (self.nonzero && self.low == 0 && self.high == 0)
    }

    pub fn contains(self, value: i128) -> bool {
        self.low <= value && value <= self.high && !(self.nonzero && value == 0)
    }

    pub fn is_inside(self, other: Interval) -> bool {
        self.is_empty() || (other.low <= self.low && self.high <= other.high && (!other.nonzero || !self.contains(0)))
    }

    /// Every value fits the type.
    pub fn fits(self, s: Scalar) -> bool {
        s.int_range().is_some_and(|(low, high)| low <= self.low && self.high <= high)
    }

    /// The one value in it, if there is but one.
    pub fn single(self) -> Option<i128> {
        (self.low == self.high && !self.is_empty()).then_some(self.low)
    }

    /// The values in both.
    pub fn meet(self, other: Interval) -> Interval {
        let mut low = self.low.max(other.low);
        let mut high = self.high.min(other.high);
        let nonzero = self.nonzero || other.nonzero;
        if nonzero && low == 0 {
            low = 1;
        }
        if nonzero && high == 0 {
            high = -1;
        }
        Interval { low, high, nonzero: nonzero || low > 0 || high < 0 }
    }

    /// The values in either, and those between.
    pub fn join(self, other: Interval) -> Interval {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Interval {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            nonzero: !self.contains(0) && !other.contains(0),
        }
    }

    /// Cut to a type: the same if it fits, else any value of the type (it may have wrapped).
    pub fn wrapped(self, s: Scalar) -> Interval {
        if self.fits(s) { self } else { Interval::of_type(s) }
    }

    /// The largest magnitude.
    fn magnitude(self) -> i128 {
        self.low.abs().max(self.high.abs())
    }

    /// The mathematical result of an op on every pair, before any wrapping; `None` if nothing is known.
    pub fn binary(op: BinaryOp, a: Interval, b: Interval) -> Option<Interval> {
        if a.is_empty() || b.is_empty() {
            return None;
        }
        Some(match op {
            BinaryOp::Add => Interval::new(a.low + b.low, a.high + b.high),
            BinaryOp::Sub => Interval::new(a.low - b.high, a.high - b.low),
            BinaryOp::Mul => {
                let ends = [
                    a.low.checked_mul(b.low)?,
                    a.low.checked_mul(b.high)?,
                    a.high.checked_mul(b.low)?,
                    a.high.checked_mul(b.high)?,
                ];
                let (low, high) = (ends.into_iter().min()?, ends.into_iter().max()?);
                Interval { nonzero: !a.contains(0) && !b.contains(0), ..Interval::new(low, high) }
            }
            BinaryOp::Min => Interval::new(a.low.min(b.low), a.high.min(b.high)),
            BinaryOp::Max => Interval::new(a.low.max(b.low), a.high.max(b.high)),
            // Division by zero gives 0; the quotient is no larger than the dividend.
            BinaryOp::Div if b.low > 0 => {
                let (low, high) = (if a.low < 0 { b.low } else { b.high }, if a.high < 0 { b.high } else { b.low });
                Interval::new(a.low / low, a.high / high)
            }
            BinaryOp::FloorDiv if b.low > 0 => {
                let (low, high) = (if a.low < 0 { b.low } else { b.high }, if a.high < 0 { b.high } else { b.low });
                Interval::new(a.low.div_euclid(low), a.high.div_euclid(high))
            }
            BinaryOp::Div | BinaryOp::FloorDiv => Interval::new(-a.magnitude(), a.magnitude()),
            BinaryOp::Rem => {
                let bound = (b.magnitude() - 1).max(0).min(a.magnitude());
                Interval::new(if a.low < 0 { -bound } else { 0 }, if a.high > 0 { bound } else { 0 })
            }
            BinaryOp::FloorMod => Interval::new((b.low + 1).min(0), (b.high - 1).max(0)),
            BinaryOp::And => match (a.low >= 0, b.low >= 0) {
                (true, true) => Interval::new(0, a.high.min(b.high)),
                (true, false) => Interval::new(0, a.high),
                (false, true) => Interval::new(0, b.high),
                (false, false) => return None,
            },
            BinaryOp::Or | BinaryOp::Xor if a.low >= 0 && b.low >= 0 => {
                let bits = 128 - a.high.max(b.high).leading_zeros();
                let low = if op == BinaryOp::Or { a.low.max(b.low) } else { 0 };
                Interval::new(low, (1i128 << bits) - 1)
            }
            BinaryOp::Shl if b.low >= 0 && b.high <= 62 && a.low >= 0 => {
                Interval::new(a.low << b.low, a.high.checked_mul(1i128 << b.high)?)
            }
            BinaryOp::Shr if b.low >= 0 && b.high <= 64 => Interval::new(
                a.low >> if a.low < 0 { b.low } else { b.high },
                a.high >> if a.high < 0 { b.high } else { b.low },
            ),
            BinaryOp::Or | BinaryOp::Xor | BinaryOp::Shl | BinaryOp::Shr | BinaryOp::CopySign => return None,
        })
    }

    /// What a comparison gives for all pairs, if it is the same for all.
    pub fn compare(op: CompareOp, a: Interval, b: Interval) -> Option<bool> {
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let apart = a.high < b.low
            || b.high < a.low
            || (a.single() == Some(0) && b.nonzero)
            || (b.single() == Some(0) && a.nonzero);
        let same = a.single().is_some() && a.single() == b.single();
        match op {
            CompareOp::Eq | CompareOp::Ne if apart => Some(op == CompareOp::Ne),
            CompareOp::Eq | CompareOp::Ne if same => Some(op == CompareOp::Eq),
            CompareOp::Lt if a.high < b.low => Some(true),
            CompareOp::Lt if a.low >= b.high => Some(false),
            CompareOp::Le if a.high <= b.low => Some(true),
            CompareOp::Le if a.low > b.high => Some(false),
            CompareOp::Gt | CompareOp::Ge => Interval::compare(op.swapped(), b, a),
            CompareOp::Eq | CompareOp::Ne | CompareOp::Lt | CompareOp::Le => None,
        }
    }

    /// What is left of `self` where `self op other` holds.
    pub fn where_true(self, op: CompareOp, other: Interval) -> Interval {
        if other.is_empty() {
            return self;
        }
        match op {
            CompareOp::Eq => self.meet(other),
            CompareOp::Ne => match other.single() {
                Some(0) => self.meet(Interval { nonzero: true, ..Interval::ALL }),
                Some(v) if v == self.low => Interval { low: v + 1, ..self },
                Some(v) if v == self.high => Interval { high: v - 1, ..self },
                _ => self,
            },
            CompareOp::Lt => self.meet(Interval { low: i128::MIN, high: other.high - 1, nonzero: false }),
            CompareOp::Le => self.meet(Interval { low: i128::MIN, high: other.high, nonzero: false }),
            CompareOp::Gt => self.meet(Interval { low: other.low + 1, high: i128::MAX, nonzero: false }),
            CompareOp::Ge => self.meet(Interval { low: other.low, high: i128::MAX, nonzero: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::eval;

    const OPS: [BinaryOp; 14] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Rem,
        BinaryOp::FloorDiv,
        BinaryOp::FloorMod,
        BinaryOp::And,
        BinaryOp::Or,
        BinaryOp::Xor,
        BinaryOp::Shl,
        BinaryOp::Shr,
        BinaryOp::Min,
        BinaryOp::Max,
    ];

    /// Every op on every pair of small intervals holds what evaluation gives for their members.
    #[test]
    fn intervals_hold_every_result() {
        let bounds = [-128i128, -127, -7, -2, -1, 0, 1, 2, 7, 8, 126, 127];
        let mut intervals = Vec::new();
        for (i, &low) in bounds.iter().enumerate() {
            for &high in &bounds[i..] {
                intervals.push(Interval::new(low, high));
            }
        }
        for op in OPS {
            for &a in &intervals {
                for &b in &intervals {
                    let result = Interval::binary(op, a, b).unwrap_or(Interval::ALL).wrapped(Scalar::I8);
                    for x in [a.low, (a.low + a.high) / 2, a.high] {
                        for y in [b.low, (b.low + b.high) / 2, b.high] {
                            let c = |v: i128| Const::int(Scalar::I8, v as i64);
                            let r = eval::binary(op, c(x), c(y)).as_int();
                            assert!(result.contains(r), "{} {x} {y} = {r}, not in {result:?}", op.name());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn comparisons_narrow_both_ways() {
        let any = Interval::of_type(Scalar::I32);
        let positive = any.where_true(CompareOp::Gt, Interval::exactly(0));
        assert_eq!((positive.low, positive.nonzero), (1, true));
        assert_eq!(Interval::compare(CompareOp::Ge, positive, Interval::exactly(1)), Some(true));
        assert_eq!(Interval::compare(CompareOp::Lt, positive, Interval::exactly(2)), None);
        let nonzero = any.where_true(CompareOp::Ne, Interval::exactly(0));
        assert_eq!(Interval::compare(CompareOp::Eq, nonzero, Interval::exactly(0)), Some(false));
        assert!(!nonzero.contains(0) && nonzero.contains(-1));
    }
}
