//! The same modules under Node, by `js/host.mjs`: scalars, memory, constants, stack slots, failures.

mod emitted;

use std::fs;
use std::path::Path;
use std::process::Command;

use emitted::Program;
use gelcap_compiler::abi;
use gelcap_compiler::back::WasmFlavour;
use gelcap_compiler::ir::op::{Access, BinaryOp, CompareOp};
use gelcap_compiler::ir::{AliasClass, DataTable, Entry, Function, Linkage, Op, Type};
use gelcap_compiler::types::Scalar;

/// Scalars of several kinds, a pointer, a table, a stack slot, a raise, endless recursion, a wild pointer.
fn program() -> Program {
    let mut program = Program::new();
    let bits = [0.5f64, 0.25].map(f64::to_bits).to_vec();
    let table = program.module.data.push(DataTable { name: "table".into(), element: Scalar::F64, bits });
    let double = Access::dense(Scalar::F64, AliasClass::ANY);
    program.packed("mix", |b, _, slots| {
        let x = b.load_frame(Scalar::F64, slots, 0);
        let n = b.load_frame(Scalar::I32, slots, 8);
        let address = b.load_frame(Scalar::U64, slots, 16);
        let p = b.value(Op::IntToPtr, &[address]);
        let (one, t) = (b.i64(1), b.value(Op::DataAddr(table), &[]));
        let quarter = b.load(Access::dense(Scalar::F64, AliasClass::TABLE), t, one);
        let slot = b.value(Op::StackSlot(16), &[]);
        let zero = b.i64(0);
        b.store(Access::dense(Scalar::F64, AliasClass::FRAME), slot, one, quarter);
        let quarter = b.load(Access::dense(Scalar::F64, AliasClass::FRAME), slot, one);
        let count = b.convert(Scalar::F64, n);
        let product = b.binary(BinaryOp::Mul, x, count);
        let sum = b.binary(BinaryOp::Add, product, quarter);
        let first = b.load(double, p, zero);
        let all = b.binary(BinaryOp::Add, sum, first);
        b.store(double, p, one, all);
        b.store_frame(slots, 0, all);
        let negative = b.unary(gelcap_compiler::ir::op::UnaryOp::Neg, n);
        let wide = b.convert(Scalar::I64, negative);
        b.store_frame(slots, 8, wide);
    });
    program.packed("raise", |b, context, slots| {
        let x = b.load_frame(Scalar::I64, slots, 0);
        let site = b.int(Scalar::I32, 7);
        b.store_frame(context, abi::ctx::SITE as i32, site);
        b.store_frame(context, abi::ctx::PAYLOAD as i32 + 24, x);
        let raised = b.int(Scalar::I32, i64::from(abi::STATUS_RAISED));
        b.return_(&[raised]);
    });
    let mut f = Function::new("forever", &[Type::I64], &[Type::I64], Linkage::Internal, Entry::Kernel);
    let id = program.module.functions.push(f.clone());
    let mut b = gelcap_compiler::ir::Builder::new(&mut program.module, &mut f);
    let n = b.function.params()[0];
    let one = b.i64(1);
    let more = b.binary(BinaryOp::Add, n, one);
    let call = b.call(id, &[more]);
    let deeper = b.results(call)[0];
    let sum = b.binary(BinaryOp::Add, deeper, n);
    b.return_(&[sum]);
    program.module.functions[id] = f;
    program.packed("forever", |b, _, slots| {
        let n = b.load_frame(Scalar::I64, slots, 0);
        let call = b.call(id, &[n]);
        let result = b.results(call)[0];
        b.store_frame(slots, 0, result);
    });
    program.packed("wild", |b, _, slots| {
        let high = b.int(Scalar::U64, 0xffff_fff0);
        let p = b.value(Op::IntToPtr, &[high]);
        let zero = b.i64(0);
        let x = b.load(double, p, zero);
        let same = b.compare(CompareOp::Eq, x, x);
        let same = b.convert(Scalar::I64, same);
        b.store_frame(slots, 0, same);
    });
    program
}

#[test]
fn node_gives_the_same_answers() {
    let program = program();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut files = Vec::new();
    for (name, flavour) in [("alone", WasmFlavour::StandAlone), ("imported", WasmFlavour::ImportedMemory)] {
        let path = folder.join(format!("node-{name}.wasm"));
        fs::write(&path, program.emit(flavour)).expect("the module is written");
        files.push(path);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/check.mjs");
    let output = Command::new("node").arg(script).args(&files).output().expect("node runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(text(&output.stdout), "2 modules agree\n");

    // And wasmtime agrees with what the script expects.
    let kernel = program.load();
    let mut memory = [8.0, 0.0];
    let pointer = gelcap_wasm_host::Argument::Memory {
        start: memory.as_mut_ptr().cast(),
        bytes: 16,
        access: gelcap_wasm_host::Access::Exclusive,
    };
    let slot = gelcap_wasm_host::Argument::Slot;
    let mut results = [0; 2];
    // SAFETY: the array outlives the call.
    unsafe { kernel.call(0, &[slot(1.5f64.to_bits()), slot(-3i64 as u64), pointer], &mut results) }.expect("it runs");
    assert_eq!((f64::from_bits(results[0]), results[1], memory[1]), (3.75, 3, 3.75));
}
