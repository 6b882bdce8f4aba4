"""Calls with arrays: which form takes them, results and what keeps their memory, references, both targets."""

import array
import ctypes
import gc
import mmap
import sys
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpy.ctypeslib import as_array

import gelcap
from gelcap import _gelcap, carray, farray, jit


def total(a):
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i]
    return s


def shift(a, by):
    for i in range(a.shape[0]):
        a[i] += by


def frozen(a):
    a.flags.writeable = False
    return a


# ---- dispatch


def test_lazy_forms_follow_dtype_rank_layout_and_writability(target):
    @jit(target=target)
    def size(a):
        return a.size

    forms = [np.zeros(3), np.zeros(3, dtype="i4"), np.zeros((2, 3)), np.zeros((2, 3)).T, np.zeros((4, 6))[:, ::2],
             np.zeros(6)[::2], frozen(np.zeros(3)), np.zeros(3, dtype="?")]
    for i, a in enumerate(forms):
        assert size(a) == a.size
        assert len(size.signatures) == i + 1
    for a in (np.zeros(7), np.zeros(0), np.zeros((5, 1)), np.zeros((9, 9))[:, ::-3], np.zeros(9)[::-2], bytearray(3)):
        assert size(a) == len(a) * (np.asarray(a).size // max(len(a), 1))
    # Shapes and strides are values; only the bytearray was new.
    assert len(size.signatures) == len(forms) + 1
    assert size(memoryview(np.zeros(4))) == 4 and size(array.array("d", [1, 2])) == 2
    assert len(size.signatures) == len(forms) + 1


def test_mixed_arguments(target):
    @jit(target=target)
    def f(a, k, x):
        return a[k] * x

    a = np.array([1.0, 2.0, 4.0])
    for k, x in ((1, 2.0), (np.int32(2), 3), (-1, np.float32(2.0)), (np.uint8(1), True)):
        ours, theirs = f(a, k, x), f.py_func(a, k, x)
        assert ours == theirs and type(ours) is type(theirs)
    with pytest.raises(IndexError):
        f(a, 3, 1.0)
    assert f(x=2.0, a=a, k=0) == 2.0


def test_declared_layouts_are_demanded(target):
    c = jit("float64(float64[:, ::1])", target=target)(first)
    f = jit("float64(float64[::1, :])", target=target)(first)
    s = jit("float64(float64[:, :])", target=target)(first)
    a = np.arange(6.0).reshape(2, 3)
    assert c(a) == s(a) == s(a.T) == f(a.T) == s(a[:, ::2]) == 0.0
    with pytest.raises(TypeError, match=r"argument `a`: .*C order.*numpy.ascontiguousarray\(a\)"):
        c(a.T)
    with pytest.raises(TypeError, match=r"argument `a`: .*Fortran order.*numpy.asfortranarray\(a\)"):
        f(a)
    with pytest.raises(TypeError, match=r"argument `a`: .*float64.*int32.*a.astype\(numpy.float64\)"):
        s(a.astype("i4"))
    with pytest.raises(TypeError, match="argument `a`: .*2 axes.*one axis"):
        s(a[0])
    with pytest.raises(TypeError, match="argument `a`: None is no array.*| None"):
        s(None)
    with pytest.raises(TypeError, match="argument `a`: .*float"):
        s(1.0)
    with pytest.raises(TypeError, match=r"argument `a`: a list is no array: pass numpy.array"):
        s([[1.0]])


def first(a):
    return a[0, 0]


def test_read_only_arrays(target):
    reads = jit("float64(float64[:])", target=target)(total)
    writes = jit("void(float64[:], float64)", target=target)(shift)
    a = frozen(np.ones(4))
    assert reads(a) == 4.0 and reads(memoryview(a)) == 4.0
    with pytest.raises(ValueError, match=r"argument `a`: .*read-only.*a.copy\(\)"):
        writes(a, 1.0)
    assert a.sum() == 4.0


def test_the_first_declared_signature_that_fits():
    floats_first = jit(["float64(float64)", "int64(int64)"])(identity)
    ints_first = jit(["int64(int64)", "float64(float64)"])(identity)
    assert type(floats_first(2)) is np.float64 and type(ints_first(2)) is np.int64
    assert type(ints_first(2.5)) is np.float64
    with pytest.raises(gelcap.CompileError):
        jit(["float64(float64[:])"])(identity)


def identity(x):
    return x


def test_overloads():
    @jit(["int64(int64[:])", "int64(float64[:])", "int64(float64[:, :])", "int64(int64)"])
    def f(a):
        return 1

    assert f(np.zeros(2)) == f(np.zeros(2, dtype=int)) == f(np.zeros((2, 2))) == f(3) == 1
    assert len(f.signatures) == 4
    with pytest.raises(TypeError) as error:
        f(np.zeros((2, 2, 2)))
    text = str(error.value)
    assert "no declared signature fits" in text
    assert all(s in text for s in ("int64(int64[:])", "int64(float64[:])", "int64(float64[:, :])", "int64(int64)"))


def test_optional_arrays(target):
    @jit("float64(float64[:], float64[:] | None)", target=target)
    def f(a, w):
        if w is None:
            return a[0]
        return a[0] * w[0]

    a = np.array([3.0])
    assert f(a, None) == 3.0 and f(a, a) == 9.0
    with pytest.raises(TypeError, match="argument `a`: None is no array"):
        f(None, a)
    with pytest.raises(TypeError, match="argument `w`: .*float32"):
        f(a, a.astype("f4"))
    lazy = jit(f.py_func)
    assert lazy(a, None) == 3.0 and lazy(a, a) == 9.0
    with pytest.raises(TypeError, match="arguments `a` and `w` are None"):
        lazy(None, None)


def test_what_is_stored_into_is_found_behind_none(target):
    @jit("void(float64[:] | None, float64[:], float64[:])", target=target)
    def copy(scale, out, a):
        for i in range(a.shape[0]):
            out[i] = a[i] if scale is None else scale[i] * a[i]

    out, a = np.zeros(3), frozen(np.arange(3.0))
    copy(None, out, a)
    assert out.tolist() == [0.0, 1.0, 2.0]
    copy(a, out, a)
    assert out.tolist() == [0.0, 1.0, 4.0]
    with pytest.raises((TypeError, ValueError), match="argument `out`"):
        copy(None, a, out)


# ---- buffers


def test_every_buffer(target):
    add = jit("void(float64[:], float64)", target=target)(shift)
    values = [1.0, 2.0, 3.0]
    plain = array.array("d", values)
    block = (ctypes.c_double * 3)(*values)
    mapped = mmap.mmap(-1, mmap.PAGESIZE)
    mapped[:24] = plain.tobytes()
    a = np.array(values)
    for buffer in (plain, block, memoryview(plain), memoryview(mapped)[:24].cast("d"), a, memoryview(a)):
        before = np.array(buffer)
        add(buffer, 0.5)
        assert (np.array(buffer) == before + 0.5).all()
    add(memoryview(plain)[::-2], 1.0)
    assert plain.tolist() == [3.0, 3.0, 5.0]
    plain.append(1.0)
    with pytest.raises(ValueError, match="read-only"):
        add(memoryview(bytes(8)).cast("d"), 1.0)


def test_zero_strides_and_negative_strides(target):
    s = jit("float64(float64[:])", target=target)(total)
    assert s(np.broadcast_to(np.float64(2.0), (5,))) == 10.0
    a = np.arange(10.0)
    assert s(a[::-1]) == 45.0 and s(a[8:2:-2]) == 18.0 and s(a[:0]) == 0.0
    add = jit("void(float64[:], float64)", target=target)(shift)
    add(a[7:3:-3], 100.0)
    assert a.tolist() == [0, 1, 2, 3, 104, 5, 6, 107, 8, 9]


def test_overlapping_arguments_stay_overlapping(target):
    @jit("void(float64[:], float64[:])", target=target)
    def running(out, a):
        for i in range(a.shape[0]):
            out[i] += a[i]

    a = np.ones(6)
    running(a[1:], a[:-1])
    assert a.tolist() == [1, 2, 3, 4, 5, 6]
    a = np.arange(4.0)
    running(a, a[::-1])
    expected = np.arange(4.0)
    running.py_func(expected, expected[::-1])
    assert (a == expected).all()


# ---- results


def test_new_arrays(target):
    @jit(target=target)
    def twice(a):
        out = np.zeros((a.shape[0], 2), dtype=np.float64)
        for i in range(a.shape[0]):
            out[i, 0] = a[i]
            out[i, 1] = 2.0 * a[i]
        return out

    made = twice(np.arange(3.0))
    assert type(made) is np.ndarray and made.dtype == np.float64 and made.tolist() == [[0, 0], [1, 2], [2, 4]]
    assert made.flags.writeable and made.flags.c_contiguous and made.flags.aligned
    assert type(made.base) is _gelcap.Memory and len(memoryview(made.base)) >= 48
    made[0, 0] = 5.0
    assert twice(np.zeros(0)).shape == (0, 2)
    view = made[1:]
    del made
    gc.collect()
    assert view.tolist() == [[1, 2], [2, 4]]


def test_views_of_arguments(target):
    @jit(target=target)
    def backwards(a):
        return a[::-1]

    a = np.arange(5.0)
    result = backwards(a)
    assert result.tolist() == [4, 3, 2, 1, 0] and result.strides == (-8,)
    assert np.shares_memory(a, result) and result.base is a
    result[0] = 40.0
    assert a[4] == 40.0
    kept = weakref.ref(a)
    del a
    gc.collect()
    assert kept() is not None and result[0] == 40.0
    del result
    gc.collect()
    assert kept() is None
    assert not backwards(frozen(np.ones(3))).flags.writeable
    block = bytearray(24)
    view = backwards(memoryview(block).cast("d"))
    with pytest.raises(BufferError):
        block.append(1)
    view[0] = 1.0
    assert block != bytes(24)
    del view
    gc.collect()
    block.append(1)


def test_several_results(target):
    @jit(target=target)
    def f(a, n):
        b = np.zeros(n)
        b[0] = 1.0
        return a, b, b[1:], n

    a = np.ones(2)
    same, made, part, n = f(a, 3)
    assert np.shares_memory(same, a) and n == 3 and made.tolist() == [1, 0, 0]
    part[0] = 7.0
    assert made.tolist() == [1, 7, 0]
    del made
    gc.collect()
    assert part.tolist() == [7, 0]


def test_results_without_axes(target):
    @jit(target=target)
    def f(a):
        return a[...]

    a = np.array(2.5)
    result = f(a)
    assert isinstance(result, np.ndarray) and result.shape == () and result == 2.5


# ---- what a call holds and lets go


def live():
    return _gelcap.live_buffers()


def test_references_and_buffers(target):
    @jit(target=target)
    def f(a, b, k):
        out = np.zeros(a.shape[0])
        out[0] = a[k] + b[0]
        return out

    a, b = np.ones(4), bytearray(np.ones(1).tobytes())
    view = memoryview(b).cast("d")
    f(a, view, 0)
    gc.collect()
    start, counts = live(), (sys.getrefcount(a), sys.getrefcount(view))
    for _ in range(50):
        assert f(a, view, 0)[0] == 2.0
        with pytest.raises(IndexError):
            f(a, view, 4)
        with pytest.raises(TypeError):
            f(a, "text", 0)
    gc.collect()
    assert (sys.getrefcount(a), sys.getrefcount(view)) == counts
    assert live() == start
    kept = [f(a, view, 0) for _ in range(5)]
    assert live() == start + 5
    del kept
    gc.collect()
    assert live() == start


def test_a_later_argument_cannot_move_an_earlier_array():
    f = jit("float64(float64[:], float64)")(scaled)
    a = np.ones(4)

    class Moves:
        def __float__(self):
            a.resize(1 << 20, refcheck=False)
            a[:] = 3.0
            return 2.0

    assert f(a, Moves()) == 6.0


def scaled(a, x):
    return a[0] * x


def test_threads(target):
    f = jit("float64(float64[:])", target=target)(total)
    a = np.ones(1000)
    wrong = []

    def work():
        for _ in range(200):
            if f(a) != 1000.0:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_more_than_the_guest_can_hold():
    f = jit("float64(float64[:])", target="wasm")(total)
    wide = np.lib.stride_tricks.as_strided(np.zeros(1), (2,), (1 << 33,))
    with pytest.raises(MemoryError, match="memory limit"):
        f(wide)
    assert f(np.ones(3)) == 3.0


def test_flushed_subnormals_are_an_error(target):
    f = jit("float64(float64[:])", target=target)(total)
    a = np.ones(3)
    libm = ctypes.CDLL("libm.so.6")
    upward = 0x800
    libm.fesetround(upward)
    try:
        with pytest.raises(FloatingPointError, match="round to nearest"):
            f(a)
    finally:
        libm.fesetround(0)
    assert f(a) == 3.0


# ---- arrays over pointers


def shifted(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    shift = user_data[0]
    coordinates = as_array(output_coordinates, shape=(output_rank,))
    as_array(input_coordinates, shape=(input_rank,))[:] = coordinates - shift
    return 1


def doubled(x, y, m, n):
    source, target = carray(x, (m, n)), farray(y, (m, n))
    for i in range(m):
        for j in range(n):
            target[i, j] = 2.0 * source[i, j]


def test_as_array_in_a_callback(target):
    ndimage = pytest.importorskip("scipy.ndimage")
    image = np.arange(12.0).reshape(4, 3)
    f = gelcap.cfunc("int (npy_intp *, double *, int, int, double *)", target=target)(shifted)
    ours = ndimage.geometric_transform(image, f.low_level_callable(ctypes.c_double(0.5)), order=1)
    theirs = ndimage.geometric_transform(image, lambda c: (c[0] - 0.5, c[1] - 0.5), order=1)
    assert (ours == theirs).all()


def test_carray_and_farray_in_a_callback(target):
    extents = {"x": "m*n", "y": "m*n"}
    f = gelcap.cfunc("void (double *, double *, int, int)", target=target, extents=extents)(doubled)
    x, y = np.arange(6.0), np.zeros(6)
    f(x, y, 2, 3)
    assert (y.reshape(3, 2).T == 2 * x.reshape(2, 3)).all()
    plain = np.zeros(6)
    doubled(x, plain, 2, 3)
    assert (y == plain).all()


# ---- against CPython


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.lists(st.sampled_from([-2, -1, 1, 2]), min_size=3, max_size=3),
    st.permutations(range(3)),
    st.sampled_from(["f8", "f4", "i4", "u1"]),
    st.sampled_from(["native", "wasm"]),
)
def test_any_array_arrives_as_it_is(shape, steps, order, dtype, target):
    whole = (np.arange(np.prod(shape)) % 200).astype(dtype).reshape(shape)
    whole = whole.transpose([i for i in order if i < whole.ndim])
    a = whole[tuple(slice(None, None, steps[i]) for i in range(whole.ndim))]
    result = COPY[target](a)
    assert result.dtype == a.dtype and result.shape == a.shape and (result == a).all()
    assert result.strides == a.strides or a.size <= 1
    assert a.size == 0 or np.shares_memory(result, a)


COPY = {t: jit(target=t)(identity) for t in ("native", "wasm")}
