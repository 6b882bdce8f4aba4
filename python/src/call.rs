//! The type of compiled functions: a heap type with a vectorcall slot, so that a call costs no Python in the path.
//!
//! A function holds *variants*, one per compiled list of parameter types. A call picks the variant whose classes its
//! arguments have, fills slots, enters the kernel and makes the result's object. What does not fit goes to the Python
//! side (`_miss`), which binds keywords and defaults, compiles a new variant, or raises.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::mem::offset_of;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gelcap_compiler::abi;
use gelcap_compiler::artifact::ResultType;
use gelcap_native_host as native;
use gelcap_wasm_host as wasm;
use pyo3::exceptions::{PySystemError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::convert::{self, Class, Slot};
use crate::errors::Raised;
use crate::loaded::{HostCode, Loaded};
use crate::pointer::{Held, hold};

/// Arguments and results that fit here need no allocation.
const INLINE_SLOTS: usize = 16;

/// One compiled form of a function.
pub struct Variant {
    pub loaded: Arc<Loaded>,
    pub params: Vec<Slot>,
    /// The classes that lazy dispatch asks for; empty for a declared signature, which converts what it is given.
    pub classes: Vec<Class>,
    pub param_names: Vec<String>,
    pub result: ResultType,
    pub entry: Entry,
    has_pointers: bool,
}

/// The packed entry, under its host.
pub enum Entry {
    Native(native::PackedFn),
    Wasm(usize),
}

impl Variant {
    pub fn new(loaded: Arc<Loaded>, export: &str, params: Vec<Slot>, classes: Vec<Class>) -> PyResult<Variant> {
        let e = loaded.export(export)?;
        let entry = match &loaded.code {
            HostCode::Native(kernel) => Entry::Native(
                kernel.packed(e).ok_or_else(|| PySystemError::new_err("gelcap: the packed entry is missing"))?,
            ),
            HostCode::Wasm(kernel) => {
                Entry::Wasm(kernel.find(export).map_err(|e| PySystemError::new_err(e.to_string()))?)
            }
        };
        let param_names = e.params.iter().map(|p| p.name.clone()).collect();
        let result = e.result.clone();
        let has_pointers = params.iter().any(|p| matches!(p, Slot::Pointer { .. }));
        Ok(Variant { loaded, params, classes, param_names, result, entry, has_pointers })
    }
}

/// The object. `ob_base` first, as CPython wants it.
#[repr(C)]
struct FunctionObject {
    ob_base: ffi::PyObject,
    vectorcall: ffi::vectorcallfunc,
    dict: *mut ffi::PyObject,
    weaklist: *mut ffi::PyObject,
    inner: *mut Inner,
}

#[derive(Default)]
struct Inner {
    variants: Vec<Arc<Variant>>,
}

unsafe extern "C" {
    /// Exported since CPython 3.8, part of the stable ABI by name since 3.12.
    fn PyVectorcall_Call(
        callable: *mut ffi::PyObject,
        tuple: *mut ffi::PyObject,
        dict: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

static TYPE: OnceLock<usize> = OnceLock::new();
/// Variants change rarely and are read under the GIL; the lock is for the writers.
static WRITE: Mutex<()> = Mutex::new(());

/// `_gelcap.Function`, made once on top of the Python class that holds its methods.
#[pyfunction]
pub fn function_type<'py>(py: Python<'py>, methods: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let address = match TYPE.get() {
        Some(address) => *address,
        None => {
            let made = make_type(py, methods)?;
            *TYPE.get_or_init(|| made)
        }
    };
    // SAFETY: the type is kept for ever.
    Ok(unsafe { Bound::from_borrowed_ptr(py, address as *mut ffi::PyObject) })
}

fn make_type(py: Python<'_>, methods: &Bound<'_, PyAny>) -> PyResult<usize> {
    const HAVE_VECTORCALL: c_uint = 1 << 11;
    let member = |name: &'static CStr, offset: usize| ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: std::ptr::null(),
    };
    let members = [
        member(c"__vectorcalloffset__", offset_of!(FunctionObject, vectorcall)),
        member(c"__dictoffset__", offset_of!(FunctionObject, dict)),
        member(c"__weaklistoffset__", offset_of!(FunctionObject, weaklist)),
        ffi::PyMemberDef { name: std::ptr::null(), type_code: 0, offset: 0, flags: 0, doc: std::ptr::null() },
    ];
    // The type keeps pointing at its tables.
    let members = Box::leak(Box::new(members));
    let end = ffi::PyGetSetDef {
        name: std::ptr::null(),
        get: None,
        set: None,
        doc: std::ptr::null(),
        closure: std::ptr::null_mut(),
    };
    let dict = ffi::PyGetSetDef {
        name: c"__dict__".as_ptr(),
        get: Some(ffi::PyObject_GenericGetDict),
        set: Some(ffi::PyObject_GenericSetDict),
        ..end
    };
    let getset = Box::leak(Box::new([dict, end]));
    let slot = |slot: c_int, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_new, tp_new as *mut c_void),
        slot(ffi::Py_tp_dealloc, tp_dealloc as *mut c_void),
        slot(ffi::Py_tp_traverse, tp_traverse as *mut c_void),
        slot(ffi::Py_tp_clear, tp_clear as *mut c_void),
        slot(ffi::Py_tp_call, PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, getset.as_mut_ptr().cast()),
        slot(0, std::ptr::null_mut()),
    ];
    let flags = ffi::Py_TPFLAGS_DEFAULT as c_uint | ffi::Py_TPFLAGS_HAVE_GC as c_uint | HAVE_VECTORCALL;
    let name: *const c_char = c"gelcap.Function".as_ptr();
    let mut spec = ffi::PyType_Spec {
        name,
        basicsize: size_of::<FunctionObject>() as c_int,
        itemsize: 0,
        flags,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the spec's tables are valid for the call (the members for ever), and the base is a type object.
    let ty = unsafe { ffi::PyType_FromSpecWithBases(&mut spec, methods.as_ptr()) };
    if ty.is_null() { Err(PyErr::fetch(py)) } else { Ok(ty as usize) }
}

