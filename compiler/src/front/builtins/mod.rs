//! The callable names of Python, `math`, `numpy` and gelcap: what each is called where, what it takes, and the type it
//! gives. What they lower to stands in [`crate::front::lower`], by the same families.

mod creation;
mod cython;
pub mod elementary;
mod elementwise;
mod math;
mod memory;
mod numpy;
mod python;
mod reduction;
pub mod removed;

pub use creation::CreationFn;
pub use elementary::Elementary;
pub use numpy::{common_dtype, own_dtype, working_dtype};
pub use python::absolute;
pub use reduction::ReductionFn;

use super::environment::{Global, StdModule};
use super::syntax::{BinaryOp, CompareOp};
use super::tast::{Expr, ExprKind, Known, Literal, Table, Ty};
use crate::abi::status::Exception;
use crate::base::arena::Arena;
use crate::diag::{Code, Diagnostic, Span};
use crate::types::Scalar;

/// Something that kernels can call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Builtin {
    Python(PythonFn),
    Math(MathFn),
    Numpy(NumpyFn),
    Memory(MemoryFn),
    Cython(CythonFn),
    Creation(CreationFn),
    Reduction(ReductionFn),
}

/// Python's own functions and types.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PythonFn {
    Abs,
    Min,
    Max,
    Int,
    Bool,
    Float,
    Range,
    Enumerate,
    Zip,
    Reversed,
    Round,
    Pow,
    Divmod,
    Len,
}

/// Functions of `math`: Python floats in, errors as exceptions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MathFn {
    Elementary(Elementary),
    /// `log(x, base)` as well.
    Log,
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    Fabs,
    Copysign,
    IsNan,
    IsInf,
    IsFinite,
    Fmod,
    Pow,
    Hypot,
    Atan2,
    Degrees,
    Radians,
}

/// Functions of `numpy` on scalars: NumPy scalars out, no exceptions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NumpyFn {
    Elementary(Elementary),
    /// A dtype called: a conversion.
    Construct(Scalar),
    Operator(BinaryOp),
    Compare(CompareOp),
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    Rint,
    Fabs,
    Abs,
    Sign,
    Negative,
    Positive,
    Invert,
    Square,
    Minimum,
    Maximum,
    Fmin,
    Fmax,
    IsNan,
    IsInf,
    IsFinite,
    Signbit,
    Copysign,
    Fmod,
    Hypot,
    Arctan2,
    Deg2rad,
    Rad2deg,
    LogicalAnd,
    LogicalOr,
    LogicalXor,
    LogicalNot,
    /// `where(condition, x, y)`
    Where,
    /// `clip(a, low, high)`
    Clip,
    /// To the nearest integer, ties to even; integers stay.
    Round,
}

/// Views of memory behind pointers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MemoryFn {
    /// `carray(p, shape, dtype=None)`
    Carray,
    /// `farray`, the same for one axis.
    Farray,
    /// `numpy.ctypeslib.as_array(p, shape)`
    AsArray,
}

/// Functions of `cython` that say types in plain Python.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CythonFn {
    /// `cython.declare(type, value)`, and `cython.declare(x=type)` as a statement.
    Declare,
    /// `cython.cast(type, value)`
    Cast,
}

/// What typing a call gives.
pub type Typed = Result<Expr, Box<Diagnostic>>;

impl Builtin {
    /// The fewest and the most arguments.
    pub fn arity(self) -> (usize, usize) {
        match self {
            Builtin::Python(f) => f.arity(),
            Builtin::Math(f) => f.arity(),
            Builtin::Numpy(f) => f.arity(),
            Builtin::Memory(_) => (2, 3),
            Builtin::Cython(_) => (0, 2),
            Builtin::Creation(f) => f.arity(),
            Builtin::Reduction(f) => f.arity(),
        }
    }

