//! Random kernels: well-typed source text in the kernel language with calls to judge, the same for the same seed.
//!
//! Expressions are made to a wanted type ([`expr`]), statements end ([`stmt`]), indices stay inside their memory; apart
//! from that anything goes, also what raises. Divisors, shift counts and stores are mostly tamed, or few programs would
//! get past their first lines.

mod array;
mod expr;
pub mod rng;
pub mod shrink;
mod stmt;
mod ty;

use std::collections::BTreeMap;
use std::fmt::Write;

use gelcap_compiler::types::{Kind, Scalar};

use crate::case::Case;
pub use array::Cells;
use array::{Array, ArrayHelper};
use rng::Rng;
use ty::Ty;

/// How often each construct was made.
pub type Histogram = BTreeMap<&'static str, usize>;

/// A generated program, as a tree that can be made smaller.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    header: String,
    functions: Vec<FunctionText>,
    runs: Vec<String>,
    /// The only level of optimisation, for large programs.
    level: Option<&'static str>,
    /// It calls elementary functions, whose bits are ours and not CPython's.
    pub elementary: bool,
}

#[derive(Clone, Debug)]
struct FunctionText {
    head: String,
    body: Vec<Stmt>,
    result: String,
}

impl FunctionText {
    fn name(&self) -> &str {
        self.head.trim_start_matches("def ").split('(').next().unwrap_or_default()
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.head);
        self.body.iter().for_each(|s| s.write(4, &mut text));
        let _ = writeln!(text, "    return {}", self.result);
        text
    }
}

/// A line, or a compound statement as clauses of a head and a body.
#[derive(Clone, Debug)]
pub enum Stmt {
    Line(String),
    Block(Vec<(String, Vec<Stmt>)>),
}

impl Stmt {
    fn block(head: String, body: Vec<Stmt>) -> Stmt {
        Stmt::Block(vec![(head, body)])
    }

    fn write(&self, indent: usize, out: &mut String) {
        match self {
            Stmt::Line(line) => {
                let _ = writeln!(out, "{:indent$}{line}", "");
            }
            Stmt::Block(clauses) => {
                for (head, body) in clauses {
                    let _ = writeln!(out, "{:indent$}{head}", "");
                    if body.is_empty() {
                        let _ = writeln!(out, "{:indent$}    pass", "");
                    }
                    body.iter().for_each(|s| s.write(indent + 4, out));
                }
            }
        }
    }
}

impl Source {
    /// The program as a case for the judges.
    pub fn case(&self) -> Case {
        let mut text = self.header.clone();
        for f in &self.functions {
            let _ = write!(text, "\n\n{}", f.text());
        }
        text.push_str("\n\n");
        for run in &self.runs {
            let _ = writeln!(text, "# run: {run}");
        }
        // NumPy orders new arrays as its operands' strides suggest, which types do not tell.
        text.push_str("# layout: any\n");
        if let Some(level) = self.level {
            let _ = writeln!(text, "# levels: {level}");
        }
        if self.elementary {
            text.push_str("# judges: ours\n");
        }
        Case::parse(&self.name, &text).expect("generated directives are right")
    }
}

/// A function that later ones call.
#[derive(Clone, Debug)]
struct Helper {
    name: String,
    params: Vec<(String, Ty)>,
    has_default: bool,
    result: Ty,
}

#[derive(Clone, Debug)]
struct Pointer {
    name: String,
    element: Scalar,
    len: usize,
}

impl Pointer {
    /// Elements come out as Python scalars.
    fn element_ty(&self) -> Ty {
        match self.element.kind() {
            Kind::Bool => Ty::Bool,
            Kind::Float => Ty::Float,
            Kind::Signed | Kind::Unsigned => Ty::Int,
        }
    }

    /// A mask that makes any int fit, for integers below 64 bits.
    fn range(&self) -> Option<i128> {
        let narrow = self.element.is_int() && self.element != Scalar::I64;
        self.element.int_range().filter(|_| narrow).map(|(_, high)| high.min(i64::MAX as i128))
    }
}

