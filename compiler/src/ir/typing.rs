//! Result types of ops, stated once. The builder asks here, the verifier compares.

use super::control::SECOND;
use super::module::{Function, Module, RegionId};
use super::op::{ArrayOp, AxisSpec, BufferOp, CompareOp, Op, VectorOp};
use super::ty::{ArrayType, Layout, MAX_RANK, Type};
use crate::types::Scalar;

/// What [`result_types`] may look at.
pub struct Context<'a> {
    pub module: &'a Module,
    pub function: &'a Function,
}

/// The result types of an op applied to arguments of the given types, or why it cannot be.
///
/// Ops with regions take their results from the regions' normal end: from the `yield`s and `break`s for `if`, `block`
/// and `try`, from the initial values for loops; this function says what follows from the operands alone, and `None`
/// for `if`, `block` and `try`, whose types the builder is told.
#[expect(clippy::too_many_lines, reason = "a flat match, one rule an op")]
pub fn result_types(
    cx: &Context<'_>,
    op: &Op,
    args: &[Type],
    regions: &[RegionId],
) -> Result<Option<Vec<Type>>, String> {
    use Op::*;
    Ok(Some(match op {
        Const(c) => {
            want(args, 0)?;
            vec![Type::Scalar(c.ty)]
        }
        Null | DataAddr(_) | StackSlot(_) | StackPointer => {
            want(args, 0)?;
            vec![Type::Ptr]
        }
        Unary(u) => {
            want(args, 1)?;
            let s = element(args[0])?;
            if !u.accepts(s) {
                return Err(format!("{} does not take {s}", u.name()));
            }
            vec![args[0]]
        }
        Binary(b) => {
            want(args, 2)?;
            same(args[0], args[1])?;
            let s = element(args[0])?;
            if !b.accepts(s) {
                return Err(format!("{} does not take {s}", b.name()));
            }
            vec![args[0]]
        }
        Compare(c) => {
            want(args, 2)?;
            same(args[0], args[1])?;
            match args[0] {
                Type::Ptr if matches!(c, CompareOp::Eq | CompareOp::Ne) => vec![Type::BOOL],
                t => {
                    element(t)?;
                    vec![t.with_element(Scalar::Bool)]
                }
            }
        }
        Select => {
            want(args, 3)?;
            same(args[1], args[2])?;
            let lanewise = args[1].with_element(Scalar::Bool);
            if matches!(args[1], Type::Buffer | Type::Array(_)) || (args[0] != Type::BOOL && args[0] != lanewise) {
                return Err(format!("select cannot choose {} by {}", args[1], args[0]));
            }
            vec![args[1]]
        }
        Convert(to) => {
            want(args, 1)?;
            element(args[0])?;
            vec![args[0].with_element(*to)]
        }
        Bitcast(to) => {
            want(args, 1)?;
            let from = element(args[0])?;
            if from.bytes() != to.bytes() || from == Scalar::Bool || *to == Scalar::Bool {
                return Err(format!("cannot bitcast {from} to {to}"));
            }
            vec![args[0].with_element(*to)]
        }
        Overflowing(c) => {
            let t = checked(args, c.arity())?;
            if !c.is_machine() {
                return Err(format!("overflowing.{} does not exist", c.name()));
            }
            vec![t, Type::BOOL]
        }
        Checked(c, _) => vec![checked(args, c.arity())?],
        Check(_) => {
            let [cond, payload @ ..] = args else { return Err("check needs a condition".into()) };
            same(*cond, Type::BOOL)?;
            payload_types(payload)?;
            vec![]
        }
        SiteMatches(_) => {
            exactly(args, &[Type::I32])?;
            vec![Type::BOOL]
        }
        Load(a) => {
            exactly(args, &[Type::Ptr, Type::I64])?;
            vec![Type::Scalar(a.element)]
        }
        Store(a) => {
            exactly(args, &[Type::Ptr, Type::I64, Type::Scalar(a.element)])?;
            vec![]
        }
        PtrAdd => {
            exactly(args, &[Type::Ptr, Type::I64])?;
            vec![Type::Ptr]
        }
        PtrToInt => {
            exactly(args, &[Type::Ptr])?;
            vec![Type::U64]
        }
        IntToPtr => {
            exactly(args, &[Type::U64])?;
            vec![Type::Ptr]
        }
        Buffer(b) => buffer(*b, args)?,
        Vector(v) => vector(cx, v, args, regions)?,
        Array(a) => array(a, args)?,
        Call(f) => {
            let callee = cx.module.functions.get(*f).ok_or("the callee does not exist")?;
            exactly(args, &callee.types(callee.params()))?;
            callee.results.clone()
        }
        CallImport(i) => {
            let (params, results) = i.signature();
            exactly(args, params)?;
            results.to_vec()
        }
        StackCheck(_) | Poll => {
            want(args, 0)?;
            vec![]
        }
        If => {
            exactly(args, &[Type::BOOL])?;
            return Ok(None);
        }
        Block(_) | Try(_) => {
            want(args, 0)?;
            return Ok(None);
        }
        For(_) => after(args, &[Type::I64; 3])?.to_vec(),
        VFor(_) => {
            let init = after(args, &[Type::I64; 2])?;
            [&[Type::I64], init].concat()
        }
        While(_) | Loop(_) => args.to_vec(),
        Yield | Break(_) | Continue(_) | Return => vec![],
        Again(_) | Condition => {
            after(args, &[Type::BOOL])?;
            vec![]
        }
        Raise(..) => {
            payload_types(args)?;
            vec![]
        }
        Reraise(_) => {
            exactly(args, &HANDLER_PARAMS)?;
            vec![]
        }
        Unreachable => {
            want(args, 0)?;
            vec![]
        }
    }))
}

