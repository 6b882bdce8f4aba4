"""What a call makes of array arguments: NumPy arrays, buffers of every kind, other protocols; each an answer or a named
error. What it finds is seen through the classes of lazy dispatch, which name element type, layout and writability."""

import array
import ctypes
import mmap
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gelcap import _gelcap


def seen(*args):
    """The classes of arguments, as the compiler gets them."""
    return repr(_gelcap.classes_of(list(args), [f"p{i}" for i in range(len(args))]))


NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]


def frozen(a):
    a.flags.writeable = False
    return a


@pytest.mark.parametrize("name", NAMES)
def test_dtypes_and_layouts(name):
    a = np.ones((4, 6), dtype=name)
    assert seen(a) == f"({name}[:, ::1])"
    assert seen(a.T) == f"({name}[::1, :])"
    assert seen(a[:, ::2]) == f"({name}[:, :])"
    assert seen(a[0]) == f"({name}[::1])"
    assert seen(a[:, 0]) == f"({name}[:])"
    assert seen(a[::-1]) == f"({name}[:, :])"
    assert seen(frozen(a)) == f"(const {name}[:, ::1])"
    assert seen(memoryview(a)) == f"(const {name}[:, ::1])"


def test_shapes_that_are_contiguous_whatever_their_strides():
    assert seen(np.ones((1, 5))[:, ::1]) == "(float64[:, ::1])"
    assert seen(np.ones((5, 9))[:, :1]) == "(float64[:, :])"
    assert seen(np.ones((0, 9))[:, ::3]) == "(float64[:, ::1])"
    assert seen(np.array(1.5)) == "(float64[()])"
    assert seen(np.broadcast_to(np.ones(3), (4, 3))) == "(const float64[:, :])"
    assert seen(np.lib.stride_tricks.as_strided(np.ones(1), (7,), (0,))) == "(float64[:])"
    assert seen(np.empty((1,) * 20, dtype="q")) == f"(int64[{', '.join([':'] * 19)}, ::1])"


def test_numbers():
    class Meters(float):
        pass

    assert seen(1, 1.5, True, None, np.float32(2), np.int8(3), np.bool_(True)) == (
        "(int, float, bool, None, float32, int8, bool_)"
    )
    assert seen(Meters(2.0), np.longlong(4)) == "(float, int64)"
    for bad in (1j, np.complex128(1), np.longdouble(1), np.float16(1), "text", [1.0], (1.0,), object(), np.datetime64("now")):
        with pytest.raises(TypeError, match="argument `p0`: "):
            seen(bad)


class HasInterface:
    def __init__(self, a):
        self.a = a

    @property
    def __array_interface__(self):
        return self.a.__array_interface__


class HasArray:
    def __init__(self, a, copies=False):
        self.a, self.copies = a, copies

    def __array__(self, dtype=None, copy=None):
        if self.copies:
            if copy is False:
                raise ValueError("it has to copy")
            return self.a.copy()
        return self.a


class HasDlpack:
    def __init__(self, a):
        self.a = a

    def __dlpack__(self, **options):
        return self.a.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.a.__dlpack_device__()


def test_buffers():
    assert seen(array.array("d", [1, 2])) == "(float64[::1])"
    assert seen(array.array("i", [1, 2])) == "(int32[::1])"
    assert seen(array.array("L", [1, 2])) == "(uint64[::1])"
    assert seen(b"abc") == "(const uint8[::1])"
    assert seen(bytearray(b"abc")) == "(uint8[::1])"
    assert seen(memoryview(bytearray(12)).cast("f")) == "(float32[::1])"
    assert seen(memoryview(bytearray(12))[::-2]) == "(uint8[:])"
    assert seen(memoryview(bytearray(12)).cast("h", (2, 3))) == "(int16[:, ::1])"
    assert seen((ctypes.c_double * 3)()) == "(float64[::1])"
    assert seen(((ctypes.c_int32 * 3) * 2)()) == "(int32[:, ::1])"
    assert seen(ctypes.c_float(1)) == "(float32[()])"
    with mmap.mmap(-1, 4096) as m:
        assert seen(m) == "(uint8[::1])"


def test_other_protocols():
    a = np.ones((2, 3))
    assert seen(HasInterface(a)) == "(float64[:, ::1])"
    assert seen(HasArray(a)) == "(float64[:, ::1])"
    assert seen(HasArray(a, copies=True)) == "(const float64[:, ::1])"
    assert seen(HasDlpack(a)) in ("(float64[:, ::1])", "(const float64[:, ::1])")


def test_subclasses(tmp_path):
    class Plain(np.ndarray):
        pass

    class Units(np.ndarray):
        def __array_ufunc__(self, *args, **kwargs):
            return NotImplemented

    assert seen(np.ones(3).view(Plain)) == "(float64[::1])"
    assert seen(np.memmap(tmp_path / "m", dtype="f8", mode="w+", shape=(2, 2))) == "(float64[:, ::1])"
    matrix = np.ones((1, 1)).view(np.matrix)
    for bad in (matrix, np.ma.array([1.0]), np.ones(3).view(Units)):
        with pytest.raises(TypeError, match=r"argument `p0`: a \w+ has rules of its own: pass numpy.asarray"):
            seen(bad)


