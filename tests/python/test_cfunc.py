"""C functions: notations, addresses, ctypes, capsules, user data."""

import ctypes
import dataclasses
import gc
import math

import numpy as np
import pytest
from scipy import LowLevelCallable, integrate

import gelcap
from gelcap import carray, cfunc, types

NQUAD = "double (int, double *, void *)"
RANGES = [[0, 10], [-10, 0], [-1, 1]]

PYTHRAN = """
#pythran export capsule f(int32, float64*, float64*)
def f(n, x, cp):
    c = cp[0]
    return c + x[0] - x[1] * x[2]
"""


def plain(n, x, user_data):
    c = carray(user_data, 1, gelcap.float64)[0]
    return c + x[0] - x[1] * x[2]


@pytest.mark.parametrize(
    "signature",
    [
        NQUAD,
        "  double  ( int,double*,   void* ) ",
        "float64(int32, CPointer(float64), voidptr)",
        types.double(types.intc, types.CPointer(types.double), types.voidptr),
    ],
)
def test_notations_give_one_function(signature):
    f = cfunc(signature)(plain)
    assert f'"{NQUAD}"' in repr(f.capsule)
    assert str(f.signature) == NQUAD


def test_pythran_notation():
    f = gelcap.compile(PYTHRAN, "f")
    assert f'"{NQUAD}"' in repr(f.capsule)


def test_nquad_in_every_form(target):
    expected = integrate.nquad(lambda x, y, z: 1.0 + x - y * z, RANGES)
    f = cfunc(NQUAD, target=target)(plain)
    one = ctypes.c_double(1.0)
    assert integrate.nquad(f.low_level_callable(one), RANGES) == expected
    assert integrate.nquad(f.low_level_callable(1.0), RANGES) == expected
    assert integrate.nquad(f.low_level_callable(np.array([1.0])), RANGES) == expected
    bound = f.bind(user_data=2.0)
    other = integrate.nquad(lambda x, y, z: 2.0 + x - y * z, RANGES)
    assert integrate.nquad(bound.low_level_callable(), RANGES) == other
    bound.user_data = 1.0
    assert bound.user_data == 1.0
    assert integrate.nquad(bound.low_level_callable(), RANGES) == expected


def test_scipy_takes_the_capsule_itself():
    expected = integrate.nquad(lambda x, y, z: 1.0 + x - y * z, RANGES)
    f = cfunc(NQUAD)(plain)
    one = ctypes.c_double(1.0)
    pointer = ctypes.cast(ctypes.pointer(one), ctypes.c_void_p)
    assert integrate.nquad(LowLevelCallable(f.capsule, pointer), RANGES) == expected
    assert integrate.nquad(LowLevelCallable(f.capsule, pointer, signature=NQUAD), RANGES) == expected


def test_a_dataclass_as_user_data():
    @dataclasses.dataclass
    class Line:
        slope: float
        offset: float

    @cfunc("double (double, double *)")
    def line(x, p):
        return p[0] * x + p[1]

    value, _ = integrate.quad(line.low_level_callable(Line(2.0, 1.0)), 0, 3)
    assert value == pytest.approx(12.0, rel=1e-14)


def test_user_data_of_another_type_is_refused():
    @cfunc("double (double, double *)")
    def f(x, p):
        return x * p[0]

    with pytest.raises(TypeError, match="float64.*float32"):
        f.low_level_callable(np.ones(1, dtype=np.float32))
    with pytest.raises(TypeError, match="float64"):
        f.low_level_callable(ctypes.c_float(1.0))
    with pytest.raises(TypeError, match="contiguous"):
        f.low_level_callable(np.ones(4)[::2])
    with pytest.raises(TypeError):
        f.low_level_callable("text")

    @cfunc("double (double)")
    def g(x):
        return x

    with pytest.raises(TypeError, match="no user data"):
        g.low_level_callable(1.0)


@pytest.mark.parametrize("exp", [math.exp, np.exp], ids=["math", "numpy"])
def test_quad_by_every_handle(exp, target):
    def integrand(t):
        return exp(-t) / t**2

    expected, _ = integrate.quad(integrand, 1, math.inf)
    f = cfunc("float64(float64)", target=target)(integrand)
    by_address = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(f.address)
    for handle in (f.ctypes, LowLevelCallable(f.capsule), LowLevelCallable(by_address)):
        value, _ = integrate.quad(handle, 1, math.inf)
        assert value == pytest.approx(expected, rel=1e-15)
    assert f(2.0) == pytest.approx(math.exp(-2.0) / 4.0, rel=3e-16)


