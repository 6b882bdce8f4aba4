//! Kernels: functions whose parameters and results are stored as declared. What the body sees is made at the top, what
//! it returns is converted and checked at each `return`, at the user's line.

use super::{INT_OVERFLOW, Leave, Lower, Lowering, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::environment::Global;
use crate::front::kernel::{Extent, KernelSpec, either_word, storage};
use crate::front::tast::{InstanceId, Py, Ty};
use crate::ir::op::{BinaryOp, CompareOp};
use crate::ir::{Entry, FuncId, Function, Linkage, Module, Op, Type, ValueId};
use crate::types;
use crate::types::Scalar;

/// What a kernel's results are stored as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storage {
    pub declared: types::Type,
}

/// Lowers an instance as an exported function.
pub fn kernel(
    cx: &mut Lowering<'_, '_>,
    module: &mut Module,
    spec: &KernelSpec,
    id: InstanceId,
    result: &types::Type,
) -> FuncId {
    let inference = cx.inference;
    let instance = &inference.instances[id];
    let params: Vec<Type> = spec.params.iter().flat_map(|p| storage(&p.declared)).collect();
    let mut f = Function::new(spec.export.clone(), &params, &storage(result), Linkage::Export, Entry::Kernel);
    let leave = Leave::Storage(Storage { declared: result.clone() });
    let mut lower = Lower::new(module, &mut f, cx, id, leave);
    lower.at(instance.header);
    let values: Vec<ValueId> = lower.b.function.params().to_vec();
    let mut rest = values.as_slice();
    let mut integers: Vec<Option<ValueId>> = Vec::with_capacity(spec.params.len());
    for (param, (var, ty)) in spec.params.iter().zip(&instance.params) {
        let (parts, others) = rest.split_at(storage(&param.declared).len());
        rest = others;
        let v = lower.received(parts, ty, instance.header);
        integers.push((*ty == Ty::INT).then(|| v.value()));
        lower.env[var.index()] = Some(v);
    }
    lower.add_extents(spec, &integers, id);
    lower.add_defaults(spec, id);
    lower.body(id);
    module.functions.push(f)
}

