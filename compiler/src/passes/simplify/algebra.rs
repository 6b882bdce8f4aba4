//! Identities on single ops. Each is exact for every operand, NaN, infinities and -0.0 included (any NaN equals any NaN).

use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, Const, UnaryOp};
use crate::ir::{Function, InstId, Op, Type, ValueId};
use crate::passes::edit::{Action, Edit};
use crate::types::Scalar;

/// What an instruction becomes.
enum Plain {
    /// One of its operands, or an operand's operand.
    Value(ValueId),
    Const(Const),
    Op(Op, Vec<ValueId>),
}

use Plain::{Op as NewOp, Value};

/// Simplifies one instruction as far as it goes.
pub fn simplify(e: &mut Edit<'_>, inst: InstId) -> Action {
    // Each rule leaves something simpler; the bound is against a mistake.
    for _ in 0..4 {
        let i = &e.f.insts[inst];
        let plain = match &i.op {
            Op::Unary(op) => unary(e.f, *op, i.args[0]),
            Op::Binary(op) => binary(e, inst, *op),
            Op::Checked(op, site) => checked(e.f, *op, *site, &i.args),
            Op::Compare(op) => compare(e, inst, *op),
            Op::Select => select(e, inst),
            Op::Convert(to) => convert(e.f, *to, i.args[0]),
            Op::Bitcast(to) => bitcast(e.f, *to, i.args[0]),
            Op::PtrAdd => pointer(e.f, i.args[0], i.args[1]),
            Op::Load(_) | Op::Store(_) => access(e, inst),
            _ => None,
        };
        match plain {
            None => return Action::Keep,
            Some(Value(v)) => {
                let result = e.f.insts[inst].results[0];
                e.replace(result, v);
                return Action::Remove;
            }
            Some(Plain::Const(c)) => {
                e.set_const(inst, c);
                return Action::Keep;
            }
            Some(NewOp(op, args)) => e.set(inst, op, &args),
        }
    }
    Action::Keep
}

/// The op that defines a value, with its operands.
fn def(f: &Function, v: ValueId) -> Option<(&Op, &[ValueId])> {
    let i = &f.insts[f.def_inst(v)?];
    Some((&i.op, &i.args))
}

fn unary_operand(f: &Function, v: ValueId, op: UnaryOp) -> Option<ValueId> {
    match def(f, v)? {
        (Op::Unary(o), args) if *o == op => Some(args[0]),
        _ => None,
    }
}

/// The operand of a conversion.
fn converted(f: &Function, v: ValueId) -> Option<ValueId> {
    match def(f, v)? {
        (Op::Convert(_), args) => Some(args[0]),
        _ => None,
    }
}

/// Every value of `from` is one of `to`.
fn holds(to: Scalar, from: Scalar) -> bool {
    let digits = |s: Scalar| if s == Scalar::F32 { 24 } else { 53 };
    match (from.int_range(), to.int_range()) {
        (Some((low, high)), Some((min, max))) => min <= low && high <= max,
        (Some(_), None) => from.bits() - from.is_signed() as u32 <= digits(to),
        (None, None) => from.bytes() <= to.bytes(),
        (None, Some(_)) => false,
    }
}

fn unary(f: &Function, op: UnaryOp, a: ValueId) -> Option<Plain> {
    let float = f.ty(a).is_float();
    match op {
        UnaryOp::Neg | UnaryOp::Not => {
            if let Some(inner) = unary_operand(f, a, op) {
                return Some(Value(inner));
            }
            if op == UnaryOp::Not
                && let (Op::Compare(c), args) = def(f, a)?
                && let Some(negated) = c.negated(f.ty(args[0]).is_float())
            {
                return Some(NewOp(Op::Compare(negated), args.to_vec()));
            }
            None
        }
        UnaryOp::Abs => {
            if unary_operand(f, a, UnaryOp::Abs).is_some() && float {
                return Some(Value(a));
            }
            unary_operand(f, a, UnaryOp::Neg).map(|x| NewOp(Op::Unary(op), vec![x]))
        }
        UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Nearest => match def(f, a)? {
            // Already integral.
            (Op::Unary(UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Nearest), _) => Some(Value(a)),
            (Op::Convert(_), args) if !f.ty(args[0]).is_float() => Some(Value(a)),
            _ => None,
        },
        UnaryOp::Sqrt => None,
    }
}

