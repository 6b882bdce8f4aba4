"""Special values, after C99 annex F (F.9), and results that must be exact.

Each row: function, arguments, result.  NaN stands for any NaN; zeros are
compared with their signs.
"""

from math import inf, nan, pi

TINY = 5e-324
BIG = 1.7976931348623157e308


def odd(name, *rows):
    """Rows (x, y) with their mirror images (-x, -y)."""
    return [(name, (x,), y) for x, y in rows] + [(name, (-x,), -y) for x, y in rows]


ONE = [
    ("exp", (0.0,), 1.0), ("exp", (-0.0,), 1.0), ("exp", (inf,), inf), ("exp", (-inf,), 0.0),
    ("exp", (BIG,), inf), ("exp", (-BIG,), 0.0), ("exp", (TINY,), 1.0), ("exp", (-TINY,), 1.0),
    ("exp2", (0.0,), 1.0), ("exp2", (-0.0,), 1.0), ("exp2", (inf,), inf), ("exp2", (-inf,), 0.0),
    ("exp2", (1024.0,), inf), ("exp2", (-1074.0,), TINY), ("exp2", (-1075.0,), 0.0),
    ("exp2", (BIG,), inf), ("exp2", (-BIG,), 0.0),
    ("expm1", (inf,), inf), ("expm1", (-inf,), -1.0), ("expm1", (-BIG,), -1.0),
    ("expm1", (BIG,), inf),
    ("log", (0.0,), -inf), ("log", (-0.0,), -inf), ("log", (1.0,), 0.0), ("log", (inf,), inf),
    ("log", (-1.0,), nan), ("log", (-inf,), nan), ("log", (-TINY,), nan),
    ("log2", (0.0,), -inf), ("log2", (-0.0,), -inf), ("log2", (1.0,), 0.0),
    ("log2", (inf,), inf), ("log2", (-1.0,), nan), ("log2", (-inf,), nan),
    ("log10", (0.0,), -inf), ("log10", (-0.0,), -inf), ("log10", (1.0,), 0.0),
    ("log10", (inf,), inf), ("log10", (-1.0,), nan), ("log10", (-inf,), nan),
    ("log1p", (-1.0,), -inf), ("log1p", (inf,), inf), ("log1p", (-1.5,), nan),
    ("log1p", (-inf,), nan), ("log1p", (0.0,), 0.0), ("log1p", (-0.0,), -0.0),
    ("log1p", (TINY,), TINY), ("log1p", (-TINY,), -TINY),
    ("cos", (0.0,), 1.0), ("cos", (-0.0,), 1.0), ("cos", (inf,), nan), ("cos", (-inf,), nan),
    ("sin", (inf,), nan), ("sin", (-inf,), nan), ("tan", (inf,), nan), ("tan", (-inf,), nan),
    ("acos", (1.0,), 0.0), ("acos", (-1.0,), pi), ("acos", (0.0,), pi / 2),
    ("acos", (-0.0,), pi / 2), ("acos", (1.5,), nan), ("acos", (inf,), nan),
    ("acos", (-inf,), nan), ("acos", (1.0000000000000002,), nan),
    ("asin", (1.5,), nan), ("asin", (inf,), nan), ("asin", (-inf,), nan),
    ("cosh", (0.0,), 1.0), ("cosh", (-0.0,), 1.0), ("cosh", (inf,), inf),
    ("cosh", (-inf,), inf), ("cosh", (BIG,), inf), ("cosh", (-BIG,), inf),
    ("acosh", (1.0,), 0.0), ("acosh", (inf,), inf), ("acosh", (0.5,), nan),
    ("acosh", (-inf,), nan), ("acosh", (0.0,), nan), ("acosh", (-2.0,), nan),
    ("atanh", (2.0,), nan), ("atanh", (inf,), nan), ("atanh", (-inf,), nan),
]  # fmt: skip
ONE += odd("expm1", (0.0, 0.0), (TINY, TINY))
ONE += odd("sin", (0.0, 0.0), (TINY, TINY))
ONE += odd("tan", (0.0, 0.0), (TINY, TINY))
ONE += odd("atan", (0.0, 0.0), (inf, pi / 2), (TINY, TINY), (BIG, pi / 2), (1.0, pi / 4))
ONE += odd("asin", (0.0, 0.0), (1.0, pi / 2), (TINY, TINY))
ONE += odd("tanh", (0.0, 0.0), (inf, 1.0), (TINY, TINY), (BIG, 1.0), (22.0, 1.0))
ONE += odd("sinh", (0.0, 0.0), (inf, inf), (TINY, TINY), (BIG, inf))
ONE += odd("asinh", (0.0, 0.0), (inf, inf), (TINY, TINY))
ONE += odd("atanh", (0.0, 0.0), (1.0, inf), (TINY, TINY))
ONE += odd("cbrt", (0.0, 0.0), (inf, inf), (8.0, 2.0), (27.0, 3.0), (1e-300, 1e-100))