unsafe extern "C" fn tp_new(
    ty: *mut ffi::PyTypeObject,
    _args: *mut ffi::PyObject,
    _kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: called by CPython with a valid type; the allocation is zeroed and of the spec's size.
    unsafe {
        let object = ffi::PyType_GenericAlloc(ty, 0).cast::<FunctionObject>();
        if !object.is_null() {
            (*object).vectorcall = vectorcall;
            (*object).inner = Box::into_raw(Box::<Inner>::default());
        }
        object.cast()
    }
}

unsafe extern "C" fn tp_dealloc(object: *mut ffi::PyObject) {
    // SAFETY: called by CPython once, with the last reference gone.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let function = object.cast::<FunctionObject>();
        if !(*function).weaklist.is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        tp_clear(object);
        drop(Box::from_raw((*function).inner));
        let ty = ffi::Py_TYPE(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(ty.cast());
    }
}

unsafe extern "C" fn tp_traverse(object: *mut ffi::PyObject, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: called by the garbage collector on a live object.
    unsafe {
        let dict = (*object.cast::<FunctionObject>()).dict;
        if !dict.is_null() {
            let status = visit(dict, arg);
            if status != 0 {
                return status;
            }
        }
        visit(ffi::Py_TYPE(object).cast(), arg)
    }
}

unsafe extern "C" fn tp_clear(object: *mut ffi::PyObject) -> c_int {
    // SAFETY: called by CPython on a live object; the field is emptied before the reference goes.
    unsafe {
        let function = object.cast::<FunctionObject>();
        let dict = std::mem::replace(&mut (*function).dict, std::ptr::null_mut());
        ffi::Py_XDECREF(dict);
    }
    0
}

/// The variants of a `Function`; an error for anything else.
fn inner(function: &Bound<'_, PyAny>) -> PyResult<*mut Inner> {
    let ty = TYPE.get().copied().unwrap_or(0) as *mut ffi::PyTypeObject;
    // SAFETY: the object is valid; its layout is ours if its type is; the GIL guards the variants.
    unsafe {
        if ffi::Py_TYPE(function.as_ptr()) != ty {
            return Err(PyTypeError::new_err("not a gelcap.Function"));
        }
        Ok((*function.as_ptr().cast::<FunctionObject>()).inner)
    }
}