fn binary(e: &mut Edit<'_>, inst: InstId, op: BinaryOp) -> Option<Plain> {
    let (a, b) = (e.f.insts[inst].args[0], e.f.insts[inst].args[1]);
    if op.is_commutative() && e.f.constant(a).is_some() && e.f.constant(b).is_none() {
        return Some(NewOp(Op::Binary(op), vec![b, a]));
    }
    if e.f.ty(a).is_float() {
        return float_binary(e, inst, op, a, b);
    }
    if a == b
        && let Some(plain) = same_operands(e.f, op, a)
    {
        return Some(plain);
    }
    let c = e.f.constant(b)?;
    let value = c.as_int();
    let ones = if c.ty.is_signed() { value == -1 } else { Some(value) == c.ty.int_range().map(|r| r.1) };
    match (op, value) {
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or | BinaryOp::Xor | BinaryOp::Shl | BinaryOp::Shr, 0)
        | (BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv, 1) => return Some(Value(a)),
        // Division by zero gives zero: see the op.
        (
            BinaryOp::Mul | BinaryOp::And | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem | BinaryOp::FloorMod,
            0,
        )
        | (BinaryOp::Rem | BinaryOp::FloorMod, 1) => return Some(Plain::Const(Const::int(c.ty, 0))),
        (BinaryOp::And, _) if ones => return Some(Value(a)),
        (BinaryOp::Or, _) if ones => return Some(Plain::Const(c)),
        (BinaryOp::Xor, _) if ones => return Some(NewOp(Op::Unary(UnaryOp::Not), vec![a])),
        (BinaryOp::Mul, -1) => return Some(NewOp(Op::Unary(UnaryOp::Neg), vec![a])),
        // One form for both, which goes into addresses.
        (BinaryOp::Sub, _) if c.ty.is_signed() && c.ty.int_range().is_some_and(|r| value != r.0) => {
            let negated = e.insert(inst, Op::Const(Const::int(c.ty, -value as i64)), &[], Type::Scalar(c.ty));
            return Some(NewOp(Op::Binary(BinaryOp::Add), vec![a, negated]));
        }
        _ => {}
    }
    // (x + c1) + c2 and alike; wrapping arithmetic associates.
    let (Op::Binary(inner), args) = def(e.f, a)? else { return None };
    let (inner, x, c1) = (*inner, args[0], e.f.constant(args[1])?);
    let merged = match (inner, op) {
        (BinaryOp::Add, BinaryOp::Add) => Const::int(c.ty, (c1.as_int() + value) as i64),
        (BinaryOp::Add, BinaryOp::Sub) => Const::int(c.ty, (c1.as_int() - value) as i64),
        (BinaryOp::Mul, BinaryOp::Mul) => Const::int(c.ty, c1.as_int().wrapping_mul(value) as i64),
        (BinaryOp::And, BinaryOp::And) => Const::int(c.ty, (c1.as_int() & value) as i64),
        (BinaryOp::Or, BinaryOp::Or) => Const::int(c.ty, (c1.as_int() | value) as i64),
        (BinaryOp::Xor, BinaryOp::Xor) => Const::int(c.ty, (c1.as_int() ^ value) as i64),
        (BinaryOp::Sub, BinaryOp::Sub) => Const::int(c.ty, (c1.as_int() + value) as i64),
        _ => return None,
    };
    let merged = e.insert(inst, Op::Const(merged), &[], Type::Scalar(c.ty));
    let op = if op == BinaryOp::Sub && inner == BinaryOp::Add { BinaryOp::Add } else { op };
    Some(NewOp(Op::Binary(op), vec![x, merged]))
}

fn same_operands(f: &Function, op: BinaryOp, a: ValueId) -> Option<Plain> {
    match op {
        BinaryOp::And | BinaryOp::Or | BinaryOp::Min | BinaryOp::Max => Some(Value(a)),
        BinaryOp::Sub | BinaryOp::Xor | BinaryOp::Rem | BinaryOp::FloorMod => {
            Some(Plain::Const(Const::int(f.ty(a).as_scalar()?, 0)))
        }
        _ => None,
    }
}