/// What a handler region takes: the site's index and the payload.
pub const HANDLER_PARAMS: [Type; 5] = [Type::I32, Type::I64, Type::I64, Type::I64, Type::I64];

/// The parameter types of a construct's regions, given its argument and result types.
pub fn region_params(op: &Op, args: &[Type], region: usize) -> Vec<Type> {
    match op {
        Op::For(_) => [&[Type::I64], args.get(3..).unwrap_or(&[])].concat(),
        Op::VFor(_) => [&[Type::I64], args.get(2..).unwrap_or(&[])].concat(),
        Op::While(_) | Op::Loop(_) => args.to_vec(),
        Op::Try(_) if region == SECOND => HANDLER_PARAMS.to_vec(),
        Op::Vector(VectorOp::Lanes) | Op::Array(ArrayOp::Map(..)) => args
            .iter()
            .map(|t| match t {
                Type::Vec(s) | Type::Scalar(s) => Type::Scalar(*s),
                Type::Array(a) => Type::Scalar(a.dtype),
                other => *other,
            })
            .collect(),
        _ => vec![],
    }
}

/// Number of regions an op has.
pub const fn region_count(op: &Op) -> usize {
    match op {
        Op::If | Op::While(_) | Op::Try(_) => 2,
        Op::Block(_) | Op::For(_) | Op::VFor(_) | Op::Loop(_) => 1,
        Op::Vector(VectorOp::Lanes) | Op::Array(ArrayOp::Map(..)) => 1,
        _ => 0,
    }
}

fn buffer(op: BufferOp, args: &[Type]) -> Result<Vec<Type>, String> {
    Ok(match op {
        BufferOp::Alloc(_) => {
            exactly(args, &[Type::I64])?;
            vec![Type::Buffer]
        }
        BufferOp::None => {
            want(args, 0)?;
            vec![Type::Buffer]
        }
        BufferOp::Data | BufferOp::Escape => {
            exactly(args, &[Type::Buffer])?;
            vec![Type::Ptr]
        }
        BufferOp::Retain => {
            exactly(args, &[Type::Buffer])?;
            vec![Type::Buffer]
        }
        BufferOp::Release => {
            exactly(args, &[Type::Buffer])?;
            vec![]
        }
    })
}