    /// The names by which arguments may be given, by position.
    pub fn keywords(self) -> &'static [&'static str] {
        match self {
            Builtin::Python(PythonFn::Round) => &["number", "ndigits"],
            Builtin::Python(PythonFn::Pow) => &["base", "exp", "mod"],
            Builtin::Memory(MemoryFn::Carray | MemoryFn::Farray) => &["ptr", "shape", "dtype"],
            Builtin::Memory(MemoryFn::AsArray) => &["obj", "shape"],
            Builtin::Creation(f) => f.keywords(),
            Builtin::Reduction(f) => f.keywords(),
            Builtin::Numpy(NumpyFn::Clip) => &["a", "a_min", "a_max"],
            Builtin::Numpy(NumpyFn::Round) => &["a", "decimals"],
            Builtin::Python(_) | Builtin::Math(_) | Builtin::Numpy(_) | Builtin::Cython(_) => &[],
        }
    }

    /// The place of an argument that is given by name.
    pub fn position(self, keyword: &str) -> Option<usize> {
        let keyword = match (self, keyword) {
            (Builtin::Numpy(NumpyFn::Clip), "min") => "a_min",
            (Builtin::Numpy(NumpyFn::Clip), "max") => "a_max",
            _ => keyword,
        };
        self.keywords().iter().position(|k| *k == keyword)
    }

    /// Arguments may be left out before one that is given by name: they are None then.
    pub fn has_gaps(self) -> bool {
        matches!(self, Builtin::Creation(_) | Builtin::Reduction(_) | Builtin::Numpy(NumpyFn::Clip))
    }

    /// A list may stand for a tuple among the arguments.
    pub fn takes_lists(self) -> bool {
        matches!(self, Builtin::Creation(_))
    }

    /// The name, as in messages.
    pub fn name(self) -> &'static str {
        let named = |table: &[(&'static str, Builtin)]| table.iter().find(|(_, b)| *b == self).map(|(n, _)| *n);
        [python::TABLE, math::TABLE, numpy::TABLE, memory::TABLE, cython::TABLE, creation::TABLE, reduction::TABLE]
            .into_iter()
            .find_map(named)
            .unwrap_or("function")
    }
}

/// Types a call whose arguments are all in place and of known types.
pub fn call(builtin: Builtin, args: Vec<Expr>, span: Span, tables: &Arena<Table>) -> Typed {
    let ty = match builtin {
        Builtin::Python(f) => return python::call(f, args, span, tables),
        Builtin::Memory(f) => return memory::call(f, args, span),
        Builtin::Creation(f) => return creation::call(f, args, span, tables),
        Builtin::Reduction(f) => return reduction::call(f, args, span),
        Builtin::Math(f) => math::result(f, &args, span)?,
        Builtin::Numpy(f) => numpy::result(f, &args, span)?,
        Builtin::Cython(f) => return cython::call(f, args, span, tables),
    };
    Ok(Expr { kind: ExprKind::Builtin { builtin, args }, ty, span })
}

/// The value of a call on constants, where it can be known without the platform's own libm.
pub fn fold(builtin: Builtin, args: &[Literal]) -> Option<Literal> {
    match builtin {
        Builtin::Python(f) => python::fold(f, args),
        Builtin::Math(f) => math::fold(f, args),
        Builtin::Numpy(_) | Builtin::Memory(_) | Builtin::Cython(_) | Builtin::Creation(_) | Builtin::Reduction(_) => {
            None
        }
    }
}

