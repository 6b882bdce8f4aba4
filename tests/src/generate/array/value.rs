//! Whole-array values of a wanted dtype and shape: elementwise expressions with broadcasting, creation, calls; and
//! numbers that come from arrays.

use gelcap_compiler::types::{Kind, Scalar};

use super::super::Generator;
use super::super::ty::{Ty, promote};
use super::{Array, ArrayHelper, Layout};

impl Generator {
    fn numpy_name(dtype: Scalar) -> String {
        Ty::Np(dtype).constructor().unwrap_or_default()
    }

    fn shape_text(&mut self, shape: &[usize]) -> String {
        // As the program may know it: the shape of another array, a length, a number.
        let known: Vec<String> = self.arrays.iter().filter(|a| a.shape == shape).map(|a| a.name.clone()).collect();
        if !known.is_empty() && self.rng.percent(40) {
            return format!("{}.shape", self.rng.pick(&known));
        }
        let dims: Vec<String> = shape.iter().map(usize::to_string).collect();
        match dims.len() {
            1 if self.rng.percent(60) => dims[0].clone(),
            1 => format!("({},)", dims[0]),
            _ if self.rng.percent(20) => format!("[{}]", dims.join(", ")),
            _ => format!("({})", dims.join(", ")),
        }
    }

    /// A new variable: its value's text, and what is known of it.
    pub(super) fn binding(&mut self) -> (String, Array) {
        let name = self.fresh("b");
        if self.rng.percent(35) && !self.arrays.is_empty() {
            let array = self.rng.pick(&self.arrays.clone()).clone();
            let (text, shape, layout) = self.any_view(&array);
            return (text, Array { name, dtype: array.dtype, shape, layout, writable: array.writable });
        }
        let dtype = self.array_dtype();
        let shape = self.likely_shape();
        let text = if self.rng.percent(15) { self.created(dtype, &shape) } else { self.fresh_value(dtype, &shape, 3) };
        (text, Array { name, dtype, shape, layout: Layout::C, writable: true })
    }

    /// The shape of an array that is there, mostly; at least one axis.
    fn likely_shape(&mut self) -> Vec<usize> {
        let known: Vec<Vec<usize>> =
            self.arrays.iter().filter(|a| !a.shape.is_empty()).map(|a| a.shape.clone()).collect();
        if known.is_empty() || self.rng.percent(25) { self.shape(1) } else { self.rng.pick(&known).clone() }
    }

    /// What may stand in the array's place: another value of its dtype and shape, writable if it is.
    pub(super) fn value_like(&mut self, array: &Array) -> String {
        if self.rng.percent(40)
            && let Some((text, _)) = self.existing(array.dtype, &array.shape, array.writable)
        {
            return text;
        }
        self.fresh_value(array.dtype, &array.shape, 2)
    }

    /// A variable or a view of one.
    pub(super) fn existing(&mut self, dtype: Scalar, shape: &[usize], writable: bool) -> Option<(String, Array)> {
        let fitting: Vec<Array> =
            self.arrays.iter().filter(|a| a.dtype == dtype && (a.writable || !writable)).cloned().collect();
        for _ in 0..fitting.len().min(3) {
            let array = self.rng.pick(&fitting).clone();
            if let Some((text, _)) = self.view_as(&array, shape) {
                return Some((text, array));
            }
        }
        None
    }

    fn created(&mut self, dtype: Scalar, shape: &[usize]) -> String {
        self.record_value("creation", dtype, shape);
        let known: Vec<String> =
            self.arrays.iter().filter(|a| a.shape == shape && a.dtype == dtype).map(|a| a.name.clone()).collect();
        let text = self.shape_text(shape);
        let name = Self::numpy_name(dtype);
        match self.rng.below(5) {
            0 => format!("np.zeros({text}, {name})"),
            1 => format!("np.ones({text}, dtype={name})"),
            2 if !known.is_empty() => {
                let f = *self.rng.pick(&["np.zeros_like", "np.ones_like"]);
                format!("{f}({})", self.rng.pick(&known))
            }
            3 if !known.is_empty() => format!("{}.copy()", self.rng.pick(&known)),
            _ => {
                let fill = self.expr(Ty::Np(dtype), 1);
                format!("np.full({text}, {fill}, {name})")
            }
        }
    }

