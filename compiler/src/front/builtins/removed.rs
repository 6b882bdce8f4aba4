//! Names that NumPy had and has no more, with what to write instead.

/// A name of `numpy` that was removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Removed {
    pub name: &'static str,
    /// The version without it.
    pub version: &'static str,
    /// The name that takes its place in `numpy`.
    pub instead: &'static str,
    /// Python's own name, of which it was an alias.
    pub python: Option<&'static str>,
}

const fn alias(name: &'static str, instead: &'static str) -> Removed {
    Removed { name, version: "1.24", instead, python: Some(name) }
}

const fn old(name: &'static str, instead: &'static str) -> Removed {
    Removed { name, version: "2.0", instead, python: None }
}

// `np.bool` was removed in 1.24 and came back in 2.0, as NumPy's own type.
const ALL: &[Removed] = &[
    alias("int", "int64"),
    alias("float", "float64"),
    alias("complex", "complex128"),
    old("float_", "float64"),
    old("singlecomplex", "complex64"),
    old("cfloat", "complex128"),
    old("complex_", "complex128"),
    old("bool8", "bool_"),
    old("int0", "intp"),
    old("uint0", "uintp"),
    old("Inf", "inf"),
    old("Infinity", "inf"),
    old("infty", "inf"),
    old("PINF", "inf"),
    old("NaN", "nan"),
    old("round_", "round"),
    old("product", "prod"),
    old("cumproduct", "cumprod"),
    old("alltrue", "all"),
    old("sometrue", "any"),
    old("in1d", "isin"),
    old("row_stack", "vstack"),
    old("trapz", "trapezoid"),
];

/// What became of `np.<name>`.
pub fn find(name: &str) -> Option<Removed> {
    ALL.iter().find(|removed| removed.name == name).copied()
}

impl Removed {
    pub fn help(&self) -> String {
        match self.python {
            Some(python) => {
                format!("write `np.{}` for the dtype; as a conversion it was Python's `{python}`", self.instead)
            }
            None => format!("write `np.{}`", self.instead),
        }
    }
}
