//! Random kernels with arrays: what is known of them while a program is made, and the arguments of its runs.
//!
//! The generator knows every shape, so it makes what fits: views ([`view`]), values ([`value`]), statements ([`stmt`]).
//! Runs then pass the same shapes in every layout, overlapping ones among them. What is meant to raise (an index outside,
//! shapes that do not fit) is rare.

mod stmt;
mod value;
mod view;

use std::collections::BTreeMap;

use gelcap_compiler::types::{Kind, Scalar};

use super::rng::Rng;
use super::ty::Ty;
use super::{FunctionText, Generator, Stmt};

/// What is known of the order of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Layout {
    C,
    F,
    Strided,
}

impl Layout {
    const ALL: [Layout; 3] = [Layout::C, Layout::F, Layout::Strided];

    fn name(self) -> &'static str {
        match self {
            Layout::C => "C",
            Layout::F => "F",
            Layout::Strided => "strided",
        }
    }
}

/// A variable that is an array.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) dtype: Scalar,
    pub(super) shape: Vec<usize>,
    pub(super) layout: Layout,
    /// Programs may store into it: no argument of a run is read-only.
    pub(super) writable: bool,
}

impl Array {
    pub(super) fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// As export comments spell its type.
    pub(super) fn spelling(&self) -> String {
        let rank = self.shape.len();
        let axis = |k: usize| match self.layout {
            Layout::C if k + 1 == rank => "::1",
            Layout::F if k == 0 => "::1",
            Layout::C | Layout::F => ":",
            // In Pythran's notation, which export comments have, `:` alone means contiguous.
            Layout::Strided => "::",
        };
        let axes: Vec<&str> = (0..rank).map(axis).collect();
        let name = Ty::Np(self.dtype).spelling();
        if rank == 0 { format!("{name}[()]") } else { format!("{name}[{}]", axes.join(", ")) }
    }
}

/// A function with arrays among its parameters.
#[derive(Clone, Debug)]
pub(super) struct ArrayHelper {
    name: String,
    arrays: Vec<Array>,
    scalars: Vec<Ty>,
    result: Array,
}

/// How often each construct met each dtype, rank and layout, and these each other.
#[derive(Clone, Default, Debug)]
pub struct Cells {
    counts: BTreeMap<(String, String), usize>,
    constructs: BTreeMap<&'static str, usize>,
}

impl Cells {
    fn meet(&mut self, a: impl Into<String>, b: impl Into<String>) {
        *self.counts.entry((a.into(), b.into())).or_default() += 1;
    }

    fn record(&mut self, construct: &'static str, array: &Array) {
        *self.constructs.entry(construct).or_default() += 1;
        let (dtype, layout) = (array.dtype.dtype_name(), array.layout.name());
        let rank = format!("rank {}", array.shape.len());
        self.meet(construct, dtype);
        self.meet(construct, rank.clone());
        self.meet(construct, layout);
        self.meet(dtype, rank.clone());
        self.meet(dtype, layout);
        self.meet(rank, layout);
    }

    pub fn add(&mut self, other: &Cells) {
        for ((a, b), n) in &other.counts {
            *self.counts.entry((a.clone(), b.clone())).or_default() += n;
        }
        for (what, n) in &other.constructs {
            *self.constructs.entry(what).or_default() += n;
        }
    }

