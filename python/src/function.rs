//! The type of compiled functions: a heap type with a vectorcall slot, so that a call costs no Python in the path.
//!
//! A function holds *variants*, one per compiled list of parameter types: see [`crate::variant`]; what a call does is in
//! [`crate::call`].

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::mem::offset_of;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::call::vectorcall;
use crate::variant::Variant;

/// The object. `ob_base` first, as CPython wants it.
#[repr(C)]
pub struct FunctionObject {
    ob_base: ffi::PyObject,
    vectorcall: ffi::vectorcallfunc,
    dict: *mut ffi::PyObject,
    weaklist: *mut ffi::PyObject,
    pub inner: *mut Inner,
}

/// The variants: those of a list of signatures in its order, those of lazy dispatch the newest first.
#[derive(Default)]
pub struct Inner {
    pub variants: Vec<Arc<Variant>>,
    /// What its calls raise are errors of a sandbox.
    pub in_sandbox: bool,
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

/// From now on, what the function's calls raise are errors of a sandbox.
#[pyfunction]
pub fn into_sandbox(function: &Bound<'_, PyAny>) -> PyResult<()> {
    let inner = inner(function)?;
    // SAFETY: the object is alive, and the GIL keeps others from it.
    unsafe { (*inner).in_sandbox = true };
    Ok(())
}

/// Adds a compiled form.
pub fn add_variant(function: &Bound<'_, PyAny>, variant: Variant) -> PyResult<()> {
    let _guard = WRITE.lock().unwrap_or_else(PoisonError::into_inner);
    let inner = inner(function)?;
    // SAFETY: the object is alive, and the GIL keeps others from its variants.
    let variants = unsafe { &mut (*inner).variants };
    let place = if variant.classes.is_some() { 0 } else { variants.len() };
    variants.insert(place, Arc::new(variant));
    Ok(())
}