/// A member of a standard module.
pub fn member(module: StdModule, name: &str) -> Option<Global> {
    let known = |b: Builtin| Global::Known(Known::Builtin(b));
    let float = |x: f64| Global::Literal(Literal::Float(x));
    match module {
        StdModule::Builtins => find(python::TABLE, name)
            .map(known)
            .or_else(|| Exception::from_name(name).map(|e| Global::Known(Known::Exception(e)))),
        StdModule::Math => find(math::TABLE, name).map(known).or_else(|| constant(name).map(float)),
        StdModule::Numpy => find(numpy::TABLE, name)
            .or_else(|| find(creation::TABLE, name))
            .or_else(|| find(reduction::TABLE, name))
            .map(known)
            .or_else(|| dtype(name).map(|s| Global::Known(Known::Dtype(s))))
            .or_else(|| match name {
                "newaxis" => Some(Global::Literal(Literal::None)),
                "inf" | "nan" | "pi" | "e" => constant(name).map(float),
                "euler_gamma" => Some(float(0.577_215_664_901_532_9)),
                "True_" | "False_" => Some(Global::Literal(Literal::Np(crate::ir::op::Const::bool(name == "True_")))),
                "ctypeslib" => Some(Global::Known(Known::Module(StdModule::NumpyCtypeslib))),
                _ => removed::find(name).map(Global::Removed),
            }),
        StdModule::NumpyCtypeslib => find(memory::TABLE, name).filter(|_| name == "as_array").map(known),
        StdModule::Gelcap | StdModule::Numba => match name {
            "types" => Some(Global::Known(Known::Module(StdModule::NumbaTypes))),
            _ => find(memory::TABLE, name)
                .filter(|_| name != "as_array")
                .map(known)
                .or_else(|| dtype(name).map(|s| Global::Known(Known::Dtype(s))))
                .or_else(|| c_type(name).map(|s| Global::Known(Known::Dtype(s)))),
        },
        StdModule::NumbaTypes => dtype(name).or_else(|| c_type(name)).map(|s| Global::Known(Known::Dtype(s))),
        StdModule::Cython => find(cython::TABLE, name).map(known).or_else(|| match name {
            // As in plain Python: the kernel takes the path that CPython would.
            "compiled" => Some(Global::Literal(Literal::Bool(false))),
            // Only its kind matters in `declare` and `cast`; annotations know the system's width.
            "long" => Some(Global::Known(Known::Dtype(Scalar::I64))),
            "ulong" => Some(Global::Known(Known::Dtype(Scalar::U64))),
            // Without any of Cython's schedules, it is the loop that plain Python runs.
            "prange" => Some(known(Builtin::Python(PythonFn::Range))),
            _ => c_type(name).or_else(|| dtype(name)).map(|s| Global::Known(Known::Dtype(s))),
        }),
        StdModule::Ctypes => c_type(name.strip_prefix("c_")?).map(|s| Global::Known(Known::Dtype(s))),
    }
}

fn find(table: &[(&'static str, Builtin)], name: &str) -> Option<Builtin> {
    table.iter().find(|(n, _)| *n == name).map(|(_, b)| *b)
}

fn constant(name: &str) -> Option<f64> {
    Some(match name {
        "pi" => std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "tau" => std::f64::consts::TAU,
        "inf" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    })
}

/// A dtype by any of NumPy's names for it.
fn dtype(name: &str) -> Option<Scalar> {
    Some(match name {
        "bool_" => Scalar::Bool,
        "byte" => Scalar::I8,
        "ubyte" => Scalar::U8,
        "short" => Scalar::I16,
        "ushort" => Scalar::U16,
        "intc" => Scalar::I32,
        "uintc" => Scalar::U32,
        "int_" | "intp" | "longlong" => Scalar::I64,
        "uint" | "uintp" | "ulonglong" => Scalar::U64,
        "single" => Scalar::F32,
        "double" => Scalar::F64,
        _ => Scalar::from_dtype_name(name)?,
    })
}

/// A C type by Numba's, Cython's and ctypes' names, where its width is the same everywhere.
fn c_type(name: &str) -> Option<Scalar> {
    Some(match name {
        "int" | "intc" | "i4" => Scalar::I32,
        "uint" | "uintc" | "u4" => Scalar::U32,
        "short" | "i2" => Scalar::I16,
        "ushort" | "u2" => Scalar::U16,
        "longlong" | "ssize_t" | "Py_ssize_t" | "Py_hash_t" | "ptrdiff_t" | "i8" => Scalar::I64,
        "ulonglong" | "size_t" | "u8" => Scalar::U64,
        "char" | "byte" | "i1" => Scalar::I8,
        "uchar" | "ubyte" | "u1" => Scalar::U8,
        "float" | "f4" => Scalar::F32,
        "double" | "f8" => Scalar::F64,
        "bint" | "boolean" | "b1" => Scalar::Bool,
        _ => return None,
    })
}

/// The function of a module.
pub fn function(module: StdModule, name: &str) -> Option<Builtin> {
    tables(module).iter().find_map(|table| find(table, name))
}

/// The names of a module, for suggestions.
pub fn names(module: StdModule) -> impl Iterator<Item = &'static str> {
    tables(module).iter().flat_map(|table| table.iter().map(|(n, _)| *n))
}

fn tables(module: StdModule) -> &'static [&'static [(&'static str, Builtin)]] {
    match module {
        StdModule::Builtins => &[python::TABLE],
        StdModule::Math => &[math::TABLE],
        StdModule::Numpy => &[numpy::TABLE, creation::TABLE, reduction::TABLE],
        StdModule::NumpyCtypeslib | StdModule::Gelcap | StdModule::Numba => &[memory::TABLE],
        StdModule::Cython => &[cython::TABLE],
        StdModule::NumbaTypes | StdModule::Ctypes => &[],
    }
}

/// A builtin of Python that kernels do not have.
pub fn is_python_builtin(name: &str) -> bool {
    python::OUTSIDE.contains(&name)
}

/// What to write instead of a builtin that kernels do not have.
pub fn advice(name: &str) -> &'static str {
    match name {
        "print" => "return the value and print it outside, or raise an exception with a message",
        "map" | "filter" | "sorted" => "write a loop over indices: `for i in range(n):`",
        "complex" => "pass real and imaginary parts as two floats",
        "str" | "repr" | "format" | "chr" | "ord" | "ascii" | "bytes" | "bytearray" => {
            "handle text outside of the kernel"
        }
        "list" | "dict" | "set" | "frozenset" | "tuple" => "write tuples, or pass pointers to memory",
        "isinstance" | "type" | "callable" | "issubclass" => {
            "types are known when the function is compiled: leave it out"
        }
        _ => "do it outside of the kernel",
    }
}

/// What to write instead of a member of a module that kernels do not have.
pub fn member_advice(module: StdModule, name: &str) -> Option<&'static str> {
    (module == StdModule::Cython).then(|| cython::advice(name)).flatten()
}

