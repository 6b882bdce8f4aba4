"""Loops over arrays, and `enumerate`, `zip`, `reversed`."""
import numpy as np

# types: from-arguments
# let: a = np.array([3.0, 1.0, 2.0])
# let: b = np.array([1, 2, 3, 4], dtype=np.int32)
# let: m = np.arange(6.0).reshape(2, 3)
WEIGHTS = (1, 2, 4)


def weighted(a):
    s = 0.0
    for i, x in enumerate(a):
        s += i * x
    return float(s)


def dot(a, b):
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


def nested(a, b):
    s = 0
    for k, (x, y) in enumerate(zip(a, b), 10):
        s = s + k * y
    return s


def last_is_kept(a):
    x = 0.0
    for x in a:
        if x == 2.0:
            break
    else:
        return -1.0
    return float(x)


def backwards(a):
    s = 0.0
    for x in reversed(a):
        s = 2 * s + x
    for i in reversed(range(3)):
        s = 2 * s + i
    return s


def rows(m):
    for row in m:
        row[0] = row[1] + row[2]
    for i, row in enumerate(m):
        row[i] = -1.0


def columns(m):
    s = 0.0
    for c in m.T:
        s = s * 10 + c[0] + c[-1]
    return s


def table():
    s = 0
    for w in WEIGHTS:
        s = s * 3 + w
    for i, w in enumerate(WEIGHTS):
        s += i * w
    return s


def ranges(n):
    s = 0
    for i, j in zip(range(n), range(10, 0, -3)):
        s += i * j
    for k, j in enumerate(range(5, n, 2)):
        s += k * 100 + j
    return s


def writes_while_reading(a):
    for i, x in enumerate(a):
        a[-1] = x + 1
    return a[-1]


# run: weighted(a)
# run: weighted(a[::-1])
# run: weighted(a[:0])
# run: dot(a, b)
# run: dot(b, a)
# run: nested(a, b)
# run: last_is_kept(a)
# run: last_is_kept(a[:1])
# run: backwards(a)
# run: rows(m)
# run: columns(m)
# run: table()
# run: ranges(4)
# run: ranges(20)
# run: ranges(-3)
# run: writes_while_reading(a)