def test_calls_from_python(target):
    @cfunc("float64(float64, float64)", target=target)
    def add(x, y):
        return x + y

    assert add(4.0, 5.0) == 9.0
    assert add.ctypes(4.0, 5.0) == 9.0
    assert add(y=5.0, x=4) == 9.0
    assert add(np.float64(4.0), np.int64(5)) == 9.0
    assert add.py_func(4.0, 5.0) == 9.0
    for bad in ((), (1.0,), (1.0, 2.0, 3.0), (1.0, "x")):
        with pytest.raises(TypeError):
            add(*bad)
    with pytest.raises(TypeError, match="unexpected keyword"):
        add(1.0, z=2.0)


def test_integers_are_checked_at_the_border(target):
    @cfunc("int (int, unsigned char)", target=target)
    def f(a, b):
        return a * b

    assert f(7, 255) == 7 * 255
    with pytest.raises(OverflowError, match="`a`"):
        f(2**31, 1)
    with pytest.raises(OverflowError, match="`b`"):
        f(1, -1)
    with pytest.raises(TypeError):
        f(1.5, 1)
    with pytest.raises(OverflowError):
        f(2**31 - 1, 2)


def test_my_callback_with_pointers(target):
    @cfunc("void (double *, double *, int, int)", target=target, extents={"in_": "m*n", "out": "m*n"})
    def my_callback(in_, out, m, n):
        for i in range(m):
            for j in range(n):
                out[i * n + j] = 2 * in_[i * n + j]

    source = np.arange(12.0)
    result = np.zeros(12)
    double_p = ctypes.POINTER(ctypes.c_double)
    my_callback.ctypes(source.ctypes.data_as(double_p), result.ctypes.data_as(double_p), 3, 4)
    assert (result == 2 * source).all()
    result[:] = 0
    my_callback(source, result, 3, 4)
    assert (result == 2 * source).all()


def test_an_address_outlives_the_function():
    def make():
        @cfunc("double (double)")
        def f(x):
            return x * 3.0

        return f.address, f.capsule

    address, capsule = make()
    gc.collect()
    again = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)
    assert again(2.0) == 6.0
    assert integrate.quad(LowLevelCallable(capsule), 0, 2)[0] == pytest.approx(6.0)


def test_deleting_the_function_inside_its_own_callback():
    calls = []

    @cfunc("int (int *, int *)")
    def compare(a, b):
        return (a[0] > b[0]) - (a[0] < b[0])

    handle = compare.ctypes
    values = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
    del compare
    gc.collect()
    libc = ctypes.CDLL(None)
    libc.qsort(values, 5, 4, handle)
    assert list(values) == [1, 2, 3, 4, 5]
    assert not calls


def test_scipy_callback_by_name(target):
    @gelcap.scipy.callback("geometric_transform", target=target)
    def shift(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
        s = carray(user_data, 1, gelcap.float64)[0]
        for i in range(input_rank):
            input_coordinates[i] = output_coordinates[i] - s
        return 1

    image = np.arange(12.0).reshape(4, 3)
    expected = gelcap.scipy.geometric_transform(image, lambda o: (o[0] - 0.5, o[1] - 0.5))
    assert (gelcap.scipy.geometric_transform(image, shift.bind(user_data=0.5)) == expected).all()


def test_scipy_callback_has_extents():
    @gelcap.scipy.callback("nquad")
    def f(n, x):
        return x[0] + x[5]

    with pytest.raises(IndexError):
        gelcap.scipy.nquad(f, [[0, 1], [0, 1]])
    with pytest.raises(ValueError, match="takes no LowLevelCallable"):
        gelcap.scipy.callback("minimize")
    with pytest.raises(TypeError, match="cannot have 1 parameters"):
        gelcap.scipy.callback("generic_filter")(lambda a: 1)


def test_cfunc_needs_a_signature():
    with pytest.raises(TypeError, match="needs the signature"):

        @cfunc
        def f(x):
            return x

    with pytest.raises(TypeError, match="no option `tarjet`"):
        cfunc("double (double)", tarjet="wasm")
    with pytest.raises(ValueError, match="native"):
        cfunc("double (double)", target="gpu")


def test_disabled(monkeypatch):
    monkeypatch.setenv("GELCAP_DISABLE", "1")

    def f(x):
        return x

    assert cfunc("double (double)")(f) is f
    assert gelcap.jit(f) is f
