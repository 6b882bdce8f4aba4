"""Slices and views: any bounds and step, new axes, ellipses; views share memory."""
import numpy as np

# types: from-arguments
# let: a = np.arange(7.0)
# let: m = np.arange(20, dtype=np.int64).reshape(4, 5)
# let: q = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def cut(a, i, j):
    return a[i:j]


def steps(a, i, j, k):
    return a[i:j:k]


def open_ends(a, i):
    return a[i:], a[:i], a[:], a[::i]


def constants(a):
    return a[1:], a[:-1], a[1:-1], a[::-1], a[-3:], a[:3], a[::2], a[5:2:-1], a[-1:-4:-2], a[10:], a[:-10], a[-100:100]


def backward(a, i, j):
    return a[i:j:-1], a[i::-1], a[:j:-1], a[i:j:-2]


def nothing(a, n):
    return a[None:n], a[n:None], a[None:None:2]


def block(m, i, j):
    return m[i:j, 1:3], m[1:, -1], m[i], m[:, j], m[-1, ::2]


def new_axes(a):
    return a[:, None], a[None], a[np.newaxis, 1:3, None]


def ellipses(q):
    return q[..., 1], q[1, ...], q[0, ..., ::2], q[...], q[..., None].shape


def scalars_of(q):
    return q[1, 2, 3], q[1][2][3], q[1, 2][3], q[..., 0][1, 1]


def through_a_view(a):
    v = a[1:5]
    v[0] = 100.0
    w = v[::-1]
    w[0] = -1.0
    a[2] = 50.0
    return w[2], v.shape


def later_cut(a, n):
    for _ in range(n):
        a = a[1:]
    return a


def choose(a, flag):
    v = a[::2] if flag else a[1:4]
    v[0] = 9.0
    return v


def row_sums(m):
    best = 0
    for row in m:
        s = 0
        for x in row:
            s += x
        best = max(best, s)
    return best


def helper(v, x):
    v[0] = x
    return v[1:]


def calls(a):
    r = helper(a[2:], 5.0)
    return helper(r, 6.0)


# run: cut(a, 2, 5)
# run: cut(a, -3, -1)
# run: cut(a, 5, 2)
# run: cut(a, -100, 100)
# run: cut(a, 100, 200)
# run: cut(a[::-1], 1, 3)
# run: cut(m, 1, 3)
# run: cut(m.T, -2, 9)
# run: cut(a, 9223372036854775807, -9223372036854775808)
# run: cut(a, -9223372036854775808, 9223372036854775807)
# run: steps(a, 0, 7, 2)
# run: steps(a, 6, 0, -2)
# run: steps(a, -1, -100, -3)
# run: steps(a, 100, -100, -1)
# run: steps(a, 0, 7, 0) raises ValueError "slice step cannot be zero"
# run: steps(a, 1, 6, 9223372036854775807)
# run: steps(a, 6, 1, -9223372036854775808)
# run: steps(a, 9, 9, 1)
# run: steps(np.zeros(0), 0, 5, 2)
# run: steps(np.zeros(0), 5, 0, -2)
# run: open_ends(a, 3)
# run: open_ends(a, -2)
# run: open_ends(a, 0) raises ValueError "slice step cannot be zero"
# run: constants(a)
# run: constants(a[:2])
# run: constants(a[:0])
# run: backward(a, 5, 1)
# run: backward(a, -2, -6)
# run: backward(a, 2, 5)
# run: nothing(a, 3)
# run: block(m, 1, 3)
# run: block(m.T, 0, 2)
# run: block(np.asfortranarray(m), -3, -1)
# run: block(m, 1, 7) raises IndexError "index 7 is out of bounds for axis 1 with size 5"
# run: new_axes(a)
# run: ellipses(q)
# run: scalars_of(q)
# run: through_a_view(a)
# run: later_cut(a, 3)
# run: later_cut(a, 0)
# run: choose(a, True)
# run: choose(a, False)
# run: row_sums(m)
# run: row_sums(m.T)
# run: calls(a)
