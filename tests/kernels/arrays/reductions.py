# types: from-arguments
# let: f = np.array([0.1 * k for k in range(1000)])
# let: m = np.array([0.1 * k for k in range(600)]).reshape(20, 30)
# let: bools = np.array([True, False, True])
# run: sums(f)
# run: sums(f.astype(np.float32))
# run: sums(f[::3])
# run: sums(f[::-1])
# run: sums(f[:7])
# run: sums(f[:0])
# run: sums(np.array([-0.0, -0.0]))
# run: sums(np.array([1.0, np.nan, np.inf]))
# run: sums(m)
# run: sums(m.T)
# run: sums(np.array([100, 100], np.int8))
# run: sums(np.array([2**31 - 1, 5], np.int32))
# run: sums(np.array([2**63 - 1, 5]))
# run: sums(np.array([200, 100], np.uint8))
# run: sums(np.array([2**64 - 1, 5], np.uint64))
# run: sums(bools)
# run: largest(np.array(3.5))
# run: extremes(f)
# run: extremes(m)
# run: extremes(m[:, ::2])
# run: extremes(np.array([3.0, np.nan, 1.0]))
# run: extremes(np.array([3, -128, 127], np.int8))
# run: extremes(bools)
# run: extremes(np.array([2**64 - 1, 3], np.uint64))
# run: extremes(np.array(3.5))
# run: extremes(np.zeros(0))
# run: largest(np.zeros((0, 3)))
# run: mean(f)
# run: mean(f.astype(np.float32))
# run: mean(m)
# run: mean(np.array([1, 2, 4]))
# run: mean(np.array([1, 2, 4], np.uint8))
# run: mean(bools)
# run: mean(np.zeros(0))
# run: mean(np.zeros(0, np.float32))
# run: spread(f)
# run: spread(f.astype(np.float32))
# run: spread(np.array([1, 2, 4]))
# run: spread(np.zeros(0))
# run: truths(bools)
# run: truths(np.array([0.0, -0.0]))
# run: truths(np.array([np.nan, 1.0]))
# run: truths(np.zeros(0))
# run: truths(np.array([[1, 0], [2, 3]]))
# run: positions(np.array([3.0, 1.0, 1.0, 5.0, 5.0]))
# run: positions(np.array([3.0, np.nan, 1.0, np.nan]))
# run: positions(m)
# run: positions(m.T)
# run: positions(bools)
# run: positions(np.array([3, -1, 7], np.int8))
# run: positions(np.zeros(0))
# run: last_position(np.zeros(0))
# run: python_own(np.array([0.1, 0.7, 1e16, -1e16]))
# run: python_own(np.array([0.1, np.nan, 0.3], np.float32))
# run: python_own(np.array([100, 100], np.int8))
# run: python_own(np.zeros(0))
# run: python_sum(np.zeros(0))
# run: python_sum(np.array([-0.0]))
# run: python_sum(bools)
# run: python_sum(np.array([100, 100], np.int8))
# run: python_max(np.zeros(0))
# run: python_truths(bools)
# run: python_truths(np.zeros(0))
# run: python_truths(np.array([np.nan, 1.0]))
# run: from_start(np.array([1.5, 2.5]), 1.0)
# run: from_start(np.array([1, 2]), 5)
# run: products(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
# run: products(np.array([1, 2, 3]), np.array([4, 5, 6]))
# run: products(np.array([100, 100], np.int8), np.array([2, 2], np.int8))
# run: products(np.array([1, 2]), np.array([0.5, 0.25], np.float32))
# run: products(bools, bools)
# run: products(np.zeros(0), np.zeros(0))
# run: products(np.ones(2), np.ones(3))
# run: matrix_product(np.ones(2), np.ones(3))
# run: matrix_product(np.ones(1), np.ones(3))
# run: of_expressions(f, f[::-1])
# run: by_row(m)
# run: axis_zero(f)
# run: asked(np.array([1, 2, 3], np.int32))
# run: counted(np.array([0.0, 1.0, -0.0, np.nan]))
import numpy as np


def sums(a):
    return np.sum(a), a.sum(), np.prod(a[:1]), a.prod()


def extremes(a):
    return np.min(a), a.max(), np.amin(a), np.amax(a)


def largest(a):
    return a.max()


def mean(a):
    return np.mean(a), a.mean()


def spread(a):
    return np.var(a), a.std(), np.std(a, ddof=1)


def truths(a):
    return np.any(a), a.all(), np.all(a), a.any()


def positions(a):
    return np.argmin(a), a.argmax()


def last_position(a):
    return np.argmax(a)


def python_own(a):
    return min(a), max(a), sum(a)


def python_sum(a):
    return float(sum(a)) + 1.0


def python_max(a):
    return max(a)


def from_start(a, start):
    return sum(a, start)


def products(a, b):
    return np.dot(a, b), a @ b, a.dot(b)


def matrix_product(a, b):
    return a @ b


def of_expressions(a, b):
    return np.sum(a * b), (a - b).max(), np.mean(np.abs(a - b)), np.sum(a > b), np.sqrt(np.sum((a - b) ** 2))


def by_row(a):
    out = np.zeros(a.shape[0])
    for i in range(a.shape[0]):
        out[i] = np.sum(a[i])
    return out


def axis_zero(a):
    return np.sum(a, axis=0), a.max(axis=-1), np.mean(a, None)


def asked(a):
    return np.sum(a, dtype=np.int32), a.sum(dtype=np.float64), np.prod(a, dtype="u1")


def counted(a):
    return np.count_nonzero(a)


def python_truths(a):
    return any(a), all(a)
