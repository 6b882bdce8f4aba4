//! The classes of arguments, as lazy dispatch tells types apart.

use gelcap_compiler::types::{ArrayType, Scalar, Type};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::numpy;
use crate::view::View;

/// What a call's argument counts as. Shape and strides are values, not types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    None,
    PyBool,
    PyInt,
    PyFloat,
    Np(Scalar),
    Array(ArrayType),
}

impl Class {
    /// The type that a kernel's parameter gets for it.
    pub fn ty(self) -> Type {
        match self {
            Class::None => Type::None,
            Class::PyBool => Type::PyBool,
            Class::PyInt => Type::PyInt,
            Class::PyFloat => Type::PyFloat,
            Class::Np(scalar) => Type::Np(scalar),
            Class::Array(array) => Type::Array(array),
        }
    }
}

/// An argument with its class, and the memory behind it if it is an array.
pub struct Looked {
    pub class: Class,
    pub view: Option<View>,
}

/// Looks at an argument; an error for what no kernel takes.
pub fn look(object: &Bound<'_, PyAny>) -> PyResult<Looked> {
    if let Some(class) = scalar_class(object) {
        return Ok(Looked { class, view: None });
    }
    let view = View::of(object)?;
    Ok(Looked { class: Class::Array(view.ty), view: Some(view) })
}

/// The class of what is no array.
fn scalar_class(object: &Bound<'_, PyAny>) -> Option<Class> {
    if object.is_none() {
        return Some(Class::None);
    }
    let (py, pointer) = (object.py(), object.as_ptr());
    // SAFETY: a valid reference, and the GIL is held.
    unsafe {
        let ty = ffi::Py_TYPE(pointer);
        if ty == &raw mut ffi::PyBool_Type {
            return Some(Class::PyBool);
        }
        if let Some(scalar) = numpy::loaded(py).and_then(|n| n.scalar(ty)) {
            return Some(Class::Np(scalar));
        }
        // Subclasses of int and float, enumerations among them, count as what they derive from.
        if ffi::PyFloat_Check(pointer) != 0 {
            return Some(Class::PyFloat);
        }
        (ffi::PyLong_Check(pointer) != 0).then_some(Class::PyInt)
    }
}

/// The classes of a call's arguments, opaque to Python.
#[pyclass(module = "gelcap._gelcap", frozen)]
pub struct Classes(pub Vec<Class>);

#[pymethods]
impl Classes {
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Classes>().is_ok_and(|other| other.get().0 == self.0)
    }

    /// As a call would write the types: `(float64[::1], int)`.
    fn __repr__(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|c| c.ty().to_string()).collect();
        format!("({})", names.join(", "))
    }

    /// The positions of arguments that were None.
    fn nones(&self) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, c)| **c == Class::None).map(|(i, _)| i).collect()
    }
}
