use super::*;
use crate::artifact::{ParamType, ResultType};
use crate::back::{CpuLevel, Target};
use crate::options::Limits;
use crate::passes::Quiet;
use crate::types::Scalar;
use live::LiveValue;

fn options() -> Options {
    Options::new(Target::x86_64(CpuLevel::V2))
}

/// What a request becomes: a line per kernel, or per fault its code and message.
fn outcome(request: &Request) -> Vec<String> {
    match compile(request, &options(), &mut Quiet) {
        Ok(compiled) => compiled.artifact.exports.iter().map(shown).collect(),
        Err(Failure::Diagnostics { diagnostics, .. }) => {
            diagnostics.iter().map(|d| format!("{}: {}", d.code, d.message)).collect()
        }
        Err(Failure::Internal(error)) => vec![error.to_string()],
    }
}

fn shown(export: &Export) -> String {
    let param = |ty: ParamType| match ty {
        ParamType::None => "None".to_owned(),
        ParamType::Array(array) => array.to_string(),
        ParamType::Scalar(s) => s.dtype_name().to_owned(),
        ParamType::Pointer { element, writable } => {
            let element = element.map_or("void", Scalar::dtype_name);
            format!("{}{element}*", if writable { "" } else { "const " })
        }
    };
    let params: Vec<String> = export
        .params
        .iter()
        .map(|p| param(p.ty) + &p.default.map_or_else(String::new, |d| format!("={}", d as i64)))
        .collect();
    let result = match &export.result {
        ResultType::None => "None".to_owned(),
        ResultType::Scalar { scalar, numpy } => {
            format!("{}{}", if *numpy { "np." } else { "" }, scalar.dtype_name())
        }
        ResultType::Either { python, numpy } => format!("{} or np.{}", python.dtype_name(), numpy.dtype_name()),
        ResultType::Array(array) => array.to_string(),
        ResultType::Tuple(items) => format!("{} items", items.len()),
    };
    let c = export.c.as_ref().map_or_else(String::new, |c| format!(" {:?}", c.capsule.as_deref().unwrap_or_default()));
    format!("{}({}) -> {result}{c}", export.name, params.join(", "))
}

fn text(source: &str) -> Request {
    Request::text("k.py", source)
}

#[track_caller]
fn gives(request: Request, expected: &[&str]) {
    assert_eq!(outcome(&request), expected);
}

#[test]
fn the_notation_says_who_calls() {
    let f = || text("def f(x):\n    return x * 2\n");
    gives(f().signature("double (double)"), &["f(float64) -> float64 \"double (double)\""]);
    gives(f().signature("float64(float64)"), &["f(float64) -> np.float64"]);
    gives(f().signature("float64(float64)").mode(Mode::C), &["f(float64) -> float64 \"double (double)\""]);
    gives(f().signature("f(float)"), &["f(float64) -> float64"]);
    gives(f().signature("f(int or float)"), &["f(int64) -> int64", "f(float64) -> float64"]);
    gives(f().signature("[float32(float32), int8(int8)]"), &["f(float32) -> np.float32", "f(int8) -> np.int8"]);
    let overloads = f().signature("double (double)").signature("int (int)");
    gives(overloads, &["capsule-overload: `f` is a C function and has more than one signature"]);
    gives(f().signature("g(float)"), &["no-function: the source defines no function `g` at its top level"]);
    gives(f().kernel("f").signature("g(float)"), &["signature-mismatch: the signature is that of `g`"]);
}

/// `None` takes no parameter of the kernel: those behind it are asked about in their own places.
#[test]
fn what_is_stored_into_is_found_behind_none() {
    let copies = text("def f(w, out, a):\n    out[0] = a[0] if w is None else w[0]\n");
    gives(
        copies.signature("void(float64[:] | None, float64[:], float64[:])"),
        &["f(const float64[:], float64[:], const float64[:]) -> None", "f(None, float64[:], const float64[:]) -> None"],
    );
}

