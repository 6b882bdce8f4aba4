"""What is computed elementwise and then stored into, through any name or view, is memory of its own."""
import numpy as np

# types: from-arguments
# let: a = np.array([1.0, 2.0, 3.0])
# let: m = np.arange(6.0).reshape(2, 3)


def stored(a):
    b = a + 1.0
    b[1] = 9.0
    return b[0] + b[1], a[1]


def two_names(a):
    b = c = a * 2.0
    c[0] = -1.0
    d = b
    d[-1] = 5.0
    return b[0], c[2]


def by_a_view(a):
    b = a + 1.0
    v = b[1:]
    v[0] = 7.0
    return b[1], v[1]


def in_a_loop(m):
    b = m * 2.0
    for row in b:
        row[0] = 100.0
    return b[1, 0], m[1, 0]


def grows(a, n):
    x = a
    for i in range(n):
        x = x + a
        x[0] = i
    return x, a


def only_read(a, n):
    x = a
    for _ in range(n):
        x = x + a
    return x[0], x[-1]


def first_to_ten(v):
    v[0] = 10.0
    return v


def passed_on(a):
    b = a - 1.0
    c = first_to_ten(b)
    c[1] = 20.0
    return b[0], b[1], b[2]


def either(a, flag):
    b = a + 1.0 if flag else a
    b[0] = 50.0
    return a[0], b[0]


def by_a_branch(a, flag):
    if flag:
        b = a + 1.0
    else:
        b = a[::-1]
    return b[0]


def in_place(a):
    b = a + 1.0
    c = b
    b += c
    b -= 0.5
    return c[0], b[2]


def unpacked(a):
    b, c = a + 1.0, a
    b[0] = 5.0
    c[1] = 6.0
    return a[0], a[1], b[1]


def transposed(m):
    t = (m + 1.0).T
    t[2, 0] = 33.0
    return t[2, 0], t.shape


def both_leave(a):
    b = a * 3.0
    return b, b[1:]


def kept_round_a_loop(a, n):
    b = a + 1.0
    c = b
    while n > 0:
        if n == 100:
            c = b
        n -= 1
    return b, c[0]


def same_on_both_paths(a, flag):
    b = a + 1.0
    if flag:
        c = b
        n = 1
    else:
        c = b
        n = 2
    c[0] = n
    return b, c


def dense_in_the_end(a):
    b = a[::-1]
    for i in range(2):
        b = (2 + b[0:1]) + a
    c = b if a[0] > 100.0 else a + 1.0
    return b, c


def snapshot(a):
    b = a + 1.0
    a[0] = 100.0
    return b[0] + b[1]


# run: stored(a)
# run: two_names(a)
# run: by_a_view(a)
# run: in_a_loop(m)
# run: grows(a, 0)
# run: grows(a, 3)
# run: only_read(a, 3)
# run: passed_on(a)
# run: either(a, True)
# run: either(a, False)
# run: by_a_branch(a, True)
# run: by_a_branch(a, False)
# run: in_place(a)
# run: unpacked(a)
# run: transposed(m)
# run: transposed(m.T)
# run: both_leave(a)
# run: kept_round_a_loop(a, 0)
# run: kept_round_a_loop(a, 3)
# run: kept_round_a_loop(a, 101)
# run: same_on_both_paths(a, True)
# run: same_on_both_paths(a, False)
# run: dense_in_the_end(a)
# run: snapshot(a)
