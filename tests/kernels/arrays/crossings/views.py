"""Views as values: bound to names, written through, carried round loops, given to calls, returned."""
import numpy as np

# types: from-arguments
# let: a = np.arange(10.0)
# let: m = np.arange(12, dtype=np.int32).reshape(3, 4)


def write_through(a):
    b = a[2:5]
    b[0] = 100.0
    b[:] = b + 1.0
    return a[2], b[0]


def row_by_row(m):
    for i in range(m.shape[0]):
        r = m[i]
        r[0] = r[-1]
        r[1:] += 10


def shrinking(a):
    b = a
    n = 0
    while len(b) > 1:
        b = b[1:-1]
        n += 1
    return n, b


def exchanged(a, b, n):
    for _ in range(n):
        a, b = b, a
    a[0] = -1.0
    return b


def chosen(a, b, first):
    c = a if first else b
    c[0] = 7.0
    return c


def chosen_by_if(a, first):
    if first:
        b = a[::2]
    else:
        b = a[1::2]
    b[0] = -5.0
    return b


def transposed(m):
    t = m.T
    t[0, 1] = 99
    return t


def twice_transposed(m):
    return m.T.T


def view_of_view(a):
    b = a[::2]
    c = b[1:]
    d = c[::-1]
    d[0] = -1.0
    return d


def views_of_a_local(n):
    a = np.zeros(n)
    b = a[1:]
    c = a[:-1]
    b[:] = 1.0
    c += b
    return a


def escaping_view(n):
    a = np.arange(n)
    return a[::-2]


def both(n):
    a = np.zeros((n, n))
    return a, a[0]


def same(a):
    return a


def rebound(a):
    b = a
    a = a + 1.0
    b[0] = 50.0
    return a, b


def last_wins(a):
    b = a[:3]
    for k in range(3):
        b = a[k : k + 2]
        b[0] = k
    return b


def maybe(a, n):
    b = a
    for k in range(n):
        b = a[k:]
    return b


# run: write_through(a)
# run: write_through(a[::-1])
# run: write_through(a[:2]) raises IndexError
# run: row_by_row(m)
# run: row_by_row(m.T)
# run: row_by_row(m[:, ::-1])
# run: row_by_row(m[:, :0]) raises IndexError
# run: row_by_row(m[:0, :0]) == None
# run: shrinking(a)
# run: shrinking(a[:7])
# run: shrinking(a[:0])
# run: exchanged(a, np.zeros(2), 0)
# run: exchanged(a, np.zeros(2), 3)
# run: exchanged(a, a[5:], 1)
# run: chosen(a, a[3:], True)
# run: chosen(a, a[3:], False)
# run: chosen(a, a[::2], True)
# run: chosen(a[:0], a, True) raises IndexError
# run: chosen_by_if(a, True)
# run: chosen_by_if(a, False)
# run: transposed(m)
# run: transposed(m.T)
# run: twice_transposed(m)
# run: twice_transposed(m[::2, ::-1])
# run: view_of_view(a)
# run: view_of_view(a[:3])
# run: view_of_view(a[:1]) raises IndexError
# run: views_of_a_local(5) == np.array([1.0, 2.0, 2.0, 2.0, 1.0])
# run: views_of_a_local(1)
# run: views_of_a_local(0)
# run: escaping_view(7) == np.array([6, 4, 2, 0])
# run: escaping_view(0)
# run: both(3)
# run: both(0) raises IndexError
# run: same(a)
# run: same(m.T)
# run: same(np.broadcast_to(np.float32(1.5), (2, 3)))
# run: rebound(a)
# run: last_wins(a)
# run: maybe(a, 0)
# run: maybe(a, 4)
