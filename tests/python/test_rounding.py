"""round(x, n) and pow(a, b, m) at thousands of points, against CPython's."""

import numpy as np
import pytest

import gelcap

SOURCE = """
# gelcap: export floats(float64[:], int, float64[:])
# gelcap: export floats_2(float64[:], float64[:])
# gelcap: export ints(int64[:], int, int64[:])
# gelcap: export powers(int64[:], int64[:], int64[:], int64[:])
def floats(a, n, out):
    for i in range(len(a)):
        out[i] = round(float(a[i]), n)

def floats_2(a, out):
    for i in range(len(a)):
        out[i] = round(float(a[i]), 2)

def ints(a, n, out):
    for i in range(len(a)):
        out[i] = round(int(a[i]), n)

def powers(a, b, m, out):
    for i in range(len(a)):
        out[i] = pow(int(a[i]), int(b[i]), int(m[i]))
"""
COUNT = 4000


@pytest.fixture(scope="module", params=["native", "wasm"])
def kernels(request):
    names = ("floats", "floats_2", "ints", "powers")
    return {name: gelcap.compile(SOURCE, name, target=request.param) for name in names}


def points(rng):
    """Floats of any bits, near zero, halfway between decimals as far as floats are, and of many sizes."""
    odd = 2 * rng.integers(-(10**6), 10**6, COUNT) + 1
    yield rng.integers(0, 2**64, COUNT, np.uint64).view(np.float64)
    yield rng.uniform(-1000.0, 1000.0, COUNT)
    yield odd / 2.0 / 10.0 ** rng.integers(0, 9, COUNT)
    yield np.ldexp(odd.astype(np.float64), rng.integers(-24, 3, COUNT))
    yield rng.integers(-(2**53), 2**53, COUNT) * 10.0 ** rng.integers(-22, 20, COUNT)
    yield 5.0 * odd * 10.0 ** rng.integers(0, 20, COUNT)


def expected(x, n):
    try:
        return round(x, n)
    except OverflowError:
        return None


@pytest.mark.parametrize("n", range(-22, 23))
def test_floats(kernels, n):
    for a in points(np.random.default_rng(n + 100)):
        true = [expected(x, n) for x in a.tolist()]
        fits = np.array([t is not None for t in true])
        a, true = a[fits], np.array([t for t in true if t is not None])
        out = np.empty_like(a)
        kernels["floats"](a, n, out)
        number = true == true
        assert ((out == out) == number).all()
        assert (out.view(np.uint64) == true.view(np.uint64))[number].all()
        if n == 2:
            kernels["floats_2"](a, out)
            assert (out.view(np.uint64) == true.view(np.uint64))[number].all()


def test_more_decimals_than_there_are_powers_of_ten(kernels):
    out = np.empty(1)
    for n in (23, -23, 400, -(2**63)):
        with pytest.raises(ValueError, match=f"kernels round floats to -22 ... 22 decimals, not {n}"):
            kernels["floats"](np.array([1.5]), n, out)


@pytest.mark.parametrize("n", range(-20, 2))
def test_ints(kernels, n):
    rng = np.random.default_rng(n + 50)
    for a in (
        rng.integers(-(2**63), 2**63, COUNT) >> rng.integers(0, 63, COUNT),
        5 * 10 ** rng.integers(0, 18, COUNT) * rng.integers(-1, 2, COUNT),
    ):
        true = [round(i, n) for i in a.tolist()]
        fits = np.array([-(2**63) <= t < 2**63 for t in true])
        out = np.empty_like(a[fits])
        kernels["ints"](a[fits], n, out)
        assert out.tolist() == [t for t, f in zip(true, fits) if f]
        for i in a[~fits][:5]:
            with pytest.raises(OverflowError):
                kernels["ints"](np.array([i]), n, out)


def test_powers(kernels):
    rng = np.random.default_rng(9)
    edges = np.array([0, 1, 2, 3, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62, 2**63 - 25, 2**63 - 1])
    edges = np.concatenate([edges, -edges, [-(2**63)]])

    def integers():
        any = rng.integers(-(2**63), 2**63, COUNT) >> rng.integers(0, 63, COUNT)
        return np.where(rng.random(COUNT) < 0.3, rng.choice(edges, COUNT), any)

    for _ in range(5):
        a, b, m = integers(), integers(), integers()
        answers = []
        for triple in zip(a.tolist(), b.tolist(), m.tolist()):
            try:
                answers.append(pow(*triple))
            except ValueError as e:
                answers.append(str(e))
        fine = np.array([isinstance(x, int) for x in answers])
        out = np.empty(fine.sum(), np.int64)
        kernels["powers"](a[fine], b[fine], m[fine], out)
        assert out.tolist() == [x for x in answers if isinstance(x, int)]
        failing = np.flatnonzero(~fine)
        assert len(failing) > 100
        for i in failing[:200]:
            with pytest.raises(ValueError) as caught:
                kernels["powers"](a[i : i + 1], b[i : i + 1], m[i : i + 1], out)
            assert str(caught.value) == answers[i]
