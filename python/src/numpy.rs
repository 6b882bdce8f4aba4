//! What is known of NumPy: its types by address, arrays by the offsets of `abi::descriptor`, the functions of its C
//! interface that make arrays. NumPy is looked up when somebody else has imported it, and imported only for a result
//! that is NumPy's.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::OnceLock;

use gelcap_compiler::abi::descriptor::{numpy_array as array, numpy_dtype as dtype};
use gelcap_compiler::types::{ArrayType, Layout, Scalar};
use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// NumPy's types, found once.
pub struct Numpy {
    pub ndarray: *mut ffi::PyTypeObject,
    /// The base of all scalar types.
    pub generic: *mut ffi::PyTypeObject,
    /// The scalar types; two more than there are scalars, since C has two names for eight bytes.
    scalars: [ScalarType; 13],
    api: Option<Api>,
}

/// A scalar type, and how its objects are made without a call through Python.
#[derive(Clone, Copy)]
struct ScalarType {
    ty: *mut ffi::PyTypeObject,
    scalar: Scalar,
    alloc: Option<ffi::allocfunc>,
}

/// Functions of the C interface, from the table that it keeps the same since 1.0.
#[derive(Clone, Copy)]
struct Api {
    descr_from_type: unsafe extern "C" fn(c_int) -> *mut ffi::PyObject,
    new_from_descr: NewFromDescr,
    set_base: unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> c_int,
}

type NewFromDescr = unsafe extern "C" fn(
    subtype: *mut ffi::PyTypeObject,
    descr: *mut ffi::PyObject,
    rank: c_int,
    shape: *const i64,
    strides: *const i64,
    data: *mut c_void,
    flags: c_int,
    like: *mut ffi::PyObject,
) -> *mut ffi::PyObject;

// SAFETY: the addresses are of immortal types (a reference is leaked) and of functions; they are used under the GIL.
unsafe impl Send for Numpy {}
// SAFETY: as above.
unsafe impl Sync for Numpy {}

static NUMPY: OnceLock<Numpy> = OnceLock::new();

/// Where the value stands in NumPy's scalars, floats included.
pub const SCALAR_VALUE: usize = size_of::<ffi::PyObject>();

/// NumPy, if it has been looked up already.
#[inline]
pub fn known() -> Option<&'static Numpy> {
    NUMPY.get()
}

