# `np.int` is gone from NumPy.
# gelcap: export naive_convolve(int64[:, :], int64[:, :])
import numpy as np

DTYPE = np.int


def naive_convolve(f, g):
    assert f.dtype == DTYPE and g.dtype == DTYPE
    return np.zeros([f.shape[0], g.shape[1]], dtype=np.int)
