"""Where each function is measured.

`points(name, count, rng)` gives one array per argument: random points of every
range that matters, boundaries with their neighbours, and cases known to be
hard.  Ranges are (low, high) for uniform points; negative zero and the special
values are in `special.py`.
"""

import functools

import mpmath
import numpy as np

TINIEST = 5e-324
SMALLEST = 2.2250738585072014e-308
LARGEST = 1.7976931348623157e308
EVERYTHING = (TINIEST, LARGEST)

# name: uniform ranges, ranges of magnitude (spread over the exponents, both
# signs), critical points
ONE_ARGUMENT = {
    "exp": (
        [(-746, 710), (-1, 1), (-0.003, 0.003), (-745.2, -708), (709, 709.9)],
        [(1e-20, 700)],
        [709.782712893384, -745.1332191019412, -708.3964185322641, 1.0, 512.0, 2.0**-54],
    ),
    "exp2": (
        [(-1076, 1025), (-1, 1), (-0.004, 0.004), (-1075.1, -1021)],
        [(1e-20, 1000)],
        [1024.0, -1075.0, -1074.0, -1022.0, 512.0, 1.0, 2.0**-54],
    ),
    "expm1": (
        [(-50, 710), (-1, 1), (-0.01, 0.01), (-3, 3)],
        [EVERYTHING, (1e-20, 30)],
        [709.782712893384, -37.42994775023705, 512.0, 0.0027076, 2.0**-54],
    ),
    "log": (
        [(0.5, 2), (0.98, 1.02), (0.7, 0.71), (1.41, 1.42)],
        [EVERYTHING, (TINIEST, SMALLEST)],
        [1.0, SMALLEST, TINIEST, LARGEST, 0.5, 2.0, 1.00521, 0.99869, 0.70526],
    ),
    "log1p": (
        [(-1, 2), (-0.01, 0.01)],
        [EVERYTHING, (1e-20, 1)],
        [-1 + 2.0**-53, 2.0**-53, -(2.0**-53), 2.0**-30, 0.00521, -0.00131, LARGEST],
    ),
    "sin": (
        [(-10, 10), (-1e5, 1e5), (-3e5, 3e5), (-0.05, 0.05)],
        [EVERYTHING, (1e-20, 1e6), (1e15, 1e17)],
        [1e22, 2.0**17, 2.0**-27, 205887.4, np.pi, np.pi / 2, np.pi / 128, LARGEST],
    ),
    "atan": (
        [(-10, 10), (-1, 1), (-0.02, 0.02)],
        [EVERYTHING, (1e-20, 1e20)],
        [1.0, 1 / 128, 127 / 128, 128.0, 2.0**60, 2.0**-27],
    ),
    "asin": (
        [(-1, 1), (-0.01, 0.01)],
        [(1e-20, 1), (TINIEST, 1)],
        [1 - 2.0**-53, 0.7071067811865476, 0.5, 2.0**-27, 1 / 128],
    ),
    "tanh": (
        [(-22, 22), (-1, 1), (-0.01, 0.01)],
        [EVERYTHING, (1e-20, 20)],
        [22.0, 19.06, 2.0**-28, 0.0013538, 0.5493061443340549],
    ),
    "sinh": (
        [(-711, 711), (-1, 1), (-0.01, 0.01), (-25, 25)],
        [EVERYTHING, (1e-20, 20)],
        [710.4758600739439, 512.0, 2.0**-28, 36.7, 0.0027076],
    ),
    "asinh": (
        [(-10, 10), (-1, 1), (-0.01, 0.01)],
        [EVERYTHING, (1e-20, 1e20)],
        [1.0, 2.0**28, 2.0**-28, 0.0052, LARGEST],
    ),
    "acosh": (
        [(1, 3), (1, 1.0001), (1, 1000)],
        [(1, 1e20), (1, LARGEST)],
        [1 + 2.0**-52, 2.0**28, LARGEST, 1.00001356],
    ),
    "atanh": (
        [(-1, 1), (-0.01, 0.01)],
        [(1e-20, 1), (TINIEST, 1)],
        [1 - 2.0**-53, 2.0**-28, 0.0026, 0.5],
    ),
    "cbrt": (
        [(-10, 10), (1, 8)],
        [EVERYTHING, (TINIEST, SMALLEST)],
        [1.0, 2.0, 4.0, 8.0, SMALLEST, TINIEST, LARGEST],
    ),
}
ONE_ARGUMENT["log2"] = ONE_ARGUMENT["log10"] = ONE_ARGUMENT["log"]
ONE_ARGUMENT["cos"] = ONE_ARGUMENT["tan"] = ONE_ARGUMENT["sin"]
ONE_ARGUMENT["acos"] = ONE_ARGUMENT["asin"]
ONE_ARGUMENT["cosh"] = ONE_ARGUMENT["sinh"]

DOMAIN = {
    "log": (TINIEST, np.inf),
    "log2": (TINIEST, np.inf),
    "log10": (TINIEST, np.inf),
    "log1p": (-1 + 2.0**-53, np.inf),
    "asin": (-1, 1),
    "acos": (-1, 1),
    "acosh": (1, np.inf),
    "atanh": (-1 + 2.0**-53, 1 - 2.0**-53),
}

