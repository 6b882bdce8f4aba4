"""What raises: a statement stores nothing, a user's loop leaves memory as it was at the raise, nothing leaks."""
import numpy as np

# types: from-arguments
# let: a = np.arange(6.0)
# let: i = np.arange(6, dtype=np.int8)


def mismatch(a, b):
    a[:] = b
    return a[0]


def mismatch_added(a, b):
    a += b
    return a[0]


def does_not_fit(a, n):
    a[0] = 1
    a[1:] = n
    return a[0]


def until_it_raises(a, n):
    for k in range(n):
        a[k] = a[k] + 1
    return n


def divides(a, b):
    for k in range(len(a)):
        a[k] = 100 // int(b[k])


def local_is_lost(n, k):
    b = np.zeros(n)
    b[k] = 1.0
    return b


def nested(a, k):
    b = a + 1
    c = b * b
    d = c[1:]
    for j in range(3):
        e = d + j
        if j == k:
            raise ValueError("enough")
        a[j] = e[0]
    return e


def deep(a, n):
    b = a * 2
    if n == 0:
        return b[len(b)]
    return deep(b, n - 1)


def asserted(a):
    b = a - 1
    assert b[0] > 0, "not positive"
    return b


def checked_shape(a, b):
    if a.shape[0] != b.shape[0]:
        raise ValueError("shapes differ")
    return a * b


def negative_shape(n):
    return np.zeros(n)


def after_partial_work(a, b):
    a[0] = -1
    a[1:3] = b
    a[3] = -2
    return a


def overflowing_sum(a):
    s = 0
    for v in a:
        s += int(v) * 4611686018427387904
        a[0] += 1
    return s


def escapes_from_two_loops(a, limit):
    n = 0
    for i in range(len(a)):
        b = a[i:] + 0.5
        for v in b:
            n += 1
            if v > limit:
                return n, b
            if n > 12:
                raise IndexError("too far")
    return n, a


# run: mismatch(a, np.zeros(5)) raises ValueError "could not broadcast input array from shape (5,) into shape (6,)"
# run: mismatch(a, np.zeros(1))
# run: mismatch(a, np.zeros(0)) raises ValueError "could not broadcast input array from shape (0,) into shape (6,)"
# run: mismatch(a[:0], np.zeros(2)) raises ValueError
# run: mismatch(a[:0], np.zeros(1)) raises IndexError
# run: mismatch(a.reshape(2, 3), np.zeros((3, 2))) raises ValueError "could not broadcast input array from shape (3,2) into shape (2,3)"
# run: mismatch(a.reshape(2, 3), np.zeros(2)) raises ValueError "could not broadcast input array from shape (2,) into shape (2,3)"
# run: mismatch_added(a, np.zeros(5)) raises ValueError "operands could not be broadcast together with shapes (6,) (5,) (6,) "
# run: mismatch_added(a[:1], np.zeros(5)) raises ValueError "non-broadcastable output operand with shape (1,) doesn't match the broadcast shape (5,)"
# run: mismatch_added(a.reshape(2, 3), np.zeros((3, 2))) raises ValueError "operands could not be broadcast together with shapes (2,3) (3,2) (2,3) "
# run: does_not_fit(i, 127)
# run: does_not_fit(i, 128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: does_not_fit(i, -129) raises OverflowError
# run: does_not_fit(i[:1], 1000) raises OverflowError
# run: until_it_raises(a, 6)
# run: until_it_raises(a, 8) raises IndexError "index 6 is out of bounds for axis 0 with size 6"
# run: until_it_raises(i, 7) raises IndexError
# run: until_it_raises(a[::2], 4) raises IndexError
# run: divides(a, np.array([1, 2, 0, 4, 5, 6])) raises ZeroDivisionError
# run: divides(a, np.array([1, 2, 3, 4, 5, 6]))
# run: divides(i, np.array([1, 2, 3, 4])) raises IndexError
# run: local_is_lost(3, 2)
# run: local_is_lost(3, 3) raises IndexError
# run: local_is_lost(0, 0) raises IndexError
# run: local_is_lost(-1, 0) raises ValueError "negative dimensions are not allowed"
# run: nested(a, 5)
# run: nested(a, 0) raises ValueError "enough"
# run: nested(a, 2) raises ValueError "enough"
# run: nested(a[:1], 5) raises IndexError
# run: deep(a, 0) raises IndexError
# run: deep(a, 4) raises IndexError
# run: asserted(a) raises AssertionError "not positive"
# run: asserted(a + 3.0)
# run: asserted(a[:0]) raises IndexError
# run: checked_shape(a, a)
# run: checked_shape(a, a[1:]) raises ValueError "shapes differ"
# run: negative_shape(-5) raises ValueError "negative dimensions are not allowed"
# run: negative_shape(0)
# run: after_partial_work(a, np.zeros(2))
# run: after_partial_work(a, np.zeros(3)) raises ValueError
# run: after_partial_work(a[:3], np.zeros(2)) raises IndexError
# run: overflowing_sum(np.array([1, 0, 5])) raises OverflowError
# run: overflowing_sum(np.array([1, 0, 0]))
# run: escapes_from_two_loops(a, 3.0)
# run: escapes_from_two_loops(a, 100.0) raises IndexError "too far"
# run: escapes_from_two_loops(a[:2], 100.0)
