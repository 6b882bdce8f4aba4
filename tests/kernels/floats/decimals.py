"""round(x, n): Python rounds the true value and gives the nearest float, NumPy scales, rounds and scales back.

More points: tests/python/test_rounding.py."""
# types: from-arguments
import numpy as np


def to(x, n):
    return round(x, n)


def to_2(x):
    return round(x, 2)


def to_nothing(x):
    return round(x, None), round(number=x, ndigits=0), round(x, ndigits=True)


def tens(x):
    return round(x, -1), round(x, -2), round(x, -18), round(x, -19), round(x, -20), round(x, 3)


def each(a, n):
    out = np.empty_like(a)
    for i in range(len(a)):
        out[i] = round(float(a[i]), n)
    return out


def each_known(a):
    out = np.empty((len(a), 7))
    for i in range(len(a)):
        x = float(a[i])
        out[i, 0] = round(x, 1)
        out[i, 1] = round(x, 2)
        out[i, 2] = round(x, 5)
        out[i, 3] = round(x, 14)
        out[i, 4] = round(x, 22)
        out[i, 5] = round(x, -1)
        out[i, 6] = round(x, -22)
    return out


def each_int(a, n):
    out = np.empty_like(a)
    for i in range(len(a)):
        out[i] = round(int(a[i]), n)
    return out


def either(a, x):
    s = x
    for v in a:
        s += v
    return float(round(s, 1)), round(s, 1) / len(a)


def numpy(a, n):
    return np.round(a, n), np.around(a, decimals=n), a.round(n)


def numpy_known(a):
    return np.round(a, 2), np.round(a, -1), np.round(a, 30), np.round(a, 400), a.round(), a.round(-2)


def numpy_scalar(x, n):
    return np.round(x, n), round(x, n), round(x, 2), round(x, -1)


# let: r = np.random.default_rng(3)
# let: any = r.integers(0, 2**64, 60, np.uint64).view(np.float64)
# let: near = r.uniform(-1000.0, 1000.0, 60)
# let: ties = np.ldexp(r.integers(-2**20, 2**20, 60).astype(np.float64), r.integers(-22, 3, 60))
# let: halves = (2 * r.integers(-10**6, 10**6, 60) + 1) / 2.0 / 10.0 ** r.integers(0, 9, 60)
# let: wide = r.integers(-2**53, 2**53, 60) * 10.0 ** r.integers(-22, 20, 60)
# let: ints = r.integers(-2**63, 2**63, 40) >> r.integers(0, 63, 40)
# let: fives = 5 * 10 ** r.integers(0, 18, 40) * r.integers(-9, 9, 40)
# let: f32 = near.astype(np.float32)
# let: small = np.arange(-128, 127, 3).astype(np.int8)
# run: to(2.675, 2) == 2.67
# run: to(0.5, 0) == 0.0
# run: to(-0.4, 0) == -0.0
# run: to(-0.04, 1) == -0.0
# run: to(1.005, 2) == 1.0
# run: to(5e-324, 22) == 0.0
# run: to(1.5e22, 22) == 1.5e22
# run: to(nan, 3)
# run: to(inf, -3) == inf
# run: to(1.7976931348623157e308, 2) == 1.7976931348623157e308
# run: to(1.7976931348623157e308, -22) == 1.7976931348623157e308
# run: to(25.0, -1) == 20.0
# run: to(-35.0, -1) == -40.0
# run: to(4503599627370497.5, 0) == 4503599627370498.0
# run: to(9007199254740991.0, 1) == 9007199254740991.0
# run: to(-12.5, -22) == -0.0
# run: to(2.5, True) == 2.5
# run: to(2.5, np.int8(-1)) == 0.0
# run: to(7, 3) == 7
# run: to(-15, -1) == -20
# run: to(True, -1) == 0
# run: to(True, 1) == 1
# run: to(9223372036854775807, -1) raises OverflowError
# run: to(9223372036854775807, -18) == 9000000000000000000
# run: to(9223372036854775807, -19) raises OverflowError
# run: to(-9223372036854775808, -19) raises OverflowError
# run: to(5000000000000000000, -19) == 0
# run: to(9223372036854775807, -20) == 0
# run: to(np.float64(2.675), 2)
# run: to(np.float32(2.675), 2)
# run: to(np.int32(15), -1)
# run: to(np.uint8(255), -1)
# run: to(np.int64(4611686018427387907), -1)
# run: to_2(0.125) == 0.12
# run: to_2(0.375) == 0.38
# run: to_2(1e300) == 1e300
# run: to_2(np.float64(1.005))
# run: to_nothing(2.5) == (2, 2.0, 2.5)
# run: tens(4500000000000000000)
# run: tens(-4500000000000000000)
# run: tens(15)
# run: tens(False)
# run: tens(9223372036854775807) raises OverflowError
# run: each(any, 2)
# run: each(any, 22)
# run: each(any, 15)
# run: each(near, 0)
# run: each(near, 1)
# run: each(near, 3)
# run: each(near, 12)
# run: each(ties, 1)
# run: each(ties, 7)
# run: each(ties, 18)
# run: each(ties, -1)
# run: each(halves, 2)
# run: each(halves, 4)
# run: each(halves, 8)
# run: each(wide, -1)
# run: each(wide, -7)
# run: each(wide, -22)
# run: each(wide, 9)
# run: each(wide, 16)
# run: each_known(near)
# run: each_known(ties)
# run: each_known(halves)
# run: each_known(wide)
# run: each_int(ints, -3)
# run: each_int(ints >> 1, -17)
# run: each_int(ints >> 1, -1)
# run: each_int(fives // 10, -2)
# run: each_int(fives // 10, -12)
# run: each_int(fives // 10, 2)
# run: either(np.array([0.25, 0.5]), 0.5)
# run: either(np.array([0.0]), 0.25)
# run: either(np.array([]), 2.25) raises ZeroDivisionError
# run: numpy(near, 2)
# run: numpy(near, -2)
# run: numpy(halves, 6)
# run: numpy(any, 30)
# run: numpy(f32, 3)
# run: numpy(f32, 50)
# run: numpy(f32, -1)
# run: numpy(small, -1)
# run: numpy(small, 1)
# run: numpy(ints, -2)
# run: numpy(ints, -20)
# run: numpy(near.reshape(6, 10)[::2, ::-3], 1)
# run: numpy(near, 2147483648) raises OverflowError "signed integer is greater than maximum"
# run: numpy(near, -2147483649) raises OverflowError "signed integer is less than minimum"
# run: numpy_known(near)
# run: numpy_known(f32)
# run: numpy_known(small)
# run: numpy_known(ints)
# run: numpy_scalar(np.float64(2.675), 2)
# run: numpy_scalar(np.float32(2.675), -400)
# run: numpy_scalar(np.int16(-1235), -2)
# run: numpy_scalar(np.uint64(18446744073709551615), -1)
