# types: from-arguments
# ulp: 2
# let: f = np.array([0.5, -0.25, 0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, 0.75])
# let: g = np.array([2.0, 0.25, -0.0, 0.0, np.inf, 1.0, -np.inf, np.nan, -3.5])
# let: f4 = f.astype(np.float32)
# let: g4 = g.astype(np.float32)
# let: i = np.array([3, 0, 7, 2])
# let: h = np.array([3, 0, 7, 2], np.int16)
# let: b = np.array([3, -128, 7, -2], np.int8)
# let: p = np.array([True, False, True])
# let: q = np.array([True, True, False])
# run: exponentials(f)
# run: exponentials(f4)
# run: exponentials(i)
# run: exponentials(h)
# run: logarithms(np.abs(f))
# run: logarithms(f4)
# run: logarithms(i)
# run: circular(f)
# run: circular(f4)
# run: circular(h)
# run: inverse(f)
# run: inverse(f4)
# run: inverse(np.array([0, 1], np.uint16))
# run: hyperbolic(f)
# run: hyperbolic(f4)
# run: hyperbolic(i)
# run: rounding(np.array([0.5, 1.5, -0.5, -2.7, np.nan, np.inf, 1e300]))
# run: rounding(np.array([0.5, 1.5, -0.5, -2.7, np.nan, np.inf], np.float32))
# run: whole_rounding(b)
# run: whole_rounding(i)
# run: classes(f)
# run: classes(f4)
# run: classes(b)
# run: classes(p)
# run: signs(f)
# run: signs(b)
# run: signs(np.array([200, 0], np.uint8))
# run: pairs(f, g)
# run: pairs(f4, g4)
# run: pairs(i, i[::-1])
# run: pairs(f, 0.5)
# run: pairs(0.5, g)
# run: pairs(f4, 0.5)
# run: pairs(f4, np.float64(0.5))
# run: pairs(i.astype(np.int32), 2**40)
# run: pairs(np.uint16(3), -1)
# run: pairs(np.array([3], np.uint16), -1)
# Which of two equal zeros is taken varies with NumPy's loops.
# run: extremes(f + 2, g)
# run: extremes(f4 + 2, g4)
# run: extremes(b, b[::-1])
# run: extremes(b, i)
# run: extremes(p, q)
# run: extremes(b, 5)
# run: remainders(f, g)
# run: remainders(b, b[::-1])
# run: remainders(p, q)
# run: logical(f, g)
# run: logical(b, b[::-1])
# run: logical(p, q)
# run: operators(i, i[::-1])
# run: operators(b, b[::-1])
# run: comparisons(f, g)
# run: comparisons(b, i)
# run: choices(f > 0, f, g)
# run: choices(f > 0, f4, 2.5)
# run: choices(i, b, 100)
# run: choices(i, b, 300)
# run: choices(p[:, None], i, 2.5)
# run: choices(p, np.array(1.5), np.array(2))
# run: choices(p, np.arange(2.0), 1)
# run: clipped(f, -0.3, 0.6)
# run: clipped(f, np.nan, 0.6)
# run: clipped(f4, 0, 1)
# run: clipped(b, 0, 5)
# run: clipped(b, -1000, 1000)
# run: clipped(b, 500, 1000)
# run: clipped(b, 0.5, 2)
# run: clipped(i, b, np.int16(5))
# run: clipped(p, 0, 1)
# run: half_clipped(f + 3)
# run: half_clipped(b)
# run: clip_scalar(5.5, 2)
# run: clip_scalar(np.float32(-1.0), 2)
# run: square_of_bools(p)
# run: broadcast(np.arange(3.0), np.arange(2.0))
# run: zero_axes(np.array(0.25), np.array(3))
import numpy as np


def exponentials(a):
    return np.exp(a), np.exp2(a), np.expm1(a), np.cbrt(a), np.sqrt(a)


def logarithms(a):
    return np.log(a), np.log2(a), np.log10(a), np.log1p(a)


def circular(a):
    return np.sin(a), np.cos(a), np.tan(a), np.arctan(a), np.deg2rad(a), np.rad2deg(a)


def inverse(a):
    return np.arcsin(a), np.arccos(a), np.arctanh(a)


def hyperbolic(a):
    return np.sinh(a), np.cosh(a), np.tanh(a), np.arcsinh(a), np.arccosh(a + 1)


def rounding(a):
    return np.floor(a), np.ceil(a), np.trunc(a), np.rint(a), np.fix(a), np.round(a), a.round()


def whole_rounding(a):
    return np.floor(a), np.ceil(a), np.trunc(a), np.round(a, 0)


def classes(a):
    return np.isnan(a), np.isinf(a), np.isfinite(a), np.logical_not(a)


def signs(a):
    return np.sign(a), np.signbit(a), np.abs(a), np.absolute(a), np.negative(a), np.positive(a), np.square(a)


def pairs(a, b):
    return np.hypot(a, b), np.arctan2(a, b), np.copysign(a, b)


def extremes(a, b):
    return np.minimum(a, b), np.maximum(a, b), np.fmin(a, b), np.fmax(a, b)


def remainders(a, b):
    return np.fmod(a, b), np.mod(a, b), np.remainder(a, b), np.floor_divide(a, b)


def logical(a, b):
    return np.logical_and(a, b), np.logical_or(a, b), np.logical_xor(a, b), np.logical_not(b)


def operators(a, b):
    return (
        np.add(a, b),
        np.subtract(a, b),
        np.multiply(a, b),
        np.divide(a, b),
        np.true_divide(a, 2),
        np.bitwise_and(a, b),
        np.left_shift(a, 1),
        np.invert(b),
    )


def comparisons(a, b):
    return np.equal(a, b), np.less(a, b), np.greater_equal(a, b), np.not_equal(a, b)


def choices(c, a, b):
    return np.where(c, a, b)


def clipped(a, low, high):
    return np.clip(a, low, high), a.clip(low, high)


def half_clipped(a):
    return np.clip(a, 0, None), np.clip(a, None, 1), a.clip(1), a.clip(max=0), np.clip(a, a_min=0, a_max=2)


def clip_scalar(x, high):
    return np.clip(x, 0, high)


def square_of_bools(p):
    return np.square(p)


def broadcast(a, b):
    return np.hypot(a[:, None], b)


def zero_axes(a, n):
    return np.sqrt(a), np.maximum(a, n), np.power(n, 2)
