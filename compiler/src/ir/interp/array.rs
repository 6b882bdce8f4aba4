//! Whole-array ops. Values that `map` makes live in memory of their own that nothing may write.

use std::sync::Arc;

use super::frame::Frame;
use super::memory::Owner;
use super::{ArrayValue, Interp, Result, Value, fault, reduce};
use crate::ir::op::{ArrayOp, AxisSpec, Const};
use crate::ir::typing::{permuted_type, view_type};
use crate::ir::{ArrayType, Inst, Layout, SiteId, Type};
use crate::types::Scalar;

/// Results, or the site at which the op raises, with its payload.
type OrRaise<T> = std::result::Result<T, (SiteId, Vec<Value>)>;

/// What a raise because of shapes says: they, one after the other, as far as there are words.
fn shapes_of(values: &[Value]) -> Vec<Value> {
    let shapes = values.iter().filter_map(|v| v.array().ok()).flat_map(|a| a.shape.iter().copied().map(Value::i64));
    shapes.take(crate::abi::PAYLOAD_WORDS).collect()
}

/// Byte strides of a dense array.
fn dense_strides(shape: &[i64], dtype: Scalar, layout: Layout) -> Vec<i64> {
    let mut strides = vec![0; shape.len()];
    // As NumPy has it for arrays without elements.
    if shape.contains(&0) {
        return strides;
    }
    let mut step = dtype.bytes() as i64;
    let mut place = |k: usize| {
        strides[k] = step;
        step = step.wrapping_mul(shape[k]);
    };
    match layout {
        Layout::F => (0..shape.len()).for_each(&mut place),
        Layout::C | Layout::Strided => (0..shape.len()).rev().for_each(&mut place),
    }
    strides
}

/// Every index tuple of a shape, in C or F order.
fn indices(shape: &[i64], layout: Layout) -> impl Iterator<Item = Vec<i64>> + use<> {
    let mut axes: Vec<(usize, i64)> = shape.iter().copied().enumerate().collect();
    if layout != Layout::F {
        axes.reverse();
    }
    let total: i64 = shape.iter().product();
    (0..total).map(move |mut flat| {
        let mut index = vec![0; axes.len()];
        for &(k, len) in &axes {
            index[k] = flat % len;
            flat /= len;
        }
        index
    })
}

/// The common shape, or `None` if there is none.
fn broadcast(shapes: &[&[i64]]) -> Option<Vec<i64>> {
    let rank = shapes.iter().map(|s| s.len()).max().unwrap_or(0);
    let mut common = vec![1; rank];
    for shape in shapes {
        for (k, &len) in shape.iter().rev().enumerate() {
            let slot = &mut common[rank - 1 - k];
            if *slot == 1 {
                *slot = len;
            } else if len != 1 && len != *slot {
                return None;
            }
        }
    }
    Some(common)
}

impl ArrayValue {
    /// The address of an element, whose index must be inside the shape.
    pub(super) fn address(&self, index: &[i64]) -> Result<u64> {
        let mut at = self.data;
        for ((&i, &len), &stride) in index.iter().zip(&self.shape).zip(&self.strides) {
            if !(0..len).contains(&i) {
                return fault(format!("index {i} of an axis of length {len}"));
            }
            at = at.wrapping_add(i.wrapping_mul(stride) as u64);
        }
        Ok(at)
    }

    /// The address of the element that a broadcast to a larger shape shows at `index`.
    fn broadcast_address(&self, index: &[i64]) -> Result<u64> {
        let Some(extra) = index.len().checked_sub(self.shape.len()) else { return fault("a broadcast to less") };
        let own: Vec<i64> =
            index[extra..].iter().zip(&self.shape).map(|(&i, &len)| if len == 1 { 0 } else { i }).collect();
        self.address(&own)
    }
}

