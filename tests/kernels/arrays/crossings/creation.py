"""Arrays that a kernel makes: shapes, dtypes, orders; all of them given to the caller or gone at the end."""
import numpy as np

# types: from-arguments
# let: f32 = np.arange(6, dtype=np.float32).reshape(2, 3)


def zeros(n):
    return np.zeros(n)


def zeros2(n, m):
    return np.zeros((n, m))


def zeros_list(n):
    return np.zeros([n, 2])


def ones(n):
    return np.ones(n, dtype=np.int8)


def ones_positional(n):
    return np.ones((n, 1, 2), np.float32)


def full(n, v):
    return np.full(n, v)


def full_int8(n, v):
    return np.full((2, n), v, dtype=np.int8)


def empty_filled(n):
    a = np.empty(n)
    for k in range(n):
        a[k] = k * k
    return a


def like(a):
    return np.zeros_like(a), np.ones_like(a)


def like_dtype(a):
    return np.zeros_like(a, dtype=np.int16)


def full_like(a, v):
    return np.full_like(a, v)


def empty_like(a):
    b = np.empty_like(a)
    b[...] = a
    return b


def of_shape(a):
    b = np.zeros(a.shape)
    b += a
    return b


def of_dtype(a, n):
    return np.zeros(n, dtype=a.dtype)


def fortran(n, m):
    a = np.zeros((n, m), order="F")
    a[0] = 1.0
    return a


def copied(a):
    b = a.copy()
    b[0] = 9
    return b


def in_a_loop(n):
    total = 0.0
    for k in range(n):
        t = np.zeros(k + 1)
        t[k] = k
        total += t[k] + t[0]
    return total


def replaced(n):
    a = np.zeros(1)
    for k in range(n):
        b = np.ones(k + 2)
        b[: len(a)] += a
        a = b
    return a


def unused(n):
    np.zeros(n)
    a = np.ones(n)
    return n


def kept_or_dropped(n, keep):
    a = np.zeros(n)
    if keep:
        return a
    return np.ones(n)


def identity(n):
    e = np.zeros((n, n))
    for k in range(n):
        e[k, k] = 1.0
    return e


def arange(n):
    return np.arange(n)


def empty_rank(n):
    return np.zeros((n, 0, 3)), np.zeros(())


# run: zeros(3) == np.array([0.0, 0.0, 0.0])
# run: zeros(0)
# run: zeros(-1) raises ValueError "negative dimensions are not allowed"
# run: zeros(np.int32(2))
# run: zeros(np.uint8(2))
# run: zeros2(2, 3)
# run: zeros2(0, 3)
# run: zeros2(3, 0)
# run: zeros2(2, -3) raises ValueError "negative dimensions are not allowed"
# run: zeros2(0, -3) raises ValueError
# run: zeros_list(2)
# run: ones(3)
# run: ones_positional(2)
# run: full(3, 7)
# run: full(3, 7.5)
# run: full(2, True)
# run: full(2, np.float32(0.1))
# run: full(2, np.uint8(3))
# run: full_int8(2, 127)
# run: full_int8(2, 128) raises OverflowError
# run: full_int8(2, 3.9)
# run: full_int8(0, 500) raises OverflowError
# run: empty_filled(4)
# run: empty_filled(0)
# run: like(f32)
# run: like(f32.T)
# run: like(f32[:, ::-1])
# run: like(f32[::2])
# run: like(np.zeros((0, 2), bool))
# run: like_dtype(f32)
# run: full_like(f32, 0.1)
# run: full_like(np.zeros(2, np.int8), 5)
# run: full_like(np.zeros(2, np.int8), 500) raises OverflowError
# run: empty_like(f32)
# run: empty_like(f32.T)
# run: of_shape(f32)
# run: of_shape(f32.T)
# run: of_shape(np.arange(3))
# run: of_dtype(f32, 2)
# run: of_dtype(np.zeros(1, np.uint16), 2)
# run: fortran(2, 3)
# run: fortran(0, 3) raises IndexError
# run: copied(np.arange(4))
# run: copied(f32)
# run: copied(f32.T)
# run: copied(np.arange(4)[::-2])
# run: copied(np.arange(0)) raises IndexError
# run: in_a_loop(20)
# run: replaced(0)
# run: replaced(4)
# run: unused(5) == 5
# run: unused(-5) raises ValueError
# run: kept_or_dropped(2, True)
# run: kept_or_dropped(2, False)
# run: identity(3)
# run: identity(0)
# run: arange(4)
# run: arange(0)
# run: arange(-4)
# run: arange(3.5)
# run: empty_rank(2)
