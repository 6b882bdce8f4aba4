//! Makes the functions by which a module is entered: a packed entry for every exported kernel and a C entry for those
//! that C calls. ([`crate::abi`] is the contract.)
//!
//! An entry is ordinary IR, a `try` around a call, so that the inliner puts the kernel into it and a kernel that cannot
//! fail pays nothing for the possibility. Takes and leaves Array or Loop level.

use crate::abi;
use crate::abi::imports::Import;
use crate::ir::op::{Access, ArrayOp, Const};
use crate::ir::{AliasClass, Builder, Entry, FuncId, Function, Linkage, Module, Op, Type, ValueId};
use crate::types::Scalar;

/// A kernel to be entered from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportSpec {
    pub kernel: FuncId,
    /// The name in the entries' symbols.
    pub name: String,
    /// A C entry is wanted besides the packed one.
    pub c_entry: bool,
}

/// Bytes of an argument slot.
const SLOT: usize = 8;

/// Adds the entries. The kernels themselves become internal.
pub fn add(module: &mut Module, specs: &[ExportSpec]) -> Result<(), String> {
    for spec in specs {
        let kernel = module.functions.get(spec.kernel).ok_or("an exported kernel does not exist")?;
        let params = kernel.types(kernel.params());
        let results = kernel.results.clone();
        let fits = |t: &Type| matches!(t, Type::Scalar(_) | Type::Ptr);
        let packs = |t: &Type| fits(t) || matches!(t, Type::Array(_));
        if !params.iter().chain(&results).all(packs) {
            return Err(format!("the kernel {} has a parameter or result that no slot holds", kernel.name));
        }
        if spec.c_entry && !params.iter().chain(&results).all(fits) {
            return Err(format!("the C function {} has arrays, which C has not", kernel.name));
        }
        if spec.c_entry && results.len() > 1 {
            return Err(format!("the C function {} has more than one result", kernel.name));
        }
        module.functions[spec.kernel].linkage = Linkage::Internal;
        let packed = packed_entry(module, spec, &params);
        module.functions.push(packed);
        if spec.c_entry {
            let c = c_entry(module, spec, &params, &results);
            module.functions.push(c);
        }
    }
    Ok(())
}

fn packed_entry(module: &mut Module, spec: &ExportSpec, params: &[Type]) -> Function {
    let name = abi::packed_symbol(&spec.name);
    let mut f = Function::new(name, &[Type::Ptr, Type::Ptr], &[Type::I32], Linkage::Export, Entry::Packed);
    let label = f.new_label();
    let mut b = Builder::new(module, &mut f);
    let (ctx, slots) = (b.function.params()[0], b.function.params()[1]);
    let (inst, body, handler) = b.try_(label, &[Type::I32]);
    let outside = b.enter(body);
    let mut next = 0;
    let args: Vec<ValueId> = params.iter().map(|&t| load_argument(&mut b, slots, &mut next, t)).collect();
    let call = b.call(spec.kernel, &args);
    let values: Vec<ValueId> = b.results(call).to_vec().into_iter().flat_map(|v| words(&mut b, v)).collect();
    for (i, v) in values.into_iter().enumerate() {
        store_slot(&mut b, slots, i, v);
    }
    let ok = b.int(Scalar::I32, abi::STATUS_OK as i64);
    b.yield_(&[ok]);
    b.enter(handler);
    let raised = b.function.regions[handler].params.to_vec();
    store_raised(&mut b, ctx, &raised);
    let failed = b.int(Scalar::I32, abi::STATUS_RAISED as i64);
    b.yield_(&[failed]);
    b.enter(outside);
    let status = b.results(inst)[0];
    b.return_(&[status]);
    f
}

/// Stores what a handler received (site and payload) into the context.
pub fn store_raised(b: &mut Builder<'_>, ctx: ValueId, raised: &[ValueId]) {
    b.store_frame(ctx, abi::ctx::SITE as i32, raised[0]);
    for (i, &word) in raised[1..].iter().enumerate() {
        b.store_frame(ctx, abi::ctx::PAYLOAD as i32 + (i * SLOT) as i32, word);
    }
}

