"""Functions that take and give arrays: writes are seen, views and owners come back, recursion, several results."""
import numpy as np

# types: from-arguments
# let: a = np.arange(8.0)
# let: m = np.arange(6.0).reshape(2, 3)


def scale_(a, x):
    a *= x


def scaled(a, x):
    return a * x


def tail(a):
    return a[1:]


def head_and_tail(a):
    return a[0], a[1:]


def made(n):
    return np.ones(n)


def identity(a):
    return a


def total(a):
    if len(a) == 0:
        return 0.0
    return a[0] + total(a[1:])


def halves(a):
    n = len(a)
    if n < 2:
        return a
    left = halves(a[: n // 2])
    right = halves(a[n // 2 :])
    out = np.empty(n)
    i = 0
    j = 0
    for k in range(n):
        if j == len(right) or (i < len(left) and left[i] <= right[j]):
            out[k] = left[i]
            i += 1
        else:
            out[k] = right[j]
            j += 1
    return out


def with_default(a, k=2, x=1.0):
    return a[k] * x


def in_place(a):
    scale_(a, 2.0)
    scale_(a[1:3], 10.0)
    return a


def part_in_place(m):
    scale_(m[1], -1.0)
    scale_(m[:, 1], 3.0)


def through(a):
    b = identity(a)
    b[0] = 50.0
    return a[0]


def composed(a):
    return scaled(scaled(tail(a), 2.0), 0.5) + made(len(a) - 1)


def tails(a, n):
    for _ in range(n):
        a = tail(a)
    return a


def unpacked(a):
    x, rest = head_and_tail(a)
    rest[0] = x
    return rest


def several(a):
    return a, a + 1, a[::2], len(a), a[0]


def nested_results(a):
    return (a.sum(), (a * 2, a[:1])), 3


def recursive_total(a):
    return total(a)


def sorted_(a):
    return halves(a)


def defaults(a):
    return with_default(a) + with_default(a, 0) + with_default(a, x=3.0)


def same_twice(a):
    return pair(a, a)


def pair(a, b):
    a[0] = 1.0
    b[0] += 1.0
    return a[0]


def early(a, k):
    for i in range(len(a)):
        b = a[i:] * 2
        if i == k:
            return b
    return a


def dropped(a):
    made(100)
    scaled(a, 2.0)
    tail(a)
    return made(2)[1]


def nothing(a):
    a[:] = 1.0


def returns_none(a):
    return nothing(a)


def other_dtype(a):
    return total(a), total(a.astype(np.float32))


# run: in_place(a)
# run: in_place(a[::-1])
# run: part_in_place(m)
# run: part_in_place(m.T)
# run: through(a) == np.float64(50.0)
# run: composed(a)
# run: composed(a[:1])
# run: composed(a[:0]) raises ValueError "negative dimensions are not allowed"
# run: tails(a, 0)
# run: tails(a, 3)
# run: tails(a, 20)
# run: unpacked(a)
# run: unpacked(a[:1]) raises IndexError
# run: several(a)
# run: several(a[::-1])
# run: several(a[:0]) raises IndexError
# run: nested_results(a)
# run: recursive_total(a)
# run: recursive_total(a[::-2])
# run: sorted_(np.array([3.0, -1.0, 2.0, 2.0, nan, 0.0]))
# run: sorted_(a[::-1])
# run: sorted_(a[:1])
# run: defaults(a)
# run: defaults(a[:1]) raises IndexError
# run: same_twice(a) == np.float64(2.0)
# run: early(a, 2)
# run: early(a, 9)
# run: dropped(a)
# run: returns_none(a) == None
# run: other_dtype(a)