/// A fault of a call.
fn refuse<T>(code: Code, span: Span, message: String, help: &str) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error(code, span, message).help(help)))
}

/// Checks that every argument is a number.
fn numbers(name: &str, args: &[Expr]) -> Result<(), Box<Diagnostic>> {
    match args.iter().find(|a| !a.ty.is_number()) {
        None => Ok(()),
        Some(a) => {
            let message = format!("`{name}` takes numbers, got {}", a.ty);
            let instead = match name {
                "int" => "`a.astype(np.int64)`".to_owned(),
                "float" => "`a.astype(np.float64)`".to_owned(),
                "divmod" => "`a // b` and `a % b`".to_owned(),
                _ => format!("`np.{}(a)`", name.trim_start_matches("np.").trim_start_matches("math.")),
            };
            let array = a.ty.as_array().is_some();
            let help =
                if array { format!("for every element of an array write {instead}") } else { "pass a number".into() };
            refuse(Code::TypeMismatch, a.span, message, &help)
        }
    }
}

/// The type that a rule gives for each kind of scalar that the arguments may be.
fn over_alternatives(
    args: &[Expr],
    span: Span,
    rule: &mut impl FnMut(&[Ty]) -> Result<Ty, Box<Diagnostic>>,
) -> Result<Ty, Box<Diagnostic>> {
    fn walk(
        args: &[Expr],
        chosen: &mut Vec<Ty>,
        joined: &mut Option<Ty>,
        span: Span,
        rule: &mut impl FnMut(&[Ty]) -> Result<Ty, Box<Diagnostic>>,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(arg) = args.get(chosen.len()) else {
            let ty = rule(chosen)?;
            *joined = Some(match joined.take() {
                None => ty,
                Some(before) => match before.join(&ty) {
                    Some(ty) => ty,
                    None => {
                        let message = format!("the result is {before} or {ty}, by the path the argument took");
                        return refuse(Code::TypeConflict, span, message, "convert the argument first");
                    }
                },
            });
            return Ok(());
        };
        for ty in arg.ty.alternatives() {
            chosen.push(ty);
            walk(args, chosen, joined, span, rule)?;
            chosen.pop();
        }
        Ok(())
    }
    // Two alternatives each: many arguments would be too many combinations.
    let open = args.iter().filter(|a| matches!(a.ty, Ty::Either(..))).count();
    if open > 4 {
        let message = "too many of these arguments are Python or NumPy scalars by the path taken".into();
        return refuse(Code::LimitExceeded, span, message, "convert them first, as with `float(x)`");
    }
    let mut joined = None;
    walk(args, &mut Vec::with_capacity(args.len()), &mut joined, span, rule)?;
    Ok(joined.unwrap_or(Ty::Error))
}
