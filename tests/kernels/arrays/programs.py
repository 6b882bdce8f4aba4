# types: from-arguments
# run: loop(np.arange(3.0), 3)
# run: loop(np.arange(3.0), 0)
# run: grow(3)
# run: cond(np.arange(3.0), 1)
# run: cond(np.arange(3.0), 0)
# run: aug0(np.array(3), 2)
# run: aug0(np.array(3.0, np.float32), 2)
# run: aug(np.arange(3), np.arange(3))
# run: aug(np.arange(3.0, dtype=np.float32), np.arange(3))
# run: augf(np.arange(3.0, dtype=np.float32), np.arange(3.0))
# run: tup(np.arange(3.0))
# run: rec(np.arange(8.0))
# run: norm(np.arange(3.0))
# run: dflt(np.arange(3.0))
# run: whl(np.arange(3.0))
# run: boolmath(np.arange(5), 3)
# run: count(np.arange(10.0))
# run: table(np.arange(3.0))
# run: swap(np.arange(3.0), np.ones(3))
# run: mixed(np.arange(4, dtype=np.uint8), np.arange(4.0, dtype=np.float32))
# run: stdmath(np.arange(1.0, 4.0))
# run: noop(np.arange(3.0))
# run: early(np.arange(3.0))
# run: early(np.zeros(0))
# run: in_order(3)
# run: assign_mismatch(np.zeros(3))
# run: outer_loop(np.arange(6.0).reshape(2, 3))
# run: scal(2.5, 3)
# run: i8(np.array([1, 2, 3], np.int8))
# run: cmpz(np.array(1.0))
import math

import numpy as np


def in_order(n):
    a = np.zeros(n)
    b = a + 1.0
    a[0] = 5.0
    c = a + b
    b[1] = 9.0
    return a, b, c


def loop(a, n):
    for i in range(n):
        a = a * 0.5 + 1.0
    return a


def grow(n):
    a = np.zeros(1)
    for i in range(n):
        b = np.ones(a.shape[0] + 1)
        b[:-1] = a + i
        a = b
    return a


def cond(a, flag):
    b = a + 1.0 if flag else a
    return b * 2.0


def aug0(a, x):
    a += x
    return a + 0


def aug(a, b):
    a += b
    a *= 2
    return a


def augf(a, b):
    a += b
    a -= 0.1
    return a


def tup(a):
    t = (a + 1.0, a * 2.0)
    x, y = t
    return x + y, t[0]


def rec(a):
    if a.size == 1:
        return a[0]
    h = a.size // 2
    return rec(a[:h]) + rec(a[h:])


def norm(a):
    return a / np.sqrt(np.sum(a**2))


def scale(a, s=2.0):
    return a * s


def dflt(a):
    return scale(a) + scale(a, 3) + scale(a, s=np.float32(0.5))


def whl(a):
    n = 0
    while a.max() < 100.0:
        a = a * 2.0
        n += 1
    return a, n


def boolmath(a, n):
    return (a > 1) & (a < n), ~(a == 2), (a > 1) | (a == 0), (a % 2 == 0) * a


def count(a):
    return (a > 4.5).sum(), np.sum((a > 2) & (a < 7)), np.mean(a > 3)


TABLE = (1.0, 2.0, 3.0)


def table(a):
    w = np.array(TABLE)
    return a * w


def swap(a, b):
    a[:], b[:] = b + 1.0, a + 2.0
    return a


def mixed(a, b):
    c = a * b
    d = a * 2 + b
    return c, d, np.maximum(a, b)


def stdmath(a):
    return np.exp(-((a - a.mean()) ** 2) / (2 * a.std() ** 2)), math.sqrt(a.sum())


def noop(a):
    a + 1.0
    np.zeros(3)
    return None


def early(a):
    if a.size == 0:
        return 0.0
    return float(a.min())


def assign_mismatch(a):
    a[0] = 5.0
    a[:] = np.ones(2) + np.ones(2)


def outer_loop(m):
    out = np.empty_like(m)
    for i in range(m.shape[0]):
        row = m[i] - m[i].mean()
        out[i] = row / np.sqrt((row * row).sum() + 1e-12)
    return out


def scal(x, n):
    return np.full(n, x) * x, np.arange(n) * x, np.zeros(n) + n


def i8(a):
    return a * a * a, a - 2 * a, a // 2 + a % 2, a.mean()


def cmpz(a):
    return a > 0.5, a == 1
