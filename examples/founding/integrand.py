"""Numba's example: an integrand for `scipy.integrate.quad`, with NumPy's and with the standard library's `exp`."""

import math

import numpy as np


def integrand(t):
    return np.exp(-t) / t**2


def integrand_math(t):
    return math.exp(-t) / t**2
