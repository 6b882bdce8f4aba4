"""Functions that Python calls: lazy and declared types, pointers, tuples, defaults, errors."""

import ctypes
import math

import numpy as np
import pytest

import gelcap
from gelcap import jit


def test_lazy_types_follow_the_arguments(target):
    @jit(target=target)
    def f(a, b):
        return a + b

    assert f(1, 2) == 3 and type(f(1, 2)) is int
    assert f(1.5, 2) == 3.5 and type(f(1.5, 2)) is float
    assert f(True, True) == 2
    with pytest.raises(OverflowError):
        f(2**62, 2**62)
    wrapped = f(np.int32(2**31 - 1), np.int32(1))
    assert wrapped == -(2**31) and type(wrapped) is np.int32
    assert type(f(np.float32(1), np.float32(2))) is np.float32
    assert len(f.signatures) == 5


def test_declared_types_convert(target):
    @jit("float64(float64, int64)", target=target)
    def f(x, n):
        return x * n

    assert f(1, 2) == 2.0 and type(f(1, 2)) is np.float64
    assert f(n=3, x=0.5) == 1.5


def test_several_declared_types():
    @jit(["int64(int64)", "float64(float64)"])
    def f(x):
        return x + x

    assert f(2) == 4
    assert f(2.5) == 5.0
    assert len(f.signatures) == 2
    with pytest.raises(TypeError):
        f("x")


def test_tuples_and_defaults(target):
    @jit(target=target)
    def f(a, b=3, *, c=1):
        q, r = divmod(a, b)
        return q, r * c, 0.5

    assert f(7) == f.py_func(7) == (2, 1, 0.5)
    assert f(7, 2, c=5) == (3, 5, 0.5)
    assert [type(v) for v in f(7)] == [int, int, float]


def test_functions_call_functions(target):
    def square(x):
        return x * x

    scale = 2.0

    @jit(target=target)
    def helper(x, y=1.0):
        return scale * square(x) + y

    @jit(target=target)
    def f(x):
        return helper(x) + helper(x, y=math.pi)

    assert f(3.0) == f.py_func(3.0)


def test_pointers_in_jit(target):
    @jit("float64(CPointer(float64), int64)", target=target)
    def total(p, n):
        s = 0.0
        for i in range(n):
            s += p[i]
            p[i] = 0.0
        return s

    def fresh():
        return np.array([1.0, 2.0, 4.0])

    a = fresh()
    assert total(a, 3) == 7.0 and (a == 0).all()
    c = (ctypes.c_double * 3)(1, 2, 4)
    assert total(c, 3) == 7.0 and list(c) == [0.0, 0.0, 0.0]
    one = ctypes.c_double(5.0)
    assert total(ctypes.byref(one), 1) == 5.0 and one.value == 0.0
    if target == "native":
        a = fresh()
        assert total(a.ctypes.data, 3) == 7.0
        assert total(a.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), 3) == 0.0
    for bad, why in (
        (np.ones(3, dtype=np.float32), "float32"),
        (np.ones(6)[::2], "contiguous"),
        (None, "None"),
        ("abc", "pointer"),
        (1.5, "pointer"),
    ):
        with pytest.raises((TypeError, ValueError), match=why):
            total(bad, 1)
    readonly = fresh()
    readonly.flags.writeable = False
    with pytest.raises((TypeError, ValueError)):
        total(readonly, 3)


def test_a_kernel_is_a_method():
    class Shape:
        scale = 2.0

        @staticmethod
        @jit
        def area(a, b):
            return a * b

    assert Shape.area(2.0, 3.0) == 6.0


def test_repr_doc_and_names():
    @jit
    def f(x):
        """Doubles."""
        return x + x

    assert f.__name__ == "f" and f.__doc__ == "Doubles." and "jit f" in repr(f)
    assert f.py_func(2) == 4 and f.__wrapped__ is f.py_func
    with pytest.raises(ValueError, match="not been compiled"):
        f.inspect("ir")
    f(1)
    for stage, piece in (("ast", "f"), ("types", "int"), ("ir", "fn @f"), ("clif", "function"), ("asm", ""), ("target", "native")):
        assert piece in f.inspect(stage), stage
    with pytest.raises(ValueError, match="stage"):
        f.inspect("nonsense")
    w = jit("int64(int64)", target="wasm")(f)
    assert "(module" in w.inspect("wat")


def test_auto_target_says_why():
    f = gelcap.compile("def f(x):\n    return x\n", "f", "float64(float64)")
    assert f.inspect("target").startswith("native")


def test_text_with_everything_in_it(target):
    source = b"""
# gelcap: export f(int, float)
LIMIT = 3

def g(x):
    return x + LIMIT

def f(n, x):
    return g(n) * x
"""
    f = gelcap.compile(source, "f", target=target)
    assert f(1, 0.5) == 2.0


def test_many_functions_come_and_go():
    for i in range(300):
        f = gelcap.compile(f"def f(x):\n    return x + {i}\n", "f", "int64(int64)")
        assert f(1) == 1 + i


def test_what_a_declared_float_takes(target):
    f = gelcap.compile("def f(x):\n    return x\n", "f", "double (double)", target=target)
    for value in (1.5, np.float64(1.5), np.float32(1.5), 3, -7, 2**53, 2**53 + 1, 2**70, True, np.int8(-3), np.array(2.5)):
        assert f(value) == float(value) and type(f(value)) is float
    with pytest.raises(OverflowError):
        f(2**2000)
    for bad in ("1.5", None, 1j, np.ones(2)):
        with pytest.raises(TypeError, match="argument `x`"):
            f(bad)


def test_pointers_to_arrays_of_either_order():
    f = gelcap.compile("def f(p):\n    return p[1]\n", "f", "double (double *)", target="native")
    a = np.arange(6.0).reshape(2, 3)
    assert f(a) == 1.0 and f(a.T) == 1.0 and f(a[1]) == 4.0
    for bad in (a[:, ::2], a.astype("f4"), a.astype(">f8"), a[::-1]):
        with pytest.raises((TypeError, ValueError), match="argument `p`"):
            f(bad)


def test_defaults_of_a_text(target):
    text = "K = 0.5\n\ndef half(x, by=K, *, off=-1):\n    return x * by + off\n"
    half = gelcap.compile(text, "half", "float64(float64, float64, int64)", target=target)
    assert [half(3), half(3.0, 2.0), half(3.0, off=5), half(x=4)] == [0.5, 5.0, 6.5, 1.0]
    with pytest.raises(TypeError, match="half.. misses the argument x"):
        half()
    text = "def first(a, w=None):\n    if w is None:\n        return a[0]\n    return a[0] * w[0]\n"
    first = gelcap.compile(text, "first", "float64(float64[:], Optional(float64[:]))", target=target)
    assert (first(np.ones(2)), first(np.ones(2), np.full(2, 3.0)), first(a=np.ones(2))) == (1.0, 3.0, 1.0)


def test_every_none_is_named():
    @jit
    def add(a, b, c):
        return a + b + c

    with pytest.raises(TypeError, match="^argument `b` is None, with which `add` cannot be compiled$"):
        add(1, None, 2)
    with pytest.raises(TypeError, match="^arguments `a` and `c` are None, with which"):
        add(None, 1, None)
    with pytest.raises(TypeError, match="^arguments `a`, `b` and `c` are None, with which"):
        add(None, None, None)
