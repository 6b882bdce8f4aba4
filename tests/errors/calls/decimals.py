import numpy as np


# gelcap: export decimals(float, float64[:], int64, int)
def decimals(x, a, n, k):
    b = round(x, 1.0)
    c = round(a, 1)
    d = a.round(x)
    h = np.round(a, None)
    e = pow(x, 2, 5)
    f = pow(n, 2, 5)
    g = pow(2, 3, 1.0)
    return b, d, e, f, g