#[test]
fn overloads_have_symbols_of_their_own() {
    let compiled = compile(&text("def f(x): return x\n").signature("f(int or float)"), &options(), &mut Quiet);
    let Ok(compiled) = compiled else { panic!("it compiles") };
    let symbols: Vec<&str> = compiled.artifact.exports.iter().map(|e| e.packed.as_str()).collect();
    assert_eq!(symbols, ["gelcap_packed_f", "gelcap_packed_f$1"]);
}

#[test]
fn the_source_may_declare() {
    let exported = "#pythran export capsule f(int32, float64*, float64*)\n# gelcap: export g(float), h\n\
        def h(a: int, b: float = 2.0) -> float:\n    return a * b\n\
        def f(n, x, c):\n    return c[0] + x[0]\ndef g(y): return y\ndef not_exported(y): return y\n";
    let (f, g) = (
        "f(int32, const float64*, const float64*) -> float64 \"double (int, double *, void *)\"",
        "g(float64) -> float64",
    );
    let h = format!("h(int64, float64={}) -> float64", 2f64.to_bits() as i64);
    gives(text(exported), &[&h, f, g]);
    gives(text(exported).exports(), &[&h, f, g]);
    gives(text(exported).kernel("g"), &[g]);
    let missing = "signature-missing: the types of `not_exported`'s parameters are not known";
    gives(text(exported).kernel("not_exported"), &[missing]);
    let decorated = "import gelcap\nfrom gelcap import types\n@gelcap.cfunc('double (int, double *)')\ndef f(n, x): return x[n]\n\
        @gelcap.jit([\"float64(int32)\", types.float32(types.int8)])\ndef g(n): return n\n\
        def plot(axes: 'Axes', other): pass\n";
    let all = [
        "f(int32, const float64*) -> float64 \"double (int, double *)\"",
        "g(int32) -> np.float64",
        "g(int8) -> np.float32",
    ];
    gives(text(decorated), &all);
    gives(text(decorated).exports(), &["no-function: k.py exports no function"]);
    gives(text("def f(x: int): return x\ndef f(x: float): return x\n"), &["f(float64) -> float64"]);
}

#[test]
fn cythons_pure_notation_declares_types() {
    let head = "import cython\n";
    // C's numbers are Python's own to Python and C's to C; helpers of C alone are no kernels.
    let source = "@cython.locals(x=cython.float)\n@cython.returns(cython.double)\ndef f(n: cython.int, x):\n    return n * x\n\
        @cython.cfunc\ndef g(n: cython.int):\n    return n\n";
    gives(text(&format!("{head}{source}")).exports(), &["f(int64, float64) -> float64"]);
    let capsule = format!("{head}# gelcap: export capsule f\n{source}");
    gives(text(&capsule).exports(), &["f(int32, float32) -> float64 \"double (int, float)\""]);
    // Without Cython, only comments export.
    gives(text("def f(n: int):\n    return n\n").exports(), &["no-function: k.py exports no function"]);
}

#[test]
fn pointers_are_writable_if_the_kernel_writes() {
    let source = "# gelcap: export f(float64*, float64*, float64*, float64*, int)\n\
        def store(p, n): p[n] = 1.0\n\
        def load(p, n): return p[n] if n < 3 else load(p, n - 1)\n\
        def f(a, b, c, d, n):\n    store(a, n)\n    if n > 0:\n        c[0] = b[0]\n    return load(d, n)\n";
    gives(text(source), &["f(float64*, const float64*, float64*, const float64*, int64) -> float64"]);
}

