import numpy as np

DTYPE = np.int


# gelcap: export f(int)
def f(n):
    return np.float(n) + np.float_(n) + DTYPE(n)
