//! Puts programs before all judges: CPython's answer is right, and every judge of ours must give the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::Request;
use gelcap_compiler::types::Type;

use crate::case::{self, Case, Run};
use crate::compare::{self, EXACT, Tolerance};
use crate::judges::{self, Judge, Observed, Program};
use crate::reference::{self, Answer, Call, Judgement, Question, Verdict};
use crate::{compile, value};

/// What came of some cases.
#[derive(Default)]
pub struct Summary {
    pub programs: usize,
    pub runs: usize,
    /// Runs that return something.
    pub returned: usize,
    /// Calls of judges of ours.
    pub calls: usize,
    pub complaints: Vec<Complaint>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// Index of the case among those given.
    pub case: usize,
    pub text: String,
}

/// Judges every run of every case.
pub fn judge(cases: &[Case]) -> Result<Summary, String> {
    let mut summary = Summary { programs: cases.len(), ..Summary::default() };
    let answers = ask(cases, &mut summary.complaints)?;
    let work: Vec<_> = cases.iter().zip(answers).enumerate().collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(work.len().max(1));
    let done = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some((i, (case, answer))) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let judged = match answer {
                Err(why) => (0, vec![format!("{}: CPython does not take it: {why}", case.name)]),
                Ok(verdicts) => judge_case(case, verdicts),
            };
            done.lock().unwrap_or_else(|e| e.into_inner()).push((*i, judged));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().stack_size(crate::STACK);
            thread.spawn_scoped(scope, worker).expect("the system has threads");
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(i, _)| *i);
    for (case, (calls, complaints)) in done {
        summary.calls += calls;
        summary.complaints.extend(complaints.into_iter().map(|text| Complaint { case, text }));
    }
    summary.complaints.sort_by_key(|c| c.case);
    for verdicts in work.iter().filter_map(|(_, (_, answer))| answer.as_ref().ok()) {
        summary.runs += verdicts.len();
        let returns = |v: &&Result<Verdict, String>| v.as_ref().is_ok_and(|v| matches!(v.answer, Answer::Returned(_)));
        summary.returned += verdicts.iter().filter(returns).count();
    }
    Ok(summary)
}

/// What CPython says of each case. Export comments that cannot be read are complained about.
pub fn ask(cases: &[Case], complaints: &mut Vec<Complaint>) -> Result<Vec<Judgement>, String> {
    let mut signatures = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        if case.from_arguments {
            signatures.push(None);
            continue;
        }
        signatures.push(Some(compile::signatures(&case.name, &case.source).unwrap_or_else(|text| {
            complaints.push(Complaint { case: i, text });
            vec![]
        })));
    }
    let questions: Vec<Question<'_>> = cases
        .iter()
        .zip(&signatures)
        .map(|(case, signatures)| Question {
            name: &case.name,
            source: &case.source,
            signatures: signatures.clone(),
            ulp: case.ulp,
            lets: case.lets.iter().map(String::as_str).collect(),
            runs: case.runs.iter().map(|r| r.text.as_str()).collect(),
        })
        .collect();
    reference::ask(&questions)
}

/// What is compiled of each case: its exports, or each kernel for the arguments of its first run. With the case's number.
fn requests(cases: &[Case], complaints: &mut Vec<Complaint>) -> Result<Vec<(usize, Request)>, String> {
    let lazy: Vec<Case> = cases.iter().filter(|case| case.from_arguments).cloned().collect();
    let mut answers = ask(&lazy, complaints)?.into_iter();
    let mut found = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        if !case.from_arguments {
            found.push((i, Request::text(&case.name, &*case.source).exports()));
            continue;
        }
        let mut kernels = BTreeSet::new();
        for verdict in answers.next().unwrap_or_else(|| Ok(vec![]))?.into_iter().flatten() {
            if let (true, Ok(types)) = (kernels.insert(verdict.call.kernel.clone()), verdict.call.types()) {
                let request = compile::request_for(&case.name, &case.source, &verdict.call.kernel, &types);
                found.push((i, request));
            }
        }
    }
    Ok(found)
}