#[test]
fn capsules_are_named_as_scipy_compares() {
    let capsule = |signature: &str, body: &str| {
        let params = ["a", "b", "c", "d"][..signature.matches(',').count() + 1].join(", ");
        text(&format!("#pythran export capsule f({signature})\ndef f({params}):\n    {body}\n"))
    };
    let filter = "float64*, int64, float64*, float64*";
    let status =
        "f(const float64*, int64, float64*, const float64*) -> int32 \"int (double *, npy_intp, double *, void *)\"";
    gives(capsule(filter, "c[0] = a[0]; return 1"), &[status]);
    gives(capsule(filter, "c[0] = a[0]; return True"), &[status]);
    let none =
        "scipy-signature: ndimage.generic_filter wants a callback that returns `int32`, and this one returns `None`";
    gives(capsule(filter, "c[0] = a[0]"), &[none]);
    gives(capsule("float64", "return 1"), &["f(float64) -> float64 \"double (double)\""]);
    // What SciPy has no use for, others may have.
    gives(capsule("float64, float64", "return a"), &["f(float64, float64) -> float64 \"double (double, double)\""]);
    gives(capsule("float64", "pass"), &["f(float64) -> None \"void (double)\""]);
    let float32 = "scipy-signature: no function of SciPy takes a callback `f(int32, float32*)`";
    gives(capsule("int32, float32*", "return b[0]"), &[float32]);
    gives(capsule("float64", "return a, a"), &["c-type: `f` returns tuple[float, float], which no C function can"]);
}

#[test]
fn extents_come_from_the_callback() {
    let source = "def f(n, x):\n    return x[5]\n";
    let mut request = text(source).kernel("f").signature("double (int, double *)");
    request.callback = Some("nquad".to_owned());
    gives(request.clone(), &["f(int32, const float64*) -> float64 \"double (int, double *)\""]);
    let sites = |request: &Request| match compile(request, &options(), &mut Quiet) {
        Ok(compiled) => compiled.artifact.sites.iter().map(|s| s.exception.name()).collect::<Vec<_>>(),
        Err(_) => Vec::new(),
    };
    assert_eq!(sites(&request), ["IndexError"]);
    request.callback = None;
    assert_eq!(sites(&request), [] as [&str; 0]);
    request.callback = Some("generic_filter".to_owned());
    gives(
        request.clone(),
        &["scipy-signature: a callback of `generic_filter` is `int (double *, npy_intp, double *, void *)`"],
    );
    request.callback = Some("minimize".to_owned());
    gives(request, &["scipy-signature: SciPy has no function `minimize` that takes a callback"]);
}

#[test]
fn options_of_comments_decorators_and_callers() {
    let sites = |source: &str, settings: &[(OptionName, OptionValue)]| {
        let mut request = text(source);
        request.settings = settings.to_vec();
        match compile(&request, &options(), &mut Quiet) {
            Ok(compiled) => compiled.artifact.sites.len(),
            Err(failure) => panic!("{failure:?}"),
        }
    };
    let plain = "# gelcap: export f(int), g(int)\ndef f(n):\n    return n + 1\ndef g(n):\n    return n + 2\n";
    let off = [(OptionName::Overflow, OptionValue::Bool(false))];
    let on = [(OptionName::Overflow, OptionValue::Bool(true))];
    assert_eq!((sites(plain, &[]), sites(plain, &off)), (2, 0));
    let file = format!("# gelcap: overflow=False\n{plain}");
    assert_eq!((sites(&file, &[]), sites(&file, &on)), (0, 2));
    let one = plain.replace("def g(n):", "def g(n):  # gelcap: overflow=False");
    assert_eq!(sites(&one, &[]), 1);
    let decorated = plain.replace("def g", "@gelcap.jit(overflow=False)\ndef g");
    assert_eq!(sites(&decorated, &[]), 1);
}

#[test]
fn what_is_missing_is_said() {
    gives(text(""), &["no-function: k.py has no function to compile"]);
    gives(text("").kernel("f"), &["no-function: k.py has no function to compile"]);
    gives(text("def f(x): return x\n"), &["no-function: no function of k.py has a signature"]);
    gives(
        text("def f(x): return x\n").mode(Mode::C).kernel("f"),
        &["signature-missing: `f` needs the signature of the C function"],
    );
    gives(
        text("def f(): pass\ndef g(): pass\n").signature("void ()"),
        &["no-function: the source has several functions: f, g"],
    );
    gives(text("def f(x:\n").kernel("g"), &["unclosed-bracket: `(` is never closed"]);
    gives(
        Request::text("k.py", b"\xff".to_vec()),
        &["source-encoding: k.py, line 1: the byte 0xff is not valid UTF-8"],
    );
    gives(text("def f(x): return x\n").signature("float65(float64)"), &["unknown-type: there is no type `float65`"]);
}

