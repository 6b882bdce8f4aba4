//! Scalar ops, lane by lane on vectors and packs, and the ops on vectors themselves.

use super::frame::Frame;
use super::{Interp, Result, Value, fault};
use crate::ir::op::{Access, BinaryOp, Const, VectorOp};
use crate::ir::{Inst, Level, Op, eval};
use crate::types::Scalar;

/// Applies `f` to the scalars of one shape of value.
fn each1(a: &Value, mut f: impl FnMut(Const) -> Result<Const>) -> Result<Value> {
    lanewise(&[a], &mut |args| f(args[0]))
}

fn each2(a: &Value, b: &Value, mut f: impl FnMut(Const, Const) -> Result<Const>) -> Result<Value> {
    lanewise(&[a, b], &mut |args| f(args[0], args[1]))
}

/// Applies `f` lane by lane; a scalar among vectors counts for every lane.
fn lanewise(args: &[&Value], f: &mut dyn FnMut(&[Const]) -> Result<Const>) -> Result<Value> {
    let Some(wide) = args.iter().find(|v| !matches!(v, Value::Scalar(_))) else {
        let scalars = args.iter().map(|v| v.scalar()).collect::<Result<Vec<_>>>()?;
        return f(&scalars).map(Value::Scalar);
    };
    let count = wide.lanes()?.len();
    let mut lanes = Vec::with_capacity(count);
    for k in 0..count {
        let lane = |v: &&Value| match v {
            Value::Scalar(c) => Ok(*c),
            v => v.lanes()?.get(k).copied().map_or_else(|| fault("vectors of different lengths"), Ok),
        };
        lanes.push(f(&args.iter().map(lane).collect::<Result<Vec<_>>>()?)?);
    }
    let element = lanes.first().map_or(Scalar::Bool, |c| c.ty);
    Ok(match wide {
        Value::Pack(..) => Value::Pack(element, lanes),
        _ => Value::Vec(element, lanes),
    })
}

/// A binary op, whose operands must be safe at Machine level.
fn binary(level: Level, op: BinaryOp, a: Const, b: Const) -> Result<Const> {
    if !op.accepts(a.ty) || a.ty != b.ty {
        return fault(format!("{} of {} and {}", op.name(), a.ty, b.ty));
    }
    if level == Level::Machine && a.ty.is_int() {
        match op {
            BinaryOp::Div | BinaryOp::Rem if b.bits == 0 => return fault("a machine division by zero"),
            BinaryOp::Div | BinaryOp::Rem
                if a.ty.is_signed() && b.as_int() == -1 && Some(a.as_int()) == a.ty.int_range().map(|r| r.0) =>
            {
                return fault("a machine division that overflows");
            }
            BinaryOp::Shl | BinaryOp::Shr if b.bits >= a.ty.bits() as u64 => {
                return fault(format!("a machine shift of {} by {}", a.ty, b.as_int()));
            }
            BinaryOp::FloorDiv | BinaryOp::FloorMod => return fault("floor division at Machine level"),
            _ => {}
        }
    }
    Ok(eval::binary(op, a, b))
}

fn convert(level: Level, to: Scalar, a: Const) -> Result<Const> {
    let narrow = matches!(to, Scalar::I8 | Scalar::I16 | Scalar::U8 | Scalar::U16 | Scalar::Bool);
    if level == Level::Machine && a.ty.is_float() && narrow {
        return fault(format!("a machine conversion of {} to {to}", a.ty));
    }
    Ok(eval::convert(to, a))
}

