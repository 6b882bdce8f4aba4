"""The strides of arrays without elements and of axes of length 1: NumPy keeps the real ones. (Those of a parameter
whose layout is known are computed from its shape, which tells others for such shapes.)"""
import numpy as np

# types: from-arguments
# let: a = np.arange(24.0)
# let: m = a.reshape(4, 6)


def strides(a):
    return a.strides, a[...].strides, a.T.strides


def sliced(a):
    return a[:0].strides, a[:0][::2].strides, a[::-1][:1].strides, a[1:1:3].strides, a[::100].strides


def rows(m):
    return m[:0].strides, m[:, :0].strides, m[:1].strides, m[:, :1].strides, m[0:1, ::-2].strides, m[:0, 0].strides


def fresh(n, k):
    return np.zeros((n, k)).strides, np.empty((k, n, 1), np.int16).strides, np.ones((n, k)).T.strides


def computed(m):
    return (m + 1).strides, (m * m).T.strides, m.copy().strides


def in_a_loop(m):
    v = m
    for k in range(2):
        v = v[:, ::-1]
    return v.strides


def helper(m):
    return m.strides


def through_a_call(m):
    return helper(m), helper(m[:1]), helper(m[:0])


def newaxis(a):
    return a[None].strides, a[:, None].strides, a[None, :1, None].strides


# run: strides(a[:0])
# run: strides(m[:0])
# run: strides(m[:1])
# run: strides(m[:, :1])
# run: strides(m.T[:1])
# run: strides(np.asfortranarray(m)[:1])
# run: strides(np.zeros((1, 1)))
# run: sliced(a)
# run: sliced(a[::3])
# run: sliced(a[:1])
# run: sliced(a[:0])
# run: rows(m)
# run: rows(m.T)
# run: rows(m[:1])
# run: rows(np.zeros((1, 0)))
# run: fresh(0, 3)
# run: fresh(3, 0)
# run: fresh(1, 1)
# run: computed(m)
# run: computed(m[:0])
# run: computed(m[:, :1])
# run: computed(m[:, :0].T)
# run: computed(m[:1, ::2])
# run: in_a_loop(m)
# run: in_a_loop(m[:1])
# run: in_a_loop(m[:, :1])
# run: in_a_loop(m[:0])
# run: through_a_call(m)
# run: through_a_call(m[:1])
# run: newaxis(a)
# run: newaxis(a[:0])