/// Adds a compiled form; the newest is asked first.
pub fn add_variant(function: &Bound<'_, PyAny>, variant: Variant) -> PyResult<()> {
    let _guard = WRITE.lock().unwrap_or_else(PoisonError::into_inner);
    let inner = inner(function)?;
    // SAFETY: the object is alive, and the GIL keeps others from its variants.
    unsafe { (*inner).variants.insert(0, Arc::new(variant)) };
    Ok(())
}

unsafe extern "C" fn vectorcall(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargsf: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let nargs = nargsf & !(1usize << (usize::BITS - 1));
    // SAFETY: the vectorcall protocol: `args` holds `nargs` references, the callable is one of ours, the GIL is held.
    unsafe {
        let py = Python::assume_attached();
        if kwnames.is_null() || ffi::PyTuple_Size(kwnames) == 0 {
            let args = if nargs == 0 { &[] } else { std::slice::from_raw_parts(args, nargs) };
            let inner = &*(*callable.cast::<FunctionObject>()).inner;
            for variant in &inner.variants {
                if matches(py, variant, args) {
                    // Python code may run meanwhile and add variants, which moves the list; but a variant is never
                    // removed while the function lives, and the caller keeps the function.
                    let variant = &*Arc::as_ptr(variant);
                    return run(py, variant, args);
                }
            }
        }
        miss(callable, args, nargs, kwnames)
    }
}

/// # Safety
/// `args` are valid references and the GIL is held.
unsafe fn matches(py: Python<'_>, variant: &Variant, args: &[*mut ffi::PyObject]) -> bool {
    if args.len() != variant.params.len() {
        return false;
    }
    // SAFETY: as the caller promises.
    variant.classes.iter().zip(args).all(|(class, arg)| unsafe { convert::class_of(py, *arg) } == *class)
}

/// What no variant takes: the Python side decides.
///
/// # Safety
/// The vectorcall protocol.
unsafe fn miss(
    callable: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargs: usize,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as the caller promises; every new reference is given back or returned.
    unsafe {
        let positional = ffi::PyTuple_New(nargs as ffi::Py_ssize_t);
        let keywords = ffi::PyDict_New();
        if positional.is_null() || keywords.is_null() {
            return std::ptr::null_mut();
        }
        for i in 0..nargs {
            let arg = *args.add(i);
            ffi::Py_INCREF(arg);
            ffi::PyTuple_SetItem(positional, i as ffi::Py_ssize_t, arg);
        }
        let count = if kwnames.is_null() { 0 } else { ffi::PyTuple_Size(kwnames) };
        for k in 0..count {
            ffi::PyDict_SetItem(keywords, ffi::PyTuple_GetItem(kwnames, k), *args.add(nargs + k as usize));
        }
        let method = ffi::PyObject_GetAttrString(callable, c"_miss".as_ptr());
        let result = if method.is_null() {
            std::ptr::null_mut()
        } else {
            ffi::PyObject_CallFunctionObjArgs(method, positional, keywords, std::ptr::null_mut::<ffi::PyObject>())
        };
        ffi::Py_XDECREF(method);
        ffi::Py_DECREF(positional);
        ffi::Py_DECREF(keywords);
        result
    }
}

/// Calls a variant with arguments that need no binding.
///
/// # Safety
/// `args` are valid references, as many as the variant has parameters, and the GIL is held.
pub unsafe fn run(py: Python<'_>, variant: &Variant, args: &[*mut ffi::PyObject]) -> *mut ffi::PyObject {
    if variant.has_pointers {
        // What holds the memory is dropped there, which counts only where pyo3 knows that the GIL is held.
        // SAFETY: as the caller promises.
        return Python::attach(|py| unsafe { run_here(py, variant, args) });
    }
    // SAFETY: as the caller promises.
    unsafe { run_here(py, variant, args) }
}

