//! Tests of the IR as text: `tests/ir/**.ir`. Directives stand in comments, most of them beside what they check.
//!
//! | directive | meaning |
//! |---|---|
//! | `; run: @f(1, 2.5) == (3, nan)` | the call gives these results, at every lane count and, lowered, on every judge |
//! | `; run: @f(0) raises OverflowError` | the call raises at a site of this exception |
//! | `; verify-error: text` | the verifier finds a fault on this line (alone on its line: in the module) that says so |
//! | `; lanes: 1 2 3 8` | lane counts to run at, if not these |
//! | `; skip: lowered why` | the module cannot be lowered yet |
//! | `; pass: cse, dce` | passes to run before the checks that follow, for `; target: wasm` or `sandbox` if not x86-64 |
//! | `; check: text` | the text after the passes has a line with this, after that of the check before |
//! | `; check-not: text` | no line has it |
//! | `; check-count: 2 text` | so many lines have it |
//!
//! Every file is also printed and parsed back, which must give the same module and the same text.

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Export, Param, ParamType, ResultType};
use gelcap_compiler::ir::interp::{Config, Interp, Outcome, Value as IrValue};
use gelcap_compiler::ir::op::Const;
use gelcap_compiler::ir::verify::{self, Place};
use gelcap_compiler::ir::{Entry, FuncId, Level, Module, Type, text};
use gelcap_compiler::passes::entries::{self, ExportSpec};
use gelcap_compiler::types::Scalar;

use crate::compare;
use crate::judges::{self, Program};
use crate::pass_case;
use crate::reference::{Answer, Argument, Call};
use crate::value::Value;

/// A directive with the line it stands on.
pub struct Directive<'a> {
    pub line: usize,
    /// Nothing but the comment stands on the line.
    alone: bool,
    pub key: &'a str,
    pub text: &'a str,
}

fn directives(source: &str) -> Vec<Directive<'_>> {
    const KEYS: [&str; 9] =
        ["run", "verify-error", "lanes", "skip", "pass", "target", "check", "check-not", "check-count"];
    let mut found = Vec::new();
    for (i, line) in source.lines().enumerate() {
        let Some((code, comments)) = line.split_once("; ") else { continue };
        let alone = code.trim().is_empty();
        for comment in comments.split(" ; ") {
            if let Some((key, text)) = comment.split_once(": ")
                && KEYS.contains(&key)
            {
                found.push(Directive { line: i + 1, alone, key, text: text.trim() });
            }
        }
    }
    found
}

/// Runs a file; gives what is wrong.
pub fn check(name: &str, source: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |line: usize, what: String| complaints.push(format!("{name}:{line}: {what}"));
    let (module, lines) = match text::parse_with_lines(source) {
        Ok(parsed) => parsed,
        Err(e) => {
            complain(e.line as usize, e.message);
            return complaints;
        }
    };
    let directives = directives(source);
    let expected: Vec<&Directive<'_>> = directives.iter().filter(|d| d.key == "verify-error").collect();
    let found = match verify::verify(&module) {
        Ok(()) => vec![],
        Err(faults) => faults.0,
    };
    let line_of = |place| match place {
        Place::Module => None,
        Place::Function(f) => Some(lines.function(f) as usize),
        Place::Inst(f, i) => Some(lines.inst(f, i) as usize),
    };
    let meets = |d: &Directive<'_>, fault: &verify::Fault| {
        let here = if d.alone { None } else { Some(d.line) };
        line_of(fault.place) == here && fault.message.contains(d.text)
    };
    for d in &expected {
        if !found.iter().any(|fault| meets(d, fault)) {
            complain(d.line, format!("the verifier does not say `{}`", d.text));
        }
    }
    for fault in &found {
        if !expected.iter().any(|d| meets(d, fault)) {
            complain(line_of(fault.place).unwrap_or(0), format!("the verifier says `{}`", fault.message));
        }
    }
    complaints.extend(round_trip(&module, found.is_empty()).into_iter().map(|what| format!("{name}: {what}")));
    if found.is_empty() {
        complaints.extend(
            run_directives(name, &module, &lines, &directives)
                .into_iter()
                .map(|(line, what)| format!("{name}:{line}: {what}")),
        );
    }
    complaints
}

