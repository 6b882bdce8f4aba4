//! The short way in: an argument of exactly the type that is wanted goes into its slots in a few instructions, and runs
//! no Python code. What it does not take goes the long way, which converts, or says what is wrong.

use std::ffi::{c_int, c_ulong};
use std::mem::MaybeUninit;

use gelcap_compiler::abi::descriptor::numpy_array as array;
use gelcap_compiler::artifact::ParamType;
use gelcap_compiler::types::{ArrayType, Kind, Layout, Scalar};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::class::Class;
use crate::numpy::{self, Ndarray, SCALAR_VALUE};

/// What the short way takes for a parameter.
#[derive(Clone, Copy)]
pub enum Take {
    /// An exact `float`; if `any`, also what converts to one without loss: NumPy's own, and small integers.
    Float64 {
        any: bool,
    },
    Float32,
    /// An exact `int` in this range.
    Int {
        low: i64,
        high: i64,
    },
    /// An exact `bool`.
    Bool,
    /// An exact scalar type of NumPy's.
    Numpy {
        ty: *mut ffi::PyTypeObject,
        scalar: Scalar,
    },
    Array(ArrayTest),
    /// The address of an exact `ndarray` of these elements, contiguous in either order.
    Pointer(ArrayTest),
    /// `None`, which fills no slot.
    None,
}

// SAFETY: the pointer is to an immortal type and is only compared.
unsafe impl Send for Take {}
// SAFETY: as above.
unsafe impl Sync for Take {}

/// What an exact `ndarray` is asked for.
#[derive(Clone, Copy)]
pub struct ArrayTest {
    /// NumPy's type numbers of the dtype, as bits.
    type_numbers: u32,
    rank: c_int,
    /// These flags are...
    mask: u32,
    /// ...as here.
    flags: u32,
}

impl Take {
    /// For a parameter of a declared signature. `None` if only the long way takes it.
    pub fn declared(param: &ParamType) -> Option<Take> {
        match param {
            ParamType::Scalar(Scalar::F64) => Some(Take::Float64 { any: true }),
            ParamType::Scalar(Scalar::F32) => Some(Take::Float32),
            ParamType::Scalar(scalar) => match scalar.int_range().filter(|_| scalar.kind() != Kind::Bool) {
                Some((low, high)) => Some(Take::Int { low: low as i64, high: high.min(i64::MAX.into()) as i64 }),
                None => Some(Take::Bool),
            },
            ParamType::Array(ty) => Some(Take::Array(ArrayTest::declared(*ty))),
            ParamType::None => Some(Take::None),
            ParamType::Pointer { element: Some(element), writable } => {
                let ty = ArrayType { dtype: *element, rank: 0, layout: Layout::Strided, writable: *writable };
                Some(Take::Pointer(ArrayTest::declared(ty)))
            }
            ParamType::Pointer { element: None, .. } => None,
        }
    }

    /// For an argument's class.
    pub fn class(py: Python<'_>, class: Class) -> Option<Take> {
        match class {
            Class::None => Some(Take::None),
            Class::PyBool => Some(Take::Bool),
            Class::PyInt => Some(Take::Int { low: i64::MIN, high: i64::MAX }),
            Class::PyFloat => Some(Take::Float64 { any: false }),
            Class::Np(scalar) => Some(Take::Numpy { ty: numpy::loaded(py)?.scalar_type(scalar), scalar }),
            Class::Array(ty) => Some(Take::Array(ArrayTest::class(ty))),
        }
    }
}

impl ArrayTest {
    /// Any array that the type admits.
    fn declared(ty: ArrayType) -> ArrayTest {
        let layout = match ty.layout {
            Layout::C => array::FLAG_C_CONTIGUOUS,
            Layout::F => array::FLAG_F_CONTIGUOUS,
            Layout::Strided => 0,
        };
        let writable = if ty.writable { array::FLAG_WRITEABLE } else { 0 };
        let mask = layout | writable | array::FLAG_ALIGNED;
        ArrayTest { mask, flags: mask, ..ArrayTest::of(ty) }
    }

    /// Arrays of exactly this class.
    fn class(ty: ArrayType) -> ArrayTest {
        let (c, f) = (array::FLAG_C_CONTIGUOUS, array::FLAG_F_CONTIGUOUS);
        let (mask, layout) = match ty.layout {
            Layout::C => (c, c),
            Layout::F => (c | f, f),
            Layout::Strided => (c | f, 0),
        };
        let writable = if ty.writable { array::FLAG_WRITEABLE } else { 0 };
        ArrayTest {
            mask: mask | array::FLAG_ALIGNED | array::FLAG_WRITEABLE,
            flags: layout | array::FLAG_ALIGNED | writable,
            ..ArrayTest::of(ty)
        }
    }

    fn of(ty: ArrayType) -> ArrayTest {
        ArrayTest { type_numbers: numpy::type_numbers(ty.dtype), rank: c_int::from(ty.rank), mask: 0, flags: 0 }
    }

    #[inline]
    fn holds(&self, array: Ndarray) -> bool {
        array.rank() == self.rank && self.holds_elements(array)
    }

    #[inline]
    fn holds_elements(&self, array: Ndarray) -> bool {
        let number = array.type_number();
        array.flags() & self.mask == self.flags
            && (0..32).contains(&number)
            && self.type_numbers >> number & 1 != 0
            && array.native_order()
    }
}

/// Where the short way puts slots. Twice the type's bound fits.
pub struct Filled<'a> {
    slots: &'a mut [MaybeUninit<u64>],
    count: usize,
}

