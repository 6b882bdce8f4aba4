import math

import numpy as np


# gelcap: export functions(float64[:], int8[:], bool[:], float64[:, ::1])
def functions(a, b, p, m):
    c = np.sqrt(b)
    d = np.sign(p)
    e = np.sqrt(a, out=a)
    f = np.add(a, a, dtype=np.float32)
    g = round(a)
    h = math.sin(a)
    i = float(a)
    j = divmod(a, 2.0)
    k = np.where(1, 2, 3)
    l = np.round(a, 1.5)
    n = np.sqrt((1.0, 2.0))
    o = np.round(p)
    return min(m)
