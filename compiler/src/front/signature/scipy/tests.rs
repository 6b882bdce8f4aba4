use super::*;
use crate::diag::{FileId, SourceFile, SourceMap, Span};
use crate::front::signature::parse;

fn signature(text: &str) -> Signature {
    parse(text, FileId(0), 0, DataModel::LP64).unwrap().remove(0)
}

fn found(text: &str, result: KernelResult<'_>) -> (&'static str, bool) {
    let matched =
        scipy_match(&signature(text), result, DataModel::LP64).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    (matched.capsule_name(), matched.typed_user_data)
}

/// A signature whose result, where it has one, is declared.
fn declared(text: &str) -> (&'static str, bool) {
    let signature = signature(text);
    found(text, signature.result.as_ref().map_or(KernelResult::Unknown, KernelResult::Declared))
}

#[test]
fn the_table_is_what_its_texts_say() {
    for callback in &CALLBACKS {
        let signature = signature(callback.text);
        let types: Vec<Type> = callback.params.iter().map(|param| param.ty(DataModel::LP64)).collect();
        assert!(signature.param_types().eq(&types), "{}", callback.text);
        assert_eq!(signature.result, Some(callback.result()));
        assert_eq!(declared(callback.text), (callback.text, false));
        for (i, param) in callback.params.iter().enumerate() {
            match param.extent() {
                Some(Extent::Param(n)) => assert!(matches!(callback.params[n], Int | Intp)),
                Some(Extent::UserData) => assert_eq!(callback.user_data(), Some(i)),
                Some(Extent::One) | None => {}
            }
        }
    }
}

#[test]
fn every_notation_finds_the_exact_name() {
    let nquad = "double (int, double *, void *)";
    assert_eq!(declared("f(int32, float64*, float64*)"), (nquad, true));
    assert_eq!(declared("float64(intc, CPointer(double), voidptr)"), (nquad, false));
    assert_eq!(declared("double(int,double*,void*)"), (nquad, false));
    assert_eq!(declared("double f(int n, const double *x, float *user_data)"), (nquad, true));
    assert_eq!(declared("float64(float64)"), ("double (double)", false));
    assert_eq!(declared("f(float64, float32*)"), ("double (double, void *)", true));
    // As it stands it needs no user data, so the last pointer is not taken for it.
    assert_eq!(declared("f(int32, float64*)"), ("double (int, double *)", false));
    let transform = "int (npy_intp *, double *, int, int, void *)";
    assert_eq!(
        found("transform(int64*, float64*, int32, int32, float64*)", KernelResult::Inferred(&Type::PyInt)),
        (transform, true)
    );
    assert_eq!(declared("int (intptr_t *, double *, int, int, void *)"), (transform, false));
    assert_eq!(
        declared("int32(float64*, int64, float64*, voidptr)"),
        ("int (double *, npy_intp, double *, void *)", false)
    );
    assert_eq!(
        declared("g(float64*, int, float64*, int, int64*)"),
        ("int (double *, npy_intp, double *, npy_intp, void *)", true)
    );
}

#[test]
fn results_are_checked_apart() {
    let nquad = signature("f(int32, float64*, float64*)");
    let check = |result| scipy_match(&nquad, result, DataModel::LP64).is_ok();
    assert!(check(KernelResult::Inferred(&Type::PyFloat)));
    assert!(check(KernelResult::Inferred(&Type::PyInt)));
    assert!(!check(KernelResult::Inferred(&Type::None)));
    assert!(!check(KernelResult::Declared(&Type::Np(Scalar::F32))));
    let transform = signature("int (npy_intp *, double *, int, int, void *)");
    let error = scipy_match(&transform, KernelResult::Inferred(&Type::PyFloat), DataModel::LP64).unwrap_err();
    assert_eq!(
        error.message,
        "ndimage.geometric_transform wants a callback that returns `int`, and this one returns `double`"
    );
    assert_eq!(error.notes, ["SciPy's signature is `int (npy_intp *, double *, int, int, void *)`"]);
}

#[test]
fn npy_intp_is_as_wide_as_a_pointer() {
    let wide = signature("int (int64_t *, double *, int, int, void *)");
    assert!(scipy_match(&wide, KernelResult::Unknown, DataModel::ILP32).is_err());
    let narrow =
        parse("int (npy_intp *, double *, int, int, void *)", FileId(0), 0, DataModel::ILP32).unwrap().remove(0);
    assert!(scipy_match(&narrow, KernelResult::Unknown, DataModel::ILP32).is_ok());
}

#[test]
fn a_mismatch_shows_the_nearest_in_the_users_notation() {
    let error = |text: &str| *scipy_match(&signature(text), KernelResult::Unknown, DataModel::LP64).expect_err(text);
    let text = "f(int32, float32*, float64*)";
    let wrong = error(text);
    let mut sources = SourceMap::new();
    sources.add(SourceFile::new("signature", text));
    assert_eq!(wrong.message, "no function of SciPy takes a callback `f(int32, float32*, float64*)`");
    assert_eq!(sources.text(wrong.span().unwrap()), "float32*");
    assert_eq!(wrong.primary.as_ref().unwrap().text, "SciPy passes `float64*`, not `float32*`");
    assert_eq!(wrong.help.as_deref(), Some("write `f(int32, float64*, float64*)`"));
    assert_eq!(
        wrong.notes[0],
        "integrate.quad, integrate.nquad, integrate.dblquad and integrate.tplquad take `double (int, double *, void *)`"
    );
    let help = |text: &str| error(text).help.unwrap();
    assert_eq!(help("double (int, float *, void *)"), "write `double (int, double *, void *)`");
    assert_eq!(
        help("float64(int64, CPointer(float64), voidptr)"),
        "write `float64(int32, CPointer(float64), voidptr)`"
    );
    assert_eq!(help("f(int, float64*, float64*)"), "write `f(int32, float64*, float64*)`");
    assert_eq!(
        help("int (npy_intp *, float *, int, int, void *)"),
        "write `int (int64_t *, double *, int, int, void *)`"
    );
    assert_eq!(help("double (double, double)"), "write `double (double, void *)`");
    assert_eq!(help("f(float64[:])"), "write `f(float64)`");
    let span = error("f()").span();
    assert_eq!(span, Some(Span::new(FileId(0), 0, 3)));
}

#[test]
fn callbacks_by_the_name_of_the_function() {
    let texts = |name: &str| Callback::of_function(name).map(|c| c.text).collect::<Vec<_>>();
    assert_eq!(texts("geometric_transform"), ["int (npy_intp *, double *, int, int, void *)"]);
    assert_eq!(texts("scipy.ndimage.generic_filter"), ["int (double *, npy_intp, double *, void *)"]);
    assert_eq!(texts("quad").len(), 4);
    assert_eq!(texts("minimize"), [] as [&str; 0]);
}
