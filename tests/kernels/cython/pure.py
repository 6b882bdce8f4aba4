# Cython's pure-Python notation, as plain CPython runs it with Cython's own module.
# cython: language_level=3, infer_types=True
import cython
from cython import declare

# gelcap: export declared(int, float)
# gelcap: export casts(float)
# gelcap: export of_numpy(int64, float32)
# gelcap: export harmless(int)
# gelcap: export which(int)
# gelcap: export with_blocks(int, int)
# gelcap: export leaves(int)


def declared(n, x):
    cython.declare(i=cython.int, total=cython.double)
    total = cython.declare(cython.double, 0)
    count: cython.int = 0
    k: cython.Py_ssize_t
    flag = declare(cython.bint, n)
    for i in range(n):
        total += x / (i + 1)
        count += 1
    for k in range(3):
        count += k
    return total, count, flag


# run: declared(3, 2.0) == (3.6666666666666665, 6, True)
# run: declared(0, 2.0) == (0.0, 3, False)


def casts(x):
    n = cython.cast(cython.int, x)
    return n, cython.cast(cython.double, n), cython.cast(cython.long, 3)


# run: casts(3.75)
# run: casts(-3.75)
# run: casts(1e300)
# run: casts(float("nan"))


def of_numpy(a, x):
    return cython.cast(cython.int, a), cython.declare(cython.float, x), cython.cast(cython.bint, a)


# run: of_numpy(7, 0.5)
# run: of_numpy(0, 0.1)


@cython.boundscheck(False)
@cython.wraparound(False)
@cython.cdivision(False)
@cython.nonecheck(True)
@cython.locals(i=cython.int, s=cython.int)
@cython.returns(cython.int)
@cython.ccall
@cython.inline
def harmless(n):
    s = 0
    for i in range(n):
        s += i // 2
    return s


# run: harmless(10) == 20


def which(n):
    if cython.compiled:
        return n + 1
    return n


# run: which(3) == 3


def with_blocks(n, k):
    total = 0
    last = -1
    with cython.boundscheck(False), cython.wraparound(False):
        for i in range(n):
            with cython.nogil:
                if i == k:
                    break
                total += i
            last = i
        else:
            total += 100
    return total, last


# run: with_blocks(4, 9) == (106, 3)
# run: with_blocks(4, 2) == (1, 1)
# run: with_blocks(0, 0) == (100, -1)


def leaves(n):
    with cython.boundscheck(False):
        if n > 3:
            return 1
        if n < 0:
            raise ValueError("negative")
    return 0


# run: leaves(4) == 1
# run: leaves(1) == 0
# run: leaves(-1) raises ValueError "negative"