fn vector(cx: &Context<'_>, op: &VectorOp, args: &[Type], regions: &[RegionId]) -> Result<Vec<Type>, String> {
    const INDEX: Type = Type::Vec(Scalar::I64);
    const MASK: Type = Type::Vec(Scalar::Bool);
    Ok(match op {
        VectorOp::LaneCount => {
            want(args, 0)?;
            vec![Type::I64]
        }
        VectorOp::LaneIndex => {
            exactly(args, &[Type::I64])?;
            vec![INDEX]
        }
        VectorOp::Splat => {
            want(args, 1)?;
            vec![Type::Vec(scalar(args[0])?)]
        }
        VectorOp::Load(a) => {
            with_mask(args, &[Type::Ptr, Type::I64], MASK)?;
            vec![Type::Vec(a.element)]
        }
        VectorOp::Store(a) => {
            with_mask(args, &[Type::Ptr, Type::I64, Type::Vec(a.element)], MASK)?;
            vec![]
        }
        VectorOp::Gather(a) => {
            with_mask(args, &[Type::Ptr, INDEX], MASK)?;
            vec![Type::Vec(a.element)]
        }
        VectorOp::Scatter(a) => {
            with_mask(args, &[Type::Ptr, INDEX, Type::Vec(a.element)], MASK)?;
            vec![]
        }
        VectorOp::Any | VectorOp::All => {
            want(args, 1)?;
            match args[0] {
                Type::Vec(Scalar::Bool) | Type::Pack(Scalar::Bool, _) => vec![Type::BOOL],
                t => return Err(format!("{t} is not a mask")),
            }
        }
        VectorOp::Reduce(r) => {
            want(args, 1)?;
            let s = match args[0] {
                Type::Vec(s) | Type::Pack(s, _) => s,
                t => return Err(format!("{t} is not a vector")),
            };
            if s.is_float() || !r.binary().accepts(s) {
                return Err(format!("lanes of {s} cannot be reduced by {}", r.binary().name()));
            }
            vec![Type::Scalar(s)]
        }
        VectorOp::Lanes => {
            for t in args {
                if !matches!(t, Type::Vec(_)) {
                    return Err(format!("{t} is not a vector"));
                }
            }
            yielded(cx, regions)?.into_iter().map(|t| Ok(Type::Vec(scalar(t)?))).collect::<Result<_, String>>()?
        }
        VectorOp::PackSplat(n) => {
            want(args, 1)?;
            vec![Type::Pack(scalar(args[0])?, lanes(*n)?)]
        }
        VectorOp::PackLoad(a, n) => {
            exactly(args, &[Type::Ptr, Type::I64])?;
            vec![Type::Pack(a.element, lanes(*n)?)]
        }
        VectorOp::PackStore(a) => match args {
            [Type::Ptr, Type::I64, Type::Pack(s, _)] if *s == a.element => vec![],
            _ => return Err("a pack store takes an address, an index and a pack of its element".into()),
        },
        VectorOp::Extract(k) => match args {
            [Type::Pack(s, n)] if k < n => vec![Type::Scalar(*s)],
            _ => return Err(format!("there is no lane {k}")),
        },
        VectorOp::Insert(k) => match args {
            [Type::Pack(s, n), Type::Scalar(v)] if k < n && s == v => vec![args[0]],
            _ => return Err(format!("lane {k} cannot be replaced so")),
        },
    })
}

fn array(op: &ArrayOp, args: &[Type]) -> Result<Vec<Type>, String> {
    let operand = |i: usize| array_operand(args, i);
    Ok(match op {
        ArrayOp::Data | ArrayOp::Dim(_) | ArrayOp::Stride(_) | ArrayOp::Get | ArrayOp::Set | ArrayOp::Escape => {
            return parts(op, args);
        }
        ArrayOp::Make(ty, _) => {
            let mut params = vec![Type::Ptr];
            params.extend(vec![Type::I64; 2 * ty.rank as usize]);
            exactly(args, &params)?;
            vec![Type::Array(*ty)]
        }
        ArrayOp::Alloc(ty, _) => {
            exactly(args, &vec![Type::I64; ty.rank as usize])?;
            if ty.layout == Layout::Strided || !ty.writable {
                return Err("a new array is dense and writable".into());
            }
            vec![Type::Array(*ty)]
        }
        ArrayOp::View(specs) => {
            let a = operand(0)?;
            exactly(&args[1..], &vec![Type::I64; specs.iter().map(|s| s.operands()).sum()])?;
            vec![Type::Array(view_type(a, specs)?)]
        }
        ArrayOp::Permute(axes) => {
            want(args, 1)?;
            vec![Type::Array(permuted_type(operand(0)?, axes)?)]
        }
        ArrayOp::Forget(ty) => {
            want(args, 1)?;
            vec![Type::Array(forgotten_type(operand(0)?, *ty)?)]
        }
        ArrayOp::Map(dtype, _) => {
            let mut arrays = Vec::new();
            for t in args {
                match t {
                    Type::Array(a) => arrays.push(*a),
                    Type::Scalar(_) => {}
                    t => return Err(format!("map does not take {t}")),
                }
            }
            if arrays.is_empty() {
                return Err("map needs an array operand".into());
            }
            vec![Type::Array(map_type(*dtype, &arrays))]
        }
        ArrayOp::Assign(_) => {
            want(args, 2)?;
            let dst = operand(0)?;
            writable(dst)?;
            match args[1] {
                Type::Array(src) if src.dtype == dst.dtype && src.rank <= dst.rank => vec![],
                Type::Scalar(s) if s == dst.dtype => vec![],
                t => return Err(format!("{t} cannot be assigned to {dst}")),
            }
        }
        ArrayOp::Reduce(..) => {
            want(args, 1)?;
            vec![Type::Scalar(operand(0)?.dtype)]
        }
    })
}