OTHER = ">" if sys.byteorder == "little" else "<"
unaligned = np.frombuffer(bytearray(81), dtype=np.uint8)[1:].view(np.float64)
structured = np.zeros(3, dtype=[("x", "f8"), ("n", "i4")])


class Pair(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("n", ctypes.c_int)]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones(3, dtype=OTHER + "f8"), ValueError, "swapped.*newbyteorder"),
        (memoryview(np.ones(3, dtype=OTHER + "f8")), ValueError, "swapped.*newbyteorder"),
        (unaligned, ValueError, r"not aligned.*copy\(\)"),
        (memoryview(unaligned), ValueError, r"not aligned.*copy\(\)"),
        (np.array([1, "a"], dtype=object), TypeError, "astype"),
        (structured, TypeError, r"fields one by one.*\['name'\]"),
        (memoryview(structured), TypeError, "fields one by one"),
        ((Pair * 2)(), TypeError, "fields one by one"),
        (np.ones(3, dtype=complex), TypeError, r"complex.*x\.real and x\.imag"),
        (np.ones(3, dtype=np.complex64), TypeError, "complex"),
        (np.ones(3, dtype=np.float16), TypeError, r"float16.*astype\(numpy.float32\)"),
        (memoryview(np.ones(3, dtype=np.float16)), TypeError, r"astype\(numpy.float32\)"),
        (np.ones(3, dtype=np.longdouble), TypeError, "astype"),
        (np.zeros(3, dtype="M8[s]"), TypeError, r"datetime64.*view\(numpy.int64\)"),
        (np.zeros(3, dtype="m8[s]"), TypeError, r"timedelta64.*view\(numpy.int64\)"),
        (np.array(["a"]), TypeError, "text"),
        (np.array([b"a"]), TypeError, "text"),
        ((ctypes.c_char * 3)(), TypeError, "numpy.frombuffer"),
        ([1.0, 2.0], TypeError, "numpy.array"),
        ((1.0, 2.0), TypeError, "numpy.array"),
        ({}, TypeError, "not dict"),
        (memoryview(bytearray(4)).cast("c"), TypeError, "frombuffer"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_faults_name_the_parameter_and_the_way_out(value, error, message):
    with pytest.raises(error, match=f"argument `p1`: .*{message}"):
        seen(1, value)


def test_a_released_view_is_an_error():
    view = memoryview(bytearray(8))
    view.release()
    with pytest.raises(ValueError, match="released"):
        seen(view)


def test_indirect_buffers():
    testbuffer = pytest.importorskip("_testbuffer")
    indirect = testbuffer.ndarray([1, 2, 3, 4], shape=[2, 2], format="d", flags=testbuffer.ND_PIL)
    with pytest.raises(TypeError, match=r"argument `p0`: .*indirect buffer.*numpy.array"):
        seen(indirect)
    plain = testbuffer.ndarray(list(range(12)), shape=[3, 4], format="l", flags=testbuffer.ND_WRITABLE)
    assert seen(plain) == "(int64[:, ::1])"
    fortran = testbuffer.ndarray(list(range(12)), shape=[3, 4], format="l", flags=testbuffer.ND_FORTRAN)
    assert seen(fortran) == "(const int64[::1, :])"


def test_nothing_is_kept():
    values = [np.ones(3), bytearray(8), array.array("d", [1.0]), HasInterface(np.ones(2)), np.ones((3, 3))[:, ::2]]
    counts = [sys.getrefcount(v) for v in values]
    for _ in range(10):
        seen(*values)
        with pytest.raises(TypeError):
            seen(*values, "text")
    assert [sys.getrefcount(v) for v in values] == counts
    values[1].append(1)  # a buffer that is still exported cannot grow
    values[2].append(1.0)


@given(
    st.sampled_from(NAMES),
    st.lists(st.integers(0, 4), max_size=4),
    st.lists(st.sampled_from([-2, -1, 1, 2]), min_size=4, max_size=4),
    st.permutations(range(4)),
    st.booleans(),
)
def test_layouts_are_those_of_the_flags(name, shape, steps, order, readonly):
    a = np.zeros(shape, dtype=name).transpose([i for i in order if i < len(shape)])
    a = a[tuple(slice(None, None, steps[i]) for i in range(a.ndim)) + (...,)]
    if readonly:
        a.flags.writeable = False
    axes = [":"] * a.ndim
    if a.ndim and a.flags.c_contiguous:
        axes[-1] = "::1"
    elif a.ndim and a.flags.f_contiguous:
        axes[0] = "::1"
    spelled = f"{'const ' * readonly}{name}[{', '.join(axes) or '()'}]"
    assert seen(a) == f"({spelled})"
    assert seen(memoryview(a)) == f"({spelled})"
