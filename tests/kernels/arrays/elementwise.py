# types: from-arguments
# let: f = np.array([1.5, -2.0, 0.0, -0.0, np.inf, np.nan, 7.25])
# let: g = np.array([2.0, -3.0, 0.0, 5.0, -np.inf, 1.0, -0.5])
# let: i = np.array([7, -7, 0, 5, -2**63, 2**63 - 1])
# let: j = np.array([3, 3, 0, -2, -1, 1])
# let: s = np.array([100, -128, 7, -7], np.int8)
# let: t = np.array([100, -1, 0, 3], np.int8)
# let: u = np.array([200, 0, 255, 7], np.uint8)
# let: p = np.array([True, False, True])
# let: q = np.array([True, True, False])
# run: arithmetic(f, g)
# run: arithmetic(f.astype(np.float32), g.astype(np.float32))
# run: arithmetic(i, j)
# run: arithmetic(s, t)
# run: arithmetic(u, u[::-1])
# run: arithmetic(np.zeros(0), np.zeros(0))
# run: remainders(f, g)
# run: remainders(i, j)
# run: remainders(s, t)
# run: remainders(u, u[::-1])
# run: remainders(p, q)
# run: bits(i, j)
# run: bits(s, t)
# run: bits(u, u[::-1])
# run: bits(p, q)
# run: shifts(np.array([1, -1, 5, 1, 1]), np.array([3, 3, 64, 63, 70]))
# run: shifts(np.array([1, 128, 5], np.uint8), np.array([7, 1, 9], np.uint8))
# run: shifts(np.array([1, -128, 5], np.int8), np.array([7, 1, 9], np.int8))
# run: shifts(p, q)
# run: comparisons(f, g)
# run: comparisons(i, j)
# run: comparisons(u, s)
# run: comparisons(p, q)
# run: signs(f)
# run: signs(s)
# run: signs(u)
# run: inverted(i)
# run: inverted(u)
# run: inverted(p)
# run: bools(p, q)
# run: with_scalars(f, 2.5, 3)
# run: with_scalars(i, 2.5, 3)
# run: with_scalars(s, 2.5, 3)
# run: with_scalars(s, 2.5, 300)
# run: nested(f, g)
# run: nested(f.astype(np.float32), g.astype(np.float32))
# run: polynomial(np.linspace(-1.0, 1.0, 9))
# run: in_order(np.arange(3.0))
# run: without_axes(np.array(2.5), np.float32(0.1), np.arange(3.0))
# run: same(f)
# run: through_views(np.arange(12.0).reshape(3, 4))
# run: called(np.arange(3.0), np.arange(3))
# run: either(np.arange(4.0), 1)
# run: either(np.arange(4.0, dtype=np.float32), 0)
# run: by_path(np.arange(4.0), 1)
# run: by_path(np.arange(4.0), 0)
import numpy as np


def arithmetic(a, b):
    return a + b, a - b, a * b, a / b


def remainders(a, b):
    return a // b, a % b


def bits(a, b):
    return a & b, a | b, a ^ b


def shifts(a, b):
    return a << b, a >> b


def comparisons(a, b):
    return a < b, a <= b, a == b, a != b, a >= b, a > b


def signs(a):
    return -a, +a, abs(a)


def inverted(a):
    return ~a


def bools(p, q):
    return p + q, p * q, p / q, p & ~q, p ^ q


def with_scalars(a, x, n):
    return a * x, a + n, n - a, x / a, a == n, a < x


def nested(a, b):
    return (a - b) * (a + b) / (a * a + 1.0) - b


def polynomial(x):
    return 1.0 + x * (2.0 + x * (3.0 + 4.0 * x))


def in_order(a):
    b = a + 1.0
    a[0] = 100.0
    return b, a + b


def without_axes(a, x, b):
    return a + 1.0, a * x, a + b, a > 2.0, -a


def same(a):
    return a - a, a * a, a == a


def through_views(a):
    return a[1:, ::2] + a[:-1, 1::2], a.T * 2.0, a[::-1] - a, a[1] + a[:, :1]


def halved(a):
    return a / 2


def called(a, b):
    return halved(a) + halved(b)


def by_path(a, flag):
    if flag:
        b = a * 2.0
    else:
        b = a[::-1]
    return b + a


def either(a, flag):
    s = 0.5
    if flag:
        s = a[1]
    return s * a, a - s, a < s, np.hypot(s, a)
