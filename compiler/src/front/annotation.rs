//! Annotations to types: `x: gelcap.float64`, `npt.NDArray[np.float64]`, `cython.double[:, ::1]`, `float | None`.
//!
//! Names are resolved through the imports and plain assignments of the file (`f8 = np.float64`), and by their own text
//! where the file does not say.

use super::lexical;
use super::parse::parse_expression;
use super::signature::DataModel;
use super::signature::array::canonical;
use super::signature::parser::{Parse, resolve, unknown_type};
use super::signature::spelling::{self, Dialect, Meaning};
use super::syntax::{BinaryOp, Expr, ExprKind, Module, StmtKind};
use crate::diag::{Code, Diagnostic, Sink, SourceFile, SourceMap, Span};
use crate::types::array::MAX_RANK;
use crate::types::{ArrayType, Layout, Pointee, PtrType, Scalar, Type};
use std::collections::BTreeMap;

/// What an annotation asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Annotation {
    /// Exactly this type.
    Type(Type),
    /// `np.ndarray`, `NDArray[np.float64]`: an array of any rank and layout, and of any dtype if none is given.
    AnyArray { dtype: Option<Scalar>, optional: bool },
}

/// What the names at the top level of a file stand for, as dotted paths: `np` is `numpy`, `f8` is `numpy.float64`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imports {
    names: BTreeMap<String, String>,
}

impl Imports {
    pub fn of(module: &Module) -> Imports {
        let mut imports = Imports::default();
        for stmt in &module.body {
            match &stmt.kind {
                StmtKind::Import(aliases) => {
                    for alias in aliases {
                        let top = alias.name.split('.').next().unwrap_or_default();
                        let (name, path) = match &alias.asname {
                            Some(asname) => (asname.as_str(), alias.name.as_str()),
                            None => (top, top),
                        };
                        imports.names.insert(name.to_owned(), path.to_owned());
                    }
                }
                StmtKind::ImportFrom { module: Some(module), names, level: 0 } => {
                    for alias in names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        imports.names.insert(name.clone(), format!("{module}.{}", alias.name));
                    }
                }
                StmtKind::Assign { targets, value } => {
                    if let ([Expr { kind: ExprKind::Name(name), .. }], Some(path)) = (&targets[..], imports.path(value))
                    {
                        imports.names.insert(name.clone(), path);
                    }
                }
                _ => {}
            }
        }
        imports
    }

    /// Whether the file imports the module, or something of it.
    pub fn uses(&self, module: &str) -> bool {
        self.names.values().any(|path| path.split('.').next() == Some(module))
    }

    /// The full path of `np.float64`: `numpy.float64`.
    pub fn path(&self, expr: &Expr) -> Option<String> {
        let path = expr.path()?;
        let (first, rest) = path.split_first()?;
        let first = self.names.get(*first).map_or(*first, String::as_str);
        Some(std::iter::once(first).chain(rest.iter().copied()).collect::<Vec<_>>().join("."))
    }
}

/// Reads an annotation; what is wrong with it goes to the sink.
pub fn read(expr: &Expr, imports: &Imports, model: DataModel, sink: &mut Sink) -> Option<Annotation> {
    let reader = Reader { imports, model };
    match reader.annotation(expr) {
        Ok(annotation) => Some(annotation),
        Err(diagnostic) => {
            sink.push(*diagnostic);
            None
        }
    }
}

struct Reader<'a> {
    imports: &'a Imports,
    model: DataModel,
}

fn fault(expr: &Expr, message: impl Into<String>, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(Code::UnsupportedType, expr.span, message).help(help))
}