fn float_binary(e: &mut Edit<'_>, inst: InstId, op: BinaryOp, a: ValueId, b: ValueId) -> Option<Plain> {
    // a + -b is a - b, and a - -b is a + b.
    if let Some(x) = unary_operand(e.f, b, UnaryOp::Neg) {
        match op {
            BinaryOp::Add => return Some(NewOp(Op::Binary(BinaryOp::Sub), vec![a, x])),
            BinaryOp::Sub => return Some(NewOp(Op::Binary(BinaryOp::Add), vec![a, x])),
            BinaryOp::Mul | BinaryOp::Div => {
                if let Some(y) = unary_operand(e.f, a, UnaryOp::Neg) {
                    return Some(NewOp(Op::Binary(op), vec![y, x]));
                }
            }
            _ => {}
        }
    }
    let c = e.f.constant(b)?;
    let value = c.as_float();
    let negative_zero = value == 0.0 && value.is_sign_negative();
    match op {
        // x + -0.0 and x - 0.0 keep every x, zeros with their sign; x + 0.0 does not.
        BinaryOp::Add if negative_zero => Some(Value(a)),
        BinaryOp::Sub if value == 0.0 && !negative_zero => Some(Value(a)),
        BinaryOp::Mul | BinaryOp::Div if value == 1.0 => Some(Value(a)),
        BinaryOp::Mul | BinaryOp::Div if value == -1.0 => Some(NewOp(Op::Unary(UnaryOp::Neg), vec![a])),
        // The same sum for every x; quicker to add, and no constant.
        BinaryOp::Mul if value == 2.0 => Some(NewOp(Op::Binary(BinaryOp::Add), vec![a, a])),
        // A power of two has an exact inverse, if that is a normal number: one rounding either way.
        BinaryOp::Div => {
            let inverse = exact_inverse(c)?;
            let inverse = e.insert(inst, Op::Const(inverse), &[], Type::Scalar(c.ty));
            Some(NewOp(Op::Binary(BinaryOp::Mul), vec![a, inverse]))
        }
        BinaryOp::CopySign if !value.is_nan() => {
            let sign = if value.is_sign_negative() { UnaryOp::Neg } else { UnaryOp::Abs };
            // abs drops the sign; minus that has the other.
            let abs = match sign {
                UnaryOp::Neg => e.insert(inst, Op::Unary(UnaryOp::Abs), &[a], Type::Scalar(c.ty)),
                _ => a,
            };
            Some(NewOp(Op::Unary(sign), vec![abs]))
        }
        _ => None,
    }
}

fn exact_inverse(c: Const) -> Option<Const> {
    let (mantissa_bits, exponent_mask) = if c.ty == Scalar::F32 { (23, 0xff) } else { (52, 0x7ff) };
    let exponent = (c.bits >> mantissa_bits) & exponent_mask;
    // With exponent e the inverse has 2 * bias - e; both must be normal.
    let inverse = exponent_mask - 1;
    if c.bits & ((1 << mantissa_bits) - 1) != 0 || exponent == 0 || exponent >= inverse {
        return None;
    }
    let sign = c.bits & !((1 << mantissa_bits) - 1) & !(exponent_mask << mantissa_bits);
    Some(Const { ty: c.ty, bits: sign | ((inverse - exponent) << mantissa_bits) })
}

/// Checked arithmetic that cannot fail, and constants to the right.
fn checked(f: &Function, op: CheckedOp, site: crate::ir::SiteId, args: &[ValueId]) -> Option<Plain> {
    let commutes = matches!(op, CheckedOp::Add | CheckedOp::Mul);
    let (&a, &b) = (args.first()?, args.get(1)?);
    if commutes && f.constant(a).is_some() && f.constant(b).is_none() {
        return Some(NewOp(Op::Checked(op, site), vec![b, a]));
    }
    if op == CheckedOp::Sub && a == b {
        return Some(Plain::Const(Const::int(f.ty(a).as_scalar()?, 0)));
    }
    let c = f.constant(b)?;
    match (op, c.as_int()) {
        (CheckedOp::Add | CheckedOp::Sub | CheckedOp::Shl, 0) | (CheckedOp::Mul, 1) => Some(Value(a)),
        (CheckedOp::Mul, 0) => Some(Plain::Const(Const::int(c.ty, 0))),
        (CheckedOp::Mul, -1) => Some(NewOp(Op::Checked(CheckedOp::Neg, site), vec![a])),
        _ => None,
    }
}

