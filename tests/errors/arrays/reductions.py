import numpy as np


# gelcap: export reductions(float32[:], float64[:, ::1])
def reductions(a, m):
    b = np.sum(m, axis=0)
    c = m.max(keepdims=True)
    d = np.sum(a, dtype=np.float64)
    e = np.sum(1.0)
    f = sum(m)
    g = np.dot(m, m)
    h = a.sort()
    i = np.sum(m, out=a)
    return a.sun()
