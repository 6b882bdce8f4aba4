//! The elementary functions give the same bits on every judge: interpreter, native code and wasm, at each level of
//! optimisation. How far they are from the true values is measured by `tests/mathlib`.

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Export, Param, ParamType, ResultType};
use gelcap_compiler::ir::{FuncId, Linkage, Module, Type, text};
use gelcap_compiler::mathlib::{self, PREFIX};
use gelcap_compiler::passes::entries::{self, ExportSpec};
use gelcap_compiler::types::Scalar;
use gelcap_tests::generate::rng::Rng;
use gelcap_tests::judges::{self, Program};
use gelcap_tests::reference::{Answer, Argument, Call, Memory};
use gelcap_tests::{compare, conclude, on_big_stack};

/// Random arguments of each function, beside the special ones.
const RANDOM: usize = 100;
const KERNEL: &str = "every";

/// A function over arrays: the checked-in IR with a loop around a call of it.
struct Case {
    program: Program,
    element: Scalar,
    result: Scalar,
}

fn case(name: &str) -> Result<Case, String> {
    let library = mathlib::checked_in(name).ok_or("it is not checked in")?;
    let parsed = text::parse(library).map_err(|e| e.to_string())?;
    let f = function(&parsed, &format!("{PREFIX}{name}"))?;
    let f = &parsed.functions[f];
    let scalar = |t: Option<&Type>| t.and_then(|t| t.as_scalar()).ok_or("its types are not scalars");
    let params = f.types(f.params());
    let (element, result) = (scalar(params.first())?, scalar(f.results.first())?);
    let (size, others) =
        (element.bytes(), ["", ", %b", ", %b, %a"].get(params.len() - 1).ok_or("too many parameters")?);
    let source = format!(
        "{library}
fn @{KERNEL}(%n: i64, %x: ptr, %y: ptr, %out: ptr) {{
  %zero = i64 0
  %one = i64 1
  for %i = %zero to %n step %one {{
    %a = load {element} [%x + %i * {size}]
    %b = load {element} [%y + %i * {size}]
    %r = call @{PREFIX}{name}(%a{others})
    store {result} [%out + %i * {}], %r
    yield
  }}
  return
}}
",
        result.bytes(),
        element = element.name(),
        result = result.name(),
    );
    let mut module = text::parse(&source).map_err(|e| e.to_string())?;
    for (_, f) in module.functions.iter_mut() {
        f.linkage = Linkage::Internal;
    }
    let kernel = function(&module, KERNEL)?;
    entries::add(&mut module, &[ExportSpec { kernel, name: KERNEL.into(), c_entry: false }])?;
    let param = |ty| Param { name: String::new(), ty, default: None };
    let pointer = |writable| param(ParamType::Pointer { element: None, writable });
    let export = Export {
        name: KERNEL.into(),
        packed: abi::packed_symbol(KERNEL),
        params: vec![param(ParamType::Scalar(Scalar::I64)), pointer(false), pointer(false), pointer(true)],
        result: ResultType::None,
        c: None,
        doc: None,
    };
    Ok(Case { program: Program { name: name.into(), module, exports: vec![export] }, element, result })
}

fn function(module: &Module, name: &str) -> Result<FuncId, String> {
    module.function_named(name).ok_or_else(|| format!("there is no {name}"))
}

/// Bits of arguments: specials, whole ranges by multiplicative steps, the usual ranges, and any bits at all.
fn arguments(element: Scalar) -> Vec<u64> {
    let mut rng = Rng::new(7);
    if element == Scalar::I64 {
        let mut all = vec![1, 2, 3, 10, 1 << 53, (1 << 53) + 1, i64::MAX as u64, i64::MIN as u64, u64::MAX];
        // Never zero: the callers of `int_true_divide` and `pow_mod` check for it.
        all.extend((0..RANDOM).map(|_| (rng.word() >> rng.below(64)).max(1)));
        return all;
    }
    let mut all = vec![0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324];
    all.extend([1e22, 709.8, -745.2, 205887.0, -205888.0, 22.0, f64::MAX, f64::MIN_POSITIVE]);
    let mut x = 1.1e-310f64;
    while x < 1e308 {
        all.extend([x, -x, 1.0 + x.min(0.7), 1.0 - x.min(0.7)]);
        x *= 9e5;
    }
    for _ in 0..RANDOM {
        let unit = (rng.word() >> 11) as f64 / (1u64 << 53) as f64;
        all.extend([unit * 2.0 - 1.0, (unit - 0.5) * 40.0, f64::from_bits(rng.word())]);
    }
    match element {
        Scalar::F32 => all.into_iter().map(|x| u64::from((x as f32).to_bits())).collect(),
        _ => all.into_iter().map(f64::to_bits).collect(),
    }
}

fn bytes(words: &[u64], size: u32) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()[..size as usize].to_vec()).collect()
}

fn check(name: &str) -> Result<(), String> {
    let Case { program, element, result } = case(name)?;
    let x = arguments(element);
    let mut y = x.clone();
    // Another order, so that every argument meets another one.
    y.rotate_left(x.len() / 3);
    y.reverse();
    let memory = |element: Scalar, words: &[u64]| Memory { element, bytes: bytes(words, element.bytes()) };
    let length = Argument::Scalar { scalar: Scalar::I64, numpy: false, bits: x.len() as u64 };
    let address = |memory| Argument::Address { memory, offset: 0 };
    let call = Call {
        kernel: KERNEL.into(),
        args: vec![length, address(0), address(1), address(2)],
        memories: vec![memory(element, &x), memory(element, &y), memory(result, &vec![0; x.len()])],
    };
    let mut first: Option<(String, Vec<u8>)> = None;
    for judge in judges::all(&program)? {
        let mut seen = judge.call(&call);
        match seen.answer {
            Ok(Answer::Returned(_)) => {}
            other => return Err(format!("{}: {other:?}", judge.name)),
        }
        let out = seen.memories.pop().ok_or("there is no result")?;
        let Some((other, expected)) = &first else {
            first = Some((judge.name.clone(), out));
            continue;
        };
        if !compare::memories(result, expected, &out, compare::EXACT) {
            let size = result.bytes() as usize;
            let at = (0..x.len()).find(|i| {
                let range = i * size..(i + 1) * size;
                !compare::memories(result, &expected[range.clone()], &out[range], compare::EXACT)
            });
            let at = at.unwrap_or_default();
            return Err(format!("{} and {other} differ at {:#x}, {:#x}", judge.name, x[at], y[at]));
        }
    }
    Ok(())
}

#[test]
fn every_judge_gives_the_same_bits() {
    let complaints = on_big_stack(|| {
        let complaint = |(name, _): &(&str, &str)| check(name).err().map(|why| format!("{name}: {why}"));
        mathlib::FUNCTIONS.iter().filter_map(complaint).collect::<Vec<_>>()
    });
    conclude(&format!("{} functions", mathlib::FUNCTIONS.len()), &complaints);
}
