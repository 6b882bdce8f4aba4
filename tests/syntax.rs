//! What is Python: every snippet of `tests/syntax/snippets.txt` is taken or refused as CPython's `compile()` does.

use gelcap_compiler::diag::render::{RenderOptions, render_all};
use gelcap_compiler::diag::{Sink, SourceFile, SourceMap};
use gelcap_compiler::front;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const ASK: &str = r#"
import json, sys, warnings
warnings.simplefilter("ignore")
def taken(text):
    try:
        compile(text, "t.py", "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError):
        return False
print(json.dumps([taken(text) for text in json.load(sys.stdin)]))
"#;

/// Whether CPython takes each of the texts.
fn ask_cpython(texts: &[String]) -> Vec<bool> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let command = Command::new(python).args(["-c", ASK]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = command.expect("python3 runs; set PYTHON to name another");
    let input = serde_json::to_string(texts).expect("texts are JSON");
    child.stdin.take().expect("stdin is piped").write_all(input.as_bytes()).expect("python3 reads");
    let output = child.wait_with_output().expect("python3 ends");
    serde_json::from_slice(&output.stdout).expect("python3 answers with JSON")
}

/// The codes that we report for a text.
fn ask_us(text: &str) -> Vec<&'static str> {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new("t.py", text));
    let mut sink = Sink::new();
    front::parse(&sources, file, &mut sink);
    sink.finish().iter().filter(|d| d.is_error()).map(|d| d.code.name()).collect()
}

fn snippets() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("syntax/snippets.txt");
    let all = std::fs::read_to_string(path).expect("the snippets are there");
    let (_, all) = all.split_once('\n').expect("a first line explains");
    all.split("---\n").map(str::to_owned).collect()
}

/// Asserts that we take and refuse the same texts as CPython, but for characters by name: their tables are left out.
fn compare(texts: &[String]) {
    let verdicts = ask_cpython(texts);
    assert_eq!(verdicts.len(), texts.len());
    let mut wrong = Vec::new();
    for (text, taken) in texts.iter().zip(verdicts) {
        let codes = ask_us(text);
        if codes.is_empty() != taken && !text.contains("\\N{") {
            wrong.push(format!("CPython {} and we say {codes:?}:\n{text}", if taken { "takes" } else { "refuses" }));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

#[test]
fn snippets_are_taken_as_cpython_takes_them() {
    let texts = snippets();
    assert!(texts.len() > 400, "{} snippets", texts.len());
    compare(&texts);
}

/// The pieces of a text: words, runs of blanks, single signs.
fn pieces(text: &str) -> Vec<&str> {
    let class = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            0
        } else if c == ' ' {
            1
        } else {
            2
        }
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (i, c) in text.char_indices() {
        if before.is_some_and(|b| b != class(c) || b == 2) {
            pieces.push(&text[start..i]);
            start = i;
        }
        before = Some(class(c));
    }
    pieces.push(&text[start..]);
    pieces
}

/// Snippets with a piece taken out, doubled, or replaced by one of another snippet: nearly all of it is nearly Python.
#[test]
fn damaged_snippets_are_taken_as_cpython_takes_them() {
    let snippets = snippets();
    let all: Vec<&str> = snippets.iter().flat_map(|text| pieces(text)).collect();
    let mut state = 1u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % limit
    };
    let mut texts = Vec::new();
    for _ in 0..5_000 {
        let mut parts = pieces(&snippets[below(snippets.len())]);
        let at = below(parts.len());
        match below(3) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, all[below(all.len())]),
            _ => parts[at] = all[below(all.len())],
        }
        texts.push(parts.concat());
    }
    compare(&texts);
}

/// The top-level modules of the standard library: real Python of every kind, all of which CPython takes.
#[test]
fn the_standard_library_is_taken() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-c", "import os; print(os.path.dirname(os.__file__))"]).output();
    let folder = String::from_utf8(output.expect("python3 runs").stdout).expect("a path");
    let mut files = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder.trim()).expect("the library is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        files += 1;
        let codes = ask_us(&text);
        if !codes.is_empty() {
            wrong.push(format!("{}: {codes:?}", path.display()));
        }
    }
    assert!(files > 100, "{files} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Large texts that would take minutes if anything were quadratic.
#[test]
fn large_sources_take_linear_time() {
    let numbered = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<String>();
    let texts = [
        numbered(10_000, &|i| format!("def f{i}(): pass\n")),
        numbered(10_000, &|i| format!("#pythran export f{i}()\ndef f{i}(): pass\n")),
        numbered(10_000, &|i| format!("def f{i}(): # gelcap: nogil=True\n  x\n")),
        format!("def f({}): pass\n", numbered(25_000, &|i| format!("a{i},"))),
        format!(
            "def f({}):\n  global {}b\n",
            numbered(10_000, &|i| format!("a{i},")),
            numbered(10_000, &|i| format!("b{i},"))
        ),
        format!("# pythran export f({}\n", numbered(75_000, &|_| "\n#int,".to_owned())),
        format!(
            "[0 for {} in y if {}1]\n",
            numbered(10_000, &|i| format!("x{i},")),
            numbered(10_000, &|i| format!("(y{i} := 1),"))
        ),
        numbered(75_000, &|_| "1 = 2\n".to_owned()),
        format!("x = ({}", numbered(25_000, &|_| "def ".to_owned())),
        numbered(30_000, &|_| "match x:\n".to_owned()),
        format!("x = [{}]\n", numbered(25_000, &|i| format!("'a{i}' ,"))),
        numbered(25_000, &|_| "1=1;".to_owned()),
    ];
    for text in texts {
        assert!(text.len() <= front::lexical::MAX_SOURCE);
        let start = std::time::Instant::now();
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", text.as_str()));
        let mut sink = Sink::new();
        front::parse(&sources, file, &mut sink);
        let _ = render_all(&sink.finish(), &sources, RenderOptions::default());
        // A second is much even for a busy machine and a debug build; what is quadratic takes minutes.
        assert!(start.elapsed().as_secs() < 20, "{}", &text[..20]);
    }
}