impl Lower<'_, '_, '_> {
    /// A parameter as the body sees it.
    fn received(&mut self, parts: &[ValueId], ty: &Ty, span: Span) -> Val {
        match ty {
            Ty::Tuple(items) => {
                let mut rest = parts;
                let mut all = Val { ty: ty.clone(), parts: Default::default() };
                for item in items.iter() {
                    let (first, others) = rest.split_at(super::part_types(item).len());
                    rest = others;
                    all.parts.extend(self.received(first, item, span).parts);
                }
                all
            }
            Ty::Py(p) => match self.b.ty(parts[0]) {
                Type::Scalar(s) => self.python_value(parts[0], s, span),
                _ => Val::one(Ty::Py(*p), parts[0]),
            },
            _ => Val { ty: ty.clone(), parts: parts.into() },
        }
    }

    /// The lengths of pointers whose extent is known.
    fn add_extents(&mut self, spec: &KernelSpec, integers: &[Option<ValueId>], id: InstanceId) {
        let inference = self.cx.inference;
        for (param, (var, _)) in spec.params.iter().zip(&inference.instances[id].params) {
            let length = match param.extent {
                Some(Extent::Const(n)) => self.b.i64(n),
                Some(Extent::Param(i)) => match integers.get(i).copied().flatten() {
                    Some(n) => n,
                    None => self.b.i64(0),
                },
                None => continue,
            };
            if let Some(v) = &mut self.env[var.index()]
                && matches!(v.ty, Ty::Ptr { bounded: true, .. })
            {
                v.parts.truncate(1);
                v.parts.push(length);
            }
        }
    }

    /// Parameters that the signature leaves out have their defaults.
    fn add_defaults(&mut self, spec: &KernelSpec, id: InstanceId) {
        let inference = self.cx.inference;
        let program = inference.program;
        let item = &program.functions[spec.function];
        let instance = &inference.instances[id];
        let params = item.def.params.list.iter().zip(&instance.params).skip(spec.params.len());
        for (param, (var, ty)) in params {
            let Some(global) = program.default_value(spec.function, param) else { continue };
            let v = self.constant_value(&global, ty, param.span);
            self.env[var.index()] = Some(v);
        }
    }

    fn constant_value(&mut self, global: &Global, ty: &Ty, span: Span) -> Val {
        match (global, ty) {
            (Global::Literal(l), _) => self.literal(l, span),
            (Global::Tuple(items), Ty::Tuple(types)) => {
                let mut all = Val { ty: ty.clone(), parts: Default::default() };
                for (item, ty) in items.iter().zip(types.iter()) {
                    all.parts.extend(self.constant_value(item, ty, span).parts);
                }
                all
            }
            _ => Val { ty: ty.clone(), parts: Default::default() },
        }
    }

    /// A returned value as it is stored.
    pub(super) fn stored(&mut self, v: &Val, storage: &Storage, span: Span) -> Vec<ValueId> {
        self.stored_as(v, &storage.declared, span)
    }

    fn stored_as(&mut self, v: &Val, declared: &types::Type, span: Span) -> Vec<ValueId> {
        match declared {
            types::Type::Tuple(to) => {
                let items = self.unpack(v, to.len(), span);
                items.iter().zip(to).flat_map(|(item, to)| self.stored_as(item, to, span)).collect()
            }
            types::Type::Ptr(_) => v.parts.iter().take(1).copied().collect(),
            types::Type::Array(array) => match v.parts.first() {
                Some(&v) => vec![self.as_array_type(v, (*array).into(), span)],
                None => Vec::new(),
            },
            types::Type::Either { python, numpy } => self.stored_either(v, *python, *numpy, span),
            other => match other.scalar() {
                Some(s) if v.ty.is_number() => vec![self.stored_scalar(v, s, span)],
                _ => Vec::new(),
            },
        }
    }

    /// Which kind of scalar it is, and the scalar.
    fn stored_either(&mut self, v: &Val, python: Scalar, numpy: Scalar, span: Span) -> Vec<ValueId> {
        let v = self.coerce(v.clone(), &Ty::Either(Py::of(python), numpy), span);
        let &[flag, payload] = v.parts.as_slice() else { return Vec::new() };
        if either_word(python, numpy) != Scalar::U64 {
            return vec![flag, payload];
        }
        let sides = [self.numpy_side(&v).value(), self.python_side(&v).value()];
        let [a, b] = sides.map(|side| match self.b.ty(side) {
            Type::F64 => self.b.value(Op::Bitcast(Scalar::U64), &[side]),
            Type::F32 => {
                let bits = self.b.value(Op::Bitcast(Scalar::U32), &[side]);
                self.b.convert(Scalar::U64, bits)
            }
            _ => self.b.convert(Scalar::U64, side),
        });
        vec![flag, self.b.select(flag, a, b)]
    }

    fn stored_scalar(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        match v.ty {
            Ty::Either(_, dtype) if dtype == s && s.is_int() => self.either_as_dtype(v, s, span),
            Ty::Either(_, Scalar::F32) if s == Scalar::F32 => self.either_as_f32(v, span),
            Ty::Either(Py::Bool, Scalar::Bool) if s == Scalar::Bool => v.parts[1],
            _ => self.storable(v, s, span),
        }
    }

    /// A float32, or a Python float, which must not be rounded to one silently.
    fn either_as_f32(&mut self, v: &Val, span: Span) -> ValueId {
        let narrow = self.b.convert(Scalar::F32, v.parts[1]);
        let back = self.b.convert(Scalar::F64, narrow);
        let same = self.b.compare(CompareOp::Eq, back, v.parts[1]);
        let nan = self.b.compare(CompareOp::Ne, v.parts[1], v.parts[1]);
        let exact = self.any_of(same, nan);
        let ok = self.any_of(exact, v.parts[0]);
        let message = "float {0f} is no float32, which the result is on another path: convert it";
        self.check(ok, Exception::OverflowError, message, span, &[v.parts[1]]);
        narrow
    }

    /// A value that is NumPy's already, or Python's and then must fit.
    fn either_as_dtype(&mut self, v: &Val, s: Scalar, span: Span) -> ValueId {
        if let (Some((low, high)), true) = (s.int_range(), s != Scalar::I64) {
            let (low, high) = (low as i64, high.min(i64::MAX.into()) as i64);
            let (low, high) = (self.b.i64(low), self.b.i64(high));
            let above = self.b.compare(CompareOp::Ge, v.parts[1], low);
            let below = self.b.compare(CompareOp::Le, v.parts[1], high);
            let inside = self.b.binary(BinaryOp::And, above, below);
            let ok = self.any_of(inside, v.parts[0]);
            self.check(ok, Exception::OverflowError, INT_OVERFLOW, span, &[]);
        }
        self.b.convert(s, v.parts[1])
    }
}
