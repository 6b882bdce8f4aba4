//! Wasm kernels behind C function pointers.

mod support;

use std::ffi::c_void;
use std::mem::transmute;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use gelcap_compiler::artifact::CType;
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::{Callback, CallbackError, Extents, Failure, Kernel, OnError, Trap, UserData};
use support::*;
use wasm_encoder::Instruction as I;

const DOUBLE_POINTER: CType = CType::Pointer(Some(Scalar::F64));
const INT: CType = CType::Scalar(Scalar::I32);
const INTP: CType = CType::Scalar(Scalar::I64);
const STATUS: Option<Scalar> = Some(Scalar::I32);

fn load(entry: Entry) -> Kernel {
    Kernel::load(artifact(vec![entry], &[])).expect("the artifact loads")
}

fn quiet() -> OnError {
    Arc::new(|failure| panic!("unexpected: {failure:?}"))
}

fn scipy(kernel: &Kernel, user_data: UserData, on_error: OnError) -> Callback {
    Callback::new(kernel, 0, Extents::Scipy, user_data, on_error).expect("a callback")
}

type Integrand = extern "C" fn(i32, *mut f64, *mut c_void) -> f64;

fn integrand_of(callback: &Callback) -> Integrand {
    // SAFETY: the kernel was compiled for this signature.
    unsafe { transmute::<*const u8, Integrand>(callback.pointer()) }
}

#[test]
fn quad() {
    let kernel = load(integrand());
    let callback = scipy(&kernel, UserData::Bytes(8), quiet());
    let f = integrand_of(&callback);
    let mut c = 1.0f64;
    let mut x = [2.0, 3.0, 4.0];
    assert_eq!(f(3, x.as_mut_ptr(), (&raw mut c).cast()), -9.0);
    c = 100.0;
    assert_eq!(f(3, x.as_mut_ptr(), (&raw mut c).cast()), 90.0);
}

#[test]
fn user_data_of_unknown_size_is_refused_when_it_comes() {
    let failures = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&failures);
    let on_error: OnError = Arc::new(move |failure| {
        assert!(matches!(failure, Failure::Range { message } if message.contains("user data")), "{failure:?}");
        seen.fetch_add(1, Ordering::Relaxed);
    });
    let kernel = load(integrand());
    let callback = scipy(&kernel, UserData::Null, on_error);
    let mut x = [2.0, 3.0, 4.0];
    let user = x.as_mut_ptr().cast();
    assert!(integrand_of(&callback)(3, x.as_mut_ptr(), user).is_nan());
    assert_eq!(failures.load(Ordering::Relaxed), 1);
}

/// `int (npy_intp *out, double *in, int out_rank, int in_rank, void *)`: `in[k] = out[k] - 0.5`, for two dimensions.
fn shift() -> Entry {
    let coordinate = |k: u64| {
        let value = [pointer(0), vec![I::I64Load(at(8 * k)), I::F64ConvertI64S, I::F64Const(0.5.into()), I::F64Sub]];
        [pointer(1), value.concat(), vec![I::F64Store(at(8 * k))]].concat()
    };
    let status = vec![I::LocalGet(1), I::I64Const(1), I::I64Store(at(0)), I::I32Const(0)];
    let params = [("output", LONGS), ("input", DOUBLES), ("output_rank", I64), ("input_rank", I64), ("user", DOUBLES)];
    Entry::new("shift", &params, [coordinate(0), coordinate(1), status].concat()).returning(Scalar::I64).with_c(
        "int (npy_intp *, double *, int, int, void *)",
        &[CType::Pointer(Some(Scalar::I64)), DOUBLE_POINTER, INT, INT, CType::Pointer(None)],
        STATUS,
    )
}

#[test]
fn geometric_transform() {
    let kernel = load(shift());
    let callback = scipy(&kernel, UserData::Null, quiet());
    type Transform = extern "C" fn(*mut i64, *mut f64, i32, i32, *mut c_void) -> i32;
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, Transform>(callback.pointer()) };
    let (mut output, mut input) = ([7, 9], [0.0; 3]);
    assert_eq!(f(output.as_mut_ptr(), input.as_mut_ptr(), 2, 2, std::ptr::null_mut()), 1);
    assert_eq!(input, [6.5, 8.5, 0.0]);
}

/// `generic_filter` and its extents: the first element goes to `return_value`.
fn first_of() -> Entry {
    let store = [pointer(2), element(0, 0), element(3, 0), vec![I::F64Mul, I::F64Store(at(0))]].concat();
    let status = vec![I::LocalGet(1), I::I64Const(1), I::I64Store(at(0)), I::I32Const(0)];
    let params = [("buffer", DOUBLES_READ), ("size", I64), ("result", DOUBLES), ("user", DOUBLES)];
    Entry::new("first", &params, [store, status].concat()).returning(Scalar::I64).with_c(
        "int (double *, intptr_t, double *, void *)",
        &[DOUBLE_POINTER, INTP, DOUBLE_POINTER, CType::Pointer(None)],
        STATUS,
    )
}

#[test]
fn generic_filter_from_many_threads() {
    let kernel = load(first_of());
    let callback = scipy(&kernel, UserData::Bytes(8), quiet());
    type Filter = extern "C" fn(*mut f64, isize, *mut f64, *mut c_void) -> i32;
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, Filter>(callback.pointer()) };
    thread::scope(|scope| {
        for t in 0..8 {
            scope.spawn(move || {
                let mut factor = 3.0f64;
                for k in 0..2000 {
                    let mut buffer = [f64::from(t * 10_000 + k), 1.0, 2.0];
                    let mut result = 0.0;
                    assert_eq!(f(buffer.as_mut_ptr(), 3, &mut result, (&raw mut factor).cast()), 1);
                    assert_eq!(result, 3.0 * buffer[0]);
                }
            });
        }
    });
}