/// The result of a pure scalar op.
pub(super) fn pure(level: Level, op: &Op, args: &[&Value]) -> Result<Value> {
    match (op, args) {
        (Op::Const(c), []) => Ok(Value::Scalar(*c)),
        (Op::Null, []) => Ok(Value::Ptr(0)),
        (Op::Unary(u), [a]) => {
            each1(
                a,
                |x| {
                    if u.accepts(x.ty) { Ok(eval::unary(*u, x)) } else { fault(format!("{} of {}", u.name(), x.ty)) }
                },
            )
        }
        (Op::Binary(b), [x, y]) => each2(x, y, |x, y| binary(level, *b, x, y)),
        (Op::Compare(c), [Value::Ptr(x), Value::Ptr(y)]) => match c.negated(true) {
            Some(_) => {
                let word = |v: &u64| Const { ty: Scalar::U64, bits: *v };
                Ok(Value::Scalar(eval::compare(*c, word(x), word(y))))
            }
            None => fault("addresses have no order"),
        },
        (Op::Compare(c), [x, y]) => {
            each2(
                x,
                y,
                |x, y| {
                    if x.ty == y.ty { Ok(eval::compare(*c, x, y)) } else { fault("a comparison of two types") }
                },
            )
        }
        (Op::Select, [c @ Value::Scalar(_), x, y]) => Ok(if c.truth()? { (*x).clone() } else { (*y).clone() }),
        (Op::Select, [c, x, y]) => lanewise(&[c, x, y], &mut |v| Ok(eval::select(v[0], v[1], v[2]))),
        (Op::Convert(to), [a]) => each1(a, |x| convert(level, *to, x)),
        (Op::Bitcast(to), [a]) => each1(a, |x| {
            if x.ty.bytes() == to.bytes() { Ok(eval::bitcast(*to, x)) } else { fault("a bitcast of another size") }
        }),
        _ => fault("operands do not fit"),
    }
}

/// The address of an element.
pub(super) fn address(access: &Access, base: &Value, index: i64) -> Result<u64> {
    let bytes = index.wrapping_mul(access.scale as i64).wrapping_add(access.offset as i64);
    Ok(base.address()?.wrapping_add(bytes as u64))
}

impl<'m> Interp<'m> {
    pub(super) fn load(&self, access: &Access, base: &Value, index: i64) -> Result<Const> {
        let bits = self.memory.load_bits(access.element, address(access, base, index)?)?;
        Ok(Const { ty: access.element, bits })
    }

    pub(super) fn store(&mut self, access: &Access, base: &Value, index: i64, value: Const) -> Result<()> {
        self.memory.store_bits(access.element, address(access, base, index)?, value.bits)
    }

    /// A vector load or gather: the lanes that are off are 0 and not read.
    fn load_lanes(&self, access: &Access, base: &Value, indices: &[i64], mask: Option<&&Value>) -> Result<Value> {
        let mut lanes = Vec::with_capacity(indices.len());
        for (k, &index) in indices.iter().enumerate() {
            lanes.push(match is_on(mask, k)? {
                true => self.load(access, base, index)?,
                false => Const { ty: access.element, bits: 0 },
            });
        }
        Ok(Value::Vec(access.element, lanes))
    }

    fn store_lanes(
        &mut self,
        access: &Access,
        base: &Value,
        indices: &[i64],
        value: &Value,
        mask: Option<&&Value>,
    ) -> Result<()> {
        for (k, (&index, &lane)) in indices.iter().zip(value.lanes()?).enumerate() {
            if is_on(mask, k)? {
                self.store(access, base, index, lane)?;
            }
        }
        Ok(())
    }

