//! What a pass leaves means what it took: kernels run through the interpreter before and after, for several targets.

mod random;

use super::entries::{self, ExportSpec};
use super::*;
use crate::abi::status::Exception;
use crate::back::{CpuLevel, Target, WasmFlavour};
use crate::ir::interp::{Config, Interp, InterpError, PackedOutcome};
use crate::ir::op::{BinaryOp, CheckedOp, CompareOp, Const, UnaryOp};
use crate::ir::{Builder, Entry, FuncId, Function, Linkage, Op, Site, SiteId, Type, ValueId};
use crate::types::Scalar;

pub fn site(module: &mut Module, exception: Exception, message: &str) -> SiteId {
    module.sites.push(Site { exception, message: message.into(), loc: None })
}

/// Adds a function whose body `fill` writes; `fill` gets the builder and the parameters.
pub fn function(
    module: &mut Module,
    name: &str,
    params: &[Type],
    results: &[Type],
    fill: impl FnOnce(&mut Builder<'_>, &[ValueId]),
) -> FuncId {
    let mut f = Function::new(name, params, results, Linkage::Internal, Entry::Kernel);
    let params = f.params().to_vec();
    fill(&mut Builder::new(module, &mut f), &params);
    module.functions.push(f)
}

/// A module with one kernel `f` and its entries.
pub fn kernel(params: &[Type], results: &[Type], fill: impl FnOnce(&mut Builder<'_>, &[ValueId])) -> Module {
    let mut module = Module::new(Level::Loop);
    site(&mut module, Exception::OverflowError, "int too large");
    let kernel = function(&mut module, "f", params, results, fill);
    let spec = ExportSpec { kernel, name: "f".into(), c_entry: results.len() < 2 };
    entries::add(&mut module, &[spec]).expect("entries");
    module
}

pub fn targets() -> [Target; 2] {
    [Target::x86_64(CpuLevel::V2), Target::wasm(WasmFlavour::ImportedMemory)]
}

/// What the kernel does with each input.
fn outcomes(module: &Module, target: &Target, inputs: &[Vec<u64>], results: usize) -> Vec<String> {
    let counts_depth = module.level == Level::Machine && !target.has_stack_pointer;
    let config = Config { lanes: 1, max_depth: 40, max_steps: 100_000, counts_depth, ..Config::default() };
    let mut interp = Interp::new(module, config);
    let mut run = |slots: &[u64]| match interp.call_packed("f", slots, results) {
        Ok(PackedOutcome::Returned(values)) => format!("returned {values:?}"),
        // Sites may be renumbered.
        Ok(PackedOutcome::Raised(r)) => {
            let site = &module.sites[r.site];
            format!("raised {:?} {} {:?}", site.exception, site.message, r.payload)
        }
        Err(why) => why.to_string(),
    };
    inputs.iter().map(|slots| run(slots)).collect()
}

/// Every target and level gives what the module gives as it stands.
pub fn agree(module: &Module, inputs: &[Vec<u64>], results: usize) {
    let want = outcomes(module, &targets()[0], inputs, results);
    for target in targets() {
        for opt in OptLevel::ALL {
            let mut lowered = module.clone();
            if let Err(why) = run(&mut lowered, &target, opt, &mut Quiet) {
                panic!("{why}");
            }
            let got = outcomes(&lowered, &target, inputs, results);
            // What takes too many steps may take fewer.
            let endless = InterpError::OutOfSteps.to_string();
            if let Some(k) = (0..inputs.len()).find(|&k| want[k] != got[k] && want[k] != endless) {
                panic!("{opt:?} {:?}: {}, but {}\n{module}\n{lowered}", inputs[k], want[k], got[k]);
            }
        }
    }
}

/// Interesting integers of a type, as slots.
fn integers(s: Scalar) -> Vec<Vec<u64>> {
    let (low, high) = s.int_range().expect("an integer type");
    let mut values = vec![low, low + 1, high - 1, high, 0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 100];
    if s.is_signed() {
        values.extend([-1, -2, -3, -7, -64]);
    }
    if s.bytes() == 8 {
        values.extend([1 << 31, 1 << 32, (1 << 32) - 1, 3_037_000_499, 3_037_000_500]);
    }
    values.into_iter().map(|v| vec![v as u64]).collect()
}

fn pairs(s: Scalar) -> Vec<Vec<u64>> {
    let all = integers(s);
    all.iter().flat_map(|a| all.iter().map(|b| [&a[..], b].concat())).collect()
}

const INTS: [Scalar; 8] =
    [Scalar::I8, Scalar::I16, Scalar::I32, Scalar::I64, Scalar::U8, Scalar::U16, Scalar::U32, Scalar::U64];

#[test]
fn integer_ops_are_made_safe() {
    for s in INTS {
        for op in BinaryOp::ALL.into_iter().filter(|op| op.accepts(s)) {
            let m = kernel(&[s.into(); 2], &[s.into()], |b, p| {
                let r = b.binary(op, p[0], p[1]);
                b.return_(&[r]);
            });
            agree(&m, &pairs(s), 1);
        }
    }
}

#[test]
fn integer_ops_with_a_constant_are_made_safe() {
    for s in [Scalar::I8, Scalar::I64, Scalar::U32] {
        for op in BinaryOp::ALL.into_iter().filter(|op| op.accepts(s)) {
            for c in [0, 1, 2, 3, 8, -1, -2, -8, -7, i64::MIN] {
                let m = kernel(&[s.into()], &[s.into(); 2], |b, p| {
                    let c = b.int(s, c);
                    let (x, y) = (b.binary(op, p[0], c), b.binary(op, c, p[0]));
                    b.return_(&[x, y]);
                });
                agree(&m, &integers(s), 2);
            }
        }
    }
}

#[test]
fn checked_ops_raise_or_are_exact() {
    for s in [Scalar::I8, Scalar::I16, Scalar::I32, Scalar::I64] {
        for op in CheckedOp::ALL {
            let m = kernel(&[s.into(); 2], &[s.into()], |b, p| {
                let site = SiteId::new(0);
                if op == CheckedOp::Shl {
                    let zero = b.int(s, 0);
                    let c = b.compare(CompareOp::Ge, p[1], zero);
                    b.check(c, site, &[]);
                }
                let r = b.checked(op, &p[..op.arity()], site);
                b.return_(&[r]);
            });
            agree(&m, &pairs(s), 1);
            for c in [0, 1, 2, 3, -1, -2, 10, i64::MAX, i64::MIN] {
                let m = kernel(&[s.into()], &[s.into(); 2], |b, p| {
                    let site = SiteId::new(0);
                    let c = b.int(s, c);
                    let args = [p[0], c];
                    if op == CheckedOp::Shl {
                        let zero = b.int(s, 0);
                        let ok = b.compare(CompareOp::Ge, c, zero);
                        b.check(ok, site, &[]);
                        let ok = b.compare(CompareOp::Ge, p[0], zero);
                        b.check(ok, site, &[]);
                    }
                    let x = b.checked(op, &args[..op.arity()], site);
                    let y = if op.arity() == 2 { b.checked(op, &[c, p[0]], site) } else { x };
                    b.return_(&[x, y]);
                });
                agree(&m, &integers(s), 2);
            }
        }
    }
}

#[test]
fn conversions_are_total() {
    let floats = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 127.4, 128.0, -129.0, 255.9, 256.0, 65535.0, 65536.5, 3e9, -3e9];
    let large = [1e19, -1e19, 2e19, 9.3e18, -9.3e18, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300];
    for from in Scalar::ALL {
        for to in Scalar::ALL {
            let m = kernel(&[from.into()], &[to.into()], |b, p| {
                let r = b.convert(to, p[0]);
                b.return_(&[r]);
            });
            let inputs = match from {
                Scalar::F64 => floats.iter().chain(&large).map(|f| vec![f.to_bits()]).collect(),
                Scalar::F32 => floats.iter().chain(&large).map(|f| vec![(*f as f32).to_bits() as u64]).collect(),
                Scalar::Bool => vec![vec![0], vec![1]],
                s => integers(s),
            };
            agree(&m, &inputs, 1);
        }
    }
}

/// `for i in range(lo, hi, step)`: counts, sums up, continues at some index, breaks at another.
fn counting(step: Option<i64>, leaves: bool) -> Module {
    let int = Type::I64;
    kernel(&[int, int, int], &[int, int], |b, p| {
        let step = step.map_or(p[2], |s| b.i64(s));
        let zero = b.i64(0);
        let label = b.function.new_label();
        let l = b.loop_(Op::For(label), &[p[0], p[1], step, zero, zero]);
        let body = b.function.insts[l].regions[0];
        let outside = b.enter(body);
        let params = b.function.regions[body].params.clone();
        let (i, count, sum) = (params[0], params[1], params[2]);
        let one = b.i64(1);
        let count = b.binary(BinaryOp::Add, count, one);
        if leaves {
            let (three, five) = (b.i64(3), b.i64(5));
            let c = b.compare(CompareOp::Eq, i, three);
            let (_, then, otherwise) = b.if_(c, &[]);
            b.enter(then);
            b.terminate(Op::Continue(label), &[count, sum]);
            b.enter(otherwise);
            b.yield_(&[]);
            b.enter(body);
            let c = b.compare(CompareOp::Eq, count, five);
            let (_, then, otherwise) = b.if_(c, &[]);
            b.enter(then);
            b.terminate(Op::Break(label), &[count, i]);
            b.enter(otherwise);
            b.yield_(&[]);
            b.enter(body);
        }
        let sum = b.binary(BinaryOp::Add, sum, i);
        b.yield_(&[count, sum]);
        b.enter(outside);
        let results = b.results(l).to_vec();
        b.return_(&results);
    })
}

#[test]
fn counted_loops_run_as_often_as_they_say() {
    let (min, max) = (i64::MIN, i64::MAX);
    let bounds = [min, min + 1, min + 9, -3, 0, 1, 2, 7, 9, max - 9, max - 1, max];
    let ranges = |step: i64| -> Vec<Vec<u64>> {
        let all = bounds.iter().flat_map(|&lo| bounds.iter().map(move |&hi| (lo, hi)));
        all.filter(|&(lo, hi)| ((hi as i128 - lo as i128) / step as i128) < 20)
            .map(|(lo, hi)| vec![lo as u64, hi as u64, step as u64])
            .collect()
    };
    for step in [1, 2, 3, 1 << 62, max, -1, -2, -5, min] {
        for leaves in [false, true] {
            agree(&counting(Some(step), leaves), &ranges(step), 2);
            agree(&counting(None, leaves), &ranges(step), 2);
        }
    }
}

/// Collatz steps of `n`, at most `limit`; raises for `n < 1`.
fn collatz() -> Module {
    kernel(&[Type::I64, Type::I64], &[Type::I64], |b, p| {
        let site = site(b.module, Exception::ValueError, "{0} is not positive");
        let (zero, one) = (b.i64(0), b.i64(1));
        let positive = b.compare(CompareOp::Gt, p[0], zero);
        b.check(positive, site, &[p[0]]);
        let label = b.function.new_label();
        let l = b.loop_(Op::While(label), &[p[0], zero]);
        let (test, body) = (b.function.insts[l].regions[0], b.function.insts[l].regions[1]);
        let outside = b.enter(test);
        let at = b.function.regions[test].params.clone();
        let c = b.compare(CompareOp::Ne, at[0], one);
        b.terminate(Op::Condition, &[c, at[0], at[1]]);
        b.enter(body);
        let at = b.function.regions[body].params.clone();
        let full = b.compare(CompareOp::Ge, at[1], p[1]);
        let (_, then, otherwise) = b.if_(full, &[]);
        b.enter(then);
        let minus = b.i64(-1);
        b.terminate(Op::Break(label), &[at[0], minus]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(body);
        let two = b.i64(2);
        let r = b.binary(BinaryOp::FloorMod, at[0], two);
        let odd = b.compare(CompareOp::Ne, r, zero);
        let count = b.checked(CheckedOp::Add, &[at[1], one], SiteId::new(0));
        let (_, then, otherwise) = b.if_(odd, &[]);
        b.enter(then);
        let three = b.i64(3);
        let n = b.checked(CheckedOp::Mul, &[at[0], three], SiteId::new(0));
        let n = b.checked(CheckedOp::Add, &[n, one], SiteId::new(0));
        b.terminate(Op::Continue(label), &[n, count]);
        b.enter(otherwise);
        b.yield_(&[]);
        b.enter(body);
        let n = b.binary(BinaryOp::FloorDiv, at[0], two);
        b.yield_(&[n, count]);
        b.enter(outside);
        let count = b.results(l)[1];
        b.return_(&[count]);
    })
}

#[test]
fn while_loops_keep_their_exits() {
    let starts = [1, 2, 3, 7, 27, 0, u64::MAX, i64::MAX as u64, i64::MAX as u64 - 1];
    let inputs: Vec<Vec<u64>> = starts.iter().flat_map(|&n| [0, 5, 1000].map(|limit| vec![n, limit])).collect();
    agree(&collatz(), &inputs, 1);
}

/// `try: x // y (or a callee's failure) except ZeroDivisionError: -1, others pass on`.
fn catching() -> Module {
    let mut module = Module::new(Level::Loop);
    let zero_site = site(&mut module, Exception::ZeroDivisionError, "{0} by zero");
    let range_site = site(&mut module, Exception::ValueError, "{0} and {1f} too large");
    let int = Type::I64;
    let callee = function(&mut module, "callee", &[int, int], &[int], |b, p| {
        let (zero, limit) = (b.i64(0), b.i64(1000));
        let c = b.compare(CompareOp::Ne, p[1], zero);
        b.check(c, zero_site, &[p[0]]);
        let c = b.compare(CompareOp::Gt, p[0], limit);
        let (_, then, otherwise) = b.if_(c, &[]);
        b.enter(then);
        let x = b.convert(Scalar::F64, p[1]);
        b.terminate(Op::Raise(None, range_site), &[p[0], x]);
        b.enter(otherwise);
        b.yield_(&[]);
        let body = b.function.body;
        b.enter(body);
        let q = b.binary(BinaryOp::FloorDiv, p[0], p[1]);
        b.return_(&[q]);
    });
    let kernel = function(&mut module, "f", &[int, int], &[int], |b, p| {
        let label = b.function.new_label();
        let (inst, body, handler) = b.try_(label, &[int]);
        let outside = b.enter(body);
        let call = b.call(callee, p);
        let q = b.results(call)[0];
        let again = b.call(callee, &[p[0], q]);
        let q = b.results(again)[0];
        b.yield_(&[q]);
        b.enter(handler);
        let caught = b.function.regions[handler].params.to_vec();
        let matches = b.value(Op::SiteMatches(Exception::ArithmeticError), &caught[..1]);
        let (_, then, otherwise) = b.if_(matches, &[]);
        b.enter(then);
        b.yield_(&[]);
        b.enter(otherwise);
        b.terminate(Op::Reraise(None), &caught);
        b.enter(handler);
        let minus = b.unary(UnaryOp::Neg, caught[1]);
        b.yield_(&[minus]);
        b.enter(outside);
        let r = b.results(inst)[0];
        b.return_(&[r]);
    });
    let spec = ExportSpec { kernel, name: "f".into(), c_entry: true };
    entries::add(&mut module, &[spec]).expect("entries");
    module
}

#[test]
fn handlers_catch_what_they_name() {
    let inputs: Vec<Vec<u64>> =
        [(7, 2), (7, 0), (3, 5), (1001, 2), (1001, 0), (0, 1)].iter().map(|&(a, b)| vec![a, b]).collect();
    agree(&catching(), &inputs, 1);
}

/// `f(n) = n < 1 ? 0 : f(n - 1) + 1`, with a stack check.
#[test]
fn recursion_ends_in_an_exception() {
    let mut module = Module::new(Level::Loop);
    let deep = site(&mut module, Exception::RecursionError, "too deep");
    let int = Type::I64;
    let kernel = FuncId::new(0);
    let shell = Function::new("f", &[int], &[int], Linkage::Internal, Entry::Kernel);
    module.functions.push(shell.clone());
    let mut f = shell;
    let n = f.params()[0];
    let mut b = Builder::new(&mut module, &mut f);
    b.effect(Op::StackCheck(deep), &[]);
    let one = b.i64(1);
    let c = b.compare(CompareOp::Lt, n, one);
    let (inst, then, otherwise) = b.if_(c, &[int]);
    let outside = b.enter(then);
    let zero = b.i64(0);
    b.return_(&[zero]);
    b.enter(otherwise);
    let less = b.checked(CheckedOp::Sub, &[n, one], deep);
    let call = b.call(kernel, &[less]);
    let r = b.results(call)[0];
    let r = b.checked(CheckedOp::Add, &[r, one], deep);
    b.yield_(&[r]);
    b.enter(outside);
    let r = b.results(inst)[0];
    b.return_(&[r]);
    module.functions[kernel] = f;
    let spec = ExportSpec { kernel, name: "f".into(), c_entry: true };
    entries::add(&mut module, &[spec]).expect("entries");
    agree(&module, &[vec![0], vec![5], vec![30], vec![1000]], 1);
}

/// A stack check whose recursion was optimised away, inlined into entries.
#[test]
fn a_stack_check_alone_has_its_context() {
    let m = kernel(&[Type::I64], &[Type::I64], |b, p| {
        b.effect(Op::StackCheck(SiteId::new(0)), &[]);
        b.return_(&[p[0]]);
    });
    agree(&m, &[vec![7]], 1);
}

#[test]
fn floats_keep_their_bits() {
    let m = kernel(&[Type::F64, Type::F64], &[Type::F64, Type::F64, Type::F64], |b, p| {
        let zero = b.constant(Const::f64(0.0));
        let sum = b.binary(BinaryOp::Add, p[0], zero);
        let difference = b.binary(BinaryOp::Sub, p[0], p[0]);
        let product = b.binary(BinaryOp::Mul, p[1], zero);
        b.return_(&[sum, difference, product]);
    });
    let values = [0.0, -0.0, 1.5, f64::INFINITY, -2.0, 5e-324];
    let inputs: Vec<Vec<u64>> =
        values.iter().flat_map(|a| values.iter().map(|b| vec![a.to_bits(), b.to_bits()])).collect();
    agree(&m, &inputs, 3);
}
