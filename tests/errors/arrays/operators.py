import numpy as np


# gelcap: export operators(float64[:], bool[:], uint64[:], int64[:, ::1])
def operators(a, p, u, m):
    b = ~a
    c = -p
    d = p - p
    e = u & m
    f = a << 1
    g = a + (1.0, 2.0)
    h = a @ m
    i = a == None
    return a
