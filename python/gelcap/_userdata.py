"""User data for callbacks: Python values as a block of memory of a declared element type."""

import ctypes

from ._ctypes import _SCALARS


class Block:
    """Memory that a callback's last pointer leads to.

    ``void_p`` is its address as a ctypes ``c_void_p``, ``bytes`` its length, ``owner`` what keeps it alive.
    """

    __slots__ = ("bytes", "owner", "void_p")

    def __init__(self, address, size, owner):
        self.void_p = ctypes.c_void_p(address)
        self.bytes = size
        self.owner = owner
        # LowLevelCallable keeps the c_void_p: let that keep the memory.
        self.void_p._gelcap_owner = owner


def block(value, element):
    """The block of a value for a pointer to ``element`` (a dtype name, or None for ``void *``). Raises TypeError."""
    import dataclasses

    if isinstance(value, (bool, int, float)):
        name = element or "float64"
        return _ctypes_block(_SCALARS[name](value), element)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _ctypes_block(_structure(value), None)
    if isinstance(value, ctypes.c_void_p):
        return Block(value.value or 0, None, value)
    if isinstance(value, ctypes._Pointer):
        _same(_name(type(value)._type_), element)
        return Block(ctypes.cast(value, ctypes.c_void_p).value or 0, None, value)
    if isinstance(value, (ctypes._SimpleCData, ctypes.Array, ctypes.Structure)):
        return _ctypes_block(value, element)
    if hasattr(value, "__array_interface__"):
        return _array_block(value, element)
    if isinstance(value, (tuple, list)) and all(isinstance(v, (int, float)) for v in value):
        name = element or "float64"
        return _ctypes_block((_SCALARS[name] * len(value))(*value), element)
    raise TypeError(
        f"user data is a number, a ctypes object, an array, a record or a dataclass of numbers, not {type(value).__name__}"
    )


def _ctypes_block(value, element):
    kind = type(value)._type_ if isinstance(value, ctypes.Array) else type(value)
    if not isinstance(value, ctypes.Structure):
        _same(_name(kind), element)
    return Block(ctypes.addressof(value), ctypes.sizeof(value), value)


def _array_block(value, element):
    import numpy as np

    array = np.asarray(value)
    if array.ndim == 0 and not isinstance(value, np.ndarray):
        array = array.reshape(1).copy()
    if not array.flags.c_contiguous:
        raise TypeError("user data must be a contiguous array: pass np.ascontiguousarray(...)")
    if array.dtype.names is None:
        _same(array.dtype.name, element)
    return Block(array.ctypes.data, array.nbytes, array)


def _name(kind):
    for name, ctype in _SCALARS.items():
        if ctype is kind:
            return name
    return None


def _same(found, element):
    if element is not None and found is not None and found != element:
        raise TypeError(
            f"the kernel reads its user data as {element}, but this is {found}: pass {element} "
            f"(for an array, array.astype({element!r}))"
        )


def _structure(value):
    """A dataclass of numbers as a C structure: int is int64, float is double, bool is a byte."""
    import dataclasses

    kinds = {bool: ctypes.c_bool, int: ctypes.c_int64, float: ctypes.c_double}
    fields, values = [], []
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if type(item) not in kinds:
            raise TypeError(f"user data: field `{field.name}` is a {type(item).__name__}, not a number")
        fields.append((field.name, kinds[type(item)]))
        values.append(item)
    made = type(type(value).__name__, (ctypes.Structure,), {"_fields_": fields})
    return made(*values)