/// Printing and parsing give the same text and, if the module is right, the same module: wrong result types are not
/// printed.
fn round_trip(module: &Module, verified: bool) -> Option<String> {
    let printed = module.to_string();
    match text::parse(&printed) {
        Err(e) => Some(format!("its own print does not parse: {e}")),
        Ok(again) if again.to_string() != printed => Some("printing it twice gives two texts".into()),
        Ok(again) if verified && again != *module => Some("it does not parse back to the same module".into()),
        Ok(_) => None,
    }
}

fn run_directives(
    name: &str,
    module: &Module,
    lines: &text::Lines,
    directives: &[Directive<'_>],
) -> Vec<(usize, String)> {
    let mut complaints = Vec::new();
    let lanes: Vec<usize> = directives
        .iter()
        .find(|d| d.key == "lanes")
        .map_or(vec![1, 2, 3, 8], |d| d.text.split_whitespace().filter_map(|n| n.parse().ok()).collect());
    let mut runs = Vec::new();
    for d in directives.iter().filter(|d| d.key == "run") {
        match Run::parse(module, d.text) {
            Ok(run) => {
                runs.push((d.line, run));
                let run = &runs[runs.len() - 1].1;
                let wrong = lanes.iter().filter_map(|&l| run.interpret(module, l).err().map(|e| (l, e)));
                complaints.extend(wrong.map(|(l, e)| (d.line, format!("{} at {l} lanes: {e}", d.text))));
            }
            Err(why) => complaints.push((d.line, format!("{}: {why}", d.text))),
        }
    }
    complaints.extend(pass_case::check(module, lines, directives, &runs, &lanes));
    let skipped = directives.iter().any(|d| d.key == "skip" && d.text.starts_with("lowered "));
    if module.level != Level::Machine && !runs.is_empty() && !skipped {
        complaints.extend(run_lowered(name, module, &runs));
    }
    complaints
}

/// The runs on every judge there is, through packed entries.
fn run_lowered(name: &str, module: &Module, runs: &[(usize, Run)]) -> Vec<(usize, String)> {
    let program = match program(name, module, runs) {
        Ok(program) => program,
        Err(why) => return vec![(0, why)],
    };
    let judges = match judges::all(&program) {
        Ok(judges) => judges,
        Err(why) => return vec![(0, why)],
    };
    let mut complaints = Vec::new();
    for (line, run) in runs {
        let kernel = &module.functions[run.function].name;
        let args = run.args.iter().map(|c| Argument::Scalar { scalar: c.ty, numpy: true, bits: c.bits }).collect();
        let call = Call { kernel: kernel.clone(), args, memories: vec![] };
        for judge in &judges {
            let seen = judge.call(&call).answer;
            let agrees = match (&seen, &run.expected) {
                (Ok(Answer::Raised { class, .. }), Expected::Raised(want)) => class == want,
                (Ok(got), Expected::Returned(want)) => {
                    let scalar = |c: &Const| Value::Scalar { scalar: c.ty, numpy: true, bits: c.bits };
                    let want = Value::Tuple(want.iter().map(scalar).collect());
                    compare::answers(got, &Answer::Returned(want), compare::EXACT)
                }
                _ => false,
            };
            if !agrees {
                complaints.push((*line, format!("@{kernel}{:?} on {}: {seen:?}", run.args, judge.name)));
            }
        }
    }
    complaints
}

/// The module with a packed entry for every function that runs call.
fn program(name: &str, module: &Module, runs: &[(usize, Run)]) -> Result<Program, String> {
    let mut module = module.clone();
    let mut kernels: Vec<FuncId> = runs.iter().map(|(_, run)| run.function).collect();
    kernels.sort();
    kernels.dedup();
    // What the file itself has to say about entries was run as it stands.
    for (_, f) in module.functions.iter_mut() {
        if f.entry != Entry::Kernel {
            f.name.insert_str(0, "own.");
        }
    }
    let mut exports = Vec::new();
    let mut specs = Vec::new();
    for &kernel in &kernels {
        let f = &module.functions[kernel];
        let result = |t: &Type| match t.as_scalar() {
            Some(scalar) => Ok(ResultType::Scalar { scalar, numpy: true }),
            None => Err(format!("@{} returns {t}", f.name)),
        };
        let param = |t: &Type| match t.as_scalar() {
            Some(scalar) => Ok(Param { name: String::new(), ty: ParamType::Scalar(scalar), default: None }),
            None => Err(format!("@{} takes {t}", f.name)),
        };
        exports.push(Export {
            name: f.name.clone(),
            packed: abi::packed_symbol(&f.name),
            params: f.types(f.params()).iter().map(param).collect::<Result<_, _>>()?,
            result: ResultType::Tuple(f.results.iter().map(result).collect::<Result<_, _>>()?),
            c: None,
            doc: None,
        });
        specs.push(ExportSpec { kernel, name: f.name.clone(), c_entry: false });
    }
    entries::add(&mut module, &specs)?;
    Ok(Program { name: name.into(), module, exports })
}

/// A call and what it gives.
#[derive(Clone)]
pub struct Run {
    pub function: FuncId,
    pub args: Vec<Const>,
    pub expected: Expected,
}

#[derive(Clone)]
pub enum Expected {
    Returned(Vec<Const>),
    Raised(String),
}

impl Run {
    /// Reads `@f(1) == 2` or `@f(1) raises E`; types are those of the function.
    fn parse(module: &Module, text: &str) -> Result<Run, String> {
        let (name, rest) = text.strip_prefix('@').and_then(|t| t.split_once('(')).ok_or("a run is `@f(...)`")?;
        let (args, rest) = rest.split_once(')').ok_or("a parenthesis is missing")?;
        let function = module.function_named(name).ok_or("there is no such function")?;
        let f = &module.functions[function];
        let args = constants(args, &f.types(f.params()))?;
        let rest = rest.trim();
        let expected = match (rest.strip_prefix("== "), rest.strip_prefix("raises ")) {
            (Some(values), _) => {
                let inner = values.trim().strip_prefix('(').and_then(|v| v.strip_suffix(')')).unwrap_or(values);
                Expected::Returned(constants(inner, &f.results)?)
            }
            (_, Some(exception)) => Expected::Raised(exception.trim().into()),
            _ => return Err("a run ends in `== value` or `raises Exception`".into()),
        };
        Ok(Run { function, args, expected })
    }

    /// Runs it where the module stands.
    pub fn interpret(&self, module: &Module, lanes: usize) -> Result<(), String> {
        let mut interp = Interp::new(module, Config { lanes, max_depth: 100, ..Config::default() });
        let args: Vec<IrValue> = self.args.iter().map(|&c| IrValue::Scalar(c)).collect();
        let outcome = interp.call(self.function, &args).map_err(|e| e.to_string())?;
        let agrees = match (&outcome, &self.expected) {
            (Outcome::Returned(got), Expected::Returned(want)) => {
                got.len() == want.len()
                    && got.iter().zip(want).all(|(g, w)| matches!(g, IrValue::Scalar(c) if same(*c, *w)))
            }
            (Outcome::Raised(r), Expected::Raised(want)) => module.sites[r.site].exception.name() == want,
            _ => false,
        };
        if agrees { Ok(()) } else { Err(format!("{outcome:?}")) }
    }
}

/// The same type and bits; any NaN equals any NaN.
pub fn same(a: Const, b: Const) -> bool {
    let nan = |c: Const| c.ty.is_float() && c.as_float().is_nan();
    a == b || (a.ty == b.ty && nan(a) && nan(b))
}

fn constants(text: &str, types: &[Type]) -> Result<Vec<Const>, String> {
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    if words.len() != types.len() {
        return Err(format!("{} values for {} places", words.len(), types.len()));
    }
    words.iter().zip(types).map(|(word, ty)| constant(word, *ty)).collect()
}

fn constant(word: &str, ty: Type) -> Result<Const, String> {
    let bad = || format!("`{word}` is no {ty}");
    match ty {
        Type::Scalar(Scalar::Bool) => word.parse().map(Const::bool).map_err(|_| bad()),
        Type::Scalar(Scalar::F64) => word.parse().map(Const::f64).map_err(|_| bad()),
        Type::Scalar(Scalar::F32) => word.parse().map(Const::f32).map_err(|_| bad()),
        Type::Scalar(s) => {
            let value: i128 = word.parse().map_err(|_| bad())?;
            let fits = s.int_range().is_some_and(|(low, high)| low <= value && value <= high);
            if fits { Ok(Const::int(s, value as i64)) } else { Err(bad()) }
        }
        Type::Ptr | Type::Vec(_) | Type::Pack(..) | Type::Array(_) | Type::Buffer => {
            Err(format!("a run passes and returns scalars, not {ty}"))
        }
    }
}
