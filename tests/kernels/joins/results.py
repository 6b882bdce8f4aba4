"""Results that are Python's scalars on some paths and NumPy's on others: each leaves as what it is."""
import numpy as np

# types: from-arguments
# let: f = np.array([0.1, 0.2, 0.3])
# let: f32 = np.array([0.1, 0.2], np.float32)
# let: i8 = np.array([100, 27, 1], np.int8)
# let: u64 = np.array([2**64 - 1, 1], np.uint64)
# let: flags = np.array([True, False])


def total(a):
    s = 0
    for v in a:
        s += v
    return s


def float_total(a):
    s = 0.0
    for v in a:
        s += v
    return s


def first(a, default):
    if len(a) > 0:
        return a[0]
    return default


def found(a, limit):
    hit = False
    for v in a:
        hit = v > limit
    return hit


def extremes(a):
    low, high = 1.5, -1.5
    for v in a:
        low, high = min(low, v), max(high, v)
    return low, (high, len(a))


def sum_of(a):
    return sum(a, 0.0), sum(a * 2, 0.5)


def negated(a):
    s = 0.0
    for v in a:
        s -= v
    return -s, abs(s), +s


def compared(a):
    s = 0.0
    for v in a:
        s += v
    return s < 1.0, 0.0 <= s < 1.0, s in (0.0, 1.0), 0 < 1 < s


def chained(s, a):
    x = s
    for v in a:
        x = v
    return x < 2.0 < s, s > x > 5


def through_a_call(a):
    return total(a), total(a[:1])


def countdown(a, n):
    if n == 0:
        return 0.0
    return a[n - 1] + countdown(a, n - 1) if n > 2 else countdown(a, n - 1)




def arithmetic(a, n):
    s = 7
    for v in a:
        s += v
    return s + n, s * 2, s // 2, s % 4, s / n, -s, abs(s), s**2, s + 0.5, n - s


def best(a):
    b = 0
    for v in a:
        if v > b:
            b = v
    c = 0
    for v in a:
        c = max(c, v)
    return b, c, b > 0, float(b), int(c)


# run: total(np.zeros(0, np.int64)) == 0
# run: total(np.array([1, 2])) == np.int64(3)
# run: total(i8)
# run: total(i8[:0])
# run: total(u64)
# run: total(u64[:1]) == np.uint64(2**64 - 1)
# run: total(u64[:0]) == 0
# run: total(f) == np.float64(0.1 + 0.2 + 0.3)
# run: total(f[:0]) == 0
# run: total(f32)
# run: total(f32[:0]) == 0
# run: total(flags)
# run: total(flags[:0])
# run: float_total(f)
# run: float_total(f[:0]) == 0.0
# run: float_total(f32)
# run: float_total(f32[:0]) == 0.0
# run: float_total(i8[:0])
# run: first(f, 0.25) == np.float64(0.1)
# run: first(f[:0], 0.25) == 0.25
# run: first(f32, 0.1) == np.float32(0.1)
# run: first(f32[:0], 0.1) == 0.1
# run: first(f32[:0], nan)
# run: first(f[:0], 7) == 7
# run: first(f32[:0], -7) == -7
# run: first(f[:0], 2**53) == 2**53
# run: first(f[:0], True) == True
# run: first(f, True)
# run: first(i8, -300) == np.int8(100)
# run: first(i8[:0], -300) == -300
# run: first(u64, -1)
# run: first(u64[:0], -1) == -1
# run: first(flags, False) == np.bool_(True)
# run: first(flags[:0], False) == False
# run: first(flags[:0], 7) == 7
# run: first(flags, 7) == np.bool_(True)
# run: found(f, 0.25)
# run: found(f[:0], 0.25) == False
# run: extremes(f)
# run: extremes(f[:0]) == (1.5, (-1.5, 0))
# run: extremes(np.array([-2.0, 2.0]))
# run: extremes(np.array([nan]))
# run: extremes(f32)
# run: sum_of(f)
# run: sum_of(f[:0]) == (0.0, 0.5)
# run: negated(f)
# run: negated(f[:0])
# run: negated(f32[:0])
# run: compared(f)
# run: compared(f[:0])
# run: compared(f * 100)
# run: chained(1.0, f)
# run: chained(9.0, f * 30)
# run: chained(9.0, f[:0])
# run: through_a_call(i8)
# run: through_a_call(i8[:0])
# run: countdown(f, 3)
# run: countdown(f, 2)
# run: arithmetic(f, 3)
# run: arithmetic(f[:0], 3)
# run: arithmetic(f32, -3)
# run: arithmetic(f32[:0], -3)
# run: arithmetic(f[:0], 0) raises ZeroDivisionError
# run: arithmetic(f, 0)
# run: best(f)
# run: best(-f)
# run: best(f[:0]) == (0, 0, False, 0.0, 0)