fn compare(e: &mut Edit<'_>, inst: InstId, op: CompareOp) -> Option<Plain> {
    let (a, b) = (e.f.insts[inst].args[0], e.f.insts[inst].args[1]);
    let float = e.f.ty(a).is_float();
    if a == b && !float && e.f.insts[inst].results.iter().all(|&r| e.f.ty(r) == Type::BOOL) {
        return Some(Plain::Const(Const::bool(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge))));
    }
    if e.f.constant(a).is_some() && e.f.constant(b).is_none() {
        return Some(NewOp(Op::Compare(op.swapped()), vec![b, a]));
    }
    if let Some(x) = converted(e.f, a) {
        return compare_converted(e, inst, op, x, a, b);
    }
    let c = e.f.constant(b)?;
    if op == CompareOp::Lt && float && c.as_float() == 0.0 && is_never_negative(e.f, a, 4) {
        return Some(Plain::Const(Const::bool(false)));
    }
    // A bool against a constant is itself or its negation.
    if c.ty == Scalar::Bool && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        let kept = (op == CompareOp::Eq) == (c.bits != 0);
        return Some(if kept { Value(a) } else { NewOp(Op::Unary(UnaryOp::Not), vec![a]) });
    }
    None
}

/// A float that is NaN or not less than zero, however it comes out: squares, sums of such, roots.
fn is_never_negative(f: &Function, v: ValueId, depth: u32) -> bool {
    let Some((op, args)) = def(f, v).filter(|_| depth > 0) else { return false };
    let also = |v: ValueId| is_never_negative(f, v, depth - 1);
    match op {
        Op::Const(c) => c.as_float() >= 0.0,
        Op::Unary(UnaryOp::Abs | UnaryOp::Sqrt) => true,
        Op::Binary(BinaryOp::Mul) if args[0] == args[1] => true,
        Op::Binary(BinaryOp::Mul | BinaryOp::Add | BinaryOp::Div) => also(args[0]) && also(args[1]),
        _ => false,
    }
}

/// A comparison of `a`, which is `x` widened: of the narrow values, if the other side is one too.
fn compare_converted(
    e: &mut Edit<'_>,
    inst: InstId,
    op: CompareOp,
    x: ValueId,
    a: ValueId,
    b: ValueId,
) -> Option<Plain> {
    let (from, to) = (e.f.ty(x).element()?, e.f.ty(a).element()?);
    if !holds(to, from) || from == to {
        return None;
    }
    if let Some(y) = converted(e.f, b) {
        return (e.f.ty(y) == e.f.ty(x)).then(|| NewOp(Op::Compare(op), vec![x, y]));
    }
    let c = e.f.constant(b)?;
    let narrow = match (from.is_float(), to.is_float()) {
        (false, false) => {
            let (low, high) = from.int_range()?;
            (low..=high).contains(&c.as_int()).then(|| Const::int(from, c.as_int() as i64))?
        }
        (false, true) => {
            let (low, high) = from.int_range()?;
            let value = c.as_float();
            let integral = value.trunc() == value && low as f64 <= value && value <= high as f64;
            integral.then(|| Const::int(from, value as i64))?
        }
        (true, true) => {
            let value = c.as_float() as f32;
            (value as f64 == c.as_float()).then(|| Const::f32(value))?
        }
        (true, false) => return None,
    };
    let narrow = e.insert(inst, Op::Const(narrow), &[], Type::Scalar(from));
    Some(NewOp(Op::Compare(op), vec![x, narrow]))
}

fn select(e: &mut Edit<'_>, inst: InstId) -> Option<Plain> {
    let [c, a, b] = e.f.insts[inst].args[..] else { return None };
    if a == b {
        return Some(Value(a));
    }
    if e.f.ty(c) != Type::BOOL {
        return None;
    }
    if let Some(not) = unary_operand(e.f, c, UnaryOp::Not) {
        return Some(NewOp(Op::Select, vec![not, b, a]));
    }
    if e.f.ty(a) != Type::BOOL {
        return extremum(e.f, c, a, b);
    }
    let truth = |v: ValueId| e.f.constant(v).map(|k| k.bits != 0);
    match (truth(a), truth(b)) {
        (Some(true), Some(false)) => Some(Value(c)),
        (Some(false), Some(true)) => Some(NewOp(Op::Unary(UnaryOp::Not), vec![c])),
        (_, Some(false)) => Some(NewOp(Op::Binary(BinaryOp::And), vec![c, a])),
        (Some(true), _) => Some(NewOp(Op::Binary(BinaryOp::Or), vec![c, b])),
        (Some(false), _) => {
            let not = e.insert(inst, Op::Unary(UnaryOp::Not), &[c], Type::BOOL);
            Some(NewOp(Op::Binary(BinaryOp::And), vec![not, b]))
        }
        (_, Some(true)) => {
            let not = e.insert(inst, Op::Unary(UnaryOp::Not), &[c], Type::BOOL);
            Some(NewOp(Op::Binary(BinaryOp::Or), vec![not, a]))
        }
        _ => None,
    }
}