    /// The result of a vector op, if it has one.
    pub(super) fn vector_op(&mut self, frame: &mut Frame<'m>, inst: &Inst, op: &VectorOp) -> Result<Vec<Value>> {
        let owned: Vec<Value> = inst.args.iter().map(|&a| frame.get(a)).collect::<Result<_>>()?;
        let args: Vec<&Value> = owned.iter().collect();
        let lanes = self.config.lanes;
        let consecutive = |from: i64| (0..lanes as i64).map(|k| from.wrapping_add(k)).collect::<Vec<_>>();
        let indices = |v: &Value| Ok(v.lanes()?.iter().map(|c| c.as_int() as i64).collect::<Vec<_>>());
        let one = |v: Value| Ok(vec![v]);
        match (op, &args[..]) {
            (VectorOp::LaneCount, []) => one(Value::i64(lanes as i64)),
            (VectorOp::LaneIndex, [base]) => {
                let indices = consecutive(base.word()?);
                let lanes = indices.into_iter().map(|i| Const::int(Scalar::I64, i)).collect();
                one(Value::Vec(Scalar::I64, lanes))
            }
            (VectorOp::Splat, [s]) => one(Value::Vec(s.scalar()?.ty, vec![s.scalar()?; lanes])),
            (VectorOp::Load(a), [base, index, mask @ ..]) => {
                one(self.load_lanes(a, base, &consecutive(index.word()?), mask.first())?)
            }
            (VectorOp::Store(a), [base, index, value, mask @ ..]) => {
                self.store_lanes(a, base, &consecutive(index.word()?), value, mask.first())?;
                Ok(vec![])
            }
            (VectorOp::Gather(a), [base, index, mask @ ..]) => {
                one(self.load_lanes(a, base, &indices(index)?, mask.first())?)
            }
            (VectorOp::Scatter(a), [base, index, value, mask @ ..]) => {
                self.store_lanes(a, base, &indices(index)?, value, mask.first())?;
                Ok(vec![])
            }
            (VectorOp::Any, [m]) => one(Value::bool(m.lanes()?.iter().any(|c| c.bits != 0))),
            (VectorOp::All, [m]) => one(Value::bool(m.lanes()?.iter().all(|c| c.bits != 0))),
            (VectorOp::Reduce(r), [v]) => {
                let (first, rest) = v.lanes()?.split_first().ok_or_else(empty)?;
                let mut sum = *first;
                for &lane in rest {
                    sum = binary(Level::Loop, r.binary(), sum, lane)?;
                }
                one(Value::Scalar(sum))
            }
            (VectorOp::Lanes, _) => self.run_lanes(frame, inst, &args),
            (VectorOp::PackSplat(n), [s]) => one(Value::Pack(s.scalar()?.ty, vec![s.scalar()?; *n as usize])),
            (VectorOp::PackLoad(a, n), [base, index]) => {
                let from = index.word()?;
                let lanes = (0..*n as i64).map(|k| self.load(a, base, from.wrapping_add(k)));
                one(Value::Pack(a.element, lanes.collect::<Result<_>>()?))
            }
            (VectorOp::PackStore(a), [base, index, value]) => {
                let from = index.word()?;
                for (k, &lane) in value.lanes()?.iter().enumerate() {
                    self.store(a, base, from.wrapping_add(k as i64), lane)?;
                }
                Ok(vec![])
            }
            (VectorOp::Extract(k), [p]) => match p.lanes()?.get(*k as usize) {
                Some(lane) => one(Value::Scalar(*lane)),
                None => fault(format!("there is no lane {k}")),
            },
            (VectorOp::Insert(k), [Value::Pack(s, lanes), v]) => {
                let mut lanes = lanes.clone();
                match lanes.get_mut(*k as usize) {
                    Some(lane) => *lane = v.scalar()?,
                    None => return fault(format!("there is no lane {k}")),
                }
                one(Value::Pack(*s, lanes))
            }
            _ => fault("operands do not fit"),
        }
    }

    /// The region once per lane, in order.
    fn run_lanes(&mut self, frame: &mut Frame<'m>, inst: &Inst, args: &[&Value]) -> Result<Vec<Value>> {
        let mut results: Vec<Vec<Const>> = vec![Vec::new(); inst.results.len()];
        for k in 0..self.config.lanes {
            let lane = |v: &&Value| v.lanes()?.get(k).copied().map(Value::Scalar).ok_or_else(empty);
            let scalars = args.iter().map(lane).collect::<Result<Vec<_>>>()?;
            let yielded = self.pure_region(frame, inst.regions[0], scalars)?;
            for (result, v) in results.iter_mut().zip(&yielded) {
                result.push(v.scalar()?);
            }
        }
        results.into_iter().map(|lanes| Ok(Value::Vec(lanes.first().ok_or_else(empty)?.ty, lanes))).collect()
    }
}

fn is_on(mask: Option<&&Value>, lane: usize) -> Result<bool> {
    match mask {
        None => Ok(true),
        Some(m) => Ok(m.lanes()?.get(lane).ok_or_else(empty)?.bits != 0),
    }
}

fn empty() -> super::InterpError {
    super::InterpError::Fault("a lane is missing".into())
}
