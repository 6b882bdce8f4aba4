//! The command as users run it: what it prints, where, and its exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own for a test, with a file in it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("gelcap-cli-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        fs::write(self.0.join(name), text).expect("a file of our own");
        self
    }

    /// Runs a command line in the folder.
    fn run(&self, line: &[&str]) -> Done {
        let output = Command::new(env!("CARGO_BIN_EXE_gelcap")).args(line).current_dir(&self.0).output();
        let output = output.expect("the command starts");
        Done {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Done {
    #[track_caller]
    fn gives(&self, code: i32, out: &str, err: &str) {
        assert_eq!((self.code, self.out.as_str(), self.err.as_str()), (Some(code), out, err));
    }

    /// Fails with an error that says this.
    #[track_caller]
    fn fails(&self, code: i32, pieces: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{}", self.err);
        for piece in pieces {
            assert!(self.err.contains(piece), "{piece} is not in\n{}", self.err);
        }
        assert!(!self.err.contains('\x1b'), "colors are for terminals");
    }
}

const KERNELS: &str = "\
# gelcap: export mul(int, float)
# gelcap: export fill(float64*, int), div(int, int)
def mul(n, x=0.5):
    return n * x

def fill(p, n):
    for i in range(n):
        p[i] = i * 2.0

def inner(a, b):
    return a // b, a % b

def div(a, b):
    return inner(a, b)
";

const BAD: &str = "#pythran export f(int)\ndef f(n):\n    return n + unknown\n";

#[test]
fn run_calls_on_both_targets() {
    let folder = Folder::new("run").file("k.py", KERNELS);
    for target in ["native", "wasm"] {
        let run = |args: &[&str]| folder.run(&[&["run", "--target", target, "k.py"], args].concat());
        run(&["mul", "3", "0.5"]).gives(0, "1.5\n", "");
        run(&["mul", "-3"]).gives(0, "-1.5\n", "");
        run(&["fill", "[9,9,9]", "2"]).gives(0, "p = [0.0, 2.0, 9.0]\n", "");
        run(&["div", "-7", "2"]).gives(0, "(-4, 1)\n", "");
        let traceback = "Traceback (most recent call last):\n  File \"k.py\", line 14, in div\n    return inner(a, b)\n  \
            File \"k.py\", line 11, in inner\n    return a // b, a % b\n\
            ZeroDivisionError: integer division or modulo by zero\n";
        run(&["div", "7", "0"]).gives(1, "", traceback);
        run(&["mul", "3", "abc"]).fails(1, &["argument `x`: `abc` is not a number"]);
        run(&["mul"]).fails(1, &["`mul` takes 2 arguments (n, x), and 0 were given"]);
        run(&["mull", "1"]).fails(1, &["no function `mull`", "did you mean `mul`?"]);
    }
    folder.run(&["run", "k.py", "inner", "7", "2", "--signature", "(int64, int64)"]).gives(0, "(3, 1)\n", "");
    folder.run(&["run", "k.py", "inner", "7", "2"]).fails(1, &["export inner(float, float)"]);
}

#[test]
fn check_reports_as_text_and_json() {
    let folder = Folder::new("check").file("bad.py", BAD).file("k.py", KERNELS).file("none.py", "def f(n): return n\n");
    folder.run(&["check", "bad.py"]).fails(1, &["error[undefined-name]", "bad.py:3:16", "return n + unknown"]);
    folder.run(&["check", "k.py"]).gives(0, "", "");
    let hint = "none.py: only the syntax was checked, as no function has a signature\n";
    folder.run(&["check", "none.py"]).gives(0, "", hint);
    let json = folder.run(&["check", "--format", "json", "k.py", "bad.py"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!((json.code, json.err.as_str()), (Some(1), ""));
    let label = &report["diagnostics"][0]["labels"][0];
    assert_eq!((&report["diagnostics"][0]["code"], &label["line"]), (&"undefined-name".into(), &3.into()));
    let two = Folder::new("two").file("two.py", "# gelcap: export f(int)\ndef f(n):\n    a = x\n    return y\n");
    let done = two.run(&["check", "two.py"]);
    done.fails(1, &["`x` is not defined", "`y` is not defined"]);
    assert!(done.err.ends_with("\n2 errors\n"), "{}", done.err);
}

#[test]
fn cython_becomes_python() {
    let text = "cdef int f(int n):\n    cdef int i, s = 0\n    for i in range(n):\n        s += i\n    return s\n";
    let python = "def f(n: int) -> int:\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n";
    let folder = Folder::new("cython").file("k.pyx", text).file("open.pyx", "x = &y\n");
    let found = folder.run(&["check", "k.pyx"]);
    assert_eq!((found.code, found.err.matches("error[cython-syntax]").count()), (Some(1), 2), "{found:?}");
    let shown = folder.run(&["check", "--fix", "-o", "-", "k.pyx"]);
    assert_eq!((shown.code, shown.out.as_str()), (Some(0), python));
    let fixed = folder.run(&["check", "--from", "cython", "--fix", "k.pyx"]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert!(fixed.err.starts_with("k.pyx: 2 lines rewritten to k.py\n"), "{fixed:?}");
    assert_eq!(fs::read_to_string(folder.0.join("k.py")).unwrap(), python);
    // Nothing is overwritten, and what cannot be rewritten is left and said.
    let again = folder.run(&["check", "--fix", "k.pyx"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("k.py exists and is not overwritten"), "{again:?}");
    let open = folder.run(&["check", "--fix", "open.pyx"]);
    assert_eq!(open.code, Some(1));
    assert!(open.err.contains("1 left to you") && open.err.contains("no addresses of variables"), "{open:?}");
    folder.run(&["check", "--fix", "k.py"]).fails(2, &["--from cython"]);
}

/// The listings of Cython's document, as `--fix` writes them, are kernels of the corpus and run on every judge.
#[test]
fn rewritten_listings_are_kernels_of_the_corpus() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    for name in ["plain", "typed", "buffer", "tuned"] {
        let folder = Folder::new(&format!("listing-{name}"));
        let source = tests.join(format!("cython/convolve_{name}.pyx"));
        let done = folder.run(&["check", "--from", "cython", "--fix", "-o", "-", &source.display().to_string()]);
        assert_eq!(done.code, Some(0), "{done:?}");
        let kernel = fs::read_to_string(tests.join(format!("kernels/cython/convolve_{name}.py"))).unwrap();
        assert!(kernel.starts_with(&done.out), "{name}: the kernel of the corpus is another\n{}", done.out);
    }
}

#[test]
fn build_writes_whole_files_or_none() {
    let capsule = "#pythran export capsule f(int32, float64*)\ndef f(n, x):\n    return x[0]\n";
    let folder = Folder::new("build").file("k.py", KERNELS).file("c.py", capsule).file("bad.py", BAD);
    let built = folder.run(&["build", "k.py", "c.py", "-o", "out", "--header", "--object", "--wasm"]);
    assert_eq!(built.code, Some(0), "{}", built.err);
    assert!(built.out.contains("out/c.abi3.so: f (capsule \"double (int, double *)\")\n"), "{}", built.out);
    let names = ["c.abi3.so", "c.h", "c.o", "c.pyi", "c.wasm", "k.abi3.so", "k.o", "k.pyi", "k.wasm"];
    assert_eq!(folder.names("out"), names);
    let starts =
        |name: &str, magic: &[u8]| fs::read(folder.0.join("out").join(name)).is_ok_and(|b| b.starts_with(magic));
    assert!(starts("c.abi3.so", b"\x7fELF") && starts("c.o", b"\x7fELF") && starts("c.wasm", b"\0asm"));
    folder.run(&["build", "k.py", "bad.py", "-o", "none"]).fails(1, &["bad.py:3"]);
    assert_eq!(folder.names("none"), [] as [&str; 0]);
    folder.run(&["build", "k.py", "-o", "/proc/nowhere"]).fails(1, &["/proc/nowhere"]);
    folder.run(&["build", "absent.py"]).fails(1, &["absent.py"]);
    folder.run(&["build", "k.py", "-o", "k.py"]).fails(1, &["k.py"]);
}

#[test]
fn build_says_what_it_needs() {
    let folder = Folder::new("needs")
        .file("none.py", "def f(n):\n    return n\n")
        .file("my-kernels.py", KERNELS)
        .file("two.py", "# gelcap: export f(int or float)\ndef f(n): return n\n")
        .file("float32.py", "#pythran export capsule f(int32, float32*)\ndef f(n, x): return x[0]\n");
    folder.run(&["build", "none.py"]).fails(1, &["none.py exports no function", "# gelcap: export f(float)"]);
    folder.run(&["build", "my-kernels.py"]).fails(1, &["my-kernels", "m_my_kernels.py"]);
    assert_eq!(folder.run(&["build", "two.py"]).code, Some(0));
    let float32 = ["SciPy passes `float64*`, not `float32*`", "write `f(int32, float64*)`"];
    folder.run(&["build", "float32.py"]).fails(1, &float32);
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let folder = Folder::new("same").file("k.py", KERNELS);
    for out in ["a", "b"] {
        assert_eq!(folder.run(&["build", "k.py", "-o", out, "--wasm", "--object"]).code, Some(0));
    }
    for name in ["k.abi3.so", "k.o", "k.wasm"] {
        let read = |out: &str| fs::read(folder.0.join(Path::new(out).join(name))).ok();
        assert!(read("a").is_some() && read("a") == read("b"), "{name}");
    }
}

#[test]
fn inspect_shows_every_stage() {
    let folder = Folder::new("inspect").file("k.py", KERNELS);
    let marks = [
        ("ast", "return (n * x)"),
        ("types", "def mul(n: int, x: float) -> float"),
        ("ir", "level loop"),
        ("wat", "(module"),
        ("clif", "gelcap_packed_mul"),
        ("asm", "gelcap_packed_mul"),
    ];
    for (stage, mark) in marks {
        let done = folder.run(&["inspect", "k.py", "mul", "--emit", stage]);
        assert!(done.code == Some(0) && done.out.contains(mark) && done.err.is_empty(), "{stage}: {done:?}");
    }
    let all = folder.run(&["inspect", "k.py", "--print-after", "all", "--time-passes"]);
    assert!(all.out.contains("; after lower-machine\nlevel machine\n") && all.err.contains("\ntotal "), "{all:?}");
    let some = folder.run(&["inspect", "k.py", "div", "--passes", "inline,fold"]);
    assert!(some.code == Some(0) && some.out.starts_with("level loop\n"), "{some:?}");
    folder.run(&["inspect", "k.py", "--passes", "inlin"]).fails(2, &["no pass `inlin`", "inline"]);
    folder.run(&["inspect", "k.py", "--emit", "wat", "--target", "native"]).fails(2, &["--target wasm"]);
}

#[test]
fn explain_doctor_demo_and_usage() {
    let folder = Folder::new("misc").file("k.py", KERNELS);
    let explained = folder.run(&["explain", "undefined-name"]);
    assert!(explained.code == Some(0) && explained.out.starts_with("undefined-name\n\nThe name"), "{explained:?}");
    assert!(folder.run(&["explain"]).out.lines().count() > 40);
    folder.run(&["explain", "undefined-nme"]).fails(1, &["did you mean `undefined-name`?"]);
    let doctor = folder.run(&["doctor"]);
    assert!(doctor.code == Some(0) && doctor.out.ends_with("everything works\n"), "{doctor:?}");
    folder.run(&["demo"]).fails(1, &["Python package"]);
    folder.run(&["frob"]).fails(2, &["frob"]);
    folder.run(&["build"]).fails(2, &["FILE"]);
    folder.run(&["build", "k.py", "-X", "boundchecks=False"]).fails(2, &["no option `boundchecks`", "`boundscheck`"]);
    if cfg!(target_arch = "aarch64") {
        folder.run(&["build", "k.py", "--cpu", "v2"]).fails(2, &["--cpu", std::env::consts::ARCH]);
    }
    folder.run(&["build", "k.py", "-O3"]).fails(2, &["-O"]);
    assert_eq!(folder.run(&["--version"]).out, format!("gelcap {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::new("pipe").file("k.py", KERNELS);
    let command = format!("'{}' inspect k.py --emit asm | head -c 1", env!("CARGO_BIN_EXE_gelcap"));
    let output = Command::new("sh").args(["-c", &command]).current_dir(&folder.0).output().expect("a shell");
    assert_eq!((output.stdout.len(), output.stderr.as_slice()), (1, &b""[..]));
}
