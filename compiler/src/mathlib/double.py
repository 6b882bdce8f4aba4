"""Helpers for unevaluated sums of two float64 (double-double).

A pair (h, l) stands for h + l with |l| far below |h|.  There is no fused
multiply-add in the kernel language, so exact products come from splitting an
operand into a 26-bit head and the rest.
"""

import numpy as np

# Clears the low 27 bits of the significand and leaves 26.
HEAD_MASK = -0x8000000


def head(x: np.float64) -> np.float64:
    """x cut to 26 significant bits; x - head(x) is exact and has 27."""
    return (x.view(np.int64) & HEAD_MASK).view(np.float64)


def two_sum(a: np.float64, b: np.float64) -> tuple[np.float64, np.float64]:
    """a + b exactly, in any order of magnitude (Knuth)."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def quick_sum(a: np.float64, b: np.float64) -> tuple[np.float64, np.float64]:
    """a + b exactly, for |a| >= |b| or a = 0 (Dekker)."""
    s = a + b
    return s, (a - s) + b


def square(x: np.float64) -> tuple[np.float64, np.float64]:
    """x * x as a pair: the exact 52-bit square of the head, and the rest."""
    h = head(x)
    return h * h, (x + h) * (x - h)


def multiply(
    ah: np.float64, al: np.float64, bh: np.float64, bl: np.float64
) -> tuple[np.float64, np.float64]:
    """(ah + al) * (bh + bl) as a pair that is normal; relative error 2**-77."""
    a = head(ah)
    b = head(bh)
    return quick_sum(a * b, ((ah - a) + al) * b + ah * ((bh - b) + bl))


def divide(
    nh: np.float64, nl: np.float64, dh: np.float64, dl: np.float64
) -> tuple[np.float64, np.float64]:
    """(nh + nl) / (dh + dl) as a pair whose first part has 26 bits.

    dl must be below half an ulp of dh; nl may be larger.  One division only:
    the quotient is cut to 26 bits, its product with the head of the divisor is
    exact, and the remainder corrects it.
    """
    reciprocal = np.float64(1.0) / dh
    q = head(nh * reciprocal)
    d = head(dh)
    rest = ((nh - q * d) - q * ((dh - d) + dl)) + nl
    return q, rest * reciprocal


def sqrt_pair(th: np.float64, tl: np.float64) -> tuple[np.float64, np.float64]:
    """sqrt(th + tl) as a pair, for th > 0 and tl below an ulp of it."""
    s = np.sqrt(th)
    h = head(s)
    rest = ((th - h * h) - (s + h) * (s - h)) + tl
    return s, rest / (s + s)
