# types: from-arguments
# let: v = np.arange(4.0)
# let: m = np.arange(12.0).reshape(3, 4)
# let: c = np.arange(3.0).reshape(3, 1)
# let: t = np.arange(24.0).reshape(2, 3, 4)
# let: w = np.arange(48.0).reshape(2, 2, 3, 4)
# run: add(v, v)
# run: add(m, v)
# run: add(v, m)
# run: add(m, c)
# run: add(c, v)
# run: add(t, m)
# run: add(t, c)
# run: add(t, v)
# run: add(w, t)
# run: add(w, v)
# run: add(np.array(2.0), w)
# run: add(np.array(2.0), np.array(3))
# run: add(v, 2)
# run: add(2.5, m)
# run: add(np.ones(1), v)
# run: add(np.ones((1, 1)), v)
# run: add(np.ones((1, 4)), c)
# run: add(np.zeros((0, 4)), v)
# run: add(np.zeros((3, 0)), c)
# run: add(np.ones(1), np.zeros(0))
# run: add(np.asfortranarray(m), np.asfortranarray(m))
# run: add(np.asfortranarray(m), m)
# run: add(np.asfortranarray(m), v)
# run: add(m.T, m.T)
# run: add(m[:, ::2], m[:, 1::2])
# run: add(t.T, t.T)
# run: add(np.broadcast_to(v, (3, 4)), m)
# run: add(np.arange(4.0), np.arange(3.0))
# run: add(np.zeros(0), np.zeros(2))
# run: add(m, np.arange(3.0))
# run: add(m, m.T)
# run: add(t, np.arange(3.0))
# run: three(m, c, v)
# run: three(m, c, np.zeros(5))
# run: outer(np.arange(3.0), v)
# run: stores_nothing(np.zeros(2), np.arange(3.0))
import numpy as np


def add(a, b):
    return a + b


def three(a, b, c):
    return a * b - c


def outer(a, b):
    return a[:, None] * b[None, :]


def stores_nothing(a, b):
    a[0] = 1.0
    a[:] = a + b
