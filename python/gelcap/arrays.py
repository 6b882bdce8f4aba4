"""``carray`` and ``farray`` for plain CPython: the same kernels run uncompiled on ctypes pointers.

In a compiled kernel the compiler reads these calls itself.
"""

import operator

from .types import Type


def carray(pointer, shape, dtype=None):
    """A view of the memory behind a pointer as a C-order array.

    Parameters: ``pointer``, a ctypes pointer, array or ``byref(...)``, an address, or an object with a contiguous buffer;
    ``shape``, an int or a tuple of ints (elements per axis); ``dtype``, the element type, needed for ``void *`` and plain
    addresses, and which must be the pointer's own otherwise. Returns a NumPy array that shares the memory; keep the owner
    alive. Raises TypeError for a dtype that does not fit, ValueError for a null pointer and for memory that is known to
    be too short.
    """
    return _view(pointer, shape, dtype, "C")


def farray(pointer, shape, dtype=None):
    """The same as :func:`carray` in Fortran order."""
    return _view(pointer, shape, dtype, "F")


def _view(pointer, shape, dtype, order):
    import math

    import numpy as np

    shape = tuple(_length(n) for n in (shape if isinstance(shape, (tuple, list)) else (shape,)))
    wanted = None if dtype is None else np.dtype(dtype.dtype if isinstance(dtype, Type) else dtype)
    memory, own = _memory(np, pointer)
    if wanted is None and own is None:
        raise TypeError("a void pointer has no element type: pass dtype")
    if wanted is not None and own is not None and wanted != own:
        raise TypeError(f"a pointer to {own} cannot be viewed as {wanted}")
    dtype = own if wanted is None else wanted
    needed = math.prod(shape) * dtype.itemsize
    if isinstance(memory, int):
        import ctypes

        if memory == 0:
            raise ValueError("the pointer is null")
        memory = (ctypes.c_char * needed).from_address(memory)
    elif memory.nbytes < needed:
        raise ValueError(f"{needed} bytes are asked for where the pointer leads to {memory.nbytes}")
    return np.ndarray(shape, dtype, memory, order=order)


def _length(n):
    n = operator.index(n)
    if n < 0:
        raise ValueError(f"an axis cannot have {n} elements")
    return n


def _memory(np, pointer):
    """(address or flat memoryview, dtype of the elements or None) of what a pointer parameter takes."""
    import ctypes

    if pointer is None:
        return 0, None
    if isinstance(pointer, ctypes.c_void_p):
        return pointer.value or 0, None
    if isinstance(pointer, ctypes._Pointer):
        return ctypes.cast(pointer, ctypes.c_void_p).value or 0, np.dtype(type(pointer)._type_)
    if type(pointer).__name__ == "CArgObject":
        pointer = pointer._obj
    if isinstance(pointer, ctypes._SimpleCData):
        return memoryview(pointer).cast("B"), np.dtype(type(pointer))
    if isinstance(pointer, ctypes.Array):
        return memoryview(pointer).cast("B"), np.dtype(type(pointer)).base
    try:
        return operator.index(pointer), None
    except TypeError:
        pass
    try:
        view = memoryview(pointer)
    except TypeError:
        raise TypeError(f"carray and farray take a pointer, not {type(pointer).__name__}") from None
    if not view.contiguous:
        raise ValueError("a pointer needs contiguous memory")
    flat = np.asarray(view).reshape(-1, order="A")
    return memoryview(flat.view(np.uint8)), flat.dtype