/// What is known while a program is being made.
struct Generator {
    rng: Rng,
    variables: Vec<(String, Ty)>,
    pointers: Vec<Pointer>,
    helpers: Vec<Helper>,
    histogram: Histogram,
    loops: usize,
    names: usize,
    elementary: bool,
    /// Programs with arrays: those in scope, the functions that take some, lengths and dtypes to choose from.
    arrays: Vec<Array>,
    array_helpers: Vec<ArrayHelper>,
    lengths: Vec<usize>,
    dtypes: Vec<Scalar>,
    /// Counters, and what they stay below.
    bounded: Vec<(String, usize)>,
    cells: Cells,
}

/// What programs are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    Scalars,
    Arrays,
    /// One or the other.
    Any,
}

/// What a program is made of.
pub struct Made {
    pub constructs: Histogram,
    pub cells: Cells,
}

/// The program of a seed, and what it is made of.
pub fn program(seed: u64, topic: Topic) -> (Source, Made) {
    let mut rng = Rng::new(seed);
    let arrays = match topic {
        Topic::Scalars => false,
        Topic::Arrays => true,
        Topic::Any => rng.percent(65),
    };
    let elementary = !arrays && rng.percent(12);
    let mut g = Generator {
        rng,
        variables: vec![],
        pointers: vec![],
        helpers: vec![],
        histogram: Histogram::new(),
        loops: 0,
        names: 0,
        elementary,
        arrays: vec![],
        array_helpers: vec![],
        lengths: vec![],
        dtypes: vec![],
        bounded: vec![],
        cells: Cells::default(),
    };
    let mut functions = Vec::new();
    for k in 0..g.rng.below(if arrays { 2 } else { 3 }) {
        functions.push(g.helper(k));
    }
    if arrays {
        g.start_arrays();
        for k in 0..g.rng.below(3) {
            functions.push(g.array_helper(k));
        }
    }
    let (kernel, types) = g.kernel(arrays);
    let runs = (0..5).map(|_| g.run(&types)).collect();
    let spelled: Vec<String> = types.iter().map(Parameter::spelling).collect();
    let header = format!("import math\n\nimport numpy as np\n\n# gelcap: export kernel({})\n", spelled.join(", "));
    functions.push(kernel);
    // Programs with arrays take long to compile: each is optimised differently.
    let level = arrays.then(|| ["O2", "O0", "O2", "O1"][(seed % 4) as usize]);
    let name = format!("random-{seed}.py");
    let source = Source { name, header, functions, runs, level, elementary: g.elementary };
    (source, Made { constructs: g.histogram, cells: g.cells })
}

enum Parameter {
    Scalar(Ty),
    Pointer(Scalar, usize),
    Array(Array),
}

impl Parameter {
    fn spelling(&self) -> String {
        match self {
            Parameter::Scalar(ty) => ty.spelling(),
            Parameter::Pointer(element, _) => format!("{}*", element.dtype_name()),
            Parameter::Array(array) => array.spelling(),
        }
    }
}