    /// An operand of an elementwise operation; without axes it is a number.
    fn operand(&mut self, dtype: Scalar, shape: &[usize], depth: usize) -> String {
        if shape.is_empty() {
            let known: Vec<String> =
                self.arrays.iter().filter(|a| a.dtype == dtype && a.shape.is_empty()).map(|a| a.name.clone()).collect();
            if !known.is_empty() && self.rng.percent(50) {
                return self.rng.pick(&known).clone();
            }
            return self.expr(Ty::Np(dtype), 1);
        }
        if (depth == 0 || self.rng.percent(45))
            && let Some((text, _)) = self.existing(dtype, shape, false)
        {
            return text;
        }
        if depth == 0 { self.created(dtype, shape) } else { self.fresh_value(dtype, shape, depth - 1) }
    }

    /// Two shapes that broadcast to this one.
    fn parts(&mut self, shape: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let whole = shape.to_vec();
        if self.rng.percent(55) {
            return (whole.clone(), whole);
        }
        let from = self.rng.below(shape.len() + 1);
        let mut part = shape[from..].to_vec();
        for axis in &mut part {
            if self.rng.percent(30) {
                *axis = 1;
            }
        }
        if self.rng.percent(50) { (whole, part) } else { (part, whole) }
    }

    fn pair(&mut self, a: Scalar, b: Scalar, shape: &[usize], depth: usize, result: Scalar) -> (String, String) {
        let (s, t) = self.parts(shape);
        self.record_value(if s == t { "elementwise" } else { "broadcast" }, result, shape);
        (self.operand(a, &s, depth), self.operand(b, &t, depth))
    }

    /// A value with memory of its own, or none yet.
    pub(super) fn fresh_value(&mut self, dtype: Scalar, shape: &[usize], depth: usize) -> String {
        if self.rng.percent(12)
            && let Some(call) = self.array_call(dtype, shape)
        {
            return call;
        }
        if self.rng.percent(8) {
            self.record_value("where", dtype, shape);
            let (s, t) = self.parts(shape);
            let d = depth.saturating_sub(1);
            let (test, a, b) =
                (self.operand(Scalar::Bool, shape, d), self.operand(dtype, &s, d), self.operand(dtype, &t, d));
            return format!("np.where({test}, {a}, {b})");
        }
        match dtype.kind() {
            Kind::Bool => self.bool_value(shape, depth),
            Kind::Float => self.float_value(dtype, shape, depth),
            Kind::Signed | Kind::Unsigned => self.int_value(dtype, shape, depth),
        }
    }

