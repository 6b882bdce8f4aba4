"""The same loops over every layout: what the strides are must never be seen."""
import numpy as np

# types: from-arguments
# let: m = (np.arange(24.0).reshape(4, 6) - 7.0) ** 2
# let: c = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


def weighted(m):
    s = 0.0
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            s = s * 0.5 + m[i, j] * (i - j)
    return s


def matmul(a, b):
    out = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                out[i, j] += a[i, k] * b[k, j]
    return out


def trace(m):
    s = 0.0
    for i in range(min(m.shape[0], m.shape[1])):
        s += m[i, i]
    return s


def cumulated(m):
    for i in range(1, m.shape[0]):
        m[i] += m[i - 1]
    for j in range(1, m.shape[1]):
        m[:, j] += m[:, j - 1]


def cube_sum(c):
    s = 0
    for i in range(c.shape[0]):
        for j in range(c.shape[1]):
            for k in range(c.shape[2]):
                s = (s * 31 + int(c[i, j, k])) % 1000003
    return s


def scaled_copy(m):
    out = np.empty(m.shape)
    out[:] = m * 2.0
    return out


def doubled(m):
    return m * 2, m + m.T if m.shape[0] == m.shape[1] else m - 1


def plane(c, k):
    return c[:, k] + c[:, -k - 1]


def shifted_planes(c):
    c[1:] -= c[:-1]
    return c[:, :, 0]


# run: weighted(m)
# run: weighted(m.T)
# run: weighted(np.asfortranarray(m))
# run: weighted(m[::-1])
# run: weighted(m[:, ::-1])
# run: weighted(m[::2, ::3])
# run: weighted(m[:, 2:3])
# run: weighted(np.broadcast_to(np.arange(6.0), (4, 6)))
# run: weighted(np.broadcast_to(np.float64(1.5), (3, 3)))
# run: weighted(m.astype(np.float32))
# run: weighted(m.astype(np.int32).T)
# run: matmul(m, m.T)
# run: matmul(m.T, m)
# run: matmul(m[:, ::2], m[:3])
# run: matmul(m[:0], m.T)
# run: matmul(m[:, :0], m[:0])
# run: matmul(m, m) raises IndexError
# run: trace(m)
# run: trace(m[::-1].T)
# run: cumulated(m)
# run: cumulated(m.T)
# run: cumulated(m[::2, ::-1])
# run: cumulated(c[0])
# run: cumulated(c[:, 1])
# run: cumulated(c[:, :, 2])
# run: cube_sum(c)
# run: cube_sum(c.T)
# run: cube_sum(c.transpose(1, 0, 2))
# run: cube_sum(c.transpose(2, 0, 1)[::-1])
# run: cube_sum(np.asfortranarray(c))
# run: cube_sum(c[:, ::2, ::-2])
# run: cube_sum(c[:, :0])
# run: scaled_copy(m)
# run: scaled_copy(m.T)
# run: scaled_copy(c[0])
# run: doubled(m)
# run: doubled(m.T)
# run: doubled(m[:, :4])
# run: doubled(np.asfortranarray(m[:, :4]))
# run: doubled(m[::2, ::2])
# run: plane(c, 0)
# run: plane(c, 3)
# run: plane(c, 4) raises IndexError
# run: shifted_planes(c)
# run: shifted_planes(c.T)
# run: shifted_planes(c[::-1])