/// Ops on what an array is made of: its descriptor, its owner and its elements.
fn parts(op: &ArrayOp, args: &[Type]) -> Result<Vec<Type>, String> {
    let a = array_operand(args, 0)?;
    Ok(match op {
        ArrayOp::Escape => {
            want(args, 1)?;
            vec![Type::U64]
        }
        ArrayOp::Data => {
            want(args, 1)?;
            vec![Type::Ptr]
        }
        ArrayOp::Dim(k) | ArrayOp::Stride(k) => {
            want(args, 1)?;
            if *k >= a.rank {
                return Err(format!("there is no axis {k}"));
            }
            vec![Type::I64]
        }
        ArrayOp::Get => {
            exactly(&args[1..], &vec![Type::I64; a.rank as usize])?;
            vec![Type::Scalar(a.dtype)]
        }
        ArrayOp::Set => {
            let mut params = vec![Type::I64; a.rank as usize];
            params.push(Type::Scalar(a.dtype));
            exactly(&args[1..], &params)?;
            writable(a)?;
            vec![]
        }
        ArrayOp::Make(..)
        | ArrayOp::Alloc(..)
        | ArrayOp::View(_)
        | ArrayOp::Permute(_)
        | ArrayOp::Forget(_)
        | ArrayOp::Map(..)
        | ArrayOp::Assign(_)
        | ArrayOp::Reduce(..) => return array(op, args),
    })
}

fn array_operand(args: &[Type], i: usize) -> Result<ArrayType, String> {
    match args.get(i) {
        Some(Type::Array(a)) => Ok(*a),
        _ => Err("an array operand is missing".to_string()),
    }
}

/// The type of a view: rank by the axes kept, strided unless what is kept is dense by its position alone.
pub fn view_type(a: ArrayType, specs: &[AxisSpec]) -> Result<ArrayType, String> {
    let consumed = specs.iter().filter(|s| **s != AxisSpec::NewAxis).count();
    if consumed != a.rank as usize {
        return Err(format!("the view consumes {consumed} axes of {}", a.rank));
    }
    let rank = specs.iter().filter(|s| **s != AxisSpec::Index).count();
    let rank = u8::try_from(rank).ok().filter(|&r| r <= MAX_RANK).ok_or(format!("a view cannot have {rank} axes"))?;
    let same = specs.iter().all(|s| *s == AxisSpec::Keep);
    // Leading indices of a C-order array leave a C-order array.
    let leading = specs.iter().skip_while(|s| **s == AxisSpec::Index).all(|s| *s == AxisSpec::Keep);
    // And trailing ones of a Fortran-order array a Fortran-order one: with one axis, both are the same.
    let trailing = specs.iter().rev().skip_while(|s| **s == AxisSpec::Index).all(|s| *s == AxisSpec::Keep);
    let layout = match a.layout {
        layout if same => layout,
        Layout::C if leading => Layout::C,
        Layout::F if trailing && rank < 2 => Layout::C,
        Layout::F if trailing => Layout::F,
        Layout::C | Layout::F | Layout::Strided => Layout::Strided,
    };
    Ok(ArrayType { rank, layout, ..a })
}

/// The type of an array whose axes stand in another order.
pub fn permuted_type(a: ArrayType, axes: &[u8]) -> Result<ArrayType, String> {
    let each_once = (0..a.rank).all(|axis| axes.contains(&axis));
    if axes.len() != a.rank as usize || !each_once {
        return Err(format!("{axes:?} is no order of {} axes", a.rank));
    }
    let reversed = axes.iter().rev().copied().eq(0..a.rank);
    let layout = match a.layout {
        layout if axes.is_sorted() => layout,
        Layout::C if reversed => Layout::F,
        Layout::F if reversed => Layout::C,
        Layout::C | Layout::F | Layout::Strided => Layout::Strided,
    };
    Ok(ArrayType { layout, ..a })
}

