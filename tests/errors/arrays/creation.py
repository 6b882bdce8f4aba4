import numpy as np


# gelcap: export creation(int, float, float64[:], float64[:, ::1])
def creation(n, x, a, m):
    b = np.zeros(2.5)
    c = np.zeros((n, x))
    d = np.zeros(n, dtype="complex128")
    e = np.zeros(n, order="X")
    f = np.zeros_like(n)
    g = np.array([[1, 2], [3]])
    h = np.array([a, a])
    i = np.arange(n, dtype=bool)
    j = np.linspace(0, 1, x)
    k = np.ascontiguousarray(m)
    l = np.eye(x)
    o = a.astype("S3")
    return np.full(n, a)
