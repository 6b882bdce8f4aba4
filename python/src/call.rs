//! What a call does. A call picks the variant that its arguments fit, fills slots, enters the kernel and makes the
//! result's object.
//!
//! The short way ([`crate::take`]) serves exact types and native code. Everything else goes the long way: conversions,
//! buffers, several declared signatures, wasm. What no variant takes goes to the Python side (`_miss`), which binds
//! keywords and defaults, compiles a new variant, or raises.

use std::mem::MaybeUninit;
use std::sync::Arc;

use gelcap_compiler::abi;
use gelcap_compiler::artifact::ParamType;
use gelcap_compiler::types::Scalar;
use gelcap_native_host::{Context, float_state};
use pyo3::exceptions::{PyFloatingPointError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::class::{self, Class};
use crate::convert;
use crate::errors::Raised;
use crate::function::{FunctionObject, Inner};
use crate::numpy;
use crate::pointer::{Held, hold};
use crate::results::{self, Sources};
use crate::sandbox;
use crate::take::{Filled, take};
use crate::variant::{Entry, Give, INLINE_SLOTS, Short, Variant};
use crate::view::{View, is_ndarray};
use crate::wasm_call;

pub unsafe extern "C" fn vectorcall(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let nargs = nargsf & !(1usize << (usize::BITS - 1));
    // SAFETY: the vectorcall protocol: `args` holds `nargs` references, the callable is one of ours, the GIL is held.
    unsafe {
        if kwnames.is_null() {
            let args = if nargs == 0 { &[] } else { std::slice::from_raw_parts(args, nargs) };
            let inner = &*(*callable.cast::<FunctionObject>()).inner;
            for variant in &inner.variants {
                if let Some(short) = &variant.short
                    && short.takes.len() == nargs
                    && let Some(result) = run_short(variant, short, args)
                {
                    return result;
                }
                if variant.classes.is_none() {
                    // Declared signatures are tried in their order, conversions included.
                    break;
                }
            }
        }
        long_way(callable, args, nargs, kwnames)
    }
}

/// Calls a variant if its arguments are exactly what it takes; no Python code runs before the kernel does.
///
/// # Safety
/// `args` are valid references and the GIL is held.
#[inline]
unsafe fn run_short(variant: &Variant, short: &Short, args: &[*mut ffi::PyObject]) -> Option<*mut ffi::PyObject> {
    let mut slots = [const { MaybeUninit::<u64>::uninit() }; INLINE_SLOTS];
    let mut filled = Filled::new(&mut slots);
    // SAFETY: as the caller promises; the takes are for these parameters, so that the slots are what the entry wants,
    // and the caller's references keep the arrays.
    unsafe {
        for (how, arg) in short.takes.iter().zip(args) {
            if !take(how, *arg, &mut filled) {
                return None;
            }
        }
        if float_state::check() != float_state::FloatState::Standard {
            return Some(float_fault());
        }
        let mut context = MaybeUninit::uninit();
        let context = context.write(Context::for_this_thread());
        if (short.entry)(context, slots.as_mut_ptr().cast()) != abi::STATUS_OK {
            return Some(raised(variant, context));
        }
        let first = slots[0].as_ptr().cast::<u64>();
        Some(match short.give {
            Give::Float => ffi::PyFloat_FromDouble(f64::from_bits(*first)),
            Give::Int => ffi::PyLong_FromLongLong(*first as i64),
            Give::None => {
                let none = ffi::Py_None();
                ffi::Py_INCREF(none);
                none
            }
            Give::Numpy(scalar) => match numpy::known().and_then(|n| n.new_scalar(scalar, *first)) {
                Some(made) => made,
                None => give(variant, &[*first], args),
            },
            Give::Either(python, numpy) => {
                let slots = std::slice::from_raw_parts(first, 2);
                let made = match (slots[0], python) {
                    (0, Scalar::F64) => Some(ffi::PyFloat_FromDouble(f64::from_bits(slots[1]))),
                    (0, _) => Some(ffi::PyLong_FromLongLong(slots[1] as i64)),
                    _ => numpy::known().and_then(|n| n.new_scalar(numpy, slots[1])),
                };
                made.unwrap_or_else(|| give(variant, slots, args))
            }
            Give::Other => give(variant, std::slice::from_raw_parts(first, variant.result_slots), args),
        })
    }
}

/// The result that is more than a Python number.
///
/// # Safety
/// The slots are those of the variant's results; as [`run_short`].
#[inline(never)]
unsafe fn give(variant: &Variant, slots: &[u64], args: &[*mut ffi::PyObject]) -> *mut ffi::PyObject {
    Python::attach(|py| {
        // SAFETY: as the caller promises.
        pointer(py, unsafe { results::object(py, &variant.result, slots, Sources::Arguments(args)) })
    })
}

/// A new reference, or null with the exception set.
fn pointer(py: Python<'_>, result: PyResult<Bound<'_, PyAny>>) -> *mut ffi::PyObject {
    match result {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            std::ptr::null_mut()
        }
    }
}

#[cold]
fn float_fault() -> *mut ffi::PyObject {
    Python::attach(|py| pointer(py, check_float_state().map(|()| py.None().into_bound(py))))
}

