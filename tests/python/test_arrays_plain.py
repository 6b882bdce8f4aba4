"""The same kernels in plain CPython: carray, farray and types on ctypes pointers; GELCAP_DISABLE."""

import ctypes
import subprocess
import sys

import numpy as np
import pytest

import gelcap
from gelcap import carray, farray, types

Doubles = ctypes.c_double * 6


def pointers(block):
    """Every way to say where a block of doubles is, with whether the element type is known."""
    address = ctypes.addressof(block)
    yield block, True
    yield ctypes.cast(block, ctypes.POINTER(ctypes.c_double)), True
    yield ctypes.pointer(ctypes.c_double.from_address(address)), True
    yield np.frombuffer(block), True
    yield memoryview(block), True
    yield address, False
    yield np.uint64(address), False
    yield ctypes.c_void_p(address), False
    yield ctypes.cast(address, ctypes.c_void_p), False


def test_every_pointer():
    block = Doubles(*range(6))
    for pointer, known in pointers(block):
        for dtype in ([None] if known else []) + [np.float64, "f8", gelcap.float64, types.double, ctypes.c_double]:
            c = carray(pointer, (2, 3), dtype)
            f = farray(pointer, [2, 3], dtype)
            assert c.flags.c_contiguous and f.flags.f_contiguous and c.dtype == f.dtype == np.float64
            assert c.tolist() == [[0, 1, 2], [3, 4, 5]] and f.tolist() == [[0, 2, 4], [1, 3, 5]]
            c[1, 2] = 7.0
            assert block[5] == 7.0 and f[1, 2] == 7.0
            f[1, 2] = 5.0
            assert block[5] == 5.0
            assert carray(pointer, 6, dtype).shape == (6,) and carray(pointer, np.int64(2), dtype).shape == (2,)
            assert carray(pointer, (), dtype).shape == () and carray(pointer, (0, 5), dtype).size == 0
        with pytest.raises(TypeError):
            carray(pointer, 6, np.float32) if known else carray(pointer, 6)


def test_scalars_behind_pointers():
    one = ctypes.c_double(5.0)
    carray(ctypes.byref(one), 1)[0] += 1.0
    assert one.value == 6.0
    assert carray(one, 1)[0] == 6.0


def test_faults():
    block = Doubles()
    for null in (None, 0, ctypes.c_void_p(), ctypes.POINTER(ctypes.c_double)()):
        with pytest.raises(ValueError, match="null"):
            carray(null, 3, np.float64)
    with pytest.raises(ValueError, match="56 bytes are asked for where the pointer leads to 48"):
        carray(block, 7)
    with pytest.raises(ValueError, match="-1"):
        carray(block, (-1, -6))
    with pytest.raises(TypeError):
        carray(block, 1.5)
    with pytest.raises(TypeError, match="not list"):
        carray([1.0], 1, np.float64)
    with pytest.raises(TypeError, match="float64 cannot be viewed as int64"):
        farray(block, 6, gelcap.int64)
    with pytest.raises(ValueError, match="contiguous"):
        carray(np.zeros(6)[::2], 3)


def test_types_spell_themselves():
    assert str(types.float64[:, ::1](types.int32[:], types.intp)) == "float64[:, ::1](int32[:], intp)"
    assert types.float64[::1, :].name == "float64[::1, :]"
    assert gelcap.Array[gelcap.float64, 2].name == "float64[:, :]"
    assert gelcap.Array[gelcap.float64, 2, "C"].name == "float64[:, ::1]"
    assert gelcap.Array[gelcap.float64, 2, "F"].name == "float64[::1, :]"
    assert (types.float64[:] | None).name == "float64[:] | None"
    assert types.Array(types.float64, 2, "C") == types.float64[:, ::1]
    assert gelcap.float32.dtype == np.float32 and types.boolean.dtype == np.bool_
    with pytest.raises(TypeError, match="takes `:` and `::1`"):
        types.float64[1:]


DISABLED = """
import gelcap, numpy as np, ctypes
from gelcap import jit, cfunc, carray, types

@jit
def f(a):
    return a.sum()

@jit("float64(float64[:])", boundscheck=False)
def g(a):
    return a.sum()

@cfunc("int (double *, double *, npy_intp)")
def h(x, y, n):
    carray(y, n)[:] = carray(x, n) - 1.0
    return 1

assert type(f).__name__ == type(g).__name__ == type(h).__name__ == "function"
assert f(np.ones((2, 3))) == g(np.ones(6)) == 6.0
x, y = (ctypes.c_double * 3)(1, 2, 3), (ctypes.c_double * 3)()
assert h(x, y, 3) == 1 and list(y) == [0.0, 1.0, 2.0]
"""


def test_disabled_decorators_give_the_plain_function(monkeypatch):
    monkeypatch.setenv("GELCAP_DISABLE", "1")
    subprocess.run([sys.executable, "-c", DISABLED], check=True)