    /// A table of all crossings, and those that never came up though they could.
    pub fn table(&self) -> (String, Vec<String>) {
        let dtypes: Vec<String> = Scalar::ALL.iter().map(|s| s.dtype_name().to_string()).collect();
        let ranks: Vec<String> = (0..=4).map(|r| format!("rank {r}")).collect();
        let layouts: Vec<String> = Layout::ALL.iter().map(|l| l.name().to_string()).collect();
        let columns: Vec<&String> = dtypes.iter().chain(&ranks).chain(&layouts).collect();
        let mut rows: Vec<String> = CONSTRUCTS.iter().map(|(what, _)| (*what).to_string()).collect();
        rows.extend(self.constructs.keys().filter(|k| !CONSTRUCTS.iter().any(|(c, _)| c == *k)).map(|k| (*k).into()));
        rows.extend(dtypes.iter().chain(&ranks).cloned());
        let (mut text, mut empty) = (String::new(), Vec::new());
        text.push_str(&format!("{:>14}", ""));
        columns.iter().for_each(|c| text.push_str(&format!(" {c:>7}")));
        for row in &rows {
            text.push_str(&format!("\n{row:>14}"));
            for column in &columns {
                let n = self.counts.get(&(row.clone(), (*column).clone())).copied().unwrap_or_default();
                let possible = possible(row, column);
                if n == 0 && possible {
                    empty.push(format!("{row} x {column}"));
                }
                text.push_str(&if possible || n > 0 { format!(" {n:>7}") } else { format!(" {:>7}", "-") });
            }
        }
        (text, empty)
    }
}

/// What a construct cannot have: dtypes, or ranks below a least one.
#[derive(Clone, Copy)]
enum Except {
    Nothing,
    Below(u32),
    /// Bools, whose `-` and the like do not exist, and ranks below.
    Bool(u32),
    /// All but floats.
    Ints(u32),
    /// All but rank 1.
    NotVectors,
}

/// Every construct that is counted.
const CONSTRUCTS: [(&str, Except); 27] = [
    ("element", Except::Nothing),
    ("element store", Except::Nothing),
    ("element aug", Except::Bool(1)),
    ("outside", Except::Below(1)),
    ("view", Except::Below(1)),
    ("slice", Except::Below(1)),
    ("index view", Except::Below(2)),
    ("newaxis", Except::Nothing),
    ("transpose", Except::Below(2)),
    ("rebind", Except::Below(1)),
    ("assign", Except::Below(1)),
    ("assign scalar", Except::Nothing),
    ("mismatch", Except::Below(1)),
    ("augmented", Except::Below(1)),
    ("overlap", Except::Below(1)),
    ("elementwise", Except::Below(1)),
    ("broadcast", Except::Below(1)),
    ("ufunc", Except::Below(1)),
    ("where", Except::Below(1)),
    ("cast", Except::Below(1)),
    ("creation", Except::Below(1)),
    ("reduction", Except::Nothing),
    ("attribute", Except::Nothing),
    ("loop", Except::Below(1)),
    ("call", Except::Below(1)),
    ("shrinking", Except::NotVectors),
    ("division", Except::Ints(1)),
];

fn possible(row: &str, column: &str) -> bool {
    let rank = |name: &str| name.strip_prefix("rank ").and_then(|r| r.parse::<u32>().ok());
    if Scalar::from_dtype_name(row).is_some() {
        return Scalar::from_dtype_name(column).is_none();
    }
    if let Some(r) = rank(row) {
        // Without two axes there is no order but C's.
        return Layout::ALL.iter().any(|l| l.name() == column)
            && (column == "C" || r > 1 || (column == "strided" && r == 1));
    }
    let Some((_, except)) = CONSTRUCTS.iter().find(|(what, _)| *what == row) else { return false };
    let dtype = Scalar::from_dtype_name(column);
    let least = match except {
        Except::Nothing => 0,
        Except::Below(least) => *least,
        Except::Bool(_) if dtype == Some(Scalar::Bool) => return false,
        Except::Ints(_) if dtype.is_some_and(|d| !d.is_float()) => return false,
        Except::Bool(least) | Except::Ints(least) => *least,
        Except::NotVectors => return rank(column).is_none_or(|r| r == 1) && column != "F",
    };
    // Results have a layout of their own; values are made in C order.
    let fresh =
        matches!(row, "elementwise" | "broadcast" | "ufunc" | "where" | "cast" | "creation" | "call" | "division");
    if fresh && (column == "F" || column == "strided") {
        return false;
    }
    rank(column).is_none_or(|r| r >= least)
}

impl Generator {
    pub(super) fn record(&mut self, construct: &'static str, array: &Array) {
        self.cells.record(construct, array);
    }