impl Reader<'_> {
    fn annotation(&self, expr: &Expr) -> Parse<Annotation> {
        match &expr.kind {
            ExprKind::None => Ok(Annotation::Type(Type::None)),
            ExprKind::Str(text) => self.quoted(text, expr.span),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => self.named(expr),
            ExprKind::Binary { op: BinaryOp::BitOr, left, right } => self.union(expr, &[left, right]),
            ExprKind::Subscript { value, index } => {
                let items = match &index.kind {
                    ExprKind::Tuple(items) => items.iter().collect(),
                    _ => vec![&**index],
                };
                self.subscript(expr, value, &items)
            }
            // `ctypes.POINTER(ctypes.c_double)`
            ExprKind::Call { function, args, keywords } if keywords.is_empty() => {
                let path = self.imports.path(function).unwrap_or_default();
                match (path.rsplit('.').next(), &args[..]) {
                    (Some("POINTER"), [pointee]) => self.pointer(pointee),
                    _ => Err(fault(expr, "this call is no type", "write a type, such as `gelcap.float64`")),
                }
            }
            _ => Err(fault(expr, "this is no type", "write a type, such as `gelcap.float64` or `float`")),
        }
    }

    /// An annotation that must be an exact type.
    fn ty(&self, expr: &Expr) -> Parse<Type> {
        match self.annotation(expr)? {
            Annotation::Type(ty) => Ok(ty),
            Annotation::AnyArray { .. } => {
                Err(fault(expr, "an array without rank cannot stand here", "write `gelcap.Array[gelcap.float64, 2]`"))
            }
        }
    }

    /// A forward reference: the text is an expression, or a type as signatures write it.
    fn quoted(&self, text: &str, span: Span) -> Parse<Annotation> {
        // The text comes from a literal, which nobody has checked for depth.
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("annotation", text));
        if lexical::check(&sources, file, &mut Sink::new()).is_some()
            && let Ok(expr) = parse_expression(text, span.file, span)
            && !matches!(expr.kind, ExprKind::Str(_))
        {
            return self.annotation(&expr);
        }
        let ty = super::signature::parse_type(text, span.file, span.start, self.model);
        ty.map(Annotation::Type).map_err(|diagnostic| Box::new(diagnostic.at(span)))
    }

    fn named(&self, expr: &Expr) -> Parse<Annotation> {
        let path = self.imports.path(expr).unwrap_or_default();
        if matches!(spelling::base_name(&path), Some("ndarray" | "NDArray" | "ArrayLike" | "memoryview")) {
            return Ok(Annotation::AnyArray { dtype: None, optional: false });
        }
        match spelling::meaning(&path, Dialect::Python, self.model) {
            Some(meaning) => resolve(meaning, &path, expr.span).map(Annotation::Type),
            None => Err(unknown_type(&path, expr.span)),
        }
    }

    /// `A | None`, `Union[A, None]`
    fn union(&self, expr: &Expr, items: &[&Expr]) -> Parse<Annotation> {
        let mut found = Vec::new();
        for item in items {
            found.push(self.annotation(item)?);
        }
        let none = Annotation::Type(Type::None);
        let has_none = found.contains(&none);
        found.retain(|item| *item != none);
        found.dedup();
        match (found.pop(), found.is_empty()) {
            (Some(item), true) if has_none => Ok(match item {
                Annotation::Type(ty) => Annotation::Type(Type::optional(ty)),
                Annotation::AnyArray { dtype, .. } => Annotation::AnyArray { dtype, optional: true },
            }),
            (Some(item), true) => Ok(item),
            (None, _) => Ok(none),
            (Some(_), false) => Err(fault(
                expr,
                "a parameter cannot be of several types",
                "leave the annotation out: types are taken from each call",
            )),
        }
    }

    fn subscript(&self, expr: &Expr, value: &Expr, items: &[&Expr]) -> Parse<Annotation> {
        let path = self.imports.path(value).unwrap_or_default();
        let name = spelling::base_name(&path).unwrap_or_default();
        let exact = |ty| Ok(Annotation::Type(ty));
        match (name, items) {
            ("NDArray", [dtype]) => self.any_array(dtype),
            // `np.ndarray[shape, np.dtype[np.float64]]`
            ("ndarray", [_, dtype]) => self.any_array(dtype),
            ("dtype", [dtype]) => self.annotation(dtype),
            ("Array", [dtype, rank]) => self.array(expr, dtype, rank, None),
            ("Array", [dtype, rank, order]) => self.array(expr, dtype, rank, Some(order)),
            ("Ptr" | "POINTER", [pointee]) => self.pointer(pointee),
            ("Optional", [inner]) => self.union(expr, &[inner, &Expr { kind: ExprKind::None, span: inner.span }]),
            ("Union", items) => self.union(expr, items),
            ("Annotated" | "Final" | "ClassVar", [inner, ..]) => self.annotation(inner),
            ("list" | "List", [item]) => exact(Type::List(Box::new(self.ty(item)?))),
            ("tuple" | "Tuple", [_, Expr { kind: ExprKind::Ellipsis, .. }]) => {
                Err(fault(expr, "a tuple of unknown length is not supported", "write each item: `tuple[int, int]`"))
            }
            ("tuple" | "Tuple", items) => {
                let items: Parse<Vec<Type>> = items.iter().map(|item| self.ty(item)).collect();
                exact(Type::Tuple(items?))
            }
            _ => self.memoryview(expr, value, items),
        }
    }

    fn any_array(&self, dtype: &Expr) -> Parse<Annotation> {
        if matches!(&dtype.kind, ExprKind::Name(name) if name == "Any") {
            return Ok(Annotation::AnyArray { dtype: None, optional: false });
        }
        let ty = self.ty(dtype)?;
        match ty.scalar() {
            Some(scalar) => Ok(Annotation::AnyArray { dtype: Some(scalar), optional: false }),
            None => {
                Err(fault(dtype, format!("an array of `{ty}` is not supported"), "the elements of arrays are numbers"))
            }
        }
    }

    fn pointer(&self, pointee: &Expr) -> Parse<Annotation> {
        let pointee = match self.ty(pointee)? {
            Type::None => Pointee::Void,
            Type::Ptr(inner) => Pointee::Ptr(Box::new(inner)),
            ty => match ty.scalar() {
                Some(scalar) => Pointee::Scalar(scalar),
                None => {
                    return Err(fault(pointee, format!("a pointer to `{ty}` is not supported"), "point to a number"));
                }
            },
        };
        Ok(Annotation::Type(Type::Ptr(PtrType { pointee, writable: true })))
    }

    /// `gelcap.Array[dtype, rank]`, with an order as third argument.
    fn array(&self, expr: &Expr, dtype: &Expr, rank: &Expr, order: Option<&Expr>) -> Parse<Annotation> {
        let rank = match &rank.kind {
            ExprKind::Int(n) => n.to_i64().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= MAX_RANK),
            _ => None,
        };
        let Some(rank) = rank else {
            return Err(fault(
                expr,
                "the rank of an array is a small number",
                "write `gelcap.Array[gelcap.float64, 2]`",
            ));
        };
        let layout = match order.map(|order| &order.kind) {
            None => Layout::Strided,
            Some(ExprKind::Str(text)) if text == "A" => Layout::Strided,
            Some(ExprKind::Str(text)) if text == "C" => Layout::C,
            Some(ExprKind::Str(text)) if text == "F" => Layout::F,
            Some(_) => return Err(fault(expr, "this is no memory order", "write \"C\", \"F\" or \"A\" (any strides)")),
        };
        self.array_type(dtype, rank, layout)
    }

    fn array_type(&self, dtype: &Expr, rank: u8, layout: Layout) -> Parse<Annotation> {
        let ty = self.ty(dtype)?;
        let Some(dtype) = ty.scalar() else {
            return Err(fault(
                dtype,
                format!("an array of `{ty}` is not supported"),
                "the elements of arrays are numbers",
            ));
        };
        let layout = canonical(layout, rank);
        Ok(Annotation::Type(Type::Array(ArrayType { dtype, rank, layout, writable: true })))
    }

    /// Cython's and Numba's `double[:, ::1]`.
    fn memoryview(&self, expr: &Expr, value: &Expr, items: &[&Expr]) -> Parse<Annotation> {
        let mut dense = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let ExprKind::Slice { lower: None, upper: None, step } = &item.kind else {
                return Err(self.no_generic(expr, value));
            };
            match step.as_ref().map(|step| &step.kind) {
                None => {}
                Some(ExprKind::Int(n)) if n.to_i64() == Some(1) => dense.push(i),
                Some(_) => return Err(fault(item, "an axis is `:` or `::1`", "write `:`")),
            }
        }
        let layout = match dense[..] {
            [] => Layout::Strided,
            [axis] if axis + 1 == items.len() => Layout::C,
            [0] => Layout::F,
            _ => {
                let message = "`::1` stands once: at the last axis (C order) or at the first (Fortran order)";
                return Err(fault(expr, message, "write `[:, ::1]` or `[::1, :]`"));
            }
        };
        let Some(rank) = u8::try_from(items.len()).ok().filter(|rank| *rank <= MAX_RANK) else {
            return Err(fault(expr, format!("an array has at most {MAX_RANK} axes"), "use fewer axes"));
        };
        self.array_type(value, rank, layout)
    }

    /// Brackets behind something that takes none.
    fn no_generic(&self, expr: &Expr, value: &Expr) -> Box<Diagnostic> {
        let path = self.imports.path(value).unwrap_or_default();
        match spelling::meaning(&path, Dialect::Python, self.model) {
            Some(Meaning::Type(_)) => {
                fault(expr, "this is no array type", "write `[:]` for one axis, `[:, :]` for two")
            }
            Some(meaning) => match resolve(meaning, &path, value.span) {
                Err(diagnostic) => diagnostic,
                Ok(_) => fault(expr, "this is no type", "write a type, such as `gelcap.float64`"),
            },
            None if path.is_empty() => fault(expr, "this is no type", "write a type, such as `gelcap.float64`"),
            None => unknown_type(&path, value.span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front;

    const HEAD: &str = "import numpy as np\nimport numpy.typing as npt\nimport gelcap, ctypes, cython\nfrom typing import Optional, Union, Any\n\
        from numpy import float64 as f8\nfrom gelcap import Array, float32\nDTYPE = np.int32\n";

    fn read_text(annotation: &str) -> Result<Annotation, Box<Diagnostic>> {
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", format!("{HEAD}def f(x: {annotation}): pass\n")));
        let mut sink = Sink::new();
        let parsed = front::parse(&sources, file, &mut sink);
        let function = parsed.module.function("f").unwrap_or_else(|| panic!("{annotation}: {sink:?}"));
        let imports = Imports::of(&parsed.module);
        let expr = function.params.list[0].annotation.as_ref().unwrap();
        read(expr, &imports, DataModel::LP64, &mut sink).ok_or_else(|| Box::new(sink.finish().remove(0)))
    }

    fn shown(annotation: &str) -> String {
        match read_text(annotation) {
            Ok(Annotation::Type(ty)) => ty.to_string(),
            Ok(Annotation::AnyArray { dtype, optional }) => {
                let dtype = dtype.map_or("any", Scalar::dtype_name);
                format!("array of {dtype}{}", if optional { " | None" } else { "" })
            }
            Err(error) => panic!("{annotation}: {error:?}"),
        }
    }

    #[test]
    fn every_spelling_is_read() {
        let cases = [
            ("int", "int"),
            ("float", "float"),
            ("bool", "bool"),
            ("None", "None"),
            ("gelcap.float64", "float64"),
            ("np.float64", "float64"),
            ("np.bool_", "bool_"),
            ("f8", "float64"),
            ("float32", "float32"),
            ("DTYPE", "int32"),
            ("ctypes.c_double", "float64"),
            ("ctypes.c_int", "int32"),
            ("cython.int", "int32"),
            ("cython.double", "float64"),
            ("npt.NDArray[np.float64]", "array of float64"),
            ("npt.NDArray", "array of any"),
            ("np.ndarray", "array of any"),
            ("np.ndarray[Any, np.dtype[np.int8]]", "array of int8"),
            ("npt.NDArray[np.float32] | None", "array of float32 | None"),
            ("gelcap.Array[gelcap.float64, 2]", "float64[:, :]"),
            ("Array[f8, 2, 'F']", "float64[::1, :]"),
            ("Array[float, 1, 'C']", "float64[::1]"),
            ("gelcap.Ptr[gelcap.float64]", "float64*"),
            ("gelcap.Ptr[None]", "void*"),
            ("gelcap.Ptr[gelcap.Ptr[float32]]", "float32**"),
            ("ctypes.POINTER(ctypes.c_double)", "float64*"),
            ("ctypes.c_void_p", "void*"),
            ("float | None", "float | None"),
            ("None | gelcap.int8", "int8 | None"),
            ("Optional[float]", "float | None"),
            ("Union[int, None]", "int | None"),
            ("tuple[int, float]", "tuple[int, float]"),
            ("list[int]", "list[int]"),
            ("cython.double[:, ::1]", "float64[:, ::1]"),
            ("gelcap.float32[:]", "float32[:]"),
            ("'np.float64'", "float64"),
            ("'gelcap.float64[:, ::1] | None'", "float64[:, ::1] | None"),
            ("'double *'", "float64*"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_type_is_named() {
        let code = |text: &str| read_text(text).expect_err(text).code;
        assert_eq!(code("flaot"), Code::UnknownType);
        assert_eq!(code("np.float46"), Code::UnknownType);
        assert_eq!(code("foo.float64"), Code::UnknownType);
        assert_eq!(code("complex"), Code::ComplexUnsupported);
        assert_eq!(code("np.complex128"), Code::ComplexUnsupported);
        assert_eq!(code("npt.NDArray[np.complex64]"), Code::ComplexUnsupported);
        assert_eq!(code("str"), Code::UnsupportedType);
        assert_eq!(code("dict[str, int]"), Code::UnsupportedType);
        assert_eq!(code("int | float"), Code::UnsupportedType);
        assert_eq!(code("tuple[int, ...]"), Code::UnsupportedType);
        assert_eq!(code("3"), Code::UnsupportedType);
        assert_eq!(code("gelcap.float64[3]"), Code::UnsupportedType);
        assert_eq!(code("Array[f8, 'x']"), Code::UnsupportedType);
        assert_eq!(code("f8[::2]"), Code::UnsupportedType);
        assert_eq!(code("'((('"), Code::SignatureSyntax);
        assert_eq!(code(&format!("'{}'", "-".repeat(50_000))), Code::SignatureSyntax);
        assert_eq!(read_text("flaot").unwrap_err().help.as_deref(), Some("did you mean `float`?"));
    }
}