impl Generator {
    fn count(&mut self, what: &'static str) {
        *self.histogram.entry(what).or_default() += 1;
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// A few variables of random types, initialised.
    fn locals(&mut self, count: usize) -> Vec<Stmt> {
        let mut body = Vec::new();
        for _ in 0..count {
            let ty = Ty::random(&mut self.rng);
            let value = self.expr(ty, 1);
            let name = self.fresh("v");
            body.push(Stmt::Line(format!("{name} = {value}")));
            self.variables.push((name, ty));
        }
        body
    }

    fn helper(&mut self, number: usize) -> FunctionText {
        let params: Vec<(String, Ty)> =
            (0..1 + self.rng.below(3)).map(|k| (format!("a{k}"), Ty::random(&mut self.rng))).collect();
        let result = Ty::random(&mut self.rng);
        // Defaults are Python scalars.
        let has_default = params.last().is_some_and(|(_, t)| matches!(t, Ty::Int | Ty::Float)) && self.rng.percent(40);
        self.variables = params.clone();
        let recursive = params[0].1 == Ty::Int && self.rng.percent(25);
        // What stands first can name parameters alone.
        let base = self.expr(result, 1);
        let mut body = self.locals(1);
        let size = 1 + self.rng.below(3);
        body.extend(self.block(size, 2));
        if self.rng.percent(30) {
            self.count("early return");
            let (test, value) = (self.test(2), self.expr(result, 2));
            body.push(Stmt::block(format!("if {test}:"), vec![Stmt::Line(format!("return {value}"))]));
        }
        let name = format!("helper{number}");
        if recursive {
            self.count("recursion");
            body.insert(0, Stmt::block("if a0 <= 0:".into(), vec![Stmt::Line(format!("return {base}"))]));
            let mut args = vec!["a0 % 7 - 1".to_string()];
            for (_, ty) in &params[1..] {
                args.push(self.expr(*ty, 1));
            }
            let call = format!("return {name}({})", args.join(", "));
            let test = self.expr(Ty::Bool, 1);
            body.push(Stmt::block(format!("if {test}:"), vec![Stmt::Line(call)]));
        }
        let value = self.expr(result, 3);
        let last = params.len() - 1;
        let spelled: Vec<String> = params
            .iter()
            .enumerate()
            .map(|(k, (name, ty))| match k == last && has_default {
                true => format!("{name}={}", ty.small(&mut self.rng)),
                false => name.clone(),
            })
            .collect();
        let head = format!("def {name}({}):", spelled.join(", "));
        self.helpers.push(Helper { name, params, has_default, result });
        FunctionText { head, body, result: value }
    }

    fn kernel(&mut self, arrays: bool) -> (FunctionText, Vec<Parameter>) {
        self.variables.clear();
        let (mut params, mut names) = (Vec::new(), Vec::new());
        for _ in 0..1 + self.rng.below(4) {
            let ty = Ty::random(&mut self.rng);
            let name = self.fresh("x");
            self.variables.push((name.clone(), ty));
            names.push(name);
            params.push(Parameter::Scalar(ty));
        }
        let mut given = Vec::new();
        if arrays {
            given = self.array_parameters();
            names.extend(given.iter().map(|a| a.name.clone()));
            params.extend(given.iter().cloned().map(Parameter::Array));
        }
        for _ in 0..self.rng.below(if arrays { 1 } else { 3 }) {
            let element = *self.rng.pick(&Scalar::ALL);
            let len = 1 + self.rng.below(6);
            let name = self.fresh("p");
            self.pointers.push(Pointer { name: name.clone(), element, len });
            names.push(name);
            params.push(Parameter::Pointer(element, len));
        }
        let count = 2 + self.rng.below(4);
        let mut body = self.locals(count);
        if arrays {
            let count = 1 + self.rng.below(3);
            self.array_locals(count, &mut body);
        }
        let size = 3 + self.rng.below(6);
        body.extend(self.block(size, 0));
        let mut result: Vec<String> = self.variables.iter().map(|(name, _)| name.clone()).collect();
        // Arguments are compared anyway.
        let made = self.arrays.iter().filter(|a| given.iter().all(|g| g.name != a.name));
        result.extend(made.map(|a| a.name.clone()));
        let result = format!("({},)", result.join(", "));
        (FunctionText { head: format!("def kernel({}):", names.join(", ")), body, result }, params)
    }

    fn run(&mut self, params: &[Parameter]) -> String {
        let arrays: Vec<Array> =
            params.iter().filter_map(|p| if let Parameter::Array(a) = p { Some(a.clone()) } else { None }).collect();
        let mut arrays = self.array_arguments(&arrays).into_iter();
        let args: Vec<String> = params
            .iter()
            .map(|p| match p {
                Parameter::Array(_) => arrays.next().unwrap_or_default(),
                Parameter::Scalar(ty) => ty.value(&mut self.rng),
                Parameter::Pointer(element, len) => {
                    let values: Vec<String> = (0..*len).map(|_| Ty::Np(*element).value(&mut self.rng)).collect();
                    format!("ptr({}, [{}])", element.dtype_name(), values.join(", "))
                }
            })
            .collect();
        format!("kernel({})", args.join(", "))
    }
}
