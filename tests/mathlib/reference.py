"""The true values, by mpmath, and the error of a result in ulp."""

import math

import mpmath
from mpmath import mp, mpf

mp.prec = 200

REFERENCE = {
    "exp": mpmath.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.ln2,
    "log10": lambda x: mpmath.log(x) / mpmath.ln10,
    "log1p": mpmath.log1p,
    "pow": lambda x, y: x**y,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "tanh": mpmath.tanh,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "hypot": mpmath.hypot,
    "cbrt": lambda x: mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x),
}

# Where an infinite result stands: the overflow threshold is half an ulp below.
BEYOND = mpmath.ldexp(mpf(1), 1024)


def ulp(value):
    """The unit in the last place of the float64 binade of a true value."""
    _, exponent = mpmath.frexp(value)
    return mpmath.ldexp(mpf(1), max(int(exponent), -1021) - 53)


def error(result, truth):
    """|result - truth| in ulp of the truth; infinite where one of them is NaN."""
    if math.isnan(result):
        return math.inf
    truth = max(-BEYOND, min(BEYOND, truth))
    if math.isinf(result):
        got = BEYOND if result > 0 else -BEYOND
    else:
        got = mpf(result)
    if got == truth:
        return 0.0
    unit = ulp(min(abs(truth), BEYOND / 2) if truth else mpf(0))
    return float(abs(got - truth) / unit)