/// NumPy, if somebody has imported it.
pub fn loaded(py: Python<'_>) -> Option<&'static Numpy> {
    if let Some(known) = NUMPY.get() {
        return Some(known);
    }
    let modules = py.import("sys").ok()?.getattr("modules").ok()?;
    let numpy = modules.get_item("numpy").ok()?;
    let found = Numpy::find(py, &numpy).ok()?;
    Some(NUMPY.get_or_init(|| found))
}

/// NumPy, imported now if need be.
pub fn needed(py: Python<'_>) -> PyResult<&'static Numpy> {
    if loaded(py).is_none() {
        py.import("numpy")?;
    }
    loaded(py).ok_or_else(|| PyImportError::new_err("this NumPy lacks the types that gelcap needs"))
}

impl Numpy {
    fn find(py: Python<'_>, numpy: &Bound<'_, PyAny>) -> PyResult<Numpy> {
        let ndarray = numpy.getattr("ndarray")?.into_ptr().cast();
        let generic = numpy.getattr("generic")?.into_ptr().cast();
        let mut scalars = [ScalarType { ty: std::ptr::null_mut(), scalar: Scalar::Bool, alloc: None }; 13];
        let names = Scalar::ALL.into_iter().map(|s| (if s == Scalar::Bool { "bool_" } else { s.dtype_name() }, s));
        let all = names.chain([("longlong", Scalar::I64), ("ulonglong", Scalar::U64)]);
        for (entry, (name, scalar)) in scalars.iter_mut().zip(all) {
            let ty = numpy.getattr(name)?;
            let alloc = allocator(&ty);
            *entry = ScalarType { ty: ty.into_ptr().cast(), scalar, alloc };
        }
        Ok(Numpy { ndarray, generic, scalars, api: Api::find(py) })
    }

    /// The scalar of an exact scalar type.
    #[inline]
    pub fn scalar(&self, ty: *mut ffi::PyTypeObject) -> Option<Scalar> {
        self.scalars.iter().find(|s| s.ty == ty).map(|s| s.scalar)
    }

    /// The type of a scalar.
    pub fn scalar_type(&self, scalar: Scalar) -> *mut ffi::PyTypeObject {
        self.entry(scalar).map_or(std::ptr::null_mut(), |s| s.ty)
    }

    fn entry(&self, scalar: Scalar) -> Option<&ScalarType> {
        self.scalars.iter().find(|s| s.scalar == scalar)
    }

    /// A new scalar of these bits; null with an exception set if there is no memory. `None` if its type is not laid out
    /// as it should be.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn new_scalar(&self, scalar: Scalar, bits: u64) -> Option<*mut ffi::PyObject> {
        let ScalarType { ty, alloc, .. } = *self.entry(scalar)?;
        // SAFETY: the allocator is the type's own, and `allocator` looked at where its objects keep their value.
        unsafe {
            let object = alloc?(ty, 0);
            if !object.is_null() {
                let bytes = bits.to_ne_bytes();
                let value = object.cast::<u8>().add(SCALAR_VALUE);
                value.copy_from_nonoverlapping(bytes.as_ptr(), scalar.bytes() as usize);
            }
            Some(object)
        }
    }

    /// An array over memory that `base` keeps; takes the reference to it. Null with an exception set on failure.
    ///
    /// # Safety
    /// The GIL is held; shape and strides are as long as the rank says and stay inside the memory.
    pub unsafe fn new_array(
        &self,
        ty: ArrayType,
        data: *mut u8,
        shape: &[i64],
        strides: &[i64],
        base: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject {
        // SAFETY: as the caller promises; the functions are NumPy's own.
        unsafe {
            let Some(api) = self.api else {
                ffi::Py_XDECREF(base);
                ffi::PyErr_SetString(ffi::PyExc_ImportError, c"this NumPy has no C interface".as_ptr());
                return std::ptr::null_mut();
            };
            // The function steals the reference to the dtype, also when it fails.
            let descr = (api.descr_from_type)(type_number(ty.dtype));
            let flags = if ty.writable { array::FLAG_WRITEABLE } else { 0 } as c_int;
            let (shape, strides, rank) = (shape.as_ptr(), strides.as_ptr(), c_int::from(ty.rank));
            let like = std::ptr::null_mut();
            let made = (api.new_from_descr)(self.ndarray, descr, rank, shape, strides, data.cast(), flags, like);
            if made.is_null() {
                ffi::Py_XDECREF(base);
                return made;
            }
            if !base.is_null() && (api.set_base)(made, base) != 0 {
                ffi::Py_DECREF(made);
                return std::ptr::null_mut();
            }
            made
        }
    }
}

impl Api {
    fn find(py: Python<'_>) -> Option<Api> {
        const VERSION: usize = 0;
        const DESCR_FROM_TYPE: usize = 45;
        const NEW_FROM_DESCR: usize = 94;
        const SET_BASE_OBJECT: usize = 282;
        let module = py.import("numpy._core._multiarray_umath").or_else(|_| py.import("numpy.core._multiarray_umath"));
        let capsule = module.ok()?.getattr("_ARRAY_API").ok()?;
        // SAFETY: the capsule holds NumPy's table, which has these functions at these places in every 1.x and 2.x.
        unsafe {
            let table = ffi::PyCapsule_GetPointer(capsule.as_ptr(), std::ptr::null()).cast::<*const c_void>();
            if table.is_null() {
                ffi::PyErr_Clear();
                return None;
            }
            let version: extern "C" fn() -> c_uint = std::mem::transmute(*table.add(VERSION));
            if !matches!(version() >> 24, 1 | 2) {
                return None;
            }
            Some(Api {
                descr_from_type: std::mem::transmute::<*const c_void, unsafe extern "C" fn(c_int) -> *mut ffi::PyObject>(
                    *table.add(DESCR_FROM_TYPE),
                ),
                new_from_descr: std::mem::transmute::<*const c_void, NewFromDescr>(*table.add(NEW_FROM_DESCR)),
                set_base: std::mem::transmute::<
                    *const c_void,
                    unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> c_int,
                >(*table.add(SET_BASE_OBJECT)),
            })
        }
    }
}

/// The allocator of a scalar type, if an object of its keeps its value right after the head.
fn allocator(ty: &Bound<'_, PyAny>) -> Option<ffi::allocfunc> {
    let one = ty.call1((1,)).ok()?;
    let bytes: Vec<u8> = one.call_method0("tobytes").ok()?.extract().ok()?;
    // SAFETY: an object of a scalar type is larger than its head by at least its value.
    unsafe {
        let basic: usize = ty.getattr("__basicsize__").ok()?.extract().ok()?;
        if basic < SCALAR_VALUE + bytes.len() {
            return None;
        }
        let value = std::slice::from_raw_parts(one.as_ptr().cast::<u8>().add(SCALAR_VALUE), bytes.len());
        let slot = ffi::PyType_GetSlot(ty.as_ptr().cast(), ffi::Py_tp_alloc);
        if value != bytes || slot.is_null() {
            return None;
        }
        Some(std::mem::transmute::<*mut c_void, ffi::allocfunc>(slot))
    }
}

/// NumPy's number of a scalar's dtype. (`NPY_LONG` has eight bytes on the systems that native code runs on.)
fn type_number(scalar: Scalar) -> c_int {
    match scalar {
        Scalar::Bool => 0,
        Scalar::I8 => 1,
        Scalar::U8 => 2,
        Scalar::I16 => 3,
        Scalar::U16 => 4,
        Scalar::I32 => 5,
        Scalar::U32 => 6,
        Scalar::I64 => 7,
        Scalar::U64 => 8,
        Scalar::F32 => 11,
        Scalar::F64 => 12,
    }
}

/// The numbers that stand for a scalar, as bits: `long long` is one more name for eight bytes.
pub fn type_numbers(scalar: Scalar) -> u32 {
    let first = 1 << type_number(scalar);
    match scalar {
        Scalar::I64 => first | 1 << 9,
        Scalar::U64 => first | 1 << 10,
        _ => first,
    }
}

/// An array object (or one of a subclass), read by offsets.
#[derive(Clone, Copy)]
pub struct Ndarray(*const u8);

impl Ndarray {
    /// # Safety
    /// `object` is an instance of `numpy.ndarray` and outlives all uses.
    #[inline]
    pub unsafe fn new(object: *mut ffi::PyObject) -> Ndarray {
        Ndarray(object.cast())
    }

    #[inline]
    fn field<T: Copy>(self, offset: u32) -> T {
        // SAFETY: the offsets are those of NumPy's struct, which the object starts with.
        unsafe { self.0.add(offset as usize).cast::<T>().read() }
    }

    #[inline]
    fn descr<T: Copy>(self, offset: u32) -> T {
        // SAFETY: an array always has a dtype.
        unsafe { self.field::<*const u8>(array::DESCR).add(offset as usize).cast::<T>().read() }
    }

    #[inline]
    pub fn data(self) -> *mut u8 {
        self.field(array::DATA)
    }

    #[inline]
    pub fn rank(self) -> c_int {
        self.field(array::NDIM)
    }

    /// # Safety
    /// Only for the rank's axes.
    #[inline]
    pub fn shape(self) -> *const i64 {
        self.field(array::SHAPE)
    }

    #[inline]
    pub fn strides(self) -> *const i64 {
        self.field(array::STRIDES)
    }

    #[inline]
    pub fn flags(self) -> u32 {
        self.field(array::FLAGS)
    }

    #[inline]
    pub fn type_number(self) -> c_int {
        self.descr(dtype::TYPE_NUM)
    }

    pub fn kind(self) -> u8 {
        self.descr(dtype::KIND)
    }

    #[inline]
    pub fn native_order(self) -> bool {
        let order: u8 = self.descr(dtype::BYTE_ORDER);
        matches!(order, b'=' | b'|') || order == if cfg!(target_endian = "little") { b'<' } else { b'>' }
    }

    /// The scalar of its elements, if it is one of ours.
    pub fn scalar(self) -> Option<Scalar> {
        let number = u32::try_from(self.type_number()).ok().filter(|n| *n < 32)?;
        Scalar::ALL.into_iter().find(|s| type_numbers(*s) >> number & 1 != 0)
    }

    pub fn layout(self) -> Layout {
        match self.flags() {
            f if f & array::FLAG_C_CONTIGUOUS != 0 => Layout::C,
            f if f & array::FLAG_F_CONTIGUOUS != 0 => Layout::F,
            _ => Layout::Strided,
        }
    }
}