impl<'m> Interp<'m> {
    pub(super) fn array_op(
        &mut self,
        frame: &mut Frame<'m>,
        inst: &Inst,
        op: &ArrayOp,
        args: &[Value],
    ) -> Result<OrRaise<Vec<Value>>> {
        let words = |values: &[Value]| values.iter().map(Value::word).collect::<Result<Vec<_>>>();
        let axis = |values: &[i64], k: u8| match values.get(k as usize) {
            Some(&v) => Ok(Value::i64(v)),
            None => fault(format!("there is no axis {k}")),
        };
        Ok(Ok(match (op, args) {
            (ArrayOp::Make(ty, _), [data, rest @ ..]) if rest.len() == 2 * ty.rank as usize => {
                let (shape, strides) = rest.split_at(ty.rank as usize);
                vec![self.make(*ty, data.address()?, words(shape)?, words(strides)?, None)?]
            }
            (ArrayOp::Alloc(ty, site), shape) => {
                let shape = words(shape)?;
                let Some(bytes) = size(&shape, ty.dtype)? else { return Ok(Err((*site, vec![]))) };
                let Some((data, owner)) = self.memory.array_alloc(bytes, true)? else {
                    return Ok(Err((*site, vec![])));
                };
                let strides = dense_strides(&shape, ty.dtype, ty.layout);
                vec![self.make(*ty, data, shape, strides, Some(owner))?]
            }
            (ArrayOp::Permute(axes), [a]) => vec![permuted(a.array()?, axes)?],
            (ArrayOp::Forget(ty), [a]) => {
                let a = a.array()?;
                vec![self.make(*ty, a.data, a.shape.clone(), a.strides.clone(), a.owner.clone())?]
            }
            (ArrayOp::Escape, [a]) => {
                let address = match &a.array()?.owner {
                    Some(owner) => self.memory.array_escape(owner)?,
                    None => 0,
                };
                vec![Value::Scalar(Const { ty: Scalar::U64, bits: address })]
            }
            (ArrayOp::Data, [a]) => vec![Value::Ptr(a.array()?.data)],
            (ArrayOp::Dim(k), [a]) => vec![axis(&a.array()?.shape, *k)?],
            (ArrayOp::Stride(k), [a]) => vec![axis(&a.array()?.strides, *k)?],
            (ArrayOp::Get, [a, index @ ..]) => {
                let at = a.array()?.address(&words(index)?)?;
                vec![Value::Scalar(self.element(a.array()?.ty.dtype, at)?)]
            }
            (ArrayOp::Set, [a, index @ .., value]) => {
                let at = writable(a.array()?)?.address(&words(index)?)?;
                self.memory.store_bits(a.array()?.ty.dtype, at, value.scalar()?.bits)?;
                vec![]
            }
            (ArrayOp::View(specs), [a, rest @ ..]) => vec![view(a.array()?, specs, &words(rest)?)?],
            (ArrayOp::Map(_, site), _) => return self.map(frame, inst, *site, args),
            (ArrayOp::Assign(site), [dst, src]) => {
                if !self.assign(writable(dst.array()?)?, src)? {
                    return Ok(Err((*site, shapes_of(args))));
                }
                vec![]
            }
            (ArrayOp::Reduce(r, site), [a]) => match reduce::reduce(self, *r, a.array()?)? {
                Some(result) => vec![Value::Scalar(result)],
                None => return Ok(Err((*site, vec![]))),
            },
            _ => return fault("operands do not fit"),
        }))
    }

    pub(super) fn element(&self, dtype: Scalar, address: u64) -> Result<Const> {
        Ok(Const { ty: dtype, bits: self.memory.load_bits(dtype, address)? })
    }

    /// A descriptor, which must be what its static type says.
    fn make(
        &self,
        ty: ArrayType,
        data: u64,
        shape: Vec<i64>,
        strides: Vec<i64>,
        owner: Option<Arc<Owner>>,
    ) -> Result<Value> {
        if shape.iter().any(|&len| len < 0) {
            return fault("an axis of negative length");
        }
        let dense = dense_strides(&shape, ty.dtype, ty.layout);
        let empty = shape.contains(&0);
        let agrees = |k: usize| shape[k] <= 1 || strides[k] == dense[k];
        if ty.layout != Layout::Strided && !empty && !(0..shape.len()).all(agrees) {
            return fault(format!("strides {strides:?} of shape {shape:?} are not those of {ty}"));
        }
        Ok(Value::Array(Box::new(ArrayValue { ty, data, shape, strides, owner })))
    }