fn live(name: &str, text: &str, names: &[(&str, LiveValue)]) -> LiveFunction {
    LiveFunction {
        name: name.to_owned(),
        file: "<ipython-input-1>".to_owned(),
        first_line: 40,
        text: text.to_owned(),
        head: String::new(),
        names: names.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        defaults: Vec::new(),
    }
}

#[test]
fn live_functions_know_their_names() {
    let member = |module: &str, name: &str| LiveValue::Member { module: module.to_owned(), name: name.to_owned() };
    let numpy = LiveValue::Numpy { dtype: "float64".to_owned(), bytes: 0.5f64.to_le_bytes().to_vec() };
    let names = [
        ("g", LiveValue::Function(1)),
        ("exp", member("math", "exp")),
        ("np", LiveValue::Module("numpy".to_owned())),
        ("half", numpy),
        ("big", LiveValue::Int("1".repeat(60))),
        ("ValueError", LiveValue::Exception("ValueError".to_owned())),
    ];
    let f = live(
        "f",
        "    @jit\n    def f(x):\n        if x < 0: raise ValueError('x')\n        return g(exp(x)) + np.sqrt(half)\n",
        &names,
    );
    let g = live(
        "g",
        "def g(y):\n    return y + K[1]\n",
        &[("K", LiveValue::Tuple(vec![LiveValue::None, LiveValue::Float(1.0)]))],
    );
    let mut request = Request::functions(vec![f.clone(), g]);
    request.arguments = Some(vec![Type::PyFloat]);
    gives(request.clone(), &["f(float64) -> np.float64"]);
    request.arguments = Some(vec![Type::Np(Scalar::F64), Type::PyInt]);
    gives(request, &["signature-mismatch: the signature has 2 parameters, `f` takes 1"]);
    let unknown = live("f", "    def f(x):\n        return x + big\n", &names);
    let mut request = Request::functions(vec![unknown]);
    request.arguments = Some(vec![Type::PyInt]);
    let Err(Failure::Diagnostics { diagnostics, sources }) = compile(&request, &options(), &mut Quiet) else {
        panic!("`big` is no constant that a kernel can use")
    };
    let (start, _) = diagnostics[0].span().and_then(|span| sources.positions(span)).expect("a place");
    assert_eq!((start.line, start.column), (41, 19), "{diagnostics:?}");
    let lambda = Request::functions(vec![live("<lambda>", "f = lambda x: x\n", &[])]);
    gives(lambda, &["source-missing: the source of `<lambda>` is no function definition"]);
    gives(Request::functions(Vec::new()), &["no-function: there is no function to compile"]);
}

#[test]
fn stages_are_text() {
    let request = text("# gelcap: export f(int)\ndef f(n):\n    m = n * 2\n    return m\n");
    let listed = |stage: Stage| match list(&request, &options(), &stage, &mut Quiet) {
        Ok(text) => text,
        Err(failure) => panic!("{failure:?}"),
    };
    assert_eq!(listed(Stage::Ast), "def f(n):\n  m = (n * 2)\n  return m\n");
    assert_eq!(listed(Stage::Types), "def f(n: int) -> int\n    m: int\n");
    assert!(listed(Stage::Ir).starts_with("level loop\n") && listed(Stage::MachineIr).starts_with("level machine\n"));
    assert!(listed(Stage::Passes(vec!["lower-machine".to_owned()])).starts_with("level machine\n"));
    assert!(listed(Stage::Clif).contains("gelcap_packed_f"));
}

