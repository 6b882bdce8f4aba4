"""Operands in several orders: NumPy picks the result's order by their strides when it runs, we by their types."""
# types: from-arguments
# layout: any
# let: c = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


def long(a, b, c):
    return (a + b) * c - (a - b) / (c + 2.0)


def plane(c, k):
    return c[:, k] + c[:, -k - 1]


# run: long(np.arange(6.0).reshape(2, 3).T, np.arange(2.0), np.ones((3, 1)))
# run: plane(c.T, 1)
# run: plane(c.transpose(1, 2, 0), 2)