/// # Safety
/// As [`run`].
unsafe fn run_here(py: Python<'_>, variant: &Variant, args: &[*mut ffi::PyObject]) -> *mut ffi::PyObject {
    let count = args.len().max(variant.result.slots());
    let mut inline = [0u64; INLINE_SLOTS];
    let mut heap;
    let slots = if count <= INLINE_SLOTS {
        &mut inline[..count]
    } else {
        heap = vec![0u64; count];
        &mut heap[..]
    };
    let mut held: Vec<Held> = Vec::new();
    for (i, (&arg, &param)) in args.iter().zip(&variant.params).enumerate() {
        // SAFETY: as the caller promises.
        let slot = unsafe {
            match param {
                Slot::Pointer { element, writable } => match hold(py, arg, element, writable) {
                    Ok(h) => {
                        let address = h.address();
                        held.push(h);
                        Ok(address)
                    }
                    Err(e) => {
                        e.restore(py);
                        Err(())
                    }
                },
                _ => convert::to_slot(param, arg),
            }
        };
        match slot {
            Ok(bits) => slots[i] = bits,
            Err(()) => return name_parameter(variant, i),
        }
    }
    // SAFETY: the slots are filled by the variant's own list, and `held` keeps the memory alive.
    let outcome = unsafe { enter(variant, slots, args.len(), &held) };
    drop(held);
    match outcome {
        // SAFETY: the GIL is held and the slots are the results.
        Ok(()) => unsafe { convert::from_slots(py, &variant.result, &mut slots.iter()) },
        Err(failure) => {
            // pyo3 gives references back only where it knows that the GIL is held.
            Python::attach(|py| failure.exception(py, variant).restore(py));
            std::ptr::null_mut()
        }
    }
}

/// Why a kernel gave no result.
enum Failure {
    Raised(Raised),
    Wasm(wasm::Failure),
    Refused(PyErr),
}

impl Failure {
    #[cold]
    fn exception(self, py: Python<'_>, variant: &Variant) -> PyErr {
        match self {
            Failure::Raised(raised) => variant.loaded.raiser.exception(py, raised),
            Failure::Wasm(failure) => crate::loaded::wasm_error(py, &variant.loaded, &failure),
            Failure::Refused(error) => error,
        }
    }
}

/// Enters the kernel.
///
/// # Safety
/// `slots` are arguments of the variant's types; pointers among them are those of `held`.
unsafe fn enter(variant: &Variant, slots: &mut [u64], nargs: usize, held: &[Held]) -> Result<(), Failure> {
    match (&variant.entry, &variant.loaded.code) {
        (Entry::Native(entry), HostCode::Native(kernel)) => {
            // SAFETY: the entry belongs to this kernel and the slots are as it wants them.
            unsafe { kernel.call(*entry, slots) }
                .map_err(|r| Failure::Raised(Raised { site: r.site as u32, payload: r.payload }))
        }
        (Entry::Wasm(index), HostCode::Wasm(kernel)) => {
            let mut arguments = Vec::with_capacity(nargs);
            let mut pointers = held.iter();
            for (i, param) in variant.params.iter().enumerate() {
                arguments.push(match param {
                    Slot::Pointer { .. } => match pointers.next() {
                        Some(h) => h.wasm_argument(&variant.param_names[i]).map_err(Failure::Refused)?,
                        None => wasm::Argument::Slot(0),
                    },
                    _ => wasm::Argument::Slot(slots[i]),
                });
            }
            // SAFETY: what is held is valid for its length until the call returns.
            unsafe { kernel.call(*index, &arguments, slots) }.map_err(Failure::Wasm)
        }
        _ => Err(Failure::Refused(PySystemError::new_err("gelcap: an entry without its host"))),
    }
}

/// Puts the parameter's name in front of the pending exception's message.
fn name_parameter(variant: &Variant, index: usize) -> *mut ffi::PyObject {
    Python::attach(|py| name_parameter_here(py, variant, index));
    std::ptr::null_mut()
}

fn name_parameter_here(py: Python<'_>, variant: &Variant, index: usize) {
    let error = PyErr::fetch(py);
    let name = variant.param_names.get(index).map_or("?", String::as_str);
    let message = format!("argument `{name}`: {}", error.value(py));
    match error.get_type(py).call1((message,)) {
        Ok(value) => {
            // Lets the Python side tell a refused argument from an exception of the kernel.
            let _ = value.setattr("_gelcap_argument", true);
            PyErr::from_value(value).restore(py);
        }
        Err(_) => error.restore(py),
    }
}

const _: () = assert!(abi::PAYLOAD_WORDS == 4);
