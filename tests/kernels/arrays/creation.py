# types: from-arguments
# run: sizes(3)
# run: sizes(0)
# run: sizes(-1)
# run: sizes(np.int32(2))
# run: tuples(2, 3)
# run: tuples(2, 0)
# run: tuples(2, -3)
# run: dtypes(2)
# run: filled(2, 7)
# run: filled(2, 2.5)
# run: filled(2, True)
# run: filled(2, np.float32(0.1))
# run: filled_as(2, 7)
# run: filled_as(2, 300)
# run: filled_as(2, -1)
# run: filled_as(2, 2.7)
# run: filled_as(2, np.int64(300))
# run: like(np.arange(6).reshape(2, 3))
# run: like(np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
# run: like(np.arange(6.0)[::2])
# run: like(np.zeros((2, 0), np.uint8))
# run: ranges(5)
# run: ranges(0)
# run: ranges(-3)
# run: range_of(2, 17, 3)
# run: range_of(17, 2, -3)
# run: range_of(2, 17, -3)
# run: range_of(0.0, 1.0, 0.1)
# run: range_of(1, 2, 0.25)
# run: range_of(-0.0, 3, 1.5)
# run: range_of(np.int8(3), 6, 1)
# run: range_of(np.float32(0.1), 1, np.float32(0.3))
# run: range_of(0, 10, 0)
# run: range_of(0.0, 1.0, 0.0)
# run: range_of(0, np.nan, 1)
# run: range_of(0, 1e30, 1)
# run: range_dtypes(400)
# run: range_dtypes(0)
# run: spaced(0.0, 1.0, 5)
# run: spaced(1.0, 0.1, 7)
# run: spaced(2.0, 2.0, 3)
# run: spaced(0.0, 1.0, 1)
# run: spaced(0.0, 1.0, 0)
# run: spaced(0.0, 1.0, -1)
# run: spaced(0, 10, 3)
# run: spaced(0.1, 0.7, 11)
# run: diagonal(3, 4, 1)
# run: diagonal(3, 2, -1)
# run: diagonal(2, 2, 5)
# run: diagonal(-1, 2, 0)
# run: of_numbers(1, 2)
# run: of_numbers(1, 2.5)
# run: of_numbers(True, False)
# run: of_numbers(np.float32(1), 2)
# run: of_numbers(np.int8(1), np.uint8(2))
# run: of_numbers(np.uint64(1), np.int64(1))
# run: of_numbers_as(3, 2.5)
# run: of_numbers_as(300, 1.0)
# run: of_numbers_as(np.int64(300), 1.0)
# run: constants()
# run: copies(np.arange(6.0).reshape(2, 3))
# run: copies(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
# run: copies(np.arange(12.0).reshape(3, 4)[::-1, ::2])
# run: copies(np.arange(0.0))
# run: a_copy_is_apart(np.arange(3.0))
# run: as_arrays(np.arange(3.0))
# run: casts(np.array([1.5, -2.7, 300.0, 0.0]))
# run: casts(np.array([np.nan, np.inf, -1e30]))
# run: casts(np.array([1, -1, 300, 2**40]))
# run: casts(np.array([True, False]))
# run: casts(np.array([200, 0], np.uint8))
# run: filled_in_place(np.zeros(3), 2.5)
# run: filled_in_place(np.zeros((2, 2), np.uint8), 300)
# run: grows(4)
import numpy as np

TABLE = (1.5, 2.5, 3.5)


def sizes(n):
    return np.zeros(n), np.ones(n), np.empty(n).shape, np.full(n, 2.5)


def tuples(m, n):
    return np.zeros((m, n)), np.ones([n, m]), np.full(shape=(m,), fill_value=1), np.zeros((m, n), order="F")


def dtypes(n):
    return (
        np.zeros(n, np.float32),
        np.zeros(n, dtype=int),
        np.ones(n, dtype=bool),
        np.ones(n, dtype="uint8"),
        np.zeros((n, n), "f8"),
        np.ones(n, dtype=float),
        np.zeros(n, np.int16, "C"),
    )


def filled(n, x):
    return np.full(n, x), np.full((n, 1), x, dtype=np.float64)


def filled_as(n, x):
    return np.full(n, x, dtype=np.uint8)


def like(a):
    return (
        np.zeros_like(a),
        np.ones_like(a, dtype=np.float32),
        np.full_like(a, 3),
        np.empty_like(a).shape,
        np.zeros(a.shape, a.dtype),
        np.zeros_like(a, order="C"),
    )


def ranges(n):
    return np.arange(n), np.arange(n, dtype=np.float32), np.arange(0, n), np.arange(1, n, 2)


def range_of(start, stop, step):
    return np.arange(start, stop, step)


def range_dtypes(n):
    return np.arange(0, n, 100, dtype=np.int8), np.arange(0.5, n, 90, dtype=int), np.arange(0, n, 150.5, np.float32)


def spaced(a, b, n):
    return np.linspace(a, b, n), np.linspace(a, b, n, endpoint=False)


def diagonal(n, m, k):
    return np.eye(n, m, k), np.eye(n, dtype=int), np.eye(n, k=k), np.identity(2)


def of_numbers(a, b):
    return np.array([a, b]), np.array((b, a)), np.array([[a, b], [b, a]]), np.array([a])


def of_numbers_as(a, b):
    return np.array([a, b], dtype=np.uint8), np.array([a, b], np.float32)


def constants():
    return np.array([]), np.array([1, 2, 3]), np.array(TABLE), np.array([[True], [False]]), np.array([1, 2.5], "i4")


def copies(a):
    return a.copy(), np.copy(a), np.array(a), np.array(a, dtype=np.float32), a.astype(np.float64), a.copy("F")


def a_copy_is_apart(a):
    b = a.copy()
    b[0] = 7.0
    a[1] = 8.0
    return b


def as_arrays(a):
    b = np.asarray(a)
    b[0] = 5.0
    c = np.ascontiguousarray(a)
    c[1] = 6.0
    return np.asarray(a, dtype=np.int64)


def casts(a):
    return (
        a.astype(np.float32),
        a.astype(np.int64),
        a.astype(np.int32),
        a.astype(np.uint8),
        a.astype(np.int8),
        a.astype(bool),
        a.astype("f8"),
        np.float32(a),
    )


def grows(n):
    total = 0.0
    for k in range(n):
        a = np.ones((k, 2))
        total += a.size
        a[:] = k
        total += np.sum(a)
    return total


def filled_in_place(a, x):
    a.fill(x)
    return a[0]