/// `void (double *in, double *out, int m, int n)`: `out[m*n - 1] = in[0]`, through pointers alone.
fn my_callback() -> Entry {
    let count = vec![I::LocalGet(1), I::I64Load(at(16)), I::LocalGet(1), I::I64Load(at(24)), I::I64Mul, I::I32WrapI64];
    let last = [pointer(1), count, vec![I::I32Const(1), I::I32Sub, I::I32Const(3), I::I32Shl, I::I32Add]].concat();
    let body = [last, element(0, 0), vec![I::F64Store(at(0)), I::I32Const(0)]].concat();
    Entry::new("my_callback", &[("in", DOUBLES_READ), ("out", DOUBLES), ("m", I64), ("n", I64)], body)
        .returning_nothing()
        .with_c("void (double *, double *, int, int)", &[DOUBLE_POINTER, DOUBLE_POINTER, INT, INT], None)
}

#[test]
fn stated_extents() {
    let kernel = load(my_callback());
    let unknown = Callback::new(&kernel, 0, Extents::Scipy, UserData::Null, quiet()).err();
    assert!(matches!(unknown, Some(CallbackError::UnknownExtent { param, .. }) if param == "in"));
    let given = |pairs: &[(&str, &str)]| Callback::new(&kernel, 0, Extents::Given(pairs), UserData::Null, quiet());
    assert!(
        matches!(given(&[("in", "m*n")]).err(), Some(CallbackError::UnknownExtent { param, .. }) if param == "out")
    );
    assert!(matches!(given(&[("in", "m*q")]).err(), Some(CallbackError::BadExtent { .. })));
    assert!(matches!(given(&[("x", "m")]).err(), Some(CallbackError::NoSuchParam { .. })));
    let callback = given(&[("in", "m*n"), ("out", "m*n")]).expect("a callback");
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, extern "C" fn(*const f64, *mut f64, i32, i32)>(callback.pointer()) };
    let (input, mut output) = ([5.0; 12], [0.0; 12]);
    f(input.as_ptr(), output.as_mut_ptr(), 3, 4);
    assert_eq!(output[11], 5.0);
    assert_eq!(output[..11], [0.0; 11]);
}

#[test]
fn failures_reach_the_host_and_c_gets_its_failure_value() {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let on_error: OnError = Arc::new(move |failure| {
        if let Failure::Raised { payload, .. } = failure {
            LAST.store(payload[0], Ordering::Relaxed);
        }
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let number = fail().with_c("double (int)", &[INT], Some(Scalar::F64));
    let kernel = load(number);
    let callback = scipy(&kernel, UserData::Null, Arc::clone(&on_error));
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, extern "C" fn(i32) -> f64>(callback.pointer()) };
    for k in 0..20_000 {
        assert!(f(-k).is_nan());
        assert_eq!(LAST.load(Ordering::Relaxed), i64::from(-k));
    }
    assert_eq!(count.load(Ordering::Relaxed), 20_000);
    let status = fail().returning(Scalar::I64).with_c("int (int)", &[INT], STATUS);
    let kernel = load(status);
    let callback = scipy(&kernel, UserData::Null, on_error);
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, extern "C" fn(i32) -> i32>(callback.pointer()) };
    assert_eq!(f(5), 0);
}

#[test]
fn results_that_do_not_fit_are_failures() {
    // Returns its argument, a Python int, as a C int.
    let body = vec![I::I32Const(0)];
    let entry = Entry::new("same", &[("x", I64)], body).returning(Scalar::I64).with_c("int (long)", &[INTP], STATUS);
    let kernel = load(entry);
    let messages = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&messages);
    let artifact = kernel.artifact().clone();
    let on_error: OnError = Arc::new(move |failure| {
        seen.lock().expect("not poisoned").push((failure.exception(&artifact), failure.message(&artifact)));
    });
    let callback = scipy(&kernel, UserData::Null, on_error);
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, extern "C" fn(i64) -> i32>(callback.pointer()) };
    assert_eq!(f(-7), -7);
    assert_eq!(f(1 << 40), 0);
    let message = "the kernel's result does not fit the C function's int32".to_string();
    let expected = (gelcap_compiler::abi::status::Exception::OverflowError, message);
    assert_eq!(*messages.lock().expect("not poisoned"), [expected]);
}

#[test]
fn recursion_in_a_callback_on_a_small_thread() {
    let trapped = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&trapped);
    let on_error: OnError = Arc::new(move |failure| {
        assert!(matches!(failure, Failure::Trap(Trap::StackOverflow)), "{failure:?}");
        seen.fetch_add(1, Ordering::Relaxed);
    });
    let kernel = load(forever(0).with_c("double (int)", &[INT], Some(Scalar::F64)));
    let callback = scipy(&kernel, UserData::Null, on_error);
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, extern "C" fn(i32) -> f64>(callback.pointer()) };
    assert!(f(1).is_nan());
    let small = thread::Builder::new().stack_size(256 << 10).spawn(move || f(2).is_nan());
    assert!(small.expect("a thread").join().expect("it lives"));
    assert_eq!(trapped.load(Ordering::Relaxed), 2);
}

#[test]
fn an_address_given_away_outlives_everything() {
    let address = {
        let kernel = load(integrand());
        scipy(&kernel, UserData::Bytes(8), quiet()).address()
    };
    // SAFETY: the kernel was compiled for this signature.
    let f = unsafe { transmute::<*const u8, Integrand>(address) };
    let mut x = [1.0, 2.0, 3.0];
    let user = x.as_mut_ptr().cast();
    assert_eq!(f(3, x.as_mut_ptr(), user), -4.0);
}
