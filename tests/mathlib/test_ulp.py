"""The elementary functions against mpmath, C99 annex F, and exact results.

    pytest tests/mathlib                        the sources under CPython
    pytest tests/mathlib --points 5000          more random points
    pytest tests/mathlib --impl module:table    another implementation

The bounds are the worst errors that the docstrings of the sources claim.
"""

import math
import zlib

import mpmath
import numpy as np
import pytest

import implementations
from points import ONE_ARGUMENT, TWO_ARGUMENTS, points
from reference import REFERENCE, error
from special import SPECIAL

BOUNDS = implementations.claimed_bounds()

NAMES = [name for names in implementations.MODULES.values() for name in names]


def measure(function, name, arrays):
    """The worst error and its arguments."""
    results = function(*arrays)
    worst, where = -1.0, ()
    for scalars, result in zip(zip(*arrays), results):
        exact = [mpmath.mpf(float(v)) for v in scalars]
        e = error(float(result), REFERENCE[name](*exact))
        if e > worst:
            worst, where = e, scalars
    return worst, where


def same(a, b):
    """Equal bits, or both NaN."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return (a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_error_is_within_the_bound(name, impl, count, record):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    arrays = points(name, count, rng)
    worst, where = measure(impl[name], name, arrays)
    record(name, len(arrays[0]), worst, where)
    assert worst <= BOUNDS[name], f"{worst} ulp at {where}"


def test_every_function_is_measured():
    assert sorted(NAMES) == sorted([*BOUNDS, "fmod"])
    assert sorted(NAMES) == sorted([*ONE_ARGUMENT, *TWO_ARGUMENTS])


def test_fmod_is_exact(impl, count):
    x, y = points("fmod", count, np.random.default_rng(7))
    expected = np.array([math.fmod(a, b) for a, b in zip(x, y)])
    wrong = ~same(impl["fmod"](x, y), expected)
    assert not wrong.any(), list(zip(x[wrong], y[wrong]))[:5]


@pytest.mark.parametrize("name", sorted({row[0] for row in SPECIAL}))
def test_special_values(name, impl):
    rows = [(arguments, result) for n, arguments, result in SPECIAL if n == name]
    arrays = [np.array(column) for column in zip(*(arguments for arguments, _ in rows))]
    got = impl[name](*arrays)
    wrong = ~same(got, [result for _, result in rows])
    assert not wrong.any(), [(rows[i], got[i]) for i in np.nonzero(wrong)[0]]


@pytest.mark.parametrize(
    "name", "sin tan atan asin tanh sinh asinh atanh cbrt".split()
)
def test_odd_functions_are_odd(name, impl, count):
    (x,) = points(name, count // 10, np.random.default_rng(11))
    assert same(impl[name](-x), -impl[name](x)).all()


@pytest.mark.parametrize("name", ["cos", "cosh"])
def test_even_functions_are_even(name, impl, count):
    (x,) = points(name, count // 10, np.random.default_rng(13))
    assert same(impl[name](-x), impl[name](x)).all()


def test_powers_have_exact_logarithms(impl):
    k = np.arange(-1074, 1024)
    powers = np.array([math.ldexp(1.0, int(i)) for i in k])
    assert (impl["log2"](powers) == k).all()
    assert (impl["exp2"](k.astype(np.float64)) == powers).all()
    tens = np.arange(0, 23)
    assert (impl["log10"](10.0**tens) == tens).all()


def test_exact_powers_and_roots(impl):
    n = np.arange(-200.0, 201.0)
    assert (impl["cbrt"](n**3) == n).all()
    n = np.arange(1.0, 400.0)
    assert (impl["pow"](n, np.full_like(n, 2.0)) == n * n).all()
    assert (impl["pow"](n, np.full_like(n, 6.0)) == n**6).all()
    assert (impl["pow"](n * n, np.full_like(n, 0.5)) == n).all()
    assert (impl["hypot"](3 * n, 4 * n) == 5 * n).all()
