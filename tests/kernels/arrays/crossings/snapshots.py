"""An array value is a snapshot: what is written later does not change it."""
import numpy as np

# types: from-arguments
# let: a = np.arange(6.0)
# let: i = np.arange(6, dtype=np.int32)


def helper_that_writes(a):
    a[0] = -100
    return a[0]


def written_later(a):
    b = a + 1
    a[0] = 5
    return b


def written_through_a_view(a):
    b = a[1:] * 2
    c = a[::-1]
    c[0] = 77
    return b[-1], b


def written_in_a_loop(a):
    b = a * a
    for k in range(len(a)):
        a[k] = 0
    return b


def written_by_a_call(a):
    b = a + a
    x = helper_that_writes(a)
    return b, x


def scalar_changes(a, x):
    b = a + x
    x = x + 1
    return b + x


def element_read_first(a):
    x = a[0]
    a[0] = 9
    return x, a[0]


def row_is_no_snapshot(a):
    m = np.zeros((2, 3))
    r = m[0]
    s = r + 0.0
    m[0, 1] = a[1]
    return r, s


def sum_before(a):
    s = a.sum()
    a[0] += 1
    return s, a.sum()


def in_two_steps(a):
    b = a + 1
    c = b * 2
    b[0] = 100
    return b, c


def used_twice(a):
    b = a * 2
    c = b + b
    a[1] = -1
    d = b - a
    return c, d


def conditional(a, flag):
    b = a - 1
    if flag:
        a[2] = 50
    return b


def in_an_expression(a):
    return (a + helper_that_writes(a)) + a


def both_sides(a, b):
    c = a + b
    a[0] = 10
    b[0] = 20
    return c


def loop_carried(a, n):
    b = a * 1
    for _ in range(n):
        c = b + a
        b[0] = 1000
        b = c
    return b


def raised_in_between(a, k):
    b = a + 1
    a[0] = 42
    x = a[k]
    return b, x


# run: written_later(a) == np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
# run: written_later(i)
# run: written_through_a_view(a)
# run: written_through_a_view(i[::-1])
# run: written_in_a_loop(a)
# run: written_by_a_call(a)
# run: written_by_a_call(i)
# run: scalar_changes(a, 1)
# run: scalar_changes(i, 1)
# run: element_read_first(a)
# run: element_read_first(i)
# run: row_is_no_snapshot(a)
# run: sum_before(a)
# run: sum_before(i)
# run: used_twice(a)
# run: used_twice(i)
# run: conditional(a, True)
# run: conditional(a, False)
# run: in_an_expression(a)
# run: both_sides(a, a)
# run: both_sides(a, a[::-1])
# run: both_sides(i, np.ones(6))
# run: loop_carried(a, 0)
# run: loop_carried(a, 3)
# run: loop_carried(i, 2)
# run: raised_in_between(a, 5)
# run: raised_in_between(a, 6) raises IndexError
# run: in_two_steps(a)
# run: in_two_steps(i)
