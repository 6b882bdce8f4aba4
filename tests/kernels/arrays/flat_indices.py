# types: from-arguments
# run: table(np.arange(12), 3, 4)
# run: table(np.arange(12), 3, 5)
# run: table(np.arange(12), 4, 3)
# run: table(np.arange(12), 1, 12)
# run: table(np.arange(12), 0, 4)
# run: table(np.arange(12), 4, 0)
# run: table(np.arange(12), 3, -4)
# run: table(np.arange(12), -3, -4)
# run: table(np.zeros(0, np.int64), 0, 0)
# run: table(np.arange(12), 1, 300000000)
# run: table(np.arange(12), 4611686018427387904, 4)
# run: table(np.arange(12), 2, 9223372036854775807)
# run: smooth(np.arange(20.0) ** 2, 4, 5)
# run: smooth(np.arange(20.0) ** 2, 5, 4)
# run: smooth(np.arange(20.0) ** 2, 3, 3)
# run: smooth(np.arange(20.0) ** 2, 2, 9)
# run: smooth(np.arange(20.0) ** 2, 4, 6)
# run: smooth(np.arange(20.0) ** 2, 5, 5)
# run: smooth(np.arange(20.0) ** 2, 9, 1)
# run: smooth(np.arange(20.0) ** 2, -4, 5)
# run: smooth(np.arange(20.0) ** 2, 4, -5)
# run: in_place(np.arange(30.0), 5, 6)
# run: in_place(np.arange(30.0), 6, 6)
# run: columns(np.arange(12.0), 3, 4)
# run: columns(np.arange(12.0), 4, 4)
# run: from_end(np.arange(12), 3, 4)
# run: from_end(np.arange(12), 3, 5)
# run: from_end(np.arange(12), 4, 4)
# run: triangle(np.arange(10), 4)
# run: triangle(np.arange(10), 5)
# run: triangle(np.arange(10), 1)
# run: cube(np.arange(24), 2, 3, 4)
# run: cube(np.arange(24), 3, 2, 5)
# run: strided(np.arange(24)[::2], 3, 4)
# run: strided(np.arange(24)[::-2], 3, 4)
# run: strided(np.arange(22)[::2], 3, 4)
"""Arrays of one axis that are indexed as tables: what is raised, and what has been stored by then, stays as it is."""

import numpy as np


def table(a, h, w):
    s = 0
    for i in range(h):
        for j in range(w):
            s += int(a[i * w + j]) * (j + 1)
            a[i * w + j] = s
    return s, a


def smooth(u, h, w):
    v = np.zeros(h * w)
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            v[i * w + j] = 0.25 * (u[(i - 1) * w + j] + u[(i + 1) * w + j] + u[i * w + j - 1] + u[i * w + j + 1])
    return v


def in_place(u, h, w):
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            u[i * w + j] = 0.25 * (u[(i - 1) * w + j] + u[(i + 1) * w + j] + u[i * w + j - 1] + u[i * w + j + 1])
    return u


def columns(u, h, w):
    s = 0.0
    for j in range(w):
        for i in range(h):
            s = 0.5 * s + u[i * w + j]
            u[i * w + j] = s
    return u


def from_end(a, h, w):
    s = 0
    for i in range(h):
        for j in range(w):
            s = 3 * s + a[-(i * w) - j - 1]
    return s


def triangle(a, n):
    s = 0
    for i in range(n):
        for j in range(i + 1):
            s = 3 * s + a[i * (i + 1) // 2 + j]
    return s


def cube(a, l, m, n):
    s = 0
    for i in range(l):
        for j in range(m):
            for k in range(n):
                s = (5 * s + a[(i * m + j) * n + k]) % 1000003
                a[(i * m + j) * n + k] = s
    return s, a


def strided(a, h, w):
    s = 0
    for i in range(h):
        for j in range(w):
            s = 3 * s + a[i * w + j]
    return s
