"""Whole reductions: NumPy's order of additions, its accumulators, NaN, nothing at all."""
import numpy as np

# types: from-arguments
# let: t = np.arange(1000) * 0.1
# let: w = np.float32(0.1) * np.arange(1000, dtype=np.float32)


def total(a):
    return np.sum(a), a.sum()


def smallest(a):
    return np.min(a), a.min()


def largest(a):
    return np.max(a), a.max()


def mean(a):
    return np.mean(a), a.mean()


def product(a):
    return np.prod(a)


def squares(a):
    return np.sum(a * a)


def distance(a, b):
    return np.sqrt(np.sum((a - b) ** 2))


def fused(a, b):
    return (a * b + 1.0).sum()


def row_totals(m):
    out = np.zeros(m.shape[0])
    for i in range(m.shape[0]):
        out[i] = m[i].sum()
    return out


def part(a, i, j):
    return a[i:j].sum()


def normalised(a):
    return (a - a.min()) / (a.max() - a.min())


def count_over(a, limit):
    return np.sum(a > limit)


# run: total(t)
# run: total(t[:0])
# run: total(t[:1])
# run: total(t[:7])
# run: total(t[:8])
# run: total(t[:9])
# run: total(t[:15])
# run: total(t[:127])
# run: total(t[:128])
# run: total(t[:129])
# run: total(t[:136])
# run: total(t[:255])
# run: total(t[:257])
# run: total(t[:513])
# run: total(t[::-1])
# run: total(t[::3])
# run: total(t[1::7])
# run: total(t.reshape(10, 100))
# run: total(t.reshape(10, 100).T)
# run: total(t.reshape(100, 10))
# run: total(t.reshape(100, 10)[:, ::2])
# run: total(t.reshape(100, 10)[::2])
# run: total(t.reshape(10, 10, 10))
# run: total(t.reshape(10, 10, 10)[:, 1:, ::-1])
# run: total(t.reshape(5, 2, 10, 10).transpose(3, 1, 0, 2))
# run: total(np.asfortranarray(t.reshape(8, 125)))
# run: total(t.reshape(8, 125)[:, 3:])
# run: total(t.reshape(8, 125)[::-1, ::-1])
# run: total(np.broadcast_to(np.float64(0.1), (300,)))
# run: total(w)
# run: total(w[::2])
# run: total(w.reshape(10, 100).T)
# run: total(np.array([-0.0]))
# run: total(np.array([-0.0, -0.0]))
# run: total(np.array([inf, -inf]))
# run: total(np.array([1e308, 1e308, -1e308]))
# run: total(np.array([127, 127, 127], np.int8)) == (np.int64(381), np.int64(381))
# run: total(np.array([200, 100], np.uint8)) == (np.uint64(300), np.uint64(300))
# run: total(np.array([2**63 - 1, 1]))
# run: total(np.array([2**64 - 1, 2], np.uint64))
# run: total(np.array([True, True, False]))
# run: total(np.zeros((0, 3), np.int16))
# run: smallest(t)
# run: smallest(np.array([3.0, nan, 1.0]))
# run: smallest(np.array([5, -3], np.int8))
# run: smallest(np.array([True, False]))
# run: smallest(t[:0]) raises ValueError "zero-size array to reduction operation minimum which has no identity"
# run: smallest(t.reshape(10, 100).T)
# run: largest(t[::-1])
# run: largest(np.array([3.0, nan, 1.0], np.float32))
# run: largest(np.array([2**64 - 1, 5], np.uint64))
# run: largest(t[:0]) raises ValueError "zero-size array to reduction operation maximum which has no identity"
# run: largest(np.array([-inf, -inf]))
# run: mean(t)
# run: mean(t[:0])
# run: mean(w)
# run: mean(np.array([1, 2], np.int8))
# run: mean(np.array([2**62, 2**62, 2**62]))
# run: mean(np.array([True, False, False]))
# run: mean(t.reshape(10, 100)[:, ::3])
# run: product(np.array([100, 3], np.int8))
# run: product(t[1:20])
# run: product(t[:0])
# run: product(np.array([1.5, 2.0], np.float32))
# run: squares(t)
# run: squares(w)
# run: squares(np.array([100, 100], np.int8))
# run: squares(t.reshape(10, 100).T)
# run: distance(t, t[::-1])
# run: fused(t, t[::-1])
# run: fused(np.arange(300), np.arange(300))
# run: row_totals(t.reshape(10, 100))
# run: row_totals(t.reshape(10, 100).T)
# run: row_totals(t.reshape(10, 100)[:, :0])
# run: part(t, 3, 700)
# run: part(t, -5, 3)
# run: normalised(t[:9])
# run: normalised(np.array([2.0, 2.0]))
# run: normalised(t[:0]) raises ValueError
# run: count_over(t, 50.0)
# run: count_over(t[:0], 50.0)
