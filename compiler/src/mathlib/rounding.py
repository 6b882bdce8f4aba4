"""Rounding to a number of decimals, as CPython rounds: the true value is rounded, ties to even, and the nearest float
given.

A scale is a power of ten up to 10**22, the last that is a float.
"""

import numpy as np

from .double import head
from .remainder import fmod

# Beyond 2**53 floats lie further apart than decimals.
WHOLE = 9007199254740992.0
HALF = 0.5


def power_of_ten(n: np.int64) -> np.float64:
    """10**n, and 1 for negative n: the products that NumPy forms, which are exact up to 10**22."""
    result = np.float64(1.0)
    while n > 0 and result < np.inf:
        result = result * 10.0
        n = n - 1
    return result


def round_decimals(x: np.float64, scale: np.float64) -> np.float64:
    """x to the nearest 1/scale.

    The product with the scale is had exactly, as a pair: both are split, and as a scale has no more than 52
    significant bits, no partial product has more than 53.  An integer of at most 53 bits then divided by the scale
    is rounded once.
    """
    product = x * scale
    # NaN too.
    if not np.fabs(product) < WHOLE:
        return x
    x_head = head(x)
    scale_head = head(scale)
    x_tail = x - x_head
    scale_tail = scale - scale_head
    low = ((x_head * scale_head - product) + x_head * scale_tail + x_tail * scale_head) + x_tail * scale_tail
    whole = np.rint(product)
    rest = product - whole
    # A rounded product at half may lie to either side of it; anywhere else the pair rounds as its first part does.
    if rest == HALF and low > 0.0:
        whole = whole + 1.0
    if rest == -HALF and low < 0.0:
        whole = whole - 1.0
    return np.copysign(whole / scale, x)


def round_tens(x: np.float64, scale: np.float64) -> np.float64:
    """x to the nearest multiple of the scale.

    The distance to an even multiple is a remainder, and exact, as are its differences to the scale.
    """
    if not np.fabs(x) < np.inf:
        return x
    size = np.fabs(x)
    rest = fmod(size, scale + scale)
    half = scale * 0.5
    if rest <= half:
        size = size - rest
    elif rest < scale + half:
        size = size + (scale - rest)
    else:
        size = size + (scale + scale - rest)
    return np.copysign(size, x)


def round_step(i: np.int64, scale: np.int64) -> np.int64:
    """What takes i to the nearest multiple of the scale, which is 10 to 10**18."""
    twice = scale + scale
    rest = i % twice
    half = scale // 2
    if rest <= half:
        return -rest
    return scale - rest if rest < scale + half else twice - rest
