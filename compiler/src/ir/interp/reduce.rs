//! Whole-array reductions, floats in the order in which NumPy combines them.
//!
//! `np.add.reduce` starts from 0 and adds, for memory that is dense in any axis order, one pairwise sum of it all. Where
//! the axes do not merge into one, NumPy's iterator copies whole inner runs into a buffer of 8192 elements and adds one
//! pairwise sum per buffer (measured with NumPy 2.4.6).

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
            let chunk = chunk_length(&axes).max(1);
            Some(elements.chunks(chunk).fold(start(0), |sum, part| add(sum, pairwise(part))))
        }
        ReduceOp::Sum => Some(elements.iter().fold(start(0), |sum, &x| add(sum, x))),
        ReduceOp::Prod => Some(elements.iter().fold(start(1), |p, &x| eval::binary(BinaryOp::Mul, p, x))),
        ReduceOp::Min => extreme(&elements, CompareOp::Lt),
        ReduceOp::Max => extreme(&elements, CompareOp::Gt),
    })
}

/// Length and byte stride of the axes from the outermost to the innermost, by falling stride; axes that lie end to end
/// are one.
fn iteration_order(a: &ArrayValue) -> Vec<(i64, i64)> {
    let mut axes: Vec<(i64, i64)> =
        a.shape.iter().copied().zip(a.strides.iter().copied()).filter(|(len, _)| *len != 1).collect();
    // Stable: axes of equal stride stay in C order.
    axes.sort_by_key(|(_, stride)| std::cmp::Reverse(stride.unsigned_abs()));
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (len, stride) in axes {
        match merged.last_mut() {
            Some((outer, step)) if *step == stride.wrapping_mul(len) => {
                *outer *= len;
                *step = stride;
            }
            _ => merged.push((len, stride)),
        }
    }
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

/// How many elements one pairwise sum covers: everything if there is one axis, else whole inner runs that fit.
fn chunk_length(axes: &[(i64, i64)]) -> usize {
    let lengths: Vec<usize> = axes.iter().map(|(len, _)| *len as usize).collect();
    let Some((&inner, outer)) = lengths.split_last() else { return 1 };
    if outer.is_empty() {
        return inner;
    }
    let mut run = inner;
    for &len in outer.iter().rev() {
        if run * len > BUFFER {
            return run * (BUFFER / run.max(1)).max(1);
        }
        run *= len;
    }
    run
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

/// The first element that no other beats, or the first NaN.
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
