"""Variables whose types meet: Python scalars and NumPy scalars, dtypes, arrays of several layouts."""
import numpy as np

# types: from-arguments
# let: f = np.array([0.5, 1.5, -2.0])
# let: f32 = np.array([0.1, 0.2, 0.3], np.float32)
# let: i8 = np.array([100, 27, 1], np.int8)
# let: u64 = np.array([2**64 - 1, 1], np.uint64)


def sum_from_int(a):
    s = 0
    for v in a:
        s += v
    return s


def sum_from_float(a):
    s = 0.0
    for v in a:
        s += v
    return s


def mean(a):
    s = 0.0
    for v in a:
        s += v
    return s / len(a)


def mean_from_int(a):
    s = 0
    for k in range(len(a)):
        s = s + a[k]
    return s / len(a)


def floor_mean(a):
    s = 0
    for v in a:
        s += v
    return s // len(a)


def product(a):
    p = 1
    for v in a:
        p *= v
    return p


def largest(a):
    best = 0
    for v in a:
        if v > best:
            best = v
    return best


def larger(a):
    best = -1000.0
    for v in a:
        best = max(best, v)
    return best


def last(a, default):
    x = default
    for v in a:
        x = v
    return x


def any_over(a, limit):
    found = False
    for v in a:
        found = v > limit
    return found


def either(a, flag):
    if flag:
        x = a[0]
    else:
        x = 1.0
    return x / 0.0


def either_int(a, flag):
    x = a[0] if flag else 7
    return x + 100


def reset(a):
    s = 0
    for v in a:
        s += v
        if s > 1:
            s = 0
    return s


def alternating(a):
    s = 0.0
    sign = 1
    for v in a:
        s += sign * v
        sign = -sign
    return s


def count(a):
    n = 0
    for v in a:
        n += v > 0
    return n


def norm(a):
    s = 0
    for v in a:
        s += v * v
    return s**0.5


def sum_as_float(a):
    s = 0
    for v in a:
        s += v
    return float(s)


def is_zero(a):
    s = 0
    for v in a:
        s += v
    return bool(s == 0)


def inverse(a):
    s = 0.0
    for v in a:
        s += v
    return float(1.0 / s)


def floor_of(a, x):
    y = 3
    if x > 0:
        y = a[0]
    return float(7 // y), float(y / 2)


def layouts(m, flag):
    b = m
    if flag:
        b = m[::-1]
    return b[0, 0], b


def fresh_or_given(a, flag):
    b = a
    if flag:
        b = a + 1
    b[0] = 3
    return b


def grows(a, n):
    b = a
    for _ in range(n):
        b = b * 2
    return b


def weighted(a, w):
    s = 0
    t = 0
    for k in range(len(a)):
        s += a[k] * w
        t += w
    return s / t


# run: sum_from_int(f) == np.float64(0.0)
# run: sum_from_int(f32)
# run: sum_from_int(i8) == np.int8(-128)
# run: sum_from_int(u64) == np.uint64(0)
# run: sum_from_int(np.array([True, True]))
# run: sum_from_int(np.array([2**63 - 1, 1]))
# run: sum_from_int(f[::-1])
# run: sum_from_float(f)
# run: sum_from_float(f32)
# run: sum_from_float(i8)
# run: sum_from_float(np.array([nan, 1.0]))
# run: mean(f)
# run: mean(f[:0]) raises ZeroDivisionError "float division by zero"
# run: mean(f32)
# run: mean(f32[:0]) raises ZeroDivisionError
# run: mean(i8)
# run: mean_from_int(f)
# run: mean_from_int(i8)
# run: mean_from_int(u64)
# run: floor_mean(f)
# run: floor_mean(i8)
# run: floor_mean(i8[:0]) raises ZeroDivisionError
# run: product(f)
# run: product(i8)
# run: product(u64)
# run: product(np.array([True, False]))
# run: largest(f)
# run: largest(np.array([nan, 5.0, nan]))
# run: largest(i8)
# run: larger(f)
# run: larger(np.array([nan, 5.0]))
# run: last(f, 3)
# run: last(i8, 3)
# run: any_over(f, 1.0)
# run: either(f, True) == np.float64(inf)
# run: either(f, False) raises ZeroDivisionError
# run: either_int(i8, True)
# run: reset(f)
# run: reset(i8)
# run: alternating(f)
# run: alternating(i8)
# run: count(f)
# run: norm(f)
# run: norm(i8)
# run: sum_as_float(f)
# run: sum_as_float(f[:0]) == 0.0
# run: sum_as_float(i8) == -128.0
# run: sum_as_float(u64[:0])
# run: is_zero(f)
# run: is_zero(f[:0]) == True
# run: is_zero(u64)
# run: inverse(f) == inf
# run: inverse(f[:0]) raises ZeroDivisionError "float division by zero"
# run: inverse(f32[:0]) raises ZeroDivisionError "float division by zero"
# run: inverse(i8)
# run: floor_of(i8 * 0, 1)
# run: floor_of(i8 * 0, 0)
# run: floor_of(f, 1)
# run: layouts(np.arange(6.0).reshape(2, 3), True)
# run: layouts(np.arange(6.0).reshape(2, 3), False)
# run: layouts(np.arange(6.0).reshape(2, 3).T, True)
# run: fresh_or_given(f, True)
# run: fresh_or_given(f, False)
# run: fresh_or_given(i8[::2], True)
# run: fresh_or_given(i8[::2], False)
# run: grows(f, 0)
# run: grows(f, 3)
# run: grows(i8, 2)
# run: weighted(f, 2)
# run: weighted(f, 0.0)
# run: weighted(f, np.float64(0.0))