/// The type of an array of which less is known from here on.
fn forgotten_type(a: ArrayType, to: ArrayType) -> Result<ArrayType, String> {
    let same = a.dtype == to.dtype && a.rank == to.rank;
    let weaker = (to.layout == a.layout || to.layout == Layout::Strided) && (a.writable || !to.writable);
    if same && weaker { Ok(to) } else { Err(format!("{a} is not known to be {to}")) }
}

/// The type of what `array.map` gives: in Fortran order if all operands of the result's rank are.
pub fn map_type(dtype: Scalar, arrays: &[ArrayType]) -> ArrayType {
    let rank = arrays.iter().map(|a| a.rank).max().unwrap_or(0);
    let fortran = rank > 1 && arrays.iter().all(|a| a.rank < rank || a.layout == Layout::F);
    let layout = if fortran { Layout::F } else { Layout::C };
    ArrayType { dtype, rank, layout, writable: false }
}

/// The types that a region's closing `yield` gives.
pub fn yielded(cx: &Context<'_>, regions: &[RegionId]) -> Result<Vec<Type>, String> {
    let f = cx.function;
    let end = regions.first().and_then(|&r| f.terminator(r)).ok_or("the region is empty")?;
    match f.insts[end].op {
        Op::Yield => Ok(f.types(&f.insts[end].args)),
        _ => Err("the region must end in yield".into()),
    }
}

/// The types of an argument list, for messages.
pub fn list(types: &[Type]) -> String {
    types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ")
}

fn want(args: &[Type], n: usize) -> Result<(), String> {
    if args.len() == n { Ok(()) } else { Err(format!("takes {n} operands, got {}", args.len())) }
}

fn same(a: Type, b: Type) -> Result<(), String> {
    if a == b { Ok(()) } else { Err(format!("{a} and {b} differ")) }
}

fn exactly(args: &[Type], params: &[Type]) -> Result<(), String> {
    if args == params { Ok(()) } else { Err(format!("takes ({}), got ({})", list(params), list(args))) }
}

fn after<'a>(args: &'a [Type], first: &[Type]) -> Result<&'a [Type], String> {
    if args.len() < first.len() || &args[..first.len()] != first {
        return Err(format!("takes ({}, ...), got ({})", list(first), list(args)));
    }
    Ok(&args[first.len()..])
}

fn with_mask(args: &[Type], params: &[Type], mask: Type) -> Result<(), String> {
    match args.split_last() {
        Some((last, rest)) if *last == mask && rest == params => Ok(()),
        _ => exactly(args, params),
    }
}

fn element(t: Type) -> Result<Scalar, String> {
    t.element().ok_or_else(|| format!("{t} is neither scalar nor vector"))
}

fn scalar(t: Type) -> Result<Scalar, String> {
    t.as_scalar().ok_or_else(|| format!("{t} is not a scalar"))
}

/// The number of lanes of a pack, if one can have so many.
pub fn lanes(n: u8) -> Result<u8, String> {
    if (2..=64).contains(&n) && n.is_power_of_two() { Ok(n) } else { Err(format!("a pack cannot have {n} lanes")) }
}

fn checked(args: &[Type], arity: usize) -> Result<Type, String> {
    want(args, arity)?;
    match args[0] {
        Type::Scalar(s) if s.is_signed() && args.iter().all(|t| *t == args[0]) => Ok(args[0]),
        _ => Err(format!("checked arithmetic takes signed integers of one type, got ({})", list(args))),
    }
}

fn writable(a: ArrayType) -> Result<(), String> {
    if a.writable { Ok(()) } else { Err(format!("{a} is read-only")) }
}

/// Payload words: what fits a 64-bit word without a conversion.
fn payload_types(args: &[Type]) -> Result<(), String> {
    let fits = |t: &Type| matches!(t, Type::Scalar(Scalar::I64 | Scalar::U64 | Scalar::F64));
    if args.len() <= 4 && args.iter().all(fits) {
        Ok(())
    } else {
        Err(format!("a payload is up to four i64, u64 or f64, got ({})", list(args)))
    }
}
