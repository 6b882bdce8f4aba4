//! Whole-array reductions, floats in the order in which NumPy combines them.
//!
//! `np.add.reduce` starts from 0 and adds, for memory that is dense in any axis order, one pairwise sum of it all. Where
//! the axes do not merge into one, NumPy's iterator adds one pairwise sum per run of the innermost axis, or copies whole
//! inner runs into a buffer of 8192 elements and adds one per buffer (measured with NumPy 2.4.6).

use super::{ArrayValue, Interp, Result, fault};
use crate::ir::op::{BinaryOp, Const, ReduceOp};
use crate::ir::{eval, op::CompareOp};
use crate::types::Scalar;

/// Elements in the buffer of NumPy's iterator.
const BUFFER: usize = 8192;
/// Pairwise sums split blocks larger than this, and add smaller ones in 8 accumulators.
const BLOCK: usize = 128;
const WAYS: usize = 8;

/// The combined elements; `None` for the minimum or maximum of nothing.
pub(super) fn reduce(interp: &Interp<'_>, op: ReduceOp, a: &ArrayValue) -> Result<Option<Const>> {
    let dtype = a.ty.dtype;
    let axes = iteration_order(a);
    let elements = gather(interp, dtype, a.data, &axes)?;
    if dtype == Scalar::Bool && matches!(op, ReduceOp::Sum | ReduceOp::Prod) {
        return fault("bools are not added");
    }
    let start = |v: i64| eval::convert(dtype, Const::int(Scalar::I64, v));
    Ok(match op {
        ReduceOp::Sum if dtype.is_float() => {
            let (region, chunk) = portions(&axes);
            let parts = elements.chunks(region).flat_map(|part| part.chunks(chunk));
            Some(parts.fold(start(0), |sum, part| add(sum, pairwise(part))))
        }
        ReduceOp::Sum => Some(elements.iter().fold(start(0), |sum, &x| add(sum, x))),
        ReduceOp::Prod => Some(elements.iter().fold(start(1), |p, &x| eval::binary(BinaryOp::Mul, p, x))),
        ReduceOp::Min => extreme(&elements, CompareOp::Le),
        ReduceOp::Max => extreme(&elements, CompareOp::Ge),
    })
}

/// Length and byte stride of the axes from the outermost to the innermost, as NumPy's iterator sorts and merges them: by
/// falling stride, where a stride of 0 compares with nothing; axes that lie end to end are one.
fn iteration_order(a: &ArrayValue) -> Vec<(i64, i64)> {
    let lengths = a.shape.iter().copied().zip(a.strides.iter().copied());
    let given = lengths.rev().map(|(len, stride)| (len, if len == 1 { 0 } else { stride }));
    // From the innermost.
    let mut axes: Vec<(i64, i64)> = Vec::new();
    for axis in given {
        let mut place = axes.len();
        for (k, other) in axes.iter().enumerate().rev().filter(|(_, other)| axis.1 != 0 && other.1 != 0) {
            if other.1.unsigned_abs() <= axis.1.unsigned_abs() {
                break;
            }
            place = k;
        }
        axes.insert(place, axis);
    }
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (len, stride) in axes {
        match merged.last_mut() {
            Some((inner, step)) if len == 1 || *inner == 1 || step.wrapping_mul(*inner) == stride => {
                *inner *= len;
                *step = if *step == 0 { stride } else { *step };
            }
            _ => merged.push((len, stride)),
        }
    }
    merged.reverse();
    merged
}

fn gather(interp: &Interp<'_>, dtype: Scalar, data: u64, axes: &[(i64, i64)]) -> Result<Vec<Const>> {
    let mut addresses = vec![data];
    for &(len, stride) in axes {
        addresses = addresses
            .iter()
            .flat_map(|&at| (0..len).map(move |i| at.wrapping_add(i.wrapping_mul(stride) as u64)))
            .collect();
    }
    addresses.into_iter().map(|at| interp.element(dtype, at)).collect()
}

/// How many elements NumPy's iterator goes through before it starts a buffer afresh, and how many one pairwise sum
/// covers: a run of the innermost axis, or as many whole inner runs as fit the buffer, whichever costs less.
fn portions(axes: &[(i64, i64)]) -> (usize, usize) {
    let mut lengths = axes.iter().rev().map(|(len, _)| *len as usize);
    let Some(first) = lengths.next() else { return (1, 1) };
    let (mut region, mut chunk) = (first, first);
    let (mut size, mut cost, mut gain) = (first, 1, first.min(BUFFER));
    for len in lengths {
        if size >= BUFFER {
            break;
        }
        let inner = size.max(1);
        size *= len;
        if 2 * gain <= cost * size.min(BUFFER) {
            (region, chunk) = (size, inner * (BUFFER / inner).max(1));
            (cost, gain) = (2, size.min(BUFFER));
        }
    }
    (region.max(1), chunk.max(1))
}

fn add(a: Const, b: Const) -> Const {
    eval::binary(BinaryOp::Add, a, b)
}

/// `pairwise_sum` of NumPy's `loops_utils.h.src`.
fn pairwise(x: &[Const]) -> Const {
    let Some(first) = x.first() else { return Const::f64(0.0) };
    if x.len() < WAYS {
        // From -0.0, so that a sum of negative zeros is one.
        let zero = eval::unary(crate::ir::op::UnaryOp::Neg, eval::convert(first.ty, Const::f64(0.0)));
        return x.iter().fold(zero, |sum, &v| add(sum, v));
    }
    if x.len() <= BLOCK {
        let (whole, rest) = x.split_at(x.len() - x.len() % WAYS);
        let mut r = whole[..WAYS].to_vec();
        for group in whole[WAYS..].chunks(WAYS) {
            for (sum, &v) in r.iter_mut().zip(group) {
                *sum = add(*sum, v);
            }
        }
        let left = add(add(r[0], r[1]), add(r[2], r[3]));
        let right = add(add(r[4], r[5]), add(r[6], r[7]));
        return rest.iter().fold(add(left, right), |sum, &v| add(sum, v));
    }
    let half = x.len() / 2 / WAYS * WAYS;
    add(pairwise(&x[..half]), pairwise(&x[half..]))
}

/// The last element that no other beats, or the first NaN.
fn extreme(elements: &[Const], beats: CompareOp) -> Option<Const> {
    let mut best = *elements.first()?;
    for &x in elements {
        let nan = |v: Const| v.ty.is_float() && v.as_float().is_nan();
        if !nan(best) && (nan(x) || eval::compare(beats, x, best).bits != 0) {
            best = x;
        }
    }
    Some(best)
}
