use super::*;
use crate::diag::Code;
use crate::types::{ArrayType, Layout, Pointee, PtrType, Scalar};

fn one(text: &str) -> Signature {
    let mut all = parse(text, FileId(0), 0, DataModel::LP64).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// Parameters and result, in Python's spelling.
fn shown(text: &str) -> String {
    let signature = one(text);
    let params: Vec<String> = signature.param_types().map(ToString::to_string).collect();
    let result = signature.result.map_or("?".to_owned(), |ty| ty.to_string());
    format!("({}) -> {result}", params.join(", "))
}

#[test]
fn numba_notation() {
    assert_eq!(shown("float64(float64, float64)"), "(float64, float64) -> float64");
    assert_eq!(shown("f8[:, ::1](i4)"), "(int32) -> float64[:, ::1]");
    assert_eq!(
        shown("void(f8[:], f4[::1], u1[::1, :], b1[:,:])"),
        "(float64[:], float32[::1], uint8[::1, :], bool[:, :]) -> None"
    );
    assert_eq!(
        shown("types.void(types.CPointer(types.double), types.intc, types.intc)"),
        "(float64*, int32, int32) -> None"
    );
    assert_eq!(shown("float64(types.Array(types.float64, 2, \"C\"), voidptr)"), "(float64[:, ::1], void*) -> float64");
    assert_eq!(shown("f8(Array(f8, 2, 'F', readonly=True))"), "(const float64[::1, :]) -> float64");
    assert_eq!(shown("f8(Array(f8, 1, layout='A', aligned=False))"), "(float64[:]) -> float64");
    assert_eq!(shown("numba.float64(nb.int64)"), "(int64) -> float64");
    assert_eq!(
        shown("Tuple((f8, i4))(UniTuple(f8, 3), Optional(i8), List(f4))"),
        "(tuple[float64, float64, float64], int64 | None, list[float32]) -> tuple[float64, int32]"
    );
    assert_eq!(shown("(f8, intp)"), "(float64, int64) -> ?");
    assert_eq!(shown("types.CPointer(types.CPointer(f8))(boolean)"), "(bool_) -> float64**");
    assert_eq!(shown("void()"), "() -> None");
    assert_eq!(one("float64(int32)").notation, Notation::Numba);
    let list = parse("[f8(f8), f4(f4),]", FileId(0), 0, DataModel::LP64).unwrap();
    assert_eq!(list.iter().map(Signature::to_numba).collect::<Vec<_>>(), ["float64(float64)", "float32(float32)"]);
}

#[test]
fn c_notation() {
    assert_eq!(shown("double (int, double *, void *)"), "(int32, float64*, void*) -> float64");
    assert_eq!(shown("  double(int,double*,void*)\n"), "(int32, float64*, void*) -> float64");
    assert_eq!(
        shown("int (npy_intp *, double *, int, int, void *)"),
        "(int64*, float64*, int32, int32, void*) -> int32"
    );
    assert_eq!(shown("double f(int n, const double *x, void *user_data)"), "(int32, const float64*, void*) -> float64");
    assert_eq!(
        shown("void (unsigned long long, unsigned, long long int, unsigned char, signed char, short int)"),
        "(uint64, uint32, int64, uint8, int8, int16) -> None"
    );
    assert_eq!(
        shown("float (uint8_t, size_t, intptr_t, long, unsigned long, bool, char)"),
        "(uint8, uint64, int64, int64, uint64, bool_, int8) -> float32"
    );
    assert_eq!(
        shown("double (double x[], int n[3], float *restrict y, double const * const p)"),
        "(float64*, int32*, float32*, const float64*) -> float64"
    );
    assert_eq!(shown("int (void)"), "() -> int32");
    assert_eq!(shown("void *(double **, const void *)"), "(float64**, const void*) -> void*");
    assert_eq!(one("double (double)").notation, Notation::C);
    assert_eq!(one("int g(double x)").name.as_deref(), Some("g"));
    assert_eq!(one("int (double x, int)").params[0].name.as_deref(), Some("x"));
}

#[test]
fn c_types_follow_the_data_model() {
    let widths = |model| {
        let text = "void (long, unsigned long, npy_intp, size_t, int, long long, types.c_long)";
        let signature = parse(text, FileId(0), 0, model).unwrap().remove(0);
        signature.param_types().map(|ty| ty.scalar().unwrap().bytes()).collect::<Vec<_>>()
    };
    assert_eq!(widths(DataModel::LP64), [8, 8, 8, 8, 4, 8, 8]);
    assert_eq!(widths(DataModel::LLP64), [4, 4, 8, 8, 4, 8, 4]);
    assert_eq!(widths(DataModel::ILP32), [4, 4, 4, 4, 4, 8, 4]);
}

#[test]
fn pythran_notation() {
    assert_eq!(shown("f(int, float64 [])"), "(int, float64[::1]) -> ?");
    assert_eq!(
        shown("f(float, bool, int8, float64[:,:,:], int32[][][], float32[::], uint8[::,::])"),
        "(float, bool, int8, float64[:, :, ::1], int32[:, :, ::1], float32[:], uint8[:, :]) -> ?"
    );
    assert_eq!(shown("f(float64[:,:] order(F), float64[][] order(C))"), "(float64[::1, :], float64[:, ::1]) -> ?");
    assert_eq!(
        shown("f(int list, (int, float), int?, float64*, float64[:]?, int or None, int list list)"),
        "(list[int], tuple[int, float], int | None, float64*, float64[::1] | None, int | None, list[list[int]]) -> ?"
    );
    let both = parse("f(int or float, float64[:,:])", FileId(0), 0, DataModel::LP64).unwrap();
    let texts: Vec<String> = both.iter().map(Signature::to_pythran).collect();
    let expected = [
        "f(int, float64[:,:] order(C))",
        "f(float, float64[:,:] order(C))",
        "f(int, float64[:,:] order(F))",
        "f(float, float64[:,:] order(F))",
    ];
    assert_eq!(texts, expected);
    assert_eq!(one("f()").name.as_deref(), Some("f"));
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    let fault = |text: &str| {
        let error = parse(text, FileId(3), 100, DataModel::LP64).expect_err(text);
        let span = error.span().unwrap();
        assert_eq!(span.file, FileId(3));
        let marked = text.get(span.start as usize - 100..span.end as usize - 100).unwrap_or("").to_owned();
        (error.code, marked, error.help.unwrap())
    };
    let check = |text: &str, code: Code, marked: &str, help: &str| {
        assert_eq!(fault(text), (code, marked.to_owned(), help.to_owned()), "{text}");
    };
    check("flaot64(float64)", Code::UnknownType, "flaot64", "did you mean `float64`?");
    check("float64(flot32)", Code::UnknownType, "flot32", "did you mean `float32`?");
    check("float64(float64", Code::SignatureSyntax, "", "put a `)` here");
    check("float64 float64)", Code::SignatureSyntax, ")", "put a `(` here");
    check("", Code::SignatureSyntax, "", "write it as `float64(float64)` or `double (double)`");
    check("double (int, void)", Code::SignatureSyntax, "void", "write `void *` for a pointer of any type");
    check(
        "complex128(f8)",
        Code::ComplexUnsupported,
        "complex128",
        "pass the real and the imaginary part as two floats or two arrays",
    );
    check("double (long double)", Code::UnsupportedType, "long double", "write `double`");
    check("f8(f8[::1, ::1])", Code::SignatureSyntax, "[::1, ::1]", "write `[:, ::1]` or `[::1, :]`");
    check("f8(f8[3])", Code::UnsupportedType, "3", "write `:` for the axis");
    check("f8(f8) x", Code::SignatureSyntax, "x", "remove it");
    check("f8(f8[:]*)", Code::UnsupportedType, "*", "point to a number, or to `void`");
    check("g(str)", Code::UnsupportedType, "str", "kernels take numbers: pass codes as integers or an array of uint8");
    check("f8(Array(f8, 2, 'X'))", Code::SignatureSyntax, "'X'", "write \"C\", \"F\" or \"A\" (any strides)");
    let long = format!("f({})", ["int or float"; 10].join(", "));
    assert_eq!(fault(&long).0, Code::LimitExceeded);
    assert_eq!(fault(&format!("f8({}f8)", "Optional(".repeat(10_000))).0, Code::SignatureSyntax);
}

/// Every type that all three notations can say, and those that some can.
fn types() -> Vec<Type> {
    let mut types: Vec<Type> = Scalar::ALL.into_iter().map(Type::Np).collect();
    for scalar in Scalar::ALL {
        types.push(Type::ptr_to(scalar));
        for (rank, layout) in
            [(1, Layout::C), (1, Layout::Strided), (2, Layout::C), (2, Layout::F), (3, Layout::Strided), (0, Layout::C)]
        {
            for writable in [true, false] {
                types.push(Type::Array(ArrayType { dtype: scalar, rank, layout, writable }));
            }
        }
    }
    types.push(Type::void_ptr());
    types.push(Type::ptr(Pointee::Ptr(Box::new(PtrType { pointee: Pointee::Scalar(Scalar::F64), writable: true }))));
    types.push(Type::Tuple(vec![Type::Np(Scalar::I32), Type::Np(Scalar::F64)]));
    types.push(Type::List(Box::new(Type::Np(Scalar::I64))));
    types.push(Type::optional(Type::Np(Scalar::F32)));
    types
}

#[test]
fn what_is_printed_parses_back() {
    for ty in types() {
        let param = SigParam { ty: ty.clone(), name: None, span: Span::default() };
        let params = vec![param.clone(), param];
        let signature = Signature {
            name: None,
            params,
            result: Some(Type::Np(Scalar::F64)),
            capsule: false,
            notation: Notation::C,
            span: Span::default(),
        };
        let numba = signature.to_numba();
        assert!(one(&numba).same_types(&signature), "{numba}");
        let untold = Signature { result: None, ..signature.clone() };
        let pythran = signature.to_pythran();
        assert!(one(&pythran).same_types(&untold), "{pythran}");
        let is_c = matches!(ty, Type::Np(_) | Type::Ptr(_));
        assert_eq!(signature.to_c().is_some(), is_c);
        if let Some(c) = signature.to_c() {
            assert!(one(&c).same_types(&signature), "{c}");
        }
    }
    // Python's own types have no name in the other notations.
    assert_eq!(one("f(int, float, bool)").to_numba(), "(int64, float64, boolean)");
    assert_eq!(one("double (const double *, int)").to_c().unwrap(), "double (const double *, int)");
    assert_eq!(one("f(int, float)").to_pythran(), "f(int, float)");
}