    /// The record of a value that has no name.
    pub(super) fn record_value(&mut self, construct: &'static str, dtype: Scalar, shape: &[usize]) {
        let array = Array { name: String::new(), dtype, shape: shape.to_vec(), layout: Layout::C, writable: true };
        self.cells.record(construct, &array);
    }

    /// A shape out of the program's few lengths, so that shapes meet.
    fn shape(&mut self, least: usize) -> Vec<usize> {
        let rank = match self.rng.below(20) {
            0..=1 => 0,
            2..=8 => 1,
            9..=14 => 2,
            15..=17 => 3,
            _ => 4,
        };
        (0..rank.max(least)).map(|_| if self.rng.percent(15) { 1 } else { *self.rng.pick(&self.lengths) }).collect()
    }

    pub(super) fn start_arrays(&mut self) {
        let pick = |rng: &mut Rng| match rng.below(12) {
            0 => 0,
            1 => 1,
            2..=4 => 2,
            5..=7 => 3,
            8..=9 => 4,
            _ => 5 + rng.below(5),
        };
        self.lengths = (0..3).map(|_| pick(&mut self.rng)).collect();
    }

    fn array_dtype(&mut self) -> Scalar {
        // Few dtypes in one program, so that arrays meet.
        if self.dtypes.is_empty() {
            self.dtypes = (0..3).map(|_| *self.rng.pick(&Scalar::ALL)).collect();
        }
        *self.rng.pick(&self.dtypes)
    }

