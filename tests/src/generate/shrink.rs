//! Makes a failing program smaller by leaving out what it fails without.

use super::{Source, Stmt};

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
        for body in smaller_bodies(&function.body) {
            let mut smaller = source.clone();
            smaller.functions[f].body = body;
            found.push(smaller);
        }
    }
    found
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
