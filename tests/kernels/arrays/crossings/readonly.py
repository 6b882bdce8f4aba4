"""Read-only arrays: read like any other, and written copies are their own."""
# types: from-arguments
# let: r = np.broadcast_to(np.arange(3.0), (2, 3))
# let: f = np.frombuffer(b"\x01\x02\x03\x04", np.uint8)


def total(a):
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i, -1]
    return s


def plus(a, b):
    return a + b


def copied(a):
    b = a.copy()
    b[0] = 7
    return b


def viewed(a):
    return a[1:]


def joined(a, b, flag):
    c = a if flag else b
    return c[0], c


def fresh(a):
    b = a * 2
    b[0] = 1
    return b


def reversed_sum(a):
    s = 0
    for v in a[::-1]:
        s = s * 3 + int(v)
    return s


def written_elsewhere(a, out):
    out[:] = a


# run: total(r)
# run: plus(r, r)
# run: plus(f, f)
# run: copied(r)
# run: copied(f)
# run: viewed(f)
# run: viewed(r)
# run: joined(f, np.zeros(2, np.uint8), True)
# run: joined(f, np.zeros(2, np.uint8), False)
# run: reversed_sum(f)
# run: written_elsewhere(f, np.zeros(4))
# run: written_elsewhere(r, np.zeros((2, 3), np.int8))
# run: written_elsewhere((base := np.arange(4.0)).view()[::-1], base)
# run: fresh(f)
