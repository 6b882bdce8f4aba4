import numpy as np


# gelcap: export ambiguous(float64[:], float64[:])
def ambiguous(a, b):
    if a > b:
        return 1
    c = 0.0 < a < 1.0
    d = a and b
    e = 1.0 in a
    return not a
