//! Heads of functions: parameters typed as in C, results, and what stands behind them.

use super::types::{CType, closing, is_name, parse, parts};
use super::{Context, Fix, Found, Line};

/// A `cdef` line that defines or declares a function: brackets open behind its name, before any value.
pub(super) fn is_header(words: &[&str]) -> bool {
    opening(words).is_some_and(|open| open >= 2)
}

/// The bracket of the parameters: the first round one that is in no other.
fn opening(words: &[&str]) -> Option<usize> {
    let mut depth = 0usize;
    for (i, word) in words.iter().enumerate() {
        match *word {
            "(" if depth == 0 => return Some(i),
            "=" | ":" if depth == 0 => return None,
            "[" | "{" => depth += 1,
            "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The colon behind the head.
fn colon(words: &[&str], open: usize) -> Option<usize> {
    let close = open + closing(&words[open..])?;
    words[close..].iter().position(|word| *word == ":").map(|i| close + i)
}

/// `cdef double f(double x) nogil:`
pub(super) fn definition(line: &Line<'_>, what: &str, context: &mut Context) -> Found {
    const MODIFIERS: &[&str] = &["inline", "public", "api", "extern"];
    let words = &line.words;
    let mark = line.between(0, 1);
    let Some(open) = opening(words) else { return line.open(what, mark, "write a plain `def`") };
    let Some(colon) = colon(words, open) else {
        return line.open(what, mark, "remove the declaration: functions need none before they are called");
    };
    let from = 1 + words[1..open].iter().take_while(|word| MODIFIERS.contains(word)).count();
    let result = if from + 1 < open { parse(&words[from..open], &context.names).map(|(ty, _)| ty) } else { None };
    let result = result.and_then(|ty| ty.annotation(&context.names)).map_or_else(String::new, |ty| format!(" -> {ty}"));
    match parameters(line, open, context) {
        Ok((text, _)) => {
            let mut found = line.found(what, mark, vec![format!("def {}{text}{result}:", words[open - 1])]);
            until(&mut found, line, colon);
            found
        }
        Err(help) => line.open(what, mark, help),
    }
}

/// `def f(np.ndarray f, int n):`; `None` if it is plain Python.
pub(super) fn header(line: &Line<'_>, context: &mut Context) -> Option<Found> {
    let words = &line.words;
    let open = opening(words)?;
    let colon = colon(words, open)?;
    let (text, typed) = match parameters(line, open, context) {
        Ok(found) => found,
        Err(help) => {
            let at = words.iter().position(|word| *word == "...").unwrap_or(0);
            return Some(line.open("`...` among parameters", line.between(at, at + 1), help));
        }
    };
    let close = open + closing(&words[open..])?;
    let behind = words.get(close + 1).copied();
    let (first, what) = match (typed, behind) {
        (Some(at), _) => (at, format!("the parameter `{}`", shown(line, at))),
        (None, Some("nogil" | "except" | "noexcept")) => (close + 1, format!("`{}`", words[close + 1])),
        (None, _) => return None,
    };
    let annotated = if behind == Some("->") { line.source(close + 1, colon) } else { "" };
    let annotated = if annotated.is_empty() { String::new() } else { format!(" {annotated}") };
    let mut found = line.found(&what, line.span(), vec![format!("{}{text}{annotated}:", line.source(0, open))]);
    until(&mut found, line, colon);
    found.mark = line.between(first, first + 1);
    if let Some(at) = typed {
        found.mark = found.mark.to(line.between(at, end_of_parameter(words, at)));
    }
    Some(found)
}

/// The fix ends with the head's colon.
fn until(found: &mut Found, line: &Line<'_>, colon: usize) {
    if let Fix::Lines { span, .. } = &mut found.fix {
        span.end = line.between(colon, colon + 1).end;
    }
}

/// The parameter that begins at a token, as the source has it.
fn shown<'a>(line: &Line<'a>, at: usize) -> &'a str {
    line.source(at, end_of_parameter(&line.words, at))
}

/// Behind the type and the name of a parameter.
fn end_of_parameter(words: &[&str], at: usize) -> usize {
    let mut depth = 0usize;
    for (i, word) in words.iter().enumerate().skip(at) {
        match *word {
            "(" | "[" => depth += 1,
            ")" | "]" if depth > 0 => depth -= 1,
            "," | "=" | ")" | ":" if depth == 0 => return i,
            _ => {}
        }
    }
    words.len()
}

/// The parameters with their brackets as Python writes them, and the first that is typed as in C.
fn parameters(line: &Line<'_>, open: usize, context: &Context) -> Result<(String, Option<usize>), &'static str> {
    let words = &line.words;
    let close = open + closing(&words[open..]).unwrap_or(words.len() - open - 1);
    let mut typed = None;
    let mut out = String::from("(");
    let mut copied = open + 1;
    for part in parts(&words[open + 1..close]) {
        let (start, end) = (open + 1 + part.start, open + 1 + part.end);
        if words[start] == "..." {
            return Err("it stands for parameters that the text leaves out: write them");
        }
        let Some((ty, taken)) = parse(&words[start..end], &context.names) else { continue };
        let name = start + taken;
        let Some(text) = words.get(name).filter(|word| name < end && is_name(word)) else { continue };
        typed = typed.or(Some(start));
        // What stands between the parameters stays, line breaks included.
        out.push_str(gap(line, copied, start));
        out.push_str(text);
        if let Some(ty) = ty.annotation(&context.names) {
            out.push_str(&format!(": {ty}"));
        }
        let mut rest = name + 1;
        if matches!(words.get(rest..rest + 2), Some(["not" | "or", "None"])) {
            if words[rest] == "or" && !matches!(ty, CType::Object) {
                out.push_str(" | None");
            }
            rest += 2;
        }
        copied = rest;
        if rest < end {
            out.push_str(if words[rest] == "=" { " = " } else { " " });
            copied = if words[rest] == "=" { rest + 1 } else { rest };
            out.push_str(line.source(copied, end));
            copied = end;
        }
    }
    out.push_str(gap(line, copied, close));
    out.push(')');
    Ok((out, typed))
}

/// The source from behind the token before one to the beginning of another.
fn gap<'a>(line: &Line<'a>, from: usize, to: usize) -> &'a str {
    let start = from.checked_sub(1).map_or(0, |i| line.tokens[i].end) as usize;
    line.text.get(start..line.tokens[to].start as usize).unwrap_or_default()
}
