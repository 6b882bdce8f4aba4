"""What arrays say of themselves."""
import numpy as np

# types: from-arguments
# let: m = np.arange(12, dtype=np.int16).reshape(3, 4)
# let: c = np.zeros((2, 0, 3))
# let: z = np.array(1.0)


def sizes(m):
    return m.shape, m.ndim, m.size, m.itemsize, m.nbytes, m.strides


def unpacked(m):
    rows, columns = m.shape
    return rows * 100 + columns, m.shape[-1], len(m.shape), m.shape[0] == m.shape[1]


def lengths(m):
    return len(m), len(m[0]), len(m.T)


def alike(a, b):
    return a.shape == b.shape, a.shape != b.shape


def kinds(m):
    if m.dtype == np.int16:
        return 16
    if m.dtype != np.float64:
        return 0
    return 64


def transposed(m):
    t = m.T
    t[1, 0] = 99
    return t.shape, t.strides, t.T.strides, t[2, 1]


def strides_of_views(m):
    return m[::2, 1:].strides, m[1:2].shape, m[:, None].shape, m[..., 0].strides, m[::-1].strides[0]


# run: sizes(m)
# run: sizes(m.T)
# run: sizes(m[::2, ::-1])
# run: lengths(c)
# run: sizes(z)
# run: sizes(np.zeros(5, dtype=bool))
# run: unpacked(m)
# run: lengths(m)
# run: lengths(m.T)
# run: alike(m, m.T)
# run: alike(m, m[::-1])
# run: alike(m, m[0])
# run: kinds(m)
# run: kinds(np.zeros(2))
# run: kinds(np.zeros(2, dtype=np.float32))
# run: transposed(m)
# run: transposed(np.asfortranarray(m))
# run: strides_of_views(m)
# run: strides_of_views(np.asfortranarray(m))