TWO_ARGUMENTS = ("pow", "atan2", "hypot", "fmod")


def spread(low, high, count, rng):
    """Points of both signs whose bit patterns are uniform between the bounds."""
    ends = np.array([low, high], dtype=np.float64).view(np.int64)
    values = rng.integers(ends[0], ends[1], count, endpoint=True).view(np.float64)
    return values * rng.choice([-1.0, 1.0], count)


def around(centre, count, rng):
    """The centre, its neighbours, and points ever denser towards it."""
    steps = np.array([centre], dtype=np.float64).view(np.int64) + np.arange(-4, 5)
    with np.errstate(all="ignore"):
        near = centre * (1 + rng.standard_normal(count) * 10.0 ** rng.uniform(-16, -3, count))
    values = np.concatenate([steps.view(np.float64), near])
    return values[np.isfinite(values)]


@functools.cache
def near_multiples_of_half_pi():
    """m 2**e nearest to multiples of pi/2, m < 2**53, by continued fractions.

    Convergents p/q of 2**e 2/pi with q below 2**53 give q 2**e close to p pi/2.
    """
    found = [6381956970095103.0 * 2.0**797]
    with mpmath.workprec(1400):
        for e in list(range(-52, 0, 4)) + list(range(0, 971, 23)) + [797, 970]:
            rest = mpmath.ldexp(2 / mpmath.pi, e)
            q_old, q = 0, 1
            for _ in range(200):
                fraction = rest - mpmath.floor(rest)
                rest = 1 / fraction
                q_old, q = q, int(mpmath.floor(rest)) * q + q_old
                if q >= 2**53:
                    break
            found.append(float(mpmath.ldexp(q_old, e)))
    return np.array(found)


def one_argument(name, count, rng):
    uniform, magnitudes, critical = ONE_ARGUMENT[name]
    parts = [rng.uniform(low, high, count) for low, high in uniform]
    parts += [spread(low, high, count, rng) for low, high in magnitudes]
    parts += [around(c, count // 10 + 1, rng) for c in critical]
    if name in ("sin", "cos", "tan"):
        multiples = np.round(rng.uniform(1, 60000, count)) * (np.pi / 2)
        parts += [multiples, near_multiples_of_half_pi()]
    x = np.concatenate(parts)
    low, high = DOMAIN.get(name, (-np.inf, np.inf))
    x = np.where((x < low) & (-x >= low), -x, x)
    return (x[(x >= low) & (x <= high)],)


def pairs_for_pow(count, rng):
    u = lambda low, high: rng.uniform(low, high, count)
    positive = lambda low, high: np.abs(spread(low, high, count, rng))
    close = 1 + rng.standard_normal(count) * 10.0 ** rng.uniform(-16, -3, count)
    base = positive(1e-10, 1e10)
    with np.errstate(all="ignore"):
        # Results near the ends of the range.
        edge = rng.choice([-744.9, -740, -708.5, -708.3, 709.7, 709.78], count) / np.log(base)
    return [
        (positive(1e-300, 1e300), u(-5, 5)),
        (u(0.5, 2), u(-1000, 1000)),
        (close, u(-7, 7) / np.where(close == 1, 1, close - 1)),
        (u(0, 20), u(0, 200)),
        (positive(TINIEST, SMALLEST), u(-1, 1)),
        (-np.round(positive(1, 1e6)), np.round(u(-20, 20))),
        (positive(*EVERYTHING), spread(*EVERYTHING, count, rng)),
        (base, edge),
    ]


def pairs(name, count, rng):
    if name == "pow":
        return pairs_for_pow(count, rng)
    s = lambda low, high: spread(low, high, count, rng)
    y = s(1e-300, 1e300)
    whole = np.round(rng.uniform(1, 1000, count))
    return [
        (rng.uniform(-10, 10, count), rng.uniform(-10, 10, count)),
        (s(1e-3, 1e3), s(1e-3, 1e3)),
        (s(*EVERYTHING), s(*EVERYTHING)),
        (s(TINIEST, 1e-300), s(TINIEST, 1e-300)),
        (s(1e300, LARGEST), s(1e300, LARGEST)),
        (y, y * rng.uniform(0.5, 2, count)),
        (y, y * (1 + rng.standard_normal(count) * 1e-15)),
        (y, y / 10.0 ** rng.uniform(0, 40, count)),
        (y, y * 2.0 ** -rng.integers(0, 60, count)),
        (s(1e-3, 1e15), whole),
        # x/y just below an integer, or just above
        (y * whole, y),
        (whole * rng.uniform(-10, 10, count), whole),
    ]


def points(name, count, rng):
    """A tuple of argument arrays of equal length; all finite."""
    if name not in TWO_ARGUMENTS:
        return one_argument(name, count, rng)
    sets = pairs(name, count // 3 + 1, rng)
    x, y = (np.concatenate([s[i] for s in sets]) for i in range(2))
    finite = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
    return x[finite], y[finite]
