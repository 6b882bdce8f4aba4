//! Test programs: Python files with directives in comments.
//!
//! | directive | meaning |
//! |---|---|
//! | `# run: f(2.0, 3) == 8.0` | call, and what CPython gives (left out: whatever CPython gives) |
//! | `# run: f(1, 0) raises ZeroDivisionError "division by zero"` | the message may be left out |
//! | `# ulp: 1` | floats may differ from CPython's by so much: for files about elementary functions |
//! | `# let: a = np.zeros(5)` | names for the run lines, made anew for each |
//! | `# types: from-arguments` | each run compiles its kernel for its arguments, as a lazy `jit` does |
//! | `# layout: any` | results that are no views may be in C order where NumPy makes Fortran's, or the other way round |
//! | `# levels: O0 O2` | levels of optimisation, if not all |
//! | `# skip: wasm "why"` | judges whose name begins so do not run the file |
//! | `# judges: ours` | our judges must agree with each other; CPython's bits are not asked for (random programs) |
//!
//! The kernels and their parameter types are those of the file's own export comments, if the arguments do not say them.

use std::fs;
use std::path::{Path, PathBuf};

use gelcap_compiler::options::OptLevel;

/// A test program.
#[derive(Clone, Debug)]
pub struct Case {
    /// The path from the repository's root, or what a generator calls it.
    pub name: String,
    pub source: String,
    pub runs: Vec<Run>,
    /// Statements that run lines rely on.
    pub lets: Vec<String>,
    /// Types come from the arguments of each run.
    pub from_arguments: bool,
    /// The order of results' elements in memory is not compared, unless they are views.
    pub any_layout: bool,
    /// The levels of optimisation at which it is compiled.
    pub levels: Vec<OptLevel>,
    /// How far from CPython's bits a float may be, in units in the last place.
    pub ulp: u64,
    pub skips: Vec<Skip>,
    /// Answers are not compared with CPython's.
    pub ours: bool,
}

/// One call, as written.
#[derive(Clone, Debug)]
pub struct Run {
    pub line: usize,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Skip {
    pub judge: String,
    pub reason: String,
}

impl Case {
    /// Reads the directives of a source. A directive that cannot be read is an error, as it would test nothing.
    pub fn parse(name: &str, source: &str) -> Result<Case, String> {
        let mut case = Case {
            name: name.into(),
            source: source.into(),
            runs: vec![],
            lets: vec![],
            from_arguments: false,
            any_layout: false,
            levels: OptLevel::ALL.to_vec(),
            ulp: 0,
            skips: vec![],
            ours: false,
        };
        for (i, line) in source.lines().enumerate() {
            let Some((key, text)) = directive(line) else { continue };
            let bad = |why: &str| Err(format!("{name}:{}: {why}", i + 1));
            match key {
                "run" => case.runs.push(Run { line: i + 1, text: text.into() }),
                "let" => case.lets.push(text.into()),
                "levels" => {
                    let named = |name: &str| OptLevel::ALL.into_iter().find(|l| format!("{l:?}") == name);
                    match text.split_whitespace().map(named).collect::<Option<Vec<_>>>() {
                        Some(levels) if !levels.is_empty() => case.levels = levels,
                        _ => return bad("`levels` takes some of O0, O1, O2"),
                    }
                }
                "layout" if text == "any" => case.any_layout = true,
                "types" if text == "from-arguments" => case.from_arguments = true,
                "ulp" => match text.parse() {
                    Ok(ulp) => case.ulp = ulp,
                    Err(_) => return bad("`ulp` takes a whole number"),
                },
                "skip" => match text.split_once(' ') {
                    Some((judge, why)) if why.trim().len() > 4 => {
                        case.skips.push(Skip { judge: judge.into(), reason: why.trim().trim_matches('"').into() });
                    }
                    _ => return bad("`skip` takes a judge and a reason"),
                },
                "judges" if text == "ours" => case.ours = true,
                _ => return bad(&format!("there is no directive `{key}`")),
            }
        }
        Ok(case)
    }

    /// A judge of this name does not run the case.
    pub fn skips(&self, judge: &str) -> bool {
        self.skips.iter().any(|s| judge.starts_with(&s.judge))
    }
}

/// `# key: text` at the start of a line, for keys that are ours: one lower-case word.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (key, text) = line.strip_prefix("# ")?.split_once(": ")?;
    let ours =
        key.chars().all(|c| c.is_ascii_lowercase()) && !matches!(key, "gelcap" | "cython" | "type" | "note" | "tag");
    ours.then_some((key, text.trim()))
}

/// Every file with one of the extensions under a folder, sorted.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The cases of a folder whose path contains `GELCAP_FILTER`, if that is set.
pub fn cases(folder: &str) -> Result<Vec<Case>, Vec<String>> {
    let root = crate::root();
    let filter = std::env::var("GELCAP_FILTER").unwrap_or_default();
    let (mut cases, mut faults) = (Vec::new(), Vec::new());
    for path in files(&root.join(folder), "py") {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        if !name.contains(&filter) {
            continue;
        }
        let source = match fs::read_to_string(&path) {
            Ok(source) => source,
            Err(e) => {
                faults.push(format!("{name}: {e}"));
                continue;
            }
        };
        match Case::parse(&name, &source) {
            Ok(case) if case.runs.is_empty() => faults.push(format!("{name}: no run line, so it tests nothing")),
            Ok(case) => cases.push(case),
            Err(why) => faults.push(why),
        }
    }
    if faults.is_empty() { Ok(cases) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read() {
        let source = "# run: f(1) == 2\n# ulp: 1\n# skip: wasm \"no such thing\"\n# An aside: not ours\n# gelcap: export f(int)\n";
        let case = Case::parse("a.py", source).unwrap();
        assert_eq!((case.runs[0].line, case.runs[0].text.as_str()), (1, "f(1) == 2"));
        assert_eq!(case.ulp, 1);
        assert!(case.skips("wasm-O2") && !case.skips("native"));
        assert_eq!(case.skips[0].reason, "no such thing");
        assert!(Case::parse("a.py", "# rnu: f(1)\n").is_err());
        assert!(Case::parse("a.py", "# skip: wasm\n").is_err());
        assert!(Case::parse("a.py", "# ulp: one\n").is_err());
    }
}