POW = [
    # F.9.4.4, in its order
    (0.0, -1.0, inf), (-0.0, -1.0, -inf), (-0.0, -3.0, -inf), (0.0, -3.0, inf),
    (0.0, -2.0, inf), (-0.0, -2.0, inf), (-0.0, -0.5, inf), (0.0, -0.5, inf),
    (-0.0, -9007199254740991.0, -inf), (-0.0, -9007199254740992.0, inf),
    (0.0, -inf, inf), (-0.0, -inf, inf),
    (0.0, 3.0, 0.0), (-0.0, 3.0, -0.0), (0.0, 2.0, 0.0), (-0.0, 2.0, 0.0),
    (-0.0, 0.5, 0.0), (-0.0, 1e300, 0.0), (-0.0, inf, 0.0), (0.0, inf, 0.0),
    (-1.0, inf, 1.0), (-1.0, -inf, 1.0),
    (1.0, 0.0, 1.0), (1.0, nan, 1.0), (1.0, inf, 1.0), (1.0, -inf, 1.0), (1.0, 1e300, 1.0),
    (nan, 0.0, 1.0), (nan, -0.0, 1.0), (inf, 0.0, 1.0), (-inf, -0.0, 1.0), (0.0, 0.0, 1.0),
    (-2.0, 0.5, nan), (-2.0, -0.5, nan), (-TINY, 1e-300, nan), (-BIG, 1.5, nan),
    (0.5, -inf, inf), (-0.5, -inf, inf), (2.0, -inf, 0.0), (-2.0, -inf, 0.0),
    (0.5, inf, 0.0), (-0.5, inf, 0.0), (2.0, inf, inf), (-2.0, inf, inf),
    (-inf, -3.0, -0.0), (-inf, -2.0, 0.0), (-inf, -0.5, 0.0),
    (-inf, 3.0, -inf), (-inf, 2.0, inf), (-inf, 0.5, inf),
    (inf, -1.0, 0.0), (inf, 1.0, inf), (inf, inf, inf), (inf, -inf, 0.0), (-inf, inf, inf),
    (nan, 1.0, nan), (2.0, nan, nan), (nan, nan, nan), (0.0, nan, nan), (nan, inf, nan),
    # signs, overflow, underflow, exact results
    (-2.0, 3.0, -8.0), (-2.0, 4.0, 16.0), (-2.0, -3.0, -0.125), (3.0, 5.0, 243.0),
    (2.0, 1024.0, inf), (-2.0, 1025.0, -inf), (-2.0, -1075.0, -0.0), (2.0, -1074.0, TINY),
    (BIG, 2.0, inf), (BIG, -2.0, 0.0), (10.0, 22.0, 1e22), (2.0, 0.5, 2.0**0.5),
    (TINY, 1.0, TINY), (BIG, 1.0, BIG), (TINY, -1.0, inf), (0.5, BIG, 0.0), (2.0, TINY, 1.0),
    (1.0000000000000002, BIG, inf), (0.9999999999999999, BIG, 0.0), (-1.0, BIG, 1.0),
    (-1.0, 9007199254740991.0, -1.0), (-1.0, 4503599627370497.0, -1.0), (-1.0, 0.5, nan),
]  # fmt: skip