/// Looks at every program of the corpus under each of the options; gives the number of programs, and what is wrong.
/// There are many lazily typed kernels: these take turns.
pub fn over_corpus(
    variants: &[Options],
    look: impl Fn(&Request, &Options) -> Result<Vec<String>, String>,
) -> (usize, Vec<String>) {
    let cases = match case::cases("tests/kernels") {
        Ok(cases) => cases,
        Err(faults) => return (0, faults),
    };
    let mut unread = Vec::new();
    let requests = match requests(&cases, &mut unread) {
        Ok(requests) => requests,
        Err(why) => return (0, vec![why]),
    };
    let mut complaints: Vec<String> = unread.into_iter().map(|c| c.text).collect();
    let count = requests.len();
    for (n, (case, request)) in requests.into_iter().enumerate() {
        let case = &cases[case];
        for (k, options) in variants.iter().enumerate() {
            if case.from_arguments && n % variants.len() != k {
                continue;
            }
            let found = look(&request, options).unwrap_or_else(|why| vec![why]);
            complaints.extend(found.into_iter().map(|what| format!("{}: {what}", case.name)));
        }
    }
    (count, complaints)
}

/// Gives the number of calls made, and what is wrong.
fn judge_case(case: &Case, verdicts: &[Result<Verdict, String>]) -> (usize, Vec<String>) {
    let mut complaints = Vec::new();
    let options = match judges::targets() {
        Ok(targets) => Options::new(targets[0].1.clone()),
        Err(why) => return (0, vec![why]),
    };
    let mut benches = Benches { case, options, of_exports: None, of_types: BTreeMap::new() };
    let mut calls = 0;
    for (run, verdict) in case.runs.iter().zip(verdicts) {
        let at = format!("{}:{}: {}", case.name, run.line, run.text);
        let verdict = match verdict {
            Err(why) => {
                complaints.push(format!("{at}: {why}"));
                continue;
            }
            Ok(verdict) => verdict,
        };
        if let Some(unexpected) = &verdict.unexpected {
            complaints.push(format!("{at}: {unexpected}"));
        }
        match benches.for_call(&verdict.call) {
            // Without its exports no run of the program can be judged.
            Err(why) if !case.from_arguments => return (calls, vec![format!("{}: {why}", case.name)]),
            Err(why) => complaints.push(format!("{at}: {why}")),
            Ok(judges) => {
                calls += judges.len();
                complaints.extend(judge_run(case, run, verdict, judges).into_iter().map(|c| format!("{at}: {c}")));
            }
        }
    }
    (calls, complaints)
}

/// The judges of a program's compiled forms, made when they are first needed.
struct Benches<'a> {
    case: &'a Case,
    options: Options,
    of_exports: Option<Vec<Judge>>,
    /// By kernel and types of arguments.
    of_types: BTreeMap<(String, Vec<Type>), Result<Vec<Judge>, String>>,
}

impl Benches<'_> {
    fn for_call(&mut self, call: &Call) -> Result<&[Judge], String> {
        let (name, source) = (&self.case.name, &self.case.source);
        if !self.case.from_arguments {
            if self.of_exports.is_none() {
                let made = guarded(|| {
                    compile::compile(name, source, &self.options)
                        .and_then(|program| judges_of(self.case, &program, &self.case.levels))
                });
                self.of_exports = Some(made?);
            }
            return Ok(self.of_exports.as_deref().unwrap_or_default());
        }
        let key = (call.kernel.clone(), call.types()?);
        if !self.of_types.contains_key(&key) {
            let made = guarded(|| {
                compile::compile_for(name, source, &key.0, &key.1, &self.options)
                    .and_then(|program| judges_of(self.case, &program, &self.case.levels))
            });
            self.of_types.insert(key.clone(), made);
        }
        match &self.of_types[&key] {
            Ok(judges) => Ok(judges),
            Err(why) => Err(why.clone()),
        }
    }
}

/// A panic is a fault of one program, not the end of all.
pub fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("it panics: {}", text.unwrap_or("without a word")))
    })
}