/// An argument from its slots; `next` is the first of them, then that of the next argument.
fn load_argument(b: &mut Builder<'_>, slots: ValueId, next: &mut usize, ty: Type) -> ValueId {
    let Type::Array(array) = ty else {
        *next += 1;
        return load_slot(b, slots, *next - 1, ty);
    };
    let rank = array.rank as usize;
    let types = std::iter::once(Type::Ptr).chain(std::iter::repeat_n(Type::I64, 2 * rank));
    let args: Vec<ValueId> = types.enumerate().map(|(k, t)| load_slot(b, slots, *next + k, t)).collect();
    *next += args.len();
    b.value(Op::Array(ArrayOp::Make(array, AliasClass::ANY)), &args)
}

/// What a result's slots hold, in order.
fn words(b: &mut Builder<'_>, v: ValueId) -> Vec<ValueId> {
    let Type::Array(array) = b.ty(v) else { return vec![v] };
    let axes = 0..array.rank;
    let ops = std::iter::once(ArrayOp::Data)
        .chain(axes.clone().map(ArrayOp::Dim))
        .chain(axes.map(ArrayOp::Stride))
        .chain([ArrayOp::Escape]);
    ops.map(|op| b.value(Op::Array(op), &[v])).collect()
}

fn load_slot(b: &mut Builder<'_>, slots: ValueId, i: usize, ty: Type) -> ValueId {
    let offset = (i * SLOT) as i32;
    match ty.as_scalar() {
        Some(s) => b.load_frame(s, slots, offset),
        None => {
            let address = b.load_frame(Scalar::U64, slots, offset);
            b.value(Op::IntToPtr, &[address])
        }
    }
}

/// Stores a result as [`abi::to_slot`] says.
fn store_slot(b: &mut Builder<'_>, slots: ValueId, i: usize, v: ValueId) {
    let word = match b.ty(v).as_scalar() {
        None => b.value(Op::PtrToInt, &[v]),
        Some(Scalar::F32) => {
            let bits = b.value(Op::Bitcast(Scalar::U32), &[v]);
            b.convert(Scalar::U64, bits)
        }
        Some(Scalar::F64) => v,
        Some(s) if s.is_signed() => b.convert(Scalar::I64, v),
        Some(_) => b.convert(Scalar::U64, v),
    };
    let zero = b.i64(0);
    let element = b.ty(word).as_scalar().unwrap_or(Scalar::U64);
    b.store(Access::field(element, AliasClass::FRAME, (i * SLOT) as i32), slots, zero, word);
}

fn c_entry(module: &mut Module, spec: &ExportSpec, params: &[Type], results: &[Type]) -> Function {
    let mut f = Function::new(abi::c_symbol(&spec.name), params, results, Linkage::Export, Entry::C);
    let label = f.new_label();
    let mut b = Builder::new(module, &mut f);
    let args = b.function.params().to_vec();
    let (inst, body, handler) = b.try_(label, results);
    let outside = b.enter(body);
    let call = b.call(spec.kernel, &args);
    let values = b.results(call).to_vec();
    b.yield_(&values);
    b.enter(handler);
    let raised = b.function.regions[handler].params.to_vec();
    b.effect(Op::CallImport(Import::Raise), &raised);
    let failure: Vec<ValueId> = results.iter().map(|&t| failure_value(&mut b, t)).collect();
    b.yield_(&failure);
    b.enter(outside);
    let values = b.results(inst).to_vec();
    b.return_(&values);
    f
}

/// What C callers take as failure: 0 for a status, NaN for a number.
fn failure_value(b: &mut Builder<'_>, ty: Type) -> ValueId {
    match ty.as_scalar() {
        None => b.value(Op::Null, &[]),
        Some(Scalar::F64) => b.f64(f64::NAN),
        Some(Scalar::F32) => b.constant(Const::f32(f32::NAN)),
        Some(s) => b.int(s, 0),
    }
}