ATAN2 = [
    # F.9.1.4
    (0.0, -0.0, pi), (-0.0, -0.0, -pi), (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0),
    (0.0, -1.0, pi), (-0.0, -1.0, -pi), (0.0, 1.0, 0.0), (-0.0, 1.0, -0.0),
    (0.0, -inf, pi), (-0.0, -inf, -pi), (0.0, inf, 0.0), (-0.0, inf, -0.0),
    (-1.0, 0.0, -pi / 2), (-1.0, -0.0, -pi / 2), (1.0, 0.0, pi / 2), (1.0, -0.0, pi / 2),
    (TINY, 0.0, pi / 2), (-TINY, -0.0, -pi / 2),
    (1.0, -inf, pi), (-1.0, -inf, -pi), (1.0, inf, 0.0), (-1.0, inf, -0.0),
    (inf, 1.0, pi / 2), (-inf, 1.0, -pi / 2), (inf, -1.0, pi / 2), (-inf, -0.0, -pi / 2),
    (inf, -inf, 3 * pi / 4), (-inf, -inf, -3 * pi / 4), (inf, inf, pi / 4), (-inf, inf, -pi / 4),
    (nan, 1.0, nan), (1.0, nan, nan), (nan, nan, nan), (inf, nan, nan), (nan, 0.0, nan),
    # underflow and its neighbours
    (TINY, BIG, 0.0), (-TINY, BIG, -0.0), (TINY, -BIG, pi), (TINY, 1.0, TINY), (BIG, TINY, pi / 2),
    (TINY, TINY, pi / 4), (BIG, BIG, pi / 4), (1e-310, -1e-310, 3 * pi / 4),
]  # fmt: skip

HYPOT = [
    (inf, nan, inf), (-inf, nan, inf), (nan, inf, inf), (nan, -inf, inf), (inf, 1.0, inf),
    (nan, 1.0, nan), (1.0, nan, nan), (nan, nan, nan), (0.0, 0.0, 0.0), (-0.0, -0.0, 0.0),
    (3.0, 4.0, 5.0), (-3.0, 4.0, 5.0), (5.0, -12.0, 13.0), (0.0, -2.5, 2.5), (-2.5, 0.0, 2.5),
    (TINY, 0.0, TINY), (TINY, TINY, TINY), (BIG, 0.0, BIG), (BIG, BIG, inf), (1.0, TINY, 1.0),
    (3e200, 4e200, 5e200), (3e-320, 4e-320, 5e-320),
]  # fmt: skip

FMOD = [
    # F.9.7.1
    (0.0, 1.0, 0.0), (-0.0, 1.0, -0.0), (0.0, -1.0, 0.0), (-0.0, inf, -0.0),
    (1.0, 0.0, nan), (0.0, 0.0, nan), (1.0, -0.0, nan), (inf, 1.0, nan), (-inf, 1.0, nan),
    (inf, inf, nan), (inf, 0.0, nan), (1.5, inf, 1.5), (-1.5, -inf, -1.5), (BIG, inf, BIG),
    (nan, 1.0, nan), (1.0, nan, nan), (nan, inf, nan), (nan, 0.0, nan),
    (5.0, 3.0, 2.0), (-5.0, 3.0, -2.0), (5.0, -3.0, 2.0), (-6.0, 3.0, -0.0), (6.0, -3.0, 0.0),
    (BIG, TINY, 0.0), (-BIG, TINY, -0.0), (TINY, BIG, TINY), (1e22, 10.0, 0.0),
]  # fmt: skip

SPECIAL = list(ONE)
SPECIAL += [("pow", (x, y), z) for x, y, z in POW]
SPECIAL += [("atan2", (x, y), z) for x, y, z in ATAN2]
SPECIAL += [("hypot", (x, y), z) for x, y, z in HYPOT]
SPECIAL += [("fmod", (x, y), z) for x, y, z in FMOD]
SPECIAL += [(name, (nan,), nan) for name in sorted({row[0] for row in ONE})]