    /// Array parameters of the kernel.
    pub(super) fn array_parameters(&mut self) -> Vec<Array> {
        let mut params: Vec<Array> = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            // A second one of the same type may overlap the first.
            let twin = params.last().filter(|_| self.rng.percent(40)).cloned();
            let (dtype, mut shape) = match &twin {
                Some(t) => (t.dtype, t.shape.clone()),
                None => (self.array_dtype(), self.shape(0)),
            };
            // Long sums are added in blocks.
            if shape.len() == 1 && twin.is_none() && self.rng.percent(10) {
                shape = vec![*self.rng.pick(&[17, 130, 300])];
            }
            let layout = match self.rng.below(5) {
                0 => Layout::C,
                1 if shape.len() > 1 => Layout::F,
                _ if shape.is_empty() => Layout::C,
                _ => Layout::Strided,
            };
            let writable = self.rng.percent(80);
            let array = Array { name: self.fresh("m"), dtype, shape, layout, writable };
            self.arrays.push(array.clone());
            params.push(array);
        }
        params
    }

    /// A few array variables, at the start of a body.
    pub(super) fn array_locals(&mut self, count: usize, body: &mut Vec<Stmt>) {
        for _ in 0..count {
            let (text, array) = self.binding();
            body.push(Stmt::Line(format!("{} = {text}", array.name)));
            self.arrays.push(array);
        }
    }

    /// A function that takes arrays and gives one.
    pub(super) fn array_helper(&mut self, number: usize) -> FunctionText {
        self.variables.clear();
        self.arrays.clear();
        let mut arrays = Vec::new();
        for k in 0..1 + self.rng.below(2) {
            let (dtype, shape) = (self.array_dtype(), self.shape(1));
            let writable = self.rng.percent(60);
            arrays.push(Array { name: format!("d{k}"), dtype, shape, layout: Layout::Strided, writable });
        }
        self.arrays = arrays.clone();
        let scalars: Vec<Ty> = (0..self.rng.below(3)).map(|_| Ty::random(&mut self.rng)).collect();
        self.variables = scalars.iter().enumerate().map(|(k, t)| (format!("a{k}"), *t)).collect();
        let names: Vec<String> =
            arrays.iter().map(|a| a.name.clone()).chain(self.variables.iter().map(|(n, _)| n.clone())).collect();
        let mut body = self.locals(1);
        self.array_locals(1, &mut body);
        let size = 1 + self.rng.below(3);
        body.extend(self.block(size, 2));
        let (mut text, mut result) = self.binding();
        if self.rng.percent(40) {
            let known = self.rng.pick(&self.arrays.clone()).clone();
            if !known.shape.is_empty() {
                (text, result) = (known.name.clone(), known);
            }
        }
        if self.rng.percent(30) {
            self.count("early return of an array");
            let (test, value) = (self.test(1), self.value_like(&result));
            body.push(Stmt::block(format!("if {test}:"), vec![Stmt::Line(format!("return {value}"))]));
        }
        let name = format!("array_helper{number}");
        let head = format!("def {name}({}):", names.join(", "));
        self.array_helpers.push(ArrayHelper { name, arrays, scalars, result });
        self.arrays.clear();
        FunctionText { head, body, result: text }
    }

    /// The arguments of a run for array parameters, as expressions: every layout, some over the same memory.
    pub(super) fn array_arguments(&mut self, params: &[Array]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut base: Option<(Scalar, usize, String)> = None;
        for array in params {
            let room = 2 * array.size() + 8;
            let shared = base.clone().filter(|(dtype, size, _)| *dtype == array.dtype && *size >= room);
            let flat = match shared {
                Some((_, size, name)) if self.rng.percent(60) => {
                    self.count("shared memory");
                    let offset = self.rng.below(size - room + 1).min(self.rng.below(4));
                    format!("{name}[{offset}:]")
                }
                _ => {
                    let name = format!("q{}", found.len());
                    let text = format!("({name} := {})", self.flat(array.dtype, room + 4));
                    base = Some((array.dtype, room + 4, name));
                    text
                }
            };
            found.push(self.arranged(array, &flat));
        }
        found
    }

    /// A flat array of so many elements.
    fn flat(&mut self, dtype: Scalar, size: usize) -> String {
        let count = 1 + self.rng.below(7);
        let values: Vec<String> = (0..count).map(|_| Ty::Np(dtype).value(&mut self.rng)).collect();
        let tame = self.rng.percent(50);
        let values = if tame { (0..count).map(|_| Ty::Np(dtype).small(&mut self.rng)).collect() } else { values };
        let name = if dtype.kind() == Kind::Bool { "bool_" } else { dtype.dtype_name() };
        format!("np.resize(np.array([{}], np.{name}), {size})", values.join(", "))
    }

    /// A view of `flat`, which has room enough, with the array's shape.
    fn arranged(&mut self, array: &Array, flat: &str) -> String {
        let shape = |dims: &[usize]| {
            let dims: Vec<String> = dims.iter().map(usize::to_string).collect();
            format!("({}{})", dims.join(", "), if dims.len() == 1 { "," } else { "" })
        };
        let (size, rank) = (array.size(), array.shape.len());
        let dense = format!("{flat}[:{size}].reshape({})", shape(&array.shape));
        let reversed: Vec<usize> = array.shape.iter().rev().copied().collect();
        let fortran = format!("{flat}[:{size}].reshape({}).T", shape(&reversed));
        let choice = if array.layout == Layout::Strided { self.rng.below(8) } else { 0 };
        match (array.layout, choice) {
            (Layout::F, _) => fortran,
            (Layout::C, _) | (_, 0) => dense,
            (_, 1) => fortran,
            (_, 2) => format!("{dense}[::-1]"),
            (_, 3 | 4) => {
                let mut wide = array.shape.clone();
                wide[rank - 1] *= 2;
                let (n, first) = (2 * size, self.rng.below(2));
                let last = if array.shape[rank - 1] == 0 { 0 } else { first };
                format!("{flat}[:{n}].reshape({})[..., {last}::2]", shape(&wide))
            }
            (_, 5) if size > 0 && array.shape[0] < 6 => {
                let mut tall = reversed.clone();
                tall[rank - 1] += 1;
                let n: usize = tall.iter().product();
                if n > 2 * size + 8 { dense } else { format!("{flat}[:{n}].reshape({}).T[1:]", shape(&tall)) }
            }
            (_, 6) if !array.writable => {
                self.count("zero strides");
                format!("np.broadcast_to({flat}[:1].reshape(()), {})", shape(&array.shape))
            }
            _ => format!("{fortran}[::-1]"),
        }
    }
}
