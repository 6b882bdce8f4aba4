"""Compiled functions as ctypes function objects."""

import ctypes

_SCALARS = {
    "bool": ctypes.c_bool, "int8": ctypes.c_int8, "int16": ctypes.c_int16, "int32": ctypes.c_int32,
    "int64": ctypes.c_int64, "uint8": ctypes.c_uint8, "uint16": ctypes.c_uint16, "uint32": ctypes.c_uint32,
    "uint64": ctypes.c_uint64, "float32": ctypes.c_float, "float64": ctypes.c_double,
}


def ctype(name):
    """The ctypes type of a compiled form's type name: a dtype name, ``double *`` as ``*float64``, ``void *`` as ``*``."""
    if name is None:
        return None
    if name == "*":
        return ctypes.c_void_p
    if name.startswith("*"):
        return ctypes.POINTER(_SCALARS[name[1:]])
    return _SCALARS[name]


def function(compiled):
    """The C function. It keeps the GIL, as PYFUNCTYPE does, so that an exception set by the kernel is raised at once."""
    result, params = compiled.c_types
    return ctypes.PYFUNCTYPE(ctype(result), *[ctype(p) for p in params])(compiled.address())
