//! Where the fields of foreign structures are, on 64-bit systems.

/// `PyArrayObject` of NumPy, as its ABI has had it since 1.0 (and 2.x still has): what comes before the fields
/// that moved. Offsets are from the start of the object, in a build of CPython with the GIL.
pub mod numpy_array {
    /// `char *data`
    pub const DATA: u32 = 16;
    /// `int nd`
    pub const NDIM: u32 = 24;
    /// `npy_intp *dimensions`
    pub const SHAPE: u32 = 32;
    /// `npy_intp *strides`, in bytes
    pub const STRIDES: u32 = 40;
    /// `PyObject *base`
    pub const BASE: u32 = 48;
    /// `PyArray_Descr *descr`
    pub const DESCR: u32 = 56;
    /// `int flags`
    pub const FLAGS: u32 = 64;

    pub const FLAG_C_CONTIGUOUS: u32 = 0x0001;
    pub const FLAG_F_CONTIGUOUS: u32 = 0x0002;
    pub const FLAG_ALIGNED: u32 = 0x0100;
    pub const FLAG_WRITEABLE: u32 = 0x0400;
}

/// `PyArray_Descr` of NumPy: the first fields, which 1.x and 2.x share.
pub mod numpy_dtype {
    /// `char kind`: `b`, `i`, `u`, `f`, `c`, ...
    pub const KIND: u32 = 24;
    /// `char type`
    pub const TYPE: u32 = 25;
    /// `char byteorder`: `=`, `|`, or the foreign one
    pub const BYTE_ORDER: u32 = 26;
    /// `int type_num`
    pub const TYPE_NUM: u32 = 28;
}

/// `Py_buffer`, part of the stable ABI since Python 3.11.
pub mod py_buffer {
    pub const SIZE: u32 = 80;
    /// `void *buf`
    pub const BUF: u32 = 0;
    /// `PyObject *obj`
    pub const OBJ: u32 = 8;
    /// `Py_ssize_t len`, in bytes
    pub const LEN: u32 = 16;
    /// `Py_ssize_t itemsize`
    pub const ITEMSIZE: u32 = 24;
    /// `int readonly`
    pub const READONLY: u32 = 32;
    /// `int ndim`
    pub const NDIM: u32 = 36;
    /// `char *format`, null for bytes
    pub const FORMAT: u32 = 40;
    /// `Py_ssize_t *shape`
    pub const SHAPE: u32 = 48;
    /// `Py_ssize_t *strides`, in bytes
    pub const STRIDES: u32 = 56;

    pub const REQUEST_WRITABLE: u32 = 0x0001;
    pub const REQUEST_FORMAT: u32 = 0x0004;
    /// `PyBUF_STRIDES`, which includes the shape.
    pub const REQUEST_STRIDES: u32 = 0x0010 | 0x0008;
    /// `PyBUF_F_CONTIGUOUS`, which includes strides.
    pub const REQUEST_F_CONTIGUOUS: u32 = 0x0040 | 0x0010 | 0x0008;
    /// `PyBUF_C_CONTIGUOUS`, which includes strides.
    pub const REQUEST_C_CONTIGUOUS: u32 = 0x0020 | 0x0010 | 0x0008;
}
