"""The integrand of SciPy's tutorial, `c + x - y * z`, in the three notations of a signature."""

import gelcap
from gelcap import carray, cfunc, types


@cfunc("double (int, double *, void *)")
def f_c(n, x, user_data):
    c = carray(user_data, 1, gelcap.float64)[0]
    return c + x[0] - x[1] * x[2]


@cfunc(types.double(types.intc, types.CPointer(types.double), types.voidptr))
def f_numba(n, x, user_data):
    c = carray(user_data, 1, gelcap.float64)[0]
    return c + x[0] - x[1] * x[2]


#: Pythran's notation stands in a comment of the text, as in testlib.py.
PYTHRAN = '''
#pythran export capsule f(int32, float64*, float64*)
def f(n, x, cp):
    c = cp[0]
    return c + x[0] - x[1] * x[2]
'''