/// The smaller or larger of two integers by comparing them: which of equal ones does not matter.
fn extremum(f: &Function, c: ValueId, a: ValueId, b: ValueId) -> Option<Plain> {
    f.ty(a).as_scalar().filter(|s| s.is_int())?;
    let (Op::Compare(op), args) = def(f, c)? else { return None };
    let op = match (args[0] == a && args[1] == b, args[0] == b && args[1] == a) {
        (true, _) => *op,
        (_, true) => op.swapped(),
        _ => return None,
    };
    let op = match op {
        CompareOp::Lt | CompareOp::Le => BinaryOp::Min,
        CompareOp::Gt | CompareOp::Ge => BinaryOp::Max,
        CompareOp::Eq | CompareOp::Ne => return None,
    };
    Some(NewOp(Op::Binary(op), vec![a, b]))
}

fn convert(f: &Function, to: Scalar, a: ValueId) -> Option<Plain> {
    let middle = f.ty(a).element()?;
    if middle == to {
        return Some(Value(a));
    }
    let x = converted(f, a)?;
    let from = f.ty(x).element()?;
    // The first conversion kept the value, or cut off bits that the second one cuts off anyway.
    let kept = holds(middle, from);
    let cut = !from.is_float() && middle.is_int() && to.is_int() && to.bytes() <= middle.bytes();
    if !kept && !cut {
        return None;
    }
    Some(if from == to { Value(x) } else { NewOp(Op::Convert(to), vec![x]) })
}

fn bitcast(f: &Function, to: Scalar, a: ValueId) -> Option<Plain> {
    if f.ty(a).element() == Some(to) {
        return Some(Value(a));
    }
    match def(f, a)? {
        (Op::Bitcast(_), args) if f.ty(args[0]).element() == Some(to) => Some(Value(args[0])),
        (Op::Bitcast(_), args) => Some(NewOp(Op::Bitcast(to), args.to_vec())),
        _ => None,
    }
}

fn pointer(f: &Function, base: ValueId, bytes: ValueId) -> Option<Plain> {
    f.constant(bytes).filter(|c| c.bits == 0).map(|_| Value(base))
}

/// A constant part of an address goes into the access: that of the base, of the index, or the whole index.
fn access(e: &mut Edit<'_>, inst: InstId) -> Option<Plain> {
    let i = &e.f.insts[inst];
    let op = i.op.clone();
    let (Op::Load(at) | Op::Store(at)) = &op else { return None };
    let (base, index) = (i.args[0], i.args[1]);
    let (bytes, base, index) = match (def(e.f, base), def(e.f, index)) {
        (Some((Op::PtrAdd, args)), _) if e.f.constant(args[1]).is_some() => {
            (e.f.constant(args[1])?.as_int(), args[0], index)
        }
        (_, Some((Op::Binary(BinaryOp::Add), args))) if e.f.constant(args[1]).is_some() => {
            (e.f.constant(args[1])?.as_int().checked_mul(at.scale as i128)?, base, args[0])
        }
        (_, Some((Op::Const(c), _))) if c.bits != 0 => {
            let zero = Const::int(Scalar::I64, 0);
            let bytes = c.as_int().checked_mul(at.scale as i128)?;
            i32::try_from(at.offset as i128 + bytes).ok()?;
            (bytes, base, e.insert(inst, Op::Const(zero), &[], Type::I64))
        }
        _ => return None,
    };
    let offset = i32::try_from(at.offset as i128 + bytes).ok()?;
    let at = crate::ir::op::Access { offset, ..*at };
    let mut args = e.f.insts[inst].args.to_vec();
    (args[0], args[1]) = (base, index);
    Some(NewOp(if matches!(op, Op::Load(_)) { Op::Load(at) } else { Op::Store(at) }, args))
}
