//! Planted faults: shows that the corpus and the random programs notice what a compiler might get wrong. Not part of
//! `make test`; `make mutants` runs it. `GELCAP_MUTANTS` says how many functions get each kind at each level, `GELCAP_FILTER`
//! which programs of the corpus take part, `GELCAP_FUZZ_COUNT` how many random ones do.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gelcap_compiler::ir::{FuncId, InstId, Level, Module};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_tests::case::{self, Case};
use gelcap_tests::generate::rng::Rng;
use gelcap_tests::generate::{self, Topic};
use gelcap_tests::judges::{self, Program};
use gelcap_tests::mutant::{self, Fault};
use gelcap_tests::reference::Verdict;
use gelcap_tests::{compile, conclude, judgement, on_big_stack};

/// Instructions that a run with a fault in it may take.
const STEPS: u64 = 300_000;
/// Of a hundred functions with a fault of the kind, so many are noticed at least. In the others no run comes by (much code
/// is for what raises, and a lazily typed form has few runs), or it changes nothing: most checked sums are indices of
/// loops, most checks and choices of the smaller are implied by others.
const fn expected(fault: Fault) -> usize {
    match fault {
        Fault::OverflowUnnoticed => 0,
        Fault::CheckDropped | Fault::BranchNeverTaken | Fault::SmallestForLargest | Fault::SignForgotten => 5,
        Fault::SumForDifference
        | Fault::SumForProduct
        | Fault::BoundOffByOne
        | Fault::EqualForUnequal
        | Fault::ConstantOffByOne
        | Fault::ChoiceExchanged
        | Fault::StoreDropped
        | Fault::AccessShifted
        | Fault::StrideDoubled
        | Fault::AxisExchanged
        | Fault::ReleaseForgotten
        | Fault::ReferenceForgotten => 25,
    }
}

/// A program at one level, with runs that CPython has answered.
struct Bench<'a> {
    case: &'a Case,
    module: Module,
    program: Program,
    verdicts: Vec<&'a Verdict>,
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

#[test]
#[ignore = "takes minutes: `make mutants`"]
fn the_corpus_notices() {
    let (checked, complaints) = on_big_stack(|| match case::cases("tests/kernels") {
        Ok(cases) => plant(&cases),
        Err(faults) => (String::new(), faults),
    });
    conclude(&checked, &complaints);
}

#[test]
#[ignore = "takes minutes: `make mutants`"]
fn random_programs_notice() {
    let (checked, complaints) = on_big_stack(|| {
        let count = number("GELCAP_FUZZ_COUNT", 300) as u64;
        let cases: Vec<Case> =
            (0..count).map(|k| generate::program(7_000_003 + k, Topic::Any).0.case()).filter(|c| !c.ours).collect();
        plant(&cases)
    });
    conclude(&checked, &complaints);
}

/// Plants faults of every kind and tells which were noticed.
fn plant(cases: &[Case]) -> (String, Vec<String>) {
    let mut complaints = Vec::new();
    let answers = match judgement::ask(cases, &mut complaints) {
        Ok(answers) => answers,
        Err(why) => return (String::new(), vec![why]),
    };
    let mut benches = Vec::new();
    for (case, answer) in cases.iter().zip(&answers) {
        let verdicts = answer.iter().flatten().flatten();
        benches.extend(set_up(case, verdicts.collect()));
    }
    let tries = number("GELCAP_MUTANTS", 40);
    let (mut rows, mut totals) = (Vec::new(), BTreeMap::new());
    for level in Level::ALL {
        for fault in Fault::ALL {
            let mut places: Vec<(usize, FuncId, Vec<InstId>)> = Vec::new();
            for (k, bench) in benches.iter().enumerate().filter(|(_, b)| b.module.level == level) {
                let mut functions: BTreeMap<FuncId, Vec<InstId>> = BTreeMap::new();
                for (function, at) in mutant::places(&bench.module, fault) {
                    functions.entry(function).or_default().push(at);
                }
                places.extend(functions.into_iter().map(|(function, at)| (k, function, at)));
            }
            let mut rng = Rng::new(fault as u64 + 1);
            let chosen: Vec<_> = (0..tries.min(places.len())).map(|_| rng.pick(&places).clone()).collect();
            let (noticed, survivors) = judge_all(&benches, fault, &chosen);
            if chosen.is_empty() {
                continue;
            }
            *totals.entry(fault).or_insert(0) += noticed;
            rows.push(format!(
                "{fault:?} at {level:?} level: {noticed} of {} noticed, {} functions",
                chosen.len(),
                places.len()
            ));
            if noticed * 100 < chosen.len() * expected(fault) && chosen.len() >= 10 {
                complaints.push(judgement::Complaint {
                    case: 0,
                    text: format!("{}\n  {}", rows[rows.len() - 1], survivors.join("\n  ")),
                });
            }
        }
    }
    for (fault, noticed) in &totals {
        if *noticed == 0 {
            complaints.push(judgement::Complaint { case: 0, text: format!("{fault:?} is never noticed") });
        }
    }
    println!("{} programs at some level\n{}", benches.len(), rows.join("\n"));
    (format!("{} kinds of faults at their levels", rows.len()), complaints.into_iter().map(|c| c.text).collect())
}

