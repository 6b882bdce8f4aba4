"""Addresses of what is not a buffer: ctypes pointers, ``byref(...)``, pointer objects."""

import ctypes


def _scalar_name(ctype):
    """The dtype name of a ctypes scalar type, or None."""
    code = getattr(ctype, "_type_", None)
    size = ctypes.sizeof(ctype) * 8
    if not isinstance(code, str):
        return None
    if code == "?":
        return "bool"
    if code in "bhilq":
        return f"int{size}"
    if code in "BHILQ":
        return f"uint{size}"
    if code in "fd":
        return f"float{size}"
    return None


def address_of(value, wanted):
    """(address, bytes or None, owner) of a pointer argument; ``wanted`` is the element's dtype name or None for any.

    Raises TypeError for what is no pointer, and for one to another type.
    """
    if value is None:
        raise TypeError("None is no pointer: pass an array, a ctypes pointer or an address")
    if isinstance(value, ctypes.c_void_p):
        return value.value or 0, None, value
    if isinstance(value, ctypes._Pointer):
        _expect(_scalar_name(type(value)._type_), wanted)
        return ctypes.cast(value, ctypes.c_void_p).value or 0, None, value
    if type(value).__name__ == "CArgObject":
        target = value._obj
        _expect(_scalar_name(getattr(type(target), "_type_", type(target)))
                if isinstance(target, ctypes.Array) else _scalar_name(type(target)), wanted)
        return ctypes.cast(value, ctypes.c_void_p).value or 0, ctypes.sizeof(target), value
    index = getattr(type(value), "__index__", None)
    if index is not None:
        return index(value), None, value
    raise TypeError(
        f"a pointer parameter takes an array, a ctypes array or pointer, byref(...) or an address, not {type(value).__name__}"
    )


def _expect(found, wanted):
    if wanted is not None and found is not None and found != wanted:
        raise TypeError(f"a pointer to {wanted} cannot point to {found}")
