//! Random programs on every judge. `GELCAP_FUZZ_COUNT` says how many, `GELCAP_FUZZ_SEED` which, `GELCAP_FUZZ_ONE` runs a
//! single one by the number in its name; `GELCAP_FUZZ_TOPIC` is `arrays` or `scalars`, `any` for both; scalars if it is not set.

use std::io::Write;
use std::time::Instant;

use gelcap_tests::generate::{self, Cells, Histogram, Source, Topic, shrink};
use gelcap_tests::{conclude, judgement, on_big_stack, root};

/// Programs judged together: one run of the reference for all of them.
const BATCH: usize = 250;
/// Failures that are made smaller.
const SHRUNK: usize = 3;
/// Rounds of making one smaller, and candidates judged together in one.
const ROUNDS: usize = 40;
const TOGETHER: usize = 12;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

#[test]
fn random_programs() {
    let (checked, complaints) = on_big_stack(run);
    conclude(&checked, &complaints);
}

fn run() -> (String, Vec<String>) {
    let (count, seed) = (number("GELCAP_FUZZ_COUNT", 200) as usize, number("GELCAP_FUZZ_SEED", 1));
    // One program by the number in its name.
    let one = number("GELCAP_FUZZ_ONE", 0);
    let (count, seed_of) = match one {
        0 => (count, None),
        one => (1, Some(one)),
    };
    let topic = match std::env::var("GELCAP_FUZZ_TOPIC").as_deref() {
        Ok("arrays") => Topic::Arrays,
        Ok("any") => Topic::Any,
        _ => Topic::Scalars,
    };
    let mut histogram = Histogram::new();
    let mut cells = Cells::default();
    let mut complaints = Vec::new();
    let (mut runs, mut calls, mut returned) = (0, 0, 0);
    let start = Instant::now();
    for first in (0..count).step_by(BATCH) {
        let mut sources = Vec::new();
        for k in first..count.min(first + BATCH) {
            let (source, made) =
                generate::program(seed_of.unwrap_or(seed.wrapping_mul(1_000_003).wrapping_add(k as u64)), topic);
            cells.add(&made.cells);
            made.constructs.into_iter().for_each(|(what, n)| *histogram.entry(what).or_default() += n);
            sources.push(source);
        }
        let cases: Vec<_> = sources.iter().map(Source::case).collect();
        match judgement::judge(&cases) {
            Err(why) => return (String::new(), vec![why]),
            Ok(summary) => {
                runs += summary.runs;
                calls += summary.calls;
                returned += summary.returned;
                let mut failed = None;
                for complaint in summary.complaints {
                    if failed == Some(complaint.case) {
                        continue;
                    }
                    failed = Some(complaint.case);
                    complaints.push(report(&sources[complaint.case], &complaint.text, complaints.len() < SHRUNK));
                }
            }
        }
        let done = count.min(first + BATCH);
        // Progress, past the harness, which keeps what tests print.
        let _ = writeln!(
            std::io::stderr(),
            "{done} of {count} programs, {} failures, {:.0} s",
            complaints.len(),
            start.elapsed().as_secs_f64()
        );
    }
    let made: Vec<String> = histogram.iter().map(|(what, n)| format!("{what} {n}")).collect();
    println!("constructs: {}", made.join(", "));
    if topic != Topic::Scalars {
        println!("arrays:\n{}", cells.table().0);
    }
    (format!("{count} programs, {runs} runs ({returned} return, the others raise), {calls} calls"), complaints)
}

/// Writes a failing program, made smaller, where it can be looked at.
fn report(source: &Source, complaint: &str, smaller: bool) -> String {
    let (source, complaint) =
        if smaller { shrunk(source.clone(), complaint.to_string()) } else { (source.clone(), complaint.to_string()) };
    let case = source.case();
    let folder = root().join("target/fuzz");
    let path = folder.join(&case.name);
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, &case.source));
    let place = written.map_or_else(|e| e.to_string(), |()| path.display().to_string());
    if smaller { format!("{complaint}\nin {place}:\n{}", case.source) } else { format!("{complaint}\nin {place}") }
}

fn shrunk(mut source: Source, mut complaint: String) -> (Source, String) {
    for _ in 0..ROUNDS {
        let smaller = shrink::candidates(&source).chunks(TOGETHER).find_map(|candidates| {
            let cases: Vec<_> = candidates.iter().map(Source::case).collect();
            let summary = judgement::judge(&cases).ok()?;
            // A program that is not taken any more fails for another reason.
            let same = summary.complaints.into_iter().find(|c| kind(&c.text) == kind(&complaint))?;
            Some((candidates[same.case].clone(), same.text))
        });
        let Some(found) = smaller else { break };
        (source, complaint) = found;
    }
    (source, complaint)
}

/// What a complaint is about: which error of the front-end, what raised where, which judge differs and how.
fn kind(complaint: &str) -> String {
    let line = |at: usize| complaint[at..].lines().next().unwrap_or_default();
    if let Some(at) = complaint.find("error[").or_else(|| complaint.find("internal compiler error")) {
        return line(at).to_owned();
    }
    // The name of the program, the line and the run come first, and hold nothing but values.
    let first = complaint.lines().next().unwrap_or_default();
    let what = JUDGES.iter().filter_map(|judge| first.rfind(judge)).max().map_or(first, |at| &first[at + 2..]);
    let judge = what.split(':').next().unwrap_or_default();
    let said = what.get(judge.len()..).unwrap_or_default().trim_start_matches(": ");
    match said.rsplit_once(", CPython: ") {
        Some((ours, theirs)) => format!("{judge}: {} against {}", outcome(ours), outcome(theirs)),
        None if said.starts_with("memory ") => format!("{judge}: memory"),
        None => format!("{judge}: {}", said.chars().filter(|c| !c.is_ascii_digit()).collect::<String>()),
    }
}

/// How complaints about judges begin.
const JUDGES: [&str; 6] = [": interpreter-", ": native-", ": wasm-", ": pulley-", ": aarch64-", ": BadCase"];

/// The class of an exception, or that there was none.
fn outcome(answer: &str) -> &str {
    let name = answer.split('(').next().unwrap_or_default();
    if name.ends_with("Error") { name } else { "a value" }
}

#[test]
fn complaints_of_one_kind_are_told_from_others() {
    let of = |what: &str| kind(&format!("random-1.py:7: kernel(1, ptr(int8, [1])): {what}"));
    assert_eq!(of("native-O2: 3, CPython: 4"), of("native-O2: (1, 2), CPython: (1, 3)"));
    assert_ne!(of("native-O2: 3, CPython: 4"), of("native-O2: 3, CPython: UnboundLocalError(\"v1: no\")"));
    assert_ne!(of("native-O2: 3, CPython: 4"), of("interpreter-L1: 3, CPython: 4"));
    assert_eq!(of("wasm-O0: memory 0 is [1] and [2] (CPython first)"), of("wasm-O0: memory 1 is [7] and [2]"));
    assert_ne!(of("BadCase: it does not end in 5 seconds"), of("native-O2: 3, CPython: 4"));
    assert_ne!(of("x\nerror[unknown-name]: `v1`"), of("x\nerror[unknown-name]: `v2`"));
}

/// Programs among which every cell of the table comes up.
const EVERY_CELL: u64 = 2500;

#[test]
fn the_generator_makes_everything_with_everything() {
    let mut cells = Cells::default();
    (0..EVERY_CELL).for_each(|seed| cells.add(&generate::program(seed, Topic::Arrays).1.cells));
    let empty = cells.table().1;
    assert!(empty.is_empty(), "never made: {}", empty.join(", "));
}