/// Plants a fault in a pass, as no user can.
struct Faulty(&'static str);

impl Observer for Faulty {
    fn before(&mut self, pass: &'static str, _: &Module) {
        assert!(pass != self.0, "planted in {pass}");
    }
}

#[test]
fn a_panic_in_a_pass_is_a_fault_of_ours() {
    let request = text("# gelcap: export f(float)\ndef f(x):\n    return x + 1.0\n");
    let internal = |outcome: Result<(), Failure>| match outcome {
        Err(Failure::Internal(error)) => error,
        other => panic!("{other:?}"),
    };
    let faults = [
        compile(&request, &options(), &mut Faulty("lower-machine")).map(drop),
        extension(&request, &options(), "k", &mut Faulty("lower-machine")).map(drop),
        list(&request, &options(), &Stage::MachineIr, &mut Faulty("lower-machine")).map(drop),
        list(&request, &options(), &Stage::Passes(vec!["lower-machine".into()]), &mut Faulty("lower-machine"))
            .map(drop),
    ];
    for error in faults.map(internal) {
        assert_eq!((error.stage.as_str(), error.pass.as_deref()), ("passes", Some("lower-machine")));
        assert!(error.message.starts_with("planted in lower-machine (compiler/src/request/tests.rs:"), "{error}");
        assert_eq!(error.to_string().lines().count(), 2);
    }
    // The process goes on.
    assert!(compile(&request, &options(), &mut Faulty("none")).is_ok());
}

#[test]
fn a_panic_in_the_front_end_names_the_line_of_the_kernel() {
    struct NoLibrary;
    impl front::MathLibrary for NoLibrary {
        fn function(&mut self, _: &mut Module, name: &str) -> Option<FuncId> {
            panic!("planted in {name}")
        }
    }
    let source = "# gelcap: export f(float)\nimport math\ndef f(x):\n    y = x\n    return math.sin(y)\n";
    let request = text(source);
    let mut input = Input::read(&request, &options()).unwrap();
    let wanted = select::wanted(&request, &mut input);
    let specs: Vec<KernelSpec> = wanted.iter().map(|w| w.spec("f")).collect();
    let error = front_end_with(&mut NoLibrary, &mut input, &specs).unwrap_err();
    assert_eq!((error.stage.as_str(), error.place.as_deref()), ("front", Some("k.py:5")));
    assert!(error.message.starts_with("planted in sin"));
}

#[test]
fn every_door_is_guarded() {
    let error = door(|| -> Result<(), Failure> { panic!("planted") });
    assert!(matches!(error, Err(Failure::Internal(error)) if error.stage == "request"));
}

#[test]
fn what_a_compilation_may_take_is_limited() {
    let limited = |limits: Limits, text: &str| {
        let mut options = options();
        options.limits = limits;
        match compile(&Request::text("k.py", text), &options, &mut Quiet) {
            Ok(_) => "compiled".to_owned(),
            Err(Failure::Diagnostics { diagnostics, .. }) => {
                format!("{}: {}", diagnostics[0].code, diagnostics[0].message)
            }
            Err(Failure::Internal(error)) => error.to_string(),
        }
    };
    let text = "#pythran export f(int)\ndef f(n):\n    return g(n) + g(n + 1)\n\ndef g(n):\n    return n * n * n\n";
    assert_eq!(limited(Limits::NONE, text), "compiled");
    let enough = Limits { source: 200, ir: 500, work: 10_000 };
    assert_eq!(limited(enough, text), "compiled");
    let short = limited(Limits { source: 50, ..enough }, text);
    assert!(short.starts_with("program-too-large: the source is too large: it has 92 bytes, and 50"), "{short}");
    let small = limited(Limits { ir: 10, ..enough }, text);
    assert!(small.starts_with("program-too-large: the program is too large: it takes "), "{small}");
    let lazy = limited(Limits { work: 100, ..enough }, text);
    assert!(lazy.contains("compiling it takes more than 100 steps"), "{lazy}");
}
