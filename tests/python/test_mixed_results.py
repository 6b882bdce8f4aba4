"""Results that are Python's scalars on some paths and NumPy's on others leave every home as what they are."""

import numpy as np
import pytest

import gelcap
from gelcap import jit

from test_build import build

SOURCE = '''
import numpy as np

# gelcap: export total(int64[:])
# gelcap: export mean32(float32[:])
# gelcap: export pair(float64[:])
# gelcap: export found(uint64[:], uint64)


def total(a):
    s = 0
    for v in a:
        s += v
    return s


def mean32(a):
    s = 0.1
    for v in a:
        s += v
    return s


def pair(a):
    s = 0
    for v in a:
        s += v
    return s, (len(a), s * 2), s > 1


def found(a, x):
    hit = False
    for v in a:
        hit = hit or v == x
    return hit
'''

CASES = [
    ("total", np.zeros(0, np.int64)),
    ("total", np.array([1, -5])),
    ("mean32", np.zeros(0, np.float32)),
    ("mean32", np.array([0.25, 1.5], np.float32)),
    ("pair", np.zeros(0)),
    ("pair", np.array([0.25, 1.5])),
    ("found", np.zeros(0, np.uint64), np.uint64(2**64 - 1)),
    ("found", np.array([2**64 - 1], np.uint64), np.uint64(2**64 - 1)),
]


@pytest.fixture(scope="module")
def plain():
    names = {}
    exec(SOURCE, names)
    return names


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(SOURCE, tmp_path_factory.mktemp("mixed"), "mixed")


def same(got, want):
    if isinstance(want, tuple):
        return type(got) is tuple and len(got) == len(want) and all(map(same, got, want))
    return type(got) is type(want) and got == want


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{len(case[1])}")
@pytest.mark.parametrize("target", ["native", "wasm"])
def test_declared(plain, target, case):
    name, *args = case
    want = plain[name](*args)
    declared = gelcap.compile(SOURCE, name, target=target)
    assert same(declared(*args), want)
    # Again by the way that the first call has prepared.
    assert same(declared(*args), want)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{len(case[1])}")
def test_built(plain, built, case):
    name, *args = case
    assert same(getattr(built, name)(*args), plain[name](*args))


@jit
def lazy(a):
    s = 0
    for v in a:
        s += v
    return s


def test_lazily():
    assert same(lazy(np.zeros(0, np.int8)), 0)
    assert same(lazy(np.array([100, 100], np.int8)), np.int8(-56))
    assert same(lazy(np.zeros(0, np.float32)), 0)
    assert same(lazy(np.array([0.1], np.float32)), np.float32(0.1))
    assert str(lazy.signature.pythran).startswith("lazy(")


def test_a_declared_result_is_settled():
    assert same(jit("float64(float64[:])")(lazy.py_func)(np.zeros(0)), np.float64(0.0))


def test_the_stub_names_both(tmp_path):
    build(SOURCE, tmp_path, "mixed")
    stub = (tmp_path / "mixed.pyi").read_text()
    assert "def total(a: numpy.ndarray) -> int | numpy.int64:" in stub
    assert "tuple[int | numpy.float64, tuple[int, int | numpy.float64], " in stub
