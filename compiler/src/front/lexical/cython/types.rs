//! C's and Cython's spellings of types, as they stand before a name, and what Python writes instead.

use std::collections::BTreeMap;

/// What a number is in C.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Bool,
    /// Wraps around in C, at the width of the dtype.
    Int,
    Float,
    /// Rounded to 32 bits by every assignment.
    Float32,
}

/// A number: its kind, and NumPy's name of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number {
    pub kind: Kind,
    pub dtype: String,
    /// The name that a `ctypedef` of the file gives it.
    pub alias: Option<String>,
}

/// A type before a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CType {
    Void,
    Number(Number),
    /// `np.ndarray[DTYPE_t, ndim=2]`, `double[:, ::1]`
    Array {
        dtype: Number,
        rank: usize,
        order: Option<char>,
    },
    /// `np.ndarray`
    AnyArray,
    Pointer(Box<CType>),
    /// `object` and the classes of Python.
    Object,
}

/// What the file calls NumPy, and the types it defines.
#[derive(Clone, Default, Debug)]
pub struct Names {
    /// `np`, if `numpy` is imported by either statement.
    pub numpy: Option<String>,
    pub typedefs: BTreeMap<String, Number>,
}

impl Number {
    fn new(kind: Kind, dtype: &str) -> Number {
        Number { kind, dtype: dtype.to_owned(), alias: None }
    }

    /// Python's own type.
    pub fn python(&self) -> &'static str {
        match self.kind {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Float | Kind::Float32 => "float",
        }
    }

    /// How the file names it: its alias, NumPy's name or ours.
    pub fn spelled(&self, names: &Names) -> String {
        match (&self.alias, &names.numpy) {
            (Some(alias), _) => alias.clone(),
            (None, Some(numpy)) => format!("{numpy}.{}", self.dtype),
            (None, None) => format!("gelcap.{}", self.dtype),
        }
    }
}

impl CType {
    /// The annotation of a parameter or result; nothing where Python's type says nothing.
    pub fn annotation(&self, names: &Names) -> Option<String> {
        match self {
            CType::Void => Some("None".to_owned()),
            CType::Number(number) => Some(number.python().to_owned()),
            CType::Array { dtype, rank, order } => {
                let order = order.map_or_else(String::new, |order| format!(", \"{order}\""));
                Some(format!("gelcap.Array[{}, {rank}{order}]", dtype.spelled(names)))
            }
            CType::AnyArray => Some(format!("{}.ndarray", names.numpy.as_deref().unwrap_or("numpy"))),
            CType::Pointer(to) => match &**to {
                CType::Number(number) => Some(format!("gelcap.Ptr[{}]", number.spelled(names))),
                _ => None,
            },
            CType::Object => None,
        }
    }
}

/// The type that the words begin with, and how many words it has. What could be a plain name is taken for a class, so the
/// caller must see that a name follows.
pub fn parse(words: &[&str], names: &Names) -> Option<(CType, usize)> {
    let mut at = usize::from(words.first() == Some(&"const"));
    let (base, taken) = base(&words[at..], names)?;
    at += taken;
    let mut ty = base;
    if words.get(at) == Some(&"[") {
        let close = at + closing(&words[at..])?;
        let inner = &words[at + 1..close];
        ty = brackets(ty, inner, names)?;
        at = close + 1;
    }
    while let Some(&"*" | &"**") = words.get(at) {
        ty = CType::Pointer(Box::new(ty));
        at += 1;
    }
    Some((ty, at))
}

/// Index of the bracket that closes the first one.
pub fn closing(words: &[&str]) -> Option<usize> {
    let mut depth = 0usize;
    for (i, word) in words.iter().enumerate() {
        match *word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// The parts between commas outside of brackets, as ranges of words.
pub fn parts(words: &[&str]) -> Vec<std::ops::Range<usize>> {
    let (mut depth, mut start, mut all) = (0usize, 0, Vec::new());
    for (i, word) in words.iter().enumerate() {
        match *word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                all.push(start..i);
                start = i + 1;
            }
            _ => {}
        }
    }
    if start < words.len() {
        all.push(start..words.len());
    }
    all
}

