//! Makes a failing program smaller by leaving out what it fails without.

use std::collections::BTreeSet;

use super::{FunctionText, Source, Stmt};

/// Every program with one run, one statement or one level of nesting less.
pub fn candidates(source: &Source) -> Vec<Source> {
    let mut found = Vec::new();
    if source.runs.len() > 1 {
        for k in 0..source.runs.len() {
            let mut smaller = source.clone();
            smaller.runs = vec![source.runs[k].clone()];
            found.push(smaller);
        }
        return found;
    }
    for (f, function) in source.functions.iter().enumerate() {
        let called = format!("{}(", function.name());
        let others = || source.functions.iter().enumerate().filter(|(k, _)| *k != f);
        if f + 1 < source.functions.len() && !others().any(|(_, other)| other.text().contains(&called)) {
            let mut smaller = source.clone();
            smaller.functions.remove(f);
            found.push(smaller);
        }
        let mut with = |changed: FunctionText| {
            // What fails for want of a name fails for another reason.
            if names_are_known(&changed) {
                let mut smaller = source.clone();
                smaller.functions[f] = changed;
                found.push(smaller);
            }
        };
        smaller_bodies(&function.body).into_iter().for_each(|body| with(FunctionText { body, ..function.clone() }));
        smaller_results(&function.result)
            .into_iter()
            .for_each(|result| with(FunctionText { result, ..function.clone() }));
    }
    found
}

/// A tuple of names with one less.
fn smaller_results(result: &str) -> Vec<String> {
    let Some(inside) = result.strip_prefix('(').and_then(|r| r.strip_suffix(",)")) else { return vec![] };
    let items: Vec<&str> = inside.split(", ").collect();
    if items.len() < 2 || items.iter().any(|item| item.contains(['(', ' '])) {
        return vec![];
    }
    let without = |k: usize| [&items[..k], &items[k + 1..]].concat();
    (0..items.len()).map(|k| format!("({},)", without(k).join(", "))).collect()
}

/// Every variable is assigned in a line above those that use it.
fn names_are_known(function: &FunctionText) -> bool {
    let text = function.text();
    let mut known: BTreeSet<&str> = names(&function.head).collect();
    text.lines().skip(1).all(|line| {
        let line = line.trim_start();
        let (targets, value) = match line.strip_prefix("for ").and_then(|rest| rest.split_once(" in ")) {
            Some(parts) => parts,
            None => match line.split_once(" = ") {
                Some((targets, value)) if !targets.contains(['[', '(', '"']) => (targets, value),
                _ => ("", line),
            },
        };
        let value = without_keywords(value);
        let sound = names(&value).all(|name| known.contains(name));
        known.extend(names(targets));
        sound
    })
}

/// The names of variables: one or two letters and a number.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    words.map(|word| word.split('.').next().unwrap_or_default()).filter(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        (1..=2).contains(&letters.len())
            && letters.len() < word.len()
            && letters.chars().all(|c| c.is_ascii_lowercase())
    })
}

/// The text without the names of keyword arguments, `a0=`; assignments have a space there.
fn without_keywords(text: &str) -> String {
    let mut rest = String::new();
    for part in text.split_inclusive('=') {
        let word = part.strip_suffix('=').filter(|p| p.ends_with(|c: char| c.is_ascii_digit()));
        rest.push_str(word.map_or(part, |p| p.trim_end_matches(|c: char| c.is_ascii_alphanumeric())));
    }
    rest
}

fn smaller_bodies(body: &[Stmt]) -> Vec<Vec<Stmt>> {
    let mut found = Vec::new();
    for k in 0..body.len() {
        // The counter of a `while` stays, or the loop would not end.
        if matches!(&body[k], Stmt::Line(line) if line.starts_with('w')) {
            continue;
        }
        let with = |replacement: Vec<Stmt>| [&body[..k], &replacement, &body[k + 1..]].concat();
        found.push(with(vec![]));
        let Stmt::Block(clauses) = &body[k] else { continue };
        // The body alone, for blocks that are no loops: what leaves a loop must stay in one.
        if clauses[0].0.starts_with("if") {
            found.push(with(clauses[0].1.clone()));
        }
        if clauses.len() > 1 {
            found.push(with(vec![Stmt::Block(clauses[..1].to_vec())]));
        }
        for (c, (head, inner)) in clauses.iter().enumerate() {
            for smaller in smaller_bodies(inner) {
                let mut clauses = clauses.clone();
                clauses[c] = (head.clone(), smaller);
                found.push(with(vec![Stmt::Block(clauses)]));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Topic, program};
    use super::*;

    fn function(body: &[&str], result: &str) -> FunctionText {
        let body = body.iter().map(|line| Stmt::Line((*line).to_string())).collect();
        FunctionText { head: "def kernel(x1, p2):".into(), body, result: result.into() }
    }

    #[test]
    fn what_is_used_is_assigned_above() {
        assert!(names_are_known(&function(&["v3 = x1 + 1e10", "p2[v3] = np.int8(v3)"], "(v3,)")));
        assert!(!names_are_known(&function(&["v3 = v4", "v4 = 1"], "(v3,)")));
        assert!(!names_are_known(&function(&["v3 += x1"], "(x1,)")));
        assert!(!names_are_known(&function(&[], "(v3.shape,)")));
        assert!(names_are_known(&function(&["v3 = helper0(x1, a1=x1 == 2)"], "(v3,)")));
        assert!(names_are_known(&function(&["v3, v4 = divmod(x1, 2)"], "(v4,)")));
    }

    #[test]
    fn results_lose_one_name() {
        assert_eq!(smaller_results("(v1, b2,)"), ["(b2,)", "(v1,)"]);
        assert!(smaller_results("(v1,)").is_empty() && smaller_results("v1 + f(x, y)").is_empty());
    }

    /// The rule holds for what the generator makes, or nothing would be made smaller.
    #[test]
    fn generated_programs_know_their_names() {
        for seed in 0..200 {
            let (source, _) = program(seed, Topic::Any);
            for function in &source.functions {
                assert!(names_are_known(function), "{}", function.text());
            }
            let mut one = source.clone();
            one.runs.truncate(1);
            assert!(!candidates(&one).is_empty());
        }
    }
}
