"""``carray`` and ``farray`` for plain CPython: the same kernels run uncompiled on ctypes pointers.

In a compiled kernel the compiler reads these calls itself.
"""


def carray(pointer, shape, dtype=None):
    """A view of the memory behind a pointer as a C-order array.

    Parameters: ``pointer``, a ctypes pointer, array or address; ``shape``, an int or a tuple of ints (elements per axis);
    ``dtype``, the element type, needed for ``void *`` and plain addresses, and which must be the pointer's own otherwise.
    Returns a NumPy array that shares the memory; keep the owner alive. Raises TypeError for a dtype that does not fit.
    """
    return _view(pointer, shape, dtype, "C")


def farray(pointer, shape, dtype=None):
    """The same as :func:`carray` in Fortran order."""
    return _view(pointer, shape, dtype, "F")


def _view(pointer, shape, dtype, order):
    import ctypes

    import numpy as np

    shape = (int(shape),) if not isinstance(shape, (tuple, list)) else tuple(int(n) for n in shape)
    wanted = None if dtype is None else np.dtype(getattr(dtype, "dtype", dtype))
    own = None
    if isinstance(pointer, int):
        address = pointer
    elif isinstance(pointer, ctypes.c_void_p):
        address = pointer.value or 0
    elif isinstance(pointer, ctypes.Array):
        own, address = np.dtype(pointer._type_), ctypes.addressof(pointer)
    elif hasattr(pointer, "contents"):
        own, address = np.dtype(type(pointer)._type_), ctypes.cast(pointer, ctypes.c_void_p).value or 0
    else:
        raise TypeError(f"carray and farray take a pointer, not {type(pointer).__name__}")
    if wanted is None and own is None:
        raise TypeError("a void pointer has no element type: pass dtype")
    if wanted is not None and own is not None and wanted != own:
        raise TypeError(f"a pointer to {own} cannot be viewed as {wanted}")
    if address == 0:
        raise ValueError("the pointer is null")
    dtype = own if wanted is None else wanted
    count = 1
    for n in shape:
        count *= n
    memory = (ctypes.c_char * (count * dtype.itemsize)).from_address(address)
    return np.frombuffer(memory, dtype=dtype).reshape(shape, order=order)