/// No kernel gives the answer it promises if the thread does other arithmetic.
pub fn check_float_state() -> PyResult<()> {
    match float_state::check().fault() {
        None => Ok(()),
        Some(fault) => Err(PyFloatingPointError::new_err(fault)),
    }
}

#[cold]
fn raised(variant: &Variant, context: &Context) -> *mut ffi::PyObject {
    let raised = Raised { site: context.site as u32, payload: context.payload };
    Python::attach(|py| variant.loaded.raiser.exception(py, raised).restore(py));
    std::ptr::null_mut()
}

/// # Safety
/// The vectorcall protocol.
#[cold]
unsafe fn long_way(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargs: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    Python::attach(|py| {
        // SAFETY: as the caller promises; the caller keeps the arguments and the function.
        unsafe {
            let borrowed = |i: usize| Bound::from_borrowed_ptr(py, *args.add(i));
            let given: Vec<Bound<'_, PyAny>> = (0..nargs).map(borrowed).collect();
            let function = Bound::from_borrowed_ptr(py, callable);
            let inner = (*callable.cast::<FunctionObject>()).inner;
            let in_sandbox = (*inner).in_sandbox;
            let guard = |result: PyResult<_>| result.map_err(|e| if in_sandbox { sandbox::wrapped(py, e) } else { e });
            if (kwnames.is_null() || ffi::PyTuple_Size(kwnames) == 0)
                && let Some(result) = dispatch(py, inner, &given)
            {
                return pointer(py, guard(result));
            }
            let names = (!kwnames.is_null()).then(|| Bound::from_borrowed_ptr(py, kwnames));
            pointer(py, guard(miss(&function, &given, names.as_ref(), |i| borrowed(nargs + i))))
        }
    })
}

/// Runs the variant that takes the arguments; `None` if it is for the Python side to decide.
///
/// # Safety
/// The variants belong to a function that is alive.
unsafe fn dispatch<'py>(
    py: Python<'py>,
    inner: *mut Inner,
    args: &[Bound<'py, PyAny>],
) -> Option<PyResult<Bound<'py, PyAny>>> {
    // Python code may run meanwhile and add variants: the list is looked at anew each time.
    let at = |i: usize| {
        // SAFETY: as the caller promises, and the GIL is held.
        let variants = unsafe { &(*inner).variants };
        variants.get(i).cloned()
    };
    if at(0)?.classes.is_some() {
        // What is refused here is refused by `_miss` too, which can name the parameter.
        let looked = args.iter().map(class::look).collect::<PyResult<Vec<_>>>().ok()?;
        let classes: Vec<Class> = looked.iter().map(|l| l.class).collect();
        let mut i = 0;
        let variant = loop {
            let variant = at(i)?;
            if variant.classes.as_ref() == Some(&classes) {
                break variant;
            }
            i += 1;
        };
        return Some(match convert(py, &variant, args, looked.into_iter().map(|l| l.view).collect()) {
            Ok(given) => enter(py, &variant, given),
            Err(error) => Err(error),
        });
    }
    let mut refused = Vec::new();
    let mut i = 0;
    while let Some(variant) = at(i) {
        i += 1;
        if variant.params.len() != args.len() || wants_none(&variant, args) {
            continue;
        }
        match convert(py, &variant, args, Vec::new()) {
            Ok(given) => return Some(enter(py, &variant, given)),
            Err(error) if is_refusal(py, &error) => refused.push((variant, error)),
            Err(error) => return Some(Err(error)),
        }
    }
    match refused.len() {
        0 => None,
        1 => refused.pop().map(|(_, error)| Err(error)),
        _ => {
            let lines = refused.iter().map(|(v, e)| format!("\n  {}: {}", v.spelled, e.value(py)));
            let message = format!("no declared signature fits the arguments:{}", lines.collect::<String>());
            Some(Err(PyTypeError::new_err(message)))
        }
    }
}

