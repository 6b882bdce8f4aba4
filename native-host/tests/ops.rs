//! Every op of the Machine level, compiled and run, against the meaning that `ir::eval` states.

use std::sync::Arc;

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Artifact, Code, Export, NativeCode, ResultType};
use gelcap_compiler::back::native::{self, Listing};
use gelcap_compiler::back::{CpuLevel, Target};
use gelcap_compiler::ir::op::{Access, BinaryOp, CheckedOp, CompareOp, Const, LaneReduce, UnaryOp, VectorOp};
use gelcap_compiler::ir::{AliasClass, Builder, Entry, Function, Level, Linkage, Module, Op, Type, ValueId, eval};
use gelcap_compiler::types::Scalar;
use gelcap_native_host::{Kernel, host_target, runtime};

/// Values of a type at which ops tend to go wrong.
fn samples(ty: Scalar) -> Vec<Const> {
    let mut values: Vec<Const> = match ty {
        Scalar::F64 => {
            [0.0, -0.0, 1.0, -1.5, 2.5, 0.1, 1e300, -1e-310, 4503599627370497.5, 9.3e18, -9.3e18, 3e9, 1.9e19]
                .into_iter()
                .chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX, 255.9, -129.5])
                .map(Const::f64)
                .collect()
        }
        Scalar::F32 => {
            [0.0f32, -0.0, 1.0, -1.5, 2.5, 0.1, 3e38, -1e-40, 8388609.5, 3e9, -3e9, 1e19, f32::INFINITY, f32::NAN]
                .into_iter()
                .map(Const::f32)
                .collect()
        }
        Scalar::Bool => vec![Const::bool(false), Const::bool(true)],
        _ => [0, 1, -1, 2, -2, 3, 7, -7, 63, 64, 100, 12345678, i64::MIN, i64::MAX, i32::MIN as i64, i32::MAX as i64]
            .into_iter()
            .map(|v| Const::int(ty, v))
            .collect(),
    };
    if let Some((low, high)) = ty.int_range() {
        values.extend([low, high, low + 1].map(|v| Const::int(ty, v as i64)));
    }
    values.sort();
    values.dedup();
    values
}

fn slot_access(ty: Scalar, slot: usize) -> Access {
    Access::field(ty, AliasClass::FRAME, 8 * slot as i32)
}

/// A module of packed functions, one a case.
struct Cases {
    module: Module,
    names: Vec<String>,
}

impl Cases {
    fn new() -> Cases {
        Cases { module: Module::new(Level::Machine), names: Vec::new() }
    }

    /// Adds a function that reads `params` from its slots and writes what `body` gives.
    fn add(&mut self, params: &[Scalar], body: impl FnOnce(&mut Builder<'_>, &[ValueId]) -> Vec<ValueId>) -> usize {
        let name = format!("case{}", self.names.len());
        let mut f = Function::new(&name, &[Type::Ptr, Type::Ptr], &[Type::I32], Linkage::Export, Entry::Packed);
        let slots = f.params()[1];
        let mut b = Builder::new(&mut self.module, &mut f);
        let zero = b.i64(0);
        let args: Vec<ValueId> =
            params.iter().enumerate().map(|(i, &ty)| b.load(slot_access(ty, i), slots, zero)).collect();
        for (i, result) in body(&mut b, &args).into_iter().enumerate() {
            let ty = b.ty(result).as_scalar().unwrap();
            b.store(slot_access(ty, i), slots, zero, result);
        }
        let ok = b.int(Scalar::I32, 0);
        b.return_(&[ok]);
        self.module.functions.push(f);
        self.names.push(name);
        self.names.len() - 1
    }

    fn load(self, target: &Target) -> Loaded {
        let emitted = native::emit(&self.module, target, Listing::default()).unwrap();
        assert_eq!(emitted, native::emit(&self.module, target, Listing::default()).unwrap(), "not deterministic");
        let export = |name: &String| Export {
            name: name.clone(),
            packed: name.clone(),
            params: Vec::new(),
            result: ResultType::None,
            c: None,
            doc: None,
        };
        let artifact = Artifact {
            abi_version: abi::VERSION,
            module: "cases".into(),
            code: Code::Native(NativeCode { object: emitted.object, machine: target.machine }),
            exports: self.names.iter().map(export).collect(),
            sites: Vec::new(),
            files: Vec::new(),
        };
        Loaded { kernel: Kernel::load(Arc::new(artifact), runtime::record_raise).unwrap() }
    }
}

struct Loaded {
    kernel: Arc<Kernel>,
}

impl Loaded {
    /// Calls a case; gives the slots.
    fn call(&self, case: usize, args: &[u64]) -> [u64; 16] {
        let mut slots = [0x5555_5555_5555_5555; 16];
        slots[..args.len()].copy_from_slice(args);
        let entry = self.kernel.packed(&self.kernel.artifact().exports[case]).unwrap();
        // SAFETY: no case has more than 16 arguments or results; addresses are those of live arrays.
        unsafe { self.kernel.call(entry, &mut slots) }.unwrap();
        slots
    }