    fn map(&mut self, frame: &mut Frame<'m>, inst: &Inst, site: SiteId, args: &[Value]) -> Result<OrRaise<Vec<Value>>> {
        let Some(Type::Array(ty)) = inst.results.first().map(|&v| frame.ty(v)) else {
            return fault("map gives no array");
        };
        let dtype = ty.dtype;
        let arrays = args.iter().filter(|v| matches!(v, Value::Array(_)));
        let shapes: Vec<&[i64]> = arrays.map(|v| Ok(&v.array()?.shape[..])).collect::<Result<_>>()?;
        let Some(shape) = broadcast(&shapes) else { return Ok(Err((site, shapes_of(args)))) };
        let mut bytes = Vec::new();
        for index in indices(&shape, ty.layout) {
            let scalar = |v: &Value| match v {
                Value::Array(a) => Ok(Value::Scalar(self.element(a.ty.dtype, a.broadcast_address(&index)?)?)),
                other => Ok(other.clone()),
            };
            let scalars = args.iter().map(scalar).collect::<Result<Vec<_>>>()?;
            match &self.pure_region(frame, inst.regions[0], scalars)?[..] {
                [Value::Scalar(c)] if c.ty == dtype => {
                    bytes.extend_from_slice(&c.bits.to_le_bytes()[..dtype.bytes() as usize]);
                }
                _ => return fault(format!("map yields one {dtype}")),
            }
        }
        let strides = dense_strides(&shape, dtype, ty.layout);
        let Some((data, owner)) = self.memory.array_alloc(bytes.len() as i64, false)? else {
            return fault("no memory for the value of a map");
        };
        self.memory.fill(data, &bytes)?;
        Ok(Ok(vec![self.make(ty, data, shape, strides, Some(owner))?]))
    }

    /// Writes the source as if it had been copied first; false if it does not broadcast.
    fn assign(&mut self, dst: &ArrayValue, src: &Value) -> Result<bool> {
        if let Value::Array(a) = src
            && broadcast(&[&dst.shape, &a.shape]).as_ref() != Some(&dst.shape)
        {
            return Ok(false);
        }
        let read = |index: Vec<i64>| {
            let value = match src {
                Value::Array(a) => self.element(a.ty.dtype, a.broadcast_address(&index)?)?,
                other => other.scalar()?,
            };
            Ok((dst.address(&index)?, value))
        };
        let copied = indices(&dst.shape, Layout::C).map(read).collect::<Result<Vec<_>>>()?;
        for (at, value) in copied {
            self.memory.store_bits(dst.ty.dtype, at, value.bits)?;
        }
        Ok(true)
    }
}

fn writable(a: &ArrayValue) -> Result<&ArrayValue> {
    if a.ty.writable { Ok(a) } else { fault("a store to a read-only array") }
}

/// Bytes of a dense array; `None` if they do not fit an address.
fn size(shape: &[i64], dtype: Scalar) -> Result<Option<i64>> {
    if shape.iter().any(|&len| len < 0) {
        return fault("an axis of negative length");
    }
    Ok(shape.iter().try_fold(dtype.bytes() as i64, |n, &len| n.checked_mul(len)))
}

fn permuted(a: &ArrayValue, axes: &[u8]) -> Result<Value> {
    let pick = |values: &[i64]| axes.iter().map(|&k| values.get(k as usize).copied()).collect::<Option<Vec<_>>>();
    match (permuted_type(a.ty, axes), pick(&a.shape), pick(&a.strides)) {
        (Ok(ty), Some(shape), Some(strides)) => {
            Ok(Value::Array(Box::new(ArrayValue { ty, data: a.data, shape, strides, owner: a.owner.clone() })))
        }
        (Err(why), ..) => fault(why),
        _ => fault("the array has fewer axes"),
    }
}

fn view(a: &ArrayValue, specs: &[AxisSpec], operands: &[i64]) -> Result<Value> {
    let (mut axis, mut operands) = (0, operands.iter().copied());
    let mut next = || operands.next().map_or_else(|| fault("an operand is missing"), Ok);
    let (mut data, mut shape, mut strides) = (a.data, Vec::new(), Vec::new());
    for spec in specs {
        if *spec == AxisSpec::NewAxis {
            shape.push(1);
            strides.push(0);
            continue;
        }
        let (Some(&len), Some(&stride)) = (a.shape.get(axis), a.strides.get(axis)) else {
            return fault("the view has too many axes");
        };
        axis += 1;
        match spec {
            AxisSpec::Keep => {
                shape.push(len);
                strides.push(stride);
            }
            AxisSpec::Index => {
                // Not looked at before an element is: a view is made without a look at memory.
                data = data.wrapping_add(next()?.wrapping_mul(stride) as u64);
            }
            AxisSpec::Slice => {
                let (start, step, count) = (next()?, next()?, next()?);
                data = data.wrapping_add(start.wrapping_mul(stride) as u64);
                shape.push(count.max(0));
                // NumPy takes a slice of nothing for one of step 1.
                strides.push(if count > 0 { stride.wrapping_mul(step) } else { stride });
            }
            AxisSpec::NewAxis => {}
        }
    }
    match view_type(a.ty, specs) {
        Ok(ty) => Ok(Value::Array(Box::new(ArrayValue { ty, data, shape, strides, owner: a.owner.clone() }))),
        Err(why) => fault(why),
    }
}