    fn infix(&mut self, ops: &[&'static str], (a, b): (String, String)) -> String {
        let op = *self.rng.pick(ops);
        format!("({a} {op} {b})")
    }

    fn bool_value(&mut self, shape: &[usize], depth: usize) -> String {
        let b = Scalar::Bool;
        match self.rng.below(9) {
            0..=3 => {
                let (s, t) = (self.array_dtype(), self.array_dtype());
                let pair = self.pair(s, t, shape, depth, b);
                self.infix(&["<", "<=", "==", "!=", ">", ">="], pair)
            }
            4..=5 => {
                let pair = self.pair(b, b, shape, depth, b);
                self.infix(&["&", "|", "^"], pair)
            }
            6 => {
                self.record_value("ufunc", b, shape);
                let f = *self.rng.pick(&["np.isnan", "np.isinf", "np.isfinite"]);
                let s = *self.rng.pick(&[Scalar::F32, Scalar::F64]);
                format!("{f}({})", self.operand(s, shape, depth))
            }
            7 => {
                self.record_value("cast", b, shape);
                let from = *self.rng.pick(&Scalar::ALL);
                format!("{}.astype(np.bool_)", self.named(from, shape))
            }
            _ => {
                self.record_value("elementwise", b, shape);
                format!("(~{})", self.operand(b, shape, depth))
            }
        }
    }

    /// Dtypes of two operands that are computed in `s`, the first being `s`.
    fn promoted(&mut self, s: Scalar) -> (Scalar, Scalar) {
        let fitting: Vec<Scalar> = Scalar::ALL.into_iter().filter(|t| promote(s, *t) == s).collect();
        let other = if self.rng.percent(55) { s } else { *self.rng.pick(&fitting) };
        if self.rng.percent(50) { (s, other) } else { (other, s) }
    }

    fn int_value(&mut self, s: Scalar, shape: &[usize], depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(12) {
            0..=3 => {
                let (a, b) = self.promoted(s);
                let pair = self.pair(a, b, shape, depth, s);
                self.infix(&["+", "-", "*"], pair)
            }
            4 => {
                let pair = self.pair(s, s, shape, depth, s);
                self.infix(&["//", "%", "&", "|", "^", "<<", ">>"], pair)
            }
            5..=6 => {
                self.record_value("elementwise", s, shape);
                let (a, b) = (self.operand(s, shape, depth), Ty::Np(s).small(&mut self.rng));
                let pair = if self.rng.percent(70) { (a, b) } else { (b, a) };
                self.infix(&["+", "-", "*"], pair)
            }
            7 => {
                self.record_value("elementwise", s, shape);
                let (a, b) = (self.operand(s, shape, depth), self.expr(Ty::Int, 1));
                self.infix(&["+", "-", "*", "//", "%"], (a, format!("({b} & 63)")))
            }
            8 => {
                self.record_value("ufunc", s, shape);
                let f = *self.rng.pick(&["-", "~", "np.abs", "abs"]);
                format!("({f}({}))", self.operand(s, shape, depth))
            }
            9 => {
                self.record_value("ufunc", s, shape);
                let f = *self.rng.pick(&["np.minimum", "np.maximum"]);
                let (a, b) = self.pair(s, s, shape, d, s);
                format!("{f}({a}, {b})")
            }
            10 => {
                self.record_value("cast", s, shape);
                let from =
                    *self.rng.pick(&[Scalar::Bool, Scalar::I8, Scalar::U8, Scalar::I32, Scalar::I64, Scalar::U64]);
                format!("{}.astype({})", self.named(from, shape), Self::numpy_name(s))
            }
            _ => self.created(s, shape),
        }
    }

    fn float_value(&mut self, s: Scalar, shape: &[usize], depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(13) {
            0..=3 => {
                let (a, b) = self.promoted(s);
                let pair = self.pair(a, b, shape, depth, s);
                self.infix(&["+", "-", "*", "/"], pair)
            }
            4 => {
                self.record_value("division", s, shape);
                let pair = self.pair(s, s, shape, depth, s);
                self.infix(&["//", "%"], pair)
            }
            5..=6 => {
                self.record_value("elementwise", s, shape);
                let ty = if self.rng.percent(60) { Ty::Float } else { Ty::Int };
                let (a, b) = (self.operand(s, shape, depth), ty.small(&mut self.rng));
                let pair = if self.rng.percent(70) { (a, b) } else { (b, a) };
                self.infix(&["+", "-", "*", "/"], pair)
            }
            7 => {
                self.record_value("elementwise", s, shape);
                let (a, b) = (self.operand(s, shape, depth), self.expr(Ty::Float, 1));
                self.infix(&["+", "-", "*", "/"], (a, b))
            }
            8..=9 => {
                self.record_value("ufunc", s, shape);
                let f = *self.rng.pick(&[
                    "-",
                    "np.abs",
                    "np.sqrt",
                    "np.floor",
                    "np.ceil",
                    "np.trunc",
                    "np.rint",
                    "np.square",
                ]);
                if self.rng.percent(20) {
                    let decimals = self.rng.below(7) as i64 - 2;
                    return format!("np.round({}, {decimals})", self.operand(s, shape, depth));
                }
                format!("({f}({}))", self.operand(s, shape, depth))
            }
            10 => {
                self.record_value("cast", s, shape);
                let from = *self.rng.pick(&Scalar::ALL);
                format!("{}.astype({})", self.named(from, shape), Self::numpy_name(s))
            }
            11 if s == Scalar::F64 => {
                self.record_value("division", s, shape);
                let int = *self.rng.pick(&[Scalar::I8, Scalar::U8, Scalar::I32, Scalar::I64, Scalar::U64]);
                let (a, b) = (self.operand(int, shape, d), self.operand(int, shape, d));
                format!("({a} / {b})")
            }
            _ => self.created(s, shape),
        }
    }

    /// Something that a method can be called on.
    fn named(&mut self, dtype: Scalar, shape: &[usize]) -> String {
        match self.existing(dtype, shape, false) {
            Some((text, _)) => text,
            None => self.created(dtype, shape),
        }
    }

    /// A call of a function that gives such an array.
    fn array_call(&mut self, dtype: Scalar, shape: &[usize]) -> Option<String> {
        let fitting: Vec<ArrayHelper> =
            self.array_helpers.iter().filter(|h| h.result.dtype == dtype && h.result.shape == shape).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let helper = self.rng.pick(&fitting).clone();
        Some(self.call_of(&helper))
    }

    pub(super) fn call_of(&mut self, helper: &ArrayHelper) -> String {
        self.record("call", &helper.result);
        let mut args = Vec::new();
        for array in &helper.arrays {
            // What is stored into is never read-only; a value without a name is a variable's in the function.
            let given = self.existing(array.dtype, &array.shape, array.writable || helper.result.writable);
            args.push(match given {
                Some((text, _)) => text,
                None => self.created(array.dtype, &array.shape),
            });
        }
        for ty in &helper.scalars {
            args.push(self.expr(*ty, 1));
        }
        format!("{}({})", helper.name, args.join(", "))
    }

    /// A number of the type that comes out of arrays: reductions, lengths.
    pub(in super::super) fn number_from_arrays(&mut self, ty: Ty) -> Option<String> {
        if self.arrays.is_empty() {
            return None;
        }
        let array = self.rng.pick(&self.arrays.clone()).clone();
        match ty {
            Ty::Int => {
                self.record("attribute", &array);
                let rank = array.shape.len();
                let axis = if rank > 0 { self.rng.below(rank) } else { 0 };
                Some(match self.rng.below(5) {
                    0 if rank > 0 => format!("len({})", array.name),
                    1 | 2 if rank > 0 => format!("{}.shape[{axis}]", array.name),
                    3 => format!("{}.ndim", array.name),
                    4 => format!("{}.nbytes", array.name),
                    _ => format!("{}.size", array.name),
                })
            }
            Ty::Np(s) => {
                let fitting: Vec<Array> = self.arrays.iter().filter(|a| accumulated(a.dtype, s)).cloned().collect();
                let summed = !fitting.is_empty() && self.rng.percent(60);
                let same: Vec<Array> = self.arrays.iter().filter(|a| a.dtype == s && a.size() > 0).cloned().collect();
                let (array, functions): (Array, &[&str]) = match (summed, same.is_empty()) {
                    (true, _) => (self.rng.pick(&fitting).clone(), &["sum", "sum", "prod"]),
                    (false, false) => (self.rng.pick(&same).clone(), &["min", "max"]),
                    (false, true) => return None,
                };
                self.record("reduction", &array);
                let f = *self.rng.pick(functions);
                let what = match self.rng.percent(30) && !array.shape.is_empty() {
                    true => self.any_view(&array).0,
                    false => array.name.clone(),
                };
                Some(if self.rng.percent(50) { format!("np.{f}({what})") } else { format!("{what}.{f}()") })
            }
            Ty::Float | Ty::Bool => None,
        }
    }
}

/// NumPy adds up elements of `dtype` in `result`.
fn accumulated(dtype: Scalar, result: Scalar) -> bool {
    match dtype.kind() {
        Kind::Float => dtype == result,
        Kind::Bool | Kind::Signed => result == Scalar::I64,
        Kind::Unsigned => result == Scalar::U64,
    }
}
