"""None where an array may be left out: what it decides is known where the kernel is compiled."""
import numpy as np

# types: from-arguments
# let: a = np.array([1.0, 2.0])


def weighted(a, w):
    s = 0.0
    for i in range(len(a)):
        if w is None:
            s += a[i]
        else:
            s += a[i] * w[i]
    return s


def scaled(a, out):
    if out is not None:
        out[:] = a
        return
    a[:] = 0.0


def counted(a, first=None):
    n = len(a) if first is None else first
    return n + 1


def handed_on(a, w):
    return weighted(a, w) + weighted(a, None)


# run: weighted(a, None) == np.float64(3.0)
# run: weighted(a, np.array([2.0, 3.0]))
# run: scaled(a, None)
# run: scaled(a, np.zeros(2))
# run: counted(a, None)
# run: counted(a, 4)
# run: handed_on(a, None)
# run: handed_on(a, a)
