"""fmod, exactly.

For quotients below 2**26 the remainder x - q y has an exact float64, and so
have the two steps towards it when y is split into 26 and 27 bits.  Larger
quotients are removed 25 bits at a time.
"""

import numpy as np

from .double import head

MAGNITUDE = 0x7FFFFFFFFFFFFFFF
INFINITY_BITS = 0x7FF0000000000000
# Bits of 2**-900 and the span to 2**1023: y is far from subnormal there.
FAST_FROM = 0x07B0000000000000
FAST_SPAN = 0x7830000000000000
# 25 in the exponent field.
STEP = 0x0190000000000000


def remainder_step(x: np.float64, y: np.float64) -> np.float64:
    """x mod y for 0 <= x, 0 < y, x/y < 2**26."""
    q = np.trunc(x / y)
    upper = head(y)
    r = (x - q * upper) - q * (y - upper)
    # x/y may have been rounded up to an integer.
    return r + y if r < 0.0 else r


def fmod(x: np.float64, y: np.float64) -> np.float64:
    """x - trunc(x/y) y, exactly; the sign of x."""
    x_bits = x.view(np.int64) & MAGNITUDE
    y_bits = y.view(np.int64) & MAGNITUDE
    if (
        np.uint64(y_bits - FAST_FROM) >= FAST_SPAN
        or x_bits >= INFINITY_BITS
        or x_bits - y_bits >= STEP
    ):
        return fmod_rare(x, y)
    return np.copysign(remainder_step(np.fabs(x), np.fabs(y)), x)


def fmod_rare(x: np.float64, y: np.float64) -> np.float64:
    """fmod of large quotients, subnormals and special arguments."""
    if np.isnan(x) or np.isnan(y) or np.isinf(x) or y == 0.0:
        return np.float64(np.nan)
    r = np.fabs(x)
    size = np.fabs(y)
    if r < size:
        return x
    while r >= size:
        # y times the power of two that makes the quotient at most 2**26.
        divisor = size
        gap = normal_exponent(r) - normal_exponent(size) - 25
        while gap > 0:
            shift = gap if gap < 1000 else np.int64(1000)
            divisor = divisor * ((shift + 1023) << 52).view(np.float64)
            gap = gap - shift
        r = remainder_step(r, divisor)
    return np.copysign(r, x)


def normal_exponent(x: np.float64) -> np.int64:
    """The exponent field of positive finite x, as if it had no lower bound."""
    bits = x.view(np.int64)
    scaled = (x * 18014398509481984.0).view(np.int64)
    return bits >> 52 if bits >= 0x0010000000000000 else (scaled >> 52) - 54
