"""NaN, infinities and signed zeros through every comparison and selection."""
import math

import numpy as np

# gelcap: export compare(float, float)
# gelcap: export compare_np(float64, float64)
# gelcap: export truth(float)
# gelcap: export truth_np(float64)
# gelcap: export smallest(float, float)
# gelcap: export largest(float, float)
# gelcap: export three(float, float, float)
# gelcap: export mixed(int, float)
# gelcap: export np_minmax(float64, float64)
# gelcap: export classify(float)
# gelcap: export classify_np(float64)
# gelcap: export signs(float, float)
# gelcap: export absolute(float)


def compare(a, b):
    return a < b, a <= b, a == b, a != b, a >= b, a > b


def compare_np(a, b):
    return a < b, a <= b, a == b, a != b, a >= b, a > b


def truth(x):
    return 1 if x else 0


def truth_np(x):
    return 1 if x else 0


def smallest(a, b):
    return min(a, b)


def largest(a, b):
    return max(a, b)


def three(a, b, c):
    return min(a, b, c), max(a, b, c)


def mixed(n, x):
    return float(min(n, x)), float(max(n, x))


def np_minmax(a, b):
    return min(a, b), max(a, b)


def classify(x):
    return math.isnan(x), math.isinf(x), math.isfinite(x)


def classify_np(x):
    return np.isnan(x), np.isinf(x), np.isfinite(x)


def signs(a, b):
    return math.copysign(a, b), math.fabs(b)


def absolute(x):
    return abs(x)


# run: compare(1.0, 2.0) == (True, True, False, True, False, False)
# run: compare(0.0, -0.0) == (False, True, True, False, True, False)
# run: compare(nan, 1.0) == (False, False, False, True, False, False)
# run: compare(nan, nan) == (False, False, False, True, False, False)
# run: compare(-inf, inf) == (True, True, False, True, False, False)
# run: compare_np(nan, 1.0) == (np.bool_(False), np.bool_(False), np.bool_(False), np.bool_(True), np.bool_(False), np.bool_(False))
# run: compare_np(0.0, -0.0) == (np.bool_(False), np.bool_(True), np.bool_(True), np.bool_(False), np.bool_(True), np.bool_(False))
# run: truth(0.0) == 0
# run: truth(-0.0) == 0
# run: truth(nan) == 1
# run: truth(5e-324) == 1
# run: truth_np(nan) == 1
# run: smallest(1.0, nan) == 1.0
# run: smallest(nan, 1.0) == nan
# run: smallest(0.0, -0.0) == 0.0
# run: smallest(-0.0, 0.0) == -0.0
# run: largest(1.0, nan) == 1.0
# run: largest(nan, 1.0) == nan
# run: largest(0.0, -0.0) == 0.0
# run: largest(-0.0, 0.0) == -0.0
# run: three(2.0, nan, 1.0) == (1.0, 2.0)
# run: three(nan, 2.0, 1.0) == (nan, nan)
# run: three(3.0, 1.0, 2.0) == (1.0, 3.0)
# run: mixed(1, 1.0) == (1.0, 1.0)
# run: mixed(2, 1.5) == (1.5, 2.0)
# run: np_minmax(nan, 1.0) == (np.float64(nan), np.float64(nan))
# run: np_minmax(1.0, nan) == (np.float64(1.0), np.float64(1.0))
# run: classify(nan) == (True, False, False)
# run: classify(-inf) == (False, True, False)
# run: classify(1e308) == (False, False, True)
# run: classify_np(nan) == (np.bool_(True), np.bool_(False), np.bool_(False))
# run: classify_np(inf) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: signs(1.0, -0.0) == (-1.0, 0.0)
# run: signs(-3.0, 2.0) == (3.0, 2.0)
# run: signs(nan, 2.0) == (nan, 2.0)
# run: absolute(-0.0) == 0.0
# run: absolute(-inf) == inf