/// A name, with dots in it or of several of C's words.
fn base(words: &[&str], names: &Names) -> Option<(CType, usize)> {
    const C: &[&str] = &["unsigned", "signed", "int", "long", "short", "char", "double", "float"];
    let count = words.iter().take_while(|word| C.contains(word)).count();
    if count > 0 {
        let has = |word: &str| words[..count].contains(&word);
        let long = words[..count].iter().filter(|word| **word == "long").count();
        let (kind, dtype) = match () {
            () if has("double") => (Kind::Float, "float64"),
            () if has("float") => (Kind::Float32, "float32"),
            () if has("char") => (Kind::Int, if has("unsigned") { "uint8" } else { "int8" }),
            () if has("short") => (Kind::Int, if has("unsigned") { "uint16" } else { "int16" }),
            () if long > 0 => (Kind::Int, if has("unsigned") { "uint64" } else { "int64" }),
            () => (Kind::Int, if has("unsigned") { "uint32" } else { "int32" }),
        };
        return Some((CType::Number(Number::new(kind, dtype)), count));
    }
    let first = words.first().filter(|word| is_name(word))?;
    let mut taken = 1;
    while words.get(taken) == Some(&".") && words.get(taken + 1).is_some_and(|word| is_name(word)) {
        taken += 2;
    }
    let last = words[taken - 1];
    let ty = match (*first, last) {
        (_, "void") => CType::Void,
        (_, "bint") => CType::Number(Number::new(Kind::Bool, "bool_")),
        (_, "ndarray") => CType::AnyArray,
        (_, "Py_ssize_t" | "ssize_t" | "Py_hash_t" | "ptrdiff_t") => CType::Number(Number::new(Kind::Int, "int64")),
        (_, "size_t") => CType::Number(Number::new(Kind::Int, "uint64")),
        (alias, _) if taken == 1 && names.typedefs.contains_key(alias) => {
            CType::Number(Number { alias: Some(alias.to_owned()), ..names.typedefs[alias].clone() })
        }
        (_, word) => match numpy_type(word) {
            Some(number) => CType::Number(number),
            None => CType::Object,
        },
    };
    Some((ty, taken))
}

/// `np.int_t`, `np.float64_t`, `npy_intp`, C's `int32_t`.
fn numpy_type(word: &str) -> Option<Number> {
    let name = word.strip_prefix("npy_").or_else(|| word.strip_suffix("_t"))?;
    Some(match name {
        "int" | "long" | "int64" | "intp" | "longlong" => Number::new(Kind::Int, "int64"),
        "uint" | "ulong" | "uint64" | "uintp" | "ulonglong" => Number::new(Kind::Int, "uint64"),
        "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32" => Number::new(Kind::Int, name),
        "float" | "double" | "float64" => Number::new(Kind::Float, "float64"),
        "float32" => Number::new(Kind::Float32, "float32"),
        "bool" => Number::new(Kind::Bool, "bool_"),
        _ => return None,
    })
}

/// What brackets behind a type make of it: a buffer's element type and rank, or a memoryview's axes.
fn brackets(ty: CType, inner: &[&str], names: &Names) -> Option<CType> {
    let items = parts(inner);
    match ty {
        CType::AnyArray | CType::Object => {
            let element = &inner[items.first()?.clone()];
            let dtype = match (parse(element, names)?.0, element) {
                (CType::Number(dtype), _) => dtype,
                // A type that the text does not define: the name stays.
                (_, [name]) => Number { alias: Some((*name).to_owned()), ..Number::new(Kind::Int, name) },
                _ => return None,
            };
            let (mut rank, mut order) = (1, None);
            for item in items.iter().skip(1) {
                match &inner[item.clone()] {
                    ["ndim", "=", n] | [n] => rank = n.parse().ok()?,
                    ["mode", "=", mode] if mode.contains("fortran") => order = Some('F'),
                    ["mode", "=", mode] if mode.trim_matches(['"', '\'']) == "c" => order = Some('C'),
                    _ => {}
                }
            }
            Some(CType::Array { dtype, rank, order })
        }
        CType::Number(dtype) if items.iter().all(|item| inner[item.start] == ":") => {
            let dense = |item: &std::ops::Range<usize>| inner[item.clone()] == [":", ":", "1"];
            let order = match items.iter().position(dense) {
                Some(axis) if axis + 1 == items.len() => Some('C'),
                Some(0) => Some('F'),
                _ => None,
            };
            Some(CType::Array { dtype, rank: items.len(), order })
        }
        CType::Number(_) | CType::Void | CType::Array { .. } | CType::Pointer(_) => None,
    }
}

/// A word that is a name.
pub fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_annotations() {
        let number = Number { kind: Kind::Int, dtype: "int64".into(), alias: None };
        let typedefs = BTreeMap::from([("DTYPE_t".to_owned(), number)]);
        let names = Names { numpy: Some("np".into()), typedefs };
        for (text, expected) in [
            ("int n", "int"),
            ("unsigned long long n", "int"),
            ("np . ndarray f", "np.ndarray"),
            ("np . ndarray [ DTYPE_t , ndim = 2 ] f", "gelcap.Array[DTYPE_t, 2]"),
            ("np . ndarray [ np . float64_t , ndim = 2 , mode = \"c\" ] f", "gelcap.Array[np.float64, 2, \"C\"]"),
            ("object [ DTYPE_t ] f", "gelcap.Array[DTYPE_t, 1]"),
            ("double [ : , : : 1 ] f", "gelcap.Array[np.float64, 2, \"C\"]"),
            ("const float [ : : 1 , : ] f", "gelcap.Array[np.float32, 2, \"F\"]"),
            ("double * p", "gelcap.Ptr[np.float64]"),
            ("DTYPE_t v", "int"),
            ("bint b", "bool"),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            let (ty, taken) = parse(&words, &names).expect(text);
            assert_eq!(ty.annotation(&names).as_deref(), Some(expected), "{text}");
            assert_eq!(taken, words.len() - 1, "{text}");
        }
    }
}
