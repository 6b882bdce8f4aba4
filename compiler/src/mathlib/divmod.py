"""Division with remainder as Python and NumPy define it, and the quotient of two integers as a float.

floor_divide and floor_mod are CPython's `_float_div_mod` and NumPy's `npy_divmod`, which agree; the caller checks for
a zero divisor where Python raises.
"""

import numpy as np

from .remainder import fmod

# A quotient with so many bits rounds correctly once its last bit says whether anything follows.
ENOUGH_BITS = 0x0080000000000000


def floor_mod(x: np.float64, y: np.float64) -> np.float64:
    """x - floor(x/y) y, with the sign of y."""
    rest = fmod(x, y)
    if rest == 0.0:
        return np.copysign(np.float64(0.0), y)
    return rest + y if (y < 0.0) != (rest < 0.0) else rest


def floor_divide(x: np.float64, y: np.float64) -> np.float64:
    """floor(x/y): the multiple of y below x, found from the exact remainder."""
    if y == 0.0:
        return x / y
    rest = fmod(x, y)
    quotient = (x - rest) / y
    if rest != 0.0 and (y < 0.0) != (rest < 0.0):
        quotient = quotient - 1.0
    if quotient == 0.0:
        return np.copysign(np.float64(0.0), x / y)
    whole = np.floor(quotient)
    return whole + 1.0 if quotient - whole > 0.5 else whole


def floor_mod_f32(x: np.float32, y: np.float32) -> np.float32:
    """floor_mod of float32.  The remainder is exact in either precision."""
    rest = np.float32(fmod(np.float64(x), np.float64(y)))
    if rest == 0.0:
        return np.copysign(np.float32(0.0), y)
    return rest + y if (y < 0.0) != (rest < 0.0) else rest


def floor_divide_f32(x: np.float32, y: np.float32) -> np.float32:
    """floor_divide of float32, rounded to float32 at each step as NumPy does."""
    if y == 0.0:
        return x / y
    rest = np.float32(fmod(np.float64(x), np.float64(y)))
    quotient = (x - rest) / y
    if rest != 0.0 and (y < 0.0) != (rest < 0.0):
        quotient = quotient - 1.0
    if quotient == 0.0:
        return np.copysign(np.float32(0.0), x / y)
    whole = np.floor(quotient)
    return whole + 1.0 if quotient - whole > 0.5 else whole


def int_true_divide(a: np.int64, b: np.int64) -> np.float64:
    """The float64 nearest to a/b, for b != 0: long division, bit by bit, until enough bits are there."""
    if a == 0:
        return np.float64(a) / np.float64(b)
    divisor = np.uint64(abs(b))
    quotient = np.uint64(abs(a)) // divisor
    rest = np.uint64(abs(a)) - quotient * divisor
    scale = np.float64(1.0)
    while quotient < ENOUGH_BITS:
        # The remainder is below 2**63: doubled, it still fits.
        rest = rest << 1
        quotient = quotient << 1
        scale = scale * 0.5
        if rest >= divisor:
            rest = rest - divisor
            quotient = quotient | 1
    if rest != 0:
        quotient = quotient | 1
    result = np.float64(quotient) * scale
    return -result if (a < 0) != (b < 0) else result
