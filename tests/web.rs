//! `tests/kernels/**.py` by the engine of the web under Node: what CPython gives, with the bits of native code.

use std::collections::BTreeMap;

use gelcap_compiler::artifact::Export;
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::types::Type;
use gelcap_tests::case::Case;
use gelcap_tests::judges::{self, Judge};
use gelcap_tests::node::{self, Job};
use gelcap_tests::reference::Verdict;
use gelcap_tests::{case, compile, conclude, judgement, on_big_stack};

/// A kernel and the types that it is compiled for.
type Version = (String, Vec<Type>);

/// A call to be made: case, line, verdict, and the native judge it is compared with.
struct Planned<'a> {
    case: &'a Case,
    line: usize,
    verdict: &'a Verdict,
    types: Option<Vec<Type>>,
    native: usize,
    export: Export,
}

#[test]
#[ignore = "needs the engine: `make test-web` builds it and runs this"]
fn the_engine_under_node_is_one_more_judge() {
    assert!(node::engine().exists(), "{} is missing: `make web` makes it", node::engine().display());
    let (checked, complaints) = on_big_stack(judge);
    conclude(&checked, &complaints);
}

fn judge() -> (String, Vec<String>) {
    let cases = match case::cases("tests/kernels") {
        Ok(cases) => cases,
        Err(faults) => return (String::new(), faults),
    };
    let mut faults = Vec::new();
    let answers = match judgement::ask(&cases, &mut faults) {
        Ok(answers) => answers,
        Err(why) => return (String::new(), vec![why]),
    };
    let mut complaints: Vec<String> = faults.into_iter().map(|c| c.text).collect();
    let mut natives = Vec::new();
    let mut planned = Vec::new();
    for (case, answer) in cases.iter().zip(&answers) {
        match answer {
            Ok(verdicts) => plan(case, verdicts, &mut natives, &mut planned, &mut complaints),
            Err(why) => complaints.push(format!("{}: {why}", case.name)),
        }
    }
    let mut jobs = Vec::new();
    let mut of_job = Vec::new();
    for (i, p) in planned.iter().enumerate() {
        for level in levels(p.case) {
            jobs.push(Job {
                name: &p.case.name,
                source: &p.case.source,
                level,
                types: p.types.clone(),
                call: &p.verdict.call,
            });
            of_job.push((i, level));
        }
    }
    let exports: Vec<Export> = of_job.iter().map(|(i, _)| planned[*i].export.clone()).collect();
    let seen = match node::run(&jobs, &exports) {
        Ok(seen) => seen,
        Err(why) => return (String::new(), vec![why]),
    };
    let mut native_seen = BTreeMap::new();
    for ((i, level), seen) in of_job.iter().zip(&seen) {
        let p = &planned[*i];
        let native = native_seen.entry(*i).or_insert_with(|| natives[p.native].call(&p.verdict.call));
        let wrong = judgement::disagreement(p.case, p.verdict, seen)
            .or_else(|| judgement::differs(p.verdict, native, seen).map(|what| format!("differs from native: {what}")));
        complaints.extend(wrong.map(|what| format!("{}:{} at {level:?}: {what}", p.case.name, p.line)));
    }
    let programs = planned.iter().map(|p| &p.case.name).collect::<std::collections::BTreeSet<_>>().len();
    (format!("{programs} programs, {} calls under Node", jobs.len()), complaints)
}

/// As little as shows that passes and front-end do the same there: everything, and nothing.
fn levels(case: &Case) -> Vec<OptLevel> {
    let wanted = |level: &OptLevel| *level != OptLevel::O1 && !(case.from_arguments && *level == OptLevel::O0);
    let levels: Vec<OptLevel> = case.levels.iter().copied().filter(wanted).collect();
    if levels.is_empty() { case.levels.clone() } else { levels }
}

fn plan<'a>(
    case: &'a Case,
    verdicts: &'a [Result<Verdict, String>],
    natives: &mut Vec<Judge>,
    planned: &mut Vec<Planned<'a>>,
    complaints: &mut Vec<String>,
) {
    if case.skips("wasm") || case.skips("web") {
        return;
    }
    // By kernel and types; of what is declared there is one program.
    let mut known: BTreeMap<Option<Version>, (usize, Vec<Export>)> = BTreeMap::new();
    for (run, verdict) in case.runs.iter().zip(verdicts) {
        let mut complain = |why: String| complaints.push(format!("{}:{}: {why}", case.name, run.line));
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(why) => {
                complain(why.clone());
                continue;
            }
        };
        let types = match case.from_arguments.then(|| verdict.call.types()).transpose() {
            Ok(types) => types,
            Err(why) => {
                complain(why);
                continue;
            }
        };
        let key = types.clone().map(|types| (verdict.call.kernel.clone(), types));
        if !known.contains_key(&key) {
            match native(case, key.as_ref()) {
                Ok((judge, exports)) => {
                    natives.push(judge);
                    known.insert(key.clone(), (natives.len() - 1, exports));
                }
                Err(why) => {
                    complain(why);
                    continue;
                }
            }
        }
        let (native, exports) = &known[&key];
        match exports.iter().find(|e| e.name == verdict.call.kernel) {
            Some(export) => {
                planned.push(Planned { case, line: run.line, verdict, types, native: *native, export: export.clone() })
            }
            None => complain("no such kernel".to_owned()),
        }
    }
}

fn native(case: &Case, key: Option<&Version>) -> Result<(Judge, Vec<Export>), String> {
    let options = Options::new(judges::targets()?[0].1.clone());
    let program = match key {
        None => compile::compile(&case.name, &case.source, &options)?,
        Some((kernel, types)) => compile::compile_for(&case.name, &case.source, kernel, types, &options)?,
    };
    let exports = program.exports.clone();
    Ok((judges::native_judge(&program, OptLevel::O2)?, exports))
}