fn judges_of(case: &Case, program: &Program, levels: &[OptLevel]) -> Result<Vec<Judge>, String> {
    let mut judges = judges::at_levels(program, levels)?;
    judges.retain(|j| !case.skips(&j.name));
    if judges.is_empty() { Err("every judge skips it".into()) } else { Ok(judges) }
}

/// Of so many runs, slow judges see one; with a filter, all.
const SAMPLE: usize = 5;

/// One complaint for each judge that is the first to say something wrong.
fn judge_run(case: &Case, run: &Run, verdict: &Verdict, judges: &[Judge]) -> Vec<String> {
    let mut complaints: Vec<String> = Vec::new();
    let mut first: Option<(&str, Observed)> = None;
    let sampled = run.line.is_multiple_of(SAMPLE) || std::env::var_os("GELCAP_FILTER").is_some();
    for judge in judges.iter().filter(|j| sampled || !j.is_slow()) {
        let seen = guarded(|| Ok(judge.call(&verdict.call)))
            .unwrap_or_else(|why| Observed { answer: Err(why), memories: vec![] });
        let wrong = disagreement(case, verdict, &seen).or_else(|| {
            let (name, observed) = first.as_ref()?;
            differs(verdict, observed, &seen).map(|what| format!("differs from {name}: {what}"))
        });
        if let Some(what) = wrong {
            complaints.push(format!("{}: {what}", judge.name));
            // Code that the interpreter already disagrees with might not even return.
            if judge.is_interpreter() {
                break;
            }
        }
        if first.is_none() {
            first = Some((&judge.name, seen));
        }
    }
    complaints
}

/// How an observation differs from CPython's.
pub fn disagreement(case: &Case, verdict: &Verdict, seen: &Observed) -> Option<String> {
    let tolerance = Tolerance(case.ulp);
    let answer = match &seen.answer {
        Ok(answer) => answer,
        Err(fault) => return Some(fault.clone()),
    };
    if case.ours {
        return None;
    }
    if let Some((exact, memories)) = &verdict.exact
        && compare::answers(exact, answer, tolerance)
        && memory_difference(verdict, memories, &seen.memories, tolerance).is_none()
    {
        return None;
    }
    if !compare::answers(&verdict.answer, answer, tolerance) {
        return Some(format!("{}, CPython: {}", value::answer(answer), value::answer(&verdict.answer)));
    }
    if let (Answer::Returned(a), Answer::Returned(b)) = (&verdict.answer, answer)
        && !case.any_layout
        && !compare::layouts(a, b)
    {
        return Some(format!(
            "{}, CPython's order in memory: {}",
            value::answer(answer),
            value::answer(&verdict.answer)
        ));
    }
    // Where ints leave 64 bits, what was exact at compile time may have gone further: our judges agree on how far.
    if matches!(&verdict.answer, Answer::Raised { class, message: None } if class == "OverflowError") {
        return None;
    }
    memory_difference(verdict, &verdict.memories, &seen.memories, tolerance)
        .map(|what| format!("{what} (CPython first)"))
}

/// How two of our judges differ.
pub fn differs(verdict: &Verdict, a: &Observed, b: &Observed) -> Option<String> {
    match (&a.answer, &b.answer) {
        (Ok(x), Ok(y)) if !compare::answers(x, y, EXACT) => {
            Some(format!("{} and {}", value::answer(x), value::answer(y)))
        }
        (Ok(Answer::Returned(x)), Ok(Answer::Returned(y))) if !compare::layouts(x, y) => {
            Some(format!("{x} and {y} in memory"))
        }
        _ => memory_difference(verdict, &a.memories, &b.memories, EXACT),
    }
}

fn memory_difference(verdict: &Verdict, a: &[Vec<u8>], b: &[Vec<u8>], tolerance: Tolerance) -> Option<String> {
    for (k, memory) in verdict.call.memories.iter().enumerate() {
        let (x, y) = (a.get(k)?, b.get(k)?);
        if !compare::memories(memory.element, x, y, tolerance) {
            let shown = |bytes: &[u8]| value::memory(memory.element, bytes);
            return Some(format!("memory {k} is {} and {}", shown(x), shown(y)));
        }
    }
    None
}