/// A version of a kernel for None, of what else it could be given.
fn wants_none(variant: &Variant, args: &[Bound<'_, PyAny>]) -> bool {
    variant.params.iter().zip(args).any(|(param, arg)| matches!(param, ParamType::None) && !arg.is_none())
}

/// An argument that does not fit, and not some other exception of the code that was asked for its value.
fn is_refusal(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyTypeError>(py)
        || error.is_instance_of::<PyValueError>(py)
        || error.is_instance_of::<PyOverflowError>(py)
}

/// Calls the Python side.
fn miss<'py>(
    function: &Bound<'py, PyAny>,
    args: &[Bound<'py, PyAny>],
    names: Option<&Bound<'py, PyAny>>,
    keyword: impl Fn(usize) -> Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let positional = pyo3::types::PyTuple::new(py, args)?;
    let keywords = pyo3::types::PyDict::new(py);
    if let Some(names) = names {
        for (i, name) in names.try_iter()?.enumerate() {
            keywords.set_item(name?, keyword(i))?;
        }
    }
    function.call_method1("_miss", (positional, keywords))
}

/// An argument as its parameter wants it.
pub enum Given {
    Slot(u64),
    Pointer(Held),
    Array(View),
    /// `None`, which fills no slot.
    Nothing,
}

/// Converts arguments; `views` are those that are known already. The error names the parameter.
///
/// NumPy arrays come last: what runs before may be Python code, which may move an array's memory.
fn convert<'py>(
    py: Python<'py>,
    variant: &Variant,
    args: &[Bound<'py, PyAny>],
    views: Vec<Option<View>>,
) -> PyResult<Vec<Given>> {
    let mut given: Vec<Option<Given>> = args.iter().map(|_| None).collect();
    let mut views = views.into_iter();
    let arrays_last = [false, true];
    let mut known: Vec<Option<View>> = args.iter().map(|_| views.next().flatten()).collect();
    for arrays in arrays_last {
        for (i, (arg, param)) in args.iter().zip(&variant.params).enumerate() {
            if is_ndarray(arg) != arrays {
                continue;
            }
            // A NumPy array is looked at again, because Python code may have run since.
            let view = known[i].take().filter(|_| !arrays);
            let name = variant.param_names.get(i).map_or("?", String::as_str);
            given[i] = Some(convert_one(py, param, arg, view, name).map_err(|e| named(py, e, name))?);
        }
    }
    Ok(given.into_iter().flatten().collect())
}

fn convert_one<'py>(
    py: Python<'py>,
    param: &ParamType,
    arg: &Bound<'py, PyAny>,
    view: Option<View>,
    name: &str,
) -> PyResult<Given> {
    match param {
        ParamType::None if arg.is_none() => Ok(Given::Nothing),
        ParamType::None => Err(PyTypeError::new_err("None is wanted")),
        ParamType::Scalar(scalar) => {
            if is_ndarray(arg) && !arg.getattr("ndim")?.eq(0)? {
                return Err(PyTypeError::new_err("a number is wanted, not an array"));
            }
            // SAFETY: a valid reference, and the GIL is held.
            match unsafe { convert::to_slot(*scalar, arg.as_ptr()) } {
                Ok(bits) => Ok(Given::Slot(bits)),
                Err(()) => Err(PyErr::fetch(py)),
            }
        }
        // SAFETY: a valid reference, and the GIL is held.
        ParamType::Pointer { element, writable } => unsafe {
            hold(py, arg.as_ptr(), *element, *writable).map(Given::Pointer)
        },
        ParamType::Array(ty) => {
            if arg.is_none() {
                return Err(PyTypeError::new_err(format!(
                    "None is no array; declare `{name}: ... | None` if it may be left out"
                )));
            }
            let view = match view {
                Some(view) => view,
                None => View::of(arg)?,
            };
            view.check(*ty, name)?;
            Ok(Given::Array(view))
        }
    }
}

/// The same exception with the parameter's name in front of the message.
pub fn named(py: Python<'_>, error: PyErr, name: &str) -> PyErr {
    if !is_refusal(py, &error) {
        return error;
    }
    let message = format!("argument `{name}`: {}", error.value(py));
    match error.get_type(py).call1((message,)) {
        Ok(value) => PyErr::from_value(value),
        Err(_) => error,
    }
}

/// Calls a variant with arguments that need no binding.
pub fn run<'py>(py: Python<'py>, variant: &Arc<Variant>, args: &[Bound<'py, PyAny>]) -> PyResult<Bound<'py, PyAny>> {
    let given = convert(py, variant, args, Vec::new())?;
    enter(py, variant, given)
}

/// Enters the kernel with converted arguments, which it keeps until the result is made.
fn enter<'py>(py: Python<'py>, variant: &Variant, given: Vec<Given>) -> PyResult<Bound<'py, PyAny>> {
    check_float_state()?;
    let mut slots = Vec::with_capacity(variant.slots());
    let views: Vec<&View> =
        given.iter().filter_map(|g| if let Given::Array(view) = g { Some(view) } else { None }).collect();
    match variant.entry {
        Entry::Native(entry) => {
            for argument in &given {
                match argument {
                    Given::Nothing => {}
                    Given::Slot(bits) => slots.push(*bits),
                    Given::Pointer(held) => slots.push(held.address()),
                    Given::Array(view) => {
                        slots.push(view.data as u64);
                        slots.extend(view.shape.iter().chain(&view.strides).map(|n| *n as u64));
                    }
                }
            }
            slots.resize(variant.slots(), 0);
            let mut context = MaybeUninit::uninit();
            let context = context.write(Context::for_this_thread());
            // SAFETY: the slots are what the entry wants, and `given` keeps the memory; the variant keeps the code.
            if unsafe { entry(context, slots.as_mut_ptr()) } != abi::STATUS_OK {
                let raised = Raised { site: context.site as u32, payload: context.payload };
                return Err(variant.loaded.raiser.exception(py, raised));
            }
        }
        Entry::Wasm(index) => {
            slots.resize(variant.slots(), 0);
            wasm_call::call(py, variant, index, &given, &mut slots)?;
        }
    }
    // SAFETY: the slots are the kernel's results, just returned.
    unsafe { results::object(py, &variant.result, &slots[..variant.result_slots], Sources::Views(&views)) }
}
