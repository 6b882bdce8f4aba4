//! Extension modules, made here and imported by the `python3` of the system (or of the `.venv` at the root).

use std::path::{Path, PathBuf};
use std::process::Command;

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::abi::{self, ctx, status::Exception};
use gelcap_compiler::artifact::{CEntry, CType, Export, Frame, Param, ParamType, ResultType, Site};
use gelcap_compiler::back::native::pyext::{self, Extension};
use gelcap_compiler::back::{CpuLevel, Target};
use gelcap_compiler::ir::op::{Access, BinaryOp, CompareOp};
use gelcap_compiler::ir::{AliasClass, Builder, Entry, Function, Level, Linkage, Module, Op, Type, ValueId};
use gelcap_compiler::types::{ArrayType, Layout, Scalar};

const F64: ParamType = ParamType::Scalar(Scalar::F64);
const I64: ParamType = ParamType::Scalar(Scalar::I64);

/// A module of kernels with what the glue must know of them.
struct Kernels {
    module: Module,
    exports: Vec<Export>,
}

fn float() -> ResultType {
    ResultType::Scalar { scalar: Scalar::F64, numpy: false }
}

fn scalar(s: Scalar) -> ResultType {
    ResultType::Scalar { scalar: s, numpy: false }
}

impl Kernels {
    /// Adds a kernel by its packed entry. The body gives the results; it gets the context and the arguments.
    fn add(
        &mut self,
        name: &str,
        params: &[(&str, ParamType)],
        result: ResultType,
        body: impl FnOnce(&mut Builder<'_>, ValueId, &[ValueId]) -> Vec<ValueId>,
    ) {
        let packed = abi::packed_symbol(name);
        let mut f = Function::new(&packed, &[Type::Ptr, Type::Ptr], &[Type::I32], Linkage::Export, Entry::Packed);
        let (context, slots) = (f.params()[0], f.params()[1]);
        let mut b = Builder::new(&mut self.module, &mut f);
        // Of an array, the address, the shape and the strides.
        let mut args = Vec::new();
        for (_, ty) in params {
            let place = |args: &Vec<ValueId>| 8 * args.len() as i32;
            match ty {
                ParamType::Scalar(s) => args.push(b.load_frame(*s, slots, place(&args))),
                ParamType::None => {}
                ParamType::Array(_) | ParamType::Pointer { .. } => {
                    let address = b.load_frame(Scalar::U64, slots, place(&args));
                    args.push(b.value(Op::IntToPtr, &[address]));
                    for _ in 1..ty.slots() {
                        args.push(b.load_frame(Scalar::I64, slots, place(&args)));
                    }
                }
            }
        }
        for (i, value) in body(&mut b, context, &args).into_iter().enumerate() {
            let wide = match b.ty(value).as_scalar().unwrap() {
                s if s.is_float() => value,
                s if s.is_signed() => b.convert(Scalar::I64, value),
                _ => b.convert(Scalar::U64, value),
            };
            b.store_frame(slots, 8 * i as i32, wide);
        }
        let ok = b.int(Scalar::I32, 0);
        b.return_(&[ok]);
        self.module.functions.push(f);
        self.exports.push(Export {
            name: name.into(),
            packed,
            params: params.iter().map(|(n, ty)| Param { name: n.to_string(), ty: *ty, default: None }).collect(),
            result,
            c: None,
            doc: Some("What it does.".into()),
        });
    }
}

/// Leaves a packed entry as failure of a site, if the condition holds.
fn raise_if(b: &mut Builder<'_>, context: ValueId, condition: ValueId, site: i64, payload: &[ValueId]) {
    let (_, then, otherwise) = b.if_(condition, &[]);
    let here = b.enter(then);
    let site = b.int(Scalar::I32, site);
    b.store_frame(context, ctx::SITE as i32, site);
    for (i, &word) in payload.iter().enumerate() {
        b.store_frame(context, ctx::PAYLOAD as i32 + 8 * i as i32, word);
    }
    let raised = b.int(Scalar::I32, 1);
    b.return_(&[raised]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
}

fn sites() -> Vec<Site> {
    let frame = |function: &str, line, column, end_column| Frame {
        function: function.into(),
        file: 0,
        line,
        column,
        end_line: line,
        end_column,
    };
    let site = |exception, template: &str, frames| Site { exception, template: template.into(), frames };
    vec![
        site(
            Exception::ZeroDivisionError,
            "{0} of {{x}}, {1f} and {2u}",
            vec![frame("inner", 2, 11, 16), frame("divide", 5, 11, 19)],
        ),
        site(Exception::ValueError, "n is {0}", vec![frame("f", 8, 4, 9)]),
        site(Exception::RecursionError, "maximum recursion depth exceeded", vec![frame("deep", 11, 0, 4)]),
    ]
}

const SOURCE: &str =
    "def inner(a, b):\n    return a / b\n\ndef divide(a, b):\n    return inner(a)\n\ndef f():\n    error\n\n\ndeep()\n";

/// The C callback `f(n, x, user)`, which raises site 1 unless `n` is 3.
fn c_callback(kernels: &mut Kernels) {
    let params = [Type::I32, Type::Ptr, Type::Ptr];
    let mut f = Function::new("gelcap_c_f", &params, &[Type::F64], Linkage::Export, Entry::C);
    let (n, x, user) = (f.params()[0], f.params()[1], f.params()[2]);
    let mut b = Builder::new(&mut kernels.module, &mut f);
    let three = b.int(Scalar::I32, 3);
    let wrong = b.compare(CompareOp::Ne, n, three);
    let (_, then, otherwise) = b.if_(wrong, &[]);
    let here = b.enter(then);
    let (site, zero, wide) = (b.int(Scalar::I32, 1), b.i64(0), b.convert(Scalar::I64, n));
    b.push(Op::CallImport(Import::Raise), &[site, wide, zero, zero, zero], &[]);
    let nan = b.f64(f64::NAN);
    b.return_(&[nan]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
    let access = Access::dense(Scalar::F64, AliasClass::ANY);
    let index: Vec<ValueId> = (0..3).map(|i| b.i64(i)).collect();
    let c = b.load(access, user, index[0]);
    let x: Vec<ValueId> = index.iter().map(|&i| b.load(access, x, i)).collect();
    let sum = b.binary(BinaryOp::Add, c, x[0]);
    let product = b.binary(BinaryOp::Mul, x[1], x[2]);
    let result = b.binary(BinaryOp::Sub, sum, product);
    b.return_(&[result]);
    kernels.module.functions.push(f);
    kernels.exports.push(Export {
        name: "f".into(),
        packed: "gelcap_c_f".into(),
        params: Vec::new(),
        result: float(),
        c: Some(CEntry {
            symbol: "gelcap_c_f".into(),
            params: vec![CType::Scalar(Scalar::I32), CType::Pointer(Some(Scalar::F64)), CType::Pointer(None)],
            result: Some(CType::Scalar(Scalar::F64)),
            signature: "double (int, double *, void *)".into(),
            capsule: Some("double (int, double *, void *)".into()),
        }),
        doc: None,
    });
}

/// `deep(n)`: recurses `n` levels down.
fn deep(kernels: &mut Kernels) {
    let params = [Type::Ptr, Type::I64];
    let mut f = Function::new("deep", &params, &[Type::I32], Linkage::Internal, Entry::Kernel);
    let id = kernels.module.functions.push(f.clone());
    let (context, n) = (f.params()[0], f.params()[1]);
    let mut b = Builder::new(&mut kernels.module, &mut f);
    let sp = b.value(Op::StackPointer, &[]);
    let sp = b.value(Op::PtrToInt, &[sp]);
    let limit = b.load_frame(Scalar::U64, context, ctx::STACK_LIMIT as i32);
    let over = b.compare(CompareOp::Lt, sp, limit);
    raise_if(&mut b, context, over, 2, &[]);
    let (zero, ok) = (b.i64(0), b.int(Scalar::I32, 0));
    let done = b.compare(CompareOp::Le, n, zero);
    let (_, then, otherwise) = b.if_(done, &[]);
    let here = b.enter(then);
    b.return_(&[ok]);
    b.enter(otherwise);
    b.yield_(&[]);
    b.enter(here);
    let one = b.i64(1);
    let less = b.binary(BinaryOp::Sub, n, one);
    let call = b.call(id, &[context, less]);
    let status = b.results(call)[0];
    b.return_(&[status]);
    kernels.module.functions[id] = f;
    kernels.add("deep", &[("n", I64)], ResultType::None, |b, context, args| {
        let call = b.call(id, &[context, args[0]]);
        let status = b.results(call)[0];
        let ok = b.int(Scalar::I32, 0);
        let failed = b.compare(CompareOp::Ne, status, ok);
        let (_, then, otherwise) = b.if_(failed, &[]);
        let here = b.enter(then);
        b.return_(&[status]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(here);
        vec![]
    });
}

/// `corner(matrix)` in both orders, its last element; `fresh(n)`, n elements of which the last is 1.5; `flip(x)`, a view.
fn arrays(kernels: &mut Kernels) {
    let array = |rank, layout, writable| ArrayType { dtype: Scalar::F64, rank, layout, writable };
    let access = Access::dense(Scalar::F64, AliasClass::ANY);
    for (number, layout) in [Layout::C, Layout::F].into_iter().enumerate() {
        let matrix = ParamType::Array(array(2, layout, false));
        let result = ResultType::Tuple(vec![float(), scalar(Scalar::I64)]);
        kernels.add("corner", &[("k", F64), ("m", matrix), ("n", I64)], result, |b, _, args| {
            let &[_, data, rows, columns, row, column, _] = args else { panic!("seven slots") };
            let one = b.i64(1);
            let mut last = |size, stride| {
                let index = b.binary(BinaryOp::Sub, size, one);
                b.binary(BinaryOp::Mul, index, stride)
            };
            let (down, right) = (last(rows, row), last(columns, column));
            let offset = b.binary(BinaryOp::Add, down, right);
            let place = b.value(Op::PtrAdd, &[data, offset]);
            let zero = b.i64(0);
            vec![b.load(access, place, zero), b.i64(number as i64)]
        });
        let symbol = format!("gelcap_packed_corner_{number}");
        if let (Some((_, function)), Some(export)) =
            (kernels.module.functions.iter_mut().last(), kernels.exports.last_mut())
        {
            (function.name, export.packed) = (symbol.clone(), symbol);
        }
    }
    let vector = array(1, Layout::Strided, true);
    kernels.add("fresh", &[("n", I64)], ResultType::Array(vector), |b, _, args| {
        let (eight, one) = (b.i64(8), b.i64(1));
        let bytes = b.binary(BinaryOp::Mul, args[0], eight);
        let buffer = b.value(Op::CallImport(Import::BufferAlloc), &[bytes]);
        b.push(Op::CallImport(Import::BufferRetain), &[buffer], &[]);
        b.push(Op::CallImport(Import::BufferRelease), &[buffer], &[]);
        let last = b.binary(BinaryOp::Sub, args[0], one);
        let value = b.f64(1.5);
        b.store(access, buffer, last, value);
        let address = b.value(Op::PtrToInt, &[buffer]);
        vec![address, args[0], eight, address]
    });
    kernels.add("flip", &[("x", ParamType::Array(vector))], ResultType::Array(vector), |b, _, args| {
        let (zero, one) = (b.i64(0), b.i64(1));
        let last = b.binary(BinaryOp::Sub, args[1], one);
        let offset = b.binary(BinaryOp::Mul, last, args[2]);
        let end = b.value(Op::PtrAdd, &[args[0], offset]);
        let end = b.value(Op::PtrToInt, &[end]);
        let back = b.binary(BinaryOp::Sub, zero, args[2]);
        vec![end, args[1], back, zero]
    });
}

/// `kind(float)`, `kind(int)`, `kind(float64 *)`: each says which it is.
fn overloads(kernels: &mut Kernels) {
    let pointer = ParamType::Pointer { element: Some(Scalar::F64), writable: false };
    for (number, ty) in [F64, I64, pointer].into_iter().enumerate() {
        kernels.add("kind", &[("x", ty)], scalar(Scalar::I64), |b, _, _| vec![b.i64(number as i64)]);
        // The symbols differ, as those of overloads do.
        let symbol = format!("gelcap_packed_kind_{number}");
        if let Some((_, function)) = kernels.module.functions.iter_mut().last() {
            function.name = symbol.clone();
        }
        if let Some(export) = kernels.exports.last_mut() {
            export.packed = symbol;
        }
    }
}

fn kernels() -> Kernels {
    let mut kernels = Kernels { module: Module::new(Level::Machine), exports: Vec::new() };
    kernels
        .add("add", &[("x", F64), ("y", F64)], float(), |b, _, args| vec![b.binary(BinaryOp::Add, args[0], args[1])]);
    kernels.exports[0].params[1].default = Some(2.5f64.to_bits());
    kernels.add("divide", &[("a", I64), ("b", F64)], float(), |b, context, args| {
        let zero = b.i64(0);
        let none = b.compare(CompareOp::Eq, args[0], zero);
        let all = b.i64(-1);
        raise_if(b, context, none, 0, &[args[0], args[1], all]);
        let a = b.convert(Scalar::F64, args[0]);
        vec![b.binary(BinaryOp::Div, args[1], a)]
    });
    let small = ParamType::Scalar(Scalar::I32);
    let (unsigned, flag) = (ParamType::Scalar(Scalar::U64), ParamType::Scalar(Scalar::Bool));
    let single = ParamType::Scalar(Scalar::F32);
    let params = [("i", small), ("u", unsigned), ("flag", flag), ("s", single)];
    let inner = ResultType::Tuple(vec![scalar(Scalar::U64), scalar(Scalar::Bool)]);
    let result = ResultType::Tuple(vec![
        scalar(Scalar::I32),
        inner,
        ResultType::Scalar { scalar: Scalar::F32, numpy: true },
        ResultType::Tuple(vec![]),
    ]);
    kernels.add("echo", &params, result, |_, _, args| args.to_vec());
    let pointer = |writable| ParamType::Pointer { element: Some(Scalar::F64), writable };
    kernels.add("scale", &[("x", pointer(true)), ("n", I64), ("k", F64)], ResultType::None, |b, _, args| {
        let (zero, one) = (b.i64(0), b.i64(1));
        let some = b.compare(CompareOp::Gt, args[1], zero);
        let (_, then, otherwise) = b.if_(some, &[]);
        let here = b.enter(then);
        let label = b.function.new_label();
        let lp = b.loop_(Op::Loop(label), &[zero]);
        let region = b.function.insts[lp].regions[0];
        let outside = b.enter(region);
        let i = b.function.regions[region].params[0];
        let access = Access::dense(Scalar::F64, AliasClass::ANY);
        let value = b.load(access, args[0], i);
        let value = b.binary(BinaryOp::Mul, value, args[2]);
        b.store(access, args[0], i, value);
        let next = b.binary(BinaryOp::Add, i, one);
        let more = b.compare(CompareOp::Lt, next, args[1]);
        b.terminate(Op::Again(label), &[more, next]);
        b.enter(outside);
        b.yield_(&[]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(here);
        vec![]
    });
    let any = ParamType::Pointer { element: None, writable: false };
    let params = [("x", pointer(false)), ("y", any), ("z", F64)];
    kernels.add("first", &params, float(), |b, _, args| {
        let zero = b.i64(0);
        let access = Access::dense(Scalar::F64, AliasClass::ANY);
        let (x, y) = (b.load(access, args[0], zero), b.load(access, args[1], zero));
        vec![b.binary(BinaryOp::Add, x, y)]
    });
    if let Some(first) = kernels.exports.last_mut() {
        first.params[2].default = Some(f64::INFINITY.to_bits());
    }
    overloads(&mut kernels);
    arrays(&mut kernels);
    c_callback(&mut kernels);
    deep(&mut kernels);
    kernels
}

fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python3");
    if root.exists() { root } else { PathBuf::from("python3") }
}

#[test]
fn python_imports_and_calls() {
    let kernels = kernels();
    let folder = std::env::temp_dir().join(format!("gelcap-extension-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("kernels_source.py");
    std::fs::write(&source, SOURCE).unwrap();
    let files = [source.to_str().unwrap().to_string()];
    let sites = sites();
    let extension =
        Extension { name: "testlib", doc: Some("A module."), exports: &kernels.exports, sites: &sites, files: &files };
    let target = Target::x86_64(CpuLevel::V2);
    let library = pyext::emit(&kernels.module, &target, &extension).unwrap();
    assert_eq!(library, pyext::emit(&kernels.module, &target, &extension).unwrap(), "not deterministic");
    std::fs::write(folder.join("testlib.so"), &library).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extension.py");
    let run = Command::new(python()).arg("-X").arg("dev").arg(script).env("PYTHONPATH", &folder).output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{output}");
    assert!(output.ends_with("all fine\n"), "{output}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_cannot_be_a_module_is_refused() {
    let kernels = kernels();
    let extension = |name| Extension { name, doc: None, exports: &kernels.exports, sites: &[], files: &[] };
    let emit =
        |name, level| pyext::emit(&kernels.module, &Target::x86_64(level), &extension(name)).unwrap_err().to_string();
    assert!(emit("not-a-name", CpuLevel::V2).contains("cannot be the name"));
    assert!(emit("testlib", CpuLevel::Host).contains("this host alone"));
}
