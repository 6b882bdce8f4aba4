# The Cython document as it is printed in many places: the subscripts behind `shape` are lost.
# gelcap: export naive_convolve(int64[:, :], int64[:, :])
import numpy as np


def naive_convolve(f, g):
    if g.shape % 2 != 1 or g.shape % 2 != 1:
        raise ValueError("Only odd dimensions on filter supported")
    vmax = f.shape
    wmax = f.shape
    smax = g.shape
    tmax = g.shape
    smid = smax // 2
    tmid = tmax // 2
    xmax = vmax + 2 * smid
    ymax = wmax + 2 * tmid
    h = np.zeros([xmax, ymax], dtype=f.dtype)
    return h