    fn result(&self, case: usize, args: &[Const], ty: Scalar) -> Const {
        let slots = self.call(case, &args.iter().map(|c| c.bits).collect::<Vec<_>>());
        let mask = u64::MAX >> (64 - 8 * ty.bytes());
        Const { ty, bits: slots[0] & mask }
    }
}

fn same(a: Const, b: Const) -> bool {
    a == b || (a.ty.is_float() && a.as_float().is_nan() && b.as_float().is_nan())
}

/// The lowest processor files may need, and this one.
fn targets() -> [Target; 2] {
    [Target::x86_64(CpuLevel::V2), host_target().unwrap()]
}

/// Whether the operands are ones that Machine level allows.
fn is_safe(op: BinaryOp, a: Const, b: Const) -> bool {
    match op {
        BinaryOp::Div | BinaryOp::Rem if a.ty.is_int() => {
            let overflows = a.ty.is_signed() && a.as_int() == a.ty.int_range().unwrap().0 && b.as_int() == -1;
            b.bits != 0 && !overflows
        }
        BinaryOp::Shl | BinaryOp::Shr => b.bits < u64::from(a.ty.bits()),
        _ => true,
    }
}

fn machine_binary() -> impl Iterator<Item = BinaryOp> {
    BinaryOp::ALL.into_iter().filter(|op| !matches!(op, BinaryOp::FloorDiv | BinaryOp::FloorMod))
}

#[test]
fn scalar_ops_mean_what_eval_says() {
    for target in targets() {
        let mut cases = Cases::new();
        let mut unary = Vec::new();
        let mut binary = Vec::new();
        let mut compare = Vec::new();
        for ty in Scalar::ALL {
            for op in UnaryOp::ALL.into_iter().filter(|op| op.accepts(ty)) {
                unary.push((op, ty, cases.add(&[ty], |b, args| vec![b.unary(op, args[0])])));
            }
            for op in machine_binary().filter(|op| op.accepts(ty)) {
                binary.push((op, ty, cases.add(&[ty, ty], |b, args| vec![b.binary(op, args[0], args[1])])));
            }
            for op in CompareOp::ALL {
                compare.push((op, ty, cases.add(&[ty, ty], |b, args| vec![b.compare(op, args[0], args[1])])));
            }
        }
        let loaded = cases.load(&target);
        for (op, ty, case) in unary {
            for a in samples(ty) {
                let (got, want) = (loaded.result(case, &[a], ty), eval::unary(op, a));
                assert!(same(got, want), "{op:?} {a:?}: {got:?}, not {want:?}");
            }
        }
        for (op, ty, case) in binary {
            for a in samples(ty) {
                for b in samples(ty).into_iter().filter(|b| is_safe(op, a, *b)) {
                    let (got, want) = (loaded.result(case, &[a, b], ty), eval::binary(op, a, b));
                    assert!(same(got, want), "{op:?} {a:?} {b:?}: {got:?}, not {want:?}");
                }
            }
        }
        for (op, ty, case) in compare {
            for a in samples(ty) {
                for b in samples(ty) {
                    let (got, want) = (loaded.result(case, &[a, b], Scalar::Bool), eval::compare(op, a, b));
                    assert_eq!(got, want, "{op:?} {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn conversions_mean_what_eval_says() {
    for target in targets() {
        let mut cases = Cases::new();
        let mut all = Vec::new();
        for from in Scalar::ALL {
            for to in Scalar::ALL {
                let machine = !from.is_float() || to.is_float() || to == Scalar::Bool || to.bytes() >= 4;
                if machine {
                    let case = cases.add(&[from], |b, args| vec![b.value(Op::Convert(to), &[args[0]])]);
                    all.push((from, to, case, false));
                }
                if from.bytes() == to.bytes() && from != Scalar::Bool && to != Scalar::Bool {
                    let case = cases.add(&[from], |b, args| vec![b.value(Op::Bitcast(to), &[args[0]])]);
                    all.push((from, to, case, true));
                }
            }
        }
        let loaded = cases.load(&target);
        for (from, to, case, bits) in all {
            for a in samples(from) {
                let want = if bits { eval::bitcast(to, a) } else { eval::convert(to, a) };
                let got = loaded.result(case, &[a], to);
                assert!(same(got, want), "{a:?} to {to} (bits: {bits}): {got:?}, not {want:?}");
            }
        }
    }
}

#[test]
fn overflow_is_noticed() {
    for target in targets() {
        let mut cases = Cases::new();
        let mut all = Vec::new();
        for ty in [Scalar::I8, Scalar::I16, Scalar::I32, Scalar::I64] {
            for op in CheckedOp::ALL.into_iter().filter(|op| op.is_machine()) {
                let case = cases.add(&[ty, ty], |b, args| {
                    let inst = b.push(Op::Overflowing(op), args, &[]);
                    b.results(inst).to_vec()
                });
                all.push((ty, op, None, case));
                for c in samples(ty) {
                    let case = cases.add(&[ty, ty], |b, args| {
                        let c = b.constant(c);
                        let inst = b.push(Op::Overflowing(op), &[args[0], c], &[]);
                        b.results(inst).to_vec()
                    });
                    all.push((ty, op, Some(c), case));
                }
            }
        }
        let loaded = cases.load(&target);
        for (ty, op, constant, case) in all {
            for a in samples(ty) {
                for b in constant.map_or_else(|| samples(ty), |c| vec![c]) {
                    let slots = loaded.call(case, &[a.bits, b.bits]);
                    let (value, overflow) = eval::overflowing(op, a, Some(b));
                    let mask = u64::MAX >> (64 - 8 * ty.bytes());
                    assert_eq!((slots[0] & mask, slots[1] & 0xff), (value.bits, overflow.bits), "{op:?} {a:?} {b:?}");
                }
            }
        }
    }
}

/// Lanes of a pack are what the scalar op gives, whether or not the pack fills a register.
#[test]
fn packs_are_lanes() {
    for target in targets() {
        let mut cases = Cases::new();
        let mut all = Vec::new();
        for ty in Scalar::ALL {
            for lanes in [2u8, 4, 8, 16] {
                let dense = Access::dense(ty, AliasClass::ANY);
                let mut add = |cases: &mut Cases, name: String, kind| {
                    let case = cases.add(&[Scalar::U64; 3], |b, addresses| {
                        let pointers: Vec<_> = addresses.iter().map(|&a| b.value(Op::IntToPtr, &[a])).collect();
                        let zero = b.i64(0);
                        let load = Op::Vector(VectorOp::PackLoad(dense, lanes));
                        let x = b.value(load.clone(), &[pointers[0], zero]);
                        let y = b.value(load, &[pointers[1], zero]);
                        let z = match kind {
                            Kind::Unary(op) => b.unary(op, x),
                            Kind::Binary(op) => b.binary(op, x, y),
                            Kind::Select(op) => {
                                let mask = b.compare(op, x, y);
                                b.select(mask, y, x)
                            }
                            Kind::Convert(to) => b.value(Op::Convert(to), &[x]),
                        };
                        let store = Access::dense(b.ty(z).element().unwrap(), AliasClass::ANY);
                        b.effect(Op::Vector(VectorOp::PackStore(store)), &[pointers[2], zero, z]);
                        vec![]
                    });
                    all.push((ty, lanes, name, kind, case));
                };
                for op in UnaryOp::ALL.into_iter().filter(|op| op.accepts(ty)) {
                    add(&mut cases, format!("{op:?}"), Kind::Unary(op));
                }
                for op in machine_binary().filter(|op| op.accepts(ty)) {
                    add(&mut cases, format!("{op:?}"), Kind::Binary(op));
                }
                for op in CompareOp::ALL {
                    add(&mut cases, format!("{op:?}"), Kind::Select(op));
                }
                for to in [Scalar::F64, Scalar::I64, Scalar::I32, Scalar::F32] {
                    add(&mut cases, format!("to {to}"), Kind::Convert(to));
                }
            }
        }
        let loaded = cases.load(&target);
        for (ty, lanes, name, kind, case) in all {
            check_lanes(&loaded, ty, usize::from(lanes), &name, kind, case);
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Select(CompareOp),
    Convert(Scalar),
}

fn check_lanes(loaded: &Loaded, ty: Scalar, lanes: usize, name: &str, kind: Kind, case: usize) {
    let values = samples(ty);
    for shift in 0..values.len() {
        let mut x = Vec::new();
        let mut y = Vec::new();
        for lane in 0..lanes {
            let a = values[lane % values.len()];
            let mut b = values[(lane + shift) % values.len()];
            if let Kind::Binary(op) = kind
                && !is_safe(op, a, b)
            {
                b = Const::int(ty, 1);
            }
            x.push(a);
            y.push(b);
        }
        let bytes = |values: &[Const]| -> Vec<u8> {
            values.iter().flat_map(|c| c.bits.to_le_bytes()[..ty.bytes() as usize].to_vec()).collect()
        };
        let (left, right, mut out) = (bytes(&x), bytes(&y), vec![0u8; 16 * 16]);
        loaded.call(case, &[left.as_ptr() as u64, right.as_ptr() as u64, out.as_mut_ptr() as u64]);
        for lane in 0..lanes {
            let (a, b) = (x[lane], y[lane]);
            let want = match kind {
                Kind::Unary(op) => eval::unary(op, a),
                Kind::Binary(op) => eval::binary(op, a, b),
                Kind::Select(op) => eval::select(eval::compare(op, a, b), b, a),
                Kind::Convert(to) => eval::convert(to, a),
            };
            let size = want.ty.bytes() as usize;
            let mut word = [0; 8];
            word[..size].copy_from_slice(&out[lane * size..][..size]);
            let got = Const { ty: want.ty, bits: u64::from_le_bytes(word) };
            assert!(same(got, want), "{name} of {ty} x {lanes}, lane {lane}: {a:?} {b:?}: {got:?}, not {want:?}");
        }
    }
}

#[test]
fn packs_reduce_and_take_single_lanes() {
    for target in targets() {
        let mut cases = Cases::new();
        let mut all = Vec::new();
        for ty in [Scalar::I64, Scalar::I32, Scalar::U8] {
            for lanes in [2u8, 4, 16] {
                for op in LaneReduce::ALL {
                    let case = cases.add(&[ty, ty], |b, args| {
                        let pack = b.value(Op::Vector(VectorOp::PackSplat(lanes)), &[args[0]]);
                        let pack = b.value(Op::Vector(VectorOp::Insert(lanes - 1)), &[pack, args[1]]);
                        let other = b.value(Op::Vector(VectorOp::PackSplat(lanes)), &[args[1]]);
                        let mask = b.compare(CompareOp::Eq, pack, other);
                        vec![
                            b.value(Op::Vector(VectorOp::Reduce(op)), &[pack]),
                            b.value(Op::Vector(VectorOp::Extract(0)), &[pack]),
                            b.value(Op::Vector(VectorOp::Extract(lanes - 1)), &[pack]),
                            b.value(Op::Vector(VectorOp::Any), &[mask]),
                            b.value(Op::Vector(VectorOp::All), &[mask]),
                        ]
                    });
                    all.push((ty, lanes, op, case));
                }
            }
        }
        let loaded = cases.load(&target);
        for (ty, lanes, op, case) in all {
            for a in samples(ty) {
                for b in samples(ty) {
                    let slots = loaded.call(case, &[a.bits, b.bits]);
                    let mask = u64::MAX >> (64 - 8 * ty.bytes());
                    let mut total = a;
                    for _ in 2..lanes {
                        total = eval::binary(op.binary(), total, a);
                    }
                    total = eval::binary(op.binary(), total, b);
                    let got = (slots[0] & mask, slots[1] & mask, slots[2] & mask);
                    assert_eq!(got, (total.bits, a.bits, b.bits), "{op:?} of {ty} x {lanes}");
                    assert_eq!((slots[3] & 0xff, slots[4] & 0xff), (1, u64::from(a == b)));
                }
            }
        }
    }
}
