"""Indices and bounds of uint64, those beyond int64 too."""
import numpy as np

# types: from-arguments
# let: a = np.arange(5.0)
# let: m = np.arange(6.0).reshape(2, 3)
# let: big = np.uint64(2**64 - 1)


def at(a, i):
    return a[i]


def put(a, i):
    a[i] = -1.0


def sliced(a, i, j):
    return a[i:j], a[:i], a[j:]


def stepped(a, i):
    return a[::i]


def item(m, i, j):
    return m[i, j]


# run: at(a, np.uint64(4)) == np.float64(4.0)
# run: at(a, np.uint64(5)) raises IndexError "index 5 is out of bounds for axis 0 with size 5"
# run: at(a, big) raises OverflowError "Python int too large to convert to C long"
# run: put(a, np.uint64(2))
# run: put(a, np.uint64(2**63)) raises OverflowError "Python int too large to convert to C long"
# run: sliced(a, np.uint64(1), np.uint64(3))
# run: sliced(a, np.uint64(1), big)
# run: sliced(a, np.uint64(2**63), big)
# run: sliced(a, -2, big)
# run: stepped(a, np.uint64(2))
# run: stepped(a, big)
# run: item(m, np.uint8(1), np.uint64(2)) == np.float64(5.0)
# run: item(m, 99, big) raises OverflowError "Python int too large to convert to C long"
# run: item(m, big, 99) raises OverflowError "Python int too large to convert to C long"
# run: item(m, 1, np.uint64(3)) raises IndexError "index 3 is out of bounds for axis 1 with size 3"