impl<'a> Filled<'a> {
    #[inline]
    pub fn new(slots: &'a mut [MaybeUninit<u64>]) -> Filled<'a> {
        Filled { slots, count: 0 }
    }

    #[inline]
    fn push(&mut self, bits: u64) {
        // The variant has a short way only if its slots fit; the check costs less than a proof of it.
        if let Some(slot) = self.slots.get_mut(self.count) {
            slot.write(bits);
        }
        self.count += 1;
    }
}

/// Fills an argument's slots; false if it is not exactly what is taken.
///
/// # Safety
/// `object` is a valid reference and the GIL is held.
#[inline]
pub unsafe fn take(take: &Take, object: *mut ffi::PyObject, filled: &mut Filled<'_>) -> bool {
    // SAFETY: as the caller promises; the fields read are those of the types compared with.
    unsafe {
        let ty = ffi::Py_TYPE(object);
        match *take {
            Take::Float64 { any } => {
                if ty == &raw mut ffi::PyFloat_Type {
                    filled.push(float_bits(object));
                } else if any && let Some(bits) = other_float(ty, object) {
                    filled.push(bits);
                } else {
                    return false;
                }
            }
            Take::Float32 => {
                if ty != &raw mut ffi::PyFloat_Type {
                    return false;
                }
                filled.push((f64::from_bits(float_bits(object)) as f32).to_bits().into());
            }
            Take::Int { low, high } => {
                if ty != &raw mut ffi::PyLong_Type {
                    return false;
                }
                match int_value(object) {
                    Some(value) if low <= value && value <= high => filled.push(value as u64),
                    _ => return false,
                }
            }
            Take::Bool => {
                if ty != &raw mut ffi::PyBool_Type {
                    return false;
                }
                filled.push(u64::from(object == ffi::Py_True()));
            }
            Take::Numpy { ty: wanted, scalar } => {
                if ty != wanted {
                    return false;
                }
                let bits = object.cast::<u8>().add(SCALAR_VALUE);
                filled.push(match scalar {
                    Scalar::Bool | Scalar::U8 => bits.read().into(),
                    Scalar::I8 => bits.cast::<i8>().read() as u64,
                    Scalar::I16 => bits.cast::<i16>().read() as u64,
                    Scalar::U16 => bits.cast::<u16>().read().into(),
                    Scalar::I32 => bits.cast::<i32>().read() as u64,
                    Scalar::U32 | Scalar::F32 => bits.cast::<u32>().read().into(),
                    Scalar::I64 | Scalar::U64 | Scalar::F64 => bits.cast::<u64>().read(),
                });
            }
            Take::Array(test) => {
                if numpy::known().is_none_or(|n| n.ndarray != ty) {
                    return false;
                }
                let array = Ndarray::new(object);
                if !test.holds(array) {
                    return false;
                }
                filled.push(array.data() as u64);
                let (shape, strides, rank) = (array.shape(), array.strides(), test.rank as usize);
                for axis in 0..rank {
                    filled.push(shape.add(axis).read() as u64);
                }
                for axis in 0..rank {
                    filled.push(strides.add(axis).read() as u64);
                }
            }
            Take::Pointer(test) => {
                if numpy::known().is_none_or(|n| n.ndarray != ty) {
                    return false;
                }
                let array = Ndarray::new(object);
                if !test.holds_elements(array) || array.layout() == Layout::Strided {
                    return false;
                }
                filled.push(array.data() as u64);
            }
            Take::None => return object == ffi::Py_None(),
        }
        true
    }
}

/// The value of an exact `float`: one C double behind the head, in every CPython.
#[inline]
unsafe fn float_bits(object: *mut ffi::PyObject) -> u64 {
    // SAFETY: the caller looked at the type.
    unsafe { object.cast::<u8>().add(size_of::<ffi::PyObject>()).cast::<u64>().read() }
}

/// NumPy's `float64`, which is a `float`, and integers that a float holds exactly.
unsafe fn other_float(ty: *mut ffi::PyTypeObject, object: *mut ffi::PyObject) -> Option<u64> {
    // SAFETY: the type says how the object is laid out.
    unsafe {
        if ty == &raw mut ffi::PyLong_Type {
            let value = int_value(object).filter(|v| v.unsigned_abs() <= 1 << 53)?;
            return Some((value as f64).to_bits());
        }
        let float64 = numpy::known()?.scalar_type(Scalar::F64);
        (ty == float64).then(|| float_bits(object))
    }
}

/// The value of an exact `int`, if 64 bits hold it.
#[inline]
unsafe fn int_value(object: *mut ffi::PyObject) -> Option<i64> {
    // SAFETY: the caller looked at the type; the layouts are those of the versions they are read in.
    unsafe {
        let head = object.cast::<u8>().add(size_of::<ffi::PyObject>());
        let word = head.cast::<i64>().read();
        let digit = || i64::from(head.add(8).cast::<u32>().read());
        match (ffi::Py_Version as c_ulong) >> 16 {
            // The number of digits of 30 bits, with the sign of the value.
            0x030b => match word {
                0 => return Some(0),
                1 => return Some(digit()),
                -1 => return Some(-digit()),
                _ => {}
            },
            // The number of digits above three bits, of which two are the sign: 0 for +, 1 for zero, 2 for -.
            0x030c..=0x030e if word < 2 << 3 => return Some((1 - (word & 3)) * digit()),
            _ => {}
        }
        let mut overflow: c_int = 0;
        let value = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
        (overflow == 0).then_some(value)
    }
}