/// The case at every level that it has, for each set of argument types.
fn set_up<'a>(case: &'a Case, verdicts: Vec<&'a Verdict>) -> Vec<Bench<'a>> {
    let Ok(targets) = judges::targets() else { return vec![] };
    let options = Options::new(targets[0].1.clone());
    let mut groups: BTreeMap<_, Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        let types = if case.from_arguments { verdict.call.types().ok() } else { None };
        let kernel = if case.from_arguments { verdict.call.kernel.clone() } else { String::new() };
        groups.entry((kernel, types)).or_default().push(verdict);
    }
    let mut benches = Vec::new();
    for ((kernel, types), verdicts) in groups {
        let made = judgement::guarded(|| match &types {
            Some(types) => compile::compile_for(&case.name, &case.source, &kernel, types, &options),
            None => compile::compile(&case.name, &case.source, &options),
        });
        let Ok(program) = made else { continue };
        let lowered = judges::lower(&program, &targets[0].1, OptLevel::O2);
        for module in [Ok(program.module.clone()), judges::at_loop_level(&program), lowered].into_iter().flatten() {
            let same = |b: &Bench<'_>| b.module == module;
            // A program without arrays begins at Loop level; what CPython and it disagree about proves nothing.
            if benches.iter().any(same) || !agrees(case, &module, &program, &verdicts) {
                continue;
            }
            let program =
                Program { name: program.name.clone(), module: module.clone(), exports: program.exports.clone() };
            benches.push(Bench { case, module, program, verdicts: verdicts.clone() });
        }
    }
    benches
}

fn agrees(case: &Case, module: &Module, program: &Program, verdicts: &[&Verdict]) -> bool {
    verdicts.iter().all(|verdict| {
        let seen = judges::run_module(module, &program.exports, 10 * STEPS, &verdict.call);
        judgement::disagreement(case, verdict, &seen).is_none()
    })
}

/// How many of the faults are noticed, and what the others are.
fn judge_all(benches: &[Bench<'_>], fault: Fault, chosen: &[(usize, FuncId, Vec<InstId>)]) -> (usize, Vec<String>) {
    let (next, noticed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let survivors = Mutex::new(Vec::new());
    let worker = || {
        while let Some((k, function, at)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (bench, function) = (&benches[*k], *function);
            let mut module = bench.module.clone();
            // As a compiler has it: wherever it applies in the function.
            at.iter().for_each(|at| fault.plant(&mut module.functions[function], *at));
            if agrees_within(bench, &module) {
                let f = &bench.module.functions[function];
                let what = format!("{}: {} times in {}", bench.case.name, at.len(), f.name);
                survivors.lock().unwrap_or_else(|e| e.into_inner()).push(what);
            } else {
                noticed.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get()) {
            let thread = std::thread::Builder::new().stack_size(gelcap_tests::STACK);
            thread.spawn_scoped(scope, worker).expect("the system has threads");
        }
    });
    let survivors = survivors.into_inner().unwrap_or_else(|e| e.into_inner());
    (noticed.into_inner(), survivors)
}

fn agrees_within(bench: &Bench<'_>, module: &Module) -> bool {
    bench.verdicts.iter().all(|verdict| {
        let seen = judges::run_module(module, &bench.program.exports, STEPS, &verdict.call);
        judgement::disagreement(bench.case, verdict, &seen).is_none()
    })
}
